"""Checking a workbook before it is computed: assumptions, tables, settings, constants, formulas."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from openpyxl.utils.cell import coordinate_from_string

from pycore.checks import Domain, one_of
from pycore.errors import Found, InputError, shown
from pycore.graph import check_orderings
from pycore.model.results import model
from pycore.model.tables import (
    CORRELATIONS,
    DECIDING_WORDS,
    DECISIONS,
    OPINIONS,
    PEOPLE,
    SCENARIOS,
)
from pycore.nodes import FIXED, RANGE_PARTS, Assumption, is_fixed
from pycore.uncertainty.correlations import CORRELATION_OF, RANK, correlation_matrix
from pycore.uncertainty.distributions import KINDS
from pycore.uncertainty.opinions import check_opinions
from workbook.engine import Engine
from workbook.file.patch import CellError, SheetCells
from workbook.formulas import (
    defined_name,
    distribution_references,
    input_references,
    text_references,
    value_references,
)
from workbook.read import Book, Place, named_cells, row_ids, settings
from workbook.sheets.layout import Listed, Mixed, Words
from workbook.stored import stored_value

STORED_DIGITS = 1e-14

LONGEST_TEXT = 2_000
"""Of a source, a date or a note, in characters; a cell's own limit is 32,767."""


CORRELATION_PARTS = ("first", "second", "rank")


LAST_DAY = 2_958_465
"""The end of the year 9999, as spreadsheets count days: later numbers are no date to them."""


def check_dates(book: Book) -> None:
    """Refuse a number that is no year where the date of a source should stand."""
    for node in model().inputs:
        name = f"{node.id}_date"
        value = book.value(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and not 0 <= value <= LAST_DAY:
            rule = "be a year, a date or a text, such as 2026 or 2026-05"
            raise InputError(f"{book.places[name]} ({name})", rule, value)


class Held(Protocol):
    """What the cells of a workbook hold: as the engine finds it, or as it is stored."""

    def value(self, sheet: str, address: str) -> Any:
        """Give the value of a cell."""

    def is_filled(self, sheet: str, address: str) -> bool:
        """Whether a formula gives the value of a cell."""


class Stored:
    """What a file holds, of which nothing is computed: reading takes a tenth of the time."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._cells = {sheet.name: sheet.cells for sheet in book.sheets}

    def value(self, sheet: str, address: str) -> Any:
        """Give the stored value of a cell."""
        return self._book.cell(sheet, address)

    def is_filled(self, sheet: str, address: str) -> bool:
        """Whether a formula gives the value of a cell."""
        span = self._cells[sheet].get(address)
        return span is not None and span.has_formula


def typed(reference: str, text: str) -> float | str:
    """Give what a text means as a new value: a number, or a word where words may stand.

    Parameters
    ----------
    reference : str
        Of an assumption, a choice, a distribution or a setting.
    text : str
        Empty for a blank.

    Raises
    ------
    InputError
        If only a number may stand there and it is none.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InputError(reference, "be text in Unicode (UTF-8, as terminals send it)", text)
    graph = model()
    words = (choice.id for choice in graph.choices)
    if reference in {*words, *distribution_references(graph), *text_references(graph)}:
        return text
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) and reference in settings():
        return text  # a word, or a blank; its own rule says what it may be
    if not math.isfinite(number):
        raise InputError(reference, "be a number, such as 30000 or 0.2 (for 20%)", text or None)
    return number


def check_change(reference: str, value: object) -> None:
    """Refuse what is no distribution, or no value of a setting, before anything is computed."""
    if reference in distribution_references(model()):
        one_of(reference, value, KINDS)
    elif reference in settings():
        _check_setting(reference, value)
    elif reference in text_references(model()) and len(str(value)) > LONGEST_TEXT:
        rule = f"be a text of at most {LONGEST_TEXT:,} characters"
        raise InputError(reference, rule, Found(f"{len(str(value)):,}"))


