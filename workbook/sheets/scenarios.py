"""The Scenarios sheet: named sets of assumptions, and the answers under each, side by side."""

from __future__ import annotations

from dataclasses import replace

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
from workbook.sheets.layout import Cell, Chart, Listed, Mixed, Sheet, Table, Words
from workbook.sheets.parts import (
    Row,
    block,
    block_name,
    cell,
    corner,
    entry,
    indexed,
    opening,
    or_word,
    row,
    series,
    under,
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
    """The names of the scenarios, and a row for each assumption that they change."""
    names = [
        entry(f"scenario_{place}_name", Words(LONGEST_NAME), example.name, optional=True)
        for place, example in enumerate(SCENARIO_EXAMPLES, start=1)
    ]
    blanks = [None] * (MOST_CHANGES - len(CHANGED))
    changed = enumerate((*CHANGED, *blanks), start=1)
    return Table(
        heading="What each scenario assumes (edit here; blank: as assumed)",
        axis=(
            Cell(content="Assumption", style="header"),
            corner(SCENARIOS, Cell(style="header"), MOST_CHANGES + 1, MOST_SCENARIOS + 1),
            *names,
            *row("header_right header_unit header_unit", CENTRAL, "Unit", "Does it matter?"),
        ),
        rows=tuple(_change(graph, place, node_id) for place, node_id in changed),
    )


def _change(graph: Graph, place: int, node_id: str | None) -> Row:
    """An assumption that scenarios change, or a blank row for one."""
    listed = Listed(IDS, tuple(node.id for node in graph.inputs))
    words = tuple(word for choice in graph.choices for word in choice.options)
    node = graph[node_id] if node_id else None
    name, unit = f"change_{place}", node.unit if node else ""
    values = [
        entry(
            f"scenario_{number}_value_{place}",
            Mixed(FINITE, words),
            example.values.get(node_id) if node_id else None,
            unit,
            optional=True,
        )
        for number, example in enumerate(SCENARIO_EXAMPLES, start=1)
    ]
    central = cell(f"={looked_up(name, CENTRALS, NO_CENTRAL)}", unit)
    return (
        cell(f"={looked_up(name, LABELS)}", "", "label"),
        entry(name, listed, node_id, optional=True),
        *values,
        replace(central, like=node.central) if node else central,
        cell(f"={looked_up(name, UNITS, NO_CENTRAL)}", "", "unit"),
        cell(f"={_matters(name)}", "", "unit"),
    )


def _matters(name: str) -> str:
    """Whether any answer below depends on an assumption; without the "="."""
    found = f"ISNUMBER(MATCH({name},{DECIDING},0))"
    return f'IF({name}="","",IF({found},"yes","changes none of the answers"))'


NO_CENTRAL = f'"{NOTHING}"'


def _answers(graph: Graph) -> Table:
    """Every answer under each scenario, and as assumed."""
    computed = block_name("scenarios")
    places = (*range(2, MOST_SCENARIOS + 2), 1)
    styles = ("value",) * MOST_SCENARIOS + ("strong",)
    references = block(COMPARED, [(cell(each.reference, "", "name"),) for each in HEADLINES])
    rows = []
    for line, (headline, reference) in enumerate(zip(HEADLINES, references, strict=True), start=1):
        unit = headline.unit(graph)
        shown = (
            cell(indexed(computed, line, place), unit, style)
            for place, style in zip(places, styles, strict=True)
        )
        rows.append(
            (
                Cell(content=headline.label),
                *reference,
                *under(f"scenario_{headline.name}", shown),
                *row("unit unit", unit_text(unit)),
            )
        )
    reasons = [or_word(computed, len(HEADLINES) + 1, place) for place in places]
    why_not = f"text text {'wrapped ' * len(places)} unit unit"
    names = [
        Cell(
            formula=f'=IF(scenario_{place}_name="","Scenario {place}",scenario_{place}_name)',
            style="header_right",
            lines=2,
        )
        for place in range(1, MOST_SCENARIOS + 1)
    ]
    central = Cell(content=CENTRAL, style="header_right")
    return Table(
        heading="The answers",
        axis=(
            *row("header header_unit", "Answer", "Name"),
            *under("scenario_names", (*names, central)),
            *row("header_unit header", "Unit"),
        ),
        rows=(*rows, row(why_not, "Why it could not be computed", None, *reasons, "text")),
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
        series=series(
            "scenario_names",
            *((label, f"scenario_{reference}", colour) for reference, label, colour in CHARTED),
        ),
    )
