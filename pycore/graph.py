"""The graph: what is computed from what, and its numpy executor.

One declaration serves two executors. A spreadsheet computes each :class:`Result` as one
formula over named cells; :func:`evaluate` computes the very same declaration on numbers or
on arrays of draws. Nothing is composed twice.

A *reference* names what a function is given: the id of an assumption (its central value),
``id.low`` or ``id.high``, the id of a choice, grid, column, label column or earlier result,
or ``id.part`` for one of a result's parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pycore.checks import Domain, check_at_most, one_of
from pycore.errors import InputError

RANGE_PARTS = ("low", "high")
"""What an assumption has beside its central value: its 5th and its 95th percentile."""


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
    source, date, note : str
        Where the figures come from, from when they are, and what else to know.
    scope : str
        For a cost line, the scope it belongs to.
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
    note: str = ""
    scope: str = ""

    def check(self, low: object, central: object, high: object) -> None:
        """Refuse values outside the domain, or out of order.

        Parameters
        ----------
        low, central, high : object
            What stands in the three cells.

        Raises
        ------
        InputError
            Naming ``id.low``, ``id`` or ``id.high``.
        """
        lowest = self.domain.check(f"{self.id}.low", low)
        middle = self.domain.check(self.id, central)
        highest = self.domain.check(f"{self.id}.high", high)
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
    """Fixed points along which a result is drawn as a curve."""

    id: str
    label: str
    unit: str
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Column:
    """The central values of several assumptions taken as one column."""

    id: str
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """A fixed column of words."""

    id: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One call of one core function: one cell, or one block of cells, with one formula.

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
    """

    id: str
    label: str
    unit: str
    reading: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ordering:
    """A rule between two assumptions: the one is at most the other."""

    smaller: str
    larger: str


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Assumptions, and the results that follow from them in the order of their computing.

    Raises
    ------
    InputError
        If an id stands twice, or an argument refers to nothing that comes before it.
    """

    assumptions: tuple[Assumption, ...]
    results: tuple[Result, ...]
    choices: tuple[Choice, ...] = ()
    grids: tuple[Grid, ...] = ()
    columns: tuple[Column, ...] = ()
    labels: tuple[Labels, ...] = ()
    orderings: tuple[Ordering, ...] = ()
    _nodes: dict[str, Any] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        known: set[str] = set()
        for node in self._declared():
            for reference in _arguments(node):
                if reference not in known:
                    rule = "refer to something declared before it"
                    raise InputError(f"{node.id}: an argument", rule, reference)
            for reference in _references(node):
                if reference in known:
                    raise InputError("an id", "be declared once", reference)
                known.add(reference)
            self._nodes[node.id] = node
        for ordering in self.orderings:
            for reference in (ordering.smaller, ordering.larger):
                if not isinstance(self._nodes.get(reference), Assumption):
                    raise InputError("an ordering", "be between assumptions", reference)
        for result in self.results:
            self._check_sweep(result)

    def _declared(self) -> Iterator[Any]:
        yield from self.assumptions
        yield from self.choices
        yield from self.grids
        yield from self.columns
        yield from self.labels
        yield from self.results

    def _check_sweep(self, result: Result) -> None:
        """Refuse what a curve cannot be made of."""
        grids = {grid.id for reference in result.arguments if (grid := self._grid_of(reference))}
        nodes = [self._nodes[_id(reference)] for reference in result.arguments]
        if len(grids) > 1 or (grids and any(isinstance(node, Column | Labels) for node in nodes)):
            rule = "run along one grid, and take no column beside it"
            raise InputError(result.id, rule, ", ".join(result.arguments))

    def _grid_of(self, reference: str) -> Grid | None:
        """The grid that a reference runs along, if any."""
        node = self._nodes[_id(reference)]
        return node if isinstance(node, Grid) else self.swept.get(_id(reference))

    def __getitem__(self, node_id: str) -> Any:
        """The declaration with that id."""
        return self._nodes[node_id]

    @cached_property
    def inputs(self) -> tuple[Assumption | Choice, ...]:
        """What a person may edit: the assumptions, then the choices."""
        return (*self.assumptions, *self.choices)

    @cached_property
    def swept(self) -> Mapping[str, Grid]:
        """The results that are curves over a grid, and that grid."""
        swept: dict[str, Grid] = {grid.id: grid for grid in self.grids}
        for result in self.results:
            for reference in result.arguments:
                if _id(reference) in swept:
                    swept[result.id] = swept[_id(reference)]
        return {result.id: swept[result.id] for result in self.results if result.id in swept}

    def beside_a_grid(self, reference: str, value: Any) -> Any:
        """Give draws an axis of length 1, to stand beside the points of a grid.

        Parameters
        ----------
        reference : str
            What the value is of; the points of a grid or curve stay as they are.
        value : Any
            Its value.

        Returns
        -------
        Any
        """
        if self._grid_of(reference) or np.ndim(value) == 0:
            return value
        return np.asarray(value)[..., None]


def _id(reference: str) -> str:
    return reference.partition(".")[0]


def _arguments(node: Any) -> tuple[str, ...]:
    """The references that a declaration is made of."""
    if isinstance(node, Result):
        return node.arguments
    return node.members if isinstance(node, Column) else ()


def _references(node: Any) -> Iterator[str]:
    yield node.id
    if isinstance(node, Assumption):
        yield from (f"{node.id}.{part}" for part in RANGE_PARTS)
    if isinstance(node, Result):
        yield from (f"{node.id}.{part}" for part in node.parts)


def evaluate(
    graph: Graph,
    values: Mapping[str, Any] | None = None,
    refused: dict[str, InputError] | None = None,
) -> dict[str, Any]:
    """Compute every result of a graph, on numbers or on arrays of draws.

    Parameters
    ----------
    graph : Graph
        The declarations.
    values : mapping of str to number, array or str, optional
        Assumptions and choices to use instead of the declared ones, by id, ``id.low`` or
        ``id.high``. Arrays hold one value for each draw and must be of one shape.
    refused : dict, optional
        Where it is given, a result that a function refuses is left out, together with all
        that hang on it, and the reason is put here by its id.

    Returns
    -------
    dict
        Each result by its id: a number or text, or an array of the shape of the draws. The
        points of a curve, and the parts of a result that has several, are on a last axis.

    Raises
    ------
    InputError
        If a value is unknown or breaks its rule, or a function refuses its arguments.
    """
    known = _inputs(graph, values or {})
    for result in graph.results:
        if refused and any(_id(reference) in refused for reference in result.arguments):
            refused[result.id] = refused[
                next(_id(r) for r in result.arguments if _id(r) in refused)
            ]
            continue
        arguments = [known[reference] for reference in result.arguments]
        if result.id in graph.swept:
            arguments = [
                graph.beside_a_grid(reference, argument)
                for reference, argument in zip(result.arguments, arguments, strict=True)
            ]
        try:
            answer = result.function(*arguments)
        except InputError as error:
            named = InputError(f"{result.id}: {error.argument}", error.rule, error.received)
            if refused is None:
                raise named from None
            refused[result.id] = named
            continue
        known[result.id] = answer
        for place, part in enumerate(result.parts):
            known[f"{result.id}.{part}"] = answer[..., place]
    return {result.id: known[result.id] for result in graph.results if result.id in known}


def _inputs(graph: Graph, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every reference that is not a result, checked."""
    given = dict(values)
    known: dict[str, Any] = {}
    for assumption in graph.assumptions:
        central = given.pop(assumption.id, assumption.central)
        known[assumption.id] = _plain(assumption.domain.check(assumption.id, central))
        for part in RANGE_PARTS:
            reference = f"{assumption.id}.{part}"
            value = given.pop(reference, getattr(assumption, part))
            known[reference] = _plain(assumption.domain.check(reference, value))
    for choice in graph.choices:
        word = given.pop(choice.id, choice.central)
        known[choice.id] = one_of(choice.id, word, choice.options)
    if given:
        raise InputError("an assumption", "be one of the graph's", next(iter(given)))
    check_orderings(graph, known)
    known |= {grid.id: np.asarray(grid.values) for grid in graph.grids}
    known |= {labels.id: labels.values for labels in graph.labels}
    for column in graph.columns:
        members = [known[member] for member in column.members]
        known[column.id] = np.stack(np.broadcast_arrays(*members), axis=-1)
    return known


def _plain(array: Any) -> Any:
    return float(array) if np.ndim(array) == 0 else array


def check_orderings(graph: Graph, values: Mapping[str, Any]) -> None:
    """Refuse central values that break a rule between two assumptions.

    Parameters
    ----------
    graph : Graph
        The declarations.
    values : mapping of str to number or array
        The central value of each assumption by its id.

    Raises
    ------
    InputError
        Naming the smaller one.
    """
    for rule in graph.orderings:
        smaller, larger = np.asarray(values[rule.smaller]), np.asarray(values[rule.larger])
        check_at_most(rule.smaller, smaller, rule.larger, larger)