def check_rows(book: Book, held: Held) -> None:
    """Refuse names that stand in another row than the one of their assumption or answer.

    After sorting, a name stands where it stood, and the values in its row are those of another.
    """
    texts: dict[str, dict[int, set[Any]]] = {}
    for name, node in row_ids().items():
        place = book.places[name]
        if place.sheet not in texts:
            texts[place.sheet] = _texts_by_row(book.sheet_of(name), held)
        row = coordinate_from_string(place.first)[1]
        found = texts[place.sheet].get(row, set())
        if node not in found:
            other = next(iter(found & set(row_ids().values())), None)
            rule = (
                f"stand in the row of {node}, as in a new file (undo what sorted or moved it, "
                "or type your inputs into a new file)"
            )
            raise InputError(f"{place} ({name})", rule, other and Found(f"in that of {other}"))


def _texts_by_row(sheet: SheetCells, held: Held) -> dict[int, set[Any]]:
    found: dict[int, set[Any]] = {}
    for address, span in sheet.cells.items():
        is_text = span.attributes.get("t") in ("s", "str", "inlineStr")
        if is_text and not held.is_filled(sheet.name, address):
            row = coordinate_from_string(address)[1]
            found.setdefault(row, set()).add(held.value(sheet.name, address))
    return found


def check_constants(book: Book, found: Held) -> None:
    """Refuse points of a curve, scopes and published figures that are not the model's."""
    for held in named_cells():
        content = held.cell.content
        if content is None or held.cell.style.startswith("input"):
            continue
        place = book.places[held.name]
        address = place.rows[held.row][held.column]
        value = found.value(place.sheet, address)
        if not _is_same(value, content):
            rule = f"hold {shown(content)}, which belongs to the model and is no assumption"
            received = value.code if isinstance(value, CellError) else value
            raise InputError(f"{place.sheet}!{address} ({held.name})", rule, received)


def _is_same(value: Any, content: str | float) -> bool:
    """Whether a cell holds a constant, in the 15 digits that some programs store."""
    if isinstance(content, str) or not isinstance(value, float | int):
        return bool(value == content)
    return math.isclose(value, content, rel_tol=STORED_DIGITS)


def check_typed(book: Book) -> None:
    """Check the numbers typed into input cells, at once: computing takes far longer."""
    graph = model()
    values: dict[str, Any] = {}
    for reference in value_references(graph):
        number = typed_number(book, reference)
        if number is not None:
            values[reference] = number
    ordered = {end for rule in graph.orderings for end in (rule.smaller, rule.larger)}
    typed_ones = []
    for each in graph.assumptions:
        ends = [] if each.setting else [f"{each.id}.{part}" for part in RANGE_PARTS]
        if {each.id, *ends} <= values.keys():
            typed_ones.append(each)
            row = [values[name] for name in (*ends[:1], each.id, *ends[1:])]
            # Reading a word takes longer than all numbers: only where it decides.
            if row != sorted(row) and all(map(each.domain.holds, row)):
                values[f"{each.id}.distribution"] = _kind(book, each)
    with located(book):
        for each in typed_ones:
            _check(each, values)
        if values.keys() >= ordered:
            check_orderings(graph, values)


def typed_number(book: Book, reference: str) -> float | None:
    """The number typed into an input cell; None for a formula, a word or a blank."""
    name = defined_name(reference)
    span = book.sheet_of(name).cells.get(book.places[name].first)
    if span is None or span.has_formula or span.attributes.get("t", "n") != "n":
        return None
    number = stored_value(span)
    return number if isinstance(number, float) else None


def _kind(book: Book, assumption: Assumption) -> object:
    """The distribution typed beside a range; a formula's is checked once it is computed."""
    name = defined_name(f"{assumption.id}.distribution")
    span = book.sheet_of(name).cells.get(book.places[name].first)
    return FIXED if span and span.has_formula else book.value(name)


def found_assumptions(book: Book, engine: Engine) -> dict[str, object]:
    """Check what stands in the input cells, formulas in them included, and give it."""
    values = {
        reference: _found(engine, book.places[defined_name(reference)])
        for reference in input_references(model())
    }
    check_assumptions(book, values)
    return values


