"""What is computed over whole tables: the tables and settings, and a result for each block.

The other results are computed from numbers; these take every assumption at once with its range,
or a table that a person fills in.
"""

from __future__ import annotations

from dataclasses import dataclass

from pycore.checks import SEED
from pycore.graph import Graph
from pycore.model.results import TYPES
from pycore.nodes import Column, Constant, Setting, Table
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

LABELLED = (OUTCOME, GAIN)
"""The settings whose value is an id, which a reader knows by its label."""

MOST_CORRELATIONS = 8
MOST_SCENARIOS, MOST_CHANGES = 4, 8
EDGES = BARS + 1

LAST_YEAR = 100
"""The last year of the path of the Window sheet: blocks have a fixed size."""

RESPONSES = "survey_responses"
MOST_RESPONDENTS, MOST_GOODS = 1_000, 50
MOST_COMPARED = 4

OPINIONS, PEOPLE, RANGE_NAMES = "opinion_table", "people_table", "range_names"
MOST_OPINIONS, MOST_PEOPLE = 600, 30
"""The opinions of people on assumptions: the tables, what an assumption is called, and the room."""

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
        """Its unit."""
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

    Returns
    -------
    list of str
        In the graph's order.
    """
    answers = [*(headline.reference for headline in HEADLINES), *DECIDING_WORDS]
    needed = graph.needed({answer.partition(".")[0] for answer in answers})
    found = {reference.partition(".")[0] for reference in graph.taken_by(needed)}
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
    """What is asked, and how it is simulated."""
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
    """What a person fills in, as it stands at first."""
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
        Table(id=OPINIONS, size=(MOST_OPINIONS, 6)),
        Table(id=PEOPLE, size=(MOST_PEOPLE, 2)),
        Table(id="good_entered", size=column, rows=tuple((each,) for each in PUBLISHED_RATES)),
        *(Table(id=f"good_{each}", size=column) for each in ("owns", "years", "costs")),
        Table(id="comparison_judgements", size=(MOST_COMPARED, MOST_COMPARED), rows=judged),
    )


def columns(graph: Graph) -> tuple[Column, ...]:
    """The assumptions, a column for each of their parts."""
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
    """What the results over tables take that nobody edits."""
    domains = [assumption.domain for assumption in graph.assumptions]
    return (
        Constant(id="range_minimum", value=tuple(each.minimum for each in domains)),
        Constant(id="range_maximum", value=tuple(each.maximum for each in domains)),
        Constant(id=RANGE_NAMES, value=tuple((node.label, node.id) for node in graph.assumptions)),
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
    """The name of a column over the assumptions."""
    return f"range_{part}"
