"""The Portfolio sheet: which people teams and the field need, and who should come next."""

from __future__ import annotations

from functools import partial

from pycore.checks import PEOPLE
from pycore.graph import Graph
from pycore.model.results import TYPES
from pycore.model.tables import CONNECTORS, EVIDENCE, MOST_AMPLIFIERS, MOST_EVIDENCE, TEAM_HEADS
from workbook.sheets.assumptions import off_one
from workbook.sheets.layout import Cell, Chart, ChartRow, Sheet, Spare, Table, Words
from workbook.sheets.marginal import WIDTHS
from workbook.sheets.parts import (
    Row,
    block,
    block_cells,
    block_name,
    cell,
    entry,
    indexed,
    inputs_table,
    linked,
    notes,
    opening,
    result_row,
    results_table,
    row,
    series,
    under,
    workings,
)
from workbook.sheets.styles import BLUE, GREEN, LOOKS, ORANGE, READ

LONGEST_EVIDENCE = 60
OBSERVED = "portfolio:evidence"
"""The anchor of what was observed."""

COMPUTED = (
    *("manager_worth", "team_needs", "absorption"),
    *("target_shares", "revised_shares", "gap_plan", "mix_output"),
)

TEAM_INPUTS = (
    "manager_span",
    "manager_output_share",
    "manager_hire_chance",
    "new_teams",
    "amplifiers_per_team",
    "iterators_per_team",
    "internal_share",
    "free_managers",
    "hiring_budget",
    "cost_per_head",
    "work_backlog",
    "field_people",
    "field_need",
    "field_growth",
    *(f"{which}_{each}" for which in ("team", "other") for each in TYPES),
    "unmanaged_share",
    "team_returns",
    "team_diversity",
    "openings_weight",
    "prior_strength",
    "next_seats",
)

HOW_TO_READ = (
    "Iterators do the empirical work, Amplifiers manage, Connectors set directions.",
    "The target composition is an appraisal. Each row of evidence counts as many observations as "
    "it has people; the more there are beside the appraisal's own, the more they move it.",
    "Seats go where the pool is short of the revised target, in whole people; a type that the pool "
    "has enough of gets none.",
)


def _unless_off(which: str, who: str) -> str:
    """How to read a row of shares; or, where they are not 100% together, that they must be."""
    off = off_one(which)
    return f'=IF({off},"Must be 100% together: see the Assumptions sheet.","What {who} look for.")'


def _shares(label: str, which: str, together: str) -> tuple[str, ...]:
    formula = f'=IF(SUM({together})=0,"not entered",{which}_{{}}/SUM({together}))'
    return label, f"{which}_shares", "share", formula, "Each type over all."


