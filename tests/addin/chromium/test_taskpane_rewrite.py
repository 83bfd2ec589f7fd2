"""The button that writes the formulas again, on a stand-in for the workbook that we build."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

from addin.functions import NAMESPACE, STORED_PREFIX, functions
from tests.addin.chromium.harness import Pane
from workbook.file.write import write
from workbook.sheets import sheets

FIXED_ARRAYS = "ExcelApiDesktop 1.1"
STORED = f"{STORED_PREFIX}COST_MULTIPLE"


def _cell(formula: str, value: Any = "#NAME?") -> dict[str, Any]:
    return {"formula": formula, "value": value}


def _sheet(name: str, cells: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "cells": cells,
        "blocks": [],
        "protected": False,
        "password": None,
        "options": {},
    } | more


def _block_places(reference: str) -> list[str]:
    left, top, right, bottom = range_boundaries(reference)
    assert None not in (left, top, right, bottom)
    return [
        f"{row - 1},{column - 1}"
        for row in range(top or 0, (bottom or 0) + 1)
        for column in range(left or 0, (right or 0) + 1)
    ]


def _from_file(data: bytes) -> list[dict[str, Any]]:
    """The workbook that we build, as Excel shows it before it knows the functions."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    made = []
    for sheet in book.worksheets:
        model = _sheet(
            sheet.title,
            {},
            protected=True,
            options={"allowFormatCells": True, "selectionMode": "Normal"},
        )
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if isinstance(cell.value, ArrayFormula):
                places = _block_places(cell.value.ref)
                model["blocks"].append(places)
                model["cells"] |= {place: _cell(str(cell.value.text)) for place in places}
            elif cell.value is not None:
                place = f"{cell.row - 1},{cell.column - 1}"
                model["cells"].setdefault(place, _cell(str(cell.value), cell.value))
        made.append(model)
    return made


def _rewrite(pane: Pane, model: list[dict[str, Any]], *, without: str = "") -> list[dict[str, Any]]:
    """Press the button on a workbook and give the workbook as it then is."""
    pane.page.evaluate(
        "([sheets, unsupported]) => { standIn.workbook.sheets = sheets;"
        " standIn.unsupported = unsupported; }",
        [model, [without] if without else []],
    )
    pane.page.get_by_role("button", name="Write the formulas again").click()
    pane.page.locator("#rewrite:not([disabled])").wait_for()
    after: list[dict[str, Any]] = pane.page.evaluate("standIn.workbook.sheets")
    return after


def _formulas(model: list[dict[str, Any]]) -> list[str]:
    return [str(cell["formula"]) for sheet in model for cell in sheet["cells"].values()]


@pytest.fixture(scope="module")
def ours() -> list[dict[str, Any]]:
    return _from_file(write(sheets()))


def test_every_formula_of_our_workbook_is_written_again(
    shared_pane: Pane, ours: list[dict[str, Any]]
) -> None:
    stored = [formula for formula in _formulas(ours) if STORED_PREFIX in formula]
    assert len(stored) > 50
    after = _rewrite(shared_pane, ours)
    assert [formula for formula in _formulas(after) if STORED_PREFIX in formula] == []
    expected = [formula.replace(STORED_PREFIX, f"{NAMESPACE}.") for formula in _formulas(ours)]
    assert sorted(_formulas(after)) == sorted(expected)
    assert shared_pane.page.locator("#rewrite-faults").is_hidden()
    assert "written again on" in shared_pane.text("#rewrite-result")


def test_arrays_keep_their_cells_and_sheets_their_protection(
    shared_pane: Pane, ours: list[dict[str, Any]]
) -> None:
    after = _rewrite(shared_pane, ours)
    assert any(sheet["blocks"] for sheet in ours)
    for before, now in zip(ours, after, strict=True):
        assert sorted(now["blocks"]) == sorted(before["blocks"])
        assert (now["protected"], now["options"]) == (True, before["options"])


def test_on_the_web_an_array_becomes_a_formula_that_spills(
    shared_pane: Pane, ours: list[dict[str, Any]]
) -> None:
    after = _rewrite(shared_pane, ours, without=FIXED_ARRAYS)
    for before, now in zip(ours, after, strict=True):
        assert now["blocks"] == []
        for block in before["blocks"]:
            stored = before["cells"][block[0]]["formula"]
            shown = stored.replace(STORED_PREFIX, f"{NAMESPACE}.")
            assert now["cells"][block[0]]["formula"] == shown
            assert all(place not in now["cells"] for place in block[1:])


