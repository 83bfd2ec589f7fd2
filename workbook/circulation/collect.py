"""Collecting what several people judge: from the copies that they return to the Opinions sheet."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pycore.checks import one_number
from pycore.errors import Found, InputError
from pycore.mixes import MOST_OFF_ONE
from pycore.model.results import TYPES, model
from pycore.model.tables import MOST_OPINIONS, MOST_PEOPLE, OPINIONS, PEOPLE
from pycore.nodes import Assumption, is_fixed
from pycore.pooling import WEIGHT
from pycore.uncertainty.opinions import check_opinions, pooled_opinions
from workbook.circulation.changes import SAME_NUMBER
from workbook.circulation.command import check_once, contents_of
from workbook.circulation.logged import logging
from workbook.circulation.noted import Identity, Noted, Noting
from workbook.circulation.returned import RefusedCopyError, Returned, returned
from workbook.circulation.scale import Scheduler, over_files
from workbook.file.area import replace_area
from workbook.file.package import read_file
from workbook.file.patch import patch
from workbook.native.form import full_of
from workbook.publishing.clean import cleaned
from workbook.read import Book, read_book
from workbook.recalc import recalculate
from workbook.sheets.assumptions import SHARED
from workbook.sheets.opinions.pooled import LONGEST_NAME, LONGEST_REMARK
from workbook.sheets.people.log import ENTRIES, HEADER
from workbook.stamp import today
from workbook.validate import LONGEST_TEXT

if TYPE_CHECKING:
    import pandas as pd

    from workbook.frames import Workbook

ACCEPTED_FROM = 2
"""So many people have to judge an assumption before their pool takes its place."""

PARTS = ("low", "central", "high")
POOLED = ("people", *PARTS, "p5", "p50", "p95", "disagreement", "scale")
"""What is said of a pooled assumption, beside its id."""


class Judgement(NamedTuple):
    """What somebody judges of an assumption, and where it is from."""

    low: float
    central: float
    high: float
    source: str


@dataclass(frozen=True)
class Judged:
    """A copy that came home: the file, who returned it, and all that it holds of assumptions.

    `refused` is why nothing is taken from it.
    """

    file: str
    person: str = ""
    judged: Mapping[str, Judgement] = field(default_factory=dict)
    identity: Identity = field(default_factory=Identity)
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collected:
    """A workbook with the opinions of those who returned copies, and what came of them.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What a message calls it.
    notes : tuple of str
        What a person should know: what was left out and why, and of the recalculation.
    opinions : tuple of tuple
        Assumption, person, low, central, high and remark of each.
    pooled : mapping of str to tuple
        By assumption: what `POOLED` names.
    accepted : tuple of str
        The assumptions that hold their pool now.
    """

    data: bytes = field(repr=False)
    name: str
    notes: tuple[str, ...]
    opinions: tuple[tuple[str, str, float, float, float, str], ...]
    pooled: Mapping[str, tuple[Any, ...]]
    accepted: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The opinions, a row for each."""
        import pandas as pd  # takes longer to load than most commands run

        return pd.DataFrame(self.opinions, columns=["assumption", "person", *PARTS, "remark"])

    @property
    def pools(self) -> pd.DataFrame:
        """What is pooled, a row for each assumption."""
        import pandas as pd

        rows = pd.DataFrame.from_dict(dict(self.pooled), orient="index", columns=[*POOLED])
        return rows.rename_axis("id")

    @cached_property
    def book(self) -> Workbook:
        """The workbook as pandas tables."""
        from workbook.frames import Workbook

        return Workbook(self.data, self.name, self.notes)


def judgements_of(copy: Returned) -> dict[str, Judgement]:
    """What a workbook holds of each assumption that is judged."""
    return {each.id: _judgement(copy, each) for each in _judgeable()}


def _judgeable() -> list[Assumption]:
    """The assumptions that are judged: not how many drafts are simulated, and the like."""
    return [each for each in model().assumptions if not each.setting]


