"""Reading a survey: a table of answers from a file of comma-separated values."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openpyxl.utils.cell import get_column_letter

from pycore.checks import AMOUNT, one_number
from pycore.errors import Found, InputError
from pycore.model.tables import MOST_GOODS, MOST_RESPONDENTS
from workbook.file.package import OLE_MAGIC
from workbook.sheets.people.survey import LONGEST_GOOD

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = (",", ";", "\t")
MOST_COLUMNS = 1000
"""Of a file, those without answers among them."""

CHUNK = 2 * MOST_RESPONDENTS
"""How many lines are held at a time: a file may have any number of blank ones."""

NO_ANSWER = {"", "-", "n/a", "na"}
NOT_GOODS = {
    *("", "id", "index", "name", "nr", "no", "number", "participant", "participantid"),
    *("respondent", "respondentid", "respondentno", "respondentnr", "response", "responseid"),
    *("responseno", "responsenr", "row", "user", "userid", "username", "email", "emailaddress"),
    *("date", "startdate", "enddate", "recordeddate", "time", "timestamp"),
}
"""What first columns may be called that hold no answers: letters and digits alone."""

GAP = r"([^\S\t-\r\x1c-\x1f\x85\u2028\u2029]|['\u2019])"
SPACED = re.compile(rf"[+-]?\d{{1,3}}{GAP}\d{{3}}(?:\1\d{{3}})*(?:[.,]\d*)?")
"""A number with what may stand between thousands in any country: never a tab or a new line."""

NUMERIC = re.compile(rf"[+-]?\.?\d(?:[\d.,eE+-]|{GAP})*")
"""What may be a number; its own patterns say whether it is."""

POINT = re.compile(r"\d+\.\d{1,2}|\d+\.\d{4,}|0\.\d+|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}")
COMMA = re.compile(r"\d+,\d{1,2}|\d+,\d{4,}|0,\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}")
"""Numbers that can only have a decimal point, or only a decimal comma."""

EITHER = re.compile(r"\d{1,3}[.,]\d{3}")
"""Numbers whose decimal mark is ambiguous."""

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
FORMULA_STARTS = ("=", "@", "+", "\t")


@dataclass(frozen=True)
class Survey:
    """The answers of a file.

    Parameters
    ----------
    answers : tuple of rows
        What each respondent said one of each good is worth; ``None`` for no answer.
    notes : tuple of str
        What was left out and why, and what was named otherwise.
    """

    goods: tuple[str, ...]
    answers: tuple[tuple[float | None, ...], ...]
    notes: tuple[str, ...] = ()


def read_survey(data: bytes, file: str) -> Survey:
    """Read a survey that holds goods alone, but for first columns that say who answered.

    Parameters
    ----------
    data : bytes
        Comma-, semicolon- or tab-separated values in UTF-8, UTF-16 or Windows-1252: a line with
        the goods, then one for each respondent.

    Raises
    ------
    InputError
        If something in it has no plain meaning; the message names row and column.
    """
    table, delimiter = read_table(data, file)
    check_rows(table, 1, file)
    goods = _goods(table.iloc[0].dropna(), int(table.index[0]) + 1, table.iloc[1:], file)
    return Survey(tuple(goods.values()), answers_of(table, 1, goods, delimiter, file))


def read_table(data: bytes, file: str) -> tuple[pd.DataFrame, str]:
    """The lines that are not blank, by their numbers, and what separates the cells.

    A cell that a line is too short for is missing, and one without anything is an empty text.
    """
    table, delimiter = _table(_decoded(data, file), file)
    if len(table) < 2:
        check_rows(table, 1, file)
    return table, delimiter


def check_rows(table: pd.DataFrame, heads: int, file: str) -> None:
    """Refuse too few or too many respondents below so many rows of headings."""
    rows = len(table) - heads
    if rows < 1:
        rule = "have a row with the goods and a row for each respondent"
        raise InputError(file, rule, Found(f"{len(table)} rows"))
    if rows > MOST_RESPONDENTS:
        raise InputError(file, f"have at most {MOST_RESPONDENTS:,} respondents", rows)


def answers_of(
    table: pd.DataFrame, heads: int, goods: Mapping[int, str], delimiter: str, file: str
) -> tuple[tuple[float | None, ...], ...]:
    """The answers below so many rows of headings, of the goods by their columns."""
    if len(goods) > MOST_GOODS:
        raise InputError(file, f"have at most {MOST_GOODS} goods", len(goods))
    lines = table.iloc[heads:]
    columns = int(table.iloc[:heads].count(axis=1).max())
    comma = _decimal_comma(lines[list(goods)].fillna("").to_numpy().ravel(), delimiter)
    answers = []
    for number, padded in zip(lines.index + 1, lines.to_numpy().tolist(), strict=True):
        row = [cell for cell in padded if isinstance(cell, str)]
        _check_length(row, columns, goods, number, file)
        answers.append(
            tuple(
                _answer(row[place], comma, where_is(file, number, place, good))
                for place, good in goods.items()
            )
        )
    return tuple(answers)


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


def _table(text: str, file: str) -> tuple[pd.DataFrame, str]:
    import pandas as pd

    first = next((line for line in text.splitlines() if line.strip()), "")
    given = re.fullmatch(r'"?sep=(.)"?', first.strip(" \r\n"), re.IGNORECASE)
    if given:  # Excel's own way of naming it
        delimiter = given[1]
        text = text.replace(first, "", 1)
    else:
        delimiter = max(DELIMITERS, key=lambda each: _fit(text, each))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = max(map(len, reader), default=1)
    except csv.Error as error:
        raise InputError(f"{file}, line {reader.line_num}", "be sound", Found(error)) from None
    if columns > MOST_COLUMNS:
        raise InputError(file, f"have at most {MOST_COLUMNS:,} columns", columns)
    chunks = pd.read_csv(
        io.StringIO(text, newline=""),
        sep=delimiter,
        header=None,
        names=range(max(columns, 1)),
        index_col=False,
        dtype=str,
        keep_default_na=False,
        skip_blank_lines=False,
        engine="python",  # of the engines this alone tells a short line from one with blanks
        chunksize=CHUNK,
    )
    kept, number = [], 0
    for chunk in chunks:
        cells = chunk.dropna(how="all").map(str.strip, na_action="ignore")
        cells = cells[(cells.fillna("") != "").any(axis=1)]
        number += len(cells)
        if number <= CHUNK:
            kept.append(cells)
    if number > CHUNK:
        raise InputError(file, f"have at most {MOST_RESPONDENTS:,} respondents", number - 1)
    return pd.concat(kept), delimiter


def _fit(text: str, delimiter: str) -> tuple[bool, float, int]:
    """How well a text is a table with that delimiter: more is better.

    Whether it is sound; the share of rows as long as the first, times that of cells below it
    which are numbers or hold no delimiter; and its columns.
    """
    header, rows, agree, cells, clean, sound = 0, 0, 0, 0, 0, True
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in filter(None, reader):
            if not any(map(str.strip, row)):
                continue
            rows += 1
            agree += len(row) == (header := header or len(row))
            if rows > 1:
                cells += len(row)
                clean += sum(
                    NUMERIC.fullmatch(cell.strip(" ")) is not None
                    or not any(each in cell for each in DELIMITERS)
                    for cell in row
                )
            if rows == CHUNK:
                break
    except csv.Error:
        sound = False
    if header < 2:
        return False, 0.0, header
    return sound, agree / rows * (clean + 1) / (cells + 1), header


def where_is(file: str, row: int, column: int, good: str = "") -> str:
    """Name a cell for a message; row and column are counted from 1 and from 0."""
    named = f" ({good})" if good else ""
    return f"{file}, row {row}, column {get_column_letter(column + 1)}{named}"


def _goods(header: Iterable[str], at: int, lines: pd.DataFrame, file: str) -> dict[int, str]:
    """The goods by the columns that hold their answers."""
    goods: dict[int, str] = {}
    for place, cell in enumerate(header):
        name = plain_name(cell)
        if not name:
            check_nameless(place, lines[place].fillna("").tolist(), where_is(file, at, place))
        elif goods or not _is_no_good(name):
            goods[place] = name
    check_names(goods, at, file)
    return goods


def check_nameless(place: int, below: Sequence[str], where: str) -> None:
    """Refuse answers without a good's name above them."""
    if any(below) and not (place == 0 and is_index(below)):
        raise InputError(where, "name the good whose answers stand below", None)


