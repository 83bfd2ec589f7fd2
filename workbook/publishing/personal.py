"""What a file holds that its reader may not be meant to see: named with its place, one by one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from openpyxl.utils.cell import column_index_from_string, get_column_letter

from pycore.errors import Found, InputError
from workbook.besides import WEB_EXTENSION, text_of_property
from workbook.file.kinds import projects
from workbook.file.macros import vba_project
from workbook.file.patch import LAST_COLUMN, CellSpan, SheetCells, find_elements
from workbook.file.relations import relations
from workbook.file.webextension import python_files
from workbook.hosts import HOSTS
from workbook.publishing.paths import is_local, local_paths, paths_in_xml
from workbook.read import Book
from workbook.sheets import sheets
from workbook.sheets.people.log import ENTRIES, HEADER

COMMENTS = ".comments+xml"
THREADED = ".threadedcomments+xml"
PERSONS = ".person+xml"
PRINTER = ".printersettings"
BOOK = ".main+xml"
CORE, EXTENDED, CUSTOM = (
    ".core-properties+xml",
    ".extended-properties+xml",
    ".custom-properties+xml",
)
"""How the content types end of what says who, when and where."""

NAMES_PEOPLE = {CORE: ("creator", "lastModifiedBy"), EXTENDED: ("Manager", "Company")}
NAMES_PLACES = {EXTENDED: ("HyperlinkBase", "Template")}
"""The properties of a file that do, by the content type of their part."""

NAMED_USERS = (
    ("fileSharing", "userName"),
    ("scenario", "user"),
    ("pivotCacheDefinition", "refreshedBy"),
)
"""The elements of which an attribute names whoever worked there."""

STUB = "tc="
"""How the author of what stands in for a threaded comment begins, for older programs."""

THUMBNAIL, SIGNATURE = "thumbnail", "origin"
"""The kinds of the relations to a picture of the first sheet, and to digital signatures."""

KEPT_KINDS = {
    ".connections+xml": "connections to data outside, which may name servers, folders and users",
    ".oleobject": "an embedded object, with all that it holds",
    ".activex+xml": "an ActiveX control",
    ".revisionheaders+xml": "the history of a shared workbook, with who changed what",
    ".usernames+xml": "who has a shared workbook open",
    ".customproperty": "what a program keeps with a sheet",
    ".querytable+xml": "a query of data outside",
    ".classificationlabels+xml": "a sensitivity label, with the organisation that set it",
}
KEPT_FOLDERS = {
    "xl/embeddings/": "an embedded file, with all that it holds",
    "xl/model/": "a data model, which may hold more than its sheets show",
    "customXml/": "data of another program (custom XML)",
}
"""What else is found by the end of its content type, and by where it stands."""

PICTURES = "xl/media/"
SILENT = (b"GIF8", b"BM")
"""How pictures begin that say nothing of who took them."""

EXIF = (b"Exif\x00\x00", b"eXIf", b"http://ns.adobe.com/xap/", b"XML:com.adobe.xmp")

WHO = HEADER.index("Who")
"""The column of the Log that names people."""

HIDDEN = ("1", "true")


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Parameters
    ----------
    kind : str
        What such things are called.
    where, what : str
        Where it stands, and what it is.
    removed : bool
        Whether a cleaned copy is without it. What a person put on a sheet, and what something else
        may need, stays.
    """

    kind: str
    where: str
    what: str
    removed: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def personal(book: Book) -> list[Finding]:
    """Everything of that sort, in the order in which it matters."""
    try:
        return list(dict.fromkeys(_Search(book).all()))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        if isinstance(error, InputError):
            raise
        rule = "be a workbook whose parts can all be read (open and save it in a spreadsheet)"
        raise InputError(book.file, rule, Found(f"damaged ({type(error).__name__})")) from None


