"""The formula engine: values for every formula, errors with reasons, arrays as blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pycore import InputError
from workbook.engine import Engine
from workbook.file.patch import CellError, CellSpan
from workbook.read import read_book
from workbook.recognise import recognise
from workbook.stored import filled_by
from workbook.trust import trust

AddSheet = Callable[..., bytes]


def engine_of(data: bytes) -> Engine:
    book = read_book(data, "file")
    recognised = recognise(book)
    return Engine(book, recognised, trust(book, recognised))


def own(built: bytes, add_sheet: AddSheet, *cells: str) -> Engine:
    rows = "".join(f'<row r="{row}">{cell}</row>' for row, cell in enumerate(cells, start=1))
    return engine_of(add_sheet(built, rows))


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1+1", 2),
        ('"a"&amp;"b"', "ab"),
        ("1=1", True),
        ("1/0", CellError("#DIV/0!")),
        ("NA()", CellError("#N/A")),
        ('"a"*1', CellError("#VALUE!")),
        ("SQRT(-1)", CellError("#NUM!")),
        ("_xldudf_FIELD_QUOTE(4,5)", "4-5x"),
        ("_xldudf_field_quote(4,5)", "4-5x"),
        ("_xldudf_FIELD_QUOTE(5,4)", CellError("#VALUE!")),
        ("DATE(2026,1,2)", 46024),
        ("marginal_cost*2", 45_000),
        ("MARGINAL_COST*2", 45_000),
    ],
)
def test_values(built: bytes, add_sheet: AddSheet, formula: str, value: Any) -> None:
    found = own(built, add_sheet, f'<c r="A1"><f>{formula}</f></c>').value("Mine", "A1")
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


def test_a_blank_cell_is_blank(built: bytes, add_sheet: AddSheet) -> None:
    engine = own(built, add_sheet, '<c r="A1"/>')
    assert engine.value("Mine", "A1") is None
    assert engine.value("Mine", "Z99") is None


def test_old_values_inside_an_array_are_not_in_its_way(built: bytes, add_sheet: AddSheet) -> None:
    block = '<f t="array" ref="A1:A2">_xldudf_FIELD_COST_MULTIPLE(C1:C2,2)</f><v>9</v>'
    engine = own(
        built,
        add_sheet,
        f'<c r="A1">{block}</c><c r="C1"><v>4</v></c>',
        '<c r="A2"><v>8</v></c><c r="C2"><v>6</v></c>',
    )
    assert [engine.value("Mine", address) for address in ("A1", "A2")] == [2, 3]
    *_, values = engine.evaluation().values.values()
    assert values == {"A1": 2, "A2": 3}


def test_a_blank_argument_is_named_and_not_taken_for_nil(built: bytes, add_sheet: AddSheet) -> None:
    engine = own(built, add_sheet, '<c r="A1"><f>_xldudf_FIELD_NET_SAFETY(1,C1,1,0,0,0)</f></c>')
    found = engine.evaluation()
    assert engine.value("Mine", "A1") == CellError("#VALUE!")
    (error,) = found.errors
    assert error[:3] == ("Mine", "A1", "#VALUE!")
    assert error[3].startswith("NET_SAFETY: added_capabilities must")
    assert error[3].endswith("but is blank")


def test_an_error_fills_the_whole_array_as_in_a_spreadsheet(
    built: bytes, add_sheet: AddSheet
) -> None:
    block = '<f t="array" ref="A1:B1">_xldudf_FIELD_COST_MULTIPLE_RANGE(-1,1,2)</f><v>0</v>'
    quotes = (
        '<f t="array" ref="A3:B3">_xldudf_FIELD_DISCOUNTED_QUOTE_RANGE(1,2,B1,0,0.8)</f><v>0</v>'
    )
    engine = own(
        built,
        add_sheet,
        f'<c r="A1">{block}</c><c r="B1"><v>2</v></c>',
        '<c r="A2"><f>B1+1</f></c><c r="B2"><f>IFERROR(B1,"none")</f></c>',
        f'<c r="A3">{quotes}</c><c r="B3"><v>3</v></c>',
    )
    error = CellError("#VALUE!")
    found = [engine.value("Mine", address) for address in ("A1", "B1", "A2", "B2", "A3", "B3")]
    assert found == [error, error, error, "none", error, error]
    # Each array is told of once, with its reason.
    told = {address: reason for _, address, _, reason in engine.evaluation().errors}
    assert list(told) == ["A1", "A2", "A3"]
    assert told["A1"].startswith("COST_MULTIPLE_RANGE: value must")


def test_an_error_in_one_cell_of_an_array_stays_there(built: bytes, add_sheet: AddSheet) -> None:
    block = '<f t="array" ref="A1:C1">_xldudf_FIELD_COST_MULTIPLE(A2:C2,2)</f><v>0</v>'
    row = '<c r="A2"><v>-1</v></c><c r="B2"><v>4</v></c><c r="C2"><v>-1</v></c>'
    engine = own(built, add_sheet, f'<c r="A1">{block}</c>', row)
    error = CellError("#VALUE!")
    assert [engine.value("Mine", address) for address in ("A1", "B1", "C1")] == [error, 2, error]


def test_an_array_fills_its_range() -> None:
    span = CellSpan("B2", 0, {}, formula_attributes={"t": "array", "ref": "B2:C3"})
    assert list(filled_by(span)) == ["B2", "C2", "B3", "C3"]
    assert list(filled_by(CellSpan("B2", 0, {}))) == ["B2"]


def test_an_array_larger_than_any_is_refused() -> None:
    span = CellSpan("A1", 0, {}, formula_attributes={"t": "array", "ref": "A1:XFD1048576"})
    with pytest.raises(InputError, match="A1 must fill a range of at most"):
        list(filled_by(span))
