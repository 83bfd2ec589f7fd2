"""LibreOffice opens the file with every value in place, and what it saves is recalculated."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pycore.model.results import model
from workbook.read import read_book

Run = Callable[..., tuple[int, str, str]]
Convert = Callable[..., Path]

pytestmark = [
    pytest.mark.libreoffice,
    # LibreOffice writes bars in cells twice, for older programs and for newer ones.
    pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning"),
]


@pytest.fixture(name="saved", scope="module")
def _saved(libreoffice: Convert, built: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built file as LibreOffice saves it."""
    folder = tmp_path_factory.mktemp("saved")
    source = folder / "fieldbook.xlsx"
    source.write_bytes(built)
    return libreoffice(source, "xlsx", folder / "out")


def close(found: Any, expected: Any) -> bool:
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        return isinstance(found, (int, float)) and found == pytest.approx(expected, rel=1e-14)
    return bool(found == expected)


def test_every_result_keeps_its_value(saved: Path, built: bytes) -> None:
    first = read_book(built, "built")
    book = openpyxl.load_workbook(saved, data_only=True)
    for result in model().results:
        place = first.places[result.id]
        found = [[book[place.sheet][address].value for address in row] for row in place.rows]
        for found_row, row in zip(found, first.values(result.id), strict=True):
            assert all(map(close, found_row, row)), result.id


def test_what_libreoffice_saved_is_recalculated_to_the_same_answers(
    saved: Path, file: Path, run: Run
) -> None:
    expected = json.loads(run("show", file, "--json")[1])
    copy = file.with_name("copy.xlsx")
    shutil.copy(saved, copy)
    status, _, err = run("recalc", copy)
    assert status == 0
    assert "shows #" not in err
    assert "was not recalculated" not in err
    assert json.loads(run("show", copy, "--json")[1]) == expected
    assert err == ""


def test_what_libreoffice_saved_follows_its_assumptions(saved: Path, file: Path, run: Run) -> None:
    copy = file.with_name("copy.xlsx")
    shutil.copy(saved, copy)
    words = ["marginal_cost=30000", "marginal_cost.low=28000", "marginal_cost.high=35000"]
    assert run("set", copy, *words)[0] == 0
    assert run("set", file, *words)[0] == 0
    shown = [json.loads(run("show", path, "--json")[1]) for path in (copy, file)]
    assert shown[0] == shown[1]
    assert shown[0]["results"]["cost_quote"]["value"] == "2-4x"


def test_the_printed_pages(libreoffice: Convert, built: bytes, tmp_path: Path) -> None:
    source = tmp_path / "fieldbook.xlsx"
    source.write_bytes(built)
    pdf = libreoffice(source, "pdf", tmp_path / "out")
    program = shutil.which("pdftotext")
    if program is None:
        pages = len(re.findall(rb"/Type\s*/Page[^s]", pdf.read_bytes()))
        assert 20 < pages < 75
        return
    done = subprocess.run(
        [program, "-layout", pdf, "-"], capture_output=True, text=True, timeout=600, check=True
    )
    pages = done.stdout.count("\f")
    assert 20 < pages < 75
    # The About sheet tells what to do about #NAME?.
    printed = re.sub(r"shows? #NAME\?", "", done.stdout)
    for wrong in ("###", "#NAME?", "Err:", "#VALUE!", "#REF!", "#DIV/0!", "Workings:"):
        assert wrong not in printed, wrong
    assert "4-5x" in done.stdout
    assert "Page 1 of" in done.stdout


WIDE = {
    "value_per_researcher": "1e14",
    "value_per_researcher.high": "1e15",
    "marginal_cost.low": "0.004",
    "added_capabilities": "9e11",
    "added_capabilities.high": "1e12",
    "offset": "10.3333333333",
    "safety_researchers": "1100",
    "cohort_growth": "1.33333333333",
    "spillover": "0.0123456789",
    "top_share": "0.00001",
    "top_share.low": "0.00001",
    "pool_elasticity": "1.23456789",
}
WIDER = {
    "capabilities_researchers": "1e14",
    "capabilities_researchers.high": "1e15",
    "offset.low": "1e-6",
}


@pytest.mark.parametrize("wide", [WIDE, WIDER], ids=["wide", "wider"])
def test_no_number_is_too_wide_for_its_column(
    libreoffice: Convert, file: Path, run: Run, tmp_path: Path, wide: dict[str, str]
) -> None:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("no pdftotext to read the pages with")
    assert run("set", file, *(f"{name}={number}" for name, number in wide.items()))[0] == 0
    pdf = libreoffice(file, "pdf", tmp_path / "out")
    done = subprocess.run([program, str(pdf), "-"], capture_output=True, text=True, check=True)
    assert "###" not in done.stdout
