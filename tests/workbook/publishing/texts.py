"""Workbooks in which somebody typed a text into some cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.sax.saxutils import escape

from openpyxl.utils.cell import get_column_letter

from workbook.file.patch import find_cells
from workbook.publishing.told import TO_THE_NOTE
from workbook.read import read_book


def with_text(built: bytes, edited: Callable[..., bytes], names: dict[str, str]) -> bytes:
    """A workbook with other texts in some cells, by the names of these or their addresses."""
    book = read_book(built, "built")
    changed: dict[str, str] = {}
    for name, said in names.items():
        sheet = book.sheet_of(name.rstrip("+"))
        place = book.places[name.rstrip("+")].first
        if name.endswith("+"):  # the note stands after the date
            letters = place.rstrip("0123456789")
            column = ord(letters) - ord("A") + 1 + TO_THE_NOTE
            place = get_column_letter(column) + place[len(letters) :]
        xml = changed.get(sheet.part) or book.package.parts[sheet.part].decode()
        span = find_cells(xml.encode(), sheet.part)[place]
        raw = xml.encode()
        style = re.search(rb' s="\d+"', raw[span.start : span.end])
        cell = (
            f'<c r="{place}"{style[0].decode() if style else ""} t="inlineStr">'
            f"<is><t>{escape(said)}</t></is></c>"
        )
        changed[sheet.part] = (raw[: span.start] + cell.encode() + raw[span.end :]).decode()
    return edited(built, {part: xml.encode() for part, xml in changed.items()})
