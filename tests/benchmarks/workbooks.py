"""Building, recalculating and reading the workbook, beside other programs."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from pycore.model.tables import MOST_GOODS, MOST_RESPONDENTS, RESPONSES
from workbook.file.write import write
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.sheets.layout import Placed
from workbook.show import contents
from workbook.survey.command import imported
from workbook.survey.responses import read_survey

from .native import FORMULA_COLUMN, SHEET, Native
from .office import Office, Profile
from .starts import process
from .timing import Benchmark, Timer, UnavailableError, timed

FILE = "fieldbook.xlsx"


class Files:
    """The built workbook, and a native one with as many formulas.

    Parameters
    ----------
    folder : Path
        Where to put them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.placed = sheets()
        self.data = build()
        self.built = folder / FILE
        self.built.write_bytes(self.data)
        found = read_book(self.data, FILE).sheets
        spans = [span for sheet in found for span in sheet.cells.values()]
        self.formulas = sum(span.has_formula for span in spans)
        self.native = Native(self.formulas)
        self.native_file = folder / "native.xlsx"
        self.native_file.write_bytes(self.native.data)


def build() -> bytes:
    """Build the workbook: layout, file, and every value computed."""
    return recalculate(_written(), FILE).data


def _written() -> bytes:
    """Lay out and write the workbook, as the first build of a process does."""
    sheets.cache_clear()
    return write(sheets())


def building(files: Files) -> Iterator[Benchmark]:
    """Building beside writing the same cells with XlsxWriter alone."""
    cells = sum(len(placed.cells) for placed in files.placed)
    plain = (
        f"XlsxWriter alone writing the same {cells:,} constants and formulas; "
        "no formats, names, charts or values"
    )
    other = timed(lambda: _write_plainly(files.placed))
    yield Benchmark(
        name="Build, every value computed",
        against=f"all of a build, in memory, beside {plain}",
        ours=timed(build),
        other=other,
    )
    yield Benchmark(
        name="Build, before computing",
        against="layout and file with formats, names and charts, beside the same plain write",
        ours=timed(_written),
        other=other,
    )


