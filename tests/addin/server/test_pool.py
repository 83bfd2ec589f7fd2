"""The server's processes: whose turn it is, and that what nobody waits for is ended."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from addin.server import pool as server_pool
from addin.server.pool import GoneError, Pool
from tests.addin.server import process as server_process
from tests.addin.server.process import PATIENCE, ROOT, body
from tests.addin.server.slow_worker import GATE, SLOW

HURRIED = 0.1
STEP = 0.01


class Scene:
    """A pool of processes that do what they are asked, and a gate for those that wait."""

    def __init__(self, pool: Pool, gate: Path) -> None:
        self.pool = pool
        self.gate = gate

    async def answer(self, person: str = "ada") -> bytes:
        return (await self.pool.run(person, {"do": "answer"}, b"yes", PATIENCE))[1]

    def wait(self, name: str, person: str = "ada", seconds: float = PATIENCE) -> asyncio.Task[Any]:
        head = {"do": "wait", "name": name}
        return asyncio.create_task(self.pool.run(person, head, os.fsencode(self.gate), seconds))

    def begun(self) -> list[str]:
        return sorted(path.name.split("-")[2] for path in self.gate.glob("begun-*"))

    def pids(self) -> list[int]:
        return [int(path.name.split("-")[1]) for path in self.gate.glob("begun-*")]

    async def until_begun(self, count: int) -> None:
        while len(self.begun()) < count:
            await asyncio.sleep(STEP)

    def open(self) -> None:
        (self.gate / "open").touch()


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.setattr(server_pool, "WORKER", "tests.addin.server.gate_worker")

    def run(
        act: Callable[[Scene], Awaitable[None]],
        *,
        processes: int = 1,
        share: float = 1,
        waiting: int = 9,
        seconds: float = PATIENCE,
    ) -> None:
        async def played() -> None:
            pool = Pool(processes=processes, share=share, waiting=waiting, seconds=seconds)
            try:
                await asyncio.wait_for(act(Scene(pool, tmp_path)), PATIENCE)
            finally:
                await pool.close()

        asyncio.run(played())

    return run


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_work_past_its_time_or_that_nobody_waits_for_is_ended(play: Callable[..., None]) -> None:
    async def act(scene: Scene) -> None:
        late = scene.wait("late", seconds=HURRIED)
        with pytest.raises(TimeoutError):
            await late
        left = scene.wait("left")
        await scene.until_begun(2 if "late" in scene.begun() else 1)
        left.cancel()
        assert await scene.answer() == b"yes"
        while any(map(is_running, scene.pids())):
            await asyncio.sleep(STEP)

    play(act)


def test_a_process_that_dies_is_replaced(play: Callable[..., None]) -> None:
    async def act(scene: Scene) -> None:
        with pytest.raises(GoneError):
            await scene.pool.run("ada", {"do": "die"}, b"", PATIENCE)
        head, _ = await scene.pool.run("ada", {"do": "answer"}, b"", PATIENCE)
        again, _ = await scene.pool.run("ada", {"do": "answer"}, b"", PATIENCE)
        assert head["pid"] == again["pid"]

    play(act)


def test_a_long_question_and_its_long_answer(play: Callable[..., None]) -> None:
    async def act(scene: Scene) -> None:
        content = os.urandom(5_000_000)
        _, answer = await scene.pool.run("ada", {"do": "answer"}, content, PATIENCE)
        assert answer == content

    play(act)


@pytest.mark.parametrize(("processes", "waiting"), [(1, 0), (1, 1), (2, 3)])
def test_just_so_many_are_computed_and_just_so_many_wait(
    play: Callable[..., None], processes: int, waiting: int
) -> None:
    async def act(scene: Scene) -> None:
        asked = [scene.wait(str(number)) for number in range(processes + waiting)]
        await scene.until_begun(processes)
        for _ in range(2):
            with pytest.raises(HTTPException) as caught:
                await scene.wait("one too many")
            assert caught.value.status_code == HTTPStatus.TOO_MANY_REQUESTS
        assert len(scene.begun()) == processes
        scene.open()
        await asyncio.gather(*asked)
        assert await scene.answer() == b"yes"

    play(act, processes=processes, waiting=waiting)


def test_who_waits_too_long_hears_that(play: Callable[..., None]) -> None:
    async def act(scene: Scene) -> None:
        first = scene.wait("first")
        await scene.until_begun(1)
        with pytest.raises(HTTPException) as caught:
            await scene.wait("second")
        assert caught.value.status_code == HTTPStatus.TOO_MANY_REQUESTS
        scene.open()
        await first
        assert await scene.answer() == b"yes"

    play(act, seconds=HURRIED)


def test_nobody_has_more_than_their_share(play: Callable[..., None]) -> None:
    async def act(scene: Scene) -> None:
        adas = [scene.wait(f"ada{number}") for number in range(3)]
        await scene.until_begun(1)
        grace = scene.wait("grace", "grace")
        await scene.until_begun(2)
        assert scene.begun() == ["ada0", "grace"]
        scene.open()
        await asyncio.gather(*adas, grace)

    play(act, processes=2, share=0.5)


def test_the_turn_goes_round(play: Callable[..., None]) -> None:
    done: list[str] = []

    async def act(scene: Scene) -> None:
        first = scene.wait("first")
        await scene.until_begun(1)
        asked = []
        for person in ("ada", "ada", "ada", "grace", "mary", "grace"):
            asked.append(asyncio.create_task(scene.answer(person)))
            asked[-1].add_done_callback(partial(lambda name, _: done.append(name), person))
            await asyncio.sleep(0)
        scene.open()
        await asyncio.gather(first, *asked)

    play(act)
    assert done == ["ada", "grace", "mary", "ada", "grace", "ada"]


def test_a_call_that_is_given_up_as_its_turn_comes(play: Callable[..., None]) -> None:
    async def act(scene: Scene) -> None:
        first = scene.wait("first")
        await scene.until_begun(1)
        waiting = [scene.wait("never", "grace") for _ in range(2)]
        last = asyncio.create_task(scene.answer("grace"))
        await asyncio.sleep(0)
        # The process is free before those that are cancelled have left the queue.
        for task in (first, *waiting):
            task.cancel()
        assert await last == b"yes"
        ended = await asyncio.gather(first, *waiting, return_exceptions=True)
        assert [type(each) for each in ended] == [asyncio.CancelledError] * 3
        assert scene.begun() == ["first"]
        assert await scene.answer() == b"yes"

    play(act)


def test_a_worker_ends_in_the_middle_of_a_call_when_its_server_has_gone(tmp_path: Path) -> None:
    content = b"%s" % str(body("cost_multiple", [[[SLOW]], [[1]]])).replace("'", '"').encode()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.addin.server.slow_worker"],
        cwd=ROOT,
        env=server_process.environment({GATE: str(tmp_path)}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b'{"script": "", "seconds": 0, "bytes": %d}\n' % len(content) + content)
        process.stdin.flush()
        while not list(tmp_path.glob("begun-*")):
            assert process.poll() is None
        process.stdin.close()  # as when the server is killed
        assert process.wait(PATIENCE) == 0
