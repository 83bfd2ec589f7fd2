"""The talent portfolio: which people teams and the field need.

Iterators do the empirical work, Amplifiers manage, Connectors set directions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore import checks, mixes
from pycore.checks import AMOUNT, MULTIPLE, PEOPLE, SHARE, Domain, FloatArray, Numbers
from pycore.errors import Found, InputError
from pycore.tables import CellTable, worded

__all__ = [
    "absorption",
    "breakeven_diversity",
    "effective_types",
    "gap_plan",
    "manager_worth",
    "revised_shares",
    "target_shares",
    "team_needs",
    "team_output",
    "years_of_need",
]

TEAMS = Domain(1e-9, 1e9, words="a number above 0 (up to 1e9)")
SEATS = Domain(0, 1_000_000, whole=True)
FIELD_GROWTH = Domain(1e-9, 1000, words="a growth rate above 0: without growth it is never reached")
RETURNS = Domain(0.01, 2)
DIVERSITY = Domain(0.01, 1000)

LIMITS = ("managers", "budget", "backlog")
"""What can limit how many people are absorbed; of equal limits the first is named."""

LEAST_EVIDENCE = 1e-9
"""Observations, the prior's included, below which there is nothing to go by."""

EQUAL_SEATS = 9
"""Decimal places to which seats are compared."""

EQUALLY_DIVERSE = 1e-9
ALWAYS, AT_NONE = "always", "never"
MOST_DIVERSITY = math.log(1e15)


def manager_worth(
    span_low: npt.ArrayLike,
    span_high: npt.ArrayLike,
    output_share: npt.ArrayLike = 0.5,
    hire_chance: npt.ArrayLike = 1,
) -> Numbers:
    """What a manager is worth, in employees.

    Parameters
    ----------
    span_low : array_like
        Low end of how many people a manager makes room for; above 0, at most `span_high`.
    span_high : array_like
        High end of it.
    output_share : array_like
        The share of those people's output that a manager answers for, from 0 to 1.
    hire_chance : array_like
        The chance that those hires can then be made, from 0 to 1.

    Returns
    -------
    ndarray
        The low and the high worth, side by side (a last axis of length 2).

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `span_low` is above `span_high`, or the
        shapes do not fit.

    Notes
    -----
    ``[span_low, span_high]*output_share*hire_chance``: with a span of 5-10, half the output is
    2.5-5 employees.

    Examples
    --------
    >>> manager_worth(5, 10, 0.5, 1)
    array([2.5, 5. ])
    """
    low, high, output_share, hire_chance = checks.checked(
        span_low=(span_low, AMOUNT),
        span_high=(span_high, AMOUNT),
        output_share=(output_share, SHARE),
        hire_chance=(hire_chance, SHARE),
    )
    checks.check_at_most("span_low", low, "span_high", high)
    ends = [span * output_share * hire_chance for span in (low, high)]
    return checks.answer(np.stack(np.broadcast_arrays(*ends), axis=-1))


