"""Looks that follow what stands in cells: maps, rows that are drawn where needed, bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress, product
from typing import Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from workbook.sheets.layout import SPARE, THIS_ROW, Placed, PlacedRows, Range, Spare
from workbook.sheets.styles import (
    DRAWN,
    GREY,
    INK,
    MARK,
    ORANGE,
    RULE,
    SHARE,
    SKY,
    STYLES,
    WHITE,
    extremes,
)


def draw(book: Any, sheet: Any, placed: Placed, ranges: dict[str, Range]) -> None:
    """Put the looks of a sheet into it.

    Parameters
    ----------
    ranges : mapping of str to Range
        What the names stand for.
    """
    if not placed.sheet.hidden:  # first: of several that hold, LibreOffice takes the first
        _write_extremes(book, sheet, placed)
    for heat in placed.heats:
        _colour(book, sheet, ranges[heat.block], ranges[heat.middle])
    for look in placed.looks:
        _draw_rows(book, sheet, placed, look)


def outlined(placed: Placed) -> dict[int, dict[str, Any]]:
    """How XlsxWriter is to set a row: below a group's name, or spare and folded away.

    Spare rows get no symbols: Excel lets nobody click them on a protected sheet, but unhide rows.
    """
    found: dict[int, dict[str, Any]] = {}
    for look in placed.looks:
        top, bottom, spare = look.rows.top, look.rows.bottom, look.table.spare
        if spare and spare.unfolded:
            found |= {row: {"hidden": True} for row in range(top + spare.unfolded, bottom + 1)}
        if look.table.foldable:
            found |= {
                top + place: {"level": 1}
                for place, cells in enumerate(look.table.rows)
                if cells[0] is not None and cells[0].style != "group"
            }
    return found


def _write_extremes(book: Any, sheet: Any, placed: Placed) -> None:
    """Write numbers that their own format has no digits or no room for in another one."""
    cells: dict[tuple[tuple[float, float, str], ...], list[tuple[int, int]]] = {}
    for at in placed.cells:
        rules = extremes(at.cell.unit)
        if rules and at.cell.formula:
            cells.setdefault(rules, []).append((at.column, at.row))
    for rules, places in cells.items():
        areas = list(_columns(sorted(places)))
        for low, high, pattern in rules:
            rule = {"type": "cell", "criteria": "between", "minimum": low, "maximum": high}
            # As of all that hold LibreOffice takes one, it draws the line of the cell too.
            drawn = {"num_format": pattern, "bottom": 1, "bottom_color": RULE}
            look = {"format": book.add_format(drawn)}
            joined = {"multi_range": " ".join(xl_range(*area) for area in areas)}
            sheet.conditional_format(*areas[0], rule | look | joined)


def _columns(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Cells, as columns and rows in order, joined to areas where they stand below each other."""
    first = last = places[0]
    for column, row in (*places[1:], (-1, -1)):
        if (column, row) != (last[0], last[1] + 1):
            yield first[1], first[0], last[1], last[0]
            first = (column, row)
        last = (column, row)


def _draw_rows(book: Any, sheet: Any, placed: Placed, look: PlacedRows) -> None:
    """Draw the rows of a table that hold something, bars for its numbers, and what filters it."""
    rows = look.rows
    if look.table.foldable:
        sheet.outline_settings(True, False)
        sheet.autofilter(rows.top - 1, rows.left, rows.bottom, rows.right)
    struck = {"font_strikeout": True, "font_color": GREY}
    in_per_cent = {"num_format": SHARE, "bottom": 1, "bottom_color": RULE}
    for conditions, drawn in ((look.table.struck, struck), (look.table.shares, in_per_cent)):
        for column, condition in conditions.items():
            criteria = f"={condition.replace(THIS_ROW, str(rows.top + 1))}"
            rule = {"type": "formula", "criteria": criteria, "format": book.add_format(drawn)}
            sheet.conditional_format(rows.top, column, rows.bottom, column, rule)
    held = {(at.row, at.column): at.cell for at in placed.cells}
    for column in range(rows.left, rows.right + 1):
        area = (rows.top, column, rows.bottom, column)
        if look.table.spare:
            first = held.get((rows.top, column))
            if first is not None:
                word = look.table.hides.get(column, "")
                _draw_spare(book, sheet, area, look.table.spare, (first.style, word))
        elif column in look.table.hides:
            here = xl_rowcol_to_cell(rows.top, column)
            _hide(book, sheet, area, f'{here}="{look.table.hides[column]}"', {})
        if column in look.table.bars:
            colour = look.table.bars[column]
            bar = {"type": "data_bar", "min_type": "num", "min_value": 0}
            sheet.conditional_format(*area, bar | {"bar_color": colour})


