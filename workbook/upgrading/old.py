"""An older workbook as it stands: of which schema it is, and what of it is the model's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from openpyxl.utils.cell import coordinate_from_string

from pycore.errors import Found, InputError
from workbook.file.patch import SheetCells
from workbook.file.webextension import FOLDER as EXTENSIONS
from workbook.hosts import HOSTS, LITE, Host, host_of
from workbook.native.form import FORM, HELPERS
from workbook.read import Book, Place, check_no_newer, has_results, read_as_it_is
from workbook.sheets import sheets
from workbook.sheets.xlwings_conf import NAME as SETTINGS_SHEET
from workbook.stored import formulas
from workbook.upgrading.schemas import (
    VERSION_NAME,
    Heir,
    Schema,
    current,
    heirs,
    past_names,
    past_sheets,
    schema_of,
    schemas,
)
from workbook.upgrading.schemas import Found as SchemaFound

NOTE, NOTE_HEADER = "_note", "Note"
SOURCE = "_source"


@dataclass(frozen=True)
class Old:
    """A workbook of some schema.

    Parameters
    ----------
    book : Book
        With the places of all its own names, and of the notes.
    schema : SchemaFound
        Of which it is.
    steps : sequence of Schema
        The schemas since.
    """

    book: Book
    schema: SchemaFound
    steps: Sequence[Schema] = field(default_factory=tuple)

    @cached_property
    def known(self) -> frozenset[str]:
        """The names that are the model's, of whatever schema."""
        today = {name for placed in sheets() for name in placed.names}
        changed = {name for name in self.book.places if heirs(name, self.steps) != (Heir(name),)}
        notes = self.book.places.keys() - self.book.names.keys()
        return frozenset(today | changed | notes | past_names() | {HELPERS, FORM})

    @cached_property
    def sheet_names(self) -> frozenset[str]:
        """The sheets that are the model's: those with its names, and those known to have none."""
        found = {place.sheet for name, place in self.book.places.items() if name in self.known}
        own = {sheet.name for sheet in self.book.sheets}
        exact = next((s for s in schemas() if s.number == self.schema.number), None)
        listed = set(exact.sheets) if exact and self.schema.exact else set(past_sheets())
        return frozenset(found | (own & (listed | {SETTINGS_SHEET})))

    @property
    def own_sheets(self) -> list[SheetCells]:
        """The worksheets that a person added."""
        return [each for each in self.book.sheets if each.name not in self.sheet_names]

    @cached_property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """The formulas of each sheet, by address."""
        return {sheet.name: formulas(sheet) for sheet in self.book.sheets}

    @cached_property
    def host(self) -> Host:
        """The host whose form it is in; of a copy that answers by itself, that of its origin."""
        if any(part.startswith(EXTENSIONS) for part in self.book.package.parts):
            return LITE
        (form,) = self.book.names.get(FORM, [""])[:1]
        named = next((host for host in HOSTS if f'"{host.name}"' == form), None)
        return named or host_of(text for each in self.texts.values() for text in each.values())

    def formula(self, name: str) -> str:
        """The formula in the first cell of a name; empty where there is none."""
        place = self.book.places[name]
        return self.texts[place.sheet].get(place.first, "")

    @cached_property
    def ids(self) -> Mapping[str, str]:
        """The ids of what a person picks by a label, by the label, as this file has them."""
        found: dict[str, str] = {}
        for labels, ids in LABELS:
            if labels in self.book.places and ids in self.book.places:
                pairs = zip(self.book.values(labels), self.book.values(ids), strict=False)
                found |= {str(label[0]): str(each[0]) for label, each in pairs if each[0]}
        return found


LABELS = (
    ("assumption_labels", "assumption_names"),
    ("outcome_labels", "outcome_table"),
    ("decision_answers", "decision_answer_ids"),
)
"""The names of columns of labels, and of ids beside them."""


def read_old(data: bytes, file: str, steps: Sequence[Schema] | None = None) -> Old:
    """Read a workbook of any schema up to the current one.

    Parameters
    ----------
    steps : sequence of Schema, optional
        The schemas with what became of ids; those of this program by default.

    Raises
    ------
    InputError
        If it is no sound file of this project, or of a newer schema.
    """
    book = read_as_it_is(data, file)
    if not has_results(book.names):
        raise InputError(file, "be a Fieldbook workbook", Found("another"))
    version = book.value(VERSION_NAME) if VERSION_NAME in book.places else None
    found = schema_of(book.names, version)
    check_no_newer(file, found.number)
    since = schemas() if steps is None else steps
    since = [step for step in since if step.number > found.number]
    return Old(with_notes(book), found, since)


def is_current(old: Old) -> bool:
    """Whether there is nothing to upgrade."""
    return old.schema.number == current() and not old.steps


def with_notes(book: Book) -> Book:
    """A book with the places of notes, which had no name: the column of that header."""
    return replace(book, places={**dict(_notes(book)), **book.places})


def _notes(book: Book) -> Iterator[tuple[str, Place]]:
    columns: dict[str, str] = {}
    for name, place in book.places.items():
        if not name.endswith(SOURCE):
            continue
        if place.sheet not in columns:
            columns[place.sheet] = _column_of_notes(book, place.sheet)
        row = coordinate_from_string(place.first)[1]
        if columns[place.sheet]:
            address = f"{columns[place.sheet]}{row}"
            yield name.removesuffix(SOURCE) + NOTE, Place(place.sheet, ((address,),))


MOST_HEADER_ROWS = 9


def _column_of_notes(book: Book, sheet: str) -> str:
    """The letters of the column whose header says that notes stand below it."""
    cells = next(each.cells for each in book.sheets if each.name == sheet)
    for address in cells:
        found = re.fullmatch(r"([A-Z]+)(\d+)", address)
        if found and int(found[2]) <= MOST_HEADER_ROWS and book.cell(sheet, address) == NOTE_HEADER:
            return found[1]
    return ""
