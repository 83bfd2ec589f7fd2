"""The standard normal distribution, by scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pycore.checks import FloatArray
from pycore.symbolic import is_symbolic

__all__ = ["cdf", "log_cdf", "quantile"]

# scipy is imported when it is first needed: it takes longer to load than numpy itself.


def cdf(score: npt.ArrayLike) -> FloatArray:
    """The probability of at most a score."""
    from scipy.special import ndtr

    return _floats(ndtr(score))


def log_cdf(score: npt.ArrayLike) -> FloatArray:
    """The natural logarithm of that probability, exact far below 0 too."""
    from scipy.special import log_ndtr

    return _floats(log_ndtr(score))


def quantile(probability: npt.ArrayLike) -> FloatArray:
    """The score that has that probability below it."""
    from scipy.special import ndtri

    return _floats(ndtri(probability))


def _floats(found: Any) -> FloatArray:
    return found if is_symbolic(found) else np.asarray(found, dtype=np.float64)
