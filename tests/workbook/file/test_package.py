"""Files from outside: what is let in, and how a file is written without ever losing one."""

from __future__ import annotations

import codecs
import io
import os
import re
import signal
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from addin.files import write_atomically
from pycore import InputError
from workbook import read
from workbook.file import package
from workbook.file.package import open_package, read_file
from workbook.file.write import write
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.show import answers, contents

ROOT = Path(__file__).resolve().parents[3]

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]

COMMANDS = (("show", "--json"), ("recalc",), ("set", "marginal_cost=23000"))
SHEET = "xl/worksheets/sheet2.xml"
WORKINGS = f"xl/worksheets/sheet{len(sheets())}.xml"


def refused_by_all(refused: Refused, path: Path, data: bytes, *said: str) -> None:
    """Every command refuses it in one line that says so, and leaves it as it is."""
    path.write_bytes(data)
    for command, *words in COMMANDS:
        line = refused(command, path, *words)
        for text in said:
            assert text.casefold() in line.casefold(), line


# What is no .xlsx


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        b"%PDF-1.7\n",
        b"id,value\nmarginal_cost,30000\n",
        b"PK\x03\x04" + bytes(100),
        b"PK\x05\x06" + bytes(18),
        b"<html></html>",
        bytes(range(256)) * 40,
    ],
)
def test_no_zip(file: Path, refused: Refused, data: bytes) -> None:
    refused_by_all(refused, file, data, ".xlsx")


def zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_other_zips(file: Path, refused: Refused) -> None:
    refused_by_all(refused, file, zipped({"readme.txt": b"hello"}), ".xlsx")
    word = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = b'<Types><Override PartName="/word/document.xml" ContentType="' + word + b'"/></Types>'
    refused_by_all(refused, file, zipped({"[Content_Types].xml": types}), ".xlsx")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def test_an_old_xls(file: Path, refused: Refused) -> None:
    refused_by_all(refused, file, OLE + bytes(2000) + "Workbook".encode("utf-16-le"), ".xls")


def test_an_encrypted_workbook(file: Path, refused: Refused) -> None:
    streams = (
        "EncryptionInfo".encode("utf-16-le") + bytes(40) + "EncryptedPackage".encode("utf-16-le")
    )
    refused_by_all(refused, file, OLE + bytes(2000) + streams, "encrypted", "password")


def test_a_zip_with_a_password(file: Path, built: bytes, refused: Refused) -> None:
    data = bytearray(built)
    with zipfile.ZipFile(io.BytesIO(built)) as archive:
        locals_at = [entry.header_offset for entry in archive.infolist()]
        directory = archive.start_dir
    for at in locals_at:
        data[at + 6] |= 1
    while data[directory : directory + 4] == b"PK\x01\x02":
        data[directory + 8] |= 1
        lengths = struct.unpack_from("<HHH", data, directory + 28)
        directory += 46 + sum(lengths)
    refused_by_all(refused, file, bytes(data), "password")


# Macros


def test_a_macro_enabled_content_type(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes]
) -> None:
    types = open_package(built, "built").parts["[Content_Types].xml"]
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    enabled = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    assert plain in types
    changed = {"[Content_Types].xml": types.replace(plain, enabled)}
    refused_by_all(refused, file, edited(built, changed), "macro")


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macros/vbaProject.bin"]
)
def test_a_vba_project(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes], part: str
) -> None:
    refused_by_all(refused, file, edited(built, {part: b"\xcc\x61"}), "macro")


@pytest.mark.parametrize("part", ["xl/macrosheets/sheet1.xml", "xl/macroSheets/intlsheet1.xml"])
def test_an_excel_4_macro_sheet(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes], part: str
) -> None:
    types = open_package(built, "built").parts["[Content_Types].xml"]
    override = (
        f'<Override PartName="/{part}" '
        'ContentType="application/vnd.ms-excel.macrosheet+xml"/></Types>'
    )
    changed = {
        part: b"<macrosheet/>",
        "[Content_Types].xml": types.replace(b"</Types>", override.encode()),
    }
    refused_by_all(refused, file, edited(built, changed), "macro")


