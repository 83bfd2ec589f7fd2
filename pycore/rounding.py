"""Rounding as spreadsheets and people do it: halves away from zero, by the digits that are shown.

Python rounds the binary number, so that 0.125 becomes 0.12 and 2.675 becomes 2.67. Words that a
spreadsheet writes of the same number would differ.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from pycore.symbolic import Symbol, is_symbolic

__all__ = ["rounded", "rounded_to_digits"]

EXACT = Context(prec=400)
"""Enough digits for any float, however small."""


def rounded(number: Any, decimals: int) -> Any:
    """A number with so many decimals.

    Returns
    -------
    float
        The float that is nearest to it.

    Examples
    --------
    >>> rounded(2.675, 2), rounded(-0.5, 0)
    (2.68, -1.0)
    """
    if is_symbolic(number):
        return Symbol("round", number, decimals)
    unit = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(float(number))).quantize(unit, ROUND_HALF_UP, EXACT))


def rounded_to_digits(number: float, digits: int) -> float:
    """A number with so many significant digits.

    Examples
    --------
    >>> rounded_to_digits(0.0125, 2)
    0.013
    """
    held = Decimal(repr(float(number)))
    return rounded(number, digits - 1 - held.adjusted()) if held else 0.0
