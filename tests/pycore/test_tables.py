"""Tables of cells, and words among numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pycore.errors import InputError
from pycore.tables import rectangle, worded


def test_blanks_are_none_and_the_rest_stays() -> None:
    assert rectangle("table", [[1, ""], (None, "a")]) == [[1, None], [None, "a"]]
    assert rectangle("table", np.array([[1.0, 2.0]])) == [[1, 2]]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "table must be a table with cells in every row, but is empty"),
        ([[], []], "table must be a table with cells in every row, but is empty"),
        ([[1, 2], [3]], "table must have 2 columns in every row, but is 1 in row 2"),
        ([1, 2], "table must be a table: rows of cells, but is [1, 2]"),
        ("12", "table must be a table: rows of cells, but is '12'"),
        (None, "table must be a table: rows of cells, but is blank"),
    ],
)
def test_what_is_no_rectangle_is_refused(table: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        rectangle("table", table)
    assert str(caught.value) == message


def test_words_stand_in_the_places_of_numbers() -> None:
    numbers = np.array([1.0, 2.0, 3.0])
    cells = worded(numbers, ("low", numbers < 2), ("high", numbers > 2))
    assert isinstance(cells, np.ndarray)
    assert cells.tolist() == ["low", 2.0, "high"]
    assert numbers.tolist() == [1, 2, 3]


def test_one_cell_is_plain() -> None:
    number, yes, no = np.asarray(1.5), np.asarray(True), np.asarray(False)
    assert worded(number, ("word", no)) == 1.5
    assert type(worded(number, ("word", no))) is float
    assert worded(number, ("word", yes)) == "word"
