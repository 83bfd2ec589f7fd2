"""Rounding by the digits that are shown, halves away from zero."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore.rounding import rounded, rounded_to_digits


@pytest.mark.parametrize(
    ("number", "decimals", "expected"),
    [
        (0.125, 2, 0.13),
        (2.675, 2, 2.68),
        (6.25, 1, 6.3),
        (-0.5, 0, -1),
        (12.5, 0, 13),
        (0.1, 3, 0.1),
    ],
)
def test_halves_go_away_from_zero(number: float, decimals: int, expected: float) -> None:
    assert rounded(number, decimals) == expected


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_the_nearest_of_its_decimals_is_given(number: float, decimals: int) -> None:
    found, unit = rounded(number, decimals), Fraction(1, 10**decimals)
    # By what is written of it, which is within half a unit in the last place of the number.
    assert abs(Fraction(repr(found)) - Fraction(repr(number))) <= unit / 2
    assert (Fraction(repr(found)) / unit).denominator == 1


@given(st.floats(1e-300, 1e300), st.integers(1, 8))
def test_so_many_digits_are_left(number: float, digits: int) -> None:
    found = rounded_to_digits(number, digits)
    assert math.isclose(found, number, rel_tol=0.5000001 * 10.0 ** (1 - digits))
    assert len(Decimal(repr(found)).normalize().as_tuple().digits) <= digits


def test_nothing_is_left_of_nothing() -> None:
    assert rounded_to_digits(0.0, 2) == 0
