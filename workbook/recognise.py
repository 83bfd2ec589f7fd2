"""Telling the model's own cells from a person's: by their formula, their array and their row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

from pycore.errors import Found, InputError
from workbook.file.patch import CellSpan
from workbook.hosts import HOSTS, Host, calls_ours, host_of
from workbook.read import Book, NamedCell, named_cells
from workbook.sheets import sheets
from workbook.stored import CellKey, array_size, formulas, moved, tokens

DIFFERENT = re.compile(r"\s+|_xlfn\.|(?<=true)\(\)|(?<=false)\(\)")
"""What one program writes and another does not, in the same formula."""

EXPORTED = "__xludf.dummyfunction"
"""What a web spreadsheet puts in place of a function that it does not know."""


@dataclass
class Recognised:
    """The formulas of a file.

    Parameters
    ----------
    texts : mapping of tuple to str
        The text of each, by sheet and address.
    ours : set of tuple
        Those that are the model's.
    notes : list of str
        Where a person's formula stands in place of the model's.
    """

    texts: dict[CellKey, str] = field(default_factory=dict)
    ours: set[CellKey] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def recognise(book: Book) -> Recognised:
    """Tell the model's formulas from others.

    Raises
    ------
    InputError
        If an answer is no longer computed: its formula is gone, or no array any more.
    """
    found = Recognised()
    for sheet in book.sheets:
        texts = formulas(sheet)
        found.texts |= {(sheet.name, address): text for address, text in texts.items()}
    host = host_of(found.texts.values())
    _recognise_named(book, host, found)
    plain = _plain_formulas(host.name)
    for sheet in book.sheets:
        for address, span in sheet.cells.items():
            key = (sheet.name, address)
            text = found.texts.get(key)
            if text and key not in found.ours and not span.array and alike(text) in plain:
                found.ours.add(key)
    return found


def _recognise_named(book: Book, host: Host, found: Recognised) -> None:
    for computed, declared in named_formulas(host.name):
        place = book.places[computed.name]
        address = place.rows[computed.row][computed.column]
        span = book.sheet_of(computed.name).cells.get(address)
        where = f"{place.sheet}!{address} ({computed.name})"
        key = (place.sheet, address)
        is_alike = alike(found.texts.get(key, "")) in (
            alike(declared),
            alike(moved(declared, computed.home, address)) if address != computed.home else "",
        )
        _check_formula(where, host, computed, span, is_alike)
        if is_alike:
            found.ours.add(key)
        elif key not in found.ours:
            shown = host.shown(computed.cell.formula)
            found.notes.append(f"{where} holds a formula of its own; the model's is {shown}")


def _check_formula(
    where: str, host: Host, computed: NamedCell, span: CellSpan | None, is_alike: bool
) -> None:
    """Refuse a cell that does not compute what the model computes there."""
    if span is None or not span.has_formula:
        formula = host.shown(computed.cell.formula)
        rule = f"hold its formula {formula}, or the answer there is no longer computed"
        raise InputError(where, rule, span.value if span is not None else None)
    if EXPORTED in span.formula.casefold():
        rule = "hold the model's formula; build a new file and type your inputs there"
        raise InputError(where, rule, Found("what a web spreadsheet exports in its place"))
    rows, columns = computed.cell.block if computed.cell.calls else (1, 1)
    if is_alike and array_size(span) != (rows, columns):
        rule = f"be one array formula over {rows} x {columns} cells; build a new file and type "
        rule += "your inputs there"
        raise InputError(where, rule, Found("none any more: another program saved it so"))


@lru_cache(maxsize=20_000)
def alike(formula: str) -> str:
    """A formula without what programs write differently."""
    return DIFFERENT.sub("", formula.removeprefix("=").casefold())


def _host(name: str) -> Host:
    # By its name, because what a host holds cannot be a key of a cache.
    return next(each for each in HOSTS if each.name == name)


@cache
def named_formulas(host: str) -> tuple[tuple[NamedCell, str], ...]:
    """Every computed cell under a name, and its formula without "=" in the words of a host."""
    chosen = _host(host)
    return tuple(
        (each, chosen.formula(each.cell.formula).removeprefix("="))
        for each in named_cells()
        if each.cell.formula
    )


@cache
def _plain_formulas(host: str) -> frozenset[str]:
    """The model's formulas that stand in single cells, under a name or not."""
    chosen = _host(host)
    return frozenset(
        alike(chosen.formula(at.cell.formula))
        for placed in sheets()
        for at in placed.cells
        if at.cell.formula and (at.cell.block == (1, 1) or not at.cell.calls)
    )


def only_calls_ours(formula: str) -> bool:
    """Whether a formula is one call of one of our functions, on cells and constants."""
    if not calls_ours(formula):
        return False
    read = tokens(formula)
    if not read or read[0].type != "FUNC" or not calls_ours(read[0].value):
        return False
    return all(
        each.type in ("OPERAND", "SEP", "OPERATOR-PREFIX", "WHITE-SPACE") for each in read[1:-1]
    )
