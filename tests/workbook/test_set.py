"""Changing assumptions without Excel: what depends on them changes, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pycore.model.results import model
from pycore.model.whole import over_tables
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.sheets.people.log import ENTRIES

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]
PartsOf = Callable[[bytes], dict[str, bytes]]

COST = ("marginal_cost=30000", "marginal_cost.low=28000", "marginal_cost.high=35000")
FORMER = ("marginal_cost=22500", "marginal_cost.low=20000", "marginal_cost.high=25000")


def dependants(node_id: str) -> set[str]:
    """Every result that depends on an input, directly or through others."""
    touched = {node_id}
    touched |= {column.id for column in model().columns if node_id in column.members}
    for result in model().results:
        if any(reference.partition(".")[0] in touched for reference in result.arguments):
            touched.add(result.id)
    return touched & {result.id for result in model().results}


def shown(run: Run, file: Path) -> Any:
    status, out, _ = run("show", file, "--json")
    assert status == 0
    return json.loads(out)


def changed_results(before: Any, after: Any) -> set[str]:
    return {key for key in before["results"] if before["results"][key] != after["results"][key]}


def test_the_cost_changes_the_quotes_and_what_hangs_on_it(file: Path, run: Run) -> None:
    before = shown(run, file)
    assert run("set", file, *COST)[0] == 0
    after = shown(run, file)
    changed = changed_results(before, after)
    assert {"cost_quote", "adjusted_quote", "cost_multiple", "cost_multiple_range"} <= changed
    assert after["results"]["cost_quote"]["value"] == "2-4x"
    # 20/25 and 28/35 are both 0.8: that one depends on the cost and stays, but for rounding.
    expected = {"range_echo", "simulation", "outcome_curves", "tornado", "scenarios"}
    assert expected <= changed
    results = changed - set(over_tables())
    assert results | {"restatement_threshold"} == dependants("marginal_cost")
    assert after["checks"] == before["checks"]
    held = after["assumptions"].pop("marginal_cost")
    assert [held[part] for part in ("low", "central", "high")] == [28000, 30000, 35000]
    del before["assumptions"]["marginal_cost"]
    assert after["assumptions"] == before["assumptions"]


def test_setting_back_gives_the_first_bytes(
    file: Path, built: bytes, run: Run, parts_of: PartsOf
) -> None:
    assert run("set", file, *COST)[0] == 0
    assert parts_of(file.read_bytes()) != parts_of(built)
    assert run("set", file, *FORMER)[0] == 0
    log = read_book(built, "built").sheet_of(ENTRIES).part
    first, again = parts_of(built), parts_of(file.read_bytes())
    assert {part for part in first if first[part] != again[part]} == {log}


def test_setting_what_stands_there_changes_nothing(
    file: Path, built: bytes, run: Run, parts_of: PartsOf
) -> None:
    assert run("set", file, *FORMER)[0] == 0
    assert parts_of(file.read_bytes()) == parts_of(built)


def results_of(data: bytes) -> dict[str, Any]:
    book = read_book(data, "file")
    return {result.id: book.values(result.id) for result in model().results}


@pytest.fixture(name="widest", scope="module")
def _widest(built: bytes) -> bytes:
    """The workbook with the scope in which every cost line counts, and few drafts."""
    changes: dict[str, float | str] = {"cost_scope": "prior development", "replicates": 20}
    return recalculate(built, "file", changes).data


@pytest.fixture(name="first_results", scope="module")
def _first_results(widest: bytes) -> dict[str, Any]:
    return results_of(widest)


BINDING = {"hiring_budget": 6e6, "cost_per_head": 300_000.0, "work_backlog": 50.0}
"""What makes these the limit of how many can be absorbed."""


# Every twentieth, because each is a recalculation of the file; what all of them reach is compared
# with the graph in tests/workbook/test_model.py.
@pytest.mark.parametrize("node", model().assumptions[::20], ids=lambda node: node.id)
def test_only_dependants_of_an_assumption_change(
    node: Any, widest: bytes, first_results: dict[str, Any]
) -> None:
    value = node.low if node.low < node.central else node.high
    # Some results take the ends.
    changes: dict[str, float | str] = {node.id: value, f"{node.id}.high": max(value, node.central)}
    if node.id in BINDING:
        changes = dict.fromkeys((node.id, f"{node.id}.low"), BINDING[node.id])
    elif node.setting:
        changes = {node.id: node.central + 1}
    elif value == node.central and (node.domain.whole or not node.central):
        changes = dict.fromkeys((node.id, f"{node.id}.high"), node.central + 1)
    elif value == node.central:
        changes = dict.fromkeys((node.id, f"{node.id}.low"), node.central * 0.875)
    after = results_of(recalculate(widest, "file", changes).data)
    changed = {result_id for result_id in after if after[result_id] != first_results[result_id]}
    assert changed <= dependants(node.id)
    assert changed or not dependants(node.id)


def test_the_choice(file: Path, run: Run) -> None:
    values = {}
    for word in ("recruit", "retrain", "prior development", "RECRUIT"):
        assert run("set", file, f"cost_scope={word}")[0] == 0
        held = shown(run, file)
        values[word] = held["results"]["scoped_cost"]["value"]
        assert held["assumptions"]["cost_scope"]["central"].casefold() == word.casefold()
    assert values == {
        "recruit": 1500,
        "retrain": 22_500,
        "prior development": 82_500,
        "RECRUIT": 1500,
    }


def test_another_file_is_written_and_the_first_stays(
    file: Path, built: bytes, run: Run, tmp_path: Path
) -> None:
    other = tmp_path / "other.xlsx"
    status, out, err = run("set", file, *COST, "-o", other)
    assert (status, err) == (0, "")
    assert str(other) in out
    assert file.read_bytes() == built
    assert shown(run, other)["results"]["cost_quote"]["value"] == "2-4x"


def test_the_new_answers_are_printed(file: Path, run: Run) -> None:
    status, out, _ = run("set", file, *COST)
    assert status == 0
    assert "2-4x" in out
    assert "$28,000 to $35,000" in out


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("marginal_costs=1", "marginal_costs"),
        ("cost_multiple=4", "cost_multiple"),
        ("marginal_cost.central=4", "marginal_cost.central"),
        ("marginal_cost_low=21000", "marginal_cost_low"),
        ("cost_scope.low=1", "cost_scope.low"),
        ("cost_lines=4", "cost_lines"),
        ("Summary!A1=4", "Summary!A1"),
        ("marginal_cost", "ID=VALUE"),
        ("=3", "ID=VALUE"),
        ("", "ID=VALUE"),
        ("marginal_cost=", "marginal_cost must"),
        ("marginal_cost==3", "marginal_cost must"),
        ("marginal_cost=a lot", "marginal_cost must"),
        ("marginal_cost=30,000", "marginal_cost must"),
        ("marginal_cost=$30000", "marginal_cost must"),
        ("marginal_cost=nan", "marginal_cost must"),
        ("marginal_cost=inf", "marginal_cost must"),
        ("marginal_cost=1e999", "marginal_cost must"),
        ("marginal_cost=TRUE", "marginal_cost must"),
        ("marginal_cost=0", "Assumptions!C7 (marginal_cost) must be a number above 0"),
        ("marginal_cost=-30000", "Assumptions!C7 (marginal_cost) must be a number above 0"),
        ("marginal_cost=1e16", "Assumptions!C7 (marginal_cost) must be a number above 0"),
        ("marginal_cost=19999", "Assumptions!B7 (marginal_cost.low) must be at most marginal_cost"),
        ("marginal_cost=25001", "Assumptions!C7 (marginal_cost) must be at most"),
        ("marginal_cost.low=23000", "(marginal_cost.low) must be at most marginal_cost (22,500)"),
        ("marginal_cost.high=22000", "must be at most marginal_cost.high (22,000)"),
        ("backfire_share=1.01", "(backfire_share) must be a share from 0 to 1"),
        ("backfire_share.high=30", "(backfire_share.high) must be a share from 0 to 1"),
        ("backfire_share=-0.1", "(backfire_share) must be a share from 0 to 1"),
        ("applicants=2203.5", "(applicants) must be a whole number"),
        ("cost_scope=all of it", "(cost_scope) must be one of: recruit, retrain"),
        ("cost_scope=", "(cost_scope) must be one of: recruit, retrain"),
        ('cost_scope==HYPERLINK("http://x")', "(cost_scope) must be one of: recruit, retrain"),
    ],
)
def test_bad_changes_are_refused(file: Path, refused: Refused, word: str, said: str) -> None:
    line = refused("set", file, word)
    assert said in line
    value = word.partition("=")[2]
    if line.startswith("Assumptions!C7") and not value.startswith("1e"):
        assert value.replace(",", "") in line.replace(",", "")


def test_more_admitted_than_applicants(file: Path, refused: Refused) -> None:
    line = refused("set", file, "applicants=100", "applicants.low=100")
    assert line == "Assumptions!C21 (admitted) must be at most applicants (100), but is 120"


def test_one_bad_change_of_several_changes_nothing(file: Path, refused: Refused) -> None:
    refused("set", file, "marginal_cost=23000", "offset=-1", "mentors=105")


def test_a_formula_in_an_input_is_not_overwritten(
    file: Path, built: bytes, refused: Refused, with_cell: Callable[..., bytes]
) -> None:
    file.write_bytes(with_cell(built, "marginal_cost", "<f>15000*1.5</f><v>22500</v>"))
    line = refused("set", file, "marginal_cost=23000")
    assert "Assumptions!C7" in line
    assert "formula" in line


@pytest.mark.parametrize(
    ("inside", "kind"),
    [("<is><t>a lot</t></is>", "inlineStr"), ("", ""), ("<v>#N/A</v>", "e"), ("<v>-5</v>", "")],
)
def test_set_mends_a_bad_input(
    file: Path, built: bytes, run: Run, with_cell: Callable[..., bytes], inside: str, kind: str
) -> None:
    file.write_bytes(with_cell(built, "marginal_cost", inside, kind))
    assert run("recalc", file)[0] == 2
    assert run("set", file, "marginal_cost=22500")[0] == 0
    assert shown(run, file)["results"]["cost_multiple"]["value"] == 100_000 / 22_500


def test_an_answer_that_cannot_be_computed_says_why(file: Path, built: bytes, run: Run) -> None:
    cell = read_book(built, "built").places["validity_at_threshold"]
    status, out, err = run("set", file, "admitted=1", "admitted.low=1")
    assert status == 0
    assert "Traceback" not in out + err
    reasons = [line for line in err.splitlines() if "#VALUE!" in line]
    assert any(f"{cell} " in line and "VALIDITY_AT_RATIO:" in line for line in reasons)
    held = shown(run, file)["results"]["validity_at_threshold"]
    assert held["value"] is None
    assert f"{cell} shows #VALUE!" in held["error"]
    text = file.read_bytes().lower()
    assert b"traceback" not in text
    # The other answers stand, and come back once it is mended.
    assert run("set", file, "admitted=111", "admitted.low=100")[0] == 0
    assert isinstance(shown(run, file)["results"]["validity_at_threshold"]["value"], float)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("marginal_cots=1", "(perhaps marginal_cost)"),
        ("offset.hihg=1", "(perhaps offset.high)"),
        ("zzz=1", "(`show` lists them)"),
    ],
)
def test_an_unknown_id_is_told_the_nearest(
    file: Path, refused: Refused, word: str, said: str
) -> None:
    assert said in refused("set", file, word)
