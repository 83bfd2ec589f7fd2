"""Recalculating a workbook without Excel: assumptions in, every formula's value out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pycore.checks import Domain, one_of
from pycore.distributions import KINDS, fit
from pycore.errors import REFUSED, Found, InputError, shown
from pycore.graph import Assumption, check_orderings
from pycore.model import model
from workbook.blocks import blocks
from workbook.engine import Engine, Evaluation, SheetCells, stored_value
from workbook.formulas import (
    defined_name,
    distribution_references,
    input_references,
    value_references,
)
from workbook.hosts import host_of
from workbook.patch import CellError, CellSpan, find_cells, patch
from workbook.read import Book, NamedCell, Place, named_cells, read_book, settings
from workbook.sheets.layout import Listed, Mixed, Words
from workbook.sheets.parts import block_name
from workbook.sheets.summary import ANSWERS

STORED_DIGITS = 1e-14
MOST_ALIKE = 8
"""How many cells of a sheet that show one error, without a reason of their own, are listed."""


@dataclass(frozen=True)
class Recalculated:
    """A recalculated file, and what to tell about it.

    Parameters
    ----------
    data : bytes
        The file.
    formulas : int
        How many cells were computed.
    answers : tuple of str
        The sentences of the Summary sheet.
    notes : tuple of str
        What a person should know: cells that show an error, formulas that were not
        recalculated or differ from the model's.
    """

    data: bytes
    formulas: int
    answers: tuple[str, ...]
    notes: tuple[str, ...]


def recalculate(
    data: bytes, file: str, changes: Mapping[str, float | str] | None = None
) -> Recalculated:
    """Set assumptions and compute every formula of a workbook.

    Parameters
    ----------
    data : bytes
        An .xlsx that this project built, perhaps edited since.
    file : str
        What a message calls it.
    changes : mapping of str to float or str, optional
        New values by reference: ``id``, ``id.low``, ``id.high`` or ``id.distribution``, or the
        name of a setting.

    Returns
    -------
    Recalculated

    Raises
    ------
    InputError
        If the file or an assumption in it breaks a rule; the message names the cell.
    """
    book = read_book(data, file)
    if changes:
        book = _with_changes(book, changes)
    notes = _check_formulas(book)
    _check_typed(book)
    engine = Engine(book.package, book.sheets, file)
    values = _check_assumptions(book, engine)
    _check_settings(book, engine)
    _check_constants(book, engine)
    found = engine.evaluation()
    misfits = _misfits(values)
    changed = {
        sheet.part: patch(
            book.package.parts[sheet.part], sheet.cells, found.values[sheet.part], computed=True
        )
        for sheet in book.sheets
    }
    return Recalculated(
        data=book.package.to_bytes(changed),
        formulas=sum(len(values) for values in found.values.values()),
        answers=tuple(
            str(engine.value(book.places[name].sheet, book.places[name].first))
            for name, *_ in ANSWERS
        ),
        notes=(*notes, *_fitting_notes(book, misfits), *_notes(_without(found, book, misfits))),
    )


def _with_changes(book: Book, changes: Mapping[str, float | str]) -> Book:
    """The book with new values in its input cells."""
    known = {*input_references(model()), *settings()}
    values: dict[str, dict[str, float | str]] = {}
    for reference, value in changes.items():
        if reference not in known:
            rule = "be an assumption's id, or its id with .low, .high or .distribution (see `show`)"
            raise InputError(f"the assumption {reference!r}", rule, Found("unknown"))
        name = defined_name(reference)
        place, sheet = book.places[name], book.sheet_of(name)
        with _located(book):
            _check_change(reference, value)
        span = sheet.cells.get(place.first)
        if span is None or span.has_formula:
            held = Found("a formula" if span else "missing from the sheet")
            rule = "be a cell to type in; mend it in the spreadsheet first"
            raise InputError(f"{place} ({reference})", rule, held)
        values.setdefault(sheet.part, {})[place.first] = value
    parts = dict(book.package.parts)
    sheets = []
    for sheet in book.sheets:
        if sheet.part in values:
            xml = patch(parts[sheet.part], sheet.cells, values[sheet.part], computed=False)
            parts[sheet.part] = xml
            sheet = SheetCells(sheet.name, sheet.part, find_cells(xml, sheet.part))
        sheets.append(sheet)
    package = replace(book.package, parts=parts)
    return replace(book, package=package, sheets=sheets)


def _check_change(reference: str, value: object) -> None:
    """Refuse what is no distribution, or no value of a setting, before anything is computed."""
    if reference in distribution_references(model()):
        one_of(reference, value, KINDS)
    elif reference in settings():
        _check_setting(reference, value)


def _check_formulas(book: Book) -> list[str]:
    """Refuse answers that are no longer computed; note formulas that are not the model's."""
    results = {name for result in model().results for name in (result.id, block_name(result))}
    results |= {block.name for block in blocks().values()}
    found = [(each, *_span(book, each)) for each in named_cells() if each.cell.formula]
    host = host_of(span.formula for *_, span in found if span is not None)
    notes = []
    for computed, address, span in found:
        where = f"{book.places[computed.name].sheet}!{address} ({computed.name})"
        declared = host.formula(computed.cell.formula)
        if span is None or not span.has_formula:
            held = span.value if span is not None else None
            model_formula = host.shown(computed.cell.formula)
            rule = f"hold its formula {model_formula}, or the answer there is no longer computed"
            raise InputError(where, rule, held)
        is_changed = span.formula.casefold() != declared.removeprefix("=").casefold()
        if is_changed and computed.cell.calls and computed.name in results:
            notes.append(
                f"{where} holds a formula of its own; the model's is "
                + host.shown(computed.cell.formula)
            )
    return notes


