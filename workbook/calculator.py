"""A workbook in the formula engine: what is computed there, and what stands there as a value.

Formualizer evaluates the file with our functions registered under the names that a file
stores. It is used for values only: its own writer does not know registered functions.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

import formualizer
from defusedxml import ElementTree
from openpyxl.utils.cell import (
    column_index_from_string,
    coordinate_from_string,
    quote_sheetname,
)
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.table import Table

from addin.cells import ERROR_CODES, error_code
from addin.functions import Function
from pycore.errors import REFUSED, Found, InputError, RefusedError
from workbook.arrays import shown
from workbook.digits import ROUND, rounded
from workbook.file.limits import LARGEST_EXPANDED, MOST_PARTS
from workbook.file.patch import CellError, CellSpan, Edit, SheetCells, applied, constant
from workbook.hosts import stored_names
from workbook.interruption import Interruption
from workbook.read import Book
from workbook.stored import CellKey, array_size, filled_by

LONGEST_EVALUATION_MS = 300_000

OF_A_BLOCK = re.compile(r"\bINDEX\(([A-Za-z_]\w*),(\d+),(\d+)\)")

MOST_ANSWERED = 1_000
ANSWERED: dict[str, Any] = {}
"""Calls of our functions, oldest first, and what they answered."""
ANSWERING = threading.Lock()


class Calculator:
    """A workbook in the formula engine.

    Parameters
    ----------
    book : Book
        As it was read.
    computed : collection of tuple
        Sheet and address of the formulas that are computed as they stand in the file. Each
        other formula stands at the value that the file holds.
    cleared : collection of tuple
        Those that are to be written anew: all cells that they fill are blank.
    """

    def __init__(
        self,
        book: Book,
        computed: Collection[CellKey] = (),
        cleared: Collection[CellKey] = (),
        *,
        longest: int = LONGEST_EVALUATION_MS,
    ) -> None:
        self.reasons: list[str] = []
        limits = {
            "max_input_bytes": LARGEST_EXPANDED,
            "max_entries": MOST_PARTS,
            "max_expanded_bytes": LARGEST_EXPANDED,
        }
        try:
            self._engine = formualizer.Workbook.from_bytes(
                _for_the_engine(book, computed, cleared),
                config=_config(book, longest),
                load_limits=limits,
            )
            self._interruption = Interruption(self._engine.cancel)
            self._engine.set_temporal_egress("serial")
            for stored, function in stored_names().items():
                self._engine.register_function(stored, self._callback(function))
            self.register(ROUND, rounded, 1)
            self._add_tables(book)
        except Exception as error:
            raise _unreadable(book, error) from None
        self._book = book

    def register(self, name: str, call: Callable[..., Any], arguments: int) -> None:
        """Let formulas call one more function."""
        self._engine.register_function(name, call, min_args=arguments, max_args=arguments)

    def evaluate(self) -> None:
        """Compute every formula that is computed at all."""
        try:
            with self._interruption.heeded():
                self._engine.evaluate_all()
        except Exception as error:
            raise _unreadable(self._book, error) from None

    def put(self, cell: CellKey, formula: str) -> bool:
        """Put a formula into a cell; give back whether the engine can read it."""
        try:
            self._engine.set_formula(cell[0], *_row_and_column(cell[1]), f"={formula}")
        except Exception:  # a RuntimeError for whatever it cannot read
            return False
        return True

    def put_value(self, cell: CellKey, value: Any) -> None:
        """Put a value into a cell: a number, text, truth value, blank or the engine's error."""
        self._engine.set_value(cell[0], *_row_and_column(cell[1]), value)

    def evaluate_cell(self, cell: CellKey) -> Any:
        """Compute a cell alone, and give it in the engine's own form."""
        with self._interruption.heeded():
            return self._engine.evaluate_cell(cell[0], *_row_and_column(cell[1]))

    def formula(self, cell: CellKey) -> str:
        """The formula of a cell; empty where it holds none."""
        found = self._engine.get_formula(cell[0], *_row_and_column(cell[1]))
        return (found or "").removeprefix("=")

    def raw(self, cell: CellKey) -> Any:
        """A cell's value in the engine's own form, in which an error is a mapping."""
        return self._engine.get_value(cell[0], *_row_and_column(cell[1]))

    def value(self, cell: CellKey) -> Any:
        """A cell's value: a number, text, truth value, ``None`` or CellError."""
        return as_value(self.raw(cell))

    def _callback(self, function: Function) -> Callable[..., Any]:
        """Call the function as a cell does, and remember why it refused."""
        # The book holds the callback; a callback that held the book would keep both for ever.
        reasons, held = self.reasons, weakref.ref(self._interruption)

        def call(*cells: Any) -> Any:
            if interruption := held():
                interruption.check()
            try:
                return _answer(function, cells)
            except RefusedError as error:
                reasons.append(str(error))
                raise

        return call

    def _add_tables(self, book: Book) -> None:
        """Let formulas refer to the tables of the file."""
        for part, sheet in book.tables.items():
            declared: Any = ElementTree.fromstring(book.package.parts[part])
            table: Any = Table.from_tree(declared)
            area = CellRange(table.ref)
            self._engine.add_table(
                table.displayName,
                sheet,
                (area.min_row, area.min_col, area.max_row, area.max_col),
                [column.name for column in table.tableColumns],
                header_row=table.headerRowCount != 0,
                totals_row=bool(table.totalsRowCount),
            )


