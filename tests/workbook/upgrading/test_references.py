"""Formulas of a person's: what they refer to, before and now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbook.upgrading.conftest import golden
from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.read import read_book
from workbook.upgrading.old import read_old, with_notes
from workbook.upgrading.references import References


@pytest.fixture(scope="module")
def references() -> References:
    """Of the first schema, with a sheet and a name of a person's own."""
    new = with_notes(read_book(write(SERVER.sheets()), "new"))
    old = read_old(golden(1).read_bytes(), "old")
    return References(old, new, {"Mine": "Mine", "Our list": "Our list (2)"}, {"factor"})


@pytest.fixture(scope="module")
def named(opened: Callable[..., Any]) -> dict[str, tuple[str, str]]:
    """By name: where it stands, before and now, as openpyxl reads it."""
    books = [opened(golden(1)), opened(golden(3))]
    return {
        name: tuple(book.defined_names[name].attr_text for book in books)
        for name in books[0].defined_names
        if name in books[1].defined_names
    }


@given(st.data())
def test_a_cell_with_a_name_is_followed_by_its_address(
    references: References, named: dict[str, tuple[str, str]], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(n for n in named if ":" not in named[n][0])))
    before, now = named[name]
    fixed = data.draw(st.booleans())
    written = f"2*{before if fixed else before.replace('$', '')}+1"
    expected = f"2*{now if fixed else now.replace('$', '')}+1"
    assert references.rewritten(written, "Mine") == expected
    # On the sheet of the cell itself it needs no name of the sheet.
    sheet, _, address = before.rpartition("!")
    assert references.rewritten(f"2*{address}+1", sheet.strip("'")) == f"2*{now}+1"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("marginal_cost*2", "marginal_cost*2"),
        ("A1+$B$2+Mine!C3", "A1+$B$2+C3"),
        ("SUM('Our list'!A:A)", "SUM('Our list (2)'!A:A)"),
        ("factor*Sums[Twice]", "factor*Sums[Twice]"),
        ("SUM(Sums[[#This Row],[Sum]])", "SUM(Sums[[#This Row],[Sum]])"),
        ("LET(x,1,x+Mine!A1)", "LET(x,1,x+A1)"),
        ('IF(A1="Cost!B7","a","b")', 'IF(A1="Cost!B7","a","b")'),
        ("_xldudf_FIELD_COST_MULTIPLE(1,2)", "_xldudf_FIELD_COST_MULTIPLE(1,2)"),
        ("_xldudf_FIELD_OF_YESTERDAY(1,2)", None),
        ("good_chart_above", None),
        ("tornado_labels", None),
        ("Cost!A1", None),
        ("SUM(Cost!A:A)", None),
        ("SUM(Cost!A1:K99)", None),
        ("[1]Sheet1!A1", None),
        ("'[1]Sheet 1'!A1", None),
        ("'Nowhere'!A1", None),
        ("#REF!+1", "#REF!+1"),
    ],
)
def test_what_can_be_followed(references: References, formula: str, expected: str | None) -> None:
    assert references.rewritten(formula, "Mine") == expected


def test_a_range_is_followed_as_long_as_its_cells_stay_together(references: References) -> None:
    # The first three assumptions stand below each other in both, in other places.
    assert references.rewritten("SUM(Assumptions!C6:C8)", "Mine") == "SUM(Assumptions!C6:C8)"
    assert references.rewritten("SUM(Assumptions!B6:D8)", "Mine") == "SUM(Assumptions!B6:D8)"
    moved = references.rewritten("Assumptions!O6&Assumptions!M6", "Mine")
    assert moved == "Assumptions!O6&Assumptions!I6"
    # What goes over the name of a group has a cell of nobody's within.
    assert references.rewritten("SUM(Assumptions!C6:C20)", "Mine") is None