def _span(book: Book, computed: NamedCell) -> tuple[str, CellSpan | None]:
    """The address of a cell, and what stands there."""
    address = book.places[computed.name].rows[computed.row][computed.column]
    return address, book.sheet_of(computed.name).cells.get(address)


def _check_constants(book: Book, engine: Engine) -> None:
    """Refuse points of a curve, scopes and published figures that are not the model's."""
    for held in named_cells():
        content = held.cell.content
        if content is None or held.cell.style.startswith("input"):
            continue
        place = book.places[held.name]
        address = place.rows[held.row][held.column]
        value = engine.value(place.sheet, address)
        if not _is_same(value, content):
            rule = f"hold {shown(content)}, which belongs to the model and is no assumption"
            found = value.code if isinstance(value, CellError) else value
            raise InputError(f"{place.sheet}!{address} ({held.name})", rule, found)


def _is_same(value: Any, content: str | float) -> bool:
    """Whether a cell holds a constant, in the 15 digits that some programs store."""
    if isinstance(content, str) or not isinstance(value, float | int):
        return bool(value == content)
    return math.isclose(value, content, rel_tol=STORED_DIGITS)


def _check_typed(book: Book) -> None:
    """Check the numbers typed into input cells, at once: computing takes far longer."""
    graph, values = model(), {}
    for reference in value_references(graph):
        name = defined_name(reference)
        span = book.sheet_of(name).cells.get(book.places[name].first)
        if span and not span.has_formula and span.attributes.get("t", "n") == "n":
            number = stored_value(span)
            if number is not None:
                values[reference] = number
    ordered = {end for rule in graph.orderings for end in (rule.smaller, rule.larger)}
    with _located(book):
        for assumption in graph.assumptions:
            ends = () if assumption.setting else (f"{assumption.id}.low", f"{assumption.id}.high")
            if {assumption.id, *ends} <= values.keys():
                _check(assumption, values)
        if values.keys() >= ordered:
            check_orderings(graph, values)


def _check_assumptions(book: Book, engine: Engine) -> dict[str, object]:
    """Check what stands in the input cells, formulas in them included, and give it."""
    values = {
        reference: _found(engine, book.places[defined_name(reference)])
        for reference in input_references(model())
    }
    check_assumptions(book, values)
    return values


def check_assumptions(book: Book, values: Mapping[str, object]) -> None:
    """Refuse assumptions that are out of bounds or out of order.

    Parameters
    ----------
    book : Book
        Where they stand.
    values : mapping of str to object
        What stands there, by reference.

    Raises
    ------
    InputError
        Naming the cell.
    """
    graph = model()
    with _located(book):
        for assumption in graph.assumptions:
            _check(assumption, values)
        for reference in distribution_references(graph):
            one_of(reference, values[reference], KINDS)
        for choice in graph.choices:
            one_of(choice.id, values[choice.id], choice.options)
        check_orderings(graph, values)


