"""A few threads that compute for the server, so that its event loop always answers."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import anyio
from starlette.exceptions import HTTPException

from pycore import progress

BUSY = 429, "the server has too much to do: try again in a minute"


Answer: TypeAlias = "asyncio.Future[Any]"


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
        """Compute in a thread, and give or raise what the work does.

        Raises
        ------
        HTTPException
            413 if it takes too long, 429 if it had to wait too long or too many wait.
        """
        threads = self._threads
        # Cancelled if nobody waits for it any more.
        answer: Answer = asyncio.get_running_loop().create_future()
        if not threads.available_tokens and threads.statistics().tasks_waiting >= self._waiting:
            raise HTTPException(*BUSY)
        with anyio.move_on_after(self._seconds) as turn:
            # The answer has the thread, not whoever asked: its work may go on without them.
            await threads.acquire_on_behalf_of(answer)
        if turn.cancelled_caught:
            raise HTTPException(*BUSY)
        self._start()
        self._jobs.put(partial(self._do, work, answer))
        with anyio.move_on_after(self._seconds):
            return await answer
        raise HTTPException(
            413,
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

    def _do(self, work: Callable[[], Any], answer: Answer) -> None:
        """Do work, in a thread, and stop it between two steps if nobody waits for its answer."""

        def check_awaited(*_: object) -> None:
            if answer.done():
                raise StoppedError

        result, error = None, None
        try:
            with progress.listening(check_awaited):
                result = work()
        except StoppedError:
            pass
        except Exception as caught:  # whatever it is, its caller hears of it
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended
            answer.get_loop().call_soon_threadsafe(self._give, answer, result, error)

    def _give(self, answer: Answer, result: Any, error: Exception | None) -> None:
        """Give the answer, in the loop, where the thread is free again."""
        self._threads.release_on_behalf_of(answer)
        if answer.done():
            return
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)