def _write_plainly(placed_sheets: Sequence[Placed]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    for placed in placed_sheets:
        sheet = book.add_worksheet(placed.sheet.name)
        for at in placed.cells:
            _write_cell(sheet, at.row, at.column, at.cell)
    book.close()
    return target.getvalue()


def _write_cell(sheet: Any, row: int, column: int, cell: Any) -> None:
    rows, columns = cell.block
    if cell.formula and cell.calls and cell.block != (1, 1):
        bottom, right = row + rows - 1, column + columns - 1
        sheet.write_array_formula(row, column, bottom, right, cell.formula)
    elif cell.formula:
        sheet.write_formula(row, column, cell.formula)
    elif cell.content is not None:
        sheet.write(row, column, cell.content)


def reading(files: Files) -> Iterator[Benchmark]:
    """Reading what the workbook says."""
    yield Benchmark(
        name="Read all that show --json prints",
        against="in memory, every check of the file included, beside openpyxl loading the "
        "values of the same file",
        ours=timed(lambda: contents(read_book(files.data, FILE))),
        other=timed(lambda: openpyxl.load_workbook(io.BytesIO(files.data), data_only=True)),
    )


def importing(files: Files) -> Iterator[Benchmark]:
    """Importing a survey of as many respondents and goods as there is room for."""
    answers = [
        [float((7 * row + 3 * good) % 97 + 1) for good in range(MOST_GOODS)]
        for row in range(MOST_RESPONDENTS)
    ]
    lines = [",".join(f"New {good}" for good in range(MOST_GOODS))]
    lines += [",".join(map(str, row)) for row in answers]
    data = "\n".join(lines).encode()
    yield Benchmark(
        name=f"Import a survey of {MOST_RESPONDENTS:,} x {MOST_GOODS}",
        against="in memory, read, checked, put into the built file and every value computed, "
        "beside openpyxl loading that file, setting the same cells and saving, nothing computed",
        ours=timed(lambda: imported(files.data, FILE, read_survey(data, "survey.csv"))),
        other=timed(lambda: _set_cells(files.data, answers)),
        repeats=3,
    )


def _set_cells(data: bytes, answers: Sequence[Sequence[float]]) -> None:
    place = read_book(data, FILE).places[RESPONSES]
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[place.sheet]
    for addresses, row in zip(place.rows, answers, strict=True):
        for address, answer in zip(addresses, row, strict=True):
            sheet[address] = answer
    book.save(io.BytesIO())


def beside_libreoffice(files: Files) -> Iterator[Benchmark]:
    """Recalculating beside LibreOffice doing as many native formulas."""
    profile = Profile(files.folder)
    recalculated = str(files.folder / "recalculated.xlsx")
    ours = process(["-m", "workbook", "recalc", str(files.built), "-o", recalculated, "--force"])
    if profile.python:
        yield from _through_uno(files, profile, ours)
    else:
        yield _by_converting(files, profile, ours)


def _through_uno(files: Files, profile: Profile, ours: Timer) -> Iterator[Benchmark]:
    stored = files.folder / "stored.xlsx"
    with Office(profile) as office:  # the first start makes the profile: not measured
        office.recalculate(files.native_file, stored)
        _check_stored(files, stored)
        yield Benchmark(
            name="Recalculate beside LibreOffice",
            against=f"{files.formulas} formula cells of the built file, in memory, beside "
            f"{profile.version}, already running, that loads, hard-recalculates and stores a "
            f"plain sheet of {files.formulas} native formulas",
            ours=timed(lambda: recalculate(files.data, FILE)),
            other=lambda: office.recalculate(files.native_file, stored),
            repeats=11,
        )

    def start() -> float:
        with Office(profile) as office:
            return office.start_seconds

    def start_and_recalculate() -> float:
        with Office(profile) as office:
            return office.start_seconds + office.recalculate(files.native_file, stored)

    yield Benchmark(
        name="Recalculate, start-up included",
        against="python -m workbook recalc, beside soffice from its start until that sheet is "
        "stored",
        ours=ours,
        other=start_and_recalculate,
        repeats=5,
        warm_ups=0,
    )
    yield Benchmark(
        name="Start-up alone",
        against="python -m workbook --help, beside soffice from its start until it answers",
        ours=process(["-m", "workbook", "--help"]),
        other=start,
        repeats=5,
        warm_ups=0,
    )


def _by_converting(files: Files, profile: Profile, ours: Timer) -> Benchmark:
    converted = files.folder / "converted"
    profile.convert(files.native_file, converted)
    _check_stored(files, converted / files.native_file.name)
    return Benchmark(
        name="Recalculate beside LibreOffice, start-up included",
        against=f"python -m workbook recalc ({files.formulas} formula cells), beside "
        f"{profile.version} --convert-to xlsx of a plain sheet of as many native formulas, "
        "recalculated on loading (no Python with uno here)",
        ours=ours,
        other=timed(lambda: profile.convert(files.native_file, converted)),
        repeats=5,
        warm_ups=0,
    )


def _check_stored(files: Files, stored: Path) -> None:
    if not files.native.agrees(_column(stored)):
        raise UnavailableError("LibreOffice stored other values than the equations have")


def beside_formulas(files: Files) -> Iterator[Benchmark]:
    """Recalculating beside PyPI formulas doing as many native formulas."""
    run = _quiet(_formulas_run(files))
    if not files.native.agrees(run()):
        raise UnavailableError("formulas gave other values than the equations have")
    yield Benchmark(
        name="Recalculate beside formulas (PyPI)",
        against=f"{files.formulas} formula cells of the built file in memory, stored again, "
        f"beside formulas loading and calculating the {files.formulas} native formulas, "
        "nothing stored, its import (not counted) done before",
        ours=timed(lambda: recalculate(files.data, FILE)),
        other=timed(run),
        repeats=3,
        warm_ups=0,
    )


def _formulas_run(files: Files) -> Callable[[], list[float]]:
    try:
        import formulas
    except ImportError as error:
        raise UnavailableError(f"formulas is not installed ({error})") from None

    def run() -> list[float]:
        model = formulas.ExcelModel().loads(str(files.native_file)).finish()
        found = model.calculate()
        book = f"'[{files.native_file.name}]{SHEET.upper()}'!{FORMULA_COLUMN}"
        return [float(found[f"{book}{row}"].value[0, 0]) for row in range(1, files.formulas + 1)]

    return run


def _quiet(run: Callable[[], list[float]]) -> Callable[[], list[float]]:
    """Without the progress bars of formulas."""

    def quiet() -> list[float]:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
            return run()

    return quiet


def _column(file: Path) -> list[float]:
    """The stored values of the native workbook's formulas."""
    book = openpyxl.load_workbook(file, data_only=True)
    return [float(cell.value) for cell in book[SHEET][FORMULA_COLUMN]]