def test_an_ending_that_no_part_has_is_no_macro(
    file: Path, built: bytes, run: Run, edited: Callable[..., bytes]
) -> None:
    types = open_package(built, "built").parts["[Content_Types].xml"]
    unused = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    changed = types.replace(b"</Types>", unused + b"</Types>")
    file.write_bytes(edited(built, {"[Content_Types].xml": changed}))
    assert run("recalc", file)[::2] == (0, "")


def test_a_content_type_is_read_as_xml(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes]
) -> None:
    types = open_package(built, "built").parts["[Content_Types].xml"]
    hidden = (
        b'<Override PartName="/xl/x.dat" ContentType="application/vnd.ms-office.vba&#80;roject"/>'
    )
    changed = {
        "xl/x.dat": b"\xcc\x61",
        "[Content_Types].xml": types.replace(b"</Types>", hidden + b"</Types>"),
    }
    refused_by_all(refused, file, edited(built, changed), "macro")


# What other programs put in, or write otherwise


def test_parts_that_nobody_reads_are_kept(
    file: Path, built: bytes, run: Run, edited: Callable[..., bytes]
) -> None:
    others = {
        "customXml/item1.xml": "<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16"),
        "xl/media/image1.svg": b'<?xml version="1.0"?><!DOCTYPE svg><svg/>',
        "xl/model/item.data": b"\xff\xfe\0\1\2",
        "xl/printerSettings/printerSettings9.bin": b"<\xff\0\1",
    }
    file.write_bytes(edited(built, others))
    assert run("recalc", file)[::2] == (0, "")
    assert others.items() <= open_package(file.read_bytes(), "file").parts.items()


def test_no_sheet_stands_among_them(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes]
) -> None:
    content = open_package(built, "built").parts[SHEET]
    data = moved_sheet(built, edited, "xl/media/sheet2.xml", content)
    refused_by_all(refused, file, data, "stand elsewhere")


@pytest.mark.parametrize(
    "written",
    [
        lambda name: name.replace("/", "\\"),
        lambda name: name.replace("xl/worksheets", "XL/WorkSheets"),
        str.upper,
    ],
    ids=["backslashes", "some capitals", "capitals"],
)
def test_part_names_that_are_written_otherwise(
    file: Path, built: bytes, run: Run, written: Callable[[str], str]
) -> None:
    parts = open_package(built, "built").parts
    file.write_bytes(zipped({written(name): content for name, content in parts.items()}))
    assert run("recalc", file)[::2] == (0, "")
    assert open_package(file.read_bytes(), "file").parts == parts


def test_one_part_under_two_names(file: Path, built: bytes, refused: Refused) -> None:
    parts = dict(open_package(built, "built").parts)
    parts["xl\\styles.xml"] = parts["xl/styles.xml"]
    refused_by_all(refused, file, zipped(parts), "each part once")


def test_a_strict_file_is_told_how_to_be_saved(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes]
) -> None:
    relations = open_package(built, "built").parts["_rels/.rels"]
    strict = relations.replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument",
    )
    assert strict != relations
    data = edited(built, {"_rels/.rels": strict})
    refused_by_all(refused, file, data, "be saved as Excel Workbook", "Strict")


def test_a_sheet_with_an_apostrophe(
    file: Path, built: bytes, run: Run, edited: Callable[..., bytes]
) -> None:
    xml = open_package(built, "built").parts["xl/workbook.xml"].decode()
    xml = xml.replace('name="Assumptions"', 'name="Ann\'s inputs"')
    xml = xml.replace(">Assumptions!", ">'Ann''s inputs'!")
    file.write_bytes(edited(built, {"xl/workbook.xml": xml.encode()}))
    assert run("set", file, "marginal_cost=24000")[::2] == (0, "")
    assert read_book(file.read_bytes(), "file").places["marginal_cost"].sheet == "Ann's inputs"


