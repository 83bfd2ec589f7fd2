"""The Log sheet: who changed which assumption when, from what to what, why, and what that did."""

from __future__ import annotations

from dataclasses import replace

from workbook.sheets.layout import Cell, Sheet, Table
from workbook.sheets.parts import block, opening, row
from workbook.sheets.styles import EDIT

NAME = "Log"
ENTRIES = "log_entries"
MOST_ENTRIES, PRINTED = 500, 40
"""How many rows there are, and how many of them are printed."""

HEADER = ("When", "Who", "What", "From", "To", "Why", "Effect on the headline answers")
WIDTHS = (11, 14, 26, 14, 14, 26, 57)
PROMPTS = (
    "When: the date, such as 2026-05-31.",
    "Who changed it.",
    "What: an assumption's name, and low, central, high, source ...",
    "What stood there before.",
    "What stands there since.",
    "Why it was changed.",
    "What that did to the answers.",
)


def sheet() -> Sheet:
    """The sheet; without entries at first."""
    title = opening(
        NAME,
        "What was changed, by whom and why. The commands set and accept write here; type your own "
        "entries into the next free row.",
    )
    rows = block(ENTRIES, (_row() for _ in range(MOST_ENTRIES)))
    header = row("header " * len(HEADER), *HEADER)
    return Sheet(
        name=NAME,
        tab_colour=EDIT,
        widths=WIDTHS,
        frozen=4,
        blocks=(
            title,
            Table(rows=(header, *rows[:PRINTED])),
            Table(rows=rows[PRINTED:], printed=False),
        ),
    )


def _row() -> tuple[Cell, ...]:
    blank = Cell(style="input_text")
    return tuple(replace(blank, prompt=prompt) for prompt in PROMPTS)