def test_a_second_press_finds_nothing_to_do(shared_pane: Pane, ours: list[dict[str, Any]]) -> None:
    after = _rewrite(shared_pane, ours)
    assert _rewrite(shared_pane, after) == after
    assert shared_pane.text("#rewrite-result") == "Every formula is as it should be."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"=2*{STORED}(A1,B1)", "=2*FIELD.COST_MULTIPLE(A1,B1)"),
        (f"={STORED.lower()}(A1,B1)", "=FIELD.COST_MULTIPLE(A1,B1)"),
        (f"=[2]!{STORED}(A1,B1)", "=FIELD.COST_MULTIPLE(A1,B1)"),
        (f"='C:\\old files\\[a b.xlsx]Cost'!{STORED}(A1,B1)", "=FIELD.COST_MULTIPLE(A1,B1)"),
        (f"=IF(A1>0,{STORED}(A1,B1),{STORED}(B1,A1))",
         "=IF(A1>0,FIELD.COST_MULTIPLE(A1,B1),FIELD.COST_MULTIPLE(B1,A1))"),
        (f'=IF(A1="""{STORED}(",{STORED}(A1,B1),"{STORED}(")',
         f'=IF(A1="""{STORED}(",FIELD.COST_MULTIPLE(A1,B1),"{STORED}(")'),
        (f"={STORED}_RANGE(A1,B1,C1)", "=FIELD.COST_MULTIPLE_RANGE(A1,B1,C1)"),
        # Not ours, and not a function.
        ("=_xldudf_OTHER_COST_MULTIPLE(A1)", "=_xldudf_OTHER_COST_MULTIPLE(A1)"),
        (f"={STORED}_X(A1)", f"={STORED}_X(A1)"),
        (f'="{STORED}(A1)"', f'="{STORED}(A1)"'),
        (f"{STORED}(A1)", f"{STORED}(A1)"),
    ],
)  # fmt: skip
def test_only_our_names_change(shared_pane: Pane, before: str, after: str) -> None:
    model = _rewrite(shared_pane, [_sheet("Mine", {"0,3": _cell(before)})])
    assert model[0]["cells"]["0,3"]["formula"] == after


def test_a_shown_name_with_name_error_is_written_again(shared_pane: Pane) -> None:
    formula = "=FIELD.COST_MULTIPLE(1,2)"
    cells = {"0,0": _cell(formula), "1,0": _cell(formula, 0.5), "2,0": _cell("=NOT_OURS(1)")}
    after = _rewrite(shared_pane, [_sheet("Mine", cells)])
    assert {place: cell["value"] for place, cell in after[0]["cells"].items()} == {
        "0,0": 4,
        "1,0": 0.5,
        "2,0": "#NAME?",
    }
    assert shared_pane.text("#rewrite-result") == "1 formula written again on 1 sheet."


def test_equal_formulas_side_by_side_are_no_array(shared_pane: Pane) -> None:
    cells = {f"{row},0": _cell(f"={STORED}(x,y)") for row in range(3)}
    after = _rewrite(shared_pane, [_sheet("Mine", cells)], without=FIXED_ARRAYS)
    assert set(after[0]["cells"]) == {"0,0", "1,0", "2,0"}
    assert shared_pane.text("#rewrite-result") == "3 formulas written again on 1 sheet."


def test_a_password_is_said_and_other_sheets_are_written(shared_pane: Pane) -> None:
    stored = f"={STORED}(1,2)"
    locked = _sheet("Locked", {"0,0": _cell(stored)}, protected=True, password="secret")
    after = _rewrite(shared_pane, [locked, _sheet("Open", {"0,0": _cell(stored)})])
    assert after[0] == locked
    assert after[1]["cells"]["0,0"]["formula"] == "=FIELD.COST_MULTIPLE(1,2)"
    fault = "Locked is protected by a password: unprotect it and press again."
    assert shared_pane.text("#rewrite-faults") == fault


@pytest.mark.parametrize("places", [["0,0"], ["0,0", "0,1"]])
@pytest.mark.parametrize("without", ["", FIXED_ARRAYS])
def test_a_formula_that_excel_refuses_is_not_lost(
    shared_pane: Pane, places: list[str], without: str
) -> None:
    stored = f"={STORED}(1,2)"
    sheet = _sheet("Mine", {place: _cell(stored) for place in places}, refuses="FIELD.")
    sheet["blocks"] = [places] if len(places) > 1 else []
    sheet["cells"]["1,0"] = _cell("=1+1", 2)
    after = _rewrite(shared_pane, [sheet], without=without)
    assert after[0]["cells"]["0,0"]["formula"] == stored
    assert shared_pane.text("#rewrite-faults") == "Mine!A1 could not be written."
    assert shared_pane.text("#rewrite-result") == "Nothing was written."


def test_an_empty_workbook(shared_pane: Pane) -> None:
    _rewrite(shared_pane, [_sheet("Empty", {})])
    assert shared_pane.text("#rewrite-result") == "Every formula is as it should be."


def test_every_stored_name_is_known(shared_pane: Pane) -> None:
    cells = {
        f"{row},0": _cell(f"={function.stored_name}(1)")
        for row, function in enumerate(functions().values())
    }
    after = _rewrite(shared_pane, [_sheet("Mine", cells)])
    shown = [f"={function.excel_name}(1)" for function in functions().values()]
    assert _formulas(after) == shown
