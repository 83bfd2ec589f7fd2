"""Formulas of a person's, as they read where the model's cells stand elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from openpyxl.formula.tokenizer import Token
from openpyxl.utils.cell import get_column_letter, quote_sheetname, range_boundaries

from workbook.hosts import stored_names
from workbook.read import Book
from workbook.stored import tokens
from workbook.upgrading.old import Old
from workbook.upgrading.schemas import heirs

CELLS = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([1-9]\d*)(?::(\$?)([A-Z]{1,3})(\$?)([1-9]\d*))?", re.I)
LINES = re.compile(r"(?:\$?[A-Z]{1,3}:\$?[A-Z]{1,3}|\$?\d+:\$?\d+)", re.I)
SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!\[\]:]+))!(.+)", re.DOTALL)
NAME = re.compile(r"[^\W\d][\w.]*")
OURS = re.compile(r"_xldudf_|FIELD[._]", re.I)

MOST_CELLS = 5_000
"""A range of more cells than these has to stand under one name to be followed."""

Box = tuple[int, int, int, int]
"""Columns and rows of a range, as openpyxl gives them: left, top, right, bottom."""


@dataclass(frozen=True)
class Moved:
    """A block of cells of the older file, and where it stands now."""

    box: Box
    sheet: str
    right: int
    down: int


@dataclass(frozen=True)
class References:
    """What formulas of an older file may refer to, and what that is called now.

    Parameters
    ----------
    old, new : Old and Book
        The older file, and one of the current schema.
    sheets : mapping of str to str
        The names of a person's own sheets, and the names that they have in the new file.
    names : set of str
        A person's own defined names that are carried over, in small letters.
    """

    old: Old
    new: Book
    sheets: Mapping[str, str] = field(default_factory=dict)
    names: Collection[str] = field(default_factory=set)

    @cached_property
    def same(self) -> Mapping[str, str]:
        """The model's names that mean today what they meant, by the older one."""
        found = {}
        for name, place in self.old.book.places.items():
            if name not in self.old.known:
                continue
            new = [each.name for each in heirs(name, self.old.steps) if each.same]
            here = self.new.places.get(new[0]) if new else None
            if here and (len(here.rows), len(here.rows[0])) == _size(place.rows):
                found[name] = new[0]
        return found

    @cached_property
    def _blocks(self) -> Mapping[str, list[Moved]]:
        """By sheet: the blocks under names, the smallest first."""
        found: dict[str, list[Moved]] = {}
        for name, new in self.same.items():
            place, here = self.old.book.places[name], self.new.places[new]
            left, top, right, bottom = _box(f"{place.first}:{place.rows[-1][-1]}")
            to_left, to_top, *_ = _box(here.first)
            moved = Moved((left, top, right, bottom), here.sheet, to_left - left, to_top - top)
            found.setdefault(place.sheet, []).append(moved)
        for blocks in found.values():
            blocks.sort(key=lambda each: _area(each.box))
        return found

    def rewritten(self, formula: str, sheet: str) -> str | None:
        """A formula without "=" of a sheet of the older file as it reads in the new one.

        Returns
        -------
        str or None
            Nothing where it refers to what is no more, or does not mean the same.
        """
        found = tokens(formula)
        if found is None:
            return None
        parts = [self._token(each, sheet) for each in found]
        return None if None in parts else "".join(filter(None, parts))

    def _token(self, token: Token, sheet: str) -> str | None:
        text = str(token.value)
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            called = text.rstrip("(")
            known = {name.casefold() for name in stored_names()}
            is_gone = OURS.match(called) and called.casefold() not in known
            return None if is_gone or "[" in called or "!" in called else text
        if token.type != Token.OPERAND or token.subtype != Token.RANGE:
            return text
        return self.reference(text, sheet)

    def reference(self, text: str, sheet: str) -> str | None:
        """A reference, likewise."""
        if found := SHEET.fullmatch(text):
            named = found[1].replace("''", "'") if found[1] else found[2]
            return self._cells(found[3], named, sheet)
        if CELLS.fullmatch(text) or LINES.fullmatch(text):
            return self._cells(text, sheet, sheet)
        name = text.casefold()
        if name in self.same:
            return text if self.same[name] == name else self.same[name]
        if "!" in text:
            return None
        if name in self.old.known or (name in self.old.book.names and name not in self.names):
            return None
        # A name of the person's own, a column of a table, or what LET or LAMBDA binds.
        return text

    def _cells(self, cells: str, named: str, home: str) -> str | None:
        at_home = self.sheets.get(home, "")  # what stands on one of ours may have left its sheet
        known = next((each for each in self.sheets if each.casefold() == named.casefold()), "")
        if known:
            return _on(self.sheets[known], cells, at_home)
        if cells.casefold() in self.same:  # a name behind the name of a sheet
            return self.same[cells.casefold()]
        found = CELLS.fullmatch(cells)
        sheet = next((s for s in self._blocks if s.casefold() == named.casefold()), None)
        if not found or sheet is None:
            return None
        box = _box(cells.replace("$", ""))
        moved = self._moved(sheet, box)
        if moved is None:
            return None
        ends = [(found[1], found[3], box[:2])] + [(found[5], found[7], box[2:])] * bool(found[6])
        written = ":".join(
            f"{fixed}{get_column_letter(column + moved.right)}{also}{row + moved.down}"
            for fixed, also, (column, row) in ends
        )
        return _on(moved.sheet, written, at_home)

    def _moved(self, sheet: str, box: Box) -> Moved | None:
        """How a range moved: each of its cells alike, or all within one large block."""
        if _area(box) > MOST_CELLS:
            return next((each for each in self._blocks[sheet] if _holds(each.box, box)), None)
        left, top, right, bottom = box
        found = {
            self._moved_cell(sheet, column, row)
            for column, row in product(range(left, right + 1), range(top, bottom + 1))
        }
        return Moved(box, *moved) if len(found) == 1 and (moved := found.pop()) else None

    def _moved_cell(self, sheet: str, column: int, row: int) -> tuple[str, int, int] | None:
        one = (column, row, column, row)
        block = self._cells_alone[sheet].get(one) or next(
            (each for each in self._blocks[sheet] if _holds(each.box, one)), None
        )
        return (block.sheet, block.right, block.down) if block else None

    @cached_property
    def _cells_alone(self) -> Mapping[str, Mapping[Box, Moved]]:
        """The blocks of a single cell, by sheet and place."""
        return {
            sheet: {each.box: each for each in blocks if _area(each.box) == 1}
            for sheet, blocks in self._blocks.items()
        }


def _on(sheet: str, cells: str, home: str) -> str:
    return cells if sheet == home else f"{_quoted(sheet)}!{cells}"


def _quoted(sheet: str) -> str:
    return sheet if NAME.fullmatch(sheet) and not CELLS.fullmatch(sheet) else quote_sheetname(sheet)


def _box(cells: str) -> Box:
    left, top, right, bottom = range_boundaries(cells.upper())
    return int(left or 0), int(top or 0), int(right or 0), int(bottom or 0)


def _area(box: Box) -> int:
    return (box[2] - box[0] + 1) * (box[3] - box[1] + 1)


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and (inner[2] <= outer[2] and inner[3] <= outer[3])
    )


def _size(rows: tuple[tuple[str, ...], ...]) -> tuple[int, int]:
    return len(rows), len(rows[0])
