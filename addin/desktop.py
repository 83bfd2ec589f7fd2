"""The functions for Excel on Windows with its own Python: the UDF module of classic xlwings.

The workbook that ``python -m workbook build OUT.xlsm --desktop`` makes names this module in
its xlwings.conf sheet. xlwings imports it where Excel asks for functions, and writes a VBA
function for each: ``FIELD_COST_MULTIPLE`` in Excel is :func:`field_cost_multiple` here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xlwings import XlwingsError

from addin import excel_functions
from addin.cells import Cells
from addin.functions import Function, functions
from addin.generate import lite_name
from pycore.errors import REFUSED


def _udf(function: Function) -> Callable[..., Cells]:
    """Make the function that VBA calls, declared as the one of xlwings Server is."""

    def call(*cells: Any) -> Cells:
        try:
            return function.call(*cells)
        except XlwingsError as error:
            # Classic xlwings would show the whole traceback; this is its one useful line.
            return f"{REFUSED} {error}"

    call.__name__ = call.__qualname__ = lite_name(function)
    declared = vars(getattr(excel_functions, function.name.lower())).get("__xlfunc__", {})
    vars(call)["__xlfunc__"] = declared | {"name": call.__name__}
    return call


# xlwings takes every function that stands in the module under a name.
globals().update({call.__name__: call for call in map(_udf, functions().values())})
