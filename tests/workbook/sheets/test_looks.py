"""What a sheet shows of inputs that do not count, and of figures that cannot be computed."""

from __future__ import annotations

import io

import openpyxl

from workbook.read import Book, read_book
from workbook.recalc import recalculate
from workbook.sheets.assumptions import NOT_USED


def _changed(built: bytes, **changes: float | str) -> Book:
    return read_book(recalculate(built, "built", changes).data, "built")


def _row_of(book: Book, name: str, column: str) -> object:
    return book.cell("Assumptions", f"{column}{book.places[name].first.strip('ABCD')}")


def test_the_ends_of_a_fixed_value_are_struck_where_they_do_not_hold_it(built: bytes) -> None:
    book = _changed(built, window_years=100.0)
    assert book.value("window_years_warning") == NOT_USED
    assert [book.value(f"window_years_{end}") for end in ("low", "high")] == [10, 10]
    assert read_book(built, "built").value("window_years_warning") == "fits"
    sheet = openpyxl.load_workbook(io.BytesIO(built))["Assumptions"]
    struck = {
        str(each.sqref)[0]: rule.formula[0]
        for each in sheet.conditional_formatting
        for rule in each.rules
        if rule.dxf and rule.dxf.font and rule.dxf.font.strike
    }
    first = str(struck["B"]).partition("=")[0]
    assert first.startswith("$M")
    assert struck == dict.fromkeys("BD", f'{first}="{NOT_USED}"')


def test_what_changed_of_a_row_is_named(built: bytes) -> None:
    parts: dict[str, float | str] = {"offset.distribution": "pert", "marginal_cost.high": 26_000.0}
    book = read_book(recalculate(built, "built", parts).data, "built")
    assert _row_of(book, "offset", "G") == "distribution changed"
    assert _row_of(book, "marginal_cost", "G") == "range changed"


def test_the_summary_says_which_simulated_figures_are_missing(built: bytes) -> None:
    assert read_book(built, "built").value("simulated_missing") in (None, "")
    assert _changed(built, window_years=100.0).value("simulated_missing") == "Uncertainty"
    found = _changed(built, sensitivity_outcome="exit_year")
    assert found.value("simulated_missing") == "Sensitivity"
