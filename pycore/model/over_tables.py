"""The results over whole tables: one call and one fixed block of cells each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from pycore import cost, exchange, portfolio, window
from pycore.errors import REFUSED
from pycore.graph import Graph
from pycore.model import uncertainty
from pycore.model.results import TEAM, TYPES
from pycore.model.tables import (
    ASSUMPTIONS,
    COMPARED,
    CONNECTORS,
    CORRELATIONS,
    DECISIONS,
    EDGES,
    EVIDENCE,
    GAIN,
    HEADLINES,
    LAST_YEAR,
    MOST_AMPLIFIERS,
    MOST_COMPARED,
    MOST_GOODS,
    MOST_SCENARIOS,
    NOTHING,
    OPINIONS,
    OUTCOME,
    OUTCOMES,
    PEOPLE,
    RANGE_COLUMNS,
    RANGE_NAMES,
    RESPONSES,
    SCENARIOS,
    SURFACE_ERRORS,
    SURFACES,
    range_column,
)
from pycore.nodes import Result
from pycore.uncertainty import distributions, opinions


def _assumption_rows(
    ids: tuple[str, ...], kinds: Any, lows: Any, highs: Any, *rest: Any
) -> list[list[Any]]:
    """The table of assumptions and choices; a choice has no range."""
    centrals, sources, dates = rest
    blanks = [None] * (len(ids) - len(kinds))
    ends = [[*map(_cell, column), *blanks] for column in (kinds, lows)]
    last = [*map(_cell, highs), *blanks]
    texts = [list(map(_cell, column)) for column in (centrals, sources, dates)]
    rows = zip(ids, *ends, texts[0], last, texts[1], texts[2], strict=True)
    return [list(row) for row in rows]


def _cell(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _rates_used(
    summary: Any, names: Any, entered: Any
) -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
    """The rate of each good: the survey's median, else the one entered.

    Parameters
    ----------
    summary : rows
        As :func:`pycore.exchange.survey_summary` gives it.
    names : rows
        One row of the goods' names; a good without one has no rate.
    entered : rows
        One column of rates, or blanks.

    Returns
    -------
    ndarray of object
        One column. An answer that cannot be read is not passed over: it stays an error.
    """
    return _column(
        median
        if not isinstance(median, str) or median == REFUSED
        else exchange.NOT_ENTERED
        if not str(name or "").strip() or rate is None
        else rate
        for (_, median, *_), name, (rate,) in zip(summary, names[0], entered, strict=True)
    )


def _or_one(values: Any) -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
    """A column with 1 where there is no number, for a quotient that is not shown there."""
    return _column(
        1.0 if value is None or value == exchange.NOT_ENTERED else value for (value,) in values
    )


def _column(cells: Iterator[Any]) -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
    found = list(cells)
    column = np.empty((len(found), 1), dtype=object)
    column[:, 0] = found
    return column


def _found(rates: Any, names: Any) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """How many goods have a rate, the highest and whose it is, and what cannot be read."""
    numbers = {place: rate for place, (rate,) in enumerate(rates) if not isinstance(rate, str)}
    unread = [place for place, (rate,) in enumerate(rates) if rate == REFUSED]
    best = max(numbers, key=numbers.__getitem__, default=None)
    found = [len(numbers), 0.0, NOTHING, NOTHING]
    if best is not None and not unread:
        found[1:3] = numbers[best], names[0][best]
    if unread:
        found[3] = str(names[0][unread[0]] or "").strip() or "the column without a name"
    return np.array(found, dtype=object)


def _spread(row: int, simulation: Any) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The 5th and the 95th percentile of a headline answer."""
    return np.array([simulation[row][0], simulation[row][4]], dtype=object)


