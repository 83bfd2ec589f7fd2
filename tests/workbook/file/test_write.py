"""The written file: what Excel and a reader need of it."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from addin.functions import functions
from pycore.model.results import model
from pycore.model.sentences import declared
from pycore.model.tables import HEADLINES
from pycore.model.whole import over_tables
from pycore.nodes import Assumption
from pycore.uncertainty.distributions import KINDS
from workbook.file.package import open_package
from workbook.formulas import (
    defined_name,
    input_references,
    taken,
    text_references,
    value_references,
)
from workbook.read import read_book, settings
from workbook.sheets.layout import Listed, Mixed
from workbook.sheets.people.log import ENTRIES

READ = ["Summary", "Cost", "Marginal", "Ratio", "Window", "Portfolio", "Exchange"]
EDITED = ["Assumptions", "Scenarios", "Survey", "Log"]
REVIEWED = ["Uncertainty", "Sensitivity", "Checks", "About"]
SHEETS = [*READ, *EDITED, *REVIEWED, "Workings"]


CHARTS = 9 + len(HEADLINES) + 2
"""Those of the answers, a spread for each headline, the tornado and the scenarios."""

FOLLOWING = {
    f"{node.id}_{end}" for node in model().assumptions if node.setting for end in ("low", "high")
}
"""The ends of what has no range: they show the value, and no one types them."""


@pytest.fixture(name="parts", scope="module")
def _parts(built: bytes) -> dict[str, str]:
    return {part: xml.decode() for part, xml in open_package(built, "built").parts.items()}


@pytest.fixture(name="book", scope="module")
def _book(built: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(built))


def worksheets(parts: dict[str, str]) -> dict[str, str]:
    """The sheets' parts, in the order of the tabs."""
    found = [part for part in parts if part.startswith("xl/worksheets/sheet")]
    return {part: parts[part] for part in sorted(found, key=lambda part: (len(part), part))}


def test_values_survive_opening(parts: dict[str, str]) -> None:
    calculation = re.search("<calcPr[^>]*>", parts["xl/workbook.xml"])
    assert calculation is not None
    assert 'calcId="191029"' in calculation[0]
    assert "fullCalcOnLoad" not in calculation[0]
    assert "calcMode" not in calculation[0] or 'calcMode="auto"' in calculation[0]


def test_the_sheets_in_order_only_workings_hidden(book: Any, parts: dict[str, str]) -> None:
    assert book.sheetnames == SHEETS
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == ["Workings"]
    for xml in worksheets(parts).values():
        assert "mergeCell" not in xml
        assert not re.search(r'<col [^>]*hidden="1"', xml)


def test_titles_in_a1(book: Any) -> None:
    titles = [sheet["A1"].value for sheet in book]
    assert all(isinstance(title, str) and title for title in titles)
    assert len(set(titles)) == len(titles)


def test_stored_function_names(parts: dict[str, str]) -> None:
    known = {function.stored_name for function in functions().values()}
    called = set()
    for xml in worksheets(parts).values():
        for formula in re.findall(r"<f[^>]*>(.*?)</f>", xml):
            called |= set(re.findall(r"[\w.]*FIELD\w*", formula.replace("FIELD.", "?FIELD.")))
            assert "?FIELD." not in formula
            assert len(formula) < 8192
            assert all(len(text) <= 255 for text in re.findall('"([^"]*)"', formula))
    assert called <= known
    used = {f"_xldudf_FIELD_{r.function.__name__.upper()}" for r in model().results}
    assert used <= called
    assert all(name.startswith("_xldudf_FIELD_") for name in known)


def test_blocks_are_fixed_arrays(parts: dict[str, str]) -> None:
    arrays = []
    for xml in worksheets(parts).values():
        assert " cm=" not in xml
        for attributes, formula in re.findall(r"<f( [^>]*)>([^<]*)</f>", xml):
            assert 't="array"' in attributes
            ref = re.search(r'ref="([A-Z]+\d+:[A-Z]+\d+)"', attributes)
            assert ref is not None
            assert formula.startswith("_xldudf_FIELD_")
            arrays.append(ref[1])
    several = [r for r in model().results if r.parts or r.id in model().swept]
    assert len(arrays) == len(several) + len(over_tables()) + 1  # the stamp's echo


def test_each_result_is_computed_once(parts: dict[str, str]) -> None:
    formulas = [
        formula
        for part, xml in worksheets(parts).items()
        if part != f"xl/worksheets/sheet{SHEETS.index('Checks') + 1}.xml"
        for formula in re.findall(r"<f[^>]*>(_xldudf_[^<]*)</f>", xml)
    ]
    for block in over_tables().values():
        name = f"_xldudf_FIELD_{block.function.__name__.upper()}"
        formulas.remove(f"{name}({','.join(map(taken, block.arguments))})")
    formulas.remove("_xldudf_FIELD_COMPUTED_FROM(stamp_now)")
    assert len(formulas) == len(model().results)
    for result in model().results:
        arguments = ",".join(map(defined_name, result.arguments))
        formula = f"_xldudf_FIELD_{result.function.__name__.upper()}({arguments})"
        assert formulas.count(formula) == 1, result.id
    written = "".join(worksheets(parts).values())
    for sentence in declared():
        assert written.count(f"_xldudf_FIELD_SENTENCE({sentence}_values)") == 1, sentence


