"""The Functions sheet: the catalogue of Excel functions, made from their docstrings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from addin.functions import Function, functions
from workbook.sheets.layout import Cell, Sheet, Table
from workbook.sheets.parts import opening

TYPED = "What you may type in a cell where the functions are installed."


def sheet(
    opening_line: str = TYPED,
    example: Callable[[Function], str] = lambda function: function.example,
    more: Sequence[tuple[str, str, str, str]] = (),
) -> Sheet:
    """The sheet, from the catalogue.

    Parameters
    ----------
    opening_line : str
        What stands below the title.
    example : callable
        Gives an example of a function as it may be typed in the host.
    more : sequence of tuple
        Functions that only the host has: name, description, arguments, example.
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
                Cell(content=example(each), style="wrapped"),
            )
            for each in group
        )
    for name, description, arguments, typed in more:
        texts = (description, arguments, "", typed)
        cells = [Cell(content=text, style="wrapped") for text in texts]
        rows.append((Cell(content=name, style="function"), *cells))
    return Sheet(
        name="Functions",
        widths=(38, 38, 66, 50, 46),
        repeats_header=True,
        blocks=(
            opening("Functions", opening_line),
            Table(
                header=("Function", "What it gives", "Arguments", "Equation", "Example"),
                rows=tuple(rows),
            ),
        ),
    )
