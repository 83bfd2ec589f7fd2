"""What has no place in a new file: it is named."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.workbook.upgrading.conftest import golden
from workbook.file.package import open_package
from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.read import Book, read_book
from workbook.sheets import sheets
from workbook.upgrading.beside import left_behind
from workbook.upgrading.carried import Carried
from workbook.upgrading.old import Old, read_old, with_notes
from workbook.upgrading.references import References

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"

LAST_SHEET = f"xl/worksheets/sheet{len(sheets()) + 1}.xml"
"""The part of a sheet that is carried into a new file."""

Edited = Callable[..., bytes]
AddSheet = Callable[..., bytes]


@pytest.fixture(scope="module")
def fresh() -> Book:
    """A new file, with no values yet."""
    return with_notes(read_book(write(SERVER.sheets()), "new"))


def said(data: bytes, fresh: Book, names: set[str] | None = None) -> list[str]:
    old = read_old(data, "old.xlsx")
    return list(left_behind(old, References(old, fresh, {}, names or set())))


def part_of(number: int, name: str) -> tuple[Old, str, str]:
    """The golden file of a schema, and the part and the address of a name."""
    old = read_old(golden(number).read_bytes(), "old.xlsx")
    return old, old.book.sheet_of(name).part, old.book.places[name].first


def with_relation(old: Old, part: str, kind: str, target: str) -> dict[str, bytes]:
    folder, _, name = part.rpartition("/")
    where = f"{folder}/_rels/{name}.rels"
    relation = f'<Relationship Id="rIdOwn" Type="{OFFICE}/{kind}" Target="{target}"/>'
    empty = f'<Relationships xmlns="{RELATIONS}"></Relationships>'.encode()
    held = old.book.package.parts.get(where, empty)
    return {where: held.replace(b"</Relationships>", f"{relation}</Relationships>".encode())}


def test_comments_on_a_sheet_of_the_model(edited: Edited, fresh: Book) -> None:
    old, part, _ = part_of(1, "cost_multiple")
    comments = f'<comments xmlns="{MAIN}"><commentList><comment ref="B9"/></commentList></comments>'
    more = with_relation(old, part, "comments", "/xl/comments9.xml")
    data = edited(golden(1).read_bytes(), {**more, "xl/comments9.xml": comments.encode()})
    assert said(data, fresh) == ["Cost!B9: comments on the model's sheets are not carried"]


def test_pictures_and_charts_on_a_sheet_of_the_model(edited: Edited, fresh: Book) -> None:
    parts = open_package(golden(1).read_bytes(), "old").parts
    drawing = parts["xl/drawings/drawing1.xml"]
    anchor = re.search(rb"<xdr:twoCellAnchor.*?</xdr:twoCellAnchor>", drawing, re.DOTALL)
    assert anchor
    shape = b"<xdr:oneCellAnchor><xdr:sp/></xdr:oneCellAnchor>"
    changed = drawing.replace(anchor[0], 2 * anchor[0] + shape)
    found = said(edited(golden(1).read_bytes(), {"xl/drawings/drawing1.xml": changed}), fresh)
    assert found == [
        "the sheet Summary holds 1 more charts: not carried",
        "the sheet Summary holds pictures or shapes (1): not carried",
    ]


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("externalLink", "links to other workbooks"),
        ("connections", "connections to data outside"),
        ("pivotCacheDefinition", "the data of pivot tables"),
    ],
)
def test_what_the_workbook_leads_to(kind: str, what: str, edited: Edited, fresh: Book) -> None:
    old, _, _ = part_of(1, "cost_multiple")
    more = with_relation(old, "xl/workbook.xml", kind, "own/one.xml")
    data = edited(golden(1).read_bytes(), {**more, "xl/own/one.xml": b"<one/>"})
    assert said(data, fresh) == [f"the file holds {what} (xl/own/one.xml): not carried"]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<v>7</v>", "a value stood where the model computes; it computes again"),
        (
            "<f>marginal_cost*7</f><v>7</v>",
            "(=marginal_cost*7): a formula that is not that of schema 1 stood here",
        ),
    ],
)
def test_what_stands_in_place_of_the_models_formulas(
    inside: str, expected: str, edited: Edited, fresh: Book
) -> None:
    old, part, address = part_of(1, "cost_multiple")
    xml = old.book.package.parts[part].decode()
    pattern = rf'(<c r="{address}"[^>]*>).*?</c>'
    data = edited(golden(1).read_bytes(), {part: re.sub(pattern, rf"\1{inside}</c>", xml).encode()})
    (note,) = said(data, fresh)
    assert note.startswith(f"Cost!{address}")
    assert expected in note


def test_a_name_of_a_persons_whose_cells_are_gone(edited: Edited, fresh: Book) -> None:
    xml = open_package(golden(1).read_bytes(), "old").parts["xl/workbook.xml"].decode()
    name = '<definedName name="my_range">Cost!$A$1:$B$2</definedName></definedNames>'
    data = edited(
        golden(1).read_bytes(),
        {"xl/workbook.xml": xml.replace("</definedNames>", name).encode()},
    )
    expected = "the name my_range refers to what is no more (Cost!$A$1:$B$2): not carried"
    assert said(data, fresh) == [expected]


def test_between_two_schemas_it_cannot_be_told(edited: Edited, fresh: Book) -> None:
    xml = open_package(golden(2).read_bytes(), "old").parts["xl/workbook.xml"].decode()
    xml = re.sub(r'<definedName name="stamp_date">.*?</definedName>', "", xml)
    found = said(edited(golden(2).read_bytes(), {"xl/workbook.xml": xml.encode()}), fresh)
    assert any(note.startswith("the file is of a state between two schemas") for note in found)
    assert not any("stands beside" in note for note in found)


def carried(data: bytes, fresh: Book, sheet: str = "Mine") -> tuple[dict[str, bytes], list[str]]:
    """The parts of a new file with a sheet of a person's, and what was said."""
    old = read_old(data, "old.xlsx")
    references = References(old, fresh, {sheet: sheet}, set())
    done = Carried(old, fresh, fresh.package, references)
    parts = open_package(done.written(), "new.xlsx").parts
    return dict(parts), done.notes


