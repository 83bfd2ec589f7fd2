"""A server with long calls: the others get their answers, and it can be stopped.

Run as a module, this is `python -m addin` with one change: COST_MULTIPLE computes until a gate is
opened, where its first cell is SLOW or LAZY. Nothing here depends on how fast the machine is.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.addin.server import process as server_process
from tests.addin.server.process import CALL, PATIENCE, Server, body
from tests.long_calls import ENDLESS

SLOW = 734_512.0
"""Computes, and keeps the interpreter from the others."""
LAZY = 734_513.0
"""Only has a thread."""
GATE = "BUSY_GATE"
"""The folder in which a call says that it has begun, and where it finds that it may end."""
OPEN = "open"
GOOD = body("cost_multiple", [[[100_000]], [[25_000]]])
ANSWER = {"result": [[4.0]]}
BUDGET = 3
HURRIED = {"FIELDBOOK_REQUEST_SECONDS": str(BUDGET)}
TOO_LATE = (408, 413, 429)
"""What a hurried server may answer to any request on a busy machine."""


def slow(*, rows: int = 100, first: float = SLOW) -> dict[str, Any]:
    return body("cost_multiple", [[[first]] * rows, [[25_000]]])


def main() -> int:
    from dataclasses import replace
    from functools import wraps

    from addin.server.start import prepare

    prepare()  # before xlwings is imported
    from addin.__main__ import main as real_main
    from addin.functions import functions
    from addin.server import calls as server_functions

    name = next(key for key, each in functions().items() if each.name == "COST_MULTIPLE")
    real = functions()[name]
    gate = Path(os.environ[GATE])

    @wraps(real.call)
    def computing(*cells: Any) -> Any:
        first = cells[0][0][0]
        if first in (SLOW, LAZY):
            (gate / f"begun-{time.monotonic_ns()}").touch()
            while not (gate / OPEN).exists():
                if first == SLOW:
                    sum(range(10_000))
                else:
                    time.sleep(0.01)
        return real.call(*cells)

    changed = {**functions(), name: replace(real, call=computing)}
    vars(server_functions)["functions"] = lambda: changed
    return real_main(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())

server_process.require()
import httpx  # noqa: E402


@contextmanager
def serving(folder: Path, **env: str) -> Iterator[Server]:
    gate(folder).mkdir()
    module = "tests.addin.server.test_busy"
    more = {GATE: str(gate(folder)), **env}
    with server_process.running(folder, module=module, env=more) as server:
        try:
            yield server
        finally:
            open_gate(folder)


def gate(folder: Path) -> Path:
    return folder / "gate"


def open_gate(folder: Path) -> None:
    (gate(folder) / OPEN).touch()


def wait_for(folder: Path, begun: int) -> None:
    """Wait until so many calls are being computed."""
    end = time.monotonic() + PATIENCE
    while len(list(gate(folder).glob("begun-*"))) < begun:
        assert time.monotonic() < end
        time.sleep(0.01)


def ask(server: Server, content: dict[str, Any]) -> httpx.Response:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        return client.post(CALL, json=content)


def ask_until_answered(server: Server, content: dict[str, Any]) -> httpx.Response:
    """Ask a hurried server again where only the machine was too slow for it."""
    end = time.monotonic() + PATIENCE
    while (response := ask(server, content)).status_code in TOO_LATE:
        assert time.monotonic() < end, response.text
    return response


@contextmanager
def asking(server: Server, *contents: dict[str, Any]) -> Iterator[list[Future[httpx.Response]]]:
    """Ask at the same time, for as long as something else is done."""
    with ThreadPoolExecutor(len(contents)) as executor:
        yield [executor.submit(ask, server, content) for content in contents]


def cheap_calls_are_answered(server: Server, *, times: int = 5) -> None:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        for _ in range(times):
            assert client.post(CALL, json=GOOD).json() == ANSWER
            assert client.get("/fieldbook/version").status_code == 200


def test_cheap_calls_beside_expensive_ones(tmp_path: Path) -> None:
    for count in (1, 6):  # six: more than are computed at a time
        folder = tmp_path / str(count)
        folder.mkdir()
        with serving(folder) as server, asking(server, *[slow()] * count) as answers:
            wait_for(folder, min(count, 4))
            cheap_calls_are_answered(server)
            assert not any(each.done() for each in answers)
            open_gate(folder)
            assert [each.result().status_code for each in answers] == [200] * count


def test_a_real_call_that_is_expensive(tmp_path: Path) -> None:
    rows = [[500_000 - row] for row in range(40)]
    arguments = [[[1_000_000]], rows, [[600_000]], [[0.3]], [[1.98]]]
    with serving(tmp_path) as server:
        with asking(server, body("breakeven_elasticity", arguments)) as (answer,):
            cheap_calls_are_answered(server)
        assert answer.result().status_code in (200, 400, 413), answer.result().text


def test_a_call_that_takes_too_long(tmp_path: Path) -> None:
    with serving(tmp_path, **HURRIED) as server:
        for content in (slow(), slow(rows=1)):
            response = ask(server, content)
            assert response.status_code == 413
            assert response.headers["content-type"] == "text/plain; charset=utf-8"
            assert response.text == (
                f"the call takes longer than {BUDGET} seconds: ask for fewer rows or replicates"
            )
        assert ask_until_answered(server, GOOD).json() == ANSWER
        lines = server.log.splitlines()
    assert [line.split()[4] for line in lines[:2]] == ["413", "413"]
    assert "rror" not in "\n".join(lines)


def test_calls_that_wait_too_long(tmp_path: Path) -> None:
    # Four are computed at a time; the turn of two more does not come in time.
    lazy = slow(first=LAZY)
    with serving(tmp_path, **HURRIED) as server:
        with asking(server, *[lazy] * 4) as computed:
            wait_for(tmp_path, 4)
            with asking(server, *[lazy] * 2) as waiting:
                found = [(each.result().status_code, each.result().text) for each in waiting]
        assert found == [(429, "the server has too much to do: try again in a minute")] * 2
        assert [each.result().status_code for each in computed] == [413] * 4
        assert ask_until_answered(server, GOOD).json() == ANSWER  # on threads of its own


def test_a_simulation_that_takes_too_long_frees_its_thread(tmp_path: Path) -> None:
    # All four threads for large calls are at work that never ends, in steps.
    simulation = body("cost_multiple", [[[100_000]] * 30, [[25_000]]])
    other = body("implied_cost", [[[100]] * 30, [[4]]])
    env = {**HURRIED, ENDLESS: "1"}
    with server_process.running(tmp_path, module="tests.long_calls", env=env) as server:
        with asking(server, *[simulation] * 4) as answers:
            assert [each.result().status_code for each in answers] == [413] * 4
        assert ask_until_answered(server, other).json()["result"][0] == [25.0]


def stop(server: Server, how: signal.Signals) -> None:
    assert server.stop(how) == 0
    assert server.said[-1] == "Stopped."


def test_it_stops_in_the_middle_of_a_long_call(tmp_path: Path) -> None:
    for how in (signal.SIGINT, signal.SIGTERM):
        folder = tmp_path / how.name
        folder.mkdir()
        with serving(folder) as server:
            with asking(server, slow(), slow(rows=1)) as answers:
                wait_for(folder, 2)
                stop(server, how)
            for answer in answers:
                assert answer.result().status_code == 503
                assert answer.result().headers["content-type"] == "text/plain; charset=utf-8"
                assert answer.result().text == "the server is stopping"
            line = r"\S+ POST \S+ cost_multiple 503 \d+\.\d ms"
            assert re.fullmatch(f"{line}\n{line}\n", server.log), server.log


def test_it_stops_after_a_long_call_that_nobody_waits_for(tmp_path: Path) -> None:
    with serving(tmp_path, **HURRIED) as server:
        assert ask(server, slow()).status_code == 413
        stop(server, signal.SIGINT)
        assert "Traceback" not in server.log


def test_a_call_that_ends_soon_is_answered_before_it_stops(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        with asking(server, slow(first=LAZY)) as (answer,):
            wait_for(tmp_path, 1)
            server.process.send_signal(signal.SIGINT)
            open_gate(tmp_path)
            assert server.process.wait(PATIENCE) == 0
        assert answer.result().status_code == 200
