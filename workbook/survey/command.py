"""Importing a survey: its answers in place of those that a workbook holds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pycore.errors import InputError
from pycore.model.tables import GOODS, MOST_GOODS, PUBLISHED_RATES, RESPONSES
from workbook.circulation.noted import Noting, as_copy, unnoted
from workbook.file.area import replace_area
from workbook.file.package import read_file
from workbook.read import Book, read_book
from workbook.recalc import Recalculated, recalculate
from workbook.sheets.exchange import ENTER, SOURCE
from workbook.sheets.people.survey import good_name
from workbook.survey.exports import read_export
from workbook.survey.responses import Survey, plain_name


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command line."""
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("responses", metavar="RESPONSES.csv", type=Path)
    parser.add_argument(
        "--columns",
        metavar="HEADING",
        nargs="+",
        default=[],
        help="which columns hold answers: their headings, numbers or letters",
    )


def command(options: argparse.Namespace, data: bytes) -> tuple[Survey, Recalculated]:
    """Do what the command line says to a workbook, but for writing the file."""
    responses, file = read_file(options.responses), str(options.file)
    known = _names(read_book(data, file))
    survey = read_export(responses, options.responses.name, options.columns, known)
    noting = as_copy if options.out else unnoted
    return survey, imported(data, file, survey, noting)


def imported(data: bytes, file: str, survey: Survey, noting: Noting = unnoted) -> Recalculated:
    """Put a survey in place of the one that a workbook holds, and recalculate."""
    book = read_book(data, file)
    columns, changes = _columns(book, survey.goods)
    place = book.places[RESPONSES]
    answers = {
        place.rows[row][columns[good]]: answer
        for row, line in enumerate(survey.answers)
        for good, answer in enumerate(line)
        if answer is not None
    }
    sheet = book.sheet_of(RESPONSES)
    xml = replace_area(book.package.parts[sheet.part], sheet.part, place.rows, answers)
    package = book.package
    if any(sheet.cells[at].has_formula for row in place.rows for at in row if at in sheet.cells):
        # Numbers stand where formulas stood, and the chain would list those still.
        package = package.without_chain()
    filled = package.to_bytes({sheet.part: xml})
    return recalculate(filled, file, changes, before=data, noting=noting)


def _columns(book: Book, goods: Sequence[str]) -> tuple[list[int], dict[str, float | str]]:
    """The column of each good, and what to write: a good that is known keeps its own.

    Another takes a blank one, or else that of a good which is not in the survey and of which
    nothing was entered. What was published of a good goes with its name.
    """
    held = _names(book)
    known = _known(book, held)
    kept = {known[good.casefold()] for good in goods if good.casefold() in known}
    free = [at for at in range(MOST_GOODS) if at not in kept and _is_free(book, at, held[at])]
    # The published goods are the last to go.
    free.sort(key=lambda at: (held[at] != "", at < len(PUBLISHED_RATES)))
    columns: list[int] = []
    changes: dict[str, float | str] = {}
    for good in goods:
        at = known.get(good.casefold())
        if at is None:
            if not free:
                rule = f"have room for another good (of {MOST_GOODS}; clear a name on its sheet)"
                raise InputError("the Survey sheet", rule, good)
            at = free.pop(0)
            changes[good_name(at + 1)] = good
            if _text(book, f"good_{at + 1}_rate"):
                changes |= {f"good_{at + 1}_rate": "", f"good_{at + 1}_source": ""}
        columns.append(at)
    return columns, changes


def _names(book: Book) -> list[str]:
    """The goods of a workbook, column by column; a blank for none."""
    return [plain_name(_text(book, good_name(at + 1))) for at in range(MOST_GOODS)]


def _text(book: Book, name: str) -> str:
    """What stands in a cell, as text; a blank is an empty one."""
    value = book.value(name)
    return "" if value is None else str(value).strip()


def _known(book: Book, held: Sequence[str]) -> dict[str, int]:
    """The column of each good that a workbook has, by its name."""
    known: dict[str, int] = {}
    for at, name in enumerate(held):
        if name and known.setdefault(name.casefold(), at) != at:
            here, there = (book.places[good_name(n + 1)] for n in (at, known[name.casefold()]))
            rule = f"name each good once ({there} has it too)"
            raise InputError(f"{here} ({good_name(at + 1)})", rule, name)
    return known


def _is_free(book: Book, at: int, name: str) -> bool:
    """Whether nothing but a name was entered of a good; what was published is as it was built."""
    rate, source, *own = (
        _text(book, f"good_{at + 1}_{each}") for each in ("rate", "source", "own", "years", "cost")
    )
    if any(own):
        return False
    if not rate:
        return source in ("", ENTER)
    is_built = at < len(PUBLISHED_RATES) and name in ("", GOODS[at])
    return is_built and (float(rate), source) == (PUBLISHED_RATES[at], SOURCE)
