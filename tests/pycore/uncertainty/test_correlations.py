"""Rank correlations, against scipy's ranks in a sample, eigenvalues and conditional normals."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import qmc

from pycore.errors import InputError
from pycore.uncertainty.correlations import correlation_matrix, normal_correlation, root
from pycore.uncertainty.distributions import fit

IDS = ("a", "b", "c", "d")
DRAWS = 1 << 16

# a and b are one; c goes against both, and d with both.
SINGULAR = [("a", "b", 1), ("a", "c", -0.5), ("b", "c", -0.5), ("d", "a", 0.3), ("d", "b", 0.3)]
ORDINARY = [("a", "b", 0.6), ("c", "a", -0.4), ("c", "d", 0.2)]


def ranks_in_a_sample(matrix: Any, factor: Any) -> Any:
    """Rank correlations of lognormals, PERTs and the like made of correlated normals."""
    points = qmc.Sobol(len(matrix), seed=np.random.default_rng(7)).random(DRAWS)
    normals = stats.norm.ppf(np.clip(points, 1e-12, 1 - 1e-12)) @ factor.T
    kinds = ("lognormal", "pert", "beta", "triangular")
    columns = [
        fit(kind, 0.2, 0.3, 0.5, 0, 0.6).quantile(stats.norm.cdf(column))
        for kind, column in zip(kinds, normals.T, strict=True)
    ]
    return stats.spearmanr(np.stack(columns, axis=1)).statistic


def test_the_normal_correlation() -> None:
    assert normal_correlation([-1, 0, 1]).tolist() == [-1, 0, 1]
    assert normal_correlation(0.5) == pytest.approx(2 * math.sin(math.pi / 12))
    assert normal_correlation(0.5).shape == ()


@given(st.floats(-1, 1))
def test_the_rank_correlation_of_those_normals_is_what_was_asked(rank: float) -> None:
    assert 6 / math.pi * math.asin(normal_correlation(rank) / 2) == pytest.approx(rank, abs=1e-14)


@pytest.mark.parametrize("rank", [1.0000001, -1.0000001, math.nan, None, "0.5", True])
def test_what_is_no_correlation_is_refused(rank: Any) -> None:
    with pytest.raises(InputError, match=r"^rank must be a number from -1 to 1"):
        normal_correlation(rank)


def test_the_matrix_of_a_table() -> None:
    matrix = correlation_matrix(IDS, ORDINARY)
    expected = np.eye(4)
    for one, other, rank in ((0, 1, 0.6), (0, 2, -0.4), (2, 3, 0.2)):
        expected[one, other] = expected[other, one] = 2 * math.sin(math.pi * rank / 6)
    assert matrix == pytest.approx(expected, abs=1e-15)
    assert correlation_matrix(IDS, []).tolist() == np.eye(4).tolist()
    assert correlation_matrix([], []).shape == (0, 0)
    assert correlation_matrix(IDS, iter(ORDINARY)).tolist() == matrix.tolist()


@pytest.mark.parametrize("table", [ORDINARY, SINGULAR])
def test_the_rank_correlations_asked_for_are_found(table: Any) -> None:
    matrix = correlation_matrix(IDS, table)
    found = ranks_in_a_sample(matrix, root(matrix))
    asked = 6 / math.pi * np.arcsin(matrix / 2)
    # The standard error of a rank correlation is at most 1/sqrt(draws), 0.004.
    assert found == pytest.approx(asked, abs=0.01)


def test_equal_ranks_are_equal_numbers() -> None:
    factor = root(correlation_matrix(IDS, SINGULAR))
    assert factor[0].tolist() == factor[1].tolist()
    against = root(correlation_matrix("ab", [("a", "b", -1)]))
    assert against.tolist() == [[1, 0], [-1, 0]]


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_a_root_of_any_rank_in_any_order(size: int, rank: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = rng.standard_normal((size, rank))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    matrix = made @ made.T
    first = rng.permutation(size)[: rng.integers(size + 1)].tolist()
    factor = root(matrix, first)
    assert factor @ factor.T == pytest.approx(matrix, abs=1e-5)
    assert np.square(factor).sum(axis=1) == pytest.approx(1, abs=1e-14)
    order = first + [place for place in range(size) if place not in first]
    assert np.triu(factor[np.ix_(order, order)], 1).tolist() == np.zeros((size, size)).tolist()
    assert (np.diagonal(factor) >= 0).all()


def test_a_root_leaves_its_argument_alone() -> None:
    matrix = correlation_matrix(IDS, ORDINARY)
    matrix.flags.writeable = False
    assert not np.shares_memory(root(matrix), matrix)


@pytest.mark.parametrize("table", [ORDINARY, SINGULAR])
@pytest.mark.parametrize("first", [(0,), (2,), (3, 1), (1, 0), (0, 1, 2)])
def test_the_others_are_drawn_given_the_first(table: Any, first: tuple[int, ...]) -> None:
    """Against the mean and covariance of a conditional normal."""
    matrix = correlation_matrix(IDS, table)
    factor = root(matrix, first)
    frozen, others = list(first), [place for place in range(4) if place not in first]
    # Of the others' numbers z only what is drawn anew counts to their covariance, ...
    spread = factor[np.ix_(others, others)]
    across = matrix[np.ix_(others, frozen)] @ np.linalg.pinv(matrix[np.ix_(frozen, frozen)])
    given_first = matrix[np.ix_(others, others)] - across @ matrix[np.ix_(frozen, others)]
    assert spread @ spread.T == pytest.approx(given_first, abs=1e-9)
    # ... and the frozen ones give their mean: what the frozen x give it, and nothing else.
    frozen_part = factor[np.ix_(frozen, frozen)]
    assert factor[np.ix_(others, frozen)] == pytest.approx(across @ frozen_part, abs=1e-9)
    assert np.all(factor[np.ix_(frozen, others)] == 0)


# What is refused


@pytest.mark.parametrize(
    ("pairs", "argument", "rule", "received"),
    [
        ([("a", "x", 0.1)], "correlations", "between assumptions that vary", "x"),
        ([("a", "b", 0.1), ("x", "a", 0)], "correlations (item 2 of 2)", "between assump", "x"),
        ([("a", None, 0.1)], "correlations", "between assumptions", None),
        ([("a", 3, 0.1)], "correlations", "between assumptions", 3),
        ([("b", "b", 1)], "correlations", "between two different assumptions", "b"),
        ([("a", "b", 0), ("b", "a", 0)], "correlations (item 2 of 2)", "each pair once", "b, a"),
        ([("a", "b", 1.01)], "the correlation of a and b", "be a number from -1 to 1", 1.01),
        ([("a", "b", None)], "the correlation of a and b", "be a number from -1 to 1", None),
        ([("a", "b", "0.5")], "the correlation of a and b", "be a number from -1 to 1", "0.5"),
        ([("a", "b", [0.5])], "the correlation of a and b", "be one number", [0.5]),
    ],
)
def test_a_bad_row_is_refused(pairs: Any, argument: str, rule: str, received: Any) -> None:
    with pytest.raises(InputError, match=re.escape(rule)) as caught:
        correlation_matrix(IDS, pairs)
    assert caught.value.argument == argument
    assert caught.value.received == received


def test_what_cannot_hold_together_is_refused_with_the_pair_and_a_value() -> None:
    table = [("a", "b", 0.9), ("b", "c", 0.8), ("a", "c", 0.2), ("c", "d", 0.5)]
    with pytest.raises(InputError) as caught:
        correlation_matrix(IDS, table)
    assert caught.value.argument == "the correlation of b and c"
    assert caught.value.received == 0.8
    found = re.search(r"be moved to (\S+) to be possible", caught.value.rule)
    assert found
    nearest = float(found[1])
    table[1] = ("b", "c", nearest)
    root(correlation_matrix(IDS, table))
    table[1] = ("b", "c", nearest + 0.01)
    with pytest.raises(InputError):
        correlation_matrix(IDS, table)


def test_the_pair_named_is_the_one_that_goes_farthest() -> None:
    table = {("a", "b"): 0.9, ("b", "c"): 0.8, ("a", "c"): 0.2, ("c", "d"): 0.5, ("a", "d"): -0.7}

    def smallest(ranks: dict[tuple[str, str], float]) -> float:
        matrix = np.eye(4)
        for (one, other), rank in ranks.items():
            places = IDS.index(one), IDS.index(other)
            matrix[places] = matrix[places[::-1]] = 2 * math.sin(math.pi * rank / 6)
        return float(np.linalg.eigvalsh(matrix)[0])

    gains = {
        pair: max(smallest(table | {pair: rank * part}) for part in np.linspace(0, 1, 501))
        for pair, rank in table.items()
    }
    with pytest.raises(InputError) as caught:
        correlation_matrix(IDS, [(*pair, rank) for pair, rank in table.items()])
    best = max(gains, key=lambda pair: gains[pair])
    assert caught.value.argument == "the correlation of " + " and ".join(best)


def test_a_value_beyond_nothing_may_be_what_would_do() -> None:
    table = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)]
    with pytest.raises(InputError, match=r"a and b must be moved to -0\.\d+ to be poss.*is 0\.9$"):
        correlation_matrix(IDS, table)


def test_where_no_single_pair_mends_it_that_is_said() -> None:
    table = [(one, other, -0.9) for one in "abcd" for other in "abcd" if one < other]
    with pytest.raises(InputError, match=r"nearer to 0, and others too.*, but is -0\.9$"):
        correlation_matrix(IDS, table)


@given(st.lists(st.integers(-100, 100), min_size=6, max_size=6))
def test_every_table_is_accepted_with_a_root_or_refused(hundredths: list[int]) -> None:
    pairs = [(one, other) for one in IDS for other in IDS if one < other]
    table = [(*pair, rank / 100) for pair, rank in zip(pairs, hundredths, strict=True)]
    try:
        matrix = correlation_matrix(IDS, table)
    except InputError:
        return
    factor = root(matrix)
    assert factor @ factor.T == pytest.approx(matrix, abs=1e-5)


def test_of_forty_assumptions_the_pair_is_found() -> None:
    ids = [f"x{place}" for place in range(40)]
    chain = [(one, other, 0.4) for one, other in itertools.pairwise(ids)]
    with pytest.raises(InputError, match=r"^the correlation of x7 and x9 must be moved to -0\.\d"):
        correlation_matrix(ids, [*chain, ("x9", "x7", -0.95)])
