"""The catalogue of Excel functions, made from their docstrings; it stands on the About sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from addin.functions import Function, functions
from workbook.sheets.layout import Cell, Table
from workbook.sheets.parts import FUNCTIONS, Row, row

TYPED = "What you may type in a cell where the functions are installed."


def catalogue(
    opening_line: str = TYPED,
    example: Callable[[Function], str] = lambda function: function.example,
    more: Sequence[tuple[str, str, str, str]] = (),
) -> tuple[Table, ...]:
    """The catalogue, which is not printed: the task pane and the command line have it too.

    Parameters
    ----------
    opening_line : str
        What stands below the heading.
    example : callable
        Gives an example of a function as it may be typed in the host.
    more : sequence of tuple
        Functions that only the host has: name, description, arguments, example.
    """
    rows = []
    for category, group in groupby(functions().values(), key=lambda each: each.category):
        rows.append(row("group group group group", category))
        for each in group:
            arguments = "\n".join(f"{arg.name}: {arg.help}" for arg in each.arguments)
            what = f"{each.description}\n{arguments}"
            rows.append(_row(each.excel_name, what, each.equation, example(each)))
    rows += [_row(name, f"{what}\n{arguments}", "", typed) for name, what, arguments, typed in more]
    return (
        Table(
            heading="Functions",
            anchor=FUNCTIONS,
            rows=(row("plain", opening_line),),
            printed=False,
        ),
        Table(
            header=("Function", "What it gives, and its arguments", "Equation", "Example"),
            rows=tuple(rows),
            printed=False,
        ),
    )


def _row(name: str, *texts: str) -> Row:
    """A function's row; its example begins with "=" and is no formula here."""
    wrapped = (Cell(content=text, style="wrapped") for text in texts)
    return (Cell(content=name, style="function"), *wrapped)
