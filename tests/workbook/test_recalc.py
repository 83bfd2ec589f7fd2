"""Recalculating: values change, and nothing else; what is wrong in an input is said."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from addin.functions import functions
from pycore import InputError
from pycore.errors import RefusedError
from pycore.model.published import CHECKS
from pycore.model.results import model
from workbook.file.package import open_package
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.sheets.people.log import ENTRIES

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]
WithCell = Callable[..., bytes]
Edited = Callable[..., bytes]
AddSheet = Callable[..., bytes]
CellsOf = Callable[[bytes, str], dict[str, Any]]

SHEET = [placed.sheet.name for placed in sheets()].index("Assumptions") + 1
ASSUMPTIONS = f"xl/worksheets/sheet{SHEET}.xml"

MINE = f"xl/worksheets/sheet{len(sheets()) + 1}.xml"


def without_values(xml: bytes) -> bytes:
    """A sheet's XML without the values and types of its cells."""
    xml = re.sub(rb"<v>[^<]*</v>|<v/>", b"", xml)
    return re.sub(rb"(<c [^>]*?) t=\"\w+\"", rb"\1", xml)


def assert_only_values_differ(before: bytes, after: bytes) -> set[str]:
    first, second = open_package(before, "before"), open_package(after, "after")
    assert [entry.filename for entry in first.entries] == [e.filename for e in second.entries]
    log = read_book(before, "before").sheet_of(ENTRIES).part
    changed = {part for part in first.parts if first.parts[part] != second.parts[part]} - {log}
    for part in changed:
        assert part.startswith("xl/worksheets/sheet"), part
        assert without_values(first.parts[part]) == without_values(second.parts[part]), part
    return changed


# What stays


def test_a_built_file_is_recalculated_to_itself(file: Path, built: bytes, run: Run) -> None:
    status, _, err = run("recalc", file)
    assert (status, err) == (0, "")
    assert assert_only_values_differ(built, file.read_bytes()) == set()


def test_only_sheets_whose_values_changed_differ(file: Path, built: bytes, run: Run) -> None:
    assert run("set", file, "offset=90")[0] == 0
    changed = assert_only_values_differ(built, file.read_bytes())
    names = {sheet.part: sheet.name for sheet in read_book(built, "built").sheets}
    others = {"Workings", "Scenarios", "Sensitivity", "Uncertainty"}
    assert {names[part] for part in changed} == {"Assumptions", "Ratio", "Summary"} | others


ROWS = (
    '<row r="1" ht="33" customHeight="1"><c r="A1" t="inlineStr"><is><t>Mine</t></is></c>'
    '<c r="B1" s="3"><f>marginal_cost*2</f></c>'
    '<c r="C1" t="str"><f>"a"&amp;"&lt;b&gt;"</f><v>a&lt;b&gt;</v></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><r><rPr><b/></rPr><t>bold</t></r>'
    '<r><t xml:space="preserve"> plain</t></r></is></c>'
    '<c r="B2"><f>SUM(cost_lines)</f><v>82500</v></c></row>'
    '<row r="3"><c r="A3"><v>1</v></c>'
    '<c r="B3"><f t="shared" ref="B3:B5" si="0">A3*10</f><v>10</v></c></row>'
    '<row r="4"><c r="A4"><v>2</v></c><c r="B4"><f t="shared" si="0"/><v>20</v></c></row>'
    '<row r="5"><c r="A5"><v>3</v></c><c r="B5"><f t="shared" si="0"/></c></row>'
    '<row r="6"><c r="B6" t="str"><f>IF(cost_multiple&gt;4,"above","below")</f>'
    "<v>above</v></c></row>"
    '<row r="7"><c r="B7"><f>_xldudf_field_cost_multiple(A5,4)</f><v>9</v></c></row>'
    '<row r="8"><c r="B8" t="b"><f>cost_multiple&gt;4</f><v>1</v></c></row>'
    '<row r="9"><c r="B9"><f>DATE(2026,1,2)</f><v>46024</v></c>'
    '<c r="C9" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    '<row r="10"><c r="B10"><f t="array" ref="B10:B12">A3:A5*2</f><v>2</v></c></row>'
    '<row r="11"><c r="B11"><v>4</v></c></row><row r="12"><c r="B12"><v>6</v></c></row>'
    '<row r="13"><c r="B13"><f>VLOOKUP(2,A3:B5,2,FALSE)</f><v>20</v></c></row>'
    '<row r="14"><c r="B14"><f>Z99</f><v>0</v></c><c r="C14"/></row>'
    '<row r="15"><c r="B15" t="inlineStr"><is><t>=1+1</t></is></c></row>'
    '<row r="20"><c r="A20" t="inlineStr"><is><t>What</t></is></c>'
    '<c r="B20" t="inlineStr"><is><t>Amount</t></is></c></row>'
    '<row r="21"><c r="A21" t="inlineStr"><is><t>x</t></is></c><c r="B21"><v>40</v></c></row>'
    '<row r="22"><c r="A22" t="inlineStr"><is><t>y</t></is></c><c r="B22"><v>2</v></c></row>'
    '<row r="24"><c r="B24"><f>SUM(Own[Amount])</f><v>42</v></c></row>'
)

