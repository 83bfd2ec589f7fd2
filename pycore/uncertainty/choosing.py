"""Choosing between uses of money: what to know before, and what a multiple leaves of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import FINITE, MULTIPLE, SHARE, Domain, FloatArray, Numbers
from pycore.errors import Found, InputError

__all__ = ["careers", "chance_best", "counterfactual", "evpi", "realised"]

CAREER = Domain(0, 200, words="a number of years from 0 to 200")
RATE = Domain(0, 10, words="a yearly rate from 0 to 10 (0% to 1,000%)")


def evpi(values: npt.ArrayLike) -> float:
    """What it is worth to know everything before choosing between uses.

    Parameters
    ----------
    values : array_like
        What each use is worth: a row for each draw, a column for each use.

    Returns
    -------
    float
        The expected value of perfect information, in the unit of `values`; 0 where one use is
        best in every draw.

    Raises
    ------
    InputError
        If a value is blank or text, or there is no table of them.

    Notes
    -----
    ``E[max_j V_j] - max_j E[V_j]`` over draws (Raiffa and Schlaifer 1961). What knowing one
    assumption is worth is given by :func:`pycore.uncertainty.information.value_of_choice`.

    Examples
    --------
    >>> evpi([[4, 5], [4, 1]])
    0.5
    """
    table = _table(values)
    best = int(table.mean(axis=0).argmax())
    # By what each draw loses: none is below 0, and no large means are subtracted.
    return float(checks.answer((table.max(axis=1) - table[:, best]).mean()))


def chance_best(values: npt.ArrayLike) -> FloatArray:
    """How often each use is the best one.

    Parameters
    ----------
    values : array_like
        What each use is worth: a row for each draw, a column for each use.

    Returns
    -------
    ndarray
        The share of draws for each use; uses that are equally good share a draw.

    Raises
    ------
    InputError
        If a value is blank or text, or there is no table of them.

    Notes
    -----
    ``P(V_j = max_k V_k)``: the use that is best most often need not be best on average.

    Examples
    --------
    >>> chance_best([[4, 5], [4, 1], [2, 2], [3, 0]])
    array([0.625, 0.375])
    """
    table = _table(values)
    best = table == table.max(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def _table(values: npt.ArrayLike) -> FloatArray:
    table = FINITE.check("values", values)
    if table.ndim != 2 or not table.size:
        found = Found(" x ".join(map(str, table.shape)) or "one value")
        raise InputError("values", "be a table of draws by uses", found)
    return table


def realised(
    multiple: npt.ArrayLike, working_share: npt.ArrayLike, share_anyway: npt.ArrayLike
) -> Numbers:
    """The multiple that is left once scholars go on to the work, or would have done so anyway.

    Parameters
    ----------
    multiple : array_like
        By how much a scholar who does the work outweighs the cost; at least 0.
    working_share : array_like
        The share of scholars who go on to the work, from 0 to 1.
    share_anyway : array_like
        The share of those who would have done it anyway, from 0 to 1.

    Returns
    -------
    float or ndarray
        The multiple.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``realised = multiple * working_share * (1 - share_anyway)``.

    Examples
    --------
    >>> realised(4, 0.5, 0.25)
    1.5
    """
    times, working, anyway = checks.checked(
        multiple=(multiple, MULTIPLE),
        working_share=(working_share, SHARE),
        share_anyway=(share_anyway, SHARE),
    )
    return checks.answer(times * working * (1 - anyway))


def counterfactual(multiple: npt.ArrayLike, share_anyway: npt.ArrayLike) -> Numbers:
    """The multiple that is left without those who would have done the work anyway.

    Parameters
    ----------
    multiple : array_like
        By how much a scholar outweighs the cost; at least 0.
    share_anyway : array_like
        The share of scholars who would have done the work anyway, from 0 to 1.

    Returns
    -------
    float or ndarray
        The multiple.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``counterfactual = multiple * (1 - share_anyway)``.

    Examples
    --------
    >>> counterfactual(4, 0.25)
    3.0
    """
    times, anyway = checks.checked(
        multiple=(multiple, MULTIPLE), share_anyway=(share_anyway, SHARE)
    )
    return checks.answer(times * (1 - anyway))


def careers(
    value_per_year: npt.ArrayLike,
    years: npt.ArrayLike,
    leaving: npt.ArrayLike,
    discount: npt.ArrayLike,
) -> Numbers:
    """What a career is worth today, whose people leave and whose later years count for less.

    Parameters
    ----------
    value_per_year : array_like
        What a year of the work is worth; at least 0.
    years : array_like
        How long a career is at most, from 0 to 200.
    leaving : array_like
        The share of those still working who leave each year, from 0 to 1.
    discount : array_like
        By how much a year counts for less than the one before, from 0; 0.05 for 5%.

    Returns
    -------
    float or ndarray
        In the unit of `value_per_year`.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    An annuity due, ``value_per_year * (1 - q^years) / (1 - q)`` with
    ``q = (1 - leaving) / (1 + discount)``: the sum of ``q^t`` over t from 0 to ``years - 1``, so
    that the first year counts in full; ``value_per_year * years`` where q is 1.

    Examples
    --------
    >>> careers(100_000, 3, 0.5, 0)
    175000.0
    """
    yearly, length, share, rate = checks.checked(
        value_per_year=(value_per_year, MULTIPLE),
        years=(years, CAREER),
        leaving=(leaving, SHARE),
        discount=(discount, RATE),
    )
    shape = np.broadcast_shapes(length.shape, share.shape, rate.shape)
    length = np.broadcast_to(length, shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        # By logarithms: where q comes near 1, the digits of 1 - q would be lost.
        decay = np.log1p(-share) - np.log1p(rate)
        sums = np.expm1(length * decay) / np.expm1(decay)
    counted = np.where(decay == 0, length, np.where(length == 0, 0.0, sums))
    return checks.answer(yearly * counted)
