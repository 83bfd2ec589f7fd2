"""Numbers and texts of a file as a page shows them: nothing of a file is markup or leads astray."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pycore.model.wording import written
from workbook.sheets.assumptions import PAGE, PAGES

NOT_COMPUTED, BLANK = "not computed", "missing"
JOINERS = "\u200c\u200d"
"""What joins letters or not: invisible, and needed to write some languages."""

BY_UNIT = {"USD": "usd", "share": "percent", "years": "years", "x": "two digits"}
"""The style in which a result is written, by its unit; a count of things by default."""

ENDINGS = {"x": "x"}

URL = re.compile(r"https://[^\s<>\"'\\^`{|}]+")
HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
AFTER_A_LINK = ".,;:!?)]'"
"""What ends a sentence and no address."""


@dataclass(frozen=True)
class Figure:
    """A value of a cell, and what a reader sees of it.

    Parameters
    ----------
    value : float, str or None
        None where there is none, or an error.
    """

    value: float | str | None
    text: str

    @property
    def is_missing(self) -> bool:
        """Whether its cell holds no value."""
        return self.value is None

    @property
    def number(self) -> float | None:
        """Its number, if it is one that is finite."""
        is_number = isinstance(self.value, float | int) and math.isfinite(self.value)
        return float(self.value) if is_number else None  # type: ignore[arg-type]


def is_value(held: Any) -> bool:
    """Whether a cell holds a value and no error."""
    if isinstance(held, float):
        return math.isfinite(held)
    return held is not None and not (isinstance(held, str) and (held == "" or held[0] == "#"))


def figure(held: Any, unit: str) -> Figure:
    """A result as a reader can use it: rounded."""
    if not is_value(held):
        return Figure(None, NOT_COMPUTED)
    if isinstance(held, str):
        return Figure(held, plain(held))
    text = written(held, BY_UNIT.get(unit, "count"))
    return Figure(held, f"{text}{ENDINGS.get(unit, '')}")


def exact(held: Any, unit: str, digits: int = 12) -> Figure:
    """An assumption as it was entered, or another number with so many digits."""
    if not is_value(held):
        return Figure(None, BLANK)
    if isinstance(held, bool | str) or not isinstance(held, float | int):
        return Figure(str(held), plain(str(held)))
    if unit == "share":
        return Figure(held, f"{100 * held:,.10g}%")
    sign, size = ("-" if held < 0 else ""), f"{abs(held):,.{digits}g}"
    return Figure(held, f"{sign}${size}" if unit == "USD" else f"{sign}{size}")


def plain(text: str) -> str:
    """A text without what would hide or turn around the letters beside it."""
    return "".join(map(_shown, " ".join(text.split())))


def _shown(letter: str) -> str:
    return letter if letter.isprintable() or letter in JOINERS else "\ufffd"


@dataclass(frozen=True)
class Piece:
    """A piece of a text, and where it leads if it is a link."""

    text: str
    link: str = ""


def pieces(text: str) -> tuple[Piece, ...]:
    """A text with its links: the addresses that stand in it, and the pages that it names."""
    found = []
    at = 0
    text = plain(text)
    for start, end, link in sorted(_links(text)):
        if start >= at:
            found += [Piece(text[at:start]), Piece(text[start:end], link)]
            at = end
    return tuple(piece for piece in (*found, Piece(text[at:])) if piece.text)


def _links(text: str) -> Iterator[tuple[int, int, str]]:
    for each in URL.finditer(text):
        link = each[0].rstrip(AFTER_A_LINK)
        if _is_safe(link):
            yield each.start(), each.start() + len(link), link
    for each in PAGE.finditer(text):
        yield each.start(), each.end(), PAGES[each[1]] + each[2]


def _is_safe(link: str) -> bool:
    """Whether a link shows where it leads: no user's name in it, no look-alike letters."""
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and "@" not in parts.netloc
        and HOST.fullmatch(host) is not None
        and "xn--" not in host
    )
