"""The extension for LibreOffice Calc: its files, and its functions in a running office."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import defusedxml.ElementTree
import numpy as np
import openpyxl
import pytest
import scipy
import xlsxwriter

from addin.__main__ import main
from addin.calc import IMPLEMENTATION, calc_stored_name, extension, method_name, write_extension
from addin.functions import Function, find, functions
from pycore import InputError
from pycore.errors import REFUSED, RefusedError
from pycore.model.results import model
from tests.addin.calc_host import Calc, Home, MissingError
from tests.addin.examples import example_cells, takes_tables
from tests.shown import different, on_screen, stored
from workbook.file.write import write
from workbook.formulas import defined_name
from workbook.hosts import CALC, SERVER, Host
from workbook.read import Book, read_book
from workbook.recalc import recalculate
from workbook.sheets.parts import FINE, FIRST_AID, FIRST_AID_STATE, UNTOUCHED

ALL = list(functions().values())
NEW = "private:factory/scalc"
XLSX, ODS = "Calc MS Excel 2007 XML", "calc8"
COLUMNS = "ABCDEFGHIJKL"
ANSWERS = "N"
"""The column that formulas stand in, to the right of every argument."""

every_function = pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
every_scalar_function = pytest.mark.parametrize(
    "each",
    [each for each in ALL if not takes_tables(each)],
    ids=lambda each: each.name,
)


def example(each: Function) -> list[Any]:
    """The arguments of the documented example; a list is a column or a table of cells."""
    return example_cells(each.example)


def answer(each: Function, arguments: list[Any]) -> list[list[Any]]:
    """What the function gives in this process, as rows."""
    cells = each.call(*arguments)
    return cells if isinstance(cells, list) else [[cells]]


def reason(each: Function, arguments: list[Any]) -> str:
    with pytest.raises(RefusedError) as caught:
        each.call(*arguments)
    return str(caught.value)


def shown(each: Function, arguments: list[Any]) -> list[list[Any]]:
    """The cell of a function and below it that of its reason; a rate may be blank."""
    try:
        return [[each.call(*arguments)], [""]]
    except RefusedError as refusal:
        return [[REFUSED], [str(refusal)]]


def columns_of(each: Function, rows: int) -> list[Any]:
    """The example's arguments, one of them as a column of good values that make a difference."""
    arguments = example(each)
    if takes_tables(each):
        return arguments
    numbers = [place for place, value in enumerate(arguments) if not isinstance(value, str)]
    tries = [(place, factor) for place in numbers for factor in (2, 0.5, 1)]
    for place, factor in sorted(tries, key=lambda one: one[1] == 1):
        column = [[arguments[place] * (factor if row == 0 else 1)] for row in range(rows)]
        try:
            found = answer(each, [*arguments[:place], column, *arguments[place + 1 :]])
        except RefusedError:
            continue
        good = not any(cell == REFUSED for row in found for cell in row)
        if good and found[0] != found[-1]:
            return [*arguments[:place], column, *arguments[place + 1 :]]
    raise AssertionError(each.name)


EDITED: dict[str, list[Any]] = {
    "CONSISTENT_RATES": [[[1, 0.25, ""], ["", 1, 4], ["", "", 1]]],
    "POOLED_PERCENTILES": [
        *([[0], [20]], [[5], [25]], [[9], [29]], [[1], [3]]),
        *("uniform", -100, 100),
    ],
    "PROVENANCE_DEBT": [
        [["spillover", "pert", 0.05, 0.1, 0.2]],
        [[""]],
        "net_safety",
        2026,
        0,
        64,
        1,
    ],
    "REVISED_SHARES": [[[0.5], [0.3], [0.2]], 10, [[5, 3, 2], [10, 0, 0]]],
    "SURVEY_SUMMARY": [[[8, 3], [2, ""], [4, ""]], 1],
    "WINDOW_PATH": [50, 100, 1, 0, 2, 0.25, 0],
}
"""Other arguments for those whose example cannot be turned over or moved."""


