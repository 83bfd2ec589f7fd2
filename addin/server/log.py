"""The server's log: a line for each request, and never a value, a token or a line break.

xlwings logs an error with its text, which repeats what stood in a cell, and uvicorn logs
one with a traceback. Here all that remains of either is that it happened, and where.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from pathlib import PurePath

NAME = "fieldbook.server"
LONGEST_SHOWN = 80

log = logging.getLogger(NAME)

_UNSAFE = re.compile(r"[^A-Za-z0-9/._~-]")


def set_up() -> None:
    """Send our lines to stderr and silence what would write values."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    # The package's own set-up (basicConfig) leaves a root that has a handler as it is.
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    log.setLevel(logging.INFO)
    for name in ("xlwings", "xlwings_server"):
        silent = logging.getLogger(name)
        silent.handlers[:] = [logging.NullHandler()]
        silent.propagate = False


def request(*, method: str, path: str, function: str, status: int, seconds: float) -> None:
    """Log an answered request.

    Parameters
    ----------
    method, path : str
        As they came.
    function : str
        The name of a function or a script that there is, or empty.
    status : int
        What was answered; 0 if the client had gone.
    seconds : float
        How long it took.
    """
    log.info(
        "%s %s %s %d %.1f ms",
        shown(method),
        shown(path),
        function or "-",
        status,
        seconds * 1000,
    )


def failure(error: BaseException) -> None:
    """Log an internal error: its type and place, never its text.

    Parameters
    ----------
    error : BaseException
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "-"
    log.error("internal error: %s at %s", type(error).__name__, place)


def shown(text: str) -> str:
    """Write text from a request so that it cannot look like anything else in the log.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Short, without spaces; every unusual character is a question mark.
    """
    short = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
    return _UNSAFE.sub("?", short) or "-"


class _Formatter(logging.Formatter):
    """Writes our own messages whole; of others the fixed part at most."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name != NAME:
            fixed = str(record.msg) if record.name.startswith("uvicorn") else "a message"
            kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
            record.msg = f"{record.name}: {' '.join(fixed.split())} {kind}".rstrip()
            record.args = None
        record.exc_info = record.exc_text = record.stack_info = None
        return super().format(record)
