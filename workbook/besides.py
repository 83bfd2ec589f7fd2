"""What a file holds besides our sheets that some program runs or fetches: said, and never run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from defusedxml import ElementTree

from workbook.file.kinds import projects
from workbook.file.macros import vba_project
from workbook.file.package import Package
from workbook.file.webextension import EXTENSION_SPACE, python_files
from workbook.read import Book
from workbook.sheets.xlwings_conf import NAME, SETTINGS

OTHER_MACROS = "the file holds macros that are not Fieldbook's; they are kept, and were not run"

WEB_EXTENSION = "application/vnd.ms-office.webextension+xml"
RUNS = (".py", "requirements.txt")
"""How the names of those properties end that xlwings Lite runs or installs."""

OTHERS = {
    ".connections+xml": "connections to data outside",
    ".oleobject": "embedded objects",
    ".activex+xml": "ActiveX controls",
}
"""How the content types of some more parts end, and what these are."""

CUSTOM_BUTTONS = "customui/"


def besides(book: Book, value: Callable[[str, str], Any]) -> tuple[str, ...]:
    """Name what is in a file besides Fieldbook's that some program would run or fetch.

    Parameters
    ----------
    value : callable
        Gives the value of a cell by its sheet and address.
    """
    package = book.package
    held = [package.parts[part] for part in projects(package.kinds, package.parts)]
    macros = [OTHER_MACROS] if any(project != vba_project() for project in held) else []
    return (*macros, *_python(package), *_settings(book, value), *_more(package))


def _python(package: Package) -> Iterator[str]:
    """What Python of another an add-in would find in the file."""
    for part, kind in package.kinds.items():
        if kind.casefold() != WEB_EXTENSION:
            continue
        try:
            tree = ElementTree.fromstring(package.parts[part])
        except (ElementTree.ParseError, ValueError):  # of defusedxml, where it may expand
            yield f"{part} is for an add-in and cannot be read; it is kept, and was not run"
            continue
        for each in tree.iter(f"{{{EXTENSION_SPACE}}}property"):
            name, text = each.attrib.get("name", ""), each.attrib.get("value", "")
            if name.casefold().endswith(RUNS) and text_of_property(text) != python_files().get(
                name
            ):
                yield (
                    f"{part} holds a {name} that is not this version's for xlwings Lite; "
                    "it is kept, and was not run"
                )


def text_of_property(value: str) -> Any:
    """What a property of an add-in holds: most are JSON."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _settings(book: Book, value: Callable[[str, str], Any]) -> Iterator[str]:
    """What xlwings on a desktop would run that we did not write."""
    ours = {name.casefold(): held for name, held, _ in SETTINGS}
    for sheet in book.sheets:
        if sheet.name.casefold() != NAME:
            continue
        for address in [each for each in sheet.cells if re.fullmatch(r"A\d+", each)]:
            row = address[1:]
            name, held = (str(_or_nothing(value(sheet.name, f"{c}{row}"))) for c in "AB")
            if name and held != ours.get(name.casefold(), ""):
                yield (
                    f"{sheet.name}!B{row} sets {name} to {held!r:.60} for xlwings on a desktop, "
                    "which is not what Fieldbook writes; it is kept, and was not used"
                )


def _or_nothing(value: Any) -> Any:
    return "" if value is None else value


def _more(package: Package) -> Iterator[str]:
    for ending, what in OTHERS.items():
        parts = [part for part, kind in package.kinds.items() if kind.casefold().endswith(ending)]
        if parts:
            yield f"the file holds {what} ({parts[0]}); they are kept, and were not used"
    if any(part.casefold().startswith(CUSTOM_BUTTONS) for part in package.parts):
        yield "the file holds buttons of its own for the ribbon; they are kept, and were not run"
