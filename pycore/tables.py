"""Cells, where a function takes a whole table of them or gives words among numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore.checks import FloatArray
from pycore.errors import Found, InputError
from pycore.symbolic import is_symbolic

__all__ = ["CellTable", "rectangle", "worded"]

CellTable = Sequence[Sequence[object]]
"""Rows of cells: numbers, words, and ``None`` or "" for a blank."""


def rectangle(name: str, table: object) -> list[list[Any]]:
    """Give the rows of a table, which must be of one length; a blank is ``None``.

    Parameters
    ----------
    table : object
        Should be rows of cells, or an array of two dimensions.

    Raises
    ------
    InputError
        If it is no table, is empty, or its rows are not of one length.
    """
    cells = table.tolist() if isinstance(table, np.ndarray) else table
    rows = [list(_sequence(name, row, table)) for row in _sequence(name, cells, table)]
    if not rows or not rows[0]:
        raise InputError(name, "be a table with cells in every row", Found("empty"))
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            found = Found(f"{len(row)} in row {number}")
            raise InputError(name, f"have {len(rows[0])} columns in every row", found)
    return [[None if isinstance(c, str) and c == "" else c for c in row] for row in rows]


def _sequence(name: str, cells: object, received: object) -> Sequence[Any]:
    if isinstance(cells, (str, bytes)) or not isinstance(cells, Sequence):
        raise InputError(name, "be a table: rows of cells", received)
    return cells


def worded(
    values: FloatArray, *words: tuple[str, npt.NDArray[np.bool_]]
) -> float | str | npt.NDArray[np.object_]:
    """Put words in the places of numbers.

    Parameters
    ----------
    *words : tuple of str and ndarray of bool
        Each word and where it stands, of a shape that fits that of `values`.

    Returns
    -------
    float or str or ndarray of object
        A plain number or word where there is one.
    """
    if is_symbolic(values):
        found: npt.NDArray[Any] = values
        for word, where in words:
            found = np.where(where, word, found)
        return found
    shape = np.broadcast_shapes(np.shape(values), *(np.shape(where) for _, where in words))
    cells: npt.NDArray[np.object_] = np.array(np.broadcast_to(values, shape)).astype(object)
    for word, where in words:
        cells[np.broadcast_to(where, shape)] = word
    if cells.ndim == 0:
        plain: float | str = cells.item()
        return plain
    return cells
