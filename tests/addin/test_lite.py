"""The module for xlwings Lite: its text, and how Pyodide, on which Lite runs, imports and calls it.

Every example and every result of the workbook there: tests/test_host_table.py.
"""

from __future__ import annotations

import ast
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import pycore
from addin import lite
from addin.functions import Function, functions
from addin.sources import source_files
from pycore.errors import REFUSED, RefusedError
from tests.addin.examples import example_cells
from tests.addin.lite_host import Call, as_rows, ask_lite
from tests.pyodide import runtime

ROOT = Path(__file__).resolve().parents[2]
ALL = list(functions().values())
BAD = [None, "", "abc", True, "#DIV/0!", -1, 1e300, [[1, 2, 3], [4, 5, 6]]]


# The text


def test_it_says_what_it_is() -> None:
    heading = ast.get_docstring(ast.parse(lite.main_py())) or ""
    for word in ("xlwings Lite", "Generated", pycore.__version__, "MIT", "pycore/cost.py"):
        assert word in heading


def test_the_sources_stand_in_it_as_they_are() -> None:
    held = lite.main_py()
    for name, text in source_files().items():
        assert f"\"{name}\": r'''{text}''',\n" in held
    assert "addin/functions.py" not in source_files()
    assert ROOT.as_posix() not in held
    assert len(held) < 1_000_000


def test_the_functions_are_clean(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_text(lite.main_py(), encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--config", "pyproject.toml"]
    # The sources are checked where they come from, and their lines stand in a literal here.
    done = subprocess.run(
        [*ruff, "--ignore", "E501", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    compile(lite.main_py(), "main.py", "exec")


@pytest.mark.parametrize("seed", ["0", "1"])
def test_it_is_the_same_each_time(seed: str) -> None:
    program = "from addin import lite; print(lite.main_py(), end='')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == lite.main_py()


def test_the_requirements() -> None:
    lines = [line for line in lite.requirements().splitlines() if not line.startswith("#")]
    assert f"xlwings=={version('xlwings')}" in lines
    # Of these Pyodide itself has the one version that there can be.
    assert [line for line in lines if "==" not in line] == ["numpy", "scipy"]


# In Pyodide


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What Lite makes of the module, and its answers to `CALLS`."""
    runtime.require()
    return ask_lite(CALLS)


def bad_calls() -> Iterator[Call]:
    """Calls with cells that an example's argument cannot be."""
    for each in ALL:
        cells = example_cells(each.example)
        for place in range(len(cells)):
            for bad in BAD:
                yield each, [*cells[:place], bad, *cells[place + 1 :]]
        yield each, [*cells[:-1], [[bad] for bad in (1, None, "abc")]]


CALLS = list(bad_calls())


def here(each: Function, cells: list[Any]) -> Any:
    """What the function gives in this process, as xlwings hands it over."""
    error = {"type": "Error", "errorType": "Value"}
    try:
        answer = each.call(*as_rows(cells))
    except RefusedError as refusal:
        return str(refusal)
    rows = answer if isinstance(answer, list) else [[answer]]
    return [[error if cell == REFUSED else cell for cell in row] for row in rows]


def test_every_bad_cell_gets_the_same_reason(found: dict[str, Any]) -> None:
    assert found["bits"] == 32  # numpy's own whole numbers, which are too short for addresses
    assert found["elsewhere"] == []
    expected = [here(*call) for call in CALLS]
    for call, answer, wanted in zip(CALLS, found["answers"], expected, strict=True):
        assert alike(answer, wanted), call


def alike(answer: Any, wanted: Any) -> bool:
    """Whether numbers in rows are the same but for the last digits of another numpy."""
    if isinstance(answer, list) and isinstance(wanted, list):
        return len(answer) == len(wanted) and all(map(alike, answer, wanted))
    if isinstance(answer, float) and isinstance(wanted, float):
        return math.isclose(answer, wanted, rel_tol=1e-11)
    return bool(answer == wanted)


def test_no_cell_of_a_range_makes_xlwings_look_for_a_class(found: dict[str, Any]) -> None:
    assert sum(len(rows) for _, cells in CALLS for rows in as_rows(cells)) > 1000
    assert found["asked"] == 0


def test_the_help_that_excel_shows(found: dict[str, Any]) -> None:
    registered = {entry["id"]: entry for entry in found["meta"]["functions"]}
    assert list(registered) == sorted((f"FIELD_{each.name}" for each in ALL), key=str.lower)
    for each in ALL:
        entry = registered[f"FIELD_{each.name}"]
        assert entry["name"] == each.excel_name
        assert entry["description"] == each.description
        shown = [(argument["name"], argument["description"]) for argument in entry["parameters"]]
        assert shown == [(argument.name, argument.help) for argument in each.arguments]
        assert not any(argument.get("optional") for argument in entry["parameters"])


def test_the_client_may_keep_answers(found: dict[str, Any]) -> None:
    assert found["cached"] == [f"field_{each.name.lower()}" for each in ALL]
