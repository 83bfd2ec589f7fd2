"""The echo of the inputs."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore.errors import InputError
from pycore.stamp import computed_from

CELLS = st.one_of(st.none(), st.floats(-1e300, 1e300), st.booleans(), st.text(min_size=1))


TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)
)


@given(TABLES)
def test_it_gives_back_what_it_is_given(rows: list[list[object]]) -> None:
    answer = computed_from(rows)
    assert answer.shape == (len(rows), len(rows[0]))
    assert answer.tolist() == [["" if cell is None else cell for cell in row] for row in rows]
    assert computed_from(answer.tolist()).tolist() == answer.tolist()


def test_what_is_no_table_is_refused() -> None:
    tables: list[Any] = [
        [],
        [[]],
        [[1], [1, 2]],
        "text",
        [1, 2],
        [[math.nan]],
        [[date(2026, 1, 1)]],
    ]
    for wrong in tables:
        with pytest.raises(InputError, match=r"^inputs must "):
            computed_from(wrong)
