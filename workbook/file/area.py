"""Putting numbers in place of everything that stands in an area of a sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

from pycore.errors import Found, InputError
from workbook.file.patch import (
    ATTRIBUTE,
    CellSpan,
    Edit,
    Element,
    applied,
    find_elements,
    number_text,
)

HEIGHT = re.compile(rb"\s(?:ht|customHeight)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def replace_area(
    xml: bytes, part: str, area: Sequence[Sequence[str]], numbers: Mapping[str, float]
) -> bytes:
    """Put numbers in place of everything that stands in an area of a sheet.

    The blank cells of the area need not be in the file; a cell that is put into it looks as its
    column does. What stands outside the area stays byte for byte as it was, but for what the file
    says of where its cells end: that is only a hint, and would be wrong now.

    Raises
    ------
    InputError
        If the sheet is not sound, or not written as spreadsheet programs do.
    """
    cells, elements = find_elements(xml, part)
    rows = {each.attributes.get("r", ""): each for each in elements if each.name == "row"}
    data = next((each for each in elements if each.name == "sheetData"), None)
    if data is None or "" in rows or len(rows) != sum(each.name == "row" for each in elements):
        raise InputError(part, "be written as spreadsheet programs do", Found("other rows"))
    styles = _column_styles(elements)
    prefix = xml[data.start + 1 : data.opened].partition(b"sheetData")[0]
    edits: list[Edit] = [(e.start, e.end, b"") for e in elements if e.name == "dimension"]
    new_rows: list[tuple[int, bytes]] = []
    for line in area:
        number = str(_column_and_row(line[0])[1])
        held = [cells[address] for address in line if address in cells]
        edits += [(span.start, span.end, b"") for span in held]
        given = [
            (_column_and_row(address)[0], _cell(prefix, address, styles, numbers[address]))
            for address in line
            if address in numbers
        ]
        if number in rows:
            edits += _edits_of_row(xml, rows[number], cells, given)
        elif given:
            content = b"".join(cell for _, cell in given)
            row = b'<%brow r="%b">%b</%brow>' % (prefix, number.encode(), content, prefix)
            new_rows.append((int(number), row))
    return applied(xml, edits + _edits_of_data(xml, data, rows, new_rows))


def heights(xml: bytes, part: str, rows: Mapping[int, float]) -> list[Edit]:
    """What gives rows that are in the file another height, in points."""
    _, elements = find_elements(xml, part)
    edits = []
    for each in elements:
        if each.name == "row" and (height := rows.get(int(each.attributes.get("r", "0")))):
            tag = HEIGHT.sub(b"", xml[each.start : each.opened])
            end = b"/>" if tag.endswith(b"/>") else b">"
            told = b' ht="%b"' % f"{height:g}".encode()
            edits.append((each.start, each.opened, tag.removesuffix(end) + told + end))
    return edits


def _edits_of_row(
    xml: bytes,
    row: Element,
    cells: Mapping[str, CellSpan],
    given: Sequence[tuple[int, bytes]],
) -> list[Edit]:
    """Put cells in the order of their columns into a row, which may end elsewhere then."""
    name, tag = _name_and_tag(xml, row)
    if row.opened == row.end:  # an element without content
        content = b"".join(cell for _, cell in given)
        return [(row.start, row.end, b"%b%b</%b>" % (tag, content, name))]
    held = sorted(
        (_column_and_row(span.address)[0], span.start, span.end)
        for span in cells.values()
        if row.start < span.start < row.end
    )
    last = held[-1][2] if held else row.opened
    places = ((next((s for at, s, _ in held if at > column), last), c) for column, c in given)
    return [(row.start, row.opened, tag), *((place, place, cell) for place, cell in places)]


def _edits_of_data(
    xml: bytes, data: Element, rows: Mapping[str, Element], new: Sequence[tuple[int, bytes]]
) -> list[Edit]:
    """Put rows in the order of their numbers into a sheet."""
    if data.opened == data.end and new:
        name, tag = _name_and_tag(xml, data)
        content = b"".join(row for _, row in new)
        return [(data.start, data.end, b"%b%b</%b>" % (tag, content, name))]
    numbered = sorted((int(number), each) for number, each in rows.items())
    last = numbered[-1][1].end if numbered else data.opened
    places = ((next((e.start for at, e in numbered if at > n), last), row) for n, row in new)
    return [(place, place, row) for place, row in places]


def _name_and_tag(xml: bytes, element: Element) -> tuple[bytes, bytes]:
    """The name of an element with its prefix, and its opening tag for new content."""
    tag = xml[element.start : element.opened]
    name = tag[1:].split(maxsplit=1)[0].rstrip(b"/>")
    kept = (found.group() for found in ATTRIBUTE.finditer(tag) if found.group(1) != b"spans")
    return name, b"<%b%b>" % (name, b"".join(kept))


def _column_and_row(address: str) -> tuple[int, int]:
    column, row = coordinate_from_string(address)
    return column_index_from_string(column), row


def _column_styles(elements: Sequence[Element]) -> list[tuple[range, str]]:
    """The style of the columns that have one."""
    return [
        (range(int(each.attributes["min"]), int(each.attributes["max"]) + 1), style)
        for each in elements
        if each.name == "col" and (style := each.attributes.get("style"))
    ]


def _cell(prefix: bytes, address: str, styles: Sequence[tuple[range, str]], number: float) -> bytes:
    column = _column_and_row(address)[0]
    style = next((style for columns, style in styles if column in columns), "")
    look = f' s="{style}"' if style else ""
    opened = f'r="{address}"{look}'.encode()
    text = number_text(number).encode()
    return b"<%bc %b><%bv>%b</%bv></%bc>" % (prefix, opened, prefix, text, prefix, prefix)
