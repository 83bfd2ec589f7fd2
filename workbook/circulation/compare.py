"""Comparing copies of a workbook: what each person changed, and what that did to the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycore.errors import Found, InputError
from workbook.circulation.changes import Change, Value, as_json, changes_between, is_same
from workbook.circulation.effects import Effect, effects
from workbook.circulation.returned import (
    RefusedCopyError,
    Returned,
    check_related,
    own,
    returned,
)
from workbook.circulation.scale import Scheduler, over_files

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Copy:
    """What came of one copy.

    Parameters
    ----------
    file, author : str
        What it is called, and who worked on it.
    computed : str
        When its answers were computed, as it says.
    changes : list of Change
        What differs from the workbook that it is a copy of.
    refused : list of str
        Why nothing is taken from it; empty for a sound one.
    effects : list of Effect
        What the changes did to each headline answer.
    own : list of str
        Sheets and formulas of a person's own.
    log : tuple of tuple
        The rows of its Log.
    """

    file: str
    author: str = ""
    computed: str = ""
    changes: list[Change] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    log: tuple[tuple[Any, ...], ...] = ()

    @property
    def who(self) -> str:
        """Its author, or else the name of the file."""
        return self.author or Path(self.file).name


@dataclass(frozen=True)
class Conflict:
    """Something that copies changed in different ways: what each of them holds, by file."""

    id: str
    field: str
    before: Value
    values: dict[str, Value]

    def changes(self) -> dict[str, Change]:
        """The change of each file."""
        return {
            file: Change(self.id, self.field, self.before, value)
            for file, value in self.values.items()
        }


@dataclass(frozen=True)
class Comparison:
    """What came of all copies, beside the workbook that they are copies of."""

    base: Returned
    copies: list[Copy]

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """What several copies changed in different ways."""
        return conflicts_among(self.copies)

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON holds it."""
        return {
            "copies": [
                {
                    "file": copy.file,
                    "author": copy.author,
                    "changes": [
                        {
                            "id": change.id,
                            "field": change.field,
                            "from": as_json(change.before),
                            "to": as_json(change.after),
                        }
                        for change in copy.changes
                    ],
                    "refused": copy.refused,
                    "answers": {
                        effect.result: {
                            "before": effect.before,
                            "after": effect.after,
                            "by": effect.by,
                        }
                        for effect in copy.effects
                    },
                }
                for copy in self.copies
            ],
            "conflicts": [
                {
                    "id": each.id,
                    "field": each.field,
                    "values": {file: as_json(value) for file, value in each.values.items()},
                }
                for each in self.conflicts
            ],
        }

    @property
    def changes(self) -> pd.DataFrame:
        """A row for each change of each copy."""
        rows = [
            (copy.file, copy.author, c.id, c.field, as_json(c.before), as_json(c.after))
            for copy in self.copies
            for c in copy.changes
        ]
        return _frame(rows, ("file", "author", "id", "field", "before", "after"))

    @property
    def answers(self) -> pd.DataFrame:
        """A row for each headline answer under each copy."""
        rows = [
            (copy.file, copy.author, e.result, e.before, e.after, e.why_not)
            for copy in self.copies
            for e in copy.effects
        ]
        return _frame(rows, ("file", "author", "result", "before", "after", "why_not_shared"))

    @property
    def shares(self) -> pd.DataFrame:
        """A row for each change and each answer that it moved: its share, and its error."""
        rows = [
            (copy.file, copy.author, e.result, name, share, e.errors.get(name, 0.0))
            for copy in self.copies
            for e in copy.effects
            for name, share in e.by.items()
            if share
        ]
        return _frame(rows, ("file", "author", "result", "change", "share", "error"))

    @property
    def refused(self) -> pd.DataFrame:
        """A row for each reason why nothing is taken from a copy."""
        rows = [(copy.file, reason) for copy in self.copies for reason in copy.refused]
        return _frame(rows, ("file", "reason"))


def _frame(rows: list[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=[*columns])


def conflicts_among(copies: Iterable[Copy]) -> list[Conflict]:
    """What copies changed in different ways, in the order in which it is first met."""
    found: dict[tuple[str, str], dict[str, Value]] = {}
    before: dict[tuple[str, str], Value] = {}
    for copy in copies:
        for change in copy.changes:
            found.setdefault(change.key, {})[copy.file] = change.after
            before[change.key] = change.before
    return [
        Conflict(*key, before[key], values)
        for key, values in found.items()
        if any(not is_same(value, next(iter(values.values()))) for value in values.values())
    ]


def compared(
    base: tuple[str, bytes],
    copies: Iterable[tuple[str, bytes | InputError]],
    *,
    count: int = 0,
    names: Mapping[str, str] | None = None,
    unrelated: bool = False,
    scheduler: Scheduler | None = None,
) -> Comparison:
    """Compare copies with the workbook that they are copies of.

    Parameters
    ----------
    base : tuple
        The name and the content of that workbook.
    copies : iterable of tuple
        Those of each copy, or why it cannot be read; taken one after the other, so that only a
        few are held at a time.
    count : int
        How many copies there are, to say how far the work is.
    names : mapping of str to str, optional
        Who worked on a file, where it does not say so itself.
    unrelated : bool
        Whether a copy of another workbook is compared too.
    scheduler : Scheduler, optional
        Where the work is done; by default here, or on all cores where the copies are many.

    Raises
    ------
    InputError
        If the workbook itself breaks a rule.
    """
    first = _base(base)
    task = _Compared(base, dict(names or {}), unrelated)
    return Comparison(first, list(over_files(task, copies, count, "Copies", scheduler)))


def _base(base: tuple[str, bytes]) -> Returned:
    try:
        return returned(base[1], base[0])
    except RefusedCopyError as error:
        found = Found(f"not: {error}")
        raise InputError(base[0], "be sound before copies are compared with it", found) from None


@dataclass
class _Compared:
    """Compares one copy; what it needs of the workbook is read once in each process."""

    base: tuple[str, bytes]
    names: Mapping[str, str]
    unrelated: bool

    @cached_property
    def _first(self) -> Returned:
        return _base(self.base)

    def __getstate__(self) -> dict[str, Any]:
        kept = ("base", "names", "unrelated")
        return {name: getattr(self, name) for name in kept}

    def __call__(self, file: str, data: bytes | InputError) -> Copy:
        """Compare a copy, or say why nothing is taken from it."""
        author = self.names.get(file, "")
        if isinstance(data, InputError):
            return Copy(file, author, refused=[str(data)])
        try:
            copy = returned(data, file)
            author = author or copy.author
            if not self.unrelated:
                check_related(copy, self._first)
            changes = changes_between(self._first.values, copy.values)
            made = effects(self._first.given, changes)
            return Copy(
                file,
                author,
                copy.computed,
                changes,
                effects=made,
                own=own(copy, self._first),
                log=copy.log,
            )
        except RefusedCopyError as error:
            return Copy(file, author, refused=error.reasons)


def said_of(copy: Copy) -> Iterator[Effect]:
    """The answers that the changes of a copy moved, and the ends of quotes."""
    return (effect for effect in copy.effects if effect.is_changed)
