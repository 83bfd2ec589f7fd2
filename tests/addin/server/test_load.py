"""Many clients at once, and a server that dies under them and comes back.

`FIELDBOOK_LOAD=full` makes all 20,000 calls rather than a tenth of them.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from addin.functions import functions
from tests.addin.examples import takes_tables
from tests.addin.server import process as server_process
from tests.addin.server.process import CALL, Server, body, example, sent

server_process.require()
import httpx  # noqa: E402

CLIENTS = 32
CALLS = 20_000 if os.environ.get("FIELDBOOK_LOAD") == "full" else 2_000
PATIENCE = 600

Call = tuple[dict[str, Any], int, Any]
"""A body, and the status and answer that it must get."""


def calls() -> list[Call]:
    """Mixed calls: each function on cells, on a column, and on something bad."""
    made: list[Call] = []
    for function in functions().values():
        name, arguments = function.name.lower(), example(function)
        made.append((body(name, arguments), 200, sent(function.call(*arguments))))
        if not takes_tables(function):
            column = [argument * 50 for argument in arguments]
            made.append((body(name, column), 200, sent(function.call(*column))))
        blank = [[[None]], *arguments[1:]]
        try:
            function.call(*blank)
        except Exception as error:
            made.append((body(name, blank), 400, str(error)))
    made.append((body("nothing", []), 404, "there is no function of that name"))
    return made


def work(client: httpx.Client, call: Call) -> bool:
    content, status, answer = call
    response = client.post(CALL, json=content)
    got = response.json()["result"] if response.status_code == 200 else response.text
    return response.status_code == status and got == answer


def together(task: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=task, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_many_clients(tmp_path: Path) -> None:
    mixed, counts, lock = calls(), Counter[str](), threading.Lock()
    with server_process.running(tmp_path) as server:

        def client(place: int) -> None:
            mine: Counter[str] = Counter()
            with httpx.Client(base_url=server.url, timeout=600) as connection:
                for number in range(place, CALLS, CLIENTS):
                    try:
                        right = work(connection, mixed[number % len(mixed)])
                        mine["right" if right else "wrong"] += 1
                    except httpx.HTTPError as error:
                        mine[type(error).__name__] += 1
            with lock:
                counts.update(mine)

        began = time.monotonic()
        together(client)
        seconds = time.monotonic() - began
        assert server.stop() == 0
        assert len(server.log.splitlines()) == CALLS
    print(f"{CALLS:,} calls by {CLIENTS} clients in {seconds:.1f} s: {dict(counts)}")
    assert counts == {"right": CALLS}


def test_killed_under_load_and_started_again(tmp_path: Path) -> None:
    mixed, lock = calls(), threading.Lock()
    counts = {"before": Counter[str](), "after": Counter[str]()}
    server = Server(tmp_path)
    url, port = server.url, server.port
    half, gone, back = threading.Event(), threading.Event(), threading.Event()
    total = CALLS // 2

    def client(place: int) -> None:
        with httpx.Client(base_url=url, timeout=600) as connection:
            for number in range(place, total, CLIENTS):
                while True:
                    phase = "after" if back.is_set() else "before"
                    try:
                        right = work(connection, mixed[number % len(mixed)])
                    except httpx.HTTPError:  # as Excel's client does, ask again
                        assert gone.wait(PATIENCE)
                        assert back.wait(PATIENCE)
                        continue
                    with lock:
                        counts[phase]["right" if right else "wrong"] += 1
                        if sum(counts["before"].values()) >= total // 4:
                            half.set()
                    break

    def kill_and_start() -> None:
        nonlocal server
        assert half.wait(PATIENCE)
        server.stop(signal.SIGKILL)
        gone.set()
        server = Server(tmp_path, port=port)
        back.set()

    killer = threading.Thread(target=kill_and_start)
    killer.start()
    try:
        together(client)
        killer.join(PATIENCE)
    finally:
        gone.set()
        back.set()
        server.stop()
    assert sum(map(Counter.total, counts.values())) == total
    assert counts["before"]["wrong"] == counts["after"]["wrong"] == 0
    assert counts["after"]["right"] > 0
