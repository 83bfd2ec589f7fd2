"""The component that Calc calls: references to cells in, a block of cells out.

``python -m addin calc`` puts this file into the extension; it is not imported here. At the
top it imports only what the Python of every LibreOffice has, so that a cell can say what is
missing.
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uno
import unohelper  # type: ignore[import-not-found]
from com.sun.star.lang import XServiceInfo  # type: ignore[import-not-found]
from com.sun.star.uno import RuntimeException  # type: ignore[import-not-found]
from fieldbook_names import (  # type: ignore[import-not-found]
    IMPLEMENTATION,
    METHODS,
    TEXTS,
)
from org.fieldbook import XFunctions  # type: ignore[import-not-found]

SERVICE = "com.sun.star.sheet.AddIn"
OLDEST_PYTHON = (3, 10)
SOURCES = Path(__file__).with_name("sources")
LARGEST_RANGE = 200_000
LOGICAL, DATE = 1024, 2
"""Kinds of number format, as com.sun.star.util.NumberFormat has them."""

ERRORS = {32767: "#N/A", 503: "#NUM!", 521: "#NULL!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!"}
"""Calc's numbers for the errors that Excel has too; any other is #VALUE!."""

VALUE_ERROR = struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_0000 | 519))[0]
"""What Calc shows as #VALUE!: not a number, with the number of the error in its last bits."""

CALL = re.compile(r"\{?=\s*" + re.escape(IMPLEMENTATION) + r"\.(\w+)\((.*)\)\}?", re.I | re.S)
COMPARING = re.compile(r"(\{?=)\s*IF\(ISTEXT\((.*)\);\2&\"\";\2\)(\}?)", re.I | re.S)
"""A call as the workbook has it where the answer may be a text."""
SEPARATOR = re.compile(r";(?=(?:[^']*'[^']*')*[^']*$)")
"""What stands between arguments; one inside the quoted name of a sheet does not count."""

ADDRESS = re.compile(r"\$?[A-Z]+\$?\d+(:\$?[A-Z]+\$?\d+)?")

if TYPE_CHECKING:
    Rows = tuple[tuple[Any, ...], ...]


class Sources:
    """Finds the core beside this file, even where another is installed under its name."""

    packages = {"pycore", "addin"} | ({"tomllib"} if sys.version_info < (3, 11) else set())

    @classmethod
    def find_spec(cls, name: str, *_: Any) -> ModuleSpec | None:
        """Find one of our packages; its modules are then found in it."""
        return PathFinder.find_spec(name, [str(SOURCES)]) if name in cls.packages else None


sys.meta_path.insert(0, Sources)


class AddIn(unohelper.Base, XFunctions, XServiceInfo):  # type: ignore[misc]
    """The functions under the names of their methods, which are added below the class.

    Parameters
    ----------
    context : XComponentContext
        The office's; not used.
    """

    def __init__(self, context: Any = None) -> None:
        pass

    def reason(self, document: Any, cell: Any) -> Rows:
        """Why a cell that holds one of the functions shows an error."""
        return _shown(lambda: _reason(document, cell))

    def getImplementationName(self) -> str:  # noqa: N802, D102
        return str(IMPLEMENTATION)

    def supportsService(self, name: str) -> bool:  # noqa: N802, D102
        return name == SERVICE

    def getSupportedServiceNames(self) -> tuple[str, ...]:  # noqa: N802, D102
        return (SERVICE,)


def _method(name: str) -> Callable[..., Rows]:
    def call(_: AddIn, document: Any, *ranges: Any) -> Rows:
        return _shown(lambda: _answer(document, name, ranges))

    return call


for _calc_name, _core_name in METHODS.items():
    setattr(AddIn, _calc_name, _method(_core_name))


def _shown(compute: Callable[[], Rows]) -> Rows:
    """Give a block of cells; where something is missing, one cell that says what."""
    if sys.version_info < OLDEST_PYTHON:
        needed = ".".join(map(str, OLDEST_PYTHON))
        return ((f"Fieldbook needs Python {needed} or newer; this LibreOffice has {_python()}",),)
    try:
        return compute()
    except ImportError as error:
        return ((_missing(error),),)


def _answer(document: Any, name: str, ranges: tuple[Any, ...]) -> Rows:
    from pycore.errors import RefusedError

    try:
        answer = _call(name.upper(), *(_cells(document, each) for each in ranges))
    except RefusedError as error:
        if name in TEXTS:
            raise RuntimeException(str(error), None) from None
        return ((VALUE_ERROR,),)
    rows = answer if isinstance(answer, list) else [[answer]]
    if name in TEXTS and any(_refused(cell) for row in rows for cell in row):
        # A text can be no error, and one that reads like an error is none to other formulas.
        raise RuntimeException("a row is refused, and so are all", None)
    return tuple(tuple(VALUE_ERROR if _refused(cell) else cell for cell in row) for row in rows)


LAST: dict[str, tuple[str, Any]] = {}
"""Of each function: the text of the arguments that it was called with last, and its answer."""


