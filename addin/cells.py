"""Cell values to numpy and back; the one place where an error becomes a cell's error.

A range arrives as a list of rows, a single cell as its value, a blank as ``None``. A block
goes back as a list of rows. What a cell cannot hold (NaN, infinity) never leaves here,
because the core refuses it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pycore import FUNCTIONS
from pycore.errors import REFUSED, Found, InputError, RefusedError

Cell = float | int | bool | str | None

if TYPE_CHECKING:
    Cells = Cell | list[list[Cell]]
else:  # xlwings converts an argument by its annotation; Any leaves it as it is
    Cells = Any

NOTED = "this could not be computed; the note of SIMULATE or COMPARE_SCENARIOS says why"
"""Of one cell in a block that is made of tables as a whole."""

Form = Literal["shape", "list", "rows"]
"""How a function takes a range: as a shape to broadcast, as one flat list, or row by row."""


def call(name: str, *cells: Any) -> Cells:
    """Call a core function on cells, as a formula does: COST_MULTIPLE by that name.

    Raises RefusedError with a reason of one line.
    """
    return on_cells(name)(*cells)


@cache
def on_cells(name: str) -> Callable[..., Cells]:
    """Wrap a core function, such as COST_MULTIPLE, so that it takes and gives cells.

    For each argument it takes a cell's value, or a list of rows. It raises RefusedError with a
    reason of one line.
    """
    core = FUNCTIONS[name.lower()]
    parameters = inspect.signature(core).parameters
    forms = forms_of(name)
    required = sum(p.default is inspect.Parameter.empty for p in parameters.values())

    def answer(arguments: list[Any]) -> Any:
        try:
            return core(*arguments)  # once for all cells; only where that fails, once for each
        except InputError:
            if takes_tables(name):
                raise
            return cell_by_cell(core, arguments)

    def function(*cells: Any) -> Cells:
        try:
            if not required <= len(cells) <= len(parameters):
                few = f"{required} to " if required < len(parameters) else ""
                noun = "argument" if len(parameters) == 1 else "arguments"
                takes = f"{name} takes {few}{len(parameters)} {noun} ({', '.join(parameters)})"
                raise RefusedError(f"{takes}, but got {len(cells)}")
            arguments = [
                to_argument(argument, cell, form)
                for (argument, form), cell in zip(forms.items(), cells, strict=False)
            ]
            return to_cells(answer(arguments))
        except RefusedError:
            raise
        except Exception as error:
            raise to_cell_error(error, name) from error

    function.__name__ = function.__qualname__ = name.lower()
    return function


@cache
def forms_of(name: str) -> Mapping[str, Form]:
    """In which form each parameter takes a range, by what it is annotated as."""
    forms: dict[str, Form] = {}
    for parameter, declared in inspect.signature(FUNCTIONS[name.lower()]).parameters.items():
        annotation = str(declared.annotation)
        takes_list: Form = "list" if "Sequence" in annotation else "shape"
        forms[parameter] = "rows" if "Table" in annotation else takes_list
    return forms


def takes_tables(name: str) -> bool:
    """Whether a function takes whole tables or lists, and not ranges cell by cell."""
    return any(form != "shape" for form in forms_of(name).values())


def to_argument(name: str, cells: Any, form: Form = "shape") -> Any:
    """Turn what a formula passed for one argument into what a core function takes.

    That is the value of a single cell as it is, or a two-dimensional array, or a flat list, or a
    list of rows, by the form in which the function takes a range. The name is for a message.

    Raises InputError if a single cell or a list holds an error, or a list is a rectangle.
    """
    if not isinstance(cells, (list, tuple)):
        value = _single(name, cells)
        return {"shape": value, "list": [value], "rows": [[value]]}[form]
    rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in cells]
    shape = len(rows), len(rows[0]) if rows else 0
    if not shape[1] or any(len(row) != shape[1] for row in rows):
        raise InputError(name, "be a range with rows of one length", Found("uneven or empty"))
    # A table is taken whole, so an error anywhere in it is refused; a range cell by cell.
    if form == "rows":
        numbered = enumerate(rows, start=1)
        return [[_single(f"{name} (row {at})", cell) for cell in row] for at, row in numbered]
    take = _value if form == "shape" else _single
    flat = [take(name, cell) for row in rows for cell in row]
    if form == "list":
        if 1 not in shape:
            raise InputError(name, "be one row or one column of cells", _size(shape))
        return flat
    if len(flat) == 1:
        return _single(name, flat[0])
    if all(type(value) is float or type(value) is int for value in flat):
        try:
            return np.array(flat, dtype=np.float64).reshape(shape)
        except OverflowError:
            raise InputError(name, "be numbers that fit a cell", Found("too large")) from None
    table = np.empty(len(flat), dtype=object)
    table[:] = flat
    return table.reshape(shape)


def _size(shape: tuple[int, ...]) -> Found:
    return Found(f"{shape[0]} x {shape[1]} cells")


def _single(name: str, cell: Any) -> Any:
    """Give the value of a single cell, or refuse an error that stands in it."""
    value = _value(name, cell)
    if isinstance(value, str) and value in ERROR_NUMBERS.values():
        raise InputError(name, "not be an error", value)
    return value


def _value(name: str, cell: Any) -> Any:
    """Give a cell's value in one form for every host; an error is its code."""
    if type(cell) is float:
        return cell
    if isinstance(cell, (list, tuple)):
        raise InputError(name, "be a range: rows of cells", Found("more deeply nested"))
    if isinstance(cell, Mapping):  # the formula engine's form of an error
        return error_code(str(cell.get("kind")))
    if isinstance(cell, Decimal):  # what is formatted as money, on a Windows desktop
        return float(cell)
    return None if cell == "" else cell


