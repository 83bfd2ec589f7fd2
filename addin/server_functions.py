"""The functions as xlwings Server takes them: large calls step aside for the small ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import xlwings

from addin.cells import Cells
from addin.functions import Function, functions

LARGE = 2_000
"""Cells from which a call is computed beside the event loop rather than in it."""


def served() -> dict[str, Callable[..., Any]]:
    """Give every function by the name under which the server calls it.

    Returns
    -------
    dict of str to callable
        In lower case, as ``cost_multiple``; Excel stores the name in upper case.
    """
    return {function.call.__name__: _served(function) for function in functions().values()}


def _served(function: Function) -> Callable[..., Any]:
    call = function.call

    async def answer(*cells: Any) -> Cells:
        if sum(map(_size, cells)) < LARGE:
            return call(*cells)
        return await asyncio.to_thread(call, *cells)

    # What addin.functions declared to xlwings (help and arguments) holds here too.
    answer.__dict__.update(call.__dict__)
    answer.__name__ = answer.__qualname__ = call.__name__
    answer.__doc__ = call.__doc__
    answer.__annotations__ = {}
    # Last of all: xlwings.arg would set what xlwings.func declares back to its defaults.
    xlwings.func(cache=True)(answer)
    return answer


def _size(cells: Any) -> int:
    if not isinstance(cells, list):
        return 1
    return sum(len(row) if isinstance(row, list) else 1 for row in cells)
