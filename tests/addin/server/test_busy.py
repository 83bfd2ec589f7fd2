"""A server with long calls: the others get their answers, and it can be stopped.

Run as a module, this is `python -m addin` with one change: COST_MULTIPLE computes for as many
seconds as its second argument says where its first cell is SLOW.
"""

from __future__ import annotations

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
from tests.addin.server.process import CALL, Server, body

SLOW = 734_512.0
GOOD = body("cost_multiple", [[[100_000]], [[25_000]]])
ANSWER = {"result": [[4.0]]}
BUDGET = 3
PATIENCE = 60


def slow(seconds: float, *, rows: int = 100) -> dict[str, Any]:
    return body("cost_multiple", [[[SLOW]] * rows, [[seconds]]])


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

    @wraps(real.call)
    def computing(*cells: Any) -> Any:
        if cells[0][0][0] == SLOW:
            end = time.monotonic() + cells[1][0][0]
            while time.monotonic() < end:  # and keeps the interpreter from the others
                sum(range(1_000))
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
    module = "tests.addin.server.test_busy"
    with server_process.running(folder, module=module, env=env) as server:
        yield server


def ask(server: Server, content: dict[str, Any]) -> httpx.Response:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        return client.post(CALL, json=content)


@contextmanager
def asking(server: Server, *contents: dict[str, Any]) -> Iterator[list[Future[httpx.Response]]]:
    """Ask at the same time, for as long as something else is done."""
    with ThreadPoolExecutor(len(contents)) as executor:
        answers = [executor.submit(ask, server, content) for content in contents]
        time.sleep(1)  # until they are being computed
        yield answers


def cheap_calls_are_answered(server: Server, *, times: int = 10) -> None:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        for _ in range(times):
            began = time.monotonic()
            assert client.post(CALL, json=GOOD).json() == ANSWER
            assert client.get("/fieldbook/version").status_code == 200
            assert time.monotonic() - began < 15


def test_cheap_calls_beside_expensive_ones(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for count in (1, 6):  # six: more than are computed at a time
            with asking(server, *[slow(6)] * count) as answers:
                cheap_calls_are_answered(server)
                assert not any(each.done() for each in answers)
            assert [each.result().status_code for each in answers] == [200] * count


def test_a_real_call_that_is_expensive(tmp_path: Path) -> None:
    rows = [[500_000 - row] for row in range(200)]
    arguments = [[[1_000_000]], rows, [[600_000]], [[0.3]], [[1.98]]]
    with serving(tmp_path) as server:
        with asking(server, body("breakeven_elasticity", arguments)) as (answer,):
            cheap_calls_are_answered(server)
        assert answer.result().status_code in (200, 400, 413), answer.result().text


def test_a_call_that_takes_too_long(tmp_path: Path) -> None:
    with serving(tmp_path, FIELDBOOK_REQUEST_SECONDS=str(BUDGET)) as server:
        began = time.monotonic()
        for content in (slow(BUDGET + 3), slow(BUDGET + 3, rows=1)):
            response = ask(server, content)
            assert response.status_code == 413
            assert response.headers["content-type"] == "text/plain; charset=utf-8"
            assert response.text == (
                f"the call takes longer than {BUDGET} seconds: ask for fewer rows or replicates"
            )
        assert time.monotonic() - began < 2 * BUDGET + 3
        cheap_calls_are_answered(server)
        lines = server.log.splitlines()
    assert [line.split()[4] for line in lines[:2]] == ["413", "413"]
    assert "rror" not in "\n".join(lines)


def test_calls_that_wait_too_long(tmp_path: Path) -> None:
    # Four are computed at a time; the fifth's turn does not come in time.
    with serving(tmp_path, FIELDBOOK_REQUEST_SECONDS=str(BUDGET)) as server:
        with asking(server, *[slow(BUDGET * 3)] * 6) as answers:
            cheap_calls_are_answered(server)
        found = sorted((each.result().status_code, each.result().text) for each in answers)
        assert [status for status, _ in found] == [413] * 4 + [429] * 2
        assert found[-1][1] == "the server has too much to do: try again in a minute"
        cheap_calls_are_answered(server)


def test_a_simulation_that_takes_too_long_frees_its_thread(tmp_path: Path) -> None:
    # All four threads for large calls are at work that takes three times the budget, in steps.
    simulation = body("cost_multiple", [[[100_000]] * 30, [[25_000]]])
    other = body("implied_cost", [[[100]] * 30, [[4]]])
    env = {"FIELDBOOK_REQUEST_SECONDS": "1"}
    with server_process.running(tmp_path, module="tests.long_calls", env=env) as server:
        with asking(server, *[simulation] * 4) as answers:
            assert [each.result().status_code for each in answers] == [413] * 4
        response = ask(server, other)
        assert (response.status_code, response.json()["result"][0]) == (200, [25.0])


def stops(server: Server, how: signal.Signals) -> float:
    began = time.monotonic()
    assert server.stop(how) == 0
    assert server.said[-1] == "Stopped."
    return time.monotonic() - began


def test_it_stops_in_the_middle_of_a_long_call(tmp_path: Path) -> None:
    for how in (signal.SIGINT, signal.SIGTERM):
        with serving(tmp_path) as server:
            with asking(server, slow(40), slow(40, rows=1)) as answers:
                assert stops(server, how) < server_process.PATIENCE
            for answer in answers:
                assert answer.result().status_code == 503
                assert answer.result().headers["content-type"] == "text/plain; charset=utf-8"
                assert answer.result().text == "the server is stopping"
            line = r"\S+ POST \S+ cost_multiple 503 \d+\.\d ms"
            assert re.fullmatch(f"{line}\n{line}\n", server.log), server.log


def test_it_stops_after_a_long_call_that_nobody_waits_for(tmp_path: Path) -> None:
    with serving(tmp_path, FIELDBOOK_REQUEST_SECONDS="1") as server:
        assert ask(server, slow(40)).status_code == 413
        assert stops(server, signal.SIGINT) < server_process.PATIENCE
        assert "Traceback" not in server.log


def test_a_call_that_ends_soon_is_answered_before_it_stops(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        with asking(server, slow(2)) as (answer,):
            assert stops(server, signal.SIGINT) < 6
        assert answer.result().status_code == 200
