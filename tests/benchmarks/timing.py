"""Measuring two ways of doing a thing in turns, so that a busy machine disturbs both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Timer = Callable[[], float]
"""Does the work once and gives the seconds that it took."""


class UnavailableError(Exception):
    """Something that a comparison needs is not on this machine."""


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """Two timers to set beside each other.

    Parameters
    ----------
    name : str
        What is measured.
    against : str
        What both sides did, in words.
    ours, other : callable
        The timers.
    repeats : int
        How many times each is run, in turns.
    warm_ups : int
        How many times each is run before, unmeasured.
    """

    name: str
    against: str
    ours: Timer
    other: Timer
    repeats: int = 7
    warm_ups: int = 1

    def run(self) -> Row:
        """Measure both."""
        for _ in range(self.warm_ups):
            self.ours()
            self.other()
        pairs = [(self.ours(), self.other()) for _ in range(self.repeats)]
        ratios = [ours / other for ours, other in pairs]
        return Row(
            name=self.name,
            against=self.against,
            measured=Measured(
                ours=statistics.median(ours for ours, _ in pairs),
                other=statistics.median(other for _, other in pairs),
                ratio=statistics.median(ratios),
                lowest=min(ratios),
                highest=max(ratios),
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Medians, in seconds, and the lowest and highest of the ratios of the pairs."""

    ours: float
    other: float
    ratio: float
    lowest: float
    highest: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table; one that was not measured says why in `against`."""

    name: str
    against: str
    measured: Measured | None = None


def timed(work: Callable[[], Any], *, times: int = 1, share: int = 1) -> Timer:
    """Make a timer.

    Parameters
    ----------
    work : callable
        What to measure.
    times : int
        How often to do it in one measurement; the time is for all of them, or for a share.
    share : int
        Into how many equal shares to divide the time: draws, for example, or `times`.
    """

    def timer() -> float:
        start = time.perf_counter()
        for _ in range(times):
            work()
        return (time.perf_counter() - start) / share

    return timer
