"""A look before it goes: everything of that sort is named, and a clean copy is without it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openxml_audit import FileFormat, OpenXmlValidator

from tests.workbook import excel_limits
from tests.workbook.publishing import laden as loads
from workbook.circulation.logged import logging
from workbook.file.package import open_package
from workbook.file.relations import relations
from workbook.file.write import write
from workbook.hosts import HOSTS, LITE, Host
from workbook.publishing.clean import cleaned
from workbook.publishing.paths import file_name, is_local, local_paths
from workbook.publishing.personal import personal
from workbook.read import read_book
from workbook.recalc import recalculate

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]
Parts = Callable[[bytes], dict[str, bytes]]
Convert = Callable[..., Path]

REMOVED = (
    "Mine!A1: a comment by Ann Example",
    "Mine!A2: a threaded comment by Ann Example",
    "xl/persons/person.xml: a person who commented: Ann Example",
    "docProps/core.xml: creator is Ann Example",
    "docProps/core.xml: lastModifiedBy is Bob Example",
    "docProps/app.xml: Manager is Eve Example",
    "docProps/app.xml: Company is Example Trust",
    "docProps/app.xml: HyperlinkBase is file:///C:/Users/ann/",
    "docProps/custom.xml: Reviewer is Cat Example",
    "xl/workbook.xml: fileSharing names Dan Example",
    "Mine: the settings of somebody's printer, with its name",
    "docProps/thumbnail.jpeg: a small picture of the first sheet, as it once was",
    r"Mine: a link (hyperlink) to file:///C:\Users\ann\plan.docx#part",
    "xl/externalLinks/externalLink1.xml: a link (externalLinkPath) to "
    r"file:///\\office\ann\budget.xlsx",
    "xl/workbook.xml: says that the file was at C:\\Users\\ann\\grants\\",
)
PEOPLE = (b"Ann", b"Bob", b"Cat", b"Dan", b"Eve")
KEPT = (
    "Secret: a hidden sheet",
    "Deep: a very hidden sheet",
    "Mine: hidden rows 3 to 3, with 1 cell",
    "Mine: hidden columns D to D, with 1 cell",
    "xl/connections.xml: connections to data outside, which may name servers, folders and users",
    "Mine: an embedded file, with all that it holds",
    "customXml/item1.xml: data of another program (custom XML)",
    "xl/media/image1.jpeg: a picture with data on how it was made (EXIF, XMP): perhaps who, when "
    "and where",
    "Mine!A1: names /home/ann/notes.txt",
    "xl/workbook.xml: names file:///home/ann/[b.xlsx]Budget",
)


@pytest.fixture(name="laden", scope="module")
def _laden(
    built: bytes, edited: Callable[..., bytes], add_sheet: Callable[..., bytes]
) -> tuple[bytes, str]:
    return loads.laden(built, edited, add_sheet)


@pytest.fixture(name="clean", scope="module")
def _clean(laden: tuple[bytes, str]) -> bytes:
    return cleaned(laden[0], "laden.xlsx")[0]


def test_a_new_workbook_holds_nothing_of_the_sort(file: Path, run: Run) -> None:
    status, out, err = run("publish", file, "--check")
    assert (status, err) == (0, "")
    assert out.startswith("Nothing was found: ")


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_nor_does_that_of_any_other_host(host: Host, parts_of: Parts) -> None:
    data = write(host.sheets(), host)
    file = f"book{host.suffix}"
    assert personal(read_book(data, file)) == []
    assert parts_of(cleaned(data, file)[0]) == parts_of(data)


def test_paths_that_an_add_in_keeps_are_found(edited: Callable[..., bytes]) -> None:
    data, part = write(LITE.sheets(), LITE), "xl/webextensions/webextension1.xml"
    xml = open_package(data, "lite").parts[part]
    more = b'<we:properties><we:property name="last" value="&quot;C:\\\\ann&quot;"/>'
    assert xml.count(b"<we:properties>") == 1
    data = edited(data, {part: xml.replace(b"<we:properties>", more)})
    found = personal(read_book(data, "lite.xlsx"))
    assert [str(each) for each in found] == [f"{part}: names C:\\ann"]


def test_everything_is_found(laden: tuple[bytes, str]) -> None:
    found = personal(read_book(laden[0], "laden.xlsx"))
    assert sorted(str(each) for each in found if each.removed) == sorted(REMOVED)
    assert sorted(str(each) for each in found if not each.removed) == sorted(KEPT)


def test_the_check_lists_it_and_says_so_by_its_status(
    laden: tuple[bytes, str], tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "laden.xlsx"
    path.write_bytes(laden[0])
    status, out, err = run("publish", path, "--check")
    assert (status, err) == (1, "")
    lines = [line.strip() for line in out.splitlines()]
    # A path of Windows is printed with its backslashes as they are.
    assert set(REMOVED) <= set(lines)
    assert {f"{each} (--clean keeps it)" for each in KEPT} <= set(lines)
    assert path.read_bytes() == laden[0]


def test_a_clean_copy_holds_what_was_to_stay_and_no_more(
    laden: tuple[bytes, str], clean: bytes, parts_of: Parts
) -> None:
    assert sorted(map(str, personal(read_book(clean, "clean.xlsx")))) == sorted(KEPT)
    before, after = parts_of(laden[0]), parts_of(clean)
    gone = {
        "docProps/custom.xml",
        "docProps/thumbnail.jpeg",
        "xl/comments1.xml",
        "xl/threadedComments/threadedComment1.xml",
        "xl/persons/person.xml",
        "xl/drawings/vmlDrawing1.vml",
        "xl/drawings/_rels/vmlDrawing1.vml.rels",
        "xl/media/image2.png",  # only the box of a comment showed it
        "xl/printerSettings/printerSettings1.bin",
    }
    assert set(before) - set(after) == gone
    assert set(after) <= set(before)
    changed = {part for part, content in after.items() if content != before[part]}
    mine = laden[1]
    assert changed == {
        "[Content_Types].xml",
        "_rels/.rels",
        "docProps/core.xml",
        "docProps/app.xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/externalLinks/_rels/externalLink1.xml.rels",
        mine,
        f"xl/worksheets/_rels/{mine.rpartition('/')[2]}.rels",
    }
    everything = b"".join(after.values())
    for name in (*(each + b" Example" for each in PEOPLE), b"Example Trust", b"ann@"):
        assert name not in everything
    assert b"Ask Bob first" not in everything
    assert b'Target="budget.xlsx"' in everything
    assert b'Target="plan.docx#part"' in everything


def test_a_clean_copy_differs_only_where_something_was_taken_out(
    laden: tuple[bytes, str], clean: bytes, parts_of: Parts
) -> None:
    before, after = parts_of(laden[0]), parts_of(clean)
    own = before[laden[1]].replace(b'<legacyDrawing r:id="rIdBoxes"/>', b"")
    assert after[laden[1]] == own.replace(b' r:id="rIdPrinter"', b"")
    book = before["xl/workbook.xml"].replace(loads.PLACE.encode(), b"")
    assert after["xl/workbook.xml"] == book.replace(b' userName="Dan Example"', b"")
    types = before["[Content_Types].xml"]
    assert after["[Content_Types].xml"].count(b"<Override") == types.count(b"<Override") - 4


def test_every_relation_of_a_clean_copy_leads_to_a_part(clean: bytes) -> None:
    package = open_package(clean, "clean.xlsx")
    for each in relations(package):
        assert each.external or each.target in package.parts, each


def test_a_clean_copy_is_a_sound_workbook(clean: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clean.xlsx"
    path.write_bytes(clean)
    errors = OpenXmlValidator(file_format=FileFormat.MICROSOFT_365).validate(path).errors
    # The letter and the picture of these tests are none.
    assert [each for each in errors if "embeddings" not in str(each)] == []
    assert excel_limits.faults(clean) == []
    book = openpyxl.load_workbook(io.BytesIO(clean))
    assert book["Mine"]["A1"].value == "Mine, see /home/ann/notes.txt"
    assert book["Mine"]["A1"].comment is None
    assert book.properties.creator in (None, "")


@pytest.mark.libreoffice
@pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")
def test_libreoffice_opens_a_clean_copy(clean: bytes, tmp_path: Path, libreoffice: Convert) -> None:
    path = tmp_path / "clean.xlsx"
    path.write_bytes(clean)
    saved = libreoffice(path, "xlsx", tmp_path / "out")
    book = openpyxl.load_workbook(io.BytesIO(saved.read_bytes()), data_only=True)
    assert book["Mine"]["A2"].value == 2
    assert book["Mine"]["A1"].comment is None


def test_the_command_writes_a_clean_copy_and_leaves_the_file(
    laden: tuple[bytes, str], clean: bytes, tmp_path: Path, run: Run
) -> None:
    path, copy = tmp_path / "laden.xlsx", tmp_path / "copy.xlsx"
    path.write_bytes(laden[0])
    status, out, err = run("publish", path, "-o", copy, "--clean", "--full")
    assert (status, out) == (0, f"{copy} is written\n")
    notes = err.splitlines()
    assert (
        notes[0]
        == f"note: {len(REMOVED)} of {len(REMOVED) + len(KEPT)} things found are not in the copy"
    )
    assert any(note.startswith("note: the copy keeps hidden sheets: ") for note in notes)
    assert copy.read_bytes() == clean
    assert path.read_bytes() == laden[0]


def test_a_clean_copy_of_a_clean_copy_is_the_same(clean: bytes) -> None:
    assert cleaned(clean, "clean.xlsx")[0] == clean


def test_buttons_stay_where_the_box_of_a_comment_goes(
    laden: tuple[bytes, str], edited: Callable[..., bytes], parts_of: Parts
) -> None:
    note, button = (loads.SHAPE.format(number=n, kind=k) for n, k in ((1, "Note"), (2, "Button")))
    drawing = "xl/drawings/vmlDrawing1.vml"
    mixed = edited(laden[0], {drawing: loads.BOXES.format(shapes=note + button).encode()})
    after = parts_of(cleaned(mixed, "mixed.xlsx")[0])
    assert after[drawing].decode() == loads.BOXES.format(shapes=button)
    assert b'<legacyDrawing r:id="rIdBoxes"/>' in after[laden[1]]


def test_whoever_refreshed_or_entered_something_is_not_named(
    laden: tuple[bytes, str], edited: Callable[..., bytes], parts_of: Parts
) -> None:
    scenarios = (
        b'<scenarios><scenario name="Low" count="1" user="Fay Example"><inputCells r="A1" '
        b'val="1"/></scenario></scenarios><hyperlinks>'
    )
    own = parts_of(laden[0])[laden[1]].replace(b"<hyperlinks>", scenarios)
    data = edited(laden[0], {laden[1]: own})
    found = map(str, personal(read_book(data, "named.xlsx")))
    assert "Mine: scenario names Fay Example" in list(found)
    clean = parts_of(cleaned(data, "named.xlsx")[0])[laden[1]]
    assert b'<scenario name="Low" count="1"><inputCells' in clean


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("see C:\\Users\\ann\\x.xlsx for it", ["C:\\Users\\ann\\x.xlsx"]),
        ("d:/work/x", ["d:/work/x"]),
        ("\\\\server\\share\\x", ["\\\\server\\share\\x"]),
        ("file:///tmp/a and file:///tmp/a", ["file:///tmp/a"]),
        ("/Users/ann/a, /home/bob/b", ["/Users/ann/a,", "/home/bob/b"]),
        ("https://example.org/home/ann and http://a.org/Users/x", []),
        ("and/or, 10:1, A:B, n/a, 1/2, ratio 1:/2, /xl/worksheets/sheet1.xml", []),
        ("a format \\\\ of \\-dashes, HTTPS://C:/", []),
    ],
)
def test_a_place_on_a_machine_is_recognised(text: str, paths: list[str]) -> None:
    assert local_paths(text) == paths


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("file:///C:\\a\\b.xlsx", "b.xlsx"),
        ("file:///home/ann/b.xlsx#Sheet1!A1", "b.xlsx#Sheet1!A1"),
        ("\\\\server\\share\\folder\\", "folder"),
        ("C:\\", "C:"),
        ("file:///", ""),
    ],
)
def test_a_link_to_a_place_keeps_the_name_alone(target: str, name: str) -> None:
    assert file_name(target) == name


def test_other_links_are_no_places() -> None:
    for link in ("https://example.org/C:/x", "mailto:a@example.org", "../x.xlsx", "x.xlsx"):
        assert not is_local(link)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "publish must be given --html, --pdf or -o, or --check alone"),
        (("--check", "--html", "p.html"), "given both"),
        (("--clean",), "--html, --pdf or -o"),
        (("--html", "p.txt"), "must end in .html"),
        (("--pdf", "p.html"), "must end in .pdf"),
        (("-o", "c.xlsm", "--clean"), "must end in .xlsx"),
        (("--full", "--html", "p.html"), "--full must come with -o COPY"),
        (("-o", "c.xlsx", "--full"), "--full must come with --clean"),
        (("--clean", "--html", "p.html"), "--clean must come with -o COPY"),
        (("-o", "fieldbook.xlsx", "--clean"), "be another file than the one that is published"),
    ],
)
def test_words_that_make_no_sense_are_refused(
    file: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(file.parent)
    assert said in refused("publish", file, *words)


def test_what_is_there_already_is_replaced_by_force_only(
    file: Path, run: Run, refused: Refused
) -> None:
    copy = file.with_name("copy.xlsx")
    copy.write_text("mine")
    assert "be a new file (--force replaces it)" in refused(
        "publish", file, "-o", copy, "--clean", "--full"
    )
    assert copy.read_text() == "mine"
    assert run("publish", file, "-o", copy, "--clean", "--full", "--force")[0] == 0
    assert openpyxl.load_workbook(io.BytesIO(copy.read_bytes())).sheetnames[0] == "Summary"


def test_people_whom_the_log_names_are_found(built: bytes) -> None:
    noting = logging("Anna Berg", "", is_copy=False)
    edited = recalculate(built, "edited", {"offset": 90.0, "backfire_share": 0.01}, noting=noting)
    found = personal(read_book(edited.data, "edited"))
    said = "Log!B5: an entry of the Log by Anna Berg"
    assert [str(each) for each in found if each.where.startswith("Log!")] == [said]
