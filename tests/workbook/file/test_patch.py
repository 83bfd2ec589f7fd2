"""Patching values into a sheet: the asked values change, and no other byte."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape as escaped

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from pycore import InputError
from workbook.file.patch import CellError, find_cells, patch

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

QUIET = settings(max_examples=150, deadline=None, derandomize=True, database=None)

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]).filter(
        lambda c: c == "\t" or c == "\n" or (c >= " " and c not in "\ufffe\uffff")
    ),
    max_size=12,
)
values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**6), 10**6).map(float),
    st.booleans(),
    texts,
    st.sampled_from(["<&>\"'", "]]>", " spaced ", "=1+1", "é漢😀"]),
    st.sampled_from([CellError("#VALUE!"), CellError("#DIV/0!")]),
)


@dataclass
class Drawn:
    """A cell as it was drawn: its bytes, and what stays of it whatever its value."""

    address: str
    xml: str
    formula: bool


@st.composite
def cells(draw: st.DrawFn, row: int, prefix: str) -> list[Drawn]:  # noqa: C901 - a case each
    drawn = []
    for column in draw(st.lists(st.sampled_from("ABCDEFG"), unique=True, max_size=5)):
        address = f"{column}{row}"
        kind = draw(st.sampled_from(["", "n", "s", "str", "b", "e", "inlineStr"]))
        quote = draw(st.sampled_from("\"'"))
        gap = draw(st.sampled_from([" ", "  ", "\n\t"]))
        attributes = [f"r={quote}{address}{quote}"]
        if kind:
            attributes.append(f"t{draw(st.sampled_from(['', ' ']))}={quote}{kind}{quote}")
        if draw(st.booleans()):
            attributes.append(f"s={quote}7{quote}")
        if draw(st.booleans()):
            attributes.append("ph='1 > 0'")
        attributes = draw(st.permutations(attributes))
        opening = f"<{prefix}c{gap}{gap.join(attributes)}{draw(st.sampled_from(['', ' ']))}"
        if draw(st.integers(0, 4)) == 0:
            drawn.append(Drawn(address, f"{opening}/>", formula=False))
            continue
        formula = draw(st.sampled_from(["", 'A1&amp;"x"', "1&lt;2", "<![CDATA[1<2]]>"]))
        inside = ""
        if formula:
            inside += f"<{prefix}f ca='1'>{formula}</{prefix}f>"
        if kind == "inlineStr":
            inside += f"<{prefix}is><{prefix}t>t</{prefix}t></{prefix}is>"
        elif draw(st.booleans()):
            stored = draw(st.sampled_from(["1", "0", "1.50", "x", "", "&lt;&#65;", "<!-- a -->2"]))
            inside += f"<{prefix}v>{stored}</{prefix}v>"
        elif draw(st.booleans()):
            inside += f"<{prefix}v/>"
        if draw(st.booleans()):
            inside += f"<{prefix}extLst><{prefix}ext uri='u'><o:v xmlns:o='urn:o'>9</o:v>"
            inside += f"</{prefix}ext></{prefix}extLst>"
        space = draw(st.sampled_from(["", "\n  "]))
        drawn.append(Drawn(address, f"{opening}>{space}{inside}{space}</{prefix}c>", bool(formula)))
    return drawn


@st.composite
def patched_sheets(draw: st.DrawFn) -> tuple[str, str, list[Drawn], list[str], dict[str, Any]]:
    """A sheet's prefix, its start, its cells, what stands between them, and new values."""
    prefix = draw(st.sampled_from(["", "x:", "main:"]))
    declared = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    head = draw(st.sampled_from(["", "\ufeff", "<?xml version='1.0' encoding='UTF-8'?>\n"]))
    head += f"<{prefix}worksheet {declared}='{MAIN}'><!-- <c r='A1'/> é --><{prefix}sheetData>"
    drawn: list[Drawn] = []
    between = [head]
    for row in range(1, draw(st.integers(1, 4)) + 1):
        between[-1] += f"<{prefix}row r='{row}' x='>'>"
        for cell in draw(cells(row, prefix)):
            drawn.append(cell)
            between.append(draw(st.sampled_from(["", "\n", "<!-- </c> -->", "<?pi c?>"])))
        between[-1] += f"</{prefix}row>"
    between[-1] += f"</{prefix}sheetData><{prefix}tail>é</{prefix}tail></{prefix}worksheet>"
    asked = {cell.address: draw(values) for cell in drawn if draw(st.booleans())}
    return prefix, head, drawn, between, asked


