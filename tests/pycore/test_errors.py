"""The one error of bad input, and how a received value is shown."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore import InputError
from pycore.errors import LONGEST_SHOWN, shown


def test_the_message_names_the_argument_the_rule_and_the_value() -> None:
    error = InputError("cost", "be above 0", -5.0)
    assert str(error) == "cost must be above 0, but is -5"
    assert (error.argument, error.rule, error.received) == ("cost", "be above 0", -5.0)


def test_it_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="cost must be above 0"):
        raise InputError("cost", "be above 0", 0)


def test_it_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(InputError("cost", "be above 0", None)))
    assert isinstance(error, InputError)
    assert str(error) == "cost must be above 0, but is blank"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "blank"),
        (True, "TRUE"),
        (False, "FALSE"),
        (np.True_, "TRUE"),
        ("", "''"),
        ("4", "'4'"),
        ("two\nlines", r"'two\nlines'"),
        (4, "4"),
        (4.0, "4"),
        (0.1 + 0.2, "0.3"),
        (np.float64(2.5), "2.5"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (1e300, "1e+300"),
    ],
)
def test_values_are_shown_as_a_spreadsheet_would(value: Any, text: str) -> None:
    assert shown(value) == text


@given(
    st.one_of(
        st.text(),
        st.integers(),
        st.floats(),
        st.lists(st.integers()),
        st.dictionaries(st.text(), st.floats()),
        st.binary(),
    )
)
def test_any_value_is_shown_on_one_short_line(value: Any) -> None:
    text = shown(value)
    assert len(text.splitlines()) == 1
    assert len(text) <= LONGEST_SHOWN


@pytest.mark.parametrize(
    "value",
    [10**400, 10**5000, "x" * 10_000, np.eye(30)],
    ids=["long int", "int past printing", "long text", "big array"],
)
def test_long_values_are_cut_short(value: Any) -> None:
    text = str(InputError("cost", "be above 0", value))
    assert text.endswith("...")
    assert "\n" not in text
    assert len(text) <= len("cost must be above 0, but is ") + LONGEST_SHOWN
