"""How the parts of a package refer to each other, and a package without some of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from xml.sax.saxutils import escape, unescape

from defusedxml import ElementTree

from workbook.file.kinds import RELATIONSHIP, resolved
from workbook.file.package import CONTENT_TYPES, Package

TAG = rb"<((?:[\w.-]+:)?%s)(?=[\s/>])((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>"
"""A tag of some name, with any prefix."""

ATTRIBUTE = re.compile(rb"\s((?:[\w.-]+:)?([\w.-]+))\s*=\s*(\"[^\"]*\"|'[^']*')")
ENTITIES = {"&quot;": '"', "&apos;": "'"}

RELATIONS = ".rels"
NAMES_ITS_RELATION = ("legacyDrawing", "pageSetup")
"""The elements that name by its id a relation which :func:`without` may take away."""


@dataclass(frozen=True)
class Relation:
    """A relation of a part to another, or to something outside.

    Parameters
    ----------
    owner, part : str
        The part that refers (empty for the package), and the one in which that is written.
    kind : str
        The last word of its type, such as "hyperlink".
    target : str
        The part, or what it is outside.
    """

    owner: str
    part: str
    id: str
    kind: str
    target: str
    external: bool


def relations(package: Package) -> list[Relation]:
    """All that the file says; the XML parser raises where it is damaged."""
    return [each for part in package.parts for each in _of(package, part)]


def _of(package: Package, part: str) -> Iterator[Relation]:
    folder, name = posixpath.split(part)
    if not name.endswith(RELATIONS) or posixpath.basename(folder) != "_rels":
        return
    home = posixpath.dirname(folder)
    owner = posixpath.join(home, name.removesuffix(RELATIONS))
    for each in ElementTree.fromstring(package.parts[part]).iter(RELATIONSHIP):
        target, external = each.get("Target", ""), each.get("TargetMode") == "External"
        yield Relation(
            owner,
            part,
            each.get("Id", ""),
            each.get("Type", "").rpartition("/")[2],
            target if external else resolved(home, target.partition("#")[0]),
            external,
        )


def attributes(tag: bytes) -> dict[str, str]:
    """The attributes of a tag, by their names without a prefix."""
    return {
        name.decode(): unescape(value[1:-1].decode(), ENTITIES)
        for _, name, value in ATTRIBUTE.findall(tag)
    }


def with_tags(xml: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """XML in which each tag of a name is what a function makes of it; all else stays as it is."""
    return re.sub(TAG % name.encode(), lambda found: change(found[0]), xml)


def with_attribute(tag: bytes, name: str, value: str | None) -> bytes:
    """A tag with another value of an attribute, or without that attribute."""

    def changed(found: re.Match[bytes]) -> bytes:
        if found[2].decode() != name:
            return found[0]
        if value is None:
            return b""
        written = escape(value, {'"': "&quot;"})
        return b" " + found[1] + b'="' + written.encode() + b'"'

    return ATTRIBUTE.sub(changed, tag)


def without(package: Package, dropped: Collection[str]) -> Package:
    """A package without some parts, without what only they lead to, and without what names them."""
    kept_before = _reached(package, frozenset())
    gone = set(dropped) | (kept_before - _reached(package, frozenset(dropped)))
    gone |= {part for part in package.parts if _owner(part) in gone and part.endswith(RELATIONS)}
    lost: dict[str, set[str]] = {}
    parts = {part: content for part, content in package.parts.items() if part not in gone}
    for each in relations(package):
        if not each.external and each.target in gone and each.part in parts:
            lost.setdefault(each.part, set()).add(each.id)
            if each.owner in parts:
                parts[each.owner] = _without_id(parts[each.owner], each.id)
    for part, ids in lost.items():
        parts[part] = _without_relations(parts[part], ids)
        if not re.search(TAG % b"Relationship", parts[part]):
            gone.add(part)
            del parts[part]
    parts[CONTENT_TYPES] = _without_types(parts[CONTENT_TYPES], gone)
    return replace(
        package,
        entries=tuple(entry for entry in package.entries if entry.filename in parts),
        parts=parts,
        kinds={part: kind for part, kind in package.kinds.items() if part in parts},
    )


def _reached(package: Package, dropped: Collection[str]) -> set[str]:
    """The parts to which relations lead from the package itself, past none that is dropped."""
    found: set[str] = set()
    targets: dict[str, list[str]] = {}
    for each in relations(package):
        if not each.external and each.target in package.parts and each.target not in dropped:
            targets.setdefault(each.owner, []).append(each.target)
    waiting = [""]
    while waiting:
        for target in targets.get(waiting.pop(), []):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def _owner(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(posixpath.dirname(folder), name.removesuffix(RELATIONS))


def _without_id(xml: bytes, gone: str) -> bytes:
    """A part's XML without the element, or the attribute, that names a relation."""

    def changed(name: str, tag: bytes) -> bytes:
        if attributes(tag).get("id") != gone:
            return tag
        # The settings of a page hold without those of a printer; a drawing is its relation.
        return with_attribute(tag, "id", None) if name == "pageSetup" else b""

    for name in NAMES_ITS_RELATION:
        xml = with_tags(xml, name, partial(changed, name))
    return xml


def _without_relations(xml: bytes, ids: Collection[str]) -> bytes:
    return _without_elements(xml, "Relationship", lambda tag: attributes(tag).get("Id") in ids)


def _without_types(xml: bytes, gone: Collection[str]) -> bytes:
    names = {part.casefold() for part in gone}

    def is_gone(tag: bytes) -> bool:
        return attributes(tag).get("PartName", "").lstrip("/").casefold() in names

    return _without_elements(xml, "Override", is_gone)


def _without_elements(xml: bytes, name: str, is_gone: Callable[[bytes], bool]) -> bytes:
    """XML without the childless elements of a name that are gone."""
    element = re.compile(TAG % name.encode() + rb"(?<!/>)\s*</\1\s*>|" + TAG % name.encode())
    return element.sub(lambda found: b"" if is_gone(found[0]) else found[0], xml)


def with_parts(package: Package, changed: Mapping[str, bytes]) -> Package:
    """A package with other contents of some of its parts."""
    return replace(package, parts={**package.parts, **changed})
