"""A recalculated workbook: the value of every formula, and what is to be said of some.

The model's formulas and those that can be trusted are computed; all others keep their values, and
what depends on them is computed from these, as in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from workbook.arrays import fitted, is_larger, single
from workbook.calculator import Calculator, as_value
from workbook.file.patch import CellError, CellSpan, SheetCells, Value
from workbook.hosts import calls_ours
from workbook.read import Book
from workbook.recognise import Recognised
from workbook.stored import CellKey, array_size, filled_by, is_stored, stored_value
from workbook.trust import FILLING_TOO_MUCH, ONLY_A_SPREADSHEET, UNKNOWN, Trust, shown_by

Digits = Sequence[tuple[Any, Any]]
"""For each cell that a formula fills: what it was proved to give, and what the file holds."""

ONE, FILL = "_FIELD_ONE", "_FIELD_FILL"
"""Around a formula that is not the model's, these make of its value what its cells show."""

TOO_SMALL = "gives more than its cells show, until a spreadsheet recalculates it"


@dataclass
class Evaluation:
    """What came of evaluating a workbook.

    Parameters
    ----------
    values : mapping of part to mapping of address to value
        For every cell that a formula fills.
    kept : list of tuple
        Sheet and address of the formulas that keep their value, why, and what more is to be said.
    first : list of tuple
        Of those that are computed, though they are not the model's, the ones without a value.
    too_small : list of tuple
        The arrays that would spill over more cells than they have.
    errors : list of tuple
        Sheet, address, error code and reason of every other cell that shows an error.
    """

    values: dict[str, dict[str, Value | CellError]] = field(default_factory=dict)
    kept: list[tuple[str, str, str, str]] = field(default_factory=list)
    first: list[CellKey] = field(default_factory=list)
    too_small: list[CellKey] = field(default_factory=list)
    errors: list[tuple[str, str, str, str]] = field(default_factory=list)


