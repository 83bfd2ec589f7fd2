"""What an array formula shows in the cells of its range, and a plain formula in its one cell.

Values are in the engine's own form: a list of rows for a block, a mapping for an error.
"""

from __future__ import annotations

from typing import Any

from workbook.file.limits import is_too_long

NOT_AVAILABLE = {"type": "Error", "kind": "Na"}
TOO_LONG = IS_A_BLOCK = {"type": "Error", "kind": "Value"}
"""Of a block a plain formula shows the cell in its own row, which the engine does not know."""


def fitted(value: Any, rows: int, columns: int) -> list[list[Any]]:
    """Fill a range with a value as spreadsheets do.

    A single value, row or column is repeated; what it does not reach is #N/A, what is beyond the
    range is not shown, and a blank is 0.
    """
    block = value if isinstance(value, list) else [[value]]
    height, width = len(block), len(block[0]) if block else 0

    def at(row: int, column: int) -> Any:
        row, column = (0 if height == 1 else row), (0 if width == 1 else column)
        if row >= height or column >= width:
            return NOT_AVAILABLE
        return shown(block[row][column])

    return [[at(row, column) for column in range(columns)] for row in range(rows)]


def single(value: Any) -> Any:
    """What a formula that is no array shows of a value."""
    if not isinstance(value, list):
        return shown(value)
    if len(value) == 1 and len(value[0]) == 1:
        return shown(value[0][0])
    return IS_A_BLOCK


def is_larger(value: Any, rows: int, columns: int) -> bool:
    """Whether a block does not fit into a range."""
    return isinstance(value, list) and (
        len(value) > rows or any(len(row) > columns for row in value)
    )


def shown(value: Any) -> Any:
    """What a cell shows of a single value: 0 for a blank, an error for a text that is too long."""
    if isinstance(value, str) and is_too_long(value):
        return TOO_LONG
    return 0.0 if value is None else value
