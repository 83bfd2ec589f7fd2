"""Tables that several sheets share, made from the declarations."""

from __future__ import annotations

from collections.abc import Sequence

from pycore.errors import Found, InputError
from pycore.graph import Graph
from pycore.model.sentences import declared
from pycore.nodes import Assumption, Result, Setting
from workbook.formulas import defined_name, formula
from workbook.sheets.layout import Cell, Chart, Table, Working

UNITS_SHOWN_AS = {"x": "times", "x the pool": "times the pool"}


def unit_text(unit: str) -> str:
    """The unit as a reader sees it."""
    return UNITS_SHOWN_AS.get(unit, unit)


def opening(title: str, subtitle: str) -> Table:
    """The title of a sheet, in A1, and the line below it."""
    return Table(
        rows=(
            (Cell(content=title, style="title"),),
            (Cell(content=subtitle, style="subtitle"),),
            (),
        )
    )


COLUMNS = 6
"""How many columns the answer sheets have, unless one says otherwise."""


def inputs_table(graph: Graph, ids: Sequence[str], columns: int = COLUMNS) -> Table:
    """The assumptions that a sheet uses, as they stand on the Assumptions sheet.

    Parameters
    ----------
    ids : sequence of str
        Assumptions and choices.
    columns : int
        How many the sheet has; the source stands in the last.
    """
    rows = []
    between = columns - COLUMNS
    for node_id in ids:
        node = graph[node_id]
        parts = ("low", "", "high") if isinstance(node, Assumption) else (None, "", None)
        names = [None if part is None else f"{node_id}_{part}".strip("_") for part in parts]
        rows.append(
            (
                Cell(content=node.label),
                *(
                    Cell(formula=f"={name}", style="value", unit=node.unit, like=node.central)
                    if name
                    else Cell()
                    for name in names
                ),
                Cell(content=unit_text(node.unit), style="unit"),
                *[Cell(style="unit")] * between,
                Cell(content=node.source, style="wrapped"),
            )
        )
    return Table(
        heading="What it uses (edit these on the Assumptions sheet)",
        header=(
            *("Assumption", "Low (5%)", "Central", "High (95%)", "Unit"),
            *[""] * between,
            "Source",
        ),
        rows=tuple(rows),
    )


def results_table(
    graph: Graph,
    heading: str,
    ids: Sequence[str],
    columns: int = COLUMNS,
    *,
    starts_page: bool = False,
) -> Table:
    """Results, each computed by its own formula.

    Parameters
    ----------
    ids : sequence of str
        Results of the same parts.
    columns : int
        How many the sheet has.
    starts_page : bool
        Whether a printed page begins with it.
    """
    results: list[Result] = [graph[result_id] for result_id in ids]
    parts = results[0].parts
    values = tuple(part.replace("_", " ").capitalize() for part in parts) or ("Value",)
    rest = columns - len(values) - 3
    return Table(
        heading=heading,
        header=("Result", *values, "Unit", "How to read it", *[""] * rest),
        rows=tuple(
            (
                Cell(content=result.label),
                *result_cells(result),
                Cell(content=unit_text(result.unit), style="unit"),
                Cell(content=result.reading, style="quiet"),
                *[Cell(style="quiet")] * rest,
            )
            for result in results
        ),
        starts_page=starts_page,
    )


def result_cells(result: Result) -> tuple[Cell, ...]:
    """The cells of a result: the one that computes it, or one for each of its parts.

    A result of several parts is computed as one block, in the sheet's workings; its cells
    here show the parts. LibreOffice keeps the stored values of plain formulas when it opens
    a file, but not those of array formulas.
    """
    if not result.parts:
        single = Cell(
            formula=formula(result),
            style="strong",
            unit=result.unit,
            names=(result.id,),
            calls=True,
        )
        return (single,)
    names = [defined_name(f"{result.id}.{part}") for part in result.parts]
    return tuple(
        Cell(
            formula=indexed(block_name(result.id), 1, place),
            style="strong",
            unit="change" if name.endswith("_change") else result.unit,
            names=(result.id, name) if place == 1 else (name,),
            block=(1, len(names)) if place == 1 else (1, 1),
        )
        for place, name in enumerate(names, start=1)
    )


def block_name(result_id: str) -> str:
    """The defined name of the block that computes a result of several values."""
    return f"{result_id}_block"


def workings(graph: Graph, ids: Sequence[str], copied: Sequence[str] = ()) -> tuple[Working, ...]:
    """The blocks that compute results of several values, each by one call.

    Parameters
    ----------
    ids : sequence of str
        Results with parts, curves or tables.
    copied : sequence of str
        Those of which no printed table shows every value, so that a copy of them stands
        beside the block and carries the result's names.
    """
    return tuple(
        working(graph, each, _copy(graph, graph[each]) if each in copied else ()) for each in ids
    )


def working(graph: Graph, result_id: str, copy: tuple[tuple[Cell, ...], ...] = ()) -> Working:
    """The block that computes one result of several values.

    Parameters
    ----------
    copy : tuple of rows
        What stands beside it, such as what :func:`block_columns` gives.
    """
    result: Result = graph[result_id]
    return Working(
        cell=Cell(
            formula=formula(result),
            style="quiet_value",
            unit="" if result.size else result.unit,
            names=(block_name(result.id),),
            block=graph.size(result),
            calls=True,
        ),
        copy=copy,
    )


