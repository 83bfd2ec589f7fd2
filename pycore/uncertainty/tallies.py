"""What draws of one number say: quantiles, shares and means, for each randomisation and all.

Draws are kept and sorted, or, where there are too many, counted between fixed edges.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from pycore.checks import FloatArray
from pycore.uncertainty.design import SMALLEST_BATCH

__all__ = ["Counted", "Kept", "Quantile", "Tally", "edges_around"]

EVERYWHERE = 256
"""How many edges lie evenly over all draws."""

AROUND = 512
"""How many edges lie around each quantile that will be asked for."""

REACH = 0.004
"""How far around it they reach: eight standard errors of a share among a million draws."""


class Quantile(NamedTuple):
    """A quantile of all draws and of each randomisation, and what counting may have moved it."""

    value: float
    each: FloatArray
    resolution: float


class Tally(Protocol):
    """What draws of one number say."""

    def quantile(self, level: float) -> Quantile:
        """Give the number below which a share of the draws lies."""

    def at_least(self, limit: float) -> FloatArray:
        """Give the share of draws at or above a limit, for each randomisation."""

    def at_most(self, edges: FloatArray) -> FloatArray:
        """Give the share of all draws at or below each of some edges."""

    def means(self) -> FloatArray:
        """Give the mean of each randomisation."""


class Kept:
    """Draws that are kept: a row for each randomisation.

    Parameters
    ----------
    draws : ndarray
        They are sorted in place.
    """

    def __init__(self, draws: FloatArray) -> None:
        draws.sort(axis=1)
        self._rows = draws
        with np.errstate(invalid="ignore"):  # of what is infinite on both sides
            means = draws.mean(axis=1)
        # Rounding must not carry the mean of equal numbers away from them.
        self._means: FloatArray = np.clip(means, draws[:, 0], draws[:, -1])

    def means(self) -> FloatArray:
        """The mean of each randomisation."""
        return self._means

    def finite(self) -> FloatArray:
        """All draws that are finite, rising."""
        everything = np.sort(self._rows, axis=None)
        return np.asarray(everything[np.isfinite(everything)])

    def quantile(self, level: float) -> Quantile:
        """The number below which a share of the draws lies, straight between order statistics.

        Beside an infinite one there is no between: then it is the nearer of the two.
        """
        number = self._rows.shape[1]
        place = level * (number - 1)
        each = np.asarray([_between(row, place) for row in self._rows])
        # All draws' quantile lies between the least and the largest of the numbers about that
        # place in each row. So only what lies between those has to be put in one order.
        first = self._rows[:, int(place)].min()
        last = self._rows[:, min(int(place) + 2, number - 1)].max()
        starts = [int(np.searchsorted(row, first, "left")) for row in self._rows]
        ends = [int(np.searchsorted(row, last, "right")) for row in self._rows]
        parts = [row[a:b] for row, a, b in zip(self._rows, starts, ends, strict=True)]
        middle = np.sort(np.concatenate(parts))
        place = level * (self._rows.size - 1)
        return Quantile(_between(middle, place - sum(starts)), each, 0.0)

    def at_levels(self, levels: FloatArray) -> FloatArray:
        """Numbers of all draws at many shares, without what lies between two of them."""
        everything = np.sort(self._rows, axis=None)
        return np.asarray(everything[np.round(levels * (everything.size - 1)).astype(np.int64)])

    def at_least(self, limit: float) -> FloatArray:
        """The share of draws at or above a limit, for each randomisation."""
        below = [np.searchsorted(row, limit, "left") for row in self._rows]
        return np.asarray(1 - np.asarray(below) / self._rows.shape[1])

    def at_most(self, edges: FloatArray) -> FloatArray:
        """The share of all draws at or below each of some edges."""
        counts = sum(np.searchsorted(row, edges, "right") for row in self._rows)
        return np.asarray(counts / self._rows.size)


def _between(row: FloatArray, position: float) -> float:
    """The number at a place, counted from 0, in a sorted row."""
    first = min(int(position), row.size - 1)
    last = min(first + 1, row.size - 1)
    if not (np.isfinite(row[first]) and np.isfinite(row[last])):
        return float(row[first] if position - first < 0.5 else row[last])
    return float(row[first] + (row[last] - row[first]) * (position - first))


def edges_around(pilot: Kept, levels: Iterable[float], others: Iterable[float]) -> FloatArray:
    """Where to count draws: closely around the quantiles that will be asked for."""
    everywhere = np.linspace(0, 1, EVERYWHERE)
    around = [level + np.linspace(-REACH, REACH, AROUND) for level in levels]
    places = np.clip(np.concatenate([everywhere, *around]), 0, 1)
    return np.unique(np.concatenate([pilot.at_levels(places), list(others)]))


class Counted:
    """Draws that are counted between edges.

    Parameters
    ----------
    edges : ndarray
        Rising.
    randomisations, size : int
        How many sequences there are, and of how many draws.
    """

    def __init__(self, edges: FloatArray, randomisations: int, size: int) -> None:
        self._edges = edges
        self._size = size
        self._below = np.zeros((randomisations, edges.size), dtype=np.int64)
        self._up_to = np.zeros((randomisations, edges.size), dtype=np.int64)
        self._sums: list[list[FloatArray]] = [[] for _ in range(randomisations)]
        self._least, self._most = np.inf, -np.inf  # of those that are finite

    def add(self, start: int, draws: FloatArray) -> None:
        """Count a batch of draws.

        Parameters
        ----------
        start : int
            The number of the first of them.
        draws : ndarray
            They are sorted in place, within each randomisation.
        """
        rows = draws.reshape(-1, min(self._size, draws.size))
        for row, values in enumerate(rows, start // self._size):
            with np.errstate(invalid="ignore"):  # of what is infinite on both sides
                self._sums[row].append(values.reshape(-1, SMALLEST_BATCH).sum(axis=1))
            values.sort()
            self._below[row] += np.searchsorted(values, self._edges, "left")
            self._up_to[row] += np.searchsorted(values, self._edges, "right")
            start_finite = int(np.searchsorted(values, -np.inf, "right"))
            end_finite = int(np.searchsorted(values, np.inf, "left"))
            if start_finite < end_finite:
                self._least = min(self._least, float(values[start_finite]))
                self._most = max(self._most, float(values[end_finite - 1]))

    def means(self) -> FloatArray:
        """The mean of each randomisation."""
        with np.errstate(invalid="ignore"):
            sums = np.asarray([np.concatenate(parts).sum() for parts in self._sums])
        means = sums / self._size
        return np.where(np.isfinite(means), np.clip(means, self._least, self._most), means)

    def quantile(self, level: float) -> Quantile:
        """The number below which a share of the draws lies, straight between two edges."""
        each = [
            self._between(level * self._size, *counts)[0]
            for counts in zip(self._below, self._up_to, strict=True)
        ]
        everything = level * self._size * len(each)
        value, width = self._between(everything, self._below.sum(axis=0), self._up_to.sum(axis=0))
        return Quantile(value, np.asarray(each), width)

    def _between(
        self, count: float, below: npt.NDArray[np.int64], up_to: npt.NDArray[np.int64]
    ) -> tuple[float, float]:
        """The number with so many draws below it, and how far apart the edges around it are."""
        after = int(np.searchsorted(up_to, count, "left"))
        if after < up_to.size and below[after] <= count:
            return float(self._edges[after]), 0.0  # several draws lie on the edge itself
        first, before = (self._edges[after - 1], up_to[after - 1]) if after else (self._least, 0)
        if after < up_to.size:
            last, number = self._edges[after], below[after] - before
        else:
            last, number = self._most, self._size * len(self._sums) - before
        # Towards an infinite edge there is a farthest number.
        first, last = max(first, self._least), min(last, self._most)
        width = float(last - first)
        return float(first + width * (count - before) / max(number, 1)), width

    def at_least(self, limit: float) -> FloatArray:
        """The share of draws at or above one of the edges, for each randomisation."""
        return 1 - self._below[:, int(np.searchsorted(self._edges, limit))] / self._size

    def at_most(self, edges: FloatArray) -> FloatArray:
        """The share of all draws at or below each of some of the edges."""
        places = np.searchsorted(self._edges, edges)
        return np.asarray(self._up_to[:, places].mean(axis=0) / self._size)