VALUES = {
    "B1": 45_000,
    "C1": "a<b>",
    "B2": 82_500,
    "B3": 10,
    "B4": 20,
    "B5": 30,
    "B6": "above",
    "B7": 0.75,
    "B8": True,
    "B9": 46024,
    "C9": "#DIV/0!",
    "B10": 2,
    "B11": 4,
    "B12": 6,
    "B13": 20,
    "B14": 0,
    "B15": "=1+1",
    "B24": 42,
    "A1": "Mine",
    "A2": "bold plain",
}

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture(name="worked_in")
def _worked_in(built: bytes, add_sheet: AddSheet, edited: Edited) -> bytes:
    """A file in which a person has worked: a sheet, notes, a table, a chart, widths, formats."""
    tail = (
        '<drawing r:id="rId4"/><legacyDrawing r:id="rId2"/>'
        '<tableParts count="1"><tablePart r:id="rId3"/></tableParts>'
    )
    data = add_sheet(built, ROWS, tail=tail)
    parts = open_package(data, "own").parts
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/comments" Target="../comments1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/>'
        f'<Relationship Id="rId3" Type="{OFFICE}/table" Target="../tables/table1.xml"/>'
        f'<Relationship Id="rId4" Type="{OFFICE}/drawing" Target="../drawings/drawing99.xml"/>'
        "</Relationships>"
    )
    comments = (
        f'<comments xmlns="{SPREADSHEET}"><authors><author>Me</author></authors><commentList>'
        '<comment ref="B1" authorId="0"><text><r><t>Twice, to be safe</t></r></text></comment>'
        "</commentList></comments>"
    )
    vml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:'
        'excel"><v:shape id="_x0000_s1025" style="visibility:hidden"><x:ClientData ObjectType='
        '"Note"><x:Row>0</x:Row><x:Column>1</x:Column></x:ClientData></v:shape></xml>'
    )
    table = (
        f'<table xmlns="{SPREADSHEET}" id="1" name="Own" displayName="Own" ref="A20:B22">'
        '<autoFilter ref="A20:B22"/><tableColumns count="2"><tableColumn id="1" name="What"/>'
        '<tableColumn id="2" name="Amount"/></tableColumns></table>'
    )
    types = parts["[Content_Types].xml"].decode()
    extra = "".join(
        f'<Override PartName="/xl/{part}" '
        f'ContentType="application/vnd.openxmlformats-officedocument.{kind}+xml"/>'
        for part, kind in (
            ("comments1.xml", "spreadsheetml.comments"),
            ("tables/table1.xml", "spreadsheetml.table"),
            ("drawings/drawing99.xml", "drawing"),
            ("charts/chart99.xml", "drawingml.chart"),
        )
    )
    extra += (
        '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument'
        '.vmlDrawing"/>'
    )
    drawing = parts["xl/drawings/drawing2.xml"]
    chart_relation = parts["xl/drawings/_rels/drawing2.xml.rels"].replace(b"chart2", b"chart99")
    cost = parts["xl/worksheets/sheet2.xml"].decode()
    widened = re.sub(r'(<col min="1" max="1" width=")[\d.]+', r"\g<1>61.25", cost)
    assert widened != cost
    styles = parts["xl/styles.xml"].decode()
    restyled = styles.replace('rgb="FFFFF8DC"', 'rgb="FFCCFFCC"')
    assert restyled != styles
    return edited(
        data,
        {
            "[Content_Types].xml": types.replace("</Types>", extra + "</Types>").encode(),
            MINE.replace("worksheets/", "worksheets/_rels/") + ".rels": relations.encode(),
            "xl/comments1.xml": comments.encode(),
            "xl/drawings/vmlDrawing1.vml": vml.encode(),
            "xl/tables/table1.xml": table.encode(),
            "xl/drawings/drawing99.xml": drawing,
            "xl/drawings/_rels/drawing99.xml.rels": chart_relation,
            "xl/charts/chart99.xml": parts["xl/charts/chart2.xml"],
            "xl/worksheets/sheet2.xml": widened.encode(),
            "xl/styles.xml": restyled.encode(),
        },
    )


