"""Printed pages, and rows that are folded away: nothing is cut, and nothing is out of reach."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import openpyxl
import pytest

from pycore.model.tables import MOST_GOODS
from workbook.file.pages import page_starts, row_heights
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets, styles
from workbook.sheets.exchange import FOLDED, UNFOLDED
from workbook.sheets.layout import Chart, Placed, Series, Sheet, Table, place
from workbook.sheets.parts import row
from workbook.sheets.people.survey import good_name

PRINTED = [each for each in sheets() if not each.sheet.hidden and not each.sheet.one_page]
MOST_TABS = 16


def _pages(placed: Placed) -> list[range]:
    starts = [0, *page_starts(placed, row_heights(placed)), placed.last_printed + 1]
    return [range(first, then) for first, then in pairwise(starts)]


@pytest.mark.parametrize("placed", PRINTED, ids=[each.sheet.name for each in PRINTED])
def test_no_page_cuts_a_chart(placed: Placed) -> None:
    pages = _pages(placed)
    assert all(pages)
    for drawn in placed.charts:
        (page,) = (each for each in pages if drawn.row in each)
        assert drawn.row + drawn.chart.height // 20 in page, drawn.chart.title


@pytest.mark.parametrize("placed", PRINTED, ids=[each.sheet.name for each in PRINTED])
def test_no_heading_ends_a_page(placed: Placed) -> None:
    headings = {at.row for at in placed.cells if at.cell.style == "heading"}
    assert not headings & {page[-1] for page in _pages(placed)}


def test_a_chart_that_does_not_fit_begins_a_page_and_a_long_table_goes_on() -> None:
    lines = Table(header=("A",), rows=(row("text", "x"),) * 30)
    series = (Series(label="s", points="p", values="v", colour="#000000"),)
    chart = Chart(kind="line", title="t", description="d", x_title="x", y_title="y", series=series)
    placed = place(Sheet(name="S", widths=(100,), blocks=(lines, chart, *(lines,) * 3)))
    starts = page_starts(placed, row_heights(placed))
    assert starts[0] == placed.charts[0].row
    long = place(Sheet(name="S", widths=(100,), blocks=(Table(rows=lines.rows * 5),)))
    first, *others = page_starts(long, row_heights(long))
    assert others == [first * each for each in range(2, len(others) + 2)]


def test_what_is_not_printed_comes_last() -> None:
    for placed in sheets():
        printed = [not isinstance(each, Table) or each.printed for each in placed.sheet.blocks]
        assert printed == sorted(printed, reverse=True), placed.sheet.name


def test_the_tabs_are_few_and_grouped_by_their_colours() -> None:
    colours = [each.sheet.tab_colour for each in sheets() if not each.sheet.hidden]
    assert len(colours) <= MOST_TABS
    assert list(dict.fromkeys(colours)) == [styles.READ, styles.EDIT, styles.CHECK]
    assert colours == sorted(colours, key=[styles.READ, styles.EDIT, styles.CHECK].index)


def test_only_spare_rows_are_out_of_sight_and_a_line_says_so(built: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(built))
    found = {
        sheet.title: [row for row, look in sheet.row_dimensions.items() if look.hidden]
        for sheet in book
    }
    assert {title for title, rows in found.items() if rows} == {"Exchange"}
    assert len(found["Exchange"]) == 2 * (MOST_GOODS - UNFOLDED)
    assert not book["Exchange"].protection.formatRows  # whoever likes may show them
    place = read_book(built, "built").places[FOLDED]
    assert {int(re.sub(r"\D", "", cell)) for (cell,) in place.rows} <= set(found["Exchange"])
    said = str(read_book(built, "built").value("folded_said"))
    assert said.startswith(f"Room for {MOST_GOODS - UNFOLDED} more goods in rows that are folded")
    names = {good_name(number): f"Good {number}" for number in (UNFOLDED, UNFOLDED + 2)}
    told = read_book(recalculate(built, "built", dict(names)).data, "built").value("folded_said")
    assert str(told).startswith("1 more good")
