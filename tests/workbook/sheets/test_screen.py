"""What a person sees: links that lead somewhere, sheets that fit a screen, numbers and contrast."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import openpyxl
import pytest

from pycore.graph import evaluate
from pycore.model.results import model
from pycore.model.whole import whole
from pycore.model.wording import written
from workbook.file.package import open_package
from workbook.read import Book, read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets, styles
from workbook.sheets.assumptions import HEADER, PAGES
from workbook.sheets.layout import Cell, Placed, Table
from workbook.sheets.parts import TRACED
from workbook.sheets.summary import SHOWN_CHANGES
from workbook.sheets.trace import MOVED, SHOWN

PLACED = {placed.sheet.name: placed for placed in sheets()}
IN_SIGHT = [placed for placed in PLACED.values() if not placed.sheet.hidden]
NAMES = {name: placed for placed in IN_SIGHT for name in placed.names}
ANCHORS = {anchor for placed in IN_SIGHT for anchor in placed.anchors}


def links(placed: Placed) -> list[str]:
    """Where a sheet leads."""
    return [at.cell.link for at in placed.cells if at.cell.link]


# Links


@pytest.mark.parametrize("placed", IN_SIGHT, ids=[each.sheet.name for each in IN_SIGHT])
def test_every_link_leads_to_something_in_sight(placed: Placed) -> None:
    for link in links(placed):
        if link.endswith("!"):
            assert not PLACED[link[:-1]].sheet.hidden
        elif link.startswith("@"):
            assert link[1:] in ANCHORS
        else:
            assert link in NAMES, link


def test_every_sheet_leads_to_the_summary_and_the_summary_to_every_sheet() -> None:
    summary = links(PLACED["Summary"])
    for placed in IN_SIGHT:
        if placed.sheet.name != "Summary":
            assert "Summary!" in links(placed), placed.sheet.name
            assert f"{placed.sheet.name}!" in summary


def test_the_links_of_the_file_are_to_its_own_cells(built: bytes) -> None:
    book, parts = read_book(built, "built"), open_package(built, "built").parts
    names = {sheet.name for sheet in book.sheets}
    walked = 0
    for part, xml in parts.items():
        if not part.startswith("xl/worksheets/sheet"):
            continue
        found = re.findall(r"<hyperlink ([^>]*)/>", xml.decode())
        for attributes in found:
            assert "r:id" not in attributes  # no page is fetched from a cell that a person edits
            location = re.search(r'location="([^"]*)"', attributes)
            assert location is not None
            sheet, _, address = location[1].rpartition("!")
            assert sheet.strip("'") in names if sheet else address in book.places, location[1]
            walked += 1
    assert walked == sum(len(links(placed)) for placed in PLACED.values()) > 500


def test_computed_links_lead_to_inputs_and_to_pages_of_sources() -> None:
    pages = tuple(PAGES.values())
    for placed in IN_SIGHT:
        for at in placed.cells:
            for target in re.findall(r'HYPERLINK\(("[^"]*")', at.cell.formula):
                name = target.strip('"').removeprefix("#")
                assert name in ("", *NAMES) or name.startswith(pages)
    assert all(node.id in NAMES for node in model().inputs)


def test_a_page_is_linked_only_while_the_source_names_it(built: bytes) -> None:
    place = read_book(built, "built").places["value_per_researcher_source"]
    page = f"J{place.first[1:]}"
    assert HEADER.index("Page") == 9

    def shown(data: bytes) -> Any:
        return openpyxl.load_workbook(io.BytesIO(data), data_only=True)["Assumptions"][page].value

    assert shown(built) == "open"


# Trace


def _traced(placed: Placed, prefix: str) -> dict[str, set[str]]:
    """What stands beside each node of the trace, by its id."""
    found: dict[str, set[str]] = {}
    node = ""
    for row in sorted({at.row for at in placed.cells}):
        cells = {at.column: at.cell for at in placed.cells if at.row == row}
        lead = cells.get(0, Cell())
        if lead.style in ("heading", "header"):
            node = ""
        elif lead.anchor:
            node = lead.anchor.removeprefix(prefix) if lead.anchor.startswith(prefix) else ""
        if node:
            beside = (cells[column].link for column in cells if column > 0)
            found.setdefault(node, set()).update(filter(None, beside))
    return found


@pytest.mark.parametrize(
    "changed",
    [
        {"marginal_cost": 23_000.0},
        {"impact_orders": 4.5},
        {"offset": 50.0},
        {"team_returns": 0.8},
        {"openings_weight": 0.4},
        {"cost_scope": "recruit"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_an_assumption_moves_is_what_the_trace_says(changed: dict[str, Any]) -> None:
    graph, (name,) = model(), changed
    few = {"replicates": 20.0}
    before, after = evaluate(graph, few), evaluate(graph, few | changed)
    moved = {
        each.id
        for each in graph.results
        if each.id in NAMES
        and not np.array_equal(
            np.asarray(before[each.id], dtype=object), np.asarray(after[each.id], dtype=object)
        )
    }
    listed = _traced(PLACED["About"], MOVED)[name]
    assert moved
    assert moved <= listed


def test_each_result_names_what_it_is_computed_from() -> None:
    origins = _traced(PLACED["About"], TRACED)
    assert origins["cost_multiple"] == {"value_per_researcher", "marginal_cost"}
    assert origins["cost_quote"] == {"@trace:cost_multiple_range"}
    assert origins["target_shares"] >= {"openings_iterators", "funders_connectors"}
    placed = {each.id for each in model().results if each.id in NAMES}
    assert placed <= origins.keys()


def test_what_moves_a_result_is_reached_from_it() -> None:
    origins = _traced(PLACED["About"], TRACED)

    inputs = {each.id for each in model().inputs}

    def behind(result: str) -> set[str]:
        found: set[str] = set()
        for link in origins[result]:
            found |= behind(link.removeprefix(f"@{TRACED}")) if link[0] == "@" else {link}
        return found

    def reached(result: str) -> set[str]:
        """The inputs behind a result, also where it is computed from an end of their range."""
        ends = {each.removesuffix(end) for each in behind(result) for end in ("_low", "_high")}
        return ends & inputs

    assert "mentors" in reached("place_multiple")
    for name, results in _traced(PLACED["About"], MOVED).items():
        results = {each.removesuffix(SHOWN) for each in results}
        assert {each for each in results if name not in reached(each)} == set(), name
    assert "value_per_researcher" in reached("good_multiple")
    assert "Survey!" in behind("good_multiple")


# Widths


WIDE = {"Assumptions": HEADER.index("Page") + 1, "Survey": 0}
"""Sheets of which only the first columns are in sight at once, and how many."""


@pytest.mark.parametrize("placed", IN_SIGHT, ids=[each.sheet.name for each in IN_SIGHT])
def test_a_sheet_is_as_wide_as_the_screen_at_most(placed: Placed) -> None:
    columns = WIDE.get(placed.sheet.name, len(placed.sheet.widths))
    width = sum(7 * each + 5 for each in placed.sheet.widths[:columns])
    assert width <= styles.SCREEN_WIDTH
    for drawn in placed.charts:
        left = sum(7 * each + 5 for each in placed.sheet.widths[: drawn.column])
        assert left + drawn.chart.width <= styles.SCREEN_WIDTH


def test_no_workings_stand_on_a_sheet_in_sight() -> None:
    for placed in IN_SIGHT:
        for at in placed.cells:
            assert not (at.cell.calls and at.cell.block != (1, 1)), (placed.sheet.name, at)
            assert not str(at.cell.content).startswith("Workings:")


# Numbers


SECTION = re.compile(r"(?:\[([<>]=?)([\d.]+)\])?(.*)")
EXAMPLES = (0.0, 0.0007, 0.3, -0.3, 1.0, 5.0, 65.0, 999.5, 1e6)
EXTREMES = (1.4e-13, -1.4e-13, 2e-5, -2e-5, 6e-5, 3e12, -3e12)
FORMATS = {
    **styles.RESULT_FORMATS,
    **{f"{unit}, typed": each for unit, each in styles.INPUT_FORMATS.items()},
}
COMPARE = {
    "<": lambda v, w: v < w,
    "<=": lambda v, w: v <= w,
    ">": lambda v, w: v > w,
    ">=": lambda v, w: v >= w,
}


def shown(pattern: str, number: float) -> str:
    """A number in a number format, as LibreOffice writes it: no minus but in the first section."""
    sections = [SECTION.fullmatch(each) for each in pattern.split(";")]
    for place, section in enumerate(sections):
        assert section is not None
        sign, bound, body = section.groups()
        if sign is None or COMPARE[sign](number, float(bound)):
            minus = "-" if number < 0 and place == 0 else ""
            return minus + _body(body, abs(number))
    raise AssertionError(pattern)


def _body(body: str, size: float) -> str:
    scaled = size * 100 if body.endswith("%") else size
    before, digits, after = re.fullmatch(r"([^0#G]*)([0#,.]+|General)(.*)", body).groups()  # type: ignore[union-attr]
    if digits == "General" and 0 < scaled < 1e-9:
        text = f"{scaled:.2E}"
    elif digits == "General":
        text = f"{scaled:.10f}".rstrip("0").rstrip(".")
    else:
        decimals = digits.partition(".")[2]
        text = f"{scaled:{',' if ',' in digits else ''}.{len(decimals)}f}"
        optional = len(decimals) - decimals.count("0")
        while optional and text.endswith("0"):
            text, optional = text[:-1], optional - 1
    return (before + text + after).replace('"', "")


@pytest.mark.parametrize("unit", FORMATS)
@pytest.mark.parametrize("number", EXAMPLES)
def test_a_number_is_shown_as_what_it_is(unit: str, number: float) -> None:
    if unit == "tolerance" and number < 1e-7:
        return  # is called exact
    text = shown(FORMATS[unit], number)
    assert not re.search(r"E|\.$|\.%|\.[^\d]", text), text
    assert text != "$0.00"
    found = float(re.sub(r"[$,%]", "", text)) / (100 if text.endswith("%") else 1)
    assert found == pytest.approx(number, rel=0.01), text


def at_last(unit: str, number: float) -> str:
    """A number in a cell of a unit, with the conditional formats that it has."""
    formats = styles.extremes(unit)
    pattern = next((each for low, high, each in formats if low <= number <= high), "")
    if not pattern:
        return shown(FORMATS[unit], number)
    if '"<' in pattern or '">' in pattern:
        return pattern.strip('"')
    power = re.sub(r"E([+-])0*", r"E\1", f"{abs(number):.2E}")
    sign = "-" if number < 0 else ""
    assert pattern.count(";") == (number < 0)
    return sign + ("$" if "$" in pattern else "") + power


@pytest.mark.parametrize("unit", styles.RESULT_FORMATS)
@pytest.mark.parametrize("number", EXTREMES)
def test_an_extreme_number_is_shown_as_what_it_is(unit: str, number: float) -> None:
    if unit == "tolerance" and number < 1e-7:
        return  # is called exact
    text = at_last(unit, number)
    if text in ("<0.0005%", ">-0.0005%"):
        assert abs(number) < 0.000005
        assert (number < 0) == (">" in text)
        return
    found = float(re.sub(r"[$,%]", "", text)) / (100 if text.endswith("%") else 1)
    assert found == pytest.approx(number, rel=0.01), text
    assert len(text) < 24


def test_usual_numbers_have_no_power_of_ten() -> None:
    for unit in styles.RESULT_FORMATS:
        for low, high, _ in styles.extremes(unit):
            assert not any(low <= number <= high for number in EXAMPLES)


def test_small_shares_and_equal_ones_are_told_apart_rightly() -> None:
    assert shown(styles.RESULT_FORMATS["share"], 0.000007) == "0.0007%"
    assert written(0.115, "percent") == written(0.115 - 1e-15, "percent")
    for placed in IN_SIGHT:
        for drawn in placed.charts:
            assert drawn.chart.labels != "0%", drawn.chart.title


def test_bounds_are_written_out() -> None:
    assert styles.number_format("bound", 1e15) == "#,##0"
    assert shown(styles.number_format("bound", 1e-9), 1e-9) == "0.000000001"


# Contrast, headers and prompts


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, by the guidelines for accessible content (WCAG 2)."""

    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot((0.2126, 0.7152, 0.0722), linear))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("style", styles.STYLES)
