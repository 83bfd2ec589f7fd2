"""What the ribbon's buttons do: scripts on the workbook that Excel sends along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import xlwings
from xlwings.server import script

from pycore.model.tables import NOTHING

STATES = ("assumption_checks", "judgement_state", "survey_marks", "check_results")
"""The names of the cells that say whether something is in order, as the workbook defines them."""

SHEETS = ["Summary", "Assumptions", "Exchange", "Survey", "Checks"]
AREA = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]{1,7}(:\$?[A-Z]{1,3}\$?[0-9]{1,7})?")
FINE = ("ok", NOTHING, "", None)


@script(include=SHEETS)
def next_problem(book: xlwings.Book) -> None:
    """Go to the next cell that says what is wrong; to the Summary where nothing is.

    It changes no cell. A name that the workbook lacks is passed over.
    """
    # As the request has it: `book.selection` would be that of the workbook opened last.
    sent = book.api
    problems = sorted(_problems(book, sent["names"]), key=_place)
    here = (sent["book"]["active_sheet_index"] + 1, 0, 0)
    if AREA.fullmatch(selected := sent["book"].get("selection") or ""):
        here = _place(book.sheets[here[0] - 1][selected])
    following = [cell for cell in problems if _place(cell) > here]
    target = (following or problems or [book.sheets["Summary"]["A1"]])[0]
    target.sheet.activate()
    target.select()


def _problems(book: xlwings.Book, names: list[dict[str, Any]]) -> Iterator[xlwings.Range]:
    for name in names:
        if name["name"] in STATES and AREA.fullmatch(name.get("address") or ""):
            block = book.sheets[name["sheet_index"]][name["address"]]
            for row, cells in enumerate(block.raw_value):  # of an error `value` would be nothing
                for column, state in enumerate(cells):
                    if state not in FINE:
                        yield block[row, column]


def _place(cells: xlwings.Range) -> tuple[int, int, int]:
    return cells.sheet.index, cells.row, cells.column
