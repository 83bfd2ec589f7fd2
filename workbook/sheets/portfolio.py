"""The Portfolio sheet: which people teams and the field need, and who should come next."""

from __future__ import annotations

from pycore.checks import PEOPLE
from pycore.graph import Graph
from pycore.model.results import TYPES
from pycore.model.tables import CONNECTORS, EVIDENCE, MOST_AMPLIFIERS, MOST_EVIDENCE, TEAM_HEADS
from workbook.sheets.assumptions import off_one
from workbook.sheets.layout import Cell, Chart, ChartRow, Series, Sheet, Table, Words
from workbook.sheets.marginal import WIDTHS
from workbook.sheets.parts import (
    block_name,
    indexed,
    inputs_table,
    opening,
    results_table,
    workings,
)
from workbook.sheets.styles import BLUE, GREEN, ORANGE

COLUMNS = len(WIDTHS)
LONGEST_EVIDENCE = 60

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


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared results."""
    several = ("manager_worth", "team_needs", "absorption", "target_shares")
    planned = ("revised_shares", "gap_plan", "mix_output")
    return Sheet(
        name="Portfolio",
        widths=WIDTHS,
        workings=workings(graph, (*several, *planned)),
        blocks=(
            opening("Talent portfolio", "Which people do teams and the field need?"),
            results_table(graph, "A manager", ("manager_worth",), COLUMNS),
            results_table(graph, "New teams", ("team_needs",), COLUMNS),
            results_table(graph, "What can be absorbed", ("absorption",), COLUMNS),
            results_table(
                graph,
                "A mixed team beside another",
                (
                    "team_output",
                    "other_output",
                    "team_types",
                    "other_types",
                    "breakeven_diversity",
                ),
                COLUMNS,
            ),
            results_table(graph, "The field", ("years_of_need",), COLUMNS),
            _composition(),
            _evidence(),
            ChartRow(
                heading="The pool and the teams",
                charts=(_pool_chart(), _mix_chart()),
                columns=(0, 5),
            ),
            Table(
                heading="How to read it",
                rows=tuple((Cell(content=line, style="plain"),) for line in HOW_TO_READ),
            ),
            Table(rows=((),)),
            _mixes(graph),
            inputs_table(graph, TEAM_INPUTS, COLUMNS),
        ),
    )


def _composition() -> Table:
    """Appraisals, target, evidence, pool and plan: a row each, with a column for each type."""
    return Table(
        heading="Who should come next",
        axis=(
            Cell(content="Composition", style="header"),
            *(
                Cell(
                    content=each.capitalize(),
                    style="header_right",
                    names=("portfolio_types",) if place == 0 else (),
                    block=(1, len(TYPES)) if place == 0 else (1, 1),
                )
                for place, each in enumerate(TYPES)
            ),
            Cell(content="Unit", style="header_unit"),
            Cell(content="How to read it", style="header"),
            Cell(style="header"),
        ),
        rows=(
            _row("Job openings", "share", _named("openings"), _unless_off("openings", "employers")),
            _row(
                "Grant-makers prefer", "share", _named("funders"), _unless_off("funders", "funders")
            ),
            _row(
                "Target composition",
                "share",
                _of_block("target_shares"),
                "Both, by the weight of the openings.",
                "target_shares",
            ),
            _row("Observed", "people", _observed(), "The evidence below, added up."),
            _row(
                "Target, revised",
                "share",
                _of_block("revised_shares"),
                "The appraisal and the evidence together.",
                "revised_shares",
            ),
            _row("Pool today", "people", _named("pool"), "Edit on the Assumptions sheet."),
            _row(
                "Pool today, in shares",
                "share",
                _shares("pool", "pool_mix"),
                "Each type over all.",
                "pool_shares",
            ),
            _row(
                "Next seats",
                "scholars",
                _of_block("gap_plan"),
                "Whole seats: the pool then comes closest to the revised target.",
                "gap_plan",
            ),
            _row(
                "Pool then",
                "people",
                tuple(f"=pool_{each}+gap_plan_{each}" for each in TYPES),
                "Today's and the next seats.",
                "pool_then",
            ),
            _row(
                "Pool then, in shares",
                "share",
                _shares("pool_then", "pool_then"),
                "Each type over all.",
                "pool_then_shares",
            ),
        ),
    )


def _row(
    label: str, unit: str, formulas: tuple[str, ...], reading: str, name: str = ""
) -> tuple[Cell, ...]:
    cells = [
        Cell(
            formula=formula,
            style="strong" if name else "value",
            unit=unit,
            names=_names(name, each, first=each == TYPES[0]),
            block=(1, len(TYPES)) if name and each == TYPES[0] else (1, 1),
        )
        for each, formula in zip(TYPES, formulas, strict=True)
    ]
    return (
        Cell(content=label),
        *cells,
        Cell(content=unit, style="unit"),
        Cell(formula=reading, style="quiet")
        if reading.startswith("=")
        else Cell(content=reading, style="quiet"),
        Cell(style="quiet"),
    )


def _unless_off(which: str, who: str) -> str:
    """How to read a row of shares; or, where they are not 100% together, that they must be."""
    off = off_one(which)
    return f'=IF({off},"Must be 100% together: see the Assumptions sheet.","What {who} look for.")'


def _names(name: str, each: str, *, first: bool) -> tuple[str, ...]:
    if not name:
        return ()
    return (name, f"{name}_{each}") if first else (f"{name}_{each}",)


def _named(which: str) -> tuple[str, ...]:
    return tuple(f"={which}_{each}" for each in TYPES)


def _of_block(block: str) -> tuple[str, ...]:
    return tuple(indexed(block_name(block), 1, place) for place in range(1, len(TYPES) + 1))


def _shares(which: str, together: str) -> tuple[str, ...]:
    total = f"SUM({together})"
    return tuple(f'=IF({total}=0,"not entered",{which}_{each}/{total})' for each in TYPES)


def _observed() -> tuple[str, ...]:
    return tuple(f"=SUM(observed_{each})" for each in TYPES)


def _evidence() -> Table:
    """What was observed since the appraisal; blank at first."""
    return Table(
        heading="Evidence since then (edit here: how many of each type were wanted or observed)",
        header=("Evidence", *(each.capitalize() for each in TYPES), "Unit", "", ""),
        rows=tuple(_piece(number) for number in range(1, MOST_EVIDENCE + 1)),
        columns={f"observed_{each}": place for place, each in enumerate(TYPES, start=1)},
        starts_page=True,
    )


def _piece(number: int) -> tuple[Cell, ...]:
    counts = [
        Cell(
            style="input",
            names=(EVIDENCE, f"evidence_{number}_{each}")
            if number == 1 and each == TYPES[0]
            else (f"evidence_{number}_{each}",),
            block=(MOST_EVIDENCE, len(TYPES)) if number == 1 and each == TYPES[0] else (1, 1),
            allowed=PEOPLE,
            optional=True,
        )
        for each in TYPES
    ]
    return (
        Cell(
            style="input_text",
            names=(f"evidence_{number}_source",),
            allowed=Words(LONGEST_EVIDENCE),
            optional=True,
        ),
        *counts,
        Cell(content="people", style="unit"),
        Cell(style="quiet"),
        Cell(style="quiet"),
    )


def _mixes(graph: Graph) -> Table:
    """The output of every team of one size, by its Amplifiers and Connectors."""
    result = graph["mix_output"]
    size = graph.size(result)
    return Table(
        heading=f"Output of teams of {TEAM_HEADS}: Amplifiers (down) by Connectors (across), and "
        "the Iterators that are left",
        axis=(
            Cell(content="Amplifiers", style="axis_label"),
            *(
                Cell(
                    content=float(each),
                    style="axis_right",
                    unit="year",
                    names=("mix_connectors",) if place == 0 else (),
                    block=(1, len(CONNECTORS)) if place == 0 else (1, 1),
                )
                for place, each in enumerate(CONNECTORS)
            ),
            *(Cell(content=f"Iterators at {each}", style="axis_right") for each in CONNECTORS),
        ),
        rows=tuple(
            (
                Cell(content=float(amplifiers), style="value", unit="year"),
                *(
                    Cell(
                        formula=indexed(block_name(result.id), amplifiers + 1, place),
                        style="value",
                        unit=result.unit,
                        names=(result.id,) if amplifiers == 0 and place == 1 else (),
                        block=size if amplifiers == 0 and place == 1 else (1, 1),
                    )
                    for place in range(1, len(CONNECTORS) + 1)
                ),
                *(
                    Cell(
                        content=float(TEAM_HEADS - amplifiers - connectors),
                        style="value",
                        unit="year",
                        names=("mix_iterators",) if amplifiers == 0 and place == 0 else (),
                        block=size if amplifiers == 0 and place == 0 else (1, 1),
                    )
                    for place, connectors in enumerate(CONNECTORS)
                ),
            )
            for amplifiers in range(MOST_AMPLIFIERS + 1)
        ),
        columns={
            "mix_amplifiers": 0,
            **{f"mix_output_{each}": place for place, each in enumerate(CONNECTORS, start=1)},
        },
        starts_page=True,
    )


def _pool_chart() -> Chart:
    lines = (
        ("Pool today", "pool_shares", ORANGE),
        ("Target, revised", "revised_shares", BLUE),
        ("Pool with the next seats", "pool_then_shares", GREEN),
    )
    return Chart(
        kind="column",
        title="The pool against its target",
        description="For each type of people three columns: its share in the pool today, in the "
        "revised target, and in the pool with the next seats.",
        x_title="Type of people",
        y_title="Share of the pool",
        y_format="0%",
        labels="0%",
        width=640,
        height=340,
        series=tuple(
            Series(label=label, points="portfolio_types", values=values, colour=colour)
            for label, values, colour in lines
        ),
    )


def _mix_chart() -> Chart:
    looks = ((BLUE, "circle", ""), (ORANGE, "square", "dash"), (GREEN, "triangle", ""))
    return Chart(
        kind="line",
        title=f"Output of a team of {TEAM_HEADS}, by mix",
        description="A line for each number of Connectors: the output of a team of constant size "
        "against its number of Amplifiers, the rest being Iterators.",
        x_title=f"Amplifiers among the {TEAM_HEADS}",
        y_title="Output (managed Iterators alone)",
        x_highest=MOST_AMPLIFIERS,
        width=540,
        height=340,
        series=tuple(
            Series(
                label=f"{each} Connector{'' if each == 1 else 's'}",
                points="mix_amplifiers",
                values=f"mix_output_{each}",
                colour=colour,
                marker=marker,
                dash=dash,
            )
            for each, (colour, marker, dash) in zip(CONNECTORS, looks, strict=True)
        ),
    )