COMPOSITION = (
    ("Job openings", "", "share", "=openings_{}", _unless_off("openings", "employers")),
    ("Grant-makers prefer", "", "share", "=funders_{}", _unless_off("funders", "funders")),
    ("Target composition", "target_shares", "share", "", "Both, by the weight of the openings."),
    ("Observed", "", "people", "=SUM(observed_{})", "The evidence below, added up."),
    ("Target, revised", "revised_shares", "share", "", "The appraisal and the evidence together."),
    ("Pool today", "", "people", "=pool_{}", "Edit on the Assumptions sheet."),
    _shares("Pool today, in shares", "pool", "pool_mix"),
    (
        "Next seats",
        "gap_plan",
        "scholars",
        "",
        "Whole seats: the pool then comes closest to the revised target.",
    ),
    ("Pool then", "pool_then", "people", "=pool_{0}+gap_plan_{0}", "Today's and the next seats."),
    _shares("Pool then, in shares", "pool_then", "pool_then"),
)
"""Label, defined name, unit, formula with {} for a type, how to read it.

Without a formula it is the result of that name.
"""


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared results."""
    results = partial(results_table, graph, width=len(WIDTHS))
    return Sheet(
        name="Portfolio",
        tab_colour=READ,
        widths=WIDTHS,
        workings=workings(graph, COMPUTED),
        blocks=(
            opening("Talent portfolio", "Which people do teams and the field need?"),
            _composition(),
            ChartRow(charts=(_pool_chart(), _mix_chart()), columns=(0, 5)),
            notes(HOW_TO_READ),
            Table(rows=((),)),
            results("A manager", ("manager_worth",)),
            results("New teams", ("team_needs",)),
            results("What can be absorbed", ("absorption",)),
            results(
                "A mixed team beside another",
                (
                    "team_output",
                    "other_output",
                    "team_types",
                    "other_types",
                    "breakeven_diversity",
                ),
            ),
            results("The field", ("years_of_need",)),
            _mixes(graph),
            inputs_table(graph, TEAM_INPUTS, len(WIDTHS)),
            _evidence(),
        ),
    )


def _composition() -> Table:
    """Appraisals, target, evidence, pool and plan: a row each, with a column for each type."""
    types = (cell(each.capitalize(), "", "header_right") for each in TYPES)
    return Table(
        heading="Who should come next",
        axis=(
            Cell(content="Composition", style="header"),
            *under("portfolio_types", types),
            *row("header_unit header header", "Unit", "How to read it"),
        ),
        rows=tuple(
            result_row(
                linked(label, f"@{OBSERVED}", "link_label") if label == "Observed" else label,
                _by_type(name, unit, formula),
                unit,
                reading,
                len(WIDTHS),
            )
            for label, name, unit, formula, reading in COMPOSITION
        ),
    )


def _by_type(name: str, unit: str, formula: str) -> Row:
    """A cell for each type, and a name for each and all of them where there is one."""
    look = "figure" if unit == "people" else unit
    formulas = [
        formula.format(each) if formula else indexed(block_name(name), 1, place)
        for place, each in enumerate(TYPES, start=1)
    ]
    if not name:
        return tuple(cell(each, look) for each in formulas)
    names = [f"{name}_{each}" for each in TYPES]
    named = zip(formulas, names, strict=True)
    return under(name, (cell(each, look, "strong", own) for each, own in named))


def _evidence() -> Table:
    """What was observed since the appraisal; blank at first."""
    pieces = range(1, MOST_EVIDENCE + 1)
    words = Words(LONGEST_EVIDENCE)
    sources = (entry(f"evidence_{piece}_source", words, optional=True) for piece in pieces)
    counts = (
        tuple(entry(f"evidence_{piece}_{each}", PEOPLE, optional=True) for each in TYPES)
        for piece in pieces
    )
    return Table(
        heading="Evidence since then (edit here: how many of each type were wanted or observed)",
        header=("Evidence", *(each.capitalize() for each in TYPES), "Unit"),
        rows=tuple(
            (
                source,
                *counted,
                cell(f'=IF(COUNT(INDEX({EVIDENCE},{piece},0))=0,"","people")', "", "unit"),
            )
            for piece, source, counted in zip(pieces, sources, block(EVIDENCE, counts), strict=True)
        ),
        columns={f"observed_{each}": place for place, each in enumerate(TYPES, start=1)},
        anchor=OBSERVED,
        spare=Spare(columns=(0, 3)),
    )


def _mixes(graph: Graph) -> Table:
    """The output of every team of one size, by its Amplifiers and Connectors."""
    amplifiers = range(MOST_AMPLIFIERS + 1)
    connectors = (cell(float(each), "year", "axis_right") for each in CONNECTORS)
    left = (
        tuple(cell(float(TEAM_HEADS - others - each), "year") for each in CONNECTORS)
        for others in amplifiers
    )
    outputs = block("mix_output", block_cells(graph, "mix_output"))
    iterators = block("mix_iterators", left)
    return Table(
        heading=f"Output of teams of {TEAM_HEADS}: Amplifiers (down) by Connectors (across), and "
        "the Iterators that are left",
        axis=(
            Cell(content="Amplifiers", style="axis_label"),
            *under("mix_connectors", connectors),
            *(Cell(content=f"Iterators at {each}", style="axis_right") for each in CONNECTORS),
        ),
        rows=tuple(
            (cell(float(each), "year"), *output, *rest)
            for each, output, rest in zip(amplifiers, outputs, iterators, strict=True)
        ),
        columns={
            "mix_amplifiers": 0,
            **{f"mix_output_{each}": place for place, each in enumerate(CONNECTORS, start=1)},
        },
    )


def _pool_chart() -> Chart:
    return Chart(
        kind="column",
        title="The pool against its target",
        description="For each type of people three columns: its share in the pool today, in the "
        "revised target, and in the pool with the next seats.",
        x_title="Type of people",
        y_title="Share of the pool",
        y_format="0%",
        labels="0.0%",
        width=700,
        height=340,
        series=series(
            "portfolio_types",
            ("Pool today", "pool_shares", ORANGE),
            ("Target, revised", "revised_shares", BLUE),
            ("Pool with the next seats", "pool_then_shares", GREEN),
        ),
    )


def _mix_chart() -> Chart:
    return Chart(
        kind="line",
        title=f"Output of a team of {TEAM_HEADS}, by mix",
        description="A line for each number of Connectors: the output of a team of constant size "
        "against its number of Amplifiers, the rest being Iterators.",
        x_title=f"Amplifiers among the {TEAM_HEADS}",
        y_title="Output (managed Iterators alone)",
        x_highest=MOST_AMPLIFIERS,
        width=415,
        height=340,
        series=series(
            "mix_amplifiers",
            *(
                (f"{each} Connector{'' if each == 1 else 's'}", f"mix_output_{each}", *look)
                for each, look in zip(CONNECTORS, LOOKS, strict=False)
            ),
        ),
    )
