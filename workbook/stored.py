"""Formulas and values as a file holds them, whatever program wrote it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.cell_range import CellRange

from pycore.errors import InputError
from workbook.file.limits import LARGEST_ARRAY
from workbook.file.patch import CellError, CellSpan, SheetCells

CellKey = tuple[str, str]
"""A sheet and an address."""

OTHER_ADD_IN = re.compile(r"\[\d+\]!(?=_xldudf_)", re.IGNORECASE)
"""What Excel stores before an add-in's function while another add-in is loaded."""

SAME = 1e-10
"""How far a number computed here may lie, relatively, from what another program stored."""


def formulas(sheet: SheetCells) -> dict[str, str]:
    """Every formula of a sheet as text, by address, without "=".

    A formula that is shared by several cells is written out for each of them. One that cannot be
    written out is empty, as is a What-If data table.
    """
    masters: dict[str, Translator] = {}
    texts: dict[str, str] = {}
    for address, span in sheet.cells.items():
        attributes = span.formula_attributes
        if attributes is None:
            continue
        text = span.formula
        if attributes.get("t") == "shared":
            index = attributes.get("si", "")
            if text:
                masters[index] = Translator(f"={text}", address)
            elif index in masters:
                text = _moved(masters[index], address)
        if "_xldudf_" in text:
            text = OTHER_ADD_IN.sub("", text)
        texts[address] = text
    return texts


def moved(formula: str, origin: str, address: str) -> str:
    """A formula without "=" as it reads when it is copied to another cell."""
    return _moved(Translator(f"={formula}", origin), address)


def _moved(translator: Translator, address: str) -> str:
    try:
        return str(translator.translate_formula(address)).removeprefix("=")
    except (TranslatorError, TokenizerError, ValueError):
        return ""


def tokens(formula: str) -> list[Token] | None:
    """The tokens of a formula without "="; ``None`` where it cannot be read."""
    try:
        return list(Tokenizer(f"={formula}").items)
    except TokenizerError:
        return None


def is_data_table(span: CellSpan) -> bool:
    """Whether a cell begins a What-If data table, which only a spreadsheet computes."""
    return (span.formula_attributes or {}).get("t") == "dataTable"


def filled_by(span: CellSpan) -> Iterator[str]:
    """The addresses that a cell's formula fills: its own, or those of its array."""
    if not span.array:
        yield span.address
        return
    rows, columns = array_size(span)
    area = CellRange(span.array)
    for row in range(area.min_row, area.min_row + rows):
        for column in range(area.min_col, area.min_col + columns):
            yield f"{get_column_letter(column)}{row}"


def array_size(span: CellSpan) -> tuple[int, int]:
    """How many rows and columns a cell's formula fills."""
    if not span.array:
        return 1, 1
    if not is_range(span.array):
        rule = f"fill a range of at most {LARGEST_ARRAY:,} cells"
        raise InputError(f"the array formula in {span.address}", rule, span.array)
    size = CellRange(span.array).size
    return size["rows"], size["columns"]


def is_range(text: str) -> bool:
    """Whether a text is a range that is small enough for an array."""
    try:
        size = CellRange(text).size
    except (ValueError, TypeError):
        return False
    return bool(size["rows"] * size["columns"] <= LARGEST_ARRAY)


def stored_value(span: CellSpan) -> float | str | bool | None:
    """The value that a file holds for a formula, where it is one that can be used.

    Returns
    -------
    float, str, bool or None
        ``None`` for an error, and where there is none.
    """
    kind = span.attributes.get("t", "n")
    if span.value is None or kind == "e":
        return None
    if kind == "str":
        return unescape(span.value)
    if kind == "b":
        return span.value == "1"
    try:
        return float(span.value)
    except ValueError:
        return None


def has_value(span: CellSpan) -> bool:
    """Whether a file holds a value of a cell; a text may be empty."""
    return bool(span.value) or span.attributes.get("t") == "str"


def is_stored(span: CellSpan, value: object) -> bool:
    """Whether a computed value is the one that the file holds, as far as programs agree."""
    kind, text = span.attributes.get("t", "n"), span.value or ""
    if isinstance(value, CellError):
        return kind == "e" and text == value.code
    if isinstance(value, bool):
        return kind == "b" and text == str(int(value))
    if isinstance(value, str):
        return kind == "str" and unescape(text) == value
    held = stored_value(span) if kind == "n" else None
    if value is None:
        return held == 0
    if not isinstance(value, float | int) or not isinstance(held, float):
        return False
    if held.is_integer() and float(value).is_integer():
        return f"{value + 0.0:.15g}" == f"{held + 0.0:.15g}"  # -0 is 0
    return math.isclose(value, held, rel_tol=SAME)
