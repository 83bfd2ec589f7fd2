"""The VBA project of the installed xlwings: the only macros that a workbook of ours may hold."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path

TEMPLATE = "quickstart_standalone.xlsm"
"""The file in the xlwings package whose project needs no add-in installed beside it."""

VBA_PART = "xl/vbaProject.bin"


@cache
def vba_project() -> bytes:
    """The project, as xlwings ships it."""
    import xlwings  # it loads pandas, and few commands need either

    with zipfile.ZipFile(Path(xlwings.__file__).with_name(TEMPLATE)) as archive:
        return archive.read(VBA_PART)
