"""The Workings sheet, out of sight: every block of numbers that the other sheets show in part.

First stands every assumption in one table, as the functions of uncertainty take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pycore.graph import Graph
from pycore.model.tables import ASSUMPTIONS, RANGE_COLUMNS, RANGE_NAMES, range_column
from pycore.nodes import Assumption, Choice
from workbook.formulas import defined_name
from workbook.sheets.layout import Cell, Listed, Sheet, Table
from workbook.sheets.parts import Row, cell, corner, opening, row, unit_text

SOURCE_CHARACTERS = 70
"""About how many stand in a line of the column of sources."""

TABLE_COLUMNS = 7
"""Id, distribution, low, central, high, source and date."""

NAME = "Workings"

IDS, LABELS, CENTRALS, UNITS = "input_ids", "input_labels", "input_centrals", "input_units"
"""The defined names of columns, over the assumptions and the choices."""

HEADER = (
    "Assumption",
    "Name",
    "Distribution",
    "Low (5%)",
    "Central",
    "High (95%)",
    "Source",
    "Date",
    "At least",
    "At most",
    "Unit",
)


WIDTHS = (38, 33, 13, 12, 18, 12, 64, 8, 14, 17, 19)


def sheet(graph: Graph, others: Sequence[Sheet], stamp: Sequence[Table] = ()) -> Sheet:
    """The sheet, from the declared assumptions and from what the other sheets need computed.

    Parameters
    ----------
    stamp : sequence of Table
        What tells which inputs were edited.
    """
    first, *rest = map(_row, graph.inputs)
    rows = (_named(first, len(graph.inputs), len(graph.assumptions)), *rest)
    return Sheet(
        name=NAME,
        widths=WIDTHS,
        hidden=True,
        workings=tuple(working for other in others for working in other.workings),
        blocks=(
            opening(
                NAME,
                "What the other sheets take their numbers from. Nothing is edited here, and "
                "nothing has to be read.",
            ),
            Table(
                header=HEADER,
                rows=rows,
                columns={LABELS: 0, IDS: 1, CENTRALS: 4, UNITS: len(HEADER) - 1},
            ),
            *stamp,
        ),
    )


def _row(node: Assumption | Choice) -> Row:
    parts, bounds = ["", "", "central", ""], [Cell(style="value")] * 2
    if isinstance(node, Assumption):
        parts = ["distribution", "low", "central", "high"]
        ends = (("minimum", node.domain.minimum), ("maximum", node.domain.maximum))
        bounds = [replace(cell(f"={node.id}_{name}", "bound"), like=end) for name, end in ends]
    source = or_blank(f"{node.id}_source")
    lines = 1 + len(node.source) // SOURCE_CHARACTERS
    return row(
        "label name text value value value wrapped wrapped value value unit",
        node.label,
        node.id,
        *(_repeated(node, part) if part else None for part in parts),
        Cell(formula=source, style="wrapped", lines=lines),
        f"={_year(f'{node.id}_date')}",
        *bounds,
        unit_text(node.unit),
    )


def _repeated(node: Assumption | Choice, part: str) -> Cell:
    name = defined_name(node.id if part == "central" else f"{node.id}.{part}")
    if part == "distribution":
        return Cell(formula=or_blank(name))
    return replace(cell(or_blank(name), node.unit), like=node.central)


def or_blank(name: str) -> str:
    """A formula that repeats a cell, and stays blank where a plain one would give 0."""
    return f'=IF(ISBLANK({name}),"",{name})'


def _year(name: str) -> str:
    """The date of a source; of one that was typed as a day, which is a number, the year."""
    # Days are counted from 1900: no year is as large as the number of any day since 1927.
    year = f"IF(ISNUMBER({name}),IF({name}>100*100,YEAR({name}),{name}),{name})"
    return f'IF(ISBLANK({name}),"",{year})'


def _named(first: Row, rows: int, ranges: int) -> Row:
    """The first row, whose cells carry the names of the table and of its columns."""
    cells = list(first)
    cells[0] = corner(RANGE_NAMES, cells[0], ranges, 2)
    cells[1] = corner(ASSUMPTIONS, cells[1], rows, TABLE_COLUMNS)
    for part, place in zip(RANGE_COLUMNS, (2, 3, 4, 5, 8, 9), strict=True):
        cells[place] = corner(range_column(part), cells[place], ranges)
    return tuple(cells)


def looked_up(name: str, column: str, otherwise: str = '"no such assumption"') -> str:
    """What a column of this sheet says of the assumption whose id a cell holds.

    It is part of a formula, by defined names; blank where the cell is.
    """
    found = f"IFERROR(INDEX({column},MATCH({name},{IDS},0)),{otherwise})"
    return f'IF({name}="","",{found})'


def resolved(name: str, ids: str = IDS, labels: str = LABELS) -> str:
    """A formula for the id of what a cell names, by its label or by its id."""
    return f'=IF(ISBLANK({name}),"",IFERROR(INDEX({ids},MATCH({name},{labels},0)),{name}))'


def listed(nodes: Sequence[Assumption | Choice]) -> Listed:
    """What a cell may hold that names an assumption."""
    # They are too many to list in a message.
    rule = "be the name of an assumption (Assumptions sheet)"
    return Listed(LABELS, tuple((node.id, node.label) for node in nodes), rule)
