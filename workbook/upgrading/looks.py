"""XML of an older file in plain form, and its cells' looks among those of a new one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from defusedxml import ElementTree

from workbook.file.values import MAIN

OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
FIRST_OWN_FORMAT = 164
"""The number of the first number format that is not built in."""


def plain(
    element: Any, change: Callable[[str, dict[str, str]], Mapping[str, str] | None] | None = None
) -> str:
    """An element as it is written with the usual prefixes, without what extensions add.

    Parameters
    ----------
    change : callable, optional
        Gives the attributes of an element from its name and those that it has; ``None`` leaves
        the element out.
    """
    name = element.tag.removeprefix(MAIN)
    if name.startswith("{"):
        return ""
    held = {
        key.replace(OFFICE, "r:").replace(SPACE, "xml:space"): value
        for key, value in element.attrib.items()
        if not key.startswith("{") or key.startswith((OFFICE, SPACE))
    }
    attributes = held if change is None else change(name, held)
    if attributes is None:
        return ""
    inside = "".join(plain(each, change) for each in element if isinstance(each.tag, str))
    return tag(name, attributes, escape(element.text or "") * (not inside.strip()) + inside)


def tag(name: str, attributes: Mapping[str, str], inside: str = "") -> str:
    """An element as text."""
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


@dataclass
class Looks:
    """The looks of a new file, to which those of an older one are added as they are used.

    Parameters
    ----------
    old, new : bytes
        The parts of both that hold them.
    """

    old: bytes
    new: bytes
    added: dict[str, list[str]] = field(default_factory=dict)
    known: dict[tuple[str, str], int] = field(default_factory=dict)

    def cell(self, style: str) -> str:
        """The number of a style of cells, from that of the older file."""
        place = self._own("cellXfs", style, self._xf)
        return str(place)

    def rule(self, style: str) -> str:
        """That of what a rule changes in a cell's look."""
        return str(self._own("dxfs", style, plain))

    def written(self) -> bytes:
        """The part of the new file with all that was added."""
        text = self.new.decode()
        for group, elements in self.added.items():
            count = self._count(group) + len(elements)
            inside = "".join(elements)
            head = rf"<{group}(?: count=\"\d+\")?"
            if re.search(rf"{head}/>", text):
                text = re.sub(rf"{head}/>", f"<{group}></{group}>", text)
            text = re.sub(rf"{head}>", f'<{group} count="{count}">', text)
            text = text.replace(f"</{group}>", f"{inside}</{group}>")
        return text.encode()

    def _own(self, group: str, number: str, made: Callable[[Any], str]) -> int:
        key = (group, number)
        if key not in self.known:
            held = self._old.find(f"{MAIN}{group}")
            elements = list(held) if held is not None else []
            if not number.isdecimal() or int(number) >= len(elements):
                return 0  # as programs show a look that is not there
            element = made(elements[int(number)])
            self.added.setdefault(group, []).append(element)
            self.known[key] = self._count(group) + len(self.added[group]) - 1
        return self.known[key]

    def _xf(self, element: Any) -> str:
        def change(name: str, held: dict[str, str]) -> dict[str, str]:
            if name != "xf":
                return held
            parts = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}
            for key, group in parts.items():
                held[key] = str(self._own(group, held.get(key, "0"), plain))
            return held | {"numFmtId": self._format(held.get("numFmtId", "0")), "xfId": "0"}

        return plain(element, change)

    def _format(self, number: str) -> str:
        code = next(
            (f.get("formatCode", "") for f in self._formats if f.get("numFmtId") == number), None
        )
        if code is None:
            return number  # one that every program knows
        key = ("numFmts", number)
        if key not in self.known:
            taken = re.findall(r'numFmtId="(\d+)"', self.new.decode())
            own = len(self.added.setdefault("numFmts", []))
            self.known[key] = max(FIRST_OWN_FORMAT - 1, *map(int, taken)) + own + 1
            held = {"numFmtId": str(self.known[key]), "formatCode": code}
            self.added["numFmts"].append(tag("numFmt", held))
        return str(self.known[key])

    @cached_property
    def _old(self) -> Any:
        return ElementTree.fromstring(self.old)

    @cached_property
    def _formats(self) -> list[Any]:
        return list(self._old.iter(f"{MAIN}numFmt"))

    @cached_property
    def _new(self) -> Any:
        return ElementTree.fromstring(self.new)

    def _count(self, group: str) -> int:
        held = self._new.find(f"{MAIN}{group}")
        return 0 if held is None else len(held)
