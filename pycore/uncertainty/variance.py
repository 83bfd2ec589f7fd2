"""Shares of a variance, by pick-freeze: some draws are kept, and the others are made anew."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from pycore.checks import FloatArray
from pycore.progress import tracked
from pycore.uncertainty.design import RANDOMISATIONS, Design
from pycore.uncertainty.measures import UNDEFINED, Measure, quotient
from pycore.uncertainty.outcomes import Asked

__all__ = ["Share", "variance_shares"]

Draws = dict[str, FloatArray]

SETTLED = 0.3
"""How far the variance may spread over the randomisations, beside itself, to be worth sharing."""

FEW = 2.0
"""With few draws that many times as far as the variance of normal numbers would."""


class Share(NamedTuple):
    """A share of the variance.

    `switched` are the assumptions that change over from one set of draws to the other, and
    `first` those that come first in the triangular root of their correlations.
    """

    switched: frozenset[str]
    first: frozenset[str]
    is_total: bool

    @classmethod
    def closed(cls, group: Collection[str]) -> Share:
        """``Var(E[Y|X_G]) / Var(Y)``, what knowing a group would explain."""
        return cls(frozenset(group), frozenset(group), False)

    @classmethod
    def total(cls, each: str, ids: Collection[str]) -> Share:
        """``E[Var(Y|all but X_i)] / Var(Y)``, what not knowing one alone would leave."""
        return cls(frozenset([each]), frozenset(ids) - {each}, True)


class Base(NamedTuple):
    """Two independent sets of draws, and the numbers that follow from them."""

    uniforms: tuple[Draws, Draws]
    draws: tuple[Draws, Draws]
    numbers: tuple[FloatArray, FloatArray]


def variance_shares(numbers: Asked, design: Design, shares: list[Share]) -> list[list[Measure]]:
    """Shares of the variance of some numbers.

    Returns
    -------
    list of list of Measure
        For each share, each number's: from 0 to 1, or NaN where the variance itself spreads over
        the randomisations by more than 0.3 of it, so that there is nothing to have shares of.

    Notes
    -----
    With ``M`` made of A, but of B where switched: total ``E[(f(M) - f(A))^2] / (2 Var(Y))``; closed
    ``E[f(B) (f(M) - f(A))] / Var(Y)``, which is sharp for small shares, or
    ``1 - E[(f(B) - f(M))^2] / (2 Var(Y))``, sharp for large ones: for each share whichever has the
    smaller standard error (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018; Jansen 1999).
    """
    if not numbers.ids:
        return [[Measure(0.0, 0.0)] * len(numbers.wanted) for _ in shares]
    parts = np.zeros((len(shares), len(numbers.wanted), RANDOMISATIONS))
    rests = np.full_like(parts, np.nan)
    wholes = np.zeros((len(numbers.wanted), RANDOMISATIONS))
    for batch in tracked(design.batches(), "sensitivities"):
        rows = slice(batch.start // design.size, batch.stop // design.size)
        base = _base(numbers, design, batch)
        both = np.stack(base.numbers).reshape(2, len(numbers.wanted), -1, design.size)
        middle = both.mean(axis=(0, 3))[..., None]
        wholes[:, rows] = np.square(both - middle).mean(axis=(0, 3))
        tasks = zip(tracked(shares, "sensitivities"), parts, rests, strict=True)
        for share, found, rest in tasks:
            places = numbers.depending_on(_neighbours(numbers, share.switched))
            if not places:
                continue
            a, b, mixed = (
                each[places].reshape(len(places), -1, design.size)
                for each in _mixed(numbers, base, share)
            )
            if share.is_total:
                found[places, rows] = np.square(mixed - a).mean(axis=-1) / 2
            else:
                found[places, rows] = ((b - middle[places]) * (mixed - a)).mean(axis=-1)
                rest[places, rows] = np.square(b - mixed).mean(axis=-1) / 2
    widest = max(SETTLED, FEW / np.sqrt(design.size))
    return [
        [_share(*three, widest) for three in zip(found, rest, wholes, strict=True)]
        for found, rest in zip(parts, rests, strict=True)
    ]


def _share(part: FloatArray, rest: FloatArray, whole: FloatArray, widest: float) -> Measure:
    """The share of a part, or of all but the rest, whichever is estimated more sharply."""
    if whole.std(ddof=1) > widest * whole.mean():
        return UNDEFINED
    found = quotient(part, whole)
    if not np.isnan(rest).any():
        found = min(found, quotient(whole - rest, whole), key=lambda share: share.error)
    # Beyond these it is noise.
    return Measure(min(max(found.value, 0.0), 1.0), found.error)


def _base(numbers: Asked, design: Design, batch: range) -> Base:
    uncertain = numbers.uncertain
    number = len(uncertain.dimension)  # the second set has dimensions of its own
    uniforms = [
        {each: design.uniforms(uncertain.dimension[each] + shift, batch) for each in numbers.ids}
        for shift in (0, number)
    ]
    draws = [uncertain.unordered(each) for each in uniforms]
    rows = [numbers.finite(numbers.of(uncertain.ordered(each).values)) for each in draws]
    return Base((uniforms[0], uniforms[1]), (draws[0], draws[1]), (rows[0], rows[1]))


def _neighbours(numbers: Asked, ids: Collection[str]) -> set[str]:
    """Assumptions, and all that are correlated with them."""
    return {other for each in ids for other in numbers.uncertain.block(each)}


def _mixed(numbers: Asked, base: Base, share: Share) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The numbers for A, for B, and for A with what is switched from B."""
    uncertain = numbers.uncertain
    block = _neighbours(numbers, share.switched) - {
        each for each in share.switched if len(uncertain.block(each)) == 1
    }
    alone = share.switched - block

    def rows(draws: Draws) -> FloatArray:
        return numbers.finite(numbers.of(uncertain.ordered(draws).values))

    mixed = base.draws[0] | {each: base.draws[1][each] for each in alone}
    if not block:
        return (*base.numbers, rows(mixed))
    # What is frozen comes first in the root: so the same base numbers make other base draws.
    ours, theirs = ({each: uniforms[each] for each in block} for uniforms in base.uniforms)
    switched = ours | {each: theirs[each] for each in share.switched & block}
    again = [uncertain.unordered(each, share.first) for each in (ours, theirs, switched)]
    a, b = (draws | redrawn for draws, redrawn in zip(base.draws, again, strict=False))
    return rows(a), rows(b), rows(mixed | again[2])
