"""What the ribbon's buttons do: scripts on the workbook that Excel sends along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import xlwings
from openpyxl.utils.cell import range_boundaries
from xlwings.server import script

from pycore.model.tables import NOTHING

STATES = ("assumption_checks", "judgement_state", "survey_marks", "check_results")
"""The names of the cells that say whether something is in order, as the workbook defines them."""

SUMMARY = "Summary"
SHEETS = [SUMMARY, "Assumptions", "Exchange", "Survey", "Checks"]
FINE = ("ok", NOTHING, "", None)

Place = tuple[int, int, int]
"""A sheet, a row and a column, each from 0."""


@script(include=SHEETS)
def next_problem(book: xlwings.Book) -> None:
    """Go to the next cell that says what is wrong; to the Summary where nothing is.

    It changes no cell. A name or a sheet that the workbook lacks is passed over.
    """
    # What the request holds and no more: xlwings would fill an area as large as it is named, and
    # `book.selection` is that of the workbook opened last.
    sent = book.api
    active = sent["book"]["active_sheet_index"]
    left, top, _, _ = _area(sent["book"].get("selection")) or (0, 0, 0, 0)
    problems = sorted(_problems(sent))
    following = [place for place in problems if place > (active, top - 1, left - 1)]
    titles = [sheet["name"] for sheet in sent["sheets"]]
    home = titles.index(SUMMARY) if SUMMARY in titles else active
    index, row, column = (following or problems or [(home, 0, 0)])[0]
    book.sheets[index].activate()
    book.sheets[index][row, column].select()


def _problems(sent: dict[str, Any]) -> Iterator[Place]:
    named = {each["name"]: each for each in sent.get("names") or () if each["name"] in STATES}
    for each in named.values():
        area, index = _area(each.get("address")), each.get("sheet_index")
        if area is None or index is None:
            continue
        left, top, right, bottom = area
        rows = sent["sheets"][index].get("values") or []
        for row, cells in enumerate(rows[top - 1 : bottom], start=top - 1):
            for column, state in enumerate(cells[left - 1 : right], start=left - 1):
                if state not in FINE:
                    yield index, row, column


def _area(address: str | None) -> tuple[int, int, int, int] | None:
    """The first and last column and row of an area, from 1; nothing for what is none."""
    try:
        left, top, right, bottom = range_boundaries(address or "")
    except ValueError:
        return None
    if left is None or top is None or right is None or bottom is None:  # whole rows or columns
        return None
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)
