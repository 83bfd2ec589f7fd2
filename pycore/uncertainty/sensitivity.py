"""Which assumptions an answer depends on: swings, variance-based indices and provenance debt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from pycore.checks import Domain, FloatArray
from pycore.nodes import Assumption
from pycore.uncertainty.design import INDEX_DRAWS, Design
from pycore.uncertainty.measures import Measure
from pycore.uncertainty.outcomes import Asked, StandIns, asked
from pycore.uncertainty.remembered import key_of, remembered
from pycore.uncertainty.sampling import Uncertain
from pycore.uncertainty.variance import Share, variance_shares

__all__ = ["Debt", "Influence", "Owed", "debt", "sensitivity"]


WHOLE_BATCH = 1 << 14

CLEARLY = 2.0
"""By how many standard errors two indices must differ to be ranked for certain."""

YEAR = Domain(1900, 3000, whole=True)
AGE = Domain(0, 1000)


@dataclass(frozen=True)
class Influence:
    """What one assumption does to one number.

    `at_low` and `at_high` are the number at the ends of its range, all else central; `first` is
    the closed first-order index and `total` the total effect. Ranks count from 1, the most
    influential. `differs` says that the swing puts it before or behind another one that the
    first-order index ranks, beyond its error, the other way round. Where the variance of the
    number did not settle, the indices are NaN, and the swing alone ranks.
    """

    id: str
    at_low: float
    at_high: float
    first: Measure
    total: Measure
    swing_rank: int
    first_rank: int
    differs: bool

    @property
    def settled(self) -> bool:
        """Whether the draws give a variance that can be divided into shares."""
        return not math.isnan(self.first.value)

    @property
    def swing(self) -> float:
        """By how much the number changes from the low to the high end."""
        return abs(self.at_high - self.at_low)


class Owed(NamedTuple):
    """An assumption whose source is wanting, and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class Debt:
    """The share of each number's variance that such assumptions explain, and their list.

    The share is NaN where the variance did not settle.
    """

    shares: dict[str, Measure]
    owed: tuple[Owed, ...]


def sensitivity(
    uncertain: Uncertain,
    wanted: Iterable[str],
    draws: int,
    seed: int,
    *,
    stand_ins: StandIns | None = None,
) -> dict[str, tuple[Influence, ...]]:
    """What each uncertain assumption does to each number.

    Returns
    -------
    dict of str to tuple of Influence
        By reference; the assumptions in the order of their first-order indices, largest first.

    Notes
    -----
    First-order ``Var(E[Y|X_i]) / Var(Y)`` and total ``E[Var(Y|all but X_i)] / Var(Y)``, as in
    `variance_shares` (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018). Where X_i is
    correlated, A and B are the independent normal numbers behind the draws, and what is kept comes
    first in the triangular root of the correlations, so that the others are redrawn given it (Mara
    and Tarantola 2012, doi:10.1016/j.ress.2011.08.008).
    """
    numbers = asked(uncertain, wanted, stand_ins)
    design = _design(draws, seed)
    key = key_of(numbers, numbers.wanted, design.number, "sensitivity", seed)
    return remembered(key, partial(_sensitivity, numbers, design))


def _sensitivity(numbers: Asked, design: Design) -> dict[str, tuple[Influence, ...]]:
    """Compute what :func:`sensitivity` gives."""
    indices = variance_shares(
        numbers,
        design,
        [Share.closed([each]) for each in numbers.influential]
        + [Share.total(each, numbers.ids) for each in numbers.influential],
    )
    swings = _swings(numbers)
    firsts = dict(zip(numbers.influential, indices, strict=False))
    totals = dict(zip(numbers.influential, indices[len(numbers.influential) :], strict=True))
    return {
        reference: _ranked(
            {
                each: swings[each][place]
                for each in numbers.uncertain.influential([numbers.result_of(reference).id])
            },
            {each: index[place] for each, index in firsts.items()},
            {each: index[place] for each, index in totals.items()},
        )
        for place, reference in enumerate(numbers.wanted)
    }


