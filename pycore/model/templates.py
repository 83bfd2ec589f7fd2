"""Sentences as templates with their conditions, and how they are said.

A sentence is made of parts, and a part of alternatives: the first whose condition holds is said.
Conditions and derived values are expressions over the named values, so that another executor can
follow them too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore.checks import FINITE
from pycore.model.wording import apart, written
from pycore.nodes import Result
from pycore.symbolic import Symbol

Condition = Callable[[Any], Any]

SLOT = re.compile(r"\{(\w+)(?::([^{}/]*))?(?:/(\w+))?\}")
"""A value in a template: its name, a style, and another value that it must not be taken for."""

ERROR = re.compile(r"#[A-Z0-9/_]+[!?]?|Err:\d+")


class UnavailableError(Exception):
    """A value that a sentence needs could not be computed."""


@dataclass(frozen=True)
class Clause:
    """A template, and the condition under which it is said."""

    text: str
    when: Condition | None = None


@dataclass(frozen=True)
class Part:
    """Alternatives of which the first that applies is said.

    `otherwise` is said where a value that they need could not be computed; without it the whole
    sentence then says so.
    """

    clauses: tuple[Clause, ...]
    otherwise: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence over results.

    Parameters
    ----------
    id, label : str
        Its id, and the question that it answers.
    values : mapping of str to str
        By the name that templates use: the reference of a value.
    derived : mapping of str to callable
        Values that follow from the others.
    otherwise : str
        What is said where a value that it cannot do without could not be computed.
    """

    id: str
    label: str
    values: Mapping[str, str]
    parts: tuple[Part, ...]
    derived: Mapping[str, Condition] = field(default_factory=dict)
    otherwise: str = "Not computed: a value that this sentence needs shows an error."

    @property
    def name(self) -> str:
        """The id of the column of its values, its own id on top."""
        return f"{self.id}_values"

    def say(self, values: Sequence[object]) -> str:
        """The sentence about some values.

        Parameters
        ----------
        values : sequence
            In the order of `values`; an error's code or a blank where there is none.

        Raises
        ------
        InputError
            If one is neither a number, a text nor blank.
        """
        for value in values:
            if value is not None and not isinstance(value, str | bool):
                FINITE.check("values", value)
        held = _Values(self, dict(zip(self.values, values, strict=True)))
        try:
            return "".join(_said(part, held) for part in self.parts)
        except UnavailableError:
            return self.otherwise

    def results(self, function: Callable[..., str]) -> tuple[Result, Result]:
        """The column of its values and the sentence, as results of the model.

        Parameters
        ----------
        function : callable
            Says a sentence from such a column.
        """

        def column(*values: object) -> npt.NDArray[np.object_]:
            cells = np.empty((len(values) + 1, 1), dtype=object)
            for place, value in enumerate((self.id, *values)):
                cells[place, 0] = value.item() if isinstance(value, np.ndarray) else value
            return cells

        references = tuple(self.values.values())
        return (
            Result(
                id=self.name,
                label=f"What it says about: {self.label}",
                unit="text",
                function=column,
                arguments=references,
                size=(len(references) + 1, 1),
                formula="plain",
                tolerant=True,
            ),
            Result(
                id=self.id,
                label=self.label,
                unit="text",
                function=function,
                arguments=(self.name,),
            ),
        )


class _Values:
    """The values of a sentence by their names, for its conditions."""

    def __init__(self, declared: Sentence, values: Mapping[str, object]) -> None:
        self._declared = declared
        self._values = values

    def __getattr__(self, name: str) -> Any:
        if name in self._declared.derived:
            return self._declared.derived[name](self)
        value = self._values[name]
        if value is None or (isinstance(value, str) and (not value or ERROR.fullmatch(value))):
            raise UnavailableError(name)
        return value

    def slot(self, found: re.Match[str]) -> str:
        name, style, other = found.groups()
        value = getattr(self, name)
        if other and not isinstance(value, str):
            return apart(value, getattr(self, other), style)
        return written(value, style or "")


def said_part(sentence: Sentence, part: Part, values: Mapping[str, object]) -> str:
    """One part of a sentence about some values, by their names; they may be symbols."""
    return _said(part, _Values(sentence, values))


def _said(part: Part, values: _Values) -> str:
    try:
        for clause in part.clauses:
            if clause.when is None or clause.when(values):
                return SLOT.sub(values.slot, clause.text)
        return ""
    except UnavailableError:
        if part.otherwise is None:
            raise
        return part.otherwise


def always(text: str) -> Part:
    """A part without a condition."""
    return Part((Clause(text),))


def where(condition: Condition, text: str, otherwise: str | None = None) -> Part:
    """A part that is said where a condition holds, and else is nothing."""
    return Part((Clause(text, condition),), otherwise)


def either(condition: Condition, text: str, other: str) -> Part:
    """A part that is one text where a condition holds, and else the other."""
    return Part((Clause(text, condition), Clause(other)))


def is_word(value: Any) -> bool:
    """Whether a value is a word, such as "never", in the place of a number."""
    return bool(value.is_word) if isinstance(value, Symbol) else isinstance(value, str)
