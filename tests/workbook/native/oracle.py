"""Random admissible inputs, and what the core makes of them, to hold native formulas against.

Run by hand for many: ``python -m tests.workbook.native.oracle COPY 10000``, and with another word
behind it in LibreOffice.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from openpyxl.utils.cell import (
    column_index_from_string,
    coordinate_from_string,
    get_column_letter,
)

from pycore.errors import InputError
from pycore.graph import evaluate
from pycore.model.results import model
from pycore.model.sentences import declared
from pycore.model.whole import whole
from pycore.nodes import Assumption, Result
from pycore.selection import skill_density
from tests.addin.calc_host import Calc, Home
from workbook.calculator import Calculator, as_value
from workbook.file.patch import CellError
from workbook.native.catalogue import DATED, NATIVE, called_results, kind_of, natives
from workbook.native.expressions import MOST_COUNTED
from workbook.read import Book, read_book
from workbook.sheets.parts import block_name
from workbook.stored import formulas

CLOSE = 1e-12
STEEP = {"breakeven_diversity": 1e-10}
"""Of what is a power with a large exponent, in which the last digits of its inputs grow."""

WIDE = 0.3
"""The share of inputs that are drawn from all that they may be, not from their range."""

FEWEST_SCHOLARS = 2


def random_inputs(random: np.random.Generator) -> dict[str, float]:
    """Central values, each within its bounds, that break no rule between two of them."""
    graph = model()
    values = {each.id: _value(each, random) for each in graph.assumptions}
    for each in graph.assumptions:
        if each.ends_count:
            spread = np.sort([_value(each, random), values[each.id], _value(each, random)])
            low, values[each.id], high = map(float, spread)
            values |= {f"{each.id}.low": low, f"{each.id}.high": high}
    values["applicants"] = math.ceil(max(values["applicants"], 30))
    values["admitted"] = float(
        random.integers(FEWEST_SCHOLARS, int(min(values["applicants"], 900)) + 1)
    )
    values["places"] = values["admitted"]
    values["mentors"] = float(random.integers(1, int(values["places"]) + 1))
    for which in ("openings", "funders"):
        shares = random.dirichlet([1, 1, 1])
        for share, kind in zip(shares, ("iterators", "amplifiers", "connectors"), strict=True):
            values[f"{which}_{kind}"] = float(share)
    values["alumni_independent_share"] *= 1 - values["alumni_alignment_share"]
    return values


def edge_inputs() -> Iterator[dict[str, float]]:
    """The model's central values, each assumption in turn at the ends of what it may be."""
    graph = model()
    central = {each.id: each.central for each in graph.assumptions}
    for each in graph.assumptions:
        for end in (each.domain.minimum, each.domain.maximum):
            values = {**central, each.id: end}
            if each.ends_count:
                values |= {f"{each.id}.low": end, f"{each.id}.high": end}
            if all(values[rule.smaller] <= values[rule.larger] for rule in graph.orderings):
                yield values


def _value(each: Assumption, random: np.random.Generator) -> float:
    low, high = each.low, each.high
    domain = each.domain
    if low == high or random.random() < WIDE:
        low, high = domain.minimum, min(domain.maximum, 1e6)
    if low > 0 and high / low > 100:
        value = math.exp(random.uniform(math.log(max(low, 1e-4)), math.log(high)))
    else:
        value = random.uniform(low, high)
    value = float(round(value)) if domain.whole else value
    return min(max(value, domain.minimum), domain.maximum)


def followed() -> list[Result]:
    """The native results that depend on nothing that is only dated."""
    graph = whole()
    dated = {each.id for each in called_results(graph) if kind_of(each) == DATED}
    return [
        each
        for each in called_results(graph)
        if kind_of(each) == NATIVE and not (graph.needed({each.id}) & dated)
    ]


def expected(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, InputError]]:
    """What the core computes from inputs, and what it refuses."""
    refused: dict[str, InputError] = {}
    found = evaluate(whole(), values, refused, [each.id for each in followed()])
    return found, refused


def differences(
    values: Mapping[str, Any], read: Any, beyond: Collection[str] = ()
) -> Iterator[str]:
    """Where native formulas give something other than the core.

    Parameters
    ----------
    beyond : collection of str
        The names of what the program does not compute.
    read : callable
        Gives the value of a cell by a name and its place there; an error as CellError.
    """
    found, refused = expected(values)
    for result in followed():
        rows, columns = whole().size(result)
        name = result.id if (rows, columns) == (1, 1) else block_name(result.id)
        cells = [
            (row, column)
            for row in range(rows)
            for column in range(columns)
            if name not in beyond and (name, row, column) in natives().cells
        ]
        given = {at: read(name, *at) for at in cells}
        if result.id in refused:
            # Of several points a spreadsheet refuses those alone that cannot be computed.
            is_error = any(isinstance(each, CellError) for each in given.values())
            if given and not is_error and result.id not in declared():
                yield f"{name}: {given}, refused: {refused[result.id]}"
            continue
        for at, each in given.items():
            if isinstance(each, CellError) and _is_beyond_counting(result, found):
                continue
            right = _at(found[result.id], *at, rows, columns)
            close = STEEP.get(result.id, CLOSE)
            if not alike(each, right, close) and not _says_why(result, each, right):
                yield f"{name} {at}: {each!r}, not {right!r}"


