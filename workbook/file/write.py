"""Writing the workbook: declared sheets to an .xlsx package, with formulas and no values."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Sequence
from itertools import product
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

import pycore
from pycore.checks import Domain
from workbook.file.charts import insert_chart, range_address
from workbook.file.looks import draw, outlined
from workbook.file.package import Package, open_package
from workbook.file.pages import MARGINS, page_starts, row_heights
from workbook.hosts import SERVER, Host
from workbook.sheets.layout import (
    Allowed,
    Area,
    Cell,
    Listed,
    Mixed,
    Placed,
    Range,
    Words,
)
from workbook.sheets.styles import (
    FONT,
    INPUT_FILL,
    RULE,
    STYLES,
    number_format,
)

ALLOWED = ("format_columns", "format_rows", "format_cells", "autofilter")
"""What the protection of a sheet lets a person do."""

CREATED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
"""A fixed moment, so that equal inputs give equal files."""

EXCEL_CALC_ID = 191029
"""What today's Excel writes; with an older id it would recalculate when it opens the file."""

A4 = 9
LAST_ROW = 1_048_575
WORKING_WIDTH = 14
TABS_SHARE = 90
"""Of the line below the sheets, in per cent, so that all tabs are in sight; else Excel gives 60."""

FIXED_HEIGHT = re.compile(rb'(<row [^>]*?) customHeight="1"')

BESIDE = "Must be one of the list that opens beside the cell."
LONGEST_MESSAGE = 255
"""What Excel takes in the message of a data validation."""

LONGEST_LIST = 120
"""A list of words that is longer is not repeated in the message."""


def write(sheets: Sequence[Placed], host: Host = SERVER) -> bytes:
    """Write the sheets as a package."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": dict(FONT),  # XlsxWriter adds to it
        },
    )
    # The stored values must survive opening, for readers who have no add-in.
    book.calc_on_load = False
    book.set_calc_mode("auto", EXCEL_CALC_ID)
    book.set_tab_ratio(TABS_SHARE)
    book.set_properties(
        {
            "title": "Fieldbook",
            "subject": "What one more scholar is worth, and how the field shifts",
            "comments": f"Model version {pycore.__version__}",
            "created": CREATED,
        }
    )
    ranges: dict[str, Range] = {}
    anchors: dict[str, Range] = {}
    for placed in sheets:
        ranges |= placed.names
        anchors |= placed.anchors
    formats = _Formats(book)
    for placed in sheets:
        _write_sheet(book, formats, placed, ranges, anchors)
    for name, where in ranges.items():
        book.define_name(name, range_address(where))
    if host.project:
        book.add_vba_project(io.BytesIO(host.project()), is_stream=True)
    book.close()
    package = open_package(target.getvalue(), "the workbook")
    return package.to_bytes({**_with_automatic_heights(package), **host.parts(package)})


def _with_automatic_heights(package: Package) -> dict[str, bytes]:
    """Let Excel fit a row's height again when its text changes.

    XlsxWriter marks every height as fixed by hand. Without any height LibreOffice shows one
    line, so the heights stay and only the mark goes.
    """
    return {
        part: FIXED_HEIGHT.sub(rb"\1", content)
        for part, content in package.parts.items()
        if part.startswith("xl/worksheets/sheet")
    }


class _Formats:
    """The workbook's formats, made once for each style and number format."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Any] = {}

    def of(self, cell: Cell) -> Any:
        pattern = number_format(cell.unit, _sample(cell)) if cell.unit else "General"
        key = (cell.style, pattern)
        if key not in self._made:
            properties = FONT | {"num_format": pattern} | STYLES[cell.style]
            self._made[key] = self._book.add_format(properties)
        return self._made[key]


def _sample(cell: Cell) -> str | float | None:
    """What an input holds, or a formula repeats: its number format goes by that."""
    return cell.content if cell.like is None else cell.like


