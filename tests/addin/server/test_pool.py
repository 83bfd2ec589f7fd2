"""The server's threads: long work is stopped between its steps when nobody waits for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest

from addin.server.body import RefusedError
from addin.server.pool import Pool
from pycore import progress

SECONDS = 0.3
STEP = 0.02
SOON = 1.0
"""Within which a thread goes on to the next call, on a busy machine too."""


class Work:
    """Four seconds of work, in steps, that notes how far it came."""

    def __init__(self, steps: int = 200) -> None:
        self.steps = steps
        self.done = 0
        self.left = threading.Event()

    def __call__(self) -> str:
        try:
            for _ in progress.tracked(range(self.steps), "drafts"):
                time.sleep(STEP)
                self.done += 1
        finally:
            self.left.set()
        return "done"


def in_pool(scene: Callable[[Pool], Any]) -> None:
    asyncio.run(scene(Pool(threads=1, waiting=5, seconds=SECONDS)))


async def refused(pool: Pool, work: Work) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        await pool.run(work)
    return caught.value


def test_work_past_its_time_frees_its_thread() -> None:
    async def scene(pool: Pool) -> None:
        work = Work()
        error = await refused(pool, work)
        assert error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        began = time.monotonic()
        assert await pool.run(lambda: "next") == "next"
        assert time.monotonic() - began < SOON
        assert work.left.is_set()
        assert work.done < 2 * SECONDS / STEP

    in_pool(scene)


def test_work_that_nobody_waits_for_frees_its_thread() -> None:
    async def scene(pool: Pool) -> None:
        work = Work()
        task = asyncio.create_task(pool.run(work))
        await asyncio.sleep(5 * STEP)
        task.cancel()
        assert await pool.run(lambda: "next") == "next"
        assert work.done < SECONDS / STEP

    in_pool(scene)


def test_work_within_its_time_is_answered() -> None:
    async def scene(pool: Pool) -> None:
        for _ in range(3):
            work = Work(steps=5)
            assert await pool.run(work) == "done"
            assert work.done == 5

    in_pool(scene)


def test_nothing_makes_an_answer_of_being_stopped() -> None:
    kept = []

    def stubborn() -> None:
        try:
            Work()()
        except Exception as error:
            kept.append(error)

    async def scene(pool: Pool) -> None:
        with pytest.raises(RefusedError):
            await pool.run(stubborn)
        assert await pool.run(lambda: "next") == "next"

    in_pool(scene)
    assert kept == []
