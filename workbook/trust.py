"""Which formulas of a file are computed here, and which keep the value that the file holds.

The model's own formulas are. Any other one is only where the formula engine, with the stored
values around it held, first gives back the value that the file stores for it: a formula engine
knows less than a spreadsheet, and a wrong number is worse than an old one that is named.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from workbook.arrays import IS_A_BLOCK, fitted, single
from workbook.calculator import Calculator, as_value
from workbook.digits import as_compared
from workbook.file.limits import LARGEST_ARRAY
from workbook.file.patch import CellError, CellSpan, SheetCells
from workbook.read import Book
from workbook.recognise import Recognised, only_calls_ours
from workbook.stored import (
    CellKey,
    array_size,
    filled_by,
    has_value,
    is_data_table,
    is_range,
    is_stored,
)

UNKNOWN = {"Name", "NImpl", "Circ"}
"""The errors by which the engine says that it cannot compute a formula at all."""

ONLY_A_SPREADSHEET = "its formula uses what only a spreadsheet knows"
DATA_TABLE = "a What-If data table is computed by a spreadsheet only"

NO_RANGE = f"its array is no range of at most {LARGEST_ARRAY:,} cells"
NOT_READ = "the formula engine here cannot read its formula"
GIVES_ANOTHER = "computed here it gives another value"

REFUSAL = "Value"
"""The error by which one of our functions refuses its arguments."""

PROBE = "_FIELD_PROBE"

FUNCTION = re.compile(r"[A-Z_][A-Z0-9_.]*(?=\()")
ABOUT_THE_FILE = {"AGGREGATE", "CELL", "FORMULATEXT", "INFO", "SHEET", "SHEETS"}
OF_VISIBLE_ROWS = {"SUBTOTAL"}
OF_ONE_VALUE = {"N", "T", "LEN", "SUMIF", "COUNTIF"}
"""Functions that the engine gives one value only, where spreadsheets give one for each cell."""

UNUSUAL_FORMAT = re.compile(r"\"[^\"]*[E?/][^\"]*\"", re.IGNORECASE)
HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=[\"'](?:1|true)")

Why = tuple[str, str]


@dataclass
class Trust:
    """What becomes of the formulas that are not the model's.

    Parameters
    ----------
    computed : dict of tuple to str
        The formulas that are computed, by sheet and address.
    kept : dict of tuple to str
        Those that keep their value, why, and what more there is to say.
    first : list of tuple
        Of those that are computed, the ones of which the file holds no value.
    proved : dict of tuple to value
        What each of those that are computed gave, in the engine's own form.
    """

    computed: dict[CellKey, str] = field(default_factory=dict)
    kept: dict[CellKey, Why] = field(default_factory=dict)
    first: list[CellKey] = field(default_factory=list)
    proved: dict[CellKey, Any] = field(default_factory=dict)

    def among(self, cells: Collection[CellKey]) -> Trust:
        """What becomes of the formulas in some cells."""
        return Trust(
            {key: text for key, text in self.computed.items() if key in cells},
            {key: why for key, why in self.kept.items() if key in cells},
            [key for key in self.first if key in cells],
            {key: value for key, value in self.proved.items() if key in cells},
        )


def trust(book: Book, recognised: Recognised) -> Trust:
    """Compute each formula that is not the model's from the values around it, and compare."""
    found = Trust()
    foreign = [
        (sheet, span)
        for sheet in book.sheets
        for span in sheet.cells.values()
        if span.has_formula and (sheet.name, span.address) not in recognised.ours
    ]
    if not foreign:
        return found
    probe = _Probe(book)
    has_hidden = any(HIDDEN_ROW.search(book.package.parts[sheet.part]) for sheet in book.sheets)
    for sheet, span in foreign:
        key = (sheet.name, span.address)
        text = as_compared(recognised.texts[key])
        if is_data_table(span):
            found.kept[key] = (DATA_TABLE, "")
        elif span.array and not is_range(span.array):
            found.kept[key] = (NO_RANGE, f" ({span.array:.40})")
        elif why := _beyond(text, has_hidden) or probe.why_not(sheet, span, text):
            found.kept[key] = why
        else:
            found.computed[key] = text
            found.proved[key] = probe.seen
            if not has_value(span) and not only_calls_ours(text):
                found.first.append(key)
    return found


def _beyond(text: str, has_hidden: bool) -> Why | None:
    """Say why a formula is not to be trusted even where it gives the value once."""
    names = {each.removeprefix("_XLFN.") for each in FUNCTION.findall(text.upper())}
    if names & ABOUT_THE_FILE or (has_hidden and names & OF_VISIBLE_ROWS):
        return ONLY_A_SPREADSHEET, ""
    if "SUMPRODUCT" in names and names & OF_ONE_VALUE:
        return ONLY_A_SPREADSHEET, ""
    if "TEXT" in names and UNUSUAL_FORMAT.search(text):
        return ONLY_A_SPREADSHEET, ""
    return None


class _Probe:
    """Computes one formula at a time, while all others stand at their stored values."""

    def __init__(self, book: Book) -> None:
        self._calculator = Calculator(book)
        self._seen: list[Any] = []
        self.seen: Any = None
        # The book holds the callback, which must not hold the book.
        self._calculator.register(PROBE, partial(_see, self._seen), 1)

    def why_not(self, sheet: SheetCells, span: CellSpan, text: str) -> Why | None:
        """Say why a formula is not to be trusted, if it is not."""
        key = (sheet.name, span.address)
        before = self._calculator.raw(key)
        self._seen.clear()
        try:
            if not text or not self._calculator.put(key, f"{PROBE}({text})"):
                return NOT_READ, ""
            answer = self._calculator.evaluate_cell(key)
        except RuntimeError:  # of the engine, for what it finds it cannot read only now
            return NOT_READ, ""
        finally:
            self._calculator.put_value(key, before)
        # Some errors the engine gives before it calls anything.
        found = self.seen = self._seen[0] if self._seen else answer
        if isinstance(found, Mapping) and found["kind"] in UNKNOWN:
            return None if is_stored(span, as_value(found)) else (ONLY_A_SPREADSHEET, "")
        if only_calls_ours(text) and _is_ours(found, span):
            return None  # whatever another version gave
        return _difference(sheet, span, found)


def _is_ours(found: Any, span: CellSpan) -> bool:
    """Whether one of our functions gave this, and a cell shows it so."""
    if isinstance(found, Mapping):
        return str(found["kind"]) == REFUSAL
    return bool(span.array) or single(found) is not IS_A_BLOCK


def _see(seen: list[Any], value: Any) -> float:
    # Seen here, the values of an array need no room on the sheet.
    seen.append(value)
    return 0.0


def shown_by(span: CellSpan, value: Any) -> list[Any]:
    """What each of the cells that a formula fills shows of its value."""
    if not span.array:
        return [single(value)]
    return [cell for row in fitted(value, *array_size(span)) for cell in row]


def _difference(sheet: SheetCells, span: CellSpan, found: Any) -> Why | None:
    """Say in which cell a computed value is not the one that the file holds."""
    for address, value in zip(filled_by(span), map(as_value, shown_by(span, found)), strict=True):
        held = sheet.cells.get(address)
        if held is not None and has_value(held) and not is_stored(held, value):
            where = "" if address == span.address else f" in {address}"
            return GIVES_ANOTHER, f" ({_brief(value)}{where}, not {_brief(held.value)})"
    return None


def _brief(value: object) -> str:
    """A value for a message."""
    if isinstance(value, CellError):
        return value.code
    return f"{value:.15g}" if isinstance(value, float) else f"{value!s:.40}"
