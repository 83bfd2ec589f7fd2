"""Rows and printed pages: how high each row is, and where a page begins so as to cut no chart."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import accumulate

from workbook.file.looks import outlined
from workbook.sheets.layout import Placed
from workbook.sheets.styles import FONT, STYLES

LINE_SPACING = 1.25
ROW_PADDING = 3
CHARACTERS_PER_WIDTH, BOLD = 1.12, 0.85
INDENTED = 2
"""Characters less where a text is indented."""

"""How many characters of running text fit in a column, for each unit of its width; of bold text."""

A4_LANDSCAPE = (11.69, 8.27)
MARGINS = {"left": 0.5, "right": 0.5, "top": 0.6, "bottom": 0.6}
"""In inches, as the page is."""

DEFAULT_HEIGHT, POINTS_PER_PIXEL, POINTS_PER_INCH = 15.0, 0.75, 72
FEWEST_ROWS = 6
"""Fewer rows of a table do not stay behind on a page."""

FILLED = 0.97
"""How much of a page is counted on: programs differ in how high rows are."""


def row_heights(placed: Placed) -> dict[int, float]:
    """The height of each row that holds something, by its text and its font, in points."""
    heights: dict[int, float] = {}
    for at in placed.cells:
        look = FONT | STYLES[at.cell.style]
        lines = at.cell.lines() if callable(at.cell.lines) else at.cell.lines
        if look.get("text_wrap") and isinstance(at.cell.content, str):
            per_width = CHARACTERS_PER_WIDTH * (BOLD if look.get("bold") else 1)
            width = int(placed.sheet.widths[at.column] * per_width * 10 / look["font_size"])
            paragraphs = at.cell.content.splitlines()
            needed = sum(len(textwrap.wrap(paragraph, width)) or 1 for paragraph in paragraphs)
            lines = max(lines, needed)
        height = lines * look["font_size"] * LINE_SPACING + ROW_PADDING
        heights[at.row] = max(height, heights.get(at.row, 0))
    return heights


def fitting_height(texts: Iterable[str], widths: Iterable[float]) -> float:
    """The height of a row that shows texts in columns of those widths, in points."""
    lines = max(
        len(textwrap.wrap(text, int(width * CHARACTERS_PER_WIDTH) - INDENTED)) or 1
        for text, width in zip(texts, widths, strict=True)
    )
    return float(lines * FONT["font_size"] * LINE_SPACING + ROW_PADDING)


def page_starts(placed: Placed, heights: dict[int, float]) -> list[int]:
    """The rows that printed pages begin with, after the first.

    A page ends before what it would cut. A table without a chart that is higher than half a page
    is cut between rows, as what is higher than a page has to be.

    Parameters
    ----------
    heights : dict of int to float
        As :func:`row_heights` gives them.
    """
    outline = outlined(placed)
    each_row = (
        0.0 if outline.get(row, {}).get("hidden") else heights.get(row, DEFAULT_HEIGHT)
        for row in range(placed.last_printed + 1)
    )
    tops = [0.0, *accumulate(each_row)]
    room = _page_height(placed)
    starts: list[int] = []
    page = 0
    for first, last in placed.whole:
        if first > placed.last_printed:
            break
        if placed.sheet.repeats_header and starts and placed.header_row is not None:
            header = heights.get(placed.header_row, DEFAULT_HEIGHT)
        else:
            header = 0.0
        if tops[last + 1] - tops[page] + header <= room:
            continue
        height = tops[last + 1] - tops[first] + header
        charted = any(first <= drawn.row <= last for drawn in placed.charts)
        few = tops[min(first + FEWEST_ROWS, last) + 1] - tops[page] + header > room
        if first > page and (few or height <= (room if charted else room / 2)):
            page = first
            starts.append(page)
        for row in range(page, last + 1):
            if tops[row + 1] - tops[page] + header > room:
                page = row
                starts.append(page)
    return starts


def _page_height(placed: Placed) -> float:
    """The points that fit on a page that is as wide as the printed columns."""
    widths = placed.sheet.widths[: placed.sheet.last_printed + 1]
    width = sum(7 * each + 5 for each in widths) * POINTS_PER_PIXEL
    across = (A4_LANDSCAPE[0] - MARGINS["left"] - MARGINS["right"]) * POINTS_PER_INCH
    down = (A4_LANDSCAPE[1] - MARGINS["top"] - MARGINS["bottom"]) * POINTS_PER_INCH
    return FILLED * down * max(1.0, width / across)