def test_what_a_person_added_survives(
    file: Path, worked_in: bytes, run: Run, cells_of: CellsOf
) -> None:
    file.write_bytes(worked_in)
    status, _, err = run("recalc", file)
    assert status == 0
    assert err.splitlines() == [
        "note: Mine!B1 held no value until now, and no spreadsheet has computed it",
        "note: Mine!B5 held no value until now, and no spreadsheet has computed it",
        "note: Mine!C9 shows #DIV/0!",
    ]
    assert assert_only_values_differ(worked_in, file.read_bytes()) == {MINE}
    found = cells_of(file.read_bytes(), "Mine")
    found["B9"] = found["B9"] if isinstance(found["B9"], (int, float)) else None
    assert {address: found.get(address) for address in VALUES} == VALUES
    assert type(found["B8"]) is bool


def test_what_a_person_added_follows_the_assumptions(
    file: Path, worked_in: bytes, run: Run, cells_of: CellsOf
) -> None:
    file.write_bytes(worked_in)
    assert run("set", file, "marginal_cost=25000", "cost_compute=4000")[0] == 0
    assert_only_values_differ(worked_in, file.read_bytes())
    found = cells_of(file.read_bytes(), "Mine")
    assert (found["B1"], found["B2"], found["B6"]) == (50_000, 83_500, "below")
    assert run("set", file, "marginal_cost=22500", "cost_compute=3000")[0] == 0
    again = file.read_bytes()
    file.write_bytes(worked_in)
    assert run("recalc", file)[0] == 0
    parts, former = open_package(again, "a").parts, open_package(file.read_bytes(), "b").parts
    log = read_book(again, "again").sheet_of(ENTRIES).part
    assert {part for part in parts if parts[part] != former[part]} == {log}


def test_a_file_saved_by_openpyxl_gets_all_its_values_back(
    file: Path, built: bytes, run: Run
) -> None:
    book = openpyxl.load_workbook(file)
    book["Cost"].column_dimensions["A"].width = 77
    book.save(file)
    assert run("show", file, "--json")[1] != ""
    status, _, err = run("recalc", file)
    assert (status, err) == (0, "")
    mended, first = (read_book(data, "file") for data in (file.read_bytes(), built))
    for name in first.places:
        assert mended.values(name) == first.values(name), name


def test_function_names_in_any_case(file: Path, built: bytes, run: Run, edited: Edited) -> None:
    lowered = {
        part: re.sub(rb"_xldudf_FIELD_\w+", lambda found: found[0].lower(), content)
        for part, content in open_package(built, "built").parts.items()
        if part.startswith("xl/worksheets/sheet")
    }
    stale = {
        part: re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1<v>0</v>", xml) for part, xml in lowered.items()
    }
    assert sum(xml.count(b"_xldudf_field_") for xml in stale.values()) > 60
    file.write_bytes(edited(built, stale))
    status, _, err = run("recalc", file)
    assert (status, err) == (0, "")
    recalculated, first = (read_book(data, "file") for data in (file.read_bytes(), built))
    for name in first.places:
        assert recalculated.values(name) == first.values(name), name


