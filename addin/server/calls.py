"""The functions as xlwings Server takes them: computed beside the event loop, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from addin import excel_functions
from addin.functions import Function, functions
from addin.server.pool import Pool
from addin.server.settings import environment

SMALL = 20
"""Cells up to which a call goes to threads of its own: a range never holds it up."""

SIMULATING = {"replicates", "draws"}
"""Arguments of the functions that simulate: seconds for few cells, in threads of their own."""

SMALL_THREADS = 2
LARGE_THREADS = 4
SIMULATION_THREADS = 2
WAITING = 1_000
"""Small calls that may wait; a browser has six under way at a time."""

WAITING_LARGE = 200


def served() -> dict[str, Callable[..., Any]]:
    """Give every function by the name under which the server calls it, in lower case.

    Each raises HTTPException if it takes, or would have to wait, too long.
    """
    seconds = environment().seconds
    small = Pool(threads=SMALL_THREADS, waiting=WAITING, seconds=seconds)
    large = Pool(threads=LARGE_THREADS, waiting=WAITING_LARGE, seconds=seconds)
    simulating = Pool(threads=SIMULATION_THREADS, waiting=WAITING_LARGE, seconds=seconds)

    def serve(function: Function) -> Callable[..., Any]:
        simulates = SIMULATING & {argument.name for argument in function.arguments}

        async def answer(*cells: Any) -> Any:
            pool = small if sum(map(_size, cells)) <= SMALL else large
            return await (simulating if simulates else pool).run(partial(function.call, *cells))

        # What is declared to xlwings there (help and arguments) holds here too.
        name = function.call.__name__
        vars(answer).update(vars(getattr(excel_functions, name)))
        answer.__name__ = answer.__qualname__ = name
        answer.__annotations__ = {}
        return answer

    return {each.call.__name__: serve(each) for each in functions().values()}


def _size(cells: Any) -> int:
    if not isinstance(cells, list):
        return 1
    return sum(len(row) if isinstance(row, list) else 1 for row in cells)
