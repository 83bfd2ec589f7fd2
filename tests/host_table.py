"""The table of hosts: every function, result and block of the workbook, host by host.

``python -m tests.host_table`` writes it to tests/hosts.md.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from xlsxwriter.utility import xl_col_to_name

from addin.calc import calc_stored_name, write_extension
from addin.functions import Function, find, functions
from pycore.errors import REFUSED
from pycore.model.published import CHECKS
from pycore.model.whole import whole
from pycore.nodes import Result
from tests.addin.calc_host import Calc, Home, OfficeError
from tests.addin.desktop_host import area, ask_desktop
from tests.addin.lite_host import ask_lite
from tests.addin.server import process as server_process
from tests.shown import Cells, different, on_screen, stored
from workbook.file.write import write
from workbook.formulas import defined_name, taken
from workbook.hosts import CALC
from workbook.read import Book, read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.sheets.parts import block_name

PAGE = Path(__file__).with_name("hosts.md")
HEADER = """\
# The same numbers in each host

Each function's documented example, and each result, block and sentence of the workbook before and
after some inputs are edited, compared with what Python computes: the workbook's cells, a running
xlwings Server over HTTP, the Lite module in Pyodide, the desktop module through what xlwings does
with cells on Windows (each number as in a cell with a currency format), and LibreOffice through
UNO. "same" is to the last digit; Pyodide and LibreOffice bring an older numpy.
`python -m tests.host_table` writes this page.

"""
SEEN_HEADER = """
# What a person sees in LibreOffice

Every computed cell of each sheet, sentences included, compared with what `recalc` stores for the
same inputs: the workbook for LibreOffice is opened with the extension installed, inputs are typed,
and taken back. Nobody recalculates by hand. "same" is to 1e-9.

"""

Rows = list[list[Any]]
Call = tuple[Function, list[Rows]]
Host = Callable[[list[Call]], list[Rows]]

FEWEST: dict[str, float | str] = {"replicates": 20, "simulation_draws": 256}
EDIT: dict[str, float | str] = {
    "value_per_researcher": 120_000.0,
    "selection_validity": 0.4,
    "offset": 10.0,
}
"""What is edited before the results are compared a second time."""

SAME, NEARLY, DIFFERS = "same", "same to 1e-11", "differs"
NOT_IN_CELLS = "-"
OPENED, TYPED, UNDONE = "after opening", "after typing", "after taking it back"
NEAR = 1e-11
"""A unit in the 12th digit: what is rounded to as many may be rounded either way."""


def calls(books: list[Book]) -> dict[str, list[Call]]:
    """What is computed: each function's example, and what the cells hold before and after edits."""
    made = {
        each.excel_name: [(each, server_process.example(each))] for each in functions().values()
    }
    for book in books:
        for result in computed():
            arguments = [book.values(taken(name)) for name in result.arguments]
            made.setdefault(result.id, []).append((find(result.function.__name__), arguments))
    return made


@cache
def computed() -> tuple[Result, ...]:
    """Every result that a formula of the workbook computes from named cells."""
    checks = {check.name for check in CHECKS}
    return tuple(
        each for each in whole().results if each.formula == "call" and each.id not in checks
    )


def computed_in_workbooks(books: list[Book]) -> dict[str, list[Rows]]:
    """What the cells of the workbook hold for each result and block, before and after the edit."""
    held: dict[str, list[Rows]] = {}
    for book in books:
        for result in computed():
            name = block_name(result.id) if block_name(result.id) in book.places else result.id
            held.setdefault(result.id, []).append(book.values(name))
    return held


def in_process(wanted: list[Call]) -> list[Rows]:
    """The functions called here."""
    answers = (each.call(*arguments) for each, arguments in wanted)
    return [answer if isinstance(answer, list) else [[answer]] for answer in answers]


