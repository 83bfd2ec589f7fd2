"""Files from outside: what is let in, and how a file is written without ever losing one.

An .xlsx is a zip of XML parts. Everything is checked before any part is interpreted: that
it is such a zip, no macros, no encryption, no bomb, no document type declarations.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from addin.files import reason_of
from pycore.errors import Found, InputError
from workbook.file.macros import VBA_PART, vba_project

LARGEST_FILE = 50_000_000
LARGEST_EXPANDED = 300_000_000
MOST_PARTS = 10_000

CONTENT_TYPES = "[Content_Types].xml"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
XLSX_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
ENCRYPTED_FLAG = 0x1
MACRO_TYPES = (b"macroEnabled", b"vbaProject", b"macrosheet")
XLSM_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
VBA_DEFAULT = b'Extension="bin" ContentType="application/vnd.ms-office.vbaProject"'

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
    """

    entries: tuple[zipfile.ZipInfo, ...]
    parts: Mapping[str, bytes]

    def to_bytes(self, changed: Mapping[str, bytes] | None = None) -> bytes:
        """Give the package as a file, with some parts changed or added.

        Parameters
        ----------
        changed : mapping of str to bytes, optional
            New contents by part; those of new parts stand last.
        """
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


def read_file(path: Path) -> bytes:
    """Read a file, or say in one line why not."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(str(path), "be a file", Found("a folder, a device or a pipe"))
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
        If it is anything but a sound .xlsx without macros.
    """
    if data.startswith(OLE_MAGIC):
        encrypted = ENCRYPTED_STREAM in data
        kind = "encrypted: save it without a password" if encrypted else "an old .xls"
        raise InputError(name, "be an unencrypted .xlsx", Found(kind))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = tuple(archive.infolist())
            _check_entries(name, entries)
            parts = {entry.filename: archive.read(entry) for entry in entries}
    except InputError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError):
        raise InputError(name, "be an .xlsx", Found("no whole zip: truncated or damaged")) from None
    except Exception as error:
        # A damaged stream makes the decompressor raise its own kinds of error.
        raise InputError(name, "be an .xlsx", Found(f"damaged ({type(error).__name__})")) from None
    _check_parts(name, parts)
    _check_ending(name, parts)
    return Package(entries, parts)


def _check_ending(name: str, parts: Mapping[str, bytes]) -> None:
    """Refuse macros behind the name of a file without them, which Excel would not open."""
    if XLSM_TYPE in parts[CONTENT_TYPES] and name.casefold().endswith(".xlsx"):
        raise InputError(name, "end in .xlsm, as a file with macros does", Found(".xlsx"))


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


def _check_parts(name: str, parts: Mapping[str, bytes]) -> None:
    types = parts.get(CONTENT_TYPES)
    if types is None:
        raise InputError(name, "be an .xlsx", Found("another kind of zip"))
    if not _has_our_macros(types, parts):
        _check_kind(name, types, parts)
    for part, content in parts.items():
        if content.lstrip(WHITE_SPACE).startswith(XML_STARTS):
            _check_xml(name, part, content)


def _has_our_macros(types: bytes, parts: Mapping[str, bytes]) -> bool:
    """Whether a file is the .xlsm that we build: xlwings' own VBA project, and no other macro."""
    others = types.replace(XLSM_TYPE, b"", 1).replace(VBA_DEFAULT, b"", 1)
    binary = [part for part in parts if part.casefold().endswith(".bin")]
    if (
        XLSM_TYPE not in types
        or binary != [VBA_PART]
        or any(mark in others for mark in MACRO_TYPES)
    ):
        return False
    return parts[VBA_PART] == vba_project()


def _check_kind(name: str, types: bytes, parts: Mapping[str, bytes]) -> None:
    if any(mark in types for mark in MACRO_TYPES):
        raise InputError(name, "be an .xlsx without macros", Found("macro-enabled"))
    if any(part.casefold().endswith("vbaproject.bin") for part in parts):
        raise InputError(
            name, "be an .xlsx without macros", Found("a file that carries a VBA project")
        )
    if XLSX_TYPE not in types:
        raise InputError(name, "be an .xlsx", Found("another kind of Office file"))


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
