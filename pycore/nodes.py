"""What a graph is made of: assumptions, settings, tables, grids and results, as declared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pycore.checks import Domain, check_at_most, one_of
from pycore.errors import Found, InputError

RANGE_PARTS = ("low", "high")
"""What an assumption has beside its central value: its 5th and its 95th percentile."""

TEXT_PARTS = ("distribution", "source", "date")
"""What is said of an assumption in words."""


FIXED = "fixed"
"""The distribution of what does not spread, whatever its ends are."""


def is_fixed(distribution: object) -> bool:
    """Whether the name of a distribution, in any case, is that of no spread."""
    return isinstance(distribution, str) and distribution.strip().casefold() == FIXED


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A number that a person may edit, with the 90% interval around it.

    Parameters
    ----------
    id, label, unit, group : str
        The id that references use; what a reader sees; where it stands.
    low, central, high : float
        5th percentile, best guess and 95th percentile.
    domain : Domain
        What it may be.
    distribution : str
        How it spreads over its interval: one of :data:`pycore.uncertainty.distributions.KINDS`.
    source, date, note : str
        Where the figures come from, from when they are, and what else to know.
    scope : str
        For a cost line, the scope it belongs to.
    setting : bool
        Whether it says how to compute, and has no range: low and high follow the central value.
    ends_count : bool
        Whether a result is computed from its ends, whatever its distribution is.
    """

    id: str
    label: str
    unit: str
    group: str
    low: float
    central: float
    high: float
    domain: Domain
    source: str
    date: str
    distribution: str = FIXED
    note: str = ""
    scope: str = ""
    setting: bool = False
    ends_count: bool = False

    def check(self, low: object, central: object, high: object, distribution: object) -> None:
        """Refuse values outside the domain, or out of order.

        Where the distribution is fixed its ends are no matter, unless they count.
        """
        middle = self.domain.check(self.id, central)
        if self.setting:
            return
        lowest = self.domain.check(f"{self.id}.low", low)
        highest = self.domain.check(f"{self.id}.high", high)
        if is_fixed(distribution) and not self.ends_count:
            return
        check_at_most(f"{self.id}.low", lowest, self.id, middle)
        check_at_most(self.id, middle, f"{self.id}.high", highest)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A word that a person chooses from a list."""

    id: str
    label: str
    unit: str
    group: str
    central: str
    options: tuple[str, ...]
    source: str
    date: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Fixed points along which a result is computed: down a column, or across a row."""

    id: str
    label: str
    unit: str
    values: tuple[float, ...]
    across: bool = False


class Sweep(NamedTuple):
    """The grids that something runs along: one down, one across, or neither."""

    down: Grid | None = None
    across: Grid | None = None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How something is computed or asked: a number or a word that a person may edit.

    `allowed` is what it may be; None for one that nobody edits.
    """

    id: str
    central: float | str
    allowed: Domain | tuple[str, ...] | None = None

    def check(self, value: Any) -> Any:
        """Refuse what it may not be."""
        if isinstance(self.allowed, Domain):
            return plain(self.allowed.check(self.id, value))
        return one_of(self.id, value, self.allowed) if self.allowed else self.central


@dataclass(frozen=True, kw_only=True)
class Table:
    """Cells that a person fills in and that functions take whole.

    Parameters
    ----------
    size : tuple of int
        How many rows and columns it has.
    rows : tuple of rows
        What the first of its cells hold until a person changes them; the others are blank.
    """

    id: str
    size: tuple[int, int]
    rows: tuple[tuple[object, ...], ...] = ()

    def filled(self, rows: Sequence[Sequence[object]] | None = None) -> list[list[object]]:
        """All of its cells.

        Parameters
        ----------
        rows : sequence of sequence, optional
            What its first cells hold; what they were declared to hold by default.

        Returns
        -------
        list of list
            Blank cells are ``None``.

        Raises
        ------
        InputError
            If there are more rows or columns than it has.
        """
        given = [list(row) for row in (self.rows if rows is None else rows)]
        height, width = self.size
        if len(given) > height or any(len(row) > width for row in given):
            found = Found(f"{len(given)} x {max(map(len, given))}")
            raise InputError(self.id, f"have at most {height} x {width} cells", found)
        given += [[] for _ in range(height - len(given))]
        return [row + [None] * (width - len(row)) for row in given]


@dataclass(frozen=True, kw_only=True)
class Column:
    """Several values taken as one column: central values, or other references."""

    id: str
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Constant:
    """What belongs to the model and nobody edits: a number, a word, or a column of either."""

    id: str
    value: float | str | tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One call of one function: one cell, or one block of cells.

    Parameters
    ----------
    id, label, unit, reading : str
        The id that references use; what a reader sees; one line on how to read it.
    function : callable
        The core function.
    arguments : tuple of str
        References, in the order of the function's parameters.
    parts : tuple of str
        The names of the values on the last axis of the answer, where there are several.
    pick : int
        Which one of several values is meant, counted from 1; 0 for all that the function gives.
    simulates : bool
        Whether it is itself a simulation, which draws of its arguments would repeat for each.
    size : tuple of int, optional
        The rows and columns of a fixed block whose function takes whole tables. It does not
        broadcast over draws: it is computed for each.
    formula : str
        How the spreadsheet computes it: "call", one formula that calls the function; or "plain",
        plain formulas of the sheet, beside which `function` is what they must give.
    tolerant : bool
        Whether it takes the error #VALUE! for an argument that was refused.
    lowest, highest : str
        The words that the function gives in place of a number below, and above, all others:
        "never" for a year that does not come.
    """

    id: str
    label: str
    unit: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    reading: str = ""
    parts: tuple[str, ...] = ()
    pick: int = 0
    simulates: bool = False
    size: tuple[int, int] | None = None
    formula: str = "call"
    tolerant: bool = False
    lowest: str = ""
    highest: str = ""

    @property
    def limits(self) -> dict[str, float]:
        """The number that each of those words stands for."""
        words = {self.lowest: -np.inf, self.highest: np.inf}
        return {word: number for word, number in words.items() if word}


@dataclass(frozen=True, kw_only=True)
class Ordering:
    """A rule between two assumptions: the one is at most the other."""

    smaller: str
    larger: str


@dataclass(frozen=True, kw_only=True)
class SharedWhole:
    """Two shares of one whole: the second is at most what the first leaves of 1."""

    first: str
    second: str


class Hold(NamedTuple):
    """An assumption, and the other one that says how large it may be in a draw."""

    held: str
    by: str
    of_whole: bool

    def limit(self, value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The most that it may be.

        Parameters
        ----------
        value : ndarray
            Draws of the other one.
        """
        return 1 - value if self.of_whole else value


def plain(array: Any) -> Any:
    """A number as a float, an array as it is."""
    return float(array) if np.ndim(array) == 0 else array
