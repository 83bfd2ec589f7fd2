"""The charts of a page, as SVG drawn from the file's values: one for a phone, one for a screen.

Each is drawn at the size at which it is shown, so that its text has the size of the page's. A
colour never stands alone: what it means is striped, or written beside it.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from pycore.graph import Graph
from workbook.publishing.told import Compared, Curve, Moving, Spread
from workbook.publishing.words import Figure, figure
from workbook.sheets.layout import Chart
from workbook.sheets.sensitivity import TORNADO_CHART
from workbook.sheets.summary import COMPARED_CHART
from workbook.sheets.uncertainty import distribution_chart

WIDTHS = {"narrow": 328, "wide": 660}
"""How wide a chart is on a phone and on a screen, and in print."""

LETTER, LINE = 7.4, 19
"""About how wide a letter is and how high a line, at the size of the text."""

MARGIN, BAR, GAP = 8, 16, 14
MOST_TICKS = {"narrow": 5, "wide": 9}
RELATIVE_EDGE = 0.04
"""How far an axis reaches beyond what is drawn, as a share of it."""


@dataclass(frozen=True)
class Axis:
    """Numbers along a line: from where to where, and what stands there."""

    lowest: float
    highest: float
    left: float
    right: float

    def at(self, number: float) -> float:
        """Where a number stands."""
        share = (number - self.lowest) / (self.highest - self.lowest)
        return self.left + share * (self.right - self.left)

    def ticks(self, most: int) -> list[float]:
        """Round numbers along it, so many at most."""
        step = 10.0 ** math.floor(math.log10((self.highest - self.lowest) / most))
        factors = (1, 2, 5, 10)
        wanted = (self.highest - self.lowest) / most
        step *= next(each for each in factors if each * step >= wanted * 0.999)
        first = math.ceil(self.lowest / step - 1e-9)
        last = math.floor(self.highest / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


class Drawing:
    """An SVG that grows downward.

    Parameters
    ----------
    name : str
        What its parts are called, once in a page.
    size : str
        One of `WIDTHS`.
    """

    def __init__(self, name: str, size: str, title: str, description: str) -> None:
        self.id, self.size = f"{name}-{size}", size
        self.width, self.y = WIDTHS[size], 0.0
        names = f"{self.id}-title {self.id}-text"
        self.root = Element("svg", {"class": size, "role": "img", "aria-labelledby": names})
        for tag, ending, text in (("title", "title", title), ("desc", "text", description)):
            SubElement(self.root, tag, {"id": f"{self.id}-{ending}"}).text = text
        self._stripes()

    def _stripes(self) -> None:
        """The filling of a striped bar; each drawing has its own, for a hidden one has none."""
        stripes = self.add(
            "pattern",
            id=f"{self.id}-stripes",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        )
        SubElement(stripes, "rect", {"class": "paper", "width": "6", "height": "6"})
        SubElement(stripes, "rect", {"class": "orange", "width": "3", "height": "6"})

    def add(self, tag: str, look: str = "", **attributes: float | str) -> Element:
        """Draw something."""
        found = {
            name.replace("_", "-"): f"{each:.2f}".rstrip("0").rstrip(".")
            if isinstance(each, float | int)
            else each
            for name, each in attributes.items()
        }
        return SubElement(self.root, tag, {"class": look, **found} if look else found)

    def line(self, look: str, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draw a line."""
        self.add("line", look, x1=x1, y1=y1, x2=x2, y2=y2)

    def bar(self, look: str, start: float, end: float, top: float, height: float) -> None:
        """Draw a bar between two places, in any order; a striped one is "low"."""
        fill = {"fill": f"url(#{self.id}-stripes)"} if look == "low" else {}
        left, width = min(start, end), max(abs(end - start), 1)
        self.add("rect", look, x=left, y=top, width=width, height=height, **fill)

    def text(self, text: str, x: float, y: float, look: str = "", anchor: str = "start") -> None:
        """Write a line."""
        self.add("text", look, x=x, y=y, text_anchor=anchor).text = text

    def lines(self, text: str, look: str = "") -> None:
        """Write a text in as many lines as it takes, and go on below."""
        for line in textwrap.wrap(text, int((self.width - 2 * MARGIN) / LETTER)):
            self.y += LINE
            self.text(line, MARGIN, self.y - 5, look)

    def axis(self, axis: Axis, top: float, write: Callable[[float], str], title: str) -> None:
        """Draw an axis below what was drawn, with thin lines up to the top of it."""
        self.y += 4
        last = -math.inf
        for number in axis.ticks(MOST_TICKS[self.size]):
            x, word = axis.at(number), write(number)
            self.line("thin", x, top, x, self.y)
            half = len(word) * LETTER / 2
            if x - half > last and x + half <= self.width:
                self.text(word, x, self.y + LINE - 4, anchor="middle")
                last = x + half + LETTER
        self.line("axis", axis.left, self.y, axis.right, self.y)
        self.y += LINE
        self.lines(title, "muted")

    def markup(self) -> Markup:
        """It as part of a page."""
        self.root.set("width", str(self.width))
        self.root.set("height", str(math.ceil(self.y + MARGIN)))
        self.root.set("viewBox", f"0 0 {self.width} {math.ceil(self.y + MARGIN)}")
        # Thin lines lie behind all else, and texts above it.
        self.root[3:] = sorted(
            self.root[3:], key=lambda each: (each.tag == "text", each.get("class") != "thin")
        )
        # The serialiser escapes every text and attribute.
        return Markup(ElementTree.tostring(self.root, "unicode"))  # noqa: S704


