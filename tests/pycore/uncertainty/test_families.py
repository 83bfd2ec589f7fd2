"""The families before they are truncated: both ends agree, and with numeric integration."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from pycore.uncertainty.families import (
    Beta,
    Family,
    Lognormal,
    Normal,
    Point,
    Triangular,
    Uniform,
)
from pycore.uncertainty.metalogs import Metalog

FAMILIES: list[Family] = [
    Uniform(-1, 3),
    Triangular(-1, 0.5, 3),
    Triangular(0, 0.1, 3),
    Normal(1, 0.7),
    Lognormal(Normal(0, 0.5)),
    Beta(0, 1, 2.5, 0.7),
    Beta(-1, 3, 1.5, 4.5),
    Metalog(1, -np.inf, np.inf, 0.0, 0.3, 0.2),
    Metalog(1, -np.inf, np.inf, 0.1, 0.3, -0.4),
    Metalog(2, -1, np.inf, 0.0, 0.3, 0.2),
    Metalog(2, -np.inf, 2.5, 0.0, 0.3, -0.2),
    Metalog(0.3, 0, 1, -0.2, 0.5, 0.6),
    Metalog(0.3, 0, 1e15, 0.0, 0.4, 0.6),
]

every_family = pytest.mark.parametrize("family", FAMILIES, ids=str)

WEIGHTS = np.concatenate([[1e-9, 1e-6], np.linspace(0.01, 0.5, 50)])


@every_family
def test_both_inverses_invert_their_weights(family: Family) -> None:
    assert family.below(family.from_below(WEIGHTS)) == pytest.approx(WEIGHTS, rel=1e-6, abs=1e-11)
    assert family.above(family.from_above(WEIGHTS)) == pytest.approx(WEIGHTS, rel=1e-6, abs=1e-11)


@every_family
def test_the_ends_agree_in_the_middle(family: Family) -> None:
    weights = np.linspace(0.01, 0.99, 99)
    x = family.from_below(weights)
    assert family.from_above(1 - weights) == pytest.approx(x, rel=1e-12, abs=1e-12)
    assert family.below(x) + family.above(x) == pytest.approx(1, abs=1e-12)
    assert (np.diff(x) > 0).all()


@every_family
def test_nothing_lies_beyond_the_ends(family: Family) -> None:
    first, last = family.ends
    assert math.isfinite(first)
    assert math.isfinite(last)
    beyond = np.array([-np.inf, first - 1, last + 1, np.inf])
    assert family.below(beyond) == pytest.approx([0, 0, 1, 1], abs=1e-300)
    assert family.above(beyond) == pytest.approx([1, 1, 0, 0], abs=1e-300)


@every_family
@pytest.mark.parametrize(("below", "above"), [(0.1, 0.2), (0.6, 0.3), (0.3, 0.6), (1e-4, 0.99)])
def test_the_mean_between_is_an_integral(family: Family, below: float, above: float) -> None:
    low = float(family.from_below(np.asarray(below)))
    high = float(family.from_above(np.asarray(above)))

    def at(weight: float) -> Any:
        return float(family.from_below(np.asarray(weight)))

    area, _ = quad(at, below, 1 - above, epsabs=1e-12, epsrel=1e-12, limit=200)
    assert family.mean(low, high) == pytest.approx(area / (1 - below - above), rel=1e-8)


def test_a_point_is_everywhere_the_same() -> None:
    point = Point(3)
    assert list(point.ends) == [3, 3]
    assert point.from_below(WEIGHTS).tolist() == [3] * len(WEIGHTS)
    assert point.from_above(WEIGHTS).tolist() == [3] * len(WEIGHTS)
    assert point.below(np.array([2.9, 3, 3.1])).tolist() == [0, 1, 1]
    assert point.above(np.array([2.9, 3, 3.1])).tolist() == [1, 0, 0]
    assert point.mean(0, 9) == 3
