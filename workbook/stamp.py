"""Writing down in a file which inputs its values were computed from, and when."""

from __future__ import annotations

import datetime
import os

from pycore.errors import Found, InputError
from workbook.engine import Engine
from workbook.file.patch import CellError, Value
from workbook.read import Book
from workbook.sheets.stamp import DATE, NOW, THEN

EPOCH = "SOURCE_DATE_EPOCH"
"""The variable with the seconds since 1970 that stand for now, where a file is to be the same."""


def today() -> str:
    """The date as a file says it; the only place that asks a clock for what a file holds."""
    seconds = os.environ.get(EPOCH)
    if seconds is None:
        return datetime.datetime.now().astimezone().date().isoformat()
    if not seconds.isdecimal():
        raise InputError(f"the variable {EPOCH}", "be a whole number of seconds", Found(seconds))
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date().isoformat()


def inputs_then(book: Book, engine: Engine) -> dict[str, Value]:
    """What has to be written so that the file says which inputs were computed from.

    Returns
    -------
    dict
        By address on the sheet of the stamp; what stands there already is left out.
    """
    now, then = book.places[NOW], book.places[THEN]
    cells = book.sheet_of(THEN).cells
    written: dict[str, Value] = {}
    for sources, targets in zip(now.rows, then.rows, strict=True):
        for source, target in zip(sources, targets, strict=True):
            # An input that is an error is none that anything was computed from.
            value = engine.value(now.sheet, source) if source in cells else None
            held = book.cell(then.sheet, target)
            if value is not None and not isinstance(value, CellError) and value != held:
                written[target] = value
    return written


def dated(book: Book) -> dict[str, Value]:
    """The date of today, for the cell that says when the file was computed."""
    return {book.places[DATE].first: today()}