def results(graph: Graph) -> tuple[Result, ...]:
    """Every result over tables."""
    rows = len(graph.assumptions)
    ranges = tuple(map(range_column, RANGE_COLUMNS))
    drawn = (ASSUMPTIONS, CORRELATIONS)
    chance = ("simulation_draws", "simulation_seed")
    return (
        Result(
            id=ASSUMPTIONS,
            label="Every assumption and choice, as the functions of uncertainty take them",
            unit="as the assumption",
            function=_assumption_rows,
            arguments=(
                "input_ids",
                "range_distribution",
                "range_low",
                "range_high",
                "input_centrals",
                "input_sources",
                "input_dates",
            ),
            size=(len(graph.inputs), 7),
            formula="plain",
        ),
        Result(
            id="range_echo",
            label="5th percentile, median, 95th percentile and mean of each fitted distribution",
            unit="as the assumption",
            function=distributions.range_echo,
            arguments=ranges,
            size=(rows, 4),
        ),
        Result(
            id="range_warning",
            label="What does not fit between each range and its distribution",
            unit="text",
            function=distributions.range_warning,
            arguments=ranges,
            size=(rows, 1),
        ),
        Result(
            id="simulation",
            label="Percentiles, mean and chance of each headline answer",
            unit="as the answer",
            function=uncertainty.simulate,
            arguments=(*drawn, OUTCOMES, *chance),
            size=(len(HEADLINES), 11),
            simulates=True,
        ),
        *(
            Result(
                id=f"{headline.name}_spread",
                label=f"5th and 95th percentile of: {headline.label}",
                unit=headline.unit(graph),
                function=partial(_spread, row),
                arguments=("simulation",),
                parts=("low", "high"),
                formula="plain",
            )
            for row, headline in enumerate(HEADLINES)
        ),
        Result(
            id="outcome_curves",
            label="Histogram and cumulative curve of each headline answer",
            unit="as the answer, then shares",
            function=uncertainty.outcome_curves,
            arguments=(*drawn, OUTCOMES, *chance),
            size=(EDGES, 3 * len(HEADLINES)),
            simulates=True,
        ),
        Result(
            id="surface_error",
            label="Error of the surrogates in place of the mentors' drafts",
            unit="ratio",
            function=uncertainty.simulate,
            arguments=(*drawn, SURFACES, *chance),
            size=(len(SURFACE_ERRORS), 11),
            simulates=True,
        ),
        Result(
            id="tornado",
            label="What the chosen answer depends on",
            unit="as the answer, then shares",
            function=uncertainty.tornado,
            arguments=(*drawn, OUTCOME, *chance),
            size=(rows, 9),
            simulates=True,
        ),
        Result(
            id="break_even",
            label="Where each assumption flips a decision",
            unit="as the assumption",
            function=uncertainty.break_even,
            arguments=(ASSUMPTIONS, DECISIONS),
            size=(rows, 4),
        ),
        Result(
            id="information_value",
            label="What it is worth to know each assumption",
            unit="as the answer",
            function=uncertainty.information_value,
            arguments=(*drawn, GAIN, *chance),
            size=(rows + 1, 2),
            simulates=True,
        ),
        Result(
            id="provenance_debt",
            label="What the chosen answer owes to assumptions without a good source",
            unit="share",
            function=uncertainty.provenance_debt,
            arguments=(*drawn, OUTCOME, "this_year", "oldest_age", *chance),
            size=(rows + 1, 3),
            simulates=True,
        ),
        Result(
            id="scenarios",
            label="The answers under each scenario",
            unit="as the answer",
            function=uncertainty.compare_scenarios,
            arguments=(ASSUMPTIONS, SCENARIOS, COMPARED),
            size=(len(HEADLINES) + 1, MOST_SCENARIOS + 1),
            simulates=True,
        ),
        Result(
            id="window_path",
            label="Load, inside or not, chance of being and of having stayed inside, by year",
            unit="ratio, then chances",
            function=window.window_path,
            arguments=(
                "deployed_impact",
                "robust_impact",
                "impact_growth",
                "robustness_growth",
                "window_last_year",
                "verification_sd",
                "verification_sd_growth",
            ),
            size=(LAST_YEAR + 1, 4),
        ),
        Result(
            id="mix_output",
            label="Output of teams of one size, by Amplifiers (down) and Connectors (across)",
            unit="Iterators",
            function=portfolio.team_output,
            arguments=(
                "mix_iterators",
                "mix_amplifiers",
                "mix_connectors",
                *TEAM,
                "team_diversity",
            ),
            size=(MOST_AMPLIFIERS + 1, len(CONNECTORS)),
        ),
        Result(
            id="revised_shares",
            label="Target composition, revised by the evidence",
            unit="share",
            function=portfolio.revised_shares,
            arguments=("target_shares", "prior_strength", EVIDENCE),
            parts=TYPES,
        ),
        Result(
            id="gap_plan",
            label="How to give the next seats",
            unit="scholars",
            function=portfolio.gap_plan,
            arguments=("pool_mix", "revised_shares", "next_seats"),
            parts=TYPES,
        ),
        Result(
            id="pooled_opinions",
            label="What people judge of each assumption together, and how far they disagree",
            unit="as the assumption",
            function=opinions.pooled_opinions,
            arguments=(
                OPINIONS,
                PEOPLE,
                RANGE_NAMES,
                *(range_column(part) for part in ("distribution", "minimum", "maximum")),
            ),
            size=(rows, opinions.WIDTH),
        ),
        *_exchange_results(),
    )