def team_needs(
    teams: npt.ArrayLike,
    amplifiers_low: npt.ArrayLike,
    amplifiers_high: npt.ArrayLike,
    iterators_low: npt.ArrayLike,
    iterators_high: npt.ArrayLike,
    internal_share: npt.ArrayLike = 0,
) -> Numbers:
    """How many people new teams have to hire.

    Parameters
    ----------
    teams : array_like
        How many new teams; above 0.
    amplifiers_low : array_like
        Fewest Amplifiers for each team; 0 or more, at most `amplifiers_high`.
    amplifiers_high : array_like
        Most Amplifiers for each team.
    iterators_low : array_like
        Fewest Iterators for each team; 0 or more, at most `iterators_high`.
    iterators_high : array_like
        Most Iterators for each team.
    internal_share : array_like
        The share of the Amplifiers promoted from within, from 0 to 1.

    Returns
    -------
    ndarray
        Amplifiers to hire, low and high, then Iterators to hire, low and high, side by side (a
        last axis of length 4); not rounded.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, a low end is above its high end, or the
        shapes do not fit.

    Notes
    -----
    ``teams*amplifiers*(1 - internal_share)`` and ``teams*iterators``; 1-2 and 5-10 for each team
    in the talent-needs interviews.

    Examples
    --------
    >>> team_needs(10, 1, 2, 5, 10, 0.2)
    array([  8.,  16.,  50., 100.])
    """
    teams, fewest, most, fewest_iterators, most_iterators, internal = checks.checked(
        teams=(teams, TEAMS),
        amplifiers_low=(amplifiers_low, PEOPLE),
        amplifiers_high=(amplifiers_high, PEOPLE),
        iterators_low=(iterators_low, PEOPLE),
        iterators_high=(iterators_high, PEOPLE),
        internal_share=(internal_share, SHARE),
    )
    checks.check_at_most("amplifiers_low", fewest, "amplifiers_high", most)
    checks.check_at_most("iterators_low", fewest_iterators, "iterators_high", most_iterators)
    outside = teams * (1 - internal)
    heads = [outside * fewest, outside * most, teams * fewest_iterators, teams * most_iterators]
    return checks.answer(np.stack(np.broadcast_arrays(*heads), axis=-1))


def absorption(
    managers: npt.ArrayLike,
    span: npt.ArrayLike,
    budget: npt.ArrayLike,
    cost_per_head: npt.ArrayLike,
    backlog: npt.ArrayLike,
) -> npt.NDArray[np.object_]:
    """How many more people can be absorbed, and what limits it.

    Parameters
    ----------
    managers : array_like
        How many managers have room for a team; 0 or more.
    span : array_like
        People that a manager makes room for; above 0.
    budget : array_like
        Money for their cost, in USD; 0 or more.
    cost_per_head : array_like
        Cost of one person over the same time, in USD; above 0.
    backlog : array_like
        People whom there is work for; 0 or more.

    Returns
    -------
    ndarray of object
        The people, not rounded, and "managers", "budget" or "backlog", side by side (a last
        axis of length 2). Of equal limits the first in that order is named.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    The least of ``managers*span``, ``budget/cost_per_head`` and ``backlog``.

    Examples
    --------
    >>> absorption(4, 7.5, 2_000_000, 100_000, 50)
    array([20.0, 'budget'], dtype=object)
    """
    managers, span, budget, cost_per_head, backlog = checks.checked(
        managers=(managers, PEOPLE),
        span=(span, AMOUNT),
        budget=(budget, MULTIPLE),
        cost_per_head=(cost_per_head, AMOUNT),
        backlog=(backlog, PEOPLE),
    )
    limits = np.stack(np.broadcast_arrays(managers * span, budget / cost_per_head, backlog))
    checks.answer(limits)
    cells = np.empty((*limits.shape[1:], 2), dtype=object)
    cells[..., 0] = np.asarray(limits.min(axis=0)).astype(object)
    cells[..., 1] = np.asarray(LIMITS, dtype=object)[limits.argmin(axis=0)]
    return cells


def years_of_need(current: npt.ArrayLike, need: npt.ArrayLike, growth: npt.ArrayLike) -> Numbers:
    """How many years of growth lead from the people there are to those needed.

    Parameters
    ----------
    current : array_like
        How many people there are; above 0.
    need : array_like
        How many are needed; 0 or more.
    growth : array_like
        Yearly growth; above 0, such as 0.25 for 25%.

    Returns
    -------
    float or ndarray
        Years, with a fraction; 0 where the need is met already.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `growth` is not above 0, so that the need
        would never be met, or the shapes do not fit.

    Notes
    -----
    ``ln(need/current) / ln(1 + growth)``.

    Examples
    --------
    >>> years_of_need(100, 400, 1)
    2.0
    """
    current, need, growth = checks.checked(
        current=(current, AMOUNT), need=(need, PEOPLE), growth=(growth, FIELD_GROWTH)
    )
    return checks.answer(np.log(np.maximum(need / current, 1.0)) / np.log1p(growth))


