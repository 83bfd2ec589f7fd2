"""Native formulas give what the core gives, in the formula engine and in LibreOffice."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pycore.model.results import model
from pycore.model.whole import whole
from pycore.nodes import Result
from tests import native_table
from tests.workbook.native.oracle import (
    Engine,
    Office,
    differences,
    edge_inputs,
    random_inputs,
)
from workbook.file.patch import CellError
from workbook.native.catalogue import NATIVE, called_results, kind_of, natives

BEYOND = {name for name, _, _ in natives().beyond}

DRAWS_HERE, DRAWS_IN_OFFICE = 60, 8
"""How many inputs; oracle.py takes more by hand."""

KNOWN = {
    *("ABS", "AND", "COUNT", "COUNTA", "COUNTBLANK", "COUNTIF", "EXP", "FIND", "FIXED", "GEOMEAN"),
    *("IF", "IFERROR", "INDEX", "INT", "ISBLANK", "ISNUMBER", "ISTEXT", "LEFT", "LEN", "LN"),
    *("LOG10", "LOWER", "MAX", "MEDIAN", "MID", "MIN", "NA", "NORMSDIST", "NORMSINV", "NOT", "OR"),
    *("QUARTILE", "RIGHT", "ROUND", "ROWS", "SUBSTITUTE", "SUM", "SUMPRODUCT", "TEXT", "TRIM"),
    *("VALUE",),
}
"""Functions of Excel 2007 that LibreOffice, gnumeric and web spreadsheets have; none volatile."""


@pytest.fixture(name="engine", scope="module")
def _engine(copy: bytes) -> Engine:
    return Engine(copy)


def test_random_inputs_give_what_the_core_gives(engine: Engine) -> None:
    random = np.random.default_rng(2)
    for _ in range(DRAWS_HERE):
        values = random_inputs(random)
        engine.put(values)
        assert list(differences(values, engine.read, BEYOND)) == []


def test_edge_points_give_what_the_core_gives(engine: Engine) -> None:
    ends = {
        f"{each.id}.{end}": getattr(each, end)
        for each in model().assumptions
        if each.ends_count
        for end in ("low", "high")
    }
    for values in edge_inputs():
        engine.put({**ends, **values})
        assert list(differences(values, engine.read, BEYOND)) == []
    engine.put({**ends, **{each.id: each.central for each in model().assumptions}})


@pytest.mark.libreoffice
def test_random_inputs_give_what_the_core_gives_in_libreoffice(copy: bytes, tmp_path: Path) -> None:
    calc_host = pytest.importorskip("tests.addin.calc_host")
    file = tmp_path / "copy.xlsx"
    file.write_bytes(copy)
    random = np.random.default_rng(3)
    with calc_host.Calc(calc_host.Home(tmp_path / "office")) as calc:
        office = Office(calc, file)
        for _ in range(DRAWS_IN_OFFICE):
            values = random_inputs(random)
            office.put(values)
            assert list(differences(values, office.read)) == []


@pytest.mark.parametrize(
    ("reference", "value", "said"),
    [
        ("marginal_cost", None, "blank"),
        ("marginal_cost", 0.0, "0"),
        ("marginal_cost", "about 22,500", "about 22,500"),
        ("marginal_cost", -1.0, "-1"),
        ("marginal_cost", 1e16, "10000000000000000"),
    ],
)
def test_an_input_out_of_bounds_is_an_error_that_says_what_to_mend(
    engine: Engine, reference: str, value: float | str | None, said: str
) -> None:
    engine.put({"marginal_cost": 22_500.0})
    engine.put({reference: value})
    assert isinstance(engine.read("cost_multiple"), CellError)
    words = engine.read("figures_fit")
    assert "Cost of one more scholar (Assumptions) must be a number above 0" in words
    assert f"but is {said}." in words
    engine.put({"marginal_cost": 20_000.0, "value_per_researcher": 100_000.0})
    assert engine.read("cost_multiple") == 5
    assert "must be" not in engine.read("figures_fit")


def test_the_bounds_belong_to_both_sides(engine: Engine) -> None:
    domain = whole()["marginal_cost"].domain
    for value in (domain.minimum, domain.maximum):
        engine.put({"value_per_researcher": 1.0, "marginal_cost": value})
        assert engine.read("cost_multiple") == 1 / value
    for value in (np.nextafter(domain.minimum, 0), domain.maximum * 1.001):
        engine.put({"marginal_cost": float(value)})
        assert isinstance(engine.read("cost_multiple"), CellError)


def test_every_result_of_the_answer_sheets_that_has_a_closed_form_is_native() -> None:
    kinds = {each.id: kind_of(each) for each in called_results(whole())}
    dated = {
        name for name, kind in kinds.items() if kind != NATIVE and not name.startswith("check_")
    }
    assert dated == {
        # simulated
        *("mentor_margin", "mentor_curve", "place_map", "mentor_map"),
        *("simulation", "outcome_curves", "surface_error", "tornado", "information_value"),
        *("provenance_debt", "scenarios"),
        # found by search or iteration
        *("breakeven_elasticity", "safe_load", "consistent_rates", "break_even"),
        # fits of distributions
        *("range_echo", "range_warning", "pooled_opinions"),
    }


def test_every_cell_of_a_native_result_has_a_formula() -> None:
    cells = natives().cells
    for result in called_results(whole()):
        if kind_of(result) == NATIVE:
            rows, columns = whole().size(result)
            has = [
                natives().home(result, r, c) in cells for r in range(rows) for c in range(columns)
            ]
            assert any(has), result.id
            if result.id != "survey_summary":  # its interval is simulated
                assert all(has) or _is_sentence(result), result.id


def _is_sentence(result: Result) -> bool:
    return result.unit == "text"


def test_only_functions_that_every_spreadsheet_knows_are_used() -> None:
    texts = [*natives().cells.values(), *natives().helpers.formulas]
    plain = [re.sub(r'"[^"]*"', "", text) for text in texts]
    used = {name for text in plain for name in re.findall(r"\b([A-Z][A-Z0-9.]*)\(", text)}
    assert used <= KNOWN
    longest = max(len(text) for text in texts)
    assert longest < 8_192
    literals = [found for text in texts for found in re.findall(r'"((?:[^"]|"")*)"', text)]
    assert max(map(len, literals)) <= 255


def test_formulas_nest_no_deeper_than_excel_takes() -> None:
    for text in (*natives().cells.values(), *natives().helpers.formulas):
        depth = deepest = 0
        for sign in re.sub(r'"[^"]*"', "", text):
            depth += (sign == "(") - (sign == ")")
            deepest = max(depth, deepest)
        assert deepest <= 64


def test_the_table_of_native_forms_is_of_today() -> None:
    shown = native_table.PAGE.read_text(encoding="utf-8")
    assert shown == native_table.markdown(), "python -m tests.native_table"