def _exchange_results() -> tuple[Result, ...]:
    """What the Exchange sheet computes, a row for each good."""
    return (
        Result(
            id="survey_summary",
            label="Answers, median, quartiles, geometric mean and interval of each good",
            unit="number, then researchers",
            function=exchange.survey_summary,
            arguments=(RESPONSES, "seed"),
            size=(MOST_GOODS, 7),
        ),
        _plain(
            "good_rates",
            "Rate used of each good",
            _rates_used,
            ("survey_summary", "survey_goods", "good_entered"),
        ),
        Result(
            id="good_value",
            label="Value of each good",
            unit="USD",
            function=exchange.good_value,
            arguments=("good_rates", "value_per_researcher"),
            size=(MOST_GOODS, 1),
        ),
        _plain("multiple_values", "Value of each good, or 1", _or_one, ("good_value",)),
        _plain("multiple_costs", "Cost of each good, or 1", _or_one, ("good_costs",)),
        Result(
            id="good_multiple",
            label="Cost multiple of each good (1 over 1 where something is not entered)",
            unit="x",
            function=cost.cost_multiple,
            arguments=("multiple_values", "multiple_costs"),
            size=(MOST_GOODS, 1),
        ),
        Result(
            id="rates_found",
            label="How many goods have a rate, the highest, its good, and what cannot be read",
            unit="goods",
            function=_found,
            arguments=("good_rates", "survey_goods"),
            parts=("count", "highest", "good", "unread"),
            formula="plain",
        ),
        Result(
            id="versus_median",
            label="Own rate of each good over the rate used",
            unit="x",
            function=exchange.versus_median,
            arguments=("good_owns", "good_rates"),
            size=(MOST_GOODS, 1),
        ),
        Result(
            id="experience_adjusted",
            label="Rate of each good at the reference experience",
            unit="researchers",
            function=exchange.experience_adjusted,
            arguments=("good_rates", "good_years", "reference_years", "experience_elasticity"),
            size=(MOST_GOODS, 1),
        ),
        Result(
            id="consistent_rates",
            label="Rates that agree best with the comparisons, and how far those disagree",
            unit="ratio",
            function=exchange.consistent_rates,
            arguments=("comparison_judgements",),
            size=(1, MOST_COMPARED + 2),
        ),
    )


def _plain(
    name: str, label: str, function: Callable[..., Any], arguments: tuple[str, ...]
) -> Result:
    """A column of the goods that plain formulas of the sheet give."""
    return Result(
        id=name,
        label=label,
        unit="as the good",
        function=function,
        arguments=arguments,
        size=(MOST_GOODS, 1),
        formula="plain",
    )
