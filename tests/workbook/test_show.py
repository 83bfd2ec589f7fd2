"""What a workbook says: every id that other tools rely on, in the shape that they expect."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pycore.model.results import model
from pycore.model.whole import over_tables
from workbook.file.package import open_package
from workbook.file.patch import patch
from workbook.file.write import write
from workbook.read import Place, read_book
from workbook.sheets import sheets
from workbook.show import contents

Run = Callable[..., tuple[int, str, str]]

SHEET = [placed.sheet.name for placed in sheets()].index("Assumptions") + 1
ASSUMPTIONS = f"xl/worksheets/sheet{SHEET}.xml"

RANGED = [
    "value_per_researcher",
    "marginal_cost",
    "applicants",
    "admitted",
    "mentors",
    "selection_validity",
    "impact_orders",
    "impact_coverage",
    "marginal_threshold",
    "safety_researchers",
    "capabilities_researchers",
    "added_safety",
    "added_capabilities",
    "alumni_alignment_share",
    "alumni_independent_share",
    "alumni_capabilities_share",
    "alumni_safety_per_capabilities",
    "offset",
    "backfire_share",
    "pivot_share",
    "spillover",
    "pool_elasticity",
    "cohort_growth",
    "places",
    "shared_criteria",
    "replicates",
    "seed",
    "grant_to_grantmaker",
    "researchers_per_grant",
]

RESULTS = [
    "cost_multiple",
    "cost_multiple_range",
    "cost_quote",
    "restatement_threshold",
    "impact_sigma",
    "marginal_ratio",
    "validity_at_threshold",
    "adjusted_multiple_range",
    "adjusted_quote",
    "marginal_value",
    "skill_density",
    "skill_density_grown",
    "breakeven_elasticity",
    "mean_to_median",
    "top_percent_share",
    "ratio_shift",
    "ratio_before_text",
    "ratio_after_text",
    "capabilities_per_100_safety",
    "safety_alumni_share",
    "neutral_margin",
    "neglectedness_offset",
    "net_safety",
    "breakeven_backfire",
    "breakeven_capabilities_share",
    "money_per_researcher",
    "scoped_cost",
    "place_value",
    "mentor_value",
    "place_multiple",
    "mentor_multiple",
    "place_quote",
    "mentor_quote",
]

BLOCKS = {
    "cost_multiple_range": (1, 2),
    "adjusted_multiple_range": (1, 2),
    "ratio_shift": (1, 3),
    "marginal_ratio_curve": (21, 1),
    "net_safety_curve": (10, 1),
    "mentor_margin": (1, 10),
    "place_quote_range": (1, 2),
    "mentor_quote_range": (1, 2),
    "place_map": (6, 5),
    "mentor_map": (6, 5),
    "mentor_curve": (11, 10),
    "bar_curve": (11, 1),
    "growth_admitted": (7, 1),
    "growth_applicants": (7, 4),
    "growth_density": (7, 4),
}


def place_of(data: bytes, name: str) -> Place:
    """Where the cell of a name stands."""
    return read_book(data, "built").places[name]


@pytest.fixture(name="built", scope="module")
def _built(as_built: bytes) -> bytes:
    return as_built


@pytest.fixture(name="shown", scope="module")
def _shown(built: bytes) -> Any:
    return json.loads(json.dumps(contents(read_book(built, "built")), allow_nan=False))


def test_json_is_what_the_workbook_holds(file: Path, run: Run, shown: Any) -> None:
    status, out, err = run("show", file, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == shown


def test_three_groups_in_order(shown: Any) -> None:
    entered = ["goods", "comparisons", "evidence"]
    assert list(shown) == ["assumptions", "results", "checks", *entered]


def test_every_assumption_with_its_range(shown: Any) -> None:
    assert set(RANGED) <= set(shown["assumptions"])
    keys = {
        *("label", "unit", "low", "central", "high", "source", "date", "note"),
        *("distribution", "fitted", "warning"),
    }
    for node_id, held in shown["assumptions"].items():
        assert set(held) == keys, node_id
        assert all(isinstance(held[key], str) and held[key] for key in ("label", "unit", "source"))
        if node_id != "cost_scope":
            assert held["low"] <= held["central"] <= held["high"], node_id


def test_the_declared_figures_are_shown(shown: Any) -> None:
    assert shown["assumptions"]["marginal_threshold"]["central"] == 0.8
    assert shown["assumptions"]["grant_to_grantmaker"]["central"] == 1_000_000
    assert shown["assumptions"]["researchers_per_grant"]["central"] == 8
    for node in model().assumptions:
        held = shown["assumptions"][node.id]
        assert [held[part] for part in ("low", "central", "high", "source", "date")] == [
            node.low,
            node.central,
            node.high,
            node.source,
            node.date,
        ]


def test_the_choice_has_a_word_and_no_range(shown: Any) -> None:
    held = shown["assumptions"]["cost_scope"]
    assert (held["low"], held["central"], held["high"]) == (None, "retrain", None)


def test_every_result_with_a_value(shown: Any) -> None:
    assert set(RESULTS) <= set(shown["results"])
    for result_id, held in shown["results"].items():
        assert set(held) == {"label", "unit", "value"}, result_id
        assert held["value"] is not None


@pytest.mark.parametrize("result_id", BLOCKS)
def test_a_block_is_a_list_of_rows(shown: Any, result_id: str) -> None:
    rows = shown["results"][result_id]["value"]
    height, width = BLOCKS[result_id]
    assert [len(row) for row in rows] == [width] * height
    kind = str if "quote" in result_id else (int, float)
    assert all(isinstance(value, kind) for row in rows for value in row)


def test_every_other_value_is_a_number_or_text(shown: Any) -> None:
    assert all(result_id in BLOCKS for result_id in model().swept)
    for result_id in set(shown["results"]) - set(BLOCKS) - set(over_tables()):
        value = shown["results"][result_id]["value"]
        parts = np.ravel(np.asarray(value, dtype=object)).tolist()
        assert len(parts) == max(len(model()[result_id].parts), 1), result_id
        assert {type(part) for part in parts} <= {int, float, str}, result_id


def test_every_check_is_fine(shown: Any) -> None:
    assert shown["checks"]
    for check_id, held in shown["checks"].items():
        assert set(held) == {"published", "computed", "ok"}, check_id
        assert held["ok"] is True, check_id


def test_people_read_answers_results_and_checks(file: Path, run: Run) -> None:
    status, out, err = run("show", file)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].strip().startswith("One more scholar is worth 4-5x what it costs: $100,000")
    assert "10:1 to 7:1" in lines[2]
    assert any(line.startswith("cost_multiple  ") and "4.444" in line for line in lines)
    assert any(line.startswith("marginal_cost  ") and "22,500" in line for line in lines)
    assert lines[-1] == "33 of 33 published figures come out as published."


def test_show_does_not_write(file: Path, run: Run) -> None:
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    run("show", file)
    run("show", file, "--json")
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


SOURCE = '=HYPERLINK("http://x","y")'


def test_the_source_that_a_person_typed_is_shown(
    file: Path, built: bytes, run: Run, with_cell: Callable[..., bytes]
) -> None:
    typed = '<is><t xml:space="preserve">=HYPERLINK("http://x","y")</t></is>'
    file.write_bytes(with_cell(built, "marginal_cost_source", typed, "inlineStr"))
    shown = json.loads(run("show", file, "--json")[1])
    assert shown["assumptions"]["marginal_cost"]["source"] == SOURCE
    assert run("recalc", file)[0] == 0
    assert run("set", file, "marginal_cost=23000")[0] == 0
    shown = json.loads(run("show", file, "--json")[1])
    assert shown["assumptions"]["marginal_cost"]["source"] == SOURCE


def test_a_number_as_a_date_is_shown(
    file: Path, built: bytes, run: Run, with_cell: Callable[..., bytes]
) -> None:
    file.write_bytes(with_cell(built, "marginal_cost_date", "<v>2027</v>"))
    shown = json.loads(run("show", file, "--json")[1])
    assert str(shown["assumptions"]["marginal_cost"]["date"]) == "2027"


def test_a_calendar_date_typed_as_a_date_is_shown(
    file: Path,
    built: bytes,
    run: Run,
    with_cell: Callable[..., bytes],
    edited: Callable[..., bytes],
) -> None:
    # What Excel stores when a person types 1/5/2026 there: a number, in a date format.
    data = with_cell(built, "marginal_cost_date", "<v>46143</v>")
    parts = open_package(data, "dated").parts
    styles = parts["xl/styles.xml"].decode()
    head, opening, rest = styles.partition("<cellXfs count=")
    formats, closing, tail = rest.partition("</cellXfs>")
    number = formats.count("<xf ")
    dated = '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    sheet = parts[ASSUMPTIONS].decode()
    place = sheet.index("<v>46143</v>")
    start = sheet.rindex("<c ", 0, place)
    cell = sheet[start:place]
    styled = cell.split(' s="')[0] + f' s="{number}">'
    file.write_bytes(
        edited(
            data,
            {
                "xl/styles.xml": (head + opening + formats + dated + closing + tail).encode(),
                ASSUMPTIONS: (sheet[:start] + styled + sheet[place:]).encode(),
            },
        )
    )
    status, out, err = run("show", file, "--json")
    assert (status, err) == (0, "")
    assert "2026" in str(json.loads(out)["assumptions"]["marginal_cost"]["date"])


def test_a_file_that_was_never_computed_says_so(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "plain.xlsx"
    path.write_bytes(write(sheets()))
    status, _, err = run("show", path, "--json")
    assert status == 0
    assert "recalculate the file" in err
    status, out, err = run("show", path)
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].endswith("(the command recalc), but is without values")


def test_answers_older_than_their_assumptions_are_noted(
    file: Path, built: bytes, run: Run, with_cell: Callable[..., bytes]
) -> None:
    file.write_bytes(with_cell(built, "marginal_cost", "<v>24000</v>"))
    status, out, err = run("show", file, "--json")
    assert status == 0
    assert json.loads(out)["assumptions"]["marginal_cost"]["central"] == 24000
    assert err.count("\n") == 1
    assert f"{place_of(built, 'cost_multiple')} (cost_multiple)" in err
    assert run("recalc", file)[0] == 0
    assert run("show", file)[2] == ""


@pytest.mark.parametrize("stored", ["nan", "NaN", "1e999", "-inf", "twelve"])
def test_a_stored_number_that_is_none_is_no_traceback(
    file: Path, built: bytes, run: Run, with_cell: Callable[..., bytes], stored: str
) -> None:
    file.write_bytes(with_cell(built, "marginal_cost", f"<v>{stored}</v>"))
    for words in (("show", file), ("show", file, "--json"), ("recalc", file)):
        status, out, err = run(*words)
        assert status in (0, 2)
        assert "NaN" not in out
        assert "Infinity" not in out
        assert err.count("\n") <= 1
        assert "Traceback" not in err
    assert run("recalc", file)[0] == 2


def test_a_result_that_is_an_error_has_no_value_and_says_why(
    file: Path, built: bytes, run: Run, with_cell: Callable[..., bytes]
) -> None:
    formula = "<f>_xldudf_FIELD_COST_MULTIPLE(value_per_researcher,marginal_cost)</f>"
    file.write_bytes(with_cell(built, "cost_multiple", f"{formula}<v>#NAME?</v>", "e"))
    held = json.loads(run("show", file, "--json")[1])["results"]["cost_multiple"]
    assert held["value"] is None
    assert str(place_of(built, "cost_multiple")) in held["error"]
    assert "#NAME?" in held["error"]


def typed(built: bytes, edited: Callable[..., bytes], name: str, value: Any) -> bytes:
    """The file with a cell changed in a program that has none of our functions."""
    book = read_book(built, "built")
    sheet = book.sheet_of(name)
    address = book.places[name].first
    xml = patch(book.package.parts[sheet.part], sheet.cells, {address: value}, computed=False)
    return edited(built, {sheet.part: xml})


@pytest.mark.parametrize(
    ("name", "value", "older"),
    [
        ("offset_distribution", "pert", "range_echo"),
        ("value_per_researcher", 90_000.0, "cost_multiple"),
        ("decision_1_bar", 2.0, "break_even"),
        ("judgement_2_1", 3.0, "consistent_rates"),
        ("good_1_own", 3.0, "versus_median"),
        ("evidence_1_iterators", 40.0, "revised_shares"),
    ],
)
def test_what_is_older_than_any_input_is_noted(
    run: Run,
    tmp_path: Path,
    built: bytes,
    edited: Callable[..., bytes],
    name: str,
    value: Any,
    older: str,
) -> None:
    file = tmp_path / "edited.xlsx"
    file.write_bytes(typed(built, edited, name, value))
    _, _, err = run("show", file)
    assert f"({older}) is not what the inputs give" in err


def test_a_forged_sentence_is_noted(
    run: Run, tmp_path: Path, built: bytes, edited: Callable[..., bytes]
) -> None:
    file = tmp_path / "forged.xlsx"
    part = "xl/worksheets/sheet1.xml"
    xml = open_package(built, "built").parts[part]
    forged = xml.replace(b"is worth 4-5x what it costs", b"is worth 6-7x what it costs")
    assert forged != xml
    file.write_bytes(edited(built, {part: forged}))
    _, _, err = run("show", file)
    assert "(answer_cost) does not say what its numbers say" in err


@pytest.mark.parametrize(
    ("name", "value"), [("simulation_seed", 2.0), ("cost_multiple_threshold", 3.0)]
)
def test_what_is_simulated_is_compared_when_asked(
    run: Run, tmp_path: Path, built: bytes, edited: Callable[..., bytes], name: str, value: float
) -> None:
    file = tmp_path / "edited.xlsx"
    file.write_bytes(typed(built, edited, name, value))
    assert "is not what" not in run("show", file)[2]
    assert "is not what the inputs give" in run("show", file, "--full")[2]
    file.write_bytes(built)
    assert run("show", file, "--full")[2] == ""


@pytest.mark.parametrize("place", [-1, 10_000])
def test_a_text_that_the_file_does_not_hold_is_refused(
    place: int, file: Path, with_cell: Callable[..., bytes], refused: Callable[..., str]
) -> None:
    cell = with_cell(file.read_bytes(), "marginal_cost_source", f"<v>{place}</v>", "s")
    file.write_bytes(cell)
    assert "must hold a value, but is damaged" in refused("show", file)
