"""Which formulas of a file are computed here, and which keep the value that the file holds.

The model's own formulas are. Any other one is only where the formula engine, with the stored
values around it held, first gives back the value that the file stores for it: a formula engine
knows less than a spreadsheet, and a wrong number is worse than an old one that is named.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from formualizer import ExcelEvaluationError
from openpyxl.formula.tokenizer import Token
from openpyxl.utils.cell import (
    column_index_from_string,
    coordinate_from_string,
    range_boundaries,
)

from workbook.arrays import IS_A_BLOCK, fitted, single
from workbook.calculator import Calculator, as_value
from workbook.digits import TEXT_FUNCTIONS, as_compared
from workbook.file import limits
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
    tokens,
)

UNKNOWN = {"Name", "NImpl", "Circ"}
"""The errors by which the engine says that it cannot compute a formula at all."""

ONLY_A_SPREADSHEET = "its formula uses what only a spreadsheet knows"
DATA_TABLE = "a What-If data table is computed by a spreadsheet only"

NO_RANGE = f"its array is no range of at most {limits.LARGEST_ARRAY:,} cells"
TOO_MANY = f"the arrays before it fill {limits.MOST_FILLED:,} cells together"
FILLING_TOO_MUCH = (NO_RANGE, TOO_MANY)
TOO_LARGE = "it may take more memory than is given to a formula here"
TOO_LONG = "it takes longer than is given to a formula here"
NOT_READ = "the formula engine here cannot read its formula"
GIVES_ANOTHER = "computed here it gives another value"

REFUSAL = "Value"
"""The error by which one of our functions refuses its arguments."""

PROBE = "_FIELD_PROBE"

TEXT_PARTS = ("xl/worksheets/", "xl/sharedStrings")

FUNCTION = re.compile(r"[A-Z_][A-Z0-9_.]*(?=\()")
ABOUT_THE_FILE = {"AGGREGATE", "CELL", "FORMULATEXT", "INFO", "SHEET", "SHEETS"}
OF_VISIBLE_ROWS = {"SUBTOTAL"}
OF_ONE_VALUE = {"N", "T", "LEN", "SUMIF", "COUNTIF"}
"""Functions that the engine gives one value only, where spreadsheets give one for each cell."""

OF_ANY_SIZE = {"EXPAND", "MAKEARRAY", "MUNIT", "RANDARRAY", "SEQUENCE"}
"""Functions that give as many cells as their arguments say."""

ELSEWHERE = {"INDIRECT", "OFFSET"}
"""Functions that refer to as many cells as their arguments say."""

MAKING_TEXT = TEXT_FUNCTIONS - {"EXACT", "FIND", "LEN", "SEARCH"}

UNUSUAL_FORMAT = re.compile(r"\"[^\"]*[E?/][^\"]*\"", re.IGNORECASE)
STORED_TEXT = re.compile(rb"<(?:\w+:)?[tv]\b[^>]*>([^<]+)<")
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
    sizes = _Sizes(book, [recognised.texts[sheet.name, span.address] for sheet, span in foreign])
    has_hidden = any(HIDDEN_ROW.search(book.package.parts[sheet.part]) for sheet in book.sheets)
    filled = 0
    for sheet, span in foreign:
        key = (sheet.name, span.address)
        text = as_compared(recognised.texts[key])
        if is_data_table(span):
            found.kept[key] = (DATA_TABLE, "")
        elif span.array and not is_range(span.array):
            found.kept[key] = (NO_RANGE, f" ({span.array:.40})")
        elif (filled := filled + math.prod(array_size(span))) > limits.MOST_FILLED and span.array:
            found.kept[key] = (TOO_MANY, "")
        elif sizes.are_too_large(recognised.texts[key]):
            found.kept[key] = (TOO_LARGE, "")
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
    names = set(_functions(text))
    if names & ABOUT_THE_FILE or (has_hidden and names & OF_VISIBLE_ROWS):
        return ONLY_A_SPREADSHEET, ""
    if "SUMPRODUCT" in names and names & OF_ONE_VALUE:
        return ONLY_A_SPREADSHEET, ""
    if "TEXT" in names and UNUSUAL_FORMAT.search(text):
        return ONLY_A_SPREADSHEET, ""
    return None


def _functions(text: str) -> list[str]:
    return [each.removeprefix("_XLFN.") for each in FUNCTION.findall(text.upper())]


class _Sizes:
    """How large what a formula makes on its way may become, before the engine sees it."""

    def __init__(self, book: Book, formulas: Sequence[str]) -> None:
        self._names = book.names
        spots = [coordinate_from_string(each) for sheet in book.sheets for each in sheet.cells]
        self._last_row = max((row for _, row in spots), default=1)
        self._last_column = max(
            map(column_index_from_string, {each for each, _ in spots}), default=1
        )
        parts = (each for part, each in book.package.parts.items() if part.startswith(TEXT_PARTS))
        found = (len(text) for part in parts for text in STORED_TEXT.findall(part))
        self._longest = min(max(found, default=1), limits.LONGEST_TEXT)
        if any("REPT(" in each.upper() for each in formulas):
            self._longest = limits.LONGEST_TEXT

    def are_too_large(self, formula: str) -> bool:
        """Whether a formula's own arrays or texts may eat the memory of the machine."""
        read = tokens(formula) or []
        functions = {*_functions(formula)}
        ranges = [self._size(each.value) for each in read if each.subtype == Token.RANGE]
        rows, columns = (max((each[at] for each in ranges), default=1) for at in (0, 1))
        cells, largest = float(rows * columns), max(map(math.prod, ranges), default=1)
        makes_text = bool(MAKING_TEXT & functions) or any(each.value == "&" for each in read)
        if OF_ANY_SIZE & functions:
            cells = max(cells, self._given(read))
        if (OF_ANY_SIZE | ELSEWHERE) & functions and makes_text:
            cells = max(cells, limits.MOST_CROSSED)
        if cells > max(limits.MOST_CROSSED, largest):
            return True
        # What LET names may be joined to itself, again and again.
        joined = sum(each.value == "&" for each in read) if "LET" in functions else 0
        return (
            makes_text
            and cells * self._letters(read) * 2.0 ** min(joined, 99) > limits.MOST_LETTERS
        )

    def _given(self, read: Sequence[Token]) -> float:
        """How many cells functions of any size give; any number where it is not written there."""
        number, depth, inside = 1.0, 0, 0
        for token in read:
            name = token.value.upper().removeprefix("_XLFN.").rstrip("(")
            if token.subtype == Token.OPEN:
                depth += 1
                if inside:
                    return math.inf
                inside = depth if name in OF_ANY_SIZE else 0
            elif token.subtype == Token.CLOSE:
                inside = 0 if inside == depth else inside
                depth -= 1
            elif inside and token.type == Token.OPERAND and token.subtype == Token.NUMBER:
                number *= max(abs(float(token.value)), 1.0)
            elif inside and token.type not in (Token.SEP, Token.WSPACE):
                return math.inf
        return number

    def _letters(self, read: Sequence[Token]) -> float:
        """How many letters of single cells a formula puts together at most."""
        levels = [("", [0.0])]
        for token in read:
            if token.subtype == Token.OPEN:
                levels.append((token.value, [0.0]))
            elif token.subtype == Token.CLOSE and len(levels) > 1:
                function, given = levels.pop()
                levels[-1][1][-1] += self._made(function, given)
            elif token.type == Token.SEP:
                levels[-1][1].append(0.0)
            elif token.type == Token.OPERAND:
                is_text = token.subtype == Token.TEXT
                levels[-1][1][-1] += len(token.value) if is_text else self._longest
        return sum(levels[0][1])

    def _made(self, function: str, given: Sequence[float]) -> float:
        """How many letters a function makes of those of its arguments, at most."""
        name = function.upper().removeprefix("_XLFN.")
        if name == "REPT(":
            return limits.LONGEST_TEXT
        if name == "SUBSTITUTE(" and len(given) > 2:
            return given[0] * max(given[2], 1)
        return sum(given)

    def _size(self, reference: str) -> tuple[int, int]:
        """The rows and columns of what a formula refers to; of whole ones, as far as cells go."""
        _, _, place = reference.rpartition("!")
        for meant in self._names.get(place.casefold(), ()):
            _, _, place = meant.rpartition("!")
        if "[" in place:  # a table
            return self._last_row, self._last_column
        try:
            left, top, right, bottom = range_boundaries(place)
        except (ValueError, TypeError):
            return 1, 1
        rows, columns = (bottom or 1) - (top or 1) + 1, (right or 1) - (left or 1) + 1
        if place.replace("$", "").replace(":", "").isalpha():
            rows = self._last_row
        elif place.replace("$", "").replace(":", "").isdecimal():
            columns = self._last_column
        return rows, columns


class _Probe:
    """Computes one formula at a time, while all others stand at their stored values."""

    def __init__(self, book: Book) -> None:
        self._calculator = Calculator(book, longest=limits.LONGEST_FORMULA_MS)
        self._end = time.monotonic() + limits.LONGEST_OWN
        self._seen: list[Any] = []
        self.seen: Any = None
        # The book holds the callback, which must not hold the book.
        self._calculator.register(PROBE, partial(_see, self._seen), 1)

    def why_not(self, sheet: SheetCells, span: CellSpan, text: str) -> Why | None:
        """Say why a formula is not to be trusted, if it is not."""
        key = (sheet.name, span.address)
        if time.monotonic() > self._end:
            return TOO_LONG, ""
        before = self._calculator.raw(key)
        self._seen.clear()
        try:
            if not text or not self._calculator.put(key, f"{PROBE}({text})"):
                return NOT_READ, ""
            answer = self._calculator.evaluate_cell(key)
        except RuntimeError:  # of the engine, for what it finds it cannot read only now
            return NOT_READ, ""
        except ExcelEvaluationError:
            return TOO_LONG, ""
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
