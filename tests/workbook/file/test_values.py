"""The values of cells, beside what openpyxl reads of the same file."""

from __future__ import annotations

import datetime
import io
import warnings
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from pycore import InputError
from workbook.file.package import open_package
from workbook.file.patch import CellSpan, SheetCells, find_cells
from workbook.file.values import CellValues, date_styles, texts_of
from workbook.read import Book

SHEET = "xl/worksheets/sheet1.xml"


def written() -> bytes:
    """A sheet with a cell of every kind."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Own")
        day, time = (book.add_format({"num_format": each}) for each in ("yyyy-mm-dd", "[h]:mm"))
        sheet.write_column(0, 0, [1, 2.5, -3e-300, 1e300, 12345678901])
        sheet.write_column(0, 1, ["plain", "", " spaced ", "_x0041_", "a\tb\nc", "Ünï"])
        sheet.write_datetime(0, 2, datetime.datetime(2026, 2, 28, 12, 30), day)
        sheet.write_number(1, 2, 1.5, time)
        sheet.write_number(2, 2, 0, day)
        sheet.write_number(3, 2, 1e9, day)  # beyond the calendar
        sheet.write_boolean(0, 3, True)
        sheet.write_rich_string(1, 3, "half ", day, "and half")
        sheet.write_formula(0, 4, '="x"&"y"', None, "xy")
        sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 4, '=""', None, "")
        sheet.write_blank(3, 4, None, day)
    return target.getvalue()


def read(data: bytes, first_year: str = "1900") -> Book:
    package = open_package(data, "file.xlsx")
    cells = find_cells(package.parts[SHEET], SHEET)
    return Book("file.xlsx", package, [SheetCells("Own", SHEET, cells)], {}, first_year)


def test_every_kind_of_cell_is_what_openpyxl_reads() -> None:
    book = read(written())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the date beyond the calendar
        theirs: Any = openpyxl.load_workbook(io.BytesIO(written()), data_only=True)["Own"]
    assert len(book.sheets[0].cells) > 15
    for address in book.sheets[0].cells:
        held, expected = book.cell("Own", address), theirs[address].value
        if address == "B4":
            expected = "_x0041_"  # whose escape openpyxl leaves as it stands in the file
        assert (type(held), held) == (type(expected), expected), address
    assert book.cell("Own", "Z99") is None
    # A text without letters is one, though openpyxl sees nothing there.
    assert CellValues(list, dict, "1900").of(CellSpan("A1", 0, {"t": "str"})) == ""


def test_dates_that_begin_in_1904_are_those_of_openpyxl() -> None:
    late = read(written(), "1904").cell("Own", "C1")
    assert late - read(written()).cell("Own", "C1") == datetime.timedelta(days=1462)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<t>one</t>", "one"),
        ("<r><t>one </t></r><r><rPr/><t>two</t></r>", "one two"),
        ('<t>kanji</t><rPh sb="0" eb="1"><t>how it is read</t></rPh>', "kanji"),
        ("<t>_x0041_</t>", "A"),
        ("<t/>", ""),
    ],
)
def test_texts_without_how_they_look_or_are_read(inside: str, text: str) -> None:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    inline = f'<c r="A1" t="inlineStr"><is>{inside}</is></c>'
    sheet = f'<worksheet xmlns="{space}"><sheetData><row>{inline}</row></sheetData></worksheet>'
    values = CellValues(list, dict, "1900")
    assert values.of(find_cells(sheet.encode(), "part")["A1"]) == text
    (shared,) = texts_of(f'<sst xmlns="{space}"><si>{inside}</si></sst>'.encode())
    shared_values = CellValues(lambda: [shared], dict, "1900")
    assert shared_values.of(CellSpan("A1", 0, {"t": "s"}, value="0")) == text


def test_the_styles_of_dates() -> None:
    styles = open_package(written(), "file.xlsx").parts["xl/styles.xml"]
    assert sorted(date_styles(styles).values()) == ["[h]:mm", "yyyy-mm-dd"]


@pytest.mark.parametrize(
    ("kind", "value"), [("s", "9"), ("s", "x"), ("n", "seven"), ("b", "yes"), ("d", "soon")]
)
def test_a_damaged_cell_is_named(kind: str, value: str) -> None:
    book = read(written())
    span = CellSpan("A1", 0, {"t": kind}, value=value)
    damaged = Book("file.xlsx", book.package, [SheetCells("Own", SHEET, {"A1": span})], {})
    with pytest.raises(InputError, match=r"^file\.xlsx: Own!A1 must hold a value, but is damaged"):
        damaged.cell("Own", "A1")
