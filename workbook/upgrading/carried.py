"""A person's own sheets, from an older file into a new one."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any
from xml.sax.saxutils import escape, unescape

from defusedxml import ElementTree

from workbook.file.kinds import RELATIONSHIP, resolved
from workbook.file.package import CONTENT_TYPES, Package
from workbook.file.patch import CellSpan, SheetCells
from workbook.file.values import MAIN
from workbook.read import Book, book_part
from workbook.stored import is_data_table
from workbook.upgrading.looks import OFFICE, Looks, plain, tag
from workbook.upgrading.old import Old
from workbook.upgrading.references import References

BOOK, BOOK_RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
NAMESPACES = {"xmlns": MAIN.strip("{}"), "xmlns:r": OFFICE.strip("{}")}
WORKSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"

KEPT = {
    *("sheetPr", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection"),
    *("autoFilter", "mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks"),
    *("printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks"),
    *("ignoredErrors", "drawing", "legacyDrawing", "tableParts"),
}
"""The elements of a sheet that are carried."""

SAID_NOTHING = {"dimension", "sheetCalcPr", "phoneticPr"}
"""Those that programs make anew."""

LEFT = {
    "extLst": "sparklines, slicers and newer kinds of rules",
    "oleObjects": "embedded objects",
    "controls": "form controls",
    "picture": "a picture behind the cells",
    "legacyDrawingHF": "pictures in headers",
    "protectedRanges": "protected ranges",
    "customSheetViews": "custom views",
    "scenarios": "What-If scenarios",
}
"""What else a person may miss."""

LINKED = {
    *("drawing", "vmlDrawing", "comments", "table", "hyperlink", "image", "chart", "chartEx"),
    *("chartStyle", "chartColorStyle", "themeOverride", "chartUserShapes"),
    *("diagramData", "diagramLayout", "diagramQuickStyle", "diagramColors", "diagramDrawing"),
}
"""The relations whose parts are carried."""

UNSAID = {"printerSettings"}
CHECKED = (".xml", ".rels")
"""How the parts end that have to be sound XML: pictures, and what draws comments, may be none."""

REMARKS = {"threadedComment": "threaded comments are plain notes now"}

ROW = ("r", "ht", "customHeight", "hidden", "outlineLevel", "collapsed", "customFormat", "s")
REFERRING = re.compile(r"<((?:\w+:)?f)((?: [^<>]*)?)>([^<]*)</\1>")
GONE = "#REF!"
CACHED = re.compile(
    rf"<((?:\w+:)?(?:num|str))Ref>\s*<(?:\w+:)?f>{GONE}</(?:\w+:)?f>\s*"
    r"<\1Cache>(.*?)</\1Cache>\s*</\1Ref>",
    re.DOTALL,
)
TITLE = re.compile(r"<((?:\w+:)?)tx>\s*<\1strLit>(.*?)</\1strLit>\s*</\1tx>", re.DOTALL)
SHOWN = re.compile(r"<((?:\w+:)?v)>(.*?)</\1>", re.DOTALL)
OUTSIDE = re.compile(r"<((?:\w+:)?externalData)\b.*?(?:/>|</\1>)", re.DOTALL)
ACTING = re.compile(r' (?:macro|textlink)="[^"]*"')
CONTROL = re.compile(rb"<x:FmlaMacro|<x:FmlaLink|ObjectType=\"(?!Note)")


@dataclass
class Carried:
    """A new file to which the sheets of a person are added.

    Parameters
    ----------
    package : Package
        The new file.
    notes : list of str
        What was not carried as it was.
    """

    old: Old
    new: Book
    package: Package
    references: References
    notes: list[str] = field(default_factory=list)
    parts: dict[str, bytes] = field(default_factory=dict)
    copied: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        """The new file with all that is added."""
        parts = self._parts()
        kept = {part: parts.pop(part) for part in [*parts] if not part.endswith(CHECKED)}
        date = self.package.entries[0].date_time
        entries = (*self.package.entries, *(zipfile.ZipInfo(part, date) for part in kept))
        package = replace(self.package, entries=entries, parts={**self.package.parts, **kept})
        return package.to_bytes(parts)

    def _parts(self) -> dict[str, bytes]:
        """Every part that is added or differs."""
        listed: list[str] = []
        related: list[str] = []
        for sheet in self.old.own_sheets:
            part = self._free("xl/worksheets/sheet1.xml")
            self.parts[part] = b""  # its name is taken
            self.parts[part] = self._sheet(sheet, part)
            self.kinds[part] = WORKSHEET
            number = len(self.new.sheets) + len(listed) + 1
            name = self.references.sheets[sheet.name]
            held = {"name": name, "sheetId": str(number), "r:id": f"rIdOwn{number}"}
            if sheet.name in self._hidden:
                held["state"] = self._hidden[sheet.name]
            listed.append(tag("sheet", held))
            related.append(_relation(f"rIdOwn{number}", f"{OFFICE.strip('{}')}/worksheet", part))
        named = "".join(self._names())
        book = self.package.parts[BOOK].decode().replace("</sheets>", f"{''.join(listed)}</sheets>")
        book = book.replace("</definedNames>", f"{named}</definedNames>")
        if self.old.book.first_year == "1904":
            book = book.replace("<workbookPr ", '<workbookPr date1904="1" ', 1)
        relations = self.package.parts[BOOK_RELATIONS].decode()
        relations = relations.replace("</Relationships>", f"{''.join(related)}</Relationships>")
        self.parts |= {BOOK: book.encode(), BOOK_RELATIONS: relations.encode()}
        self.parts |= {STYLES: self._looks.written(), CONTENT_TYPES: self._types()}
        self.notes[:] = dict.fromkeys(self.notes)
        return self.parts

    @cached_property
    def _looks(self) -> Looks:
        return Looks(self._old_part("styles+xml"), self.package.parts[STYLES])

    @cached_property
    def _texts(self) -> list[Any]:
        """The texts that the cells of the older file share."""
        return list(ElementTree.fromstring(self._old_part("sharedStrings+xml")))

    def _old_part(self, ending: str) -> bytes:
        """The part of the older file whose content type ends so; an empty one where it has none."""
        package = self.old.book.package
        found = (
            package.parts[part] for part, kind in package.kinds.items() if kind.endswith(ending)
        )
        return next(found, b"<none/>")

    @cached_property
    def _book(self) -> Any:
        package = self.old.book.package
        return ElementTree.fromstring(package.parts[book_part(package)])

    @cached_property
    def _hidden(self) -> dict[str, str]:
        sheets = self._book.iter(f"{MAIN}sheet")
        return {each.get("name"): each.get("state") for each in sheets if each.get("state")}

    def _free(self, part: str) -> str:
        """A name like that of a part that no part of the new file has."""
        stem, ending = posixpath.splitext(part)
        stem = stem.rstrip("0123456789")
        taken = {each.casefold() for each in (*self.package.parts, *self.parts)}
        names = (f"{stem}{number}{ending}" for number in count(1))
        return next(name for name in names if name.casefold() not in taken)

    # Sheets

    def _sheet(self, sheet: SheetCells, part: str) -> bytes:
        root = ElementTree.fromstring(self.old.book.package.parts[sheet.part])
        kept = self._related(sheet.part, part, f"the sheet {sheet.name}")
        self._follow_rules(root, sheet.name)

        def change(name: str, held: dict[str, str]) -> dict[str, str] | None:
            for key in WITHOUT.get(name, ()):
                held.pop(key, None)
            is_second = held.get("workbookViewId", "0") != "0"
            if name == "extLst" or is_second or held.get("r:id", "") not in {"", *kept}:
                return None
            if "dxfId" in held:
                held["dxfId"] = self._looks.rule(held["dxfId"])
            if name == "col" and "style" in held:
                held["style"] = self._looks.cell(held["style"])
            return held

        inside = []
        for element in root:
            name = str(element.tag).removeprefix(MAIN)
            if name == "sheetData":
                inside.append(tag("sheetData", {}, "".join(self._rows(element, sheet))))
            elif name in KEPT:
                inside.append(plain(element, change))
            elif name not in SAID_NOTHING:
                what = LEFT.get(name, f"what it says in {name.rpartition('}')[2]}")
                self.notes.append(f"the sheet {sheet.name}: {what} are not carried")
        return f"{_HEAD}{tag('worksheet', NAMESPACES, ''.join(filter(_is_full, inside)))}".encode()

    def _rows(self, data: Any, sheet: SheetCells) -> Iterator[str]:
        spans, number = iter(sheet.cells.values()), 0
        for row in data.iter(f"{MAIN}row"):
            number = int(row.get("r", number + 1))
            held = {key: row.get(key) for key in ROW if key in row.attrib} | {"r": str(number)}
            if "s" in held:
                held["s"] = self._looks.cell(held["s"])
            cells = row.findall(f"{MAIN}c")
            yield tag("row", held, "".join(self._cell(c, next(spans), sheet.name) for c in cells))

    def _cell(self, element: Any, span: CellSpan, sheet: str) -> str:
        held, inside = {"r": span.address}, ""
        if "s" in span.attributes:
            held["s"] = self._looks.cell(span.attributes["s"])
        kind = span.attributes.get("t", "n")
        shown = "" if span.value is None else f"<v>{escape(span.value)}</v>"
        if span.has_formula:
            inside = self._formula(span, sheet)
            if not inside and kind == "str":
                kind, shown = "inlineStr", f"<is>{_text(span.value or '')}</is>"
        elif kind == "s":
            kind, shown = "inlineStr", self._shared(span.value or "")
        elif kind == "inlineStr":
            found = element.find(f"{MAIN}is")
            shown = "" if found is None else plain(found)
        if kind != "n" and shown:
            held["t"] = kind
        return tag("c", held, inside + shown)

    def _formula(self, span: CellSpan, sheet: str) -> str:
        text = self.old.texts[sheet].get(span.address, "")
        is_table = is_data_table(span)
        written = None if is_table or not text else self.references.rewritten(text, sheet)
        if written is None:
            what = f"={text}" if text else "a What-If table" if is_table else "a formula"
            why = "which cannot be followed to the new file"
            self.notes.append(f"{sheet}!{span.address} held {what}, {why}: its value is kept")
            return ""
        array = {"t": "array", "ref": span.array} if span.array else {}
        if "cm" in span.attributes and array:
            self.notes.append(f"{sheet}!{span.address} is an array of fixed size now")
        return tag("f", array, escape(written))

    def _shared(self, number: str) -> str:
        text = self._texts[int(number)]
        return tag("is", {}, "".join(map(plain, text)))

    def _follow_rules(self, root: Any, sheet: str) -> None:
        """Let rules and links refer to what they did, or leave them out where that is gone."""
        for parent in list(root.iter()):
            for each in list(parent):
                name = str(each.tag).removeprefix(MAIN)
                if name not in RULES:
                    continue
                for held in each.iter():
                    if held.tag in FORMULAS:
                        held.text = self.references.rewritten(held.text or "", sheet)
                if "location" in each.attrib:
                    there = self.references.reference(each.get("location").lstrip("#"), sheet)
                    each.set("location", there or GONE)
                formulas = [held.text for held in each.iter() if held.tag in FORMULAS]
                if None in formulas or each.get("location") == GONE:
                    parent.remove(each)
                    where = each.get("ref") or each.get("sqref") or parent.get("sqref")
                    why = "refers to what is no more: it is not carried"
                    self.notes.append(f"{sheet}!{where}: {RULES[name]} {why}")

    # Parts

    def _related(self, old: str, new: str, where: str) -> set[str]:
        """Carry what a part refers to; give the ids of the relations that are."""
        kept, written = set(), []
        for each in _relations(self.old.book.package, old):
            kind = _kind(each)
            target, external = each.get("Target", ""), each.get("TargetMode") == "External"
            if kind in REMARKS:
                self.notes.append(f"{where}: {REMARKS[kind]}")
            elif kind not in LINKED or (external and kind not in ("hyperlink", "image")):
                if kind not in UNSAID:
                    self.notes.append(f"{where}: {WORDS.get(kind, kind)} not carried")
            elif external:
                kept.add(each.get("Id"))
                held = {"Target": target, "TargetMode": "External"}
                written.append(
                    tag("Relationship", {"Id": each.get("Id"), "Type": each.get("Type")} | held)
                )
            elif part := self._copy(resolved(posixpath.dirname(old), target), where):
                kept.add(each.get("Id"))
                written.append(_relation(each.get("Id"), each.get("Type"), part))
        if written:
            folder, name = posixpath.split(new)
            text = tag(
                "Relationships", {"xmlns": RELATIONSHIP[1:].partition("}")[0]}, "".join(written)
            )
            self.parts[f"{folder}/_rels/{name}.rels"] = f"{_HEAD}{text}".encode()
        return kept

    def _copy(self, part: str, where: str) -> str:
        """Carry a part, under a name that is free; empty where it is not in the file."""
        package = self.old.book.package
        if part in self.copied or part not in package.parts:
            return self.copied.get(part, "")
        kinds = {_kind(each) for each in _relations(package, part)}
        if part.startswith("xl/drawings/") and (unfit := kinds - LINKED - UNSAID):
            self.notes.append(f"{where}: a drawing with {', '.join(unfit)} is not carried")
            return ""
        self.copied[part] = name = self._free(part)
        self.parts[name] = package.parts[part]
        self.kinds[name] = package.kinds.get(part, "")
        self._related(part, name, where)
        content, folder = package.parts[part], part.split("/")[1] if "/" in part else ""
        if folder == "charts":
            content = self._chart(content.decode(), where).encode()
        elif folder == "tables":
            content = self._table(content).encode()
        elif CONTROL.search(content) and part.endswith(".vml"):
            self.notes.append(f"{where}: form controls lose what they are linked to")
        elif folder == "drawings" and ACTING.search(text := content.decode()):
            content = ACTING.sub(lambda f: ' macro=""' * f[0].startswith(" macro"), text).encode()
        self.parts[name] = content
        return name

    def _chart(self, text: str, where: str) -> str:
        """A chart whose ranges stand where they do now; of those that are gone, the numbers."""

        def followed(found: re.Match[str]) -> str:
            written = self.references.rewritten(unescape(found[3], ENTITIES), "")
            if written is None:
                self.notes.append(
                    f"{where}: a chart shows {unescape(found[3], ENTITIES)}, which is no more: it "
                    "keeps the numbers that it had"
                )
                return f"<{found[1]}>{GONE}</{found[1]}>"
            return f"<{found[1]}{found[2]}>{escape(written)}</{found[1]}>"

        text = OUTSIDE.sub("", REFERRING.sub(followed, text))
        text = CACHED.sub(r"<\1Lit>\2</\1Lit>", text)
        return TITLE.sub(_title, text)

    def _table(self, content: bytes) -> str:
        root = ElementTree.fromstring(content)
        for parent in list(root.iter()):
            for each in list(parent):
                if str(each.tag).removeprefix(MAIN) in COMPUTED:
                    each.text = self.references.rewritten(each.text or "", "")
                    if each.text is None:
                        parent.remove(each)
        number = str(sum(part.startswith("xl/tables/") for part in self.parts))

        def change(name: str, held: dict[str, str]) -> dict[str, str] | None:
            for key in held:
                if key.lower().endswith("dxfid"):
                    held[key] = self._looks.rule(held[key])
            if name == "extLst":
                return None
            return (
                {"xmlns": NAMESPACES["xmlns"]} | held | {"id": number} if name == "table" else held
            )

        return _HEAD + plain(root, change)

    # The workbook

    def _names(self) -> Iterator[str]:
        """A person's own names, of the whole file and of their sheets."""
        order = [each.get("name") for each in self._book.iter(f"{MAIN}sheet")]
        own = list(self.references.sheets)
        for each in self._book.iter(f"{MAIN}definedName"):
            name, text, local = each.get("name"), each.text or "", each.get("localSheetId")
            held = {"name": name} | {k: each.get(k) for k in ("hidden", "comment") if each.get(k)}
            if local is not None:
                sheet = order[int(local)] if int(local) < len(order) else ""
                if sheet not in own:
                    continue
                held["localSheetId"] = str(len(self.new.sheets) + own.index(sheet))
            elif name.casefold() not in self.references.names:
                continue
            written = self.references.rewritten(text, "")
            if written is not None:
                yield tag("definedName", held, escape(written))

    def _types(self) -> bytes:
        text = self.package.parts[CONTENT_TYPES].decode()
        added = [
            tag("Override", {"PartName": f"/{part}", "ContentType": kind})
            for part, kind in self.kinds.items()
        ]
        return text.replace("</Types>", f"{''.join(added)}</Types>").encode()


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
FORMULAS = {f"{MAIN}{each}" for each in ("formula", "formula1", "formula2")}
COMPUTED = {"calculatedColumnFormula", "totalsRowFormula"}
RULES = {
    "cfRule": "a conditional format",
    "dataValidation": "a rule for what may be entered",
    "hyperlink": "a link",
}
LISTS = {"hyperlinks", "tableParts", "conditionalFormatting", "dataValidations"}
WITHOUT = {
    "pageSetup": ("r:id",),  # of the settings of a printer
    "sheetView": ("tabSelected",),  # else two sheets are edited at once
    "sheetPr": ("codeName",),  # of macros
    **dict.fromkeys(LISTS, ("count",)),
}
"""The attributes of elements that are not carried."""