def _write_sheet(
    book: Any,
    formats: _Formats,
    placed: Placed,
    ranges: dict[str, Range],
    anchors: dict[str, Range],
) -> None:
    sheet = book.add_worksheet(placed.sheet.name)
    sheet.hide_gridlines(2)
    for column, width in enumerate(placed.sheet.widths):
        sheet.set_column(column, column, width)
    if placed.sheet.workings:
        last_working = max(at.column + at.cell.block[1] - 1 for at in placed.cells)
        sheet.set_column(len(placed.sheet.widths), last_working, WORKING_WIDTH)
    if placed.sheet.hidden:
        sheet.hide()
    heights, outline = row_heights(placed), outlined(placed)
    for row, height in heights.items():
        sheet.set_row(row, height, None, outline.get(row, {}))
    for area in placed.areas:
        _write_area(book, sheet, placed, ranges[area.name], area)
    for at in placed.cells:
        _write_cell(sheet, formats, at.row, at.column, at.cell, anchors)
    draw(book, sheet, placed, ranges)
    for drawn in placed.charts:
        insert_chart(book, sheet, drawn, ranges)
    if placed.sheet.tab_colour:
        sheet.set_tab_color(placed.sheet.tab_colour)
    _set_page(sheet, placed, heights)
    sheet.protect("", dict.fromkeys(ALLOWED, True))


def _write_area(book: Any, sheet: Any, placed: Placed, where: Range, area: Area) -> None:
    """Let a person type in an area, without a cell in the file for each of its blanks.

    The columns are unlocked as a whole; what stands above is locked again, and nothing can be
    typed below.
    """
    unlocked, locked = (book.add_format({**FONT, "locked": each}) for each in (False, True))
    columns = range(where.left, where.right + 1)
    for column in columns:
        sheet.set_column(column, column, placed.sheet.widths[column], unlocked)
    for row, column in product(range(where.top), columns):
        sheet.write_blank(row, column, None, locked)
    cells = (where.top, where.left, where.bottom, where.right)
    below = (where.bottom + 1, where.left, LAST_ROW, where.right)
    name = xl_rowcol_to_cell(where.top - 1, where.left, row_abs=True)
    ends = (
        xl_rowcol_to_cell(where.top - 1 + down, column, col_abs=True)
        for down, column in ((0, where.left), (1, where.right))
    )
    held = f"OR(ROW()<={where.top + area.drawn},COUNTA({':'.join(ends)})>0)"
    look = {"bg_color": INPUT_FILL, "border": 1, "border_color": RULE}
    needed = f'=AND({name}<>"",{held})'
    fill = {"type": "formula", "criteria": needed, "format": book.add_format(look)}
    sheet.conditional_format(*cells, fill)
    left = where.left
    for each in area.typed:
        rule = _validation(each.allowed) | {"ignore_blank": True}
        shown = _message(each.prompt, each.allowed)
        right = left + each.columns - 1
        sheet.data_validation(where.top, left, where.bottom, right, rule | shown)
        left = right + 1
    full = f"There is room for {where.bottom - where.top + 1:,} rows."
    refusal = {"validate": "custom", "value": "=FALSE()", "error_title": "No room"}
    sheet.data_validation(*below, refusal | {"error_message": full})


def _set_page(sheet: Any, placed: Placed, heights: dict[int, float]) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.center_horizontally()
    sheet.set_margins(**MARGINS)
    sheet.fit_to_pages(1, 1 if placed.sheet.one_page else 0)
    if not placed.sheet.hidden:  # LibreOffice prints what has an area
        sheet.print_area(0, 0, placed.last_printed, placed.sheet.last_printed)
    if not placed.sheet.one_page:
        sheet.set_h_pagebreaks(page_starts(placed, heights))
    sheet.set_footer("&L&8Fieldbook: &A&R&8Page &P of &N")
    if placed.sheet.repeats_header and placed.header_row is not None:
        sheet.repeat_rows(placed.header_row)
        sheet.freeze_panes(placed.header_row + 1, 1)
    elif placed.sheet.frozen:
        sheet.freeze_panes(placed.sheet.frozen, 0)