def check_assumptions(book: Book, values: Mapping[str, object]) -> None:
    """Refuse assumptions that are out of bounds or out of order."""
    graph = model()
    with located(book):
        for assumption in graph.assumptions:
            _check(assumption, values)
        for reference in distribution_references(graph):
            one_of(reference, values[reference], KINDS)
        for choice in graph.choices:
            one_of(choice.id, values[choice.id], choice.options)
        check_orderings(graph, values)


TABLES = (CORRELATIONS, DECISIONS, SCENARIOS, OPINIONS, PEOPLE)
"""The tables that a person fills in, whose rows have to fit together."""


def check_tables(
    book: Book, values: Mapping[str, object], tables: Mapping[str, Sequence[Sequence[Any]]]
) -> None:
    """Refuse rows of a table that its functions would refuse, all of their cells with them.

    Parameters
    ----------
    values : mapping of str to object
        The assumptions as they stand, by reference; each within its bounds.
    tables : mapping of str to rows
        What stands in each of some of the `TABLES`.
    """
    with located(book):
        if CORRELATIONS in tables:
            _check_correlations(values, tables[CORRELATIONS])
        if DECISIONS in tables:
            _check_decisions(tables[DECISIONS])
        if SCENARIOS in tables:
            _check_scenarios(tables[SCENARIOS])
    if OPINIONS in tables:
        _check_opinions(book, values, tables[OPINIONS], tables[PEOPLE])


def _check_correlations(values: Mapping[str, object], rows: Sequence[Sequence[Any]]) -> None:
    varying = {each.id for each in model().assumptions if _varies(each, values)}
    asked: list[tuple[int, tuple[str, str, float]]] = []
    for number, (one, other, rank) in enumerate(rows, start=1):
        if all(cell in (None, "") for cell in (one, other, rank)):
            continue
        first, second, last = (f"correlation_{number}_{part}" for part in CORRELATION_PARTS)
        for name, each in ((first, one), (second, other)):
            if each not in varying:
                rule = "be an assumption whose distribution is not fixed (or clear the row)"
                raise InputError(name, rule, None if each == "" else each)
        if one == other:
            raise InputError(second, "be another assumption than the first", other)
        RANK.check(last, None if rank == "" else rank)
        if any({one, other} == {*pair[:2]} for _, pair in asked):
            raise InputError(first, "name each pair once, in either order", f"{one}, {other}")
        asked.append((number, (str(one), str(other), float(rank))))
    try:
        correlation_matrix(sorted(varying), [pair for _, pair in asked])
    except InputError as error:
        # Of those that cannot hold together, the one to change is named by its two ids.
        named = {*error.argument.removeprefix(CORRELATION_OF).split(" and ")}
        number = next(number for number, pair in asked if named == {*pair[:2]})
        raise InputError(f"correlation_{number}_rank", error.rule, error.received) from None


def _varies(each: Assumption, values: Mapping[str, object]) -> bool:
    """Whether an assumption is drawn: a range without width is fixed, whatever it is called."""
    if each.setting or is_fixed(values[f"{each.id}.distribution"]):
        return False
    return values[f"{each.id}.low"] != values[f"{each.id}.high"]


def _check_decisions(rows: Sequence[Sequence[Any]]) -> None:
    seen: list[Any] = []
    for number, (answer, bar) in enumerate(rows, start=1):
        if (answer in DECIDING_WORDS) != (bar in (None, "")):
            is_words = answer in DECIDING_WORDS
            rule = f"be blank: {answer} is words" if is_words else f"be a number: {answer} is one"
            raise InputError(f"decision_{number}_bar", rule, None if bar == "" else bar)
        if answer in seen:
            raise InputError(f"decision_{number}_answer", "be another than the first", answer)
        seen.append(answer)


