"""Opinions pooled: closed forms, what any pool must hold, and what a bad opinion comes to."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from pycore.errors import REFUSED, InputError
from pycore.uncertainty.distributions import KINDS, fit
from pycore.uncertainty.opinions import check_opinions, pooled_opinions, pooled_percentiles

TAIL = 1.6448536269514722
LEVELS = (0.05, 0.5, 0.95)
PUBLISHED = [0.0140, 0.0221, 0.0039, 0.0040]
NAMES = [["Cost", "cost"], ["Share", "share"]]
WIDE: Any = (["lognormal", "metalog"], [0, 0], [1e6, 1])

Row = tuple[float, float, float]
Cells = list[list[object]]

SPREAD = [kind for kind in KINDS if kind != "fixed"]
ranges = st.tuples(st.floats(0.1, 0.4), st.floats(0.05, 0.2), st.floats(0.05, 0.2)).map(
    lambda each: (each[0], each[0] + each[1], each[0] + each[1] + each[2])
)
people = st.lists(st.tuples(ranges, st.integers(1, 9)), min_size=1, max_size=5)


def pool(rows: list[Row], weights: list[Any], kind: str, least: float, most: float) -> Any:
    lows, centrals, highs = (list(each) for each in zip(*rows, strict=True))
    return pooled_percentiles(lows, centrals, highs, weights, kind, least, most)


# Percentiles of all together


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [1, 2, 5])
def test_equal_judgements_give_their_own_percentiles(kind: str, number: int) -> None:
    row = (0.2, 0.3, 0.4)
    found = pool([row] * number, [1.0] * number, kind, 0, 1)
    expected = fit("metalog" if kind == "fixed" else kind, *row, 0, 1).quantile(LEVELS)
    assert found.tolist() == expected.tolist()


def test_two_uniform_distributions_have_a_closed_form() -> None:
    # From -0.5 to 9.5 and from 19.5 to 29.5, apart: half of each tail is in each.
    found = pool([(0, 5, 9), (20, 25, 29)], [1, 1], "uniform", -100, 100)
    assert found == pytest.approx([0.5, 9.5, 28.5], abs=1e-12)
    # With weights of 3 and 1 the median is two thirds up the first.
    found = pool([(0, 5, 9), (20, 25, 29)], [3, 1], "uniform", -100, 100)
    assert found == pytest.approx([-0.5 + 10 / 15, -0.5 + 10 * 2 / 3, 27.5], abs=1e-12)


@pytest.mark.parametrize("weights", [(1, 1), (1, 3), (5, 1)])
def test_two_normal_distributions_are_as_scipy_has_them(weights: tuple[float, float]) -> None:
    means, deviations = (10.0, 14.0), (1.0, 2.5)
    rows = [(m - TAIL * s, m, m + TAIL * s) for m, s in zip(means, deviations, strict=True)]
    found = pool(rows, list(weights), "normal", -1e6, 1e6)
    shares = np.array(weights) / sum(weights)
    for level, x in zip(LEVELS, found, strict=True):

        def excess(y: float, level: float = level) -> float:
            return float(shares @ stats.norm.cdf(y, means, deviations)) - level

        assert x == pytest.approx(optimize.brentq(excess, -50, 80, xtol=1e-13), rel=1e-12)


def test_certain_people_who_differ_give_the_first_value_that_reaches_a_level() -> None:
    rows: list[Row] = [(1, 1, 1), (2, 2, 2), (7, 7, 7)]
    assert pool(rows, [1, 1, 1], "fixed", 0, 10) == pytest.approx([1, 2, 7], rel=1e-15)
    assert pool(rows, [98, 1, 1], "fixed", 0, 10) == pytest.approx([1, 1, 1], rel=1e-15)


@settings(deadline=None, max_examples=40)
@given(people, st.sampled_from(SPREAD))
def test_a_pool_lies_among_the_percentiles_whatever_order_and_scale(
    judged: list[tuple[Row, int]], kind: str
) -> None:
    rows, weights = (list(each) for each in zip(*judged, strict=True))
    found = pool(rows, weights, kind, 0, 1)
    own = np.array([fit(kind, low, x, high, 0, 1).quantile(LEVELS) for low, x, high in rows])
    assert (own.min(axis=0) <= found).all()
    assert (found <= own.max(axis=0)).all()
    assert found.tolist() == sorted(found)
    turned = pool(rows[::-1], weights[::-1], kind, 0, 1)
    assert turned == pytest.approx(found, rel=1e-9)
    assert pool(rows, [8 * each for each in weights], kind, 0, 1) == pytest.approx(found, rel=1e-9)


def test_all_together_are_no_surer_than_the_draws_of_all() -> None:
    rows: list[Row] = [(1, 2, 4), (3, 6, 12), (2, 9, 10)]
    found = pool(rows, [1, 2, 1], "metalog", 0, 100)
    rng = np.random.default_rng(1)
    who = rng.choice(3, 200_000, p=[0.25, 0.5, 0.25])
    levels = rng.uniform(size=who.size)
    draws = np.empty(who.size)
    for at, row in enumerate(rows):
        draws[who == at] = fit("metalog", *row, 0, 100).quantile(levels[who == at])
    assert found == pytest.approx(np.quantile(draws, LEVELS), rel=0.02)


# The table


def test_the_published_shares_pool_to_084_per_cent() -> None:
    rows = [["Share", f"P{at}", x, x, x, None] for at, x in enumerate(PUBLISHED)]
    (row, blank) = pooled_opinions(rows, [["", None]], NAMES, *WIDE)
    assert row[:2].tolist() == ["share", 4]
    assert round(100 * row[3], 2) == 0.84
    assert row[8:].tolist() == [1.0, "logit"]
    assert blank.tolist() == [""] * 10


def test_assumptions_stand_in_their_order_by_name_or_id_and_whatever_their_case() -> None:
    rows: Cells = [["share", "Ana", 0.1, 0.2, 0.3], [None] * 5, [" COST ", "Ana", 10, 20, 40]]
    found = pooled_opinions(rows, [["", ""]], NAMES, *WIDE)
    assert found[:, :5].tolist() == [["cost", 1, 10, 20, 40], ["share", 1, 0.1, 0.2, 0.3]]
    assert found[:, 8:].tolist() == [[0, "log"], [0, "logit"]]


def test_weights_count_and_a_blank_one_is_1_and_0_is_nobody() -> None:
    rows = [["Cost", name, x, x, x] for name, x in (("Ana", 1), ("ben ", 16), ("Cho", 99))]
    table: Cells = [["Ana", 3], ["Ben", None], ["Cho", 0]]
    (cost, _) = pooled_opinions(rows, table, NAMES, *WIDE)
    assert cost[1:4].tolist() == [2, pytest.approx(2), pytest.approx(2)]
    nobody = pooled_opinions(rows[2:], table, NAMES, *WIDE)
    assert nobody[0].tolist() == [""] * 10


@pytest.mark.parametrize(
    ("row", "scale"),
    [((0, 0.2, 0.3), "plain"), ((0.1, 0.2, 1), "plain"), ((0.1, 0.2, 0.3), "logit")],
)
def test_a_share_of_0_or_1_is_pooled_without_a_logarithm(row: Row, scale: str) -> None:
    found = pooled_opinions([["Share", "Ana", *row]], [["", ""]], NAMES, *WIDE)
    assert found[0, 9] == scale
    assert found[0, 2:5].tolist() == list(row)


BAD = {
    ("Cost", "Ana", 1, 2, None): "column 5\\) must be a number .*, but is blank",
    ("Cost", "Ana", 1, "two", 3): "column 4\\) must be a number .*, but is 'two'",
    ("Cost", "Ana", 3, 2, 4): "column 4\\) must be at least low \\(3\\), but is 2",
    ("Cost", "Ana", 1, 5, 4): "column 5\\) must be at least central \\(5\\), but is 4",
    ("Cost", "Ana", -1, 5, 9): "column 3\\) must be a number from 0 to 1,000,000",
    ("Cost", "Ana", 0, 5, 9): "column 3\\) must be above 0 for a lognormal",
}


@pytest.mark.parametrize("row", BAD, ids=map(str, BAD))
def test_a_bad_opinion_spoils_its_assumption_alone_and_is_named(row: tuple[Any, ...]) -> None:
    good = ["Share", "Ana", 0.1, 0.2, 0.3]
    found = pooled_opinions([good, list(row)], [["", ""]], NAMES, *WIDE)
    assert found[0].tolist() == ["cost", 1, *[REFUSED] * 8]
    assert found[1, 2:5].tolist() == [0.1, 0.2, 0.3]
    for call in (
        lambda: pooled_opinions([list(row)], [["", ""]], NAMES, *WIDE),
        lambda: check_opinions(
            [list(row)], [["", ""]], NAMES, WIDE[0], list(zip(*WIDE[1:], strict=True))
        ),
    ):
        with pytest.raises(InputError, match=rf"opinions \(row 1, {BAD[row]}"):
            call()


@pytest.mark.parametrize(
    ("rows", "table", "said"),
    [
        ([["Coast", "Ana", 1, 2, 3]], [], r"opinions \(row 1, column 1\) must be the name of an"),
        ([["Cost", " ", 1, 2, 3]], [], r"opinions \(row 1, column 2\) must name the person"),
        (
            [["Cost", "Ana", 1, 2, 3], ["cost", "ana", 1, 2, 3]],
            [],
            r"opinions \(row 2, column 2\) must judge cost once, but is 'ana'",
        ),
        ([], [["Ana", "much"]], r"people \(row 1, column 2\) must be a weight .* but is 'much'"),
        ([], [["Ana", -1]], r"people \(row 1, column 2\) must be a weight of at least 0"),
        ([], [["", 1]], r"people \(row 1, column 1\) must name the person of the weight"),
        ([], [["Ana", 1], ["ana", 2]], r"people \(row 2, column 1\) must name each person once"),
    ],
)
def test_what_spoils_all_is_refused(rows: list[Any], table: list[Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        pooled_opinions([*rows, [None] * 5], table or [["", None]], NAMES, *WIDE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([["Cost", "Ana", 1, 2]], [["", ""]], NAMES, *WIDE), "opinions must have 5 columns"),
        (([[None] * 5], [["Ana"]], NAMES, *WIDE), "people must have 2 columns, but is 1"),
        (([[None] * 5], [["", ""]], [["Cost"]], *WIDE), "names must have 2 columns"),
        (([[None] * 5], [["", ""]], NAMES, ["normal"], [0, 0], [1, 1]), "distribution must have"),
        (([[None] * 5], [["", ""]], NAMES, WIDE[0], [0], [1, 1]), "minimum must have one for each"),
        (([[None] * 5], [["", ""]], NAMES, WIDE[0], [0, 0], [1, "x"]), "maximum must be a number"),
    ],
)
def test_tables_and_lists_that_do_not_fit_are_refused(arguments: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        pooled_opinions(*arguments)


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [["Cost", name, x, 2 * x, 5 * x] for name, x in (("Ana", 1), ("Ben", 3), ("Cho", 9))]
    first = pooled_opinions(rows, [["Ana", 2]], NAMES, *WIDE)[0, 2:9].astype(float)
    for order in itertools.permutations(rows):
        found = pooled_opinions(list(order), [["Ana", 2]], NAMES, *WIDE)[0, 2:9].astype(float)
        assert found == pytest.approx(first, rel=1e-12)