@pytest.mark.parametrize("left", ["", "#REF!$A$1"])
def test_a_deleted_sheet_is_named(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes], left: str
) -> None:
    xml = open_package(built, "built").parts["xl/workbook.xml"].decode()
    xml = re.sub(r'<sheet name="Scenarios"[^>]*/>', "", xml)
    named = r"(<definedName [^>]*>)Scenarios![^<]*(</definedName>)"
    xml = re.sub(named, rf"\g<1>{left}\g<2>" if left else "", xml)
    data = edited(built, {"xl/workbook.xml": xml.encode()})
    refused_by_all(refused, file, data, "the sheet Scenarios must be in the file")


# Limits


def test_what_expands_too_far(
    file: Path, built: bytes, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "LARGEST_EXPANDED", 100_000)
    refused_by_all(refused, file, built, "expand to at most")


def test_what_declares_that_it_expands_too_far(file: Path, built: bytes, refused: Refused) -> None:
    data = bytearray(built)
    with zipfile.ZipFile(io.BytesIO(built)) as archive:
        directory = archive.start_dir
    struct.pack_into("<L", data, directory + 24, 0xF0000000)
    refused_by_all(refused, file, bytes(data), "expand to at most 300 MB", "MB")


def test_what_declares_less_than_it_expands_to(file: Path, built: bytes, refused: Refused) -> None:
    data = bytearray(built)
    with zipfile.ZipFile(io.BytesIO(built)) as archive:
        directory = archive.start_dir
    struct.pack_into("<L", data, directory + 24, 10)
    refused_by_all(refused, file, bytes(data), ".xlsx")


def test_too_many_parts(
    file: Path, built: bytes, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "MOST_PARTS", 10)
    refused_by_all(refused, file, built, "at most 10 parts")


def test_too_many_cells(file: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_CELLS", 1_000)
    rule = " must have at most 1,000 cells and rows, blank ones too, but is "
    assert refused("show", file).startswith(f"{file}{rule}")


def test_too_large(
    file: Path, built: bytes, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "LARGEST_FILE", 10_000)
    refused_by_all(refused, file, built, "at most")


def test_a_large_sparse_file_is_not_read(file: Path) -> None:
    with file.open("r+b") as handle:
        handle.truncate(10**12)
    with pytest.raises(InputError, match="be at most 50 MB"):
        read_file(file)


@pytest.mark.parametrize("twin", [SHEET, SHEET.upper()])
def test_doubled_parts(file: Path, built: bytes, refused: Refused, twin: str) -> None:
    target = io.BytesIO(built)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(target, "a") as archive:
            archive.writestr(twin, open_package(built, "built").parts[SHEET])
    refused_by_all(refused, file, target.getvalue(), "once", twin)


# What is in the parts

BILLION = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "part",
    [
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "[Content_Types].xml",
        SHEET,
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "docProps/core.xml",
        "xl/charts/chart1.xml",
    ],
)
def test_a_document_type_declaration(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes], part: str
) -> None:
    content = open_package(built, "built").parts[part]
    head, end, rest = content.partition(b"?>")
    data = edited(built, {part: head + end + BILLION + rest})
    refused_by_all(refused, file, data, part, "document type")


