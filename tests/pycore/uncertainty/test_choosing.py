"""Choosing between uses of money: closed forms, sums over years, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pycore.errors import InputError
from pycore.uncertainty.choosing import careers, chance_best, counterfactual, evpi, realised
from pycore.uncertainty.information import value_of_choice, value_of_information
from tests.pycore.uncertainty.uncertain import normal, result, total, uncertain

SHARES = st.floats(0, 1)


def of_two_normals(mean: float, sd: float) -> float:
    """``sd*phi(a) - |mean|*Phi(-a)`` of the difference, ``a = |mean|/sd`` (Raiffa 1961)."""
    a = abs(mean) / sd
    return float(sd * stats.norm.pdf(a) - abs(mean) * stats.norm.cdf(-a))


def quantiles(number: int, seed: int) -> Any:
    """Normal numbers, one from the middle of each of equal parts, in an order drawn at random."""
    even = stats.norm.ppf((np.arange(number) + 0.5) / number)
    return np.random.default_rng(seed).permutation(even)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.7, 1.5), (-2.0, 1.0)])
def test_two_normal_alternatives(mean: float, sd: float) -> None:
    first = 5 + 3 * quantiles(20_000, 1)
    difference = mean + sd * quantiles(20_000, 2)
    values = np.stack([first + difference, first], axis=1)
    assert evpi(values) == pytest.approx(of_two_normals(mean, sd), rel=2e-3)
    expected = stats.norm.cdf(mean / sd)
    assert chance_best(values) == pytest.approx([expected, 1 - expected], abs=1e-4)


tables = st.integers(1, 5).flatmap(
    lambda uses: st.lists(
        st.lists(st.floats(-1e6, 1e6), min_size=uses, max_size=uses), min_size=1, max_size=20
    )
)


@given(tables)
def test_knowing_is_never_worth_less_than_nothing(rows: list[list[float]]) -> None:
    values = np.asarray(rows)
    found = evpi(values)
    definition = values.max(axis=1).mean() - values.mean(axis=0).max()
    assert found == pytest.approx(definition, abs=1e-6)
    assert found >= -1e-9
    assert chance_best(values).sum() == pytest.approx(1)
    assert evpi(values + 1e3) == pytest.approx(found, abs=1e-6)


def test_where_one_use_is_always_best_it_is_worth_nothing() -> None:
    values = np.random.default_rng(1).normal(size=(1000, 1)) * [1, 1, 1] + [0, 0.1, 0.05]
    assert evpi(values) == 0
    assert chance_best(values).tolist() == [0, 1, 0]


def test_three_uses_in_a_graph() -> None:
    ranges = {"a": normal(1, 1), "b": normal(1.3, 0.5), "c": normal(0, 0.1)}
    uses = [result(f"use_{each}", total, each) for each in ranges]
    found = value_of_choice(uncertain(ranges, uses), ["use_a", "use_b", "use_c"], 1 << 16, 1)
    assert found.best == "use_b"
    assert [found.uses[each.id].value for each in uses] == pytest.approx([1, 1.3, 0], abs=1e-3)
    # Knowing a alone chooses between it and 1.3; c is never in question, but with what is bad.
    assert found.each["a"].value == pytest.approx(of_two_normals(0.3, 1), abs=2e-3)
    assert found.each["b"].value == pytest.approx(of_two_normals(0.3, 0.5), abs=2e-3)
    assert found.each["c"].value == pytest.approx(0, abs=1e-6)
    rows = np.random.default_rng(1).normal(size=(400_000, 3)) * [1, 0.5, 0.1] + [1, 1.3, 0]
    assert found.everything.value == pytest.approx(evpi(rows), abs=5e-3)
    assert found.everything.value > found.each["a"].value > found.each["b"].value


def test_two_uses_are_one_decision() -> None:
    ranges = {"a": normal(1, 1), "b": normal(1.3, 0.5)}
    results = [
        result("one", total, "a"),
        result("other", total, "b"),
        result("net", lambda a, b: a - b, "a", "b"),
    ]
    graph = uncertain(ranges, results)
    choice = value_of_choice(graph, ["one", "other"], 1 << 12, 1)
    worth = value_of_information(graph, "net", 1 << 12, 1)
    assert choice.everything.value == pytest.approx(worth.everything.value, rel=1e-9)
    for each, known in worth.each.items():
        assert choice.each[each].value == pytest.approx(known.value, rel=1e-9)


def test_no_table_of_uses_is_refused() -> None:
    nothing: list[Any] = [3.0, [1, 2], [[]], [[1, None]], [[1, "a"]], [[1, 2], [3]], [[np.nan]]]
    for values in nothing:
        with pytest.raises(InputError, match=r"^values"):
            evpi(values)
        with pytest.raises(InputError, match=r"^values"):
            chance_best(values)
    with pytest.raises(InputError, match=r"^uses must name at least one"):
        value_of_choice(uncertain({"a": normal(1, 1)}, []), [], 512, 1)


# What is left of a multiple


@given(st.floats(0, 1e6), SHARES, SHARES)
def test_shares_leave_less_of_a_multiple(multiple: float, working: float, anyway: float) -> None:
    left = counterfactual(multiple, anyway)
    assert left == pytest.approx(multiple - multiple * anyway, abs=1e-9)
    assert realised(multiple, working, anyway) == pytest.approx(left * working, abs=1e-9)
    assert realised(multiple, 1, anyway) == left
    assert realised(multiple, 1, 0) == counterfactual(multiple, 0) == multiple


@given(st.floats(0, 1e6), st.integers(0, 60), SHARES, st.floats(0, 2))
def test_a_career_is_the_sum_of_its_years(
    value: float, years: int, leaving: float, discount: float
) -> None:
    each = [value * ((1 - leaving) / (1 + discount)) ** year for year in range(years)]
    assert careers(value, years, leaving, discount) == pytest.approx(sum(each), rel=1e-9)


def test_careers_at_the_ends() -> None:
    assert careers(100, 10, 0, 0) == 1000
    assert careers(100, 2.5, 0, 0) == 250
    assert careers(100, 10, 1, 0.05) == 100
    assert careers(100, 0, 1, 0) == careers(100, 0, 0.1, 0.1) == 0
    # A small decay keeps its digits: 1 - 4.5*1e-12 of the whole.
    assert 1000 - careers(100, 10, 1e-12, 0) == pytest.approx(4.5e-9, rel=1e-4)
    # An endless career, 10% a year in all: 1/(1 - q).
    assert careers(1, 200, 0, 0.25) == pytest.approx(5)


def test_they_broadcast_and_name_what_they_refuse() -> None:
    assert np.shape(careers([1, 2], [[3], [4], [5]], 0.1, 0.05)) == (3, 2)
    assert np.shape(realised([1, 2], [[0.5], [1.0]], 0)) == (2, 2)
    assert np.shape(careers([], 3, 0.1, 0.05)) == (0,)
    refused: list[tuple[str, Any, tuple[Any, ...]]] = [
        ("multiple", realised, (-1, 0, 0)),
        ("working_share", realised, (1, 1.1, 0)),
        ("share_anyway", counterfactual, (1, "a")),
        ("value_per_year", careers, (None, 1, 0, 0)),
        ("years", careers, (1, 201, 0, 0)),
        ("leaving", careers, (1, 1, -0.1, 0)),
        ("discount", careers, (1, 1, 0, -0.1)),
    ]
    for argument, call, arguments in refused:
        with pytest.raises(InputError, match=f"^{argument} must"):
            call(*arguments)