def _draw_spare(
    book: Any, sheet: Any, area: tuple[int, int, int, int], spare: Spare, look: tuple[str, str]
) -> None:
    """Draw the cells of a column where their row is needed, and hide what others show.

    Of the rules that hold, LibreOffice takes the first: each has all of its look.
    """
    top, (style, word) = area[0], look
    left, right = spare.columns
    line, above = (
        f"{xl_rowcol_to_cell(row, left, col_abs=True)}:"
        f"{xl_rowcol_to_cell(row, right, col_abs=True)}"
        for row in (top, top - 1)
    )
    first = line.partition(":")[0]
    needed = f"COUNTA({above},{line})>0" if spare.typed else f'AND({first}<>"-",{first}<>"")'
    full = STYLES[style.removesuffix(SPARE)]
    drawn = {key: full[key] for key in DRAWN if key in full}
    if word:
        here = xl_rowcol_to_cell(top, area[1])
        _hide(book, sheet, area, f'AND({needed},{here}="{word}")', drawn)
    if drawn:
        rule = {"type": "formula", "criteria": f"={needed}", "format": book.add_format(drawn)}
        sheet.conditional_format(*area, rule)
    if not spare.typed:
        _hide(book, sheet, area, f"NOT({needed})", {})


def _hide(
    book: Any,
    sheet: Any,
    area: tuple[int, int, int, int],
    where: str,
    drawn: dict[str, Any],
) -> None:
    """Show nothing where a condition holds but what is drawn."""
    look = book.add_format({"num_format": ";;;", **drawn})
    sheet.conditional_format(*area, {"type": "formula", "criteria": f"={where}", "format": look})


def _colour(book: Any, sheet: Any, block: Range, middle: Range) -> None:
    """Colour a block of numbers around one, and mark its two sides without colour too.

    Cells at or under the middle get a mark in their number format, and a line runs between
    cells on different sides.
    """
    area = (block.top, block.left, block.bottom, block.right)
    centre = _fixed(middle.top, middle.left)
    # All on one range: LibreOffice shows marks and colours together only then.
    for formula, look in _marks(block, centre):
        rule = {"type": "formula", "criteria": formula, "format": book.add_format(look)}
        sheet.conditional_format(*area, rule)
    sheet.conditional_format(
        *area,
        {
            "type": "3_color_scale",
            "min_type": "formula",
            "mid_type": "formula",
            "max_type": "formula",
            "min_value": f"={centre}/2",
            "mid_value": f"={centre}",
            "max_value": f"=2*{centre}",
            "min_color": ORANGE,
            "mid_color": WHITE,
            "max_color": SKY,
        },
    )


def _fixed(row: int, column: int) -> str:
    address: str = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
    return address


def _marks(block: Range, centre: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rules for the cells of a block, by its first cell: a formula and a look each.

    They exclude each other: where several hold, Excel joins their looks and LibreOffice takes
    the first.
    """
    here, right, below = (
        xl_rowcol_to_cell(block.top + down, block.left + across)
        for down, across in ((0, 0), (0, 1), (1, 0))
    )
    last = _fixed(block.bottom, block.right)
    side = f"({here}<={centre})"
    crossed = {
        "right": f"AND(COLUMN({here})<COLUMN({last}),{side}<>({right}<={centre}))",
        "bottom": f"AND(ROW({here})<ROW({last}),{side}<>({below}<={centre}))",
    }
    for is_under, *drawn in product((True, False), repeat=3):
        look: dict[str, Any] = {"num_format": f'0.00" {MARK}"'} if is_under else {}
        for edge in compress(crossed, drawn):
            look |= {edge: 1, f"{edge}_color": INK}
        if look:
            wanted = (is_under, *drawn)
            facts = (side, *crossed.values())
            held = (
                fact if holds else f"NOT({fact})" for fact, holds in zip(facts, wanted, strict=True)
            )
            yield f"=AND({','.join(held)})", look
