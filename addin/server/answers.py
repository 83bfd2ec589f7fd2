"""The answer to a call of a function or a script, from the bytes of one to those of the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import xlwings
import xlwings.server
from starlette.exceptions import HTTPException

from addin import excel_functions
from addin.functions import Function, functions
from addin.server import log, scripts
from addin.server.body import Answer, Asked, Limits, check, parse
from pycore.errors import RefusedError


def _served(function: Function) -> Callable[..., Any]:
    """Take any number of cells: it is the core's wrapper that says how many it wants."""

    def answer(*cells: Any) -> Any:
        return function.call(*cells)

    # What is declared to xlwings there (help and arguments) holds here too.
    vars(answer).update(vars(getattr(excel_functions, function.name.lower())))
    answer.__annotations__ = {}
    return answer


SERVED = SimpleNamespace(**{each.name.lower(): _served(each) for each in functions().values()})
"""Every function by the name under which it is called, in lower case."""


async def answered(script: str, body: bytes) -> Answer:
    """Answer a call of a script, or of the function that the body names if there is none."""
    asked = Asked(function=script, cells=1)
    try:
        parsed = parse(body)
        asked = check(script, parsed, Limits())
        if script:
            result = await _script(script, parsed)
        else:
            result = {"result": await xlwings.server.custom_functions_call(parsed, SERVED)}
        text = json.dumps(result, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        status = 200
    except HTTPException as error:
        status, text = error.status_code, error.detail
    except (RefusedError, xlwings.XlwingsError) as error:
        status, text = 400, str(error)
    except Exception as error:
        log.failure(error)
        status, text = 500, "an internal error occurred"
    return Answer(status=status, content=text.encode(), asked=asked)


async def _script(name: str, parsed: Any) -> Any:
    arguments = parsed.pop("args", None) or []
    book = xlwings.Book(json=parsed)
    try:
        values = {xlwings.Book: book}
        changed = await xlwings.server.custom_scripts_call(
            scripts, name, None, typehint_to_value=values, args=arguments
        )
        return changed.json()
    finally:
        book.close()
