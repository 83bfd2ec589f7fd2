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

from addin.server_body import RefusedError

Work = Callable[[], Any]

BUSY = "the server has too much to do: try again in a minute"


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
        How long each may wait, and then take. A thread cannot be stopped: what took too long
        gets its answer, and keeps its thread until it is done.
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
        reason = f"the call takes longer than {self._seconds:g} seconds: ask for fewer rows"
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
            result = self._work()
        except Exception as caught:  # whatever it is, the thread goes on
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self._give, result, error)

    def _give(self, result: Any, error: BaseException | None) -> None:
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)
