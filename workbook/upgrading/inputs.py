"""The inputs of an older workbook, in the cells of a new one."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pycore.checks import one_of
from pycore.errors import InputError, shown
from pycore.model.results import model
from pycore.model.tables import (
    CORRELATIONS,
    DECISIONS,
    OPINIONS,
    RESPONSES,
    SCENARIOS,
)
from pycore.nodes import RANGE_PARTS, Assumption
from pycore.uncertainty.distributions import KINDS
from workbook.circulation.changes import AREAS
from workbook.file.area import replace_area
from workbook.file.patch import CellSpan, Edit, applied, constant, formula_element, number_text
from workbook.read import Book, named_cells, settings
from workbook.sheets.layout import Cell, Listed
from workbook.sheets.people.log import ENTRIES
from workbook.sheets.stamp import BLANK, NOW, THEN
from workbook.stored import SAME
from workbook.upgrading.old import NOTE, Old
from workbook.upgrading.references import References
from workbook.upgrading.schemas import heirs, names_of, reason
from workbook.validate import check_change, check_tables

PART = re.compile(r"\((\w+)\)$")
"""How the argument of a refusal ends that names a cell."""

NUMBERED = re.compile(r"(correlation|decision|change|scenario_\d+_value)_(\d+)(?:_\w+)?")
STAYS = "today's default stands in its place"
COMPUTED = ("_fitted", "_warning", "_minimum", "_maximum", "_block", "_within")
"""How the names end of what the model says of an input that was dropped."""

LISTED_NEW = 6
"""How many inputs are named that the older file did not have."""


@dataclass(frozen=True)
class Entry:
    """What an input cell holds: a value, a blank, or a formula with its value.

    Parameters
    ----------
    sheet, where : str
        Where that stood in the older file, and the same in words.
    """

    value: Any = None
    formula: str = ""
    sheet: str = ""
    where: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands there."""
        return self.value is None and not self.formula

    @property
    def said(self) -> str:
        """What stood where."""
        formula = f" of ={self.formula}" if self.formula else ""
        return f"{self.where} held {shown(self.value)}{formula}"


