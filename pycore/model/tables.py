"""What is computed over whole tables: the tables and settings, and a result for each block.

The other results are computed from numbers; these take every assumption at once with its range,
or a table that a person fills in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from pycore import cost, exchange, portfolio, window
from pycore.checks import SEED
from pycore.errors import REFUSED
from pycore.graph import (
    Column,
    Constant,
    Graph,
    Result,
    Setting,
    Table,
)
from pycore.model import uncertainty
from pycore.model.results import TEAM, TYPES
from pycore.uncertainty import distributions
from pycore.uncertainty.design import INDEX_DRAWS
from pycore.uncertainty.sensitivity import AGE, YEAR
from pycore.uncertainty.simulation import BARS

ASSUMPTIONS, CORRELATIONS = "assumption_table", "correlation_table"
OUTCOMES, DECISIONS = "outcome_table", "decision_table"
SURFACES = "surface_table"
SCENARIOS, COMPARED = "scenario_table", "comparison_table"
"""The names of the tables that results take."""

OUTCOME, GAIN = "sensitivity_outcome", "information_outcome"
"""The names of the settings that choose an answer to explain, and a gain to know more about."""

MOST_CORRELATIONS = 8
MOST_SCENARIOS, MOST_CHANGES = 4, 8
EDGES = BARS + 1

LAST_YEAR = 10
"""The last year of the path of the Window sheet: blocks have a fixed size."""

RESPONSES = "survey_responses"
MOST_RESPONDENTS, MOST_GOODS = 1_000, 50
MOST_COMPARED = 4

EVIDENCE = "evidence_table"
MOST_EVIDENCE = 12
TEAM_HEADS, MOST_AMPLIFIERS, CONNECTORS = 30, 12, (0, 1, 3)
"""The teams of one size that the Portfolio sheet compares."""


@dataclass(frozen=True, kw_only=True)
class Headline:
    """An answer whose uncertainty the workbook shows.

    Parameters
    ----------
    reference : str
        A result's id, or ``id.part``.
    label : str
        What a reader sees.
    threshold : float
        What its chance is asked of, until a person changes it.
    """

    reference: str
    label: str
    threshold: float

    @property
    def name(self) -> str:
        """Its reference as a name without a dot."""
        return self.reference.replace(".", "_")

    def unit(self, graph: Graph) -> str:
        """Its unit.

        Parameters
        ----------
        graph : Graph

        Returns
        -------
        str
        """
        return str(graph[self.reference.partition(".")[0]].unit)


HEADLINES = (
    Headline(reference="cost_multiple", label="Cost multiple", threshold=4),
    Headline(reference="marginal_ratio", label="Marginal over central scholar", threshold=0.8),
    Headline(
        reference="adjusted_multiple", label="Cost multiple of the marginal scholar", threshold=4
    ),
    Headline(reference="place_multiple", label="Cost multiple of one more place", threshold=4),
    Headline(reference="mentor_multiple", label="Cost multiple of one more mentor", threshold=4),
    Headline(
        reference="net_value", label="Value of the marginal scholar beyond the cost", threshold=0
    ),
    Headline(
        reference="ratio_shift.after",
        label="Capabilities researchers for each in safety, after",
        threshold=7,
    ),
    Headline(reference="net_safety", label="Net effect of the placements", threshold=0),
    Headline(reference="exit_year", label="Years until the load passes its limit", threshold=5),
    Headline(reference="staying_chance", label="Chance of staying inside", threshold=0.5),
    Headline(reference="safe_load", label="Load to keep to, for the confidence", threshold=0.5),
    Headline(reference="years_of_need", label="Years until the field has its people", threshold=5),
    Headline(reference="team_output", label="Output of the mixed team", threshold=7),
)

DECIDING_WORDS = ("cost_quote", "adjusted_quote", "place_quote", "mentor_quote")
"""The answers in words that a decision may depend on."""

SURFACE_ERRORS = ("mentor_margin.place_ratio_error", "mentor_margin.mentor_ratio_error")
"""The error of what stands in for the mentors' drafts: over draws, that of their surrogate."""


def deciding_ids(graph: Graph) -> list[str]:
    """The assumptions that an answer depends on which a person may choose to decide by.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    list of str
        In the graph's order.
    """
    answers = [*(headline.reference for headline in HEADLINES), *DECIDING_WORDS]
    needed = graph.needed({answer.partition(".")[0] for answer in answers})
    found = {reference.partition(".")[0] for each in needed for reference in graph[each].arguments}
    found |= {member for column in graph.columns if column.id in found for member in column.members}
    return [node.id for node in graph.inputs if node.id in found]


NOTHING = "-"
"""Stands where there is nothing to show."""

RANGE_COLUMNS = ("distribution", "low", "central", "high", "minimum", "maximum")
"""What a distribution is fitted to, as the functions take it."""

NET = ("net_value", "net_safety")
"""The answers that are a gain less a loss, so that one acts where they are above 0."""

FIRST_DECISIONS = (("adjusted_multiple", 1.0), ("adjusted_quote", None))
"""What is decided until a person changes it: a reference and a bar, which words do without."""


@dataclass(frozen=True)
class Scenario:
    """A scenario until a person changes it: its name, and the values that it gives."""

    name: str
    values: dict[str, float]


SCENARIO_EXAMPLES = (
    Scenario("Costs as asked of donors", {"marginal_cost": 35_000}),
    Scenario("Selection is sharp", {"selection_validity": 0.6, "shared_criteria": 0.8}),
    Scenario("Placements backfire", {"added_capabilities": 600, "backfire_share": 0.3}),
    Scenario("Your own", {}),
)
CHANGED = tuple(dict.fromkeys(each for example in SCENARIO_EXAMPLES for each in example.values))
"""The assumptions that a scenario changes until a person changes it."""

