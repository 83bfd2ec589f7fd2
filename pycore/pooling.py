"""Several people's judgements of one quantity: pooled, and how far they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import FINITE, Domain, FloatArray, one_of
from pycore.errors import InputError

__all__ = ["SCALES", "disagreement", "from_scale", "pooled", "to_scale"]

SCALES = ("logit", "log", "plain")
"""Logit for shares inside (0, 1), log for amounts above 0, plain for anything."""

WEIGHT = Domain(0, 1e15, words="a weight of at least 0 (up to 1e15)")

Judgements = Sequence[Any] | npt.NDArray[Any]


def pooled(
    lows: Judgements, centrals: Judgements, highs: Judgements, weights: Judgements, scale: str
) -> FloatArray:
    """What several people judge together: a weighted mean on the scale that fits.

    Parameters
    ----------
    lows, centrals, highs : array_like
        Each person's 5th percentile, median and 95th percentile.
    weights : array_like
        How much each counts; scaled to sum 1.
    scale : str
        "logit" for shares inside (0, 1), "log" for amounts above 0, else "plain".

    Returns
    -------
    ndarray
        The pooled low, central and high.

    Raises
    ------
    InputError
        If there are not as many of each, a value is blank, text, out of order or not on the
        scale, or all weights are 0.

    Notes
    -----
    ``g^-1(sum of w_i * g(x_i))``, with g the scale: on logit the weighted geometric mean of the
    odds (Satopaa et al. 2014), on log the geometric mean.

    Examples
    --------
    >>> shares = [0.014, 0.0221, 0.0039, 0.0040]
    >>> float(pooled(shares, shares, shares, [1, 1, 1, 1], "logit")[1].round(4))
    0.0084
    """
    table, shares, word = judged(lows, centrals, highs, weights, scale)
    means = (to_scale(word, table) * shares[:, None]).sum(axis=0)
    # What all agree on is given back to the last digit.
    agreed = (table == table[0]).all(axis=0)
    return np.where(agreed, table[0], from_scale(word, means))


def disagreement(
    lows: Judgements, centrals: Judgements, highs: Judgements, weights: Judgements, scale: str
) -> float:
    """Which share of what all of them together believe possible lies between people.

    Parameters
    ----------
    lows, centrals, highs, weights, scale
        As :func:`pooled` takes them.

    Returns
    -------
    float
        From 0, where all have the same median, to 1, where nobody is unsure; 0 where there is
        no variance at all.

    Raises
    ------
    InputError
        As :func:`pooled` does.

    Notes
    -----
    Law of total variance on the scale: ``B / (B + W)``, with B the weighted variance of the
    medians, and W the weighted mean of each person's variance, of a normal distribution with
    their interval: ``((high - low) / (2 * 1.645))^2``.

    Examples
    --------
    >>> disagreement([1, 1], [2, 2], [3, 3], [1, 1], "plain")
    0.0
    """
    table, shares, word = judged(lows, centrals, highs, weights, scale)
    low, middle, high = to_scale(word, table).T
    if np.ptp(middle) == 0:
        return 0.0
    mean = (shares * middle).sum()
    between = float((shares * np.square(middle - mean)).sum())
    within = float((shares * np.square((high - low) / (2 * NINETY))).sum())
    return between / (between + within)


NINETY = 1.6448536269514722
"""Standard deviations from the middle of a normal distribution to its 95th percentile."""


def scale_of(minimum: float, maximum: float, values: FloatArray) -> str:
    """The scale that fits a quantity, by its bounds and what is judged of it.

    A share may be 0 or 1, and an amount 0: where somebody says so, no logarithm is taken.
    """
    if minimum >= 0 and maximum <= 1 and _all_in(checks.INNER_SHARE, values):
        return "logit"
    is_amount = minimum >= 0 and maximum > 1 and _all_in(checks.AMOUNT, values)
    return "log" if is_amount else "plain"


def _all_in(domain: Domain, values: FloatArray) -> bool:
    return bool(((values >= domain.minimum) & (values <= domain.maximum)).all())


def judged(
    lows: Judgements,
    centrals: Judgements,
    highs: Judgements,
    weights: Judgements,
    scale: str,
    middle: str = "centrals",
) -> tuple[FloatArray, FloatArray, str]:
    """A row for each person, their shares of the weight, and the scale.

    Parameters
    ----------
    middle : str
        What the centrals are called in a message.
    """
    word = one_of("scale", scale, SCALES)
    domain = {"logit": checks.INNER_SHARE, "log": checks.AMOUNT, "plain": FINITE}[word]
    columns = [
        np.atleast_1d(domain.check(name, values))
        for name, values in (("lows", lows), (middle, centrals), ("highs", highs))
    ]
    parts = np.atleast_1d(WEIGHT.check("weights", weights))
    for name, each in zip((middle, "highs", "weights"), (*columns[1:], parts), strict=True):
        if each.shape != columns[0].shape or each.ndim != 1:
            raise InputError(name, f"have one number for each of {columns[0].size}", each.size)
    checks.check_at_most("lows", columns[0], middle, columns[1])
    checks.check_at_most(middle, columns[1], "highs", columns[2])
    total = parts.sum()
    if not total > 0:
        raise InputError("weights", "not all be 0", 0.0)
    return np.stack(columns, axis=1), parts / total, word


def to_scale(scale: str, values: FloatArray) -> FloatArray:
    """Values on a scale."""
    if scale == "plain":
        return values
    logs: FloatArray = np.log(values)
    return logs - np.log1p(-values) if scale == "logit" else logs


def from_scale(scale: str, values: FloatArray) -> FloatArray:
    """What values on a scale stand for."""
    if scale == "plain":
        return values
    return np.asarray(np.exp(values) if scale == "log" else 1 / (1 + np.exp(-values)))
