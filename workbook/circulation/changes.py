"""What a person may have edited in a workbook, and what differs between two of them."""

from __future__ import annotations

import datetime
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pycore.checks import Domain
from pycore.model.results import model
from pycore.model.tables import OPINIONS, RESPONSES
from pycore.nodes import RANGE_PARTS, Assumption
from workbook.formulas import TEXTS, defined_name, distribution_references
from workbook.read import settings
from workbook.sheets.layout import Listed, Mixed

CENTRAL, TEXT = "central", "text"
MODELLED = ("low", CENTRAL, "high", "distribution")
FIELDS = (*MODELLED, *TEXTS, TEXT)
"""What of an input may change."""

SAME_NUMBER = 1e-12
"""How far apart, relatively, one number may come from two programs."""

LONGEST_SAID = 60


@dataclass(frozen=True)
class Field:
    """One thing that a person may edit: an input, and what of it.

    Parameters
    ----------
    id, field : str
        Of an assumption, a choice or a setting; one of `FIELDS`.
    name : str
        The defined name of its cell.
    listed : Listed, optional
        Where a person picks it by a label.
    """

    id: str
    field: str
    name: str
    listed: Listed | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Its id and field."""
        return self.id, self.field


@dataclass(frozen=True)
class Answers:
    """What stands in a large table, as rows without the blank ones at the end.

    In words it is how much there is, and a few letters that differ where what is there does.
    """

    rows: tuple[tuple[float | str | None, ...], ...] = ()

    def __str__(self) -> str:
        given = sum(cell is not None for row in self.rows for cell in row)
        filled = sum(any(cell is not None for cell in row) for row in self.rows)
        told = hashlib.sha256(repr(self.rows).encode()).hexdigest()[:6]
        return f"{given:,} cells in {filled:,} rows ({told})"


AREAS = (RESPONSES, OPINIONS)
"""The tables that are taken as a whole: answers of a survey, and opinions of several people."""

Value = float | str | Answers | None


@dataclass(frozen=True)
class Change:
    """One edit.

    Parameters
    ----------
    id, field : str
        What was edited.
    before, after : float, str, Answers or None
        What stood there, and what stands there now; None for a blank.
    """

    id: str
    field: str
    before: Value
    after: Value

    @property
    def key(self) -> tuple[str, str]:
        """Its id and field."""
        return self.id, self.field

    @property
    def name(self) -> str:
        """How it is called: the id with the field behind it."""
        return f"{self.id}.{self.field}"

    @property
    def reference(self) -> str:
        """What `set` calls it."""
        return reference(*self.key)


def reference(node_id: str, field: str) -> str:
    """What `set` calls a field of an input."""
    return node_id if field in (CENTRAL, TEXT) else f"{node_id}.{field}"


@cache
def fields() -> Mapping[tuple[str, str], Field]:
    """Everything that a person may edit in a cell of its own, by id and field."""
    return {each.key: each for each in _fields()}


def _fields() -> Iterator[Field]:
    kinds = {each.partition(".")[0] for each in distribution_references(model())}
    for node in model().inputs:
        yield Field(node.id, CENTRAL, node.id)
        parts: list[str] = []
        if isinstance(node, Assumption) and not node.setting:
            parts += RANGE_PARTS
        if node.id in kinds:
            parts.append("distribution")
        for part in (*parts, *TEXTS):
            yield Field(node.id, part, defined_name(f"{node.id}.{part}"))
    for name, cell in settings().items():
        field = CENTRAL if isinstance(cell.allowed, Domain | Mixed) else TEXT
        yield Field(name, field, name, cell.allowed if isinstance(cell.allowed, Listed) else None)


def held(
    value_of: Callable[[str], Any], areas: Mapping[str, list[list[Any]]]
) -> dict[tuple[str, str], Value]:
    """What a workbook holds of all that a person may edit.

    Parameters
    ----------
    value_of : callable
        Gives the value of a name's first cell.
    areas : mapping of str to list of list
        The cells of some of `AREAS`.
    """
    found: dict[tuple[str, str], Value] = {}
    for key, field in fields().items():
        value = _plain(value_of(field.name))
        if field.listed:
            value = field.listed.id_of(value)
        elif field.field in TEXTS and isinstance(value, float):
            value = f"{value:.15g}"  # as a program makes a number of a year
        elif field.field == "distribution" and isinstance(value, str):
            value = value.strip().casefold()
        found[key] = value
    return found | {(name, TEXT): _answers(rows) for name, rows in areas.items()}


def _plain(value: Any) -> float | str | None:
    """A cell's value: a number, a text, or nothing for a blank one."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else str(value)
    return float(value) if isinstance(value, int | float) else str(value)


def _answers(rows: list[list[Any]]) -> Answers:
    kept: list[tuple[Any, ...]] = [tuple(map(_plain, row)) for row in rows]
    while kept and not any(cell is not None for cell in kept[-1]):
        kept.pop()
    return Answers(tuple(kept))


def is_same(one: Value, other: Value) -> bool:
    """Whether two values are one, whichever programs wrote them."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=SAME_NUMBER)
    if isinstance(one, Answers) and isinstance(other, Answers):
        return len(one.rows) == len(other.rows) and all(
            is_same(a, b)
            for row, beside in zip(one.rows, other.rows, strict=True)
            for a, b in zip(row, beside, strict=True)
        )
    return one == other


def changes_between(
    before: Mapping[tuple[str, str], Value], after: Mapping[tuple[str, str], Value]
) -> list[Change]:
    """What differs between two workbooks, in the order of the sheets."""
    return [
        Change(*key, before[key], value)
        for key, value in after.items()
        if not is_same(before[key], value)
    ]


def said(value: Value) -> str:
    """A value on one short line."""
    if value is None:
        return "(blank)"
    if isinstance(value, float):
        return f"{value:,.12g}" if abs(value) < 1e15 else f"{value:.6g}"
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_SAID else f"{text[: LONGEST_SAID - 3]}..."


def in_full(value: Value) -> str:
    """A value as the Log holds it: all of a text, and all digits that programs store."""
    if isinstance(value, float):
        return f"{value:,.15g}" if abs(value) < 1e15 else repr(value)
    return "(blank)" if value is None else str(value)


def as_json(value: Value) -> Any:
    """A value as JSON holds it; of a large table its rows."""
    return [list(row) for row in value.rows] if isinstance(value, Answers) else value
