"""Calls over HTTP to one running server: a range beside its cells, and beside no work at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np

from tests.addin.server import process as server_process

from .timing import Benchmark, UnavailableError, timed

FUNCTION = "net_safety"
ROWS = 1_000
COLUMNS = ((100, 900), (100, 900), (1, 200), (0, 0.2), (0, 0.2))
"""The bounds of the five ranges; the sixth argument is one cell."""

SIXTH = [[0.5]]
TIMES = 10
SEED = 20260101


class Client:
    """A client with one connection, which sends what it is given ready-made.

    Parameters
    ----------
    port : int
        Of the server on this machine.
    """

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, content: bytes) -> Any:
        """One call; its answer's cells."""
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", server_process.CALL, content, headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise UnavailableError(f"the server answered {response.status}: {answer[:80]!r}")
        return json.loads(answer)["result"]


def serving(folder: Path) -> Iterator[Benchmark]:
    """A range of 1,000 rows and five columns as one call, beside two other ways."""
    if names := server_process.missing():
        raise UnavailableError(f"{names} not installed")
    home = folder / "server"
    home.mkdir()
    with server_process.running(home, module="tests.benchmarks.trivial_server") as server:
        client = Client(server.port)
        rows = _rows()
        together = _body(FUNCTION, [[[value] for value in column] for column in rows.T.tolist()])
        trivial = together.replace(FUNCTION.encode(), b"trivial", 1)
        apart = [_body(FUNCTION, [[[value]] for value in row]) for row in rows.tolist()]
        _check(client, together, apart)
        ours = timed(lambda: client.call(together), times=TIMES, share=TIMES)
        yield Benchmark(
            name=f"FIELD.NET_SAFETY on a server, {ROWS:,} x {len(COLUMNS)}",
            against=f"one call over HTTP beside {ROWS:,} calls on numbers to the same server",
            ours=ours,
            other=timed(lambda: [client.call(content) for content in apart]),
        )
        yield Benchmark(
            name="the same call",
            against="beside a function on the same server that gives its first range back",
            ours=ours,
            other=timed(lambda: client.call(trivial), times=TIMES, share=TIMES),
            repeats=21,
        )


def _rows() -> np.ndarray[Any, np.dtype[np.float64]]:
    rng = np.random.default_rng(SEED)
    return np.column_stack([rng.uniform(low, high, ROWS) for low, high in COLUMNS])


def _body(function: str, arguments: Sequence[Any]) -> bytes:
    return json.dumps(server_process.body(function, [*arguments, SIXTH])).encode()


def _check(client: Client, together: bytes, apart: Sequence[bytes]) -> None:
    if client.call(together) != [client.call(content)[0] for content in apart]:
        raise UnavailableError("the two ways give different values")