ENTITIES = {"&quot;": '"', "&apos;": "'"}
WORDS = {
    "pivotTable": "pivot tables are",
    "oleObject": "embedded objects are",
    "package": "embedded files are",
    "control": "controls are",
    "ctrlProp": "form controls are",
    "queryTable": "queries are",
    "slicer": "slicers are",
}


def _is_full(element: str) -> bool:
    """Whether an element says something: lists may not be empty."""
    name = re.split(r"[\s/>]", element[1:], maxsplit=1)[0]
    return bool(element) and not (name in LISTS and element.endswith("/>"))


def _title(found: re.Match[str]) -> str:
    """What a series is called whose name stood in a cell that is no more."""
    prefix, shown = found[1], SHOWN.search(found[2])
    return f"<{prefix}tx><{prefix}v>{shown[2] if shown else ''}</{prefix}v></{prefix}tx>"


def _text(text: str) -> str:
    space = {} if text == text.strip() else {"xml:space": "preserve"}
    return tag("t", space, escape(text))


def _relation(identity: str, kind: str, part: str) -> str:
    return tag("Relationship", {"Id": identity, "Type": kind, "Target": f"/{part}"})


def _kind(relation: Any) -> str:
    return str(relation.get("Type", "")).rpartition("/")[2]


def _relations(package: Package, part: str) -> list[Any]:
    folder, name = posixpath.split(part)
    found = package.parts.get(f"{folder}/_rels/{name}.rels")
    return [] if found is None else list(ElementTree.fromstring(found).iter(RELATIONSHIP))
