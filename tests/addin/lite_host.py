"""The module for xlwings Lite in Pyodide, as Lite imports and calls it, for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import xlwings

from addin import lite
from addin.functions import Function
from tests.pyodide import runtime

LITE = """
import json, sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, "/site")
given = json.loads(given)
Path("main.py").write_text(given["main"])

class Asked:
    names = []

    @classmethod
    def find_spec(cls, name, *_):
        cls.names.append(name)

import xlwings
from xlwings.server import custom_functions_call, custom_functions_meta
import main

sys.meta_path.insert(0, Asked)

async def call(name, cells):
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
        return await custom_functions_call(data, main)
    except xlwings.XlwingsError as error:
        return str(error)

answers = [await call(name, cells) for name, cells in given["calls"]]
declared = {name: getattr(each, "__xlfunc__", None) for name, each in vars(main).items()}
json.dumps({
    "answers": answers,
    "meta": custom_functions_meta(main),
    "cached": [name for name, each in declared.items() if each and each["cache"]],
    "elsewhere": [
        name for name, module in sys.modules.items()
        if name.split(".")[0] in ("pycore", "addin", "workbook")
        and not str(module.__file__).startswith("main.py/")
    ],
    "asked": Asked.names.count("pyodide.ffi.JsNull"),
    "bits": __import__("numpy").dtype(int).itemsize * 8,
})
"""

Call = tuple[Function, list[Any]]


def ask_lite(calls: list[Call]) -> dict[str, Any]:
    """Call functions as Lite does, with rows of cells; gives the answers and the metadata."""
    named = [[f"field_{each.name.lower()}", as_rows(cells)] for each, cells in calls]
    answer: dict[str, Any] = json.loads(
        runtime.run(
            LITE,
            json.dumps({"main": lite.main_py(), "calls": named}),
            # Its Python files are those of the wheel that Lite installs.
            mounts={"/site/xlwings": Path(xlwings.__file__).parent},
            env={"XLWINGS_ON_SERVER": "true", "XLWINGS_LICENSE_KEY": "noncommercial"},
        )
    )
    return answer


def as_rows(cells: list[Any]) -> list[Any]:
    """Give each argument as the rows of a range."""
    return [cell if isinstance(cell, list) else [[cell]] for cell in cells]
