"""The standard normal distribution, by scipy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pycore.checks import FloatArray

__all__ = ["cdf", "log_cdf", "quantile"]

# scipy is imported when it is first needed: it takes longer to load than numpy itself.


def cdf(score: npt.ArrayLike) -> FloatArray:
    """The probability of at most a score."""
    from scipy.special import ndtr

    return np.asarray(ndtr(score), dtype=np.float64)


def log_cdf(score: npt.ArrayLike) -> FloatArray:
    """The natural logarithm of that probability, exact far below 0 too."""
    from scipy.special import log_ndtr

    return np.asarray(log_ndtr(score), dtype=np.float64)


def quantile(probability: npt.ArrayLike) -> FloatArray:
    """The score that has that probability below it."""
    from scipy.special import ndtri

    return np.asarray(ndtri(probability), dtype=np.float64)
