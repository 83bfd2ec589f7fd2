"""What the tests of the workbook share: a built file, the command line, and ways to edit a file.

A file is edited by its parts, as text, so that nothing but the edit differs.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from addin.functions import Function
from addin.shelf import user_shelf
from pycore.errors import LONGEST_SHOWN
from pycore.kept import SHELF
from workbook.__main__ import main
from workbook.calculator import ANSWERED
from workbook.circulation.noted import Identity, Noted
from workbook.file.package import open_package
from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.read import read_book
from workbook.recalc import recalculate

# In this process too: recalculating simulates the same drafts again and again.
SHELF.set(user_shelf())

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def as_built() -> bytes:
    """The workbook as `build` makes it."""
    return recalculate(write(SERVER.sheets()), "built", noting=_with_id).data


@pytest.fixture(scope="session")
def fewest() -> dict[str, float | str]:
    """So few drafts and draws that recalculating takes a second."""
    return {"replicates": 20, "simulation_draws": 256}


@pytest.fixture(scope="session")
def built(fewest: dict[str, float | str]) -> bytes:
    """The workbook with few drafts and draws, for what does not depend on their number."""
    return recalculate(write(SERVER.sheets()), "built", fewest, noting=_with_id).data


ID_OF_BUILT = "0123456789ab"


def _with_id(*_: object) -> Noted:
    """What is noted in a new file."""
    return Noted(identity=Identity(ID_OF_BUILT))


@contextmanager
def _in_place_of(function: Function, call: Callable[..., Any]) -> Iterator[None]:
    right = function.call
    try:
        object.__setattr__(function, "call", call)
        _forget(function.name)  # what the engine was told before
        yield
    finally:
        object.__setattr__(function, "call", right)
        _forget(function.name)


def _forget(name: str) -> None:
    for call in [call for call in ANSWERED if call.startswith(f"{name}(")]:
        del ANSWERED[call]


@pytest.fixture(scope="session")
def in_place_of() -> Callable[[Function, Callable[..., Any]], AbstractContextManager[None]]:
    """Let something else answer for one of our functions."""
    return _in_place_of


@pytest.fixture
def file(tmp_path: Path, built: bytes) -> Path:
    """A built workbook on disk."""
    path = tmp_path / "fieldbook.xlsx"
    path.write_bytes(built)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process; gives status, stdout and stderr."""

    def run_words(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(word) for word in words])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run_words


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """Run a command that must be refused in one line, with its file left as it was."""

    def run_refused(command: str, path: Path, *words: object) -> str:
        before = path.read_bytes() if path.is_file() else None
        beside = sorted(path.parent.iterdir()) if path.parent.is_dir() else None
        status, out, err = run(command, path, *words)
        assert (status, out) == (2, ""), err
        assert err.endswith("\n")
        line = err.removesuffix("\n")
        assert line.isprintable(), line
        assert "Traceback" not in line
        assert len(line) < LONGEST_SHOWN + 400
        if before is not None:
            assert path.read_bytes() == before
        if beside is not None:
            assert sorted(path.parent.iterdir()) == beside
        return line

    return run_refused


