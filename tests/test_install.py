"""What pip installs works without the checkout: the command, the import, the files beside code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fieldbook

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project's own package was installed; what it needs is this Python's."""
    target = tmp_path_factory.mktemp("installed")
    source = tmp_path_factory.mktemp("source")
    # From a copy: a build leaves folders beside its sources.
    for name in ("pycore", "addin", "workbook", "fieldbook"):
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                copy = source / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    words = ("install", "-q", "--no-deps", "--no-build-isolation", "--target", target, source)
    done = subprocess.run(
        [sys.executable, "-m", "pip", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return target


def run(installed: Path, folder: Path, *words: str) -> str:
    """Run Python in a folder with what was installed."""
    done = subprocess.run(
        [sys.executable, "-W", "error::ImportWarning", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(installed)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    command = str(installed / "bin" / "fieldbook")
    assert "simulate" in run(installed, tmp_path, command, "--help")
    assert "revoke" in run(installed, tmp_path, command, "token", "--help")
    assert "built x.xlsx" in run(installed, tmp_path, command, "build", "x.xlsx")
    assert "come out as published" in run(installed, tmp_path, command, "show", "x.xlsx")
    assert "5.0" in run(installed, tmp_path, "-m", "fieldbook", "call", "COST_MULTIPLE", "10", "2")
    assert "made x.oxt" in run(installed, tmp_path, command, "calc", "x.oxt")
    run(installed, tmp_path, command, "build", "lite.xlsx", "--lite", "--quiet")
    code = "from addin.version import model_version; print(model_version())"
    here = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert run(installed, tmp_path, "-c", code) == here.stdout


def test_every_file_beside_the_code_is_installed(installed: Path) -> None:
    for name in ("pycore", "addin", "workbook", "fieldbook"):
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                assert (installed / path.relative_to(ROOT)).is_file(), path


def test_what_the_readme_calls_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    called = set(re.findall(r"fieldbook\.(\w+)\(", text))
    assert called == {"collect", "compare", "evaluate", "load", "upgrade"}
    assert called <= set(fieldbook.__all__)


# What is installed: the locks of the requirements

PIN = re.compile(r"([A-Za-z0-9._-]+)==([^ ;]+)( ; [^\\]+)?")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def wanted(path: Path) -> set[tuple[str, str]]:
    """The names and versions that requirements ask for, with those that they refer to."""
    pins: set[tuple[str, str]] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            pins |= wanted(path.parent / line.removeprefix("-r "))
        elif not line.startswith("#"):
            found = PIN.fullmatch(line)
            assert found, line
            pins.add((found[1].lower().replace("_", "-"), found[2]))
    return pins


LOCKS = sorted(path for path in ROOT.rglob("requirements.lock") if ".venv" not in path.parts)


def test_every_file_of_requirements_has_a_lock() -> None:
    inputs = [path for path in ROOT.rglob("requirements.txt") if ".venv" not in path.parts]
    assert sorted(path.with_suffix(".lock") for path in inputs) == LOCKS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_lock_pins_what_is_asked_for_and_all_else_with_hashes(lock: Path) -> None:
    pins: set[tuple[str, str]] = set()
    hashes = 0
    for line in lock.read_text(encoding="utf-8").splitlines():
        if HASH.fullmatch(line):
            hashes += 1
            continue
        assert hashes or not pins, line  # the one before has hashes
        found = PIN.fullmatch(line.removesuffix(" \\"))
        assert found, line  # nothing else, as an index would be
        pins.add((found[1], found[2]))
        hashes = 0
    assert hashes
    missing = wanted(lock.with_suffix(".txt")) - pins
    assert not missing, f"run `make lock`: {missing} not in {lock.relative_to(ROOT)}"
