"""How sure an answer is, what it depends on, and what would flip it: tables in, tables out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore.checks import SEED, one_number
from pycore.errors import REFUSED, InputError
from pycore.graph import evaluate
from pycore.model.arguments import Table, check_reference, questions, rows_of, uncertain
from pycore.model.results import model
from pycore.uncertainty.breakeven import Decision, Flip, breakeven
from pycore.uncertainty.design import DRAWS
from pycore.uncertainty.information import value_of_information
from pycore.uncertainty.measures import Measure
from pycore.uncertainty.sampling import Uncertain
from pycore.uncertainty.sensitivity import AGE, YEAR, debt, sensitivity
from pycore.uncertainty.simulation import BARS, Spread, simulation
from pycore.uncertainty.surfaces import surfaces

__all__ = [
    "break_even",
    "compare_scenarios",
    "information_value",
    "outcome_curves",
    "provenance_debt",
    "simulate",
    "tornado",
]

Block = npt.NDArray[np.object_]

NO_FLIP = "none within its bounds"
NO_MATTER = "does not matter"
UNSETTLED = "did not settle"


def simulate(
    assumptions: Table, correlations: Table, outcomes: Table, draws: float, seed: float
) -> Block:
    """How sure each answer is: its percentiles, mean and chance, by simulation.

    Parameters
    ----------
    assumptions : table
        Rows of an assumption's id, its distribution, low, central and high.
    correlations : table
        Rows of two ids and the rank correlation between them; blank rows for none.
    outcomes : table
        Rows of a result's id, or ``id.part``, and a threshold or a blank.
    draws : float
        How many draws of the assumptions, from 1 to 10^9; rounded up to 16 times a power of two.
    seed : float
        Where the random numbers start; a whole number from 0. Equal seeds, equal results.

    Returns
    -------
    ndarray
        A row for each outcome: P5, P25, median, P75, P95, mean, chance of being at or above the
        threshold (blank without one), the standard errors of P5, median and P95, and a note: why
        the row could not be computed or has no mean, or blank. A word in a number's place, such
        as "never", counts as one beyond all others.

    Raises
    ------
    InputError
        If a table, a range, a correlation or a number of draws breaks a rule, or no outcome can
        be computed.

    Notes
    -----
    Randomised quasi-Monte Carlo: scrambled Sobol points through a Gaussian copula, the error
    from 16 independent scramblings (Owen 1997). What is itself a simulation enters through a
    surface fitted to it.

    Examples
    --------
    >>> simulate([["marginal_cost", "uniform", 9, 10, 11]], [[""]], [["cost_multiple", 4]], 64, 1)
    array([[9144.43644, 9492.69787, 9990.33069, 10586.90268, 11111.16137,
            10058.44455, 1.0, 25.6033, 26.8492, 46.902, '']], dtype=object)
    """
    asked = questions("outcomes", outcomes)
    found, notes = _simulated(assumptions, correlations, asked, draws, seed)
    block = np.full((len(asked), 11), REFUSED, dtype=object)
    for row, (reference, _), note in zip(block, asked, notes, strict=True):
        if not note:
            row[:10] = _percentiles(found[reference])
        row[10] = note or found[reference].remark
    return block


def _percentiles(spread: Spread) -> list[float | str]:
    low, _, middle, _, high = (spread.in_words(each.error) for each in spread.percentiles)
    chance = "" if spread.chance is None else spread.chance.value
    values = [spread.in_words(each.value) for each in spread.percentiles]
    return [*values, spread.in_words(spread.mean.value), chance, low, middle, high]


def outcome_curves(
    assumptions: Table, correlations: Table, outcomes: Table, draws: float, seed: float
) -> Block:
    """The distribution of each answer: a histogram and a cumulative curve, by simulation.

    Parameters
    ----------
    assumptions : table
        Rows of an assumption's id, its distribution, low, central and high.
    correlations : table
        Rows of two ids and the rank correlation between them; blank rows for none.
    outcomes : table
        Rows of a result's id, or ``id.part``.
    draws : float
        How many draws of the assumptions, from 1 to 10^9; rounded up to 16 times a power of two.
    seed : float
        Where the random numbers start; a whole number from 0.

    Returns
    -------
    ndarray
        For each outcome three columns, for 41 edges from the low to the high end: the edge, the
        share of draws between it and the next edge, and the share at or below it.

    Raises
    ------
    InputError
        As for `simulate`.

    Notes
    -----
    The ends leave 0.5% of the draws out at either side, and all that are words.

    Examples
    --------
    >>> len(outcome_curves([["offset", "uniform", 9, 10, 11]], [[""]], [["net_safety"]], 64, 1))
    41
    """
    asked = questions("outcomes", outcomes)
    found, notes = _simulated(assumptions, correlations, asked, draws, seed)
    columns: list[Any] = []
    for (reference, _), note in zip(asked, notes, strict=True):
        if note or not np.isfinite(found[reference].edges).all():
            columns += [[REFUSED] * (BARS + 1)] * 3
        else:
            spread = found[reference]
            shares = [*spread.shares.tolist(), 0.0]
            columns += [spread.edges.tolist(), shares, spread.cumulative.tolist()]
    return np.array(columns, dtype=object).T


def tornado(
    assumptions: Table, correlations: Table, outcome: str, draws: float, seed: float
) -> Block:
    """What an answer depends on: each assumption's swing, and its share of the variance.

    Parameters
    ----------
    assumptions : table
        Rows of an assumption's id, its distribution, low, central and high.
    correlations : table
        Rows of two ids and the rank correlation between them; blank rows for none.
    outcome : str
        A result's id, or ``id.part``.
    draws : float
        How many draws for each share; from 32 to 1,048,576.
    seed : float
        Where the random numbers start; a whole number from 0.

    Returns
    -------
    ndarray
        As many rows as there are assumptions, those that matter first, the others blank: id,
        the answer at the low and at the high end, all else central, the swing between them,
        its rank; the share of the variance that would go if it were known, its standard error,
        its rank; and "differs" where the two rank it otherwise beyond that error. "did not
        settle" stands for the share where the variance is another with other random numbers.

    Raises
    ------
    InputError
        If a table or a number of draws breaks a rule, or the answer cannot be computed.

    Notes
    -----
    ``Var(E[Y|X_i]) / Var(Y)``, which holds under correlation too: the others are redrawn given
    X_i (Saltelli et al. 2010; Mara and Tarantola 2012).

    Examples
    --------
    >>> tornado([["marginal_cost", "uniform", 20, 25, 30]], [[""]], "cost_multiple", 64, 1)[:, :5]
    array([['marginal_cost', 5000.0, 3333.3333333333335, 1666.6666666666665,
            1]], dtype=object)
    """
    given = uncertain(assumptions, correlations)
    check_reference("outcome", outcome, given.graph)
    number, start = _settings(draws, seed)
    found = sensitivity(
        given, [outcome], number, start, stand_ins=surfaces(given, [outcome], start)
    )[outcome]
    block = _blanks(_number_of_rows(given), 9)
    for row, each in zip(block, found, strict=False):
        row[:4] = each.id, each.at_low, each.at_high, each.swing
        row[4] = each.swing_rank
        if each.settled:
            row[5:8] = each.first.value, each.first.error, each.first_rank
            row[8] = "differs" if each.differs else ""
        else:
            row[5] = UNSETTLED
    return block


def break_even(assumptions: Table, decisions: Table) -> Block:
    """For each assumption the value nearest its central one at which a decision flips.

    Parameters
    ----------
    assumptions : table
        Rows of an assumption's id, its distribution, low, central and high.
    decisions : table
        Rows of a result's id, or ``id.part``, and a bar: whether the result is at or above it is
        what is decided. Of a result that is text, such as a quote, each change is a flip; the bar
        is blank.

    Returns
    -------
    ndarray
        A row for each assumption of the table, two columns for each decision: the value at which
        it flips ("none within its bounds" if there is none, "does not matter" if the result does
        not depend on it), and what the result becomes there.

    Raises
    ------
    InputError
        If a table breaks a rule.

    Notes
    -----
    The first flip among some 400 values on either side of the central one, closed in on to
    1e-9 of its size; all other assumptions stay at their central values.

    Examples
    --------
    >>> break_even([["marginal_cost", "uniform", 20, 25, 30]], [["cost_multiple", 2]])
    array([[50000.000005819864, 1.9999999997672055]], dtype=object)
    """
    given = uncertain(assumptions, [])
    asked = questions("decisions", decisions)
    numbers = [number for number, _ in rows_of("decisions", decisions, 1)]
    block = _blanks(_number_of_rows(given), 2 * len(asked))
    for place, (reference, bar) in enumerate(asked):
        stand_ins = surfaces(given, [reference], 0)
        try:
            flips = breakeven(given, Decision(reference, bar), stand_ins=stand_ins)
        except InputError as error:
            where = f"decisions (row {numbers[place]}): {error.argument}"
            raise InputError(where, error.rule, error.received) from None
        for row, each in zip(block, given.ranges, strict=True):
            row[2 * place : 2 * place + 2] = (
                _flip(flips[each]) if each in flips else (NO_MATTER, "")
            )
    return block


def _flip(flip: Flip | None) -> tuple[float | str, float | str]:
    return (NO_FLIP, "") if flip is None else (flip.value, flip.answer)


def information_value(
    assumptions: Table, correlations: Table, outcome: str, draws: float, seed: float
) -> Block:
    """The most that it is worth to resolve each assumption before deciding whether to act.

    Parameters
    ----------
    assumptions : table
        Rows of an assumption's id, its distribution, low, central and high.
    correlations : table
        Rows of two ids and the rank correlation between them; blank rows for none.
    outcome : str
        The result that acting brings, less what it costs: one acts where it is at least 0.
    draws : float
        How many draws; from 32 to 1,048,576.
    seed : float
        Where the random numbers start; a whole number from 0.

    Returns
    -------
    ndarray
        A row for each assumption of the table and a last one for knowing everything: the worth
        in the unit of the outcome, and its standard error.

    Raises
    ------
    InputError
        If a table or a number of draws breaks a rule, or the answer cannot be computed.

    Notes
    -----
    ``E[max(0, E[Y|X_i])] - max(0, E[Y])`` (Raiffa and Schlaifer 1961).

    Examples
    --------
    >>> information_value([["marginal_cost", "uniform", 1, 9e4, 2e5]], [[""]], "net_value", 64, 1)
    array([[16228.33532, 12.0044],
           [16104.242, 1150.15]], dtype=object)
    """
    given = uncertain(assumptions, correlations)
    check_reference("outcome", outcome, given.graph)
    number, start = _settings(draws, seed)
    stand_ins = surfaces(given, [outcome], start)
    worth = value_of_information(given, outcome, number, start, stand_ins=stand_ins)
    rows = [worth.each.get(each, (0.0, 0.0)) for each in given.ranges]
    return np.array([*rows, worth.everything], dtype=object)


def provenance_debt(
    assumptions: Table,
    correlations: Table,
    outcome: str,
    year: float,
    oldest_age: float,
    draws: float,
    seed: float,
) -> Block:
    """How much of an answer's uncertainty comes from assumptions with no source or an old one.

    Parameters
    ----------
    assumptions : table
        Rows of an assumption's id, its distribution, low, central, high, source and date.
    correlations : table
        Rows of two ids and the rank correlation between them; blank rows for none.
    outcome : str
        A result's id, or ``id.part``.
    year : float
        The year that it is now, such as 2026.
    oldest_age : float
        A date more than so many years before is too old.
    draws : float
        How many draws for each share; from 32 to 1,048,576.
    seed : float
        Where the random numbers start; a whole number from 0.

    Returns
    -------
    ndarray
        First the share of the variance that those assumptions explain together, its standard
        error, and how many they are; then a row for each, the one that explains most first: id,
        why, and its own share. Blank rows fill up to one more than there are assumptions. "did not
        settle" stands for a share where the variance is another with other random numbers.

    Raises
    ------
    InputError
        If a table, a year or a number of draws breaks a rule, or the answer cannot be computed.

    Notes
    -----
    ``Var(E[Y|X_G]) / Var(Y)`` for the group G of assumptions with no source, with "judgement" as
    their source, or with a date that is missing or too old.

    Examples
    --------
    >>> provenance_debt([["offset", "pert", 5, 7, 9]], [[""]], "net_safety", 2026, 0, 64, 1)[1:, :2]
    array([['offset', 'from 2025']], dtype=object)
    """
    given = uncertain(assumptions, correlations)
    check_reference("outcome", outcome, given.graph)
    number, start = _settings(draws, seed)
    stand_ins = surfaces(given, [outcome], start)
    this_year = int(one_number("year", year, YEAR))
    owing = debt(
        given,
        [outcome],
        number,
        start,
        this_year,
        one_number("oldest_age", oldest_age, AGE),
        stand_ins=stand_ins,
    )
    found = sensitivity(given, [outcome], number, start, stand_ins=stand_ins)[outcome]
    reasons = {owed.id: owed.reason for owed in owing.owed}
    listed = [each for each in found if each.id in reasons]
    block = _blanks(len(given.ranges) + 1, 3)
    share = owing.shares[outcome]
    block[0] = (*_settled(share), len(listed))
    for row, each in zip(block[1:], listed, strict=False):
        row[:] = each.id, reasons[each.id], _settled(each.first)[0]
    return block


def _settled(share: Measure) -> tuple[float | str, float | str]:
    """A share and its error, or the words for what has none."""
    return (UNSETTLED, "") if math.isnan(share.value) else share


def compare_scenarios(assumptions: Table, scenarios: Table, outcomes: Table) -> Block:
    """Every answer under named sets of assumptions, side by side.

    Parameters
    ----------
    assumptions : table
        Rows of an assumption's id, its distribution, low, central and high.
    scenarios : table
        A first row of names, its first cell blank; then rows of an assumption's id and, below each
        name, its value there, or a blank where it stays central.
    outcomes : table
        Rows of a result's id, or ``id.part``; numbers or texts.

    Returns
    -------
    ndarray
        A row for each outcome and a column for each scenario, the central case first; an error
        where it cannot be computed there. A last row says why, or is blank.

    Raises
    ------
    InputError
        If a table breaks a rule, or not even the central case can be computed.

    Notes
    -----
    ``evaluate`` of the model, once for each scenario.

    Examples
    --------
    >>> compare_scenarios([[""]], [["", "Doubtful"], ["offset", 1]], [["net_safety"]])
    array([[495.0, 0.0],
           ['', '']], dtype=object)
    """
    given = uncertain(assumptions, [])
    asked = [reference for reference, _ in questions("outcomes", outcomes)]
    cases = _cases(scenarios)
    block = np.full((len(asked) + 1, len(cases) + 1), REFUSED, dtype=object)
    for place, changes in enumerate([{}, *cases]):
        try:
            block[:-1, place], block[-1, place] = _under(given, asked, changes)
        except InputError as error:
            if place == 0:
                raise
            block[-1, place] = str(error)
    return block


def _cases(scenarios: Table) -> list[dict[str, Any]]:
    """The changes that each scenario makes, by assumption."""
    rows = list(rows_of("scenarios", scenarios, 2))
    # Names may all be blank, the cell above the ids always is.
    names = rows.pop(0)[1] if rows and rows[0][0] == 1 else rows[0][1][:0] if rows else None
    if names is None or (names and names[0] is not None):
        received = names[0] if names else None
        raise InputError("scenarios", "begin with a row of names, its first cell blank", received)
    known = {each.id for each in model().inputs}
    width = max(len(names), *(len(row) for _, row in rows)) if rows else len(names)
    cases: list[dict[str, Any]] = [{} for _ in range(width - 1)]
    named = set[str]()
    for number, (node, *values) in rows:
        where = f"scenarios (row {number})"
        if node not in known:
            raise InputError(where, "name an assumption of the model by its id", node)
        if node in named:
            raise InputError(where, "name each assumption once", node)
        named.add(node)
        for case, value in zip(cases, values, strict=False):
            if value is not None:
                case[node] = value
    return cases


def _under(
    given: Uncertain, asked: Sequence[str], changes: dict[str, Any]
) -> tuple[list[Any], str]:
    """The answers where some central values are others, and why some of them are errors."""
    results = [reference.partition(".")[0] for reference in asked]
    refused: dict[str, InputError] = {}
    answers = evaluate(given.graph, given.central | changes, refused, results)
    found = []
    for reference, result in zip(asked, results, strict=True):
        part = reference.partition(".")[2]
        answer = answers.get(result, REFUSED)
        if part and result in answers:
            answer = answer.tolist()[given.graph[result].parts.index(part)]
        found.append(answer)
    reasons = (str(refused[result]) for result in results if result in refused)
    return found, next(reasons, "")


def _simulated(
    assumptions: Table,
    correlations: Table,
    asked: Sequence[tuple[str, float | None]],
    draws: float,
    seed: float,
) -> tuple[dict[str, Spread], list[str]]:
    """What two tables and two numbers say, simulated."""
    number, start = _settings(draws, seed)
    return spreads_of(uncertain(assumptions, correlations), asked, number, start)


def spreads_of(
    given: Uncertain, asked: Sequence[tuple[str, float | None]], number: int, start: int
) -> tuple[dict[str, Spread], list[str]]:
    """Simulate what is asked, even where some of it is refused.

    Parameters
    ----------
    given : Uncertain
        The graph and the ranges of its assumptions.
    asked : sequence of tuple
        References to results, each with a threshold or ``None``.
    number, start : int
        How many draws, and where the random numbers start.

    Returns
    -------
    tuple of dict and list
        What was found, by reference, and a note for each that was asked: why it could not be
        computed, or blank.

    Raises
    ------
    InputError
        If none of it can be computed.
    """

    def spreads(some: Sequence[tuple[str, float | None]]) -> dict[str, Spread]:
        wanted = [reference for reference, _ in some]
        stand_ins = surfaces(given, wanted, start)
        limits = {reference: bar for reference, bar in some if bar is not None}
        return simulation(given, wanted, number, start, limits, stand_ins=stand_ins).spreads

    try:
        return spreads(asked), [""] * len(asked)
    except InputError as error:
        refusal = error
    found: dict[str, Spread] = {}
    notes = []
    for one in asked:
        try:
            found |= spreads([one])
            notes.append("")
        except InputError as error:
            notes.append(str(error))
    if not found:
        raise refusal
    return found, notes


def _settings(draws: float, seed: float) -> tuple[int, int]:
    return int(one_number("draws", draws, DRAWS)), int(one_number("seed", seed, SEED))


def _number_of_rows(given: Uncertain) -> int:
    """How many rows a block about each assumption has: a block of none is no block of cells."""
    if not given.ranges:
        raise InputError("assumptions", "have at least one row", None)
    return len(given.ranges)


def _blanks(rows: int, columns: int) -> Block:
    return np.full((rows, columns), "", dtype=object)
