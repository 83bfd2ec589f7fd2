"""The validity window: how long local alignment stays ahead of what is deployed.

The *load* is the impact of what is deployed over the impact that alignment is robust to: inside
the window it is at most 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pycore import checks, normal
from pycore.checks import AMOUNT, INNER_SHARE, Domain, FloatArray, Numbers
from pycore.errors import Found, InputError
from pycore.tables import worded

__all__ = ["exit_year", "safe_load", "staying_chance", "window_path"]

YEARS_AHEAD = Domain(0, 100, whole=True)
YEARLY_GROWTH = Domain(-0.9, 10, words="a yearly growth rate from -90% to 1,000%")
LOG_ERROR = Domain(0, 10)

HIGHEST_INSIDE = 1 + 1e-12
"""The load that still counts as 1: the last digits of a power are not what is deployed."""

NO_ERROR = 1e-12
"""A smaller standard deviation counts as none."""

NEVER = "never"

BISECTIONS = 64


def window_path(
    impact: npt.ArrayLike,
    robustness: npt.ArrayLike,
    impact_growth: npt.ArrayLike,
    robustness_growth: npt.ArrayLike,
    years: float,
    verification_sd: npt.ArrayLike = 0,
    sd_growth: npt.ArrayLike = 0,
) -> FloatArray:
    """The load of each year, and the chance of being and of having stayed inside the window.

    Parameters
    ----------
    impact : array_like
        Impact of what is deployed in year 0, in any unit; above 0.
    robustness : array_like
        Impact up to which alignment holds in year 0, in the same unit; above 0.
    impact_growth : array_like
        Yearly growth of the impact, from -90% to 1,000%.
    robustness_growth : array_like
        Yearly growth of the robustness, from -90% to 1,000%.
    years : float
        The last year; a whole number from 0 to 100.
    verification_sd : array_like
        Log-sd of the error in measuring the load in year 0, from 0 to 10.
    sd_growth : array_like
        Yearly growth of that error, from -90% to 1,000%.

    Returns
    -------
    ndarray
        A row for each year from 0 to `years`, with four columns: the load, 1 where it is at most
        1 and 0 where not, the chance of being inside, and the chance of having been inside every
        year so far. Arrays put their shape before these two axes.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `years` is several numbers, or the shapes
        do not fit.

    Notes
    -----
    ``L_t = impact*(1+gi)^t / (robustness*(1+gr)^t)``; ``chance_t = Phi(-ln L_t / sd_t)`` with
    ``sd_t = verification_sd*(1+sd_growth)^t``, years independent; 0 or 1 without an error. A
    load within 1e-12 of 1 counts as 1.

    Examples
    --------
    >>> window_path(50, 100, 1, 0, 2, 0.5, 0)
    array([[0.5       , 1.        , 0.91717148, 0.91717148],
           [1.        , 1.        , 0.5       , 0.45858574],
           [2.        , 0.        , 0.08282852, 0.03798398]])
    """
    impact, robustness, impact_growth, robustness_growth, error, sd_growth = checks.checked(
        impact=(impact, AMOUNT),
        robustness=(robustness, AMOUNT),
        impact_growth=(impact_growth, YEARLY_GROWTH),
        robustness_growth=(robustness_growth, YEARLY_GROWTH),
        verification_sd=(verification_sd, LOG_ERROR),
        sd_growth=(sd_growth, YEARLY_GROWTH),
    )
    last = int(checks.one_number("years", years, YEARS_AHEAD))
    factor = (1 + impact_growth) / (1 + robustness_growth)
    loads, errors = np.broadcast_arrays(
        _grown(impact / robustness, factor, last), _grown(error, 1 + sd_growth, last)
    )
    inside = loads <= HIGHEST_INSIDE
    chance = _chance_inside(loads, errors)
    # One year after the other, so that digits do not depend on how many rows there are.
    stayed = np.multiply.accumulate(chance, axis=-1)
    path = np.stack([loads, inside.astype(np.float64), chance, stayed], axis=-1)
    return np.asarray(checks.answer(path))


def staying_chance(
    impact: npt.ArrayLike,
    robustness: npt.ArrayLike,
    impact_growth: npt.ArrayLike,
    robustness_growth: npt.ArrayLike,
    years: npt.ArrayLike,
    verification_sd: npt.ArrayLike = 0,
    sd_growth: npt.ArrayLike = 0,
) -> Numbers:
    """The chance of having stayed inside the window in every year up to the last.

    Parameters
    ----------
    impact : array_like
        Impact of what is deployed in year 0, in any unit; above 0.
    robustness : array_like
        Impact up to which alignment holds in year 0, in the same unit; above 0.
    impact_growth : array_like
        Yearly growth of the impact, from -90% to 1,000%.
    robustness_growth : array_like
        Yearly growth of the robustness, from -90% to 1,000%.
    years : array_like
        The last year; a whole number from 0 to 100.
    verification_sd : array_like
        Log-sd of the error in measuring the load in year 0, from 0 to 10.
    sd_growth : array_like
        Yearly growth of that error, from -90% to 1,000%.

    Returns
    -------
    float or ndarray
        From 0 to 1: what the last row of `window_path` says.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``product over t of chance_t``, from year 0 to the last, as in `window_path`.

    Examples
    --------
    >>> round(staying_chance(50, 100, 1, 0, 2, 0.5, 0), 5)
    0.03798
    """
    impact, robustness, impact_growth, robustness_growth, years, error, sd_growth = checks.checked(
        impact=(impact, AMOUNT),
        robustness=(robustness, AMOUNT),
        impact_growth=(impact_growth, YEARLY_GROWTH),
        robustness_growth=(robustness_growth, YEARLY_GROWTH),
        years=(years, YEARS_AHEAD),
        verification_sd=(verification_sd, LOG_ERROR),
        sd_growth=(sd_growth, YEARLY_GROWTH),
    )
    load, factor, years, error, more = np.broadcast_arrays(
        impact / robustness,
        (1 + impact_growth) / (1 + robustness_growth),
        years,
        error,
        1 + sd_growth,
    )
    stayed = np.ones(load.shape)
    # A year at a time: draws take no more memory where there are many years.
    for year in range(int(years.max(initial=0)) + 1):
        if year:
            # What is past its own last year may grow beyond all numbers, and counts no more.
            load = np.where(year <= years, load * factor, load)
            error = np.where(year <= years, error * more, error)
        stayed = np.where(year <= years, stayed * _chance_inside(load, error), stayed)
    return checks.answer(stayed)


def _chance_inside(loads: FloatArray, errors: FloatArray) -> FloatArray:
    """The chance that a load, measured with an error, is at most 1."""
    chance = np.where(loads <= HIGHEST_INSIDE, 1.0, 0.0)
    unsure = errors >= NO_ERROR
    chance[unsure] = normal.cdf(-np.log(loads[unsure]) / errors[unsure])
    return chance


def _grown(start: FloatArray, factor: FloatArray, last: int) -> FloatArray:
    """Multiply by a factor once a year: the years from 0 to `last` on a new last axis."""
    start, factor = np.broadcast_arrays(start, factor)
    steps = np.repeat(factor[..., None], last + 1, axis=-1)
    steps[..., 0] = start
    path: FloatArray = np.multiply.accumulate(steps, axis=-1)
    return path


def exit_year(
    impact: npt.ArrayLike,
    robustness: npt.ArrayLike,
    impact_growth: npt.ArrayLike,
    robustness_growth: npt.ArrayLike,
) -> float | str | npt.NDArray[np.object_]:
    """The year in which the load passes 1.

    Parameters
    ----------
    impact : array_like
        Impact of what is deployed in year 0, in any unit; above 0.
    robustness : array_like
        Impact up to which alignment holds in year 0, in the same unit; above 0.
    impact_growth : array_like
        Yearly growth of the impact, from -90% to 1,000%.
    robustness_growth : array_like
        Yearly growth of the robustness, from -90% to 1,000%.

    Returns
    -------
    float or str or ndarray of object
        Years from now, with a fraction; 0 where it starts outside, and the text "never" where
        the impact is inside and does not grow faster than the robustness.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``-ln(impact/robustness) / (ln(1+gi) - ln(1+gr))``. Deploying at 110% of robustness is
    outside from the start. A load within 1e-12 of 1 counts as 1.

    Examples
    --------
    >>> exit_year(50, 100, 1, 0)
    1.0
    >>> exit_year(50, 100, 0.2, 0.2)
    'never'
    """
    impact, robustness, impact_growth, robustness_growth = checks.checked(
        impact=(impact, AMOUNT),
        robustness=(robustness, AMOUNT),
        impact_growth=(impact_growth, YEARLY_GROWTH),
        robustness_growth=(robustness_growth, YEARLY_GROWTH),
    )
    load, pace = np.broadcast_arrays(
        impact / robustness, np.log1p(impact_growth) - np.log1p(robustness_growth)
    )
    never = (load <= HIGHEST_INSIDE) & (pace <= 0)
    room = np.maximum(-np.log(load), 0.0)
    with np.errstate(over="ignore"):
        years = np.where(room > 0, room / np.where(pace > 0, pace, 1.0), 0.0)
    checks.answer(years)
    return worded(years, (NEVER, never))


def safe_load(
    verification_sd: npt.ArrayLike,
    sd_growth: npt.ArrayLike,
    years: npt.ArrayLike,
    confidence: npt.ArrayLike,
) -> Numbers:
    """The constant load at which the chance of staying inside is what one asks for.

    Parameters
    ----------
    verification_sd : array_like
        Log-sd of the error in measuring the load in year 0, from 0 to 10.
    sd_growth : array_like
        Yearly growth of that error, from -90% to 1,000%.
    years : array_like
        The last year; a whole number from 0 to 100.
    confidence : array_like
        The chance of being inside in every year from 0 to the last; above 0 and below 1.

    Returns
    -------
    float or ndarray
        The load, as a multiple of the robustness: 1 without an error, and above 1 where so
        little is asked for.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, the shapes do not fit, or the load is
        beyond all numbers.

    Notes
    -----
    ``product over t of Phi(-ln L / sd_t) = confidence``, the sds as in `window_path`. Without
    growth ``L = exp(-sd * Phi^-1(confidence^(1/(years+1))))``; with it, by bisection
    .

    Examples
    --------
    >>> round(safe_load(0.5, 0, 0, 0.9), 5)
    0.52688
    """
    error, sd_growth, years, confidence = checks.checked(
        verification_sd=(verification_sd, LOG_ERROR),
        sd_growth=(sd_growth, YEARLY_GROWTH),
        years=(years, YEARS_AHEAD),
        confidence=(confidence, INNER_SHARE),
    )
    error, sd_growth, years, confidence = np.broadcast_arrays(error, sd_growth, years, confidence)
    last = int(years.max(initial=0))
    errors = _grown(error, 1 + sd_growth, last)
    counts = np.arange(last + 1) <= years[..., None]
    # Each year as sure as the others would be enough, or too much, at these two margins.
    score = normal.quantile(np.power(confidence, 1 / (years + 1)))
    ends = [
        score * np.where(counts, errors, np.inf).min(axis=-1),
        score * np.where(counts, errors, 0.0).max(axis=-1),
    ]
    low, high = np.minimum(*ends), np.maximum(*ends)
    for _ in range(BISECTIONS if (low < high).any() else 0):
        middle = (low + high) / 2
        short = _chance_of_staying(middle, errors, counts) < confidence
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    with np.errstate(over="ignore", under="ignore"):
        load = np.exp(-(low + high) / 2)
    if (load < np.finfo(np.float64).tiny).any():
        raise InputError(
            "the result", "be a number above 0", Found("too small to be distinguished from 0")
        )
    return checks.answer(load)


def _chance_of_staying(
    margin: FloatArray, errors: FloatArray, counts: npt.NDArray[np.bool_]
) -> FloatArray:
    """The chance that in no year that counts the error takes away a margin, in logarithms."""
    sure = errors < NO_ERROR
    margin = margin[..., None]
    inside = normal.cdf(margin / np.where(sure, 1.0, errors))
    inside = np.where(sure, np.where(margin >= 0, 1.0, 0.0), inside)
    # In the order of the years, whatever the number of draws: a product is rounded by its order.
    chance = np.multiply.accumulate(np.where(counts, inside, 1.0), axis=-1)
    return np.asarray(chance[..., -1])