def effective_types(
    iterators: npt.ArrayLike, amplifiers: npt.ArrayLike, connectors: npt.ArrayLike
) -> Numbers:
    """How many types of people a team has in effect.

    Parameters
    ----------
    iterators : array_like
        How many do the empirical work; 0 or more.
    amplifiers : array_like
        How many manage; 0 or more.
    connectors : array_like
        How many set directions; 0 or more.

    Returns
    -------
    float or ndarray
        From 1, where all are of one type or there is nobody, to 3, where the types are equally
        many.

    Raises
    ------
    InputError
        If an argument is blank, text or negative, or the shapes do not fit.

    Notes
    -----
    ``exp(-sum of p*ln(p))`` over the shares p of the head-counts: the Shannon entropy as a number
    of types.

    Examples
    --------
    >>> effective_types(10, 10, 0)
    2.0
    """
    heads = checks.checked(
        iterators=(iterators, PEOPLE),
        amplifiers=(amplifiers, PEOPLE),
        connectors=(connectors, PEOPLE),
    )
    return checks.answer(mixes.types_of(*heads))


def team_output(
    iterators: npt.ArrayLike,
    amplifiers: npt.ArrayLike,
    connectors: npt.ArrayLike,
    span: npt.ArrayLike,
    unmanaged: npt.ArrayLike = 0.5,
    returns: npt.ArrayLike = 0.7,
    diversity: npt.ArrayLike = 2,
) -> Numbers:
    """The output of a team, to compare it with another.

    Parameters
    ----------
    iterators : array_like
        How many do the empirical work; 0 or more.
    amplifiers : array_like
        How many manage; 0 or more.
    connectors : array_like
        How many set directions; 0 or more.
    span : array_like
        Iterators that one Amplifier can manage; above 0.
    unmanaged : array_like
        The share of a managed Iterator's work that one without a manager does, from 0 to 1.
    returns : array_like
        Returns to scale, from 0.01 to 2: 1 is proportional, below 1 diminishing.
    diversity : array_like
        What the output is multiplied by for one more effective type, from 0.01 to 1000.

    Returns
    -------
    float or ndarray
        In the output of one managed Iterator working alone; 0 where nobody is an Iterator.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``raw^returns * diversity^(effective_types - 1)`` with
    ``raw = min(I, span*A) + unmanaged*max(I - span*A, 0)``.

    Examples
    --------
    >>> round(team_output(5, 1, 1, 7.5, 0.5, 0.7, 2), 4)
    7.1736
    """
    iterators, amplifiers, connectors, span, unmanaged, returns, diversity = checks.checked(
        iterators=(iterators, PEOPLE),
        amplifiers=(amplifiers, PEOPLE),
        connectors=(connectors, PEOPLE),
        span=(span, AMOUNT),
        unmanaged=(unmanaged, SHARE),
        returns=(returns, RETURNS),
        diversity=(diversity, DIVERSITY),
    )
    raw = mixes.raw_output(iterators, amplifiers, span, unmanaged)
    types = mixes.types_of(iterators, amplifiers, connectors)
    return checks.answer(np.power(raw, returns) * np.power(diversity, types - 1))


