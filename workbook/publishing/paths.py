"""Where things stand on somebody's machine: recognised in texts, and cut to the name of a file."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from defusedxml import ElementTree

LOCAL = re.compile(
    r"""file:[\\/]+[^\s"'<>|*?]+"""  # as a link to a file is written
    r"""|(?<![A-Za-z0-9/])[A-Za-z]:[\\/](?![\\/])[^\s"'<>|*?]*"""  # a drive of Windows
    r"""|\\\\[A-Za-z0-9][\w.-]*\\[\w$.-][^\s"'<>|*?]*"""  # a share of a server
    r"""|(?<![\w/.:%~-])/(?:home|Users|root|mnt|media|Volumes|tmp|var|private|opt|srv)"""
    r"""/[^\s"'<>|*?]+""",
    re.IGNORECASE,
)
"""A place on a machine, up to a blank: enough to see whose it is."""

LAST = re.compile(r"[^\\/]+")
LONGEST = 100


def local_paths(text: str) -> list[str]:
    """The places on a machine that a text names, each once."""
    return list(dict.fromkeys(found[:LONGEST] for found in LOCAL.findall(text)))


def is_local(target: str) -> bool:
    """Whether a link leads to a place on a machine."""
    return LOCAL.match(target.strip()) is not None


def file_name(target: str) -> str:
    """What a link to a place on a machine is without the place: the name of the file there."""
    path, hash_, place = target.partition("#")
    found = LAST.findall(re.sub(r"(?i)^file:", "", path))
    return (found[-1] if found else "") + hash_ + place


def paths_in_xml(xml: bytes, skipped: str = "") -> Iterator[str]:
    """The places that the texts and attributes of a part name.

    Parameters
    ----------
    skipped : str
        The name of an element whose contents somebody else looks at.
    """
    if not LOCAL.search(html.unescape(xml.decode("utf-8", "replace"))):
        return  # as it is with nearly all parts
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError):  # drawings of old comments are no sound XML
        yield from local_paths(html.unescape(xml.decode("utf-8", "replace")))
        return
    within = {inner for each in root.iter() if _local(each.tag) == skipped for inner in each.iter()}
    texts = [
        text
        for each in root.iter()
        if each not in within
        for text in (*each.attrib.values(), each.text or "", each.tail or "")
    ]
    yield from dict.fromkeys(path for text in texts for path in local_paths(text))


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
