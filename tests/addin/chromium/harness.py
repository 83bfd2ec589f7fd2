"""The server's pages in Chromium, with a stand-in for Office and with nothing else changed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.addin.server.process import UNHURRIED

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route

ROOT = Path(__file__).resolve().parents[3]
OFFICE = Path(__file__).with_name("office.js")
START_SECONDS = 600
STOP_SECONDS = 600
CALL = "/xlwings/custom-functions-call"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str | None:
    """The browser's path, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def missing() -> str | None:
    """What these tests need and do not find, in words."""
    if chromium() is None:
        return "Chromium is not installed: sh tests/install_programs.sh"
    for module in ("playwright", "xlwings_server"):
        if importlib.util.find_spec(module) is None:
            return f"the Python package {module} is not installed: see tests/requirements.lock"
    return None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """The add-in's server in a process of its own, which can be stopped and started again."""

    log: Path
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "addin", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self.arguments],
                cwd=ROOT,
                env=os.environ | UNHURRIED | self.environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False


@contextlib.contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Run a server for as long as the block lasts."""
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """Run the installed Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Pane:
    """The task pane in a page, and what it did that it should not have done."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.calls: list[dict[str, Any]] = []
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.set_default_timeout(600_000)
        page.on("request", self._note_request)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("**/office.js", _stand_in)

    def open(self, *, status: str = "Functions answer") -> None:
        """Load the page and wait until its status line says something."""
        self.page.goto(f"{self.url}/taskpane.html")
        self.wait_for_status(status)

    def wait_for_status(self, text: str) -> None:
        self.page.locator("#status-text").filter(has_text=text).wait_for()

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def call(self, name: str, cells: list[Any], cell: str = "Sheet1!A1") -> dict[str, Any]:
        """Call a function as Excel would for a cell: its value, or its error."""
        answer: dict[str, Any] = self.page.evaluate(
            "([name, cells, cell]) => standIn.call(name, cells, cell)", [name, cells, cell]
        )
        return answer

    def set_model_version(self, version: str) -> None:
        """From now on the page is told another model version."""
        self.page.route(
            "**/fieldbook/version", lambda route: route.fulfill(json={"version": version})
        )
        self.page.evaluate("fieldbook.refreshVersion()")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.foreign.append(request.url)
        if request.url.endswith(CALL):
            self.calls.append({"headers": request.headers, "body": request.post_data_json})

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


def _stand_in(route: Route) -> None:
    route.fulfill(path=OFFICE, content_type="text/javascript")
