"""What the ribbon's buttons do: scripts on the workbook that Excel sends along."""

from __future__ import annotations

import contextlib

import xlwings
from xlwings.server import script

from pycore.model.tables import NOTHING

STATES = ("assumption_checks", "judgement_state", "survey_marks", "check_results")
"""The names of the cells that say whether something is in order, as the workbook defines them."""

SHEETS = ["Summary", "Assumptions", "Exchange", "Survey", "Checks"]
FINE = ("ok", NOTHING, "", None)


@script(include=SHEETS)
def next_problem(book: xlwings.Book) -> None:
    """Go to the next cell that says what is wrong; to the Summary where nothing is.

    It changes no cell. A name that the workbook lacks is passed over.
    """
    blocks = [book.names[name].refers_to_range for name in STATES if name in book.names]
    problems = [
        block[row, column]
        for block in blocks
        for row, cells in enumerate(block.raw_value)  # of an error `value` would be nothing
        for column, state in enumerate(cells)
        if state not in FINE
    ]
    here = None
    with contextlib.suppress(AttributeError, TypeError):  # where a chart is selected
        selected = book.selection
        here = _place(selected) if selected else None
    places = [_place(cell) for cell in problems]
    following = problems[places.index(here) + 1 :] if here in places else problems
    target = (following or problems or [book.sheets["Summary"]["A1"]])[0]
    target.sheet.activate()
    target.select()


def _place(cells: xlwings.Range) -> tuple[str, str]:
    return cells.sheet.name, cells[0].address
