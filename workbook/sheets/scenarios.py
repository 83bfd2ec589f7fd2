"""The Scenarios sheet: named sets of assumptions, and the answers under each, side by side."""

from __future__ import annotations

from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import (
    CHANGED,
    COMPARED,
    HEADLINES,
    MOST_CHANGES,
    MOST_SCENARIOS,
    NOTHING,
    SCENARIO_EXAMPLES,
    SCENARIOS,
)
from workbook.sheets.layout import Cell, Chart, Listed, Mixed, Series, Sheet, Table, Words
from workbook.sheets.parts import (
    block_name,
    indexed,
    opening,
    or_word,
    unit_text,
    workings,
)
from workbook.sheets.ranges import CENTRALS, IDS, LABELS, UNITS, looked_up
from workbook.sheets.sensitivity import DECIDING
from workbook.sheets.styles import BLUE, GREEN, ORANGE, VERMILLION

LONGEST_NAME = 40
CENTRAL = "As assumed"


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    return Sheet(
        name="Scenarios",
        tab_colour=ORANGE,
        widths=(48, 30, *[20] * MOST_SCENARIOS, 16, 21, 28),
        one_page=True,
        workings=workings(graph, ("scenarios",)),
        blocks=(
            opening(
                "Scenarios",
                "What are the answers if several assumptions are other than assumed? Name a "
                "scenario, choose assumptions by their names, and type their values in its column.",
            ),
            _changes(graph),
            _answers(graph),
            _chart(),
        ),
    )


def _changes(graph: Graph) -> Table:
    rows = [*CHANGED, *[None] * (MOST_CHANGES - len(CHANGED))]
    listed = Listed(IDS, tuple(node.id for node in graph.inputs))
    words = tuple(word for choice in graph.choices for word in choice.options)
    return Table(
        heading="What each scenario assumes (edit here; blank: as assumed)",
        axis=(
            Cell(content="Assumption", style="header"),
            Cell(
                style="header",
                names=(SCENARIOS,),
                block=(MOST_CHANGES + 1, MOST_SCENARIOS + 1),
            ),
            *(
                Cell(
                    content=example.name,
                    style="input_text",
                    names=(f"scenario_{place}_name",),
                    allowed=Words(LONGEST_NAME),
                )
                for place, example in enumerate(SCENARIO_EXAMPLES, start=1)
            ),
            Cell(content=CENTRAL, style="header_right"),
            Cell(content="Unit", style="header_unit"),
            Cell(content="Does it matter?", style="header_unit"),
        ),
        rows=tuple(
            (
                Cell(formula=f"={looked_up(f'change_{row}', LABELS)}", style="label"),
                Cell(
                    content=node,
                    style="input_word",
                    names=(f"change_{row}",),
                    allowed=listed,
                    optional=True,
                ),
                *(
                    Cell(
                        content=example.values.get(node) if node else None,
                        style="input",
                        unit=graph[node].unit if node else "",
                        names=(f"scenario_{place}_value_{row}",),
                        allowed=Mixed(FINITE, words),
                        optional=True,
                    )
                    for place, example in enumerate(SCENARIO_EXAMPLES, start=1)
                ),
                Cell(
                    formula=f"={looked_up(f'change_{row}', CENTRALS, NO_CENTRAL)}",
                    style="value",
                    unit=graph[node].unit if node else "",
                    like=graph[node].central if node else None,
                ),
                Cell(formula=f"={looked_up(f'change_{row}', UNITS, NO_CENTRAL)}", style="unit"),
                Cell(formula=f"={_matters(f'change_{row}')}", style="unit"),
            )
            for row, node in enumerate(rows, start=1)
        ),
    )


def _matters(name: str) -> str:
    """Whether any answer below depends on an assumption; without the "="."""
    found = f"ISNUMBER(MATCH({name},{DECIDING},0))"
    return f'IF({name}="","",IF({found},"yes","changes none of the answers"))'


NO_CENTRAL = f'"{NOTHING}"'


def _answers(graph: Graph) -> Table:
    block = block_name("scenarios")
    places = (*range(2, MOST_SCENARIOS + 2), 1)
    rows = [
        (
            Cell(content=headline.label),
            Cell(
                content=headline.reference,
                style="name",
                names=(COMPARED,) if row == 1 else (),
                block=(len(HEADLINES), 1) if row == 1 else (1, 1),
            ),
            *(
                Cell(
                    formula=indexed(block, row, place),
                    style="strong" if place == 1 else "value",
                    unit=headline.unit(graph),
                    # For the chart: the whole row, from its first cell.
                    names=(f"scenario_{headline.name}",) if place == places[0] else (),
                    block=(1, len(places)) if place == places[0] else (1, 1),
                )
                for place in places
            ),
            Cell(content=unit_text(headline.unit(graph)), style="unit"),
            Cell(style="unit"),
        )
        for row, headline in enumerate(HEADLINES, start=1)
    ]
    last = len(HEADLINES) + 1
    rows.append(
        (
            Cell(content="Why it could not be computed"),
            Cell(),
            *(Cell(formula=or_word(block, last, place), style="wrapped") for place in places),
            Cell(content="text", style="unit"),
            Cell(style="unit"),
        )
    )
    return Table(
        heading="The answers",
        axis=(
            Cell(content="Answer", style="header"),
            Cell(content="Name", style="header_unit"),
            *(
                Cell(
                    formula=f"=scenario_{place}_name",
                    style="header_right",
                    names=("scenario_names",) if place == 1 else (),
                    block=(1, len(places)) if place == 1 else (1, 1),
                    lines=2,
                )
                for place in range(1, MOST_SCENARIOS + 1)
            ),
            Cell(content=CENTRAL, style="header_right"),
            Cell(content="Unit", style="header_unit"),
            Cell(style="header"),
        ),
        rows=tuple(rows),
    )


CHARTED = (
    ("cost_multiple", "Cost multiple", BLUE),
    ("adjusted_multiple", "Marginal scholar", ORANGE),
    ("place_multiple", "One more place", GREEN),
    ("mentor_multiple", "One more mentor", VERMILLION),
)


def _chart() -> Chart:
    return Chart(
        kind="column",
        title="Value over cost under each scenario",
        description="Columns of four cost multiples for each scenario, those as assumed last.",
        x_title="Scenario",
        y_title="Cost multiple (times)",
        y_format='0"x"',
        width=1240,
        height=320,
        series=tuple(
            Series(
                label=label,
                points="scenario_names",
                values=f"scenario_{reference}",
                colour=colour,
            )
            for reference, label, colour in CHARTED
        ),
    )
