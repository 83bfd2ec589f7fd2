"""Exchange rates: what other goods are worth in researchers (MODEL section 5)."""

from __future__ import annotations

import numpy.typing as npt

from pycore import checks
from pycore.checks import AMOUNT, Numbers

__all__ = ["money_per_researcher"]


def money_per_researcher(grant: npt.ArrayLike, researchers: npt.ArrayLike) -> Numbers:
    """The money that is worth one researcher, from what a grant is worth in researchers.

    Parameters
    ----------
    grant : array_like
        The grant, in USD; above 0.
    researchers : array_like
        How many researcher-equivalents it is judged to be worth; above 0.

    Returns
    -------
    float or ndarray
        USD for each researcher-equivalent.

    Raises
    ------
    InputError
        If an argument is blank, text or not above 0, or the shapes do not fit.

    Notes
    -----
    ``grant / researchers``: $1,000,000 was worth 8 at the median of the survey.

    Examples
    --------
    >>> money_per_researcher(1_000_000, 8)
    125000.0
    """
    grant, researchers = checks.checked(grant=(grant, AMOUNT), researchers=(researchers, AMOUNT))
    return checks.answer(grant / researchers)
