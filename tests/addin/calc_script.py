"""Run by a Python that has uno: does in a running office what calc_host.py asks for.

Arguments: the pipe's name, and for how many seconds to seek it. Every line of the input is a
request in JSON, a list of a function's name here and its arguments; every line of the output
its answer. At the end of the input it closes the office.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from typing import Any

import uno

NoConnect = uno.getClass("com.sun.star.connection.NoConnectException")
Disposed = uno.getClass("com.sun.star.lang.DisposedException")
NOT_A_NUMBER = {519: "#VALUE!", 525: "#NAME?", 532: "#DIV/0!", 32767: "#N/A"}
TEXT = uno.Enum("com.sun.star.table.CellContentType", "TEXT")
MANY = 50
"""More cells than these are typed at once: a call for each is slow."""
ALL = 1023
TYPED = 1 | 2 | 4 | 16  # the CellFlags of values, dates, text and formulas


class Session:
    def __init__(self, context: Any) -> None:
        self.make = context.ServiceManager.createInstance
        self.desktop = self.make("com.sun.star.frame.Desktop")
        self.dispatcher = self.make("com.sun.star.frame.DispatchHelper")
        self.document: Any = None

    def open(self, url: str, hidden: bool = True) -> None:
        """Open a document; what a person opens has a window."""
        self.close()
        options = (option("Hidden", hidden),)
        self.document = self.desktop.loadComponentFromURL(url, "_blank", 0, options)

    def close(self) -> None:
        if self.document:
            self.document.close(True)
        self.document = None

    def clear(self) -> None:
        """Empty the first sheet."""
        self._range("A1").getSpreadsheet().clearContents(ALL)

    def save(self, url: str, kind: str) -> None:
        self.document.storeToURL(url, (option("FilterName", kind),))

    def put(self, address: str, rows: list[list[Any]]) -> None:
        """Type rows of cells, the first at an address."""
        first = self._range(address)
        sheet, place = first.getSpreadsheet(), first.getRangeAddress()
        last = (place.StartColumn + len(rows[0]) - 1, place.StartRow + len(rows) - 1)
        area = sheet.getCellRangeByPosition(place.StartColumn, place.StartRow, *last)
        area.clearContents(TYPED)
        if len(rows) * len(rows[0]) > MANY and all(is_plain(each) for row in rows for each in row):
            area.setDataArray(tuple(tuple(map(plain, row)) for row in rows))
            return
        for row, cells in enumerate(rows, start=place.StartRow):
            for column, value in enumerate(cells, start=place.StartColumn):
                if value is not None:  # most of a survey is blank, and a call a cell is slow
                    self._type(sheet.getCellByPosition(column, row), value)

    def _type(self, cell: Any, value: Any) -> None:
        if isinstance(value, (bool, dict)):
            # {"typed": "2024-06-07"}: as a person would.
            typed = value["typed"] if isinstance(value, dict) else str(value).upper()
            cell.NumberFormat = 0
            cell.FormulaLocal = typed
        elif isinstance(value, (int, float)):
            cell.NumberFormat = 0
            cell.setValue(float(value))  # UNO takes no long integer for a double
        elif value.startswith("="):
            cell.setFormula(value)
        else:
            cell.setString(value)

    def edit(self, address: str, value: Any) -> None:
        """Change what one cell holds, and nothing of how it looks."""
        cell = self._range(address).getCellByPosition(0, 0)
        if isinstance(value, str):
            cell.setString(value)
        elif value is None:
            cell.clearContents(TYPED)
        else:
            cell.setValue(float(value))

    def array(self, address: str, formula: str) -> None:
        self._range(address).setArrayFormula(formula)

    def local(self, address: str, formula: str) -> None:
        """Type a formula as a person would."""
        self._range(address).getCellByPosition(0, 0).FormulaLocal = formula

    def enter(self, address: str, text: str) -> None:
        """Type into a cell and press Enter: what the program itself does then is all there is."""
        cells = self._range(address)
        self.document.CurrentController.setActiveSheet(cells.getSpreadsheet())
        self.document.CurrentController.select(cells)
        frame = self.document.CurrentController.Frame
        typed = (option("StringName", text),)
        self.dispatcher.executeDispatch(frame, ".uno:EnterString", "", 0, typed)

    def undo(self) -> None:
        """Take back what was typed last."""
        frame = self.document.CurrentController.Frame
        self.dispatcher.executeDispatch(frame, ".uno:Undo", "", 0, ())

    def modified(self) -> bool:
        """Whether closing the document would ask whether to save it."""
        return bool(self.document.isModified())

    def formula(self, address: str) -> str:
        return str(self._range(address).getCellByPosition(0, 0).getFormula())

    def read(self, address: str) -> list[list[Any]]:
        cells = self._range(address)
        rows = [list(row) for row in cells.getDataArray()]
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if value is None:
                    error = cells.getCellByPosition(column, row).getError()
                    values[column] = NOT_A_NUMBER.get(error, f"Err:{error}")
        return rows

    def recalculate(self) -> None:
        self.document.calculateAll()

    def name(self, name: str, content: str) -> None:
        start = self._range("A1").getCellByPosition(0, 0).getCellAddress()
        self.document.NamedRanges.addNewByName(name, content, start, 0)

    def sheet(self, name: str) -> None:
        self.document.Sheets.insertNewByName(name, self.document.Sheets.Count)

    def functions(self) -> dict[str, list[Any]]:
        """Every add-in function that the wizard offers: its help and its arguments'."""
        known = self.make("com.sun.star.sheet.FunctionDescriptions")
        found = {}
        for place in range(known.Count):
            each = {item.Name: item.Value for item in known.getByIndex(place)}
            if each["Name"].startswith("FIELD"):
                arguments = [[one.Name, one.Description] for one in each["Arguments"] or ()]
                found[each["Name"]] = [each["Description"], arguments]
        return found

    def _range(self, address: str) -> Any:
        sheet, dot, cells = address.rpartition("!")
        sheets = self.document.Sheets
        return (sheets.getByName(sheet) if dot else sheets.getByIndex(0)).getCellRangeByName(cells)


def is_plain(value: Any) -> bool:
    """Whether a cell is what it is when many are typed at once."""
    if isinstance(value, str):
        return not value.startswith("=")
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def plain(value: Any) -> Any:
    return "" if value is None else value if isinstance(value, str) else float(value)


def option(name: str, value: Any) -> Any:
    made = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


def connect(pipe: str, until: float) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    url = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
    while True:
        try:
            return resolver.resolve(url)
        except NoConnect:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def main() -> None:
    session = Session(connect(sys.argv[1], time.monotonic() + float(sys.argv[2])))
    print("null", flush=True)
    try:
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            print(json.dumps(getattr(session, name)(*arguments)), flush=True)
    finally:
        with contextlib.suppress(Disposed):  # it may go away while it answers
            session.close()
            session.desktop.terminate()


if __name__ == "__main__":
    main()
