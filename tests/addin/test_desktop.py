"""The UDF module of classic xlwings, as xlwings' own code for Windows imports and calls it.

That code runs here in a process of its own, where Excel and pywin32 are stood in for.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from addin import desktop
from addin.functions import functions

ROOT = Path(__file__).resolve().parents[2]
ALL = list(functions().values())

WINDOWS = """
import ctypes, datetime, io, json, sys, types
from unittest.mock import MagicMock

for name in (
    "pythoncom", "pywintypes", "win32api", "win32con", "win32gui", "win32process",
    "win32timezone", "win32com", "win32com.client", "win32com.client.gencache",
    "win32com.client.dynamic", "win32com.server", "win32com.server.dispatcher",
    "win32com.server.policy", "win32com.server.util", "win32event", "xlwings._win32patch",
):
    sys.modules[name] = MagicMock(name=name)
sys.modules["pythoncom"].__file__ = "pythoncom.dll"
sys.modules["pywintypes"].TimeType = datetime.datetime
sys.modules["pywintypes"].com_error = type("com_error", (Exception,), {})
for name in ("CoClassBaseClass", "CDispatch", "DispatchBaseClass"):
    setattr(sys.modules["win32com.client"], name, type(name, (), {}))
ctypes.PyDLL = ctypes.windll = ctypes.oledll = MagicMock()
sys.modules["xlwings.com_server"] = types.SimpleNamespace(loop=None)

import xlwings
from xlwings import _xlwindows, udfs

xlwings._xlwindows = _xlwindows
xlwings.engines.add(xlwings.Engine(impl=_xlwindows.engine))
xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret

module = udfs.get_udf_module("addin.desktop", None)
wrappers = io.StringIO()
book = types.SimpleNamespace(Name="fieldbook.xlsm")
udfs.generate_vba_wrapper("addin.desktop", module, wrappers, book)
declared = {
    name: getattr(module, name).__xlfunc__
    for name in dir(module)
    if hasattr(getattr(module, name), "__xlfunc__")
}
def as_com(cells):
    return tuple(map(tuple, cells)) if isinstance(cells, list) else cells

answers = [
    udfs.call_udf("addin.desktop", name, tuple(map(as_com, cells)))
    for name, cells in json.load(sys.stdin)
]
made = {"vba": wrappers.getvalue(), "declared": declared, "answers": answers}
json.dump(made, sys.stdout, default=str)
"""

DIVISION_BY_ZERO, NOT_AVAILABLE = -2146826281, -2146826246
"""Errors of cells as Excel hands them over on Windows."""

CALLS: list[tuple[str, list[Any], Any]] = [
    ("field_cost_multiple", [100_000.0, 25_000.0], [[4.0]]),
    ("field_cost_multiple", [8.0, [[1.0], [2.0]]], [[8.0], [4.0]]),
    ("field_cost_multiple", [8.0, [[1.0], [None]]], [[8.0], ["#VALUE!"]]),
    ("field_cost_multiple", [8.0, [[1.0], [NOT_AVAILABLE]]], [[8.0], ["#VALUE!"]]),
    ("field_cost_multiple_range", [100_000.0, 20_000.0, 25_000.0], [[4.0, 5.0]]),
    ("field_quote", [4.0, 5.0], [["4-5x"]]),
    ("field_scoped_cost", [[[1.0], [2.0]], [["recruit"], ["retrain"]], "recruit"], [[1.0]]),
    ("field_cost_multiple", [8.0, None], "COST_MULTIPLE: cost must .*, but is blank"),
    ("field_cost_multiple", [8.0, True], "COST_MULTIPLE: cost must .*, but is TRUE"),
    ("field_cost_multiple", [8.0, "abc"], "COST_MULTIPLE: cost must .*, but is 'abc'"),
    ("field_cost_multiple", [8.0, DIVISION_BY_ZERO], "COST_MULTIPLE: cost must .*'#DIV/0!'"),
]

RESERVED = (
    "and as boolean byref byte byval call case const currency date decimal declare dim do "
    "double each else elseif empty end enum eqv erase error event exit false for friend "
    "function get global gosub goto if imp implements in input integer is let lib like "
    "long loop lset me mod name new next not nothing null object on open option optional "
    "or paramarray preserve print private property public put raiseevent redim resume "
    "return rset select set single static step stop string sub then to true type until "
    "variant wend while with withevents write xor caller"
)
"""Words of VBA that no argument may be called, and the one that xlwings keeps for itself."""


@pytest.fixture(scope="module")
def windows() -> dict[str, Any]:
    """What xlwings makes of the module, and its answers to every call."""
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS],
        input=json.dumps([(name, cells) for name, cells, _ in CALLS]),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_every_function_is_declared_with_its_help(windows: dict[str, Any]) -> None:
    assert set(windows["declared"]) == {f"field_{each.name.lower()}" for each in ALL}
    for each in ALL:
        declared = windows["declared"][f"field_{each.name.lower()}"]
        assert declared["category"] == each.category
        assert declared["ret"]["doc"] == each.description
        shown = [(argument["name"], argument["doc"]) for argument in declared["args"]]
        assert shown == [(argument.name, argument.help) for argument in each.arguments]
        assert all(argument["options"]["ndim"] == 2 for argument in declared["args"])
        assert not any("optional" in argument for argument in declared["args"])


def test_every_function_gets_its_vba(windows: dict[str, Any]) -> None:
    for each in ALL:
        name = f"field_{each.name.lower()}"
        names = ", ".join(argument.name for argument in each.arguments)
        assert f"Function {name}({names})\n" in windows["vba"]
        assert f'XLPy.CallUDF("addin.desktop", "{name}", Array({names}), ThisWorkbook' in re.sub(
            r" _\n", "", windows["vba"]
        )


def test_no_argument_is_a_word_of_vba() -> None:
    for each in ALL:
        assert not {argument.name for argument in each.arguments} & set(RESERVED.split()), each.name


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_answers(windows: dict[str, Any], place: int) -> None:
    expected, found = CALLS[place][2], windows["answers"][place]
    if isinstance(expected, str):
        ((shown,),) = found
        assert re.fullmatch(f"#VALUE! {expected}", shown)
        assert shown.isprintable()
    else:
        assert found == expected


def test_a_refusal_is_one_line_and_no_traceback() -> None:
    call = vars(desktop)["field_cost_multiple"]
    assert call([[8]], [[2]]) == 4
    assert call([[8]], [[0]]).startswith("#VALUE! COST_MULTIPLE: cost must be a number above 0")
    assert call([[8]]) == "#VALUE! COST_MULTIPLE takes 2 arguments (value, cost), but got 1"
