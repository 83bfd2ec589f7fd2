"""What stands in the cells of a sheet: the values that a file stores, whatever they look like."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from defusedxml import ElementTree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601
from openpyxl.utils.escape import unescape

from workbook.file.patch import CellSpan

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Value = float | int | str | bool | datetime.datetime | datetime.time | datetime.timedelta | None


def texts_of(shared_strings: bytes) -> list[str]:
    """The texts that cells share, as the file writes them, without their looks and readings."""
    tree: Any = ElementTree.fromstring(shared_strings)
    return [
        "".join(
            part.text or ""
            for part in (*each.findall(f"{MAIN}t"), *each.findall(f"{MAIN}r/{MAIN}t"))
        )
        for each in tree.iter(f"{MAIN}si")
    ]


def date_styles(styles: bytes) -> Mapping[str, str]:
    """The styles of a file that show a number as a date or a time, with their number formats."""
    tree: Any = ElementTree.fromstring(styles)
    formats = {
        each.get("numFmtId"): each.get("formatCode", "") for each in tree.iter(f"{MAIN}numFmt")
    }
    formats = {str(number): code for number, code in BUILTIN_FORMATS.items()} | formats
    found = {}
    for number, style in enumerate(tree.findall(f"{MAIN}cellXfs/{MAIN}xf")):
        code = formats.get(style.get("numFmtId", "0"), "")
        if is_date_format(code):
            found[str(number)] = code
    return found


class CellValues:
    """Reads the values of a file's cells.

    Parameters
    ----------
    texts : callable
        Gives the texts that cells share, once they are needed.
    dates : callable
        Gives the styles of dates, once they are needed.
    first_year : str
        "1900" or "1904": when the file's dates begin.
    """

    def __init__(
        self,
        texts: Callable[[], list[str]],
        dates: Callable[[], Mapping[str, str]],
        first_year: str,
    ) -> None:
        self._texts = texts
        self._dates = dates
        self._epoch = MAC_EPOCH if first_year == "1904" else WINDOWS_EPOCH

    def of(self, span: CellSpan) -> Value:
        """The value of a cell; an error is its code.

        Raises
        ------
        ValueError, IndexError
            If the cell holds no value of its kind.
        """
        kind, text = span.attributes.get("t", "n"), span.value
        if kind == "str":
            return str(unescape(text or ""))
        if kind == "inlineStr":
            return None if span.inline is None else str(unescape(span.inline))
        if not text:
            return None
        if kind == "s":
            place = int(text)
            if place < 0:
                raise IndexError(place)
            return str(unescape(self._texts()[place]))
        if kind == "b":
            return bool(int(text))
        if kind == "d":
            found: Value = from_ISO8601(text)  # type: ignore[no-untyped-call]
            return found
        return text if kind == "e" else self._number(span, text)

    def _number(self, span: CellSpan, text: str) -> Value:
        number = float(text) if set(text) & set(".eEnN") else int(text)
        code = self._dates().get(span.attributes.get("s", "0"))
        if code is None:
            return number
        try:
            day: Value = from_excel(number, self._epoch, is_timedelta_format(code))
        except (ValueError, OverflowError):
            return "#VALUE!"  # as a spreadsheet shows a date beyond its calendar
        return day
