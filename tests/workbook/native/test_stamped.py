"""What a copy without functions says of its age: nothing old stands as if it were new."""

from __future__ import annotations

from pathlib import Path

import pytest

from pycore.model.results import model
from pycore.model.tables import HEADLINES, NOTHING
from tests.workbook.native.oracle import Engine, Office
from workbook.sheets.first_aid import ELSEWHERE
from workbook.sheets.parts import FINE, FIRST_AID, FIRST_AID_STATE, OUTDATED, outdated
from workbook.sheets.stamp import EDITED, SAID

RANGES = [f"{each.name}_within" for each in HEADLINES]


@pytest.fixture(name="engine", scope="module")
def _engine(copy: bytes) -> Engine:
    return Engine(copy)


def test_a_new_copy_says_from_when_it_is_and_that_it_follows(engine: Engine) -> None:
    engine.put({"marginal_cost": model()["marginal_cost"].central})
    assert engine.read(FIRST_AID_STATE) == FINE
    assert "answers without functions" in engine.read(FIRST_AID)
    assert engine.read("cost_multiple_within") == "3-7x"


@pytest.mark.parametrize("edited", [each.id for each in model().assumptions if not each.setting])
def test_an_edit_takes_the_simulated_ranges_away_and_undoing_it_brings_them_back(
    engine: Engine, edited: str
) -> None:
    node = model()[edited]
    before = [engine.read(each) for each in RANGES]
    engine.put({f"{edited}.low": node.low * 0.99 if node.low else 0.001})
    assert engine.read(EDITED) == 1
    assert engine.read(FIRST_AID_STATE) in (OUTDATED, ELSEWHERE)  # a low end above the middle
    assert engine.read(SAID).startswith("Simulated on ")
    assert "before 1 input was edited" in engine.read(SAID)
    assert node.label in engine.read(SAID)
    assert {engine.read(each) for each in RANGES} == {NOTHING}
    assert "90% confidence" not in engine.read("answer_cost")
    assert engine.read(outdated("Uncertainty")).startswith("Simulated on ")
    engine.put({f"{edited}.low": node.low})
    assert engine.read(EDITED) == 0
    assert [engine.read(each) for each in RANGES] == before
    assert engine.read(outdated("Uncertainty")) == ""


def test_results_follow_where_nothing_is_simulated(engine: Engine) -> None:
    engine.put({"marginal_cost": 25_000.0})
    assert engine.read("cost_multiple") == 4
    assert engine.read(outdated("Cost")) == ""
    engine.put({"marginal_cost": model()["marginal_cost"].central})


@pytest.mark.libreoffice
def test_the_same_in_libreoffice_and_after_it_saved_the_copy(copy: bytes, tmp_path: Path) -> None:
    calc_host = pytest.importorskip("tests.addin.calc_host")
    file, saved = tmp_path / "copy.xlsx", tmp_path / "saved.xlsx"
    file.write_bytes(copy)
    with calc_host.Calc(calc_host.Home(tmp_path / "office")) as calc:
        office = Office(calc, file)
        for node in model().assumptions:
            held = office.book.value(node.id)
            office.put({node.id: held * 1.01 + 0.01})
            assert (node.id, office.one(EDITED)) == (node.id, 1)
            assert office.one("cost_multiple_within") == NOTHING, node.id
            office.put({node.id: held})
            assert (node.id, office.one(EDITED)) == (node.id, 0)
            assert office.one("cost_multiple_within") == "3-7x", node.id
        office.put({"marginal_cost": 40_000.0, "marginal_cost.high": 45_000.0})
        calc.save(saved.as_uri(), "Calc MS Excel 2007 XML")
        calc.open(saved.as_uri())
        assert office.one(FIRST_AID_STATE) == OUTDATED
        assert office.one("cost_multiple") == 2.5
        assert office.one("cost_multiple_within") == NOTHING
        office.put({"marginal_cost": 22_500.0, "marginal_cost.high": 25_000.0})
        assert office.one(FIRST_AID_STATE) == FINE
        assert office.one("cost_multiple_within") == "3-7x"
