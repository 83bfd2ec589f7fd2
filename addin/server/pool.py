"""A few processes that compute for the server, so that its event loop always answers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast

import anyio
from starlette.exceptions import HTTPException

WORKER = "addin.server.worker"
"""The module that a process runs."""

ROOT = Path(__file__).parents[2]
"""Where that is found, in a checkout and where pip installed it."""

BUSY = 429, "the server has too much to do: try again in a minute"

Head: TypeAlias = dict[str, Any]
Turn: TypeAlias = "asyncio.Future[None]"


class GoneError(Exception):
    """A process ended before it answered."""


class Process:
    """A process that computes one question at a time, and can be ended in the middle of it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._questions = cast(asyncio.StreamWriter, process.stdin)
        self._answers = cast(asyncio.StreamReader, process.stdout)
        self._is_ready = False

    @classmethod
    async def start(cls, *words: str) -> Process:
        """Start one; it takes a moment until it is ready."""
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", WORKER, *words),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                # Ctrl-C is for the server alone. Not in a session of its own, though: Linux shares
                # the processors between sessions, whatever the priority of what is in them.
                preexec_fn=getattr(os, "setpgrp", None),
            )
        )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def ready(self) -> None:
        """Wait until it can compute."""
        if not self._is_ready:
            await self._read()
            self._is_ready = True

    async def ask(self, head: Head, body: bytes) -> tuple[Head, bytes]:
        """Ask, and wait for the answer; who waits no longer has to end the process."""
        line = json.dumps(head | {"bytes": len(body)}).encode()
        self._questions.write(line + b"\n" + body)
        return await self._read()

    async def _read(self) -> tuple[Head, bytes]:
        try:
            await self._questions.drain()
            head = json.loads(await self._answers.readuntil(b"\n"))
            return head, await self._answers.readexactly(head["bytes"])
        except (asyncio.IncompleteReadError, ConnectionError):
            raise GoneError from None

    async def end(self) -> None:
        """End it at once, whatever it is doing, and leave nothing of it in the event loop."""
        if self.is_running:
            self._process.kill()
        self._questions.close()
        await self._process.wait()


class Pool:
    """Processes, started when they are first needed, and the calls that wait for one.

    Parameters
    ----------
    words : str
        For the processes.
    processes : int
        How many calls are computed at a time.
    share : float
        What share of those may be one person's, so that others find one free.
    waiting : int
        How many more of one person's may wait. Whose turn it is goes round.
    seconds : float
        How long a call may wait.
    """

    def __init__(
        self, *words: str, processes: int, share: float, waiting: int, seconds: float
    ) -> None:
        self._words = words
        self._free = processes
        self._share = max(1, int(share * processes))
        self._most = waiting
        self._seconds = seconds
        self._idle: list[Process] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._computed: Counter[str] = Counter()
        self._waiting: dict[str, deque[Turn]] = {}

    async def run(self, person: str, head: Head, body: bytes, seconds: float) -> tuple[Head, bytes]:
        """Compute in a process, which is ended if that takes too long or nobody waits for it.

        Raises
        ------
        HTTPException
            429 if it had to wait too long, or too many of this person's wait.
        TimeoutError
            If it takes longer than so many seconds.
        GoneError
            If the process ended by itself.
        """
        async with self._turn(person):
            self._idle = [each for each in self._idle if each.is_running]
            process = self._idle.pop() if self._idle else await Process.start(*self._words)
            try:
                await process.ready()  # which is no part of the call's time
                with anyio.fail_after(seconds):
                    answer = await process.ask(head, body)
            except BaseException:
                self._end(process)
                raise
            self._idle.append(process)
            return answer

    async def close(self) -> None:
        """End all processes."""
        for process in self._idle:
            self._end(process)
        self._idle.clear()
        await asyncio.gather(*self._ending)

    def _end(self, process: Process) -> None:
        task = asyncio.ensure_future(process.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    @asynccontextmanager
    async def _turn(self, person: str) -> AsyncIterator[None]:
        """Wait until one of the processes is this person's."""
        turn: Turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(person, deque()).append(turn)
        self._next()
        try:
            if len(self._waiting.get(person, ())) > self._most:
                raise HTTPException(*BUSY)
            with anyio.move_on_after(self._seconds) as waited:
                await turn
            if waited.cancelled_caught:
                raise HTTPException(*BUSY)
            yield
        finally:
            self._leave(person, turn)

    def _next(self) -> None:
        """Let one call begin, if a process is free and its person has not their share."""
        for person, turns in list(self._waiting.items()):
            while turns and turns[0].cancelled():  # its task is about to leave
                turns.popleft()
            if not turns:
                del self._waiting[person]
            elif self._free and self._computed[person] < self._share:
                del self._waiting[person]
                self._free -= 1
                self._computed[person] += 1
                turns.popleft().set_result(None)
                if turns:  # behind everyone else
                    self._waiting[person] = turns
                return

    def _leave(self, person: str, turn: Turn) -> None:
        """Take a call out of the queue; or, if it had begun, let another begin."""
        if turn.done() and not turn.cancelled():
            self._free += 1
            self._computed[person] -= 1
            self._computed += Counter()  # without those who have none
        elif turn in (turns := self._waiting.get(person, deque())):
            turns.remove(turn)
        self._next()
