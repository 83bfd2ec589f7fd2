"""What it is worth to know an assumption before deciding: value of information."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pycore.checks import FINITE, FloatArray
from pycore.design import INDEX_DRAWS, RANDOMISATIONS, Design
from pycore.measures import Measure, measure
from pycore.outcomes import StandIns, asked
from pycore.progress import tracked
from pycore.sampling import Uncertain

__all__ = ["Worth", "value_of_information"]

STRATA = 64
"""Into how many equal parts an assumption's distribution is cut, at most."""

NO_WORTH = 1e-12
"""Gains smaller than this beside the largest net value are rounding."""

COARSER = 4
"""By what factor there are fewer in each coarser cut that is tried."""


@dataclass(frozen=True)
class Worth:
    """What information is worth to a decision between two actions.

    `net` is what acting brings, on average, over not acting; who knows no more acts where it is
    at least 0. `everything` is the most that any information can be worth, and `each` what
    knowing one assumption is worth.
    """

    net: Measure
    everything: Measure
    each: dict[str, Measure]

    @property
    def acts(self) -> bool:
        """Whether acting is best as things stand."""
        return self.net.value >= 0


def value_of_information(
    uncertain: Uncertain,
    reference: str,
    draws: int,
    seed: int,
    bar: float = 0.0,
    *,
    stand_ins: StandIns | None = None,
) -> Worth:
    """What it is worth to know each assumption before deciding whether to act.

    Parameters
    ----------
    uncertain : Uncertain
        The graph and the ranges of its assumptions.
    reference : str
        To the number that acting brings.
    draws : int
        How many; from 32 to 2^20, rounded up to 16 times a power of two.
    seed : int
        Where the random numbers start.
    bar : float
        What not acting brings.
    stand_ins : mapping of str to callable, optional
        For results that simulate.

    Returns
    -------
    Worth
        In the unit of the number.

    Raises
    ------
    InputError
        If a number of draws, a seed, a bar or the reference breaks its rule, or a function
        refuses a draw.

    Notes
    -----
    ``E[max(0, E[NB|X_i])] - max(0, E[NB])`` with ``NB = number - bar`` (Raiffa and Schlaifer
    1961); and ``E[max(0, NB)] - max(0, E[NB])`` for everything. ``E[NB|X_i]`` is the mean within
    strata of X_i. Each randomisation is decided by the means of the 15 others, so that noise
    is not taken for knowledge: the mean of ``max(0, noise)`` is above 0.
    """
    INDEX_DRAWS.check("draws", draws)
    limit = float(FINITE.check("bar", bar))
    numbers = asked(uncertain, [reference], stand_ins)
    design = Design(draws, seed)
    net = np.empty(design.number)
    ranks = {each: np.empty(design.number, dtype=np.uint8) for each in numbers.influential}
    for batch in tracked(design.batches(), "draws"):
        uniforms = {each: design.uniforms(uncertain.dimension[each], batch) for each in numbers.ids}
        place = slice(batch.start, batch.stop)
        net[place] = numbers.of(uncertain.values(uniforms).values)[0] - limit
        joined = uncertain.joined(uniforms)
        for each in numbers.influential:
            ranks[each][place] = np.minimum(np.floor(joined[each] * STRATA), STRATA - 1)
    numbers.finite(net[None])
    rows = net.reshape(RANDOMISATIONS, -1)
    unknowing = _decided(rows.mean(axis=1)[:, None])
    return Worth(
        net=measure(rows.mean(axis=1)),
        everything=measure(np.maximum(rows, 0).mean(axis=1) - unknowing),
        each={each: _knowing(rows, rank, unknowing) for each, rank in ranks.items()},
    )


def _knowing(rows: FloatArray, rank: npt.NDArray[np.uint8], unknowing: FloatArray) -> Measure:
    """What knowing one assumption is worth, by its stratum of each draw.

    Deciding by strata is never better than deciding by the assumption itself, and where they
    hold few draws, noise decides. So the best cut comes nearest; a single stratum tells nothing.
    """
    ranks = rank.reshape(rows.shape)
    sums = [np.bincount(*pair, minlength=STRATA) for pair in zip(ranks, rows, strict=True)]
    contributions = np.asarray(sums) / rows.shape[1]
    found = [Measure(0.0, 0.0)]
    while contributions.shape[1] > 1:
        gain = _decided(contributions) - unknowing
        # Where it decides nothing, sums in another order leave a last digit.
        noise = np.abs(gain) < NO_WORTH * np.abs(rows).max()
        found.append(measure(np.where(noise, 0.0, gain)))
        contributions = contributions.reshape(RANDOMISATIONS, -1, COARSER).sum(axis=2)
    return max(found, key=lambda worth: worth.value)


def _decided(contributions: FloatArray) -> FloatArray:
    """The mean for each randomisation where the others decide in which strata to act."""
    others = contributions.sum(axis=0) - contributions
    return np.asarray(np.where(others >= 0, contributions, 0.0).sum(axis=1))
