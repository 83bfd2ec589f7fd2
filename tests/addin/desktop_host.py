"""The UDF module of classic xlwings, as xlwings' own code for Windows imports and calls it.

That code runs in a process of its own, where Excel and pywin32 are stood in for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

WINDOWS = """
import ctypes, datetime, decimal, io, json, sys, types
from unittest.mock import MagicMock

for name in (
    "pythoncom", "pywintypes", "win32api", "win32con", "win32gui", "win32process",
    "win32timezone", "win32com", "win32com.client", "win32com.client.gencache",
    "win32com.client.dynamic", "win32com.server", "win32com.server.dispatcher",
    "win32com.server.policy", "win32com.server.util", "win32event", "xlwings._win32patch",
):
    sys.modules[name] = MagicMock(name=name)
sys.modules["pythoncom"].__file__ = "pythoncom.dll"
sys.modules["pythoncom"].VT_NULL, sys.modules["pythoncom"].VT_ERROR = 1, 10
sys.modules["pywintypes"].TimeType = datetime.datetime
sys.modules["pywintypes"].com_error = type("com_error", (Exception,), {})
for name in ("CoClassBaseClass", "CDispatch", "DispatchBaseClass"):
    setattr(sys.modules["win32com.client"], name, type(name, (), {}))
ctypes.PyDLL = ctypes.windll = ctypes.oledll = MagicMock()
sys.modules["xlwings.com_server"] = types.SimpleNamespace(loop=None)

class Variant:
    def __init__(self, kind, value):
        self.varianttype, self.value = kind, value

sys.modules["win32com.client"].VARIANT = Variant

import xlwings
from xlwings import _xlwindows, udfs

xlwings._xlwindows = _xlwindows
xlwings.engines.add(xlwings.Engine(impl=_xlwindows.engine))
xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret

class Area:
    '''A range of a sheet; in an array formula from the first cell of its array on.'''

    def __init__(self, rows, money=False, formula="", names=None, row=1, column=1, array=None):
        self._rows, self._money, self.Formula = rows, money, formula
        self.Row, self.Column, self.HasArray = row, column, array is not None
        self.CurrentArray = types.SimpleNamespace(Row=array and array[0], Column=array and array[1])
        self.Worksheet = MagicMock()
        self.Worksheet.Evaluate = lambda word: argument((names or {})[word])
        self._oleobj_ = MagicMock()
        info = self._oleobj_.GetTypeInfo.return_value.GetTypeAttr.return_value
        info.iid = sys.modules["pywintypes"].IID.return_value
        self.Rows = types.SimpleNamespace(Count=len(rows))
        self.Columns = types.SimpleNamespace(Count=len(rows[0]))

    def Cells(self, row, column):
        assert (row, column) == (1, 1)
        return self

    def _read(self, each):
        cells = tuple(tuple(map(each, row)) for row in self._rows)
        return cells if len(cells) > 1 or len(cells[0]) > 1 else cells[0][0]

    @property
    def Value(self):
        return self._read(self._shown)

    @property
    def Value2(self):
        return self._read(lambda cell: 45450.0 if type(cell) is dict else cell)

    def _shown(self, cell):
        if type(cell) is dict:
            return datetime.datetime.fromisoformat(cell["date"])
        if self._money and type(cell) is float:
            return decimal.Decimal(cell).quantize(decimal.Decimal("0.0001"))
        return cell

def argument(given):
    if type(given) is dict:
        return Area(**given)
    return tuple(map(tuple, given)) if isinstance(given, list) else given

def sent(cell):
    return {"kind": cell.varianttype, "value": cell.value} if isinstance(cell, Variant) else cell

module = udfs.get_udf_module("addin.desktop", None)
wrappers = io.StringIO()
book = types.SimpleNamespace(Name="fieldbook.xlsm")
udfs.generate_vba_wrapper("addin.desktop", module, wrappers, book)
answers = []
for name, given in json.load(sys.stdin):
    rows = udfs.call_udf("addin.desktop", name, tuple(map(argument, given)))
    answers.append([[sent(cell) for cell in row] for row in rows])
declared = {
    name: getattr(module, name).__xlfunc__
    for name in dir(module)
    if hasattr(getattr(module, name), "__xlfunc__")
}
made = {"vba": wrappers.getvalue(), "declared": declared, "answers": answers}
json.dump(made, sys.stdout, default=str)
"""


def area(rows: list[list[Any]], **more: Any) -> dict[str, Any]:
    """A range as an argument: its cells, whether they are formatted as money, its formula ..."""
    return {"rows": rows, **more}


def ask_desktop(calls: Sequence[tuple[str, list[Any]]]) -> dict[str, Any]:
    """What xlwings makes of the module, and its answers to calls: UDFs by name, and arguments.

    An argument is what :func:`area` gives, or what stands in the formula itself.
    """
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS],
        input=json.dumps(calls),
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
