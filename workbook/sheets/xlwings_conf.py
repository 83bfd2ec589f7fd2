"""The xlwings.conf sheet: where classic xlwings on Windows finds Python and the functions.

xlwings reads the settings from A1 down, so this sheet alone has no title.
"""

from __future__ import annotations

from workbook.sheets.layout import Sheet, Table
from workbook.sheets.parts import row

NAME = "xlwings.conf"

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
        name=NAME,
        widths=(20, 60, 80),
        blocks=(
            Table(
                rows=tuple(
                    row("name input_text quiet", name, value or None, note)
                    for name, value, note in SETTINGS
                )
            ),
        ),
    )
