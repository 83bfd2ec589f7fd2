"""A server with long calls: the others get their answers, and it can be stopped.

Run as a module, this is `python -m addin` with the workers of `slow_worker`.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from addin.server import tokens as server_tokens
from addin.server.calls import OF_ONE_FORMULA
from tests.addin.server import process as server_process
from tests.addin.server.process import CALL, PATIENCE, Server, body
from tests.addin.server.slow_worker import BUSY, GATE, OPEN, SLOW

HEAVY = max(2, (os.cpu_count() or 1) // 2)
"""Heavy calls that are computed at a time."""
GOOD = body("implied_cost", [[[100]], [[25]]])
ANSWER = {"result": [[4.0]]}
BUDGET = 3
HURRIED = {"FIELDBOOK_REQUEST_SECONDS": str(BUDGET)}
TOO_LATE = (408, 413, 429)
"""What a hurried server may answer to any request on a busy machine."""


ROWS = itertools.count(1)
"""Each call is of a cell of its own."""


def slow(*, rows: int = 100, first: float = SLOW) -> dict[str, Any]:
    cell = f"[Book 1.xlsx]Sheet1!B{next(ROWS)}"
    return body("cost_multiple", [[[first]] * rows, [[25_000]]], caller_address=cell)


def main() -> int:
    from addin.__main__ import main as real_main
    from addin.server import pool

    pool.WORKER = "tests.addin.server.slow_worker"
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


def ask(server: Server, content: dict[str, Any], token: str = "") -> httpx.Response:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        return client.post(CALL, json=content, headers={"authorization": token})


def ask_until_answered(server: Server, content: dict[str, Any]) -> httpx.Response:
    """Ask a hurried server again where only the machine was too slow for it."""
    end = time.monotonic() + PATIENCE
    while (response := ask(server, content)).status_code in TOO_LATE:
        assert time.monotonic() < end, response.text
    return response


@contextmanager
def asking(
    server: Server, *contents: dict[str, Any], token: str = ""
) -> Iterator[list[Future[httpx.Response]]]:
    """Ask at the same time, for as long as something else is done."""
    with ThreadPoolExecutor(len(contents)) as executor:
        yield [executor.submit(ask, server, content, token) for content in contents]


def cheap_calls_are_answered(server: Server, *, times: int = 5) -> None:
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        for _ in range(times):
            assert client.post(CALL, json=GOOD).json() == ANSWER
            assert client.get("/fieldbook/version").status_code == 200


def test_cheap_calls_beside_expensive_ones(tmp_path: Path) -> None:
    contents = [slow()] * (HEAVY + 2)  # more than are computed at a time
    with serving(tmp_path) as server, asking(server, *contents) as answers:
        wait_for(tmp_path, HEAVY)
        cheap_calls_are_answered(server)
        assert not any(each.done() for each in answers)
        open_gate(tmp_path)
        assert {each.result().status_code for each in answers} == {200}


def test_calls_that_take_longer_than_they_look_begin_anew_among_the_expensive(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as server, asking(server, *[slow(rows=1, first=BUSY)] * 2) as answers:
        wait_for(tmp_path, 4)  # each begins twice
        cheap_calls_are_answered(server)
        assert not any(each.done() for each in answers)
        open_gate(tmp_path)
        assert {each.result().status_code for each in answers} == {200}


def test_who_signs_in_leaves_room_for_others(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    ada, grace = (server_tokens.make(file, name) for name in ("ada", "grace"))
    with serving(tmp_path, **{server_tokens.FILE_VARIABLE: str(file)}) as server:
        with asking(server, *[slow()] * HEAVY * 2, token=ada) as many:
            wait_for(tmp_path, HEAVY // 2)
            with asking(server, slow(), token=grace) as (one,):
                wait_for(tmp_path, HEAVY // 2 + 1)  # hers, before Ada's others
                open_gate(tmp_path)
            assert one.result().status_code == 200
        assert {each.result().status_code for each in many} == {200}


def test_a_call_of_a_client_that_goes_is_ended(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
            content = client.build_request("POST", CALL, json=slow()).read()
        head = f"POST {CALL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            length = f"Content-Length: {len(content)}\r\n\r\n"
            connection.sendall((head + length).encode() + content)
            wait_for(tmp_path, 1)
        (begun,) = gate(tmp_path).glob("begun-*")
        end = time.monotonic() + PATIENCE
        while Path("/proc", begun.name.split("-")[1]).exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        assert not (gate(tmp_path) / OPEN).exists()
        cheap_calls_are_answered(server)


def test_a_newer_edit_overtakes_a_call_under_way(tmp_path: Path) -> None:
    call = slow()
    with serving(tmp_path) as server, asking(server, call, slow()) as (first, other):
        wait_for(tmp_path, 2)
        time.sleep(2 * OF_ONE_FORMULA)
        with asking(server, call) as (second,):
            wait_for(tmp_path, 3)  # in the place of the first, which begins anew when there is one
            assert not any(each.done() for each in (first, second, other))
            open_gate(tmp_path)
        assert {each.result().status_code for each in (first, second, other)} == {200}


def test_calls_of_one_formula_do_not_overtake_each_other(tmp_path: Path) -> None:
    call = slow()
    with serving(tmp_path) as server, asking(server, call, call) as both:
        wait_for(tmp_path, 2)
        open_gate(tmp_path)
        assert [each.result().status_code for each in both] == [200, 200]


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
    with serving(tmp_path, **HURRIED) as server:
        with asking(server, *[slow()] * HEAVY) as computed:
            wait_for(tmp_path, HEAVY)
            with asking(server, *[slow()] * HEAVY * 2) as waiting:
                found = sorted((each.result().status_code, each.result().text) for each in waiting)
        # Some have their turn when the first were ended, the others none in time.
        assert {413, 429} >= {status for status, _ in found} >= {429}
        assert found[-1][1] == "the server has too much to do: try again in a minute"
        assert [each.result().status_code for each in computed] == [413] * HEAVY
        assert ask_until_answered(server, GOOD).json() == ANSWER


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
        with asking(server, slow()) as (answer,):
            wait_for(tmp_path, 1)
            server.process.send_signal(signal.SIGINT)
            open_gate(tmp_path)
            assert server.process.wait(PATIENCE) == 0
        assert answer.result().status_code == 200