class Engine:
    """A workbook and the values of its cells, computed when they are asked for.

    Parameters
    ----------
    book : Book
        With the inputs that are to be computed from.
    recognised : Recognised
        Which formulas are the model's.
    trusted : Trust
        Which others are computed.
    """

    def __init__(self, book: Book, recognised: Recognised, trusted: Trust) -> None:
        self._book = book
        self._recognised = recognised
        self._kept = dict(trusted.kept)
        self._computed = dict(trusted.computed)
        self._first, self._proved = trusted.first, trusted.proved
        self._too_small: set[int] = set()
        self._cells = {sheet.name: sheet.cells for sheet in book.sheets}
        self._spans = {
            (sheet.name, span.address): span
            for sheet in book.sheets
            for span in sheet.cells.values()
            if span.has_formula
        }
        self._filled = {
            (key[0], each)
            for key, span in self._spans.items()
            if trusted.kept.get(key, ("",))[0] not in FILLING_TOO_MUCH
            for each in filled_by(span)
        }
        self._calculator = self._loaded()
        self._is_computed = False

    def _compute(self) -> None:
        """Compute every formula that is computed at all, once."""
        if self._is_computed:
            return
        self._calculator.evaluate()
        while unknown := self._unknown():
            self._keep(unknown)
            self._calculator = self._loaded()
            self._calculator.evaluate()
        while self._spread_errors():
            self._calculator.evaluate()
        self._is_computed = True

    def _loaded(self) -> Calculator:
        """The workbook in the formula engine."""
        written = self._written()
        as_they_stand = self._recognised.ours - written.keys()
        calculator = Calculator(self._book, as_they_stand, written.keys())
        # The book holds the callbacks, which must not hold the book.
        stored = [self._digits(key) for key in self._computed]
        calculator.register(ONE, partial(_one, stored), 2)
        calculator.register(FILL, partial(_fill, stored, self._too_small), 4)
        for key, text in written.items():
            calculator.put(key, text)
        return calculator

    def _written(self) -> dict[CellKey, str]:
        """The formulas that the engine is not given as the file has them."""
        texts = {}
        for key in self._recognised.ours:
            span, text = self._spans[key], self._recognised.texts[key]
            if span.formula and span.formula != text:
                texts[key] = text
        for number, (key, text) in enumerate(self._computed.items()):
            texts[key] = f"{ONE}({text},{number})"
            if self._spans[key].array:
                rows, columns = array_size(self._spans[key])
                texts[key] = f"{FILL}({text},{rows},{columns},{number})"
        return texts

    def _digits(self, key: CellKey) -> list[tuple[Any, Any]]:
        """What each cell of a formula was proved to give, and the digits that the file holds."""
        if key not in self._proved:
            return []
        given = shown_by(self._spans[key], self._proved[key])
        return [
            (
                proved,
                stored_value(cell)
                if cell is not None and is_stored(cell, as_value(proved))
                else proved,
            )
            for proved, cell in zip(given, self._stored(key), strict=True)
        ]

    def _stored(self, key: CellKey) -> list[CellSpan | None]:
        """The cells that a formula fills, as the file holds them."""
        cells = self._cells[key[0]]
        return [cells.get(address) for address in filled_by(self._spans[key])]

    def _unknown(self) -> list[CellKey]:
        """The trusted formulas at which the engine fails now."""
        return [
            key
            for key in self._computed
            if _is_unknown(found := self._calculator.raw(key))
            and not is_stored(self._spans[key], as_value(found))
        ]

    def _keep(self, unknown: list[CellKey]) -> None:
        """Let the formulas that fail by themselves keep their values.

        The others failed only because of what they refer to, as all do in a circle but one.
        """
        written, failing = self._written(), set()
        for key in unknown:
            self._hold(key)
        for key in unknown:
            for other in filled_by(self._spans[key]):
                self._calculator.put_value((key[0], other), None)
            self._calculator.put(key, written[key])
            if _is_unknown(self._calculator.evaluate_cell(key)):
                self._hold(key)
                failing.add(key)
        self._kept |= dict.fromkeys(failing or unknown, (ONLY_A_SPREADSHEET, ""))
        self._computed = {k: text for k, text in self._computed.items() if k not in self._kept}
        self._too_small.clear()

    def _hold(self, key: CellKey) -> None:
        """Make constants of the stored values of a formula."""
        for span in self._stored(key):
            if span is not None:
                self._calculator.put_value((key[0], span.address), stored_value(span))

    def _spread_errors(self) -> bool:
        """Put the error of an array formula into all cells that it fills, as spreadsheets do.

        Where one of our functions refuses, the engine leaves the other cells blank, and what uses
        them would be computed as if they were 0. Gives back whether there were any.
        """
        found, calculator = False, self._calculator
        for sheet, address in self._recognised.ours | self._computed.keys():
            span = self._spans[sheet, address]
            if not span.array:
                continue
            error = calculator.raw((sheet, address))
            if not isinstance(error, Mapping):
                continue
            others = [(sheet, each) for each in filled_by(span) if each != address]
            if all(calculator.raw(other) is None for other in others):
                for other in others:
                    calculator.put_value(other, error)
                found = found or bool(others)
        return found

    def value(self, sheet: str, address: str) -> Any:
        """Give the value of a cell: a number, text, truth value, ``None`` or CellError.

        Nothing is computed before a formula's value is asked for: what is typed is read at once.
        """
        if self.is_filled(sheet, address):
            self._compute()
        return self._calculator.value((sheet, address))

    def is_filled(self, sheet: str, address: str) -> bool:
        """Whether a formula gives the value of a cell."""
        return (sheet, address) in self._filled

    def evaluation(self) -> Evaluation:
        """Collect the value of every cell that a formula fills."""
        self._compute()
        written = list(self._computed)
        found = Evaluation(
            kept=[(*key, *why) for key, why in self._kept.items()],
            first=[key for key in self._first if key in self._computed],
            too_small=[
                key for key in map(written.__getitem__, self._too_small) if self._spills(key)
            ],
        )
        for sheet in self._book.sheets:
            values = found.values.setdefault(sheet.part, {})
            for span in sheet.cells.values():
                if span.has_formula and (sheet.name, span.address) not in self._kept:
                    self._collect(found, values, sheet, span)
        # Only now, because asking for a reason computes cells anew.
        found.errors = [
            (sheet_name, address, code, self._reason((sheet_name, address)))
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
        for address in filled_by(span):
            if address not in sheet.cells:
                continue
            value = self.value(sheet.name, address)
            values[address] = value
            if isinstance(value, CellError) and (
                address == span.address or value != values.get(span.address)
            ):
                found.errors.append((sheet.name, address, value.code, ""))

    def _spills(self, key: CellKey) -> bool:
        """Whether a formula's array has the size of its answer, in Excel."""
        return "cm" in self._spans[key].attributes

    def _reason(self, key: CellKey) -> str:
        """Compute one cell again and listen for the reason why a function refuses."""
        formula = self._calculator.formula(key)
        if not formula or not calls_ours(formula):
            return ""
        reasons = self._calculator.reasons
        reasons.clear()
        self._calculator.put(key, formula)
        self._calculator.evaluate_cell(key)
        return reasons[0] if reasons else ""


def _is_unknown(found: Any) -> bool:
    """Whether what the engine gives is an error by which it says that it cannot compute."""
    return isinstance(found, Mapping) and found["kind"] in UNKNOWN


def _one(stored: Sequence[Digits], value: Any, number: float) -> Any:
    """What a formula shows that is no array."""
    return _as_stored(stored[int(number)], 0, single(value))


def _fill(
    stored: Sequence[Digits],
    too_small: set[int],
    value: Any,
    rows: float,
    columns: float,
    number: float,
) -> list[list[Any]]:
    """Fill the range of an array, and remember whether it is too small."""
    place, height, width = int(number), int(rows), int(columns)
    if is_larger(value, height, width):
        too_small.add(place)
    else:
        too_small.discard(place)
    return [
        [_as_stored(stored[place], width * down + right, cell) for right, cell in enumerate(row)]
        for down, row in enumerate(fitted(value, height, width))
    ]


def _as_stored(digits: Digits, place: int, value: Any) -> Any:
    """A number that has not changed in the digits that the file holds, so that all agrees."""
    if place >= len(digits) or not isinstance(value, float):
        return value
    proved, held = digits[place]
    return held if value == proved and isinstance(held, float) else value
