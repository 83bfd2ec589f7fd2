"""Reading what a survey program exports: which columns hold answers on goods, and their names."""

from __future__ import annotations

import pkgutil
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from openpyxl.utils.cell import column_index_from_string, get_column_letter

from pycore.errors import Found, InputError, shown
from workbook.sheets.people.survey import LONGEST_GOOD
from workbook.survey.responses import (
    NO_ANSWER,
    NUMERIC,
    Survey,
    answers_of,
    check_nameless,
    check_names,
    check_rows,
    is_index,
    plain_name,
    read_table,
    where_is,
)

MOST_HEADS = 3
"""Rows of headings that a program may write."""

IMPORT_ID = '{"ImportId"'
"""How the cells of Qualtrics' third row begin."""

ANY_ANSWER = {"", "response", "open-ended response"}
"""What SurveyMonkey writes in its second row of a question that has but one answer."""

ITEMS = (
    re.compile(r"(.*\S) ?\[([^\[\]]+)\]"),
    re.compile(r"(.*?\?) - (.+)"),
    re.compile(r"(.*) - (.+)"),
)
"""A question and what of: "What is one worth? [Journalist]", or with a dash."""

MOST_WORDS = 5
"""So many of the words that all questions share may belong to a good that is known."""

TRACE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{2,4}(?:[T ,].*)?|\S+@\S+\.\S+")
ID_NUMBER = re.compile(r"\d{10,}")


@dataclass(frozen=True)
class Kind:
    """Columns of one kind that hold no answers; a program's kind is written by none but it."""

    reason: str
    program: bool
    names: frozenset[str]
    pattern: re.Pattern[str] | None


@dataclass(frozen=True)
class Column:
    """A column: its first heading, that which names it, what may be said for it, its answers."""

    place: int
    first: str
    heading: str
    words: frozenset[str]
    below: Sequence[str]

    def __str__(self) -> str:
        text = "".join(each if each.isprintable() else "\ufffd" for each in _cut(self.heading))
        return get_column_letter(self.place + 1) + (f" ({text})" if text else "")


def read_export(
    data: bytes, file: str, wanted: Sequence[str] = (), known: Collection[str] = ()
) -> Survey:
    """Read a survey as a program exports it, or a person wrote it.

    Parameters
    ----------
    data : bytes
        As of `read_survey`, with up to three rows of headings and columns that are no goods.
    wanted : sequence of str
        The headings of the columns to read, or their numbers; by default all that may be goods.
    known : collection of str
        Goods that are known: a column of such a name is a good.

    Raises
    ------
    InputError
        If something in it has no plain meaning; the message names row and column.
    """
    table, delimiter = read_table(data, file)
    cells = table.fillna("").to_numpy().tolist()
    heads = _heads([[plain_name(cell) for cell in row] for row in cells[:MOST_HEADS]])
    check_rows(table, heads, file)
    columns = _columns(cells, heads, int(table.iloc[:heads].count(axis=1).max()))
    known = {plain_name(good).casefold() for good in known} - {""}
    at = int(table.index[heads - 1]) + 1
    if wanted:
        chosen = {_place(each, columns) for each in wanted}
        others = [each for each in columns if each.place not in chosen]
        reasons = {at.place: "not chosen" for at in others if at.heading or any(at.below)}
    else:
        reasons = _reasons(columns, known)
    try:
        goods = _goods(columns, reasons, at, file)
        named = _named(goods, known)
        check_names(named, at, file)
        answers = answers_of(table, heads, named, delimiter, file)
    except InputError as error:
        if wanted or len(columns) == 1:
            raise
        rule = f"{error.rule} (--columns chooses what is read)"
        raise InputError(error.argument, rule, error.received) from None
    notes = tuple(_notes(columns, reasons, goods, named))
    return Survey(tuple(named.values()), answers, notes)


@cache
def _kinds() -> tuple[Kind, ...]:
    text = (pkgutil.get_data("workbook.survey", "exports.toml") or b"").decode("utf-8")
    return tuple(
        Kind(
            each["reason"],
            each["program"],
            frozenset(each["names"]),
            re.compile("|".join(each["patterns"])) if each["patterns"] else None,
        )
        for each in tomllib.loads(text)["kinds"]
    )


def _kind(heading: str) -> Kind | None:
    """What a heading names, if that is not a good."""
    lower = heading.casefold()
    letters = "".join(filter(str.isalnum, lower)) or ("id" if heading else "")
    for kind in reversed(_kinds()):  # what only a program writes goes first
        if letters in kind.names or (kind.pattern and kind.pattern.search(lower)):
            return kind
    return None