def test_a_renamed_sheet_is_found(file: Path, built: bytes, run: Run) -> None:
    xml = open_package(built, "built").parts["xl/workbook.xml"].decode()
    xml = xml.replace('name="Assumptions"', 'name="Our inputs, 2027"')
    xml = xml.replace(">Assumptions!", ">'Our inputs, 2027'!")
    package = open_package(built, "built")
    file.write_bytes(package.to_bytes({"xl/workbook.xml": xml.encode()}))
    assert run("set", file, "marginal_cost=24000")[0] == 0
    shown = json.loads(run("show", file, "--json")[1])
    assert shown["assumptions"]["marginal_cost"]["central"] == 24_000
    status, _, err = run("set", file, "marginal_cost=-1")
    assert status == 2
    assert err.startswith("Our inputs, 2027!C7 (marginal_cost) must")


# What the engine does not know


@pytest.mark.parametrize(
    "formula",
    [
        'CUBEVALUE("a","b")',
        'WEBSERVICE("http://x")',
        "NOSUCHFUNCTION(1)",
        "nosuchname*2",
        "[1]Other!A1",
    ],
)
def test_what_only_a_spreadsheet_knows_keeps_its_value(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, cells_of: CellsOf, formula: str
) -> None:
    escaped = formula.replace("&", "&amp;")
    rows = (
        f'<row r="1"><c r="A1"><f>{escaped}</f><v>17</v></c><c r="B1"><f>A1+1</f><v>18</v></c>'
        '<c r="D1"><f>2+2</f><v>4</v></c></row>'
    )
    file.write_bytes(add_sheet(built, rows))
    status, _, err = run("recalc", file)
    assert status == 0
    assert "Mine!A1 was not recalculated" in err
    found = cells_of(file.read_bytes(), "Mine")
    assert found == {"A1": 17, "B1": 18, "D1": 4}


def test_a_text_that_looks_like_a_link_is_none(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, cells_of: CellsOf
) -> None:
    formula = '"see [1] "&amp;marginal_cost'
    cell = f'<c r="A1" t="str"><f>{formula}</f><v>see [1] 22500</v></c>'
    file.write_bytes(add_sheet(built, f'<row r="1">{cell}</row>'))
    status, _, err = run("set", file, "marginal_cost=24000")
    assert (status, err) == (0, "")
    assert cells_of(file.read_bytes(), "Mine") == {"A1": "see [1] 24000"}


@pytest.mark.parametrize("formula", ["IFERROR(A1,0)", "ISERROR(A1)*1+17", "COUNT(A1)+16"])
def test_what_hangs_on_a_kept_value_is_not_computed_from_an_error(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, cells_of: CellsOf, formula: str
) -> None:
    # A spreadsheet knows A1, and shows 17 here; the engine's error is not what A1 holds.
    rows = (
        '<row r="1"><c r="A1"><f>CUBEVALUE("a","b")</f><v>17</v></c>'
        f'<c r="B1"><f>{formula}</f><v>17</v></c></row>'
    )
    file.write_bytes(add_sheet(built, rows))
    assert run("recalc", file)[0] == 0
    assert cells_of(file.read_bytes(), "Mine") == {"A1": 17, "B1": 17}


def test_a_formula_of_ones_own_in_a_result_is_kept_and_noted(
    file: Path, built: bytes, run: Run, with_cell: WithCell
) -> None:
    own = "<f>_xldudf_FIELD_COST_MULTIPLE(value_per_researcher,marginal_cost)*2</f>"
    file.write_bytes(with_cell(built, "cost_multiple", own))
    status, _, err = run("recalc", file)
    assert status == 0
    line, first = err.splitlines()
    place = read_book(built, "built").places["cost_multiple"]
    assert first.startswith(f"note: {place} held no value until now")
    assert f"{place} (cost_multiple)" in line
    assert "FIELD.COST_MULTIPLE(value_per_researcher,marginal_cost)" in line
    shown = json.loads(run("show", file, "--json")[1])
    assert shown["results"]["cost_multiple"]["value"] == 2 * (100_000 / 22_500)


