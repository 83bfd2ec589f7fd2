"""Files from outside: what is let in, and how a file is written without ever losing one.

An .xlsx is a zip of XML parts. Everything is checked before any part is interpreted: that
it is such a zip, no macros where none may be, no encryption, no bomb, no document type
declarations.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.parsers import expat

from addin.files import reason_of
from pycore.errors import Found, InputError
from workbook.file.kinds import RELATIONS, ContentTypes, check_kind
from workbook.file.limits import LARGEST_EXPANDED, LARGEST_FILE, MOST_PARTS

CONTENT_TYPES = "[Content_Types].xml"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
CHAIN, BOOK_RELATIONS = "xl/calcChain.xml", "xl/_rels/workbook.xml.rels"
CHAIN_TAG = re.compile(rb"<(?:Override|Relationship)\b[^<>]*calcChain\.xml[^<>]*/>")
ENCRYPTED_FLAG = 0x1

NOT_READ = ("customXml/", "xl/media/", "xl/model/", "xl/embeddings/", "docProps/thumbnail")
"""Where parts stand that no reader of a workbook opens: they are kept as they are."""

WHITE_SPACE = b" \t\r\n"
XML_STARTS = (b"<", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
XML_ENCODING = re.compile(rb"[\xef\xbb\xbf]*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")


@dataclass(frozen=True)
class Package:
    """The parts of an .xlsx, in the order of the file.

    Parameters
    ----------
    entries : tuple of ZipInfo
        Name, date and attributes of each part.
    parts : mapping of str to bytes
        Their contents.
    kinds : mapping of str to str
        The content type of each part, as the file says.
    """

    entries: tuple[zipfile.ZipInfo, ...]
    parts: Mapping[str, bytes]
    kinds: Mapping[str, str] = field(default_factory=dict)

    def to_bytes(self, changed: Mapping[str, bytes] | None = None) -> bytes:
        """Give the package as a file, with some parts changed or added.

        Parameters
        ----------
        changed : mapping of str to bytes, optional
            New contents by part; those of new parts stand last.

        Raises
        ------
        InputError
            If one of them cannot be read again: such a file is never written.
        """
        for part, content in (changed or {}).items():
            _check_well_formed(part, content)
        contents = {**self.parts, **(changed or {})}
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for entry in self.entries:
                copied = zipfile.ZipInfo(entry.filename, entry.date_time)
                copied.compress_type = entry.compress_type
                copied.external_attr = entry.external_attr
                copied.create_system = entry.create_system
                archive.writestr(copied, contents.pop(entry.filename))
            for part, content in contents.items():
                added = zipfile.ZipInfo(part, self.entries[0].date_time)
                archive.writestr(added, content, zipfile.ZIP_DEFLATED)
        return target.getvalue()

    def for_the_engine(self, changed: Mapping[str, bytes]) -> bytes:
        """The same for a reader in this process: nothing is compressed or checked."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for part, content in {**self.parts, **changed}.items():
                archive.writestr(part, content, zipfile.ZIP_STORED)
        return target.getvalue()

    def without_chain(self) -> Package:
        """The package without the list of its formulas, which spreadsheets make anew."""
        kept = {part: content for part, content in self.parts.items() if part != CHAIN}
        for part in (CONTENT_TYPES, BOOK_RELATIONS):
            if part in kept:
                kept[part] = CHAIN_TAG.sub(b"", kept[part])
        entries = tuple(entry for entry in self.entries if entry.filename != CHAIN)
        return replace(self, entries=entries, parts=kept)


def _check_well_formed(part: str, content: bytes) -> None:
    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError as error:
        found = Found(f"not well-formed XML (line {error.lineno}): nothing was written")
        raise InputError(part, "be a sound part", found) from None


def check_is_file(path: Path) -> None:
    """Refuse what is there and no file."""
    if path.exists() and not path.is_file():
        raise InputError(str(path), "be a file", Found("a folder, a device or a pipe"))


def read_file(path: Path) -> bytes:
    """Read a file, or say in one line why not."""
    try:
        check_is_file(path)
        size = path.stat().st_size
        if size > LARGEST_FILE:
            rule = f"be at most {LARGEST_FILE // 1_000_000} MB"
            raise InputError(str(path), rule, Found(f"{size / 1e6:.0f} MB"))
        return path.read_bytes()
    except OSError as error:
        raise InputError(str(path), "be a file that can be read", reason_of(error)) from None


