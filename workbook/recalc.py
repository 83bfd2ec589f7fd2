"""Recalculating a workbook without Excel: assumptions in, every formula's value out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from pycore.errors import REFUSED, Found, InputError
from pycore.model.results import model
from pycore.model.sentences import ANSWERS
from pycore.model.tables import SCENARIOS
from pycore.uncertainty.distributions import fit
from workbook.besides import besides
from workbook.circulation.noted import Noted, Noting, unnoted
from workbook.engine import TOO_SMALL, Engine, Evaluation
from workbook.file.area import heights
from workbook.file.patch import SheetCells, applied, find_cells, patch, puts
from workbook.formulas import (
    defined_name,
    input_references,
    text_references,
)
from workbook.moves import hinted, moving_notes, with_ends
from workbook.read import Book, read_book, settings
from workbook.recognise import recognise
from workbook.sheets.layout import Listed
from workbook.sheets.parts import block_name
from workbook.sheets.people.log import ENTRIES
from workbook.sheets.stamp import THEN
from workbook.stamp import dated, inputs_then
from workbook.trust import trust
from workbook.validate import (
    TABLES,
    check_change,
    check_constants,
    check_dates,
    check_rows,
    check_settings,
    check_tables,
    check_typed,
    found_assumptions,
    found_rows,
    located,
)

MOST_ALIKE = 8
"""How many cells of a sheet are listed of which the same is said."""

UNCONFIRMED = "held no value until now, and no spreadsheet has computed it"


@dataclass(frozen=True)
class Recalculated:
    """A recalculated file, and what to report about it.

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
    data: bytes,
    file: str,
    changes: Mapping[str, float | str] | None = None,
    *,
    move_range: bool = False,
    before: bytes = b"",
    noting: Noting = unnoted,
) -> Recalculated:
    """Set assumptions and compute every formula of a workbook.

    Parameters
    ----------
    changes : mapping of str to float or str, optional
        New values by reference: ``id``, ``id.low``, ``id.high`` or ``id.distribution``, or the
        name of a setting.
    move_range : bool
        Whether the ends of a range move along with its central value, where they are not set.
    before : bytes
        The file with the inputs that its stored values were computed from, where `data` holds
        others already.
    noting : callable
        Gives, from the book and the changes, what else is written into the file: entries of its
        Log, its id, its author.

    Raises
    ------
    InputError
        If the file or an assumption in it breaks a rule; the message names the cell.
    """
    book = read_book(data, file)
    changes = changes or {}
    if move_range:
        changes = with_ends(book, changes)
    unchanged = book
    recognised = recognise(book)
    changed_book = _with_changes(book, changes) if changes else book
    try:
        check_typed(changed_book)
        check_dates(changed_book)
        if before:
            first = read_book(before, file)
            trusted = trust(first, recognise(first)).among(recognised.texts)
        else:
            trusted = trust(book, recognised)
        book = changed_book
        engine = Engine(book, recognised, trusted)
        check_rows(book, engine)
        values = found_assumptions(book, engine)
    except InputError as error:
        raise hinted(error, changes) from None
    check_settings(book, engine)
    check_tables(book, values, {name: found_rows(engine, book.places[name]) for name in TABLES})
    check_constants(book, engine)
    found = engine.evaluation()
    misfits = _misfits(values)
    noted = noting(unchanged, changes)
    return Recalculated(
        data=book.package.to_bytes(_changed(book, engine, found, noted) | noted.parts(book)),
        formulas=sum(len(values) for values in found.values.values()),
        answers=tuple(
            str(engine.value(book.places[answer.id].sheet, book.places[answer.id].first))
            for answer in ANSWERS
        ),
        notes=(
            *besides(book, engine.value),
            *recognised.notes,
            *_fitting_notes(book, misfits),
            *moving_notes(changes, values, misfits),
            *_scenario_notes(book, engine),
            *noted.notes(book),
            *_notes(_without(found, book, misfits)),
        ),
    )


