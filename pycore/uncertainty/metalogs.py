"""The metalog of three terms (Keelin 2016), which honours low, central and high of a range.

It is a family as those in :mod:`pycore.uncertainty.families` are, and is fitted to the bounds too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from pycore.checks import FloatArray

__all__ = ["fitted_metalog", "needed_end"]  # what a family gives is documented in `families.Family`

TAIL = 0.05
"""The weight below the low end of a range, and that above its high end."""

FARTHEST_LOGIT = 745.0
"""How far out, in log-odds of the weight below, a metalog is drawn: all that floats hold."""

FARTHEST_NUMBER = 1e300
"""The largest that is drawn from a metalog without a bound."""

STEEPEST_BEND = 1.6671131192019295
"""The most that the bend of a metalog may be beside its slope: beyond, quantiles would fall.

1 over the greatest of ``tanh(t/2)/2 + t/4/cosh(t/2)^2``, which is where ``t*tanh(t/2) = 2``.
"""

LAST_STEP, MOST_STEPS, NODES = 1e-15, 200, 12

AT_THE_LIMIT = 1e-9
"""How far a central value may lie, as a share of the range, past what a metalog admits."""


@dataclass(frozen=True)
class Metalog:
    """A metalog of three terms (Keelin 2016), between bounds that may be infinite.

    With t the log-odds of the weight below, ``Q(t) = middle + t*(slope + bend/2*tanh(t/2))`` is
    the quantile of x itself, of the logarithm of its distance to the one bound there is, or of
    the log-odds between two. Here each counts from `anchor`, where it is 0 and, between far
    bounds, keeps its digits.
    """

    anchor: float
    start: float
    end: float
    middle: float
    slope: float
    bend: float

    @cached_property
    def ends(self) -> tuple[float, float]:
        first, last = self._at(np.array([-FARTHEST_LOGIT, FARTHEST_LOGIT]))
        return float(first), float(last)

    def below(self, x: FloatArray) -> FloatArray:
        from scipy.special import expit

        return np.asarray(expit(self._log_odds(x)), dtype=np.float64)

    def above(self, x: FloatArray) -> FloatArray:
        from scipy.special import expit

        return np.asarray(expit(-self._log_odds(x)), dtype=np.float64)

    def from_below(self, weight: FloatArray) -> FloatArray:
        return self._at(_weight_odds(weight))

    def from_above(self, weight: FloatArray) -> FloatArray:
        return self._at(-_weight_odds(weight))

    def mean(self, low: float, high: float) -> float:
        # By log-odds the density falls off as exp(-|t|) and the quantile rises no faster than
        # an exponential: smooth enough for Gauss and Legendre to leave an error below 1e-12.
        first, last = (float(end) for end in self._log_odds(np.array([low, high])))
        rise = 1.0 if self._is_straight else max(1.0, self.slope + abs(self.bend))
        panels = 1 + int((last - first) * rise)
        half = (last - first) / panels / 2
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        t = first + half * (np.arange(1, 2 * panels, 2)[:, None] + nodes)
        # Beside the density nearest the middle: that of a far tail is next to nothing.
        density = np.exp(max(first, -last, 0) - np.abs(t)) / np.square(1 + np.exp(-np.abs(t)))
        density *= weights
        away = self._at(t) - self.anchor
        return self.anchor + float((away * density).sum() / density.sum())

    @cached_property
    def _is_straight(self) -> bool:
        return bool(np.isinf([self.start, self.end]).all())

    def transformed(self, x: Any) -> FloatArray:
        """What Q is the quantile of, for a number: how far from the anchor, as bounds bend it."""
        x = np.clip(x, max(self.start, -FARTHEST_NUMBER), min(self.end, FARTHEST_NUMBER))
        away, down, up = x - self.anchor, self.anchor - self.start, self.end - self.anchor
        if self._is_straight:
            return np.asarray(away)
        with np.errstate(divide="ignore", invalid="ignore"):
            # From the bound or from the anchor, whichever is nearer.
            after = np.where(
                away < -down / 2, np.log((x - self.start) / down), np.log1p(away / down)
            )
            before = np.where(away > up / 2, np.log((self.end - x) / up), np.log1p(-away / up))
        return np.asarray(after - before)

    def back(self, transformed: FloatArray) -> FloatArray:
        """The number that is transformed so."""
        first, last = max(self.start, -FARTHEST_NUMBER), min(self.end, FARTHEST_NUMBER)
        if self._is_straight:
            return np.clip(self.anchor + transformed, first, last)
        down, up = self.anchor - self.start, self.end - self.anchor
        # The odds, over or under 1 so that neither overflows.
        odds, less = np.exp(-np.abs(transformed)), -np.expm1(-np.abs(transformed))
        rises, falls = np.where(transformed > 0, 1.0, odds), np.where(transformed > 0, odds, 1.0)
        # Farther than floats reach is infinite, and held at the end below.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            unit = falls / down + rises / up
            away = np.copysign(less, transformed) / unit
            x = np.where(
                away < -down / 2, self.start + rises * (1 + down / up) / unit, self.anchor + away
            )
            x = np.where(away > up / 2, self.end - falls * (1 + up / down) / unit, x)
        return np.clip(x, first, last)

    def _quantile(self, t: FloatArray) -> FloatArray:
        return np.asarray(self.middle + t * (self.slope + self.bend / 2 * np.tanh(t / 2)))

    def _at(self, t: FloatArray) -> FloatArray:
        return self.back(self._quantile(np.clip(t, -FARTHEST_LOGIT, FARTHEST_LOGIT)))

    def _log_odds(self, x: FloatArray) -> FloatArray:
        """Invert the quantile, each number by itself: Newton's steps, halved where they leave."""
        reach = FARTHEST_LOGIT
        first, last = self._quantile(np.array([-reach, reach]))
        aim = np.clip(self.transformed(x), first, last).ravel()
        low, high = np.full(aim.shape, -reach), np.full(aim.shape, reach)
        t = np.clip((aim - self.middle) / self.slope, -reach, reach)
        live = np.arange(aim.size)
        for _ in range(MOST_STEPS):
            if not live.size:
                break
            here = t[live]
            over = self._quantile(here) - aim[live]
            low[live] = np.where(over <= 0, here, low[live])
            high[live] = np.where(over >= 0, here, high[live])
            bent = np.tanh(here / 2)
            slope = self.slope + self.bend / 2 * (bent + here / 2 * (1 - bent * bent))
            with np.errstate(divide="ignore", invalid="ignore"):
                there = here - over / slope
            inside = (low[live] < there) & (there < high[live])
            t[live] = np.where(inside, there, (low[live] + high[live]) / 2)
            moved = np.abs(t[live] - here) > LAST_STEP * np.maximum(np.abs(here), 1)
            live = live[moved & (over != 0)]
        return t.reshape(np.shape(x))


