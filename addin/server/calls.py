"""The functions as xlwings Server takes them: computed beside the event loop, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


class Pools:
    """The threads for calls on single cells, for those on ranges, and for simulations.

    Parameters
    ----------
    seconds : float
        How long a call may take.
    """

    def __init__(self, seconds: float) -> None:
        self._small = Pool(threads=SMALL_THREADS, waiting=WAITING, seconds=seconds)
        self._large = Pool(threads=LARGE_THREADS, waiting=WAITING_LARGE, seconds=seconds)
        self._simulating = Pool(threads=SIMULATION_THREADS, waiting=WAITING_LARGE, seconds=seconds)

    async def call(self, function: Function, *cells: Any) -> Any:
        """Call a function in a thread.

        Parameters
        ----------
        *cells : Any
            Its arguments.

        Raises
        ------
        HTTPException
            If it takes, or would have to wait, too long.
        """
        return await self._pool(function, cells).run(partial(function.call, *cells))

    def _pool(self, function: Function, cells: Iterable[Any]) -> Pool:
        if SIMULATING & {argument.name for argument in function.arguments}:
            return self._simulating
        return self._small if sum(map(_size, cells)) <= SMALL else self._large


def served() -> dict[str, Callable[..., Any]]:
    """Give every function by the name under which the server calls it.

    Returns
    -------
    dict of str to callable
        In lower case, as ``cost_multiple``; Excel stores the name in upper case.
    """
    pools = Pools(environment().seconds)
    every = functions().values()
    return {function.call.__name__: _served(function, pools) for function in every}


def _served(function: Function, pools: Pools) -> Callable[..., Any]:
    call = function.call

    async def answer(*cells: Any) -> Any:
        return await pools.call(function, *cells)

    # What is declared to xlwings there (help and arguments) holds here too.
    declared = getattr(excel_functions, call.__name__)
    answer.__dict__.update(declared.__dict__)
    answer.__name__ = answer.__qualname__ = call.__name__
    answer.__annotations__ = {}
    return answer


def _size(cells: Any) -> int:
    if not isinstance(cells, list):
        return 1
    return sum(len(row) if isinstance(row, list) else 1 for row in cells)
