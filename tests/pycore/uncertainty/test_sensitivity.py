"""Swings, variance-based indices and provenance debt, against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from pycore.checks import Domain
from pycore.errors import InputError
from pycore.nodes import Ordering
from pycore.uncertainty.sampling import Range, Uncertain
from pycore.uncertainty.sensitivity import Influence, debt, sensitivity
from tests.pycore.uncertainty.uncertain import normal, result, total, uncertain, uniform

A, B = 7.0, 0.1


def ishigami(x: Any, y: Any, z: Any) -> Any:
    return np.sin(x) + A * np.sin(y) ** 2 + B * z**4 * np.sin(x)


def indices_of_ishigami() -> tuple[list[float], list[float]]:
    """First-order and total indices (Ishigami and Homma 1990)."""
    one = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    two = A**2 / 8
    both = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + both
    return [one / whole, two / whole, 0], [(one + both) / whole, two / whole, both / whole]


CIRCLE = uniform(-np.pi, np.pi)
ISHIGAMI = uncertain(
    {"x": CIRCLE, "y": CIRCLE, "z": CIRCLE}, [result("f", ishigami, "x", "y", "z")]
)


def by_id(found: tuple[Influence, ...]) -> dict[str, Influence]:
    return {each.id: each for each in found}


def test_ishigami() -> None:
    found = by_id(sensitivity(ISHIGAMI, ["f"], 1 << 16, 1)["f"])
    for each, first, whole in zip("xyz", *indices_of_ishigami(), strict=True):
        assert found[each].first.value == pytest.approx(first, abs=0.005)
        assert found[each].total.value == pytest.approx(whole, abs=0.005)
        assert found[each].first.error < 0.003


def test_errors_cover_as_often_as_they_say() -> None:
    firsts, totals = indices_of_ishigami()
    scores = []
    for seed in range(40):
        found = by_id(sensitivity(ISHIGAMI, ["f"], 1 << 12, seed)["f"])
        for each, first, whole in zip("xyz", firsts, totals, strict=True):
            scores.append((found[each].first.value - first) / found[each].first.error)
            scores.append((found[each].total.value - whole) / found[each].total.error)
    inside = np.mean(np.abs(scores) < stats.t(15).ppf(0.95))
    assert 0.82 < inside < 0.97


WEIGHTS = np.array([1.0, 2.0, -1.5, 0.5])
PAIRS = (("a", "b", 0.5), ("b", "c", 0.3), ("a", "c", -0.2))


def weighted(*parts: Any) -> Any:
    return sum(weight * part for weight, part in zip(WEIGHTS, parts, strict=True))


def linear(pairs: tuple[tuple[str, str, float], ...] = PAIRS, **more: Any) -> Uncertain:
    return uncertain(
        dict.fromkeys("abcd", normal(1, 1)), [result("y", weighted, *"abcd")], pairs, **more
    )


def covariance() -> Any:
    matrix = np.eye(4)
    for one, other, rank in PAIRS:
        i, j = "abcd".index(one), "abcd".index(other)
        matrix[i, j] = matrix[j, i] = 2 * np.sin(np.pi * rank / 6)
    return matrix


def explained(group: list[int]) -> float:
    """The share of the variance of the sum that the linear regression on a group explains."""
    matrix = covariance()
    with_sum = (matrix @ WEIGHTS)[group]
    within = np.linalg.solve(matrix[np.ix_(group, group)], with_sum)
    return float(with_sum @ within / (WEIGHTS @ matrix @ WEIGHTS))


def test_linear_gaussian_under_correlation() -> None:
    found = by_id(sensitivity(linear(), ["y"], 1 << 15, 1)["y"])
    for place, each in enumerate("abcd"):
        others = [other for other in range(4) if other != place]
        assert found[each].first.value == pytest.approx(explained([place]), abs=0.005)
        assert found[each].total.value == pytest.approx(1 - explained(others), abs=0.005)
        assert abs(found[each].first.value - explained([place])) < 5 * found[each].first.error


def test_a_share_of_nearly_everything_is_told_as_sharply_as_one_of_nearly_nothing() -> None:
    """Var(0.1 a + b) = 0.01 + 1: what the one estimator blurs, the other tells."""
    given = uncertain(
        {"a": normal(0, 1), "b": normal(0, 1)},
        [result("y", lambda a, b: 0.1 * a + b, "a", "b")],
    )
    found = by_id(sensitivity(given, ["y"], 1 << 12, 1)["y"])
    for each, share in (("a", 0.01 / 1.01), ("b", 1 / 1.01)):
        assert abs(found[each].first.value - share) < 4 * found[each].first.error
        assert found[each].first.error < 2e-3


def test_shares_lie_between_nothing_and_everything() -> None:
    for seed in range(5):
        for each in sensitivity(linear(), ["y"], 256, seed)["y"]:
            assert 0 <= each.first.value <= 1
            assert 0 <= each.total.value <= 1


def test_a_variance_that_does_not_settle_has_no_shares() -> None:
    given = uncertain(
        {"a": uniform(0, 1), "b": uniform(-1, 2)},
        [result("y", lambda a, b: b + 1 / a, "a", "b")],
    )
    found = sensitivity(given, ["y"], 1 << 13, 1)["y"]
    assert [each.settled for each in found] == [False, False]
    assert [each.first_rank for each in found] == [each.swing_rank for each in found]
    assert not any(each.differs for each in found)
    owing = debt(given, ["y"], 1 << 13, 1, 2026, 0)
    assert np.isnan(owing.shares["y"].value)


def test_a_correlated_one_that_is_no_argument_counts() -> None:
    given = uncertain(
        dict.fromkeys("abc", normal(0, 1)), [result("y", total, "a")], (("a", "b", 0.7),)
    )
    found = by_id(sensitivity(given, ["y"], 1 << 14, 1)["y"])
    assert set(found) == {"a", "b"}
    assert found["a"].first.value == pytest.approx(1, abs=0.002)
    assert found["b"].first.value == pytest.approx((2 * np.sin(0.7 * np.pi / 6)) ** 2, abs=0.005)
    assert found["b"].total.value == 0


def test_swings_and_where_the_ranks_differ() -> None:
    """Curved: at the ends of its range y is the same, so only the variance sees it."""
    given = uncertain(
        {"x": uniform(-1, 1), "y": uniform(-1, 1), "z": uniform(-1, 1)},
        [result("f", lambda x, y, z: x + 5 * y**2 + 3 * z, "x", "y", "z")],
    )
    found = sensitivity(given, ["f"], 1 << 12, 1)["f"]
    assert [each.id for each in found] == ["z", "y", "x"]
    assert [each.first_rank for each in found] == [1, 2, 3]
    assert [each.swing_rank for each in found] == [1, 3, 2]
    assert [each.differs for each in found] == [False, True, True]
    swings = by_id(found)
    assert (swings["z"].at_low, swings["z"].at_high) == pytest.approx((-2.7, 2.7))
    assert swings["y"].swing == pytest.approx(0)


def test_several_results_and_equal_seeds() -> None:
    given = uncertain(
        dict.fromkeys("abcd", normal(1, 1)),
        [result("one", total, "a", "b"), result("two", total, "b", "c", "one")],
        (("c", "d", 0.5),),
    )
    both = sensitivity(given, ["one", "two"], 1 << 14, 1)
    assert {each.id for each in both["one"]} == {"a", "b"}
    assert {each.id for each in both["two"]} == {"a", "b", "c", "d"}
    assert both["one"] == sensitivity(given, ["one"], 1 << 14, 1)["one"]
    assert both["one"] != sensitivity(given, ["one"], 1 << 14, 2)["one"]
    assert by_id(both["one"])["a"].first.value == pytest.approx(0.5, abs=0.01)
    assert by_id(both["two"])["b"].first.value == pytest.approx(4 / 6, abs=0.01)


def test_orderings_are_kept_in_a_swing() -> None:
    given = uncertain(
        {"small": Range("uniform", 1, 3, 5), "large": Range("uniform", 2, 4, 9)},
        [result("y", total, "small", "large")],
        orderings=(Ordering(smaller="small", larger="large"),),
    )
    found = by_id(sensitivity(given, ["y"], 64, 1)["y"])
    assert (found["small"].at_low, found["small"].at_high) == (5, 8)
    assert (found["large"].at_low, found["large"].at_high) == (4, 12)


def test_nothing_uncertain() -> None:
    given = uncertain({"a": Range("fixed", 1, 1, 1)}, [result("y", total, "a")])
    assert sensitivity(given, ["y"], 64, 1) == {"y": ()}


# Provenance debt

SOURCES = {
    "a": ("a survey", "2024"),
    "b": (" Judgement, edit me", "2026"),
    "c": ("", "2026"),
    "d": ("a page", "2019-05"),
}


def test_the_debt_is_the_index_of_the_group() -> None:
    owing = debt(linear(sources=SOURCES), ["y"], 1 << 15, 1, 2026, 5)
    assert owing.owed == (("b", "judgement"), ("c", "no source"), ("d", "from 2019"))
    assert owing.shares["y"].value == pytest.approx(explained([1, 2, 3]), abs=0.005)
    younger = debt(linear(sources=SOURCES), ["y"], 1 << 15, 1, 2026, 7)
    assert [each.id for each in younger.owed] == ["b", "c"]
    assert younger.shares["y"].value == pytest.approx(explained([1, 2]), abs=0.005)


def test_no_debt_and_nothing_but_debt() -> None:
    none = debt(linear(), ["y"], 1024, 1, 2026, 5)
    assert not none.owed
    assert none.shares["y"].value == 0
    undated = dict.fromkeys("abcd", ("a page", ""))
    everything = debt(linear(sources=undated), ["y"], 1 << 13, 1, 2026, 5)
    assert {each.reason for each in everything.owed} == {"no date"}
    assert everything.shares["y"].value == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("draws", [0, 31, 2**20 + 1, 0.5])
def test_refused(draws: Any) -> None:
    with pytest.raises(InputError, match="draws must be a whole number from 32 to 1,048,576"):
        sensitivity(ISHIGAMI, ["f"], draws, 1)
    with pytest.raises(InputError, match="year must be"):
        debt(ISHIGAMI, ["f"], 64, 1, 26, 5)
    whole = uncertain({"a": normal(1, 1)}, [result("y", total, "a")], domains={"a": Domain(-9, 9)})
    with pytest.raises(InputError, match="be one of the graph's, but is 'x'"):
        sensitivity(whole, ["x"], 64, 1)
