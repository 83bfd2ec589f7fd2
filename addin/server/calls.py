"""Calls sorted by what they cost: heavy ones never hold up one that is done in a moment."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException

from addin.functions import functions
from addin.server.body import Answer, Asked, Limits
from addin.server.pool import GoneError, Pool
from addin.server.worker import YIELDING, OverrunError

LIGHT_SECONDS = 0.05
"""What a call may be expected to take to be among the light ones."""

OVERRUN_SECONDS = 0.5
"""What it may then take of a processor at most before it begins anew among the heavy ones."""

LIGHT_PROCESSES = 2
HEAVY_PROCESSES = max(2, (os.cpu_count() or 1) // 2)
WAITING = 1_000
WAITING_HEAVY = 50

FIRST_GUESS = 0.01
"""Seconds for a cell of a function that this person has not called yet: few cells are light."""

FEWER = "ask for fewer rows or replicates"

MEMORY = 0.9
"""How much of what was known of a function is kept at each call of it."""

SIMULATING = {"replicates", "draws"}
"""Arguments of functions that simulate: how long depends on them, and not on the cells."""


@dataclass
class Costs:
    """What a cell of each function costs a person, learned from the calls that were computed.

    It is the seconds of the latest calls over their cells, each call counting less the longer ago
    it was; so a call of thousands of cells says more of a cell than one of a single cell.
    """

    _known: dict[str, tuple[float, float]] = field(
        default_factory=lambda: defaultdict(lambda: (FIRST_GUESS, 1.0))
    )

    def expected(self, asked: Asked) -> float:
        """Give the seconds that a call is expected to take."""
        seconds, cells = self._known[asked.function]
        return seconds / cells * asked.cells

    def learn(self, asked: Asked, seconds: float) -> None:
        """Take note of what a call took."""
        known, cells = self._known[asked.function]
        self._known[asked.function] = MEMORY * known + seconds, MEMORY * cells + asked.cells


class Calls:
    """Has calls computed in processes: two for light calls, and others for heavy ones.

    Parameters
    ----------
    limits : Limits
        For a call; its seconds are also how long it may wait.
    signed_in : bool
        Whether people sign in: then nobody has more than half the processes at a time.
    """

    def __init__(self, limits: Limits, *, signed_in: bool) -> None:
        self._limits = limits
        # By person, so that what one asks for does not sort the calls of another.
        self._costs: defaultdict[str, Costs] = defaultdict(Costs)
        self._simulating = {
            name.lower()
            for name, function in functions().items()
            if SIMULATING & {argument.name for argument in function.arguments}
        }

        def pool(*words: str, processes: int, waiting: int) -> Pool:
            share = processes // 2 if signed_in else processes
            seconds = limits.seconds
            return Pool(*words, processes=processes, share=share, waiting=waiting, seconds=seconds)

        self._light = pool(processes=LIGHT_PROCESSES, waiting=WAITING)
        self._heavy = pool(YIELDING, processes=HEAVY_PROCESSES, waiting=WAITING_HEAVY)

    async def answer(self, person: str, script: str, body: bytes, asked: Asked | None) -> Answer:
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
                    self._costs[person].learn(asked, OVERRUN_SECONDS)
            return await self._computed(self._heavy, person, script, body)
        except TimeoutError:
            if asked:
                self._costs[person].learn(asked, self._limits.seconds)
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
        return (
            asked.function not in self._simulating
            and self._costs[person].expected(asked) <= LIGHT_SECONDS
        )

    async def _computed(
        self, pool: Pool, person: str, script: str, body: bytes, overrun: float = 0
    ) -> Answer:
        """Have a call computed, and learn what it cost; OverrunError if it was heavier."""
        question = {"script": script, "seconds": overrun}
        head, content = await pool.run(person, question, body, self._limits.seconds)
        if "overrun" in head:
            raise OverrunError
        answer = Answer(
            status=head["status"],
            content=content,
            function=head["function"],
            cells=head["cells"],
        )
        if answer.function:
            asked = Asked(function=answer.function, cells=answer.cells)
            self._costs[person].learn(asked, head["seconds"])
        return answer
