"""What a file holds besides ours that some program runs: named, kept, and never run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pycore.errors import InputError
from workbook.besides import besides
from workbook.file.package import open_package
from workbook.file.webextension import EXTENSION
from workbook.file.write import write
from workbook.hosts import DESKTOP, LITE
from workbook.read import read_book

Edited = Callable[..., bytes]
BOOK = "xl/_rels/workbook.xml.rels"


@pytest.fixture(scope="module")
def lite() -> bytes:
    return write(LITE.sheets(), LITE)


@pytest.fixture(scope="module")
def desktop() -> bytes:
    return write(DESKTOP.sheets(), DESKTOP)


def said(data: bytes) -> tuple[str, ...]:
    book = read_book(data, "file.xlsm")
    return besides(book, book.cell)


def replaced(data: bytes, edited: Edited, part: str, old: str, new: str) -> bytes:
    xml = open_package(data, "built").parts[part].decode()
    assert old in xml
    return edited(data, {part: xml.replace(old, new, 1).encode()})


def test_of_our_own_nothing_is_said(lite: bytes, desktop: bytes, built: bytes) -> None:
    assert said(lite) == said(desktop) == said(built) == ()


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("value=&quot;".replace("&quot;", '"&quot;'), 'value="&quot;import os\\n', "main.py"),
        ('name="main.py"', 'name="other.py"', "other.py"),
        ("numpy\\n", "numpy\\nleftpad\\n", "requirements.txt"),
    ],
)
def test_python_of_another(lite: bytes, edited: Edited, old: str, new: str, name: str) -> None:
    (note,) = said(replaced(lite, edited, EXTENSION, old, new))
    assert note.startswith(f"{EXTENSION} holds a {name} that is not this version's")


def test_python_under_another_parts_name(lite: bytes, edited: Edited) -> None:
    """An add-in finds its part by type and relation, whatever it is called."""
    parts = open_package(lite, "built").parts
    hidden = parts[EXTENSION].replace(b'value="&quot;', b'value="&quot;import os\\n', 1)
    types = parts["[Content_Types].xml"].replace(
        EXTENSION.encode(),
        b"xl/media/&#105;mage9.xml",  # the letter i
    )
    moved = {EXTENSION: None, "xl/media/image9.xml": hidden, "[Content_Types].xml": types}
    (note,) = said(edited(lite, moved))
    assert note.startswith("xl/media/image9.xml holds a main.py")


def test_settings_of_xlwings_that_are_not_ours(
    desktop: bytes, edited: Edited, add_sheet: Callable[..., bytes], built: bytes
) -> None:
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Interpreter_Win</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>C:\\odd\\python.exe</t></is></c></row>'
        '<row r="3"><c r="A3" t="inlineStr"><is><t>UDF MODULES</t></is></c>'
        '<c r="B3" t="inlineStr"><is><t>addin.desktop</t></is></c></row>'
    )
    (note,) = said(add_sheet(built, rows, name="XLWINGS.conf"))
    assert note.startswith("XLWINGS.conf!B1 sets Interpreter_Win to 'C:\\\\odd\\\\python.exe'")
    (note,) = said(replaced(desktop, edited, "xl/sharedStrings.xml", "addin.desktop", "other"))
    assert note.startswith("xlwings.conf!B3 sets UDF Modules to 'other'")


def test_macros_by_whatever_name(built: bytes, edited: Edited) -> None:
    """Excel finds a VBA project by its relation alone."""
    relation = (
        '<Relationship Id="rIdOdd" Target="media/image1.dat" '
        'Type="http://schemas.microsoft.com/office/2006/relationships/vba&#80;roject"/>'
        "</Relationships>"
    )
    odd = replaced(built, edited, BOOK, "</Relationships>", relation)
    odd = edited(odd, {"xl/media/image1.dat": b"\xcc\x61"})
    with pytest.raises(InputError, match="without macros"):
        open_package(odd, "file.xlsx")


def test_what_else_is_fetched_or_run(built: bytes, edited: Edited) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml"
    types = f'<Override PartName="/xl/connections.xml" ContentType="{kind}"/></Types>'
    odd = replaced(built, edited, "[Content_Types].xml", "</Types>", types)
    odd = edited(odd, {"xl/connections.xml": b"<connections/>", "customUI/ui.xml": b"<a/>"})
    assert [note.partition(";")[0] for note in said(odd)] == [
        "the file holds connections to data outside (xl/connections.xml)",
        "the file holds buttons of its own for the ribbon",
    ]


def test_relations_that_may_expand_are_refused_wherever_they_stand(
    built: bytes, edited: Edited
) -> None:
    declared = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Relationships/>'
    with pytest.raises(InputError, match="document type"):
        open_package(edited(built, {"customXml/_rels/item9.xml.rels": declared}), "file.xlsx")


def test_a_setting_far_down_is_named(built: bytes, add_sheet: Callable[..., bytes]) -> None:
    rows = (
        '<row r="900"><c r="A900" t="inlineStr"><is><t>Interpreter_Win</t></is></c>'
        '<c r="B900" t="inlineStr"><is><t>odd</t></is></c></row>'
    )
    (note,) = said(add_sheet(built, rows, name="xlwings.conf"))
    assert note.startswith("xlwings.conf!B900 sets Interpreter_Win to 'odd'")