def breakeven_diversity(
    team: Sequence[float] | npt.NDArray[Any],
    other: Sequence[float] | npt.NDArray[Any],
    span: npt.ArrayLike,
    unmanaged: npt.ArrayLike = 0.5,
    returns: npt.ArrayLike = 0.7,
) -> float | str | npt.NDArray[np.object_]:
    """The smallest worth of diversity at which one team does at least as much as another.

    Parameters
    ----------
    team : array_like
        Iterators, Amplifiers and Connectors of the one, on the last axis; each 0 or more.
    other : array_like
        The same of the other; no more diverse than the one.
    span : array_like
        Iterators that one Amplifier can manage; above 0.
    unmanaged : array_like
        The share of a managed Iterator's work that one without a manager does, from 0 to 1.
    returns : array_like
        Returns to scale, from 0.01 to 2.

    Returns
    -------
    float or str or ndarray of object
        The `diversity` of `team_output` at which both are equal, or the text "always" or "never"
        where no value from 1e-15 to 1e15 makes the difference.

    Raises
    ------
    InputError
        If a team is not three numbers, an argument is blank, text or out of bounds, `team` is
        less diverse than `other`, so that there is no smallest, or the shapes do not fit.

    Notes
    -----
    ``(raw_other/raw_team)^(returns/(types_team - types_other))`` with raw and types as in
    `team_output`.

    Examples
    --------
    >>> round(breakeven_diversity([5, 1, 1], [30, 0, 0], 7.5, 0.5, 0.7), 4)
    1.8809
    """
    heads, others = mixes.team("team", team), mixes.team("other", other)
    span, unmanaged, returns, *_ = checks.checked(
        span=(span, AMOUNT),
        unmanaged=(unmanaged, SHARE),
        returns=(returns, RETURNS),
        team=(heads[..., 0], PEOPLE),
        other=(others[..., 0], PEOPLE),
    )
    raws, types = [], []
    for each in (heads, others):
        raws.append(mixes.raw_output(each[..., 0], each[..., 1], span, unmanaged))
        types.append(mixes.types_of(each[..., 0], each[..., 1], each[..., 2]))
    lead, returns, raw, needed = np.broadcast_arrays(types[0] - types[1], returns, *raws)
    behind = lead < -EQUALLY_DIVERSE
    if behind.any():
        rule = f"be at least as diverse as other ({float(types[1].flat[0]):.6g} effective types)"
        if behind.size > 1:
            rule = "be at least as diverse as other"
        least = np.broadcast_to(types[0], behind.shape)[behind].flat[0]
        raise InputError("team", rule, Found(f"{least:.6g} effective types"))
    level = lead <= EQUALLY_DIVERSE
    plain = ~level & (raw > 0) & (needed > 0)
    log = np.zeros(plain.shape)
    log[plain] = np.log(needed[plain] / raw[plain]) * returns[plain] / lead[plain]
    enough = np.where(plain, log < -MOST_DIVERSITY, raw >= needed)
    # Without Iterators there is no output that diversity could multiply.
    short = np.where(plain, log > MOST_DIVERSITY, raw < needed)
    found = np.exp(np.clip(log, -MOST_DIVERSITY, MOST_DIVERSITY))
    return worded(found, (ALWAYS, enough), (AT_NONE, short))


def target_shares(
    openings: Sequence[float] | npt.NDArray[Any],
    funder_preferences: Sequence[float] | npt.NDArray[Any],
    weight: npt.ArrayLike,
) -> FloatArray:
    """The ideal composition: a blend of what jobs are open and what grant-makers want.

    Parameters
    ----------
    openings : array_like
        The share of each type in the job openings, on the last axis; together 1.
    funder_preferences : array_like
        The share of each type in what grant-makers prefer, in the same order; together 1.
    weight : array_like
        The weight of the openings, from 0 to 1; the preferences have the rest.

    Returns
    -------
    ndarray
        The share of each type, side by side; together 1.

    Raises
    ------
    InputError
        If a share is blank, text or out of bounds, shares do not sum to 1, there are not as many
        of one as of the other, or the shapes do not fit.

    Notes
    -----
    ``weight*openings + (1 - weight)*funder_preferences``.

    Examples
    --------
    >>> target_shares([0.5, 0.3, 0.2], [0.3, 0.3, 0.4], 0.5)
    array([0.4, 0.3, 0.3])
    """
    first, second = (
        mixes.whole_shares("openings", openings),
        mixes.whole_shares("funder_preferences", funder_preferences),
    )
    mixes.check_as_many("funder_preferences", second, "openings", first)
    weight, *_ = checks.checked(
        weight=(weight, SHARE),
        openings=(first[..., 0], SHARE),
        funder_preferences=(second[..., 0], SHARE),
    )
    return np.asarray(checks.answer(weight[..., None] * first + (1 - weight[..., None]) * second))


