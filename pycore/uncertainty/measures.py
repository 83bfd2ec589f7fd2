"""Numbers with their standard errors, from what independent randomisations say."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from pycore.checks import FloatArray

__all__ = [
    "UNDEFINED",
    "Measure",
    "error_of_mean",
    "measure",
    "quotient",
    "rounded",
    "rounded_error",
]

DIGITS = 12
ERROR_DIGITS = 6


class Measure(NamedTuple):
    """A number and its standard error."""

    value: float
    error: float


UNDEFINED = Measure(math.nan, math.nan)
"""For what the draws do not determine."""


def measure(each: FloatArray) -> Measure:
    """The mean of what several randomisations say, with its standard error."""
    # Between the least and the largest even where rounding would carry it beyond.
    mean = float(np.clip(each.mean(), each.min(), each.max()))
    return rounded(mean, error_of_mean(each))


def error_of_mean(each: FloatArray) -> float:
    """The standard error of the mean of what several randomisations say.

    Returns
    -------
    float
        NaN where some say an infinite number and others do not.
    """
    if each.min() == each.max():
        return 0.0
    if not np.isfinite(each).all():
        return math.nan
    return float(each.std(ddof=1) / np.sqrt(each.size))


def quotient(parts: FloatArray, wholes: FloatArray) -> Measure:
    """The quotient of two means over randomisations; 0 where the second one is.

    Returns
    -------
    Measure
        Its error is that of the linearised quotient (Cochran 1977, section 6.4).
    """
    whole = float(wholes.mean())
    if whole == 0:
        return Measure(0.0, 0.0)
    share = float(parts.mean()) / whole
    return rounded(share, error_of_mean(parts - share * wholes) / abs(whole))


def rounded(value: float, error: float) -> Measure:
    """A number and its error, without the digits that mean nothing.

    The last digits of sums and exponentials differ between versions of numpy and between
    processors. They lie far below the error, and no two hosts are to disagree about them.

    Returns
    -------
    Measure
        Rounded to a millionth of the error, but never beyond the 12th digit of the number.
    """
    if error == 0 or not math.isfinite(value):
        return Measure(value, error)
    if math.isnan(error):
        return Measure(float(f"{value:.{DIGITS}g}"), error)
    last = math.floor(math.log10(error)) - ERROR_DIGITS
    if value:
        last = max(last, math.floor(math.log10(abs(value))) - DIGITS)
    if error < 10.0 ** (last - 1):  # not even an error, but rounding
        error = 0.0
    return Measure(round(value, -last), rounded_error(error))


def rounded_error(error: float) -> float:
    """An error in as many digits as are the same in every host."""
    return float(f"{error:.{ERROR_DIGITS}g}")
