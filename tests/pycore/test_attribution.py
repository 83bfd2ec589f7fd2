"""Shapley shares: their definition, their sum, and what symmetry asks of them."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore.attribution import MOST_EXACT, shapley
from pycore.errors import InputError


def by_orders(answers: dict[tuple[bool, ...], float], number: int) -> list[float]:
    """The definition: the mean over all orders of what each change does when it comes."""
    shares = [0.0] * number
    orders = list(permutations(range(number)))
    for order in orders:
        made = [False] * number
        for change in order:
            before = answers[tuple(made)]
            made[change] = True
            shares[change] += (answers[tuple(made)] - before) / len(orders)
    return shares


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_shares_are_the_mean_over_all_orders(number: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    places = [tuple(bool(place >> bit & 1) for bit in range(number)) for place in range(2**number)]
    answers = dict(zip(places, random.normal(size=2**number).tolist(), strict=True))
    found = shapley(lambda made: [answers[tuple(map(bool, row))] for row in made], number)
    assert found.values == pytest.approx(by_orders(answers, number), abs=1e-12)
    assert found.values.sum() == pytest.approx(answers[places[-1]] - answers[places[0]], abs=1e-12)
    assert not found.errors.any()


def test_what_the_answer_does_not_depend_on_has_no_share_and_equals_share_alike() -> None:
    def value(made: Any) -> Any:
        return 3.0 * made[:, 0] * made[:, 1] + 0.0 * made[:, 2]

    assert shapley(value, 3).values.tolist() == [1.5, 1.5, 0.0]


def test_no_change_and_nothing_changed() -> None:
    assert shapley(lambda made: np.zeros(len(made)), 0).values.size == 0
    assert shapley(lambda made: np.full(len(made), 7.0), 3).values.tolist() == [0, 0, 0]


def test_many_changes_within_their_stated_error() -> None:
    random = np.random.default_rng(3)
    number = 40
    alone, factor = random.normal(size=number), random.uniform(0.5, 1.5, size=number)

    def value(made: Any) -> Any:
        # Cubes are not even about the middle of an order, as squares are: they keep an error.
        return made @ alone + (made @ factor / 10) ** 3

    found = shapley(value, number, pairs=400, seed=5)
    more = shapley(value, number, pairs=20_000, seed=6)
    assert found.values.sum() == pytest.approx(float(value(np.ones((1, number)))[0]), rel=1e-12)
    off = np.abs(found.values - more.values) / np.hypot(found.errors, more.errors)
    assert (off < 4.5).all()
    assert np.sqrt(np.square(off).mean()) < 1.5
    again = shapley(value, number, pairs=400, seed=5)
    assert (again.values == found.values).all()


def test_sampled_shares_are_those_of_a_sum_of_products() -> None:
    """Of changes that meet in pairs each gets half: an order and its reverse give just that."""
    number = MOST_EXACT + 3
    random = np.random.default_rng(4)
    alone, together = random.normal(size=number), random.normal(size=(number, number))
    np.fill_diagonal(together := together + together.T, 0)

    def value(made: Any) -> Any:
        each = made.astype(float)
        return each @ alone + np.einsum("si,ij,sj->s", each, together, each) / 2

    found = shapley(value, number, pairs=10, seed=1)
    assert found.values == pytest.approx(alone + together.sum(axis=1) / 2, abs=1e-10)


@pytest.mark.parametrize(
    ("value", "changes", "said"),
    [
        (lambda _: np.zeros(3), 2, "one answer for each of 4 subsets"),
        (lambda made: np.full(len(made), np.nan), 2, "finite answers"),
        (lambda made: np.zeros(len(made)), -1, "changes"),
    ],
)
def test_bad_input_is_named(value: Any, changes: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        shapley(value, changes)
