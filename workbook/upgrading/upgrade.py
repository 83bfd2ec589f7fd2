"""A workbook of any earlier schema as one of today: its inputs, and what a person added to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeGuard

from pycore.errors import Found, InputError
from pycore.model.sentences import ANSWERS
from pycore.model.tables import HEADLINES
from workbook.circulation.noted import Entry, Identity, Noted, entries_of
from workbook.file.patch import CellError, Edit, Value, puts
from workbook.file.relations import with_parts
from workbook.file.write import write
from workbook.read import Book, read_book
from workbook.recalc import Recalculated, recalculate
from workbook.sheets.about import ANCESTRY, FILE_ID
from workbook.sheets.people.log import ENTRIES
from workbook.sheets.stamp import THEN
from workbook.stored import filled_by
from workbook.upgrading.beside import left_behind
from workbook.upgrading.carried import Carried
from workbook.upgrading.inputs import (
    PART,
    Inputs,
    as_value,
    carried_inputs,
    follow_formulas,
    inputs_of_the_answers,
    put,
)
from workbook.upgrading.old import Old, is_current, read_old, with_notes
from workbook.upgrading.references import References
from workbook.upgrading.schemas import Schema, heirs


@dataclass(frozen=True)
class Answer:
    """What a file said, and what it says now.

    Parameters
    ----------
    label : str
        What a reader sees beside it.
    before, after : float, str or None
        As stored in the older file, and in the new one.
    model, inputs : float, optional
        Of the difference of two numbers: what comes from the model, and from inputs that were
        edited after the older answers were computed. Nothing where that cannot be told.
    """

    id: str
    label: str
    before: Value
    after: Value
    model: float | None = None
    inputs: float | None = None


@dataclass(frozen=True)
class Upgraded:
    """A workbook of the current schema, made from an older one.

    Parameters
    ----------
    data : bytes
        The file; of one that is current already, that file itself.
    schema : str
        Of which the older one was, such as "schema 1".
    is_current : bool
        Whether there was nothing to do.
    notes : tuple of str
        What was not carried as it was, and what else a person should know.
    answers : tuple of Answer
        The headlines and the sentences, before and after.
    inputs, formulas : int
        How many inputs were carried, and how many cells computed.
    """

    data: bytes
    schema: str
    is_current: bool = False
    notes: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    inputs: int = 0
    formulas: int = 0


def upgrade(
    data: bytes, file: str = "the workbook", steps: Sequence[Schema] | None = None
) -> Upgraded:
    """Take a workbook of any earlier schema to the current one.

    Parameters
    ----------
    data : bytes
        The older file.
    file : str
        What messages call it.
    steps : sequence of Schema, optional
        The schemas with what became of ids; those of this program by default.

    Raises
    ------
    InputError
        If it is no sound file of this project, or of a newer schema.
    """
    old = read_old(data, file, steps)
    if is_current(old):
        read_book(data, file)
        return Upgraded(data, str(old.schema), is_current=True)
    new = with_notes(read_book(write(old.host.sheets(), old.host), file))
    inputs = carried_inputs(old, new)
    references = _references(old, new)
    follow_formulas(inputs, references)
    done, notes = _recalculated(new, inputs, references, file)
    with _sound(file):
        left = list(left_behind(old, references))
    said = [*inputs.notes, *notes, *left, *done.notes]
    after = read_book(done.data, file)
    at_inputs_then, why = _computed_then(old, new, inputs, after, file)
    return Upgraded(
        done.data,
        str(old.schema),
        notes=tuple(dict.fromkeys([*said, *filter(None, [why])])),
        answers=tuple(_answers(old, after, at_inputs_then)),
        inputs=len(inputs.entries.keys() - inputs.replaced) + len(inputs.answers),
        formulas=done.formulas,
    )


@contextmanager
def _sound(file: str) -> Iterator[None]:
    """Refuse a file whose parts cannot be read, or do not fit together."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        found = Found(f"damaged ({type(error).__name__})")
        raise InputError(file, "be a workbook whose parts fit together", found) from error


def _computed_then(
    old: Old, new: Book, inputs: Inputs, after: Book, file: str
) -> tuple[Book | None, str]:
    """What the new model gives at the inputs from which the older file's answers were computed.

    Returns
    -------
    tuple of Book or None, and str
        Nothing where that cannot be told, and why.
    """
    if inputs.replaced:
        return None, INPUTS_DIFFER
    if THEN not in old.book.places:
        return after, NO_STAMP
    then = dict(inputs_of_the_answers(old, inputs))
    if not then:
        return after, ""
    edited = replace(inputs, entries=inputs.entries | then)
    try:
        package = with_parts(new.package, put(new, edited, {}))
        return read_book(recalculate(package.to_bytes(), file).data, file), ""
    except InputError as error:
        return None, f"the inputs that the older answers were computed from are refused: {error}"