def open_package(data: bytes, name: str) -> Package:
    """Check a file and take it apart.

    Raises
    ------
    InputError
        If it is anything but a sound .xlsx without macros, or a sound .xlsm.
    """
    if data.startswith(OLE_MAGIC):
        encrypted = ENCRYPTED_STREAM in data
        kind = "encrypted: save it without a password" if encrypted else "an old .xls"
        raise InputError(name, "be an unencrypted .xlsx", Found(kind))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = tuple(archive.infolist())
            _check_entries(name, entries)
            contents = {entry.filename: archive.read(entry) for entry in entries}
    except InputError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError):
        raise InputError(name, "be an .xlsx", Found("no whole zip: truncated or damaged")) from None
    except Exception as error:
        # A damaged stream makes the decompressor raise its own kinds of error.
        raise InputError(name, "be an .xlsx", Found(f"damaged ({type(error).__name__})")) from None
    types = _content_types(name, contents)
    entries, parts = _with_plain_names(name, entries, contents, types)
    for part, content in parts.items():
        if is_read(part) and content.lstrip(WHITE_SPACE).startswith(XML_STARTS):
            _check_xml(name, part, content)
    found = types.of(parts)
    check_kind(name, found, parts)
    for part, kind in found.items():
        if not is_read(part) and "spreadsheetml" in kind and kind.endswith("+xml"):
            raise InputError(f"{name}: {part}", "stand elsewhere", Found("a part of the workbook"))
    return Package(entries, parts, found)


def is_read(part: str) -> bool:
    """Whether a reader of a workbook opens a part as XML; relations, wherever they stand."""
    name = part.casefold()
    return name.endswith(".rels") or not (part.startswith(NOT_READ) or name.endswith(".bin"))


def _content_types(name: str, contents: Mapping[str, bytes]) -> ContentTypes:
    """What the parts of a file are, by the one part that every package has."""
    found = (each for part, each in contents.items() if part.casefold() == CONTENT_TYPES.casefold())
    listed = next(found, None)
    if listed is None:
        raise InputError(name, "be an .xlsx", Found("another kind of zip"))
    _check_xml(name, CONTENT_TYPES, listed)
    try:
        return ContentTypes.read(listed)
    except Exception as error:
        raise InputError(name, "be an .xlsx", Found(f"damaged ({type(error).__name__})")) from None


def _with_plain_names(
    name: str,
    entries: tuple[zipfile.ZipInfo, ...],
    contents: Mapping[str, bytes],
    types: ContentTypes,
) -> tuple[tuple[zipfile.ZipInfo, ...], dict[str, bytes]]:
    """Call each part as the list of content types does: some programs write names otherwise."""
    slashed = {each: each.replace("\\", "/") for each in contents}
    known = [CONTENT_TYPES, RELATIONS, *types.single, *map(_relations_of, types.single)]
    plain = {each.casefold(): each for each in known}
    names = {each: plain.get(s.casefold(), s) for each, s in slashed.items()}
    if len({each.casefold() for each in names.values()}) < len(names):
        raise InputError(name, "have each part once", Found("one under two names"))
    for entry in entries:
        entry.filename = names[entry.filename]
    return entries, {names[each]: content for each, content in contents.items()}


def _relations_of(part: str) -> str:
    folder, _, file = part.rpartition("/")
    return f"{folder}/_rels/{file}.rels"


def _check_entries(name: str, entries: tuple[zipfile.ZipInfo, ...]) -> None:
    if len(entries) > MOST_PARTS:
        raise InputError(name, f"have at most {MOST_PARTS:,} parts", len(entries))
    expanded = sum(entry.file_size for entry in entries)
    if expanded > LARGEST_EXPANDED:
        rule = f"expand to at most {LARGEST_EXPANDED // 1_000_000} MB"
        raise InputError(name, rule, Found(f"{expanded / 1e6:.0f} MB"))
    if any(entry.flag_bits & ENCRYPTED_FLAG for entry in entries):
        raise InputError(name, "be unencrypted", Found("a zip with a password"))
    seen: set[str] = set()
    for entry in entries:
        folded = entry.filename.casefold()
        if folded in seen:
            raise InputError(name, "have each part once", Found(f"doubled: {entry.filename}"))
        seen.add(folded)


def _check_xml(name: str, part: str, content: bytes) -> None:
    """Refuse what could make an XML reader expand or fetch something."""
    declared = XML_ENCODING.match(content)
    try:
        content.decode("utf-8")
        is_utf8 = declared is None or declared.group(1).lower() in (b"utf-8", b"us-ascii")
    except UnicodeDecodeError:
        is_utf8 = False
    if not is_utf8:
        raise InputError(f"{name}: {part}", "be UTF-8", Found("another encoding, or damaged"))
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        rule = "hold no document type declaration"
        raise InputError(f"{name}: {part}", rule, Found("one that holds it"))
