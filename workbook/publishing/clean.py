"""A copy without what is nobody's business: who wrote it, with which printer, in which folder.

What a person sees on a sheet stays, and so does what something else in the file may need: a hidden
sheet may feed a formula. All that stays is the same to the byte.
"""

from __future__ import annotations

import html
import re
from functools import partial
from itertools import chain

from pycore.errors import Found, InputError
from workbook.file.package import Package
from workbook.file.relations import (
    TAG,
    attributes,
    relations,
    with_attribute,
    with_parts,
    with_tags,
    without,
)
from workbook.publishing.paths import file_name, is_local
from workbook.publishing.personal import (
    BOOK,
    COMMENTS,
    CUSTOM,
    NAMED_USERS,
    NAMES_PEOPLE,
    NAMES_PLACES,
    PERSONS,
    PRINTER,
    SIGNATURE,
    THREADED,
    THUMBNAIL,
    Finding,
    personal,
)
from workbook.read import read_book

DROPPED = (COMMENTS, THREADED, PERSONS, PRINTER, CUSTOM)
"""How the content types of the parts end that a copy goes without."""

DRAWING = "vmlDrawing"
SHAPE = re.compile(rb"<v:shape\b.*?</v:shape>\s*", re.DOTALL)
OF_A_COMMENT = re.compile(rb"ObjectType\s*=\s*[\"']Note[\"']")
"""A shape of an old drawing, and what says that it is the box of a comment."""

ALTERNATIVE = re.compile(
    rb"<((?:[\w.-]+:)?AlternateContent)\b[^<>]*>(?:(?!</\1\s*>).)*?<(?:[\w.-]+:)?absPath\b"
    rb".*?</\1\s*>",
    re.DOTALL,
)
PLACE_OF_FILE = re.compile(TAG % b"absPath" + rb"(?:(?<!/>)\s*</\1\s*>)?")
"""Where the file was saved, in the wrapping in which Excel writes it, and without."""

TEXT_OF = rb"(<((?:[\w.-]+:)?%s)(?=[\s>])[^<>]*(?<!/)>)([^<]*)(</\2\s*>)"


def cleaned(data: bytes, file: str) -> tuple[bytes, list[Finding]]:
    """A file without what says who made it and where, and what was found of other kinds.

    Raises
    ------
    InputError
        If something that should be gone is not: then nothing is written.
    """
    package = read_book(data, file).package
    shapes = _without_comment_boxes(package)
    emptied = {part for part, content in shapes.items() if not content}
    package = with_parts(package, {part: xml for part, xml in shapes.items() if xml})
    package = without(package, emptied | _dropped(package))
    clean = with_parts(package, _changed(package)).to_bytes()
    left = personal(read_book(clean, file))
    for each in left:
        if each.removed:
            rule = "be a workbook from which what is personal can be taken (save it in Excel first)"
            raise InputError(file, rule, Found(f"one in which it stays: {each}"))
    return clean, left


def _dropped(package: Package) -> set[str]:
    kinds = package.kinds.items()
    dropped = {part for part, kind in kinds if kind.casefold().endswith(DROPPED)}
    for each in relations(package):
        if each.kind in (THUMBNAIL, SIGNATURE) and not each.owner:
            dropped.add(each.target)
    return dropped


def _without_comment_boxes(package: Package) -> dict[str, bytes]:
    """The old drawings without the boxes of comments; nothing where there is nothing else."""
    found = {}
    for each in relations(package):
        xml = package.parts.get(each.target, b"")
        if each.external or each.kind != DRAWING or not OF_A_COMMENT.search(xml):
            continue
        shapes = SHAPE.findall(xml)
        others = [shape for shape in shapes if not OF_A_COMMENT.search(shape)]
        kept = SHAPE.sub(lambda s: b"" if OF_A_COMMENT.search(s[0]) else s[0], xml)
        found[each.target] = kept if others else b""
    return found


def _changed(package: Package) -> dict[str, bytes]:
    """The parts that stay, with what is personal in them blanked."""
    found = {}
    for part, before in package.parts.items():
        after = before
        kind = package.kinds.get(part, "").casefold()
        for listed, blanked in ((NAMES_PEOPLE, _blanked), (NAMES_PLACES, _blanked_if_local)):
            for name in chain.from_iterable(n for end, n in listed.items() if kind.endswith(end)):
                after = re.sub(TEXT_OF % name.encode(), blanked, after)
        for element, attribute in NAMED_USERS:
            if f" {attribute}=".encode() in after:
                take = partial(with_attribute, name=attribute, value=None)
                after = with_tags(after, element, take)
        if kind.endswith(BOOK):
            after = PLACE_OF_FILE.sub(b"", ALTERNATIVE.sub(b"", after))
        if part.endswith(".rels"):
            after = with_tags(after, "Relationship", _without_place)
        if after != before:
            found[part] = after
    return found


def _blanked(element: re.Match[bytes]) -> bytes:
    return element[1] + element[4]


def _blanked_if_local(element: re.Match[bytes]) -> bytes:
    """An element without its text, where that is a place: a template's mere name says nothing."""
    is_place = is_local(html.unescape(element[3].decode()))
    return _blanked(element) if is_place else element[0]


def _without_place(tag: bytes) -> bytes:
    """A relation to a file on somebody's machine, as one to a file of that name beside this one."""
    found = attributes(tag)
    target = found.get("Target", "")
    if found.get("TargetMode") != "External" or not is_local(target):
        return tag
    return with_attribute(tag, "Target", file_name(target))
