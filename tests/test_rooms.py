"""The rooms: imports go one way, no module holds too many topics, no folder too many files."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ROOMS = ("pycore", "addin", "workbook", "fieldbook")
"""Each may import from those before it."""

CORE = ("shared", "topics", "draft", "graph", "uncertainty", "model")
"""The storeys of the core, likewise; modules of one storey may import each other."""

SHARED = {
    "attribution",
    "checks",
    "errors",
    "hashed",
    "kept",
    "normal",
    "pooling",
    "progress",
    "rounding",
    "symbolic",
    "tables",
}

MOST_LINES, MOST_FILES, MOST_SOURCE = 600, 25, 46_000
GENERATED = {"addin/excel_functions.py"}


def files() -> list[Path]:
    """Every file of the repository, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a checkout")
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def modules() -> list[Path]:
    return [each for each in files() if each.suffix == ".py" and each.parts[0] in ROOMS]


def imported(path: Path) -> Iterator[str]:
    """The modules of ours that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in ROOMS)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOMS:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                is_module = (ROOT / f"{full.replace('.', '/')}.py").is_file()
                is_package = (ROOT / full.replace(".", "/")).is_dir()
                yield full if is_module or is_package else str(node.module)


def storey(module: str) -> str:
    """The storey of the core that a module stands on."""
    name = module.split(".")[1] if "." in module else ""
    if name in SHARED:
        return "shared"
    return {"nodes": "graph"}.get(name, name if name in CORE else "topics")


def test_rooms_import_one_way() -> None:
    wrong = [
        f"{path} imports {module}"
        for path in modules()
        for module in imported(path)
        if ROOMS.index(module.split(".")[0]) > ROOMS.index(path.parts[0])
    ]
    assert not wrong


def test_storeys_of_the_core_import_one_way() -> None:
    wrong = []
    for path in modules():
        here = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        if path.parts[0] != "pycore" or here == "pycore":
            continue
        wrong += [
            f"{path} imports {module}"
            for module in imported(path)
            if module != "pycore" and CORE.index(storey(module)) > CORE.index(storey(here))
        ]
    assert not wrong


def test_no_module_holds_too_many_topics() -> None:
    long = [
        f"{path}: {count}"
        for path in modules()
        if path.as_posix() not in GENERATED
        and (count := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]
    assert not long


def test_no_folder_holds_too_many_files() -> None:
    counts: dict[Path, int] = {}
    for path in files():
        counts[path.parent] = counts.get(path.parent, 0) + 1
    assert not {str(folder): count for folder, count in counts.items() if count > MOST_FILES}


def test_the_house_stays_small() -> None:
    lines = 0
    for path in modules():
        if path.as_posix() not in GENERATED:
            lines += len((ROOT / path).read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_SOURCE, lines