def revised_shares(
    prior_shares: Sequence[float] | npt.NDArray[Any],
    prior_strength: npt.ArrayLike,
    observed_counts: CellTable | Sequence[float] | npt.NDArray[Any],
) -> FloatArray:
    """The appraisal of a composition, revised as evidence comes in.

    Parameters
    ----------
    prior_shares : array_like
        The share of each type as it was appraised, on the last axis; together 1.
    prior_strength : array_like
        How many observations that appraisal is worth; 0 or more.
    observed_counts : table
        How many of each type were observed: one row or column, or a row for each piece of
        evidence, which are added; 0 or more. Blank rows are passed over.

    Returns
    -------
    ndarray
        The revised share of each type, side by side; together 1.

    Raises
    ------
    InputError
        If a share or count is blank, text or out of bounds, shares do not sum to 1, a row has not
        as many counts as there are shares, or there is neither a prior nor evidence.

    Notes
    -----
    ``(prior_strength*prior + counts) / (prior_strength + sum(counts))``: the mean of a Dirichlet
    distribution after the counts.

    Examples
    --------
    >>> revised_shares([0.5, 0.3, 0.2], 10, [[5, 3, 2], [0, 0, 10]])
    array([0.33333333, 0.2       , 0.46666667])
    """
    prior = mixes.whole_shares("prior_shares", prior_shares)
    counts = mixes.counts("observed_counts", observed_counts, prior.shape[-1])
    strength, *_ = checks.checked(
        prior_strength=(prior_strength, PEOPLE), prior_shares=(prior[..., 0], SHARE)
    )
    everything = strength + mixes.added(counts)
    nothing = everything < LEAST_EVIDENCE
    if nothing.any():
        rule = "be above 0 where nothing was observed"
        checks.refuse("prior_strength", rule, strength, nothing)
    revised = (strength[..., None] * prior + counts) / everything[..., None]
    return np.asarray(checks.answer(revised))


def gap_plan(
    current: Sequence[float] | npt.NDArray[Any],
    shares: Sequence[float] | npt.NDArray[Any],
    seats: npt.ArrayLike,
) -> FloatArray:
    """How to give the next seats so that the pool moves closest to the target composition.

    Parameters
    ----------
    current : array_like
        How many of each type the pool has, on the last axis; each 0 or more.
    shares : array_like
        The target share of each type, in the same order; together 1.
    seats : array_like
        How many seats there are; a whole number from 0 to 1,000,000.

    Returns
    -------
    ndarray
        The seats of each type, side by side: whole numbers that add up to `seats`.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, shares do not sum to 1, there are not as
        many of one as of the other, or the shapes do not fit.

    Notes
    -----
    In proportion to ``max(shares*(total + seats) - current, 0)``, in whole seats: what is left
    goes to the largest remainders, of equal ones to the larger shortfall, then to the type that
    stands first.

    Examples
    --------
    >>> gap_plan([50, 5, 1], [0.7, 0.2, 0.1], 10)
    array([0., 6., 4.])
    """
    pool = PEOPLE.check("current", current)
    if not pool.ndim:
        pool = pool[None]
    target = mixes.whole_shares("shares", shares)
    mixes.check_as_many("shares", target, "current", pool)
    seats, *_ = checks.checked(
        seats=(seats, SEATS), current=(pool[..., 0], PEOPLE), shares=(target[..., 0], SHARE)
    )
    total = mixes.added(pool) + seats
    shortfall = np.maximum(target * total[..., None] - pool, 0.0)
    missing = mixes.added(shortfall)
    # What is missing is at least as much as the seats: nothing only where there are none.
    each = seats / np.where(missing > 0, missing, 1.0)
    quota = np.round(shortfall * each[..., None], EQUAL_SEATS)
    whole = np.floor(quota)
    remainder = np.round(quota - whole, EQUAL_SEATS)
    listed = np.broadcast_to(np.arange(quota.shape[-1]), quota.shape)
    order = np.lexsort((listed, -np.round(shortfall, EQUAL_SEATS), -remainder), axis=-1)
    place = np.argsort(order, axis=-1)
    left = seats - mixes.added(whole)
    return np.asarray(checks.answer(whole + (place < left[..., None])))