def _found(engine: Engine, place: Place) -> Any:
    """What the engine finds in a name's first cell; an error as its code."""
    value = engine.value(place.sheet, place.first)
    return value.code if isinstance(value, CellError) else value


def _check_settings(book: Book, engine: Engine) -> None:
    """Check what stands in the input cells that are no assumptions, such as a threshold."""
    with _located(book):
        for name in settings():
            _check_setting(name, _found(engine, book.places[name]))


def _check_setting(name: str, value: Any) -> None:
    cell = settings()[name]
    if cell.optional and value in (None, ""):
        return
    allowed = cell.allowed
    if isinstance(allowed, Domain):
        allowed.check(name, value)
    elif isinstance(allowed, Words):
        if not isinstance(value, str) or not 0 < len(value) <= allowed.longest:
            raise InputError(name, f"be a text of at most {allowed.longest} characters", value)
    elif isinstance(allowed, Mixed):
        if isinstance(value, str):
            one_of(name, value, allowed.words)
        else:
            allowed.numbers.check(name, value)
    elif isinstance(allowed, Listed):
        if value not in allowed.words:
            # They are too many to list in a message.
            raise InputError(name, "be the name of an assumption (see the Ranges sheet)", value)
    elif allowed is not None:
        one_of(name, value, allowed)


def _misfits(values: Mapping[str, object]) -> dict[str, InputError]:
    """The assumptions to which their distribution cannot be fitted, and why."""
    refused = {}
    for each in (each for each in model().assumptions if not each.setting):
        kind, low, high = (values[f"{each.id}.{part}"] for part in ("distribution", "low", "high"))
        try:
            fit(kind, low, values[each.id], high, each.domain.minimum, each.domain.maximum)
        except InputError as error:
            refused[each.id] = error
    return refused


def _fitting_notes(book: Book, misfits: Mapping[str, InputError]) -> Iterator[str]:
    for each, error in misfits.items():
        yield f"{book.places[f'{each}_fitted']} shows {REFUSED}: {each}: {error}"


def _without(found: Evaluation, book: Book, misfits: Mapping[str, InputError]) -> Evaluation:
    """What was found, without the errors for which a misfit is the reason."""
    rows = [index for index, each in enumerate(model().assumptions) if each.id in misfits]
    known = {
        (place.sheet, address)
        for place in (book.places[f"{each}_fitted"] for each in misfits)
        for row in place.rows
        for address in row
    }
    for name in ("range_echo", "range_warning"):
        place = book.places[blocks()[name].name]
        known |= {(place.sheet, address) for row in rows for address in place.rows[row]}
    errors = [error for error in found.errors if error[:2] not in known]
    return replace(found, errors=errors)


@contextmanager
def _located(book: Book) -> Iterator[None]:
    """Name the cell of an assumption that is refused."""
    try:
        yield
    except InputError as error:
        where = f"{book.places[defined_name(error.argument)]} ({error.argument})"
        raise InputError(where, error.rule, error.received) from None


def _check(assumption: Assumption, values: Mapping[str, object]) -> None:
    low, high = (values.get(f"{assumption.id}.{part}") for part in ("low", "high"))
    assumption.check(low, values[assumption.id], high)


def _notes(found: Evaluation) -> list[str]:
    notes = [
        f"{sheet}!{address} was not recalculated: its formula uses what only a spreadsheet knows"
        for sheet, address in found.kept
    ]
    alike = Counter((sheet, code) for sheet, _, code, reason in found.errors if not reason)
    told: set[tuple[str, str]] = set()
    for sheet, address, code, reason in found.errors:
        number = alike[sheet, code]
        if reason:
            notes.append(f"{sheet}!{address} shows {code}: {reason}")
        elif number <= MOST_ALIKE:
            notes.append(f"{sheet}!{address} shows {code}")
        elif (sheet, code) not in told:
            told.add((sheet, code))
            notes.append(f"{sheet}!{address} and {number - 1} more cells there show {code}")
    return notes
