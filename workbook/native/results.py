"""The native formula of each result, made from its core function."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pycore.errors import REFUSED, InputError
from pycore.graph import Graph
from pycore.nodes import Assumption, Grid, Result
from pycore.symbolic import Received, Tree, follow, name
from workbook.formulas import defined_name
from workbook.native.expressions import (
    Helpers,
    Reference,
    Writer,
    part_of,
    quoted,
    without_refusals,
)
from workbook.sheets.parts import block_name

CellName = tuple[str, int, int]
"""A defined name, and a row and a column of what it stands for."""

FINE = '""'


@dataclass
class Natives:
    """Formulas that compute the workbook without its functions.

    Parameters
    ----------
    cells : dict of tuple to str
        The formula without "=" of each cell, by a name and its place there.
    helpers : Helpers
        The cells that those share.
    reasons : dict of str to str
        What formulas call the cell that says why a result is refused, by the result's id.
    beyond : set of tuple
        The cells that spreadsheets compute, but not the formula engine of this program.
    """

    graph: Graph
    cells: dict[CellName, str] = field(default_factory=dict)
    helpers: Helpers = field(default_factory=Helpers)
    reasons: dict[str, str] = field(default_factory=dict)
    beyond: set[CellName] = field(default_factory=set)

    def add(self, result: Result) -> None:
        """Add a result whose function can be followed.

        Raises
        ------
        TypeError, ValueError, AttributeError
            If it cannot be: it loops, or takes whole tables.
        """
        rows, columns = self.graph.size(result)
        if (rows, columns) == (1, len(result.parts) or 1):
            self._add_single(result)
        else:
            self._add_points(result, rows, columns)

    def home(self, result: Result, row: int = 0, column: int = 0) -> CellName:
        """The cell that computes a result, or a point of it."""
        in_block = result.parts or self.graph.size(result) != (1, 1)
        return (block_name(result.id) if in_block else result.id, row, column)

    def _add_single(self, result: Result) -> None:
        tree = follow(partial(result.function, *map(name, result.arguments)))
        self.add_tree(result, tree, defined_name)

    def add_tree(self, result: Result, tree: Tree, reference: Reference) -> None:
        """Add a result that is one value, or several parts, from every way through its function.

        Raises
        ------
        TypeError
            If every way is refused.
        """
        writer = Writer(tree, self.helpers, reference)
        why = self.because(result, tree, writer)
        fine = without_refusals(tree)
        if fine is None:
            raise TypeError
        for place in range(max(len(result.parts), 1)):
            one = part_of(fine, place) if result.parts else fine
            value = writer.tree(one, partial(ended, writer))
            self.cells[self.home(result, 0, place)] = guarded(why, value)

    def because(self, result: Result, tree: Tree, writer: Writer) -> str:
        """What formulas call the cell that says why a result is refused, if it is."""
        own = writer.tree(tree, partial(self._reason, result, writer))
        why = self.chained(result, own)
        self.reasons[result.id] = self.helpers.cell(("why", result.id), why)
        return self.reasons[result.id]

    def chained(self, result: Result, own: str) -> str:
        """The reason of what a result is computed from, or else its own."""
        given = dict.fromkeys(reference.partition(".")[0] for reference in result.arguments)
        for why in reversed([self.reasons[each] for each in given if each in self.reasons]):
            own = f'IF({why}<>"",{why},{own})'
        return own

    def _add_points(self, result: Result, rows: int, columns: int) -> None:
        tree = follow(partial(result.function, *map(name, result.arguments)))
        for row in range(rows):
            for column in range(columns):
                part, point = (column, 0) if result.parts else (0, column)
                one = part_of(tree, part) if result.parts else tree
                self.add_point(result, row, column, one, partial(self.at, row, point), tree)

    def add_point(
        self,
        result: Result,
        row: int,
        column: int,
        tree: Tree,
        reference: Reference,
        whole: Tree | None = None,
    ) -> None:
        """Add one cell of a block.

        Parameters
        ----------
        whole : Branch or Leaf, optional
            The tree of all that the block's cells share, where `tree` is a part of it.
        """
        writer = Writer(whole or tree, self.helpers, reference)
        self.cells[self.home(result, row, column)] = writer.tree(tree, partial(ended, writer))

    def at(self, row: int, column: int, reference: str) -> str:
        """What a formula calls a reference at one point of the grids."""
        node = self.graph[reference.partition(".")[0]]
        if isinstance(node, Grid):
            at = (node.id, 0, column) if node.across else (node.id, row, 0)
        elif isinstance(node, Result) and node.id in self.graph.swept:
            sweep = self.graph.swept[node.id]
            at = self.home(node, row if sweep.down else 0, column if sweep.across else 0)
        else:
            return defined_name(reference)
        return called(*at)

    def _reason(self, result: Result, writer: Writer, value: Any) -> str:
        """Why a way is refused, as part of a formula."""
        if not isinstance(value, InputError):
            return FINE
        labels = dict(self._labels(result))
        argument = labels.get(value.argument, value.argument)
        rule = re.sub(r"\b\w+\b", lambda word: labels.get(word[0], word[0]), value.rule)
        said = f"{argument} must {rule}"
        if isinstance(value.received, Received) and value.received.symbol.op == "name":
            held = writer.text(value.received.symbol)
            return f'{quoted(f"{said}, but is ")}&IF(ISBLANK({held}),"blank",{held})'
        return quoted(said)

    def _labels(self, result: Result) -> Iterator[tuple[str, str]]:
        """What a reader calls each argument of a result's function."""
        for parameter, reference in zip(
            inspect.signature(result.function).parameters, result.arguments, strict=False
        ):
            yield parameter, label_of(self.graph, reference)


def label_of(graph: Graph, reference: str) -> str:
    """What a reader calls a reference."""
    node_id, _, part = reference.partition(".")
    node = graph[node_id]
    label = getattr(node, "label", node_id)
    if not part:
        return f"{label} (Assumptions)" if isinstance(node, Assumption) else str(label)
    return f"{label} ({part.replace('_', ' ')})"


def called(named: str, row: int, column: int) -> str:
    """What formulas call a cell until its address is known."""
    return f"{{{named}|{row}|{column}}}"


def guarded(why: str, value: str) -> str:
    """A value, or the error by which a function refuses."""
    return f'IF({why}="",{value},{REFUSED})'


def ended(writer: Writer, value: Any) -> str:
    """What a way ends in, as part of a formula."""
    if isinstance(value, InputError):
        return REFUSED
    return writer.pieces(value) if isinstance(value, tuple) else writer.text(value)


def first_refused(rules: Sequence[tuple[str, str]]) -> str:
    """Why the first rule that does not hold refuses; without "=".

    Parameters
    ----------
    rules : sequence of tuple
        What must hold, as part of a formula, and what is said where it does not.
    """
    nested = FINE
    for holds, said in reversed(rules):
        nested = f"IF({holds},{nested},{said})"
    return nested
