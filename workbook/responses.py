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
from workbook.sheets.survey import LONGEST_GOOD

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

SPACES = re.compile(r"(?<=\d)[\s'\u2019](?=\d{3}(?!\d))")
"""What may stand between thousands in any country."""

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
    """

    goods: tuple[str, ...]
    answers: tuple[tuple[float | None, ...], ...]


def read_survey(data: bytes, file: str) -> Survey:
    """Read a survey.

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
    table, delimiter = _table(_decoded(data, file), file)
    if len(table) < 2:
        rule = "have a row with the goods and a row for each respondent"
        raise InputError(file, rule, Found(f"{len(table)} rows"))
    at, *numbers = (table.index + 1).tolist()
    lines = table.iloc[1:]
    goods = _goods(table.iloc[0].dropna(), at, lines, file)
    if len(goods) > MOST_GOODS:
        raise InputError(file, f"have at most {MOST_GOODS} goods", len(goods))
    comma = _decimal_comma(lines[list(goods)].fillna("").to_numpy().ravel(), delimiter)
    answers = []
    for number, padded in zip(numbers, lines.to_numpy().tolist(), strict=True):
        row = [cell for cell in padded if isinstance(cell, str)]
        _check_length(row, table.iloc[0].count(), goods, number, file)
        answers.append(
            tuple(
                _answer(row[place], comma, _where(file, number, place, good))
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


def _table(text: str, file: str) -> tuple[pd.DataFrame, str]:
    """The lines that are not blank, by their numbers, and what separates the cells.

    A cell that a line is too short for is missing, and one without anything is an empty text.
    """
    import pandas as pd

    first = next((line for line in text.splitlines() if line.strip()), "")
    given = re.fullmatch(r'"?sep=(.)"?', first.strip(" \r\n"), re.IGNORECASE)
    if given:  # Excel's own way of naming it
        delimiter = given[1]
        text = text.replace(first, "", 1)
    else:
        delimiter = max(DELIMITERS, key=lambda each: len(next(csv.reader([first], delimiter=each))))
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
    if number > MOST_RESPONDENTS + 1:
        raise InputError(file, f"have at most {MOST_RESPONDENTS:,} respondents", number - 1)
    return pd.concat(kept), delimiter


def _where(file: str, row: int, column: int, good: str = "") -> str:
    named = f" ({good})" if good else ""
    return f"{file}, row {row}, column {get_column_letter(column + 1)}{named}"


def _goods(header: Iterable[str], at: int, lines: pd.DataFrame, file: str) -> dict[int, str]:
    """The goods by the columns that hold their answers."""
    goods: dict[int, str] = {}
    known: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = plain_name(cell)
        where = _where(file, at, place)
        if not name:
            below = lines[place].fillna("").tolist()
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


def plain_name(cell: str) -> str:
    """Give a name as it is compared and kept: in plain letters, without what nobody sees."""
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


def _decimal_comma(cells: Iterable[str], delimiter: str) -> bool | None:
    """Whether numbers have a decimal comma; ``None`` where that is ambiguous."""
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