@dataclass
class Inputs:
    """The inputs of an older file by the names that they have today, and what became of the rest.

    Parameters
    ----------
    entries : dict of str to Entry
        What is carried; all other inputs keep what a new file holds.
    answers : dict of tuple to float or str
        What stands in the large tables, by their name, row and column.
    notes : list of str
        What could not be carried as it was.
    replaced : set of str
        The inputs of the older file that have another value in the new one.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    answers: dict[tuple[str, int, int], float | str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)

    def drop(self, name: str, why: str, instead: str = STAYS) -> None:
        """Let an input be what a new file holds, or a blank where it may be one; and say so."""
        if (entry := self.entries.pop(name, None)) is None:
            return
        if settings().get(name, Cell()).optional:
            self.entries[name] = Entry()
            instead = "the cell is blank now"
        if not entry.is_blank:
            self.replaced.add(name)
            self.notes.append(f"{entry.said}, {why}: {instead}")


@cache
def input_cells() -> Mapping[str, Cell]:
    """The cells to type in, by name; those of notes by the name that they would have."""
    found = {
        held.name: held.cell
        for held in named_cells()
        if held.cell.style.startswith("input") and held.name in held.cell.names
        if held.name != ENTRIES  # which is written as entries of the new file's Log
    }
    notes = {f"{node.id}{NOTE}": Cell(style="input_text") for node in model().inputs}
    return {**notes, **found}


def carried_inputs(old: Old, new: Book) -> Inputs:
    """What of an older file's inputs stands in a new one, and what does not.

    Parameters
    ----------
    new : Book
        A new file, with the places of its notes.
    """
    found = Inputs()
    _collect(old, found)
    _say_dropped(old, found)
    _areas(old, new, found)
    _check_single(found)
    _check_ranges(found)
    _check_tables(new, found)
    return found


def _collect(old: Old, found: Inputs) -> None:
    cells = input_cells()
    sources: dict[str, list[str]] = {}
    for name in old.book.places:
        if name in old.known:
            for heir in heirs(name, old.steps):
                if heir.name in cells:
                    sources.setdefault(heir.name, []).append(name)
    for name, (first, *others) in sources.items():
        entry = found.entries[name] = _entry(old, first, cells[name])
        several = [each.name for each in heirs(first, old.steps) if each.name in cells]
        if len(several) > 1 and any(first in step.split for step in old.steps):
            told = ", ".join(several)
            found.notes.append(f"{entry.where} was split: {told} hold what it held")
        for other in others:
            beside = _entry(old, other, cells[name])
            if beside.value != entry.value:
                found.replaced.add(name)
                why = f"{name}, which takes its place, is that of {first}"
                found.notes.append(f"{beside.said}: {why}")
    found.notes[:] = dict.fromkeys(found.notes)
    # What is new since then is told by the CHANGELOG; of the others none should be missing.
    known = {name.casefold() for name in names_of(old.schema.number)}
    missing = [name for name in cells if name not in sources and name.casefold() in known]
    if missing:
        more = f" and {len(missing) - LISTED_NEW:,} more" if len(missing) > LISTED_NEW else ""
        said = f"{', '.join(missing[:LISTED_NEW])}{more}"
        found.notes.append(f"not in the older file, as in a new workbook: {said}")


def _entry(old: Old, name: str, cell: Cell) -> Entry:
    value, formula = old.book.value(name), old.formula(name)
    if isinstance(value, datetime.datetime | datetime.date):
        value = value.isoformat().removesuffix("T00:00:00")
    if isinstance(cell.allowed, Listed):
        meant = old.ids.get(str(value), cell.allowed.id_of(value))
        new = heirs(str(meant), old.steps)
        value = cell.allowed.label_of(new[0].name) if value is not None and new else value
    elif isinstance(value, str) and not value and not formula:
        value = None
    place = old.book.places[name]
    return Entry(value, formula, place.sheet, f"{place} ({name})")


def _say_dropped(old: Old, found: Inputs) -> None:
    for name, place in old.book.places.items():
        why = reason(name, old.steps)
        is_typed = len(place.rows) == 1 and not name.endswith(COMPUTED)
        entry = _entry(old, name, Cell()) if why and is_typed else Entry()
        if not entry.is_blank:
            found.replaced.add(name)
            found.notes.append(f"{entry.said} and is no more: {why}")


def follow_formulas(inputs: Inputs, references: References) -> None:
    """Let formulas in inputs read as they do in the new file; else their values stand there."""
    for name, entry in inputs.entries.items():
        if entry.formula:
            written = references.rewritten(entry.formula, entry.sheet)
            if written is None:
                as_value(inputs, name, "refers to what has no place in the new file")
            else:
                inputs.entries[name] = replace(entry, formula=written)


def as_value(inputs: Inputs, name: str, why: str) -> None:
    """Put the value of a formula in its place, and say so."""
    entry = inputs.entries[name]
    inputs.entries[name] = replace(entry, formula="")
    inputs.notes.append(f"{entry.said}, which {why}: its value is kept")


def _areas(old: Old, new: Book, found: Inputs) -> None:
    """The answers of a survey, and opinions: numbers, and words where they may stand."""
    for name in AREAS:
        if name in old.book.places:
            _area(old, new, found, name)


def _area(old: Old, new: Book, found: Inputs, name: str) -> None:
    place, room = old.book.places[name], new.places[name].rows
    held = next(sheet.cells for sheet in old.book.sheets if sheet.name == place.sheet)
    texts, what = old.texts[place.sheet], WHAT[name]
    for row, line in enumerate(place.rows):
        for column, address in enumerate(line):
            value = old.book.cell(place.sheet, address) if address in held else None
            if value is None or value == "":
                continue
            where = f"{place.sheet}!{address} ({what})"
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            is_fine = is_number or (name == OPINIONS and isinstance(value, str))
            if not is_fine or row >= len(room) or column >= len(room[0]):
                why = "which is no number" if not is_fine else "for which there is no room"
                found.notes.append(f"{where} held {shown(value)}, {why}: it is not carried")
                continue
            found.answers[name, row, column] = float(value) if is_number else str(value)
            if texts.get(address):
                found.notes.append(f"{where} held ={texts[address]}: its value {value} is kept")


WHAT = {RESPONSES: "an answer of the survey", OPINIONS: "of an opinion"}
"""What a cell of a large table is."""


def _check_single(found: Inputs) -> None:
    """Drop each value that the rule of its own cell refuses."""
    known = settings()
    for name in [each for each in found.entries if each in known]:
        try:
            check_change(name, _id(name, found.entries[name].value))
        except InputError as error:
            found.drop(name, f"which must {error.rule}")
    for node in model().inputs:
        if not isinstance(node, Assumption):
            _drop_if(found, node.id, lambda value, node=node: one_of(node.id, value, node.options))
            continue
        for part in ("", *(f"_{each}" for each in RANGE_PARTS)):
            if not (part and node.setting):
                _drop_if(found, node.id + part, lambda v, node=node: node.domain.check(node.id, v))
        _drop_if(found, f"{node.id}_distribution", lambda v: one_of("", v, KINDS))


def _drop_if(found: Inputs, name: str, check: Any) -> None:
    if name in found.entries:
        try:
            check(found.entries[name].value)
        except InputError as error:
            found.drop(name, f"which must {error.rule}")


def _value(found: Inputs, name: str) -> Any:
    """What an input will be: of a label that is picked, the id."""
    held = found.entries.get(name)
    return _id(name, input_cells()[name].content if held is None else held.value)


def _id(name: str, value: Any) -> Any:
    allowed = input_cells()[name].allowed
    return allowed.id_of(value) if isinstance(allowed, Listed) else value


def _values(found: Inputs) -> dict[str, Any]:
    """The assumptions, by reference."""
    values = {}
    for node in model().inputs:
        values[node.id] = _value(found, node.id)
        if isinstance(node, Assumption):
            values[f"{node.id}.distribution"] = _value(found, f"{node.id}_distribution")
            for part in () if node.setting else RANGE_PARTS:
                values[f"{node.id}.{part}"] = _value(found, f"{node.id}_{part}")
    return values


def _check_ranges(found: Inputs) -> None:
    """Drop ranges that are out of order, and assumptions that are so together."""
    graph, parts = model(), ("", "_low", "_high", "_distribution")
    for node in graph.assumptions:
        values = _values(found) if any(node.id + part in found.entries for part in parts) else {}
        ends = [values.get(f"{node.id}.{each}") for each in ("low", "high", "distribution")]
        try:
            if values:
                node.check(ends[0], values[node.id], *ends[1:])
        except InputError as error:
            for part in parts:
                found.drop(node.id + part, f"and {error.argument} must {error.rule}")
    values = _values(found)
    for rule in graph.orderings:
        if values[rule.smaller] > values[rule.larger]:
            for name in (rule.smaller, rule.larger):
                why = f"and {rule.smaller} must be at most {rule.larger}"
                for part in parts:
                    found.drop(name + part, why)


def _check_tables(new: Book, found: Inputs) -> None:
    """Drop the rows of tables that their functions would refuse."""
    while True:
        tables = {
            CORRELATIONS: _rows(
                found, "correlation_{}_first correlation_{}_second correlation_{}_rank"
            ),
            DECISIONS: _rows(found, "decision_{}_answer decision_{}_bar"),
            SCENARIOS: [[], *_rows(found, "change_{} " + " ".join(SCENARIO_VALUES))],
        }
        try:
            check_tables(new, _values(found), tables)
        except InputError as error:
            named = PART.search(error.argument)
            dropped = _row_of(found, named[1]) if named else []
            if not dropped:
                raise
            for name in dropped:
                found.drop(name, f"and {named[1] if named else ''} must {error.rule}")
        else:
            return


SCENARIO_VALUES = [f"scenario_{each}_value_{{}}" for each in range(1, 5)]


def _rows(found: Inputs, names: str) -> list[list[Any]]:
    """The rows of a table whose cells have names with a number."""
    rows: list[list[Any]] = []
    while names.split()[0].format(len(rows) + 1) in input_cells():
        named = (each.format(len(rows) + 1) for each in names.split())
        rows.append([_value(found, each) for each in named])
    return rows


def _row_of(found: Inputs, name: str) -> list[str]:
    """The entries that go with one that is refused: of a scenario's value that alone."""
    if name in found.entries and "_value_" in name:
        return [] if found.entries[name].is_blank else [name]
    match = NUMBERED.fullmatch(name)
    kind, number = (match[1], match[2]) if match else ("", "")
    row = [
        each
        for each in found.entries
        if (m := NUMBERED.fullmatch(each))
        and m[2] == number
        and (m[1] == kind or (kind == "change" and m[1].startswith("scenario")))
    ]
    return [] if all(found.entries[each].is_blank for each in row) else row