def moved_sheet(built: bytes, edited: Callable[..., bytes], to: str, content: bytes) -> bytes:
    """The Cost sheet's part under another name, which no rule of the format forbids."""
    parts = open_package(built, "built").parts
    types = parts["[Content_Types].xml"].replace(SHEET.encode(), to.encode())
    relations = parts["xl/_rels/workbook.xml.rels"]
    relations = relations.replace(b"worksheets/sheet2.xml", to.removeprefix("xl/").encode())
    rels = "xl/worksheets/_rels/sheet2.xml.rels"
    folder, _, name = to.rpartition("/")
    return edited(
        built,
        {
            SHEET: None,
            rels: None,
            f"{folder}/_rels/{name}.rels": parts[rels],
            to: content,
            "[Content_Types].xml": types,
            "xl/_rels/workbook.xml.rels": relations,
        },
    )


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8, codecs.BOM_UTF8 + b" \n"])
@pytest.mark.parametrize("to", ["xl/worksheets/cost.dat", "xl/worksheets/sheet2.XML"])
def test_a_document_type_declaration_under_another_ending(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes], to: str, mark: bytes
) -> None:
    content = mark.strip() + open_package(built, "built").parts[SHEET]
    file.write_bytes(moved_sheet(built, edited, to, content))
    assert read_book(file.read_bytes(), "moved").sheet_of("cost_multiple").part == to
    head, end, rest = content.partition(b"?>")
    if mark == mark.strip():
        data = moved_sheet(built, edited, to, head + end + BILLION + rest)
    else:  # without a declaration before it
        data = moved_sheet(built, edited, to, mark + BILLION + rest)
    refused_by_all(refused, file, data, "document type")


def test_another_encoding(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes]
) -> None:
    xml = open_package(built, "built").parts[SHEET].decode()
    utf16 = xml.replace("UTF-8", "UTF-16").encode("utf-16")
    refused_by_all(refused, file, edited(built, {SHEET: utf16}), SHEET, "UTF-8")
    latin = xml.replace("UTF-8", "ISO-8859-1").replace("<sheetData>", "<!-- \xe9 --><sheetData>")
    data = edited(built, {SHEET: latin.encode("latin-1")})
    refused_by_all(refused, file, data, SHEET, "UTF-8")


def test_another_encoding_declared_over_plain_letters(
    file: Path,
    built: bytes,
    run: Run,
    edited: Callable[..., bytes],
    add_sheet: Callable[..., bytes],
) -> None:
    # Its bytes are UTF-8, its declaration says otherwise: text put in must be read back.
    rows = '<row r="1"><c r="A1"><f>UNICHAR(233)&amp;"t"&amp;UNICHAR(233)</f><v>0</v></c></row>'
    data = add_sheet(built, rows)
    part = "xl/worksheets/sheet9.xml"
    xml = open_package(data, "own").parts[part].replace(b"UTF-8", b"ISO-8859-1")
    file.write_bytes(edited(data, {part: xml}))
    status, _, _ = run("recalc", file)
    if status == 0:
        book = openpyxl.load_workbook(file, data_only=True)
        assert book["Mine"]["A1"].value == "\xe9t\xe9"


@pytest.mark.parametrize(
    "part",
    ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels", "[Content_Types].xml", SHEET],
)
def test_a_missing_part(
    file: Path, built: bytes, refused: Refused, edited: Callable[..., bytes], part: str
) -> None:
    refused_by_all(refused, file, edited(built, {part: None}))


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/sharedStrings.xml", "xl/charts/chart1.xml"])
@pytest.mark.parametrize("content", [None, b"<a", b"", b"<a/>"])
def test_other_parts_missing_or_malformed_are_no_traceback(
    file: Path,
    built: bytes,
    run: Run,
    edited: Callable[..., bytes],
    part: str,
    content: bytes | None,
) -> None:
    data = edited(built, {part: content})
    for command, *words in COMMANDS:
        file.write_bytes(data)
        status, out, err = run(command, file, *words)
        assert status in (0, 2)
        if status == 2:
            assert out == ""
            assert err.count("\n") == 1
            assert file.read_bytes() == data


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels", SHEET]
)
@pytest.mark.parametrize("content", [b"", b"<a", b"<a/>", b"<a><b></a></b>", b"\x00\x00", b"text"])
def test_malformed_xml(
    file: Path,
    built: bytes,
    refused: Refused,
    edited: Callable[..., bytes],
    part: str,
    content: bytes,
) -> None:
    if (part, content) == (SHEET, b"<a/>"):
        file.write_bytes(edited(built, {part: content}))
        refused("recalc", file)  # an empty sheet can be shown, and holds no answers
        return
    refused_by_all(refused, file, edited(built, {part: content}))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<c ", '<c r="B6"><v>5</v></c><c ', "B6 twice"),
        ('<c r="A1" ', '<c r="" ', "a cell at "),
        ("</sheetData>", "", "well-formed"),
        ("<f>", "<f", "well-formed"),
        ("cell", 'r="banana"', ""),
        ("cell", 'r="ZZZZ99"', ""),
        ("cell", 'r="H0"', ""),
        ("ref", 'ref="A1:XFD1048576"', ""),
        ("ref", 'ref="banana"', ""),
        ("ref", 'ref="I2:H2"', ""),
    ],
)
def test_an_unsound_sheet(
    file: Path,
    built: bytes,
    run: Run,
    refused: Refused,
    edited: Callable[..., bytes],
    old: str,
    new: str,
    said: str,
) -> None:
    part = WORKINGS if old in ("cell", "ref") else SHEET
    xml = open_package(built, "built").parts[part].decode()
    array = re.search(r'<c (?P<cell>r="\w+")[^>]*><f t="array" (?P<ref>ref="\w+:\w+")', xml)
    old = array[old] if array and part == WORKINGS else old
    assert old in xml
    file.write_bytes(edited(built, {part: xml.replace(old, new, 1).encode()}))
    line = refused("recalc", file)
    assert said in line
    if said:
        assert SHEET in line
        assert refused("show", file) == line
    assert run("show", file)[0] in (0, 2)


