"""A few threads that compute for the server, so that its event loop always answers."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

import anyio
from starlette.exceptions import HTTPException

from pycore import progress

BUSY = HTTPStatus.TOO_MANY_REQUESTS, "the server has too much to do: try again in a minute"


class StoppedError(BaseException):
    """Nobody waits any more for what is being computed.

    No error of the computation, so nothing on its way out makes a cell's error of it.
    """


class Pool:
    """Threads that end with the process, whatever they are doing.

    Those of :mod:`concurrent.futures` and of anyio do not: a process waits for them when it ends.

    Parameters
    ----------
    threads : int
        How many calls are computed at a time.
    waiting : int
        How many more may wait.
    seconds : float
        How long each may wait, and then take. What took too long gets its answer at once, and
        its thread is free at the next step of a loop that reports its progress
        (:mod:`pycore.progress`), or when it is done: a thread cannot be stopped from outside.
    """

    def __init__(self, *, threads: int, waiting: int, seconds: float) -> None:
        self._threads = anyio.CapacityLimiter(threads)
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._unstarted = threads
        self._waiting = waiting
        self._seconds = seconds

    async def run(self, work: Callable[[], Any]) -> Any:
        """Compute in a thread.

        Parameters
        ----------
        work : callable
            Takes nothing.

        Returns
        -------
        Any
            What it gives, or raises.

        Raises
        ------
        HTTPException
            413 if it takes too long, 429 if it had to wait too long or too many wait.
        """
        threads, job = self._threads, _Job(work)
        if not threads.available_tokens and threads.statistics().tasks_waiting >= self._waiting:
            raise HTTPException(*BUSY)
        with anyio.move_on_after(self._seconds) as turn:
            # The job has the thread, not whoever asked: it may go on when nobody waits for it.
            await threads.acquire_on_behalf_of(job)
        if turn.cancelled_caught:
            raise HTTPException(*BUSY)
        self._start()
        self._jobs.put(partial(job.do, lambda: threads.release_on_behalf_of(job)))
        with anyio.move_on_after(self._seconds):
            return await job.answer
        raise HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the call takes longer than {self._seconds:g} seconds: "
            "ask for fewer rows or replicates",
        )

    def _start(self) -> None:
        """Start the threads with the first call, as an import must not; a new one costs 1 ms."""
        while self._unstarted:
            self._unstarted -= 1
            threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            self._jobs.get()()


class _Job:
    """Work on its way to a thread and back; its answer is cancelled if nobody waits for it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._work = work

    def do(self, over: Callable[[], None]) -> None:
        """Do the work, in a thread; `over` is called in the loop when the thread is free again."""
        result, error = None, None
        try:
            with progress.listening(self._check_awaited):
                result = self._work()
        except StoppedError:
            pass
        except Exception as caught:  # whatever it is, its caller hears of it
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self.answer.get_loop().call_soon_threadsafe(self._give, result, error, over)

    def _check_awaited(self, *_: object) -> None:
        """Stop between two steps of the work if its time is over or its caller is gone."""
        if self.answer.done():
            raise StoppedError

    def _give(self, result: Any, error: Exception | None, over: Callable[[], None]) -> None:
        over()
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)
