"""Accepting changes of copies into a workbook, each with its entry in the Log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from pycore.errors import Found, InputError
from workbook.circulation.changes import (
    AREAS,
    MODELLED,
    TEXT,
    Answers,
    Change,
    Value,
    fields,
    in_full,
    is_same,
    reference,
    said,
)
from workbook.circulation.compare import Comparison, Copy
from workbook.circulation.effects import Effect, effects
from workbook.circulation.noted import (
    ENTRY_PARTS,
    Entry,
    Identity,
    Noted,
    check_said,
    free_rows,
)
from workbook.circulation.words import in_words
from workbook.file.area import replace_area
from workbook.read import Book, read_book
from workbook.recalc import Recalculated, recalculate
from workbook.stamp import today

Pick = tuple[Copy, Change]
"""A change, and the copy that it is of."""

Key = tuple[str, str]


@dataclass(frozen=True)
class Accepted:
    """What was taken over, and what was left.

    Parameters
    ----------
    done : Recalculated
        The new file.
    taken : list of Pick
        The changes that are in it.
    undecided : dict
        By id and field: what several of the copies that were chosen hold; none of it is taken.
    effects : list of Effect
        What the changes did together.
    """

    done: Recalculated
    taken: list[Pick]
    undecided: dict[Key, list[Pick]] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)


def chosen(
    comparison: Comparison, only: Collection[str] = (), people: Collection[str] = ()
) -> list[Pick]:
    """The changes of some people, or to some assumptions; all where neither is said.

    Parameters
    ----------
    only : collection of str
        Ids, or an id with its field: ``marginal_cost`` or ``marginal_cost.low``.
    people : collection of str
        Authors or files.

    Raises
    ------
    InputError
        If nobody changed one of them, or a person has no copy.
    """
    sound = [copy for copy in comparison.copies if not copy.refused]
    for person in people:
        if not any(person in _names(copy) for copy in sound):
            known = ", ".join(dict.fromkeys(copy.who for copy in sound)) or "none"
            raise InputError("--from", f"be an author or a file of a sound copy: {known}", person)
    picks = [
        (copy, change)
        for copy in sound
        if not people or any(person in _names(copy) for person in people)
        for change in copy.changes
    ]
    for each in only:
        if not any(each in (change.id, change.name) for _, change in picks):
            raise InputError("--only", "be the id of something that was changed", each)
    return [(c, change) for c, change in picks if not only or {change.id, change.name} & {*only}]


def _names(copy: Copy) -> tuple[str, ...]:
    return tuple(filter(None, (copy.author, copy.file, Path(copy.file).name)))


def decided(picks: Iterable[Pick]) -> tuple[list[Pick], dict[Key, list[Pick]]]:
    """One change for each id and field; and those about which the copies differ.

    Where they differ about a range, all that is said of that assumption waits: the high end of
    one person beside the central value of another is what neither holds.
    """
    found: dict[Key, list[Pick]] = {}
    for pick in picks:
        found.setdefault(pick[1].key, []).append(pick)
    differ = {
        key
        for key, several in found.items()
        if any(not is_same(change.after, several[0][1].after) for _, change in several)
    }
    waiting = {node for node, field in differ if field in MODELLED}
    undecided = {
        key: several
        for key, several in found.items()
        if key in differ or (key[0] in waiting and key[1] != NOTE)
    }
    return [several[0] for key, several in found.items() if key not in undecided], undecided


NOTE = "note"
"""What may be said of an assumption whatever its range is."""


def accepted(
    data: bytes, comparison: Comparison, picks: Sequence[Pick], *, why: str = "", out: str = ""
) -> Accepted:
    """Take changes over into a workbook, and recalculate it.

    Parameters
    ----------
    data : bytes
        The workbook that the copies are copies of; it stays as it is.
    picks : sequence of tuple
        The changes, each with the copy that it is of. About what several differ, nothing is taken.
    why : str
        What the Log says of each, behind what the copy's own Log says.

    Raises
    ------
    InputError
        If nothing is left to take over, the changes together break a rule, or the Log is full.
    """
    check_said("--why", why)
    taken, undecided = decided(picks)
    if not taken:
        rule = "hold something to take over that no two copies differ about"
        raise InputError("the choice", rule, Found("none"))
    base = comparison.base
    changes = [change for _, change in taken]
    found = effects(base.given, changes)
    book = base.book
    entries = [*_entries(taken, found, why), *_typed(comparison, taken)]
    if (room := len(free_rows(book))) < len(entries):
        rule = f"have {len(entries)} free rows (move its oldest rows to a sheet of your own)"
        raise InputError("the Log sheet", rule, Found(f"one with {room}"))
    noted = Noted(entries, Identity.of(book).copied())
    values = {change.reference: _written(change.after) for _, change in taken if _is_cell(change)}
    filled = data
    for change in changes:
        if isinstance(change.after, Answers):
            filled = _with_answers(read_book(filled, base.file), change.id, change.after)
    before = data if filled is not data else b""
    done = recalculate(filled, out or base.file, values, before=before, noting=lambda *_: noted)
    return Accepted(done, taken, undecided, found)


def _is_cell(change: Change) -> bool:
    return not isinstance(change.after, Answers)


def _written(value: Value) -> float | str:
    return value if isinstance(value, float | str) else ""


def _with_answers(book: Book, name: str, answers: Answers) -> bytes:
    """The workbook with other cells in one of its large tables."""
    place, sheet = book.places[name], book.sheet_of(name)
    cells = {
        address: cell
        for row, line in zip(answers.rows, place.rows, strict=False)
        for cell, address in zip(row, line, strict=True)
        if cell is not None
    }
    xml = replace_area(book.package.parts[sheet.part], sheet.part, place.rows, cells)
    return book.package.to_bytes({sheet.part: xml})


def _entries(taken: Iterable[Pick], found: Sequence[Effect], why: str) -> Iterator[Entry]:
    """An entry for each change, with its share of what all of them did."""
    for copy, change in taken:
        reason = "; ".join(filter(None, (_reason(copy, change), why)))
        effect = in_words(found, change.name)
        texts = (in_full(change.before), in_full(change.after))
        yield Entry(today(), copy.who, change.name, *texts, reason, effect)


def _reason(copy: Copy, change: Change) -> str:
    """What the Log of a copy says of a change, in its last entry on it."""
    known = (change.name, reference(*change.key))
    rows = [row for row in copy.log if str(row[WHAT]) in known]
    return str(rows[-1][WHY] or "") if rows else ""


def _typed(comparison: Comparison, taken: Iterable[Pick]) -> Iterator[Entry]:
    """What people typed into the Logs of the copies of which something is taken.

    What a command wrote there of an edit is not meant: what is accepted has an entry of its own.
    """
    known = set(map(_as_texts, comparison.base.log))
    edits = {f"{node}.{part}" for node, part in (*fields(), *((area, TEXT) for area in AREAS))}
    copies = {copy.file: copy for copy, _ in taken}
    for row in map(_as_texts, chain.from_iterable(copy.log for copy in copies.values())):
        if row not in known and row[WHAT] not in edits:
            known.add(row)
            yield Entry(*row)


def _as_texts(row: Sequence[object]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in row)


WHAT, WHY = ENTRY_PARTS.index("what"), ENTRY_PARTS.index("why")
"""The columns of the Log that say what was changed, and why."""


def asked_for(picks: Sequence[Pick], ask: Callable[[str, Mapping[str, str]], str]) -> list[Pick]:
    """Go through the changes one by one with a person.

    Parameters
    ----------
    ask : callable
        Takes what is asked and the answers that may be given, each with its meaning, and gives
        the answer.
    """
    _, undecided = decided(picks)
    kept: list[Pick] = []
    seen: set[Key] = set()
    every = ""
    for copy, change in picks:
        if change.key in seen:
            continue
        if several := undecided.get(change.key):
            seen.add(change.key)
            numbered = {str(number): pick for number, pick in enumerate(several, start=1)}
            words = {n: f"{by.who}: {said(each.after)}" for n, (by, each) in numbered.items()}
            line = f"{change.name}, now {said(change.before)}"
            answer = ask(line, words | {"n": "none of them"})
            kept += [numbered[answer]] if answer in numbered else []
            continue
        seen.add(change.key)
        line = f"{copy.who}: {change.name} from {said(change.before)} to {said(change.after)}"
        answer = every or ask(line, {"y": "take", "n": "leave", "a": "take all", "q": "leave all"})
        every = {"a": "y", "q": "n"}.get(answer, every)
        kept += [(copy, change)] if answer in ("y", "a") else []
    return kept