def _copy(graph: Graph, result: Result) -> tuple[tuple[Cell, ...], ...]:
    """Plain cells with every value of a block; a single row's carry the names of the parts."""
    rows, columns = graph.size(result)
    parts = [defined_name(f"{result.id}.{part}") for part in result.parts] if rows == 1 else []
    names: list[tuple[str, ...]] = [(part,) for part in parts] or [()] * columns
    return tuple(
        tuple(
            Cell(
                formula=indexed(block_name(result.id), row, column),
                style="quiet_value",
                unit=result.unit,
                names=(result.id, *names[0]) if row == column == 1 else names[column - 1],
                block=(rows, columns) if row == column == 1 else (1, 1),
            )
            for column in range(1, columns + 1)
        )
        for row in range(1, rows + 1)
    )


def said(graph: Graph, sentence_id: str, style: str = "answer", lines: int = 1) -> Cell:
    """The cell that says a sentence.

    Parameters
    ----------
    lines : int
        How many lines it may need.
    """
    otherwise = declared()[sentence_id].otherwise
    call = formula(graph[sentence_id]).removeprefix("=")
    return Cell(
        formula=f'=IFERROR({call},"{otherwise}")',
        style=style,
        names=(sentence_id,),
        lines=lines,
        calls=True,
    )


def spoken(ids: Sequence[str]) -> tuple[Working, ...]:
    """The values that sentences speak of, a column for each below its id.

    Parameters
    ----------
    ids : sequence of str
        Of sentences.
    """
    found = []
    for each in (declared()[sentence_id] for sentence_id in ids):
        references = tuple(each.values.values())
        first = Cell(
            content=each.id,
            style="quiet_value",
            names=(each.name,),
            block=(len(references) + 1, 1),
        )
        below = tuple(
            Cell(formula=f"={defined_name(reference)}", style="quiet_value")
            for reference in references
        )
        found.append(Working(cell=first, below=below))
    return tuple(found)


def block_columns(
    graph: Graph, result_id: str, names: Sequence[str]
) -> tuple[tuple[Cell, ...], ...]:
    """Plain cells with every value of a block, and a name for each column: for charts."""
    result = graph[result_id]
    rows, _ = graph.size(result)
    return tuple(
        tuple(
            Cell(
                formula=indexed(block_name(result.id), row, column),
                style="quiet_value",
                names=(name,) if row == 1 else (),
                block=(rows, 1) if row == 1 else (1, 1),
            )
            for column, name in enumerate(names, start=1)
        )
        for row in range(1, rows + 1)
    )


def setting(graph: Graph, name: str, label: str, unit: str, reading: str) -> tuple[Cell, ...]:
    """A row with an input that is no assumption, under its defined name.

    Parameters
    ----------
    graph : Graph
        Which declares what it holds at first and what it may hold.
    """
    declared: Setting = graph[name]
    value, allowed = declared.central, declared.allowed
    style = "input_word" if isinstance(value, str) else "input"
    return (
        Cell(content=label),
        Cell(content=name, style="name"),
        Cell(content=value, style=style, unit=unit, names=(name,), allowed=allowed),
        Cell(content=unit, style="unit"),
        Cell(content=reading, style="plain"),
    )


def indexed(name: str, row: int, column: int) -> str:
    """The formula of one cell of a block.

    Parameters
    ----------
    name : str
        The block's defined name.
    row, column : int
        Which cell, counted from 1.
    """
    return f"=INDEX({name},{row},{column})"


def or_word(formula: str, word: str) -> str:
    """A cell of a block, or a word where it is blank; without the "=".

    LibreOffice does not keep a stored value that is empty: it would compute the cell anew, and
    without our functions.

    Parameters
    ----------
    formula : str
        As :func:`indexed` gives it.
    """
    cell = formula.removeprefix("=")
    return f'IF({cell}="","{word}",{cell})'


def curve_table(
    graph: Graph,
    result_id: str,
    chart: Chart,
    level: str | None = None,
    *,
    starts_page: bool = True,
) -> Table:
    """The points of a curve, computed as one block, beside their chart.

    Parameters
    ----------
    result_id : str
        A result over a grid.
    level : str, optional
        An assumption to draw as a level line beside the curve, under the name ``id_level``.
    starts_page : bool
        Whether a printed page begins with it.
    """
    result: Result = graph[result_id]
    grid = graph.swept[result_id].down
    if grid is None:
        raise InputError(result_id, "run down a grid", Found("none"))
    columns = {grid.id: 0, result.id: 1}
    level_cells: tuple[Cell, ...] = ()
    if level:
        columns[f"{level}_level"] = len(columns)
        level_cells = (Cell(formula=f"={level}", style="value", unit=graph[level].unit),)
    return Table(
        heading=chart.title,
        header=(grid.label, result.label, *([graph[level].label] if level else [])),
        rows=tuple(
            (
                Cell(content=point, style="value", unit=grid.unit),
                Cell(
                    formula=indexed(block_name(result.id), place, 1),
                    style="value",
                    unit=result.unit,
                ),
                *level_cells,
            )
            for place, point in enumerate(grid.values, start=1)
        ),
        columns=columns,
        chart=chart,
        chart_column=len(columns),
        starts_page=starts_page,
    )
