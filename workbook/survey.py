"""Importing a survey: a table of answers from a file of comma-separated values."""

from __future__ import annotations

import argparse
import codecs
import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, get_column_letter

from pycore.checks import AMOUNT, one_number
from pycore.errors import Found, InputError
from workbook.blocks import MOST_GOODS, MOST_RESPONDENTS, RESPONSES
from workbook.package import OLE_MAGIC, read_file
from workbook.patch import CellSpan, find_cells
from workbook.read import Book, read_book
from workbook.recalc import Recalculated, recalculate
from workbook.sheets.survey import LONGEST_GOOD, good_name

DELIMITERS = (",", ";", "\t")
NO_ANSWER = {"", "-", "n/a", "na"}
NOT_GOODS = {"#", "id", "respondent", "respondent id", "timestamp", "name", "email"}
"""What a first column may be called that holds no answers."""

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
    comma = _decimal_comma([cell for _, row in lines for cell in row], delimiter)
    answers = []
    for at, row in lines:
        _check_length(row, len(header), at, file)
        answers.append(
            tuple(
                _answer(row[place], comma, _where(file, at, place, good))
                if place < len(row)
                else None
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
        name = " ".join(cell.split())
        where = _where(file, at, place)
        if not name:
            if any(len(row) > place and row[place] for _, row in lines):
                raise InputError(where, "name the good whose answers stand below", None)
            continue
        if place == 0 and name.casefold() in NOT_GOODS:
            continue
        if name.startswith(FORMULA_STARTS):
            raise InputError(where, "be the name of a good and no formula", name)
        if PLAIN.fullmatch(name) or GROUPED.fullmatch(name):
            raise InputError(where, "be the name of a good (a header is missing)", name)
        if len(name) > LONGEST_GOOD:
            raise InputError(where, f"be a name of at most {LONGEST_GOOD} characters", name)
        if name.casefold() in known:
            other = get_column_letter(known[name.casefold()] + 1)
            raise InputError(where, f"name each good once (column {other} has it too)", name)
        known[name.casefold()] = place
        goods[place] = name
    if not goods:
        raise InputError(f"{file}, row {at}", "name the goods", Found("none"))
    return goods


def _check_length(row: Sequence[str], columns: int, at: int, file: str) -> None:
    for place in range(columns, len(row)):
        if row[place]:
            raise InputError(_where(file, at, place), "stand below a good's name", row[place])


def _decimal_comma(cells: Sequence[str], delimiter: str) -> bool | None:
    """Whether numbers have a decimal comma; ``None`` where one cannot tell."""
    if delimiter == ",":
        return False
    found = {
        comma
        for cell in cells
        for comma, pattern in ((False, POINT), (True, COMMA))
        if pattern.fullmatch(cell.lstrip("+-"))
    }
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
    columns, names = _columns(book, survey.goods)
    place = book.places[RESPONSES]
    answers = {
        place.rows[row][columns[good]]: answer
        for row, line in enumerate(survey.answers)
        for good, answer in enumerate(line)
        if answer is not None
    }
    sheet = book.sheet_of(RESPONSES)
    xml = with_answers(book.package.parts[sheet.part], sheet.cells, sheet.part, place.rows, answers)
    return recalculate(book.package.to_bytes({sheet.part: xml}), file, names)


def _columns(book: Book, goods: Sequence[str]) -> tuple[list[int], dict[str, str]]:
    """The column of each good, and the names to write: a good that is known keeps its own."""
    held = [str(book.value(good_name(at + 1)) or "") for at in range(MOST_GOODS)]
    known = {" ".join(name.split()).casefold(): at for at, name in enumerate(held) if name}
    free = iter(at for at, name in enumerate(held) if not name)
    columns, names = [], {}
    for good in goods:
        at = known.get(good.casefold())
        if at is None:
            at = next(free, None)
            if at is None:
                rule = f"have room for another good (of {MOST_GOODS}; clear a name on its sheet)"
                raise InputError("the Survey sheet", rule, good)
            names[good_name(at + 1)] = good
        columns.append(at)
    return columns, names


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