def _judgement(copy: Returned, each: Assumption) -> Judgement:
    low, central, high = (float(str(copy.values[each.id, part])) for part in PARTS)
    if is_fixed(copy.values[each.id, "distribution"]) and not each.ends_count:
        # Nobody has to keep ends in order that are not used.
        low, high = min(low, central), max(high, central)
    return Judgement(low, central, high, str(copy.values[each.id, "source"] or "").strip())


@dataclass(frozen=True)
class _Judging:
    """Reads a copy and says who judges what in it; it goes to other processes."""

    names: Mapping[str, str]

    def __call__(self, file: str, data: bytes | InputError) -> Judged:
        if isinstance(data, InputError):
            return Judged(file, refused=(str(data),))
        try:
            copy = returned(data, file)
        except RefusedCopyError as error:
            return Judged(file, refused=tuple(error.reasons))
        person = _one_line(self.names.get(file) or copy.author or Path(file).stem, LONGEST_NAME)
        return Judged(file, person, judgements_of(copy), copy.identity)


def read_copies(
    files: Iterable[tuple[str, bytes | InputError]],
    count: int,
    names: Mapping[str, str] | None = None,
    base: Identity | None = None,
    scheduler: Scheduler | None = None,
) -> tuple[list[Judged], list[str]]:
    """Read the copies that came home; what cannot be read is left out, with the reason.

    Parameters
    ----------
    files : iterable of tuple
        The name of each, and what it holds or why it cannot be read; taken one after the other.
    count : int
        How many there are.
    names : mapping of str to str, optional
        Who returned a file, where its properties do not say so.
    base : Identity, optional
        That of the workbook that was sent out; by default that of the first copy.
    scheduler : Scheduler, optional
        Where they are read.

    Returns
    -------
    tuple of list
        The copies, and what was left out.
    """
    copies, notes = [], []
    for each in over_files(_Judging(dict(names or {})), files, count, "Copies", scheduler):
        reasons = each.refused
        if not reasons:
            base = base or each.identity
            if base.all and each.identity.all and not base.all & each.identity.all:
                reasons = (f"it is a copy of another workbook, with the id {each.identity.id}",)
        if reasons:
            said = "; ".join(reasons)
            notes.append(
                f"left out {said if said.startswith(each.file) else f'{each.file}: {said}'}"
            )
        else:
            copies.append(each)
    return _told_apart(copies), notes


def _one_line(text: str, longest: int) -> str:
    """A text as one short line; whatever it begins with, cells hold it as a text."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _told_apart(copies: Sequence[Judged]) -> list[Judged]:
    """The copies, those of one person with their file's name in brackets."""
    held = Counter(each.person.casefold() for each in copies)
    taken: set[str] = set()
    found = []
    for each in copies:
        name = each.person
        if held[name.casefold()] > 1:
            tail = f" ({_one_line(Path(each.file).stem, LONGEST_NAME // 2)})"
            name = _one_line(name, LONGEST_NAME - len(tail)) + tail
        count = 1
        while name.casefold() in taken:
            count += 1
            tail = f" {count}"
            name = _one_line(name, LONGEST_NAME - len(tail)) + tail
        taken.add(name.casefold())
        found.append(replace(each, person=name))
    return found


def collect(
    copies: Iterable[str | os.PathLike[str]],
    base: str | os.PathLike[str] | None = None,
    *,
    names: Mapping[str, str] | None = None,
    only: Iterable[str] = (),
    weights: Mapping[str, float] | None = None,
    hide_names: bool = False,
    accept: bool = False,
    scheduler: str = "",
) -> Collected:
    """Collect what several people judge in their copies, as the command of that name does.

    Parameters
    ----------
    copies : iterable of path
        The files that came home.
    base : path, optional
        The workbook that was sent out.
    names : mapping of str to str, optional
        Who returned a file, by its path, where its properties do not say so.
    scheduler : str
        The address of a Dask cluster that reads the copies; all cores here by default.

    Returns
    -------
    Collected
        Its `frame` has the opinions, `pools` what is pooled, `book` the workbook as tables.

    Raises
    ------
    InputError
        If no copy can be read, or as for :func:`collected`.
    """
    paths = [Path(each) for each in copies]
    check_once(paths)
    begun = None if base is None else (str(base), read_file(Path(base)))
    first = None if begun is None else identity_of(*begun)
    read, notes = read_copies(contents_of(paths), len(paths), names, first, Scheduler(scheduler))
    if not read:
        raise InputError("the copies", "hold one that can be read", Found("; ".join(notes)))
    begun = begun or (read[0].file, read_file(Path(read[0].file)))
    found = collected(
        read,
        begun,
        is_base=base is not None,
        only=only,
        weights=weights,
        hide_names=hide_names,
        accept=accept,
    )
    return replace(found, notes=(*notes, *found.notes))