def both(draw: Callable[[str], Markup | None]) -> Markup:
    """A chart at either size, of which the page shows one; nothing where nothing can be drawn."""
    return Markup().join(each for each in map(draw, WIDTHS) if each)


def _around(numbers: Sequence[float], left: float, right: float) -> Axis | None:
    """An axis that reaches a little further than some numbers; none for what has no extent."""
    lowest, highest = min(numbers), max(numbers)
    extent = highest - lowest
    if not 0 < extent < math.inf:
        extent = max(abs(highest), 1.0)
        if not math.isfinite(extent):
            return None
    edge = RELATIVE_EDGE * extent
    start = lowest if lowest == 0 else lowest - edge
    return Axis(start, highest + edge, left, right)


def _tick(unit: str, number: float) -> str:
    return figure(0.0 if abs(number) < 1e-12 else float(f"{number:.6g}"), unit).text


def _titled(chart: Chart, name: str, size: str) -> Drawing:
    return Drawing(name, size, chart.title, chart.description)


def comparison(rows: Sequence[Compared], size: str) -> Markup | None:
    """Bars from 1, where value and cost are equal, to each multiple, with its 90% range."""
    reach = [
        number
        for row in rows
        for number in (row.central.number, row.low, row.high)
        if number is not None
    ]
    drawing = _titled(COMPARED_CHART, "comparison", size)
    axis = _around([1.0, *reach], MARGIN, drawing.width - 7 * LETTER) if reach else None
    if axis is None:
        return None
    one, top = axis.at(1), 4.0
    for row in rows:
        drawing.y += LINE
        drawing.text(row.label, MARGIN, drawing.y - 4)
        middle = drawing.y + BAR / 2
        number = row.central.number
        ends = [each for each in (row.low, row.high) if each is not None]
        if number is not None:
            drawing.bar("bar", one, axis.at(number), drawing.y, BAR)
        if len(ends) == 2:
            low, high = map(axis.at, ends)
            drawing.line("halo", low, middle, high, middle)
            drawing.line("range", low, middle, high, middle)
            for end in (low, high):
                drawing.line("range", end, middle - 5, end, middle + 5)
        last = max(map(axis.at, [1.0, *ends, *([number] if number is not None else [])]))
        drawing.text(row.central.text, last + 6, drawing.y + BAR - 3, "strong")
        drawing.y += BAR + GAP
    drawing.line("axis", one, top, one, drawing.y)
    drawing.axis(axis, top, partial(_tick, "x"), COMPARED_CHART.x_title)
    return drawing.markup()


