"""Write down the layout of the current schema: its fingerprint, what differs, and a golden file.

``python -m tests.golden`` does it after the layout changed, as long as nobody has files of the
current schema yet; CONTRIBUTING.md says when there must be a new one instead.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from openpyxl.utils.cell import get_column_letter

from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.recalc import recalculate
from workbook.recognise import alike
from workbook.sheets import sheets
from workbook.sheets.layout import Placed
from workbook.upgrading.schemas import (
    LAYOUTS,
    SCHEMAS,
    Schema,
    fingerprint,
    hashed,
    names_of,
    schemas,
)

FOLDER = Path(__file__).parent
HEADER = (
    "# Written by `python -m tests.golden`: which names a schema has and the one before had not,\n"
    "# and the other way round; hashes of formulas; what stood between; where cells stand.\n"
)
SECONDS = "1767225600"
"""When the golden file says that it was computed."""

FEW = {"replicates": 20.0, "simulation_draws": 256.0}


def names() -> dict[str, tuple[int, int]]:
    """Every name that the layout declares, with its rows and columns."""
    return {
        name: (where.bottom - where.top + 1, where.right - where.left + 1)
        for placed in sheets()
        for name, where in placed.names.items()
    }


def cells(placed: Placed) -> set[tuple[int, int]]:
    """The cells of a sheet that hold something, or are there to type in."""
    return {
        (at.row + down, at.column + right)
        for at in placed.cells
        if at.cell.formula or at.cell.content is not None or at.cell.style.startswith("input")
        for down in range(at.cell.block[0])
        for right in range(at.cell.block[1])
    }


def ranges(found: set[tuple[int, int]]) -> str:
    """Cells as ranges, each as wide and then as high as it can be."""
    open_ones: dict[tuple[int, int], int] = {}
    done = []
    rows = groupby(sorted(found), key=lambda each: each[0])
    runs = {row: set(_runs(column for _, column in each)) for row, each in rows}
    for row in range(max(runs, default=0) + 2):
        here = runs.get(row, set())
        ended = [each for each in open_ones if each not in here]
        done += [(open_ones.pop(run), run[0], row - 1, run[1]) for run in ended]
        for run in here:
            open_ones.setdefault(run, row)
    return " ".join(map(_address, sorted(done)))


def _runs(columns: Iterable[int]) -> Iterable[tuple[int, int]]:
    first = last = None
    for column in columns:
        if last is not None and column == last + 1:
            last = column
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = column
    if first is not None and last is not None:
        yield first, last


def _address(where: tuple[int, int, int, int]) -> str:
    top, left, bottom, right = where
    first, last = (
        f"{get_column_letter(left + 1)}{top + 1}",
        f"{get_column_letter(right + 1)}{bottom + 1}",
    )
    return first if first == last else f"{first}:{last}"


def layouts_text(
    passing: str, passing_sheets: Iterable[str], layouts: Iterable[Mapping[str, Any]]
) -> str:
    """The file of layouts."""
    lines = [HEADER, f"passing = {_folded(passing)}", f"passing_sheets = {sorted(passing_sheets)}"]
    for each in layouts:
        lines += ["", "[[layout]]", f"number = {each['number']}"]
        lines += [f"{key} = {_folded(each[key])}" for key in ("added", "gone", "formulas")]
        for name, held in each["sheets"].items():
            lines += [f'[layout.sheets."{name}"]', f"cells = {_folded(held['cells'])}"]
            lines += [f"charts = {held['charts']}"]
    return "\n".join(lines).replace("'", '"') + "\n"


def _folded(words: str) -> str:
    """Words as a text of several lines, none of them long."""
    lines, line = [], ""
    for word in words.split():
        if len(line) + len(word) > 98:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    lines.append(line)
    return '"""\n' + "\n".join(lines) + '"""'


def formulas() -> str:
    """A hash of the formula in the first cell of each name, in the order of the names."""
    found: dict[str, str] = {}
    for placed in sheets():
        cells = {(at.row, at.column): alike(at.cell.formula) for at in placed.cells}
        found |= {n: hashed(cells.get((w.top, w.left), "")) for n, w in placed.names.items()}
    return " ".join(found[name] for name in sorted(found))


def layout(
    number: int, now: set[str], before: set[str], placed: Iterable[Placed]
) -> dict[str, Any]:
    """What is written of a schema."""
    stands = {
        each.sheet.name: {"cells": ranges(cells(each)), "charts": len(each.charts)}
        for each in placed
    }
    added, gone = (" ".join(sorted(each)) for each in (now - before, before - now))
    written = {"added": added, "gone": gone, "formulas": formulas()}
    return {"number": number, **written, "sheets": stands}


def refreshed(text: str, last: Schema, before: set[str]) -> str:
    """The file of layouts with that of the current schema as it is declared now."""
    held = tomllib.loads(text)
    others = [each for each in held["layout"] if each["number"] != last.number]
    now = layout(last.number, set(names()), before, sheets())
    return layouts_text(held["passing"], held["passing_sheets"], [*others, now])


def main() -> None:
    """Write the three files."""
    *earlier, last = schemas()
    before = names_of(len(earlier))
    layouts = LAYOUTS.read_text(encoding="utf-8")
    LAYOUTS.write_text(refreshed(layouts, last, before), encoding="utf-8")
    head, number, tail = SCHEMAS.read_text(encoding="utf-8").rpartition(f"number = {last.number}\n")
    line = f'fingerprint = "{fingerprint(names())}"'
    tail = re.sub(r'fingerprint = ".*"', line, tail, count=1)
    SCHEMAS.write_text(head + number + tail, encoding="utf-8")
    os.environ["SOURCE_DATE_EPOCH"] = SECONDS
    done = recalculate(write(SERVER.sheets()), last.golden, FEW)
    (FOLDER / last.golden).write_bytes(done.data)


if __name__ == "__main__":
    main()