def test_every_style_can_be_read(style: str) -> None:
    look = styles.FONT | styles.STYLES[style]
    assert contrast(look["font_color"], look.get("bg_color", styles.WHITE)) >= 4.5


def test_texts_on_drawn_colours_can_be_read() -> None:
    fills = (styles.INPUT_FILL, styles.ORANGE, styles.SKY, styles.BAR_FILL, styles.BAND)
    assert all(contrast(styles.INK, each) >= 4.5 for each in fills)
    assert contrast(styles.WHITE, styles.BLUE) >= 4.5
    assert contrast(styles.GREY, styles.WHITE) >= 4.5


def _holds(cell: Cell | None) -> bool:
    return cell is not None and (cell.content is not None or bool(cell.formula))


def _tables() -> Iterator[tuple[str, Table]]:
    for placed in IN_SIGHT:
        for block in placed.sheet.blocks:
            if isinstance(block, Table) and (block.header or block.axis):
                yield placed.sheet.name, block


def test_every_column_of_a_table_has_a_header() -> None:
    seen = 0
    for name, table in _tables():
        heads = [bool(text) for text in table.header] or [_holds(cell) for cell in table.axis]
        for column in range(max(map(len, table.rows), default=0)):
            if any(_holds(row[column]) for row in table.rows if column < len(row)):
                seen += 1
                assert column < len(heads), (name, table.heading, column)
                assert heads[column], (name, table.heading, column)
    assert seen > 150


