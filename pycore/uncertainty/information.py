"""What it is worth to know an assumption before deciding: value of information."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from pycore import normal
from pycore.checks import FINITE, FloatArray
from pycore.errors import InputError
from pycore.progress import tracked
from pycore.uncertainty.design import BATCH, INDEX_DRAWS, RANDOMISATIONS, Design
from pycore.uncertainty.measures import Measure, measure
from pycore.uncertainty.outcomes import Asked, StandIns, asked
from pycore.uncertainty.remembered import key_of, remembered
from pycore.uncertainty.sampling import Uncertain

__all__ = ["Choice", "Worth", "value_of_choice", "value_of_information"]

CELLS = 1 << 7
"""Into how many parts an assumption's distribution is cut."""

END = 1 / 16
"""How much of the distribution either end is."""

HALVINGS = 16
"""Each part of an end is half as large as the one before; there are two of each size."""

FEWEST_OTHERS = 1 << 11
"""How many draws of all other assumptions there are at a value of one, where so many are asked."""

SHARE_OF_OTHERS = 16
"""With more draws, one in so many."""

NO_WORTH = 1e-12
"""Gains smaller than this beside the largest net value are rounding."""


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


@dataclass(frozen=True)
class Choice:
    """What information is worth to a choice between several uses, of which one is taken.

    `uses` is what each is worth on average; who knows no more takes the `best`. `everything` is
    the most that any information can be worth, and `each` what knowing one assumption is worth.
    """

    uses: dict[str, Measure]
    everything: Measure
    each: dict[str, Measure]

    @property
    def best(self) -> str:
        """The use that is worth most as things stand; the first of several."""
        return max(self.uses, key=lambda use: self.uses[use].value)


Offered = Callable[[FloatArray], FloatArray]
"""What each use is worth, from the numbers drawn: a row for each use from one for each number."""


