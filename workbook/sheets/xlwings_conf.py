"""The xlwings.conf sheet: where classic xlwings on Windows finds Python and the functions.

xlwings reads the settings from A1 down, so this sheet alone has no title.
"""

from __future__ import annotations

from workbook.sheets.layout import Cell, Sheet, Table

SETTINGS = (
    ("Interpreter_Win", "python", "The Python that has what requirements.txt lists."),
    (
        "PYTHONPATH",
        "",
        "The folder that holds addin and pycore; empty where this file stands in it.",
    ),
    ("UDF Modules", "addin.desktop", "What makes the functions. Not to be changed."),
)


def sheet() -> Sheet:
    """The sheet."""
    return Sheet(
        name="xlwings.conf",
        widths=(20, 60, 80),
        blocks=(
            Table(
                rows=tuple(
                    (
                        Cell(content=name, style="name"),
                        Cell(content=value or None, style="input_text"),
                        Cell(content=note, style="quiet"),
                    )
                    for name, value, note in SETTINGS
                )
            ),
        ),
    )
