"""The functions for Excel on Windows with its own Python: the UDF module of classic xlwings.

The workbook that ``python -m workbook build OUT.xlsm --desktop`` makes names this module in
its xlwings.conf sheet. xlwings imports it where Excel asks for functions, and writes a VBA
function for each: ``FIELD_COST_MULTIPLE`` in Excel is :func:`field_cost_multiple` here.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from openpyxl.formula import Tokenizer
from xlwings import Range, arg, conversion, func
from xlwings.conversion import Ensure2DStage, ValueAccessor

from addin import excel_functions
from addin.cells import ERROR_NUMBERS, Cells, reason
from addin.functions import NAMESPACE, Function, functions
from addin.generate import lite_name
from pycore.errors import REFUSED, RefusedError

ERROR_BASE = -2146828288
"""As COM hands it over, an error is a whole number, as no cell holds them: this and its own."""

VALUE_ERROR = ERROR_BASE + 2015


class CellsAsTheyAre(ValueAccessor):
    """Reads cells as xlwings does, but what is formatted as money with all its digits."""

    @staticmethod
    def reader(options: Any) -> Any:
        """The stages of reading a range, or what stands in the formula itself."""
        return ValueAccessor.reader(options).insert_stage(_exact, after=Ensure2DStage)


OPTIONS = {"ndim": 2, "err_to_str": True, "convert": CellsAsTheyAre}


def _exact(context: Any) -> None:
    """Take numbers for money, which Excel cuts at four decimals, from where they are whole."""
    rows = context.value
    if context.range is not None and any(isinstance(cell, Decimal) for row in rows for cell in row):
        whole = context.range.api.Value2
        pairs = zip(rows, whole if isinstance(whole, tuple) else ((whole,),), strict=True)
        rows = [
            [exact if isinstance(cell, Decimal) else cell for cell, exact in zip(*row, strict=True)]
            for row in pairs
        ]
    context.value = [[_named(cell) for cell in row] for row in rows]


def _named(cell: Any) -> Any:
    """Name an error: those that xlwings does not know would be taken for numbers."""
    if type(cell) is int and ERROR_BASE <= cell < ERROR_BASE + 2**16:
        return ERROR_NUMBERS.get(cell - ERROR_BASE, REFUSED)
    return cell


def _error(*, in_block: bool) -> Any:
    """What Excel shows as #VALUE!, an error that ISERROR and IFERROR see.

    pywin32 hands no error over with its number. Null as a whole answer is known to be shown as
    #VALUE!, but as one cell of a block would make all of it that; there an error goes without its
    number, which Excel is said to show as #VALUE! too.
    """
    try:
        import pythoncom
        from win32com.client import VARIANT
    except ImportError:  # not on Windows: what other hosts are given
        return REFUSED
    if in_block:
        return VARIANT(pythoncom.VT_ERROR, VALUE_ERROR)
    return VARIANT(pythoncom.VT_NULL, None)


def _udf(function: Function) -> Callable[..., Any]:
    """Make the function that VBA calls, declared as the one of xlwings Server is."""

    def call(*cells: Any) -> Any:
        try:
            answer = function.call(*cells)
        except RefusedError:  # xlwings would show the whole traceback, as text
            return _error(in_block=False)
        rows = answer if isinstance(answer, list) else [[answer]]
        bad = _error(in_block=True)
        return [[bad if cell == REFUSED else cell for cell in row] for row in rows]

    call.__name__ = call.__qualname__ = lite_name(function)
    declared = vars(getattr(excel_functions, function.name.lower())).get("__xlfunc__", {})
    arguments = [each | {"options": OPTIONS} for each in declared.get("args", ())]
    vars(call)["__xlfunc__"] = declared | {"name": call.__name__, "args": arguments}
    return call


@func(category="Fieldbook")
@arg("cell", "range", doc="The cell that shows the error.")
def field_reason(cell: Any) -> Cells:
    """Why a cell with one of these functions shows an error; empty if it does not."""
    if not isinstance(cell, Range):
        return "the argument must be a cell"
    found = cell.api.Cells(1, 1)
    called = _called(str(found.Formula))
    if called is None:
        return "the cell must hold a Fieldbook function and nothing else"
    name, words = called
    arguments = [_read(found.Worksheet.Evaluate(word)) for word in words]
    block = found.CurrentArray if found.HasArray else found
    return reason(name, arguments, found.Row - block.Row, found.Column - block.Column)


def _called(formula: str) -> tuple[str, list[str]] | None:
    """The function that a formula is a call of, and its arguments; None for any other formula."""
    start, *inside = Tokenizer(formula).items or [None]
    name = start.value.upper().removeprefix(f"{NAMESPACE}_").removesuffix("(") if start else ""
    if not inside or name not in functions():
        return None
    words, depth = [""], 1
    for at, token in enumerate(inside):
        depth += {"OPEN": 1, "CLOSE": -1}.get(token.subtype, 0)
        if not depth:
            return (name, words) if at == len(inside) - 1 else None
        if depth == 1 and token.type == "SEP":
            words.append("")
        else:
            words[-1] += token.value
    return None


def _read(value: Any) -> Any:
    """What xlwings gives a function for an argument of a formula."""
    from xlwings import _xlwindows

    area = Range(impl=_xlwindows.Range(value)) if _xlwindows.is_range_instance(value) else None
    return conversion.read(area, value, OPTIONS)


# xlwings takes every function that stands in the module under a name.
globals().update({call.__name__: call for call in map(_udf, functions().values())})