def _is_beyond_counting(result: Result, found: Mapping[str, Any]) -> bool:
    """Whether there are more scholars than a copy counts."""
    scholars = ("grown_admitted", "growth_admitted")
    return result.function is skill_density and any(
        np.max(found[each]) > MOST_COUNTED for each in scholars
    )


def _says_why(result: Result, given: Any, right: Any) -> bool:
    """Whether a sentence is said that could not be computed, and why not."""
    sentence = declared().get(result.id)
    return sentence is not None and right == sentence.otherwise and str(given).startswith(right)


def _at(value: Any, row: int, column: int, rows: int, columns: int) -> Any:
    array = np.asarray(value, dtype=object)
    held = array.reshape(rows, columns)[row, column]
    return held.item() if isinstance(held, np.generic) else held


def alike(given: Any, right: Any, close: float = CLOSE) -> bool:
    """Whether two values are the same, numbers but for a relative error."""
    if isinstance(right, bool | str):
        return bool(given == right)
    if not isinstance(given, (int, float)):
        return False
    return math.isclose(given, right, rel_tol=close, abs_tol=1e-300)


class Engine:
    """A copy without functions in the formula engine, of which inputs are edited."""

    def __init__(self, data: bytes) -> None:
        self.book: Book = read_book(data, "copy")
        unread = {self._key(*each) for each in natives().beyond}
        keys = {
            (sheet.name, address)
            for sheet in self.book.sheets
            for address, text in formulas(sheet).items()
        }
        self._calculator = Calculator(self.book, keys - unread)

    def _key(self, name: str, row: int, column: int) -> tuple[str, str]:
        place = self.book.places[name]
        return place.sheet, place.rows[row][column]

    def put(self, values: Mapping[str, Any]) -> None:
        """Put values into the cells of inputs."""
        for reference, value in values.items():
            place = self.book.places[reference.replace(".", "_")]
            self._calculator.put_value((place.sheet, place.first), value)
        self._calculator.evaluate()

    def read(self, name: str, row: int = 0, column: int = 0) -> Any:
        """The value of a cell by a name; an error as CellError."""
        return as_value(self._calculator.raw(self._key(name, row, column)))


class Office:
    """The same copy in LibreOffice, as a person opens it.

    Parameters
    ----------
    calc : Calc
        A running office.
    """

    def __init__(self, calc: Any, file: Path) -> None:
        self.book = read_book(file.read_bytes(), "copy")
        self._calc = calc
        self._cells: dict[str, list[list[Any]]] = {}
        self._areas = {sheet.name: _area(sheet.cells) for sheet in self.book.sheets if sheet.cells}
        calc.open(file.as_uri())
        calc.recalculate()

    def put(self, values: Mapping[str, Any]) -> None:
        """Type values into the cells of inputs."""
        for reference, value in values.items():
            place = self.book.places[reference.replace(".", "_")]
            self._calc.put(f"{place.sheet}!{place.first}", [[value]])
        self._cells = {}

    def read(self, name: str, row: int = 0, column: int = 0) -> Any:
        """The value of a cell by a name; an error as CellError."""
        place = self.book.places[name]
        if place.sheet not in self._cells:
            self._cells[place.sheet] = self._calc.read(f"{place.sheet}!{self._areas[place.sheet]}")
        at_column, at_row = coordinate_from_string(place.rows[row][column])
        held = self._cells[place.sheet][at_row - 1][column_index_from_string(at_column) - 1]
        is_error = isinstance(held, str) and held.startswith(("#", "Err:"))
        return CellError(held) if is_error else held

    def one(self, name: str) -> Any:
        """The value of one cell, read by itself."""
        place = self.book.places[name]
        return self._calc.read(f"{place.sheet}!{place.first}")[0][0]


def _area(addresses: Iterable[str]) -> str:
    spots = [coordinate_from_string(each) for each in addresses]
    last = max(column_index_from_string(column) for column, _ in spots)
    return f"A1:{get_column_letter(last)}{max(row for _, row in spots)}"


def main(file: str, number: str, *where: str) -> None:
    """Print where native formulas differ from the core, in the engine or in an office."""
    if not where:
        engine = Engine(Path(file).read_bytes())
        _compare(engine, int(number), {name for name, _, _ in natives().beyond})
        return
    with TemporaryDirectory() as folder, Calc(Home(Path(folder) / "office")) as calc:
        _compare(Office(calc, Path(file).resolve()), int(number), set())


def _compare(program: Engine | Office, number: int, beyond: Collection[str]) -> None:
    random = np.random.default_rng(1)
    found = 0
    for place in range(number):
        values = random_inputs(random)
        program.put(values)
        for each in differences(values, program.read, beyond):
            found += 1
            print(place, each, flush=True)
    print(f"{number} inputs, {found} differences")


if __name__ == "__main__":
    main(*sys.argv[1:])