def tornado(spread: Spread, rows: Sequence[Moving], graph: Graph, size: str) -> Markup | None:
    """A pair of bars for each assumption, from the central answer to that at either end."""
    unit, central = spread.headline.unit(graph), spread.central.number
    reach = [n for row in rows for n in (row.low.number, row.high.number) if n is not None]
    drawing = _titled(TORNADO_CHART, "tornado", size)
    if central is None or not reach:
        return None
    axis = _around([central, *reach], MARGIN, drawing.width - MARGIN)
    if axis is None:
        return None
    low_name, high_name = (series.label for series in TORNADO_CHART.series)
    for look, name in (("low", low_name), ("bar", high_name)):
        drawing.bar(look, MARGIN, MARGIN + 28, drawing.y + 4, 12)
        drawing.text(name, MARGIN + 36, drawing.y + LINE - 4)
        drawing.y += LINE
    middle, top = axis.at(central), drawing.y + 6
    drawing.y += 8
    for row in rows:
        drawing.y += LINE
        drawing.text(row.label, MARGIN, drawing.y - 4)
        for look, found in (("low", row.low), ("bar", row.high)):
            if found.number is not None:
                drawing.bar(look, middle, axis.at(found.number), drawing.y, BAR / 2)
            drawing.y += BAR / 2 + 1
        drawing.y += GAP - 2
    drawing.line("axis", middle, top, middle, drawing.y)
    title = f"{spread.headline.label} ({spread.unit}); the line in the middle is at the central "
    drawing.axis(axis, top, partial(_tick, unit), f"{title}values, {spread.central.text}")
    return drawing.markup()


def distribution(curve: Curve, graph: Graph, size: str) -> Markup | None:
    """Columns with the share of draws in each step, and lines at the ends of the 90% range."""
    spread = curve.spread
    chart = distribution_chart(graph, spread.headline)
    unit = spread.headline.unit(graph)
    text = (
        f"{spread.headline.label}: columns with the share of draws in each of "
        f"{len(curve.shares)} equal steps. 90% of the draws lie between {spread.low.text} and "
        f"{spread.high.text}, half of them below {spread.median.text}."
    )
    drawing = Drawing("distribution", size, chart.title, text)
    axis = Axis(curve.edges[0], curve.edges[-1], 44, drawing.width - MARGIN)
    marks = [("5%", spread.low), ("Median", spread.median), ("95%", spread.high)]
    drawing.y += LINE * len(marks) + 6
    top, height = drawing.y, 170
    tallest = max(curve.shares)
    up = Axis(0, tallest, top + height, top + 8)
    for share in up.ticks(4):
        y = up.at(share)
        drawing.line("thin", axis.left, y, axis.right, y)
        drawing.text(_tick("share", share), axis.left - 6, y + 5, anchor="end")
    for start, end, share in zip(curve.edges[:-1], curve.edges[1:], curve.shares, strict=True):
        if share:
            x, right = axis.at(start), axis.at(end)
            y = up.at(share)
            drawing.bar("bar", x + 0.5, right - 0.5, y, top + height - y)
    for place, (name, mark) in enumerate(marks):
        _mark(drawing, axis, (name, mark), LINE * (place + 1), top + height)
    drawing.y = top + height - 4
    title = f"{chart.x_title}; upward: {chart.y_title.lower()}"
    drawing.axis(axis, top + height, partial(_tick, unit), title)
    return drawing.markup()


def _mark(drawing: Drawing, axis: Axis, mark: tuple[str, Figure], y: float, bottom: float) -> None:
    """A line at a percentile, with what it is above it; one beyond the axis has none."""
    name, found = mark
    if found.number is None or not axis.lowest <= found.number <= axis.highest:
        return
    x, word = axis.at(found.number), f"{name}: {found.text}"
    drawing.line("halo", x, y + 3, x, bottom)
    drawing.line("median" if name == "Median" else "end", x, y + 3, x, bottom)
    half = len(word) * LETTER / 2
    drawing.text(word, min(max(x, half), drawing.width - half), y - 2, anchor="middle")
