"""The functions as a real xlwings server registers and calls them.

xlwings decides on import whether it runs on a server, so that it needs a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from addin.functions import ADDRESS, functions, help_url

ROOT = Path(__file__).resolve().parents[2]

SERVER = """
import asyncio, json, sys
import xlwings
from xlwings.server import custom_functions_call, custom_functions_meta
from addin import excel_functions as module

def call(name, cells):
    data = {
        "func_name": name,
        "args": cells,
        "version": xlwings.__version__,
        "client": "Office.js",
        "runtime": "1.4",
        "culture_info_name": "en-US",
        "date_format": "m/d/yyyy",
    }
    try:
        return {"cells": asyncio.run(custom_functions_call(data, module))}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}

calls = json.load(sys.stdin)
answers = {key: call(name, cells) for key, (name, cells) in calls.items()}
declared = [f.__xlfunc__ for f in vars(module).values() if hasattr(f, "__xlfunc__")]
cached = [each["name"] for each in declared if each["cache"]]
meta = custom_functions_meta(module)
json.dump({"meta": meta, "answers": answers, "cached": cached}, sys.stdout)
"""

# Office passes every argument as rows of cells, single cells included.
CALLS: dict[str, tuple[str, list[Any]]] = {
    "single cells": ("cost_multiple", [[[100_000]], [[25_000]]]),
    "a column": ("cost_multiple", [[[100_000], [50_000]], [[25_000]]]),
    "a row": ("cost_multiple", [[[100_000, 50_000]], [[25_000]]]),
    "a column by a row": ("cost_multiple", [[[100], [200]], [[10, 20]]]),
    "text": ("quote", [[[4]], [[5]]]),
    "parts": ("cost_multiple_range", [[[100_000]], [[20_000]], [[25_000]]]),
    "parts of a column": (
        "cost_multiple_range",
        [[[100_000], [50_000]], [[20_000]], [[25_000]]],
    ),
    "cost lines": (
        "scoped_cost",
        [[[1000], [20_000]], [["recruit"], ["retrain"]], [["retrain"]]],
    ),
    "a blank": ("cost_multiple", [[[100_000]], [[None]]]),
    "a blank as text": ("cost_multiple", [[[100_000]], [[""]]]),
    "a blank for a default": ("impact_sigma", [[[4]], [[""]]]),
    "a blank in a column": ("cost_multiple", [[[1], [""]], [[1]]]),
    "an error": ("cost_multiple", [[["#DIV/0!"]], [[1]]]),
    "true": ("cost_multiple", [[[True]], [[1]]]),
    "uneven columns": ("cost_multiple", [[[1], [2], [3]], [[1], [2]]]),
}

ENVIRONMENT = {
    "XLWINGS_ON_SERVER": "true",
    "XLWINGS_LICENSE_KEY": "noncommercial",
    ADDRESS: "https://fieldbook.test/path",
}


@pytest.fixture(scope="module")
def server() -> dict[str, Any]:
    """What the server says of the functions, and its answers to every call."""
    done = subprocess.run(
        [sys.executable, "-c", SERVER],
        input=json.dumps(CALLS),
        cwd=ROOT,
        env=os.environ | ENVIRONMENT,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_every_function_is_registered_under_its_name(server: dict[str, Any]) -> None:
    registered = server["meta"]["functions"]
    assert {entry["id"] for entry in registered} == set(functions())
    assert len(registered) == len(functions())
    assert all(entry["name"] == entry["id"] for entry in registered)


def test_the_help_that_excel_shows(server: dict[str, Any]) -> None:
    for entry in server["meta"]["functions"]:
        function = functions()[entry["id"]]
        assert entry["description"] == function.description
        shown = [(each["name"], each["description"]) for each in entry["parameters"]]
        assert shown == [(each.name, each.help) for each in function.arguments]


def test_the_help_leads_to_the_catalogue_of_the_server(server: dict[str, Any]) -> None:
    for entry in server["meta"]["functions"]:
        assert entry["helpUrl"] == f"https://fieldbook.test/path/taskpane.html#{entry['id']}"
    assert help_url("COST_MULTIPLE") is None  # without a server there is none


def test_the_client_may_keep_answers(server: dict[str, Any]) -> None:
    assert server["cached"] == [name.lower() for name in functions()]


def test_every_argument_is_a_range_and_none_optional(server: dict[str, Any]) -> None:
    # An optional one would take its default from a blank cell, and blank is not zero.
    for entry in server["meta"]["functions"]:
        assert entry["result"]["dimensionality"] == "matrix"
        for parameter in entry["parameters"]:
            assert parameter["dimensionality"] == "matrix"
            assert not parameter.get("optional", False)


@pytest.mark.parametrize(
    ("key", "cells"),
    [
        ("single cells", [[4.0]]),
        ("a column", [[4.0], [2.0]]),
        ("a row", [[4.0, 2.0]]),
        ("a column by a row", [[10.0, 5.0], [20.0, 10.0]]),
        ("text", [["4-5x"]]),
        ("parts", [[4.0, 5.0]]),
        ("parts of a column", [[4.0, 5.0], [2.0, 2.5]]),
        ("cost lines", [[21_000.0]]),
        ("a blank in a column", [[1.0], [{"type": "Error", "errorType": "Value"}]]),
    ],
)
def test_answers(server: dict[str, Any], key: str, cells: Any) -> None:
    assert server["answers"][key] == {"cells": cells}


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("a blank", "COST_MULTIPLE: cost must ", ", but is blank"),
        ("a blank as text", "COST_MULTIPLE: cost must ", ", but is blank"),
        ("a blank for a default", "IMPACT_SIGMA: coverage must ", ", but is blank"),
        ("an error", "COST_MULTIPLE: value must ", "#DIV/0!'"),
        ("true", "COST_MULTIPLE: value must ", ", but is TRUE"),
        ("uneven columns", "COST_MULTIPLE: cost must have one value", "2 x 1"),
    ],
)
def test_errors_name_the_argument(server: dict[str, Any], key: str, start: str, end: str) -> None:
    answer = server["answers"][key]
    assert answer.get("error") == "XlwingsError"
    assert answer["message"].startswith(start)
    assert answer["message"].endswith(end)
