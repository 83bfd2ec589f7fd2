"""Every function and every result of the workbook, host by host, as tests/hosts.md shows it."""

from __future__ import annotations

import os

import pytest

from tests.addin.calc_host import Home, MissingError
from tests.addin.server import process as server_process
from tests.host_table import DIFFERS, HOSTS, PAGE, SAME, markdown, table

server_process.require()

SAME_NUMPY = ("the cells", "xlwings Server", "xlwings Lite")


@pytest.fixture(name="rows", scope="module")
def _rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    folder = tmp_path_factory.mktemp("hosts")
    try:
        Home(folder / "probe")
    except MissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    return table(folder)


@pytest.mark.libreoffice
def test_no_host_differs(rows: dict[str, dict[str, str]]) -> None:
    assert not [name for name, states in rows.items() if DIFFERS in states.values()]
    assert all(set(HOSTS) <= set(states) for states in rows.values())


@pytest.mark.libreoffice
def test_with_the_same_numpy_the_last_digit_is_the_same(rows: dict[str, dict[str, str]]) -> None:
    found = {states[host] for states in rows.values() for host in SAME_NUMPY if host in states}
    assert found == {SAME}


@pytest.mark.libreoffice
def test_the_page_shows_this_table(rows: dict[str, dict[str, str]]) -> None:
    shown = PAGE.read_text(encoding="utf-8")
    assert _names(shown) == _names(markdown(rows))
    assert DIFFERS not in shown


def _names(page: str) -> list[str]:
    return [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
