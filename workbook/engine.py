"""The formula engine: a package in, the value of every formula out.

Formualizer evaluates the file with our functions registered under the names that a file
stores. It is used for values only: its own writer does not know registered functions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import formualizer
from openpyxl.utils.cell import (
    column_index_from_string,
    coordinate_from_string,
    get_column_letter,
)
from openpyxl.worksheet.cell_range import CellRange
from xlwings import XlwingsError

from addin.cells import REFUSED, error_code
from addin.functions import STORED_PREFIX, Function, functions
from pycore.errors import InputError
from workbook.package import LARGEST_EXPANDED, LARGEST_FILE, MOST_PARTS, Package
from workbook.patch import CellError, CellSpan, Value

LONGEST_EVALUATION_MS = 300_000
LARGEST_ARRAY = 200_000
UNKNOWN = {"Name", "NImpl"}
"""The errors by which the engine says that it does not know a function or a name."""

STORED_CALL = re.compile(re.escape(STORED_PREFIX) + r"(\w+)", re.IGNORECASE)


@dataclass
class SheetCells:
    """A sheet of the package: its part, and its cells as found there."""

    name: str
    part: str
    cells: dict[str, CellSpan]


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
    """A package loaded into the formula engine, evaluated.

    Parameters
    ----------
    package : Package
    sheets : list of SheetCells
    name : str
        What a message calls the file.

    Raises
    ------
    InputError
        If the engine cannot read or evaluate the file.
    """

    def __init__(self, package: Package, sheets: list[SheetCells], name: str) -> None:
        self._sheets = sheets
        self._reasons: dict[str, list[str]] = defaultdict(list)
        limits = {
            "max_input_bytes": LARGEST_FILE * 4,
            "max_entries": MOST_PARTS,
            "max_expanded_bytes": LARGEST_EXPANDED,
        }
        try:
            self._book = formualizer.Workbook.from_bytes(
                _without_filled_cells(package, sheets), config=_config(), load_limits=limits
            )
            self._book.set_temporal_egress("serial")
            for function in functions().values():
                self._book.register_function(function.stored_name, self._callback(function))
            self._book.evaluate_all()
        except Exception as error:
            raise InputError(name, "be a workbook that the formula engine reads", error) from None

    def _callback(self, function: Function) -> Callable[..., Any]:
        """Call the function as a cell does, and remember why it refused."""

        def call(*cells: Any) -> Any:
            try:
                return _with_errors(function.call(*cells))
            except XlwingsError as error:
                self._reasons[function.name].append(str(error))
                raise

        return call

    def value(self, sheet: str, address: str) -> Any:
        """Give the value of a cell: a number, text, truth value, ``None`` or CellError.

        Parameters
        ----------
        sheet, address : str

        Returns
        -------
        Any
        """
        value = self._stored(sheet, address)
        if isinstance(value, Mapping):
            return CellError(error_code(str(value["kind"])))
        return value

    def evaluation(self) -> Evaluation:
        """Collect the value of every cell that a formula fills.

        Returns
        -------
        Evaluation
        """
        found = Evaluation()
        for sheet in self._sheets:
            values = found.values.setdefault(sheet.part, {})
            for span in sheet.cells.values():
                if span.has_formula and not _is_data_table(span):
                    self._collect(found, values, sheet, span)
        return found

    def _collect(
        self,
        found: Evaluation,
        values: dict[str, Value | CellError],
        sheet: SheetCells,
        span: CellSpan,
    ) -> None:
        anchor = self._stored(sheet.name, span.address)
        if isinstance(anchor, Mapping) and anchor["kind"] in UNKNOWN and span.value is not None:
            found.kept.append((sheet.name, span.address))
            return
        for address in filled_by(span):
            if address not in sheet.cells:
                continue
            value = self.value(sheet.name, address)
            values[address] = value
            if isinstance(value, CellError):
                reason = self._reason(span.formula)
                found.errors.append((sheet.name, address, value.code, reason))

    def _stored(self, sheet: str, address: str) -> Any:
        """The engine's own form of a cell's value; an error is a mapping."""
        column, row = coordinate_from_string(address)
        return self._book.get_value(sheet, row, column_index_from_string(column))

    def _reason(self, formula: str) -> str:
        """The first reason that a function in the formula gave for refusing."""
        for name in STORED_CALL.findall(formula):
            for reason in self._reasons.get(name.upper(), []):
                return reason
        return ""


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
    """The addresses that a cell's formula fills: its own, or those of its array.

    Parameters
    ----------
    span : CellSpan

    Yields
    ------
    str

    Raises
    ------
    InputError
        If the array is larger than any that a person makes.
    """
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


def _without_filled_cells(package: Package, sheets: list[SheetCells]) -> bytes:
    """The package without the old values inside arrays, which would be in the way (#SPILL!)."""
    changed = {}
    for sheet in sheets:
        filled = {
            address
            for span in sheet.cells.values()
            if span.array
            for address in filled_by(span)
            if address != span.address and address in sheet.cells
        }
        spans = sorted((sheet.cells[address] for address in filled), key=lambda span: span.start)
        if spans:
            changed[sheet.part] = _cut(package.parts[sheet.part], spans)
    return package.to_bytes(changed)


def _cut(xml: bytes, spans: list[CellSpan]) -> bytes:
    pieces, position = [], 0
    for span in spans:
        pieces.append(xml[position : span.start])
        position = span.end
    return b"".join([*pieces, xml[position:]])
