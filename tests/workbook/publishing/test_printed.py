"""The PDF: every sheet, made by LibreOffice from a copy, or one line on what is missing."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from tests.workbook.publishing import laden as loads
from workbook.publishing import printed
from workbook.sheets import sheets

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]


def text_of(pdf: Path) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not on this machine: sh tests/install_programs.sh")
    done = subprocess.run([program, "-layout", pdf, "-"], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.libreoffice
@pytest.mark.usefixtures("libreoffice")
def test_every_sheet_is_printed_and_nobody_is_named(
    built: bytes,
    edited: Callable[..., bytes],
    add_sheet: Callable[..., bytes],
    tmp_path: Path,
    run: Run,
) -> None:
    data, _ = loads.laden(built, edited, add_sheet)
    path, pdf = tmp_path / "laden.xlsx", tmp_path / "out.pdf"
    path.write_bytes(data)
    status, out, err = run("publish", path, "--pdf", pdf)
    assert (status, out) == (0, f"{pdf} is written\n"), err
    assert "note: the workbook holds comments: Mine!A1" in err
    assert path.read_bytes() == data
    assert sorted(each.name for each in tmp_path.iterdir()) == ["laden.xlsx", "out.pdf"]
    pages = text_of(pdf).split("\f")
    assert len(pages) > len(sheets())
    lines = [line for page in pages for line in page.splitlines()]
    for placed in sheets():
        if not placed.sheet.hidden:
            title = next(
                str(at.cell.content) for at in placed.cells if (at.row, at.column) == (0, 0)
            )
            assert any(line.strip().startswith(title) for line in lines), title
    assert any("Mine, see" in page for page in pages)
    assert b"Example" not in pdf.read_bytes()
    assert not any("Ask Bob first" in page for page in pages)


PICTURE = (
    '<xdr:oneCellAnchor xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    "<xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>30</xdr:row>"
    '<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="100000" cy="100000"/><xdr:pic>'
    '<xdr:nvPicPr><xdr:cNvPr id="99" name="far"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
    f'<a:blip xmlns:r="{loads.OFFICE}" r:link="rIdFar"/><a:stretch><a:fillRect/></a:stretch>'
    '</xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'
    "</xdr:pic><xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>"
)


@pytest.mark.libreoffice
@pytest.mark.usefixtures("libreoffice")
def test_nothing_is_fetched_as_it_would_be_with_the_usual_settings(
    built: bytes,
    edited: Callable[..., bytes],
    parts_of: Callable[[bytes], dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    class Far(BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.client_address)

    drawing, links = "xl/drawings/drawing1.xml", "xl/drawings/_rels/drawing1.xml.rels"
    parts = parts_of(built)
    with ThreadingTCPServer(("127.0.0.1", 0), Far) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            far = f"http://127.0.0.1:{server.server_address[1]}/far.png"
            link = loads.relation("rIdFar", "image", far, outside=True)
            changed = {
                drawing: parts[drawing].replace(b"</xdr:wsDr>", PICTURE.encode()),
                links: parts[links].replace(b"</Rel", f"{link}</Rel".encode()),
            }
            data = edited(built, changed)
            assert printed.printed(data, Path("far.xlsx")).startswith(b"%PDF")
            assert asked == []
            monkeypatch.setattr(printed, "SETTINGS", ())
            printed.printed(data, Path("far.xlsx"))
            assert asked != []
        finally:
            server.shutdown()
            thread.join()


def test_without_libreoffice_it_says_what_to_install(
    file: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(file.parent))
    monkeypatch.setattr(printed, "PLACES", ())
    said = refused("publish", file, "--pdf", file.with_name("out.pdf"))
    assert "--pdf must have LibreOffice beside it (install it from libreoffice.org" in said


def program(folder: Path, words: str) -> Path:
    """A program that stands in for LibreOffice."""
    made = folder / "bin" / "soffice"
    made.parent.mkdir()
    made.write_text(f"#!/bin/sh\n{words}\n")
    made.chmod(0o755)
    return made.parent


def test_it_is_stopped_where_it_takes_too_long(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = program(tmp_path_factory.mktemp("slow"), "sleep 30 & wait")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(printed, "LONGEST", 1)
    status, out, err = run("publish", file, "--pdf", file.with_name("out.pdf"))
    assert (status, out) == (2, "")
    assert "not done yet: it was stopped" in err
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_what_it_says_is_told_where_it_makes_nothing(
    file: Path,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = program(tmp_path_factory.mktemp("broken"), "echo source file could not be loaded")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    said = refused("publish", file, "--pdf", file.with_name("out.pdf"))
    assert "be a file that LibreOffice can print" in said
    assert "source file could not be loaded" in said
