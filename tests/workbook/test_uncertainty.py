"""Uncertainty in the sheets: what is computed over tables, and the settings that it hangs on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pycore import cost, uncertainty
from pycore.errors import InputError
from pycore.model import model
from workbook.blocks import HEADLINES, MOST_SCENARIOS, blocks
from workbook.read import read_book, settings
from workbook.recalc import recalculate
from workbook.sheets.sensitivity import LISTED

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]

FEW = {"simulation_draws": 64.0}


def held(data: bytes, name: str) -> list[list[Any]]:
    return read_book(data, "file").values(name)


@pytest.fixture(name="few", scope="module")
def _few(built: bytes) -> bytes:
    """The workbook with few draws."""
    return recalculate(built, "file", FEW).data


# The blocks


OVER_TABLES = [
    block for block in blocks().values() if block.function.__module__ == uncertainty.__name__
]


@pytest.mark.parametrize("block", OVER_TABLES, ids=lambda block: block.id)
def test_a_block_holds_what_its_function_gives(built: bytes, block: Any) -> None:
    book = read_book(built, "built")
    arguments = []
    for name in block.arguments:
        rows = book.values(name)
        arguments.append(rows if name.endswith("_table") else rows[0][0])
    expected = block.function(*arguments).tolist()
    assert (len(expected), len(expected[0])) == block.size
    for row, wanted in zip(book.values(block.name), expected, strict=True):
        assert row == [pytest.approx(cell) if cell != "" else "" for cell in wanted]


def test_show_lists_every_block(file: Path, run: Run) -> None:
    results = json.loads(run("show", file, "--json")[1])["results"]
    for block in blocks().values():
        shown = results[block.id]
        assert (shown["label"], shown["unit"]) == (block.label, block.unit)
        assert np.shape(np.asarray(shown["value"], dtype=object)) == (
            block.size if block.size != (1, 1) else ()
        )


def test_percentiles_stand_beside_their_answer(built: bytes) -> None:
    book = read_book(built, "built")
    for row, headline in zip(book.values("simulation"), HEADLINES, strict=True):
        assert sorted(row[:5]) == row[:5]
        central = book.value(headline.name)
        assert row[0] < central < row[4]
        assert 0 <= row[6] <= 1


def test_ranges_are_said_aloud(as_built: bytes) -> None:
    book = read_book(as_built, "built")
    for row, headline in zip(book.values("simulation"), HEADLINES, strict=True):
        said = book.value(f"{headline.name}_within")
        if headline.unit(model()) == "x":
            assert said == cost.quote(row[0], row[4])
    assert book.value("marginal_ratio_within") == "68% to 94%"
    assert book.value("net_safety_within") == "330 to 590"
    assert book.value("ratio_shift_after_within") == "3:1 to 15:1"
    for answer, name in (("cost", "cost_multiple"), ("marginal", "adjusted_multiple")):
        sentence = f"it is {book.value(f'{name}_within')} with 90% confidence."
        assert sentence in book.value(f"answer_{answer}")


def test_a_loss_is_said_with_its_sign(few: bytes) -> None:
    offset: dict[str, float | str] = {"offset": 0.5, "offset.low": 0.4, "offset.high": 0.6}
    said = held(recalculate(few, "file", offset).data, "net_safety_within")[0][0]
    assert said.startswith("-")


def test_a_narrower_range_narrows_the_answer(few: bytes) -> None:
    narrow = {"value_per_researcher.low": 99_000.0, "value_per_researcher.high": 101_000.0}
    after = recalculate(few, "file", narrow).data
    before, now = (held(data, "simulation")[0] for data in (few, after))
    assert now[4] - now[0] < (before[4] - before[0]) / 2
    assert held(few, "tornado_1") == [["value_per_researcher"]]
    assert held(after, "tornado_1") != [["value_per_researcher"]]
    assert held(few, "cost_multiple_within") != held(after, "cost_multiple_within")


def test_thresholds_are_asked_about(few: bytes) -> None:
    data = recalculate(few, "file", {"cost_multiple_threshold": 1.0}).data
    assert held(data, "simulation")[0][6] == 1


def test_a_blank_threshold_has_no_chance(few: bytes, with_cell: Callable[..., bytes]) -> None:
    data = recalculate(with_cell(few, "cost_multiple_threshold", ""), "file").data
    assert held(data, "simulation")[0][6] == "-"
    assert held(data, "simulation_block")[0][6] == ""


def test_another_answer_is_taken_apart(few: bytes) -> None:
    data = recalculate(few, "file", {"sensitivity_outcome": "net_safety"}).data
    assert held(data, "sensitivity_central") == held(data, "net_safety")
    ids = {row[0] for row in held(data, "tornado_block")} - {""}
    assert ids <= {"added_safety", "added_capabilities", "offset", "backfire_share"} | {
        "pivot_share",
        "spillover",
    }
    assert len(ids) <= LISTED


@pytest.mark.parametrize("headline", HEADLINES, ids=lambda each: each.reference)
def test_no_answer_hangs_on_more_than_are_listed(few: bytes, headline: Any) -> None:
    book = read_book(few, "few")
    tables = (book.values("assumption_table"), book.values("correlation_table"))
    rows = uncertainty.tornado(*tables, headline.reference, 32, 1)
    assert sum(row[0] != "" for row in rows) <= LISTED


# Scenarios


def test_a_scenario_changes_its_column_alone(few: bytes) -> None:
    before = held(few, "scenarios_block")
    changes: dict[str, float | str] = {"change_6": "offset", "scenario_4_value_6": 1.0}
    after = held(recalculate(few, "file", changes).data, "scenarios_block")
    for was, now in zip(before, after, strict=True):
        assert was[:MOST_SCENARIOS] == now[:MOST_SCENARIOS]
    assert [row[0] for row in before[:-1]] == [row[MOST_SCENARIOS] for row in before[:-1]]
    assert [row[MOST_SCENARIOS] for row in before] != [row[MOST_SCENARIOS] for row in after]


def test_a_scenario_out_of_bounds_says_why_and_the_others_stand(few: bytes) -> None:
    data = recalculate(few, "file", {"scenario_2_value_2": 3.0}).data
    before, after = held(few, "scenarios_block"), held(data, "scenarios_block")
    assert {row[2] for row in after[:-1]} == {"#VALUE!"}
    assert "selection_validity must be a share from 0 to 1" in after[-1][2]
    for was, now in zip(before, after, strict=True):
        assert was[:2] + was[3:] == now[:2] + now[3:]


# Correlations


CORRELATED: dict[str, float | str] = {
    "correlation_1_first": "value_per_researcher",
    "correlation_1_second": "marginal_cost",
    "correlation_1_rank": 0.9,
}


def test_correlations_move_the_answers(few: bytes) -> None:
    data = recalculate(few, "file", CORRELATED).data
    book = read_book(data, "file")
    before, after = (held(each, "simulation")[0] for each in (few, data))
    assert after[4] - after[0] < before[4] - before[0]
    place = book.places["correlation_1_rank"].first
    sheet = book.sheet_of("correlation_1_rank")
    labels = [sheet.cells[f"{column}{place[1:]}"].value for column in "DE"]
    assert labels == ["Value of one more researcher", "Cost of one more scholar"]


def test_half_a_row_is_refused_with_its_place(few: bytes) -> None:
    done = recalculate(few, "file", {"correlation_2_first": "offset"})
    assert held(done.data, "simulation_block")[0][0] == "#VALUE!"
    assert any("SIMULATE: correlations (row 2)" in note for note in done.notes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("correlation_1_rank=1.5", "Correlations!C5 (correlation_1_rank) must be a number from -1"),
        ("correlation_1_first=offsets", "Correlations!A5 (correlation_1_first) must be the name"),
        ("correlation_1_first=cost_scope", "Correlations!A5 (correlation_1_first) must be the"),
        ("simulation_draws=0", "(simulation_draws) must be a whole number from 32"),
        ("simulation_draws=1000000000", "(simulation_draws) must be a whole number from 32"),
        ("simulation_draws=a lot", "(simulation_draws) must be a whole number from 32"),
        ("simulation_draws=", "(simulation_draws) must be a whole number from 32"),
        ("simulation_seed=-1", "(simulation_seed) must be a whole number from 0"),
        ("cost_multiple_threshold=high", "(cost_multiple_threshold) must be a number"),
        ("sensitivity_outcome=offset", "(sensitivity_outcome) must be one of: cost_multiple"),
        ("decision_1_answer=x", "(decision_1_answer) must be one of: cost_multiple"),
        ("information_outcome=cost_multiple", "(information_outcome) must be one of: net_value"),
        ("this_year=26", "(this_year) must be a whole number"),
        ("change_1=offsets", "Scenarios!B6 (change_1) must be the name of"),
        ("scenario_1_value_1=dear", "Scenarios!C6 (scenario_1_value_1) must be one of: recruit"),
        (f"scenario_1_name={'x' * 41}", "(scenario_1_name) must be a text of at most 40"),
        ("scenario_1_name=", "(scenario_1_name) must be a text of at most 40"),
    ],
)
def test_bad_settings_are_refused(file: Path, refused: Refused, change: str, said: str) -> None:
    assert said in refused("set", file, change)


def test_a_setting_may_be_cleared(few: bytes, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "few.xlsx"
    path.write_bytes(few)
    assert run("set", path, "change_1=", "scenario_1_value_1=", "net_safety_threshold=")[0] == 0
    block = held(path.read_bytes(), "scenarios_block")
    assert [row[1] for row in block] == [row[0] for row in block]


def test_nonsense_typed_in_a_sheet_is_refused_by_its_cell(
    built: bytes, with_cell: Callable[..., bytes]
) -> None:
    data = with_cell(built, "correlation_3_rank", "<is><t>strong</t></is>", "inlineStr")
    with pytest.raises(InputError, match=r"^Correlations!C7 \(correlation_3_rank\).*'strong'$"):
        recalculate(data, "file")


def test_every_setting_is_found_once() -> None:
    assert {"simulation_draws", "correlation_8_rank", "scenario_4_value_8"} <= set(settings())
    assert not {"correlation_table", "scenario_table", "marginal_cost"} & set(settings())
