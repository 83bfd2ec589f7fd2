"""The Scenarios sheet: named sets of assumptions, and the answers under each, side by side."""

from __future__ import annotations

from dataclasses import replace

from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import (
    CHANGED,
    HEADLINES,
    MOST_CHANGES,
    MOST_SCENARIOS,
    NOTHING,
    SCENARIO_EXAMPLES,
    SCENARIOS,
)
from workbook.sheets.layout import Cell, Chart, Mixed, Sheet, Spare, Table, Words, Working
from workbook.sheets.parts import (
    Row,
    block,
    block_name,
    cell,
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
from workbook.sheets.sensitivity import DECIDING
from workbook.sheets.styles import BLUE, EDIT, GREEN, ORANGE, VERMILLION
from workbook.sheets.workings import CENTRALS, UNITS, listed, looked_up, or_blank, resolved

LONGEST_NAME = 40
CENTRAL = "As assumed"


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    return Sheet(
        name="Scenarios",
        tab_colour=EDIT,
        widths=(44, *[18] * MOST_SCENARIOS, 14, 17, 14),
        one_page=True,
        workings=(*workings(graph, ("scenarios",)), _table()),
        blocks=(
            opening(
                "Scenarios",
                "What are the answers if several assumptions are other than assumed? Name a "
                "scenario, choose assumptions, and type their values in its column.",
            ),
            _changes(graph),
            _chart(),
            _answers(graph),
        ),
    )


def _table() -> Working:
    """The scenarios as the functions take them: assumptions by their ids."""
    places = range(1, MOST_SCENARIOS + 1)
    names = row("quiet_value " * 5, None, *(or_blank(f"scenario_{each}_name") for each in places))
    changes = (
        (
            cell(resolved(f"change_{line}"), "", "quiet_value", f"change_{line}_id"),
            *(
                cell(or_blank(f"scenario_{each}_value_{line}"), "", "quiet_value")
                for each in places
            ),
        )
        for line in range(1, MOST_CHANGES + 1)
    )
    return Working(rows=block(SCENARIOS, (names, *changes)))


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
            *(replace(each, prompt="The name of this scenario.") for each in names),
            *row("header_right header_unit header_unit", CENTRAL, "Unit", "Does it matter?"),
        ),
        rows=tuple(_change(graph, place, node_id) for place, node_id in changed),
        spare=Spare(columns=(0, MOST_SCENARIOS)),
    )


def _change(graph: Graph, place: int, node_id: str | None) -> Row:
    """An assumption that scenarios change, or a blank row for one."""
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
    chosen = entry(name, listed(graph.inputs), node.label if node else None, optional=True)
    found = f"{name}_id"
    central = cell(f"={looked_up(found, CENTRALS, NO_CENTRAL)}", unit)
    return (
        replace(chosen, prompt="An assumption that some scenario changes."),
        *(
            replace(each, prompt="Its value in this scenario; blank: as assumed.")
            for each in values
        ),
        replace(central, like=node.central) if node else central,
        cell(f"={looked_up(found, UNITS, NO_CENTRAL)}", "", "unit"),
        cell(f"={_matters(found)}", "", "unit"),
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
    rows = []
    for line, headline in enumerate(HEADLINES, start=1):
        unit = headline.unit(graph)
        shown = (
            cell(indexed(computed, line, place), unit, style)
            for place, style in zip(places, styles, strict=True)
        )
        rows.append(
            (
                Cell(content=headline.label, style="label"),
                *under(f"scenario_{headline.name}", shown),
                cell(unit_text(unit), "", "unit"),
            )
        )
    reasons = [or_word(computed, len(HEADLINES) + 1, place) for place in places]
    why_not = f"text {'wrapped ' * len(places)}"
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
            Cell(content="Answer", style="header"),
            *under("scenario_names", (*names, central)),
            Cell(content="Unit", style="header_unit"),
        ),
        rows=(*rows, row(why_not, "Why it could not be computed", *reasons)),
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
        width=1155,
        height=320,
        series=series(
            "scenario_names",
            *((label, f"scenario_{reference}", colour) for reference, label, colour in CHARTED),
        ),
    )
