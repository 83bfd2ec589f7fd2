"""The stamp: which inputs the answers beside them were computed from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pycore.checks import FINITE
from pycore.tables import CellTable, rectangle

__all__ = ["computed_from"]


def computed_from(inputs: CellTable) -> npt.NDArray[np.object_]:
    """The inputs as they are whenever the functions answer.

    Parameters
    ----------
    inputs : table
        Rows of cells: numbers, words or blanks.

    Returns
    -------
    ndarray of object
        The same rows, where a blank is an empty text.

    Raises
    ------
    InputError
        If it is no table, is empty, its rows are not of one length, or a cell holds anything else.

    Notes
    -----
    What it gives equals its argument as long as functions answer. Where none do, it stays behind
    or is an error, so that a plain formula can tell which inputs were edited since.

    Examples
    --------
    >>> computed_from([["Cost", 25000], ["Date", ""]])
    array([['Cost', 25000.0],
           ['Date', '']], dtype=object)
    """
    rows = rectangle("inputs", inputs)
    given: npt.NDArray[Any] = np.empty((len(rows), len(rows[0])), dtype=object)
    given[:] = [["" if cell is None else _checked(cell) for cell in row] for row in rows]
    return given


def _checked(cell: Any) -> Any:
    """Refuse what is neither a word nor a number, such as a date or NaN."""
    if isinstance(cell, str | bool):
        return cell
    return float(FINITE.check("inputs", cell))
