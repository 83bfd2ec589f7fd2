"""The server's log: a line for each request, and never a value, a token or a line break.

xlwings logs an error with its text, which repeats what stood in a cell, and uvicorn logs
one with a traceback. Here all that remains of either is that it happened, and where.
"""

from __future__ import annotations

import logging
import logging.config
import re
import traceback
from pathlib import PurePath

NAME = "fieldbook.server"
LONGEST_SHOWN = 80

log = logging.getLogger(NAME)

_UNSAFE = re.compile(r"[^A-Za-z0-9/._~-]")

UNSUPPORTED = ("Unsupported upgrade request.", "No supported WebSocket library detected.")


class OursOnly(logging.Formatter):
    """Writes our own messages whole; of others the fixed part at most."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record on one line."""
        if record.name != NAME:
            fixed = str(record.msg) if record.name.startswith("uvicorn") else "a message"
            kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
            record.msg = f"{record.name}: {' '.join(fixed.split())} {kind}".rstrip()
            record.args = None
        record.exc_info = record.exc_text = record.stack_info = None
        return super().format(record)


def worth_a_line(record: logging.LogRecord) -> bool:
    """Leave out what uvicorn says of a request to upgrade: it is answered like any other."""
    return not str(record.msg).startswith(UNSUPPORTED)


SILENT = {"handlers": ["none"], "propagate": False}

# The package's own set-up (basicConfig) leaves a root that has a handler as it is.
CONFIG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "ours": {
            "()": OursOnly,
            "format": "%(asctime)s %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "ours",
            "filters": [worth_a_line],
        },
        "none": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {NAME: {"level": "INFO"}, "xlwings": SILENT, "xlwings_server": SILENT},
}


def set_up() -> None:
    """Send our lines to stderr and silence what would write values."""
    logging.config.dictConfig(CONFIG)


def request(*, method: str, path: str, function: str, status: int, seconds: float) -> None:
    """Log an answered request: the function or script, if there is one, and the status.

    The status is 0 if the client had gone.
    """
    asked = shown(method), shown(path), function or "-"
    log.info("%s %s %s %d %.1f ms", *asked, status, seconds * 1000)


def failure(error: BaseException) -> None:
    """Log an internal error: its type and place, never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "-"
    log.error("internal error: %s at %s", type(error).__name__, place)


def shown(text: str) -> str:
    """Write text from a request so that it cannot look like anything else in the log.

    It is short and without spaces; every unusual character is a question mark.
    """
    short = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
    return _UNSAFE.sub("?", short) or "-"
