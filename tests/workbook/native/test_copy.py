"""A copy goes through other programs and comes home: its answers, and all that was edited in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.workbook import excel_limits
from tests.workbook.native.oracle import alike
from workbook.calculator import ANSWERED
from workbook.file.package import open_package
from workbook.file.write import write
from workbook.hosts import CALC, LITE, Host
from workbook.native.catalogue import natives
from workbook.native.copy import full_copy, is_reading, reading_copy
from workbook.native.form import FORM, HELPERS, full_of, may_be_copy
from workbook.read import Book, read_book
from workbook.recalc import recalculate
from workbook.sheets.parts import FIRST_AID
from workbook.sheets.stamp import AFFECTS
from workbook.stored import formulas

Run = Callable[..., tuple[int, str, str]]
Through = Callable[[Path, Path], Path]

SHEETJS = Path(__file__).parents[2] / "sheetjs"
FAR_TAIL = 1e-11
"""Gnumeric's normal distribution differs by so much where hardly anything is left of it."""


def _need(found: object, what: str) -> None:
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is not here")


def through_gnumeric(source: Path, target: Path) -> Path:
    _need(shutil.which("ssconvert"), "gnumeric (ssconvert)")
    words = ["ssconvert", "--recalc", str(source), str(target)]
    subprocess.run(words, check=True, capture_output=True)
    return target


def through_sheetjs(source: Path, target: Path) -> Path:
    _need((SHEETJS / "node_modules" / "xlsx").is_dir() and shutil.which("node"), "SheetJS")
    words = ["node", str(SHEETJS / "rewrite.cjs"), str(source), str(target)]
    subprocess.run(words, check=True, capture_output=True)
    return target


def through_openpyxl(source: Path, target: Path) -> Path:
    openpyxl.load_workbook(source).save(target)
    return target


def through_libreoffice(source: Path, target: Path) -> Path:
    _need(shutil.which("soffice"), "LibreOffice")
    folder = target.parent / "office"
    kind = "xlsx:Calc MS Excel 2007 XML"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    words = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder)]
    subprocess.run([*words, str(source)], check=True, capture_output=True)
    return folder / source.name


PROGRAMS = [
    pytest.param(through_gnumeric, id="gnumeric"),
    pytest.param(through_sheetjs, id="SheetJS"),
    pytest.param(through_openpyxl, id="openpyxl"),
    pytest.param(through_libreoffice, id="LibreOffice", marks=pytest.mark.libreoffice),
]


def differing(one: Book, other: Book, close: float = 1e-12) -> list[str]:
    """The names under which two files hold different values."""
    found = []
    for name in one.places:
        rows = zip(one.values(name), other.values(name), strict=True)
        pairs = [pair for row in rows for pair in zip(*row, strict=True)]
        if not all(_same(*pair, close) for pair in pairs):
            found.append(name)
    return found


def _same(one: Any, other: Any, close: float) -> bool:
    return one == other or {one, other} <= {None, ""} or alike(other, one, close)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("through", PROGRAMS)
def test_a_copy_comes_home_through_other_programs(
    copy: bytes, built: bytes, tmp_path: Path, through: Through
) -> None:
    source = tmp_path / "copy.xlsx"
    source.write_bytes(copy)
    data = through(source, tmp_path / "other.xlsx").read_bytes()
    if through is not through_openpyxl:  # which keeps no values
        own = read_book(copy, "copy")
        shown = read_book(data, "other")
        native = {name for name, _, _ in natives().cells}
        assert not native & {*differing(own, shown, FAR_TAIL)}
    done = recalculate(full_copy(data, "other"), "other")
    assert not [note for note in done.notes if "shows #" in note or "of its own" in note]
    assert not differing(read_book(built, "built"), read_book(done.data, "home"))


def test_a_copy_has_nothing_of_the_functions_left(copy: bytes) -> None:
    package = open_package(copy, "copy")
    sheets = b"".join(each for part, each in package.parts.items() if "worksheets/sheet" in part)
    assert b"_xldudf_" not in sheets
    assert not [part for part in package.parts if "webextension" in part or "vba" in part]
    book = read_book(copy, "copy")
    assert is_reading(book)
    assert {HELPERS, FORM} <= book.names.keys()
    assert not excel_limits.faults(copy)