def _changed(book: Book, engine: Engine, found: Evaluation, noted: Noted) -> dict[str, bytes]:
    """The sheets with every value, and with the inputs that these were computed from."""
    edits = {
        sheet.part: puts(
            book.package.parts[sheet.part], sheet.cells, found.values[sheet.part], computed=True
        )
        for sheet in book.sheets
    }
    sheet, then = book.sheet_of(THEN), inputs_then(book, engine)
    # What was computed already, from the same, is as old as it was.
    if then or any(edits.values()):
        then |= dated(book)
    xml = book.package.parts[sheet.part]
    edits[sheet.part] += puts(xml, sheet.cells, then, computed=False)
    for name, values in noted.cells(book).items():
        sheet = book.sheet_of(name)
        xml = book.package.parts[sheet.part]
        edits[sheet.part] += puts(xml, sheet.cells, values, computed=False)
    if noted.entries:
        sheet = book.sheet_of(ENTRIES)
        xml = book.package.parts[sheet.part]
        edits[sheet.part] += heights(xml, sheet.part, noted.heights(book))
    return {part: applied(book.package.parts[part], each) for part, each in edits.items()}


def _with_changes(book: Book, changes: Mapping[str, float | str]) -> Book:
    """The book with new values in its input cells."""
    known = {*input_references(model()), *settings(), *text_references(model())}
    values: dict[str, dict[str, float | str]] = {}
    for reference, value in changes.items():
        if reference not in known:
            near = get_close_matches(reference, known, 1)
            meant = f" (perhaps {near[0]})" if near else " (`show` lists them)"
            rule = "be an assumption's id, or its id with .low, .high, .distribution or .source"
            raise InputError(f"the assumption {reference!r}", f"{rule}{meant}", Found("unknown"))
        name = defined_name(reference)
        place, sheet = book.places[name], book.sheet_of(name)
        with located(book):
            check_change(reference, value)
        setting = settings().get(reference)
        if setting and isinstance(setting.allowed, Listed):
            value = setting.allowed.label_of(value)  # as a person picks it
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


def _scenario_notes(book: Book, engine: Engine) -> Iterator[str]:
    """Why a scenario could not be computed though each of its values is within its bounds."""
    names, reasons = (
        found_rows(engine, book.places[each])[row]
        for each, row in ((SCENARIOS, 0), (block_name("scenarios"), -1))
    )
    for number in range(1, len(names)):
        place = book.places[f"scenario_{number}_name"]
        name, reason = names[number] or number, reasons[number]
        if reason and isinstance(reason, str) and not reason.startswith("#"):
            yield f"{place} (the scenario {name}) cannot be computed: {reason}"


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
        place = book.places[block_name(name)]
        known |= {(place.sheet, address) for row in rows for address in place.rows[row]}
    errors = [error for error in found.errors if error[:2] not in known]
    return replace(found, errors=errors)


def _notes(found: Evaluation) -> Iterator[str]:
    yield from _listed((*key, UNCONFIRMED, "") for key in found.first)
    yield from _listed(
        (sheet, address, f"was not recalculated: {why}", detail)
        for sheet, address, why, detail in found.kept
    )
    yield from _listed((*key, TOO_SMALL, "") for key in found.too_small)
    yield from (
        f"{sheet}!{address} shows {code}: {reason}"
        for sheet, address, code, reason in found.errors
        if reason
    )
    yield from _listed(
        (sheet, address, f"shows {code}", "")
        for sheet, address, code, reason in found.errors
        if not reason
    )


def _listed(cells: Iterable[tuple[str, str, str, str]]) -> Iterator[str]:
    """What is said of cells: of many on a sheet of which the same is said, of the first."""
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for sheet, address, said, detail in cells:
        alike.setdefault((sheet, said), []).append((address, detail))
    for (sheet, said), found in alike.items():
        if len(found) <= MOST_ALIKE:
            yield from (f"{sheet}!{address} {said}{detail}" for address, detail in found)
        else:
            address, detail = found[0]
            yield f"{sheet}!{address} and {len(found) - 1:,} more cells there: {said}{detail}"
