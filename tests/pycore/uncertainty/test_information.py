"""Value of information of a decision between two actions, against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from pycore.errors import InputError
from pycore.uncertainty.information import value_of_information
from pycore.uncertainty.sampling import Uncertain
from tests.pycore.uncertainty.uncertain import lognormal, normal, result, uncertain

WEIGHTS = {"a": 1.0, "b": 2.0, "c": 0.2, "d": 0.0}


def weighted(*parts: Any) -> Any:
    return sum(weight * part for weight, part in zip(WEIGHTS.values(), parts, strict=True))


def decision(mean: float, pairs: tuple[tuple[str, str, float], ...] = ()) -> Uncertain:
    ranges = dict.fromkeys(WEIGHTS, normal(0, 1)) | {"a": normal(mean, 1)}
    return uncertain(ranges, [result("net", weighted, *WEIGHTS)], pairs)


def worth(mean: float, sd: float) -> float:
    """E[max(0, X)] - max(0, E[X]) for a normal X (Raiffa and Schlaifer 1961)."""
    return float(sd * stats.norm.pdf(mean / sd) - abs(mean) * stats.norm.sf(abs(mean) / sd))


@pytest.mark.parametrize("mean", [-1.0, 0.3, 2.0])
def test_a_normal_problem(mean: float) -> None:
    found = value_of_information(decision(mean), "net", 1 << 16, 1)
    assert found.acts == (mean >= 0)
    assert found.net.value == pytest.approx(mean, abs=1e-3)
    whole = np.sqrt(sum(weight**2 for weight in WEIGHTS.values()))
    assert found.everything.value == pytest.approx(worth(mean, whole), rel=0.005, abs=2e-4)
    for each, weight in WEIGHTS.items():
        exact = worth(mean, abs(weight)) if weight else 0
        assert found.each[each].value == pytest.approx(exact, rel=0.01, abs=1e-3), each


def test_under_correlation() -> None:
    pairs = (("a", "d", 0.8), ("a", "b", -0.5))
    found = value_of_information(decision(0.3, pairs), "net", 1 << 16, 1)
    of_a = abs(1 - 2 * 2 * np.sin(np.pi * 0.5 / 6))
    assert found.each["a"].value == pytest.approx(worth(0.3, of_a), abs=2e-3)
    # Knowing d tells of a, and through a of b: only what a and b share with d directly.
    of_d = 2 * np.sin(np.pi * 0.8 / 6)
    assert found.each["d"].value == pytest.approx(worth(0.3, of_d), abs=2e-3)


def test_errors_cover_as_often_as_they_say() -> None:
    scores = []
    for seed in range(40):
        found = value_of_information(decision(0.3), "net", 1 << 13, seed)
        whole = np.sqrt(sum(weight**2 for weight in WEIGHTS.values()))
        scores.append((found.everything.value - worth(0.3, whole)) / found.everything.error)
        scores.append((found.each["b"].value - worth(0.3, 2)) / found.each["b"].error)
    inside = np.mean(np.abs(scores) < stats.t(15).ppf(0.95))
    assert 0.8 < inside <= 1


@pytest.mark.parametrize("price", [2.0, 3.0, 4.0])
def test_a_flip_far_out_in_a_tail(price: float) -> None:
    """What lies above ln(price) normal sds: 1 in 44, in 740 and in 32,000 costs.

    Knowing a cost c whose logarithm is standard normal is worth E[max(0, c - value)] to who acts:
    the formula of Black and Scholes.
    """
    value = float(np.exp(price))
    ranges = {"value": normal(value, value), "cost": lognormal(0, 1)}
    given = uncertain(ranges, [result("net", lambda v, c: v - c, "value", "cost")])
    exact = np.exp(0.5) * stats.norm.cdf(1 - price) - value * stats.norm.cdf(-price)
    found = [value_of_information(given, "net", 1 << 9, seed).each["cost"] for seed in range(30)]
    scores = [(each.value - exact) / each.error for each in found]
    assert 0.75 < np.mean(np.abs(scores) < stats.t(15).ppf(0.95)) <= 1
    assert np.median([each.error for each in found]) < 0.1 * exact
    assert np.mean([each.value for each in found]) == pytest.approx(exact, rel=0.02)


def test_the_bar_moves_the_decision() -> None:
    found = value_of_information(decision(5), "net", 1 << 13, 1, bar=5.3)
    assert not found.acts
    assert found.net.value == pytest.approx(-0.3, abs=2e-3)
    assert found.each["b"].value == pytest.approx(worth(-0.3, 2), abs=5e-3)


def test_nothing_is_worth_less_than_nothing() -> None:
    found = value_of_information(decision(0.02), "net", 512, 3)
    assert all(each.value >= 0 for each in found.each.values())
    assert found == value_of_information(decision(0.02), "net", 512, 3)


def test_refused() -> None:
    with pytest.raises(InputError, match="draws must"):
        value_of_information(decision(1), "net", 16, 1)
    with pytest.raises(InputError, match="bar must be a number"):
        value_of_information(decision(1), "net", 64, 1, bar=float("inf"))