GOODS = (
    "Good video explainer",
    "Technical AI academic",
    "US AI policy 5% better",
    "UN or US think tank",
    "Government researcher",
    "Journalist",
    "Exceptional researcher",
)
"""The goods until a person changes them; the first ones have published rates."""

PUBLISHED_RATES = (2.0, 5.0, 65.0)

JUDGED = {(2, 1): 2.0, (3, 1): 5.0, (4, 1): 65.0}
"""By row and column: what one of the row's good is worth in the column's."""


def settings() -> tuple[Setting, ...]:
    """What is asked, and how it is simulated.

    Returns
    -------
    tuple of Setting
    """
    headlines = tuple(headline.reference for headline in HEADLINES)
    return (
        Setting(id="simulation_draws", central=4096, allowed=INDEX_DRAWS),
        Setting(id="simulation_seed", central=1, allowed=SEED),
        Setting(id=OUTCOME, central="adjusted_multiple", allowed=headlines),
        Setting(id=GAIN, central=NET[0], allowed=NET),
        Setting(id="this_year", central=2026, allowed=YEAR),
        Setting(id="oldest_age", central=3, allowed=AGE),
        Setting(id="window_last_year", central=LAST_YEAR),
    )


def tables() -> tuple[Table, ...]:
    """What a person fills in, as it stands at first.

    Returns
    -------
    tuple of Table
    """
    names = (None, *(example.name for example in SCENARIO_EXAMPLES))
    changes = (
        (each, *(example.values.get(each) for example in SCENARIO_EXAMPLES)) for each in CHANGED
    )
    judged = tuple(
        tuple(
            1.0 if row == column else JUDGED.get((row, column))
            for column in range(1, MOST_COMPARED + 1)
        )
        for row in range(1, MOST_COMPARED + 1)
    )
    column = (MOST_GOODS, 1)
    return (
        Table(id=CORRELATIONS, size=(MOST_CORRELATIONS, 3)),
        Table(
            id=OUTCOMES,
            size=(len(HEADLINES), 2),
            rows=tuple((each.reference, each.threshold) for each in HEADLINES),
        ),
        Table(id=DECISIONS, size=(len(FIRST_DECISIONS), 2), rows=FIRST_DECISIONS),
        Table(
            id=SCENARIOS,
            size=(MOST_CHANGES + 1, MOST_SCENARIOS + 1),
            rows=(names, *changes),
        ),
        Table(id=EVIDENCE, size=(MOST_EVIDENCE, len(TYPES))),
        Table(id=RESPONSES, size=(MOST_RESPONDENTS, MOST_GOODS)),
        Table(id="survey_goods", size=(1, MOST_GOODS), rows=(GOODS,)),
        Table(id="good_entered", size=column, rows=tuple((each,) for each in PUBLISHED_RATES)),
        *(Table(id=f"good_{each}", size=column) for each in ("owns", "years", "costs")),
        Table(id="comparison_judgements", size=(MOST_COMPARED, MOST_COMPARED), rows=judged),
    )


def columns(graph: Graph) -> tuple[Column, ...]:
    """The assumptions, a column for each of their parts.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    tuple of Column
    """
    parts = {"central": "", "distribution": ".distribution", "low": ".low", "high": ".high"}
    inputs = {"input_centrals": "", "input_sources": ".source", "input_dates": ".date"}
    return (
        *(
            Column(id=f"range_{part}", members=tuple(f"{a.id}{end}" for a in graph.assumptions))
            for part, end in parts.items()
        ),
        *(
            Column(id=name, members=tuple(f"{node.id}{end}" for node in graph.inputs))
            for name, end in inputs.items()
        ),
    )


def constants(graph: Graph) -> tuple[Constant, ...]:
    """What the results over tables take that nobody edits.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    tuple of Constant
    """
    domains = [assumption.domain for assumption in graph.assumptions]
    return (
        Constant(id="range_minimum", value=tuple(each.minimum for each in domains)),
        Constant(id="range_maximum", value=tuple(each.maximum for each in domains)),
        Constant(id="input_ids", value=tuple(node.id for node in graph.inputs)),
        Constant(id=SURFACES, value=tuple((each,) for each in SURFACE_ERRORS)),
        Constant(id=COMPARED, value=tuple((each.reference,) for each in HEADLINES)),
        Constant(
            id="mix_amplifiers",
            value=tuple((float(each),) for each in range(MOST_AMPLIFIERS + 1)),
        ),
        Constant(id="mix_connectors", value=(tuple(map(float, CONNECTORS)),)),
        Constant(
            id="mix_iterators",
            value=tuple(
                tuple(float(TEAM_HEADS - amplifiers - each) for each in CONNECTORS)
                for amplifiers in range(MOST_AMPLIFIERS + 1)
            ),
        ),
    )


def range_column(part: str) -> str:
    """The name of a column over the assumptions.

    Parameters
    ----------
    part : str
        One of `RANGE_COLUMNS`.

    Returns
    -------
    str
    """
    return f"range_{part}"


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


def rates_used(
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
    """Every result over tables.

    Parameters
    ----------
    graph : Graph
        The assumptions and the results that they are over.

    Returns
    -------
    tuple of Result
    """
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
            rates_used,
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
            label="Rates that agree best with the comparisons, and their inconsistency",
            unit="ratio",
            function=exchange.consistent_rates,
            arguments=("comparison_judgements",),
            size=(1, MOST_COMPARED + 1),
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
