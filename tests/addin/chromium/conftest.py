"""What the tests in Chromium share. Without Chromium they are skipped, but not in CI."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.addin.chromium.harness import Pane, Server, browsing, missing, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def _everything_needed() -> None:
    if lack := missing():
        if os.environ.get("CI"):
            pytest.fail(lack)
        pytest.skip(lack)


@pytest.fixture(scope="module")
def server(_everything_needed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server, the same for all tests of a module."""
    with serving(Server(tmp_path_factory.mktemp("server") / "log")) as running:
        yield running


# Not longer than a module: while it runs, no other test may use asyncio.
@pytest.fixture(scope="module")
def browser(_everything_needed: None) -> Iterator[Browser]:
    with browsing() as running:
        yield running


@contextlib.contextmanager
def _profile(browser: Browser, server: Server) -> Iterator[Pane]:
    context = browser.new_context(
        viewport={"width": 350, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    try:
        yield Pane(context.new_page(), server.url)
    finally:
        context.close()


@pytest.fixture
def new_pane(browser: Browser, server: Server) -> Iterator[Pane]:
    """A task pane not opened yet, in a profile of its own."""
    with _profile(browser, server) as made:
        yield made


@pytest.fixture
def pane(new_pane: Pane) -> Pane:
    """An open task pane whose functions answer, in a profile of its own."""
    new_pane.open()
    return new_pane


@pytest.fixture(scope="module")
def shared_pane(browser: Browser, server: Server) -> Iterator[Pane]:
    """An open task pane for tests that leave nothing behind which another could see."""
    with _profile(browser, server) as made:
        made.open()
        yield made