@pytest.fixture(scope="session")
def parts_of() -> Callable[[bytes], dict[str, bytes]]:
    """Give the parts of a package by name."""

    def read(data: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {entry.filename: archive.read(entry) for entry in archive.infolist()}

    return read


@pytest.fixture(scope="session")
def edited() -> Callable[..., bytes]:
    """Give a package with some parts replaced, added, or (None) left out."""

    def edit(data: bytes, changes: Mapping[str, bytes | None]) -> bytes:
        package = open_package(data, "edited") if data.startswith(b"PK") else None
        assert package is not None
        contents: dict[str, bytes | None] = {**package.parts, **changes}
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in contents.items():
                if content is not None:
                    archive.writestr(zipfile.ZipInfo(part, (2026, 1, 1, 0, 0, 0)), content)
        return target.getvalue()

    return edit


@pytest.fixture(scope="session")
def with_cell(edited: Callable[..., bytes]) -> Callable[..., bytes]:
    """Give a package in which the cell of a defined name holds something else.

    `inside` is what stands between the cell's tags, with the type `kind`; None takes the
    whole cell away. The cell's style stays.
    """

    def put(data: bytes, name: str, inside: str | None, kind: str = "") -> bytes:
        book = read_book(data, "built")
        part, address = book.sheet_of(name).part, book.places[name].first
        xml = book.package.parts[part].decode()
        found = re.search(rf'<c r="{address}"( s="\d+")?[^>]*?(/>|>.*?</c>)', xml)
        assert found is not None
        element = ""
        if inside is not None:
            typed = f' t="{kind}"' if kind else ""
            element = f'<c r="{address}"{found[1] or ""}{typed}>{inside}</c>'
        changed = xml[: found.start()] + element + xml[found.end() :]
        return edited(data, {part: changed.encode()})

    return put


@pytest.fixture(scope="session")
def with_names(edited: Callable[..., bytes]) -> Callable[..., bytes]:
    """Give a package whose xl/workbook.xml has some text replaced, each exactly once."""

    def replace(data: bytes, *replacements: tuple[str, str]) -> bytes:
        xml = open_package(data, "built").parts["xl/workbook.xml"].decode()
        for old, new in replacements:
            assert xml.count(old) == 1, old
            xml = xml.replace(old, new)
        return edited(data, {"xl/workbook.xml": xml.encode()})

    return replace


@pytest.fixture(scope="session")
def add_sheet(edited: Callable[..., bytes]) -> Callable[..., bytes]:
    """Give a package with one more sheet, whose rows are given as XML."""

    def add(data: bytes, rows: str, *, name: str = "Mine", tail: str = "") -> bytes:
        parts = open_package(data, "built").parts
        number = sum(part.startswith("xl/worksheets/sheet") for part in parts) + 1
        part, relation = f"xl/worksheets/sheet{number}.xml", f"rIdOwn{number}"
        namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        sheet = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f'<worksheet xmlns="{namespace}" xmlns:r="{office}">'
            f"<sheetData>{rows}</sheetData>{tail}</worksheet>"
        )
        book = parts["xl/workbook.xml"].decode()
        book = book.replace(
            "</sheets>",
            f'<sheet name="{name}" sheetId="{100 + number}" r:id="{relation}"/></sheets>',
        )
        relations = parts["xl/_rels/workbook.xml.rels"].decode()
        relations = relations.replace(
            "</Relationships>",
            f'<Relationship Id="{relation}" Type="{office}/worksheet" '
            f'Target="worksheets/sheet{number}.xml"/></Relationships>',
        )
        types = parts["[Content_Types].xml"].decode()
        types = types.replace(
            "</Types>",
            f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-'
            'officedocument.spreadsheetml.worksheet+xml"/></Types>',
        )
        return edited(
            data,
            {
                "xl/workbook.xml": book.encode(),
                "xl/_rels/workbook.xml.rels": relations.encode(),
                "[Content_Types].xml": types.encode(),
                part: sheet.encode(),
            },
        )

    return add


@pytest.fixture(scope="session")
def cells_of() -> Callable[[bytes, str], dict[str, Any]]:
    """Give the stored values of a sheet by address, as openpyxl reads them."""

    def read(data: bytes, sheet: str) -> dict[str, Any]:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        return {
            cell.coordinate: cell.value
            for row in book[sheet].iter_rows()
            for cell in row
            if cell.value is not None
        }

    return read


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Convert a file with LibreOffice, in a profile of its own; gives the converted file."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        reason = "LibreOffice (soffice) is not on this machine"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}, and CI must have it")
        pytest.skip(reason)
    profile = tmp_path_factory.mktemp("libreoffice-profile")

    def convert(source: Path, kind: str, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        subprocess.run(
            [
                program,
                f"-env:UserInstallation={profile.as_uri()}",
                "--headless",
                "--convert-to",
                kind,
                "--outdir",
                folder,
                source,
            ],
            check=True,
            capture_output=True,
            timeout=600,
            stdin=subprocess.DEVNULL,
        )
        converted = folder / f"{source.stem}.{kind}"
        assert converted.is_file(), "LibreOffice wrote nothing"
        return converted

    return convert
