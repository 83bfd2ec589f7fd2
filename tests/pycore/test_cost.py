"""The cost multiple and how it is quoted, against the published figures."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pycore.cost import (
    SCOPES,
    cost_multiple,
    cost_multiple_range,
    discounted_quote,
    discounted_quote_range,
    implied_cost,
    quote,
    restated_quote,
    restatement_threshold,
    scoped_cost,
)
from pycore.errors import InputError

money = st.floats(1, 1e9)
multiples = st.floats(0, 1e6)


def bounds(text: Any) -> tuple[int, int]:
    """The two numbers that a quote says."""
    assert isinstance(text, str)
    assert text.endswith("x")
    first, _, last = text.removesuffix("x").partition("-")
    return int(first), int(last or first)


# Multiples


@pytest.mark.parametrize(("cost", "multiple"), [(20_000, 5), (25_000, 4)])
def test_published_cost_and_multiple(cost: float, multiple: float) -> None:
    assert cost_multiple(100_000, cost) == multiple
    assert implied_cost(100_000, multiple) == cost


def test_published_range() -> None:
    assert np.array_equal(cost_multiple_range(100_000, 20_000, 25_000), [4, 5])
    assert np.array_equal(cost_multiple_range(125_000, 20_000, 25_000), [5, 6.25])


@given(money, money)
def test_the_implied_cost_inverts_the_multiple(value: float, cost: float) -> None:
    assert implied_cost(value, cost_multiple(value, cost)) == pytest.approx(cost, rel=1e-12)


@given(money, money, st.integers(0, 15))
def test_the_multiple_has_no_unit_of_money(value: float, cost: float, power: int) -> None:
    scale = 2.0**power  # a power of two, so that scaling is exact
    assert cost_multiple(value * scale, cost * scale) == cost_multiple(value, cost)


@given(money, money, money)
def test_a_dearer_scholar_has_a_lower_multiple(value: float, first: float, second: float) -> None:
    cheap, dear = sorted((first, second))
    assert cost_multiple(value, cheap) >= cost_multiple(value, dear)


@given(money, money, money)
def test_the_range_holds_the_multiple_of_every_cost_within(
    value: float, first: float, second: float
) -> None:
    cost_low, cost_high = sorted((first, second))
    low, high = np.asarray(cost_multiple_range(value, cost_low, cost_high))
    assert low == cost_multiple(value, cost_high)
    assert high == cost_multiple(value, cost_low)
    middle = (cost_low + cost_high) / 2
    assert low <= cost_multiple(value, middle) <= high


def test_a_range_of_costs_upside_down_is_refused() -> None:
    with pytest.raises(InputError, match=r"^cost_low must be at most cost_high \(20,000\)"):
        cost_multiple_range(100_000, 25_000, 20_000)
    with pytest.raises(InputError, match=r"^cost_low \(item 2 of 2\) must be at most"):
        cost_multiple_range(100_000, [20_000, 25_001], 25_000)


# Quotes


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (4, 5, "4-5x"),
        (3.2, 4, "3-4x"),
        (5, 6.25, "5-7x"),
        (4, 4, "4x"),
        (4.5, 4.5, "4-5x"),
        (0, 0, "0x"),
        (0, 0.1, "0-1x"),
        (0.2, 0.3, "0-1x"),
        (4 - 1e-10, 5 + 1e-10, "4-5x"),
        (4 + 1e-10, 5 - 1e-10, "4-5x"),
        (4 - 1e-8, 5 + 1e-8, "3-6x"),
        (4 - 1e-10, 4 + 1e-10, "4x"),
        (1e15, 1e15, "1000000000000000x"),
    ],
)
def test_quotes_are_rounded_outward(low: float, high: float, text: str) -> None:
    assert quote(low, high) == text


def test_arithmetic_that_falls_short_of_a_whole_number_is_that_number() -> None:
    # 0.1 + 0.2 and the like must not make "3-5x" of 3-4.
    assert quote(0.1 * 3 * 10, 4.000000000000001) == "3-4x"


@given(multiples, multiples)
def test_a_quote_is_the_tightest_whole_range_around(first: float, second: float) -> None:
    low, high = sorted((first, second))
    said_low, said_high = bounds(quote(low, high))
    tolerance = Fraction(11, 10**10)  # 1e-9, and the rounding of a float beside it
    assert said_low <= Fraction(low) + tolerance
    assert said_low + 1 > Fraction(low) - tolerance
    assert said_high >= Fraction(high) - tolerance
    assert said_high - 1 < Fraction(high) + tolerance


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_whole_numbers_are_said_as_they_are(first: int, second: int) -> None:
    low, high = sorted((first, second))
    assert bounds(quote(low, high)) == (low, high)


def test_a_range_upside_down_is_refused() -> None:
    for function in (quote, restatement_threshold):
        with pytest.raises(InputError, match=r"^low must be at most high \(4\), but is 5$"):
            function(5, 4)
    with pytest.raises(InputError, match=r"^low must be at most high \(4\), but is 5$"):
        restated_quote(5, 4, 1)


def test_texts_of_different_lengths_are_not_cut() -> None:
    assert np.array_equal(quote([4, 4, 999], [4, 5, 1001]), ["4x", "4-5x", "999-1001x"])


# Restatement


def test_published_threshold() -> None:
    assert restatement_threshold(4, 5) == 0.8
    assert restated_quote(4, 5, 0.81) == "4-5x"
    assert restated_quote(4, 5, 0.8) == "3-4x"


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (2, "4-5x"),
        (1, "4-5x"),
        (math.nextafter(0.8, 1), "4-5x"),
        (0.75, "3-4x"),
        (0.6, "2-3x"),
        (0.5, "2-3x"),
        (0.2, "0-1x"),
        (0, "0x"),
    ],
)
def test_a_quote_stands_until_the_threshold(factor: float, text: str) -> None:
    assert restated_quote(4, 5, factor) == text


@given(st.floats(0.01, 1e4), st.floats(0.01, 1e4))
def test_at_the_threshold_the_high_end_has_come_down_to_the_low_end(
    first: float, second: float
) -> None:
    low, high = sorted((first, second))
    threshold = float(restatement_threshold(low, high))
    assert 0 < threshold <= 1
    assert high * threshold == pytest.approx(low, rel=1e-12)


@given(st.floats(0.5, 100), st.floats(0.5, 100), st.floats(0, 2))
def test_the_restated_quote_covers_the_discounted_range(
    first: float, second: float, factor: float
) -> None:
    low, high = sorted((first, second))
    # On the threshold itself the last digit decides, and either answer is right.
    assume(abs(high * factor - low) > 1e-9)
    said_low, said_high = bounds(restated_quote(low, high, factor))
    if high * factor > low:
        assert (said_low, said_high) == bounds(quote(low, high))
    else:
        assert said_low <= low * factor + 1e-9
        assert said_high >= high * factor - 1e-9
        assert said_high <= math.ceil(low)


@given(st.floats(0.5, 100), st.floats(0.5, 100), st.lists(st.floats(0, 1.5), min_size=2))
def test_a_deeper_discount_never_says_more(
    first: float, second: float, factors: list[float]
) -> None:
    low, high = sorted((first, second))
    said = [bounds(restated_quote(low, high, factor)) for factor in sorted(factors)]
    for less, more in itertools.pairwise(said):
        assert less[0] <= more[0]
        assert less[1] <= more[1]


@given(st.floats(0.5, 100), st.floats(0.5, 100), st.floats(0, 2), st.floats(0, 1))
def test_a_discounted_range_is_the_quote_two_errors_to_either_side(
    first: float, second: float, factor: float, error: float
) -> None:
    low, high = sorted((first, second))
    ends = (max(factor - 2 * error, 0), factor + 2 * error)
    expected = [discounted_quote(low, high, end, 0.7) for end in ends]
    assert discounted_quote_range(low, high, factor, error, 0.7).tolist() == expected


@given(st.floats(0.5, 100), st.floats(0.5, 100), st.floats(0, 2), st.floats(0.01, 1))
def test_a_quote_stands_above_the_threshold_alone(
    first: float, second: float, factor: float, threshold: float
) -> None:
    low, high = sorted((first, second))
    said = discounted_quote(low, high, factor, threshold)
    expected = quote(low, high) if factor > threshold else quote(low * factor, high * factor)
    assert said == expected


def test_a_wide_quote_does_not_stand_at_half_its_worth() -> None:
    assert discounted_quote(1, 5, 0.57, 0.8) == "0-3x"
    assert restated_quote(1, 5, 0.57) == "1-5x"
    # For 4-5x the threshold is the one that follows from the range.
    for factor in (0.79, 0.8, 0.81):
        assert discounted_quote(4, 5, factor, 0.8) == restated_quote(4, 5, factor)


def test_a_certain_factor_has_one_discounted_quote() -> None:
    assert discounted_quote_range(4, 5, 0.81, 0, 0.8).tolist() == ["4-5x", "4-5x"]
    assert discounted_quote_range(4, 5, 0.81, 0.005, 0.8).tolist() == ["3-4x", "4-5x"]
    assert discounted_quote_range(4, 5, 0.1, 0.1, 0.8).tolist() == ["0x", "1-2x"]
    with pytest.raises(InputError, match=r"^standard_error must be a number of at least 0"):
        discounted_quote_range(4, 5, 0.8, -0.1, 0.8)


# Scopes

LINES = [1000.0, 20_000.0, 50_000.0]


@pytest.mark.parametrize(
    ("scope", "total"), [("recruit", 1000), ("retrain", 21_000), ("prior development", 71_000)]
)
def test_each_scope_includes_those_before_it(scope: str, total: float) -> None:
    assert scoped_cost(LINES, SCOPES, scope) == total


def test_the_scopes_of_the_survey() -> None:
    assert SCOPES == ("recruit", "retrain", "prior development")


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.sampled_from(SCOPES)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_whole_amounts_add_up_exactly_in_any_order(
    lines: list[tuple[int, str]], random: Any
) -> None:
    random.shuffle(lines)
    amounts = [amount for amount, _ in lines]
    scopes = [scope for _, scope in lines]
    totals = [scoped_cost(amounts, scopes, scope) for scope in SCOPES]
    assert totals[2] == sum(amounts)
    assert totals[0] == sum(a for a, s in lines if s == "recruit")
    assert totals[1] == sum(amounts) - sum(a for a, s in lines if s == "prior development")


def test_scopes_are_known_in_any_case() -> None:
    assert scoped_cost(LINES, ["Recruit", " RETRAIN ", "Prior Development"], "ReTrain") == 21_000


def test_a_blank_line_is_passed_over() -> None:
    amounts: list[Any] = [1000, None, "", 5]
    assert scoped_cost(amounts, ["recruit", None, "", "recruit"], "recruit") == 1005


def test_a_scalar_answer_is_a_plain_number() -> None:
    assert type(scoped_cost(LINES, SCOPES, "retrain")) is float


def test_draws_lie_before_the_last_axis() -> None:
    rng = np.random.default_rng(5)
    draws = rng.lognormal(9, 1, (4, 250, 3))
    answer = scoped_cost(draws, SCOPES, "retrain")
    assert np.shape(answer) == (4, 250)
    each = [scoped_cost(list(row), SCOPES, "retrain") for row in draws.reshape(-1, 3)]
    assert np.array_equal(np.ravel(answer), np.array(each))


def test_a_read_only_table_stays_as_it_is() -> None:
    table = np.array([LINES, LINES])
    before = table.copy()
    table.flags.writeable = False
    answer = np.asarray(scoped_cost(table, SCOPES, "recruit"))
    assert np.array_equal(table, before)
    assert not np.shares_memory(answer, table)


def test_whole_numbers_serve_as_floats_in_a_table() -> None:
    assert scoped_cost(np.array([1, 2, 4]), SCOPES, "retrain") == 3


@pytest.mark.parametrize(
    ("amounts", "scopes", "scope", "named"),
    [
        (LINES, SCOPES, "all", "scope"),
        (LINES, SCOPES, None, "scope"),
        (LINES, SCOPES, 1, "scope"),
        (LINES, ["recruit", "retrain", "travel"], "recruit", "scopes (line 3)"),
        (LINES, ["recruit", None, "retrain"], "recruit", "scopes (line 2)"),
        ([1, None, 3], SCOPES, "recruit", "amounts (line 2)"),
        ([1, -1, 3], SCOPES, "recruit", "amounts (line 2)"),
        ([1, True, 3], SCOPES, "recruit", "amounts (line 2)"),
        ([1, "2", 3], SCOPES, "recruit", "amounts (line 2)"),
        ([1, math.nan, 3], SCOPES, "recruit", "amounts (line 2)"),
        (np.array([1, math.inf, 3]), SCOPES, "recruit", "amounts (line 2)"),
        ([1, 10**400, 3], SCOPES, "recruit", "amounts (line 2)"),
        ([1, 2], SCOPES, "recruit", "amounts"),
        ([], [], "recruit", "amounts"),
        (5, ["recruit"], "recruit", "amounts"),
        (None, ["recruit"], "recruit", "amounts"),
        ([[1, 2, 3], [4, 5]], ["recruit", "retrain"], "recruit", "amounts"),
        ([[1, 2], 3], ["recruit", "retrain"], "recruit", "amounts"),
        ([np.ones((2, 2)), np.ones((2, 3))], ["recruit", "retrain"], "recruit", "amounts"),
        ([1], None, "recruit", "scopes"),
        ([1], 5, "recruit", "scopes"),
        (1000, "recruit", "recruit", "scopes"),
        ([1] * 7, "recruit", "recruit", "scopes"),
    ],
)
def test_bad_lines_are_refused_by_name(amounts: Any, scopes: Any, scope: Any, named: str) -> None:
    with pytest.raises(InputError) as caught:
        scoped_cost(amounts, scopes, scope)
    assert caught.value.argument.startswith(named)
    assert "\n" not in str(caught.value)


def test_lines_outside_the_scope_are_checked_too() -> None:
    with pytest.raises(InputError, match=r"^amounts \(line 3\) must"):
        scoped_cost([1, 2, -3], SCOPES, "recruit")
