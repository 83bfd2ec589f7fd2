"""The formula engine: a package in, the value of every formula out.

Formualizer evaluates the file with our functions registered under the names that a file
stores. It is used for values only: its own writer does not know registered functions.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import formualizer
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.utils.cell import (
    column_index_from_string,
    coordinate_from_string,
    get_column_letter,
)
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.cell_range import CellRange
from xlwings import XlwingsError

from addin.cells import error_code
from addin.functions import Function
from pycore.errors import REFUSED, Found, InputError
from workbook.file.package import LARGEST_EXPANDED, MOST_PARTS, Package
from workbook.file.patch import CellError, CellSpan, Value
from workbook.hosts import calls_ours, stored_names
from workbook.interruption import Interruption

LONGEST_EVALUATION_MS = 300_000
LARGEST_ARRAY = 200_000
UNKNOWN = {"Name", "NImpl"}
"""The errors by which the engine says that it does not know a function or a name."""

MOST_ANSWERED = 1_000
ANSWERED: dict[str, Any] = {}
"""Calls of our functions, oldest first, and what they answered."""
ANSWERING = threading.Lock()

LINK = re.compile(r"'?\[\d+\]")
"""How what a stored formula refers to begins, where that is in another workbook."""


@dataclass
class SheetCells:
    """A sheet of the package: its part, and its cells as found there."""

    name: str
    part: str
    cells: Mapping[str, CellSpan]


@dataclass
class Evaluation:
    """What came of evaluating a package.

    Parameters
    ----------
    values : mapping of part to mapping of address to value
        For every cell that a formula fills.
    kept : list of tuple
        Sheet and address of the formulas that the engine does not know; they keep their
        last value.
    errors : list of tuple
        Sheet, address, error code and reason of every other cell that shows an error.
    """

    values: dict[str, dict[str, Value | CellError]] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)
    errors: list[tuple[str, str, str, str]] = field(default_factory=list)


class Engine:
    """A package loaded into the formula engine, evaluated."""

    def __init__(self, package: Package, sheets: list[SheetCells], name: str) -> None:
        self._sheets = sheets
        self._reasons: list[str] = []
        limits = {
            "max_input_bytes": LARGEST_EXPANDED,
            "max_entries": MOST_PARTS,
            "max_expanded_bytes": LARGEST_EXPANDED,
        }
        try:
            self._book = formualizer.Workbook.from_bytes(
                _for_the_engine(package, sheets), config=_config(), load_limits=limits
            )
            self._interruption = Interruption(self._book.cancel)
            self._book.set_temporal_egress("serial")
            for stored, function in stored_names().items():
                self._book.register_function(stored, self._callback(function))
            self._kept = self._settle()
        except Exception as error:
            raise InputError(
                name, "be a workbook that the formula engine reads", Found(error)
            ) from None

    def _settle(self) -> set[tuple[str, str]]:
        """Evaluate until every formula that the engine does not know stands at its old value.

        What depends on such a cell is then computed from that value, as a spreadsheet would,
        and not from the engine's error.
        """
        kept = {
            (sheet.name, span.address)
            for sheet in self._sheets
            for span in sheet.cells.values()
            if _is_linked(span)
        }
        while True:
            with self._interruption.heeded():
                self._book.evaluate_all()
            unknown = [
                (sheet, span)
                for sheet in self._sheets
                for span in sheet.cells.values()
                if span.has_formula
                and (sheet.name, span.address) not in kept
                and self._is_unknown(sheet.name, span)
            ]
            if not unknown:
                break
            kept |= self._keep(unknown)
        while self._spread_errors(kept):
            with self._interruption.heeded():
                self._book.evaluate_all()
        return kept

    def _spread_errors(self, kept: set[tuple[str, str]]) -> bool:
        """Put the error of an array formula into all cells that it fills, as spreadsheets do.

        Where a formula fails as a whole, the engine leaves the other cells blank, and what
        uses them would be computed as if they were 0. Gives back whether there were any.
        """
        found = False
        for sheet in self._sheets:
            for span in sheet.cells.values():
                if not span.array or _is_data_table(span) or (sheet.name, span.address) in kept:
                    continue
                error = self._stored(sheet.name, span.address)
                if not isinstance(error, Mapping):
                    continue
                others = [address for address in filled_by(span) if address != span.address]
                if all(self._stored(sheet.name, address) is None for address in others):
                    for address in others:
                        self._book.set_value(sheet.name, *_row_and_column(address), error)
                    found = found or bool(others)
        return found

    def _keep(self, unknown: list[tuple[SheetCells, CellSpan]]) -> set[tuple[str, str]]:
        """Put old values where formulas fail; give back those that fail by themselves.

        The others failed only because of what they refer to, and get their formulas again.
        """
        formulas = [self._book.get_formula(*_place(sheet.name, span)) for sheet, span in unknown]
        for sheet, span in unknown:
            self._hold(sheet, span)
        failing = set()
        for (sheet, span), formula in zip(unknown, formulas, strict=True):
            if formula and not span.array:
                place = _place(sheet.name, span)
                self._book.set_formula(*place, f"={formula.removeprefix('=')}")
                with self._interruption.heeded():
                    self._book.evaluate_cell(*place)
                if not self._is_unknown(sheet.name, span):
                    continue
                self._hold(sheet, span)
            failing.add((sheet.name, span.address))
        return failing

    def _hold(self, sheet: SheetCells, span: CellSpan) -> None:
        """Make constants of the stored values of a formula."""
        for address in filled_by(span):
            held = sheet.cells.get(address)
            if held is not None:
                self._book.set_value(*_place(sheet.name, held), stored_value(held))

    def _is_unknown(self, sheet: str, span: CellSpan) -> bool:
        """Whether the engine fails at a formula of which the file holds a value."""
        value = self._stored(sheet, span.address)
        fails = isinstance(value, Mapping) and value["kind"] in UNKNOWN
        return fails and stored_value(span) is not None

    def _callback(self, function: Function) -> Callable[..., Any]:
        """Call the function as a cell does, and remember why it refused."""
        # The book holds the callback; a callback that held the book would keep both for ever.
        reasons, held = self._reasons, weakref.ref(self._interruption)

        def call(*cells: Any) -> Any:
            if interruption := held():
                interruption.check()
            try:
                return _answer(function, cells)
            except XlwingsError as error:
                reasons.append(str(error))
                raise

        return call

    def value(self, sheet: str, address: str) -> Any:
        """Give the value of a cell: a number, text, truth value, ``None`` or CellError."""
        value = self._stored(sheet, address)
        if isinstance(value, Mapping):
            return CellError(error_code(str(value["kind"])))
        return value

    def evaluation(self) -> Evaluation:
        """Collect the value of every cell that a formula fills."""
        found = Evaluation()
        for sheet in self._sheets:
            values = found.values.setdefault(sheet.part, {})
            for span in sheet.cells.values():
                if span.has_formula and not _is_data_table(span):
                    self._collect(found, values, sheet, span)
        # Only now, because asking for a reason computes cells anew.
        found.errors = [
            (sheet_name, address, code, self._reason(sheet_name, address))
            for sheet_name, address, code, _ in found.errors
        ]
        return found

    def _collect(
        self,
        found: Evaluation,
        values: dict[str, Value | CellError],
        sheet: SheetCells,
        span: CellSpan,
    ) -> None:
        if (sheet.name, span.address) in self._kept:
            found.kept.append((sheet.name, span.address))
            return
        for address in filled_by(span):
            if address not in sheet.cells:
                continue
            value = self.value(sheet.name, address)
            values[address] = value
            if isinstance(value, CellError) and (
                address == span.address or value != values.get(span.address)
            ):
                found.errors.append((sheet.name, address, value.code, ""))

    def _stored(self, sheet: str, address: str) -> Any:
        """The engine's own form of a cell's value; an error is a mapping."""
        return self._book.get_value(sheet, *_row_and_column(address))

    def _reason(self, sheet: str, address: str) -> str:
        """Compute one cell again and listen for the reason why a function refuses."""
        place = (sheet, *_row_and_column(address))
        formula = self._book.get_formula(*place)
        if not formula or not calls_ours(formula):
            return ""
        self._reasons.clear()
        self._book.set_formula(*place, f"={formula.removeprefix('=')}")
        with self._interruption.heeded():
            self._book.evaluate_cell(*place)
        return self._reasons[0] if self._reasons else ""


def _row_and_column(address: str) -> tuple[int, int]:
    column, row = coordinate_from_string(address)
    return row, column_index_from_string(column)


def _place(sheet: str, span: CellSpan) -> tuple[str, int, int]:
    return (sheet, *_row_and_column(span.address))


def stored_value(span: CellSpan) -> float | str | bool | None:
    """The value that a file holds for a formula, where it is one that can be used.

    Returns
    -------
    float, str, bool or None
        ``None`` for an error, and where there is none.
    """
    kind = span.attributes.get("t", "n")
    if span.value is None or kind == "e":
        return None
    if kind == "str":
        return unescape(span.value)
    if kind == "b":
        return span.value == "1"
    try:
        return float(span.value)
    except ValueError:
        return None


def _is_linked(span: CellSpan) -> bool:
    """Whether a formula refers to another workbook, which is not here to be asked."""
    if not LINK.search(span.formula):
        return False
    try:
        # A column of a table may be called 2024, and a text may hold [1].
        tokens = Tokenizer(f"={span.formula}").items
    except TokenizerError:
        return True
    return any(LINK.match(token.value) for token in tokens)


def _answer(function: Function, cells: tuple[Any, ...]) -> Any:
    """What a function answers, once for each of the last calls that were new to this process.

    Equal inputs give equal numbers, so an edit computes only what depends on it. Arguments are
    told apart by their text, in which 1, 1.0 and TRUE differ.
    """
    call = f"{function.name}{cells!r}"
    if (answer := ANSWERED.get(call)) is None:
        answer = _with_errors(function.call(*cells))
        with ANSWERING:
            ANSWERED[call] = answer
            while len(ANSWERED) > MOST_ANSWERED:
                del ANSWERED[next(iter(ANSWERED))]
    return answer


def _with_errors(answer: Any) -> Any:
    """Give errors inside a block in the engine's own form."""
    if not isinstance(answer, list):
        return answer
    error = {"type": "Error", "kind": "Value"}
    return [[error if cell == REFUSED else cell for cell in row] for row in answer]


