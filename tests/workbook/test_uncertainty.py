"""Uncertainty in the sheets: what is computed over tables, and the settings that it depends on."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pycore import cost
from pycore.errors import InputError
from pycore.model import arguments as tables
from pycore.model import uncertainty
from pycore.model.results import model
from pycore.model.tables import HEADLINES, MOST_SCENARIOS, deciding_ids
from pycore.model.whole import over_tables, whole
from pycore.uncertainty.surfaces import surfaces
from workbook.read import read_book, settings
from workbook.recalc import recalculate
from workbook.sheets.parts import block_name
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
    block for block in over_tables().values() if block.function.__module__ == uncertainty.__name__
]


@pytest.mark.parametrize("block", OVER_TABLES, ids=lambda block: block.id)
def test_a_block_holds_what_its_function_gives(built: bytes, block: Any) -> None:
    book = read_book(built, "built")
    arguments = []
    for name in block.arguments:
        rows = book.values(name)
        arguments.append(rows if name.endswith("_table") else rows[0][0])
    expected = block.function(*arguments).tolist()
    assert (len(expected), len(expected[0])) == whole().size(block)
    for row, wanted in zip(book.values(block_name(block.id)), expected, strict=True):
        assert row == [pytest.approx(cell) if cell != "" else "" for cell in wanted]


def test_show_lists_every_block(file: Path, run: Run) -> None:
    results = json.loads(run("show", file, "--json")[1])["results"]
    for block in over_tables().values():
        shown = results[block.id]
        assert (shown["label"], shown["unit"]) == (block.label, block.unit)
        assert np.shape(np.asarray(shown["value"], dtype=object)) == (
            whole().size(block) if whole().size(block) != (1, 1) else ()
        )


def test_percentiles_stand_beside_their_answer(built: bytes) -> None:
    book = read_book(built, "built")
    for row, headline in zip(book.values("simulation"), HEADLINES, strict=True):
        percentiles = [math.inf if each == "never" else each for each in row[:5]]
        assert sorted(percentiles) == percentiles
        central = book.value(headline.name)
        assert percentiles[0] < central < percentiles[4], headline.reference
        assert 0 <= row[6] <= 1


def test_ranges_are_in_words(as_built: bytes) -> None:
    book = read_book(as_built, "built")
    for row, headline in zip(book.values("simulation"), HEADLINES, strict=True):
        said = book.value(f"{headline.name}_within")
        if headline.unit(model()) == "x":
            assert said == cost.quote(row[0], row[4])
    assert book.value("marginal_ratio_within") == "69% to 94%"
    assert book.value("net_safety_within") == "320 to 590"
    assert book.value("ratio_shift_after_within") == "3.4:1 to 14:1"
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
    drawn = (book.values("assumption_table"), book.values("correlation_table"))
    if headline.reference == "exit_year":  # what may be never has no variance to share
        with pytest.raises(InputError, match="exit_year must be a number in every draw"):
            uncertainty.tornado(*drawn, headline.reference, 32, 1)
        return
    rows = uncertainty.tornado(*drawn, headline.reference, 32, 1)
    assert sum(row[0] != "" for row in rows) <= LISTED


# What enters through a surface


def test_the_error_of_the_surface_stands_beside_the_answers(built: bytes) -> None:
    book = read_book(built, "built")
    given = tables.uncertain(book.values("assumption_table"), [])
    stated = surfaces(given, ["place_multiple"], 1)["mentor_margin"].errors[:2]
    shown = [book.value(f"surface_error_{row}") for row in (1, 2)]
    assert shown == pytest.approx(stated)
    assert (stated > 0).all()
    assert (stated < 0.1).all()


# Where nothing is uncertain


def test_where_nothing_is_uncertain_nothing_is_said_of_it(few: bytes) -> None:
    fixed: dict[str, float | str] = {
        f"{node.id}.distribution": "fixed" for node in model().assumptions if not node.setting
    }
    book = read_book(recalculate(few, "file", fixed).data, "file")
    for answer in ("cost", "marginal", "ratio"):
        assert "uncertainty" not in book.value(f"answer_{answer}")
    assert book.value("ratio_shift_after_within") == "-"
    assert {row[4] for row in book.values("simulation")} != {"-"}


# What flips a decision


def printed_flips(data: bytes) -> dict[str, list[Any]]:
    """Central value, the two flips and their answers, by assumption, as the table shows them."""
    book = read_book(data, "file")
    place = book.places["deciding_ids"]
    return {
        book.cell(place.sheet, address): [
            book.cell(place.sheet, f"{column}{address[1:]}") for column in "BDEFG"
        ]
        for (address,) in place.rows
    }


def test_the_break_even_table_has_the_rows_that_some_answer_hangs_on(few: bytes) -> None:
    found = printed_flips(few)
    assert list(found) == [*deciding_ids(model()), None]
    book = read_book(few, "few")
    given = tables.uncertain(book.values("assumption_table"), [])
    needed = given.arguments({each.reference.partition(".")[0] for each in HEADLINES})
    assert set(needed) <= set(found)
    assert len(found) < len(model().assumptions) / 2


def test_a_flip_next_to_the_central_value_says_on_which_side(few: bytes) -> None:
    central, *first, value, answer = printed_flips(few)["value_per_researcher"]
    assert (central, value, answer) == (100_000, "just above", "4-6x")
    assert first == [pytest.approx(27_170.5, abs=1), pytest.approx(1, abs=1e-6)]
    assert printed_flips(few)["marginal_cost"][3] == "-"


# Scenarios


def test_a_scenario_changes_its_column_alone(few: bytes) -> None:
    before = held(few, "scenarios_block")
    changes: dict[str, float | str] = {"change_6": "offset", "scenario_4_value_6": 1.0}
    after = held(recalculate(few, "file", changes).data, "scenarios_block")
    for was, now in zip(before, after, strict=True):
        assert was[:MOST_SCENARIOS] == now[:MOST_SCENARIOS]
    assert [row[0] for row in before[:-1]] == [row[MOST_SCENARIOS] for row in before[:-1]]
    assert [row[MOST_SCENARIOS] for row in before] != [row[MOST_SCENARIOS] for row in after]


def test_a_scenario_out_of_order_says_why_and_the_others_stand(few: bytes) -> None:
    done = recalculate(few, "file", {"change_6": "admitted", "scenario_2_value_6": 3000.0})
    before, after = held(few, "scenarios_block"), held(done.data, "scenarios_block")
    assert {row[2] for row in after[:-1]} == {"#VALUE!"}
    reason = "admitted must be at most applicants (2,203), but is 3000"
    assert after[-1][2] == reason
    where = "Scenarios!C5 (the scenario Selection is sharp)"
    assert f"{where} cannot be computed: {reason}" in done.notes
    for was, now in zip(before, after, strict=True):
        assert was[:2] + was[3:] == now[:2] + now[3:]


def test_a_scenario_says_which_of_its_assumptions_move_nothing(few: bytes) -> None:
    data = recalculate(few, "file", {"change_6": "grant_to_grantmaker"}).data
    book = read_book(data, "file")
    sheet = book.sheet_of("change_6")
    rows = [int(book.places[f"change_{row}"].first[1:]) for row in (1, 6)]
    assert [sheet.cells[f"H{row}"].value for row in rows] == ["yes", "changes none of the answers"]


# Correlations


CORRELATED: dict[str, float | str] = {
    "correlation_1_first": "value_per_researcher",
    "correlation_1_second": "marginal_cost",
    "correlation_1_rank": 0.9,
}


def test_correlations_move_the_answers(few: bytes) -> None:
    data = recalculate(few, "file", CORRELATED).data
    before, after = (held(each, "simulation")[0] for each in (few, data))
    assert after[4] - after[0] < before[4] - before[0]
    by_label = {
        "correlation_1_first": "Value of one more researcher",
        "correlation_1_second": "Cost of one more scholar",
    }
    assert held(recalculate(few, "file", CORRELATED | by_label).data, "simulation")[0] == after


PAIR = ("correlation_1_first=marginal_cost", "correlation_1_second=offset")
TURNED = (
    "correlation_3_first=offset",
    "correlation_3_second=marginal_cost",
    "correlation_3_rank=0.5",
)
BESIDE = (
    "correlation_2_first=marginal_cost",
    "correlation_2_second=spillover",
    "correlation_2_rank=0.9",
    "correlation_4_first=offset",
    "correlation_4_second=spillover",
    "correlation_4_rank=-0.9",
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (PAIR[:1], "(correlation_1_second) must be an assumption whose"),
        (PAIR, "(correlation_1_rank) must be a number from -1 to 1, but is blank"),
        (
            (PAIR[0], "correlation_1_second=marginal_cost", "correlation_1_rank=0.5"),
            "(correlation_1_second) must be another assumption than the first",
        ),
        (
            (PAIR[0], "correlation_1_second=grant_to_grantmaker", "correlation_1_rank=0.5"),
            "(correlation_1_second) must be an assumption whose distribution is not fixed",
        ),
        (
            (*PAIR, "correlation_1_rank=0.5", "offset.distribution=fixed"),
            "(correlation_1_second) must be an assumption whose distribution is not fixed",
        ),
        (
            (*PAIR, "correlation_1_rank=0.5", *TURNED),
            "(correlation_3_first) must name each pair once, in either order",
        ),
        (
            (*PAIR, "correlation_1_rank=0.9", *BESIDE),
            "(correlation_1_rank) must be moved to",
        ),
        (("decision_1_answer=net_safety", "decision_1_bar="), "(decision_1_bar) must be a number"),
        (("decision_1_answer=cost_quote",), "(decision_1_bar) must be blank"),
        (
            ("decision_2_answer=adjusted_multiple", "decision_2_bar=2"),
            "(decision_2_answer) must be another than the first",
        ),
        (("change_6=marginal_cost",), "(change_6) must name each assumption once"),
        (
            ("change_1=",),
            "(change_1) must name an assumption: values stand in its row",
        ),
        (
            ("change_6=offset", "scenario_4_value_6=-3"),
            "(scenario_4_value_6) must be a number above 0",
        ),
        (
            ("change_6=offset", "scenario_4_value_6=recruit"),
            "(scenario_4_value_6) must be a number above 0",
        ),
        (
            ("change_6=cost_scope", "scenario_4_value_6=2"),
            "(scenario_4_value_6) must be one of: recruit",
        ),
        (("sensitivity_outcome=Cost_Multiple",), "(sensitivity_outcome) must be written cost_mul"),
    ],
)
def test_rows_that_do_not_fit_together_are_refused(
    file: Path, built: bytes, refused: Refused, changes: tuple[str, ...], said: str
) -> None:
    name = said[1 : said.index(")")]
    place = read_book(built, "built").places[name]
    assert refused("set", file, *changes).startswith(f"{place} {said}")


def test_a_simulation_refuses_the_same_rows(
    file: Path, built: bytes, refused: Refused, with_cell: Callable[..., bytes]
) -> None:
    word = "<is><t>marginal_cost</t></is>"
    data = with_cell(built, "correlation_2_first", word, "inlineStr")
    file.write_bytes(with_cell(data, "correlation_2_second", word, "inlineStr"))
    line = refused("simulate", file, "--result", "net_safety")
    place = read_book(built, "built").places["correlation_2_second"]
    assert place.sheet == "Uncertainty"
    assert line.startswith(f"{place} (correlation_2_second) must be another assumption")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("correlation_1_rank=1.5", "(correlation_1_rank) must be a number from -1"),
        ("correlation_1_first=offsets", "(correlation_1_first) must be the name"),
        ("correlation_1_first=cost_scope", "(correlation_1_first) must be the"),
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
        ("change_1=offsets", "(change_1) must be the name of"),
        ("scenario_1_value_1=dear", "(scenario_1_value_1) must be one of: recruit"),
        (f"scenario_1_name={'x' * 41}", "(scenario_1_name) must be a text of at most 40"),
    ],
)
def test_bad_settings_are_refused(file: Path, refused: Refused, change: str, said: str) -> None:
    assert said in refused("set", file, change)


def test_a_setting_may_be_cleared(few: bytes, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "few.xlsx"
    path.write_bytes(few)
    words = ["change_1=", "scenario_1_value_1=", "net_safety_threshold=", "scenario_1_name="]
    assert run("set", path, *words)[0] == 0
    block = held(path.read_bytes(), "scenarios_block")
    assert [row[1] for row in block] == [row[0] for row in block]


def test_nonsense_typed_in_a_sheet_is_refused_by_its_cell(
    built: bytes, with_cell: Callable[..., bytes]
) -> None:
    data = with_cell(built, "correlation_3_rank", "<is><t>strong</t></is>", "inlineStr")
    place = re.escape(str(read_book(built, "built").places["correlation_3_rank"]))
    with pytest.raises(InputError, match=rf"^{place} \(correlation_3_rank\).*'strong'$"):
        recalculate(data, "file")


def test_every_setting_is_found_once() -> None:
    assert {"simulation_draws", "correlation_8_rank", "scenario_4_value_8"} <= set(settings())
    assert not {"correlation_table", "scenario_table", "marginal_cost"} & set(settings())
