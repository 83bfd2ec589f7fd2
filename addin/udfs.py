"""The call that Excel functions make through xlwings, which shows the text of its own errors."""

from __future__ import annotations

from typing import Any

from xlwings import XlwingsError

from addin import cells
from addin.cells import Cells
from pycore.errors import RefusedError

__all__ = ["call"]


def call(name: str, *arguments: Any) -> Cells:
    """Call a core function on cells, as :func:`addin.cells.call` does.

    Raises XlwingsError with a reason of one line.
    """
    try:
        return cells.call(name, *arguments)
    except RefusedError as error:
        raise XlwingsError(str(error)) from error.__cause__