def _weight_odds(weight: FloatArray) -> FloatArray:
    """The log-odds of a weight; minus infinity for 0."""
    from scipy.special import logit

    return np.asarray(logit(weight), dtype=np.float64)


class _Placed(NamedTuple):
    """Three points to fit to, once transformed."""

    unbent: Metalog
    first: float
    last: float
    odds: FloatArray
    bends: FloatArray

    @property
    def place(self) -> float:
        """Where the median is to lie between the ends, from 0 to 1."""
        return -self.first / (self.last - self.first)

    @property
    def reach(self) -> tuple[float, float]:
        """Between which places a metalog can have it."""
        return self._with(STEEPEST_BEND), self._with(-STEEPEST_BEND)

    def _with(self, bend: float) -> float:
        at = self.odds + bend * self.bends
        return float((at[1] - at[0]) / (at[2] - at[0]))


def _placed(low: float, central: float, high: float, minimum: float, maximum: float) -> _Placed:
    start = minimum if minimum < low else -np.inf
    end = maximum if maximum > high else np.inf
    cut_low, cut_high = (TAIL if low == minimum else 0.0), (TAIL if high == maximum else 0.0)
    left = 1 - cut_low - cut_high
    levels = np.array([cut_low or left * TAIL, cut_low + left / 2, 1 - (cut_high or left * TAIL)])
    odds = np.log(levels) - np.log1p(-levels)
    unbent = Metalog(central, start, end, 0.0, 1.0, 0.0)
    first, last = (float(each) for each in unbent.transformed(np.array([low, high])))
    return _Placed(unbent, first, last, odds, odds / 2 * np.tanh(odds / 2))


def fitted_metalog(
    low: float, central: float, high: float, minimum: float, maximum: float
) -> Metalog:
    """The metalog of three points: at 0.05, 0.5 and 0.95 between bounds beyond the range.

    A bound that an end of the range stands on cannot have weight 0.05 below it within the bounds:
    that end is then where the distribution begins. Its form does without that bound, which cuts
    off the weight 0.05; what is left has its median at `central` and the other end where it was.
    A bound that lies within the range cuts off what it does, as for any other family.

    Where no metalog has these three points, it is the one whose median comes nearest to `central`:
    see :func:`needed_end`.
    """
    placed = _placed(low, central, high, minimum, maximum)
    place = float(np.clip(placed.place, *placed.reach))
    straight, bent = (np.diff(each) for each in (placed.odds, placed.bends))
    bend = (place * straight.sum() - straight[0]) / (bent[0] - place * bent.sum())
    bend = float(np.clip(bend, -STEEPEST_BEND, STEEPEST_BEND))
    at = placed.odds + bend * placed.bends
    slope = (placed.last - placed.first) / float(at[2] - at[0])
    middle = placed.first - slope * float(at[0])
    if place == placed.place:
        middle = -slope * float(at[1]) + 0.0  # the median is the central value to its last digit
    unbent = placed.unbent
    return Metalog(central, unbent.start, unbent.end, middle, slope, slope * bend)


def needed_end(low: float, central: float, high: float, minimum: float, maximum: float) -> str:
    """Say which end would let a metalog have its median at `central`; empty where one has."""
    placed = _placed(low, central, high, minimum, maximum)
    least, most = placed.reach
    if placed.place > most + AT_THE_LIMIT:
        high = float(placed.unbent.back(np.asarray(placed.first - placed.first / most)))
        return f"high of {_outward(high, central, np.ceil)} or more"
    if placed.place < least - AT_THE_LIMIT:
        low = float(placed.unbent.back(np.asarray(-placed.last * least / (1 - least))))
        return f"low of {_outward(low, central, np.floor)} or less"
    return ""


def _outward(end: float, central: float, rounded: Callable[[float], float]) -> str:
    """An end in as many digits as it takes to be told from the central value, and beyond itself."""
    step = 10.0 ** np.floor(np.log10(max(abs(end - central), 1e-300) / 10))
    return f"{rounded(end / step) * step:,.12g}"
