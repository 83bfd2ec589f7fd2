"""The server's threads: long work is stopped between its steps when nobody waits for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from addin.server.pool import Pool
from pycore import progress

HURRIED = 0.1
STEP = 0.01
PATIENCE = 300.0
"""Only keeps a test from waiting for ever."""


class Work:
    """Work in steps, endless by default, that notes how far it came."""

    def __init__(self, steps: int = 10**5) -> None:
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


def in_pool(scene: Callable[[Pool], Any], seconds: float = HURRIED) -> None:
    asyncio.run(scene(Pool(threads=1, waiting=5, seconds=seconds)))


async def answered(pool: Pool, work: Callable[[], Any]) -> Any:
    """What a hurried pool answers at last: a busy machine may be too slow for it."""
    while True:
        try:
            return await pool.run(work)
        except HTTPException:
            continue


def test_work_past_its_time_frees_its_thread() -> None:
    async def scene(pool: Pool) -> None:
        work = Work()
        with pytest.raises(HTTPException) as caught:
            await pool.run(work)
        assert caught.value.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        assert await answered(pool, lambda: "next") == "next"
        assert work.left.is_set()

    in_pool(scene)


def test_work_that_nobody_waits_for_frees_its_thread() -> None:
    async def scene(pool: Pool) -> None:
        work = Work()
        task = asyncio.create_task(pool.run(work))
        while not work.done:
            await asyncio.sleep(STEP)
        task.cancel()
        assert await pool.run(lambda: "next") == "next"
        assert work.left.is_set()

    in_pool(scene, PATIENCE)


def test_work_within_its_time_is_answered() -> None:
    async def scene(pool: Pool) -> None:
        for _ in range(3):
            work = Work(steps=5)
            assert await pool.run(work) == "done"
            assert work.done == 5

    in_pool(scene, PATIENCE)


def test_nothing_makes_an_answer_of_being_stopped() -> None:
    kept = []

    def stubborn() -> None:
        try:
            Work()()
        except Exception as error:
            kept.append(error)

    async def scene(pool: Pool) -> None:
        with pytest.raises(HTTPException):
            await pool.run(stubborn)
        assert await answered(pool, lambda: "next") == "next"

    in_pool(scene)
    assert kept == []


@pytest.mark.parametrize(("threads", "waiting"), [(1, 0), (1, 1), (2, 1), (2, 3)])
def test_just_so_many_are_computed_and_just_so_many_wait(threads: int, waiting: int) -> None:
    begun, go = threading.Semaphore(0), threading.Event()

    def work() -> str:
        begun.release()
        assert go.wait(PATIENCE)
        return "done"

    async def ask() -> None:
        pool = Pool(threads=threads, waiting=waiting, seconds=PATIENCE)
        asked: list[asyncio.Task[Any]] = []
        for number in range(threads + waiting):
            asked.append(asyncio.create_task(pool.run(work)))
            if number < threads:  # a thread is free: it begins at once
                assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE)
            await asyncio.sleep(0)
        for _ in range(2):
            more = asyncio.create_task(pool.run(work))
            for _ in range(5):
                await asyncio.sleep(0)
            assert more.done()  # refused at once
            refusal = more.exception()
            assert isinstance(refusal, HTTPException)
            assert refusal.status_code == HTTPStatus.TOO_MANY_REQUESTS
        assert not begun.acquire(blocking=False)  # nothing that waits has begun
        go.set()
        assert await asyncio.gather(*asked) == ["done"] * (threads + waiting)
        assert await pool.run(work) == "done"  # and there is room again

    try:
        asyncio.run(ask())
    finally:
        go.set()