def edited(each: Function, arguments: list[Any]) -> list[Any]:
    """The arguments with the first range turned over, or each table's last numbers moved."""
    if each.name in EDITED:
        return EDITED[each.name]
    columns = [cells for cells in arguments if isinstance(cells, list)]
    if all(len(row) == 1 for cells in columns for row in cells):
        at = next(place for place, cells in enumerate(arguments) if isinstance(cells, list))
        return [*arguments[:at], arguments[at][::-1], *arguments[at + 1 :]]
    return [
        [[*row[:-1], row[-1] if isinstance(row[-1], str) else 1.05 * row[-1]] for row in cells]
        if isinstance(cells, list)
        else cells
        for cells in arguments
    ]


# The files


def parts() -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(extension())) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_it_is_made_of_text_and_always_the_same() -> None:
    assert extension() == extension()
    for name, text in parts().items():
        assert text.isascii() or name.endswith(".py"), name
        assert "\0" not in text
        if name.endswith((".xml", ".xcu", ".components")):
            defusedxml.ElementTree.fromstring(text)
        if name.endswith(".py"):
            ast.parse(text)


def test_every_listed_file_is_there() -> None:
    files = parts()
    listed = re.findall(r'full-path="([^"]+)"', files["META-INF/manifest.xml"])
    assert len(listed) == 4
    assert set(listed) <= set(files)
    assert re.findall(r'href="([^"]+)"', files["description.xml"]) == ["description.txt"]
    assert "MIT" in files["LICENSE"]
    assert "$" not in files["description.xml"] + files["description.txt"]


ALONE = """
import json, sys

for name in ("xlwings", "docstring_parser", "pandas"):
    sys.modules[name] = None
from addin import cells
answers = [cells.call(name, *arguments) for name, arguments in json.load(sys.stdin)]
held = {name: sys.modules[name].__file__ for name in ("pycore", "addin")}
json.dump([answers, held], sys.stdout)
"""


def test_the_core_in_it_needs_no_other_package_and_gives_the_same(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(extension())) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        input=json.dumps([(each.name, example(each)) for each in ALL]),
        cwd=tmp_path / "sources",
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers, held = json.loads(done.stdout)
    assert answers == [each.call(*example(each)) for each in ALL]
    assert held == {
        name: str(tmp_path / "sources" / name / "__init__.py") for name in ("pycore", "addin")
    }


def test_it_can_be_read_by_the_oldest_python() -> None:
    for name, text in parts().items():
        if name.endswith(".py"):
            ast.parse(text, feature_version=(3, 10))
    assert "sources/tomllib/__init__.py" in parts()


def test_names() -> None:
    assert method_name("COST_MULTIPLE") == "costMultiple"
    assert calc_stored_name("COST_MULTIPLE") == "ORG.FIELDBOOK.ADDIN.COSTMULTIPLE"
    assert IMPLEMENTATION == "org.fieldbook.AddIn"
    stored = [calc_stored_name(each.name) for each in ALL]
    assert len(set(stored)) == len(stored)


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new" / "fieldbook.oxt"
    assert main(["calc", str(path)]) == 0
    assert str(path) in capsys.readouterr().out
    assert path.read_bytes() == extension()
    path.write_bytes(b"older")
    assert main(["calc", str(path)]) == 0
    assert path.read_bytes() == extension()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.oxt").mkdir()
    for path in ("file/a.oxt", "folder.oxt", "a.zip", "a"):
        assert main(["calc", str(tmp_path / path)]) == 2
        error = capsys.readouterr().err
        assert " must " in error
        assert error.count("\n") == 1
    with pytest.raises(InputError, match=r"ends in \.oxt"):
        write_extension(tmp_path / "fieldbook")
    assert len(list(tmp_path.iterdir())) == 2


# In a running office


