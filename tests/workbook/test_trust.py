"""Other people's formulas: computed where the engine proves itself, else kept and named."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbook import own_formulas
from tests.workbook.conftest import Run
from workbook.arrays import fitted, single
from workbook.digits import ROUND, as_compared, rounded
from workbook.file import limits
from workbook.file.package import open_package
from workbook.file.patch import find_cells
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.recognise import recognise
from workbook.sheets import sheets
from workbook.stored import stored_value
from workbook.trust import _Sizes

MINE = f"xl/worksheets/sheet{len(sheets()) + 1}.xml"
"""The sheet that is added to a file."""

AddSheet = Callable[..., bytes]
CellsOf = Callable[[bytes, str], dict[str, Any]]
Edited = Callable[..., bytes]

NOT_AVAILABLE = {"type": "Error", "kind": "Na"}
ADDRESS = re.compile(r"([A-Z]+)(\d+)")


def typed(value: object) -> tuple[str, str]:
    """How a file holds a value: its type, and the text between the tags of its value."""
    if isinstance(value, bool):
        return ' t="b"', str(int(value))
    if isinstance(value, str):
        return (' t="e"' if value.startswith("#") else ' t="str"'), escape(value)
    return "", repr(value)


def rows_of(cells: Mapping[str, object]) -> str:
    """Rows of a sheet.

    A value alone is a constant; with a formula, the two as a tuple; with attributes of the
    formula's element too, the three. A value of None is left out.
    """
    rows: dict[int, list[tuple[int, str, str]]] = {}
    for address, content in cells.items():
        found = ADDRESS.fullmatch(address)
        assert found is not None
        formula, value, attributes = "", content, ""
        if isinstance(content, tuple):
            formula, value, attributes = (*content, "")[:3]
        kind, text = typed(value) if value is not None else ("", "")
        inside = f"<f{attributes}>{escape(formula)}</f>" if isinstance(content, tuple) else ""
        inside += f"<v>{text}</v>" if value is not None else ""
        column = found[1]
        place = (len(column), column)
        cell = f'<c r="{address}"{kind}>{inside}</c>'
        rows.setdefault(int(found[2]), []).append((place[0], place[1], cell))
    return "".join(
        f'<row r="{row}">{"".join(cell for *_, cell in sorted(found))}</row>'
        for row, found in sorted(rows.items())
    )


def array(area: str) -> str:
    return f' t="array" ref="{area}"'


@pytest.fixture(name="after")
def _after(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, cells_of: CellsOf
) -> Callable[..., tuple[dict[str, Any], str]]:
    """What an extra sheet holds after a command, and the notes."""

    def look(cells: Mapping[str, object], *words: str, **options: str) -> tuple[Any, str]:
        file.write_bytes(add_sheet(built, rows_of(cells), **options))
        command, *changes = words or ("recalc",)
        status, _, err = run(command, file, *changes)
        assert status == 0, err
        return cells_of(file.read_bytes(), "Mine"), err

    return look


After = Callable[..., tuple[dict[str, Any], str]]
DEARER = ("set", "marginal_cost=24000")

# Arrays


@pytest.mark.parametrize(
    ("formula", "before", "later"),
    [
        ("marginal_cost*1", 22_500, 24_000),
        ('"costs "&marginal_cost', "costs 22500", "costs 24000"),
        ("_xldudf_FIELD_COST_MULTIPLE(48000,marginal_cost)", 48_000 / 22_500, 2),
    ],
)
def test_one_value_fills_a_whole_array(after: After, formula: str, before: Any, later: Any) -> None:
    cells: dict[str, object] = {"A1": (formula, before, array("A1:A3")), "A2": before, "A3": before}
    if not isinstance(before, str):
        cells["B1"] = ("SUM(A1:A3)", 3 * before)
    found, err = after(cells)
    assert err == ""
    assert {found[each] for each in ("A1", "A2", "A3")} == {before}
    found, err = after(cells, *DEARER)
    assert err == ""
    assert {found[each] for each in ("A1", "A2", "A3")} == {later}
    if not isinstance(later, str):
        assert found["B1"] == 3 * later


def test_a_row_and_a_column_are_repeated_and_what_they_do_not_reach_is_not_available() -> None:
    assert fitted([[1.0, 2.0]], 2, 3) == [[1.0, 2.0, NOT_AVAILABLE]] * 2
    assert fitted([[1.0], [2.0]], 3, 2) == [[1.0, 1.0], [2.0, 2.0], [NOT_AVAILABLE] * 2]
    assert fitted([[1.0, None], [3.0, 4.0]], 1, 2) == [[1.0, 0.0]]
    assert fitted([], 1, 1) == [[NOT_AVAILABLE]]
    assert single([[7.0]]) == 7
    assert single(None) == 0
    assert single([[7.0], [8.0]])["kind"] == "Value"


def test_an_array_linked_to_another_workbook_keeps_all_its_values(after: After) -> None:
    cells = {
        "A1": ("[1]Sheet1!$A$1:$A$3", 5, array("A1:A3")),
        "A2": 6,
        "A3": 7,
        "B1": ("SUM(A1:A3)", 18),
    }
    found, err = after(cells, *DEARER)
    assert found == {"A1": 5, "A2": 6, "A3": 7, "B1": 18}
    assert err.startswith("note: Mine!A1 was not recalculated")
    assert len(err.splitlines()) == 1


def test_rows_that_a_filter_no_longer_gives_are_not_available(after: After) -> None:
    cells = {
        "A1": ("_xlfn._xlws.FILTER(C1:C3,C1:C3<marginal_cost)", 1, array("A1:A3")),
        "A2": 2,
        "A3": 22_400,
        "B1": ("COUNT(A1:A3)", 3),
        "C1": 1,
        "C2": 2,
        "C3": 22_400,
    }
    found, err = after(cells, "set", "marginal_cost.low=1e3", "marginal_cost=22e3")
    assert (found["A1"], found["A2"], found["A3"], found["B1"]) == (1, 2, "#N/A", 2)
    assert "Mine!A3 shows #N/A" in err


def test_rows_that_find_no_room_in_an_array_that_spills_are_told_of(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, cells_of: CellsOf
) -> None:
    formula = "_xlfn._xlws.FILTER(C1:C3,C1:C3&lt;marginal_cost)"
    rows = (
        f'<row r="1"><c r="A1" cm="1"><f t="array" ref="A1:A2">{formula}</f><v>1</v></c>'
        '<c r="C1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c><c r="C2"><v>2</v></c></row>'
        '<row r="3"><c r="C3"><v>23000</v></c></row>'
    )
    file.write_bytes(add_sheet(built, rows))
    status, _, err = run("set", file, "marginal_cost=24000")
    assert status == 0
    assert "Mine!A1 gives more than its cells show" in err
    found = cells_of(file.read_bytes(), "Mine")
    assert (found["A1"], found["A2"], found.get("A3")) == (1, 2, None)


# What the engine computes otherwise


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("SUM(A1,2)", 17),
        ("TODAY()", 40_000),
        ("A1*2", "#GETTING_DATA"),
        ("UPPER(B1)", "xyz"),
        ("1=1", 1),
        ("A1", "#N/A"),
    ],
)
def test_what_was_not_reproduced_is_kept_and_named(after: After, formula: str, value: Any) -> None:
    cells: dict[str, object] = {"A1": 3, "B1": "x", "C1": (formula, value)}
    if not isinstance(value, str):
        cells["D1"] = ("C1+1", value + 1)
    found, err = after(cells, *DEARER)
    assert found["C1"] == value
    assert "Mine!C1 was not recalculated" in err
    assert len(err.splitlines()) == 1
    if not isinstance(value, str):
        assert found["D1"] == value + 1


def test_a_plain_formula_over_a_column_shows_its_own_row_and_is_kept(after: After) -> None:
    # Spreadsheets take the price in the formula's own row; the engine takes the first.
    cells = {
        "A1": 10,
        "A2": 20,
        "A3": 30,
        "B2": ("A1:A3*2", 40),
        "B1": ("A1:A3*2", 20),
        "C2": ("SUM(B2)", 40),
    }
    found, err = after(cells, *DEARER)
    assert (found["B1"], found["B2"], found["C2"]) == (20, 40, 40)
    assert "Mine!B2 was not recalculated" in err
    assert "Mine!B1 was not recalculated" in err


def test_numbers_are_compared_and_joined_in_fifteen_digits(after: After) -> None:
    cells = {
        "A1": 0.1,
        "B1": 0.2,
        "C1": 0.3,
        "D1": ('IF(A1+B1=C1,"equal","not")', "equal"),
        "D2": ('"r="&1/3', "r=0.333333333333333"),
        "D3": ("(marginal_cost*0+A1+B1<=C1)*1", 1),
        "D4": ('IF(marginal_cost*1.1=marginal_cost*11/10,"equal","not")', "equal"),
    }
    for words in (("recalc",), DEARER):
        found, err = after(cells, *words)
        assert err == ""
        assert [found[each] for each in ("D1", "D2", "D3", "D4")] == [
            "equal",
            "r=0.333333333333333",
            1,
            "equal",
        ]


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ("SUM(A1:A3)+1", "SUM(A1:A3)+1"),
        ('IF(A1=1,"a=b","c")', f'IF({ROUND}(A1)=1,"a=b","c")'),
        ("-A1<B1*(C1=D1)", f"{ROUND}(-A1)<{ROUND}(B1*({ROUND}(C1)={ROUND}(D1)))"),
        ("SUMPRODUCT((A:A=B1)*1,C1:C3)", f"SUMPRODUCT((A:A={ROUND}(B1))*1,C1:C3)"),
        ('LEFT(A1/3,2)&"x"', f'{ROUND}(LEFT({ROUND}(A1/3),2))&"x"'),
        ("LEN(UPPER(A1))", f"LEN({ROUND}(UPPER({ROUND}(A1))))"),
        ('"(""&"&A1', f'"(""&"&{ROUND}(A1)'),
        ("IF(A1,B1&C1,)", f"IF(A1,{ROUND}(B1)&{ROUND}(C1),)"),
        ("{1,2;3,4}=A1", f"{ROUND}({{1,2;3,4}})={ROUND}(A1)"),
        ('=unbalanced("', '=unbalanced("'),
    ],
)
def test_what_is_compared_or_joined_is_rounded(formula: str, written: str) -> None:
    assert as_compared(formula) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_keeps_fifteen_digits(number: float) -> None:
    assert rounded([[number, "x", None]]) == [[float(f"{number:.14e}"), "x", None]]


def test_dates_from_1904_stay_where_they_are(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, edited: Edited
) -> None:
    cells = {
        "A1": ("DATE(2024,1,1)", 43_830),
        "A2": 43_830,
        "A3": ("YEAR(A2)+marginal_cost", 24524),
    }
    data = add_sheet(built, rows_of(cells))
    book = open_package(data, "own").parts["xl/workbook.xml"].decode()
    changed = book.replace("<workbookPr ", '<workbookPr date1904="1" ', 1)
    assert changed != book
    file.write_bytes(edited(data, {"xl/workbook.xml": changed.encode()}))
    status, _, err = run("set", file, "marginal_cost=24000")
    assert (status, err) == (0, "")
    part = open_package(file.read_bytes(), "own").parts[MINE].decode()
    assert re.findall("<v>(.*?)</v>", part) == ["43830", "43830", "26024"]


def test_a_data_table_is_named(after: After) -> None:
    cells = {
        "A1": ("marginal_cost*2", 45_000),
        "B2": ("", 45_000, ' t="dataTable" ref="B2:B3" r1="A9"'),
        "B3": 46_000,
        "C1": ("SUM(B2:B3)", 91_000),
    }
    found, err = after(cells, *DEARER)
    assert found == {"A1": 48_000, "B2": 45_000, "B3": 46_000, "C1": 91_000}
    assert "Mine!B2 was not recalculated: a What-If data table" in err


def test_a_function_behind_another_add_in_is_ours(
    file: Path, built: bytes, run: Run, edited: Edited
) -> None:
    parts = open_package(built, "built").parts
    prefixed = {
        part: xml.replace(b"_xldudf_FIELD_", b"[1]!_xldudf_FIELD_")
        for part, xml in parts.items()
        if part.startswith("xl/worksheets/sheet")
    }
    file.write_bytes(edited(built, prefixed))
    status, _, err = run("set", file, "marginal_cost=24000")
    assert (status, err) == (0, "")
    found = read_book(file.read_bytes(), "file")
    plain = read_book(recalculate(built, "built", {"marginal_cost": 24_000}).data, "built")
    assert plain.value("cost_multiple") == 100_000 / 24_000
    for name in plain.places.keys() - {"log_entries"}:
        assert found.values(name) == plain.values(name), name


def test_circles_keep_their_values(after: After) -> None:
    cells = {"A1": ("B1", 5), "B1": ("A1", 5), "C1": ("A1+marginal_cost", 22_505)}
    found, err = after(cells, *DEARER)
    assert found == {"A1": 5, "B1": 5, "C1": 24_005}
    assert err.count("was not recalculated") == 1


def test_many_of_which_the_same_is_said_are_told_of_together(after: After) -> None:
    found, err = after({f"A{row}": ("1+1", 3) for row in range(1, 101)})
    assert set(found.values()) == {3}
    assert err == (
        "note: Mine!A1 and 99 more cells there: was not recalculated: computed here it gives "
        "another value (2, not 3)\n"
    )


def test_a_formula_without_a_value_is_computed_and_named(after: After) -> None:
    found, err = after({"A1": ("marginal_cost*2", None)})
    assert found == {"A1": 45_000}
    assert err.startswith("note: Mine!A1 held no value until now")


@pytest.mark.libreoffice
@pytest.mark.usefixtures("libreoffice")
def test_formulas_that_libreoffice_computed(tmp_path: Path) -> None:
    found = own_formulas.tried(600, 7, tmp_path)
    assert found.wrong == []
    assert found.changed == []
    assert found.moved > 5
    assert len(found.kept) < found.formulas / 50, found.kept
    # The same sheet as gnumeric writes it, which keeps the texts of formulas among the shared ones.
    if shutil.which("ssconvert") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("gnumeric (ssconvert) is not here")
    other = own_formulas.through_gnumeric(found.first, tmp_path)
    assert len(own_formulas.kept_of(other)) < found.formulas / 50
    assert own_formulas.there_and_back(other) == []
    assert not recognise(read_book(other, "gnumeric")).notes  # all of ours are known again


# As other programs write


def with_table(data: bytes, edited: Edited, header: str) -> bytes:
    """The sheet Mine with a table called Own over A1:B3."""
    parts = open_package(data, "own").parts
    part = next(each for each in parts if b"Own[" in parts[each])
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
    table = (
        f'<table xmlns="{main}" id="9" name="Own" displayName="Own" ref="A1:B3">'
        f'<tableColumns count="2"><tableColumn id="1" name="What"/>'
        f'<tableColumn id="2" name="{header}"/></tableColumns></table>'
    )
    relation = (
        f'<Relationships xmlns="{package}"><Relationship Id="rIdT" Type="{office}/table" '
        'Target="../tables/own.xml"/></Relationships>'
    )
    parted = '<tableParts count="1"><tablePart r:id="rIdT"/></tableParts></worksheet>'
    types = parts["[Content_Types].xml"].decode()
    override = f'<Override PartName="/xl/tables/own.xml" ContentType="{kind}"/></Types>'
    return edited(
        data,
        {
            part: parts[part].decode().replace("</worksheet>", parted).encode(),
            part.replace("worksheets/", "worksheets/_rels/") + ".rels": relation.encode(),
            "xl/tables/own.xml": table.encode(),
            "[Content_Types].xml": types.replace("</Types>", override).encode(),
        },
    )


@pytest.mark.parametrize(
    ("header", "reference"), [("2024", "2024"), ("Cost [USD]", "Cost '[USD']"), ("Cost", "Cost")]
)
def test_a_table_is_known_or_keeps_its_values(
    file: Path,
    built: bytes,
    run: Run,
    add_sheet: AddSheet,
    edited: Edited,
    cells_of: CellsOf,
    header: str,
    reference: str,
) -> None:
    cells = {
        "A1": "What",
        "B1": header,
        "A2": "x",
        "B2": ("marginal_cost/1000", 22.5),
        "A3": "y",
        "B3": 7.5,
        "C5": (f"SUM(Own[{reference}])", 30),
    }
    file.write_bytes(with_table(add_sheet(built, rows_of(cells)), edited, header))
    status, _, err = run("set", file, "marginal_cost=24000")
    assert status == 0
    found = cells_of(file.read_bytes(), "Mine")
    assert found["B2"] == 24
    assert found["C5"] == (30 if "Mine!C5 was not recalculated" in err else 31.5)
    assert "[" in header or err == ""


@pytest.mark.parametrize("code", ["#GETTING_DATA", "#BUSY!", "#SPILL!", "#CALC!", "#FIELD!"])
def test_errors_that_only_excel_has_stay(after: After, code: str) -> None:
    cells = {"A1": code, "B1": ("IFERROR(A1,marginal_cost)", 22_500), "C1": ("A1", code)}
    found, err = after(cells, *DEARER)
    assert (found["A1"], found["B1"], found["C1"]) == (code, 24_000, code)
    assert "Mine!C1 was not recalculated" in err


@pytest.mark.parametrize("manner", ["Excel", "SheetJS"])
def test_as_others_write_and_there_and_back(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, manner: str
) -> None:
    rows = (
        '<row r="1" spans="1:5"><c r="A1"><v>1</v></c><c r="B1"><f>A1*marginal_cost</f>'
        '<v>22500</v></c><c r="C1" cm="1"><f t="array" ref="C1:C3">A1:A3*2</f><v>2</v></c>'
        '<c r="D1"><f t="shared" ref="D1:D3" si="0">A1/3</f><v>0.33333333333333331</v></c>'
        '<c r="E1" t="str"><f>TEXT(A1,"0.0")</f><v>1.0</v></c></row>'
        '<row r="2"><c r="A2"><v>2</v></c><c r="B2" t="b"><f>marginal_cost&gt;23000</f><v>0</v></c>'
        '<c r="C2"><v>4</v></c><c r="D2"><f t="shared" si="0"/><v>0.66666666666666663</v></c>'
        '<c r="E2"><f ca="1">RAND()</f><v>0.5</v></c></row>'
        '<row r="3"><c r="A3"><v>3</v></c><c r="B3" t="e"><f>VLOOKUP(9,A1:A3,1,FALSE)</f>'
        '<v>#N/A</v></c><c r="C3"><v>6</v></c><c r="D3"><f t="shared" si="0"/><v>1</v></c></row>'
    )
    if manner == "SheetJS":  # says that a number is one, and knows no cell metadata
        rows = re.sub(r' (spans="1:5"|cm="1")', "", rows)
        rows = re.sub(r'<c r="(\w+)">', r'<c r="\1" t="n">', rows)
    data = add_sheet(built, rows)
    file.write_bytes(data)
    assert run("set", file, "marginal_cost=24000")[0] == 0
    there = open_package(file.read_bytes(), "there").parts
    assert run("set", file, "marginal_cost=22500")[0] == 0
    first, back = (open_package(each, "x").parts for each in (data, file.read_bytes()))
    part = next(each for each in first if b"VLOOKUP(9" in first[each])
    assert there[part] != first[part]
    if manner == "Excel":
        assert back[part] == first[part]
    cells, before = (
        {each: (span.formula, span.value) for each, span in find_cells(parts[part], part).items()}
        for parts in (back, first)
    )
    assert cells == before


# What only an edit brings out


def test_a_change_in_the_last_digits_is_written(after: After) -> None:
    cells = {
        "A1": ("1700000000000+marginal_cost/1000", 1700000000022.5),
        "A2": ("A1-1700000000000", 22.5),
        "A3": ("20000000000+IF(marginal_cost>23000,2,1)", 20000000001),
    }
    found, err = after(cells, *DEARER)
    assert err == ""
    assert [found[each] for each in ("A1", "A2", "A3")] == [1700000000024, 24, 20000000002]


def test_minus_0_is_0(after: After) -> None:
    found, err = after({"A1": -0.0, "B1": ("A1*1+0", -0.0)}, *DEARER)
    assert (found["B1"], err) == (0, "")


def test_ids_that_differ_are_not_the_same(after: After) -> None:
    found, err = after({"A1": ("100000000001+0", 100000000002)})
    assert found == {"A1": 100000000002}
    assert "Mine!A1 was not recalculated" in err


def test_what_hangs_on_a_formula_that_fails_only_now_is_computed(after: After) -> None:
    cells = {
        "A1": ("IF(marginal_cost>23000,FOO(),5)", 5),
        "A2": 6,
        "B1": ("A1:A2*marginal_cost", 112_500, array("B1:B2")),
        "B2": 135_000,
        "C1": ("SUM(B1:B2)", 247_500),
    }
    found, err = after(cells, *DEARER)
    assert (found["A1"], found["B1"], found["B2"], found["C1"]) == (5, 120_000, 144_000, 264_000)
    assert err.splitlines() == [
        "note: Mine!A1 was not recalculated: its formula uses what only a spreadsheet knows"
    ]


def test_an_array_larger_than_the_engine_fills_is_kept(after: After) -> None:
    size = 10_001
    cells: dict[str, object] = {f"A{row}": 1 for row in range(1, size + 1)}
    cells["B1"] = (f"A1:A{size}*marginal_cost", 22_500, array(f"B1:B{size}"))
    cells |= {f"B{row}": 22_500 for row in range(2, size + 1)}
    found, err = after(cells, *DEARER)
    assert {found[f"B{row}"] for row in range(1, size + 1)} == {22_500}
    assert "Mine!B1 was not recalculated: its array is no range of at most 10,000 cells" in err


def test_what_may_eat_the_machine_is_kept_before_the_engine_sees_it(
    after: After, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_FILLED", 8)  # the message holds the real one
    large = {
        "A1": "SUM(B1:B20000*C1:XFD1)",
        "A2": "SUM(SEQUENCE(20000)*SEQUENCE(1,16000))",
        "A3": 'LEN(SUBSTITUTE(REPT("a",32000),"a",REPT("b",32000)))',
        "A4": 'LEN(_xlfn.TEXTJOIN("",TRUE,REPT("a",32000)&B1:B32000))',
        "A5": "LEN(_xlfn.LET(_xlpm.a,B9,_xlpm.b," + "_xlpm.a&" * 40 + "_xlpm.a,_xlpm.b))",
        "A6": 'SUM(LEN(OFFSET(B1,0,0,1000,1000)&REPT("x",32000)))',
        "A7": "SUM(_xlfn.SEQUENCE(4^6,4^6)*1)",
    }
    cells: dict[str, object] = {address: (text, 7) for address, text in large.items()}
    cells["B9"] = "x"
    cells |= {"E1": ("marginal_cost*{1,1}", 22_500, array("E1:F1")), "F1": 22_500}
    cells |= {"G1": ("marginal_cost*1", 22_500, array("G1:L1"))}
    found, err = after(cells, *DEARER)
    reason = "was not recalculated: it may take more memory than is given to a formula here"
    assert [found[address] for address in large] == [7] * len(large)
    assert [f"note: Mine!{address} {reason}" in err.splitlines() for address in large] == [True] * 7
    assert (found["E1"], found["F1"], found["G1"]) == (24_000, 24_000, 22_500)
    assert "Mine!G1 was not recalculated: the arrays before it fill 500,000 cells together" in err


def test_what_people_write_is_not_too_large(built: bytes) -> None:
    sizes = _Sizes(read_book(built, "file"), ["A1"])
    harmless = [
        "VLOOKUP(A1,B:D,2,0)",
        "INDEX(A:Z,MATCH(1,A:A,0),MATCH(2,1:1,0))",
        'SUMIFS(C:C,A:A,"x",B:B,marginal_cost)',
        "SUMPRODUCT((A1:A900=B1:CZ1)*1)",
        "SUM(A1:Z40000)",
        '_xlfn.TEXTJOIN(", ",TRUE,A:A)',
        "_xlfn._xlws.SORT(_xlfn.SEQUENCE(1000,10))",
        'SUMPRODUCT(--(B1:B5000&C1:C5000="xy"))',
        'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(A1,"a","bb"),"c","dd"),"e",B1)',
    ]
    assert [each for each in harmless if sizes.are_too_large(each)] == []


def test_a_formula_that_takes_too_long_is_kept(
    after: After, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LONGEST_OWN", 0)
    found, err = after({"A1": ("marginal_cost*1", 22_500)}, *DEARER)
    assert found["A1"] == 22_500
    assert "Mine!A1 was not recalculated: it takes longer than is given to a formula here" in err


def test_texts_that_xml_cannot_hold_or_no_cell(after: After, file: Path, run: Run) -> None:
    cells = {
        "A1": ("CHAR(28)", None),
        "A2": ("UNICHAR(65534)", None),
        "A3": ('"_x001"&"C_"', None),
        "A4": ('REPT("ab",9000)&REPT("ab",9000)', None),
        "A5": ("LEN(A4)", None),
    }
    found, _ = after(cells, "set", "good_1_name=A\x1f_x001C_B")
    # openpyxl reads them as they are written.
    assert list(found.values()) == ["_x001C_", "_xFFFE_", "_x005F_x001C_", "#VALUE!", "#VALUE!"]
    book = read_book(file.read_bytes(), "file")
    assert book.value("good_1_name") == "A\x1f_x001C_B"
    own = next(sheet for sheet in book.sheets if sheet.name == "Mine")
    assert [stored_value(own.cells[f"A{row}"]) for row in (1, 2, 3)] == [
        "\x1c",
        "\ufffe",
        "_x001C_",
    ]
    assert run("show", file)[0] == 0
    status, _, err = run("set", file, "good_1_name=A\udcffB")
    assert (status, err.startswith("good_1_name must be text in Unicode")) == (2, True)


def test_shared_texts_are_read_as_they_are_meant(
    built: bytes, edited: Edited, with_cell: Callable[..., bytes]
) -> None:
    data = with_cell(built, "good_1_name", "<v>0</v>", "s")
    xml = open_package(data, "built").parts["xl/sharedStrings.xml"]
    start, end = xml.index(b"<si>"), xml.index(b"</si>")
    shared = xml[:start] + b"<si><t>_x001F__x005F_x001C_</t>" + xml[end:]
    book = read_book(edited(data, {"xl/sharedStrings.xml": shared}), "file")
    assert book.value("good_1_name") == "\x1f_x001C_"


def test_texts_have_fifteen_digits_and_no_minus_before_0(after: After) -> None:
    cells = {
        "A1": ('CONCATENATE("r=",marginal_cost/22500)', "r=1"),
        "A2": ('-(marginal_cost-24000)&" USD"', "1500 USD"),
        "A3": ("LEN(marginal_cost/22500)", 1),
    }
    found, err = after(cells, *DEARER)
    assert err == ""
    assert found == {"A1": "r=1.06666666666667", "A2": "0 USD", "A3": 16}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("IF(marginal_cost>23000,_xlfn.FORMULATEXT(A1),0)", 0),
        ('IF(marginal_cost>23000,TEXT(marginal_cost,"0.00E+00"),"low")', "low"),
        ("SUMPRODUCT(LEN(C1:C2))+marginal_cost*0", 2),
        ("_xldudf_FIELD_COST_MULTIPLE([1]Sheet1!$A$1,24000)", 4),
        ("_xldudf_FIELD_COST_MULTIPLE(48000,D1:D2)", 2),
        ("_xldudf_FIELD_COST_MULTIPLE(Nope!B2,24000)", 4),
    ],
)
def test_what_the_engine_gives_otherwise_is_kept(after: After, formula: str, value: Any) -> None:
    cells = {
        "A1": ("marginal_cost*2", 45_000),
        "B1": (formula, value),
        "C1": "bb",
        "D1": 24_000,
        "D2": 48_000,
    }
    found, err = after(cells, *DEARER)
    assert found["B1"] == value
    assert "Mine!B1 was not recalculated" in err


def test_an_empty_value_is_computed(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet, cells_of: CellsOf
) -> None:
    cell = '<c r="A1"><f>marginal_cost*2</f><v/></c>'
    file.write_bytes(add_sheet(built, f'<row r="1">{cell}</row>'))
    status, _, err = run("set", file, "marginal_cost=24000")
    assert status == 0
    assert "Mine!A1 held no value until now" in err
    assert cells_of(file.read_bytes(), "Mine") == {"A1": 48_000}


def test_line_breaks_in_a_text_stay(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet
) -> None:
    formula = '"a"&amp;CHAR(10)&amp;"b"&amp;CHAR(13)&amp;CHAR(28)&amp;marginal_cost'
    cell = f'<c r="A1" t="str"><f>{formula}</f><v>a\nb_x000D__x001C_22500</v></c>'
    data = add_sheet(built, f'<row r="1">{cell}</row>')
    file.write_bytes(data)
    assert run("recalc", file)[::2] == (0, "")
    assert open_package(file.read_bytes(), "a").parts == open_package(data, "b").parts
    assert run("set", file, "marginal_cost=24000")[::2] == (0, "")
    parts = open_package(file.read_bytes(), "a").parts.values()
    assert any(b"<v>a\nb_x000D__x001C_24000</v>" in part for part in parts)


def test_cells_that_do_not_say_where_they_stand(
    file: Path, built: bytes, run: Run, add_sheet: AddSheet
) -> None:
    rows = (
        "<row><c><v>1</v></c><c><f>A1*marginal_cost</f><v>22500</v></c></row>"
        '<row r="3"><c r="C3"><v>1</v></c><c><f>C3*marginal_cost</f><v>22500</v></c></row>'
    )
    file.write_bytes(add_sheet(built, rows))
    assert run("set", file, "marginal_cost=24000")[::2] == (0, "")
    part = open_package(file.read_bytes(), "own").parts[MINE].decode()
    assert re.findall("<v>(.*?)</v>", part) == ["1", "24000", "1", "24000"]
