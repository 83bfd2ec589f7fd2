"""The Functions sheet: the catalogue of Excel functions, made from their docstrings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from addin.functions import Function, functions
from workbook.sheets.layout import Cell, Sheet, Table
from workbook.sheets.parts import Row, opening, row
from workbook.sheets.styles import CHECK

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
    rows = []
    for category, group in groupby(functions().values(), key=lambda each: each.category):
        rows.append(row("group group group group group", category))
        for each in group:
            arguments = "\n".join(f"{arg.name}: {arg.help}" for arg in each.arguments)
            texts = (each.excel_name, each.description, arguments, each.equation, example(each))
            rows.append(_row(*texts))
    rows += [_row(name, what, arguments, "", typed) for name, what, arguments, typed in more]
    return Sheet(
        name="Functions",
        tab_colour=CHECK,
        widths=(35, 26, 38, 38, 26),
        repeats_header=True,
        blocks=(
            opening("Functions", opening_line),
            Table(
                header=("Function", "What it gives", "Arguments", "Equation", "Example"),
                rows=tuple(rows),
            ),
        ),
    )


def _row(name: str, *texts: str) -> Row:
    """A function's row; its example begins with "=" and is no formula here."""
    wrapped = (Cell(content=text, style="wrapped") for text in texts)
    return (Cell(content=name, style="function"), *wrapped)