def _heads(rows: Sequence[Sequence[str]]) -> int:
    """How many rows are headings.

    After the first, Qualtrics repeats its own columns' headings in words, and SurveyMonkey leaves
    them blank; the third of Qualtrics is for programs.
    """
    own = _own(rows[0])
    heads = 1
    for count, row in enumerate(rows[1:], 2):
        again = sum(_kind(row[place]) is not None for place in own)
        is_below = _is_blank(row, own) and not any(map(NUMERIC.fullmatch, row))
        is_second = count == 2 and len(own) > 1 and (2 * again > len(own) or is_below)
        if is_second or any(cell.startswith(IMPORT_ID) for cell in row):
            heads = count
    return heads


def _own(headings: Sequence[str]) -> list[int]:
    """The columns that only a program writes."""
    kinds = enumerate(map(_kind, headings))
    return [place for place, kind in kinds if kind and kind.program]


def _is_blank(row: Sequence[str], places: Sequence[int]) -> bool:
    return not any(row[place] for place in places)


def _columns(cells: Sequence[Sequence[str]], heads: int, width: int) -> list[Column]:
    """The columns of a table with so many rows of headings, and so wide."""
    ids, texts = ([plain_name(cell) for cell in row[:width]] for row in (cells[0], cells[1]))
    is_below = heads == 2 and _is_blank(texts, _own(ids))  # the headings of parts of a question
    columns, question = [], ""
    for place, (name, text) in enumerate(zip(ids, texts, strict=True)):
        question = name or question
        if heads == 1 or (text or name).startswith(IMPORT_ID):
            heading, words = name, {name}
        elif not is_below:
            heading, words = text or name, {name, text}
        elif text.casefold() in ANY_ANSWER:
            heading, words = question if text else name, {name}
        else:
            heading, words = f"{question} [{text}]", {text}
        words |= {heading, _split(heading)[1]}
        below = [row[place] for row in cells[heads:]]
        columns.append(Column(place, name, heading, frozenset(map(str.casefold, words)), below))
    return columns


def _split(heading: str) -> tuple[str, str]:
    """A question, and what of; without such an end the latter is blank."""
    found = next(filter(None, (each.fullmatch(heading) for each in ITEMS)), None)
    return (found[1], found[2].strip()) if found else (heading, "")


def _place(wanted: str, columns: Sequence[Column]) -> int:
    """The column that a person means by its heading or its number."""
    word = plain_name(wanted).casefold()
    places = [each.place for each in columns if word and word in each.words]
    if not places and re.fullmatch(r"[a-z]{1,3}|[0-9]{1,4}", word):
        at = (int(word) if word.isdecimal() else column_index_from_string(word)) - 1
        places = [each.place for each in columns if each.heading and each.place == at]
    if not places:
        rule = f"be headings of the file, or numbers of its {len(columns)} columns"
        raise InputError("--columns", rule, wanted)
    if len(places) > 1:
        numbers = ", ".join(str(place + 1) for place in places)
        found = Found(f"{_cut(wanted)!r}, which columns {numbers} have")
        raise InputError("--columns", "name one column by each heading, or give its number", found)
    return places[0]


def _reasons(columns: Sequence[Column], known: Set[str]) -> dict[int, str]:
    """Why columns are no goods, by their places.

    Where a program's own columns stand, those without any number are questions of other kinds;
    elsewhere such a column is left to be refused.
    """
    others = [each for each in columns if not (each.words & known)]
    asked = {each.heading.casefold().partition("[")[0] for each in columns if each.heading}
    found = {each.place: _reason(each, asked) for each in others}
    reasons = {place: why for place, (why, _) in found.items() if why}
    if not any(is_program for _, is_program in found.values()):
        return reasons
    for each in others:
        given = _given(each)
        if each.place in reasons or not each.heading:
            continue
        if not any(map(NUMERIC.fullmatch, given)):
            reasons[each.place] = "no answer is a number" if given else "nobody answered"
        elif "0" in given and {*given} <= {"0", "1"}:
            reasons[each.place] = "only 0 and 1, as for no and yes"
    return reasons