def as_value(found: Any) -> Any:
    """A value in the engine's own form as a cell holds it."""
    if found is not None:
        found = shown(found)
    return CellError(error_code(str(found["kind"]))) if isinstance(found, Mapping) else found


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


@lru_cache(maxsize=100_000)
def _row_and_column(address: str) -> tuple[int, int]:
    column, row = coordinate_from_string(address)
    return row, column_index_from_string(column)


def _unreadable(book: Book, error: Exception) -> InputError:
    return InputError(book.file, "be a workbook that the formula engine reads", Found(error))


def _config(book: Book, longest: int) -> Any:
    evaluation = formualizer.EvaluationConfig()
    evaluation.max_eval_time_ms = longest
    evaluation.enable_parallel = False
    evaluation.date_system = book.first_year
    return formualizer.WorkbookConfig(eval_config=evaluation)


def _for_the_engine(
    book: Book, computed: Collection[CellKey], cleared: Collection[CellKey]
) -> bytes:
    """The file with the formulas that are computed, and values in place of all others.

    Old values inside computed arrays would be in their way (#SPILL!).
    """
    changed, blocks = {}, _Blocks(book)
    for sheet in book.sheets:
        xml = book.package.parts[sheet.part]
        edits: list[Edit] = []
        for span in sheet.cells.values():
            key = (sheet.name, span.address)
            if key in computed:
                edits += _blanks(sheet, span, but=span.address)
                edits += blocks.direct(span)
            elif key in cleared:
                edits += _blanks(sheet, span)
            else:
                edits += _held(xml, span)
        if edits:
            changed[sheet.part] = applied(xml, edits)
    return book.package.for_the_engine(changed)


def _blanks(sheet: SheetCells, span: CellSpan, but: str = "") -> Iterator[Edit]:
    for address in filled_by(span):
        if address != but and address in sheet.cells:
            yield sheet.cells[address].start, sheet.cells[address].end, b""


class _Blocks:
    """Where the cells of the model's blocks stand, for formulas that index them.

    The engine takes far longer to index a block than to refer to its cell.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sizes: dict[str, tuple[int, int]] = {}

    def direct(self, span: CellSpan) -> Iterator[Edit]:
        """What writes cells in place of indices in a formula."""
        if span.formula_attributes == {} and "INDEX(" in span.formula:
            text = OF_A_BLOCK.sub(self._cell, span.formula)
            if text != span.formula:
                yield (*span.formula_bytes, f"<f>{escape(text)}</f>".encode())

    def _cell(self, found: re.Match[str]) -> str:
        name, row, column = found[1], int(found[2]), int(found[3])
        place = self._book.places.get(name)
        if place is None or not (1 <= row <= len(place.rows) and 1 <= column <= len(place.rows[0])):
            return found[0]
        address, sheet = place.rows[row - 1][column - 1], quote_sheetname(place.sheet)
        if name not in self._sizes:
            self._sizes[name] = self._size(name)
        height, width = self._sizes[name]
        if row <= height and column <= width:
            # The engine computes an array when its first cell is needed, and no sooner.
            return f"CHOOSE(1,{sheet}!{address},{sheet}!{place.first})"
        cell = self._book.sheet_of(name).cells.get(address)
        return f"{sheet}!{address}" if cell and cell.has_formula else found[0]

    def _size(self, name: str) -> tuple[int, int]:
        """Of the array at the first cell of a block."""
        first = self._book.sheet_of(name).cells.get(self._book.places[name].first)
        return array_size(first) if first and first.array else (0, 0)


def _held(xml: bytes, span: CellSpan) -> Iterator[Edit]:
    """What makes a constant of a cell that the engine can read."""
    if span.attributes.get("t") == "e" and span.value not in ERROR_CODES.values():
        # Excel has more errors than the engine knows, such as #BUSY!.
        yield span.start, span.end, constant(xml, span, CellError("#N/A"))
    elif span.has_formula:
        yield (*span.formula_bytes, b"")
