"""What a person put into an older file that has no place in a new one: it is listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from defusedxml import ElementTree
from openpyxl.utils.cell import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from addin.functions import functions
from pycore.errors import shown
from workbook.file.macros import vba_project
from workbook.file.patch import SheetCells
from workbook.file.relations import Relation, relations
from workbook.file.values import MAIN
from workbook.hosts import SERVER
from workbook.native.form import BROUGHT_BACK, HELPERS
from workbook.read import book_part, named_cells
from workbook.recognise import alike
from workbook.sheets.about import NAME as ABOUT
from workbook.sheets.xlwings_conf import NAME as SETTINGS_SHEET
from workbook.sheets.xlwings_conf import SETTINGS
from workbook.upgrading.old import Old
from workbook.upgrading.references import References
from workbook.upgrading.schemas import SheetLayout, hashed, names_of, schemas

MOST_NAMED = 8
"""How many cells of a sheet are named of which the same is said."""

OF_THE_BOOK = {
    "externalLink": "links to other workbooks",
    "pivotCacheDefinition": "the data of pivot tables",
    "connections": "connections to data outside",
    "slicerCache": "slicers",
    "timelineCache": "timelines",
    "customXml": "custom XML",
    "custom-properties": "custom properties",
    "extensibility": "buttons of its own",
    "chartsheet": "sheets that are a chart",
    "dialogsheet": "dialogs",
    "xmlMaps": "XML maps",
    "vbaProject": "macros",
    "attachedToolbars": "toolbars",
    "sheetMetadata": "",
}
"""What a file holds beside its sheets, by the kind of relation."""

OF_A_SHEET = {
    "comments": "comments",
    "threadedComment": "threaded comments",
    "table": "a table",
    "pivotTable": "a pivot table",
    "oleObject": "an embedded object",
    "package": "an embedded file",
    "control": "a control",
    "ctrlProp": "a form control",
    "image": "a picture",
    "slicer": "a slicer",
    "queryTable": "a query",
}


def left_behind(old: Old, references: References) -> Iterator[str]:
    """What of an older file is not in the new one."""
    found = relations(old.book.package)
    yield from _of_the_book(old, found)
    layouts = _layouts(old)
    if not layouts:
        yield (
            "the file is of a state between two schemas: what was typed beside the model's own "
            "cells is not carried, and cannot be told here"
        )
    for sheet in old.book.sheets:
        if sheet.name in old.sheet_names:
            yield from _of_a_sheet(old, sheet, [each for each in found if each.owner == sheet.part])
            yield from _drawn(old, sheet, found, layouts.get(sheet.name))
            yield from _typed_beside(old, sheet, layouts.get(sheet.name))
            yield from _settings(old, sheet)
    if HELPERS in old.book.names:
        yield f"the older file {BROUGHT_BACK}"
    else:
        yield from _in_place_of_formulas(old, references)
        yield from _other_formulas(old)
    names = old.book.names.keys() - old.known - set(references.names)
    for name in sorted(names):
        yield f"the name {name} refers to what is no more ({old.book.names[name][0]}): not carried"


def _layouts(old: Old) -> Mapping[str, SheetLayout]:
    """What the model declared on its sheets; nothing where that is not known."""
    schema = next((each for each in schemas() if each.number == old.schema.number), None)
    return schema.sheets if schema and old.schema.exact else {}


def _of_the_book(old: Old, found: Iterable[Relation]) -> Iterator[str]:
    package, home = old.book.package, book_part(old.book.package)
    for each in found:
        what = OF_THE_BOOK.get(each.kind, "")
        if each.owner not in ("", home) or not what:
            continue
        if each.kind == "vbaProject" and package.parts.get(each.target) == vba_project():
            continue
        yield f"the file holds {what} ({each.target}): not carried"


def _of_a_sheet(old: Old, sheet: SheetCells, found: Iterable[Relation]) -> Iterator[str]:
    for each in found:
        if each.kind == "comments":
            tree = ElementTree.fromstring(old.book.package.parts[each.target])
            cells = [str(one.get("ref")) for one in tree.iter(f"{MAIN}comment")]
            yield f"{_listed(sheet.name, cells)}: comments on the model's sheets are not carried"
        elif each.kind in OF_A_SHEET:
            yield f"the sheet {sheet.name} holds {OF_A_SHEET[each.kind]}: not carried"
        elif each.external and each.kind == "hyperlink" and not each.target.startswith("https://"):
            yield f"the sheet {sheet.name} links to {each.target}: not carried"


def _drawn(
    old: Old, sheet: SheetCells, found: Iterable[Relation], layout: SheetLayout | None
) -> Iterator[str]:
    """Charts, pictures and shapes of a person's on a sheet of the model."""
    charts = others = 0
    for each in found:
        if each.owner == sheet.part and each.kind == "drawing":
            tree = ElementTree.fromstring(old.book.package.parts[each.target])
            kinds = [str(child.tag).rpartition("}")[2] for anchor in tree for child in anchor]
            charts += kinds.count("graphicFrame")
            others += sum(kinds.count(kind) for kind in DRAWN)
    if layout and charts > layout.charts:
        yield f"the sheet {sheet.name} holds {charts - layout.charts} more charts: not carried"
    if others:
        yield f"the sheet {sheet.name} holds pictures or shapes ({others}): not carried"