def test_headings_stand_in_order() -> None:
    """A title on top, then headings, and no table before the title."""
    for placed in IN_SIGHT:
        first = min(placed.cells, key=lambda at: (at.row, at.column))
        assert (first.row, first.column, first.cell.style) == (0, 0, "title"), placed.sheet.name
        heads = [at.cell.style for at in placed.cells if at.cell.style in ("title", "heading")]
        assert heads.count("title") == 1


def test_labels_of_assumptions_are_unique() -> None:
    labels = [node.label for node in model().inputs]
    assert len(set(labels)) == len(labels)


# What has changed, and rows that are drawn where they are needed


@pytest.fixture(name="edited", scope="module")
def _edited(built: bytes) -> Book:
    changes: dict[str, float | str] = {
        "marginal_cost": 23_000.0,
        "offset.high": 160.0,
        "cost_scope": "recruit",
    }
    return read_book(recalculate(built, "built", changes).data, "built")


def test_an_answer_that_cannot_be_explained_says_so_in_place_of_errors(built: bytes) -> None:
    data = recalculate(built, "built", {"sensitivity_outcome": "exit_year"}).data
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    for name in ("Summary", "Sensitivity"):
        texts = [str(each) for row in book[name].values for each in row]
        assert sum("Not explained: no number in some draws" in each for each in texts) == 1
        assert not [each for each in texts if each.startswith("#")]


