"""Who last worked on a file, as its own properties say."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from defusedxml import ElementTree

from workbook.file.package import Package
from workbook.file.patch import FORBIDDEN

CORE = ".core-properties+xml"
"""How the content type of the part with the properties ends."""

SPACE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"

LONGEST_NAME = 80
NAMED = re.compile(rb"<(\w+):lastModifiedBy\s*(?:/>|>[^<]*</\1:lastModifiedBy\s*>)")
END = re.compile(rb"</(?:(\w+):)?coreProperties\s*>\s*$")


def last_modified_by(package: Package) -> str:
    """The person who saved it last, or else who made it; empty where it does not say."""
    part = _part(package)
    if not part:
        return ""
    try:
        tree = ElementTree.fromstring(package.parts[part])
    except (ElementTree.ParseError, ValueError):  # of defusedxml, where it may expand
        return ""
    names = (tree.findtext(f"{{{SPACE}}}lastModifiedBy"), tree.findtext(CREATOR))
    return next((plain_person(name) for name in names if name and name.strip()), "")


def plain_person(name: str) -> str:
    """A name on one line, without what nobody sees."""
    seen = "".join(each if each.isprintable() else " " for each in name)
    return " ".join(seen.split())[:LONGEST_NAME]


def with_last_modified_by(package: Package, name: str) -> dict[str, bytes]:
    """The part with the properties, with another name in it; none where the file has no such."""
    part = _part(package)
    if not part:
        return {}
    text = escape(FORBIDDEN.sub("", plain_person(name))).encode()
    xml = package.parts[part]
    if found := NAMED.search(xml):
        said = b"<%b:lastModifiedBy>%b</%b:lastModifiedBy>" % (found[1], text, found[1])
        return {part: xml[: found.start()] + said + xml[found.end() :]}
    if not (end := END.search(xml)):
        return {}
    prefix = b"%b:" % end[1] if end[1] else b""
    said = b"<%blastModifiedBy>%b</%blastModifiedBy>" % (prefix, text, prefix)
    return {part: xml[: end.start()] + said + xml[end.start() :]}


def _part(package: Package) -> str:
    kinds = package.kinds
    found = (each for each in package.parts if kinds.get(each, "").casefold().endswith(CORE))
    return next(found, "")