@contextmanager
def on_server(folder: Path) -> Iterator[Host]:
    """A running xlwings Server, asked over HTTP as Excel's client asks it."""
    with (
        server_process.running(folder) as server,
        httpx.Client(base_url=server.url, timeout=server_process.PATIENCE) as client,
    ):

        def ask(wanted: list[Call]) -> list[Rows]:
            found = []
            for each, arguments in wanted:
                body = server_process.body(each.name.lower(), arguments)
                answer = client.post(server_process.CALL, json=body)
                answer.raise_for_status()
                found.append(answer.json()["result"])
            return found

        yield ask


@contextmanager
def in_lite(_: Path) -> Iterator[Host]:
    """The module for xlwings Lite in Pyodide, as Lite calls it."""
    yield lambda wanted: ask_lite([(each, list(cells)) for each, cells in wanted])["answers"]


@contextmanager
def on_desktop(_: Path) -> Iterator[Host]:
    """The module for a Windows desktop, behind xlwings' own conversion of cells."""

    def ask(wanted: list[Call]) -> list[Rows]:
        calls = [
            (f"field_{each.name.lower()}", [area(rows, money=True) for rows in arguments])
            for each, arguments in wanted
        ]
        return [
            [[REFUSED if isinstance(cell, dict) else cell for cell in row] for row in rows]
            for rows in ask_desktop(calls)["answers"]
        ]

    yield ask


@cache
def calc_home(folder: Path) -> Home:
    """A profile of LibreOffice with the extension."""
    home = Home(folder)
    extension = folder / "fieldbook.oxt"
    write_extension(extension)
    home.extensions("add", extension)
    return home


@contextmanager
def in_libreoffice(folder: Path) -> Iterator[Host]:
    """LibreOffice with the extension, through UNO."""
    home = calc_home(folder)

    def ask(wanted: list[Call]) -> list[Rows]:
        here = in_process(wanted)
        with Calc(home) as office:
            office.open("private:factory/scalc")
            return [
                _one_sheet(office, call, answer) for call, answer in zip(wanted, here, strict=True)
            ]

    def ask_again(wanted: list[Call]) -> list[Rows]:
        """LibreOffice 7.4 has been seen to end in the middle; a fresh one then answers."""
        try:
            return ask(wanted)
        except OfficeError:
            return ask(wanted)

    yield ask_again


def _one_sheet(office: Any, call: Call, answer: Rows) -> Rows:
    """Put the arguments on an empty sheet, and read the block that the function fills there."""
    each, arguments = call
    office.clear()
    addresses, top = [], 1
    for rows in arguments:  # one below the other, since some are wide and some are high
        first, last = f"A{top}", f"{xl_col_to_name(len(rows[0]) - 1)}{top + len(rows) - 1}"
        office.put(first, rows)
        addresses.append(first if first == last else f"{first}:{last}")
        top += len(rows)
    beside = max((len(rows[0]) for rows in arguments), default=0) + 1
    last = f"{xl_col_to_name(beside + len(answer[0]) - 1)}{len(answer)}"
    block = f"{xl_col_to_name(beside)}1:{last}"
    office.array(block, f"={calc_stored_name(each.name)}({';'.join(addresses)})")
    office.recalculate()
    found: Rows = office.read(block)
    return found


HOSTS: dict[str, Callable[[Path], Any]] = {
    "xlwings Server": on_server,
    "xlwings Lite": in_lite,
    "Windows desktop": on_desktop,
    "LibreOffice": in_libreoffice,
}


def table(folder: Path, settings: dict[str, float | str]) -> dict[str, dict[str, str]]:
    """Compare every host with what this process computes.

    Parameters
    ----------
    folder : Path
        For what the hosts need; a folder each.
    settings : dict
        How many drafts and draws to simulate, where not as many as a new workbook does.

    Returns
    -------
    dict
        By function or result, then by host: how the host's answer compares.
    """
    books = [
        read_book(recalculate(write(sheets()), "built", changes).data, "built")
        for changes in (settings, {**FEWEST, **EDIT})
    ]
    wanted = calls(books)
    flat = [call for each in wanted.values() for call in each]
    expected = in_process(flat)
    rows: dict[str, dict[str, str]] = {name: {} for name in wanted}
    held = computed_in_workbooks(books)
    places = _places(wanted)
    for name, cells in held.items():
        rows[name]["the cells"] = _compare(cells, [expected[at] for at in places[name]])
    for host, start in HOSTS.items():
        with ExitStack() as stack:
            home = folder / host.replace(" ", "-").lower()
            home.mkdir(exist_ok=True)
            answers = stack.enter_context(start(home))(flat)
        for name, at in places.items():
            rows[name][host] = _compare(
                [answers[place] for place in at], [expected[place] for place in at]
            )
    return rows