def debt(
    uncertain: Uncertain,
    wanted: Iterable[str],
    draws: int,
    seed: int,
    year: int,
    age: float,
    *,
    stand_ins: StandIns | None = None,
) -> Debt:
    """The share of each number's variance that assumptions without a good source explain.

    Returns
    -------
    Debt
        Its list holds every such assumption that a number depends on and that is uncertain.

    Notes
    -----
    The closed index of the group G of those assumptions, ``Var(E[Y|X_G]) / Var(Y)``.
    """
    oldest = float(YEAR.check("year", year) - AGE.check("age", age))
    numbers = asked(uncertain, wanted, stand_ins)
    reasons = {each: _reason(uncertain.graph[each], oldest) for each in numbers.influential}
    owed = tuple(Owed(each, reason) for each, reason in reasons.items() if reason)
    group = Share.closed([each.id for each in owed])
    design = _design(draws, seed)
    key = key_of(numbers, numbers.wanted, design.number, "debt", seed, group)
    (shares,) = remembered(key, partial(variance_shares, numbers, design, [group]))
    return Debt(dict(zip(numbers.wanted, shares, strict=True)), owed)


def _reason(assumption: Assumption, oldest: float) -> str:
    """Why an assumption's source is wanting; nothing where it is not."""
    source, date = assumption.source.strip(), assumption.date.strip()
    if not source:
        return "no source"
    if source.casefold().startswith("judgement"):
        return "judgement"
    if not date[:4].isdigit():
        return "no date"
    return f"from {date[:4]}" if int(date[:4]) < oldest else ""


def _design(draws: int, seed: int) -> Design:
    INDEX_DRAWS.check("draws", draws)
    size = Design(draws, seed).size
    return Design(draws, seed, max(size, WHOLE_BATCH))  # whole sequences only


def _swings(numbers: Asked) -> dict[str, FloatArray]:
    """Each number at the low and at the high end of each assumption, all else central."""
    uncertain, ids = numbers.uncertain, numbers.influential
    size = 2 * len(ids)
    # As floats: a range of whole numbers would make arrays of them, and cut off what follows.
    values = {each: np.full(size, float(uncertain.ranges[each].central)) for each in numbers.ids}
    for place, each in enumerate(ids):
        given = uncertain.ranges[each]
        values[each][2 * place : 2 * place + 2] = given.low, given.high
    if not ids:
        return {}
    rows = numbers.finite(numbers.of(uncertain.ordered(values).values))
    return {each: rows[:, 2 * place : 2 * place + 2] for place, each in enumerate(ids)}


def _ranked(
    swings: Mapping[str, FloatArray],
    firsts: Mapping[str, Measure],
    totals: Mapping[str, Measure],
) -> tuple[Influence, ...]:
    """Rank the assumptions by either measure."""
    swing = {each: abs(float(ends[1] - ends[0])) for each, ends in swings.items()}
    by_swing = sorted(swing, key=lambda each: -swing[each])
    # Sorting keeps the order of what is equal, and NaN has none.
    by_first = sorted(by_swing, key=lambda each: -np.nan_to_num(firsts[each].value))

    def differ(one: str, other: str) -> bool:
        gap = firsts[one].value - firsts[other].value
        error = np.hypot(firsts[one].error, firsts[other].error)
        return abs(gap) > CLEARLY * error and gap * (swing[one] - swing[other]) < 0

    return tuple(
        Influence(
            id=each,
            at_low=float(swings[each][0]),
            at_high=float(swings[each][1]),
            first=firsts[each],
            total=totals[each],
            swing_rank=by_swing.index(each) + 1,
            first_rank=place,
            differs=any(differ(each, other) for other in swing),
        )
        for place, each in enumerate(by_first, start=1)
    )
