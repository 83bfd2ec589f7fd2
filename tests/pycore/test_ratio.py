"""The shift of the researcher ratio, against the published figures and exact head-counts."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pycore.errors import InputError
from pycore.ratio import (
    breakeven_backfire,
    breakeven_capabilities_share,
    combined_share,
    neglectedness_offset,
    net_safety,
    neutral_margin,
    per_hundred,
    ratio_shift,
    ratio_text,
    researchers_per_safety,
)

fields = st.floats(1, 1e7)
entrants = st.floats(0, 1e5)
shares = st.floats(0, 1)
offsets = st.floats(0.1, 1e4)
spillovers = st.floats(-5, 5)


# The ratio


def test_published_shift() -> None:
    assert researchers_per_safety(1000, 10_000) == 10
    before, after, change = np.asarray(ratio_shift(1000, 10_000, 500, 500))
    assert (before, after) == (10, 7)
    assert change == pytest.approx(-0.3, abs=1e-15)
    assert (ratio_text(before), ratio_text(after)) == ("10:1", "7:1")


@given(fields, fields, entrants, entrants)
def test_the_shift_compares_two_ratios(
    safety: float, capabilities: float, added_safety: float, added_capabilities: float
) -> None:
    before, after, change = np.asarray(
        ratio_shift(safety, capabilities, added_safety, added_capabilities)
    )
    assert before == researchers_per_safety(safety, capabilities)
    assert after == researchers_per_safety(safety + added_safety, capabilities + added_capabilities)
    assert change == pytest.approx((after - before) / before, rel=1e-12, abs=1e-15)


@given(fields, fields, st.floats(1, 1e6))
def test_entrants_at_the_breakeven_share_leave_the_ratio(
    safety: float, capabilities: float, entering: float
) -> None:
    share = float(breakeven_capabilities_share(safety, capabilities))
    shift = np.asarray(ratio_shift(safety, capabilities, (1 - share) * entering, share * entering))
    # Where nearly everyone is in one field, the other share is known to fewer digits.
    assert shift[2] == pytest.approx(0, abs=1e-8)


@given(fields, fields, st.floats(1, 1e6), st.floats(0.01, 0.99))
def test_the_ratio_improves_below_the_breakeven_share_and_worsens_above(
    safety: float, capabilities: float, entering: float, share: float
) -> None:
    even = float(breakeven_capabilities_share(safety, capabilities))
    assume(abs(share - even) > 1e-3)
    assume(entering > 1e-3 * (safety + capabilities))
    shift = np.asarray(ratio_shift(safety, capabilities, (1 - share) * entering, share * entering))
    assert (shift[2] < 0) == (share < even)


def test_published_breakeven_share() -> None:
    assert breakeven_capabilities_share(1000, 10_000) == pytest.approx(10 / 11, rel=1e-15)
    assert breakeven_capabilities_share(1000, 0) == 0


@given(fields, fields)
def test_the_equal_percentage_offset_is_the_ratio_and_makes_it_neutral(
    safety: float, capabilities: float
) -> None:
    offset = neglectedness_offset(safety, capabilities)
    assert offset == pytest.approx(capabilities / safety, rel=1e-15)
    # Growing both fields by one per cent is then neither good nor bad.
    net = net_safety(safety * 0.01, capabilities * 0.01, offset)
    assert net == pytest.approx(0, abs=1e-9 * safety)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (7, "7:1"),
        (7.3, "7.3:1"),
        (7.26, "7.3:1"),
        (7.04, "7:1"),
        (1, "1:1"),
        (0.25, "1:4"),
        (0.4, "1:2.5"),
        (0, "0:1"),
        (0.999, "1:1"),
        (10_000, "10,000:1"),
        (1e15, "1,000,000,000,000,000:1"),
    ],
)
def test_ratios_are_written_to_one_decimal(ratio: float, text: str) -> None:
    assert ratio_text(ratio) == text


@given(st.floats(0.01, 1e4))
def test_the_larger_side_is_read_back_within_rounding(ratio: float) -> None:
    first, second = str(ratio_text(ratio)).replace(",", "").split(":")
    assert min(float(first), float(second)) == 1
    larger = max(float(first), float(second))
    assert larger == pytest.approx(max(ratio, 1 / ratio), abs=0.0501)


@pytest.mark.parametrize("ratio", [5e-324, 1e-310, 1e-300])
def test_a_ratio_of_next_to_nothing_is_written_in_digits(ratio: float) -> None:
    text = ratio_text(ratio)
    assert "inf" not in str(text)


# Shares of alumni


def test_published_shares() -> None:
    assert combined_share(0.49, 0.29) == 0.78
    assert per_hundred(0.014, 0.49) == pytest.approx(2.857, abs=5e-4)
    assert per_hundred(0.014, combined_share(0.49, 0.29)) == pytest.approx(1.795, abs=5e-4)
    assert round(float(per_hundred(0.014, 0.49))) == 3


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_shares_of_whole_people_combine(first: int, second: int) -> None:
    answer = None
    if first + second <= 1000:
        answer = combined_share(first / 1000, second / 1000)
        assert answer == pytest.approx((first + second) / 1000, rel=1e-15)
        assert answer <= 1
        assert answer == combined_share(second / 1000, first / 1000)
    else:
        with pytest.raises(InputError, match=r"^second must leave a sum of at most 1 with first"):
            combined_share(first / 1000, second / 1000)


def test_shares_that_miss_one_by_rounding_are_one() -> None:
    thirds = 0.1 + 0.2  # a little over 0.3
    assert combined_share(thirds, 0.7) == 1
    with pytest.raises(InputError, match=r"^second \(item 2 of 2\) must"):
        combined_share(0.5, [0.5, 0.6])


@given(shares, st.floats(0.001, 1))
def test_per_hundred_is_a_count_of_people(capabilities: float, safety: float) -> None:
    exact = 100 * Fraction(capabilities) / Fraction(safety)
    assert per_hundred(capabilities, safety) == pytest.approx(float(exact), rel=1e-14)


def test_there_is_no_ratio_to_nobody() -> None:
    for nobody in (0, 1e-10):
        with pytest.raises(InputError, match=r"^safety_share must be above 0"):
            per_hundred(0.1, nobody)
    with pytest.raises(InputError, match=r"^safety_share \(item 2 of 2\) must be above 0"):
        per_hundred(0.1, [0.5, 0])


def test_published_margins() -> None:
    assert neutral_margin(8, 100) == 800
    assert neutral_margin(8, 10) == 80


@given(st.floats(0.1, 1000), offsets)
def test_placements_at_a_margin_of_one_are_neutral(offset: float, scale: float) -> None:
    placed = 1 / offset
    assert neutral_margin(placed, offset) == pytest.approx(1, rel=1e-12)
    assert net_safety(placed * scale, scale, offset) == pytest.approx(0, abs=1e-9 * scale)


# Net effect


def tally(*row: Any) -> Fraction:
    """The same from a head-count of four kinds of people, exactly."""
    safety, capabilities, offset, backfire, pivot, spillover = map(Fraction, row)
    harm = -1 / offset
    kinds = [
        (safety * (1 - backfire), Fraction(1)),
        (safety * backfire, harm),
        (capabilities * pivot * (1 - backfire), Fraction(1)),
        (capabilities * pivot * backfire, harm),
        (capabilities * (1 - pivot), harm + spillover),
    ]
    return sum((people * worth for people, worth in kinds), Fraction(0))


def test_published_net_effect() -> None:
    assert net_safety(500, 500, 100) == 495
    assert net_safety(500, 500, 100, 0, 0, 0) == 495


@pytest.mark.parametrize(
    ("row", "net"),
    [
        ((100, 0, 10, 1, 0, 0), -10),  # all backfire: 100 offset a tenth each
        ((0, 100, 10, 0, 1, 0), 100),  # all pivot
        ((0, 100, 10, 0, 0, 0.1), 0),  # ideas make up for the harm
        ((0, 100, 10, 0, 0, -0.1), -20),
        ((0, 0, 10, 0.5, 0.5, 1), 0),
    ],
)
def test_net_effects_by_hand(row: tuple[float, ...], net: float) -> None:
    assert net_safety(*row) == pytest.approx(net, abs=1e-12)


@given(entrants, entrants, offsets, shares, shares, spillovers)
def test_the_net_effect_is_the_tally_of_people(
    safety: float,
    capabilities: float,
    offset: float,
    backfire: float,
    pivot: float,
    spillover: float,
) -> None:
    row = (safety, capabilities, offset, backfire, pivot, spillover)
    people = safety + capabilities * (1 + 1 / offset + abs(spillover)) + safety / offset
    assert net_safety(*row) == pytest.approx(float(tally(*row)), abs=1e-12 * people + 1e-300)


@given(entrants, entrants, offsets, shares, shares, shares, spillovers)
def test_more_backfire_never_does_good(
    safety: float,
    capabilities: float,
    offset: float,
    first: float,
    second: float,
    pivot: float,
    spillover: float,
) -> None:
    low, high = sorted((first, second))
    slack = 1e-9 * (1 + safety + capabilities) * (1 + 1 / offset + abs(spillover))
    assert (
        net_safety(safety, capabilities, offset, high, pivot, spillover)
        <= net_safety(safety, capabilities, offset, low, pivot, spillover) + slack
    )


def test_published_breakeven_backfire() -> None:
    assert breakeven_backfire(500, 500, 100) == pytest.approx(0.98020, abs=5e-6)
    assert breakeven_backfire(500, 500, 10) == pytest.approx(0.81818, abs=5e-6)
    assert breakeven_backfire(500, 500, 10) == pytest.approx(9 / 11, rel=1e-14)


@given(st.floats(1, 1e5), entrants, offsets, shares, spillovers)
def test_at_the_breakeven_backfire_the_net_effect_is_nothing(
    safety: float, capabilities: float, offset: float, pivot: float, spillover: float
) -> None:
    share = breakeven_backfire(safety, capabilities, offset, pivot, spillover)
    net = net_safety(safety, capabilities, offset, share, pivot, spillover)
    scale = (safety + capabilities) * (1 + 1 / offset + abs(spillover))
    if share == 0:
        assert net <= 1e-12 * scale  # harmful before any backfire
    elif share == 1:
        assert net >= -1e-12 * scale  # good even if all of it backfires
    else:
        assert 0 < share < 1
        assert net == pytest.approx(0, abs=1e-12 * scale)


def test_the_breakeven_is_held_to_shares() -> None:
    assert breakeven_backfire(1, 1000, 10) == 0
    assert breakeven_backfire(1, 1000, 10, 0, 5) == 1


def test_nobody_in_safety_is_refused() -> None:
    with pytest.raises(InputError, match=r"^added_safety must leave someone in safety"):
        breakeven_backfire(0, 500, 100)
    with pytest.raises(InputError, match=r"^added_safety"):
        breakeven_backfire([500, 0], 500, 100)
    # Those who pivot are someone.
    assert breakeven_backfire(0, 500, 100, 0.5) == pytest.approx(
        float(breakeven_backfire(250, 250, 100)), rel=1e-12
    )


@pytest.mark.parametrize("safety", [0, 1e-320, 5e-324, 1e-300])
def test_next_to_nobody_in_safety_has_no_share_to_break_even(safety: float) -> None:
    with pytest.raises(InputError, match="added_safety"):
        breakeven_backfire(safety, 500, 1e-9)
