"""Draws of the uncertain assumptions: uniform numbers through a Gaussian copula."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pycore import normal
from pycore.checks import FloatArray
from pycore.errors import InputError
from pycore.graph import Graph, inputs
from pycore.nodes import Assumption, Column
from pycore.uncertainty.correlations import correlation_matrix, root
from pycore.uncertainty.distributions import Fitted, fit

__all__ = ["Drawn", "Range", "Uncertain"]


class Range(NamedTuple):
    """How uncertain an assumption is: a kind of distribution, and its 90% interval."""

    kind: str
    low: float
    central: float
    high: float


class Drawn(NamedTuple):
    """Draws of assumptions by id, and in how many of them an ordering had to be kept."""

    values: dict[str, FloatArray]
    held: dict[str, int]


@dataclass(frozen=True)
class Uncertain:
    """A graph, and how uncertain each of its assumptions is.

    Parameters
    ----------
    graph : Graph
        The declarations.
    ranges : mapping of str to Range
        By assumption id. An assumption that is not among them is fixed.
    pairs : tuple of (str, str, float)
        Rank correlations between two assumptions; none between all others.
    words : mapping of str to str
        Choices that differ from the declared ones.
    unfit : mapping of str to InputError
        Assumptions whose distribution cannot have their range, and why: whatever is to be drawn
        from one of them raises that error, and all else is drawn as if they were fixed.

    Raises
    ------
    InputError
        If an id is no assumption's, a range breaks a rule, or a fixed one is correlated.
    """

    graph: Graph
    ranges: Mapping[str, Range]
    pairs: tuple[tuple[str, str, float], ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, InputError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {assumption.id for assumption in self.graph.assumptions}
        for each in self.ranges:
            if each not in known:
                raise InputError("a range", "be of one of the graph's assumptions", each)
        ids = self.ids  # refuses a range that no distribution has
        for one, other, _ in self.pairs:
            for each in (one, other):
                if each not in known:
                    rule = "be between two of the graph's assumptions"
                    raise InputError(f"the correlation of {one} with {other}", rule, each)
                if each not in ids:
                    rule = "be between assumptions that are not fixed"
                    raise InputError(f"the correlation of {one} with {other}", rule, each)
        if self.pairs:
            correlation_matrix(ids, self.pairs)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The uncertain assumptions, in the graph's order."""
        return tuple(self._fitted)

    @cached_property
    def dimension(self) -> dict[str, int]:
        """The dimension of each assumption, whether it is uncertain or not.

        So the draws of the others stay what they are when one is fixed or given a range. The
        first dimensions of a Sobol sequence are its most even ones: those that lead have them.
        """
        order = dict.fromkeys([*self.graph.leading, *(each.id for each in self.graph.assumptions)])
        return {each: place for place, each in enumerate(order)}

    @cached_property
    def central(self) -> dict[str, float | str]:
        """What `evaluate` is given for the central case: central values, ranges and words."""
        values: dict[str, float | str] = dict(self.words)
        for each, given in self.ranges.items():
            values |= {each: given.central, f"{each}.low": given.low, f"{each}.high": given.high}
        return values

    @cached_property
    def inputs(self) -> Mapping[str, Any]:
        """What stands in the central case for each reference that is no result's."""
        return inputs(self.graph, self.central)

    @cached_property
    def _fitted(self) -> dict[str, Fitted]:
        """The distribution of each uncertain assumption, in the graph's order."""
        distributions: dict[str, Fitted] = {}
        for each in self.graph.assumptions:
            if each.id not in self.ranges or each.id in self.unfit:
                continue
            kind, low, central, high = self.ranges[each.id]
            each.check(low, central, high, kind)
            try:
                fitted = fit(kind, low, central, high, each.domain.minimum, each.domain.maximum)
            except InputError as error:
                # The reason names one number of the row; the row is named here.
                argument = f"{each.id}: {error.argument}"
                raise InputError(argument, error.rule, error.received) from None
            if fitted.kind != "fixed":
                distributions[each.id] = fitted
        return distributions

    @cached_property
    def blocks(self) -> tuple[tuple[str, ...], ...]:
        """The sets of assumptions that hang together by correlations."""
        block_of = {each: {each} for each in self.ids}
        for one, other, rank in self.pairs:
            if rank and block_of[one] is not block_of[other]:
                joined = block_of[one] | block_of[other]
                block_of |= dict.fromkeys(joined, joined)
        blocks = {tuple(i for i in self.ids if i in block_of[each]) for each in self.ids}
        return tuple(sorted(block for block in blocks if len(block) > 1))

    def block(self, each: str) -> tuple[str, ...]:
        """The assumptions that hang together with one by correlations, itself among them."""
        return next((block for block in self.blocks if each in block), (each,))

    def influential(self, results: Iterable[str]) -> tuple[str, ...]:
        """The uncertain assumptions that some results depend on, in the graph's order.

        Returns
        -------
        tuple of str
            Among them what is correlated with another, or may hold it down.
        """
        return self._reached(results, held_too=False)

    def needed(self, results: Iterable[str]) -> tuple[str, ...]:
        """The uncertain assumptions that must be drawn together for some results.

        Returns
        -------
        tuple of str
            The influential ones, and what they hold down: no draw may break an ordering.
        """
        return self._reached(results, held_too=True)

    def _reached(self, results: Iterable[str], *, held_too: bool) -> tuple[str, ...]:
        """Arguments, and what orderings and correlations bring along with them."""
        found = set(self.arguments(results))
        size = -1
        while size < len(found):
            size = len(found)
            for rule in self.graph.holds:
                if rule.held in found:
                    found.add(rule.by)
                if held_too and rule.by in found & self._varying:
                    found.add(rule.held)
            for block in self.blocks:
                if found & set(block):
                    found |= set(block)
        for each in self.unfit:
            if each in found:
                why = self.unfit[each]
                # One raised again would hold on to whatever it has been raised through.
                raise InputError(why.argument, why.rule, why.received)
        return tuple(each for each in self.ids if each in found)

    @cached_property
    def _varying(self) -> set[str]:
        """The uncertain assumptions, and the fixed ones that those may hold down."""
        varying = set(self.ids)
        for _ in self.graph.holds:  # one more turn than that adds nothing
            varying |= {rule.held for rule in self.graph.holds if rule.by in varying}
        return varying

    def arguments(self, results: Iterable[str]) -> tuple[str, ...]:
        """The assumptions whose central values are arguments of results, however indirectly.

        Returns
        -------
        tuple of str
            In the graph's order, fixed ones too.
        """
        found: set[str] = set()
        for result in self.graph.needed(results):
            for reference in self.graph[result].arguments:
                node = None if "." in reference else self.graph[reference]
                if isinstance(node, Assumption):
                    found.add(node.id)
                elif isinstance(node, Column):
                    found |= set(node.members)
        return tuple(each.id for each in self.graph.assumptions if each.id in found)

    def values(self, uniforms: Mapping[str, FloatArray], first: Collection[str] = ()) -> Drawn:
        """Turn uniform numbers into draws of assumptions.

        Parameters
        ----------
        first : collection of str
            Those whose draws depend on their own numbers alone: with their numbers kept and the
            others made anew, the others are drawn from their distribution given these.

        Notes
        -----
        ``x = A z`` with ``z = Phi^-1(u)`` for correlated assumptions, A the root of their
        correlation matrix, then ``F^-1(Phi(x))``; ``F^-1(u)`` for the others.
        """
        return self.ordered(self.unordered(uniforms, first))

    def unordered(
        self, uniforms: Mapping[str, FloatArray], first: Collection[str] = ()
    ) -> dict[str, FloatArray]:
        """Turn uniform numbers into draws, without keeping the orderings."""
        values: dict[str, FloatArray] = {}
        for each, uniform in self.joined(uniforms, first).items():
            domain = self.graph[each].domain
            drawn = self._fitted[each].quantile(uniform)
            if domain.whole:
                drawn = np.clip(np.floor(drawn + 0.5), np.ceil(domain.minimum), domain.maximum)
            values[each] = drawn
        return values

    def joined(
        self, uniforms: Mapping[str, FloatArray], first: Collection[str] = ()
    ) -> dict[str, FloatArray]:
        """Correlate uniform numbers.

        Parameters
        ----------
        uniforms : mapping of str to ndarray
            Independent ones, by id; for all that are correlated with one of them, too.

        Returns
        -------
        dict of str to ndarray
            Uniform numbers still: the rank of each draw in its distribution.
        """
        joined = dict(uniforms)
        for block in self.blocks:
            if block[0] not in uniforms:
                continue
            normals = [normal.quantile(uniforms[each]) for each in block]
            matrix = self._root(block, tuple(each for each in block if each in first))
            for row, each in zip(matrix, block, strict=True):
                # Term by term: a matrix product's last digits depend on the batch it is part of.
                total = np.zeros(np.broadcast_shapes(*map(np.shape, normals)))
                for weight, scores in zip(row, normals, strict=True):
                    if weight:
                        total += weight * scores
                joined[each] = normal.cdf(total)
        return joined

    def _root(self, block: tuple[str, ...], first: tuple[str, ...]) -> FloatArray:
        pairs = [pair for pair in self.pairs if pair[0] in block]
        matrix = correlation_matrix(block, pairs)
        return np.asarray(root(matrix, first=tuple(block.index(each) for each in first)))

    def ordered(self, values: Mapping[str, FloatArray]) -> Drawn:
        """Hold the smaller of two at the larger where a draw breaks their ordering.

        Of two shares of a whole, the second is held at what the first leaves.
        """
        values = dict(values)
        held: dict[str, int] = {}
        for _ in self.graph.holds:  # one more turn than that changes nothing
            for rule in self.graph.holds:
                if rule.held not in values and rule.by not in values:
                    continue
                small, large = (self._value(values, each) for each in (rule.held, rule.by))
                most = rule.limit(large)
                over = small > most
                number = int(np.count_nonzero(over))
                held[rule.held] = held.get(rule.held, 0) + number
                if number:
                    limit = np.floor(most) if self.graph[rule.held].domain.whole else most
                    values[rule.held] = np.where(over, limit, small)
        return Drawn(values, held)

    def _value(self, values: Mapping[str, FloatArray], each: str) -> npt.NDArray[np.float64]:
        if each in values:
            return values[each]
        given = self.ranges.get(each)
        return np.asarray(given.central if given else self.graph[each].central)