def test_what_was_edited_in_a_copy_is_in_the_full_workbook(
    copy: bytes, tmp_path: Path, run: Run
) -> None:
    file = tmp_path / "copy.xlsx"
    file.write_bytes(copy)
    book = openpyxl.load_workbook(file)
    place = read_book(copy, "copy").places
    book["Assumptions"][place["marginal_cost"].first] = 24_000
    book["Assumptions"][place["marginal_cost_source"].first] = "The accounts of 2026"
    book.create_sheet("Mine")["A1"] = "=marginal_cost*2"
    book.save(file)
    status, out, err = run("recalc", file)
    assert status == 0, err
    assert "is a full workbook again" in err
    home = read_book(file.read_bytes(), "home")
    assert not is_reading(home)
    assert home.value("cost_multiple") == pytest.approx(100_000 / 24_000, rel=1e-15)
    assert home.value("marginal_cost_source") == "The accounts of 2026"
    assert home.cell("Mine", "A1") == 48_000
    assert "24,000" not in out


def test_a_formula_of_a_persons_own_stays_in_the_copy_and_at_home(
    built: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "own.xlsx"
    file.write_bytes(built)
    book = openpyxl.load_workbook(file)
    place = read_book(built, "built").places["adjusted_multiple"]
    book[place.sheet][place.first] = "=marginal_value/marginal_cost/2"
    book.save(file)
    done = reading_copy(file.read_bytes(), "own")
    assert any("adjusted_multiple" in note for note in done.notes)
    for data in (done.data, full_copy(done.data, "own")):
        held = read_book(data, "copy")
        span = held.sheet_of("adjusted_multiple").cells[held.places["adjusted_multiple"].first]
        assert span.formula == "marginal_value/marginal_cost/2"


@pytest.mark.parametrize("host", [LITE, CALC], ids=lambda host: host.name)
def test_a_copy_of_any_form_becomes_that_form_again(
    host: Host, fewest: dict[str, float | str]
) -> None:
    first = recalculate(write(host.sheets(), host), host.name, fewest).data
    copied = reading_copy(first, host.name).data
    parts = open_package(copied, "copy").parts
    assert not [part for part in parts if "webextension" in part]
    assert b"FIELDBOOK.ADDIN" not in b"".join(parts.values())
    home = recalculate(full_copy(copied, "copy"), "home").data
    assert open_package(home, "home").parts.keys() == open_package(first, "first").parts.keys()
    assert formulas_of(home) == formulas_of(first)
    own = {FIRST_AID, AFFECTS}  # which say of a copy what is true of a copy
    assert {*differing(read_book(first, "first"), read_book(copied, "copy"))} == own


def formulas_of(data: bytes) -> dict[str, dict[str, str]]:
    """Every formula of a file."""
    return {sheet.name: formulas(sheet) for sheet in read_book(data, "file").sheets}


def test_build_makes_a_copy_and_set_a_full_workbook_of_it(tmp_path: Path, run: Run) -> None:
    ANSWERED.clear()
    file = tmp_path / "reading.xlsx"
    status, out, err = run("build", "--reading", file)
    assert status == 0, err
    assert "they follow every edit without functions" in out
    assert is_reading(read_book(file.read_bytes(), "reading"))
    status, out, err = run("show", file)
    assert status == 0
    assert "4-5x" in out
    assert err == ""
    status, out, err = run("set", file, "marginal_cost=30000", "marginal_cost.high=35000")
    assert status == 0, err
    assert not is_reading(read_book(file.read_bytes(), "full"))


def test_only_what_names_its_cells_is_taken_for_a_copy(copy: bytes, built: bytes) -> None:
    assert may_be_copy(copy)
    for other in (built, b"", b"PK", copy[: len(copy) // 2]):
        assert not may_be_copy(other)
        assert full_of(other, "other") is other
