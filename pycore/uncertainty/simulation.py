"""Simulation of a graph: percentiles, means and chances of its results, each with its error."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from pycore.checks import FINITE, FloatArray
from pycore.errors import InputError
from pycore.nodes import Result
from pycore.uncertainty.design import BATCH, RANDOMISATIONS, Design
from pycore.uncertainty.measures import UNDEFINED, Measure, error_of_mean, measure, rounded
from pycore.uncertainty.outcomes import Asked, StandIns, asked, in_words, outcomes
from pycore.uncertainty.remembered import keep, key_of, recalled
from pycore.uncertainty.sampling import Uncertain
from pycore.uncertainty.tallies import Counted, Kept, Tally, edges_around

__all__ = ["Simulated", "Spread", "simulation"]

PERCENTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

MOST_KEPT = 1 << 20
"""Up to so many draws are kept, and their quantiles are exact."""

BARS = 40
OUTSIDE = 0.005
"""How much of a distribution a chart leaves out at either end."""


@dataclass(frozen=True)
class Spread:
    """How uncertain one number is.

    `percentiles` are the 5th, 25th, 50th, 75th and 95th; `chance` is that of being at or above
    `threshold`, where there is one. `resolution` bounds what the percentiles may be off
    because draws were counted and not kept: 0 where they were kept. `edges` and `shares` make a
    histogram, `cumulative` the share at or below each edge.

    Where the result gives a word in place of a number below or above all others, that number is
    infinite here: `in_words` gives the word. The mean is then NaN, and `edges` run over the finite
    draws; they are NaN where there are none. An error is NaN where randomisations disagree
    whether a percentile is finite. `endless` is the share of draws that are infinite.
    """

    reference: str
    result: Result
    central: float
    percentiles: tuple[Measure, ...]
    mean: Measure
    threshold: float | None
    chance: Measure | None
    resolution: float
    edges: FloatArray
    cumulative: FloatArray
    endless: float

    @property
    def shares(self) -> FloatArray:
        """The share of the draws between each edge and the next."""
        return np.diff(self.cumulative)

    def in_words(self, number: float) -> float | str:
        """A number, or the word in its place; blank for what is not defined."""
        return in_words(self.result, number)

    @property
    def remark(self) -> str:
        """Why there is no mean; blank where there is one."""
        if not math.isnan(self.mean.value):
            return ""
        words = " or ".join(map(repr, self.result.limits))
        share = f"{100 * self.endless:.3g}%"
        return f"no mean: {words} in {share} of the draws"


@dataclass(frozen=True)
class Simulated:
    """What a simulation gives.

    `held` says, for the smaller of two assumptions that are ordered, in what share of the draws
    it had to be held at the larger.
    """

    draws: int
    spreads: dict[str, Spread]
    held: dict[str, float]


def simulation(
    uncertain: Uncertain,
    wanted: Iterable[str],
    draws: int,
    seed: int,
    thresholds: Mapping[str, float] | None = None,
    *,
    stand_ins: StandIns | None = None,
    batch: int = BATCH,
) -> Simulated:
    """Simulate results of a graph on draws of its assumptions.

    Parameters
    ----------
    wanted : iterable of str
        References to numbers: ids of results, or ``id.part``. What else is wanted changes no
        digit of an answer.
    thresholds : mapping of str to float, optional
        By reference: what the number is compared with.
    stand_ins : mapping of str to callable, optional
        For results that simulate, what computes them for draws.
    batch : int
        How many draws to compute at a time. Changes nothing but memory and time.

    Notes
    -----
    With R = 16 independent randomisations, ``error^2 = sum_r (q_r - mean(q))^2 / (R*(R - 1))``
    for a statistic that is ``q_r`` in randomisation r (Owen 1997, doi:10.1214/aos/1031594731).
    """
    numbers = asked(uncertain, wanted, stand_ins)
    limits = _thresholds(numbers, thresholds or {})
    design = Design(draws, seed, batch)
    held: Counter[str] = Counter()
    if design.number <= MOST_KEPT or not numbers.ids:
        kept = _kept(numbers, design, held)
        tallies, bars = list[Tally](kept), [_bars(tally) for tally in kept]
    else:
        # The beginning of each sequence, itself as even as the whole, shows where to count.
        pilot = _kept(numbers, Design(MOST_KEPT, seed, batch), Counter())
        bars = [_bars(tally) for tally in pilot]
        edges = [
            edges_around(tally, PERCENTILES, _edges(numbers, each, limits.get(each), ends))
            for each, tally, ends in zip(numbers.wanted, pilot, bars, strict=True)
        ]
        tallies = list[Tally](_counted(numbers, design, edges, held))
    return Simulated(
        design.number,
        {
            each: _spread(numbers, each, limits.get(each), tally, ends)
            for each, tally, ends in zip(numbers.wanted, tallies, bars, strict=True)
        },
        {each: count / design.number for each, count in held.items()},
    )


def _thresholds(numbers: Asked, thresholds: Mapping[str, float]) -> dict[str, float]:
    for each in thresholds:
        if each not in numbers.wanted:
            raise InputError("a threshold", "be for one of the wanted results", each)
    return {
        each: float(FINITE.check(f"the threshold of {each}", limit))
        for each, limit in thresholds.items()
    }


def _edges(numbers: Asked, reference: str, limit: float | None, ends: FloatArray) -> list[float]:
    """At what draws must be counted: a histogram's edges, the threshold, what words stand for."""
    words = numbers.result_of(reference).limits.values()
    return [*ends[np.isfinite(ends)], *words, *([] if limit is None else [limit])]