def _check_scenarios(rows: Sequence[Sequence[Any]]) -> None:
    graph = model()
    seen: list[Any] = []
    for number, (node, *given) in enumerate(rows[1:], start=1):
        change = f"change_{number}"
        if node in (None, ""):
            if any(value not in (None, "") for value in given):
                raise InputError(change, "name an assumption: values stand in its row", None)
            continue
        if node in seen:
            raise InputError(change, "name each assumption once", node)
        seen.append(node)
        chosen = graph[node]
        for place, value in enumerate(given, start=1):
            name = f"scenario_{place}_value_{number}"
            if value in (None, ""):
                continue
            try:
                if isinstance(chosen, Assumption):
                    chosen.domain.check(node, value)
                else:
                    one_of(node, value, chosen.options)
            except InputError as error:
                raise InputError(name, f"{error.rule}, for {node}", value) from None


def _check_opinions(
    book: Book,
    values: Mapping[str, object],
    opinions: Sequence[Sequence[Any]],
    people: Sequence[Sequence[Any]],
) -> None:
    """Refuse what no function could pool, naming its cell."""
    graph = model()
    kinds = [str(values[f"{each.id}.distribution"]) for each in graph.assumptions]
    bounds = [(each.domain.minimum, each.domain.maximum) for each in graph.assumptions]
    names = [(each.label, each.id) for each in graph.assumptions]
    try:
        check_opinions(opinions, people, names, kinds, bounds)
    except InputError as error:
        at = CELL_OF_A_TABLE.fullmatch(error.argument)
        if at is None:
            raise
        place = book.places[{"opinions": OPINIONS, "people": PEOPLE}[at[1]]]
        where = f"{place.sheet}!{place.rows[int(at[2]) - 1][int(at[3]) - 1]}"
        raise InputError(where, error.rule, error.received) from None


CELL_OF_A_TABLE = re.compile(r"(\w+) \(row (\d+), column (\d+)\)")
"""How the core names a cell of a table that it was given."""


def found_rows(engine: Engine, place: Place) -> list[list[Any]]:
    """Give what the engine finds in all cells of a name; an error as its code."""
    rows = [[engine.value(place.sheet, address) for address in row] for row in place.rows]
    return [[cell.code if isinstance(cell, CellError) else cell for cell in row] for row in rows]


def _found(engine: Engine, place: Place) -> Any:
    """What the engine finds in a name's first cell; an error as its code."""
    value = engine.value(place.sheet, place.first)
    return value.code if isinstance(value, CellError) else value


def refusals(
    book: Book, values: Mapping[str, object], held: Mapping[str, object]
) -> Iterator[InputError]:
    """Everything in the cells that a person edits which breaks a rule by itself.

    Parameters
    ----------
    values : mapping of str to object
        The assumptions as they stand, by reference.
    held : mapping of str to object
        What stands in the other cells, by name.
    """
    graph = model()
    checked: list[Callable[[], object]] = [
        *(partial(_check, each, values) for each in graph.assumptions),
        *(partial(one_of, e, values[e], KINDS) for e in distribution_references(graph)),
        *(partial(one_of, each.id, values[each.id], each.options) for each in graph.choices),
        *(partial(_check_setting, name, value) for name, value in held.items()),
    ]
    for check in checked:
        try:
            with located(book):
                check()
        except InputError as error:
            yield error


def check_settings(book: Book, engine: Engine) -> None:
    """Check what stands in the input cells that are no assumptions, such as a threshold."""
    with located(book):
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
        _check_listed(name, value, allowed)


def _check_listed(name: str, value: Any, allowed: Listed) -> None:
    """Refuse what is not in a list, or not written as it is: functions take it so alone."""
    if value in allowed.words:
        return
    said = str(value).strip().casefold()
    word = next((each for each in allowed.words if each.casefold() == said), "")
    raise InputError(name, f"be written {word}" if word else allowed.rule, value)


@contextmanager
def located(book: Book) -> Iterator[None]:
    """Name the cell of an assumption that is refused."""
    try:
        yield
    except InputError as error:
        where = f"{book.places[defined_name(error.argument)]} ({error.argument})"
        raise InputError(where, error.rule, error.received) from None


def _check(assumption: Assumption, values: Mapping[str, object]) -> None:
    low, high, kind = (
        values.get(f"{assumption.id}.{part}") for part in ("low", "high", "distribution")
    )
    assumption.check(low, values[assumption.id], high, kind)