def identity_of(file: str, data: bytes) -> Identity:
    """Which workbook a file is."""
    return Identity.of(read_book(full_of(data, file), file))


def collected(
    copies: Sequence[Judged],
    base: tuple[str, bytes],
    *,
    is_base: bool,
    only: Iterable[str] = (),
    weights: Mapping[str, float] | None = None,
    hide_names: bool = False,
    accept: bool = False,
) -> Collected:
    """Put what people judge into the Opinions sheet, and recalculate.

    Parameters
    ----------
    copies : sequence of Judged
        At least one.
    base : tuple of str and bytes
        What the new file begins as: its name, and what it holds.
    is_base : bool
        Whether it is the workbook that was sent out. Then a person has an opinion where a copy
        differs from it; else, as it is one of the copies, where they differ from each other.
    only : iterable of str, optional
        Ids of assumptions, where not all are wanted.
    weights : mapping of str to float, optional
        How much people count, by their name or their file's; 1 by default.
    hide_names : bool
        Whether people become Person 1, Person 2 and so on.
    accept : bool
        Whether what at least two people judge becomes the assumption, with its source.

    Raises
    ------
    InputError
        If there is nothing to collect, more than the sheet holds, an unknown id or name, or the
        workbook breaks a rule.
    """
    file, data = base[0], full_of(base[1], base[0])
    if hide_names and not is_base:
        data = _without_names(cleaned(data, file)[0], file)
    try:
        first = returned(data, file)
    except RefusedCopyError as error:
        raise InputError(file, "be sound", Found(f"not: {error}")) from None
    book, assumed = first.book, judgements_of(first)
    opinions, notes = _opinions(book, copies, assumed if is_base else None, _chosen(only))
    people = [each for each in copies if each.file in {one.file for _, one, _ in opinions}]
    counted = _weights(weights or {}, copies, people)
    if people and not any(counted.get(each.file, 1.0) for each in people):
        raise InputError("--weights", "not all be 0", 0.0)
    unheard = sorted(
        {n for n, _, _ in opinions} - {n for n, c, _ in opinions if counted.get(c.file, 1.0)}
    )
    notes += [f"{node} is judged only by people who count 0: it is not pooled" for node in unheard]
    room = _room(len(opinions), len(people))
    if room and not accept:
        raise InputError("the opinions", f"be {room}", Found("more, and nothing is to be accepted"))
    names = {
        each.file: f"Person {number}" if hide_names else each.person
        for number, each in enumerate(people, start=1)
    }
    remark = (lambda *_: "") if hide_names else _remark
    rows = [
        (node, names[copy.file], *each[:3], remark(copy, each, assumed[node]))
        for node, copy, each in opinions
    ]
    held = _known_weights(book)
    table = [
        (names[each.file], counted.get(each.file, held.get(names[each.file].casefold())))
        for each in people
    ]
    pools = _pools(book, rows, table)
    changes = {} if room else _people_changes(book, table)
    if room:
        notes.append(
            f"{len(opinions):,} opinions of {len(people):,} people are not on the Opinions sheet, "
            "which holds fewer: their pools are accepted"
        )
    accepted: dict[str, list[float]] = {}
    if accept:
        accepted, said = _accepted(pools, assumed)
        notes += said
        for node, values in accepted.items():
            references = (f"{node}.low", node, f"{node}.high")
            changes |= dict(zip(references, values, strict=True))
            whose = [row[1] for row in rows if row[0] == node]
            by = "" if hide_names else f" ({', '.join(whose)})"
            # It begins as every judgement does, which is no evidence.
            said_of = f"judgement of {len(whose)} people, pooled{by}"
            changes[f"{node}.source"] = _one_line(said_of, LONGEST_TEXT)
            changes[f"{node}.date"] = today()
    filled, before = (data, b"") if room else (_filled(book, rows), data)
    done = recalculate(
        filled, file, changes, before=before, noting=_noting(len(people), hide_names)
    )
    return Collected(done.data, file, (*notes, *done.notes), tuple(rows), pools, tuple(accepted))


