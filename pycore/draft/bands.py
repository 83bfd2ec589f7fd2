"""The sizes of a draft of mentors, and the bands of scores in which its lists are revealed.

What a band is, and how it is drawn, is documented in :mod:`pycore.draft.rounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pycore import normal
from pycore.checks import FloatArray
from pycore.draft.dense import dense_seconds
from pycore.hashed import Whole

__all__ = ["Band", "Draft"]

WORTH_DRAWING_ALL = 0.3
"""What share of the applicants a list may hold; deeper, all of them take less time."""

PER_REVEALED = 0.25e-6
"""Seconds that a score of the first band takes, all bands considered, where a dense one's are."""

FARTHEST = 9.0
"""Shared parts beyond this many standard deviations, 1 in 10^18, are not drawn."""

BINS = 256
GUIDES = 1 << 14


@dataclass(frozen=True)
class Draft:
    """The sizes of a draft, the weight of the shared part, and the bands that follow from them."""

    applicants: int
    mentors: int
    places: int
    shared: float

    @cached_property
    def lists(self) -> int:
        """How many lists there are, the new mentor's last."""
        return self.mentors + 1

    @cached_property
    def own(self) -> float:
        """The weight of a mentor's own part in the score, b."""
        return float(np.sqrt(1 - self.shared * self.shared))

    @cached_property
    def first_depth(self) -> float:
        """How many scores each list is to have in the first band, on average.

        It changes the time and nothing else: too few, and most replicates need a second band; too
        many, and most scores are never looked at. Where mentors agree, each must go as deep
        as all of them have taken; where most applicants are taken, deep to find one who is not.
        """
        taken = self.places / self.mentors
        free = max(1 - self.places / self.applicants, 1 / self.applicants)
        return 7 / free + 2 * taken + (self.places - taken) * (1 - self.own) ** 2

    @property
    def is_deep(self) -> bool:
        """Whether revealing as much as is needed takes longer than drawing all of each list."""
        return self._revealing_seconds > self._dense_seconds

    @property
    def seconds(self) -> float:
        """About how long a replicate takes; the same on every machine."""
        return min(self._revealing_seconds, self._dense_seconds)

    @property
    def _revealing_seconds(self) -> float:
        return PER_REVEALED * self.lists * min(self.first_depth, self.applicants)

    @property
    def _dense_seconds(self) -> float:
        return dense_seconds(self.applicants, self.mentors, self.places)

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """The bands from the top down, each twice as deep as the one above; the last is all."""
        bands: list[Band] = []
        high, depth = np.inf, self.first_depth
        while high > -np.inf:
            rest = depth > self.applicants * WORTH_DRAWING_ALL
            low = -np.inf if rest else float(-normal.quantile(np.asarray(depth / self.applicants)))
            bands.append(Band(self, len(bands), low, high))
            high, depth = low, 2 * depth
        return tuple(bands)

    def below(self, level: float) -> float:
        """The chance that an applicant is below `level` on every list, Q.

        The score at the best list is ``a*g + b*h``, g normal and h the greatest of M normals: the
        integral is over whichever leaves the integrand smooth. Summed over even steps, as is
        best for a smooth curve that vanishes at both ends.
        """
        if np.isinf(level):
            return float(level > 0)
        x = np.linspace(-FARTHEST, FARTHEST, 16 * BINS + 1)
        step, density = x[1] - x[0], np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        if self.shared < self.own:
            beneath = np.exp(self.lists * normal.log_cdf((level - self.shared * x) / self.own))
        else:
            density *= self.lists * np.exp((self.lists - 1) * normal.log_cdf(x))
            beneath = np.exp(normal.log_cdf((level - self.own * x) / self.shared))
        return float((density * beneath).sum() * step)