def inputs_of_the_answers(old: Old, inputs: Inputs) -> Iterator[tuple[str, Entry]]:
    """The inputs that were others when the answers of the older file were computed, as then."""
    place, then = old.book.places.get(NOW), old.book.places.get(THEN)
    if place is None or then is None:
        return
    texts, by_origin = old.texts[place.sheet], {e.where: n for n, e in inputs.entries.items()}
    for line, row in zip(place.rows, then.rows, strict=False):
        for source, target in zip(line, row, strict=False):
            repeated = REPEATED.search(texts.get(source, ""))
            origin = repeated[1].casefold() if repeated else ""
            held = old.book.cell(then.sheet, target)
            if held is None or origin not in old.book.places:
                continue
            name = by_origin.get(f"{old.book.places[origin]} ({origin})", "")
            value = None if held == BLANK else _entry_value(name, held)
            if name and not _is_same(inputs.entries[name].value, value):
                yield name, Entry(value)


REPEATED = re.compile(rf'IF\(ISBLANK\((\w+)\),"{re.escape(BLANK)}",\1\)', re.IGNORECASE)
"""A formula of the stamp that repeats an input; others hold figures for many."""


def _entry_value(name: str, held: Any) -> Any:
    allowed = input_cells()[name].allowed if name else None
    return allowed.label_of(held) if isinstance(allowed, Listed) else held


