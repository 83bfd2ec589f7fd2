"""The ribbon's script, asked over HTTP with a workbook as Excel's client describes it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from tests.addin.server import process as server_process
from tests.addin.server.process import ROOT, Server
from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.recalc import recalculate

server_process.require()
import httpx  # noqa: E402

PATH = "/xlwings/custom-scripts-call/next_problem"
RIBBON = ROOT / "addin" / "server_project" / "static" / "js" / "ribbon.js"

Body = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server_process.running(tmp_path_factory.mktemp("scripts")) as running:
        yield running


@pytest.fixture(scope="module")
def included(server: Server) -> list[str]:
    """The sheets that the ribbon sends; as many as the script asks for."""
    found = re.search(r'include: "([^"]+)"', RIBBON.read_text(encoding="utf-8"))
    assert found is not None
    (script,) = httpx.get(f"{server.url}/xlwings/custom-scripts-meta").json()
    assert (script["function_name"], script["include"]) == ("next_problem", found[1])
    return found[1].split(",")


@pytest.fixture(scope="module")
def book() -> Any:
    few: dict[str, float | str] = {"replicates": 20, "simulation_draws": 256}
    data = recalculate(write(SERVER.sheets()), "built", few).data
    return openpyxl.load_workbook(io.BytesIO(data), data_only=True)


@pytest.fixture
def body(book: Any, included: list[str]) -> Body:
    """The workbook as `getBookData` of the client sends it."""
    titles = book.sheetnames
    names = []
    for name, defined in book.defined_names.items():
        ((title, address),) = defined.destinations
        where = {"sheet_index": titles.index(title), "address": address.replace("$", "")}
        scope = {"scope_sheet_name": None, "scope_sheet_index": None, "book_scope": True}
        names.append({"name": name, **where, **scope})
    return {
        "client": "Office.js",
        "version": "0.37.8",
        "runtime": "1.4",
        "book": {"name": "fieldbook.xlsx", "active_sheet_index": 0, "selection": "A1"},
        "names": names,
        "sheets": [
            {
                "name": sheet.title,
                "values": [
                    ["" if cell is None else cell for cell in row]
                    for row in sheet.iter_rows(values_only=True)
                ]
                if sheet.title in included
                else None,
                "tables": [],
                "pictures": [],
            }
            for sheet in book
        ],
    }


def put(body: Body, name: str, value: Any, place: int = 0) -> tuple[str, str]:
    """Let a cell of a name hold something; gives its sheet and address."""
    (named,) = (each for each in body["names"] if each["name"] == name)
    first, _, last = named["address"].partition(":")
    (top, left), (_, right) = coordinate_to_tuple(first), coordinate_to_tuple(last or first)
    row, column = (top, left + place) if right > left else (top + place, left)
    sheet = body["sheets"][named["sheet_index"]]
    sheet["values"][row - 1][column - 1] = value
    return sheet["name"], f"{get_column_letter(column)}{row}"


def go(server: Server, body: Body) -> tuple[str, str]:
    """Where the script leads: a sheet, and the cell selected; nothing else is done."""
    response = httpx.post(server.url + PATH, json=body, timeout=600)
    assert response.status_code == 200, response.text
    to_sheet, to_cell = response.json()["actions"]
    assert (to_sheet["func"], to_cell["func"]) == ("activateSheet", "rangeSelect")
    assert to_sheet["args"] == [to_cell["sheet_position"]]
    row, column = to_cell["start_row"] + 1, to_cell["start_column"] + 1
    address = f"{get_column_letter(column)}{row}"
    title = body["sheets"][to_cell["sheet_position"]]["name"]
    body["book"] |= {"active_sheet_index": to_cell["sheet_position"], "selection": address}
    return title, address


def test_nothing_is_wrong(server: Server, body: Body) -> None:
    body["book"] |= {"active_sheet_index": 3, "selection": "D7"}
    assert go(server, body) == ("Summary", "A1")


def test_each_problem_in_turn_and_again_from_the_first(server: Server, body: Body) -> None:
    problems = [
        put(body, "judgement_state", "see beside"),
        put(body, "assumption_checks", "out of bounds", 2),
        put(body, "assumption_checks", "#VALUE!", 40),
        put(body, "survey_marks", "named twice", 1),
        put(body, "check_results", "differs", 5),
    ]
    assert [go(server, body) for _ in range(7)] == [*problems, *problems[:2]]


def test_without_a_selection_it_begins_with_the_first(server: Server, body: Body) -> None:
    problem = put(body, "check_results", "differs", 5)
    body["book"]["selection"] = None
    assert go(server, body) == problem


def test_from_a_cell_between_two_problems_it_goes_on(server: Server, body: Body) -> None:
    put(body, "assumption_checks", "out of bounds", 2)
    problem = put(body, "check_results", "differs", 5)
    between = [each["name"] for each in body["sheets"]].index("Scenarios")
    body["book"] |= {"active_sheet_index": between, "selection": "B4:C9"}
    assert go(server, body) == problem


def test_two_workbooks_at_once_keep_their_own_selection(server: Server, body: Body) -> None:
    first, last = (put(body, "check_results", "differs", place) for place in (5, 9))
    at = next(each["sheet_index"] for each in body["names"] if each["name"] == "check_results")
    wanted = {first[1]: last, last[1]: first}

    def ask(number: int) -> bool:
        selection = (first[1], last[1])[number % 2]
        own = body | {"book": body["book"] | {"active_sheet_index": at, "selection": selection}}
        return go(server, own) == wanted[selection]

    with ThreadPoolExecutor(8) as executor:
        assert all(executor.map(ask, range(16)))


@pytest.mark.parametrize("selection", ["nothing", "A1,B2", "A99999999"])
def test_a_selection_that_is_no_area(server: Server, body: Body, selection: str) -> None:
    problem = put(body, "check_results", "differs", 5)
    body["book"]["selection"] = selection
    assert go(server, body) == problem


@pytest.mark.parametrize("names", [[{"name": "check_results", "sheet_index": 99}], [{}]])
def test_names_that_fit_no_sheet(server: Server, body: Body, names: Any) -> None:
    response = httpx.post(server.url + PATH, json=body | {"names": names})
    assert (response.status_code, response.text[:5]) == (400, "names")


@pytest.mark.parametrize("address", ["A1:XFD1048576", "XFD1048576:A1", "$A$1:$XFD$1048576"])
def test_a_name_of_more_cells_than_were_sent(server: Server, body: Body, address: str) -> None:
    # An area of this size in memory would end the server.
    place = next(each["sheet_index"] for each in body["names"] if each["name"] == "check_results")
    names = [{"name": "check_results", "sheet_index": place, "address": address}]
    sheets = [sheet | {"values": [["", "differs"]]} for sheet in body["sheets"]]
    found = go(server, body | {"names": names * 1_000, "sheets": sheets})
    assert found == (body["sheets"][place]["name"], "B1")


def test_a_workbook_without_a_summary(server: Server, body: Body) -> None:
    sheets = [{"name": "Mine", "tables": [], "pictures": []}]
    assert go(server, body | {"sheets": sheets, "names": []}) == ("Mine", "A1")
    del body["names"]
    assert go(server, body | {"sheets": sheets}) == ("Mine", "A1")


@pytest.mark.parametrize(
    "place", [{"address": "A1"}, {"address": "A1", "sheet_index": None}, {"address": "A:A"}]
)
def test_names_that_lead_nowhere(server: Server, body: Body, place: Body) -> None:
    names = [{"name": "check_results", **place}]
    assert go(server, body | {"names": names}) == ("Summary", "A1")


def test_names_without_a_place(server: Server, body: Body) -> None:
    names = [{"name": "check_results"}, {"name": "survey_marks", "address": None}]
    assert go(server, body | {"names": names}) == ("Summary", "A1")


def test_a_workbook_without_the_names(server: Server, body: Body) -> None:
    body["names"] = []
    assert go(server, body) == ("Summary", "A1")


def test_none_of_the_package_s_examples_is_served(server: Server, body: Body) -> None:
    for name in ("hello_world", "show_alert", "setup_custom_functions"):
        response = httpx.post(server.url + PATH.replace("next_problem", name), json=body)
        assert response.status_code == 404
