"""The module for xlwings Lite: alone, in an environment that has only its requirements.

Every example and every result of the workbook there: tests/test_host_table.py.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from xlwings import XlwingsError

import pycore
from addin import lite
from addin.functions import Function, functions
from addin.sources import source_files
from pycore.errors import REFUSED
from tests.addin.examples import example_cells
from tests.addin.lite_host import Call, as_rows, ask_lite, make_environment

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
    assert {"numpy", "scipy"} <= set(lines)


# Alone


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the requirements and the module, and no more."""
    return make_environment(tmp_path_factory.mktemp("lite"))


@pytest.fixture(scope="session")
def ask(python: Path) -> Callable[[list[Call]], dict[str, Any]]:
    """Call functions as Lite does, with rows of cells; gives the answers and the metadata."""
    return lambda calls: ask_lite(python, calls)


def here(each: Function, cells: list[Any]) -> Any:
    """What the function gives in this process, as xlwings hands it over."""
    error = {"type": "Error", "errorType": "Value"}
    try:
        answer = each.call(*as_rows(cells))
    except XlwingsError as refusal:
        return str(refusal)
    rows = answer if isinstance(answer, list) else [[answer]]
    return [[error if cell == REFUSED else cell for cell in row] for row in rows]


Ask = Callable[[list[Call]], dict[str, Any]]


def test_every_bad_cell_gets_the_same_reason(ask: Ask) -> None:
    calls = []
    for each in ALL:
        cells = example_cells(each.example)
        calls += [
            (each, [*cells[:place], bad, *cells[place + 1 :]])
            for place in range(len(cells))
            for bad in BAD
        ]
        calls += [(each, [*cells[:-1], [[bad] for bad in (1, None, "abc")]])]
    found = ask(calls)
    assert found["held"] == []
    assert found["answers"] == [here(*call) for call in calls]


def test_the_help_that_excel_shows(ask: Ask) -> None:
    registered = {entry["id"]: entry for entry in ask([])["meta"]["functions"]}
    assert list(registered) == sorted((f"FIELD_{each.name}" for each in ALL), key=str.lower)
    for each in ALL:
        entry = registered[f"FIELD_{each.name}"]
        assert entry["name"] == each.excel_name
        assert entry["description"] == each.description
        shown = [(argument["name"], argument["description"]) for argument in entry["parameters"]]
        assert shown == [(argument.name, argument.help) for argument in each.arguments]
        assert not any(argument.get("optional") for argument in entry["parameters"])


def test_the_client_may_keep_answers(python: Path) -> None:
    program = "import main; print([f.__name__ for f in vars(main).values() if declared(f)])"
    kept = "declared = lambda f: getattr(f, '__xlfunc__', {}).get('cache'); "
    done = subprocess.run(
        [python, "-c", kept + program],
        cwd=python.parents[2],
        env=os.environ | {"XLWINGS_ON_SERVER": "true", "XLWINGS_LICENSE_KEY": "noncommercial"},
        text=True,
        capture_output=True,
        check=True,
    )
    assert ast.literal_eval(done.stdout) == [f"field_{each.name.lower()}" for each in ALL]