def absent(needed: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{needed}, and CI must have it")
    pytest.skip(needed)


MakeHome = Callable[[], Home]


@pytest.fixture(scope="module", name="make_home")
def _make_home(tmp_path_factory: pytest.TempPathFactory) -> MakeHome:
    """Make a profile with the extension; two offices cannot run in one."""

    def make() -> Home:
        folder = tmp_path_factory.mktemp("calc")
        try:
            home = Home(folder)
        except MissingError as error:
            absent(str(error))
        for package in ("numpy", "scipy"):
            if not home.version_of(package):
                script = "tests/install_programs.sh"
                absent(f"LibreOffice's Python has no {package}: run {script}")
        path = folder / "fieldbook.oxt"
        write_extension(path)
        home.extensions("add", path)
        return home

    return make


@pytest.fixture(scope="module", name="home")
def _home(make_home: MakeHome) -> Home:
    return make_home()


@pytest.fixture(scope="module", name="office")
def _office(home: Home) -> Iterator[Calc]:
    with Calc(home) as office:
        yield office


@pytest.fixture(scope="module", name="without")
def _without(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calc]:
    """An office without the extension."""
    assert home.program  # it is skipped where the other is
    with Calc(Home(tmp_path_factory.mktemp("without"))) as office:
        yield office


@pytest.fixture(name="calc")
def _calc(office: Calc) -> Iterator[Calc]:
    """The running office with an empty document."""
    office.open(NEW)
    yield office
    office.close()


@pytest.fixture(scope="module", name="same")
def _same(home: Home) -> Any:
    """Whether rows are equal: to the last digit, where the office has our numpy and scipy."""
    ours = (np.__version__, scipy.__version__)
    exactly = ours == (home.version_of("numpy"), home.version_of("scipy"))

    def same(found: list[list[Any]], expected: list[list[Any]]) -> bool:
        if exactly:
            return found == expected
        return [len(row) for row in found] == [len(row) for row in expected] and all(
            isinstance(cell, float) and cell == pytest.approx(wanted, rel=1e-11, abs=0)
            if isinstance(wanted, float)
            else cell == wanted
            for row, wanted_row in zip(found, expected, strict=True)
            for cell, wanted in zip(row, wanted_row, strict=True)
        )

    return same


def put(calc: Calc, arguments: list[Any]) -> list[str]:
    """Type the arguments into columns from A on; gives their addresses."""
    addresses, at = [], 0
    for argument in arguments:
        rows = argument if isinstance(argument, list) else [[argument]]
        first, last = f"{COLUMNS[at]}1", f"{COLUMNS[at + len(rows[0]) - 1]}{len(rows)}"
        calc.put(first, rows)
        addresses.append(first if first == last else f"{first}:{last}")
        at += len(rows[0])
    return addresses


def block(rows: list[list[Any]], first: int = 1) -> str:
    last = chr(ord(ANSWERS) + len(rows[0]) - 1)
    return f"{ANSWERS}{first}:{last}{first + len(rows) - 1}"


def formula(each: Function, addresses: list[str]) -> str:
    return f"={calc_stored_name(each.name)}({';'.join(addresses)})"


@pytest.mark.libreoffice
@every_function
def test_the_example_in_single_cells(calc: Calc, same: Any, each: Function) -> None:
    arguments = example(each)
    addresses = put(calc, arguments)
    expected = answer(each, arguments)
    calc.array(block(expected), formula(each, addresses))
    assert same(calc.read(block(expected)), expected)
    # Typed as a person types it, one cell shows the first value.
    calc.local("M1", f"={each.excel_name}({','.join(addresses)})".replace(",", ";"))
    assert same(calc.read("M1"), [expected[0][:1]])


@pytest.mark.libreoffice
@every_function
def test_a_column_and_an_edit(calc: Calc, same: Any, each: Function) -> None:
    if each.name == "SENTENCE":
        return  # it takes one column alone, that of its example
    arguments = columns_of(each, 3)
    addresses = put(calc, arguments)
    expected = answer(each, arguments)
    place = block(expected)
    calc.array(place, formula(each, addresses))
    assert same(calc.read(place), expected)

    others = edited(each, arguments)
    assert answer(each, others) != expected
    put(calc, others)
    calc.recalculate()
    assert same(calc.read(place), answer(each, others))


BAD: list[tuple[Any, Any]] = [
    (None, None),
    ({"typed": '=""'}, ""),
    ("abc", "abc"),
    (True, True),
    ({"typed": "=1=1"}, True),
    ({"typed": "2024-06-07"}, datetime(2024, 6, 7)),
    ({"typed": "=NA()"}, "#N/A"),
    ({"typed": "=1/0"}, "#DIV/0!"),
    (-1e300, -1e300),
    (1e300, 1e300),
]


@pytest.mark.libreoffice
@every_scalar_function
def test_a_bad_cell_is_an_error_with_the_reason_of_every_host(calc: Calc, each: Function) -> None:
    arguments = example(each)
    addresses = put(calc, arguments)
    calc.local("M1", formula(each, addresses))
    calc.put("M1", [[formula(each, addresses)]])
    calc.local("M2", "=FIELD.REASON(M1)")
    for place, column in enumerate(COLUMNS[: len(arguments)]):
        for typed, seen in BAD:
            calc.put(f"{column}1", [[typed]])
            calc.recalculate()
            bad = [*arguments[:place], seen, *arguments[place + 1 :]]
            assert calc.read("M1:M2") == shown(each, bad)
        calc.put(f"{column}1", [[arguments[place]]])
    calc.recalculate()
    assert calc.read("M2") == [[""]]


@pytest.mark.libreoffice
def test_a_bad_row_spoils_only_itself(calc: Calc) -> None:
    multiple = find("COST_MULTIPLE")
    column = [1, None, "abc", {"typed": "=1/0"}, True, 0, 2]
    calc.put("A1", [[8]])
    calc.put("B1", [[cell] for cell in column])
    calc.array("N1:N7", formula(multiple, ["A1", "B1:B7"]))
    assert calc.read("N1:N7") == [[8], *[[REFUSED]] * 5, [4]]
    for row, said in enumerate(["", "blank", "'abc'", "'#DIV/0!'", "TRUE", "0", ""], start=1):
        calc.put(f"M{row}", [[f"={calc_stored_name('REASON')}(N{row})"]])
        found = calc.read(f"M{row}")[0][0]
        assert found == "" if not said else found.endswith(f", but is {said}")
    # What is computed from the good rows is right, and an error is one to other formulas.
    calc.put("O1", [["=N1+N7"], ["=ISERROR(N2)"]])
    assert calc.read("O1:O2") == [[12], [1]]


@pytest.mark.libreoffice
def test_a_bad_row_spoils_its_row_where_a_call_gives_several_values(calc: Calc) -> None:
    addresses = put(calc, [[[1000], [None]], 10_000, 500, 500])
    calc.array("N1:P2", formula(find("RATIO_SHIFT"), addresses))
    assert calc.read("N1:P2") == [[10, 7, pytest.approx(-0.3)], [REFUSED] * 3]
    calc.put("M1", [[f"={calc_stored_name('REASON')}(P2)"]])
    assert calc.read("M1")[0][0].startswith("RATIO_SHIFT: safety must ")


@pytest.mark.libreoffice
def test_the_reason_in_a_block_of_tables(calc: Calc) -> None:
    """A row that could not be computed has a note; a bad table is refused with its row."""
    rows = [["applicants", "fixed", 50_000, 50_000, 50_000]]
    outcomes = [["cost_multiple"], ["place_multiple"]]
    arguments = [rows, [[None]], outcomes, 64, 1]
    each = find("SIMULATE")
    expected = answer(each, arguments)
    assert expected[1][0] == REFUSED
    calc.array(block(expected), formula(each, put(calc, arguments)))
    calc.put("M1", [[f"={calc_stored_name('REASON')}({cell})"] for cell in ("N1", "N2", "X2")])
    assert calc.read(block(expected))[1] == [REFUSED] * 10 + [expected[1][-1]]
    said = (
        "SIMULATE: this could not be computed; the note of SIMULATE or COMPARE_SCENARIOS says why"
    )
    assert calc.read("M1:M3") == [[""], [said], [""]]
    calc.put("A1", [["applicant"]])
    calc.recalculate()
    bad = [[["applicant", *rows[0][1:]]], *arguments[1:]]
    assert calc.read("M1") == [[reason(each, bad)]]
    assert "assumptions (row 1)" in calc.read("M1")[0][0]


@pytest.mark.libreoffice
def test_a_blank_that_would_be_a_good_zero(calc: Calc) -> None:
    net = find("NET_SAFETY")
    addresses = put(calc, [500, 500, 100, None, 0, 0])
    calc.put("N1", [[formula(net, addresses)]])
    assert calc.read("N1") == [[REFUSED]]
    calc.put("D1", [[0]])
    assert calc.read("N1") == [[net.call(500, 500, 100, 0, 0, 0)]]


@pytest.mark.libreoffice
def test_the_reason_of_what_calc_itself_refuses(calc: Calc) -> None:
    put(calc, [100, 25])
    name, reasons = calc_stored_name("COST_MULTIPLE"), f"={calc_stored_name('REASON')}(N1)"
    calc.put("M1", [[reasons]])
    takes = "COST_MULTIPLE takes 2 arguments (value, cost), but got"
    refused = "COST_MULTIPLE: every argument must be a cell, a range or a name of one, but one is"
    for text, said in {
        f"={name}(A1)": f"{takes} 1",
        f"={name}()": f"{takes} 0",
        f"={name}(A1;B1;A1)": f"{takes} 3",
        f"={name}(A1;25)": f"{refused} 25",
        f"={name}(A1;)": f"{refused} missing",
        f"={name}(A1;B1)*2": "the cell must hold a Fieldbook function and nothing else",
        "=A1": "the cell must hold a Fieldbook function and nothing else",
    }.items():
        calc.put("N1", [[text]])
        calc.recalculate()
        assert calc.read("M1") == [[said]], text


@pytest.mark.libreoffice
def test_names_other_sheets_and_computed_references(calc: Calc) -> None:
    calc.sheet("It's; (more)")
    calc.put("It's; (more)!A1", [[0]])
    calc.put("A1", [[100], [25]])
    calc.name("the_cost", "$'It''s; (more)'.$A$1")
    name = calc_stored_name("COST_MULTIPLE")
    calc.put("N1", [[f"={name}(A1;$'It''s; (more)'.A1)"], [f"={name}($A$1;the_cost)"]])
    calc.put("M1", [[f"={calc_stored_name('REASON')}(N{row})"] for row in (1, 2)])
    assert calc.read("N1:N2") == [[REFUSED]] * 2
    assert calc.read("M1:M2") == [[reason(find("COST_MULTIPLE"), [100, 0])]] * 2
    calc.put("It's; (more)!A1", [[50]])
    assert calc.read("M1:N2") == [["", 2]] * 2
    calc.put("N3", [[f"={name}(OFFSET(A1;0;0);INDEX(A1:A2;2))"]])
    assert calc.read("N3") == [[4]]


@pytest.mark.libreoffice
def test_a_range_that_is_too_large(calc: Calc) -> None:
    calc.put("A1", [[100]])
    calc.put("N1", [[formula(find("COST_MULTIPLE"), ["A1:A300000", "A1"])]])
    calc.put("M1", [[f"={calc_stored_name('REASON')}(N1)"]])
    said = "a range must be at most 200,000 cells, but is 300,000"
    assert calc.read("M1:N1") == [[said, REFUSED]]


@pytest.mark.libreoffice
def test_blank_cost_lines_are_passed_over(calc: Calc) -> None:
    amounts, scopes = [[1000], [None], [20_000]], [["recruit"], [None], ["retrain"]]
    addresses = put(calc, [amounts, scopes, "retrain"])
    calc.put("N1", [[formula(find("SCOPED_COST"), addresses)]])
    assert calc.read("N1") == [[21_000]]


@pytest.mark.libreoffice
def test_a_change_runs_through_formulas_that_depend_on_each_other(calc: Calc) -> None:
    put(calc, [100, 20, 25])
    calc.put("N1", [[formula(find("COST_MULTIPLE"), ["A1", "C1"])]])
    calc.put("N2", [[formula(find("COST_MULTIPLE"), ["A1", "B1"])]])
    calc.put("N3", [[formula(find("QUOTE"), ["N1", "N2"])]])
    assert calc.read("N3") == [["4-5x"]]
    calc.put("A1", [[200]])
    assert calc.read("N3") == [["8-10x"]]


@pytest.mark.libreoffice
def test_the_help_of_every_argument(make_home: MakeHome) -> None:
    with Calc(make_home()) as calc:  # a fresh one, in which nothing was called yet
        shown = calc.functions()
    assert set(shown) == {each.excel_name for each in ALL} | {"FIELD.REASON"}
    for each in ALL:
        description, arguments = shown[each.excel_name]
        assert description.startswith(each.description)
        assert arguments == [[argument.name, argument.help] for argument in each.arguments]
    assert [len(text) > 10 for _, text in shown["FIELD.REASON"][1]] == [True]


@pytest.mark.libreoffice
def test_an_xlsx_with_stored_names(office: Calc, same: Any, tmp_path: Path) -> None:
    path = tmp_path / "stored.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for row, each in enumerate(ALL):
        if takes_tables(each):
            continue
        arguments = example(each)
        sheet.write_row(row, 0, arguments)
        addresses = [f"{column}{row + 1}" for column in COLUMNS[: len(arguments)]]
        text = f"={calc_stored_name(each.name)}({','.join(addresses)})"
        sheet.write_array_formula(f"{block(answer(each, arguments), row + 1)}", f"{{{text}}}")
    book.close()
    office.open(path.as_uri())
    office.recalculate()
    again = tmp_path / "again.xlsx"
    office.save(again.as_uri(), XLSX)
    office.save((tmp_path / "again.ods").as_uri(), ODS)
    kept = openpyxl.load_workbook(again).worksheets[0]
    values = openpyxl.load_workbook(again, data_only=True).worksheets[0]
    for row, each in enumerate(ALL, start=1):
        if takes_tables(each):
            continue
        expected = answer(each, example(each))
        assert same(office.read(block(expected, row)), expected)
        assert kept[f"{ANSWERS}{row}"].value.text.startswith(f"={calc_stored_name(each.name)}(")
        saved, first = values[f"{ANSWERS}{row}"].value, expected[0][0]
        assert saved == (first if isinstance(first, str) else pytest.approx(first, rel=1e-12))
    office.open((tmp_path / "again.ods").as_uri())
    office.recalculate()
    expected = answer(ALL[0], example(ALL[0]))
    assert same(office.read(block(expected)), expected)
    office.close()


@pytest.mark.libreoffice
def test_a_text_is_equal_to_the_same_text(calc: Calc) -> None:
    quote = calc_stored_name("QUOTE")
    calc.put("A1", [[4, 5], [3, 7]])
    calc.put("C1", [[f"={quote}(A1;B1)"]])
    calc.array("C2:C3", f"={quote}(A1:A2;B1:B2)")
    asked = ('EXACT(C1;"4-5x")', 'IF(C1="4-5x";1;0)', "C1=C2", "C2=C3", 'MATCH("3-7x";C1:C3;0)')
    calc.put("D1", [[f"={each}"] for each in (*asked, 'COUNTIF(C1:C3;"4-5x")')])
    assert calc.read("D1:D6") == [[1], [1], [1], [0], [3], [2]]
    # A text can be no error: where one row is refused, all of them are.
    calc.put("A2", [[-1]])
    assert calc.read("C2:C3") == [[REFUSED], [REFUSED]]


@pytest.fixture(scope="module", name="book")
def _book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook for Calc."""
    path = tmp_path_factory.mktemp("book") / "fieldbook.xlsx"
    # Few drafts and draws: which cells are asked and answered does not depend on their number.
    few: dict[str, float | str] = {"replicates": 20, "simulation_draws": 256}
    path.write_bytes(recalculate(write(CALC.sheets(), CALC), path.name, few).data)
    return path


def type_in(calc: Calc, book: Book, changes: Mapping[str, float | str]) -> None:
    for name, value in changes.items():
        place = book.places[defined_name(name)]
        calc.enter(f"{place.sheet}!{place.first}", str(value))


WARNINGS = {"Survey": "F1"}
"""Where a sheet warns of numbers to mistrust, where not beside its title."""

CHANGES: dict[str, float | str] = {
    "marginal_cost.low": 10_000.0,
    "value_per_researcher": 120_000.0,
    "selection_validity": 0.4,
}


@pytest.fixture(scope="module", name="after")
def _after(book: Path) -> Book:
    """The workbook as it is recalculated from the changes."""
    return read_book(recalculate(book.read_bytes(), book.name, CHANGES).data, book.name)


@pytest.mark.libreoffice
def test_the_workbook_as_a_person_works(office: Calc, same: Any, book: Path, after: Book) -> None:
    """No one reads anything before the first edit, and no one recalculates by hand."""
    sheets = CALC.sheets()
    office.open(book.as_uri(), False)
    assert not office.modified()  # computing it on opening is no edit
    before = read_book(book.read_bytes(), book.name)
    type_in(office, before, CHANGES)
    assert different(on_screen(office, sheets), stored(after, sheets)) == {}
    for result in model().results:
        place = after.places[result.id]
        found = [office.read(f"{place.sheet}!{cell}")[0] for row in place.rows for cell in row]
        assert same(found, [[cell] for row in after.values(result.id) for cell in row]), result.id
    for _ in CHANGES:
        office.undo()
    assert different(on_screen(office, sheets), stored(before, sheets)) == {}
    # Formulas of one's own on the model's texts, of single cells and of blocks.
    own = ('IF(cost_quote="4-5x";1;0)', 'MATCH("marginal_cost";INDEX(tornado_block;0;1);0)>0')
    office.put("About!C1", [[f"={each}"] for each in own])
    assert office.read("About!C1:C2") == [[1], [1]]


@pytest.mark.libreoffice
def test_a_blank_input_is_named_and_nothing_is_computed_from_a_0(office: Calc, book: Path) -> None:
    office.open(book.as_uri(), False)
    before = read_book(book.read_bytes(), book.name)
    place = before.places["backfire_share"]
    office.put(f"{place.sheet}!{place.first}", [[None]])
    net, found, state = (before.places[name] for name in ("net_safety", FIRST_AID, FIRST_AID_STATE))
    assert office.read(f"{net.sheet}!{net.first}") == [[REFUSED]]
    said = office.read(f"{found.sheet}!{found.first}")[0][0]
    assert "Safety work that only advances capabilities (missing)." in said
    assert office.read(f"{state.sheet}!{state.first}") == [["see there"]]
    # It is warned of on every sheet, beside its title.
    assert office.read("Ratio!B1") == [[said]]
    # The reason of a formula that asks more than once, for the sake of its texts.
    place = before.places["deployed_impact"]
    office.put(f"{place.sheet}!{place.first}", [[None]])
    office.put("About!C1", [[f"={calc_stored_name('REASON')}(exit_year)"]])
    assert office.read("About!C1")[0][0].startswith("EXIT_YEAR: impact must ")
    office.close()


@pytest.mark.libreoffice
def test_what_calc_saved_is_as_good(office: Calc, book: Path, after: Book, tmp_path: Path) -> None:
    sheets = CALC.sheets()
    office.open(book.as_uri(), False)
    for name, kind in (("saved.xlsx", XLSX), ("saved.ods", ODS)):
        office.save((tmp_path / name).as_uri(), kind)
    for name in ("saved.xlsx", "saved.ods"):
        office.open((tmp_path / name).as_uri(), False)
        type_in(office, after, CHANGES)
        assert different(on_screen(office, sheets), stored(after, sheets)) == {}, name
    office.close()


@pytest.mark.libreoffice
@pytest.mark.parametrize("host", [CALC, SERVER], ids=lambda host: host.name)
def test_a_workbook_where_no_functions_answer(
    without: Calc, book: Path, tmp_path: Path, host: Host
) -> None:
    sheets, path = host.sheets(), book
    if host is not CALC:
        path = tmp_path / "fieldbook.xlsx"
        few: dict[str, float | str] = {"replicates": 20, "simulation_draws": 256}
        path.write_bytes(recalculate(write(sheets, host), path.name, few).data)
    before = read_book(path.read_bytes(), path.name)
    said, state = (
        (place.sheet, place.first)
        for place in (before.places[name] for name in (FIRST_AID, FIRST_AID_STATE))
    )
    without.open(path.as_uri(), False)
    # Every value is in place, and the Summary says that it will not follow.
    opened = different(on_screen(without, sheets), stored(before, sheets))
    assert opened.keys() == {said, state}
    assert opened[state] == (UNTOUCHED, FINE)
    assert opened[said][0].startswith("No functions answer here: what stands here was computed")
    assert opened[said][0].endswith(host.recalculation)
    type_in(without, before, {"marginal_cost.low": 10_000.0})
    edited = on_screen(without, sheets)
    assert edited[state] == "outdated"
    label = model()["marginal_cost"].label
    assert edited[said].startswith("No functions answer here. Computed on 20")
    assert f", before 1 input was edited: {label}. " in edited[said]
    warned = {
        placed.sheet.name: edited[placed.sheet.name, WARNINGS.get(placed.sheet.name, "B1")]
        for placed in sheets
        if not placed.sheet.hidden
    }
    assert warned["Cost"].startswith("Computed on 20")
    assert warned["Cost"].endswith(f", before 1 input was edited: {label}.")
    # Nothing on these depends on it.
    assert {warned[name] for name in ("Window", "Survey", "Checks", "About")} == {""}
    # No input is blamed for it.
    assert not [each for each in edited.values() if "change either" in str(each)]
    without.close()


@pytest.mark.libreoffice
@pytest.mark.parametrize("package", ["numpy", "scipy"])
def test_a_missing_package_is_named_in_the_cell(
    make_home: MakeHome, tmp_path: Path, package: str
) -> None:
    blocker = f'raise ModuleNotFoundError("No module named {package!r}", name={package!r})\n'
    (tmp_path / f"{package}.py").write_text(blocker)
    with Calc(make_home(), {"PYTHONPATH": str(tmp_path)}) as calc:
        calc.open(NEW)
        tail, multiple = find("TAIL_SHARE"), find("COST_MULTIPLE")
        calc.put("N1", [[formula(tail, put(calc, example(tail)))]])
        calc.put("M1", [[f"={calc_stored_name('REASON')}(N1)"]])
        calc.put("N2", [[formula(multiple, ["A1", "B1"])]])
        for text in calc.read("M1:N1")[0]:
            assert text.startswith(f"Fieldbook needs {package}, which the Python 3.")
            assert "apt install python3-numpy python3-scipy" in text
            assert "pip install numpy scipy" in text
        # What does not need scipy works without it.
        assert isinstance(calc.read("N2")[0][0], str if package == "numpy" else float)


@pytest.mark.libreoffice
def test_it_installs_and_leaves_cleanly(make_home: MakeHome, tmp_path: Path) -> None:
    other = make_home()
    path = tmp_path / "fieldbook.oxt"
    write_extension(path)
    for again in (False, True):
        if again:
            other.extensions("add", "--force", path)
        listed = other.extensions("list")
        assert listed.count("Identifier: org.fieldbook") == 1
        assert "is registered: no" not in listed
        assert "Version: 0.1.0" in listed
    other.extensions("remove", "org.fieldbook")
    assert "org.fieldbook" not in other.extensions("list")
    with Calc(other) as calc:
        calc.open(NEW)
        addresses = put(calc, [100, 25])
        calc.put("N1", [[formula(find("COST_MULTIPLE"), addresses)]])
        assert calc.read("N1") == [["#NAME?"]]
        assert calc.functions() == {}