def _write_cell(
    sheet: Any,
    formats: _Formats,
    row: int,
    column: int,
    cell: Cell,
    anchors: dict[str, Range],
) -> None:
    look = formats.of(cell)
    if cell.link:
        sheet.write_url(row, column, _address(cell.link, anchors), look, str(cell.content))
    elif cell.formula:
        _write_formula(sheet, row, column, cell, look)
    elif cell.content is None:
        sheet.write_blank(row, column, None, look)
    elif isinstance(cell.content, str):
        sheet.write_string(row, column, cell.content, look)
    else:
        sheet.write_number(row, column, cell.content, look)
    if cell.allowed is not None or cell.prompt:
        rule = _validation(cell.allowed) | {"ignore_blank": cell.optional}
        shown = _message(cell.prompt, cell.allowed)
        sheet.data_validation(row, column, row, column, rule | shown)


def _address(link: str, anchors: dict[str, Range]) -> str:
    """A link as XlsxWriter takes it."""
    if link.startswith("https://"):
        return link
    if link.endswith("!"):
        return f"internal:'{link[:-1]}'!A1"
    if link.startswith("@"):
        at = anchors[link[1:]]
        return f"internal:'{at.sheet}'!{xl_rowcol_to_cell(at.top, at.left)}"
    return f"internal:{link}"


def _write_formula(sheet: Any, row: int, column: int, cell: Cell, look: Any) -> None:
    rows, columns = cell.block
    if cell.calls and cell.block != (1, 1):
        # A block of fixed size: one call, and nothing that could spill.
        bottom, right = row + rows - 1, column + columns - 1
        sheet.write_array_formula(row, column, bottom, right, cell.formula, look)
    else:
        # Excel itself stores one call as an array too (cm="1"): LibreOffice would lose its value.
        sheet.write_formula(row, column, cell.formula, look)


def _message(prompt: str, allowed: Allowed | None) -> dict[str, str]:
    """What is said of an input while it is chosen."""
    said = " ".join(filter(None, (prompt, _rule_of(allowed))))
    shown = {"input_title": "What to enter", "input_message": said[:LONGEST_MESSAGE]}
    return shown if said else {}


def _rule_of(allowed: Allowed | None) -> str:
    """What may be entered, in words; nothing where any text will do."""
    if isinstance(allowed, Domain):
        return f"Must {allowed.rule}."
    if isinstance(allowed, Mixed):
        return f"Must {allowed.numbers.rule}, or one of: {', '.join(allowed.words)}."
    if isinstance(allowed, Words):
        return f"A text of at most {allowed.longest} characters."
    if allowed is None:
        return ""
    listed = f"One of: {', '.join(allowed)}." if isinstance(allowed, tuple) else ""
    return listed if 0 < len(listed) <= LONGEST_LIST else "Choose from the list beside the cell."


def _validation(allowed: Allowed | None) -> dict[str, Any]:
    """The data validation of an input, from the rule that the core checks."""
    if allowed is None or isinstance(allowed, Mixed):
        return {"validate": "any"}  # a spreadsheet has no rule for a number or a word
    if isinstance(allowed, Words):
        return {
            "validate": "length",
            "criteria": "<=",
            "value": allowed.longest,
            "error_title": "Too long",
            "error_message": f"Must be a text of at most {allowed.longest} characters.",
        }
    if isinstance(allowed, Listed):
        # Excel takes no list of more than 255 characters but from cells.
        return {
            "validate": "list",
            "source": f"={allowed.name}",
            "error_title": "Not in the list",
            "error_message": BESIDE,
        }
    if isinstance(allowed, tuple):
        message = f"Must be one of: {', '.join(allowed)}."
        return {
            "validate": "list",
            "source": list(allowed),
            "error_title": "Not in the list",
            "error_message": message if len(message) <= LONGEST_MESSAGE else BESIDE,
        }
    return {
        "validate": "integer" if allowed.whole else "decimal",
        "criteria": "between",
        "minimum": allowed.minimum,
        "maximum": allowed.maximum,
        "error_title": "Out of bounds",
        "error_message": f"Must {allowed.rule}.",
    }