def _reason(column: Column, asked: Set[str]) -> tuple[str, bool]:
    """Why a column is no good, if so, and whether only a program writes such a one."""
    if kind := _kind(column.heading) or _kind(column.first):
        return kind.reason, kind.program
    timed, time, _ = column.heading.casefold().rpartition("time")
    if time and timed in asked:
        return "how long an answer took", True
    if not column.heading:
        counts = column.place == 0 and is_index(column.below)
        return "a count of the rows" if counts else "", False
    given = _given(column)
    if given and all(map(TRACE.fullmatch, given)):
        return "dates or addresses", True
    if given and all(map(ID_NUMBER.fullmatch, given)):
        return "numbers of ten digits or more, as ids have", False
    return "", False


def _given(column: Column) -> list[str]:
    return [cell for cell in column.below if cell.casefold() not in NO_ANSWER]


def _goods(
    columns: Sequence[Column], reasons: Mapping[int, str], at: int, file: str
) -> dict[int, str]:
    """The headings of the goods by their columns."""
    goods = {}
    for each in columns:
        if each.heading and each.place not in reasons:
            goods[each.place] = each.heading
        elif each.place not in reasons:
            check_nameless(each.place, each.below, where_is(file, at, each.place))
    return goods


def _named(headings: Mapping[int, str], known: Collection[str]) -> dict[int, str]:
    """The names of goods by their headings.

    What a question asks of each is its name where the heading is too long, the beginning is a
    question, or that good is known; what is still too long is cut, so that each name is another.
    """
    split = {place: _split(heading) for place, heading in headings.items()}
    asked = {
        stem
        for place, (stem, item) in split.items()
        if item and (len(headings[place]) > LONGEST_GOOD or "?" in stem or item.casefold() in known)
    }
    named = dict(headings)
    named |= {place: item for place, (stem, item) in split.items() if item and stem in asked}
    named |= _between({place: name for place, name in named.items() if "?" in name}, known)
    held = Counter(map(str.casefold, named.values()))
    named = {at: name if held[name.casefold()] == 1 else headings[at] for at, name in named.items()}
    held = Counter(map(str.casefold, named.values()))
    for place, name in named.items():
        if len(name) > LONGEST_GOOD and name.isprintable() and held[name.casefold()] == 1:
            ends = (f" …{number}" for number in range(2, len(named) + 2))
            tries = [_cut(name), "…" + name[1 - LONGEST_GOOD :].lstrip()]
            tries += [_cut(name, LONGEST_GOOD - len(end)).rstrip("…") + end for end in ends]
            named[place] = next(each for each in tries if each.casefold() not in held)
            held[named[place].casefold()] = 1
    return named


def _between(questions: Mapping[int, str], known: Collection[str]) -> dict[int, str]:
    """What differs between questions that are alike for the most part, question mark and all."""
    if len(questions) < 2:
        return {}
    words = {place: list(re.finditer(r"\w+|[^\w\s]", text)) for place, text in questions.items()}
    plain = [[word[0].casefold() for word in each] for each in words.values()]
    most = min(map(len, plain)) - 1
    before = min(_alike(plain), most)
    after = min(_alike([each[::-1] for each in plain]), most - before)
    shared = plain[0][:before] + plain[0][len(plain[0]) - after :]
    if "?" not in shared or 2 * len(shared) < max(map(len, plain)):
        return {}
    parts: dict[int, str] = {}
    for place, each in words.items():
        cuts = [
            questions[place][each[before - more].start() : each[len(each) - 1 - end].end()]
            for more in range(min(before, MOST_WORDS) + 1)
            for end in range(after, max(after - MOST_WORDS, 0) - 1, -1)
        ]
        parts[place] = next((cut for cut in cuts if cut.casefold() in known), cuts[0])
    return parts


def _alike(rows: Sequence[Sequence[str]]) -> int:
    """How many first words all have."""
    return len(list(takewhile(lambda each: len(set(each)) == 1, zip(*rows, strict=False))))


def _notes(
    columns: Sequence[Column],
    reasons: Mapping[int, str],
    goods: Mapping[int, str],
    named: Mapping[int, str],
) -> Iterator[str]:
    """What a person should know of what was read."""
    for reason in dict.fromkeys(reasons.values()):
        left = ", ".join(str(each) for each in columns if reasons.get(each.place) == reason)
        yield f"left out, {reason}: {left}"
    for place, name in named.items():
        if name != goods[place]:
            column = get_column_letter(place + 1)
            yield f"column {column} is named {name!r} for {shown(goods[place])}"
    if reasons:
        each = (f"{get_column_letter(place + 1)} ({name})" for place, name in named.items())
        yield f"read as goods: {', '.join(each)}"


def _cut(text: str, most: int = LONGEST_GOOD) -> str:
    """A text in so many characters, with an ellipsis for the rest."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