def _config() -> Any:
    evaluation = formualizer.EvaluationConfig()
    evaluation.max_eval_time_ms = LONGEST_EVALUATION_MS
    evaluation.enable_parallel = False
    return formualizer.WorkbookConfig(eval_config=evaluation)


def _is_data_table(span: CellSpan) -> bool:
    return (span.formula_attributes or {}).get("t") == "dataTable"


def filled_by(span: CellSpan) -> Iterator[str]:
    """The addresses that a cell's formula fills: its own, or those of its array."""
    if not span.array:
        yield span.address
        return
    area = CellRange(span.array)
    size = area.size["rows"] * area.size["columns"]
    if size > LARGEST_ARRAY:
        rule = f"fill at most {LARGEST_ARRAY:,} cells"
        raise InputError(f"the array formula in {span.address}", rule, f"{size:,}")
    for row, column in area.cells:
        yield f"{get_column_letter(column)}{row}"


def _for_the_engine(package: Package, sheets: list[SheetCells]) -> bytes:
    """The package without what the engine stumbles over.

    Old values inside arrays would be in their way (#SPILL!), and a formula that refers to
    another workbook cannot be read; of the latter the value stays.
    """
    changed = {}
    for sheet in sheets:
        filled = {
            address
            for span in sheet.cells.values()
            if span.array
            for address in filled_by(span)
            if address != span.address and address in sheet.cells
        }
        cuts = [(sheet.cells[address].start, sheet.cells[address].end) for address in filled]
        cuts += [span.formula_bytes for span in sheet.cells.values() if _is_linked(span)]
        if cuts:
            changed[sheet.part] = _cut(package.parts[sheet.part], sorted(cuts))
    return package.to_bytes(changed)


def _cut(xml: bytes, cuts: list[tuple[int, int]]) -> bytes:
    pieces, position = [], 0
    for start, end in cuts:
        pieces.append(xml[position:start])
        position = max(position, end)
    return b"".join([*pieces, xml[position:]])
