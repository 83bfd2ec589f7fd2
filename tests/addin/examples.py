"""The example formula of a function, as cells."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it imports xlwings, which a server must be the one to do
    from addin.functions import Function


def example_cells(formula: str) -> list[Any]:
    """The arguments of a formula: single values, and the rows of array constants.

    ``{1;2}`` is a column of two cells, ``{"a",1}`` a row, and ``{"a",1;"b",2}`` a table.
    """
    text = re.sub(
        r"\{(.*?)\}",
        lambda constant: "[" + ",".join(f"[{row}]" for row in constant[1].split(";")) + "]",
        formula.partition("(")[2].removesuffix(")"),
    )
    return list(ast.literal_eval(f"[{text}]"))


def example_rows(formula: str) -> list[Any]:
    """The same as Excel sends them: every argument as rows of cells."""
    return [cells if isinstance(cells, list) else [[cells]] for cells in example_cells(formula)]


FILLS_A_TABLE = {"WINDOW_PATH"}
"""Takes single cells and no ranges, because one call fills a table."""


def takes_tables(function: Function) -> bool:
    """Whether a function takes whole tables or lists, or fills one: not ranges cell by cell."""
    return "{" in function.example or function.name in FILLS_A_TABLE