class _Search:
    def __init__(self, book: Book) -> None:
        self.book = book
        self.package = book.package
        self.relations = relations(book.package)
        self.sheets = {sheet.part: sheet.name for sheet in book.sheets}

    def all(self) -> Iterator[Finding]:
        yield from self._comments()
        yield from self._properties()
        yield from self._users()
        yield from self._logged()
        yield from self._related()
        yield from self._hidden_sheets()
        yield from self._hidden_cells()
        yield from self._kept_parts()
        yield from self._pictures()
        yield from self._links()
        yield from self._paths_in_cells()
        yield from self._paths_in_parts()

    def _parts(self, ending: str) -> list[str]:
        kinds = self.package.kinds.items()
        return [part for part, kind in kinds if kind.casefold().endswith(ending)]

    def _tree(self, part: str) -> Element:
        tree: Element = ElementTree.fromstring(self.package.parts[part])
        return tree

    def _sheet_over(self, part: str) -> str:
        """The sheet that refers to a part, or the part itself."""
        owners = [each.owner for each in self.relations if each.target == part]
        return next((self.sheets[each] for each in owners if each in self.sheets), part)

    def _name(self, part: str) -> str:
        return self.sheets.get(part, part)

    @cached_property
    def _people(self) -> dict[str, str]:
        """The people who wrote threaded comments, by their ids."""
        return {
            each.get("id", ""): each.get("displayName", "")
            for part in self._parts(PERSONS)
            for each in _elements(self._tree(part), "person")
        }

    def _comments(self) -> Iterator[Finding]:
        for part in self._parts(COMMENTS):
            root, sheet = self._tree(part), self._sheet_over(part)
            authors = [each.text or "" for each in _elements(root, "author")]
            for each in _elements(root, "comment"):
                author = authors[int(each.get("authorId", "0"))] if authors else ""
                if not author.startswith(STUB):
                    where = f"{sheet}!{each.get('ref', '')}"
                    yield Finding("comments", where, _by("a comment", author), removed=True)
        for part in self._parts(THREADED):
            sheet = self._sheet_over(part)
            for each in _elements(self._tree(part), "threadedComment"):
                author = self._people.get(each.get("personId", ""), "")
                where = f"{sheet}!{each.get('ref', '')}"
                yield Finding("comments", where, _by("a threaded comment", author), removed=True)
        for name in self._people.values():
            part = self._parts(PERSONS)[0]
            yield Finding("names of people", part, f"a person who commented: {name}", removed=True)

    def _properties(self) -> Iterator[Finding]:
        for found, kind in ((NAMES_PEOPLE, "names of people"), (NAMES_PLACES, "local paths")):
            for ending, names in found.items():
                for part in self._parts(ending):
                    for name in names:
                        for each in _elements(self._tree(part), name):
                            # A template is named without a folder, and then tells nothing.
                            said = (each.text or "").strip()
                            if said and (kind != "local paths" or is_local(said)):
                                yield Finding(kind, part, f"{name} is {said}", removed=True)
        for part in self._parts(CUSTOM):
            for each in _elements(self._tree(part), "property"):
                said = f"{each.get('name', '')} is {''.join(each.itertext()).strip()}"
                yield Finding("custom properties", part, said, removed=True)

    def _logged(self) -> Iterator[Finding]:
        """The people whom the Log names, each at the first entry that does."""
        place, seen = self.book.places[ENTRIES], set()
        for row, addresses in zip(self.book.values(ENTRIES), place.rows, strict=True):
            if (who := str(row[WHO] or "").strip()) and who not in seen:
                seen.add(who)
                where = f"{place.sheet}!{addresses[WHO]}"
                yield Finding("names of people", where, f"an entry of the Log by {who}")

    def _users(self) -> Iterator[Finding]:
        for element, attribute in NAMED_USERS:
            for part, content in self.package.parts.items():
                if f"{element} ".encode() in content and f" {attribute}=".encode() in content:
                    for each in _elements(self._tree(part), element):
                        if name := each.get(attribute):
                            said = f"{element} names {name}"
                            yield Finding("names of people", self._name(part), said, removed=True)

    def _related(self) -> Iterator[Finding]:
        """What a cleaned copy goes without, and that no element names."""
        for part in self._parts(PRINTER):
            said = "the settings of somebody's printer, with its name"
            yield Finding("printer settings", self._sheet_over(part), said, removed=True)
        for each in self.relations:
            if each.kind == THUMBNAIL and not each.owner:
                said = "a small picture of the first sheet, as it once was"
                yield Finding("pictures", each.target, said, removed=True)
            if each.kind == SIGNATURE and not each.owner:
                said = "a digital signature, with the signer's name (a changed copy breaks it)"
                yield Finding("names of people", each.target, said, removed=True)

    def _hidden_sheets(self) -> Iterator[Finding]:
        for part in self._parts(BOOK):
            for each in _elements(self._tree(part), "sheet"):
                state, name = each.get("state", "visible"), each.get("name", "")
                if state != "visible" and not _ours().get(name, False):
                    how = "very hidden" if state == "veryHidden" else "hidden"
                    yield Finding("hidden sheets", name, f"a {how} sheet")

    def _hidden_cells(self) -> Iterator[Finding]:
        for sheet in self.book.sheets:
            if sheet.name not in _ours():
                yield from self._hidden_on(sheet)

    def _hidden_on(self, sheet: SheetCells) -> Iterator[Finding]:
        """The hidden rows and columns of a sheet that hold something."""
        _, around = find_elements(self.package.parts[sheet.part], sheet.part)
        filled = [_place(address) for address, span in sheet.cells.items() if _is_filled(span)]
        rows, columns = (Counter(place[axis] for place in filled) for axis in (0, 1))
        hidden = [each for each in around if _is_hidden(each.attributes)]
        gone = [int(each.attributes.get("r", "0")) for each in hidden if each.name == "row"]
        for first, last in _runs(row for row in gone if rows[row]):
            number = sum(rows[row] for row in range(first, last + 1))
            yield _hidden_finding(sheet, f"rows {first} to {last}", number)
        for each in hidden:
            if each.name == "col":
                first, last = (int(each.attributes.get(end, "0")) for end in ("min", "max"))
                number = sum(held for column, held in columns.items() if first <= column <= last)
                if number:
                    letters = (get_column_letter(min(end, LAST_COLUMN)) for end in (first, last))
                    yield _hidden_finding(sheet, f"columns {' to '.join(letters)}", number)

    def _kept_parts(self) -> Iterator[Finding]:
        for part in projects(self.package.kinds, self.package.parts):
            if self.package.parts[part] != vba_project():
                said = "macros that are not Fieldbook's, which may name people and folders"
                yield Finding("macros", part, said)
        for part, kind in self.package.kinds.items():
            said = next((s for end, s in KEPT_KINDS.items() if kind.casefold().endswith(end)), "")
            if not part.endswith(".rels"):
                said = said or next(
                    (s for folder, s in KEPT_FOLDERS.items() if part.startswith(folder)), ""
                )
            if said:
                yield Finding("embedded and outside data", self._sheet_over(part), said)

    def _pictures(self) -> Iterator[Finding]:
        for part, content in self.package.parts.items():
            if part.startswith(PICTURES) and (said := _said_of_picture(content)):
                yield Finding("pictures", part, said)

    def _links(self) -> Iterator[Finding]:
        for each in self.relations:
            if each.external and is_local(each.target):
                where = self._name(each.owner) or "the file"
                said = f"a link ({each.kind}) to {each.target}"
                yield Finding("local paths", where, said, removed=True)

    @cached_property
    def _in_cells(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The paths that cells name in their texts and formulas."""
        found = {}
        for sheet in self.book.sheets:
            for address, span in sheet.cells.items():
                value = self.book.cell(sheet.name, address) if _may_be_text(span) else None
                texts = (span.formula, value if isinstance(value, str) else "")
                if paths := [path for text in texts for path in local_paths(text)]:
                    found[sheet.name, address] = paths
        return found

    def _paths_in_cells(self) -> Iterator[Finding]:
        for (sheet, address), paths in self._in_cells.items():
            yield Finding("local paths", f"{sheet}!{address}", f"names {paths[0]}")

    def _paths_in_parts(self) -> Iterator[Finding]:
        told = {path for paths in self._in_cells.values() for path in paths}
        done = [*self._parts(CUSTOM), *(p for end in NAMES_PLACES for p in self._parts(end))]
        done += [part for end in (COMMENTS, THREADED, PERSONS) for part in self._parts(end)]
        books = self._parts(BOOK)
        for part in self._parts(WEB_EXTENSION):
            for path in dict.fromkeys(self._paths_for_add_ins(part)):
                yield Finding("local paths", part, f"names {path}")
        done += self._parts(WEB_EXTENSION)
        for part, content in self.package.parts.items():
            if part.endswith((".rels", ".bin")) or part in done or part.startswith(PICTURES):
                continue
            for path in paths_in_xml(content, "sheetData"):
                if path not in told:
                    removed = part in books and _is_place_of_file(self._tree(part), path)
                    said = f"says that the file was at {path}" if removed else f"names {path}"
                    yield Finding("local paths", self._name(part), said, removed)

    def _paths_for_add_ins(self, part: str) -> Iterator[str]:
        """The paths in what an add-in keeps in the file, but for the code that we put there."""
        for each in _elements(self._tree(part), "property"):
            kept = text_of_property(each.get("value", ""))
            if kept != python_files().get(each.get("name", "")):
                yield from local_paths(kept if isinstance(kept, str) else json.dumps(kept))


def _is_place_of_file(root: Element, path: str) -> bool:
    return any(path in local_paths(e.get("url", "")) for e in _elements(root, "absPath"))


def _elements(root: Element, name: str) -> Iterator[Element]:
    """The elements of a name, whatever their namespace is: there are two of most."""
    return (each for each in root.iter() if str(each.tag).rpartition("}")[2] == name)


def _by(what: str, author: str) -> str:
    return f"{what} by {author}" if author.strip() else what


@cache
def _ours() -> dict[str, bool]:
    """The sheets of the model in any host, each with whether it is hidden."""
    extra = (each for host in HOSTS for each in host.extra)
    return {each.name: each.hidden for each in (*(p.sheet for p in sheets()), *extra)}


def _hidden_finding(sheet: SheetCells, which: str, number: int) -> Finding:
    said = f"hidden {which}, with {number:,} cell{'s' * (number > 1)}"
    return Finding("hidden rows and columns", sheet.name, said)


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Rising numbers as runs without gaps: the first and the last of each."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found


def _place(address: str) -> tuple[int, int]:
    letters = address.rstrip("0123456789")
    return int(address[len(letters) :]), column_index_from_string(letters)


def _is_filled(span: CellSpan) -> bool:
    return span.has_formula or bool(span.value) or bool(span.inline)


def _may_be_text(span: CellSpan) -> bool:
    return span.attributes.get("t") in ("s", "str", "inlineStr")


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    sizes = (attributes.get(each, "1") for each in ("ht", "width"))
    return attributes.get("hidden") in HIDDEN or any(float(each) == 0 for each in sizes)


def _said_of_picture(content: bytes) -> str:
    if any(mark in content for mark in EXIF):
        return "a picture with data on how it was made (EXIF, XMP): perhaps who, when and where"
    if content.startswith((b"\xff\xd8", b"\x89PNG", *SILENT)):
        return ""
    return "a picture of a kind whose own data (such as EXIF) was not looked at"