def test_a_cell_that_holds_itself(
    file: Path, built: bytes, run: Run, add_sheet: Callable[..., bytes]
) -> None:
    rows = '<row r="1"><c r="A1"><f>A1+1</f><v>7</v></c><c r="B1"><f>2*21</f><v>0</v></c></row>'
    file.write_bytes(add_sheet(built, rows))
    status, _, err = run("recalc", file)
    assert status in (0, 2)
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["two\nlines.xlsx", "red\x1b[31m.xlsx", "\u202etxt.xlsx"])
def test_a_name_of_several_lines_is_told_in_one(
    tmp_path: Path, refused: Refused, name: str
) -> None:
    line = refused("show", tmp_path / name)
    assert name.encode("unicode_escape").decode() in line


# Damage, at random

QUIET = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
)


@cache
def first() -> bytes:
    """A built file; no fixture, because Hypothesis would print all of it."""
    few: dict[str, float | str] = {"replicates": 20, "simulation_draws": 256}
    return recalculate(write(sheets()), "built", few).data


@QUIET
@given(share=st.floats(0, 1, exclude_max=True))
def test_truncated(share: float) -> None:
    with pytest.raises(InputError, match="xlsx"):
        read_book(first()[: int(share * len(first()))], "short.xlsx")


@QUIET
@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1)
)
def test_flipped_bytes(flips: list[tuple[float, int]]) -> None:
    data = bytearray(first())
    for share, bits in flips:
        data[int(share * len(data))] ^= bits
    try:
        done = recalculate(bytes(data), "flipped.xlsx")
    except InputError:
        return
    contents(read_book(done.data, "flipped.xlsx"))


@settings(QUIET, max_examples=8, phases=(Phase.generate,))
@given(seed=st.integers(0, 2**32))
def test_flipped_bytes_inside_a_part(seed: int) -> None:
    # The zip is sound, so the damage reaches whoever reads the part.
    random = Random(seed)
    parts = dict(open_package(first(), "built").parts)
    part = random.choice(sorted(parts))
    content = bytearray(parts[part])
    for _ in range(random.randint(1, 3)):
        content[random.randrange(len(content))] = random.randint(32, 126)
    parts[part] = bytes(content)
    hurt = zipped(parts)
    try:
        contents(read_book(hurt, "flipped.xlsx"))
        done = recalculate(hurt, "flipped.xlsx")
        answers(read_book(done.data, "flipped.xlsx"))
    except InputError:
        return


# Reading and writing files