def number_or_text(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


def read_back(xml: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for cell in ElementTree.fromstring(xml).iter(f"{{{MAIN}}}c"):
        kind, address = cell.get("t", "n"), cell.attrib["r"]
        inline = cell.find(f"{{{MAIN}}}is/{{{MAIN}}}t")
        value = cell.find(f"{{{MAIN}}}v")
        text = (
            inline.text if inline is not None else value.text if value is not None else ""
        ) or ""
        if kind == "n":
            found[address] = number_or_text(text)
        elif kind == "b":
            found[address] = text == "1"
        elif kind == "e":
            found[address] = CellError(text)
        else:
            found[address] = unescape(text)
    return found


def assemble(between: list[str], pieces: list[bytes]) -> bytes:
    joined = between[0].encode()
    for piece, text in zip(pieces, between[1:], strict=True):
        joined += piece + text.encode()
    return joined


@QUIET
@given(sheet=patched_sheets(), computed=st.booleans())
def test_patching_sets_what_is_asked_and_nothing_else(
    sheet: tuple[str, str, list[Drawn], list[str], dict[str, Any]], computed: bool
) -> None:
    _, _, drawn, between, asked = sheet
    xml = assemble(between, [cell.xml.encode() for cell in drawn])
    spans = find_cells(xml, "sheet")
    assert [xml[span.start : span.end].decode() for span in spans.values()] == [
        cell.xml for cell in drawn
    ]
    assert {cell.address for cell in drawn if cell.formula} == {
        address for address, span in spans.items() if span.has_formula
    }
    new = patch(xml, spans, asked, computed=computed)
    back = read_back(new)
    for address, value in asked.items():
        found = back[address]
        if isinstance(value, str):
            assert found == value.replace("\r\n", "\n")
        else:
            assert found == value
            assert type(found) is type(value)
    # Everything between the cells, and every cell that was not asked for, is as it was.
    after = find_cells(new, "sheet")
    pieces = [new[after[cell.address].start : after[cell.address].end] for cell in drawn]
    assert assemble(between, pieces) == new
    for cell, piece in zip(drawn, pieces, strict=True):
        if cell.address not in asked:
            assert piece == cell.xml.encode()
        else:
            assert (b" f " in piece or b"f ca=" in piece) == cell.formula
            assert (b"<o:v" in piece) == ("<o:v" in cell.xml)
            assert piece.count(b"ph=") == cell.xml.count("ph=")
            assert after[cell.address].formula == spans[cell.address].formula


@QUIET
@given(sheet=patched_sheets())
def test_patching_twice_changes_nothing_more(
    sheet: tuple[str, str, list[Drawn], list[str], dict[str, Any]],
) -> None:
    _, _, drawn, between, asked = sheet
    xml = assemble(between, [cell.xml.encode() for cell in drawn])
    once = patch(xml, find_cells(xml, "sheet"), asked, computed=True)
    assert patch(once, find_cells(once, "sheet"), asked, computed=True) == once


def sheet_of(row: str) -> bytes:
    data = f"<sheetData><row r='1'>{row}</row></sheetData>"
    return f"<worksheet xmlns='{MAIN}'>{data}</worksheet>".encode()


@pytest.mark.parametrize("number", [0.1 + 0.2, 1e-300, 1.7976931348623157e308, 2.0**53 + 2, -0.5])
def test_a_number_is_stored_to_the_last_digit(number: float) -> None:
    xml = sheet_of("<c r='A1'/>")
    assert read_back(patch(xml, find_cells(xml, "s"), {"A1": number}, computed=True)) == {
        "A1": number
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_becomes_an_error(value: float) -> None:
    xml = sheet_of("<c r='A1'><v>1</v></c>")
    new = patch(xml, find_cells(xml, "s"), {"A1": value}, computed=True)
    assert read_back(new) == {"A1": CellError("#NUM!")}


def test_an_equal_number_written_otherwise_is_left_as_it_is() -> None:
    xml = sheet_of("<c r='A1'><v>1.50E+0</v></c>")
    assert patch(xml, find_cells(xml, "s"), {"A1": 1.5}, computed=True) == xml


def test_a_child_of_another_namespace_that_is_called_c() -> None:
    cell = (
        "<c r='A1'><f>1+1</f><v>1</v><extLst><ext uri='u'><o:c xmlns:o='urn:o'>x</o:c></ext>"
        "</extLst></c>"
    )
    xml = sheet_of(f"{cell}<c r='B1'><v>5</v></c>")
    spans = find_cells(xml, "s")
    assert xml[spans["A1"].start : spans["A1"].end].decode() == cell
    new = patch(xml, spans, {"A1": 2.0}, computed=True)
    assert new == xml.replace(b"<v>1</v>", b"<v>2</v>", 1) or read_back(new) == {"A1": 2, "B1": 5}
    assert b"<o:c xmlns:o='urn:o'>x</o:c></ext></extLst></c>" in new


def test_an_attribute_that_looks_like_a_type_inside_another() -> None:
    xml = sheet_of("""<c r='A1' o:note=' t="s"' xmlns:o='urn:o'><v>1</v></c>""")
    new = patch(xml, find_cells(xml, "s"), {"A1": 2.0}, computed=True)
    assert b"""o:note=' t="s"'""" in new


def test_a_rich_error_loses_the_metadata_of_its_old_value() -> None:
    # Excel marks an error with a message by vm=; beside a number that mark would be wrong.
    xml = sheet_of("<c r='A1' t='e' vm='1'><f>1+1</f><v>#VALUE!</v></c>")
    new = patch(xml, find_cells(xml, "s"), {"A1": 2.0}, computed=True)
    assert read_back(new) == {"A1": 2}
    assert b"vm=" not in new


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("<c r='A1'/><c r='A1'/>", "A1 twice"),
        ("<c r='A1'>", "not well-formed"),
        ("<c r='A1' r='A2'/>", "not well-formed"),
    ],
)
def test_an_unsound_sheet_is_refused(row: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        find_cells(sheet_of(row), "xl/worksheets/sheet1.xml")
    assert str(caught.value).startswith("xl/worksheets/sheet1.xml must be a sound sheet")


def test_text_that_looks_like_an_escape_is_escaped() -> None:
    # In a spreadsheet's XML, _x000D_ stands for a carriage return.
    xml = sheet_of("<c r='A1'/>")
    new = patch(xml, find_cells(xml, "s"), {"A1": "_x000D_"}, computed=True)
    assert read_back(new) == {"A1": "_x000D_"}


def test_text_is_escaped() -> None:
    text = "<f>1</f> & 'é' ]]>"
    for computed in (True, False):
        xml = sheet_of("<c r='A1' s='2'><v>1</v></c>")
        new = patch(xml, find_cells(xml, "s"), {"A1": text}, computed=computed)
        assert read_back(new) == {"A1": text}
        assert escaped(text).encode() in new
        assert b"<f>" not in new
