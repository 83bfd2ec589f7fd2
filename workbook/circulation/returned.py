"""A copy that came back: read, checked as a command would, and nothing of it taken on trust."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pycore.errors import Found, InputError
from pycore.graph import check_orderings
from pycore.model.results import model
from pycore.model.tables import RESPONSES
from workbook.circulation.changes import AREAS, Value, fields, held
from workbook.circulation.noted import Identity, entries_of
from workbook.engine import Engine
from workbook.file.patch import CellError
from workbook.file.properties import last_modified_by
from workbook.formulas import defined_name, input_references
from workbook.native.form import full_of
from workbook.read import Book, read_book, settings
from workbook.recognise import alike, recognise
from workbook.sheets.stamp import DATE
from workbook.stored import formulas
from workbook.trust import trust
from workbook.validate import (
    TABLES,
    Held,
    Stored,
    check_constants,
    check_dates,
    check_rows,
    check_tables,
    refusals,
)

MOST_LISTED = 20
"""How many refused cells, and how many formulas of one's own, are named."""


@dataclass(frozen=True)
class Returned:
    """What was read from a workbook.

    Parameters
    ----------
    file, author : str
        What it is called, and who last worked on it; empty where the file does not say.
    identity : Identity
        Which workbook it is.
    computed : str
        When its answers were computed.
    values : mapping
        What it holds of all that a person may edit, by id and field.
    formulas : mapping of str to mapping of str to str
        The formulas of each sheet by address.
    log : tuple of tuple
        The rows of its Log.
    """

    file: str
    author: str
    identity: Identity
    computed: str
    values: Mapping[tuple[str, str], Value]
    formulas: Mapping[str, Mapping[str, str]]
    log: tuple[tuple[Any, ...], ...]
    book: Book

    @property
    def given(self) -> dict[str, Any]:
        """Its assumptions and choices, as :func:`pycore.graph.evaluate` takes them."""
        return given(self.values)


class RefusedCopyError(Exception):
    """A copy of which nothing is taken, and all the reasons."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def returned(data: bytes, file: str) -> Returned:
    """Read a workbook that came back, and check all that a person may have edited in it.

    Where an input is a formula, it is computed first. Of a copy that answers by itself the full
    workbook is read.

    Raises
    ------
    RefusedCopyError
        If anything in it breaks a rule.
    """
    try:
        book = read_book(full_of(data, file), file)
        reader = _reader(book)
        check_rows(book, reader)
        check_constants(book, reader)
        check_dates(book)
    except InputError as error:
        raise RefusedCopyError([str(error)]) from None

    def value_of(name: str) -> Any:
        place = book.places[name]
        value = reader.value(place.sheet, place.first)
        return value.code if isinstance(value, CellError) else value

    values = {each: value_of(defined_name(each)) for each in input_references(model())}
    refused = [*refusals(book, values, {name: value_of(name) for name in settings()})]
    if not refused:
        refused += _of_tables(book, values)
    if refused:
        reasons = [str(each) for each in refused[:MOST_LISTED]]
        more = len(refused) - MOST_LISTED
        raise RefusedCopyError([*reasons, f"and {more} more"] if more > 0 else reasons)
    areas = {name: book.values(name) for name in AREAS}
    if problem := next(_unread(book, areas[RESPONSES]), None):
        raise RefusedCopyError([str(problem)])
    return Returned(
        file,
        last_modified_by(book.package),
        Identity.of(book),
        str(book.value(DATE) or ""),
        held(value_of, areas),
        {sheet.name: formulas(sheet) for sheet in book.sheets},
        tuple(entries_of(book)),
        book,
    )


def _reader(book: Book) -> Held:
    """What gives the values of input cells: computed where any of them is a formula."""
    names = [each.name for each in fields().values()]
    places = [(book.sheet_of(name).cells, book.places[name].first) for name in names]
    if any(at in cells and cells[at].has_formula for cells, at in places):
        recognised = recognise(book)
        return Engine(book, recognised, trust(book, recognised))
    return Stored(book)


def _of_tables(book: Book, values: Mapping[str, object]) -> Iterator[InputError]:
    """Why the rows of a table do not fit together."""
    tables = {name: book.typed(name) for name in TABLES}
    try:
        check_orderings(model(), values)
        check_tables(book, values, tables)
    except InputError as error:
        yield error


def _unread(book: Book, answers: list[list[Any]]) -> Iterator[InputError]:
    """The answers of a survey that are no numbers above 0."""
    place = book.places[RESPONSES]
    for row, addresses in zip(answers, place.rows, strict=True):
        for value, address in zip(row, addresses, strict=True):
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if value not in (None, "") and not (is_number and 0 < value < float("inf")):
                where = f"{place.sheet}!{address}"
                yield InputError(where, "be a number above 0, or blank", value)


def given(values: Mapping[tuple[str, str], Value]) -> dict[str, Any]:
    """The assumptions and choices among the values, as `evaluate` takes them."""
    known = {}
    for each in input_references(model()):
        node_id, _, field = each.partition(".")
        known[each] = values[node_id, field or "central"]
    return known


def check_related(copy: Returned, base: Returned) -> None:
    """Refuse a copy of another workbook; where either has no id, nothing can be told."""
    known, others = base.identity.all, copy.identity.all
    if known and others and not known & others:
        rule = f"be a copy of {base.file} (of which the id is {base.identity.id})"
        found = Found(f"another workbook, with the id {copy.identity.id}")
        raise RefusedCopyError([str(InputError(copy.file, rule, found))])


def own(copy: Returned, base: Returned) -> list[str]:
    """The sheets and formulas of a copy that its base has not, in words.

    Raises
    ------
    RefusedCopyError
        If an answer is no longer computed in it.
    """
    said = [
        f"sheet {name} ({len(texts):,} formulas)" if texts else f"sheet {name}"
        for name, texts in copy.formulas.items()
        if name not in base.formulas
    ]
    said += [f"sheet {name} is gone" for name in base.formulas if name not in copy.formulas]
    different = [
        (name, address)
        for name, texts in copy.formulas.items()
        if name in base.formulas
        for address in texts.keys() | base.formulas[name].keys()
        if alike(texts.get(address, "")) != alike(base.formulas[name].get(address, ""))
    ]
    if different:
        try:
            ours = recognise(copy.book).ours
        except InputError as error:
            raise RefusedCopyError([str(error)]) from None
        found = sorted(key for key in different if key not in ours)
        texts = [
            f"{name}!{at} ={copy.formulas[name][at]}"
            for name, at in found
            if at in copy.formulas[name]
        ]
        said += texts[:MOST_LISTED]
        if len(texts) > MOST_LISTED:
            said.append(f"and {len(texts) - MOST_LISTED:,} more formulas")
    return said