def _kept(numbers: Asked, design: Design, held: Counter[str]) -> list[Kept]:
    """Keep all draws; one for each randomisation where nothing is uncertain."""
    if not numbers.ids:
        return [Kept(np.repeat(row[:, None], RANDOMISATIONS, axis=0)) for row in numbers.of({})]
    keys = {
        each: key_of(numbers, [each], design.number, "draws", design.seed)
        for each in numbers.wanted
    }
    known = {each: recalled(key) for each, key in keys.items()}
    if missing := [each for each, found in known.items() if found is None]:
        for each, drawn in _drawn(replace(numbers, wanted=tuple(missing)), design).items():
            known[each] = drawn
            keep(keys[each], drawn)
    for _, held_here in known.values():
        held |= held_here  # the same number, for whichever answer it was drawn
    return [tally for tally, _ in known.values()]


def _drawn(numbers: Asked, design: Design) -> dict[str, tuple[Kept, Counter[str]]]:
    """Draw some numbers: of each what its draws say, and what had to be held in them."""
    held: Counter[str] = Counter()
    kept = np.empty((len(numbers.wanted), design.number))
    for batch, rows in outcomes(numbers, design, held):
        kept[:, batch.start : batch.stop] = rows
    found = {}
    for reference, row in zip(numbers.wanted, kept, strict=True):
        ids = numbers.uncertain.needed([numbers.result_of(reference).id])
        held_here = Counter({each: held[each] for each in ids if each in held})
        found[reference] = Kept(row.reshape(RANDOMISATIONS, -1)), held_here
    return found


def _counted(
    numbers: Asked, design: Design, edges: list[FloatArray], held: Counter[str]
) -> list[Counted]:
    """Count all draws between edges."""
    tallies = [Counted(each, RANDOMISATIONS, design.size) for each in edges]
    for batch, rows in outcomes(numbers, design, held):
        for tally, row in zip(tallies, rows, strict=True):
            tally.add(batch.start, row)
    return tallies


def _bars(tally: Kept) -> FloatArray:
    """The edges of a histogram of all but the farthest draws."""
    first, last = (tally.quantile(level).value for level in (OUTSIDE, 1 - OUTSIDE))
    if not (np.isfinite(first) and np.isfinite(last)):
        finite = tally.finite()
        if not finite.size:
            return np.full(BARS + 1, np.nan)
        first, last = map(float, np.quantile(finite, [OUTSIDE, 1 - OUTSIDE]))
    if first == last:  # rounded, the edges would lie beside what they are to hold
        return np.full(BARS + 1, first)
    return np.asarray([float(f"{edge:.12g}") for edge in np.linspace(first, last, BARS + 1)])


def _spread(
    numbers: Asked, reference: str, limit: float | None, tally: Tally, edges: FloatArray
) -> Spread:
    quantiles = [tally.quantile(level) for level in PERCENTILES]
    chances = None if limit is None else tally.at_least(limit)
    means = tally.means()
    result = numbers.result_of(reference)
    endless = float(tally.at_least(np.inf).mean()) if result.highest else 0.0
    if result.lowest:
        endless += float(tally.at_most(np.asarray([-np.inf]))[0])
    return Spread(
        reference=reference,
        result=result,
        central=float(numbers.central[reference]),
        percentiles=tuple(rounded(each.value, error_of_mean(each.each)) for each in quantiles),
        mean=measure(means) if np.isfinite(means).all() else UNDEFINED,
        threshold=limit,
        chance=None if chances is None else measure(chances),
        resolution=max(each.resolution for each in quantiles),
        edges=edges,
        cumulative=tally.at_most(edges) if np.isfinite(edges).all() else edges,
        endless=endless,
    )