def check_names(goods: Mapping[int, str], at: int, file: str) -> None:
    """Refuse what is no name of a good, or is one twice."""
    known: dict[str, int] = {}
    for place, name in goods.items():
        where = where_is(file, at, place)
        _check_name(name, where)
        if known.setdefault(name.casefold(), place) != place:
            other = get_column_letter(known[name.casefold()] + 1)
            raise InputError(where, f"name each good once (column {other} has it too)", name)
    if not goods:
        raise InputError(f"{file}, row {at}", "name the goods", Found("none"))


def plain_name(cell: str) -> str:
    """Give a name as it is compared and kept: in plain letters, without what nobody sees."""
    plain = unicodedata.normalize("NFKC", cell)
    seen = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return " ".join(seen.split())


def _is_no_good(name: str) -> bool:
    return "".join(filter(str.isalnum, name.casefold())) in NOT_GOODS


def is_index(cells: Sequence[str]) -> bool:
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
            raise InputError(where_is(file, at, place), "stand below a good's name", row[place])
    if len(row) <= max(goods):
        rule = f"have a cell, perhaps a blank one, for each good: {max(goods) + 1}"
        raise InputError(f"{file}, row {at}", rule, Found(f"{len(row)} long"))


def _decimal_comma(cells: Iterable[str], delimiter: str) -> bool | None:
    """Whether numbers have a decimal comma; ``None`` where that is ambiguous."""
    found = {
        comma
        for cell in cells
        for comma, pattern in ((False, POINT), (True, COMMA))
        if pattern.fullmatch(_unspaced(cell).lstrip("+-"))
    }
    if delimiter == "," and True not in found:
        return False  # only a quoted number could have a comma
    return found.pop() if len(found) == 1 else None


def _unspaced(cell: str) -> str:
    """A number without what stands between its thousands; any other text as it is."""
    found = SPACED.fullmatch(cell)
    return cell.replace(found[1], "") if found else cell


def _answer(cell: str, comma: bool | None, where: str) -> float | None:
    """A number above 0, or ``None`` for no answer."""
    if cell.casefold() in NO_ANSWER:
        return None
    text = _unspaced(cell)
    size = text.lstrip("+-")
    if comma is None and EITHER.fullmatch(size) and not size.startswith("0"):
        rule = "be plain: nothing in this file shows whether that separates thousands or decimals"
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
