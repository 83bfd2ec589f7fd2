"""The families of distributions before they are truncated, counted from either end.

A weight near 1 keeps few digits of what is left above it; counted from above it keeps them all.
So each family gives weights and their inverses from both ends. Arguments are clean: see
:mod:`pycore.uncertainty.distributions`, which fits and truncates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from pycore import normal
from pycore.checks import FloatArray

__all__ = [
    "Family"
]  # what its methods give is documented there once, and not in every family again

FARTHEST_SCORE, FARTHEST_TABLED = 38.0, 8.3
"""How far out, in normal scores, draws may lie: all that floats hold, and what a table does."""

TABLED = 1025


class Family(Protocol):
    """A distribution before it is truncated, counted from either end so that no digits are lost."""

    @property
    def ends(self) -> tuple[float, float]:
        """Between which finite numbers it lies."""

    def below(self, x: FloatArray) -> FloatArray:
        """Give the weight below `x`."""

    def above(self, x: FloatArray) -> FloatArray:
        """Give the weight above `x`."""

    def from_below(self, weight: FloatArray) -> FloatArray:
        """Give the number that has this weight below it."""

    def from_above(self, weight: FloatArray) -> FloatArray:
        """Give the number that has this weight above it."""

    def mean(self, low: float, high: float) -> float:
        """Give the mean of what lies between two numbers that some of it lies between."""


@dataclass(frozen=True)
class Point:
    """All weight on one value."""

    value: float

    @property
    def ends(self) -> tuple[float, float]:
        return self.value, self.value

    def below(self, x: FloatArray) -> FloatArray:
        return np.asarray(x >= self.value, dtype=np.float64)

    def above(self, x: FloatArray) -> FloatArray:
        return np.asarray(x < self.value, dtype=np.float64)

    def from_below(self, weight: FloatArray) -> FloatArray:
        return np.full(weight.shape, self.value)

    from_above = from_below

    def mean(self, low: float, high: float) -> float:  # noqa: ARG002
        return self.value


@dataclass(frozen=True)
class Uniform:
    """Even weight from `start` to `end`."""

    start: float
    end: float

    @property
    def ends(self) -> tuple[float, float]:
        return self.start, self.end

    def below(self, x: FloatArray) -> FloatArray:
        return np.clip((x - self.start) / (self.end - self.start), 0, 1)

    def above(self, x: FloatArray) -> FloatArray:
        return np.clip((self.end - x) / (self.end - self.start), 0, 1)

    def from_below(self, weight: FloatArray) -> FloatArray:
        return self.start + weight * (self.end - self.start)

    def from_above(self, weight: FloatArray) -> FloatArray:
        return self.end - weight * (self.end - self.start)

    def mean(self, low: float, high: float) -> float:
        return (max(low, self.start) + min(high, self.end)) / 2


@dataclass(frozen=True)
class Triangular:
    """A density that rises straight from `start` to the mode and falls straight to `end`."""

    start: float
    mode: float
    end: float

    @property
    def ends(self) -> tuple[float, float]:
        return self.start, self.end

    @cached_property
    def rising(self) -> float:
        """The weight below x is the square of ``x - start``, over this, up to the mode."""
        return (self.end - self.start) * (self.mode - self.start)

    @cached_property
    def falling(self) -> float:
        """The weight above x is the square of ``end - x``, over this, from the mode on."""
        return (self.end - self.start) * (self.end - self.mode)

    def below(self, x: FloatArray) -> FloatArray:
        x = np.clip(x, self.start, self.end)
        right = 1 - np.square(self.end - x) / self.falling
        return np.where(x < self.mode, np.square(x - self.start) / self.rising, right)

    def above(self, x: FloatArray) -> FloatArray:
        x = np.clip(x, self.start, self.end)
        left = 1 - np.square(x - self.start) / self.rising
        return np.where(x > self.mode, np.square(self.end - x) / self.falling, left)

    def from_below(self, weight: FloatArray) -> FloatArray:
        return self._meeting(np.sqrt(weight * self.rising), np.sqrt((1 - weight) * self.falling))

    def from_above(self, weight: FloatArray) -> FloatArray:
        return self._meeting(np.sqrt((1 - weight) * self.rising), np.sqrt(weight * self.falling))

    def _meeting(self, after_start: FloatArray, before_end: FloatArray) -> FloatArray:
        """The number on its own side of the mode; the other side's formula is past the mode."""
        left, right = self.start + after_start, self.end - before_end
        return np.where(left < self.mode, left, np.maximum(right, self.mode))

    def mean(self, low: float, high: float) -> float:
        # Two Gauss nodes on either side of the mode integrate x times a straight density exactly.
        total = weight = 0.0
        for foot, size in ((self.start, self.rising), (self.end, self.falling)):
            first, last = np.clip(sorted((foot, self.mode)), low, high)
            half, middle = (last - first) / 2, (last + first) / 2
            for node in (middle - half / np.sqrt(3), middle + half / np.sqrt(3)):
                part = half * abs(node - foot) / size
                total, weight = total + part * node, weight + part
        return float(total / weight)


