"""What a request to the server may carry: strict JSON of the shape that Excel's client sends.

xlwings Server takes the shape for granted and answers 500 where it does not fit; Excel's
client then asks again. What is refused here is answered once, with its reason.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException

from addin.cells import forms_of
from pycore import FUNCTIONS


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one request may bring and be answered, and how slowly.

    Parameters
    ----------
    cells : int
        Of all arguments together; and of the block that their shapes broadcast to.
    """

    body_bytes: int = 5_000_000
    cells: int = 200_000
    arguments: int = 255
    discarded_bytes: int = 64_000_000
    seconds: float = 20.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a body asks for: a function or a script, and how many cells that may concern.

    `cell` is the cell that calls, and in whose session; empty where that is not said.
    """

    function: str
    cells: int
    cell: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a call gets: JSON, or, with another status than 200, a reason in one line."""

    status: int
    content: bytes
    asked: Asked = Asked(function="", cells=1)


LONGEST_FIELD = 1_024

ROWS = "values of a sheet must be rows of cells"
REASONS = {
    "": "the body must be a JSON object",
    "args": "args must be a list",
    "book": "book must be an object with a name",
    "book.active_sheet_index": "book.active_sheet_index must be the place of a sheet",
    "book.selection": "book.selection must be text or null",
    "func_name": "func_name must be text",
    "names": "names must be a list of objects with a name, and the place of a sheet or null",
    "sheets": "sheets must be a list of at least one",
    "sheets.item": "sheets must be objects with a name",
    "sheets.item.values": ROWS,
    **{field: f"{field} must be short text" for field in ("client", "version", "runtime")},
    **{
        field: f"{field} must be short text or null"
        for field in ("caller_address", "session_id", "culture_info_name", "date_format")
    },
}
"""Why a body is refused, by the place of the first thing that is wrong in it."""

Text = Annotated[str, Field(max_length=LONGEST_FIELD)]
Cell = str | int | float | bool | None
FAIL_FAST = Field(fail_fast=True)
"""A large body is refused at its first fault."""


class Strict(BaseModel):
    """An object of a body; what it has beside its fields is nobody's concern here."""

    model_config = ConfigDict(strict=True)


class Request(Strict):
    """What every request says of its client."""

    client: Text
    version: Text
    caller_address: Text | None = None
    session_id: Text | None = None
    culture_info_name: Text | None = None
    date_format: Text | None = None


class Call(Request):
    """A call of a function."""

    runtime: Annotated[Text, Field(pattern=r"^[0-9]{1,2}\.[0-9]{1,3}$")]
    func_name: str
    args: list[Any]


class Named(Strict):
    """Anything with a name."""

    name: str


class Sheet(Named):
    """A sheet of the workbook; a lazy script's comes without its cells."""

    values: Annotated[list[Annotated[list[Cell], FAIL_FAST]], FAIL_FAST] | None = None


class Book(Named):
    """The workbook itself."""

    selection: str | None = None
    active_sheet_index: Annotated[int, Field(ge=0)]


class Defined(Named):
    """A name of the workbook; what is no area of cells has no place."""

    sheet_index: Annotated[int, Field(ge=0)] | None = None
    address: str | None = None


class ScriptCall(Request):
    """A call of a script: the workbook as the client describes it."""

    book: Book
    sheets: Annotated[list[Sheet], Field(min_length=1), FAIL_FAST]
    names: Annotated[list[Defined], FAIL_FAST] = []
    args: list[Any] = []


AnyRequest = TypeVar("AnyRequest", bound=Request)


def parse(body: bytes) -> Any:
    """Read JSON as the standard has it.

    Raises
    ------
    HTTPException
        If it is not UTF-8, not JSON, nested too deeply, names a key twice, or holds NaN,
        Infinity or half a character.
    """
    try:
        text = body.decode("utf-8")
        parsed = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
        if "\\ud" in text or "\\uD" in text:  # an escape of half a character, perhaps alone
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise _bad("the body is not UTF-8 text") from None
    except RecursionError:
        raise _bad("the body is nested too deeply") from None
    except ValueError:
        raise _bad("the body is not JSON") from None
    return parsed


def check(script: str, body: Any, limits: Limits) -> Asked:
    """Check the body of a call, of a function if there is no script; raises HTTPException."""
    return check_book(body, limits, script) if script else check_call(body, limits)


