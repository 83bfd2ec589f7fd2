"""Importing a survey: a table of answers from a file of comma-separated values."""

from __future__ import annotations

import argparse
import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, get_column_letter

from pycore.checks import AMOUNT, one_number
from pycore.errors import Found, InputError
from pycore.model.tables import GOODS, MOST_GOODS, MOST_RESPONDENTS, PUBLISHED_RATES, RESPONSES
from workbook.file.package import OLE_MAGIC, read_file
from workbook.file.patch import CellSpan, find_cells
from workbook.read import Book, read_book
from workbook.recalc import Recalculated, recalculate
from workbook.sheets.exchange import ENTER, SOURCE
from workbook.sheets.survey import LONGEST_GOOD, good_name

DELIMITERS = (",", ";", "\t")
NO_ANSWER = {"", "-", "n/a", "na"}
NOT_GOODS = {
    *("", "id", "index", "name", "nr", "no", "number", "participant", "participantid"),
    *("respondent", "respondentid", "respondentno", "respondentnr", "response", "responseid"),
    *("responseno", "responsenr", "row", "user", "userid", "username", "email", "emailaddress"),
    *("date", "startdate", "enddate", "recordeddate", "time", "timestamp"),
}
"""What first columns may be called that hold no answers: letters and digits alone."""

SPACES = re.compile(r"(?<=\d)[\s'\u2019](?=\d{3}(?!\d))")
"""What may stand between thousands in any country."""

POINT = re.compile(r"\d+\.\d{1,2}|\d+\.\d{4,}|0\.\d+|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}")
COMMA = re.compile(r"\d+,\d{1,2}|\d+,\d{4,}|0,\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}")
"""Numbers that can only have a decimal point, or only a decimal comma."""

EITHER = re.compile(r"\d{1,3}[.,]\d{3}")
"""Numbers of which one cannot tell."""

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
FORMULA_STARTS = ("=", "@", "+", "\t")

ROW = re.compile(rb"<((?:\w+:)?)row\b([^>]*?)(?:/>|>(.*?)</\1row>)", re.DOTALL)
ROW_NUMBER = re.compile(rb"\sr=[\"'](\d+)[\"']")
SPANS = re.compile(rb"\sspans=[\"'][^\"']*[\"']")
SHEET_DATA = re.compile(rb"<((?:\w+:)?)sheetData\s*(?:/>|>(.*)</\1sheetData>)", re.DOTALL)
COLUMN = re.compile(rb"<(?:\w+:)?col\s[^>]*>")
DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*?/>")


