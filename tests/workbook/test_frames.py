"""The workbook as tables: what they hold, what is written back, and cases beside `evaluate`."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pycore.errors import InputError
from pycore.graph import evaluate
from pycore.model.results import model
from workbook.cases import evaluate_cases
from workbook.file.package import open_package
from workbook.frames import Workbook, load
from workbook.read import read_book
from workbook.show import contents

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def book(built: bytes) -> Workbook:
    return load(built)


def at(frame: pd.DataFrame, row: Any, column: str) -> Any:
    return frame.at[row, column]


def case_of(cases: pd.DataFrame, row: Any) -> dict[str, Any]:
    return {column: at(cases, row, column) for column in cases.columns}


def test_the_tables_hold_what_show_says(book: Workbook, built: bytes) -> None:
    held = contents(read_book(built, "f"))
    for name in ("assumptions", "results", "checks", "goods", "evidence", "comparisons"):
        table = getattr(book, name)
        assert [*table.index] == [*held[name]]
        assert table.index.name == "id"
        for row, cells in held[name].items():
            for column in table.columns.intersection([*cells]):
                value, expected = at(table, row, column), cells[column]
                assert (pd.isna(value) is True and expected is None) or value == expected
    for node in model().assumptions:
        assert at(book.assumptions, node.id, "group") == node.group
        assert at(book.assumptions, node.id, "note") == node.note
    assert book.assumptions["central"].map(type).isin([float, int, str]).all()
    assert book.outdated == ""
    assert book.answers[0].startswith("One more")


def test_scenarios_and_settings_are_tables(book: Workbook) -> None:
    scenarios = book.scenarios
    assert at(scenarios, "name", "scenario_2") == "Selection is sharp"
    row = scenarios.loc[scenarios["assumption"] == "selection_validity"]
    assert row["scenario_2"].tolist() == [0.6]
    assert at(book.settings, "simulation_draws", "value") == 256
    assert book.survey.empty


def test_a_workbook_is_opened_from_a_path_and_from_an_open_book(file: Path, built: bytes) -> None:
    for source in (file, str(file), SimpleNamespace(fullname=str(file))):
        opened = load(source)
        assert opened.data == built
        assert opened.name == str(file)


def test_what_is_no_workbook_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the workbook must be an \.xlsx"):
        load(b"PK")
    with pytest.raises(InputError, match="nowhere"):
        load(tmp_path / "nowhere.xlsx")


def test_changed_tables_give_the_file_that_set_gives(
    book: Workbook, file: Path, tmp_path: Path, run: Run, built: bytes
) -> None:
    assumptions, goods, scenarios = book.assumptions, book.goods, book.scenarios
    assumptions.loc["marginal_cost", ["low", "central", "high"]] = [25_000, 30_000.5, 36_000]
    assumptions.loc["offset", "distribution"] = "pert"
    goods.loc["good_1", "own"] = 3
    goods.loc["good_20", "name"] = "Workshop"
    goods.loc["good_20", "cost"] = 9000
    scenarios.loc["name", "scenario_1"] = "Dearer"
    scenarios.loc["change_1", "scenario_1"] = None
    judgements = book.comparisons
    judgements.loc["compared_1", "compared_2"] = 2.5
    words = [
        *("marginal_cost=30000.5", "marginal_cost.low=25000", "marginal_cost.high=36000"),
        *("offset.distribution=pert", "good_1_own=3", "good_20_name=Workshop"),
        *("good_20_cost=9000", "scenario_1_name=Dearer", "scenario_1_value_1="),
        *("judgement_1_2=2.5", "simulation_seed=7"),
    ]
    changed = book.changed(
        assumptions=assumptions,
        goods=goods,
        scenarios=scenarios,
        comparisons=judgements,
        settings=pd.DataFrame({"value": {"simulation_seed": 7}}),
    )
    out = tmp_path / "changed.xlsx"
    changed.save(out)
    assert run("set", file, *words)[0] == 0
    ours, others = (open_package(path.read_bytes(), "f").parts for path in (out, file))
    assert ours.keys() == others.keys()
    assert [part for part in ours if ours[part] != others[part]] == []
    assert book.data == built
    assert at(changed.goods, "good_20", "name") == "Workshop"


def test_nothing_differs_where_nothing_was_changed(book: Workbook) -> None:
    names = ("assumptions", "goods", "comparisons", "evidence", "scenarios", "settings", "survey")
    same = book.changed(**{name: getattr(book, name) for name in names})
    assert open_package(same.data, "a").parts == open_package(book.data, "b").parts
    assert same.notes == ()


def test_a_survey_is_a_table_too(book: Workbook) -> None:
    asked = pd.DataFrame({"Journalist": [2, 8, 4.5], "Blog post": [1, None, 3]})
    changed = book.changed(survey=asked)
    assert changed.survey.columns.tolist() == ["Journalist", "Blog post"]
    assert np.array_equal(changed.survey.to_numpy(), asked.to_numpy(), equal_nan=True)
    with pytest.raises(InputError, match=r"row 3, column B \(Journalist\) must be .* above 0"):
        book.changed(survey=pd.DataFrame({"Journalist": [2, -8]}))


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "message"),
    [
        ("assumptions", "marginal_cost", "central", -1, "marginal_cost"),
        ("assumptions", "marginal_cost", "central", None, "must be a number, such as 30000"),
        ("assumptions", "marginal_cost", "central", "many", "must be a number, such as 30000"),
        ("assumptions", "marginal_cost", "low", 1e9, "marginal_cost"),
        ("assumptions", "offset", "distribution", "odd", "offset.distribution"),
        ("assumptions", "offset", "unit", "kg", "unit of offset in the assumptions must stay"),
        ("assumptions", "nobody", "central", 1, "the row 'nobody' of the assumptions"),
        ("assumptions", "offset", "colour", 1, "the column 'colour' of the assumptions"),
        ("goods", "good_1", "own", -4, "good_1_own"),
        ("goods", "good_1", "rate_used", 4, "rate_used of good_1 in the goods must stay"),
        ("goods", "good_51", "own", 4, "the row 'good_51' of the goods"),
        ("scenarios", "change_1", "assumption", "nobody", "change_1"),
        ("settings", "simulation_draws", "value", 1e12, "simulation_draws"),
    ],
)
def test_what_set_refuses_is_refused(
    book: Workbook, table: str, row: str, column: str, value: Any, message: str
) -> None:
    frames: dict[str, Any] = {table: pd.DataFrame({column: pd.Series({row: value}, dtype=object)})}
    with pytest.raises(InputError) as caught:
        book.changed(**frames)
    assert message in str(caught.value)


def test_a_refused_table_leaves_the_file(book: Workbook, file: Path, built: bytes) -> None:
    results = book.results
    with pytest.raises(InputError, match="the table 'results' must be one of assumptions, "):
        load(file).changed(results=results)
    twice = pd.concat([book.settings, book.settings])
    with pytest.raises(InputError, match="once, but is there more than once"):
        load(file).changed(settings=twice)
    with pytest.raises(InputError, match=r"must end in \.xlsx, but is \.txt"):
        load(file).save(file.with_suffix(".txt"))
    assert file.read_bytes() == built
    assert [*file.parent.iterdir()] == [file]


def test_draws_are_those_of_simulate(book: Workbook, file: Path, tmp_path: Path, run: Run) -> None:
    out = tmp_path / "draws.csv"
    words = ("--draws", 512, "--seed", 3, "--result", "exit_year", "net_safety")
    assert run("simulate", file, *words, "--csv", out)[0] == 0
    draws = book.draws(["exit_year", "net_safety"], draws=512, seed=3)
    written = pd.read_csv(out).replace("never", math.inf).astype(float)
    assert draws.index.tolist() == [*range(512)]
    pd.testing.assert_frame_equal(
        draws.reset_index(drop=True), written, check_exact=True, check_dtype=False
    )


CASES = pd.DataFrame(
    {
        "marginal_cost": [20_000.0, 25_000.0, 30_000.0],
        "offset": [15.0, 20.0, 12.0],
        "marginal_cost.low": [15_000.0, 20_000.0, 25_000.0],
    },
    index=["a", "b", "c"],
)


def test_cases_are_evaluated_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbook import cases

    calls: list[Any] = []

    def counted(*arguments: Any) -> dict[str, Any]:
        calls.append(arguments)
        return evaluate(*arguments)

    monkeypatch.setattr(cases, "evaluate", counted)
    found = evaluate_cases(CASES, ["cost_multiple", "ratio_shift", "cost_multiple_range.low"])
    assert len(calls) == 1
    assert found.index.equals(CASES.index)
    parts = ["ratio_shift.before", "ratio_shift.after", "ratio_shift.change"]
    assert [*found] == ["cost_multiple", *parts, "cost_multiple_range.low", "refused"]
    assert found["refused"].tolist() == [None] * 3
    for case in CASES.index:
        expected = evaluate(model(), case_of(CASES, case))
        assert at(found, case, "cost_multiple") == expected["cost_multiple"]
        assert at(found, case, "cost_multiple_range.low") == expected["cost_multiple_range"][0]
        assert found.loc[case, parts].tolist() == expected["ratio_shift"].tolist()


def test_every_number_and_text_is_computed_unless_others_are_wanted() -> None:
    found = evaluate_cases(CASES)
    expected = evaluate(model(), case_of(CASES, "b"))
    for column in found.columns.drop("refused"):
        name, _, part = column.partition(".")
        result = model()[name]
        value = expected[name][result.parts.index(part)] if part else expected[name]
        assert at(found, "b", column) == value
    assert all(isinstance(text, str) for text in found["ratio_before_text"])
    assert "marginal_ratio_curve" not in found
    assert "place_multiple" not in found


def test_a_refused_case_says_why_and_spoils_no_other() -> None:
    bad = pd.concat([CASES] * 5, ignore_index=True)
    bad.loc[7, "marginal_cost"] = -1
    bad.loc[11, "offset"] = np.nan
    found = evaluate_cases(bad, ["cost_multiple", "ratio_before_text"])
    fine = found.drop([7, 11])
    assert fine["refused"].isna().all()
    assert fine["cost_multiple"].notna().all()
    assert found.loc[[7, 11], ["cost_multiple", "ratio_before_text"]].isna().all(axis=None)
    assert at(found, 7, "refused").startswith("marginal_cost must be")
    assert at(found, 11, "refused").startswith("offset must be")


def test_choices_are_columns_too() -> None:
    (choice, *_) = model().choices
    cases = pd.DataFrame({choice.id: [*choice.options, "another"]})
    found = evaluate_cases(cases, ["cost_multiple", "exit_year", "ratio_shift.after"])
    for row, word in enumerate(choice.options):
        expected = evaluate(model(), {choice.id: word})
        assert at(found, row, "ratio_shift.after") == expected["ratio_shift"][1]
        assert at(found, row, "exit_year") == expected["exit_year"]
    assert choice.id in found["refused"].iloc[-1]


def test_what_simulates_is_computed_where_it_is_wanted() -> None:
    cases = pd.DataFrame({"replicates": [20, 20], "selection_validity": [0.4, 0.5]})
    found = evaluate_cases(cases, ["mentor_margin.place_ratio"])
    for row in cases.index:
        expected = evaluate(model(), case_of(cases, row), wanted=["mentor_margin"])
        assert at(found, row, "mentor_margin.place_ratio") == expected["mentor_margin"][0]


def test_no_cases_give_no_rows() -> None:
    found = evaluate_cases(CASES.iloc[:0], ["cost_multiple"])
    assert found.shape == (0, 2)


@pytest.mark.parametrize(
    ("cases", "wanted", "message"),
    [
        (CASES.rename(columns={"offset": "nobody"}), None, "the column 'nobody' must be"),
        (CASES.rename(columns={"offset": "marginal_cost"}), None, "must stand once"),
        (CASES, ["nobody"], "id of a result"),
        (CASES, ["ratio_shift.nobody"], "id of a result"),
        (CASES, ["net_safety_curve"], "not a table"),
    ],
)
def test_tables_of_cases_that_mean_nothing_are_refused(
    cases: pd.DataFrame, wanted: list[str] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        evaluate_cases(cases, wanted)


def test_cases_stand_beside_the_workbooks_own_assumptions(book: Workbook) -> None:
    changed = book.changed(assumptions=pd.DataFrame({"central": {"offset": 16.5}}))
    found = changed.evaluate(CASES[["marginal_cost"]], ["net_safety", "neglectedness_offset"])
    plain = evaluate_cases(CASES[["marginal_cost"]].assign(offset=16.5), ["net_safety"])
    assert found["net_safety"].tolist() == plain["net_safety"].tolist()
