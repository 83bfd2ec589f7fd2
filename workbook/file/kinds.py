"""What the parts of a package are, by its list of content types and never by their names alone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from defusedxml import ElementTree

from pycore.errors import Found, InputError

TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
VBA = "application/vnd.ms-office.vbaproject"
VBA_RELATION = "/vbaproject"
VBA_NAME = "vbaproject.bin"

RELATIONS = "_rels/.rels"
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
STRICT = b"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"


@dataclass(frozen=True)
class ContentTypes:
    """The list of content types of a package.

    Parameters
    ----------
    single : dict of str to str
        The type of each part that has one of its own.
    endings : dict of str to str
        That of the others, by the ending of their names in small letters.
    """

    single: dict[str, str]
    endings: dict[str, str]

    @classmethod
    def read(cls, types: bytes) -> ContentTypes:
        """Read the list; the XML parser raises where it is damaged."""
        tree = ElementTree.fromstring(types)
        return cls(
            {
                each.attrib["PartName"].lstrip("/"): each.attrib["ContentType"]
                for each in tree.iter(f"{TYPES}Override")
            },
            {
                each.attrib["Extension"].casefold(): each.attrib["ContentType"]
                for each in tree.iter(f"{TYPES}Default")
            },
        )

    def of(self, parts: Iterable[str]) -> dict[str, str]:
        """The content type of each part."""
        single = {part.casefold(): kind for part, kind in self.single.items()}
        return {
            part: single.get(
                part.casefold(), self.endings.get(part.rpartition(".")[2].casefold(), "")
            )
            for part in parts
        }


def check_kind(name: str, found: Mapping[str, str], parts: Mapping[str, bytes]) -> None:
    """Refuse what is no workbook, holds macros under the name of one without, or old macros.

    Parameters
    ----------
    name : str
        Of the file.
    found : mapping of str to str
        The content type of each part.
    parts : mapping of str to bytes
        The contents of each.
    """
    mains = {kind for kind in found.values() if kind.endswith(".main+xml")}
    if any("macrosheet" in kind.casefold() for kind in found.values()):
        raise InputError(name, "hold no Excel 4.0 macro sheets", Found("a file with some"))
    if XLSM in mains:
        if name.casefold().endswith(".xlsx"):
            raise InputError(name, "end in .xlsm, as a file with macros does", Found(".xlsx"))
    elif any("macroenabled" in kind.casefold() for kind in mains):
        rule = "be an .xlsx, or an .xlsm with macros"
        raise InputError(name, rule, Found("another macro-enabled kind of Office file"))
    elif projects(found, parts):
        raise InputError(name, "be an .xlsx without macros", Found("a file that carries macros"))
    elif XLSX not in mains:
        raise InputError(name, "be an .xlsx", Found("another kind of Office file"))
    if STRICT in parts.get(RELATIONS, b""):
        rule = "be saved as Excel Workbook (File > Save As)"
        raise InputError(name, rule, Found("a Strict Open XML Spreadsheet"))


def projects(found: Mapping[str, str], parts: Mapping[str, bytes]) -> list[str]:
    """The parts that hold macros: by their type, by their name, or as another part refers to them.

    Parameters
    ----------
    found : mapping of str to str
        The content type of each part.
    parts : mapping of str to bytes
        The contents of each.
    """
    referred = set(_referred_to(parts, VBA_RELATION))
    return [
        part
        for part, kind in found.items()
        if kind.casefold() == VBA
        or part.casefold().endswith(VBA_NAME)
        or part.casefold() in referred
    ]


def _referred_to(parts: Mapping[str, bytes], kind: str) -> Iterator[str]:
    """The parts, in small letters, that stand in a relationship of a kind to any part."""
    for part, content in parts.items():
        if not part.endswith(".rels"):
            continue
        folder = posixpath.dirname(posixpath.dirname(part))
        try:
            tree = ElementTree.fromstring(content)
        except (ElementTree.ParseError, ValueError):
            continue  # whoever needs it says so
        for each in tree.iter(RELATIONSHIP):
            if each.attrib.get("Type", "").casefold().endswith(kind):
                yield resolved(folder, each.attrib.get("Target", "")).casefold()


def resolved(folder: str, target: str) -> str:
    """The part that a relationship of a part in a folder refers to."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
