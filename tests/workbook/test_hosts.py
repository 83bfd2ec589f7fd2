"""The forms of the workbook: each host's names, parts and macros; recalculated in each."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import xlwings
from openxml_audit import FileFormat, OpenXmlValidator

from addin import lite
from addin.functions import functions
from addin.version import model_version
from pycore.model.results import model
from tests.workbook import excel_limits
from workbook.file.package import open_package
from workbook.file.write import write
from workbook.hosts import CALC, DESKTOP, HOSTS, LITE, SERVER, Host, host_of
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]
Parts = Callable[[bytes], dict[str, bytes]]
Convert = Callable[..., Path]

NAMES = {
    "server": "_xldudf_FIELD_COST_MULTIPLE",
    "lite": "_xldudf_FIELD_COST_MULTIPLE",
    "desktop": "FIELD_COST_MULTIPLE",
    "calc": "ORG.FIELDBOOK.ADDIN.COSTMULTIPLE",
}
TYPED = {"desktop": "FIELD_COST_MULTIPLE"}
WORDS = ["marginal_cost=30000", "marginal_cost.low=28000", "marginal_cost.high=35000"]

SHEET = [placed.sheet.name for placed in sheets()].index("Assumptions") + 1
ASSUMPTIONS = f"xl/worksheets/sheet{SHEET}.xml"

every_host = pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)


@pytest.fixture(scope="module")
def forms(fewest: dict[str, float | str]) -> dict[str, bytes]:
    """The workbook in the form of every host."""
    return {
        host.name: recalculate(write(host.sheets(), host), host.name, fewest).data for host in HOSTS
    }


@pytest.fixture
def form(tmp_path: Path, forms: dict[str, bytes]) -> Callable[[Host], Path]:
    """Give a form on disk."""

    def put(host: Host) -> Path:
        path = tmp_path / f"fieldbook{host.suffix}"
        path.write_bytes(forms[host.name])
        return path

    return put


def formulas(data: bytes) -> list[str]:
    parts = open_package(data, "form").parts
    found = b"".join(part for name, part in parts.items() if "/worksheets/sheet" in name)
    return [html.unescape(each.decode()) for each in re.findall(rb"<f[^>]*>([^<]*)</f>", found)]


# Names


@every_host
def test_the_names_that_the_host_stores(host: Host, forms: dict[str, bytes]) -> None:
    stored = formulas(forms[host.name])
    assert f"{NAMES[host.name]}(value_per_researcher,marginal_cost)" in stored
    calling = [text for text in stored if host_of([text]) is not SERVER or "_xldudf_" in text]
    assert len(calling) == sum(at.cell.calls for placed in sheets() for at in placed.cells)
    others = {name for other, name in NAMES.items() if name != NAMES[host.name]}
    for text in stored:
        assert not any(re.search(rf"(?<![\w.]){re.escape(name)}\(", text) for name in others)


@every_host
def test_blocks_are_arrays_of_fixed_size_and_nothing_spills(
    host: Host, forms: dict[str, bytes]
) -> None:
    parts = open_package(forms[host.name], "form").parts
    xml = b"".join(part for name, part in parts.items() if "/worksheets/sheet" in name)
    arrays = re.findall(rb'<f t="array" ref="[A-Z]+\d+:[A-Z]+\d+">([^<]*)</f>', xml)
    assert len(arrays) == xml.count(b't="array"') >= 5
    assert all(html.unescape(text.decode()).count("(") >= 1 for text in arrays)
    assert b" cm=" not in xml


@every_host
def test_the_catalogue_shows_what_is_typed_there(host: Host, forms: dict[str, bytes]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(forms[host.name]))["About"]
    shown = {cell.value for row in sheet.iter_rows() for cell in row if cell.value}
    name = TYPED.get(host.name, "FIELD.COST_MULTIPLE")
    assert name in shown
    # Calc takes references only; it and the desktop have a function more.
    typed = "(A1;B1)" if host is CALC else "(100000, 25000)"
    assert f"={name}{typed}" in shown
    assert ("FIELD.REASON" in shown) == (host is CALC)
    assert ("FIELD_REASON" in shown) == (host is DESKTOP)


@every_host
def test_about_says_what_to_do_in_the_host(host: Host, forms: dict[str, bytes]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(forms[host.name]))["About"]
    shown = {cell.value for row in sheet.iter_rows() for cell in row if cell.value}
    assert f"Model version {model_version()}" in shown
    assert host.recalculation
    assert host.recalculation in shown


@every_host
def test_the_host_is_told_by_its_names(host: Host, forms: dict[str, bytes]) -> None:
    expected = SERVER if host is LITE else host
    assert host_of(formulas(forms[host.name])) is expected
    assert host_of([host.stored(functions()["QUOTE"]).lower() + "(1,2)"]) is expected


def test_where_no_function_is_called_the_form_is_the_servers() -> None:
    assert host_of(["SUM(A1:A2)", ""]) is SERVER


def test_no_two_functions_are_stored_under_one_name() -> None:
    for host in HOSTS:
        names = {host.stored(each).casefold() for each in functions().values()}
        assert len(names) == len(functions())


# Recalculation


@every_host
def test_built_from_the_command_line(
    host: Host, forms: dict[str, bytes], fewest: dict[str, float | str], tmp_path: Path, run: Run
) -> None:
    path = tmp_path / f"out{host.suffix}"
    flags = [] if host is SERVER else [f"--{host.name}"]
    status, out, err = run("build", path, *flags)
    assert (status, err) == (0, "")
    assert out.startswith(f"built {path}: ")
    again = recalculate(path.read_bytes(), host.name, fewest).data
    built, formed = (read_book(data, host.name) for data in (again, forms[host.name]))
    parts, others = built.package.parts, formed.package.parts
    # A built file has an id of its own, which stands on About.
    assert {part for part in parts if parts[part] != others[part]} == {
        built.sheet_of("file_id").part
    }
    assert built.value("file_id")


@every_host
def test_recalculating_a_built_file_changes_nothing(
    host: Host, forms: dict[str, bytes], form: Callable[[Host], Path], run: Run
) -> None:
    path = form(host)
    assert run("recalc", path)[::2] == (0, "")
    assert path.read_bytes() == forms[host.name]


@every_host
def test_every_form_says_the_same_after_the_same_change(
    host: Host, form: Callable[[Host], Path], file: Path, run: Run
) -> None:
    path = form(host)
    assert run("set", path, *WORDS)[::2] == (0, "")
    assert run("set", file, *WORDS)[::2] == (0, "")
    shown, expected = (json.loads(run("show", each, "--json")[1]) for each in (path, file))
    assert shown == expected
    assert shown["results"]["cost_quote"]["value"] == "2-4x"


@every_host
def test_a_formula_of_ones_own_is_noted_in_the_words_of_the_host(
    host: Host, forms: dict[str, bytes], with_cell: Callable[..., bytes]
) -> None:
    call = f"{host.stored(functions()['COST_MULTIPLE'])}(value_per_researcher,1)"
    changed = with_cell(forms[host.name], "cost_multiple", f"<f>{call}</f><v>0</v>")
    (note,) = recalculate(changed, "changed").notes
    shown = f"={TYPED.get(host.name, 'FIELD.COST_MULTIPLE')}(value_per_researcher,marginal_cost)"
    assert note.endswith(f"holds a formula of its own; the model's is {shown}")


@every_host
def test_a_formula_in_the_words_of_another_host_is_computed(
    host: Host, forms: dict[str, bytes], add_sheet: Callable[..., bytes]
) -> None:
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><f>{other.stored(functions()["QUOTE"])}(4,5)</f></c></row>'
        for row, other in enumerate(HOSTS, start=1)
    )
    done = recalculate(add_sheet(forms[host.name], rows), "with a sheet")
    assert done.notes == ()
    book = openpyxl.load_workbook(io.BytesIO(done.data), data_only=True)
    assert [cell.value for cell in book["Mine"]["A"]] == ["4-5x"] * len(HOSTS)


@every_host
def test_the_reason_of_a_refusal_is_told(
    host: Host, forms: dict[str, bytes], add_sheet: Callable[..., bytes]
) -> None:
    call = f"{host.stored(functions()['QUOTE']).lower()}(5,4)"
    rows = f'<row r="1"><c r="A1"><f>{call}</f></c></row>'
    (note,) = recalculate(add_sheet(forms[host.name], rows), "with a sheet").notes
    assert note == "Mine!A1 shows #VALUE!: QUOTE: low must be at most high (4), but is 5"


def test_one_form_at_a_time(tmp_path: Path, run: Run) -> None:
    with pytest.raises(SystemExit):
        run("build", tmp_path / "out.xlsx", "--lite", "--calc")


@pytest.mark.parametrize(
    ("name", "flags", "rule"),
    [
        ("out.xlsx", ["--desktop"], "must end in .xlsm"),
        ("out", ["--desktop"], "must end in .xlsm"),
        ("out.xlsm", [], "must end in .xlsx"),
        ("out.XLSM", ["--lite"], "must end in .xlsx"),
        ("out.xls", [], "must end in .xlsx"),
    ],
)
def test_a_name_that_excel_would_not_open_is_refused(
    tmp_path: Path, run: Run, name: str, flags: list[str], rule: str
) -> None:
    status, out, err = run("build", tmp_path / name, *flags)
    assert (status, out) == (2, "")
    assert rule in err
    assert not list(tmp_path.iterdir())


def test_so_is_one_to_recalculate_into(form: Callable[[Host], Path], refused: Refused) -> None:
    for host, name in ((DESKTOP, "out.xlsx"), (CALC, "out.xlsm")):
        path = form(host)
        assert ".xlsm" in refused("recalc", path, "-o", path.with_name(name))


# xlwings Lite


RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
EXTENSION = "{http://schemas.microsoft.com/office/webextensions/webextension/2010/11}"
PANES = "{http://schemas.microsoft.com/office/webextensions/taskpanes/2010/11}"
ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
LITE_PARTS = {
    "xl/webextensions/webextension1.xml",
    "xl/webextensions/taskpanes.xml",
    "xl/webextensions/_rels/taskpanes.xml.rels",
}


def test_macros_behind_the_name_of_a_file_without_are_refused(
    form: Callable[[Host], Path], refused: Refused
) -> None:
    disguised = form(DESKTOP).with_suffix(".xlsx")
    disguised.write_bytes(form(DESKTOP).read_bytes())
    assert "must end in .xlsm" in refused("recalc", disguised)


def test_lite_adds_its_parts_and_touches_no_sheet_that_computes(
    forms: dict[str, bytes], parts_of: Parts
) -> None:
    plain, lite_form = parts_of(forms["server"]), parts_of(forms["lite"])
    assert set(lite_form) - set(plain) == LITE_PARTS
    changed = {name for name, part in plain.items() if lite_form[name] != part}
    said = "xl/sharedStrings.xml"  # what to do in Lite
    assert changed == {"[Content_Types].xml", "_rels/.rels", said}


def test_the_extension_is_reached_from_the_package(
    forms: dict[str, bytes], parts_of: Parts
) -> None:
    parts = parts_of(forms["lite"])
    kind = "http://schemas.microsoft.com/office/2011/relationships/webextension"
    first = {
        each.attrib["Type"]: each.attrib["Target"]
        for each in ElementTree.fromstring(parts["_rels/.rels"]).iter(RELATIONSHIP)
    }
    assert first[f"{kind}taskpanes"] == "xl/webextensions/taskpanes.xml"
    relations = ElementTree.fromstring(parts["xl/webextensions/_rels/taskpanes.xml.rels"])
    (second,) = relations.iter(RELATIONSHIP)
    assert (second.attrib["Type"], second.attrib["Target"]) == (kind, "webextension1.xml")
    panes = ElementTree.fromstring(parts["xl/webextensions/taskpanes.xml"])
    (reference,) = panes.iter(f"{PANES}webextensionref")
    assert reference.attrib[ID] == second.attrib["Id"]
    types = parts["[Content_Types].xml"].decode()
    for part, name in (("webextension1", "webextension"), ("taskpanes", "webextensiontaskpanes")):
        assert (
            f'<Override PartName="/xl/webextensions/{part}.xml" '
            f'ContentType="application/vnd.ms-office.{name}+xml"/>'
        ) in types


def test_the_extension_carries_the_module(forms: dict[str, bytes], parts_of: Parts) -> None:
    xml = parts_of(forms["lite"])["xl/webextensions/webextension1.xml"]
    root = ElementTree.fromstring(xml)
    assert root.tag == f"{EXTENSION}webextension"
    assert re.fullmatch(r"\{[0-9A-F-]{36}\}", root.attrib["id"])
    names = [child.tag.removeprefix(EXTENSION) for child in root]
    assert names == [
        "reference",
        "alternateReferences",
        "properties",
        "bindings",
        "snapshot",
        "extLst",
    ]
    assert root[0].attrib == {
        "id": "wa200008175",
        "version": "1.0.0.0",
        "store": "en-US",
        "storeType": "OMEX",
    }
    # Without this, and the last two properties, Lite starts with the file the first time only.
    assert [each.attrib for each in root[1]] == [root[0].attrib | {"store": "WA200008175"}]
    held = properties(xml)
    assert held.pop("main.py") == lite.main_py()
    assert held.pop("requirements.txt") == lite.requirements()
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", held.pop("xlwingsWorkbookId"))
    assert held == {
        "pyodideVersion": "0.27.5",
        "addinVersion": "1.0.0.0-35",
        "xlwingsSettingsWorkbook": {"startupBehavior": "taskpane"},
    }
    # As Office writes JSON: slashes escaped, and no other letters.
    assert b'<we:property name="main.py" value="&quot;' in xml
    assert rb"such as pycore\/cost.py" in xml


def properties(xml: bytes) -> dict[str, Any]:
    return {
        each.attrib["name"]: json.loads(each.attrib["value"])
        for each in ElementTree.fromstring(xml).iter(f"{EXTENSION}property")
    }


def test_the_extension_is_the_same_each_time_and_after_an_edit(
    forms: dict[str, bytes], form: Callable[[Host], Path], parts_of: Parts, run: Run
) -> None:
    path, part = form(LITE), "xl/webextensions/webextension1.xml"
    assert run("set", path, *WORDS)[::2] == (0, "")
    again = write(LITE.sheets(), LITE)
    first = parts_of(forms["lite"])[part]
    assert parts_of(path.read_bytes())[part] == parts_of(again)[part] == first


def test_the_extension_lists_the_stored_names(forms: dict[str, bytes], parts_of: Parts) -> None:
    root = ElementTree.fromstring(parts_of(forms["lite"])["xl/webextensions/webextension1.xml"])
    assert root[-1].find(f".//{EXTENSION}containsCustomFunctions") is not None
    listed = [each.text for each in root[-1].iter(f"{EXTENSION}customFunctionIds")]
    assert listed == [each.stored_name for each in functions().values()]


# Windows desktop


def test_the_macros_are_those_of_xlwings(forms: dict[str, bytes], parts_of: Parts) -> None:
    parts = parts_of(forms["desktop"])
    template = Path(xlwings.__file__).with_name("quickstart_standalone.xlsm")
    with zipfile.ZipFile(template) as archive:
        assert parts["xl/vbaProject.bin"] == archive.read("xl/vbaProject.bin")
    types = parts["[Content_Types].xml"].decode()
    assert types.count("application/vnd.ms-excel.sheet.macroEnabled.main+xml") == 1
    assert 'codeName="ThisWorkbook"' in parts["xl/workbook.xml"].decode()


def test_olevba_lists_the_modules(forms: dict[str, bytes]) -> None:
    olevba = pytest.importorskip("oletools.olevba")
    parser = olevba.VBA_Parser("fieldbook.xlsm", data=forms["desktop"])
    modules = {name: code for *_, name, code in parser.extract_all_macros()}
    parser.close()
    assert "xlwings.bas" in modules
    assert "Sub ImportPythonUDFs()" in modules["xlwings.bas"]
    assert f'XLWINGS_VERSION As String = "{xlwings.__version__}"' in modules["xlwings.bas"]


def test_the_settings_of_xlwings(forms: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(forms["desktop"]))
    assert book.sheetnames[-1] == "xlwings.conf"
    rows = list(book["xlwings.conf"].iter_rows(max_col=2))
    settings = {name.value: value.value for name, value in rows}
    assert settings == {
        "Interpreter_Win": "python",
        "PYTHONPATH": None,
        "UDF Modules": "addin.desktop",
    }
    assert not any(value.protection.locked for _, value in rows)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: {
            "[Content_Types].xml": parts["[Content_Types].xml"].replace(
                b"</Types>",
                b'<Override PartName="/xl/styles.xml" '
                b'ContentType="application/vnd.ms-excel.macrosheet+xml"/></Types>',
            )
        },
        lambda parts: {
            "[Content_Types].xml": parts["[Content_Types].xml"].replace(
                b"ms-excel.sheet.macroEnabled.main", b"ms-excel.addin.macroEnabled.main"
            )
        },
        lambda parts: {
            "[Content_Types].xml": parts["[Content_Types].xml"].replace(
                b"vnd.ms-excel.sheet.macroEnabled.main",
                b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
            )
        },
    ],
    ids=["macro sheet", "add-in", "no macro file"],
)
def test_any_other_macro_is_refused(
    form: Callable[[Host], Path],
    refused: Refused,
    edited: Callable[..., bytes],
    parts_of: Parts,
    change: Callable[[dict[str, bytes]], dict[str, bytes | None]],
) -> None:
    path = form(DESKTOP)
    data = path.read_bytes()
    path.write_bytes(edited(data, change(parts_of(data))))
    for command, *words in (("show",), ("recalc",), ("set", *WORDS)):
        assert "macro" in refused(command, path, *words)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: {"xl/vbaProject.bin": parts["xl/vbaProject.bin"][:-1] + b"\1"},
        lambda parts: {"xl/other.bin": parts["xl/vbaProject.bin"][:-1] + b"\1"},
        lambda parts: {
            "xl/vbaProject.bin": b"\xcc\x61",
            "xl/printerSettings/printerSettings1.bin": b"\0\1",
            "[Content_Types].xml": re.sub(
                rb'<Default Extension="bin"[^>]*/>',
                b'<Default Extension="bin" ContentType="application/vnd.openxmlformats-'
                b'officedocument.spreadsheetml.printerSettings"/>'
                b'<Override PartName="/xl/vbaProject.bin" '
                b'ContentType="application/vnd.ms-office.vbaProject"/>',
                parts["[Content_Types].xml"],
            ),
        },
    ],
    ids=["changed", "another", "declared by Excel"],
)
def test_other_macros_are_kept_and_told_of(
    form: Callable[[Host], Path],
    run: Run,
    edited: Callable[..., bytes],
    parts_of: Parts,
    change: Callable[[dict[str, bytes]], dict[str, bytes | None]],
) -> None:
    path = form(DESKTOP)
    data = path.read_bytes()
    changed = change(parts_of(data))
    path.write_bytes(edited(data, changed))
    status, _, err = run("set", path, *WORDS)
    assert status == 0
    assert err == (
        "note: the file holds macros that are not Fieldbook's; they are kept, and were not run\n"
    )
    assert changed.items() <= parts_of(path.read_bytes()).items()


# Others open it


@every_host
def test_microsofts_rules_for_such_files(
    host: Host, form: Callable[[Host], Path], edited: Callable[..., bytes]
) -> None:
    path, rules = form(host), OpenXmlValidator(file_format=FileFormat.MICROSOFT_365)
    assert rules.validate(path).errors == []
    if host is SERVER:
        path.write_bytes(edited(path.read_bytes(), {"xl/worksheets/sheet2.xml": None}))
        assert rules.validate(path).errors != []


@every_host
def test_excels_own_limits(host: Host, forms: dict[str, bytes]) -> None:
    assert excel_limits.faults(forms[host.name]) == []


@pytest.mark.parametrize(
    ("part", "old", "new", "fault"),
    [
        ("xl/workbook.xml", 'name="Summary"', f'name="{"S" * 32}"', "a sheet of 32 characters"),
        ("xl/workbook.xml", 'name="Summary"', 'name="cost"', "two sheets have one name"),
        (
            "xl/workbook.xml",
            '<definedName name="marginal_cost">',
            '<definedName name="MARGINAL_COST">X!$A$1</definedName><definedName '
            'name="marginal_cost">',
            "the name marginal_cost is defined 2 times",
        ),
        (ASSUMPTIONS, 'prompt="', f'prompt="{"p" * 255}', "a prompt of 3"),
        (ASSUMPTIONS, '"fixed,', f'"{"l" * 255},fixed,', "a list of 3"),
        (
            "xl/worksheets/sheet1.xml",
            "<f>",
            f'<f>"{"x" * 256}"&amp;',
            "a literal of 256",
        ),
    ],
)
def test_what_excel_would_not_take_is_found(
    forms: dict[str, bytes],
    edited: Callable[..., bytes],
    parts_of: Parts,
    part: str,
    old: str,
    new: str,
    fault: str,
) -> None:
    xml = parts_of(forms["server"])[part].decode()
    assert old in xml
    changed = edited(forms["server"], {part: xml.replace(old, new, 1).encode()})
    assert any(fault in each for each in excel_limits.faults(changed))


def test_so_are_arrays_that_overlap(
    forms: dict[str, bytes], add_sheet: Callable[..., bytes]
) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:B2">1</f></c></row><row r="2"><c r="B2">'
        '<f t="array" ref="B2:C3">1</f></c></row><row r="3"><c r="C3"><f>1</f></c></row>'
    )
    found = "\n".join(excel_limits.faults(add_sheet(forms["server"], rows)))
    assert "the arrays A1:B2 and B2:C3 overlap" in found
    assert "C3 has a formula within the array B2:C3" in found


@every_host
def test_openpyxl_opens_it_without_complaint(host: Host, forms: dict[str, bytes]) -> None:
    keep = host is DESKTOP
    book = openpyxl.load_workbook(io.BytesIO(forms[host.name]), keep_vba=keep)
    expected = [placed.sheet.name for placed in sheets()]
    assert book.sheetnames == [*expected, *(extra.name for extra in host.extra)]


# LibreOffice writes bars in cells twice, for older programs and for newer ones.
@pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")
@every_host
@pytest.mark.libreoffice
def test_libreoffice_keeps_every_value(
    host: Host, form: Callable[[Host], Path], libreoffice: Convert, tmp_path: Path
) -> None:
    path = form(host)
    first = read_book(path.read_bytes(), "built")
    saved = libreoffice(path, "xlsx", tmp_path / "out")
    book = openpyxl.load_workbook(saved, data_only=True)
    for result in model().results:
        place = first.places[result.id]
        found = [book[place.sheet][address].value for row in place.rows for address in row]
        held = [value for row in first.values(result.id) for value in row]
        for value, expected in zip(found, held, strict=True):
            if isinstance(expected, str):
                assert value == expected
            else:
                assert value == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("host", [LITE, DESKTOP, CALC], ids=lambda host: host.name)
@pytest.mark.libreoffice
def test_libreoffice_prints_it(
    host: Host, form: Callable[[Host], Path], libreoffice: Convert, tmp_path: Path
) -> None:
    pdf = libreoffice(form(host), "pdf", tmp_path / "out")
    assert pdf.read_bytes().startswith(b"%PDF")
