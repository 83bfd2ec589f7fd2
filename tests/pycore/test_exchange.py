"""Exchange rates, against the published figures and exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pycore.exchange import money_per_researcher

amounts = st.floats(1e-9, 1e15)


def test_a_million_worth_eight_researchers() -> None:
    assert money_per_researcher(1_000_000, 8) == 125_000


def test_a_smaller_grant_at_the_rounded_figure() -> None:
    assert money_per_researcher(800_000, 8) == 100_000


@given(amounts, amounts)
def test_exact_arithmetic_agrees(grant: float, researchers: float) -> None:
    exact = Fraction(grant) / Fraction(researchers)
    assert money_per_researcher(grant, researchers) == float(exact)


@given(st.floats(1, 1e9), st.floats(0.01, 1e4))
def test_grants_of_one_rate_buy_in_proportion(grant: float, researchers: float) -> None:
    rate = money_per_researcher(grant, researchers)
    assert money_per_researcher(2 * grant, 2 * researchers) == rate
    assert money_per_researcher(2 * grant, researchers) == 2 * rate