def test_what_a_sheet_cannot_bring_is_named(
    add_sheet: AddSheet, edited: Edited, fresh: Book
) -> None:
    tail = (
        '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1">'
        "<formula>A1&gt;Cost!A1</formula></cfRule></conditionalFormatting>"
        '<hyperlinks><hyperlink ref="A1" location="Cost!A1"/></hyperlinks>'
        '<oleObjects><oleObject r:id="rId7"/></oleObjects>'
        '<extLst><ext uri="any"/></extLst>'
    )
    data = add_sheet(golden(1).read_bytes(), '<row r="1"><c r="A1"><v>1</v></c></row>', tail=tail)
    old = read_old(data, "old.xlsx")
    (sheet,) = old.own_sheets
    more = with_relation(old, sheet.part, "pivotTable", "../pivotTables/pivotTable1.xml")
    data = edited(data, {**more, "xl/pivotTables/pivotTable1.xml": b"<one/>"})
    parts, notes = carried(data, fresh)
    assert set(notes) == {
        "the sheet Mine: pivot tables are not carried",
        "Mine!A1: a conditional format refers to what is no more: it is not carried",
        "Mine!A1: a link refers to what is no more: it is not carried",
        "the sheet Mine: embedded objects are not carried",
        "the sheet Mine: sparklines, slicers and newer kinds of rules are not carried",
    }
    xml = parts[LAST_SHEET].decode()
    assert "conditionalFormatting" not in xml
    assert "hyperlinks" not in xml
    assert "oleObject" not in xml


def test_a_text_never_becomes_a_formula(add_sheet: AddSheet, fresh: Book) -> None:
    texts = {
        "A1": "=1+1",
        "B1": "&lt;/t&gt;&lt;f&gt;1&lt;/f&gt;",
        "C1": "a_x0041_",
    }
    cells = "".join(
        f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in texts.items()
    )
    parts, notes = carried(add_sheet(golden(1).read_bytes(), f'<row r="1">{cells}</row>'), fresh)
    xml = parts[LAST_SHEET].decode()
    assert "<f>" not in xml
    for text in texts.values():
        assert f"<is><t>{text}</t></is>" in xml
    assert not notes


def test_a_chart_of_cells_that_are_gone_keeps_its_numbers(edited: Edited, fresh: Book) -> None:
    data = golden(2).read_bytes()
    chart = open_package(data, "old").parts["xl/charts/chart90.xml"].decode()
    found = re.search(r"<((?:\w+:)?)numRef>\s*<\1f>.*?</\1numRef>", chart, re.DOTALL)
    assert found
    c = found[1]
    shown = f'<{c}ptCount val="1"/><{c}pt idx="0"><{c}v>7</{c}v></{c}pt>'
    gone = f"<{c}numRef><{c}f>Cost!$A$1:$A$9</{c}f><{c}numCache>{shown}</{c}numCache></{c}numRef>"
    data = edited(data, {"xl/charts/chart90.xml": chart.replace(found[0], gone).encode()})
    parts, notes = carried(data, fresh)
    charts = [xml.decode() for part, xml in parts.items() if part.startswith("xl/charts/")]
    assert sum(f"<{c}numLit>{shown}</{c}numLit>" in xml for xml in charts) == 1
    assert any("a chart shows Cost!$A$1:$A$9, which is no more" in note for note in notes)
