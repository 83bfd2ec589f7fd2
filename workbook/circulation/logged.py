"""What the command `set` writes into the Log: each change, and what it did to the answers."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping

from pycore.errors import InputError
from workbook.circulation.changes import (
    Change,
    Value,
    fields,
    held,
    in_full,
    is_same,
    reference,
)
from workbook.circulation.effects import Effect, effects
from workbook.circulation.noted import Entry, Identity, Noted, Noting, check_said
from workbook.circulation.returned import given
from workbook.circulation.words import in_words
from workbook.file.properties import plain_person
from workbook.read import Book
from workbook.stamp import today

IS_A_FORMULA = "not told: an input is a formula"


def logging(who: str, why: str, *, is_copy: bool) -> Noting:
    """Note changes as of one person.

    Parameters
    ----------
    who, why : str
        Whose they are, and the reason; where no name is given, that of the account is used.
    is_copy : bool
        Whether they go into another file.
    """
    check_said("--why", why)
    check_said("--as", who)
    who = plain_person(who)

    def noting(book: Book, changes: Mapping[str, float | str]) -> Noted:
        values = held(book.value, {})
        made = list(_changes(values, changes))
        name = who or _account()
        found = _effects(book, values, made)
        entries = [
            Entry(
                today(),
                name,
                change.name,
                in_full(change.before),
                in_full(change.after),
                why,
                IS_A_FORMULA if found is None else in_words(found, change.name),
            )
            for change in made
        ]
        identity = Identity.of(book)
        return Noted(entries, identity.copied() if is_copy else None, who)

    return noting


def _account() -> str:
    """The name of the account that the program runs under, if it has one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _changes(
    values: Mapping[tuple[str, str], Value], changes: Mapping[str, float | str]
) -> Iterator[Change]:
    for each in fields().values():
        name = reference(*each.key)
        if name not in changes:
            continue
        value = changes[name]
        picked = each.listed.id_of(value) if each.listed else value
        after = float(picked) if isinstance(picked, int | float) else picked or None
        if not is_same(values[each.key], after):
            yield Change(*each.key, values[each.key], after)


def _effects(
    book: Book, values: Mapping[tuple[str, str], Value], made: list[Change]
) -> list[Effect] | None:
    """What they did; none where an input is a formula, which may follow them."""
    for each in fields().values():
        span = book.sheet_of(each.name).cells.get(book.places[each.name].first)
        if span is not None and span.has_formula:
            return None
    try:
        return effects(given(values), made)
    except InputError:  # of a value that stood there before
        return []
