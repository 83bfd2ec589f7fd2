"""The trace: from each result to what it was computed from, and from each input to results.

It stands on the About sheet. It is made from the graph alone, so that it cannot say anything else
than what is computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from pycore.graph import Graph
from pycore.model.published import CHECKS
from pycore.model.sentences import declared
from pycore.model.tables import EVIDENCE, RESPONSES
from pycore.nodes import Assumption, Choice, Column, Result, Table
from workbook.formulas import defined_name
from workbook.sheets import layout
from workbook.sheets.layout import Cell, Placed
from workbook.sheets.parts import TRACE, TRACED, Row, linked, row

MOVED = "moved:"
"""How the anchor begins of the row that says what an input moves."""

SHOWN = "_shown"
"""How the name ends of cells that show what is computed out of sight."""

ACROSS = 2
"""How many links stand beside each other."""

TABLES = {
    EVIDENCE: ("Evidence", "Portfolio!"),
    "comparison_judgements": ("Comparisons", "Exchange!"),
    RESPONSES: ("Answers to the survey", "Survey!"),
    "survey_goods": ("Names of the goods", "Survey!"),
    "good_entered": ("Rates published or entered", "good_entered"),
    "good_owns": ("Own rates", "good_owns"),
    "good_years": ("Years of experience", "good_years"),
    "good_costs": ("Costs of the goods", "good_costs"),
}
"""What the tables are called that a person fills in, and where they stand."""


def tables(graph: Graph, placed: Sequence[Placed]) -> tuple[layout.Table, layout.Table]:
    """The two tables of links, which are to be clicked and so are not printed.

    Parameters
    ----------
    placed : sequence of Placed
        The sheets on which the results stand that it leads to; those out of sight count for none.
    """
    seen = [each for each in placed if not each.sheet.hidden]
    where = {name: each.sheet.name for each in seen for name in each.names}
    where |= {name.removesuffix(SHOWN): sheet for name, sheet in where.items()}
    shown = [each for each in graph.results if _is_shown(each, where)]
    return (
        layout.Table(
            heading="Trace: from each result to what it is computed from (click to go there)",
            anchor=TRACE,
            header=("Result", *(f"From {each + 1}" for each in range(ACROSS)), "Sheet"),
            rows=tuple(
                line
                for result in shown
                for line in _lines(
                    linked(result.label, _name(result, where), "link_label"),
                    f"{TRACED}{result.id}",
                    where[result.id],
                    _origins(graph, result, {each.id for each in shown}),
                )
            ),
            printed=False,
        ),
        layout.Table(
            heading="Trace: from each assumption to the results above that it moves",
            header=("Assumption", *(f"Moves {each + 1}" for each in range(ACROSS)), "Results"),
            rows=tuple(_moves(graph, shown, where)),
            printed=False,
        ),
    )


def _name(result: Result, where: Mapping[str, str]) -> str:
    """The defined name of the cells that show a result."""
    shown = f"{result.id}{SHOWN}"
    return shown if shown in where else defined_name(result.id)


def _is_shown(result: Result, where: Mapping[str, str]) -> bool:
    """Whether a result stands on a sheet by itself, and is neither words nor a published check."""
    others = {check.name for check in CHECKS} | {each.name for each in declared().values()}
    return result.id in where and result.id not in others and result.id not in declared()


def _lines(first: Cell, anchor: str, beside: str | float, links: Sequence[Cell]) -> Iterator[Row]:
    """The rows of one node: links beside each other, on as many lines as they take."""
    for begin in range(0, max(len(links), 1), ACROSS):
        some = links[begin : begin + ACROSS]
        named = begin == 0
        lead = Cell(style="label") if not named else _anchored(first, anchor)
        rest = (Cell(style="label"),) * (ACROSS - len(some))
        yield (lead, *some, *rest, *row("unit", beside if named else None))


def _anchored(cell: Cell, anchor: str) -> Cell:
    return Cell(content=cell.content, style=cell.style, link=cell.link, anchor=anchor)


def _origins(graph: Graph, result: Result, shown: set[str]) -> list[Cell]:
    """Links to what a result is computed from, each once."""
    found: dict[tuple[str, str], Cell] = {}
    for reference in _references(graph, result, shown):
        name, _, part = reference.partition(".")
        node = graph[name]
        said, link = "", ""
        if isinstance(node, Assumption | Choice):
            said, link = f"{node.label}{f' ({part})' if part else ''}", defined_name(reference)
        elif isinstance(node, Result) and name in shown:
            said, link = node.label, f"@{TRACED}{name}"
        elif isinstance(node, Table):
            said, link = TABLES[name]
        if said:
            found[said, link] = linked(said, link, "link_label")
    return list(found.values())


def _references(graph: Graph, result: Result, shown: Collection[str]) -> Iterator[str]:
    """The arguments of a result; of a column its members, of a result not shown its own."""
    for reference in result.arguments:
        node = graph[reference.partition(".")[0]]
        if isinstance(node, Column):
            yield from node.members
        elif isinstance(node, Result) and node.id not in shown:
            yield from _references(graph, node, shown)
        else:
            yield reference


def _moves(graph: Graph, shown: Sequence[Result], where: Mapping[str, str]) -> Iterator[Row]:
    """A row or more for each assumption: the results that it moves, directly or through others."""
    inputs: dict[str, set[str]] = {}
    names = {each.id for each in shown}
    for result in shown:
        found: set[str] = set()
        for reference in _references(graph, result, names):
            node = graph[reference.partition(".")[0]]
            if isinstance(node, Assumption | Choice):
                found.add(node.id)
            elif isinstance(node, Result):
                found |= inputs[node.id]
        inputs[result.id] = found
    for node in graph.inputs:
        moved = [each for each in shown if node.id in inputs[each.id]]
        links = [linked(each.label, _name(each, where), "link_label") for each in moved]
        first = linked(node.label, node.id, "link_label")
        yield from _lines(first, f"{MOVED}{node.id}", float(len(moved)), links)
