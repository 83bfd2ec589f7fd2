"""The Functions sheet: the catalogue of Excel functions, made from their docstrings."""

from __future__ import annotations

from itertools import groupby

from addin.functions import functions
from workbook.sheets.layout import Cell, Sheet, Table
from workbook.sheets.parts import opening


def sheet() -> Sheet:
    """The sheet, from the catalogue.

    Returns
    -------
    Sheet
    """
    rows: list[tuple[Cell | None, ...]] = []
    for category, group in groupby(functions().values(), key=lambda each: each.category):
        rows.append((Cell(content=category, style="group"), *[Cell(style="group")] * 4))
        rows.extend(
            (
                Cell(content=each.excel_name, style="function"),
                Cell(content=each.description, style="wrapped"),
                Cell(
                    content="\n".join(f"{arg.name}: {arg.help}" for arg in each.arguments),
                    style="wrapped",
                ),
                Cell(content=each.equation, style="wrapped"),
                Cell(content=each.example, style="wrapped"),
            )
            for each in group
        )
    return Sheet(
        name="Functions",
        widths=(38, 38, 66, 50, 46),
        repeats_header=True,
        blocks=(
            opening("Functions", "What you may type in a cell where the add-in is installed."),
            Table(
                header=("Function", "What it gives", "Arguments", "Equation", "Example"),
                rows=tuple(rows),
            ),
        ),
    )
