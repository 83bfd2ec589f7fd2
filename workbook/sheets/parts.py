"""Tables that several sheets share, made from the declarations."""

from __future__ import annotations

from collections.abc import Sequence

from pycore.graph import Assumption, Graph, Result
from workbook.formulas import defined_name, formula
from workbook.sheets.layout import Cell, Chart, Table

UNITS_SHOWN_AS = {"x": "times", "x the pool": "times the pool"}


def unit_text(unit: str) -> str:
    """The unit as a reader sees it.

    Parameters
    ----------
    unit : str

    Returns
    -------
    str
    """
    return UNITS_SHOWN_AS.get(unit, unit)


def opening(title: str, subtitle: str) -> Table:
    """The title of a sheet, in A1, and the line below it.

    Parameters
    ----------
    title, subtitle : str

    Returns
    -------
    Table
    """
    return Table(
        rows=(
            (Cell(content=title, style="title"),),
            (Cell(content=subtitle, style="subtitle"),),
            (),
        )
    )


def inputs_table(graph: Graph, ids: Sequence[str]) -> Table:
    """The assumptions that a sheet uses, as they stand on the Assumptions sheet.

    Parameters
    ----------
    graph : Graph
    ids : sequence of str
        Assumptions and choices.

    Returns
    -------
    Table
    """
    rows = []
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
                Cell(content=node.source, style="wrapped"),
            )
        )
    return Table(
        heading="What it uses (edit these on the Assumptions sheet)",
        header=("Assumption", "Low (5%)", "Central", "High (95%)", "Unit", "Source"),
        rows=tuple(rows),
    )


def results_table(graph: Graph, heading: str, ids: Sequence[str]) -> Table:
    """Results, each computed by its own formula.

    Parameters
    ----------
    graph : Graph
    heading : str
    ids : sequence of str
        Results of the same parts.

    Returns
    -------
    Table
    """
    results: list[Result] = [graph[result_id] for result_id in ids]
    parts = results[0].parts
    values = tuple(part.capitalize() for part in parts) or ("Value",)
    return Table(
        heading=heading,
        header=("Result", *values, "Unit", "How to read it", *[""] * (3 - len(values))),
        rows=tuple(
            (
                Cell(content=result.label),
                *result_cells(result),
                Cell(content=unit_text(result.unit), style="unit"),
                Cell(content=result.reading, style="quiet"),
                *[Cell(style="quiet")] * (3 - len(values)),
            )
            for result in results
        ),
    )


def result_cells(result: Result) -> tuple[Cell, ...]:
    """The cells of a result: the one that computes it, or one for each of its parts.

    A result of several parts is computed as one block, in the sheet's workings; its cells
    here show the parts. LibreOffice keeps the stored values of plain formulas when it opens
    a file, but not those of array formulas.

    Parameters
    ----------
    result : Result

    Returns
    -------
    tuple of Cell
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
            formula=f"=INDEX({block_name(result)},1,{place + 1})",
            style="strong",
            unit="change" if name.endswith("_change") else result.unit,
            names=(result.id, name) if place == 0 else (name,),
            block=(1, len(names)) if place == 0 else (1, 1),
        )
        for place, name in enumerate(names)
    )


def block_name(result: Result) -> str:
    """The defined name of the block that computes a result of several values.

    Parameters
    ----------
    result : Result

    Returns
    -------
    str
    """
    return f"{result.id}_block"


def workings(graph: Graph, ids: Sequence[str]) -> tuple[Cell, ...]:
    """The blocks that compute results of several values, each by one call.

    Parameters
    ----------
    graph : Graph
    ids : sequence of str
        Results with parts, or curves.

    Returns
    -------
    tuple of Cell
    """
    results: list[Result] = [graph[result_id] for result_id in ids]
    return tuple(
        Cell(
            formula=formula(result),
            style="quiet_value",
            unit=result.unit,
            names=(block_name(result),),
            block=(1, len(result.parts))
            if result.parts
            else (len(graph.swept[result.id].values), 1),
            calls=True,
        )
        for result in results
    )


def curve_table(graph: Graph, result_id: str, chart: Chart, level: str | None = None) -> Table:
    """The points of a curve, computed as one block, beside their chart.

    Parameters
    ----------
    graph : Graph
    result_id : str
        A result over a grid.
    chart : Chart
    level : str, optional
        An assumption to draw as a level line beside the curve, under the name ``id_level``.

    Returns
    -------
    Table
    """
    result: Result = graph[result_id]
    grid = graph.swept[result_id]
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
                    formula=f"=INDEX({block_name(result)},{place + 1},1)",
                    style="value",
                    unit=result.unit,
                ),
                *level_cells,
            )
            for place, point in enumerate(grid.values)
        ),
        columns=columns,
        chart=chart,
        chart_column=len(columns),
        starts_page=True,
    )
