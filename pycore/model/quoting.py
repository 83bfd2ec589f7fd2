"""Multiples of a cost as sentences write them: a quote, or the range that it stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pycore.model.wording import two_digits
from pycore.symbolic import Symbol, Token, is_symbolic

LARGEST_QUOTE = 1_000
"""From which multiple on a range is no longer quoted in whole numbers."""


def multiples(low: float, high: float) -> str:
    """A range of multiples to two digits each, which says more than the quote."""
    if is_symbolic(low):
        return Token.of(Symbol("multiples", low, high))
    ends = list(dict.fromkeys(map(two_digits, (low, high))))
    if any(" " in end or "e" in end for end in ends):
        return f"{' to '.join(ends)} times"
    return f"{'-'.join(ends)}x"


DISCOUNTED = {
    "bottom": "cost_multiple_range.low",
    "top": "cost_multiple_range.high",
}


def discounted(v: Any) -> str:
    """The range of the multiple for a scholar who is worth a share of the central one."""
    return multiples(v.bottom * v.ratio, v.top * v.ratio)


def quoted_as(which: str) -> Callable[[Any], str]:
    """A quote, or where it would be too large for whole numbers, the range that it stands for."""

    def said(v: Any) -> str:
        quote = str(getattr(v, which))
        if v.top < LARGEST_QUOTE:
            return quote
        return multiples(v.bottom, v.top) if quote == v.cost_quote else discounted(v)

    return said
