"""The talent portfolio, against the published figures, brute force and exact arithmetic."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pycore.errors import InputError
from pycore.portfolio import (
    absorption,
    breakeven_diversity,
    effective_types,
    gap_plan,
    manager_worth,
    revised_shares,
    target_shares,
    team_needs,
    team_output,
    years_of_need,
)

heads = st.floats(0, 100)
shares = st.floats(0, 1)


# Managers, needs, absorption, years


def test_published_worth_of_a_manager() -> None:
    assert np.asarray(manager_worth(5, 10)).tolist() == [2.5, 5]
    assert np.asarray(manager_worth(5, 10, 0.5, 1)).tolist() == [2.5, 5]
    assert np.asarray(manager_worth(5, 10, 0.5, 0.8)).tolist() == [2, 4]


def test_needs_by_hand() -> None:
    assert np.asarray(team_needs(10, 1, 2, 5, 10)).tolist() == [10, 20, 50, 100]
    assert np.asarray(team_needs(10, 1, 2, 5, 10, 0.25)).tolist() == [7.5, 15, 50, 100]
    assert np.asarray(team_needs(4, 1, 2, 5, 10, 1)).tolist() == [0, 0, 20, 40]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ((4, 7.5, 5e6, 1e5, 50), [30.0, "managers"]),
        ((4, 7.5, 2e6, 1e5, 50), [20.0, "budget"]),
        ((4, 7.5, 5e6, 1e5, 12), [12.0, "backlog"]),
        ((0, 7.5, 5e6, 1e5, 12), [0.0, "managers"]),
        ((4, 5, 2e6, 1e5, 20), [20.0, "managers"]),  # of equal limits the first
        ((5, 5, 2e6, 1e5, 20), [20.0, "budget"]),
    ],
)
def test_absorption_by_hand(row: tuple[float, ...], cells: list[Any]) -> None:
    assert absorption(*row).tolist() == cells


def test_absorption_of_arrays() -> None:
    cells = absorption([4, 1], 7.5, [[2e6], [9e6]], 1e5, 50)
    assert cells.shape == (2, 2, 2)
    assert cells.tolist() == [
        [[20.0, "budget"], [7.5, "managers"]],
        [[30.0, "managers"], [7.5, "managers"]],
    ]
    assert absorption(np.empty(0), 5, 1, 1, 1).shape == (0, 2)


def test_years_by_hand() -> None:
    assert years_of_need(100, 400, 1) == pytest.approx(2, rel=1e-15)
    assert years_of_need(600, 600, 0.25) == 0
    assert years_of_need(600, 0, 0.25) == 0
    assert years_of_need(600, 1200, 0.25) == pytest.approx(math.log(2) / math.log(1.25))


@given(st.floats(1, 1e4), st.floats(1, 1e6), st.floats(0.01, 2))
def test_after_those_years_the_need_is_met(current: float, need: float, growth: float) -> None:
    years = float(years_of_need(current, need, growth))
    grown = current * (1 + growth) ** years
    assert grown == pytest.approx(max(current, need), rel=1e-9)


@pytest.mark.parametrize("growth", [0, -0.1, None])
def test_growth_that_never_reaches_is_refused(growth: Any) -> None:
    with pytest.raises(InputError, match=r"^growth must be a growth rate above 0"):
        years_of_need(100, 200, growth)


# Output of a team


def oracle(i: float, a: float, c: float, span: float, u: float, r: float, d: float) -> float:
    raw = min(i, span * a) + u * max(i - span * a, 0)
    parts = [each / (i + a + c) for each in (i, a, c)]
    return float(raw**r * d ** (math.exp(-sum(p * math.log(p) for p in parts if p)) - 1))


def test_published_comparison() -> None:
    mixed, iterators = team_output(5, 1, 1, 7.5), team_output(30, 0, 0, 7.5)
    assert mixed == pytest.approx(7.1736, abs=5e-5)
    assert iterators == pytest.approx(15**0.7)
    assert mixed > iterators


def test_published_breakeven_diversity() -> None:
    found = breakeven_diversity([5, 1, 1], [30, 0, 0], 7.5)
    assert found == pytest.approx(1.8809, abs=5e-5)


def test_effective_types_by_hand() -> None:
    assert effective_types(30, 0, 0) == 1
    assert effective_types(0, 0, 0) == 1
    assert effective_types(7, 7, 0) == pytest.approx(2, rel=1e-15)
    assert effective_types(4, 4, 4) == pytest.approx(3, rel=1e-15)
    assert effective_types(2, 1, 1) == pytest.approx(math.exp(1.5 * math.log(2)), rel=1e-14)


@given(
    st.tuples(
        heads, heads, heads, st.floats(0.5, 20), shares, st.floats(0.1, 1.5), st.floats(0.5, 5)
    )
)
def test_the_output_is_the_formula(
    row: tuple[float, float, float, float, float, float, float],
) -> None:
    assume(sum(row[:3]) > 1e-3)
    expected = oracle(*row)
    assert team_output(*row) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_nobody_does_nothing() -> None:
    assert team_output(0, 0, 0, 7.5) == 0
    assert team_output(0, 3, 3, 7.5) == 0


team = st.lists(st.integers(0, 30), min_size=3, max_size=3)


@given(team, team, st.floats(1, 10), st.floats(0.05, 1), st.floats(0.1, 1.5))
def test_at_the_breakeven_diversity_both_teams_do_as_much(
    one: list[int], other: list[int], span: float, unmanaged: float, returns: float
) -> None:
    lead = float(effective_types(*one)) - float(effective_types(*other))
    if lead < 0:
        one, other, lead = other, one, -lead
    assume(lead == 0 or lead > 1e-6)
    found = breakeven_diversity(one, other, span, unmanaged, returns)

    def ahead(diversity: float) -> bool:
        def output(team: list[int]) -> float:
            return float(
                team_output(team[0], team[1], team[2], span, unmanaged, returns, diversity)
            )

        return output(one) >= output(other)

    if found == "always":
        assert all(ahead(diversity) for diversity in (0.01, 1, 1000))
    elif found == "never":
        assert not any(ahead(diversity) for diversity in (0.01, 1, 1000))
    else:
        assert isinstance(found, float)
        if 0.02 < found < 500:
            assert not ahead(found * (1 - 1e-6))
            assert ahead(found * (1 + 1e-6))


def test_teams_that_diversity_cannot_tell_apart() -> None:
    assert breakeven_diversity([30, 0, 0], [20, 0, 0], 7.5) == "always"
    assert breakeven_diversity([20, 0, 0], [20, 0, 0], 7.5) == "always"
    assert breakeven_diversity([20, 0, 0], [30, 0, 0], 7.5) == "never"
    assert breakeven_diversity([0, 1, 1], [30, 0, 0], 7.5) == "never"
    assert breakeven_diversity([5, 1, 1], [0, 3, 0], 7.5) == "always"


def test_a_less_diverse_team_has_no_smallest_diversity() -> None:
    with pytest.raises(InputError, match=r"^team must be at least as diverse as other \(2.217"):
        breakeven_diversity([30, 0, 0], [5, 1, 1], 7.5)
    with pytest.raises(InputError, match=r"^team must be at least as diverse as other, but is"):
        breakeven_diversity([[30, 0, 0], [5, 1, 1]], [5, 1, 1], 7.5)  # type: ignore[list-item]


def test_teams_and_settings_in_arrays() -> None:
    found = breakeven_diversity(np.array([[5, 1, 1], [9, 0, 0]]), [30, 0, 0], [7.5, 7.5])
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [breakeven_diversity([5, 1, 1], [30, 0, 0], 7.5), "never"]


@pytest.mark.parametrize("value", [[5, 1], [5, 1, 1, 1], 5, [5, None, 1], [5, -1, 1], ["a", 1, 1]])
def test_what_is_no_team_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"^team "):
        breakeven_diversity(value, [30, 0, 0], 7.5)
    with pytest.raises(InputError, match=r"^other "):
        breakeven_diversity([5, 1, 1], value, 7.5)


# Compositions


compositions = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.integers(1, 20), min_size=k, max_size=k)
)


def test_target_by_hand() -> None:
    target = target_shares([0.5, 0.3, 0.2], [0.3, 0.3, 0.4], 0.75)
    assert target == pytest.approx([0.45, 0.3, 0.25], rel=1e-14)
    assert target_shares([0.5, 0.5], [1, 0], 1).tolist() == [0.5, 0.5]
    assert target_shares([0.5, 0.5], [1, 0], 0).tolist() == [1, 0]


def test_targets_of_several_weights() -> None:
    targets = target_shares([0.5, 0.5], [1, 0], [0, 0.5, 1])
    assert targets.tolist() == [[1, 0], [0.75, 0.25], [0.5, 0.5]]


def test_revision_by_hand() -> None:
    assert revised_shares([0.5, 0.5], 10, [0, 10]) == pytest.approx([0.25, 0.75])
    for none in ([0, 0], [[None, None]], [["", ""]]):
        assert revised_shares([0.5, 0.5], 10, none).tolist() == [0.5, 0.5]


@given(compositions, st.integers(1, 100), st.data())
def test_the_revision_is_the_mean_of_the_dirichlet_posterior(
    weights: list[int], strength: int, data: st.DataObject
) -> None:
    k, total = len(weights), sum(weights)
    rows = data.draw(
        st.lists(st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=1, max_size=4)
    )
    # Conjugate: parameters strength*prior and the counts add up; the mean is in proportion.
    parameters = [
        Fraction(strength * weight, total) + sum(column)
        for weight, column in zip(weights, zip(*rows, strict=True), strict=True)
    ]
    expected = [float(each / sum(parameters)) for each in parameters]
    prior = [weight / total for weight in weights]
    found = revised_shares(prior, strength, rows)
    assert found == pytest.approx(expected, rel=1e-12)
    assert found.sum() == pytest.approx(1, rel=1e-12)
    summed = [sum(column) for column in zip(*rows, strict=True)]
    assert revised_shares(prior, strength, summed) == pytest.approx(expected, rel=1e-12)
    column = [[count] for count in summed]
    assert revised_shares(prior, strength, column) == pytest.approx(expected, rel=1e-12)
    one_by_one = np.asarray(prior)
    for seen, row in enumerate(rows):
        so_far = strength + sum(map(sum, rows[:seen]))
        one_by_one = revised_shares(one_by_one, so_far, row)
    assert one_by_one == pytest.approx(expected, rel=1e-10)


def test_the_posterior_mean_is_that_of_scipy_too() -> None:
    from scipy.stats import dirichlet

    expected = dirichlet([5.0 + 4, 3.0 + 0, 2.0 + 1]).mean()
    assert revised_shares([0.5, 0.3, 0.2], 10, [4, 0, 1]) == pytest.approx(expected, rel=1e-12)


# The gap plan


def allocations(seats: int, types: int) -> Iterator[tuple[int, ...]]:
    """Every way to give whole seats to types."""
    for cuts in itertools.combinations(range(seats + types - 1), types - 1):
        ends = (-1, *cuts, seats + types - 1)
        yield tuple(b - a - 1 for a, b in itertools.pairwise(ends))


@given(compositions.filter(lambda w: len(w) <= 4), st.integers(0, 9), st.data())
def test_no_whole_allocation_is_closer_to_the_fill_of_the_shortfalls(
    weights: list[int], seats: int, data: st.DataObject
) -> None:
    """Compared is the distance to the fractional fill, in sums of absolutes and of squares.

    The fill gives every type below the target the same part of what it lacks, and nothing to a
    type above it.
    """
    k = len(weights)
    current = data.draw(st.lists(st.integers(0, 20), min_size=k, max_size=k))
    size = sum(current) + seats
    lacking = [
        max(Fraction(weight, sum(weights)) * size - now, Fraction(0))
        for weight, now in zip(weights, current, strict=True)
    ]
    fill = [seats * each / (sum(lacking) or 1) for each in lacking]
    found = gap_plan(current, [weight / sum(weights) for weight in weights], seats).tolist()
    assert sum(found) == seats
    assert all(whole == int(whole) >= 0 for whole in found)
    assert all(whole == 0 for whole, each in zip(found, lacking, strict=True) if not each)

    def distance(plan: Any, power: int) -> Fraction:
        return sum(
            (abs(Fraction(a) - b) ** power for a, b in zip(plan, fill, strict=True)), Fraction(0)
        )

    for power in (1, 2):
        best = min(distance(plan, power) for plan in allocations(seats, k))
        assert distance(found, power) == best


@given(compositions, st.integers(0, 30))
def test_a_pool_on_target_stays_there_as_far_as_whole_seats_allow(
    weights: list[int], seats: int
) -> None:
    target = [weight / sum(weights) for weight in weights]
    found = gap_plan([10 * weight for weight in weights], target, seats)
    quota = seats * np.array(target)
    assert (np.abs(found - quota) < 1 + 1e-6).all()


def test_plans_by_hand() -> None:
    assert gap_plan([50, 5, 1], [0.7, 0.2, 0.1], 10).tolist() == [0, 6, 4]
    assert gap_plan([0, 0], [0.5, 0.5], 4).tolist() == [2, 2]
    assert gap_plan([100, 0, 0], [0, 0.5, 0.5], 2).tolist() == [0, 1, 1]
    assert gap_plan([5, 5], [0.5, 0.5], 0).tolist() == [0, 0]
    assert gap_plan([7], [1], 3).tolist() == [3]
    assert gap_plan([0, 0], [0.5, 0.5], 0).tolist() == [0, 0]


def test_ties_go_to_the_larger_shortfall_and_then_to_the_first() -> None:
    assert gap_plan([0, 0], [0.5, 0.5], 1).tolist() == [1, 0]
    assert gap_plan([0, 0, 0], [1 / 3, 1 / 3, 1 / 3], 2).tolist() == [1, 1, 0]
    # Quotas of 0.5 and 1.5.
    assert gap_plan([0, 0], [0.25, 0.75], 2).tolist() == [0, 2]
    assert gap_plan([0, 0], [0.75, 0.25], 2).tolist() == [2, 0]


def test_plans_for_several_numbers_of_seats() -> None:
    plans = gap_plan([50, 5, 1], [0.7, 0.2, 0.1], [0, 1, 10])
    single = [gap_plan([50, 5, 1], [0.7, 0.2, 0.1], seats).tolist() for seats in (0, 1, 10)]
    assert plans.tolist() == single


def test_a_plan_with_many_seats_uses_them_all() -> None:
    rng = np.random.default_rng(7)
    for _ in range(50):
        weights = rng.dirichlet(np.ones(7))
        current = rng.integers(0, 10_000, 7)
        seats = int(rng.integers(0, 1_000_000))
        plan = gap_plan(current, weights, seats)
        assert plan.sum() == seats
        assert (plan >= 0).all()
    assert gap_plan([1e12, 0, 0], [0.2, 0.3, 0.5], 1_000_000).sum() == 1_000_000


# What is refused


@pytest.mark.parametrize(
    ("call", "row", "argument"),
    [
        (manager_worth, (10, 5), "span_low"),
        (manager_worth, (5, 10, 1.5), "output_share"),
        (manager_worth, (5, 10, 0.5, None), "hire_chance"),
        (team_needs, (0, 1, 2, 5, 10), "teams"),
        (team_needs, (1, 2, 1, 5, 10), "amplifiers_low"),
        (team_needs, (1, 1, 2, 15, 10), "iterators_low"),
        (absorption, (4, 0, 1, 1, 1), "span"),
        (absorption, (4, 5, 1, 0, 1), "cost_per_head"),
        (absorption, (4, 5, 1, 1, "many"), "backlog"),
        (years_of_need, (0, 200, 0.2), "current"),
        (team_output, (5, 1, 1, 0), "span"),
        (team_output, (5, 1, 1, 7.5, 0.5, 0), "returns"),
        (team_output, (5, 1, 1, 7.5, 0.5, 0.7, 0), "diversity"),
        (effective_types, (5, -1, 1), "amplifiers"),
        (target_shares, ([0.5, 0.4], [0.5, 0.5], 0.5), "openings"),
        (target_shares, ([0.5, 0.5], [0.5, 0.6], 0.5), "funder_preferences"),
        (target_shares, ([0.5, 0.5], [0.5, 0.3, 0.2], 0.5), "funder_preferences"),
        (target_shares, ([0.5, 0.5], [0.5, 0.5], 1.5), "weight"),
        (target_shares, ([], [], 0.5), "openings"),
        (revised_shares, ([0.5, 0.6], 10, [1, 2]), "prior_shares"),
        (revised_shares, ([0.5, 0.5], -1, [1, 2]), "prior_strength"),
        (revised_shares, ([0.5, 0.5], 0, [0, 0]), "prior_strength"),
        (revised_shares, ([0.5, 0.5], 10, [1, 2, 3]), "observed_counts"),
        (revised_shares, ([0.5, 0.5], 10, "1,2"), "observed_counts"),
        (revised_shares, ([0.5, 0.5], 10, 3), "observed_counts"),
        (revised_shares, ([0.5, 0.5], 10, []), "observed_counts"),
        (gap_plan, ([5, 5], [0.5, 0.5], -1), "seats"),
        (gap_plan, ([5, 5], [0.5, 0.5], 1.5), "seats"),
        (gap_plan, ([5, 5], [0.5, 0.6], 1), "shares"),
        (gap_plan, ([5, 5], [1], 1), "shares"),
        (gap_plan, ([5, None], [0.5, 0.5], 1), "current"),
    ],
)
def test_bad_arguments_are_refused_by_name(call: Any, row: tuple[Any, ...], argument: str) -> None:
    with pytest.raises(InputError, match=f"^{argument} must .*, but is "):
        call(*row)


def test_a_bad_count_is_refused_with_its_row_and_column() -> None:
    bad: Any
    for bad in (None, -1, "two", True):
        table: Any = [[1, 2], [None, None], [1, bad]]
        with pytest.raises(InputError, match=r"^observed_counts \(row 3, column 2\) must"):
            revised_shares([0.5, 0.5], 10, table)