@dataclass(frozen=True)
class Survey:
    """The answers of a file.

    Parameters
    ----------
    goods : tuple of str
        What stands above the columns.
    answers : tuple of rows
        What each respondent said one of each good is worth; ``None`` for no answer.
    """

    goods: tuple[str, ...]
    answers: tuple[tuple[float | None, ...], ...]


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command line.

    Parameters
    ----------
    parser : ArgumentParser
        Of the command.
    """
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("responses", metavar="RESPONSES.csv", type=Path)
    parser.add_argument("-o", dest="out", metavar="OUT", type=Path, help="instead of FILE itself")


def command(options: argparse.Namespace) -> tuple[Survey, Recalculated]:
    """Do what the command line says, but for writing the file.

    Parameters
    ----------
    options : Namespace
        As `declare` declared them.

    Returns
    -------
    tuple of Survey and Recalculated

    Raises
    ------
    InputError
        If either file breaks a rule; the message names row and column.
    """
    survey = read_survey(read_file(options.responses), options.responses.name)
    return survey, imported(read_file(options.file), str(options.file), survey)


def read_survey(data: bytes, file: str) -> Survey:
    """Read a survey.

    Parameters
    ----------
    data : bytes
        Comma-, semicolon- or tab-separated values in UTF-8, UTF-16 or Windows-1252: a line with
        the goods, then one for each respondent.
    file : str
        What a message calls it.

    Returns
    -------
    Survey

    Raises
    ------
    InputError
        If something in it has no plain meaning; the message names row and column.
    """
    rows, delimiter = _rows(_decoded(data, file), file)
    numbered = [(at, row) for at, row in enumerate(rows, start=1) if any(row)]
    if len(numbered) < 2:
        rule = "have a row with the goods and a row for each respondent"
        raise InputError(file, rule, Found(f"{len(numbered)} rows"))
    (header_row, header), *lines = numbered
    if len(lines) > MOST_RESPONDENTS:
        raise InputError(file, f"have at most {MOST_RESPONDENTS:,} respondents", len(lines))
    goods = _goods(header, header_row, lines, file)
    if len(goods) > MOST_GOODS:
        raise InputError(file, f"have at most {MOST_GOODS} goods", len(goods))
    cells = [row[place] for _, row in lines for place in goods if place < len(row)]
    comma = _decimal_comma(cells, delimiter)
    answers = []
    for at, row in lines:
        _check_length(row, len(header), goods, at, file)
        answers.append(
            tuple(
                _answer(row[place], comma, _where(file, at, place, good))
                for place, good in goods.items()
            )
        )
    return Survey(tuple(goods.values()), tuple(answers))


def _decoded(data: bytes, file: str) -> str:
    """The text, in whichever of the usual encodings it is."""
    if data.startswith((b"PK\x03\x04", OLE_MAGIC)):
        raise InputError(file, "be a text file (save the sheet as CSV)", Found("a workbook"))
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in data[:200]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError(file, "be text in UTF-8, UTF-16 or Windows-1252", Found("something else"))


def _rows(text: str, file: str) -> tuple[list[list[str]], str]:
    """The cells, and what separates them: what makes the most columns of the first line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    said = re.fullmatch(r'"?sep=(.)"?', first.strip(" \r\n"), re.IGNORECASE)
    if said:  # Excel's own way of saying it
        text = text.partition("\n")[2]
        delimiter = said[1]
    else:
        delimiter = max(DELIMITERS, key=lambda each: len(next(csv.reader([first], delimiter=each))))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])  # noqa: PERF401
    except csv.Error as error:
        raise InputError(f"{file}, line {reader.line_num}", "be sound", Found(error)) from None
    if said:
        rows.insert(0, [])
    return rows, delimiter


def _where(file: str, row: int, column: int, good: str = "") -> str:
    named = f" ({good})" if good else ""
    return f"{file}, row {row}, column {get_column_letter(column + 1)}{named}"


def _goods(
    header: Sequence[str], at: int, lines: Sequence[tuple[int, Sequence[str]]], file: str
) -> dict[int, str]:
    """The goods by the columns that hold their answers."""
    goods: dict[int, str] = {}
    known: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = _name(cell)
        where = _where(file, at, place)
        if not name:
            below = [row[place] if place < len(row) else "" for _, row in lines]
            if any(below) and not (place == 0 and _is_index(below)):
                raise InputError(where, "name the good whose answers stand below", None)
            continue
        if not goods and _is_no_good(name):
            continue
        _check_name(name, where)
        if name.casefold() in known:
            other = get_column_letter(known[name.casefold()] + 1)
            raise InputError(where, f"name each good once (column {other} has it too)", name)
        known[name.casefold()] = place
        goods[place] = name
    if not goods:
        raise InputError(f"{file}, row {at}", "name the goods", Found("none"))
    return goods


def _name(cell: str) -> str:
    """A name as it is compared and kept: in plain letters, without what nobody sees."""
    plain = unicodedata.normalize("NFKC", cell)
    seen = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return " ".join(seen.split())


def _is_no_good(name: str) -> bool:
    return "".join(filter(str.isalnum, name.casefold())) in NOT_GOODS


def _is_index(cells: Sequence[str]) -> bool:
    """Whether a column only counts its rows, as programs put in front of a table."""
    return any(cells == [str(each + first) for each in range(len(cells))] for first in (0, 1))