def seen(folder: Path, settings: dict[str, float | str]) -> dict[str, dict[str, str]]:
    """Compare what LibreOffice shows while a person works with what is stored here.

    Parameters
    ----------
    folder, settings
        As :func:`table` takes them.

    Returns
    -------
    dict
        By sheet, then by what the person did last: "same", or the cells that differ.
    """
    sheets = CALC.sheets()
    built = recalculate(write(sheets, CALC), "built", settings).data
    edited = recalculate(built, "built", EDIT).data
    before, after = (stored(read_book(each, "built"), sheets) for each in (built, edited))
    places, path = read_book(built, "built").places, folder / "seen.xlsx"
    path.write_bytes(built)
    home = folder / "libreoffice"
    home.mkdir(exist_ok=True)
    rows: dict[str, dict[str, str]] = {}
    with Calc(calc_home(home)) as office:
        office.open(path.as_uri(), False)
        _look(rows, OPENED, on_screen(office, sheets), before)
        for name, value in EDIT.items():
            place = places[defined_name(name)]
            office.enter(f"{place.sheet}!{place.first}", str(value))
        _look(rows, TYPED, on_screen(office, sheets), after)
        for _ in EDIT:
            office.undo()
        _look(rows, UNDONE, on_screen(office, sheets), before)
    return rows


def _look(rows: dict[str, dict[str, str]], when: str, found: Cells, expected: Cells) -> None:
    wrong = different(found, expected)
    for sheet in dict.fromkeys(sheet for sheet, _ in expected):
        cells = [address for where, address in wrong if where == sheet]
        rows.setdefault(sheet, {})[when] = f"{DIFFERS}: {', '.join(cells)}" if cells else SAME


def _places(wanted: dict[str, list[Call]]) -> dict[str, list[int]]:
    places, at = {}, 0
    for name, each in wanted.items():
        places[name] = list(range(at, at + len(each)))
        at += len(each)
    return places


def _compare(found: list[Rows], expected: list[Rows]) -> str:
    if found == expected:
        return SAME
    pairs = [
        (one, other)
        for block, wanted in zip(found, expected, strict=True)
        for row, wanted_row in zip(block, wanted, strict=True)
        for one, other in zip(row, wanted_row, strict=True)
    ]
    return NEARLY if all(_near(*pair) for pair in pairs) else DIFFERS


def _near(found: Any, expected: Any) -> bool:
    if isinstance(found, float | int) and isinstance(expected, float | int):
        return math.isclose(found, expected, rel_tol=NEAR)
    return bool(found == expected)


def markdown(rows: dict[str, dict[str, str]], screens: dict[str, dict[str, str]]) -> str:
    """Write the page.

    Parameters
    ----------
    rows : dict
        What :func:`table` gave.
    screens : dict
        What :func:`seen` gave.

    Returns
    -------
    str
    """
    tables = (
        _table("function or result", ["the cells", *HOSTS], rows),
        _table("sheet", [OPENED, TYPED, UNDONE], screens),
    )
    return HEADER + tables[0] + SEEN_HEADER + tables[1]


def _table(first: str, columns: list[str], rows: dict[str, dict[str, str]]) -> str:
    lines = [f"| {first} | {' | '.join(columns)} |", f"| --- |{' --- |' * len(columns)}"]
    lines += [
        f"| `{name}` | {' | '.join(states.get(column, NOT_IN_CELLS) for column in columns)} |"
        for name, states in rows.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        page = markdown(table(Path(scratch), {}), seen(Path(scratch), {}))
        PAGE.write_text(page, encoding="utf-8")
