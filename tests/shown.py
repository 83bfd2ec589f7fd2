"""Every cell that a person sees computed: what a file stores there, and what an office shows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from workbook.read import Book
from workbook.sheets.layout import Placed

Cells = dict[tuple[str, str], Any]
"""By sheet and address."""

NEAR = 1e-9
"""How far a figure may lie from that of another host, whose numpy may be older."""


def _computed(sheets: Sequence[Placed]) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """The places of the formulas of each sheet that stand where a person looks."""
    for placed in sheets:
        places = [
            (at.row, at.column)
            for at in placed.cells
            if at.cell.formula and not placed.sheet.hidden
        ]
        if places:
            yield placed.sheet.name, places


def stored(book: Book, sheets: Sequence[Placed]) -> Cells:
    """What a file holds there."""
    return {
        (sheet, address): book.cell(sheet, address)
        for sheet, places in _computed(sheets)
        for address in (xl_rowcol_to_cell(*place) for place in places)
    }


def on_screen(office: Any, sheets: Sequence[Placed]) -> Cells:
    """What a running office shows there."""
    found = {}
    for sheet, places in _computed(sheets):
        bottom, right = (max(place[side] for place in places) for side in (0, 1))
        rows = office.read(f"{sheet}!A1:{xl_col_to_name(right)}{bottom + 1}")
        for row, column in places:
            found[sheet, xl_rowcol_to_cell(row, column)] = rows[row][column]
    return found


def different(found: Cells, expected: Cells) -> dict[tuple[str, str], tuple[Any, Any]]:
    """The cells that hold something else, and what; a blank is an empty text."""
    return {
        place: (found[place], wanted)
        for place, wanted in expected.items()
        if not _alike(found[place], wanted)
    }


def _alike(found: Any, wanted: Any) -> bool:
    if isinstance(found, float | int) and isinstance(wanted, float | int):
        return math.isclose(found, wanted, rel_tol=NEAR)
    return bool((found or "") == (wanted or ""))