def _is_same(value: Any, other: Any) -> bool:
    if isinstance(value, float | int) and isinstance(other, float | int):
        return math.isclose(value, other, rel_tol=SAME)
    return bool(value == other)


def put(new: Book, inputs: Inputs, stored: Mapping[str, Sequence[Edit]]) -> dict[str, bytes]:
    """The sheets of a new file with inputs in their cells, and with other edits, by part."""
    edits = {part: list(each) for part, each in stored.items()}
    for name, entry in inputs.entries.items():
        sheet = new.sheet_of(name)
        span = sheet.cells[new.places[name].first]
        element = _element(new.package.parts[sheet.part], span, entry)
        edits.setdefault(sheet.part, []).append((span.start, span.end, element))
    parts = {part: applied(new.package.parts[part], each) for part, each in edits.items()}
    for name in AREAS:
        rows, sheet = new.places[name].rows, new.sheet_of(name)
        answers = {
            rows[row][column]: held
            for (area, row, column), held in inputs.answers.items()
            if area == name
        }
        if answers:
            xml = parts.get(sheet.part, new.package.parts[sheet.part])
            parts[sheet.part] = replace_area(xml, sheet.part, rows, answers)
    return parts


def _element(xml: bytes, span: CellSpan, entry: Entry) -> bytes:
    """An input cell with what it is to hold."""
    if entry.formula:
        value = entry.value
        is_text = isinstance(value, str)
        kind = ("e" if value.startswith("#") else "str") if is_text else "n"
        text = value if is_text else number_text(float(value or 0))
        held = replace(span, attributes={**span.attributes, "t": kind}, value=text)
        return formula_element(xml, held, entry.formula)
    if entry.value is None:
        look = f' s="{span.attributes["s"]}"' if "s" in span.attributes else ""
        return f'<c r="{span.address}"{look}/>'.encode()
    return constant(xml, span, entry.value)