def _without_names(data: bytes, file: str) -> bytes:
    """A workbook whose Log names nobody."""
    book = read_book(data, file)
    place, sheet = book.places[ENTRIES], book.sheet_of(ENTRIES)
    who = HEADER.index("Who")
    named = {row[who]: "" for row in place.rows if book.cell(place.sheet, row[who])}
    xml = patch(book.package.parts[sheet.part], sheet.cells, named, computed=False)
    return book.package.to_bytes({sheet.part: xml})


def _chosen(only: Iterable[str]) -> set[str]:
    """The assumptions that are wanted: all, or those that are named."""
    known = {each.id for each in _judgeable()}
    chosen = set()
    for each in only:
        if each not in known:
            near = get_close_matches(each, known, 1)
            rule = "be ids of assumptions" + (f" (perhaps {near[0]})" if near else "")
            raise InputError("--only", rule, each)
        chosen.add(each)
    return chosen or known


def _opinions(
    book: Book, copies: Sequence[Judged], assumed: Mapping[str, Judgement] | None, chosen: set[str]
) -> tuple[list[tuple[str, Judged, Judgement]], list[str]]:
    """Who judges what, assumption by assumption, and what was left out."""
    found, notes = [], []
    for node in (each.id for each in _judgeable() if each.id in chosen):
        held = [(copy, copy.judged[node]) for copy in copies]
        if assumed is None and all(_is_same(each, held[0][1]) for _, each in held):
            continue
        for copy, each in held:
            if assumed is None or not _is_same(each, assumed[node]):
                try:
                    _check(book, node, each)
                except InputError as error:
                    notes.append(f"left out {copy.file} on {node}: {error.rule}, it says")
                else:
                    found.append((node, copy, each))
    silent = [copy.file for copy in copies if all(copy is not each for _, each, _ in found)]
    notes += [f"{file} says nothing of its own" for file in silent]
    if not found:
        rule = "differ in low, central or high of an assumption that is wanted"
        other = "from the base" if assumed is not None else "from each other"
        raise InputError("the copies", f"{rule} {other}", Found("the same"))
    return found, notes


def _is_same(one: Judgement, other: Judgement) -> bool:
    pairs = zip(one[:3], other[:3], strict=True)
    return all(math.isclose(each, another, rel_tol=SAME_NUMBER) for each, another in pairs)


def _check(book: Book, node: str, each: Judgement) -> None:
    """Refuse a range that the assumption's distribution cannot have."""
    assumption = model()[node]
    bounds = [(assumption.domain.minimum, assumption.domain.maximum)]
    kind = str(book.value(f"{node}_distribution"))
    check_opinions([[node, "-", *each[:3]]], [["", None]], [[node, node]], [kind], bounds)


def _weights(
    weights: Mapping[str, float], copies: Sequence[Judged], people: Sequence[Judged]
) -> dict[str, float]:
    """What people count, by their files."""
    found: dict[str, float] = {}
    for name, weight in weights.items():
        word = name.strip().casefold()
        meant = [
            each
            for each in copies
            if word
            in (each.person.casefold(), each.file.casefold(), Path(each.file).name.casefold())
        ]
        if not meant:
            rule = f"name people: {', '.join(each.person for each in people)}"
            raise InputError("--weights", rule, name)
        number = one_number(f"the weight of {name}", weight, WEIGHT)
        found |= dict.fromkeys((each.file for each in meant), number)
    return found


def _room(opinions: int, people: int) -> str:
    """What the sheet holds, where there is more; empty where all have room."""
    if people <= MOST_PEOPLE and opinions <= MOST_OPINIONS:
        return ""
    most = f"at most {MOST_OPINIONS:,}, of {MOST_PEOPLE} people"
    return f"{most} (--only ID ... takes fewer; --accept takes the pools alone)"


