"""Copies of one workbook as they come back: recalculated or not, by several programs, one bad."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from workbook.circulation.logged import logging
from workbook.file.patch import patch
from workbook.file.properties import with_last_modified_by
from workbook.read import read_book
from workbook.recalc import recalculate

SHEETJS = Path(__file__).parents[2] / "sheetjs"


def typed(data: bytes, values: Mapping[str, Any], author: str = "") -> bytes:
    """A file in which a person typed values into named cells, and computed nothing."""
    book = read_book(data, "typed")
    parts = dict(with_last_modified_by(book.package, author)) if author else {}
    by_sheet: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        by_sheet.setdefault(book.sheet_of(name).part, {})[book.places[name].first] = value
    for sheet in book.sheets:
        if sheet.part in by_sheet:
            xml = book.package.parts[sheet.part]
            parts[sheet.part] = patch(xml, sheet.cells, by_sheet[sheet.part], computed=False)
    return book.package.to_bytes(parts)


@pytest.fixture(scope="session")
def copies(
    built: bytes, tmp_path_factory: pytest.TempPathFactory, libreoffice: Callable[..., Path]
) -> dict[str, Path]:
    """The workbook and five copies of it, by the names of people."""
    if not ((SHEETJS / "node_modules" / "xlsx").is_dir() and shutil.which("node")):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("SheetJS is not here")
    folder = tmp_path_factory.mktemp("returned")
    files = {
        name: folder / f"{name}.xlsx" for name in ("base", "anna", "ben", "cleo", "dov", "eve")
    }
    files["base"].write_bytes(built)
    noting = logging("Anna Berg", "as invoiced", is_copy=False)
    changes = {"marginal_cost": 24_000.0, "offset": 50.0}
    files["anna"].write_bytes(recalculate(built, "anna", changes, noting=noting).data)
    by_ben = {"marginal_cost": 23_000, "offset_low": 20, "offset_source": "My own count"}
    files["ben"].write_bytes(typed(built, by_ben, "Ben Osei"))
    first = folder / "typed"
    first.mkdir()
    (first / "cleo.xlsx").write_bytes(
        typed(built, {"backfire_share": 0.1, "scenario_4_name": "Mine"})
    )
    files["cleo"] = libreoffice(first / "cleo.xlsx", "xlsx", folder / "office")
    (first / "dov.xlsx").write_bytes(typed(built, {"added_safety": 600}, "Dov"))
    words = ["node", str(SHEETJS / "rewrite.cjs"), str(first / "dov.xlsx"), str(files["dov"])]
    subprocess.run(words, check=True, capture_output=True)
    files["eve"].write_bytes(typed(built, {"marginal_cost": "a lot", "offset": -3}, "Eve"))
    return files