def test_each_error_says_its_own_reason(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, cells_of: CellsOf
) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>_xldudf_FIELD_COST_MULTIPLE(1,"two")</f><v>0</v></c>'
        '<c r="B1"><f>_xldudf_FIELD_COST_MULTIPLE(-3,1)</f><v>0</v></c>'
        '<c r="C1"><f>_xldudf_FIELD_COST_MULTIPLE(1)</f><v>0</v></c>'
        '<c r="D1"><f>_xldudf_FIELD_COST_MULTIPLE(Z99,1)</f><v>0</v></c></row>'
    )
    file.write_bytes(add_sheet(built, rows))
    status, _, err = run("recalc", file)
    assert status == 0
    notes = {line.split()[1]: line for line in err.splitlines()}
    assert set(cells_of(file.read_bytes(), "Mine").values()) == {"#VALUE!"}
    assert "'two'" in notes["Mine!A1"]
    assert "-3" in notes["Mine!B1"]
    assert "blank" in notes["Mine!D1"]
    assert set(notes) == {"Mine!A1", "Mine!B1", "Mine!C1", "Mine!D1"}


def test_text_stays_text(file: Path, built: bytes, run: Run, with_cell: WithCell) -> None:
    hostile = '=HYPERLINK("http://x","y")'
    inside = "<is><t>=HYPERLINK(&quot;http://x&quot;,&quot;y&quot;)</t></is>"
    data = with_cell(built, "offset_source", inside, "inlineStr")
    data = with_cell(data, "offset_date", inside, "inlineStr")
    file.write_bytes(data)
    for words in (("recalc", file), ("set", file, "offset=90")):
        assert run(*words)[0] == 0
        book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()), data_only=False)
        places = read_book(file.read_bytes(), "file").places
        for name in ("offset_source", "offset_date"):
            cell = book["Assumptions"][places[name].first]
            assert cell.value == hostile
        xml = open_package(file.read_bytes(), "file").parts[ASSUMPTIONS]
        assert b"http://x" not in b"".join(re.findall(rb"<f[ >].*?</f>", xml))


# A formula in an input


def test_a_formula_in_an_input_is_used(
    file: Path, built: bytes, run: Run, with_cell: WithCell
) -> None:
    file.write_bytes(with_cell(built, "marginal_cost", "<f>15000*1.5+500</f>"))
    assert run("recalc", file)[0] == 0
    shown = json.loads(run("show", file, "--json")[1])
    assert shown["assumptions"]["marginal_cost"]["central"] == 23_000
    assert shown["results"]["cost_multiple"]["value"] == 100_000 / 23_000


@pytest.mark.parametrize("formula", ["-5*2", "1/0", '"a"&amp;"b"', "1=1", "1E+300*1E+300"])
def test_a_formula_in_an_input_is_checked(
    file: Path, built: bytes, refused: Refused, with_cell: WithCell, formula: str
) -> None:
    file.write_bytes(with_cell(built, "marginal_cost", f"<f>{formula}</f>"))
    assert refused("recalc", file).startswith("Assumptions!C7 (marginal_cost) must be a number")


def test_a_formula_in_an_input_that_the_engine_does_not_know_is_kept_and_noted(
    file: Path, built: bytes, run: Run, with_cell: WithCell
) -> None:
    file.write_bytes(with_cell(built, "marginal_cost", "<f>NOSUCH()</f><v>22500</v>"))
    status, _, err = run("recalc", file)
    assert status == 0
    assert err.startswith("note: Assumptions!C7 was not recalculated")
    assert len(err.splitlines()) == 1  # what depends on it was computed from its value


# Bad inputs


