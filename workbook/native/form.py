"""How a file says that it is a copy that answers by itself, and what is said of one."""

from __future__ import annotations

import io
import zipfile

from workbook.file.limits import LARGEST_EXPANDED

HELPERS, FORM = "native_cells", "native_form"
"""The defined names of the cells that native formulas share, and of the form before."""

BOOK = "xl/workbook.xml"

EXPLAINED = (
    "Its results are formulas of the spreadsheet itself: they follow every edit without functions. "
    "What is simulated stands as computed now."
)
BROUGHT_BACK = (
    "was a copy that answers without functions, and is a full workbook again (publish makes "
    "another copy)"
)


def full_of(data: bytes, file: str) -> bytes:
    """A full workbook: of a copy that answers by itself what it was made from, with all edits."""
    if not may_be_copy(data):
        return data
    from workbook.native.copy import full_copy  # takes a while to load, and few files need it

    return full_copy(data, file)


def may_be_copy(data: bytes) -> bool:
    """Whether a file names the cells that native formulas share.

    It is asked of every file before that is read: nothing is checked but this, and what is no
    sound workbook is left for its reader to refuse.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entry = archive.getinfo(BOOK)
            if entry.file_size > LARGEST_EXPANDED:
                return False
            return HELPERS.encode() in archive.read(entry)
    except Exception:  # of a damaged or hostile zip whatever the decompressor raises
        return False
