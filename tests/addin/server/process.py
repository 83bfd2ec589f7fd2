"""A real server in a process of its own, for the tests and the benchmarks."""

from __future__ import annotations

import importlib.util
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from tests.addin.examples import example_rows

if TYPE_CHECKING:  # it imports xlwings, which a server must be the one to do
    from addin.functions import Function

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 600
"""Seconds until a test gives up: it only keeps one from waiting for ever."""

UNHURRIED = {"FIELDBOOK_REQUEST_SECONDS": "600"}
"""A busy machine must not make a good request one that takes too long."""

CALL = "/xlwings/custom-functions-call"
LAST_LINE = "Next: "

# Nothing of whoever runs the tests may decide what the server does.
OURS = ("XLWINGS_", "FIELDBOOK_")


def missing() -> str:
    """What is not installed of what a server needs; empty if all is."""
    needed = ("xlwings_server", "uvicorn", "httpx")
    return ", ".join(name for name in needed if importlib.util.find_spec(name) is None)


def require() -> None:
    """Skip a module's tests where the server is not installed; fail in CI."""
    if names := missing():
        reason = f"{names} not installed (addin/server_project/requirements.lock)"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason, allow_module_level=True)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | UNHURRIED | dict(more)


class Server:
    """A server on a free port of this machine; `log` is what it wrote to stderr.

    Parameters
    ----------
    folder : Path
        For its log.
    options : str
        Of the command line.
    env : mapping
        More environment.
    port : int
        0 for any.
    module : str
        What to run, with the command line of `python -m addin`.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        env: Mapping[str, str] | None = None,
        port: int = 0,
        module: str = "addin",
    ) -> None:
        self._log = folder / f"server-{len(list(folder.iterdir()))}.log"
        self.said: list[str] = []
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, "serve", "--port", str(port), *options],
                cwd=ROOT,
                env=environment(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,))
        self._reader.start()
        try:
            self._wait()
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _wait(self) -> None:
        while not self.said or not self.said[-1].startswith(LAST_LINE):
            line = self._lines.get(timeout=PATIENCE)
            assert line is not None, self.log
            self.said.append(line)
        found = re.search(r"(https?)://(\S+):(\d+)", "\n".join(self.said))
        assert found is not None
        self.url = found[0]
        self.port = int(found[3])

    @property
    def log(self) -> str:
        return self._log.read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit status."""
        self.process.send_signal(how)
        status = self.process.wait(PATIENCE)
        self._reader.join()
        while (line := self._lines.get()) is not None:
            self.said.append(line)
        return status


@contextmanager
def running(
    folder: Path, *options: str, env: Mapping[str, str] | None = None, module: str = "addin"
) -> Iterator[Server]:
    server = Server(folder, *options, env=env, module=module)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def body(name: str, arguments: list[Any], **other: Any) -> dict[str, Any]:
    """The body that Excel's client sends (base() in custom-functions-code.js)."""
    return {
        "client": "Office.js",
        "func_name": name,
        "args": arguments,
        "caller_address": "[Book 1.xlsx]Sheet1!B2",
        "session_id": "0d8f0d51-6f3c-4f3e-8a0f-2f3bb7a0a3f1",
        "culture_info_name": "en-US",
        "date_format": "m/d/yyyy",
        "version": "0.37.8",
        "runtime": "1.4",
    } | other


def example(function: Function) -> list[Any]:
    """The arguments of a function's example, as Excel sends them: rows of cells."""
    return example_rows(function.example)


def sent(cells: Any) -> Any:
    """What in-process cells look like when a server has sent them."""
    rows = cells if isinstance(cells, list) else [[cells]]
    error = {"type": "Error", "errorType": "Value"}
    return [[error if cell == "#VALUE!" else cell for cell in row] for row in rows]