class Others(NamedTuple):
    """Draws of everything, in which one assumption after the other is then held.

    A place, a randomisation and a draw each have an axis of their own, so that what depends on
    the others alone is computed once for all places. `alone` are the values of those that are
    correlated with none.
    """

    uniforms: dict[str, FloatArray]
    alone: dict[str, FloatArray]
    draws: int

    @classmethod
    def of(cls, numbers: Asked, design: Design) -> Others:
        """As many of them as there are to be."""
        uncertain = numbers.uncertain
        wanted = max(design.number // SHARE_OF_OTHERS, min(design.number, FEWEST_OTHERS))
        others = Design(wanted, design.seed, wanted)
        (whole,) = others.batches()
        uniforms = {
            i: others.uniforms(uncertain.dimension[i], whole).reshape(1, RANDOMISATIONS, -1)
            for i in numbers.ids
        }
        alone = {i: own for i, own in uniforms.items() if len(uncertain.block(i)) == 1}
        return cls(uniforms, uncertain.unordered(alone), others.number)


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
    reference : str
        To the number that acting brings.
    bar : float
        What not acting brings.

    Notes
    -----
    ``E[max(0, E[NB|X_i])] - max(0, E[NB])`` with ``NB = number - bar`` (Raiffa and Schlaifer
    1961); and ``E[max(0, NB)] - max(0, E[NB])`` for everything. ``E[NB|X_i]`` is the mean over
    draws of the others given X_i, at a random place in each of 128 parts of its distribution. The
    parts get finer towards its ends, down to 2^-20 of it: where a decision flips only there, it is
    by much. Each randomisation is decided by what the 15 others let expect, so that noise is not
    taken for knowledge: the mean of ``max(0, noise)`` is above 0.
    """
    INDEX_DRAWS.check("draws", draws)
    limit = float(FINITE.check("bar", bar))
    numbers = asked(uncertain, [reference], stand_ins)
    design = Design(draws, seed)
    key = key_of(numbers, [reference], design.number, "information", seed, limit)
    return remembered(key, partial(_worth, numbers, design, limit))


def _worth(numbers: Asked, design: Design, limit: float) -> Worth:
    """Compute what :func:`value_of_information` gives."""

    def offered(rows: FloatArray) -> FloatArray:
        net = rows[0] - limit
        return np.stack([net, np.zeros_like(net)])  # to act, and not to: equals act

    rows, everything, each = _informed(numbers, design, offered)
    return Worth(net=measure(rows[0]), everything=everything, each=each)


def value_of_choice(
    uncertain: Uncertain,
    uses: Iterable[str],
    draws: int,
    seed: int,
    *,
    stand_ins: StandIns | None = None,
) -> Choice:
    """What it is worth to know each assumption before choosing between several uses.

    Parameters
    ----------
    uses : iterable of str
        References to the numbers that say what each is worth, in one unit.

    Notes
    -----
    ``E[max_j E[V_j|X_i]] - max_j E[V_j]``, and ``E[max_j V_j] - max_j E[V_j]`` for everything, by
    the estimator of :func:`value_of_information`, which is this for two uses.
    """
    INDEX_DRAWS.check("draws", draws)
    numbers = asked(uncertain, uses, stand_ins)
    if not numbers.wanted:
        raise InputError("uses", "name at least one", None)
    design = Design(draws, seed)
    key = key_of(numbers, numbers.wanted, design.number, "choice", seed)
    return remembered(key, partial(_choice, numbers, design))


def _choice(numbers: Asked, design: Design) -> Choice:
    """Compute what :func:`value_of_choice` gives."""
    rows, everything, each = _informed(numbers, design, lambda rows: rows)
    uses = {use: measure(row) for use, row in zip(numbers.wanted, rows, strict=True)}
    return Choice(uses, everything, each)


def _informed(
    numbers: Asked, design: Design, offered: Offered
) -> tuple[FloatArray, Measure, dict[str, Measure]]:
    """What each use is worth in each randomisation, and what knowing everything and each is."""
    uncertain = numbers.uncertain
    drawn = np.empty((len(numbers.wanted), design.number))
    for batch in tracked(design.batches(), "draws"):
        uniforms = {each: design.uniforms(uncertain.dimension[each], batch) for each in numbers.ids}
        place = slice(batch.start, batch.stop)
        drawn[:, place] = numbers.of(uncertain.values(uniforms).values)
    values = offered(numbers.finite(drawn))
    rows = values.reshape(len(values), RANDOMISATIONS, -1)
    means = rows.mean(axis=2)
    unknowing = _decided(means[..., None])
    others = Others.of(numbers, design)
    each_worth = {
        each: _knowing(numbers, design, each, offered, others)
        for each in tracked(numbers.influential, "values of information")
    }
    return means, measure(rows.max(axis=0).mean(axis=1) - unknowing), each_worth


def _knowing(
    numbers: Asked, design: Design, each: str, offered: Offered, others: Others
) -> Measure:
    """What knowing one assumption is worth."""
    weights, places = _parts(numbers, design, each)
    means = offered(_given(numbers, each, places, others))
    contributions = weights * means
    expected = np.stack([_expected(places, use) for use in means])
    knowing = _taken(contributions, expected).sum(axis=1)
    # Of the same draws: what they err in, with and without knowing, is then no gain.
    gain = knowing - _decided(contributions.sum(axis=2)[..., None])
    # Where it decides nothing, sums in another order leave a last digit.
    noise = np.abs(gain) < NO_WORTH * np.abs(means).max()
    found = measure(np.where(noise, 0.0, gain))
    return Measure(max(found.value, 0.0), found.error)


def _expected(places: FloatArray, means: FloatArray) -> FloatArray:
    """What the other randomisations let one expect at the places of each, straight between theirs.

    Drawn over normal scores, on which what depends on a far end runs nearly straight.
    """
    scores = normal.quantile(places)
    number = len(scores) - 1
    theirs = ((each.sum(axis=0) - each) / number for each in (scores, means))
    rows = zip(scores, *theirs, strict=True)
    return np.asarray([np.interp(score, *points) for score, *points in rows])


def _parts(numbers: Asked, design: Design, each: str) -> tuple[FloatArray, FloatArray]:
    """How much of a distribution each of its parts is, and a random rank in it.

    Returns
    -------
    tuple of ndarray
        The latter a row for each randomisation.
    """
    sizes = END * np.append(0.5 ** np.arange(1, HALVINGS), 0.5 ** (HALVINGS - 1))
    ends = np.repeat(sizes / 2, 2)
    number = CELLS - 2 * ends.size
    middle = np.full(number, (1 - 2 * END) / number)
    weights = np.concatenate([ends[::-1], middle, ends])
    # One number of each sequence lies in each of as many equal parts: its own dimension is free.
    sequences = Design(RANDOMISATIONS * CELLS, design.seed)
    (whole,) = sequences.batches()
    uniforms = sequences.uniforms(numbers.uncertain.dimension[each], whole)
    within = np.sort(uniforms.reshape(RANDOMISATIONS, CELLS), axis=1) * CELLS - np.arange(CELLS)
    ranks = np.cumsum(weights) - weights + np.clip(within, 0, 1) * weights
    # Neither 0 nor 1, where many a distribution has no end.
    return weights, np.clip(ranks, np.finfo(float).tiny, 1 - np.finfo(float).epsneg)


def _given(numbers: Asked, each: str, ranks: FloatArray, others: Others) -> FloatArray:
    """The mean of each number given an assumption, for each randomisation at each of its ranks."""
    uncertain = numbers.uncertain
    # Only what is correlated with it takes other values at each of its ranks.
    beside = uncertain.block(each)
    joined = {i for block in uncertain.blocks for i in block}.difference(beside)
    apart = {i: value for i, value in others.alone.items() if i not in beside}
    apart |= uncertain.unordered({i: own for i, own in others.uniforms.items() if i in joined})
    means = np.empty((len(numbers.wanted), *ranks.shape))
    step = max(1, BATCH // others.draws)
    for start in range(0, ranks.shape[1], step):
        drawn = {i: others.uniforms[i] for i in beside if i in others.uniforms}
        drawn[each] = ranks[:, start : start + step].T[..., None]
        values = apart | uncertain.unordered(drawn, (each,))
        rows = numbers.finite(numbers.of(uncertain.ordered(values).values))
        means[..., start : start + step] = rows.mean(axis=3).transpose(0, 2, 1)
    return means


def _decided(contributions: FloatArray) -> FloatArray:
    """The mean for each randomisation where the others decide at which places to take which use."""
    others = contributions.sum(axis=1, keepdims=True) - contributions
    return np.asarray(_taken(contributions, others).sum(axis=1))


def _taken(contributions: FloatArray, expected: FloatArray) -> FloatArray:
    """What the use brings that is expected to be worth most, the first of several."""
    best = expected.argmax(axis=0)[None]
    return np.asarray(np.take_along_axis(contributions, best, axis=0)[0])