DRAWN = ("pic", "sp", "cxnSp", "grpSp", "AlternateContent")


def _typed_beside(old: Old, sheet: SheetCells, layout: SheetLayout | None) -> Iterator[str]:
    """Cells in which something stands though the model declared none there.

    The About sheet is another for each host: of that it is not known.
    """
    if layout is None or sheet.name == ABOUT:
        return
    places = [place for place in old.book.places.values() if place.sheet == sheet.name]
    ours = {at for place in places for row in place.rows for at in row}
    for each in layout.cells:
        ours |= {f"{get_column_letter(at[1])}{at[0]}" for at in CellRange(each).cells}
    typed = [
        address
        for address, span in sheet.cells.items()
        if address not in ours and (span.has_formula or span.value or span.inline)
    ]
    if typed:
        said = f"stands beside the cells of {old.schema}, and is not carried"
        yield f"{_listed(sheet.name, typed)}: {said}"


def _settings(old: Old, sheet: SheetCells) -> Iterator[str]:
    """What a person set for xlwings on a desktop."""
    ours = {name: held or None for name, held, _ in SETTINGS}
    for address in sheet.cells if sheet.name == SETTINGS_SHEET else ():
        name = old.book.cell(sheet.name, address)
        beside = f"B{address[1:]}"
        if address.startswith("A") and beside in sheet.cells and name in ours:
            held = old.book.cell(sheet.name, beside) or None
            if held != ours[str(name)]:
                yield f"{sheet.name}!{beside} set {name} to {shown(held)}: not carried"


def _in_place_of_formulas(old: Old, references: References) -> Iterator[str]:
    """Cells that the model computes, where a person typed a value instead."""
    known = {held.name for held in named_cells() if held.cell.formula}
    cells: dict[str, list[str]] = {}
    for name, new in references.same.items():
        place = old.book.places[name]
        span = old.book.sheet_of(name).cells.get(place.first)
        typed = span is not None and not span.has_formula and (span.value or span.inline)
        if new in known and typed and (len(place.rows), len(place.rows[0])) == (1, 1):
            cells.setdefault(place.sheet, []).append(place.first)
    for sheet, found in cells.items():
        yield f"{_listed(sheet, found)}: a value stood where the model computes; it computes again"


def _other_formulas(old: Old) -> Iterator[str]:
    """Cells that the model computes, where a person wrote another formula."""
    schema = next(each for each in schemas() if each.number == old.schema.number)
    names = sorted(names_of(schema.number))
    if not old.schema.exact:
        return
    words = {old.host.stored(each).casefold(): SERVER.stored(each) for each in functions().values()}
    compared = 0
    cells: dict[str, list[str]] = {}
    for name, expected in zip(names, schema.formulas, strict=True):
        text = old.formula(name) if name in old.book.places else ""
        if expected != "-" and text:
            compared += 1
            text = WORD.sub(lambda found: words.get(found[0].casefold(), found[0]), text)
            if hashed(alike(DOUBLED.sub(r"\1", text))) != expected:
                place = old.book.places[name]
                cells.setdefault(place.sheet, []).append(f"{place.first} (={text[:LONGEST]})")
    if sum(map(len, cells.values())) > compared * MOST_UNLIKE:
        yield (
            "the program that saved the file writes formulas in another way: whether a person put "
            "others in place of the model's cannot be told; the model's stand there now"
        )
        return
    for sheet, found in cells.items():
        said = f"a formula that is not that of {old.schema} stood here; today's does now"
        yield f"{_listed(sheet, found)}: {said}"


LONGEST, MOST_UNLIKE = 80, 0.1
DOUBLED = re.compile(r'IF\(ISTEXT\(([\w.]+\([^()]*\))\),\1&"",\1\)')
"""How the form for LibreOffice calls a function that may give a text."""

WORD = re.compile(r"[A-Za-z_][\w.]*")


def _listed(sheet: str, cells: list[str]) -> str:
    """Cells of a sheet in words; of many the first."""
    first = ", ".join(f"{sheet}!{each}" for each in cells[:MOST_NAMED])
    more = len(cells) - MOST_NAMED
    return f"{first} and {more:,} more cells there" if more > 0 else first