def _check_name(name: str, where: str) -> None:
    if not name.isprintable():
        raise InputError(where, "be a name of letters that can be printed", name)
    if name.startswith(FORMULA_STARTS):
        raise InputError(where, "be the name of a good and no formula", name)
    if PLAIN.fullmatch(name) or GROUPED.fullmatch(name):
        raise InputError(where, "be the name of a good (a header is missing)", name)
    if len(name) > LONGEST_GOOD:
        raise InputError(where, f"be a name of at most {LONGEST_GOOD} characters", name)


def _check_length(
    row: Sequence[str], columns: int, goods: Mapping[int, str], at: int, file: str
) -> None:
    """Refuse a row of more or fewer cells than the header, but for blank columns at its end."""
    for place in range(columns, len(row)):
        if row[place]:
            raise InputError(_where(file, at, place), "stand below a good's name", row[place])
    if len(row) <= max(goods):
        rule = f"have a cell, perhaps a blank one, for each good: {max(goods) + 1}"
        raise InputError(f"{file}, row {at}", rule, Found(f"{len(row)} long"))


def _decimal_comma(cells: Sequence[str], delimiter: str) -> bool | None:
    """Whether numbers have a decimal comma; ``None`` where one cannot tell."""
    found = {
        comma
        for cell in cells
        for comma, pattern in ((False, POINT), (True, COMMA))
        if pattern.fullmatch(cell.lstrip("+-"))
    }
    if delimiter == "," and True not in found:
        return False  # only a quoted number could have a comma
    return found.pop() if len(found) == 1 else None


def _answer(cell: str, comma: bool | None, where: str) -> float | None:
    """A number above 0, or ``None`` for no answer."""
    if cell.casefold() in NO_ANSWER:
        return None
    text = SPACES.sub("", cell)
    size = text.lstrip("+-")
    if comma is None and EITHER.fullmatch(size) and not size.startswith("0"):
        rule = "be plain: this file does not tell whether that separates thousands or decimals"
        raise InputError(where, rule, cell)
    if comma or (comma is None and COMMA.fullmatch(size)):
        if not (COMMA.fullmatch(size) or EITHER.fullmatch(size) or size.isdecimal()):
            raise InputError(where, "be a number with a decimal comma, as others here", cell)
        text = text.replace(".", "").replace(",", ".")
    if GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not PLAIN.fullmatch(text):
        raise InputError(where, f"{AMOUNT.rule}, or blank", cell)
    return one_number(where, float(text), AMOUNT)


def imported(data: bytes, file: str, survey: Survey) -> Recalculated:
    """Put a survey in place of the one that a workbook holds, and recalculate.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : str
        What a message calls it.
    survey : Survey

    Returns
    -------
    Recalculated

    Raises
    ------
    InputError
        If the workbook breaks a rule or has no room for the goods.
    """
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
    xml = with_answers(book.package.parts[sheet.part], sheet.cells, sheet.part, place.rows, answers)
    return recalculate(book.package.to_bytes({sheet.part: xml}), file, changes)


def _columns(book: Book, goods: Sequence[str]) -> tuple[list[int], dict[str, float | str]]:
    """The column of each good, and what to write: a good that is known keeps its own.

    Another takes a blank one, or else that of a good which is not in the survey and of which
    nothing was entered. What was published of a good goes with its name.
    """
    held = [_name(_text(book, good_name(at + 1))) for at in range(MOST_GOODS)]
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