def test_a_missing_file(tmp_path: Path, refused: Refused) -> None:
    for command, *words in COMMANDS:
        line = refused(command, tmp_path / "none.xlsx", *words)
        assert "none.xlsx must be a file that can be read, but is no such file" in line


def test_a_folder_as_the_file(tmp_path: Path, refused: Refused) -> None:
    for command, *words in COMMANDS:
        assert "folder" in refused(command, tmp_path, *words)
    assert "folder" in refused("build", tmp_path)


def test_a_file_below_a_file(file: Path, built: bytes, run: Run, refused: Refused) -> None:
    below = file / "deeper" / "book.xlsx"
    refused("show", below)
    assert str(file) in refused("build", below)
    status, out, err = run("recalc", file, "-o", below)
    assert (status, out) == (2, "")
    assert str(below) in err
    assert file.read_bytes() == built


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_folder_that_cannot_be_written_to(file: Path, built: bytes, run: Run) -> None:
    for words in (("recalc", file, "-o", "/proc/book.xlsx"), ("build", "/proc/book.xlsx")):
        status, out, err = run(*words)
        assert (status, out) == (2, "")
        assert err.startswith("/proc/book.xlsx must be a file that can be written")
        assert err.count("\n") == 1
    assert file.read_bytes() == built


def test_a_full_disk(file: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    line = refused("set", file, "marginal_cost=23000")
    assert "no space left on device" in line


def test_a_pipe_as_the_file_does_not_hang(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.xlsx"
    os.mkfifo(pipe)
    done = subprocess.run(
        [sys.executable, "-m", "workbook", "show", pipe],
        cwd=ROOT,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 2


@pytest.mark.parametrize("where", ["Path.replace", "os.fdopen"])
def test_a_kill_in_the_middle_of_a_write(file: Path, built: bytes, where: str) -> None:
    script = (
        "import os, shutil, signal, sys; from pathlib import Path\n"
        "from workbook.__main__ import main\n"
        "def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{where} = die\n"
        "main(['set', sys.argv[1], 'marginal_cost=23000'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, file],
        cwd=ROOT,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert file.read_bytes() == built
    write_atomically(file, built)
    assert list(file.parent.iterdir()) == [file]


def test_permissions_are_kept(file: Path, run: Run) -> None:
    file.chmod(0o640)
    assert run("set", file, "marginal_cost=23000")[0] == 0
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_new_file_gets_the_usual_permissions(tmp_path: Path) -> None:
    former = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new", b"new")
    finally:
        assert os.umask(former) == 0o027
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(file: Path, tmp_path: Path, built: bytes, run: Run) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = folder / "link.xlsx"
    link.symlink_to(file)
    assert run("set", link, "marginal_cost=23000")[0] == 0
    assert link.is_symlink()
    assert file.read_bytes() != built
    assert sorted(folder.iterdir()) == [link]


def test_nothing_is_left_beside_the_file(file: Path, run: Run) -> None:
    assert run("set", file, "marginal_cost=23000")[0] == 0
    assert run("recalc", file)[0] == 0
    assert list(file.parent.iterdir()) == [file]


def test_a_name_that_is_not_ascii(tmp_path: Path, built: bytes, run: Run) -> None:
    path = tmp_path / "Büch für März.xlsx"
    path.write_bytes(built)
    assert run("recalc", path)[0] == 0
    path.write_bytes(b"no")
    status, _, err = run("recalc", path)
    assert status == 2
    assert "Büch für März.xlsx" in err


def test_what_is_not_well_formed_is_never_written(built: bytes) -> None:
    with pytest.raises(InputError, match=f"{SHEET} must be a sound part, but is not well-formed"):
        open_package(built, "built").to_bytes({SHEET: b"<worksheet>\x1c</worksheet>"})


def test_a_package_comes_back_as_it_was(
    built: bytes, parts_of: Callable[[bytes], dict[str, bytes]]
) -> None:
    again = open_package(built, "built").to_bytes()
    assert list(parts_of(again)) == list(parts_of(built))
    assert parts_of(again) == parts_of(built)