def _call(name: str, *arguments: Any) -> Any:
    """Call a function; a missing package is no matter of its arguments.

    A formula of the workbook asks up to three times for the same answer, to have its texts
    compared (`addin.calc.comparing`).
    """
    from addin import cells as core
    from pycore.errors import RefusedError

    key = repr(arguments)
    if name in LAST and LAST[name][0] == key:
        return LAST[name][1]
    try:
        LAST[name] = key, core.call(name, *arguments)
        return LAST[name][1]
    except RefusedError as error:
        if isinstance(error.__cause__, ImportError):
            raise error.__cause__ from None
        raise


def _refused(cell: Any) -> bool:
    from pycore.errors import REFUSED

    return isinstance(cell, str) and cell == REFUSED


def _cells(document: Any, area: Any) -> Any:
    """Read a reference as every other host passes it: rows of cells, an error as its name."""
    from pycore.errors import RefusedError

    address = area.getRangeAddress()
    count = (address.EndRow - address.StartRow + 1) * (address.EndColumn - address.StartColumn + 1)
    if count > LARGEST_RANGE:
        rule = f"a range must be at most {LARGEST_RANGE:,} cells, but is {count:,}"
        raise RefusedError(rule)
    rows = [list(row) for row in area.getDataArray()]
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if value is None:
                error = area.getCellByPosition(column, row).getError()
                cells[column] = ERRORS.get(error, "#VALUE!")
    for part in [area] if count == 1 else area.getCellFormatRanges():
        kind = document.getNumberFormats().getByKey(part.NumberFormat).Type
        if kind & (LOGICAL | DATE):
            _mark(document, kind, part.getRangeAddress(), address, rows)
    return rows[0][0] if count == 1 else rows


def _mark(document: Any, kind: int, part: Any, whole: Any, rows: list[list[Any]]) -> None:
    """Write numbers as what their format makes them: truth values or dates."""
    first, last = part.StartColumn - whole.StartColumn, part.EndColumn - whole.StartColumn
    for row in rows[part.StartRow - whole.StartRow : part.EndRow - whole.StartRow + 1]:
        for column in range(first, last + 1):
            if isinstance(row[column], float):
                truth = bool(kind & LOGICAL)
                row[column] = bool(row[column]) if truth else _date(document, row[column])


def _date(document: Any, days: float) -> datetime | float:
    zero = document.NullDate
    try:
        return datetime(zero.Year, zero.Month, zero.Day) + timedelta(days=days)
    except OverflowError:
        return days


def _reason(document: Any, cell: Any) -> Rows:
    """Call again what the cell calls, and give the line that its error cannot show."""
    from addin import cells as core
    from pycore.errors import RefusedError

    cell = cell.getCellByPosition(0, 0)
    formula = CALL.fullmatch(COMPARING.sub(r"\1\2\3", cell.getFormula()))
    names = {method.upper(): name for method, name in METHODS.items()}
    name = names.get(formula[1].upper()) if formula else None
    if formula is None or name is None:
        return (("the cell must hold a Fieldbook function and nothing else",),)
    ranges = []
    for word in SEPARATOR.split(formula[2]) if formula[2].strip() else ():
        found = _range(document, cell.getSpreadsheet(), word.strip())
        if found is None:
            what = f"{name.upper()}: every argument must be a cell, a range or a name of one"
            return ((f"{what}, but one is {word.strip() or 'missing'}",),)
        ranges.append(found)
    try:
        arguments = [_cells(document, each) for each in ranges]
    except RefusedError as error:
        return ((str(error),),)
    found = core.reason(name.upper(), arguments, *_place_in_block(cell), calling=_call)
    return ((found,),)


def _range(document: Any, sheet: Any, word: str) -> Any:
    """Find the cells that an argument of a formula means; None if it is no reference."""
    for names in (sheet.NamedRanges, document.NamedRanges):
        if names.hasByName(word):
            return names.getByName(word).getReferredCells()
    prefix, dot, address = word.rpartition(".")
    if dot:
        name = prefix.lstrip("$")
        name = name[1:-1].replace("''", "'") if name.startswith("'") else name
        if not document.Sheets.hasByName(name):
            return None
        sheet = document.Sheets.getByName(name)
    return sheet.getCellRangeByName(address) if ADDRESS.fullmatch(address) else None


def _place_in_block(cell: Any) -> tuple[int, int]:
    """Give the row and the column of a cell within its array formula."""
    cursor = cell.getSpreadsheet().createCursorByRange(cell)
    cursor.collapseToCurrentArray()
    block, own = cursor.getRangeAddress(), cell.getRangeAddress()
    return own.StartRow - block.StartRow, own.StartColumn - block.StartColumn


def _missing(error: ImportError) -> str:
    # Within LibreOffice uno imports, and raises errors of its own that have no name.
    named = re.search(r"No module named '(\w+)", str(error))
    package = named[1] if named else "a newer numpy and scipy"
    beside = Path(uno.__file__).with_name("python.exe")
    program = f'"{beside}"' if beside.exists() else f"python{_python()}"
    return (
        f"Fieldbook needs {package}, which the Python {_python()} of this LibreOffice lacks. "
        "Debian, Ubuntu: sudo apt install python3-numpy python3-scipy. "
        f"Elsewhere: {program} -m pip install numpy scipy. Then start LibreOffice again."
    )


def _python() -> str:
    return ".".join(map(str, sys.version_info[:2]))


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816
g_ImplementationHelper.addImplementation(AddIn, IMPLEMENTATION, (SERVICE,))