def test_what_differs_from_the_base_values_is_counted_and_listed(edited: Book) -> None:
    number = len(whole().inputs)
    assert edited.value("changes_said").startswith(f"4 of {number} assumptions differ")
    rows = [
        [edited.cell("Summary", f"{column}{row}") for column in "ABCD"] for row in range(1, 200)
    ]
    first = next(n for n, row in enumerate(rows) if row[0] == "Assumption" and row[1] == "Now") + 1
    listed = [row[:4] for row in rows[first : first + SHOWN_CHANGES]]
    assert listed[:4] == [
        ["Cost of one more scholar", 23_000, 22_500, "changed"],
        ['What "creating" a researcher covers', "recruit", "retrain", "changed"],
        ["Drafts simulated", 20, 500, "changed"],  # as all files of the tests have it
        [model()["offset"].label, 100, 100, "range changed"],
    ]
    assert all(row[0] == "-" for row in listed[4:])


def test_rows_without_a_good_are_not_drawn(built: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(built))
    place = read_book(built, "built").places["good_owns"]
    top, bottom = place.rows[0][0], place.rows[-1][0]
    sheet = book[place.sheet]
    assert sheet[bottom].fill.patternType is None
    assert sheet[bottom].border.bottom.style is None
    rules = {str(each.sqref): each.rules for each in sheet.conditional_formatting}
    drawn = [rule.dxf.fill is not None for rule in rules[f"{top}:{bottom}"]]
    assert drawn.count(True) == 1