def to_cells(answer: Any) -> Cells:
    """Turn the answer of a core function into what a cell or a block of cells holds.

    It is a number, text, or an array; several values for one call lie on the last axis.

    Raises InputError if a function that gives several values was given a rectangle of cells, or
    one that gives a table any range.
    """
    if not isinstance(answer, np.ndarray):
        return answer if isinstance(answer, str) else float(answer)
    if answer.ndim > 3:
        raise _not_single(answer.shape[:2])
    if answer.ndim == 3:
        if 1 not in answer.shape[:2]:
            rule = "be single cells, or ranges of one row or one column"
            raise InputError("the arguments", rule, _size(answer.shape))
        answer = answer[:, 0, :] if answer.shape[1] == 1 else answer[0].T
    block: list[list[Cell]] = np.atleast_2d(answer).tolist()
    return block


def _not_single(shape: tuple[int, ...]) -> InputError:
    """Refuse ranges where each of their cells would give a table."""
    rule = "be single cells, because one call fills a table"
    return InputError("the arguments", rule, _size(shape))


def cell_by_cell(core: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """Call a function for each cell of its ranges, so that a bad one spoils only itself.

    The function works element by element, and the arguments are what :func:`to_argument` gave.
    In the answers, an array of objects, #VALUE! stands where the function refused.

    Raises InputError if the ranges do not fit each other, no range is given, every cell is
    refused, or each would give a table.
    """
    ranges = {at: each for at, each in enumerate(arguments) if isinstance(each, np.ndarray)}
    try:
        shape = np.broadcast_shapes(*(cells.shape for cells in ranges.values()))
    except ValueError:
        shape = ()
    if not shape:
        return core(*arguments)
    spread = {at: np.broadcast_to(cells, shape) for at, cells in ranges.items()}
    answers: dict[tuple[int, ...], Any] = {}
    refusal: InputError | None = None
    for place in np.ndindex(shape):
        single = [spread[at][place] if at in spread else each for at, each in enumerate(arguments)]
        try:
            answers[place] = core(*single)
        except InputError as error:
            refusal = refusal or error
    if not answers and refusal:
        raise refusal
    parts = np.shape(next(iter(answers.values())))
    if len(parts) > 1:
        raise _not_single(shape)
    block = np.full((*shape, *parts), REFUSED, dtype=object)
    for place, value in answers.items():
        block[place] = value
    return block


def reason(
    name: str,
    arguments: Sequence[Any],
    row: int,
    column: int,
    calling: Callable[..., Cells] = call,
) -> str:
    """Why the cell at a place in the block that a call fills shows an error; "" if it does not.

    The arguments are cells, as :func:`call` takes them; `calling` is what the host calls it by.
    """
    try:
        if _item(calling(name, *arguments), row, column) == REFUSED:
            if takes_tables(name):
                return f"{name}: {NOTED}"
            calling(name, *(_item(each, row, column) for each in arguments))
    except RefusedError as error:
        return str(error)
    return ""


def _item(cells: Any, row: int, column: int) -> Any:
    """Give the cell of a range that goes with a place in the answer, as shapes broadcast."""
    if not isinstance(cells, list):
        return cells
    line = cells[min(row, len(cells) - 1)]
    return line[min(column, len(line) - 1)]


def to_cell_error(error: Exception, function: str) -> RefusedError:
    """Turn any error into the one whose text, of one line, a person sees beside the cell."""
    if isinstance(error, InputError):
        return RefusedError(f"{function}: {error}")
    return RefusedError(f"{function} could not be computed ({type(error).__name__})")


ERROR_CODES = {
    "Div": "#DIV/0!",
    "Na": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}


ERROR_NUMBERS = {
    2000: "#NULL!",
    2007: "#DIV/0!",
    2015: "#VALUE!",
    2023: "#REF!",
    2029: "#NAME?",
    2036: "#NUM!",
    2042: "#N/A",
    2043: "#GETTING_DATA",
    2045: "#SPILL!",
    2046: "#CONNECT!",
    2047: "#BLOCKED!",
    2048: "#UNKNOWN!",
    2049: "#FIELD!",
    2050: "#CALC!",
}
"""Every error that a cell of today's Excel may hold, by its number in VBA."""


def error_code(kind: str) -> str:
    """Name a formula engine's error as Excel does; "#VALUE!" for one that a file cannot hold."""
    return ERROR_CODES.get(kind, "#VALUE!")
