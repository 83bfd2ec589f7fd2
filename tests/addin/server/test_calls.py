"""Every function through a running server, as Excel's client calls it, beside in-process."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from addin.functions import Function, functions
from pycore.errors import RefusedError
from tests.addin.examples import takes_tables
from tests.addin.server import process as server_process
from tests.addin.server.process import CALL, Server, body, example, sent

server_process.require()
import httpx  # noqa: E402

FUNCTIONS = list(functions().values())
IDS = [function.name for function in FUNCTIONS]

ERROR = {"type": "Error", "basicType": "Error", "errorType": "Div0", "basicValue": "#DIV/0!"}
DATE = {"type": "FormattedNumber", "basicValue": 45_000, "numberFormat": "m/d/yyyy"}

# What a cell may send, and what an in-process call gets for it.
CELLS: dict[str, tuple[Any, Any]] = {
    "blank": (None, None),
    "blank text": ("", ""),
    "text": ("many", "many"),
    "two lines": ("a\nb\r\x1b[31m", "a\nb\r\x1b[31m"),
    "a formula": ("=1+1", "=1+1"),
    "an error": (ERROR, "#DIV/0!"),
    "true": (True, True),
    "a date": (DATE, 45_000),
    "huge": (1e308, 1e308),
    "a whole number beyond floats": (10**400, 10**400),
    "tiny": (5e-324, 5e-324),
    "negative": (-1, -1),
    "zero": (0, 0),
    "minus zero": (-0.0, -0.0),
    "a half": (0.5, 0.5),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server_process.running(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=600) as made:
        yield made


def over_http(client: httpx.Client, function: Function, arguments: list[Any]) -> tuple[str, Any]:
    response = client.post(CALL, json=body(function.name.lower(), arguments))
    if response.status_code == 200:
        assert set(response.json()) == {"result"}
        return "cells", response.json()["result"]
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.isprintable()
    return "error", response.text


def in_process(function: Function, arguments: list[Any]) -> tuple[str, Any]:
    try:
        return "cells", sent(function.call(*arguments))
    except RefusedError as error:
        return "error", str(error)


def same(client: httpx.Client, function: Function, sent_: list[Any], got: list[Any]) -> str:
    kind, answer = over_http(client, function, sent_)
    assert (kind, answer) == in_process(function, got)
    return kind


@pytest.mark.parametrize("function", FUNCTIONS, ids=IDS)
def test_the_example(client: httpx.Client, function: Function) -> None:
    arguments = example(function)
    assert same(client, function, arguments, arguments) == "cells"


CELL_BY_CELL = [each for each in FUNCTIONS if not takes_tables(each)]


@pytest.mark.parametrize("function", CELL_BY_CELL, ids=lambda each: each.name)
def test_the_example_in_three_rows_and_in_three_columns(
    client: httpx.Client, function: Function
) -> None:
    arguments = example(function)
    rows = [argument * 3 for argument in arguments]
    assert same(client, function, rows, rows) == "cells"
    columns = [[argument[0] * 3] for argument in arguments]
    assert same(client, function, columns, columns) == "cells"


@pytest.mark.parametrize("function", FUNCTIONS, ids=IDS)
def test_a_bad_cell_for_each_argument(client: httpx.Client, function: Function) -> None:
    for cell, place in product(CELLS.values(), range(len(function.arguments))):
        outside, inside = example(function), example(function)
        outside[place], inside[place] = [[cell[0]]], [[cell[1]]]
        same(client, function, outside, inside)


@pytest.mark.parametrize("function", FUNCTIONS, ids=IDS)
def test_a_bad_cell_in_each_range_spoils_only_itself(
    client: httpx.Client, function: Function
) -> None:
    for cell, place in product(CELLS.values(), range(len(function.arguments))):
        outside, inside = example(function), example(function)
        good, rest = outside[place], [None] * (len(outside[place][0]) - 1)
        outside[place] = [*good, [cell[0], *rest], *good]
        inside[place] = [*good, [cell[1], *rest], *good]
        same(client, function, outside, inside)


@pytest.mark.parametrize("function", FUNCTIONS, ids=IDS)
def test_ranges_of_the_wrong_shape(client: httpx.Client, function: Function) -> None:
    arguments = example(function)
    arguments[0] = [[1], [2], [3]]
    if len(arguments) > 1:
        arguments[1] = [[1], [2]]
    same(client, function, arguments, arguments)
    uneven = [[[1], [2, 3]], *example(function)[1:]]
    same(client, function, uneven, uneven)


@pytest.mark.parametrize("function", FUNCTIONS, ids=IDS)
def test_too_few_and_too_many_arguments(client: httpx.Client, function: Function) -> None:
    arguments = example(function)
    for wrong in ([], [*arguments, *[[[1]]] * 9], [*arguments, *[[[1]]] * 200]):
        assert same(client, function, wrong, wrong) == "error"


def test_an_error_cell_looks_as_the_client_can_show_it(client: httpx.Client) -> None:
    arguments = [[[100_000], ["many"], [50_000]], [[25_000]]]
    call = body("cost_multiple", arguments)
    error = {"type": "Error", "errorType": "Value"}
    assert client.post(CALL, json=call).json() == {"result": [[4.0], [error], [2.0]]}
    old = client.post(CALL, json=call | {"runtime": "1.3"})  # knows no error values
    assert old.json() == {"result": [[4.0], ["#VALUE!"], [2.0]]}


def test_a_client_without_address_or_culture(client: httpx.Client) -> None:
    blanks = dict.fromkeys(("caller_address", "culture_info_name", "date_format", "session_id"))
    call = body("cost_multiple", [[[100_000]], [[25_000]]], **blanks)
    assert client.post(CALL, json=call).json() == {"result": [[4.0]]}


def test_an_object_that_is_no_number_is_refused_by_name(client: httpx.Client) -> None:
    call = body("cost_multiple", [["__xlwings_not_an_object_handle__"], [[25_000]]])
    response = client.post(CALL, json=call)
    assert response.status_code == 400
    assert response.text.startswith("COST_MULTIPLE: value must ")


def test_the_client_is_told_to_keep_answers(client: httpx.Client) -> None:
    code = client.get("/xlwings/custom-functions-code.js").text
    assert code.count("isCached: true") == len(FUNCTIONS)
    assert "isCached: false" not in code
    assert code.count("isStreaming: true") == 0
    for function in FUNCTIONS:
        assert f'CustomFunctions.associate("{function.name}", {function.name.lower()});' in code


def test_the_metadata_names_every_function_and_argument(client: httpx.Client) -> None:
    entries = client.get("/xlwings/custom-functions-meta.json").json()["functions"]
    assert {entry["id"] for entry in entries} == set(functions())
    for entry in entries:
        function = functions()[entry["id"]]
        assert entry["name"] == function.name
        assert entry["description"] == function.description
        shown = [(each["name"], each["description"]) for each in entry["parameters"]]
        assert shown == [(each.name, each.help) for each in function.arguments]


def test_the_help_of_every_function_leads_to_a_page_of_this_server(
    client: httpx.Client, server: Server
) -> None:
    entries = client.get("/xlwings/custom-functions-meta.json").json()["functions"]
    for entry in entries:
        assert entry["helpUrl"] == f"{server.url}/taskpane.html#{entry['id']}"
    page = client.get(entries[0]["helpUrl"])
    assert page.status_code == 200
    assert all(f'"FIELD.{entry["id"]}"' in page.text for entry in entries)


def test_the_help_leads_to_the_name_that_people_call_the_server_by(tmp_path: Path) -> None:
    env = {"XLWINGS_HOSTNAME": "fieldbook.test", "XLWINGS_APP_PATH": "/team"}
    with server_process.running(tmp_path, env=env) as running:
        meta = httpx.get(f"{running.url}/team/xlwings/custom-functions-meta.json", timeout=600)
    helps = {entry["id"]: entry["helpUrl"] for entry in meta.json()["functions"]}
    assert helps["QUOTE"] == "https://fieldbook.test/team/taskpane.html#QUOTE"
