"""The charts of the workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from workbook.sheets.layout import (
    Chart,
    PlacedChart,
    Range,
    Series,
)
from workbook.sheets.styles import (
    FONT,
    GREY,
    INK,
    LOOKS,
    WHITE,
)


def range_address(where: Range) -> str:
    """Write a range as a formula refers to it."""
    cells = xl_range_abs(where.top, where.left, where.bottom, where.right)
    return f"={where.sheet}!{cells}"


GRID = {"visible": True, "line": {"color": "#D9D9D9"}}


NO_LABELS = {
    "label_position": "none",
    "major_tick_mark": "none",
    "major_gridlines": {"visible": False},
}
"""Of an axis along which only the order counts."""

KINDS = {
    "column": {"type": "column"},
    "histogram": {"type": "column"},
    "bars": {"type": "bar"},
    "ranges": {"type": "bar"},
    "line": {"type": "scatter", "subtype": "straight"},
    "dots": {"type": "scatter"},
}
"""What a kind of chart is to XlsxWriter."""


REACHES = 2
"""The rows of a block of dots that only say how far the axis has to reach."""

LABELLED_EDGES = 8
"""Every so many edges of a histogram have their number below."""


def insert_chart(book: Any, sheet: Any, at: PlacedChart, ranges: dict[str, Range]) -> None:
    """Draw a chart on a sheet.

    Parameters
    ----------
    ranges : mapping of str to Range
        What the names of its series stand for.
    """
    declared = at.chart
    chart = book.add_chart(KINDS[declared.kind])
    lines = declared.series[1:] if declared.kind == "histogram" else ()
    for drawn in _drawn(declared, ranges):
        chart.add_series(drawn)
    if lines:
        chart.combine(_cumulative(book, lines, ranges))
    chart.set_title({"name": declared.title, "name_font": _chart_font(12), "overlay": False})
    x_axis = _axis(declared.x_title, declared.x_format, declared.x_highest)
    if declared.x_logarithmic:
        x_axis["log_base"] = 10
    if declared.kind == "histogram":
        x_axis |= {"interval_unit": LABELLED_EDGES, "interval_tick": LABELLED_EDGES}
    y_axis = _axis(declared.y_title, declared.y_format, declared.y_highest)
    if declared.kind == "ranges":
        x_axis |= {"crossing": 1, "min": 0}
    if declared.kind == "dots":
        x_axis["major_gridlines"] = GRID
        y_axis |= NO_LABELS
    elif declared.kind in ("bars", "ranges"):
        # The first row of the table on top, and the numbers below all the same.
        y_axis["reverse"] = True
        x_axis |= {"label_position": "high", "major_gridlines": GRID}
    else:
        y_axis["major_gridlines"] = GRID
    chart.set_x_axis(x_axis)
    chart.set_y_axis(y_axis)
    if len(declared.series) <= 1:
        chart.set_legend({"none": True})
    else:
        chart.set_legend({"position": "bottom", "font": _chart_font(10)})
    chart.set_size({"width": declared.width, "height": declared.height})
    place = {"description": declared.description, "object_position": 2, "x_offset": 8}
    sheet.insert_chart(at.row, at.column, chart, place)


def _drawn(chart: Chart, ranges: dict[str, Range]) -> Iterator[dict[str, Any]]:
    """The series of a chart; of a histogram the columns alone."""
    if chart.dots:
        yield from _dots(ranges[chart.dots])
    for series in chart.series[:1] if chart.kind == "histogram" else chart.series:
        yield _series(chart.kind, series, ranges, chart.labels)


def _series(
    kind: str, series: Series, ranges: dict[str, Range], labels: str = "General"
) -> dict[str, Any]:
    return {
        "name": series.label,
        "categories": range_address(ranges[series.points]),
        "values": range_address(ranges[series.values]),
        **_error_bars(series, ranges),
        **_series_look(kind, series, labels),
    }


def _dots(where: Range) -> Iterator[dict[str, Any]]:
    """The series of a block of dots: of one point each, so that its name can stand beside it.

    The last two rows show no point: by them the axis reaches as far as all intervals and names do.
    The first point is drawn again, over all others that stand in its place: programs differ in
    what lies on top.
    """
    first: dict[str, Any] = {}
    for row in range(where.top, where.bottom + 1):
        high, name, x, y, below, above = (
            _one_cell(where.sheet, row, column)
            for column in range(where.right - 5, where.right + 1)
        )
        name = name.rpartition(":")[0]
        unseen = {"name": name, "values": y, "marker": {"type": "none"}}
        if row > where.bottom - REACHES:
            yield unseen | {"categories": x}
            continue
        colour, marker, _ = LOOKS[min(row - where.top, len(LOOKS) - 1)]
        paint, size = {"color": colour}, 7 if first else 10
        dot = unseen | {"categories": x}
        dot["marker"] = {"type": marker, "size": size, "fill": paint, "border": paint}
        first = first or dot
        bars = {"type": "custom", "plus_values": above, "minus_values": below, "end_style": 1}
        yield dot | {"x_error_bars": bars | {"line": {"color": colour, "width": 1.5}}}
        font = {"name": FONT["font_name"], "size": 9, "color": INK}
        label = {"series_name": True, "position": "right", "font": font}
        yield unseen | {"categories": high, "data_labels": label}
    yield first


def _one_cell(sheet: str, row: int, column: int) -> str:
    cell = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
    return f"={sheet}!{cell}:{cell}"


def _error_bars(series: Series, ranges: dict[str, Range]) -> dict[str, Any]:
    if series.errors is None:
        return {}
    above, below = (range_address(ranges[name]) for name in series.errors)
    bars = {"type": "custom", "plus_values": above, "minus_values": below, "end_style": 0}
    return {"y_error_bars": bars | {"line": {"color": INK, "width": 1.5}}}


def _cumulative(book: Any, lines: Sequence[Series], ranges: dict[str, Range]) -> Any:
    """The lines over the columns of a histogram, on an axis of their own from 0 to 100%."""
    chart = book.add_chart({"type": "line"})
    for series in lines:
        chart.add_series(_series("line", series, ranges) | {"y2_axis": True})
    chart.set_y2_axis(_axis("Share at or below", "0%", 1) | {"label_position": "high"})
    return chart


def _series_look(kind: str, series: Series, labels: str) -> dict[str, Any]:
    if kind == "column":
        above = {"value": True, "num_format": labels}
        return {"fill": {"color": series.colour}, "gap": 80, "data_labels": above}
    if kind == "histogram":
        return {"fill": {"color": series.colour}, "border": {"none": True}, "gap": 10}
    if kind == "ranges":
        above = {"value": True, "num_format": labels, "position": "inside_base"}
        above["font"] = {"color": WHITE, "bold": True}
        look = {"fill": {"color": series.colour}, "gap": 40, "overlap": 100}
        return look | ({"data_labels": above} if series.errors else {})
    if kind == "bars":
        pattern = {"pattern": "wide_upward_diagonal", "fg_color": series.colour}
        look = {"pattern": pattern} if series.dash else {"fill": {"color": series.colour}}
        return look | {"border": {"color": series.colour}, "gap": 40, "overlap": 100}
    line: dict[str, Any] = {"color": series.colour, "width": 2}
    if series.dash:
        line["dash_type"] = series.dash
    paint = {"color": series.colour}
    marker = {"type": series.marker, "size": 6, "fill": paint, "border": paint}
    return {"line": line, "marker": marker}


def _chart_font(size: int) -> dict[str, Any]:
    return {"name": FONT["font_name"], "size": size, "color": GREY, "bold": size > 10}


def _axis(title: str, pattern: str, highest: float | None) -> dict[str, Any]:
    return {
        "max": highest,
        "label_position": "low",  # below a curve that falls under 0
        "name": title,
        "name_font": _chart_font(10) | {"bold": False},
        "num_font": _chart_font(9),
        "num_format": pattern,
    }
