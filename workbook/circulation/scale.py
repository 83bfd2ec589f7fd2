"""The same work on many files: here, on all cores, or as tasks of a Dask cluster.

However many there are, only a few are held at a time, and the answers come in the order of the
files.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from pycore import progress
from pycore.errors import Found, InputError

if TYPE_CHECKING:  # every command of the program loads this module, and few start processes
    from concurrent.futures import Future, ProcessPoolExecutor

Made = TypeVar("Made")

FEW = 6
"""Up to so many files are worked at here: a process takes a second to begin."""

AHEAD = 2
"""Tasks that wait for each process, so that none is idle."""


@dataclass(frozen=True)
class Scheduler:
    """Where tasks run: the address of a Dask scheduler, or so many processes here; 0 for all."""

    address: str = ""
    processes: int = 0

    def __post_init__(self) -> None:
        if self.processes < 0:
            raise InputError("--processes", "be 0 (all cores) or more", self.processes)


def over_files(
    task: Callable[[str, Any], Made],
    items: Iterable[tuple[str, Any]],
    count: int,
    what: str,
    scheduler: Scheduler | None = None,
) -> Iterator[Made]:
    """Do the same with each item, and give the answers in their order.

    Parameters
    ----------
    task : callable
        Takes the name and the content of an item; it goes to other processes, and so must its
        answers come back.
    count : int
        How many items there are.
    what : str
        What is said of the work while it goes on.

    Raises
    ------
    InputError
        If the scheduler cannot be reached, or Dask is not installed.
    """
    scheduler = scheduler or Scheduler()
    processes = scheduler.processes or (1 if count <= FEW else _cores())
    if not scheduler.address and processes == 1:
        for (name, item), _ in zip(items, progress.tracked(range(count), what), strict=True):
            yield task(name, item)
        return
    with _pool(scheduler, task) as (submit, workers):
        yield from _in_order(submit, workers * (1 + AHEAD), items, count, what)


def _in_order(
    submit: Callable[[str, Any], Future[Made]],
    most: int,
    items: Iterable[tuple[str, Any]],
    count: int,
    what: str,
) -> Iterator[Made]:
    """Keep so many tasks under way, and give the answer of the oldest."""
    waiting: deque[Future[Made]] = deque()
    left = iter(items)
    for _ in progress.tracked(range(count), what):
        while len(waiting) < most and (item := next(left, None)) is not None:
            waiting.append(submit(*item))
        yield waiting.popleft().result()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _pool(
    scheduler: Scheduler, task: Callable[[str, Any], Made]
) -> Iterator[tuple[Callable[..., Any], int]]:
    """What takes tasks, and how many are done at a time."""
    if scheduler.address:
        with _cluster(scheduler.address) as client:
            held = client.scatter(task, broadcast=True)
            workers = sum(client.nthreads().values())
            yield (lambda name, item: client.submit(_apart, held, name, item, pure=False)), workers
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    workers = scheduler.processes or _cores()
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(task,)
    )
    try:
        yield partial(_submitted, pool), workers
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, name: str, item: Any) -> Future[Any]:
    """Give a task to the pool, whose processes begin with the first.

    They would run a script anew that has no ``if __name__ == "__main__"``; nothing that they need
    stands there.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        return pool.submit(_work, name, item)
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        rule = "be used where Dask is installed: python -m pip install distributed"
        raise InputError("--scheduler", rule, Found("without it")) from None
    try:
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        rule = "be the address of a Dask scheduler that answers, such as tcp://10.0.0.5:8786"
        raise InputError("--scheduler", rule, Found(f"{address} ({error})")) from None
    try:
        yield client
    finally:
        client.close()


TIMEOUT = "20s"

_task: Any = None
"""What a process of the pool does with each item; given to it once, as it begins."""


def _begin(task: Any) -> None:
    global _task
    _task = task


def _work(name: str, item: Any) -> Any:
    return _task(name, item)


def _apart(task: Callable[[str, Any], Made], name: str, item: Any) -> Made:
    """Do a task on a worker of a cluster."""
    return task(name, item)
