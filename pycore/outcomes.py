"""The numbers that are asked of a graph, drawn: one row for each reference, one column a draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pycore.checks import FloatArray
from pycore.design import Design
from pycore.errors import InputError
from pycore.graph import Result, evaluate
from pycore.progress import tracked
from pycore.sampling import Drawn, Uncertain

__all__ = ["Asked", "StandIns", "asked", "drawn", "outcomes"]

StandIns = Mapping[str, Callable[..., Any]]
"""By the id of a result that simulates: what computes it for draws."""


@dataclass(frozen=True)
class Asked:
    """Some numbers of an uncertain graph.

    Parameters
    ----------
    uncertain : Uncertain
        The graph and its ranges.
    wanted : tuple of str
        References: ids of results, or ``id.part``.
    stand_ins : mapping of str to callable
        For results that simulate.

    Raises
    ------
    InputError
        If a reference is no result's, or not to one number.
    """

    uncertain: Uncertain
    wanted: tuple[str, ...]
    stand_ins: StandIns = field(default_factory=dict)

    def __post_init__(self) -> None:
        for reference in self.wanted:
            result = self.result_of(reference)
            central: Any = np.asarray(self.central[reference])
            if central.ndim:
                rule = f"be one number: {result.id}" + (
                    " and one of its parts: " + ", ".join(result.parts) if result.parts else ""
                )
                raise InputError("a wanted result", rule, reference)
            if isinstance(central[()], str):
                raise InputError("a wanted result", "be a number, not words", reference)

    def result_of(self, reference: str) -> Result:
        """The result that a reference is to.

        Parameters
        ----------
        reference : str
            One of those wanted.

        Returns
        -------
        Result

        Raises
        ------
        InputError
            If it is to none.
        """
        graph = self.uncertain.graph
        name, _, part = reference.partition(".")
        known = {result.id: result for result in graph.results}
        if name not in known:
            raise InputError("a wanted result", "be one of the graph's", reference)
        if part and part not in known[name].parts:
            raise InputError("a wanted result", f"be one of the parts of {name}", reference)
        return known[name]

    @cached_property
    def results(self) -> tuple[str, ...]:
        """The ids of the results that the references are to."""
        return tuple(dict.fromkeys(self.result_of(each).id for each in self.wanted))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The uncertain assumptions to draw."""
        return self.uncertain.needed(self.results)

    @cached_property
    def influential(self) -> tuple[str, ...]:
        """The uncertain assumptions that a number hangs on."""
        return self.uncertain.influential(self.results)

    @cached_property
    def central(self) -> dict[str, Any]:
        """Each number at the central values."""
        return self._numbers({})

    def _numbers(self, values: Mapping[str, Any]) -> dict[str, Any]:
        given = self.uncertain.central | dict(values)
        graph = self.uncertain.graph
        answers = evaluate(graph, given, wanted=self.results, stand_ins=self.stand_ins)
        numbers: dict[str, Any] = {}
        for reference in self.wanted:
            result = self.result_of(reference)
            part = reference.partition(".")[2]
            if result.id not in answers:
                raise InputError(reference, "have a surface: it is a simulation itself", None)
            answer = answers[result.id]
            numbers[reference] = answer[..., result.parts.index(part)] if part else answer
        return numbers

    def hanging_on(self, ids: Collection[str]) -> list[int]:
        """The places of the numbers that hang on any of some assumptions.

        Parameters
        ----------
        ids : collection of str
            Ids of assumptions.

        Returns
        -------
        list of int
        """
        return [
            place
            for place, reference in enumerate(self.wanted)
            if self._needed[self.result_of(reference).id] & set(ids)
        ]

    @cached_property
    def _needed(self) -> dict[str, set[str]]:
        return {each: set(self.uncertain.influential([each])) for each in self.results}

    def of(self, values: Mapping[str, Any]) -> FloatArray:
        """The numbers for draws.

        Parameters
        ----------
        values : mapping of str to ndarray
            Draws by assumption.

        Returns
        -------
        ndarray
            A row for each reference, a column for each draw.
        """
        size = max((np.size(each) for each in values.values()), default=1)
        rows = np.empty((len(self.wanted), size))
        for row, number in zip(rows, self._numbers(values).values(), strict=True):
            row[:] = number
        return rows


def asked(uncertain: Uncertain, wanted: Iterable[str], stand_ins: StandIns | None) -> Asked:
    """Some numbers of an uncertain graph, in the order of their asking.

    Parameters
    ----------
    uncertain : Uncertain
    wanted : iterable of str
    stand_ins : mapping of str to callable, optional

    Returns
    -------
    Asked

    Raises
    ------
    InputError
        If a reference is no result's, or not to one number.
    """
    return Asked(uncertain, tuple(dict.fromkeys(wanted)), dict(stand_ins or {}))


def outcomes(
    numbers: Asked, design: Design, held: Counter[str]
) -> Iterator[tuple[range, FloatArray]]:
    """Draw batch by batch, and give each with the numbers: a row for each reference.

    Parameters
    ----------
    numbers : Asked
        What is computed.
    design : Design
        Which draws.
    held : Counter
        To which the draws are added in which an assumption was held at a larger one.

    Yields
    ------
    tuple of range and ndarray
    """
    for batch, each in drawn(numbers, design):
        held.update(each.held)
        yield batch, numbers.of(each.values)


def drawn(numbers: Asked, design: Design) -> Iterator[tuple[range, Drawn]]:
    """Draw the assumptions that some numbers hang on, batch by batch.

    Parameters
    ----------
    numbers : Asked
        What they are drawn for.
    design : Design
        Which draws.

    Yields
    ------
    tuple of range and Drawn
    """
    dimension = numbers.uncertain.dimension
    for batch in tracked(design.batches(), "draws"):
        uniforms = {each: design.uniforms(dimension[each], batch) for each in numbers.ids}
        yield batch, numbers.uncertain.values(uniforms)
