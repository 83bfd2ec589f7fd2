"""Source files in one text, and their import from there."""

from __future__ import annotations

import ast
import importlib
import linecache
import pkgutil
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin.sources import ROOT, SourceImporter, as_literal, source_files

FILES = {
    "room/__init__.py": '"""A room."""\n',
    "room/first.py": "def _size():\n    return 1\n\n\ndef first():\n    return _size()\n",
    "room/second.py": "from room import first\n\n\ndef _size():\n    return 2\n\n\n"
    "def second():\n    return first.first(), _size()\n",
    "room/inner/__init__.py": "",
    "room/inner/third.py": "import room.second\n\n\ndef fail():\n    return 1 / 0  # here\n",
    "room/inner/data.toml": "value = 'é'\n",
}


@pytest.fixture(autouse=True)
def _imports(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave no trace of what is imported here."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "room"]:
        del sys.modules[name]


TEXTS = (
    *("", "\\", "a\\", "\\n'", "a\rb", "a\r\nb'", "\0" + "1", "\\x00'''", "{name}", "%s", "é☃\n"),
    *("'", "x''", "'''", "\\'''\\n", "r'''x'''", '"""doc"""\n'),
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_written_as_it_is(text: str) -> None:
    assert ast.literal_eval(as_literal({"a.py": text, "b.py": "1"})) == {"a.py": text, "b.py": "1"}


def test_two_modules_have_a_helper_of_one_name() -> None:
    SourceImporter(FILES, "main.py").install()
    assert importlib.import_module("room.second").second() == (1, 2)


def test_a_traceback_shows_the_line() -> None:
    SourceImporter(FILES, "main.py").install()
    with pytest.raises(ZeroDivisionError) as caught:
        importlib.import_module("room.inner.third").fail()
    linecache.clearcache()
    shown = "".join(traceback.format_exception(caught.value))
    assert 'File "main.py/room/inner/third.py", line 5, in fail' in shown
    assert "return 1 / 0  # here" in shown


def test_a_file_beside_a_module_is_found() -> None:
    SourceImporter(FILES, "main.py").install()
    importlib.import_module("room.inner")
    assert pkgutil.get_data("room.inner", "data.toml") == "value = 'é'\n".encode()
    with pytest.raises(OSError, match=r"other\.toml: no such file"):
        pkgutil.get_data("room.inner", "other.toml")


def test_what_is_not_there_is_not_found() -> None:
    importer = SourceImporter(FILES, "main.py")
    importer.install()
    with pytest.raises(ModuleNotFoundError, match=r"room\.other"):
        importlib.import_module("room.other")
    with pytest.raises(ImportError, match=r"numpy is not in main\.py"):
        importer.get_source("numpy")


def test_another_of_that_name_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "room").mkdir()
    for name in ("__init__", "first"):
        (tmp_path / "room" / f"{name}.py").write_text("WHERE = 'elsewhere'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert importlib.import_module("room.first").WHERE == "elsewhere"
    SourceImporter(FILES, "main.py").install()
    assert importlib.import_module("room.first").first() == 1


def test_a_later_text_takes_the_place_of_an_earlier_one() -> None:
    SourceImporter(FILES, "main.py").install()
    importlib.import_module("room.first")
    SourceImporter(FILES | {"room/first.py": "def first():\n    return 3\n"}, "main.py").install()
    assert importlib.import_module("room.second").second() == (3, 2)
    assert sum(isinstance(each, SourceImporter) for each in sys.meta_path) == 1


def test_what_is_carried_is_the_core_and_its_cells() -> None:
    carried = set(source_files())
    assert {"pycore/cost.py", "pycore/model/assumptions.toml", "addin/cells.py"} <= carried
    assert {name for name in carried if not name.startswith("pycore/")} == {
        "addin/__init__.py",
        "addin/cells.py",
        "addin/udfs.py",
    }


CHANGES = {
    "pycore/cost.py": "\n\ndef _same():\n    return 1\n\n\nSAME = _same()\n",
    "pycore/selection.py": "\n\ndef _same():\n    return 2\n\n\nSAME = _same()\n",
}

PROGRAM = """
import sys
from addin.__main__ import main
from addin.lite import main_py

assert main(["calc", "made.oxt"]) == 0
exec(compile(main_py(), "main.py", "exec"), {"__name__": "main"})
from pycore import cost, selection
assert cost.__file__ == "main.py/pycore/cost.py"
assert (cost.SAME, selection.SAME) == (1, 2)
"""


def test_a_private_name_may_stand_in_two_modules_of_the_core(tmp_path: Path) -> None:
    for room in ("pycore", "addin"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    shutil.copy(ROOT / "LICENSE", tmp_path)
    for name, text in CHANGES.items():
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(text)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
