"""What a change did: the difference between two answers, shared among the changes behind it."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pycore.checks import SEED, Domain, FloatArray, one_number
from pycore.errors import Found, InputError
from pycore.hashed import counted, keyed, uniform

__all__ = ["MOST_EXACT", "Shares", "shapley"]

MOST_EXACT = 12
"""Up to so many changes every subset of them is evaluated; there are 2 to that power."""

CHANGES = Domain(0, 10_000, whole=True)
EXACT = Domain(0, 20, whole=True)
PAIRS = Domain(2, 100_000, whole=True)

Subsets = npt.NDArray[np.bool_]


class Shares(NamedTuple):
    """What each change did.

    Parameters
    ----------
    values : ndarray
        The share of each change; together exactly the whole difference.
    errors : ndarray
        The standard error of each; 0 where every subset was evaluated.
    """

    values: FloatArray
    errors: FloatArray


def shapley(
    value: Callable[[Subsets], npt.ArrayLike],
    changes: int,
    *,
    pairs: int = 200,
    seed: int = 0,
    exact: int = MOST_EXACT,
) -> Shares:
    """Share the difference that several changes make together among them.

    Parameters
    ----------
    value : callable
        Gives the answer for each of many subsets at once: from a table of truth values, a row for
        each subset and a column for each change, which says whether the change is made.
    changes : int
        How many there are.
    pairs : int
        Above `exact` changes: how many orders are drawn, each with its reverse.
    seed : int
        Of those orders.
    exact : int
        Up to how many changes every subset is evaluated.

    Returns
    -------
    Shares
        The share of each change and its standard error.

    Raises
    ------
    InputError
        If a number breaks its rule, or an answer is not finite.

    Notes
    -----
    ``phi_i = sum over S without i of |S|!(n-|S|-1)!/n! * (f(S+i) - f(S))`` (Shapley 1953), over
    every subset up to 12 changes. Above that the mean over orders drawn at random, each with its
    reverse, of what the change does when it comes (Castro, Gomez and Tejada 2009); the shares of
    each order add up to the whole difference, and so do their means.

    Examples
    --------
    >>> both = shapley(lambda made: made[:, 0] * 2.0 + made[:, 0] * made[:, 1], 2)
    >>> both.values
    array([2.5, 0.5])
    """
    number = int(one_number("changes", changes, CHANGES))
    if not number:
        return Shares(np.zeros(0), np.zeros(0))
    if number <= int(one_number("exact", exact, EXACT)):
        return _exact(value, number)
    orders = int(one_number("pairs", pairs, PAIRS))
    return _sampled(value, number, orders, int(one_number("seed", seed, SEED)))


def _exact(value: Callable[[Subsets], npt.ArrayLike], number: int) -> Shares:
    """Over every subset: bit i of its place says whether change i is made."""
    places = np.arange(1 << number, dtype=np.int64)
    made = (places[:, None] >> np.arange(number)) & 1 == 1
    answers = _answers(value, made)
    sizes = made.sum(axis=1)
    whole = factorial(number)
    weights = np.asarray(
        [factorial(size) * factorial(number - size - 1) / whole for size in range(number)]
    )
    shares = np.empty(number)
    for change in range(number):
        without = places[~made[:, change]]
        steps = answers[without | (1 << change)] - answers[without]
        shares[change] = (weights[sizes[without]] * steps).sum()
    return Shares(_adding_up(shares, answers[-1] - answers[0]), np.zeros(number))


def _sampled(
    value: Callable[[Subsets], npt.ArrayLike], number: int, pairs: int, seed: int
) -> Shares:
    """Over orders drawn at random, each with its reverse."""
    start = keyed(np.asarray([seed], dtype=np.uint64), np.asarray([number]))
    drawn = uniform(start, counted(pairs * number)).reshape(pairs, number)
    orders = np.argsort(drawn, axis=1, kind="stable")
    found = np.zeros((pairs, number))
    for each in (orders, orders[:, ::-1]):
        rank = np.argsort(each, axis=1, kind="stable")
        # After step k of an order its first k changes are made.
        made = rank[:, None, :] < np.arange(number + 1)[:, None]
        answers = _answers(value, made.reshape(-1, number)).reshape(pairs, number + 1)
        steps = np.diff(answers, axis=1)
        found += np.take_along_axis(steps, rank, axis=1) / 2
    errors = found.std(axis=0, ddof=1) / np.sqrt(pairs)
    return Shares(_adding_up(found.mean(axis=0), answers[0, -1] - answers[0, 0]), errors)


def _answers(value: Callable[[Subsets], npt.ArrayLike], made: Subsets) -> FloatArray:
    answers = np.asarray(value(made), dtype=np.float64)
    if answers.shape != made.shape[:1]:
        found = Found(" x ".join(map(str, answers.shape)) or "one")
        raise InputError("value", f"give one answer for each of {len(made)} subsets", found)
    if not np.isfinite(answers).all():
        raise InputError("value", "give finite answers", Found("another"))
    return answers


def _adding_up(shares: FloatArray, whole: float) -> FloatArray:
    """The same shares, what rounding left out given to the largest; a change of nothing keeps 0."""
    if not np.any(shares):
        return shares
    largest = int(np.argmax(np.abs(shares)))
    others = np.delete(shares, largest)
    shares[largest] = whole - others.sum()
    return shares