@pytest.mark.parametrize(
    ("name", "inside", "kind", "said"),
    [
        ("marginal_cost", "", "", "(marginal_cost) must be a number above 0 * but is blank"),
        ("marginal_cost", None, "", "(marginal_cost) must be a number above 0 * but is blank"),
        ("marginal_cost", "<is><t>a lot</t></is>", "inlineStr", "must be a number * 'a lot'"),
        ("marginal_cost", "<is><t>25000</t></is>", "inlineStr", "must be a number * '25000'"),
        ("marginal_cost", "<is><t> </t></is>", "inlineStr", "must be a number * but is"),
        ("marginal_cost", "<v>1</v>", "b", "must be a number * but is TRUE"),
        ("marginal_cost", "<v>#N/A</v>", "e", "must be a number * '#N/A'"),
        ("marginal_cost", "<v>#DIV/0!</v>", "e", "must be a number * '#DIV/0!'"),
        ("marginal_cost", "<v>-22500</v>", "", "must be a number above 0 * but is -22500"),
        ("marginal_cost", "<v>0</v>", "", "must be a number above 0 * but is 0"),
        ("marginal_cost", "<v>1E+16</v>", "", "must be a number above 0 * but is 1e+16"),
        ("marginal_cost", "<v>26000</v>", "", "must be at most marginal_cost.high (25,000)* 26000"),
        ("marginal_cost_low", "<v>23000</v>", "", "(marginal_cost.low) must be at most * 23000"),
        ("marginal_cost_low", "", "", "(marginal_cost.low) must be a number * blank"),
        ("marginal_cost_high", "", "", "(marginal_cost.high) must be a number * blank"),
        ("marginal_cost_high", "<v>-1</v>", "", "(marginal_cost.high) must be a number * -1"),
        ("pivot_share", "<v>1.5</v>", "", "(pivot_share) must be a share from 0 to 1 * 1.5"),
        ("pivot_share", "<v>-0.5</v>", "", "(pivot_share) must be a share from 0 to 1 * -0.5"),
        ("admitted", "<v>120.5</v>", "", "(admitted) must be a whole number * 120.5"),
        ("admitted_high", "<v>0.1</v>", "", "(admitted.high) must be a whole number * 0.1"),
        ("cost_scope", "<is><t>all</t></is>", "inlineStr", "(cost_scope) must be one of: * 'all'"),
        ("cost_scope", "", "", "(cost_scope) must be one of: * blank"),
        ("cost_scope", "<v>3</v>", "", "(cost_scope) must be one of: * 3"),
    ],
)
def test_a_bad_input_is_named(
    file: Path,
    built: bytes,
    refused: Refused,
    with_cell: WithCell,
    name: str,
    inside: str | None,
    kind: str,
    said: str,
) -> None:
    file.write_bytes(with_cell(built, name, inside, kind))
    line = refused("recalc", file)
    assert line.startswith(f"Assumptions!{read_book(built, 'built').places[name].first} (")
    position = 0
    for text in said.split(" * " if " * " in said else "* "):
        position = line.index(text.strip(), position)
    assert refused("set", file, "offset=90") == line


def test_more_admitted_than_applicants(
    file: Path, built: bytes, refused: Refused, with_cell: WithCell
) -> None:
    data = with_cell(built, "applicants", "<v>119</v>")
    file.write_bytes(with_cell(data, "applicants_low", "<v>119</v>"))
    line = refused("recalc", file)
    assert line == "Assumptions!C21 (admitted) must be at most applicants (119), but is 120"


# Names


@pytest.mark.parametrize("command", [("show",), ("recalc",), ("set", "offset=90")])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<definedName name="marginal_cost">Assumptions!$C$7</definedName>', ""),
        ('name="marginal_cost"', 'name="cost_of_one_more"'),
        (">Assumptions!$C$7<", ">Assumptions!#REF!<"),
        (">Assumptions!$C$7<", ">#REF!<"),
        (">Assumptions!$C$7<", ">Assumptions!$C$7:$C$8<"),
        (">Assumptions!$C$7<", ">Nowhere!$C$7<"),
        (">Assumptions!$C$7<", ">[1]Assumptions!$C$7<"),
        (">Assumptions!$C$7<", ">22500<"),
        (">Assumptions!$C$7<", "><"),
        (">Assumptions!$C$7<", ">OFFSET(Assumptions!$C$6,1,0)<"),
        (">Assumptions!$C$7<", ">Assumptions!$C:$C<"),
        (">Assumptions!$C$7<", ">Assumptions!$C$7,Assumptions!$C$8<"),
        (
            "</definedNames>",
            '<definedName name="marginal_cost">Assumptions!$C$8</definedName></definedNames>',
        ),
        (
            "</definedNames>",
            '<definedName name="MARGINAL_COST">Assumptions!$C$8</definedName></definedNames>',
        ),
    ],
)
def test_a_hurt_name(
    file: Path,
    built: bytes,
    refused: Refused,
    with_names: WithCell,
    command: tuple[str, ...],
    old: str,
    new: str,
) -> None:
    file.write_bytes(with_names(built, (old, new)))
    line = refused(command[0], file, *command[1:])
    assert line.startswith("the name marginal_cost must be defined once and refer to one cell")


