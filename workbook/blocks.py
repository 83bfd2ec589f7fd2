"""What is computed over whole tables of the workbook: one call, one block of cells each.

The results of the graph are computed from cells; these take every assumption at once, with its
range, and so stand beside the graph and not in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pycore import cost, exchange, portfolio, window
from pycore.graph import Graph
from pycore.model import uncertainty
from pycore.model.results import TEAM, TYPES, model
from pycore.uncertainty import distributions
from pycore.uncertainty.simulation import BARS
from workbook.formulas import defined_name

ASSUMPTIONS, CORRELATIONS = "assumption_table", "correlation_table"
OUTCOMES, DECISIONS = "outcome_table", "decision_table"
SURFACES = "surface_table"
SCENARIOS, COMPARED = "scenario_table", "comparison_table"
"""The defined names of the tables that the blocks take."""

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
        """The defined name of its central value."""
        return defined_name(self.reference)

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
"""The answers in words that a decision may hang on."""

SURFACE_ERRORS = ("mentor_margin.place_ratio_error", "mentor_margin.mentor_ratio_error")
"""How far what stands in for the mentors' drafts errs; for draws, the error of their surface."""


def deciding_ids(graph: Graph) -> list[str]:
    """The assumptions that an answer hangs on which a person may choose to decide by.

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


@dataclass(frozen=True, kw_only=True)
class Block:
    """One call of one core function over tables.

    Parameters
    ----------
    id, label, unit : str
        Its id, what a reader sees, and the unit of its numbers.
    function : callable
        The core function.
    arguments : tuple of str
        Defined names, in the order of the function's parameters.
    size : tuple of int
        How many rows and columns it fills.
    """

    id: str
    label: str
    unit: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    size: tuple[int, int]

    @property
    def name(self) -> str:
        """The defined name of the cells that compute it."""
        return f"{self.id}_block"


RANGE_COLUMNS = ("distribution", "low", "central", "high", "minimum", "maximum")
"""What a distribution is fitted to, as the functions take it."""


def range_column(part: str) -> str:
    """The defined name of a column of the Ranges sheet, over the assumptions alone.

    Parameters
    ----------
    part : str
        One of `RANGE_COLUMNS`.

    Returns
    -------
    str
    """
    return f"range_{part}"


@cache
def blocks() -> dict[str, Block]:
    """Every block, by its id.

    Returns
    -------
    dict
    """
    rows = len(model().assumptions)
    columns = tuple(map(range_column, RANGE_COLUMNS))
    drawn = (ASSUMPTIONS, CORRELATIONS)
    chance = ("simulation_draws", "simulation_seed")
    declared = (
        Block(
            id="range_echo",
            label="5th percentile, median, 95th percentile and mean of each fitted distribution",
            unit="as the assumption",
            function=distributions.range_echo,
            arguments=columns,
            size=(rows, 4),
        ),
        Block(
            id="range_warning",
            label="What does not fit between each range and its distribution",
            unit="text",
            function=distributions.range_warning,
            arguments=columns,
            size=(rows, 1),
        ),
        Block(
            id="simulation",
            label="Percentiles, mean and chance of each headline answer",
            unit="as the answer",
            function=uncertainty.simulate,
            arguments=(*drawn, OUTCOMES, *chance),
            size=(len(HEADLINES), 11),
        ),
        Block(
            id="outcome_curves",
            label="Histogram and cumulative curve of each headline answer",
            unit="as the answer, then shares",
            function=uncertainty.outcome_curves,
            arguments=(*drawn, OUTCOMES, *chance),
            size=(EDGES, 3 * len(HEADLINES)),
        ),
        Block(
            id="surface_error",
            label="How far the surfaces in place of the mentors' drafts err",
            unit="ratio",
            function=uncertainty.simulate,
            arguments=(*drawn, SURFACES, *chance),
            size=(len(SURFACE_ERRORS), 11),
        ),
        Block(
            id="tornado",
            label="What the chosen answer hangs on",
            unit="as the answer, then shares",
            function=uncertainty.tornado,
            arguments=(*drawn, "sensitivity_outcome", *chance),
            size=(rows, 9),
        ),
        Block(
            id="break_even",
            label="Where each assumption flips a decision",
            unit="as the assumption",
            function=uncertainty.break_even,
            arguments=(ASSUMPTIONS, DECISIONS),
            size=(rows, 4),
        ),
        Block(
            id="information_value",
            label="What it is worth to know each assumption",
            unit="as the answer",
            function=uncertainty.information_value,
            arguments=(*drawn, "information_outcome", *chance),
            size=(rows + 1, 2),
        ),
        Block(
            id="provenance_debt",
            label="What the chosen answer owes to assumptions without a good source",
            unit="share",
            function=uncertainty.provenance_debt,
            arguments=(*drawn, "sensitivity_outcome", "this_year", "oldest_age", *chance),
            size=(rows + 1, 3),
        ),
        Block(
            id="scenarios",
            label="The answers under each scenario",
            unit="as the answer",
            function=uncertainty.compare_scenarios,
            arguments=(ASSUMPTIONS, SCENARIOS, COMPARED),
            size=(len(HEADLINES) + 1, MOST_SCENARIOS + 1),
        ),
        Block(
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
        Block(
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
        Block(
            id="revised_shares",
            label="Target composition, revised by the evidence",
            unit="share",
            function=portfolio.revised_shares,
            arguments=("target_shares", "prior_strength", EVIDENCE),
            size=(1, len(TYPES)),
        ),
        Block(
            id="gap_plan",
            label="How to give the next seats",
            unit="scholars",
            function=portfolio.gap_plan,
            arguments=("pool_mix", "revised_shares", "next_seats"),
            size=(1, len(TYPES)),
        ),
        *_exchange_blocks(),
    )
    return {block.id: block for block in declared}


def _exchange_blocks() -> tuple[Block, ...]:
    """What the Exchange sheet computes, a row for each good."""
    return (
        Block(
            id="survey_summary",
            label="Answers, median, quartiles, geometric mean and interval of each good",
            unit="number, then researchers",
            function=exchange.survey_summary,
            arguments=(RESPONSES, "seed"),
            size=(MOST_GOODS, 7),
        ),
        Block(
            id="good_value",
            label="Value of each good",
            unit="USD",
            function=exchange.good_value,
            arguments=("good_rates", "value_per_researcher"),
            size=(MOST_GOODS, 1),
        ),
        Block(
            id="good_multiple",
            label="Cost multiple of each good (1 over 1 where something is not entered)",
            unit="x",
            function=cost.cost_multiple,
            arguments=("multiple_values", "multiple_costs"),
            size=(MOST_GOODS, 1),
        ),
        Block(
            id="versus_median",
            label="Own rate of each good over the rate used",
            unit="x",
            function=exchange.versus_median,
            arguments=("good_owns", "good_rates"),
            size=(MOST_GOODS, 1),
        ),
        Block(
            id="experience_adjusted",
            label="Rate of each good at the reference experience",
            unit="researchers",
            function=exchange.experience_adjusted,
            arguments=("good_rates", "good_years", "reference_years", "experience_elasticity"),
            size=(MOST_GOODS, 1),
        ),
        Block(
            id="consistent_rates",
            label="Rates that agree best with the comparisons, and their inconsistency",
            unit="ratio",
            function=exchange.consistent_rates,
            arguments=("comparison_judgements",),
            size=(1, MOST_COMPARED + 1),
        ),
    )