def with_answers(
    xml: bytes,
    cells: Mapping[str, CellSpan],
    part: str,
    area: Sequence[Sequence[str]],
    answers: Mapping[str, float],
) -> bytes:
    """Put numbers in place of everything that stands in an area of a sheet.

    The blank cells of the area need not be in the file, so that whole rows are written anew;
    what stands in them outside the area stays as it is.

    Parameters
    ----------
    xml : bytes
        The sheet's part.
    cells : mapping of str to CellSpan
        What `find_cells` found in it.
    part : str
        Its name, for a message.
    area : rows of str
        The addresses.
    answers : mapping of str to float
        The numbers by address.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If the sheet is not written as spreadsheet programs do.
    """
    unusual = InputError(part, "be written as spreadsheet programs do", Found("other rows"))
    found = SHEET_DATA.search(xml)
    if found is None:
        raise unusual
    prefix = found[1]
    taken = {address for line in area for address in line}
    kept: dict[int, list[tuple[int, bytes]]] = {}
    for address, span in cells.items():
        column, row = _column_and_row(address)
        if address not in taken:
            kept.setdefault(row, []).append((column, xml[span.start : span.end]))
    rows: dict[int, bytes] = {}
    tags: dict[int, bytes] = {}
    for element in ROW.finditer(found[2] or b""):
        number = ROW_NUMBER.search(element[2])
        if number is None:
            raise unusual
        rows[int(number[1])] = element[0]
        tags[int(number[1])] = SPANS.sub(b"", element[2]).rstrip()
    styles = _column_styles(xml)
    for line in area:
        number_of_row = _column_and_row(line[0])[1]
        given = [(address, answers[address]) for address in line if address in answers]
        if not given and number_of_row not in rows:
            continue
        written = [
            (_column_and_row(address)[0], _number(prefix, address, styles, answer))
            for address, answer in given
        ]
        content = b"".join(each for _, each in sorted(kept.get(number_of_row, []) + written))
        tag = tags.get(number_of_row, b' r="%d"' % number_of_row)
        rows[number_of_row] = b"<%brow%b>%b</%brow>" % (prefix, tag, content, prefix)
    body = b"".join(rows[number] for number in sorted(rows))
    opened = b"<%bsheetData>%b</%bsheetData>" % (prefix, body, prefix)
    # Where cells are said to end is only a hint, and would be wrong now.
    changed = DIMENSION.sub(b"", xml[: found.start()]) + opened + xml[found.end() :]
    _check_rest(xml, cells, changed, part, taken, answers)
    return changed


def _check_rest(
    xml: bytes,
    cells: Mapping[str, CellSpan],
    changed: bytes,
    part: str,
    taken: set[str],
    answers: Mapping[str, float],
) -> None:
    """Refuse to go on if anything but the area is not as it was."""
    after = find_cells(changed, part)
    rest = {address: xml[span.start : span.end] for address, span in cells.items()}
    now = {address: changed[span.start : span.end] for address, span in after.items()}
    if {key: value for key, value in rest.items() if key not in taken} != {
        key: value for key, value in now.items() if key not in taken
    } or now.keys() & taken != answers.keys():
        raise InputError(part, "be written as spreadsheet programs do", Found("other rows"))


def _column_and_row(address: str) -> tuple[int, int]:
    column, row = coordinate_from_string(address)
    return column_index_from_string(column), row


def _column_styles(xml: bytes) -> dict[int, bytes]:
    """The style of each column that has one."""
    styles: dict[int, bytes] = {}
    for element in COLUMN.findall(xml):
        given: dict[bytes, bytes] = dict(re.findall(rb"(\w+)=[\"']([^\"']*)[\"']", element))
        if b"style" in given:
            last = min(int(given[b"max"]), int(given[b"min"]) + 10 * MOST_GOODS)
            styles |= dict.fromkeys(range(int(given[b"min"]), last + 1), given[b"style"])
    return styles


def _number(prefix: bytes, address: str, styles: Mapping[int, bytes], answer: float) -> bytes:
    style = styles.get(_column_and_row(address)[0])
    look = b' s="%b"' % style if style else b""
    text = str(int(answer)) if answer.is_integer() and answer < 2**53 else repr(answer)
    return b'<%bc r="%b"%b><%bv>%b</%bv></%bc>' % (
        prefix,
        address.encode(),
        look,
        prefix,
        text.encode(),
        prefix,
        prefix,
    )
