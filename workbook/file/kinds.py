"""What the parts of a package are, by its list of content types and never by their names alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from defusedxml import ElementTree

from pycore.errors import Found, InputError
from workbook.file.macros import vba_project

TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
VBA = "application/vnd.ms-office.vbaProject"
VBA_NAME = "vbaproject.bin"

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


def check_kind(name: str, found: Mapping[str, str], relations: bytes) -> None:
    """Refuse what is no workbook, holds macros under the name of one without, or old macros.

    Parameters
    ----------
    name : str
        Of the file.
    found : mapping of str to str
        The content type of each part.
    relations : bytes
        Those of the package.
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
    elif any(map(_is_project, found.items())):
        raise InputError(name, "be an .xlsx without macros", Found("a file that carries macros"))
    elif XLSX not in mains:
        raise InputError(name, "be an .xlsx", Found("another kind of Office file"))
    if STRICT in relations:
        rule = "be saved as Excel Workbook (File > Save As)"
        raise InputError(name, rule, Found("a Strict Open XML Spreadsheet"))


def _is_project(part: tuple[str, str]) -> bool:
    name, kind = part
    return kind == VBA or name.casefold().endswith(VBA_NAME)


def has_other_macros(found: Mapping[str, str], parts: Mapping[str, bytes]) -> bool:
    """Whether a package holds macros that are not those of xlwings."""
    projects = [parts[part] for part in found if _is_project((part, found[part]))]
    return any(project != vba_project() for project in projects)