def _remark(copy: Judged, each: Judgement, assumed: Judgement) -> str:
    """Where an opinion is from: the source that the person wrote, or else the file."""
    own = each.source if each.source != assumed.source else ""
    return _one_line(own or Path(copy.file).name, LONGEST_REMARK)


def _known_weights(book: Book) -> dict[str, Any]:
    """What people count that the workbook knows already."""
    return {
        str(name).strip().casefold(): weight
        for name, weight in book.values(PEOPLE)
        if name is not None and weight not in (None, "")
    }


Row = tuple[str, str, float, float, float, str]


def _pools(
    book: Book, rows: Sequence[Row], people: Sequence[tuple[str, Any]]
) -> dict[str, tuple[Any, ...]]:
    """What the functions of the sheet will say of the opinions."""
    nodes = model().assumptions
    block = pooled_opinions(
        [list(row) for row in rows],
        [list(each) for each in people],
        [[each.label, each.id] for each in nodes],
        [str(book.value(f"{each.id}_distribution")) for each in nodes],
        [each.domain.minimum for each in nodes],
        [each.domain.maximum for each in nodes],
    )
    return {str(node): tuple(values) for node, *values in block.tolist() if node}


def _people_changes(book: Book, people: Sequence[tuple[str, Any]]) -> dict[str, float | str]:
    """What has to change so that the table of people is this one."""
    changes: dict[str, float | str] = {}
    blank = [("", None)] * (MOST_PEOPLE - len(people))
    for number, wanted in enumerate((*people, *blank), start=1):
        for part, value in zip(("name", "weight"), wanted, strict=True):
            held, new = book.value(f"person_{number}_{part}"), "" if value is None else value
            if ("" if held is None else held) != new:
                changes[f"person_{number}_{part}"] = new
    return changes


def _filled(book: Book, rows: Sequence[Row]) -> bytes:
    """The workbook with these opinions in place of all others, each assumption by its label."""
    place, sheet = book.places[OPINIONS], book.sheet_of(OPINIONS)
    cells = {
        address: value
        for addresses, (node, *others) in zip(place.rows, rows, strict=False)
        for address, value in zip(addresses, (model()[node].label, *others), strict=True)
        if value != ""
    }
    xml = replace_area(book.package.parts[sheet.part], sheet.part, place.rows, cells)
    package = book.package
    if any(sheet.cells[at].has_formula for row in place.rows for at in row if at in sheet.cells):
        package = package.without_chain()
    return package.to_bytes({sheet.part: xml})


def _accepted(
    pools: Mapping[str, tuple[Any, ...]], assumed: Mapping[str, Judgement]
) -> tuple[dict[str, list[float]], list[str]]:
    """The assumptions that become what at least two people judge together, and what does not."""
    graph, notes = model(), []
    accepted: dict[str, list[float]] = {}
    for node, (people, *values) in pools.items():
        if people >= ACCEPTED_FROM:
            ends = values[: len(PARTS)]
            accepted[node] = (
                [float(round(each)) for each in ends] if graph[node].domain.whole else ends
            )
    for shared in SHARED:
        ids = [f"{shared}_{each}" for each in TYPES]
        centrals = [accepted.get(each, assumed[each])[1] for each in ids]
        if accepted.keys() & set(ids) and abs(sum(centrals) - 1) > MOST_OFF_ONE:
            kept = [each for each in ids if accepted.pop(each, None)]
            notes.append(
                f"not accepted: {', '.join(kept)}; pooled one by one the shares are "
                f"{sum(centrals):.1%} together, and have to be 100%"
            )
    return accepted, notes


def _noting(people: int, hide_names: bool) -> Noting:
    """Note what was accepted in the Log of the new file."""

    def noting(book: Book, changes: Mapping[str, float | str]) -> Noted:
        ids = {each.id for each in _judgeable()}
        own = {name: value for name, value in changes.items() if name.partition(".")[0] in ids}
        who = f"{people} people" if hide_names else "collect"
        said = logging(who, f"pooled judgements of {people} people", is_copy=True)(book, own)
        return replace(said, author="")

    return noting