def test_a_name_of_a_copied_sheet_does_not_matter(
    file: Path, built: bytes, run: Run, with_names: WithCell
) -> None:
    copy = (
        '<definedName name="marginal_cost" localSheetId="2">Cost!$C$7</definedName></definedNames>'
    )
    file.write_bytes(with_names(built, ("</definedNames>", copy)))
    assert run("recalc", file)[0] == 0


def test_names_of_ones_own_do_not_matter(
    file: Path, built: bytes, run: Run, with_names: WithCell
) -> None:
    own = '<definedName name="my_cost">Assumptions!$C$7*2</definedName></definedNames>'
    file.write_bytes(with_names(built, ("</definedNames>", own)))
    assert run("recalc", file)[0] == 0


# Formulas that are gone


def result_cells(built: bytes) -> list[tuple[str, str, str]]:
    """Name, part and address of every cell that shows a result or an answer."""
    book = read_book(built, "built")
    names = [result.id for result in model().results]
    names += [f"check_{check.id}" for check in CHECKS]
    names += [name for name in book.places if name.endswith("_block")]
    names += ["answer_cost", "answer_marginal", "answer_ratio", "checks_all_fine"]
    names += [f"check_{CHECKS[0].id}_result"]
    return [
        (name, book.sheet_of(name).part, address)
        for name in names
        for address in (book.places[name].rows[0][0], book.places[name].rows[-1][-1])
        if book.sheet_of(name).cells[address].has_formula
    ]


def test_a_formula_overwritten_by_a_number_is_refused(built: bytes, edited: Edited) -> None:
    book = read_book(built, "built")
    passed = []
    for name, part, address in result_cells(built)[::9]:  # each takes half a second
        xml = book.package.parts[part].decode()
        found = re.search(rf'(<c r="{address}"(?: s="\d+")?)[^>]*>.*?</c>', xml)
        assert found is not None
        changed = xml.replace(found[0], f"{found[1]}><v>4.2</v></c>", 1)
        cell = f"{book.sheet_of(name).name}!{address}"
        try:
            recalculate(edited(built, {part: changed.encode()}), "file")
        except InputError as error:
            said = str(error)
            if said.startswith(cell) and "no longer computed" in said and "'4.2'" in said:
                continue
        passed.append(f"{cell} ({name})")
    assert passed == []


@pytest.mark.parametrize(
    ("inside", "kind"),
    [("<v>4.2</v>", ""), ("<is><t>4-5x</t></is>", "inlineStr"), ("", ""), (None, "")],
)
def test_a_formula_that_is_gone_is_named_with_what_stands_there(
    file: Path, built: bytes, refused: Refused, with_cell: WithCell, inside: str | None, kind: str
) -> None:
    file.write_bytes(with_cell(built, "cost_quote", inside, kind))
    line = refused("recalc", file)
    place = read_book(built, "built").places["cost_quote"]
    assert line.startswith(f"{place} (cost_quote) must hold its formula =FIELD.QUOTE(")
    assert "no longer computed" in line
    assert refused("set", file, "offset=90") == line


# Functions that go wrong


def test_a_function_that_fails_gives_errors_and_no_numbers(
    file: Path, built: bytes, run: Run, in_place_of: Callable[..., Any]
) -> None:
    cell = read_book(built, "built").places["impact_sigma"]
    function = functions()["IMPACT_SIGMA"]

    def broken(*_: Any) -> Any:
        raise RefusedError("IMPACT_SIGMA could not be computed (ZeroDivisionError)")

    with in_place_of(function, broken):
        status, out, err = run("recalc", file)
    assert status == 0
    assert "Traceback" not in out + err
    assert f"{cell} shows #VALUE!: IMPACT_SIGMA could not be computed" in err
    results = json.loads(run("show", file, "--json")[1])["results"]
    for result_id in ("impact_sigma", "marginal_ratio", "adjusted_quote", "marginal_ratio_curve"):
        assert results[result_id]["value"] is None, result_id
    assert results["cost_multiple"]["value"] == 100_000 / 22_500
    assert "Not computed: see the Marginal sheet" in run("show", file)[1]
