"""Calls sorted by what they cost: heavy ones never hold up one that is done in a moment."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import NamedTuple

import anyio
from starlette.exceptions import HTTPException

from addin.functions import functions
from addin.server.body import Answer, Asked, Limits
from addin.server.pool import GoneError, Pool
from addin.server.worker import YIELDING, OverrunError

LIGHT_SECONDS = 0.05
"""What a call may be expected to take to be among the light ones."""

OVERRUN_SECONDS = 1.0
"""What it may then take of a processor at most before it begins anew among the heavy ones."""

LIGHT_PROCESSES = 2
HEAVY_PROCESSES = max(2, (os.cpu_count() or 1) // 2)
WAITING = 1_000
WAITING_HEAVY = 50

FIRST_GUESS = 0.01
"""Seconds for a cell of a function that this person has not called yet: few cells are light."""

OF_ONE_FORMULA = 1.0
"""Calls of one cell that come within so many seconds may be of one formula: none goes first."""

FEWER = "ask for fewer rows or replicates"

MEMORY = 0.9
"""How much of what was known of a function is kept at each call of it."""

SIMULATING = {"replicates", "draws"}
"""Arguments of functions that simulate: how long depends on them, and not on the cells."""


class Underway(NamedTuple):
    """A call that is waiting or being computed, and when it came."""

    scope: anyio.CancelScope
    began: float


class Calls:
    """Has calls computed in processes: two for light calls, and others for heavy ones.

    Which it is follows from what a cell of the function cost: the seconds of the latest calls over
    their cells, each call counting less the longer ago it was.

    Parameters
    ----------
    limits : Limits
        For a call; its seconds are also how long it may wait.
    signed_in : bool
        Whether people sign in: then nobody has more than half the processes at a time.
    """

    def __init__(self, limits: Limits, *, signed_in: bool) -> None:
        self._limits = limits
        self._underway: dict[tuple[str, ...], Underway] = {}
        # By person, so that what one asks for does not sort the calls of another.
        self._costs: dict[tuple[str, str], tuple[float, float]] = {}
        self._simulating = {
            name.lower()
            for name, function in functions().items()
            if SIMULATING & {argument.name for argument in function.arguments}
        }

        pool = partial(Pool, share=0.5 if signed_in else 1, seconds=limits.seconds)
        self._light = pool(processes=LIGHT_PROCESSES, waiting=WAITING)
        self._heavy = pool(YIELDING, processes=HEAVY_PROCESSES, waiting=WAITING_HEAVY)

    async def answer(self, person: str, script: str, body: bytes, asked: Asked | None) -> Answer:
        """Answer a call, as :meth:`_answer` does; if its cell calls again meanwhile, after that.

        Excel drops the answer to a call whose cell has been edited since, but a formula with two
        calls needs both.
        """
        if asked is None or not asked.cell:
            return await self._answer(person, script, body, asked)
        cell, began = (person, *asked.cell), time.monotonic()
        with anyio.CancelScope() as scope:
            earlier = self._underway.get(cell)
            if earlier and began - earlier.began > OF_ONE_FORMULA:
                earlier.scope.cancel()
            self._underway[cell] = own = Underway(scope, began)
            try:
                return await self._answer(person, script, body, asked)
            finally:
                if self._underway.get(cell) is own:
                    del self._underway[cell]
        return await self._answer(person, script, body, asked)

    async def _answer(self, person: str, script: str, body: bytes, asked: Asked | None) -> Answer:
        """Answer a person's call of a script, or of a function if that is empty.

        What is asked is None if the body was not read yet: it is a large one.

        Raises
        ------
        HTTPException
            If the call is refused; 413 if it takes too long, 429 if too many wait.
        """
        try:
            if asked and self._is_light(person, asked):
                try:
                    return await self._computed(self._light, person, script, body, OVERRUN_SECONDS)
                except OverrunError:
                    self._learn(person, asked, OVERRUN_SECONDS)
            return await self._computed(self._heavy, person, script, body)
        except TimeoutError:
            if asked:
                self._learn(person, asked, self._limits.seconds)
            reason = f"the call takes longer than {self._limits.seconds:g} seconds: {FEWER}"
            raise HTTPException(413, reason) from None
        except GoneError:
            reason = f"the call needs more than this server has: {FEWER}"
            raise HTTPException(413, reason) from None

    async def close(self) -> None:
        """End all processes."""
        await self._light.close()
        await self._heavy.close()

    def _is_light(self, person: str, asked: Asked) -> bool:
        seconds, cells = self._costs.get((person, asked.function), (FIRST_GUESS, 1))
        light = seconds / cells * asked.cells <= LIGHT_SECONDS
        return light and asked.function not in self._simulating

    def _learn(self, person: str, asked: Asked, seconds: float) -> None:
        known, cells = self._costs.get((person, asked.function), (FIRST_GUESS, 1))
        self._costs[person, asked.function] = MEMORY * known + seconds, MEMORY * cells + asked.cells

    async def _computed(
        self, pool: Pool, person: str, script: str, body: bytes, overrun: float = 0
    ) -> Answer:
        """Have a call computed, and learn what it cost; OverrunError if it was heavier."""
        question = {"script": script, "seconds": overrun}
        head, content = await pool.run(person, question, body, self._limits.seconds)
        if "overrun" in head:
            raise OverrunError
        asked = Asked(function=head["function"], cells=head["cells"])
        if asked.function:
            self._learn(person, asked, head["seconds"])
        return Answer(status=head["status"], content=content, asked=asked)