@dataclass(frozen=True)
class Normal:
    """The normal distribution."""

    middle: float
    sd: float

    @property
    def ends(self) -> tuple[float, float]:
        reach = FARTHEST_SCORE * self.sd
        return self.middle - reach, self.middle + reach

    def below(self, x: FloatArray) -> FloatArray:
        return normal.cdf(self._score(x))

    def above(self, x: FloatArray) -> FloatArray:
        return normal.cdf(-self._score(x))

    def from_below(self, weight: FloatArray) -> FloatArray:
        return self.middle + self.sd * normal.quantile(weight)

    def from_above(self, weight: FloatArray) -> FloatArray:
        return self.middle - self.sd * normal.quantile(weight)

    def mean(self, low: float, high: float) -> float:
        first, last = float(self._score(low)), float(self._score(high))
        fall = np.exp(-first * first / 2) - np.exp(-last * last / 2)
        shift = fall / np.sqrt(2 * np.pi) / _normal_weight(first, last)
        return float(self.middle + self.sd * shift)

    def _score(self, x: Any) -> Any:
        return (x - self.middle) / self.sd


@dataclass(frozen=True)
class Lognormal:
    """What has a normal logarithm."""

    logarithm: Normal

    @property
    def ends(self) -> tuple[float, float]:
        first, last = np.exp(self.logarithm.ends)
        return float(first), float(last)

    def below(self, x: FloatArray) -> FloatArray:
        return self.logarithm.below(_logarithm(x))

    def above(self, x: FloatArray) -> FloatArray:
        return self.logarithm.above(_logarithm(x))

    def from_below(self, weight: FloatArray) -> FloatArray:
        return np.exp(self.logarithm.from_below(weight))

    def from_above(self, weight: FloatArray) -> FloatArray:
        return np.exp(self.logarithm.from_above(weight))

    def mean(self, low: float, high: float) -> float:
        middle, sd = self.logarithm.middle, self.logarithm.sd
        first, last = ((float(_logarithm(np.asarray(end))) - middle) / sd for end in (low, high))
        share = _normal_weight(first - sd, last - sd) / _normal_weight(first, last)
        return float(np.exp(middle + sd * sd / 2) * share)


@dataclass(frozen=True)
class Beta:
    """A beta distribution stretched from 0 to 1 onto `start` to `end`."""

    start: float
    end: float
    first: float
    second: float

    @property
    def ends(self) -> tuple[float, float]:
        return self.start, self.end

    def below(self, x: FloatArray) -> FloatArray:
        return beta_weight(self.first, self.second, self._share(x - self.start))

    def above(self, x: FloatArray) -> FloatArray:
        return beta_weight(self.second, self.first, self._share(self.end - x))

    def from_below(self, weight: FloatArray) -> FloatArray:
        return self._from_score(normal.quantile(weight))

    def from_above(self, weight: FloatArray) -> FloatArray:
        return self._from_score(-normal.quantile(weight))

    def _from_score(self, score: FloatArray) -> FloatArray:
        from scipy.special import expit

        share = expit(self._logits(np.clip(score, -FARTHEST_TABLED, FARTHEST_TABLED)))
        return np.asarray(self.start + (self.end - self.start) * share, dtype=np.float64)

    @cached_property
    def _logits(self) -> Any:
        """The log-odds of a share as a function of the normal score of the weight below it.

        The inverse of the incomplete beta function takes microseconds for each number, and far
        out scipy gives wrong digits (1.10) or none (1.17) for lopsided shapes. This smooth curve
        through 1025 points, each found without the inverse, is faster and as good as exact.
        """
        from scipy.interpolate import CubicSpline
        from scipy.optimize import brentq

        reach = FARTHEST_TABLED
        first, last = (
            float(brentq(lambda logit, end=end: self._score_at(logit) - end, -700, 700))
            for end in (-reach, reach)
        )
        logits = np.linspace(first, last, TABLED)
        # A second time, at places that lie evenly as scores.
        even = np.linspace(-reach, reach, TABLED)
        logits = np.interp(even, self._score_at(logits), logits)
        return CubicSpline(self._score_at(logits), logits)

    def _score_at(self, logit: Any) -> FloatArray:
        """The normal score of the weight below a share, from the share's log-odds."""
        from scipy.special import expit

        below = beta_weight(self.first, self.second, expit(logit))
        above = beta_weight(self.second, self.first, expit(-np.asarray(logit)))
        score = np.where(below < above, normal.quantile(below), -normal.quantile(above))
        return np.clip(score, -FARTHEST_SCORE, FARTHEST_SCORE)

    def mean(self, low: float, high: float) -> float:
        first, second = self.first, self.second
        share = _beta_between(self, low, high, 1) / _beta_between(self, low, high, 0)
        return self.start + (self.end - self.start) * share * first / (first + second)

    def _share(self, part: Any) -> Any:
        return np.clip(part / (self.end - self.start), 0, 1)


def beta_weight(first: float, second: float, share: Any) -> FloatArray:
    """Give the weight of a beta distribution below a share."""
    from scipy.special import betainc

    return np.asarray(betainc(first, second, share), dtype=np.float64)


def _logarithm(x: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(x, 0))


def _normal_weight(first: float, last: float) -> float:
    """What lies between two normal scores, counted from the nearer tail."""
    if first > 0:
        first, last = -last, -first
    return float(normal.cdf(last) - normal.cdf(first))


def _beta_between(family: Beta, low: float, high: float, more: int) -> float:
    """What lies between two numbers when the first shape is larger by `more`."""
    first = family.first + more
    start, end = family._share(low - family.start), family._share(high - family.start)
    below = beta_weight(first, family.second, start)
    if below <= 1 / 2:
        return float(beta_weight(first, family.second, end) - below)
    start, end = family._share(family.end - low), family._share(family.end - high)
    return float(beta_weight(family.second, first, start) - beta_weight(family.second, first, end))