INPUTS_DIFFER = (
    "inputs differ from those of the older file (above): how much of a difference in the answers "
    "is the model's cannot be told"
)
NO_STAMP = (
    "the older file does not say from which inputs its answers were computed: a difference may "
    "come from edits since then too"
)


def _references(old: Old, new: Book) -> References:
    """What formulas may refer to: of a person's own names those that can be carried."""
    taken, sheets = {sheet.name.casefold() for sheet in new.sheets}, {}
    for sheet in old.own_sheets:
        named = (f"{sheet.name[: LONGEST_NAME - 4]} ({n})" for n in range(2, len(taken) + 3))
        free = (each for each in (sheet.name, *named) if each.casefold() not in taken)
        sheets[sheet.name] = next(free)
        taken.add(sheets[sheet.name].casefold())
    own = old.book.names.keys() - old.known - {name.casefold() for name in new.names}
    while True:
        found = References(old, new, sheets, own)
        lost = {name for name in own if found.rewritten(old.book.names[name][0], "") is None}
        if not lost:
            return found
        own -= lost


LONGEST_NAME = 31
"""Of a sheet, in characters."""


def _recalculated(
    new: Book, inputs: Inputs, references: References, file: str
) -> tuple[Recalculated, list[str]]:
    """The new file with all that is carried, and what was not carried as it was.

    A formula in an input of which the value is refused now gives way to what it gave before, and
    that, if it is refused too, to what a new file holds.
    """
    old, stored = references.old, dict(_stored(references))
    noting = partial(_as_copy, old)
    while True:
        package = with_parts(new.package, put(new, inputs, stored))
        carried = Carried(old, new, package, references)
        with _sound(file):
            added = bool(old.own_sheets or references.names)
            whole = carried.written() if added else package.to_bytes()
        renamed = [
            f"the sheet {a} is called {b} now" for a, b in references.sheets.items() if a != b
        ]
        try:
            return recalculate(whole, file, noting=noting), [*renamed, *carried.notes]
        except InputError as error:
            named = PART.search(error.argument)
            name = named[1] if named else ""
            if name not in inputs.entries or inputs.entries[name].is_blank:
                raise
            if inputs.entries[name].formula:
                as_value(inputs, name, f"must {error.rule}")
            else:
                inputs.drop(name, f"which must {error.rule}")


def _as_copy(old: Old, *_: object) -> Noted:
    """That the new file is a copy of the older one, with its Log; those without an id are alike."""
    known = old.book.places.keys()
    before = Identity.of(old.book) if {FILE_ID, ANCESTRY} <= known else Identity()
    family = before if before.id else Identity(f"schema-{old.schema.number}")
    log = entries_of(old.book) if ENTRIES in known else []
    entries = [Entry(*("" if cell is None else str(cell) for cell in row)) for row in log]
    return Noted(entries, family.copied())


def _stored(references: References) -> Iterator[tuple[str, list[Edit]]]:
    """What the older file stored in computed cells, by the part of the new one.

    From these its own formulas gave their values: so it can be seen which are understood here,
    before all are computed anew.
    """
    old, new = references.old.book, references.new
    computed = {
        sheet.name: {
            at for span in sheet.cells.values() if span.has_formula for at in filled_by(span)
        }
        for sheet in new.sheets
    }
    values: dict[str, dict[str, Value | CellError]] = {}
    for name, now in references.same.items():
        place, here = old.places[name], new.places[now]
        held = old.sheet_of(name).cells
        for line, row in zip(place.rows, here.rows, strict=True):
            for source, target in zip(line, row, strict=True):
                if source in held and target in computed[here.sheet]:
                    value = old.cell(place.sheet, source)
                    if held[source].attributes.get("t") == "e":
                        value = CellError(str(value))
                    if isinstance(value, float | int | str | CellError):
                        values.setdefault(here.sheet, {})[target] = value
    for sheet in new.sheets:
        xml = new.package.parts[sheet.part]
        yield sheet.part, puts(xml, sheet.cells, values.get(sheet.name, {}), computed=True)


def _answers(old: Old, after: Book, at_inputs_then: Book | None) -> Iterator[Answer]:
    """The headlines and the sentences, before and after."""
    named = {heir.name: name for name in old.known for heir in heirs(name, old.steps)}
    labelled = [(each.name, each.label) for each in HEADLINES]
    for name, label in (*labelled, *((each.id, "") for each in ANSWERS)):
        source = named.get(name, name)
        before = old.book.value(source) if source in old.book.places else None
        now = after.value(name)
        then = at_inputs_then.value(name) if at_inputs_then else None
        parts: tuple[float, ...] = ()
        if _is_number(before) and _is_number(now) and _is_number(then):
            parts = (then - before, now - then)
        yield Answer(name, label, before, now, *parts)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, float | int)
