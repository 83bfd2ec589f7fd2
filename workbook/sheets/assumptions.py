"""The Assumptions sheet: every input, with its range, unit, source and date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from pycore.graph import RANGE_PARTS, Assumption, Choice, Graph
from workbook.formulas import defined_name
from workbook.sheets.layout import THIS_ROW, Cell, Sheet, Table
from workbook.sheets.parts import opening, unit_text
from workbook.sheets.styles import ORANGE

CHECKS_NAME = "assumption_checks"
FINE = "ok"

HEADER = (
    "Assumption",
    "Low (5%)",
    "Central",
    "High (95%)",
    "Unit",
    "In order?",
    "Source",
    "Date",
    "Note",
    "Name",
    "Scope",
    "At least",
    "At most",
)
AT_LEAST, AT_MOST = "L", "M"
"""The columns of the bounds, which the formula of "In order?" refers to."""


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared assumptions.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    Sheet
    """
    groups = groupby(_in_groups(graph), key=lambda node: node.group)
    rows: list[tuple[Cell | None, ...]] = []
    for group, nodes in groups:
        rows.append(
            (Cell(content=group, style="group"), *[Cell(style="group")] * (len(HEADER) - 1))
        )
        rows.extend(_row(graph, node) for node in nodes)
    return Sheet(
        name="Assumptions",
        tab_colour=ORANGE,
        widths=(36, 11, 11, 11, 18, 13, 40, 7, 40, 29, 16, 9, 9),
        repeats_header=True,
        blocks=(
            opening(
                "Assumptions",
                "Edit the framed yellow cells. Low and high are the 5th and 95th percentiles, a "
                "90% interval; central is the best guess.",
            ),
            Table(header=HEADER, rows=tuple(rows), columns={CHECKS_NAME: 5}),
        ),
    )


def _in_groups(graph: Graph) -> Iterator[Assumption | Choice]:
    """Every input, each group together, in the order in which the groups first appear."""
    order = list(dict.fromkeys(node.group for node in graph.inputs))
    yield from sorted(graph.inputs, key=lambda node: order.index(node.group))


def _row(graph: Graph, node: Assumption | Choice) -> tuple[Cell, ...]:
    return (
        Cell(content=node.label, style="label"),
        *_inputs(graph, node),
        Cell(content=unit_text(node.unit), style="unit"),
        Cell(formula=_in_order(graph, node), style="status"),
        Cell(content=node.source, style="input_text", names=(f"{node.id}_source",)),
        Cell(content=node.date, style="input_text", names=(f"{node.id}_date",)),
        Cell(content=node.note or None, style="input_text"),
        Cell(content=node.id, style="name"),
        _scope(graph, node),
        *_bounds(node),
    )


def _bounds(node: Assumption | Choice) -> tuple[Cell, ...]:
    if isinstance(node, Choice):
        return Cell(style="quiet"), Cell(style="quiet")
    domain = node.domain
    return tuple(Cell(content=end, style="quiet") for end in (domain.minimum, domain.maximum))


def _inputs(graph: Graph, node: Assumption | Choice) -> tuple[Cell, ...]:
    if isinstance(node, Choice):
        chosen = Cell(content=node.central, style="input", names=(node.id,), allowed=node.options)
        return Cell(), chosen, Cell()
    low, high = (defined_name(f"{node.id}.{part}") for part in RANGE_PARTS)
    cells = [
        Cell(content=value, style="input", unit=node.unit, names=(name,), allowed=node.domain)
        for name, value in ((low, node.low), (node.id, node.central), (high, node.high))
    ]
    for column in graph.columns:
        if column.members[0] == node.id:
            size = (len(column.members), 1)
            cells[1] = replace(cells[1], names=(column.id, node.id), block=size)
    return tuple(cells)


def _in_order(graph: Graph, node: Assumption | Choice) -> str:
    """A formula that says what is out of order in a row, for a reader without Python."""
    if isinstance(node, Choice):
        return f'=IF(ISBLANK({node.id}),"blank","{FINE}")'
    low, high = f"{node.id}_low", f"{node.id}_high"
    rules = [
        (f"COUNT({low},{node.id},{high})<3", "missing"),
        (f"OR({low}>{node.id},{node.id}>{high})", "out of order"),
        (f"OR({low}<{AT_LEAST}{THIS_ROW},{high}>{AT_MOST}{THIS_ROW})", "out of bounds"),
    ]
    rules += [
        (f"{rule.smaller}>{rule.larger}", f"above {rule.larger}")
        for rule in graph.orderings
        if rule.smaller == node.id
    ]
    nested = f'"{FINE}"'
    for condition, message in reversed(rules):
        nested = f'IF({condition},"{message}",{nested})'
    return f"={nested}"


def _scope(graph: Graph, node: Assumption | Choice) -> Cell:
    """The scope of a cost line; the first one's cell carries the name of all of them."""
    if isinstance(node, Choice) or not node.scope:
        return Cell(style="quiet")
    cell = Cell(content=node.scope, style="quiet")
    for lines, scopes in zip(graph.columns, graph.labels, strict=True):
        if lines.members[0] == node.id:
            return replace(cell, names=(scopes.id,), block=(len(scopes.values), 1))
    return cell
