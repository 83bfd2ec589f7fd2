"""Many clients at once, heavy ones among them, and a server that dies under them and comes back.

`FIELDBOOK_LOAD=full` makes all 20,000 calls rather than a tenth of them; with `pytest -s` it shows
how long calls on one cell take, beside those of a server that has nothing else to do.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
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
    # Each client has a session of its own, or the calls of one would overtake those of another.
    response = client.post(CALL, json=content | {"session_id": f"{id(client)}"})
    got = response.json()["result"] if response.status_code == 200 else response.text
    return response.status_code == status and got == answer


def together(task: Callable[[int], None], clients: int = CLIENTS) -> None:
    threads = [threading.Thread(target=task, args=(place,)) for place in range(clients)]
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


HEAVY_CLIENTS = 8
HEAVY: list[dict[str, Any]] = [
    body("breakeven_elasticity", [[[1e6]], [[5e5 - row] for row in range(40)], *[[[6e5]]] * 3]),
    body("breakeven_elasticity", [[[1e6]], [[5e5]], [[6e5]], [[0.3]], [[1.98]]]),
    # A cell that is none: each of the others is computed by itself.
    body("breakeven_elasticity", [[[1e6], *[["x"]] * 4_000], [[5e5]], [[6e5]], [[0.3]], [[1.98]]]),
    body("mentor_margin", [cells * 5_000 for cells in example(functions()["MENTOR_MARGIN"])]),
    body("simulate", example(functions()["SIMULATE"])),
]
ONE_CELL: Call = (body("cost_multiple", [[[100_000]], [[25_000]]]), 200, [[4.0]])


def test_calls_on_one_cell_beside_heavy_clients(tmp_path: Path) -> None:
    with server_process.running(tmp_path) as server:
        one_cell_seconds(server, 0, CLIENTS)  # starts the processes
        for heavy in (0, HEAVY_CLIENTS):
            seconds = one_cell_seconds(server, heavy, CALLS // 4 if CALLS < 20_000 else CALLS)
            shown = ", ".join(
                f"{share:.1%} {seconds[int(share * (len(seconds) - 1))] * 1000:.1f} ms"
                for share in (0.5, 0.95, 0.99, 0.999, 1)
            )
            print(f"{len(seconds):,} calls on one cell beside {heavy} heavy clients: {shown}")
        assert server.stop() == 0  # in the middle of heavy calls
    assert "rror" not in server.log


def one_cell_seconds(server: Server, heavy: int, calls: int) -> list[float]:
    """How long calls on one cell take, sorted, while heavy clients ask without a pause."""
    over, lock, begun = threading.Event(), threading.Lock(), threading.Semaphore(0)
    taken: list[float] = []

    def weigh(place: int) -> None:
        content = HEAVY[place % len(HEAVY)] | {"session_id": f"{place}"}
        while not over.is_set():
            with suppress(httpx.HTTPError):  # the server has stopped
                begun.release()
                httpx.post(server.url + CALL, json=content, timeout=600)

    def ask(place: int) -> None:
        mine = []
        with httpx.Client(base_url=server.url, timeout=600) as connection:
            for _ in range(place, calls, CLIENTS - heavy):
                began = time.perf_counter()
                assert work(connection, ONE_CELL)
                mine.append(time.perf_counter() - began)
        with lock:
            taken.extend(mine)

    weights = [threading.Thread(target=weigh, args=(place,)) for place in range(heavy)]
    for thread in weights:
        thread.start()
    for _ in weights:
        assert begun.acquire(timeout=PATIENCE)
    together(ask, CLIENTS - heavy)
    assert len(taken) == calls
    over.set()
    return sorted(taken)


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
