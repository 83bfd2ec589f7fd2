"""What a request to the server may carry: strict JSON of the shape that Excel's client sends.

xlwings Server takes the shape for granted and answers 500 where it does not fit; Excel's
client then asks again. What is refused here is answered once, with its reason.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Container
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn


class RefusedError(Exception):
    """A request that gets no answer but a status and a line that says why.

    Parameters
    ----------
    status : int
        Of HTTP.
    reason : str
        One line, without values of the request.
    close : bool
        Whether the connection is of no further use.
    """

    def __init__(self, status: int, reason: str, *, close: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.close = close


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one request may bring, and how slowly."""

    body_bytes: int = 5_000_000
    cells: int = 200_000
    arguments: int = 255
    discarded_bytes: int = 64_000_000
    seconds: float = 20.0


RUNTIME = re.compile(r"[0-9]{1,2}\.[0-9]{1,3}")
LONGEST_FIELD = 1_024

REQUIRED_TEXT = ("client", "version", "runtime")
OPTIONAL_TEXT = ("caller_address", "session_id", "culture_info_name", "date_format")


def parse(body: bytes) -> Any:
    """Read JSON as the standard has it.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    Any

    Raises
    ------
    RefusedError
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


def check_call(body: Any, names: Container[str], limits: Limits) -> str:
    """Check the body of a function's call.

    Parameters
    ----------
    body : Any
        What :func:`parse` gave.
    names : container of str
        The functions there are.
    limits : Limits

    Returns
    -------
    str
        The name of the function.

    Raises
    ------
    RefusedError
        If it has not the shape of a call, is too large, or there is no such function.
    """
    _check_fields(body)
    if not RUNTIME.fullmatch(body["runtime"]):
        raise _bad("runtime must be a version such as 1.4")
    name = body.get("func_name")
    if not isinstance(name, str):
        raise _bad("func_name must be text")
    if name not in names:
        raise RefusedError(HTTPStatus.NOT_FOUND, "there is no function of that name")
    arguments = body.get("args")
    if not isinstance(arguments, list):
        raise _bad("args must be a list")
    if len(arguments) > limits.arguments:
        raise _bad(f"args must be at most {limits.arguments}")
    cells = sum(_cells(place, each) for place, each in enumerate(arguments, start=1))
    _check_cells(cells, limits)
    return name


def check_book(body: Any, limits: Limits) -> None:
    """Check the body of a script's call: the workbook as the client describes it.

    Parameters
    ----------
    body : Any
        What :func:`parse` gave.
    limits : Limits

    Raises
    ------
    RefusedError
        If it has not the shape of a workbook, or is too large.
    """
    _check_fields(body, required=("client", "version"))
    book, sheets = body.get("book"), body.get("sheets")
    if not isinstance(book, dict) or not isinstance(book.get("name"), str):
        raise _bad("book must be an object with a name")
    if not isinstance(book.get("selection"), str | None):
        raise _bad("book.selection must be text or null")
    if not isinstance(sheets, list) or not sheets:
        raise _bad("sheets must be a list of at least one")
    active = book.get("active_sheet_index")
    if type(active) is not int or not 0 <= active < len(sheets):
        raise _bad("book.active_sheet_index must be the place of a sheet")
    if not _objects_with_names(body.get("names", [])):
        raise _bad("names must be a list of objects with a name")
    if not _objects_with_names(sheets):
        raise _bad("sheets must be objects with a name")
    if not isinstance(body.get("args", []), list):
        raise _bad("args must be a list")
    _check_cells(sum(_sheet_cells(sheet) for sheet in sheets), limits)


def _check_fields(body: Any, required: tuple[str, ...] = REQUIRED_TEXT) -> None:
    if not isinstance(body, dict):
        raise _bad("the body must be a JSON object")
    for field in required:
        if not _is_text(body.get(field)):
            raise _bad(f"{field} must be short text")
    for field in OPTIONAL_TEXT:
        if body.get(field) is not None and not _is_text(body[field]):
            raise _bad(f"{field} must be short text or null")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_FIELD


def _objects_with_names(items: Any) -> bool:
    return isinstance(items, list) and all(
        isinstance(item, dict) and isinstance(item.get("name"), str) for item in items
    )


def _sheet_cells(sheet: dict[str, Any]) -> int:
    values = sheet.get("values", [])
    if values is None:  # a lazy script's workbook comes without its cells
        return 0
    if not isinstance(values, list) or not all(isinstance(row, list) for row in values):
        raise _bad("values of a sheet must be rows of cells")
    if any(isinstance(cell, list | dict) for row in values for cell in row):
        raise _bad("values of a sheet must be rows of cells")
    if len({len(row) for row in values}) > 1:
        raise _bad("values of a sheet must be rows of one length")
    return sum(map(len, values))


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


def _check_cells(count: int, limits: Limits) -> None:
    if count > limits.cells:
        reason = f"one call takes at most {limits.cells:,} cells"
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _bad("the body names a key twice in one object")
    return made


def _constant(_: str) -> NoReturn:
    raise _bad("the body holds NaN or Infinity, which are not JSON")


def _bad(reason: str) -> RefusedError:
    return RefusedError(HTTPStatus.BAD_REQUEST, reason)
