"""The cost multiple: by how much one more scholar outweighs its cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import AMOUNT, MULTIPLE, UNIT_RATIO, FloatArray, Numbers, TextArray, Texts
from pycore.errors import InputError
from pycore.symbolic import elementwise

__all__ = [
    "cost_multiple",
    "cost_multiple_range",
    "discounted_quote",
    "discounted_quote_range",
    "implied_cost",
    "net_value",
    "quote",
    "restated_quote",
    "restatement_threshold",
    "scoped_cost",
]

SCOPES = ("recruit", "retrain", "prior development")
"""The scopes of a cost line, narrowest first: each includes those before it."""

NEARLY_WHOLE = 1e-9


def cost_multiple(value: npt.ArrayLike, cost: npt.ArrayLike) -> Numbers:
    """How many times over a scholar is worth what one more costs.

    Parameters
    ----------
    value : array_like
        Value of one more researcher, in USD; 0 or more.
    cost : array_like
        Marginal cost of one more scholar, in USD; above 0.

    Returns
    -------
    float or ndarray
        The multiple, one for each set of arguments.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``multiple = value / cost``.

    Examples
    --------
    >>> cost_multiple(100_000, 25_000)
    4.0
    """
    value, cost = checks.checked(value=(value, MULTIPLE), cost=(cost, AMOUNT))
    return checks.answer(value / cost)


def implied_cost(value: npt.ArrayLike, multiple: npt.ArrayLike) -> Numbers:
    """The marginal cost that a stated multiple implies.

    Parameters
    ----------
    value : array_like
        Value of one more researcher, in USD; above 0.
    multiple : array_like
        How many times over it is worth its cost; above 0.

    Returns
    -------
    float or ndarray
        The cost in USD.

    Raises
    ------
    InputError
        If an argument is blank, text or not above 0, or the shapes do not fit.

    Notes
    -----
    ``cost = value / multiple``: $100,000 at 4-5x is $20,000 to $25,000.

    Examples
    --------
    >>> implied_cost(100_000, 4)
    25000.0
    """
    value, multiple = checks.checked(value=(value, AMOUNT), multiple=(multiple, AMOUNT))
    return checks.answer(value / multiple)


def net_value(value: npt.ArrayLike, cost: npt.ArrayLike) -> Numbers:
    """What one more scholar brings beyond what they cost.

    Parameters
    ----------
    value : array_like
        Value of the scholar, in USD; at least 0.
    cost : array_like
        Marginal cost of the scholar, in USD; above 0.

    Returns
    -------
    float or ndarray
        In USD; negative where they cost more than they are worth.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``net = value - cost``: at least 0 where the multiple is at least 1.

    Examples
    --------
    >>> net_value(100_000, 25_000)
    75000.0
    """
    value, cost = checks.checked(value=(value, MULTIPLE), cost=(cost, AMOUNT))
    return checks.answer(value - cost)


def cost_multiple_range(
    value: npt.ArrayLike, cost_low: npt.ArrayLike, cost_high: npt.ArrayLike
) -> Numbers:
    """The cost multiple at the high and at the low end of the cost.

    Parameters
    ----------
    value : array_like
        Value of one more researcher, in USD; above 0.
    cost_low : array_like
        Low end of the marginal cost, in USD; above 0 and at most `cost_high`.
    cost_high : array_like
        High end of the marginal cost, in USD.

    Returns
    -------
    ndarray
        The low and the high multiple, side by side (a last axis of length 2).

    Raises
    ------
    InputError
        If an argument is blank, text or not above 0, if `cost_low` is above `cost_high`, or
        the shapes do not fit.

    Notes
    -----
    ``[value / cost_high, value / cost_low]``.

    Examples
    --------
    >>> cost_multiple_range(100_000, 20_000, 25_000)
    array([4., 5.])
    """
    value, cost_low, cost_high = checks.checked(
        value=(value, AMOUNT), cost_low=(cost_low, AMOUNT), cost_high=(cost_high, AMOUNT)
    )
    checks.check_at_most("cost_low", cost_low, "cost_high", cost_high)
    ends = np.broadcast_arrays(value / cost_high, value / cost_low)
    return checks.answer(np.stack(ends, axis=-1))


def quote(low: npt.ArrayLike, high: npt.ArrayLike) -> Texts:
    """A range of multiples in whole numbers, as it would be quoted.

    Parameters
    ----------
    low : array_like
        Low end of the multiple; 0 or more, at most `high`.
    high : array_like
        High end of the multiple.

    Returns
    -------
    str or ndarray of str
        Such as "4-5x", or one number where both ends agree.

    Raises
    ------
    InputError
        If an end is blank, text or negative, `low` is above `high`, or the shapes do not fit.

    Notes
    -----
    Rounded outward: ``floor(low)`` to ``ceil(high)``, where a bound within 1e-9 of a whole
    number is that number.

    Examples
    --------
    >>> quote(3.2, 4)
    '3-4x'
    """
    low, high = checks.checked(low=(low, MULTIPLE), high=(high, MULTIPLE))
    checks.check_at_most("low", low, "high", high)
    return checks.text_answer(_quote(low, high))


def _spoken(low: float, high: float) -> str:
    first, last = round(low), round(high)
    if abs(low - first) > NEARLY_WHOLE:
        first = math.floor(low)
    if abs(high - last) > NEARLY_WHOLE:
        last = math.ceil(high)
    return f"{first}x" if first == last else f"{first}-{last}x"


_quote = elementwise(_spoken, 2)


def restatement_threshold(low: npt.ArrayLike, high: npt.ArrayLike) -> Numbers:
    """The factor at which a quoted range has to be restated.

    Parameters
    ----------
    low : array_like
        Low end of the quoted multiple; above 0 and at most `high`.
    high : array_like
        High end of the quoted multiple.

    Returns
    -------
    float or ndarray
        The threshold, above 0 and at most 1.

    Raises
    ------
    InputError
        If an end is blank, text or not above 0, `low` is above `high`, or the shapes do not
        fit.

    Notes
    -----
    ``low / high``: a discount by this factor brings the high end down to the old low end, so
    that the discounted range no longer overlaps the quoted one beyond its lower end.

    Examples
    --------
    >>> restatement_threshold(4, 5)
    0.8
    """
    low, high = checks.checked(low=(low, AMOUNT), high=(high, AMOUNT))
    checks.check_at_most("low", low, "high", high)
    return checks.answer(low / high)


def restated_quote(low: npt.ArrayLike, high: npt.ArrayLike, factor: npt.ArrayLike) -> Texts:
    """The quote after a discount, which stands until the discount reaches the threshold.

    Parameters
    ----------
    low : array_like
        Low end of the quoted multiple; above 0 and at most `high`.
    high : array_like
        High end of the quoted multiple.
    factor : array_like
        What the range is multiplied by; 0 or more.

    Returns
    -------
    str or ndarray of str
        Such as "4-5x".

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `low` is above `high`, or the shapes
        do not fit.

    Notes
    -----
    The old quote while ``factor > low / high``, else ``quote(low * factor, high * factor)``.

    Examples
    --------
    >>> restated_quote(4, 5, 0.81)
    '4-5x'
    >>> restated_quote(4, 5, 0.8)
    '3-4x'
    """
    low, high, factor = checks.checked(
        low=(low, AMOUNT), high=(high, AMOUNT), factor=(factor, MULTIPLE)
    )
    checks.check_at_most("low", low, "high", high)
    return _discounted(low, high, factor, low / high)


def discounted_quote(
    low: npt.ArrayLike, high: npt.ArrayLike, factor: npt.ArrayLike, threshold: npt.ArrayLike
) -> Texts:
    """The quote for a scholar who is worth a share of the central one.

    Parameters
    ----------
    low : array_like
        Low end of the quoted multiple; above 0 and at most `high`.
    high : array_like
        High end of the quoted multiple.
    factor : array_like
        What the range is multiplied by; 0 or more.
    threshold : array_like
        The factor down to which, but not at which, the quote stands; above 0 and at most 1.

    Returns
    -------
    str or ndarray of str
        Such as "4-5x".

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `low` is above `high`, or the shapes
        do not fit.

    Notes
    -----
    The old quote while ``factor > threshold``, else ``quote(low * factor, high * factor)``.

    Examples
    --------
    >>> discounted_quote(1, 5, 0.57, 0.8)
    '0-3x'
    >>> discounted_quote(4, 5, 0.81, 0.8)
    '4-5x'
    """
    low, high, factor, threshold = checks.checked(
        low=(low, AMOUNT),
        high=(high, AMOUNT),
        factor=(factor, MULTIPLE),
        threshold=(threshold, UNIT_RATIO),
    )
    checks.check_at_most("low", low, "high", high)
    return _discounted(low, high, factor, threshold)


def _discounted(
    low: FloatArray, high: FloatArray, factor: FloatArray, threshold: FloatArray
) -> Texts:
    """The quote above a threshold, and that of the discounted range from it down."""
    scale: FloatArray = np.where(factor > threshold, 1.0, factor)
    return checks.text_answer(_quote(low * scale, high * scale))


def discounted_quote_range(
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    factor: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    threshold: npt.ArrayLike,
) -> TextArray:
    """The quotes that a discount known only up to its standard error may lead to.

    Parameters
    ----------
    low : array_like
        Low end of the quoted multiple; above 0 and at most `high`.
    high : array_like
        High end of the quoted multiple.
    factor : array_like
        Estimate of what the range is multiplied by; 0 or more.
    standard_error : array_like
        The standard error of that estimate; 0 or more.
    threshold : array_like
        The factor down to which, but not at which, the quote stands; above 0 and at most 1.

    Returns
    -------
    ndarray of str
        The discounted quotes at two standard errors below and above the estimate, on a last
        axis of length 2. Where they agree, the estimate is good enough to say which it is.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `low` is above `high`, or the shapes
        do not fit.

    Notes
    -----
    ``discounted_quote`` at ``factor - 2*standard_error``, or 0 where that is negative, and at
    ``factor + 2*standard_error``.

    Examples
    --------
    >>> discounted_quote_range(4, 5, 0.81, 0.02, 0.8)
    array(['3-4x', '4-5x'], dtype='<U4')
    """
    low, high, factor, error = checks.checked(
        low=(low, AMOUNT),
        high=(high, AMOUNT),
        factor=(factor, MULTIPLE),
        standard_error=(standard_error, MULTIPLE),
    )
    ends = (np.maximum(factor - 2 * error, 0), np.minimum(factor + 2 * error, MULTIPLE.maximum))
    quotes = [np.asarray(discounted_quote(low, high, end, threshold)) for end in ends]
    return np.stack(np.broadcast_arrays(*quotes), axis=-1)


def scoped_cost(
    amounts: Sequence[Any] | npt.NDArray[Any], scopes: Sequence[Any], scope: str
) -> Numbers:
    """The cost of a researcher within a scope: the sum of the cost lines inside it.

    Parameters
    ----------
    amounts : array_like
        The amount of each cost line, in USD, on the last axis; 0 or more.
    scopes : sequence of str
        The scope of each cost line: "recruit", "retrain" or "prior development". A line
        whose amount and scope are both blank is passed over.
    scope : str
        The scope asked for. Each includes those before it in that order.

    Returns
    -------
    float or ndarray
        The sum in USD, of the shape of `amounts` without its last axis.

    Raises
    ------
    InputError
        If a line has a blank or negative amount or a scope that is none of the three, if
        `scope` is none of them, or there are not as many amounts as scopes.

    Notes
    -----
    ``sum of amounts[i] over the lines with scopes[i] no wider than scope``. The survey did
    not say which scope "creating" a researcher meant.

    Examples
    --------
    >>> scoped_cost([1000, 20000, 50000], ["recruit", "retrain", "prior development"], "retrain")
    21000.0
    """
    included = SCOPES[: SCOPES.index(checks.one_of("scope", scope, SCOPES)) + 1]
    if isinstance(scopes, str) or not isinstance(scopes, Sequence):
        raise InputError("scopes", "be a list of scopes, one for each amount", scopes)
    table: npt.NDArray[Any] = (
        amounts if isinstance(amounts, np.ndarray) else checks.as_items("amounts", amounts)
    )
    lines = table.shape[-1] if table.ndim else 0
    if lines != len(scopes):
        raise InputError("amounts", f"have one amount for each of {len(scopes)} scopes", lines)
    total: FloatArray | None = None
    # Added line by line: the order of a sum must not depend on how many draws there are.
    for line, line_scope in enumerate(scopes):
        line_amounts = table[..., line]
        if _blank(line_scope) and all(map(_blank, np.atleast_1d(line_amounts).flat)):
            continue
        word = checks.one_of(f"scopes (line {line + 1})", line_scope, SCOPES)
        amount = MULTIPLE.check(f"amounts (line {line + 1})", line_amounts)
        counted = amount if word in included else np.zeros_like(amount)
        total = counted if total is None else total + counted
    if total is None:
        raise InputError("amounts", "have at least one line that is not blank", None)
    return checks.answer(total)


def _blank(cell: object) -> bool:
    return cell is None or cell == ""
