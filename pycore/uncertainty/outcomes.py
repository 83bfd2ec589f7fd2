"""The numbers that are asked of a graph, drawn: one row for each reference, one column a draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from pycore.checks import FloatArray
from pycore.errors import Found, InputError
from pycore.graph import evaluate
from pycore.nodes import Result
from pycore.progress import tracked
from pycore.uncertainty.design import Design
from pycore.uncertainty.sampling import Drawn, Uncertain

__all__ = ["Asked", "StandIns", "asked", "drawn", "in_numbers", "in_words", "outcomes"]

EVERY_DRAW = "be a number in every draw"

StandIns = Mapping[str, Callable[..., Any]]
"""By the id of a result that simulates: what computes it for draws."""


@dataclass(frozen=True)
class Asked:
    """Some numbers of an uncertain graph."""

    uncertain: Uncertain
    wanted: tuple[str, ...]
    stand_ins: StandIns = field(default_factory=dict)

    def __post_init__(self) -> None:
        for reference in self.wanted:
            result = self.result_of(reference)
            central: Any = np.asarray(self._answers[reference])
            if central.ndim:
                rule = f"be one number: {result.id}" + (
                    " and one of its parts: " + ", ".join(result.parts) if result.parts else ""
                )
                raise InputError("a wanted result", rule, reference)
            if isinstance(central[()], str) and central[()] not in result.limits:
                raise InputError("a wanted result", "be a number, not words", reference)

    def result_of(self, reference: str) -> Result:
        """The result that a reference is to."""
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
        """The uncertain assumptions that a number depends on."""
        return self.uncertain.influential(self.results)

    @cached_property
    def central(self) -> dict[str, Any]:
        """Each number at the central values."""
        return {
            each: in_numbers(self.result_of(each), each, answer)
            for each, answer in self._answers.items()
        }

    @cached_property
    def _answers(self) -> dict[str, Any]:
        return self._answered({})

    def _answered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Each number, or the words in its place."""
        given = self.uncertain.central | dict(values)
        graph = self.uncertain.graph
        answers = evaluate(graph, given, wanted=self.results, stand_ins=self.stand_ins)
        found: dict[str, Any] = {}
        for reference in self.wanted:
            result = self.result_of(reference)
            part = reference.partition(".")[2]
            if result.id not in answers:
                raise InputError(reference, "have a surface: it is a simulation itself", None)
            answer = answers[result.id]
            found[reference] = answer[..., result.parts.index(part)] if part else answer
        return found

    def depending_on(self, ids: Collection[str]) -> list[int]:
        """The places of the numbers that depend on any of some assumptions."""
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
            Of shapes that broadcast: what depends on one of them is computed in its shape.

        Returns
        -------
        ndarray
            A row for each reference, in it a number for each draw. A word that stands for a limit
            is an infinite number here.
        """
        shape = np.broadcast_shapes((1,), *(np.shape(each) for each in values.values()))
        rows = np.empty((len(self.wanted), *shape))
        if self._takes_tables and len(shape) > 1:
            flat = {each: np.broadcast_to(value, shape).ravel() for each, value in values.items()}
            return self.of(flat).reshape(rows.shape)
        for row, (reference, answer) in zip(rows, self._answered(values).items(), strict=True):
            row[...] = in_numbers(self.result_of(reference), reference, answer)
        return rows

    @cached_property
    def _takes_tables(self) -> bool:
        """Whether some of the results are computed draw by draw."""
        graph = self.uncertain.graph
        return any(graph[each].size for each in graph.needed(self.results))

    def finite(self, rows: FloatArray) -> FloatArray:
        """Refuse infinite numbers, which have no mean and no variance.

        Raises
        ------
        InputError
            Naming the reference, and in how many draws it is no number.
        """
        for reference, row in zip(self.wanted, rows, strict=True):
            over = row[~np.isfinite(row)]
            if over.size:
                word = in_words(self.result_of(reference), float(over[0]))
                found = Found(f"{word!r} in {over.size:,} of {row.size:,} draws")
                raise InputError(reference, EVERY_DRAW, found)
        return rows


def in_numbers(result: Result, reference: str, answers: Any) -> FloatArray:
    """What a function answered, with numbers in place of the words that stand for some."""
    cells: Any = np.asarray(answers)
    if cells.dtype.kind in "fiu":
        return np.asarray(cells, dtype=np.float64)
    numbers = np.empty(cells.shape)
    strange: Counter[str] = Counter()
    for place, cell in np.ndenumerate(cells):
        word = str(cell) if isinstance(cell, str) else ""
        if word and word not in result.limits:
            strange[word] += 1
        numbers[place] = result.limits.get(word, np.nan) if word else float(cell)
    if strange:
        words = ", ".join(map(repr, strange))
        found = Found(f"{words} in {strange.total():,} of {numbers.size:,} draws")
        raise InputError(reference, EVERY_DRAW, found)
    return numbers


def in_words(result: Result, number: float) -> float | str:
    """A number, or the word of a result that stands in its place; blank for what is undefined."""
    if np.isfinite(number):
        return number
    return {limit: word for word, limit in result.limits.items()}.get(number, "")


def asked(uncertain: Uncertain, wanted: Iterable[str], stand_ins: StandIns | None) -> Asked:
    """Some numbers of an uncertain graph, in the order of their asking."""
    return Asked(uncertain, tuple(dict.fromkeys(wanted)), dict(stand_ins or {}))


def outcomes(
    numbers: Asked, design: Design, held: Counter[str]
) -> Iterator[tuple[range, FloatArray]]:
    """Draw batch by batch, and give each with the numbers: a row for each reference.

    Parameters
    ----------
    held : Counter
        To which the draws are added in which an assumption was held at a larger one.
    """
    for batch, each in drawn(numbers, design):
        held.update(each.held)
        yield batch, numbers.of(each.values)


def drawn(numbers: Asked, design: Design) -> Iterator[tuple[range, Drawn]]:
    """Draw the assumptions that some numbers depend on, batch by batch."""
    dimension = numbers.uncertain.dimension
    for batch in tracked(design.batches(), "draws"):
        uniforms = {each: design.uniforms(dimension[each], batch) for each in numbers.ids}
        yield batch, numbers.uncertain.values(uniforms)