@dataclass(frozen=True)
class Band:
    """The scores of all lists between two levels."""

    draft: Draft
    depth: int
    low: float
    high: float

    @cached_property
    def chance_new(self) -> float:
        """The chance that an applicant below the upper level everywhere is in the band."""
        beneath = self.draft.below(self.high)
        # Where no one at all can still be unseen, how many of them appear does not matter.
        return 1 - self.draft.below(self.low) / beneath if beneath > 0 else 1.0

    def limits(self, shared_part: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Between what a mentor's own part is, for a score in the band."""
        with np.errstate(divide="ignore"):
            a, b = self.draft.shared, self.draft.own
            return (self.low - a * shared_part) / b, (self.high - a * shared_part) / b

    def rate(self, shared_part: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``-ln(r)`` for each shared part, and the logarithm of ``Phi((hi - a*g)/b)``."""
        low, high = self.limits(shared_part)
        if np.isinf(self.high):
            with np.errstate(divide="ignore"):
                return -np.log1p(-normal.cdf(-low)), np.zeros_like(low)
        beneath = normal.log_cdf(high)
        with np.errstate(invalid="ignore"):
            rate = beneath - normal.log_cdf(low)
        # Who is above the band on every list for certain cannot enter it.
        return np.where(np.isnan(rate), 0.0, rate), beneath

    def density(self, shared_part: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The density of a newcomer's shared part, unnormed as the hat is, and ``-ln(r)``."""
        rate, beneath = self.rate(shared_part)
        lists = self.draft.lists
        kept: FloatArray = -np.expm1(-lists * rate) * np.exp(
            lists * beneath - shared_part * shared_part / 2
        )
        return kept, rate

    @cached_property
    def hat(self) -> Hat:
        """A step function above the density of a newcomer's shared part.

        Both `Phi(high)^M` and `Phi(low)^M` fall with g: in a bin, their difference is at most
        the one's left end less the other's right end.
        """
        edges = np.linspace(-FARTHEST, FARTHEST, BINS + 1)
        rate, beneath = self.rate(edges)
        above = np.exp(self.draft.lists * beneath)
        below = np.exp(self.draft.lists * (beneath - np.where(np.isneginf(beneath), 0.0, rate)))
        normal = np.exp(-edges * edges / 2)
        heights = np.maximum(normal[:-1], normal[1:]) * np.maximum(above[:-1] - below[1:], 0.0)
        running = np.concatenate([[0.0], np.cumsum(heights)])
        guide = np.searchsorted(running, np.arange(GUIDES) / GUIDES * running[-1], side="right") - 1
        return Hat(edges, heights, running, guide)

    def own_parts(
        self, shared_part: FloatArray, rate: FloatArray, person: Whole, part: FloatArray
    ) -> FloatArray:
        """The quantiles of mentors' own parts in the band, each for one of the people."""
        if np.isinf(self.high):
            return -normal.quantile(-np.expm1(-rate)[person] * part)
        # Where both limits are negative it is done in the mirror: a small tail is exact, and
        # a chance close to 1 is not.
        low, high = self.limits(shared_part)
        sign = np.where(high < 0, -1.0, 1.0)
        low, high = np.where(high < 0, -high, low), np.where(high < 0, -low, high)
        above = normal.cdf(-high)
        width = normal.cdf(-low) - above
        return -sign[person] * normal.quantile(above[person] + width[person] * part)


class Hat(NamedTuple):
    """A step function: the edges of its bins, its heights, their running sum.

    `guide` says for each of some even steps of the whole in which bin it lies.
    """

    edges: FloatArray
    heights: FloatArray
    running: FloatArray
    guide: npt.NDArray[np.intp]

    def draw(self, part: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Points under the hat, and its height there."""
        reached = part * self.running[-1]
        bins = self.guide[(part * GUIDES).astype(np.intp)]
        past = np.flatnonzero(reached >= self.running[bins + 1])
        bins[past] = np.searchsorted(self.running, reached[past], side="right") - 1
        np.minimum(bins, self.heights.size - 1, out=bins)
        height = self.heights[bins]
        within = (reached - self.running[bins]) / height
        return self.edges[bins] + within * (self.edges[1] - self.edges[0]), height
