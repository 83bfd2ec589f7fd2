"""Tables that several sheets share, made from the declarations."""

from __future__ import annotations

from collections.abc import Sequence

from pycore.graph import Assumption, Graph, Result
from workbook.formulas import defined_name, formula
from workbook.sheets.layout import Cell, Chart, Table

UNITS_SHOWN_AS = {"share": "%"}


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
                    Cell(formula=f"={name}", style="value", unit=node.unit) if name else Cell()
                    for name in names
                ),
                Cell(content=unit_text(node.unit)),
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
                Cell(content=unit_text(result.unit)),
                Cell(content=result.reading, style="quiet"),
                *[Cell(style="quiet")] * (3 - len(values)),
            )
            for result in results
        ),
    )


def result_cells(result: Result) -> tuple[Cell, ...]:
    """The cells of a result: one, or one for each of its parts.

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
    part_names = [defined_name(f"{result.id}.{part}") for part in result.parts]
    units = ["change" if part == "change" else result.unit for part in result.parts]
    first = Cell(
        formula=formula(result),
        style="strong",
        unit=units[0],
        names=(result.id, part_names[0]),
        block=(1, len(result.parts)),
        calls=True,
    )
    others = [
        Cell(style="strong", unit=unit, names=(name,))
        for unit, name in zip(units[1:], part_names[1:], strict=True)
    ]
    return (first, *others)


def curve_table(graph: Graph, result_id: str, chart: Chart) -> Table:
    """The points of a curve, computed by one formula, beside their chart.

    Parameters
    ----------
    graph : Graph
    result_id : str
        A result over a grid.
    chart : Chart

    Returns
    -------
    Table
    """
    result = graph[result_id]
    grid = graph.swept[result_id]
    first = Cell(
        formula=formula(result),
        style="value",
        unit=result.unit,
        names=(result.id,),
        block=(len(grid.values), 1),
        calls=True,
    )
    rows = [
        (
            Cell(content=point, style="value", unit=grid.unit),
            first if place == 0 else Cell(style="value", unit=result.unit),
        )
        for place, point in enumerate(grid.values)
    ]
    return Table(
        heading=chart.title,
        header=(grid.label, result.label),
        rows=tuple(rows),
        columns={grid.id: 0},
        chart=chart,
        chart_column=2,
    )
