"""A few threads that compute for the server, so that its event loop always answers."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from addin.server.body import RefusedError
from pycore import progress

Work = Callable[[], Any]

BUSY = "the server has too much to do: try again in a minute"


class StoppedError(BaseException):
    """Nobody waits any more for what is being computed.

    No error of the computation, so nothing on its way out makes a cell's error of it.
    """


class Pool:
    """Threads that end with the process, whatever they are at.

    The threads of :mod:`concurrent.futures` do not: a process waits for them when it ends.

    Parameters
    ----------
    threads : int
        How many calls are computed at a time.
    waiting : int
        How many more may wait.
    seconds : float
        How long each may wait, and then take. What took too long gets its answer at once, and
        its thread is free at the next step of a loop that tells how far it is
        (:mod:`pycore.progress`), or when it is done: a thread cannot be stopped from outside.
    """

    def __init__(self, *, threads: int, waiting: int, seconds: float) -> None:
        self._threads = threads
        self._waiting = waiting
        self._seconds = seconds
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._started = False

    async def run(self, work: Work) -> Any:
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
        RefusedError
            413 if it takes too long, 429 if it had to wait too long or too many wait.
        """
        if self._jobs.qsize() >= self._waiting:
            raise RefusedError(HTTPStatus.TOO_MANY_REQUESTS, BUSY)
        self._start()
        job = _Job(work)
        self._jobs.put(job)
        timer = job.loop.call_later(self._seconds, self._expire, job)
        try:
            return await job.answer
        finally:
            timer.cancel()

    def _start(self) -> None:
        """Start the threads with the first call: an import must not start any."""
        if not self._started:
            self._started = True
            for _ in range(self._threads):
                threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            self._jobs.get().do()

    def _expire(self, job: _Job) -> None:
        """End a call that waited too long, or has taken too long since it began."""
        if job.answer.done():
            return
        if job.began is None:
            job.answer.set_exception(RefusedError(HTTPStatus.TOO_MANY_REQUESTS, BUSY))
            return
        left = job.began + self._seconds - time.monotonic()
        if left > 0:
            job.loop.call_later(left, self._expire, job)
            return
        reason = (
            f"the call takes longer than {self._seconds:g} seconds: "
            "ask for fewer rows or replicates"
        )
        job.answer.set_exception(RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason))


class _Job:
    """Work on its way to a thread and back."""

    def __init__(self, work: Work) -> None:
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Any] = self.loop.create_future()
        self.began: float | None = None
        self._work = work

    def do(self) -> None:
        """Do the work, in a thread, unless nobody waits for it any more."""
        if self.answer.done():
            return
        self.began = time.monotonic()
        result, error = None, None
        try:
            with progress.listening(self._check_awaited):
                result = self._work()
        except StoppedError:
            return
        except Exception as caught:  # whatever it is, the thread goes on
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self._give, result, error)

    def _check_awaited(self, *_: object) -> None:
        """Stop between two steps of the work if its time is over or its caller is gone."""
        if self.answer.done():
            raise StoppedError

    def _give(self, result: Any, error: BaseException | None) -> None:
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)
