"""One wiring test for all sheets: every shown cell is what its label says, every series its name.

What a label means is written here anew, from its words, and not taken from the sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from xlsxwriter.utility import xl_rowcol_to_cell

from pycore.graph import evaluate
from pycore.model.results import model
from pycore.model.tables import HEADLINES
from pycore.model.whole import over_tables, whole
from pycore.nodes import Assumption
from workbook.formulas import defined_name
from workbook.read import Book, read_book
from workbook.sheets import sheets
from workbook.sheets.layout import Cell, Placed

OR_DASH = re.compile(r'=IFERROR\((.*),"-"\)')
INDEXED = re.compile(r"=(?:IF\()?INDEX\((\w+),(\d+),(\d+)\)(?:=\"\",.*)?\)?")
NAMED = re.compile(r"=(\w+)")
REPEATED = re.compile(r"=IF\(ISBLANK\((\w+)\),\"\",\1\)")

ENDS = {"Low (5%)": "_low", "Central": "", "High (95%)": "_high", "Distribution": "_distribution"}
FITTED = {"Fitted 5%": 1, "Fitted median": 2, "Fitted 95%": 3, "Fitted mean": 4}
PERCENTILES = ("5%", "25%", "Median", "75%", "95%", "Mean", "Chance of threshold or more")
ONE_MORE = {"One common bar": "bar", "One more place": "place", "One more mentor": "mentor"}

SAYS = {
    ("Cost", "Low end", "Multiple"): "cost_multiple_range_high",
    ("Cost", "Central", "Multiple"): "cost_multiple",
    ("Cost", "High end", "Multiple"): "cost_multiple_range_low",
    ("Cost", "Asked of donors", "Multiple"): "asked_multiple",
    ("Cost", "Average cost", "Multiple"): "average_multiple",
    ("Cost", "In the chosen scope", "Multiple"): "scoped_multiple",
    ("Marginal", "The threshold", ""): "marginal_threshold",
    ("Exchange", "Inconsistency", "Rate"): "consistent_rates_block[1,5]",
    ("Exchange", "Worst circle of three", "Rate"): "consistent_rates_block[1,6]",
    **{
        ("Summary", label, header): name
        for label, multiple in (
            ("One more scholar, at the marginal cost", "cost_multiple"),
            ("The marginal scholar, in one line", "adjusted_multiple"),
            ("One more place, where mentors choose", "place_multiple"),
            ("One more mentor's first choice", "mentor_multiple"),
            ("At the cost asked of donors", "asked_multiple"),
            ("At the average cost of a scholar", "average_multiple"),
        )
        for header, name in (("Central", multiple), ("90% range", f"{multiple}_within"))
    },
    **{
        ("Summary", question, header): name
        for question, short, within in (
            ("By how much is one more scholar worth", "cost_quote", "cost_multiple"),
            ("Is the marginal scholar worth what", "adjusted_quote", "adjusted_multiple"),
            ("How does the ratio of capabilities to", "ratio_after_text", "ratio_shift_after"),
            ("How long does local alignment hold?", "short_window", "exit_year"),
        )
        for header, name in (("Answer", short), ("90% range", f"{within}_within"))
    },
    **{
        ("Marginal", "First choices that another mentor shares", header): name
        for header, name in (
            ("Value", "mentor_margin_overlap"),
            ("Standard error", "mentor_margin_overlap_error"),
        )
    },
    **{
        ("Marginal", label, header): f"mentor_margin_{which}_{part}"
        for label, part in (
            ("Marginal over central scholar", "ratio"),
            ("Its standard error", "ratio_error"),
            ("Drafts in which it is under 0.8", "under"),
        )
        for header, which in ONE_MORE.items()
        if which != "bar"
    },
    **{
        ("Portfolio", label, header): f"{name}{each}"
        for label, name in (
            ("Job openings", "openings_"),
            ("Grant-makers prefer", "funders_"),
            ("Target composition", "target_shares_"),
            ("Target, revised", "revised_shares_"),
            ("Pool today", "pool_"),
            ("Next seats", "gap_plan_"),
        )
        for header, each in (
            ("Iterators", "iterators"),
            ("Amplifiers", "amplifiers"),
            ("Connectors", "connectors"),
        )
    },
}
"""By sheet, label (or its beginning) and header: the name of what must stand there."""

PLAIN = {"Checks", "Sensitivity", "Survey", "Log", "About"}
"""Sheets whose own tests hold their rows, because what stands in a row depends on an answer."""


class Shown(NamedTuple):
    """A cell that shows a reference: its sheet, label, header and place."""

    sheet: str
    label: str
    header: str
    address: tuple[int, int]
    reference: str


@pytest.fixture(name="book", scope="module")
def _book(built: bytes) -> Book:
    return read_book(built, "built")


@pytest.fixture(name="computed", scope="module")
def _computed(book: Book) -> dict[str, Any]:
    """What the core computes from the inputs of the file, by defined name."""
    graph, inputs = whole(), book.inputs()
    results = evaluate(graph, inputs)
    known = {defined_name(reference): value for reference, value in inputs.items()}
    known |= {f"{each.id}_{end}": inputs[each.id] for each in graph.assumptions if each.setting
              for end in ("low", "high")}  # fmt: skip
    for result in graph.results:
        value = results[result.id]
        known[result.id] = value
        known[f"{result.id}_block"] = np.atleast_2d(_upright(result.id, value))
        for place, part in enumerate(result.parts):
            known[f"{result.id}_{part}"] = np.asarray(value, dtype=object)[..., place]
    return known


def _upright(result_id: str, value: Any) -> Any:
    """A curve stands in a column."""
    sweep = whole().swept.get(result_id)
    is_column = sweep and sweep.down and not sweep.across and np.ndim(value) == 1
    return np.reshape(value, (-1, 1)) if is_column else value


def _reference(formula: str) -> str:
    """What a formula shows: a name, or a cell of a block; nothing for another formula."""
    if found := INDEXED.fullmatch(OR_DASH.sub(r"=\1", formula)):
        return f"{found[1]}[{found[2]},{found[3]}]"
    found = NAMED.fullmatch(formula) or REPEATED.fullmatch(formula)
    return found[1] if found else ""


def _value(computed: dict[str, Any], reference: str) -> Any:
    name, _, place = reference.partition("[")
    value = computed[name]
    if not place:
        return value.item() if isinstance(value, np.ndarray) else value
    row, column = map(int, place.rstrip("]").split(","))
    return np.asarray(value, dtype=object)[row - 1, column - 1]


def _texts(placed: Placed, book: Book) -> dict[tuple[int, int], str]:
    """The text that stands in each cell of a sheet."""
    return {
        (at.row, at.column): str(
            book.cell(placed.sheet.name, xl_rowcol_to_cell(at.row, at.column)) or ""
        )
        for at in placed.cells
    }


def _shown(book: Book) -> Iterator[Shown]:
    for placed in sheets():
        texts, header_rows = _texts(placed, book), _headers(placed)
        for at in placed.cells:
            if at.column == 0 or at.column > placed.sheet.last_printed or not at.cell.formula:
                continue
            reference = at.cell.names[-1] if at.cell.calls else _reference(at.cell.formula)
            if reference:
                above = max((row for row in header_rows if row < at.row), default=None)
                header = "" if above is None else texts.get((above, at.column), "")
                label = texts.get((at.row, 0), "")
                yield Shown(placed.sheet.name, label, header, (at.row, at.column), reference)


def _headers(placed: Placed) -> list[int]:
    """The rows that head a table."""
    heads = ("header", "axis_label", "heading")
    rows = {at.row for at in placed.cells if at.column == 0 and at.cell.style.startswith(heads)}
    return [0, *sorted(rows)]


def _same(held: Any, expected: Any) -> bool:
    if held in (None, "", "-"):
        return expected in (None, "", "-")
    if isinstance(expected, str) or isinstance(held, str):
        return str(held) == str(expected)
    return bool(np.isclose(held, float(expected), rtol=1e-9, atol=1e-12))


def test_every_shown_cell_holds_what_its_reference_gives(
    book: Book, computed: dict[str, Any]
) -> None:
    wrong, seen = [], 0
    for shown in _shown(book):
        name = shown.reference.partition("[")[0]
        if name not in computed:
            continue  # a cell of the sheet itself, such as a grid
        seen += 1
        row, column = shown.address
        held = book.cell(shown.sheet, xl_rowcol_to_cell(row, column))
        if not _same(held, _value(computed, shown.reference)):
            wrong.append((shown, held))
    assert not wrong
    assert seen > 1500


def _meant(shown: Shown) -> str | None:
    """What a label and a header mean; nothing where no rule of this test covers them."""
    for (sheet, label, header), name in SAYS.items():
        if (sheet, header) == (shown.sheet, shown.header) and shown.label.startswith(label):
            return name
    headlines = {each.label: number for number, each in enumerate(HEADLINES, start=1)}
    if shown.sheet == "Uncertainty" and shown.label in headlines and shown.header in PERCENTILES:
        column = PERCENTILES.index(shown.header) + 1
        return f"simulation_block[{headlines[shown.label]},{column}]"
    if shown.sheet == "Uncertainty" and shown.label in headlines and shown.header == "Central":
        return HEADLINES[headlines[shown.label] - 1].name
    if shown.sheet == "Scenarios" and shown.label in headlines:
        place = 1 if shown.header == "As assumed" else 2 + _scenario(shown.header)
        return f"scenarios_block[{headlines[shown.label]},{place}]"
    return _declared(shown)


def _scenario(name: str) -> int:
    graph = whole()
    return graph["scenario_table"].rows[0][1:].index(name)  # type: ignore[no-any-return]


def _declared(shown: Shown) -> str | None:
    """What a label of the model itself means, with the header for one of its parts."""
    graph = whole()
    for row, node in enumerate(graph.inputs, start=1):
        if node.label == shown.label and shown.header in ENDS:
            if getattr(node, "setting", False) and shown.header != "Distribution":
                return str(node.id)  # it has no range: both ends follow it
            return f"{node.id}{ENDS[shown.header]}"
        if node.label == shown.label and shown.header in FITTED and isinstance(node, Assumption):
            return f"range_echo_block[{row},{FITTED[shown.header]}]"
    for result in (*model().results, *over_tables().values()):
        if result.label == shown.label and shown.sheet != "Uncertainty":
            part = shown.header.lower().replace(" ", "_")
            if part in result.parts:
                return f"{result.id}_block[1,{result.parts.index(part) + 1}]"
            return result.id if shown.header in ("Value", "One common bar") else None
    return None


def _names(reference: str) -> set[str]:
    """The names under which a reference is known: a part, and its place in the block."""
    graph, found = whole(), {reference}
    for node in graph.assumptions:
        if node.setting and node.id == reference:
            found |= {f"{node.id}_low", f"{node.id}_high"}
    for result in graph.results:
        for place, part in enumerate(result.parts, start=1):
            alike = {f"{result.id}_{part}", f"{result.id}_block[1,{place}]"}
            if alike & found:
                found |= alike
    return found


def test_every_label_stands_beside_what_it_says(book: Book) -> None:
    wrong, covered = [], dict.fromkeys((placed.sheet.name for placed in sheets()), 0)
    for shown in _shown(book):
        meant = _meant(shown)
        if meant is not None:
            covered[shown.sheet] += 1
            if shown.reference not in _names(meant):
                wrong.append((shown, meant))
    assert not wrong
    few = {sheet: number for sheet, number in covered.items() if number < 3}
    assert set(few) <= PLAIN | {"Exchange"}, few


CURVES = {
    "marginal_ratio_curve": ("selection_validity", "marginal_ratio"),
    "bar_curve": ("selection_validity", "marginal_ratio"),
    "mentor_curve": ("selection_validity", "mentor_margin"),
    "net_safety_curve": ("offset", "net_safety"),
}
"""A curve, the assumption along which it runs, and the result that it shows."""


@pytest.mark.parametrize("curve", CURVES)
def test_each_point_of_a_curve_is_the_result_at_that_value(curve: str) -> None:
    graph, (assumption, result) = model(), CURVES[curve]
    few = {"replicates": 20.0}
    along = np.asarray(evaluate(graph, few, wanted=[curve])[curve])
    grid = graph.swept[curve].down
    assert grid is not None
    for point, value in zip(grid.values[::3], along[::3], strict=True):
        single = evaluate(graph, few | {assumption: point}, wanted=[result])[result]
        np.testing.assert_allclose(value, single, rtol=1e-12)


def _column_of(name: str) -> tuple[str, str]:
    """The header above the cells of a name, and the text in front of them."""
    for placed in sheets():
        if name in placed.names:
            where = placed.names[name]
            cells = {(at.row, at.column): at.cell for at in placed.cells}
            above = [row for row in _headers(placed) if row < where.top]
            head = cells.get((above[-1], where.left)) if above else None
            front = cells.get((where.top, 0))
            return _content(head), _content(front)
    raise AssertionError(name)


def _content(cell: Cell | None) -> str:
    return "" if cell is None else str(cell.content if cell.content is not None else cell.formula)


SERIES = {
    "In each step": "_shares",
    "At or below (right axis)": "_cumulative",
    "Assumption at its low end (5%)": "tornado_low_changes",
    "Assumption at its high end (95%)": "tornado_high_changes",
    "Marginal over central": "marginal_ratio_curve",
    "Net effect": "net_safety_curve",
    "Cost multiple": "multiple",
    "Marginal scholar": "adjusted_multiple",
    "One more place": "place",
    "One more mentor": "mentor",
    "One common bar": "bar_curve",
    "The threshold": "threshold_level",
    "High end (95%)": "compared_high_ends",
    "Central (line: 90% range)": "compared_multiples",
    "Load": "window_load",
    "Limit of the load": "window_limit",
    "Chance of having stayed inside": "window_stayed",
    "Pool today": "pool_shares",
    "Target, revised": "revised_shares",
    "Pool with the next seats": "pool_then_shares",
}
"""By a series' name: how the name of its cells ends, or what it holds."""


def test_every_series_refers_to_what_its_name_says() -> None:
    seen = 0
    for placed in sheets():
        for drawn in placed.charts:
            for series in drawn.chart.series:
                seen += 1
                meant = SERIES.get(series.label)
                header, _ = _column_of(series.values)
                others = {each.label for each in drawn.chart.series} - {series.label}
                assert header not in others, (series, header)
                if meant is None:  # such as "Elasticity 0.5" and "1 Connector"
                    number = re.search(r"[\d.]+", series.label)
                    assert number is not None, series.label
                    assert float(header) == float(number[0]), series
                elif header and not header.startswith("="):
                    words = set(re.findall(r"[a-z]{4,}", series.label.lower()))
                    alike = words & set(re.findall(r"[a-z]{4,}", header.lower()))
                    assert alike or meant in series.values, (series, header)
                    assert meant in series.values or alike, series
                else:
                    assert meant in series.values, series
    assert seen > 40