def test_inputs_and_only_inputs_are_unlocked(built: bytes, book: Any) -> None:
    found = read_book(built, "built")
    unlocked = {
        (sheet.title, cell.coordinate)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    names = [defined_name(reference) for reference in input_references(model())]
    names += map(defined_name, text_references(model()))
    expected = {(found.places[name].sheet, found.places[name].first) for name in names}
    others = {(found.places[name].sheet, found.places[name].first) for name in settings()}
    others |= {("Log", address) for row in found.places[ENTRIES].rows for address in row}
    assert unlocked == expected | others
    assert not {sheet for sheet, _ in others} & {"Assumptions"}


def test_inputs_look_like_inputs(built: bytes, book: Any) -> None:
    found = read_book(built, "built")
    looks = set()
    for name in map(defined_name, value_references(model())):
        place = found.places[name]
        cell = book[place.sheet][place.first]
        looks.add((cell.fill.fgColor.rgb, cell.border.left.style, cell.font.name))
        assert cell.data_type != "f"
    for name in FOLLOWING:
        place = found.places[name]
        assert book[place.sheet][place.first].value == f"={name.rpartition('_')[0]}"
    assert len(looks) == 1
    ((fill, border, _),) = looks
    assert fill not in ("00000000", "FFFFFFFF")
    assert border == "thin"


def test_every_sheet_is_protected_without_a_password(parts: dict[str, str]) -> None:
    for part, xml in worksheets(parts).items():
        protection = re.search("<sheetProtection[^>]*>", xml)
        assert protection is not None, part
        assert 'sheet="1"' in protection[0]
        assert "password" not in protection[0]
        assert "hashValue" not in protection[0]


def test_validation_of_every_input_has_the_bounds_of_the_core(built: bytes, book: Any) -> None:
    found = read_book(built, "built")
    rules = {
        str(cell): rule
        for rule in book["Assumptions"].data_validations.dataValidation
        for cells in rule.sqref.ranges
        for cell in [cells.coord]
    }
    assert all(rule.prompt and rule.showInputMessage for rule in rules.values())
    rules = {cell: rule for cell, rule in rules.items() if rule.type is not None}
    expected = set()
    for node in model().inputs:
        ends = ("", "_low", "_high") if isinstance(node, Assumption) else ("",)
        for end in (end for end in ends if f"{node.id}{end}" not in FOLLOWING):
            address = found.places[f"{node.id}{end}"].first
            expected.add(address)
            rule = rules[address]
            assert not rule.allowBlank
            assert rule.showErrorMessage
            assert rule.error
            if isinstance(node, Assumption):
                assert rule.type == ("whole" if node.domain.whole else "decimal")
                assert (rule.operator or "between") == "between"
                assert float(rule.formula1) == node.domain.minimum
                assert float(rule.formula2) == node.domain.maximum
                assert node.domain.rule in rule.error
                assert node.domain.rule in rule.prompt
                assert len(rule.error) <= 255
                assert len(rule.prompt) <= 255
            else:
                assert rule.type == "list"
                assert rule.formula1 == f'"{",".join(node.options)}"'
    for assumption in model().assumptions:
        address = found.places[f"{assumption.id}_distribution"].first
        expected.add(address)
        assert rules[address].formula1 == f'"{",".join(KINDS)}"'
    assert set(rules) == expected


def test_validation_of_every_setting(built: bytes, book: Any) -> None:
    found = read_book(built, "built")
    for name, cell in settings().items():
        place = found.places[name]
        rules = [
            rule
            for rule in book[place.sheet].data_validations.dataValidation
            if place.first in {each.coord for each in rule.sqref.ranges}
        ]
        (rule,) = rules
        assert rule.prompt
        assert rule.showInputMessage
        if isinstance(cell.allowed, Mixed):
            assert rule.type is None  # a spreadsheet has no rule for a number or a word
            continue
        assert rule.showErrorMessage
        assert rule.error
        assert rule.allowBlank == cell.optional
        if isinstance(cell.allowed, Listed):
            assert rule.formula1 == cell.allowed.name


def test_every_page_is_landscape_and_one_page_wide(book: Any) -> None:
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert bool(sheet.print_area) == (sheet.title != "Workings")
        assert sheet.oddFooter.right.text


@pytest.mark.parametrize("title", ["Assumptions", "Checks"])
def test_long_tables_repeat_their_header(book: Any, title: str) -> None:
    assert book[title].print_title_rows == "$4:$4"
    assert book[title].freeze_panes == "B5"


def test_every_printed_cell_and_chart_is_in_the_print_area(book: Any) -> None:
    for sheet in book:
        if sheet.title == "Workings":
            continue
        area = sheet.print_area.rpartition("!")[2].replace("$", "")
        corner = area.split(":")[1]
        edge = sheet[corner]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is None:
                    continue
                if sheet.title == "About" and cell.row > edge.row:
                    continue  # what is there to be clicked, or stands in the task pane
                assert cell.row <= edge.row, cell
                # Of the columns for goods only the first are printed, and no fitted values.
                if sheet.title in ("Survey", "Assumptions"):
                    continue
                assert cell.column <= edge.column, cell


def test_charts_end_inside_the_printed_columns(parts: dict[str, str], book: Any) -> None:
    drawn = 0
    for sheet, part in zip(book, worksheets(parts), strict=True):
        if sheet.title == "Workings":
            continue
        relations = parts.get(part.replace("worksheets/", "worksheets/_rels/") + ".rels", "")
        for name in re.findall(r'Target="\.\./drawings/(drawing\d+\.xml)"', relations):
            xml = parts[f"xl/drawings/{name}"]
            area = sheet.print_area.rpartition("!")[2].replace("$", "").split(":")[1]
            edge = sheet[area]
            for column, offset, row in re.findall(
                r"<xdr:to><xdr:col>(\d+)</xdr:col><xdr:colOff>(\d+)</xdr:colOff>"
                r"<xdr:row>(\d+)</xdr:row>",
                xml,
            ):
                drawn += 1
                # Counted from 0: a chart may end at the very edge of the last column.
                assert int(column) < edge.column or (int(column) == edge.column and offset == "0")
                assert int(row) < edge.row + 1, sheet.title
    assert drawn == CHARTS


def test_charts_are_described_titled_and_labelled(parts: dict[str, str]) -> None:
    frames = [
        frame
        for part, xml in parts.items()
        if part.startswith("xl/drawings/drawing")
        for frame in re.findall(r"<xdr:graphicFrame.*?</xdr:graphicFrame>", xml)
    ]
    charts = [xml for part, xml in parts.items() if part.startswith("xl/charts/chart")]
    assert len(frames) == len(charts) == CHARTS
    for frame in frames:
        described = re.search(r'descr="([^"]{30,})"', frame)
        assert described is not None
    for chart in charts:
        # The chart, its two axes, and the axis of a cumulative line.
        assert len(re.findall(r"<c:title>", chart)) == (4 if "<c:lineChart>" in chart else 3)
        for title in re.findall(r"<a:t>([^<]*)</a:t>", chart):
            assert title.strip()


def test_charts_point_at_cells_that_hold_values(parts: dict[str, str], built: bytes) -> None:
    values = openpyxl.load_workbook(io.BytesIO(built), data_only=True)
    for part, xml in parts.items():
        if part.startswith("xl/charts/chart"):
            references = re.findall(r"<c:f>(\w+)!\$([A-Z]+)\$(\d+):\$([A-Z]+)\$(\d+)</c:f>", xml)
            assert len(references) >= 2
            areas = [
                (sheet, CellRange(f"{left}{first}:{right}{last}"))
                for sheet, left, first, right, last in references
            ]
            assert len({tuple(area.size.values()) for _, area in areas}) == 1
            for sheet, area in areas:
                assert 1 in area.size.values()
                for row, column in area.cells:
                    assert values[sheet].cell(row, column).value is not None


def test_defined_names_are_valid_in_excel_and_unique(parts: dict[str, str]) -> None:
    names = re.findall(r'<definedName name="([^"]+)"(?! localSheetId)', parts["xl/workbook.xml"])
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[A-Za-z_\\][\w.\\]*", name), name
        assert len(name) <= 255
        assert not re.fullmatch(r"[A-Za-z]{1,3}\d+", name), name
        assert not re.fullmatch(r"[Rr]\d*([Cc]\d*)?|[Cc]\d*", name), name
        assert name.upper() not in ("TRUE", "FALSE")


def test_every_input_has_its_three_names_and_every_result_its_own(parts: dict[str, str]) -> None:
    names = set(re.findall(r'<definedName name="([^"]+)"', parts["xl/workbook.xml"]))
    for node in model().assumptions:
        assert {node.id, f"{node.id}_low", f"{node.id}_high"} <= names
    assert {result.id for result in model().results} <= names


def test_no_formula_holds_a_changeable_number(parts: dict[str, str]) -> None:
    # Presentation may count, round and scale to per cent; everything else has a name.
    for xml in worksheets(parts).values():
        for formula in re.findall(r"<f[^>]*>(.*?)</f>", xml):
            bare = re.sub(r'"[^"]*"|&quot;.*?&quot;', "", formula)
            bare = re.sub(r"INDEX\([^()]*(\([^()]*\))?[^()]*\)", "", bare)
            numbers = set(re.findall(r"(?<![\w.$])\d+(?:\.\d+)?(?![\w.])", bare))
            assert numbers <= {"0", "1", "2", "3", "100"}, formula


def test_widths_are_those_that_are_printed(book: Any) -> None:
    for sheet in (each for each in book if each.print_area):
        area = sheet.print_area.rpartition("!")[2].replace("$", "").split(":")[1]
        for column in range(1, sheet[area].column + 1):
            letter = get_column_letter(column)
            held = [
                dimension
                for dimension in sheet.column_dimensions.values()
                if dimension.min <= column <= dimension.max
            ]
            assert held, (sheet.title, letter)
            assert held[0].width >= 5
