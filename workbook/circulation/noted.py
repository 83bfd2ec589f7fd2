"""What a file says of itself: which one it is, who worked on it, and what was changed in it."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

from openpyxl.utils.cell import coordinate_from_string

from pycore.errors import Found, InputError
from workbook.file.pages import fitting_height
from workbook.file.patch import Value
from workbook.file.properties import with_last_modified_by
from workbook.read import Book
from workbook.sheets.about import ANCESTRY, FILE_ID
from workbook.sheets.people.log import ENTRIES, WIDTHS
from workbook.stamp import EPOCH

MOST_ANCESTORS = 20
DIGITS = 12

BLANK = (None, "")
LONGEST_CELL = 2_000
"""Characters of an entry's cell."""


@dataclass(frozen=True)
class Identity:
    """Which workbook a file is.

    Parameters
    ----------
    id : str
        Its own; empty where it has none.
    ancestry : tuple of str
        The ids of what it was copied from, the latest first.
    """

    id: str = ""
    ancestry: tuple[str, ...] = ()

    @classmethod
    def of(cls, book: Book) -> Identity:
        """What a file says."""
        held, before = (str(book.value(name) or "").strip() for name in (FILE_ID, ANCESTRY))
        return cls(held, tuple(before.split()))

    @property
    def all(self) -> frozenset[str]:
        """Its own id, and those of what it was copied from."""
        return frozenset(each for each in (self.id, *self.ancestry) if each)

    def copied(self) -> Identity:
        """That of a new file which is a copy of this one."""
        known = tuple(each for each in (self.id, *self.ancestry) if each)[:MOST_ANCESTORS]
        return Identity(new_id(" ".join(known)), known)


def new_id(before: str = "") -> str:
    """An id that no other file has.

    Where files are to be the same to the byte, it follows from the ids `before` it.
    """
    if epoch := os.environ.get(EPOCH):
        return hashlib.sha256(f"{epoch} {before}".encode()).hexdigest()[:DIGITS]
    return secrets.token_hex(DIGITS // 2)


@dataclass(frozen=True)
class Entry:
    """A row of the Log sheet."""

    when: str
    who: str
    what: str
    before: str
    after: str
    why: str = ""
    effect: str = ""


ENTRY_PARTS = tuple(each.name for each in fields(Entry))
"""What the columns of the Log hold."""


@dataclass(frozen=True)
class Noted:
    """What is written into a file beside its values.

    Parameters
    ----------
    entries : sequence of Entry
        For the next free rows of the Log sheet.
    identity : Identity, optional
        Where it becomes another file.
    author : str
        Who is to be said to have modified it; nobody else than before where it is empty.
    """

    entries: Sequence[Entry] = ()
    identity: Identity | None = None
    author: str = ""

    def cells(self, book: Book) -> dict[str, dict[str, Value]]:
        """What to write, by the name of a block on the sheet, and by address."""
        written: dict[str, dict[str, Value]] = {}
        if self.identity is not None:
            said = {FILE_ID: self.identity.id, ANCESTRY: " ".join(self.identity.ancestry)}
            written[FILE_ID] = {
                book.places[name].first: text
                for name, text in said.items()
                if text or book.value(name) is not None
            }
        rows = free_rows(book)
        for entry, row in zip(self.entries, rows, strict=False):
            texts = (text[:LONGEST_CELL] for text in astuple(entry))
            written.setdefault(ENTRIES, {}).update(zip(row, texts, strict=True))
        return written

    def heights(self, book: Book) -> dict[int, float]:
        """The heights of the rows of the Log that are written, by their texts."""
        found = {}
        for entry, row in zip(self.entries, free_rows(book), strict=False):
            found[coordinate_from_string(row[0])[1]] = fitting_height(astuple(entry), WIDTHS)
        return found

    def parts(self, book: Book) -> dict[str, bytes]:
        """The parts that are not sheets, changed."""
        return with_last_modified_by(book.package, self.author) if self.author else {}

    def notes(self, book: Book) -> Iterator[str]:
        """What could not be written."""
        left = len(self.entries) - len(free_rows(book))
        if left > 0:
            yield (
                f"the Log sheet has no room for {left} entries: move its oldest rows to a sheet "
                "of your own"
            )


def check_said(name: str, text: str) -> None:
    """Refuse what a cell of the Log would cut."""
    if len(text) > LONGEST_CELL:
        found = Found(f"{len(text):,} characters long")
        raise InputError(name, f"have at most {LONGEST_CELL:,} characters", found)


Noting = Callable[[Book, Mapping[str, float | str]], Noted]
"""Gives what is noted from a workbook before its changes, and the changes by reference."""


def unnoted(*_: object) -> Noted:
    """Nothing."""
    return Noted()


def as_copy(book: Book, _: object = None) -> Noted:
    """That the file becomes another one."""
    return Noted(identity=Identity.of(book).copied())


def free_rows(book: Book) -> list[tuple[str, ...]]:
    """The rows of the Log below the last one that holds something."""
    cells, rows = book.sheet_of(ENTRIES).cells, book.places[ENTRIES].rows
    held = book.values(ENTRIES)
    filled = [number for number, row in enumerate(held) if any(each not in BLANK for each in row)]
    below = rows[filled[-1] + 1 :] if filled else rows
    return [row for row in below if all(address in cells for address in row)]


def entries_of(book: Book) -> list[tuple[Any, ...]]:
    """The rows of the Log that hold something."""
    rows = book.values(ENTRIES)
    return [tuple(row) for row in rows if any(cell not in BLANK for cell in row)]
