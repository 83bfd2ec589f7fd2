"""Every function and every result of the workbook, host by host, as tests/hosts.md shows it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.addin.calc_host import Home, MissingError
from tests.addin.server import process as server_process
from tests.host_table import DIFFERS, FEWEST, HOSTS, PAGE, SAME, markdown, seen, table
from tests.pyodide import runtime

server_process.require()

SAME_NUMPY = ("the cells", "xlwings Server", "Windows desktop")


@pytest.mark.libreoffice
def test_no_host_differs_and_the_page_says_so(tmp_path: Path) -> None:
    try:
        Home(tmp_path / "probe")
    except MissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    runtime.require()
    rows, screens = table(tmp_path, FEWEST), seen(tmp_path, FEWEST)
    assert [set(states.values()) for states in screens.values()] == [{SAME}] * len(screens)
    assert not [name for name, states in rows.items() if DIFFERS in states.values()]
    assert all(set(HOSTS) <= set(states) for states in rows.values())
    # With the same numpy the last digit is the same.
    assert {states[host] for states in rows.values() for host in SAME_NUMPY if host in states} == {
        SAME
    }
    shown = PAGE.read_text(encoding="utf-8")
    made = markdown(rows, screens)
    differing = set(_names(shown)) ^ set(_names(made))
    assert not differing, f"tests/hosts.md is old: python -m tests.host_table ({differing})"
    assert _around(shown) == _around(made), "tests/hosts.md is old: python -m tests.host_table"
    assert DIFFERS not in shown


def _around(page: str) -> list[str]:
    """What the page says of its tables, and the hosts that they are of."""
    return [line for line in page.splitlines() if not line.startswith("| `")]


def _names(page: str) -> list[str]:
    return [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
