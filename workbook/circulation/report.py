"""A comparison as a workbook: what each person changed, and a waterfall for each answer."""

from __future__ import annotations

import datetime
import io
import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from workbook.circulation.changes import said
from workbook.circulation.compare import Comparison, Copy, said_of
from workbook.circulation.effects import Effect, effects
from workbook.circulation.words import in_words, input_label, shown_answer
from workbook.sheets.parts import unit_text
from workbook.sheets.styles import (
    BAND,
    BLUE,
    FONT,
    GREEN,
    GREY,
    INK,
    RESULT_FORMATS,
    RULE,
    VERMILLION,
    WHITE,
)
from workbook.stamp import today

MOST_SHEETS, MOST_BESIDE, MOST_STEPS = 20, 8, 12
"""Copies that have a sheet; that stand beside each other; and the steps of a waterfall."""

NOTHING = "no headline answer changes"

CHART_ROWS, ROW_PIXELS = 16, 20
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
LONGEST_TITLE = 28

STEP_COLUMNS = ("Without it", "Up", "Up, below 0", "Down", "Down, below 0", "Total")
COLOURS = (None, GREEN, GREEN, VERMILLION, VERMILLION, BLUE)
FIRST_STEP = 12
"""The column at which the lengths of the bars begin."""


class Report:
    """The workbook of a comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._file = io.BytesIO()
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        self._book = xlsxwriter.Workbook(self._file, plain)
        self._book.set_properties({"created": datetime.datetime.fromisoformat(today())})
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._titles: set[str] = set()

    def to_bytes(self) -> bytes:
        """Write it."""
        copies = self._comparison.copies
        self._overview()
        self._changes()
        self._conflicts()
        for copy in [each for each in copies if any(said_of(each))][:MOST_SHEETS]:
            self._waterfalls(copy)
        self._book.close()
        return self._file.getvalue()

    def _look(self, **more: Any) -> Any:
        key = tuple(sorted(more.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(FONT | {"valign": "top"} | more)
        return self._formats[key]

    def _sheet(self, title: str, says: str, widths: Sequence[float]) -> Any:
        plain = "".join(each if each.isprintable() else " " for each in title)
        name = FORBIDDEN.sub(" ", plain).strip()[:LONGEST_TITLE] or "Copy"
        number = 1
        while (unique := name if number == 1 else f"{name} {number}").casefold() in self._titles:
            number += 1
        self._titles.add(unique.casefold())
        sheet = self._book.add_worksheet(unique)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 26)
        sheet.write_string(0, 0, title, self._look(font_size=18, bold=True, font_color=BLUE))
        sheet.write_string(1, 0, says, self._look(font_color=GREY))
        return sheet

    def _header(self, sheet: Any, row: int, names: Iterable[str], right: int = 99) -> None:
        for column, name in enumerate(names):
            look = {"bold": True, "font_color": WHITE, "bg_color": BLUE, "text_wrap": True}
            align = {"align": "right"} if column >= right else {}
            sheet.write_string(row, column, name, self._look(**look, **align))

    def _heading(self, sheet: Any, row: int, text: str) -> None:
        sheet.write_string(row, 0, text, self._look(bold=True, font_size=12, font_color=BLUE))

    def _write(
        self, sheet: Any, row: int, column: int, value: Any, unit: str = "", shown: str = ""
    ) -> None:
        look = {"bottom": 1, "bottom_color": RULE}
        if isinstance(value, float):
            shown = shown or RESULT_FORMATS.get(unit, "#,##0")
            sheet.write_number(row, column, value, self._look(**look, num_format=shown))
        else:
            align = "right" if unit else "left"
            text = "" if value is None else str(value)
            sheet.write_string(row, column, text, self._look(**look, text_wrap=True, align=align))

    def _overview(self) -> None:
        comparison = self._comparison
        base, copies = comparison.base, comparison.copies
        beside = [each for each in copies if each.effects][:MOST_BESIDE]
        widths = (44, 16, 13, *[16] * max(len(beside), 3))
        says = f"{len(copies)} copies of {base.file}, and what their changes did to the answers."
        sheet = self._sheet("Comparison", says, widths)
        self._header(sheet, 3, ("Copy", "By", "Computed", "Changes", "Refused", "Own parts"), 3)
        row = 4
        for copy in copies:
            counts = (len(copy.changes), len(copy.refused), len(copy.own))
            cells = (copy.file, copy.author or "(not said)", copy.computed, *map(float, counts))
            for column, cell in enumerate(cells):
                self._write(sheet, row, column, cell)
            row += 1
        row = self._why_left_out(sheet, row + 1)
        self._heading(sheet, row, "The answers under each copy")
        names = (f"{copy.who}" for copy in beside)
        self._header(sheet, row + 1, ("Answer", "Unit", "Now", *names), 2)
        row += 2
        answers = beside[0].effects if beside else []
        for place, effect in enumerate(answers):
            if effect.result.endswith((".low", ".high")):
                continue
            self._write(sheet, row, 0, effect.label)
            self._write(sheet, row, 1, unit_text(effect.unit))
            for column, value in enumerate(
                (effect.before, *(copy.effects[place].after for copy in beside)), start=2
            ):
                self._write(sheet, row, column, shown_answer(value), effect.unit)
            row += 1
        if len([each for each in copies if each.effects]) > len(beside):
            sheet.write_string(row, 0, f"The first {MOST_BESIDE} copies stand here.", self._look())
        sheet.freeze_panes(4, 0)

    def _why_left_out(self, sheet: Any, row: int) -> int:
        refused = [copy for copy in self._comparison.copies if copy.refused]
        parts = [copy for copy in self._comparison.copies if copy.own]
        for heading, copies, lines in (
            ("Left out, and why", refused, [copy.refused for copy in refused]),
            ("Sheets and formulas of their own", parts, [copy.own for copy in parts]),
        ):
            if not copies:
                continue
            self._heading(sheet, row, heading)
            row += 1
            for copy, texts in zip(copies, lines, strict=True):
                for text in texts:
                    sheet.write_string(row, 0, copy.file, self._look())
                    sheet.write_string(row, 1, text, self._look())
                    row += 1
            row += 1
        return row

    def _changes(self) -> None:
        rows = [(copy, change) for copy in self._comparison.copies for change in copy.changes]
        sheet = self._sheet(
            "Changes", f"{len(rows)} changes, in the order of the copies.", (26, 18, 48, 30, 26, 26)
        )
        header = ("Copy", "By", "What", "Id and field", "From", "To")
        self._header(sheet, 3, header)
        for row, (copy, change) in enumerate(rows, start=4):
            values = (said(change.before), said(change.after))
            cells = (copy.file, copy.author, input_label(*change.key), change.name, *values)
            for column, cell in enumerate(cells):
                self._write(sheet, row, column, cell)
        sheet.autofilter(3, 0, max(3 + len(rows), 4), len(header) - 1)
        sheet.freeze_panes(4, 0)

    def _conflicts(self) -> None:
        conflicts = self._comparison.conflicts
        says = "What several people changed in different ways, and what each alone would do."
        sheet = self._sheet(
            "Conflicts", says if conflicts else "No two people differ.", (36, 18, 16, 14, 78)
        )
        if not conflicts:
            return
        header = ("What", "Copy", "By", "Value", "What it alone would do")
        self._header(sheet, 3, header)
        row, authors = 4, {copy.file: copy.author for copy in self._comparison.copies}
        for each in conflicts:
            self._write(sheet, row, 0, input_label(each.id, each.field))
            for column, cell in enumerate(
                (self._comparison.base.file, "as it is", said(each.before), "")
            ):
                self._write(sheet, row, column + 1, cell)
            row += 1
            for file, change in each.changes().items():
                does = in_words(effects(self._comparison.base.given, [change])) or NOTHING
                cells = ("", file, authors[file], said(change.after), does)
                for column, cell in enumerate(cells):
                    self._write(sheet, row, column, cell)
                row += 1
        sheet.freeze_panes(4, 0)

    def _waterfalls(self, copy: Copy) -> None:
        says = f"{copy.file}: {len(copy.changes)} changes, and what each did to the answers."
        widths = (38, 12, 12, *[11] * 9, *[12] * len(STEP_COLUMNS))
        sheet = self._sheet(copy.who, says, widths)
        row = 3
        for effect in said_of(copy):
            self._heading(sheet, row, f"{effect.label} ({unit_text(effect.unit)})")
            row = self._waterfall(sheet, row + 1, effect, copy)

    def _waterfall(self, sheet: Any, row: int, effect: Effect, copy: Copy) -> int:
        before, after = effect.before, effect.after
        if not (isinstance(before, float) and isinstance(after, float)) or effect.why_not:
            why = f" It is not shared among the changes: {effect.why_not}" if effect.why_not else ""
            text = f"{shown_answer(before)} became {shown_answer(after)}.{why}"
            sheet.write_string(row, 0, text, self._look())
            return row + 2
        labels = {change.name: input_label(*change.key) for change in copy.changes}
        steps, digits = _steps(effect, labels), _digits(effect)
        self._header(sheet, row, ("Step", "Change", "Then"), 1)
        small = {"font_size": 8, "font_color": GREY}
        for column, name in enumerate(STEP_COLUMNS, start=FIRST_STEP):
            sheet.write_string(row, column, name, self._look(**small))
        level, first = before, row + 1
        rows: list[tuple[str, float | None, float, float]] = [("Before", None, before, 0.0)]
        for label, moved in steps:
            rows.append((label, moved, level + moved, level))
            level += moved
        rows.append(("After", None, after, 0.0))
        for place, (label, step, then, start) in enumerate(rows, start=first):
            self._write(sheet, place, 0, label)
            self._write(sheet, place, 1, step, shown=digits)
            self._write(sheet, place, 2, then, shown=digits)
            bars = _bars(start, then, is_total=step is None)
            for column, length in enumerate(bars, start=FIRST_STEP):
                sheet.write_number(place, column, length, self._look(**small))
        last = first + len(rows) - 1
        self._chart(sheet, row, first, last, effect, [then for _, _, then, _ in rows])
        return max(last + 2, row + CHART_ROWS + 1)

    def _chart(
        self, sheet: Any, row: int, first: int, last: int, effect: Effect, levels: Sequence[float]
    ) -> None:
        chart = self._book.add_chart({"type": "bar", "subtype": "stacked"})
        name = sheet.get_name().replace("'", "''")
        for place, (label, colour) in enumerate(zip(STEP_COLUMNS, COLOURS, strict=True)):
            cells = xl_range_abs(first, FIRST_STEP + place, last, FIRST_STEP + place)
            fill = {"color": colour} if colour else {"none": True}
            chart.add_series(
                {
                    "name": label,
                    "categories": f"='{name}'!{xl_range_abs(first, 0, last, 0)}",
                    "values": f"='{name}'!{cells}",
                    "fill": fill,
                    "border": {"none": True},
                    "gap": 40,
                }
            )
        font = {"name": "Arial", "size": 8, "color": INK}
        shown = _digits(effect)
        axis: dict[str, Any] = {"num_format": shown, "num_font": font, "name_font": font}
        lines = {"visible": True, "line": {"color": BAND}}
        axis |= {"name": unit_text(effect.unit), "major_gridlines": lines, "label_position": "high"}
        lowest, highest = min(levels), max(levels)
        if lowest > 0 and highest - lowest < lowest:
            axis["min"] = float(f"{lowest - (highest - lowest) / 2:.2g}")
        elif highest < 0 and highest - lowest < -highest:
            axis["max"] = float(f"{highest + (highest - lowest) / 2:.2g}")
        chart.set_x_axis(axis)
        chart.set_y_axis({"num_font": font, "label_position": "low", "reverse": True})
        chart.set_title({"name": effect.label, "name_font": font | {"size": 10, "bold": True}})
        chart.set_legend({"none": True})
        chart.set_size({"width": 580, "height": CHART_ROWS * ROW_PIXELS})
        told = f"A waterfall of {effect.label}: before, what each change did, and after."
        sheet.insert_chart(row, 3, chart, {"x_offset": 12, "description": told})


def _steps(effect: Effect, labels: dict[str, str]) -> list[tuple[str, float]]:
    """The largest shares, the largest first; what is left is one step."""
    shares = sorted(
        ((labels[name], share) for name, share in effect.by.items() if share),
        key=lambda step: -abs(step[1]),
    )
    if len(shares) <= MOST_STEPS:
        return shares
    kept, others = shares[: MOST_STEPS - 1], shares[MOST_STEPS - 1 :]
    return [*kept, (f"{len(others)} smaller changes", sum(share for _, share in others))]


def _bars(start: float, end: float, *, is_total: bool) -> tuple[float, ...]:
    """The lengths of the pieces of a column: unseen, up, down and total; each above or below 0."""
    low, high = min(start, end), max(start, end)
    if is_total:
        return (0.0, 0.0, 0.0, 0.0, 0.0, end)
    unseen = low if low > 0 else min(high, 0.0)
    above, below = max(high, 0.0) - max(low, 0.0), min(low, 0.0) - min(high, 0.0)
    return (
        (unseen, above, below, 0.0, 0.0, 0.0)
        if end >= start
        else (unseen, 0.0, 0.0, above, below, 0.0)
    )


def _digits(effect: Effect) -> str:
    """A number format in which the least of the shares has two digits."""
    money, percent = effect.unit == "USD", effect.unit == "share"
    least = min((abs(share) for share in effect.by.values() if share), default=1.0)
    decimals = 1 - math.floor(math.log10(least * (100 if percent else 1)))
    zeros = "0" * min(max(decimals, 0), MOST_DECIMALS)
    number = f"#,##0{'.' if zeros else ''}{zeros}{'%' if percent else ''}"
    return f'"$"{number};-"$"{number}' if money else f"{number};-{number}"


MOST_DECIMALS = 8
