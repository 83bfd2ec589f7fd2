"""What the tests of publishing share: a page as a browser sees it, and the browser."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from lxml import html

from tests.addin.chromium.harness import browsing, chromium
from workbook.publishing.page import page
from workbook.publishing.told import Told
from workbook.read import read_book

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MADE = datetime.datetime(2026, 11, 27, 18, 5, tzinfo=datetime.UTC)


@pytest.fixture(scope="session")
def page_of() -> Callable[[bytes], str]:
    """Give the page of a workbook."""
    return lambda data: page(Told(read_book(data, "book.xlsx")), data, "book.xlsx", MADE)


@pytest.fixture(scope="session")
def written(built: bytes, page_of: Callable[[bytes], str]) -> str:
    """The page of a new workbook."""
    return page_of(built)


@pytest.fixture
def tree(written: str) -> html.HtmlElement:
    """It as a parser of HTML reads it."""
    return html.document_fromstring(written)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium; not longer than a module, as nothing else may use asyncio meanwhile."""
    if chromium() is None:
        lack = "Chromium is not installed: sh tests/install_programs.sh"
        if os.environ.get("CI"):
            pytest.fail(lack)
        pytest.skip(lack)
    with browsing() as running:
        yield running
