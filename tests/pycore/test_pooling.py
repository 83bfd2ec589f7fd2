"""Pooled judgements: the published case, agreement, and what each scale asks for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore.errors import InputError
from pycore.pooling import SCALES, disagreement, pooled

PUBLISHED = [0.0140, 0.0221, 0.0039, 0.0040]


def test_the_published_shares_pool_to_the_geometric_mean_of_their_odds() -> None:
    low, central, high = pooled(PUBLISHED, PUBLISHED, PUBLISHED, [1, 1, 1, 1], "logit")
    odds = math.prod(each / (1 - each) for each in PUBLISHED) ** (1 / 4)
    assert central == pytest.approx(odds / (1 + odds), rel=1e-14)
    assert round(100 * central, 2) == 0.84
    assert round(100 * sum(PUBLISHED) / 4, 2) == 1.10
    assert low == central == high


@given(
    st.sampled_from(SCALES),
    st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3).map(sorted),
    st.integers(1, 5),
)
def test_equal_judgements_give_themselves_back(scale: str, each: list[float], people: int) -> None:
    low, central, high = ([value] * people for value in each)
    weights = [1.0] * people
    assert pooled(low, central, high, weights, scale).tolist() == each
    assert disagreement(low, central, high, weights, scale) == 0


def test_amounts_pool_to_their_geometric_and_plain_ones_to_their_mean() -> None:
    assert pooled([1, 4], [1, 4], [1, 4], [1, 1], "log")[1] == pytest.approx(2, rel=1e-15)
    assert pooled([1, 4], [1, 4], [1, 4], [3, 1], "plain")[1] == 1.75


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=6), st.sampled_from(SCALES))
def test_the_pool_lies_among_the_judgements_whatever_the_weights(
    each: list[float], scale: str
) -> None:
    weights = list(range(1, len(each) + 1))
    central = pooled(each, each, each, weights, scale)[1]
    assert min(each) - 1e-12 <= central <= max(each) + 1e-12
    doubled = pooled(each, each, each, [2 * weight for weight in weights], scale)[1]
    assert doubled == pytest.approx(central, rel=1e-14)


def test_disagreement_is_the_share_of_variance_between_people() -> None:
    one = 1.6448536269514722  # of a standard normal distribution
    # Two people, each with variance 1, their medians at -1 and 1: between them 1 too.
    found = disagreement([-1 - one, 1 - one], [-1, 1], [-1 + one, 1 + one], [1, 1], "plain")
    assert found == pytest.approx(0.5, rel=1e-14)
    assert disagreement([-1, 1], [-1, 1], [-1, 1], [1, 1], "plain") == 1
    draws = np.random.default_rng(1).normal(size=(2, 200_000)) * 0.5 + [[0.0], [2.0]]
    share = np.var([0.0, 2.0]) / draws.var()
    found = disagreement(
        [-0.5 * one, 2 - 0.5 * one], [0, 2], [0.5 * one, 2 + 0.5 * one], [1, 1], "plain"
    )
    assert found == pytest.approx(share, rel=0.01)


@pytest.mark.parametrize(
    ("given_values", "scale", "said"),
    [
        (([0.1], [0.2], [1.2], [1]), "logit", "highs must be a share above 0 and below 1"),
        (([0], [1], [2], [1]), "log", "lows must be a number above 0"),
        (([3], [2], [4], [1]), "plain", "lows must be at most centrals"),
        (([1, 2], [2], [3], [1]), "plain", "centrals must have one number for each of 2"),
        (([1], [2], [3], [0]), "plain", "weights must not all be 0"),
        (([1], [None], [3], [1]), "plain", "centrals must be a number"),
        (([1], [2], [3], [1]), "odds", "scale must be one of: logit, log, plain"),
    ],
)
def test_bad_input_is_named(given_values: Any, scale: str, said: str) -> None:
    low, central, high, weights = given_values
    with pytest.raises(InputError, match=said):
        pooled(low, central, high, weights, scale)
