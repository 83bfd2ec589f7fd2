"""The graph: what is computed from what, and its numpy executor.

One declaration serves two executors. A spreadsheet computes each :class:`Result` as one
formula over named cells; :func:`evaluate` computes the very same declaration on numbers or
on arrays of draws. Nothing is composed twice.

A *reference* names what a function is given: the id of an assumption (its central value),
``id.low``, ``id.high``, ``id.distribution``, ``id.source`` or ``id.date``, the id of a choice,
setting, table, constant, grid, column or earlier result, or ``id.part`` for one of a result's
parts.

A result over a grid is a *curve*, down a column or across a row; a result over one grid of each
kind is a *table*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore.checks import Domain, check_at_most, one_of
from pycore.errors import REFUSED, InputError
from pycore.nodes import (
    RANGE_PARTS,
    TEXT_PARTS,
    Assumption,
    Choice,
    Column,
    Constant,
    Grid,
    Hold,
    Ordering,
    Result,
    Setting,
    SharedWhole,
    Sweep,
    Table,
    plain,
)


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Assumptions, and the results that follow from them in the order of their computing.

    `leading` names the assumptions that answers depend on most, the foremost first. Changing it
    changes the draws of a simulation, and how fast it converges; it changes no result.

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
    constants: tuple[Constant, ...] = ()
    settings: tuple[Setting, ...] = ()
    tables: tuple[Table, ...] = ()
    orderings: tuple[Ordering, ...] = ()
    wholes: tuple[SharedWhole, ...] = ()
    leading: tuple[str, ...] = ()
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
            self._check_assumptions("an ordering", ordering.smaller, ordering.larger)
        for whole in self.wholes:
            self._check_assumptions("the shares of a whole", whole.first, whole.second)
        self._check_assumptions("what leads", *self.leading)
        for result in self.results:
            self._check_sweep(result)

    def _declared(self) -> Iterator[Any]:
        yield from self.assumptions
        yield from self.choices
        yield from self.settings
        yield from self.tables
        yield from self.grids
        yield from self.constants
        yield from self.columns
        yield from self.results

    def _check_assumptions(self, what: str, *references: str) -> None:
        for reference in references:
            if not isinstance(self._nodes.get(reference), Assumption):
                raise InputError(what, "be of assumptions", reference)

    def _check_sweep(self, result: Result) -> None:
        """Refuse what neither a curve nor a table can be made of."""
        sweeps = [self._sweep_of(reference) for reference in result.arguments]
        down = {sweep.down.id for sweep in sweeps if sweep.down}
        across = {sweep.across.id for sweep in sweeps if sweep.across}
        nodes = [self._nodes[_id(reference)] for reference in result.arguments]
        lists = any(_axes(node) for node in nodes if isinstance(node, Column | Constant))
        if len(down) > 1 or len(across) > 1 or ((down or across) and lists):
            rule = "run along one grid down and one across, and take no column beside them"
            raise InputError(result.id, rule, ", ".join(result.arguments))
        if across and result.parts:
            raise InputError(result.id, "have no parts beside a grid across", ", ".join(across))

    def _sweep_of(self, reference: str) -> Sweep:
        """The grids that a reference runs along."""
        node = self._nodes[_id(reference)]
        if isinstance(node, Grid):
            return _along(node)
        return self.swept.get(_id(reference), Sweep())

    def __getitem__(self, node_id: str) -> Any:
        """The declaration with that id."""
        return self._nodes[node_id]

    @cached_property
    def inputs(self) -> tuple[Assumption | Choice, ...]:
        """What a person may edit: the assumptions, then the choices."""
        return (*self.assumptions, *self.choices)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """What is said of each input in words, by reference."""
        return {
            f"{node.id}.{part}": getattr(node, part)
            for node in self.inputs
            for part in TEXT_PARTS
            if hasattr(node, part)
        }

    @cached_property
    def declared(self) -> Mapping[str, Any]:
        """What stands for each reference that is no result's or column's, where nothing else is."""
        known: dict[str, Any] = {}
        for assumption in self.assumptions:
            central = self.checked(assumption.id, assumption.central)
            known[assumption.id] = central
            for part in RANGE_PARTS:
                end = central if assumption.setting else getattr(assumption, part)
                known[f"{assumption.id}.{part}"] = self.checked(f"{assumption.id}.{part}", end)
        known |= {each.id: self.checked(each.id, each.central) for each in self.choices}
        known |= {each.id: self.checked(each.id, each.central) for each in self.settings}
        known |= self.texts
        known |= {table.id: table.filled(None) for table in self.tables}
        known |= {grid.id: np.asarray(grid.values) for grid in self.grids}
        return known | {constant.id: constant.value for constant in self.constants}

    @cached_property
    def _domains(self) -> Mapping[str, Domain]:
        """What each number may be that a person may edit, by reference."""
        return {
            reference: each.domain
            for each in self.assumptions
            for reference in (each.id, *(f"{each.id}.{part}" for part in RANGE_PARTS))
        }

    def checked(self, reference: str, value: Any) -> Any:
        """A value for a reference; the short way for what most of them are, plain numbers."""
        domain = self._domains.get(reference)
        if domain is not None:
            if type(value) is float and domain.holds(value):
                return value
            return plain(domain.check(reference, value))
        node = self._nodes.get(reference)
        if isinstance(node, Choice):
            return one_of(reference, value, node.options)
        if isinstance(node, Setting):
            return node.check(value)
        if isinstance(node, Table):
            return node.filled(value)
        if reference not in self.texts:
            raise InputError("an assumption", "be one of the graph's", reference)
        return value

    @cached_property
    def holds(self) -> tuple[Hold, ...]:
        """What draws are held to: the orderings, and the shares of a whole."""
        return (
            *(Hold(rule.smaller, rule.larger, of_whole=False) for rule in self.orderings),
            *(Hold(whole.second, whole.first, of_whole=True) for whole in self.wholes),
        )

    @cached_property
    def swept(self) -> Mapping[str, Sweep]:
        """The results that are curves or tables, and the grids that they run along."""
        grids = {grid.id: _along(grid) for grid in self.grids}
        swept: dict[str, Sweep] = {}
        for result in self.results:
            down, across = None, None
            for reference in result.arguments:
                own = grids.get(reference) or swept.get(_id(reference), Sweep())
                down, across = own.down or down, own.across or across
            if down or across:
                swept[result.id] = Sweep(down, across)
        return swept

    def size(self, result: Result) -> tuple[int, int]:
        """How many rows and columns of cells a result fills."""
        if result.size:
            return result.size
        sweep = self.swept.get(result.id, Sweep())
        rows = len(sweep.down.values) if sweep.down else 1
        columns = len(sweep.across.values) if sweep.across else len(result.parts) or 1
        return rows, columns

    def beside_the_grids(self, result: Result, reference: str, value: Any) -> Any:
        """Give an argument's value the axes on which the points of a result's grids lie.

        Parameters
        ----------
        value : Any
            Its value: draws come first, then the points down, then those across.

        Returns
        -------
        Any
            With an axis of length 1 for each grid of the result that it does not run along.
        """
        if result.id not in self.swept or np.ndim(value) == 0:
            return value
        sweep, own = self.swept[result.id], self._sweep_of(reference)
        array = np.asarray(value)
        if sweep.across and not own.across:
            array = array[..., None]
        if sweep.down and not own.down:
            array = np.expand_dims(array, -2 if sweep.across else -1)
        return array

    def is_drawn(self, reference: str, value: Any) -> bool:
        """Whether a value holds draws, beside the points of the grids that it runs along."""
        own = len([grid for grid in self._sweep_of(reference) if grid])
        node = self._nodes[_id(reference)]
        if isinstance(node, Result):
            own += 2 if node.size else bool(node.parts) and reference == node.id
        return np.ndim(value) > own + _axes(node)

    def needed(self, wanted: Iterable[str]) -> set[str]:
        """Results, and every result that they depend on."""
        needed = set(wanted)
        for result_id in needed:
            if not isinstance(self._nodes.get(result_id), Result):
                raise InputError("a wanted result", "be one of the graph's", result_id)
        for result in reversed(self.results):
            if result.id in needed:
                needed |= {_id(reference) for reference in result.arguments}
        return {result.id for result in self.results if result.id in needed}

    def taken_by(self, needed: Iterable[str]) -> set[str]:
        """Every reference that results take, and the members of the columns among them."""
        used = {reference for each in needed for reference in self._nodes[each].arguments}
        return used.union(*(each.members for each in self.columns if each.id in used))

    def simulates(self, result_id: str) -> bool:
        """Whether a result is a simulation, or depends on one."""
        return any(self._nodes[each].simulates for each in self.needed([result_id]))


def _along(grid: Grid) -> Sweep:
    return Sweep(across=grid) if grid.across else Sweep(down=grid)


def _id(reference: str) -> str:
    return reference.partition(".")[0]


def _axes(node: Any) -> int:
    """How many axes a declared value has of its own, beside those of grids and draws."""
    if isinstance(node, Constant):
        first = node.value[0] if isinstance(node.value, tuple) else None
        return 0 if first is None else 1 + isinstance(first, tuple)
    return {Column: 1, Table: 2}.get(type(node), 0)


def _arguments(node: Any) -> tuple[str, ...]:
    """The references that a declaration is made of."""
    if isinstance(node, Result):
        return node.arguments
    return node.members if isinstance(node, Column) else ()


def _references(node: Any) -> Iterator[str]:
    yield node.id
    if isinstance(node, Assumption):
        yield from (f"{node.id}.{part}" for part in (*RANGE_PARTS, *TEXT_PARTS))
    if isinstance(node, Choice):
        yield from (f"{node.id}.{part}" for part in TEXT_PARTS[1:])
    if isinstance(node, Result):
        yield from (f"{node.id}.{part}" for part in node.parts)


def evaluate(
    graph: Graph,
    values: Mapping[str, Any] | None = None,
    refused: dict[str, InputError] | None = None,
    wanted: Iterable[str] | None = None,
    stand_ins: Mapping[str, Callable[..., Any]] | None = None,
) -> dict[str, Any]:
    """Compute the results of a graph, on numbers or on arrays of draws.

    Parameters
    ----------
    values : mapping of str to number, array or str, optional
        What to use instead of the declared values: assumptions and choices by id, ``id.low``,
        ``id.high`` or ``id.distribution``, settings, and the rows of tables. Arrays hold one
        value for each draw and must be of one shape.
    refused : dict, optional
        Where it is given, a result that a function refuses is left out, together with all
        that depend on it, and the reason is put here by its id.
    wanted : iterable of str, optional
        The ids of the results to compute; all of them by default. What they depend on is
        computed too, and nothing else.
    stand_ins : mapping of str to callable, optional
        By the id of a result that simulates: what is called in its function's place, with the
        same arguments, where one of them is drawn.

    Returns
    -------
    dict
        Each wanted result by its id: a number or text, or an array of the shape of the draws.
        The points of a curve or table, and then the parts of a result that has several, are
        on the last axes. A result that simulates and has no stand-in is left out where an
        argument of it is drawn, together with all that depend on it: it would be one simulation
        for each draw.

    Raises
    ------
    InputError
        If a value is unknown or breaks its rule, a wanted id is no result's, or a function
        refuses its arguments.
    """
    known = inputs(graph, values or {})
    chosen = {result.id for result in graph.results} if wanted is None else set(wanted)
    needed = graph.needed(chosen)
    for result in graph.results:
        if result.id not in needed:
            continue
        refusals = [r for r in result.arguments if refused and _id(r) in refused]
        if refusals and result.tolerant:
            known |= dict.fromkeys(refusals, REFUSED)
        elif refused is not None and refusals:
            refused[result.id] = refused[_id(refusals[0])]
            continue
        function = _function(graph, result, known, stand_ins or {})
        if function is None:
            continue
        arguments = [
            graph.beside_the_grids(result, reference, known[reference])
            for reference in result.arguments
        ]
        try:
            answer = _computed(graph, result, function, arguments)
        except InputError as error:
            named = InputError(f"{result.id}: {error.argument}", error.rule, error.received)
            if refused is None:
                raise named from None
            refused[result.id] = named
            continue
        known[result.id] = answer[..., result.pick - 1] if result.pick else answer
        for place, part in enumerate(result.parts):
            known[f"{result.id}.{part}"] = answer[..., place]
    return {
        key: known[key] for key in (r.id for r in graph.results) if key in chosen and key in known
    }


def _function(
    graph: Graph,
    result: Result,
    known: Mapping[str, Any],
    stand_ins: Mapping[str, Callable[..., Any]],
) -> Callable[..., Any] | None:
    """The function, or None if it needs a simulation without a surrogate."""
    if any(reference not in known for reference in result.arguments):
        return None
    if result.simulates and any(
        graph.is_drawn(reference, known[reference]) for reference in result.arguments
    ):
        return stand_ins.get(result.id)
    return result.function


def _computed(
    graph: Graph, result: Result, function: Callable[..., Any], arguments: list[Any]
) -> Any:
    """What a function gives; one that takes whole tables is called for each draw by itself."""
    drawn = [
        graph.is_drawn(reference, value) if result.size else False
        for reference, value in zip(result.arguments, arguments, strict=True)
    ]
    if not any(drawn):
        return function(*arguments)
    draws = next(len(value) for value, each in zip(arguments, drawn, strict=True) if each)
    return np.stack(
        [
            function(
                *(
                    value[place] if each else value
                    for value, each in zip(arguments, drawn, strict=True)
                )
            )
            for place in range(draws)
        ]
    )


def inputs(graph: Graph, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every reference that is not a result, checked.

    Parameters
    ----------
    values : mapping of str to number, array or str
        As :func:`evaluate` takes them.
    """
    known = dict(graph.declared)
    for reference, value in values.items():
        known[reference] = graph.checked(reference, value)
    for each in graph.assumptions:
        if each.setting and each.id in values:
            ends = (f"{each.id}.{part}" for part in RANGE_PARTS)
            known |= {end: known[each.id] for end in ends if end not in values}
    check_orderings(graph, known)
    for column in graph.columns:
        members = [known[member] for member in column.members]
        known[column.id] = np.stack(np.broadcast_arrays(*map(_as_cells, members)), axis=-1)
    return known


def _as_cells(value: Any) -> npt.NDArray[Any]:
    """A value as an array; a word as an object, so that it keeps its length and its neighbours."""
    return np.asarray(value, dtype=object if isinstance(value, str) else None)


def check_orderings(graph: Graph, values: Mapping[str, Any]) -> None:
    """Refuse central values that break a rule between two assumptions."""
    for rule in graph.orderings:
        smaller, larger = np.asarray(values[rule.smaller]), np.asarray(values[rule.larger])
        check_at_most(rule.smaller, smaller, rule.larger, larger)
