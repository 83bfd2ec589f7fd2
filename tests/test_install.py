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
    assert called == {"load", "evaluate"}
    assert called <= set(fieldbook.__all__)
