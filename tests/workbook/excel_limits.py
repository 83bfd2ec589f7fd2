"""What Excel refuses or repairs in a file that the standard allows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from openpyxl.utils.cell import range_boundaries

from workbook.file.package import open_package

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LITERAL = re.compile(r'"((?:[^"]|"")*)"')
LONGEST = {
    "name": 255,
    "sheet": 31,
    "formula": 8192,
    "literal": 255,
    "list": 255,
    "prompt": 255,
    "error": 255,
    "promptTitle": 32,
    "errorTitle": 32,
    "text": 32_767,
    "header or footer": 255,
    "number format": 255,
}
"""How many characters Excel takes."""

MOST_FORMATS = 200
FORBIDDEN = set("[]:*?/\\")
PARTS_WITH_FORMULAS = ("f", "formula", "formula1", "formula2", "definedName")


def faults(data: bytes) -> list[str]:
    """What Excel would not take of a workbook, one line each."""
    return [*_faults(data)]


def _faults(data: bytes) -> Iterator[str]:
    parts = open_package(data, "the workbook").parts
    trees = {
        name: fromstring(content)
        for name, content in parts.items()
        if re.fullmatch(r"xl/(workbook|styles|sharedStrings|worksheets/sheet\d+)\.xml", name)
    }
    book = trees["xl/workbook.xml"]
    sheets = [each.attrib["name"] for each in book.iter(f"{MAIN}sheet")]
    names = [each.attrib["name"] for each in book.iter(f"{MAIN}definedName")]
    scoped = [
        (each.attrib["name"].casefold(), each.attrib.get("localSheetId", ""))
        for each in book.iter(f"{MAIN}definedName")
    ]
    for (doubled, _), count in Counter(scoped).items():
        if count > 1:
            yield f"the name {doubled} is defined {count} times"
    if len({each.casefold() for each in sheets}) < len(sheets):
        yield "two sheets have one name"
    yield from (
        f"the sheet {each} has a character of {FORBIDDEN}"
        for each in sheets
        if FORBIDDEN & set(each) or each.strip("'") != each
    )
    yield from _too_long("name", names)
    yield from _too_long("sheet", sheets)
    formats = [each.attrib["formatCode"] for each in trees["xl/styles.xml"].iter(f"{MAIN}numFmt")]
    yield from _too_long("number format", formats)
    if len(formats) > MOST_FORMATS:
        yield f"{len(formats)} number formats"
    for name, tree in trees.items():
        yield from (f"{name}: {fault}" for fault in _in_part(tree))


def _too_long(what: str, texts: list[str]) -> Iterator[str]:
    for text in texts:
        if len(text) > LONGEST[what]:
            yield f"a {what} of {len(text)} characters: {text[:40]}..."


def _in_part(tree: Element) -> Iterator[str]:
    formulas = [
        each.text or "" for word in PARTS_WITH_FORMULAS for each in tree.iter(f"{MAIN}{word}")
    ]
    yield from _too_long("formula", formulas)
    lists = [
        each.findtext(f"{MAIN}formula1", "")
        for each in tree.iter(f"{MAIN}dataValidation")
        if each.get("type") == "list"
    ]
    yield from _too_long("list", [each.strip('"') for each in lists if each.startswith('"')])
    others = [each for each in formulas if each not in lists]
    literals = [text.replace('""', '"') for each in others for text in LITERAL.findall(each)]
    yield from _too_long("literal", literals)
    for word in ("prompt", "error", "promptTitle", "errorTitle"):
        shown = [each.get(word, "") for each in tree.iter(f"{MAIN}dataValidation")]
        yield from _too_long(word, shown)
    yield from _too_long("text", ["".join(each.itertext()) for each in tree.iter(f"{MAIN}si")])
    margins = [
        each.text or ""
        for word in ("oddHeader", "oddFooter")
        for each in tree.iter(f"{MAIN}{word}")
    ]
    yield from _too_long("header or footer", margins)
    arrays = [each.attrib["ref"] for each in tree.iter(f"{MAIN}f") if each.get("t") == "array"]
    for one, other in combinations(arrays, 2):
        if _meet(one, other):
            yield f"the arrays {one} and {other} overlap"
    alone = [
        cell.attrib["r"]
        for cell in tree.iter(f"{MAIN}c")
        if (held := cell.find(f"{MAIN}f")) is not None and held.get("t") != "array"
    ]
    yield from (
        f"{cell} has a formula within the array {ref}"
        for ref in arrays
        for cell in alone
        if _meet(cell, ref)
    )


def _meet(one: str, other: str) -> bool:
    left, top, right, bottom = (each or 0 for each in range_boundaries(one))
    first, upper, last, lower = (each or 0 for each in range_boundaries(other))
    return left <= last and first <= right and top <= lower and upper <= bottom
