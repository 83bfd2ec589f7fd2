"""Cells to numpy and back."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin.cells import (
    ERROR_CODES,
    Form,
    cell_by_cell,
    error_code,
    reason,
    to_argument,
    to_cell_error,
    to_cells,
)
from pycore import InputError
from pycore.errors import RefusedError
from tests.fuzzed_calls import faults

DIV = {"type": "Error", "kind": "Div"}
FORMS: tuple[Form, ...] = ("shape", "list", "rows")

sizes = st.integers(1, 5)
numbers = st.floats(-1e12, 1e12) | st.integers(-(10**12), 10**12)


def rectangle(draw: Any, values: Any) -> list[list[Any]]:
    rows, columns = draw(sizes), draw(sizes)
    row = st.lists(values, min_size=columns, max_size=columns)
    made: list[list[Any]] = draw(st.lists(row, min_size=rows, max_size=rows))
    return made


tables = st.composite(rectangle)


# To an argument


@pytest.mark.parametrize("cell", [None, 0, 5, 2.5, "text", True, False, datetime(2024, 6, 7)])
@pytest.mark.parametrize("wrap", [lambda cell: cell, lambda cell: [[cell]], lambda cell: [cell]])
def test_a_single_cell_is_its_value(cell: Any, wrap: Any) -> None:
    value = to_argument("x", wrap(cell))
    assert value == cell
    assert type(value) is type(cell)  # TRUE stays TRUE, so that the core can refuse it


@pytest.mark.parametrize("cell", ["", [[""]], [""], None, [[None]]])
def test_a_blank_is_none_and_not_zero(cell: Any) -> None:
    assert to_argument("x", cell) is None


def test_money_is_a_number() -> None:
    assert to_argument("x", Decimal("12.5")) == 12.5
    assert to_argument("x", [[Decimal("12.5")], [2.0]]).tolist() == [[12.5], [2.0]]
    assert to_argument("x", [[Decimal("12.5"), None]], "list") == [12.5, None]


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#N/A"])
def test_an_error_by_its_name_is_refused(error: str) -> None:
    with pytest.raises(InputError, match=f"^x must not be an error, but is '{error}'$"):
        to_argument("x", error)


def test_the_reason_of_one_cell_of_a_block() -> None:
    column = [[1.0], [None]]
    assert reason("COST_MULTIPLE", [8.0, column], 0, 0) == ""
    assert reason("COST_MULTIPLE", [8.0, column], 1, 0).endswith("but is blank")
    assert reason("COST_MULTIPLE", [8.0], 0, 0).endswith("but got 1")


@pytest.mark.parametrize(
    ("cells", "shape"),
    [
        ([[1, 2, 3]], (1, 3)),
        ([[1], [2], [3]], (3, 1)),
        ([1, 2, 3], (3, 1)),
        ([[1.5, 2], [3, 4]], (2, 2)),
        (((1, 2), (3, 4)), (2, 2)),
    ],
)
def test_a_range_keeps_its_shape(cells: Any, shape: tuple[int, int]) -> None:
    array = to_argument("x", cells)
    assert isinstance(array, np.ndarray)
    assert array.shape == shape
    assert array.dtype == np.float64
    assert array.ravel().tolist() == np.ravel(cells).tolist()


@pytest.mark.parametrize("odd", [None, "", "a", True, datetime(2024, 6, 7)])
def test_a_range_with_anything_else_keeps_each_value(odd: Any) -> None:
    array = to_argument("x", [[1, 2.5], [odd, 4]])
    assert array.dtype == object
    assert array[1, 0] is (None if odd == "" else odd)
    assert array[0].tolist() == [1, 2.5]


@pytest.mark.parametrize("cells", [DIV, "#DIV/0!", [[DIV]], [["#DIV/0!"]]])
@pytest.mark.parametrize("form", FORMS[:2])
def test_an_error_is_refused_by_its_code(cells: Any, form: Form) -> None:
    with pytest.raises(InputError, match=r"^x must not be an error, but is '#DIV/0!'$"):
        to_argument("x", cells, form)


@pytest.mark.parametrize("cells", [[[1], [DIV], [None]], [[1, DIV]]])
def test_an_error_in_a_list_is_refused(cells: Any) -> None:
    with pytest.raises(InputError, match=r"^x must not be an error, but is '#DIV/0!'$"):
        to_argument("x", cells, "list")


def test_an_error_in_a_range_stays_there_for_the_function_to_refuse() -> None:
    assert to_argument("x", [[1, 2], [3, DIV]]).tolist() == [[1, 2], [3, "#DIV/0!"]]


@pytest.mark.parametrize("cells", [[], [[]], [[], []], [[1, 2], [3]], [[1], []], [[1, 2], 3]])
def test_uneven_and_empty_ranges_are_refused(cells: Any) -> None:
    for form in FORMS:
        with pytest.raises(InputError, match=r"^x must be a range with rows of one length"):
            to_argument("x", cells, form)


def test_a_number_past_any_float_is_refused() -> None:
    with pytest.raises(InputError, match=r"^x must be numbers that fit a cell") as caught:
        to_argument("x", [[10**400], [1]])
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("cells", [[["a", None, 3]], [["a"], [None], [3]], ["a", "", 3]])
def test_a_row_or_column_becomes_a_list(cells: Any) -> None:
    assert to_argument("x", cells, "list") == ["a", None, 3]


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        ([["a", 1], ["", None]], [["a", 1], [None, None]]),
        (((1, 2), (3, 4)), [[1, 2], [3, 4]]),
        ("a", [["a"]]),
        ([1, 2], [[1], [2]]),
    ],
)
def test_a_table_keeps_its_rows(cells: Any, rows: Any) -> None:
    assert to_argument("x", cells, "rows") == rows


def test_an_error_in_a_table_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match=r"^x \(row 2\) must not be an error, but is '#DIV/0!'$"):
        to_argument("x", [[1, 2], [3, DIV]], "rows")


def test_a_rectangle_is_no_list() -> None:
    with pytest.raises(InputError, match=r"^x must be one row or one column .* 2 x 3 cells$"):
        to_argument("x", [[1, 2, 3], [4, 5, 6]], "list")


# To cells


@settings(deadline=None, derandomize=True, database=None)
@given(tables(numbers))
def test_numbers_come_back_in_their_places(cells: list[list[float]]) -> None:
    back = to_cells(np.asarray(to_argument("x", cells), dtype=float))
    assert back == cells


@settings(deadline=None, derandomize=True, database=None)
@given(tables(st.one_of(numbers, st.none(), st.text(min_size=1), st.booleans())))
def test_every_cell_stays_in_its_place(cells: list[list[Any]]) -> None:
    argument = to_argument("x", cells)
    flat = [cell for row in cells for cell in row]
    got = [argument] if len(flat) == 1 else argument.ravel().tolist()
    assert got == flat


@pytest.mark.parametrize(
    ("answer", "cells"),
    [
        (2.5, 2.5),
        (np.float64(2.5), 2.5),
        (np.int64(2), 2.0),
        ("4-5x", "4-5x"),
        (np.array([[1.0], [2.0]]), [[1.0], [2.0]]),
        (np.array([["4x", "10-11x"]]), [["4x", "10-11x"]]),
        (np.array([4.0, 5.0]), [[4.0, 5.0]]),  # the parts of one call
        (np.array([[[4.0, 5.0]]]), [[4.0, 5.0]]),
        (np.arange(6.0).reshape(3, 1, 2), [[0, 1], [2, 3], [4, 5]]),  # a column of calls
        (np.arange(6.0).reshape(1, 3, 2), [[0, 2, 4], [1, 3, 5]]),  # a row of calls
    ],
)
def test_answers_become_cells(answer: Any, cells: Any) -> None:
    got = to_cells(answer)
    assert got == cells
    kinds = {type(cell) for row in (got if isinstance(got, list) else [[got]]) for cell in row}
    assert kinds <= {float, str}  # no numpy type reaches a cell


def test_several_values_for_each_cell_of_a_rectangle_are_refused() -> None:
    with pytest.raises(InputError, match=r"^the arguments must be single cells.* 2 x 3 cells$"):
        to_cells(np.zeros((2, 3, 2)))


def test_a_table_for_each_cell_is_refused() -> None:
    said = r"^the arguments must be single cells, because one call fills a table, but is 3 x 1 c"
    with pytest.raises(InputError, match=said):
        to_cells(np.zeros((3, 1, 5, 4)))
    with pytest.raises(InputError, match=said):
        cell_by_cell(lambda years: np.zeros((years, 4)), [np.array([[1], [2], [3]])])


# Errors


def test_bad_input_keeps_its_message() -> None:
    error = to_cell_error(InputError("cost", "be above 0", None), "COST_MULTIPLE")
    assert isinstance(error, RefusedError)
    assert str(error) == "COST_MULTIPLE: cost must be above 0, but is blank"


@pytest.mark.parametrize("error", [ZeroDivisionError("a\nb"), KeyError("secret"), MemoryError()])
def test_any_other_error_is_told_without_its_insides(error: Exception) -> None:
    message = str(to_cell_error(error, "QUOTE"))
    assert message == f"QUOTE could not be computed ({type(error).__name__})"


@pytest.mark.parametrize(
    ("kind", "code"),
    [("Div", "#DIV/0!"), ("Na", "#N/A"), ("Num", "#NUM!"), ("Spill", "#VALUE!"), ("", "#VALUE!")],
)
def test_error_codes(kind: str, code: str) -> None:
    assert error_code(kind) == code


def test_every_error_code_is_one_of_excels() -> None:
    assert set(ERROR_CODES.values()) == {
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
    }


def test_whatever_the_cells_hold_the_answer_can_be_shown_or_the_refusal_read() -> None:
    came_of: Counter[str] = Counter()
    assert [*faults(2_000, 20261126, came_of)] == []
    assert min(came_of["answered"], came_of["refused"]) > 300
