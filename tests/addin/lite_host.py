"""The module for xlwings Lite in an environment of its own, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from importlib.metadata import version
from pathlib import Path
from typing import Any

from addin import lite
from addin.functions import Function

LITE = """
import asyncio, json, sys
import xlwings
from xlwings.server import custom_functions_call, custom_functions_meta
import main

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
        return asyncio.run(custom_functions_call(data, main))
    except xlwings.XlwingsError as error:
        return str(error)

answers = [call(name, cells) for name, cells in json.load(sys.stdin)]
held = sorted(
    name for name, module in sys.modules.items()
    if name.split(".")[0] in ("pycore", "addin", "workbook", "pandas", "docstring_parser")
    and not str(getattr(module, "__file__", "")).startswith("main.py/")
)
json.dump({"meta": custom_functions_meta(main), "answers": answers, "held": held}, sys.stdout)
"""

Call = tuple[Function, list[Any]]


def make_environment(folder: Path) -> Path:
    """Make an environment with Lite's requirements and the module; gives its Python."""
    venv.create(folder / "venv", with_pip=True)
    program = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    (folder / "requirements.txt").write_text(lite.requirements(), encoding="utf-8")
    # The same numpy as here, so that the numbers must be the same.
    same = "".join(f"{name}=={version(name)}\n" for name in ("numpy", "scipy"))
    (folder / "constraints.txt").write_text(same, encoding="utf-8")
    install = ["-m", "pip", "install", "-q", "--disable-pip-version-check"]
    done = subprocess.run(
        [program, *install, "-r", "requirements.txt", "-c", "constraints.txt"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (folder / "main.py").write_text(lite.main_py(), encoding="utf-8")
    return program


def ask_lite(python: Path, calls: list[Call]) -> dict[str, Any]:
    """Call functions as Lite does, with rows of cells; gives the answers and the metadata."""
    named = [[f"field_{each.name.lower()}", as_rows(cells)] for each, cells in calls]
    inherited = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [python, "-c", LITE],
        input=json.dumps(named),
        cwd=python.parents[2],
        env=inherited | {"XLWINGS_ON_SERVER": "true", "XLWINGS_LICENSE_KEY": "noncommercial"},
        text=True,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def as_rows(cells: list[Any]) -> list[Any]:
    """Give each argument as the rows of a range."""
    return [cell if isinstance(cell, list) else [[cell]] for cell in cells]