def check_call(body: Any, limits: Limits) -> Asked:
    """Check the body of a function's call, as :func:`parse` gave it.

    Raises
    ------
    HTTPException
        If it has not the shape of a call, is too large, calls no function of ours, or would
        be answered by too large a block.
    """
    call = _read(Call, body)
    if call.func_name not in FUNCTIONS:
        raise HTTPException(404, "there is no function of that name")
    if len(call.args) > limits.arguments:
        raise _bad(f"args must be at most {limits.arguments}")
    cells = sum(_cells(place, each) for place, each in enumerate(call.args, 1))
    _check_count(cells, limits)
    answer = _check_answer(call.func_name, call.args, limits)
    cell: tuple[str, ...] = ()
    if call.session_id and call.caller_address:
        cell = (call.session_id, call.caller_address, call.func_name)
    return Asked(function=call.func_name, cells=max(cells, answer), cell=cell)


def _check_answer(function: str, arguments: list[Any], limits: Limits) -> int:
    """Count the cells that the shapes of the ranges broadcast to, before anything is computed."""
    shapes = {
        name: (len(cells), len(cells[0])) if isinstance(cells[0], list) else (1, len(cells))
        for (name, form), cells in zip(forms_of(function).items(), arguments, strict=False)
        if form == "shape" and isinstance(cells, list)
    }
    rows = max((rows for rows, _ in shapes.values()), default=1)
    columns = max((columns for _, columns in shapes.values()), default=1)
    if rows * columns > limits.cells:
        named = ", ".join(f"{name} {high:,} x {wide:,}" for name, (high, wide) in shapes.items())
        raise HTTPException(
            413,
            f"{function.upper()}: one call gives at most {limits.cells:,} cells, but its arguments "
            f"({named}) give {rows:,} x {columns:,}",
        )
    return rows * columns


def check_book(body: Any, limits: Limits, script: str) -> Asked:
    """Check the body of a script's call, as :func:`parse` gave it.

    Raises
    ------
    HTTPException
        If it has not the shape of a workbook, or is too large.
    """
    call = _read(ScriptCall, body)
    if call.book.active_sheet_index >= len(call.sheets):
        raise _bad(REASONS["book.active_sheet_index"])
    if any((each.sheet_index or 0) >= len(call.sheets) for each in call.names):
        raise _bad(REASONS["names"])
    tables = [sheet.values or [] for sheet in call.sheets]
    if any(len(set(map(len, rows))) > 1 for rows in tables):
        raise _bad("values of a sheet must be rows of one length")
    cells = sum(len(row) for rows in tables for row in rows)
    _check_count(cells, limits)
    return Asked(function=script, cells=cells)


def _read(model: type[AnyRequest], body: Any) -> AnyRequest:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "string_pattern_mismatch":
        raise _bad("runtime must be a version such as 1.4")
    place = ["item" if isinstance(step, int) else step for step in first["loc"]]
    while (reason := REASONS.get(".".join(place))) is None:
        place.pop()
    raise _bad(reason)


def _cells(place: int, argument: Any) -> int:
    """Check one argument, a cell or rows of cells, and count its cells."""
    if not isinstance(argument, list):
        _check_cell(place, argument)
        return 1
    if not argument or not all(argument):
        raise _bad(f"argument {place} must have a cell in every row")
    rows = argument if isinstance(argument[0], list) else [argument]
    count = 0
    for row in rows:
        if not isinstance(row, list):
            raise _bad(f"argument {place} must be rows of cells")
        for cell in row:
            # Most cells are finite numbers; the rest takes longer.
            if not (type(cell) is float and math.isfinite(cell)):
                _check_cell(place, cell)
        count += len(row)
    return count


def _check_cell(place: int, cell: Any) -> None:
    """Let pass what Excel sends for a cell: a value, or a data type around one."""
    if isinstance(cell, dict):
        if not isinstance(cell.get("type"), str) or "basicValue" not in cell:
            raise _bad(f"argument {place} has a cell of a kind that functions do not take")
        is_error = cell["type"] == "Error"
        cell = cell["basicValue"]
        if is_error and not isinstance(cell, str):
            raise _bad(f"argument {place} has an error without its name")
    if isinstance(cell, list | dict):
        raise _bad(f"argument {place} must be rows of cells, no deeper")
    if isinstance(cell, float) and not math.isfinite(cell):
        raise _bad(f"argument {place} has a number too large for a cell")


def _check_count(cells: int, limits: Limits) -> None:
    if cells > limits.cells:
        raise HTTPException(413, f"one call takes at most {limits.cells:,} cells")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _bad("the body names a key twice in one object")
    return made


def _constant(_: str) -> NoReturn:
    raise _bad("the body holds NaN or Infinity, which are not JSON")


def _bad(reason: str) -> HTTPException:
    return HTTPException(400, reason)
