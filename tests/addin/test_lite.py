"""The module for xlwings Lite: alone, in an environment that has only its requirements."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from xlwings import XlwingsError

import pycore
from addin import bundle, lite
from addin.functions import Function, find, functions
from pycore.errors import REFUSED
from pycore.model.results import assumption_data, model
from tests.addin.examples import example_cells
from tests.addin.lite_host import Call, as_rows, ask_lite, make_environment
from workbook.file.write import write
from workbook.formulas import defined_name
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.sheets.parts import block_name

ROOT = Path(__file__).resolve().parents[2]
ALL = list(functions().values())
CHANGES = {"marginal_cost": 30_000.0, "marginal_cost.low": 28_000.0, "marginal_cost.high": 35_000.0}
BAD = [None, "", "abc", True, "#DIV/0!", -1, 1e300, [[1, 2, 3], [4, 5, 6]]]


# The text


def test_nothing_of_ours_is_imported() -> None:
    tree = ast.parse(lite.main_py())
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    outside = imported - set(sys.stdlib_module_names)
    assert outside == {"numpy", "scipy", "xlwings"}


def test_it_says_what_it_is() -> None:
    heading = ast.get_docstring(ast.parse(lite.main_py())) or ""
    for word in ("xlwings Lite", "Generated", pycore.__version__, "MIT", "pycore/cost.py"):
        assert word in heading


def test_it_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_text(lite.main_py(), encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--config", "pyproject.toml"]
    done = subprocess.run([*ruff, str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    compile(lite.main_py(), "main.py", "exec")


def test_every_definition_keeps_its_docstring() -> None:
    held = {
        node.name: ast.get_docstring(node)
        for node in ast.parse(lite.main_py()).body
        if isinstance(node, ast.FunctionDef)
    }
    for name, core in pycore.FUNCTIONS.items():
        assert held[name] == ast.get_docstring(
            ast.parse(f"def f():\n    '''{core.__doc__}'''").body[0]  # type: ignore[arg-type]
        )


def test_every_module_stands_after_those_that_it_uses() -> None:
    names = [module.__name__ for module in lite.MODULES]
    assert len(names) == len(set(names))
    assert set(pycore.TOPICS) < set(lite.MODULES)
    for place, module in enumerate(lite.MODULES):
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.ImportFrom) and node.module in names:
                assert names.index(node.module) < place, (module.__name__, node.module)


def test_the_assumptions_are_in_it_and_no_file_is_read() -> None:
    assert "tomllib" not in lite.main_py()
    found = next(
        node
        for node in ast.parse(lite.main_py()).body
        if isinstance(node, ast.FunctionDef) and node.name == assumption_data.__name__
    )
    (held,) = (each.value for each in found.body if isinstance(each, ast.Return))
    assert held is not None
    assert ast.literal_eval(held) == assumption_data()


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


# What cannot be made into one module


@pytest.fixture(name="module")
def _module(tmp_path: Path) -> Callable[[str, str], ModuleType]:
    """Make a module from its text."""

    def make(name: str, text: str) -> ModuleType:
        path = tmp_path / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        return importlib.util.module_from_spec(spec)

    return make


def test_one_name_for_two_things_is_refused(module: Callable[[str, str], ModuleType]) -> None:
    first, second = module("one", "SIZE = 1\n"), module("two", "SIZE = 2\n")
    with pytest.raises(bundle.BundleError, match="more than once: SIZE"):
        bundle.needed([first, second], [("one", "SIZE"), ("two", "SIZE")])
    with pytest.raises(bundle.BundleError, match="more than once: round"):
        bundle.needed([module("three", "round = 1\n")], [("three", "round")])
    user = module("four", "import math\n\ndef f():\n    return math.pi\n")
    with pytest.raises(bundle.BundleError, match="more than once: math"):
        bundle.needed([module("five", "math = 1\n"), user], [("five", "math"), ("four", "f")])


def test_what_is_not_defined_is_refused(module: Callable[[str, str], ModuleType]) -> None:
    with pytest.raises(bundle.BundleError, match=r"one\.other is not defined"):
        bundle.needed([module("one", "SIZE = 1\n")], [("one", "other")])


def test_a_statement_that_defines_nothing_is_refused(
    module: Callable[[str, str], ModuleType],
) -> None:
    with pytest.raises(bundle.BundleError, match=r"one\.py:2 defines nothing"):
        bundle.needed([module("one", "SIZE = 1\nprint(SIZE)\n")], [("one", "SIZE")])


def test_a_prefix_that_is_needed_is_refused(module: Callable[[str, str], ModuleType]) -> None:
    other = module("room.other", "def size():\n    return 1\n")
    user = module(
        "user", "from room import other\n\ndef f(size):\n    return other.size() + size\n"
    )
    with pytest.raises(bundle.BundleError, match="size means two things"):
        bundle.needed([other, user], [("user", "f")])


def test_only_what_is_needed_is_taken(module: Callable[[str, str], ModuleType]) -> None:
    other = module("room.other", "UNUSED = 0\n# How many.\nSIZE, WIDTH = 1, 2\n'''Told.'''\n")
    user = module("user", "from room import other as o\n\n\ndef f():\n    return 'é', o.SIZE\n")
    pieces = bundle.needed([other, user], [("user", "f")])
    assert [piece.text for piece in pieces] == [
        "# How many.\nSIZE, WIDTH = 1, 2\n'''Told.'''\n",
        "def f():\n    return 'é', SIZE\n",
    ]


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


def test_every_example(ask: Ask) -> None:
    calls = [(each, example_cells(each.example)) for each in ALL]
    found = ask(calls)
    assert found["held"] == []
    assert found["answers"] == [here(*call) for call in calls]


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
    assert ask(calls)["answers"] == [here(*call) for call in calls]


@pytest.mark.parametrize("changes", [{}, CHANGES], ids=["as built", "edited"])
def test_every_result_of_the_workbook(ask: Ask, changes: dict[str, float | str]) -> None:
    data = recalculate(write(sheets()), "built", changes).data
    book = read_book(data, "built")
    calls, expected = [], []
    for result in model().results:
        function = find(result.function.__name__)
        calls.append((function, [book.values(defined_name(name)) for name in result.arguments]))
        name = block_name(result.id) if block_name(result.id) in book.places else result.id
        expected.append(book.values(name))
    assert ask(calls)["answers"] == expected


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
