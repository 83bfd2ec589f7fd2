"""Simulating a workbook: the core's own numbers, from the file's assumptions as they stand."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pycore.graph import evaluate
from pycore.model.arguments import uncertain
from pycore.model.results import model
from pycore.model.tables import HEADLINES
from pycore.uncertainty.simulation import simulation
from tests.terminal import CTRL_C, in_terminal
from workbook.read import read_book
from workbook.recalc import _with_changes
from workbook.simulate import NAMES

Run = Callable[..., tuple[int, str, str]]

QUICK = ("cost_multiple", "marginal_ratio", "ratio_shift.after", "net_safety")
"""Results that need no surface, which takes seconds."""


@pytest.fixture
def told(run: Run) -> Callable[..., Any]:
    """Simulate quick results; gives the JSON."""

    def simulate(path: Path, *words: object) -> Any:
        status, out, err = run("simulate", path, "--json", "--result", *QUICK, *words)
        assert (status, err) == (0, "")
        return json.loads(out)

    return simulate


def ranges(**changes: tuple[str, float, float, float]) -> list[list[Any]]:
    """The declared ranges as a table; others where they are changed."""
    return [
        [node.id, *changes.get(node.id, (node.distribution, node.low, node.central, node.high))]
        for node in model().assumptions
    ]


def change(path: Path, changes: dict[str, float | str]) -> None:
    """Type into cells, as a person does, and leave what depends on them as it was."""
    book = _with_changes(read_book(path.read_bytes(), path.name), changes)
    path.write_bytes(book.package.to_bytes())


def draws_in(path: Path) -> dict[str, list[float]]:
    with path.open(newline="") as file:
        header, *lines = csv.reader(file)
    columns = zip(*lines, strict=True)
    return {name: [float(cell) for cell in c] for name, c in zip(header, columns, strict=True)}


def test_the_numbers_are_those_of_the_core(file: Path, told: Callable[..., Any]) -> None:
    found = told(file, "--draws", 1024, "--seed", 3)
    expected = simulation(uncertain(ranges(), []), QUICK, 1024, 3)
    assert (found["draws"], found["seed"], found["refused"]) == (1024, 3, {})
    assert list(found["results"]) == list(QUICK)
    for each, spread in expected.spreads.items():
        row = found["results"][each]
        measures = dict(zip((*NAMES, "mean"), (*spread.percentiles, spread.mean), strict=True))
        assert row["central"] == spread.central
        for name, measure in measures.items():
            assert (row[name], row["errors"][name]) == measure
        result = model()[each.partition(".")[0]]
        assert row["unit"] == result.unit


def test_the_file_says_what_to_draw_from(file: Path, told: Callable[..., Any]) -> None:
    change(
        file,
        {
            "marginal_cost.low": 10_000,
            "marginal_cost": 20_000,
            "marginal_cost.high": 40_000,
            "marginal_cost.distribution": "uniform",
            "correlation_1_first": "value_per_researcher",
            "correlation_1_second": "marginal_cost",
            "correlation_1_rank": 0.5,
            "cost_multiple_threshold": 6,
            "simulation_draws": 512,
            "simulation_seed": 7,
        },
    )
    found = told(file)
    given = uncertain(
        ranges(marginal_cost=("uniform", 10_000, 20_000, 40_000)),
        [["value_per_researcher", "marginal_cost", 0.5]],
    )
    limits = {each.reference: each.threshold for each in HEADLINES if each.reference in QUICK}
    expected = simulation(given, QUICK, 512, 7, limits | {"cost_multiple": 6})
    assert (found["draws"], found["seed"]) == (512, 7)
    for each, spread in expected.spreads.items():
        row = found["results"][each]
        assert [row[name] for name in NAMES] == [p.value for p in spread.percentiles]
        assert spread.chance is not None
        assert (row["threshold"], row["chance"]) == (spread.threshold, spread.chance.value)


def test_a_word_on_some_draws_is_told_as_that(file: Path, tmp_path: Path, run: Run) -> None:
    out = tmp_path / "draws.csv"
    words = ("simulate", file, "--draws", 512, "--result", "exit_year")
    status, printed, _ = run(*words, "--json", "--csv", out)
    assert status == 0
    row = json.loads(printed)["results"]["exit_year"]
    assert (row["p95"], row["mean"]) == ("never", None)
    assert row["remark"].startswith("no mean: 'never' in ")
    with out.open(newline="") as lines:
        cells = [line[-1] for line in csv.reader(lines)][1:]
    assert 0 < cells.count("never") < len(cells) == 512
    assert not {"inf", "nan"} & {cell.casefold() for cell in cells}
    status, printed, _ = run(*words)
    assert status == 0
    assert " never" in printed.splitlines()[1]
    assert "exit_year: no mean" in printed
    assert "inf" not in printed


def test_seeds(file: Path, told: Callable[..., Any]) -> None:
    first, again, other = (told(file, "--draws", 256, "--seed", seed) for seed in (0, 0, 1))
    assert first == again
    assert first["results"] != other["results"]


def test_the_headlines_are_what_is_told(file: Path, as_built: bytes, run: Run) -> None:
    file.write_bytes(as_built)
    status, out, err = run("simulate", file, "--draws", 64, "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert list(found["results"]) == [each.reference for each in HEADLINES]
    assert {row["threshold"] for row in found["results"].values()} == {
        each.threshold for each in HEADLINES
    }
    errors = found["surfaces"]["mentor_margin"]
    assert 0 < errors["place_ratio"] < 0.02
    assert 0 < errors["mentor_ratio"] < 0.02


def test_people_get_a_table(file: Path, run: Run) -> None:
    status, out, err = run(
        "simulate", file, "--draws", 64, "--result", "cost_multiple", "net_value"
    )
    assert (status, err) == (0, "")
    header, first, second, last = out.splitlines()
    assert header.split() == ["5%", "25%", "median", "75%", "95%", "mean", "chance"]
    assert first.startswith("Cost multiple (x) ")
    assert second.startswith("Value of the marginal scholar beyond the cost (USD) ")
    assert "4 or more: " in first
    assert "±" in second
    assert last == "From 64 draws, seed 1; ± is a standard error of the simulation."


def test_what_varies_in_its_last_digits_alone_is_shown_as_one_number(file: Path, run: Run) -> None:
    status, out, err = run("simulate", file, "--draws", 64, "--result", "restatement_threshold")
    assert (status, err) == (0, "")
    assert out.splitlines()[1].split()[-6:] == ["0.8000"] * 6


def test_where_everyone_has_a_place_one_more_is_worth_nothing(
    file: Path, run: Run, tmp_path: Path
) -> None:
    change(file, {"applicants.low": 110, "applicants": 120, "applicants.high": 130})
    out = tmp_path / "draws.csv"
    status, told, err = run("simulate", file, "--draws", 64, "--json", "--csv", out)
    assert (status, err) == (0, "")
    found = json.loads(told)
    assert len(found["results"]) == len(HEADLINES)
    assert found["results"]["place_multiple"]["p5"] == 0


def test_what_is_all_fixed_is_what_the_workbook_says(
    file: Path, told: Callable[..., Any], tmp_path: Path
) -> None:
    change(file, {f"{node.id}.distribution": "fixed" for node in model().assumptions})
    found = told(file, "--csv", tmp_path / "draws.csv")
    answers = evaluate(model())
    scalars = {
        "cost_multiple": answers["cost_multiple"],
        "marginal_ratio": answers["marginal_ratio"],
        "ratio_shift.after": answers["ratio_shift"][1],
        "net_safety": answers["net_safety"],
    }
    for each, scalar in scalars.items():
        row = found["results"][each]
        assert {row[name] for name in (*NAMES, "mean", "central")} == {scalar}
        assert set(row["errors"].values()) == {0}
    assert draws_in(tmp_path / "draws.csv") == {each: [v] for each, v in scalars.items()}


def test_the_draws_are_those_that_are_told_of(
    file: Path, told: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "draws.csv"
    found = told(file, "--draws", 20_000, "--csv", out)
    draws = draws_in(out)
    given = uncertain(ranges(), [])
    needed = given.needed([each.partition(".")[0] for each in QUICK])
    assert list(draws) == [*needed, *QUICK]
    assert {len(column) for column in draws.values()} == {found["draws"]} == {32_768}
    for each in QUICK:
        row = found["results"][each]
        quantiles = np.quantile(draws[each], (0.05, 0.25, 0.5, 0.75, 0.95))
        assert [row[name] for name in NAMES] == pytest.approx(quantiles, rel=1e-9)
        assert row["mean"] == pytest.approx(np.mean(draws[each]), rel=1e-9)
    values = {each: np.asarray(draws[each]) for each in needed}
    answers = evaluate(model(), values, wanted=["net_safety"])
    assert np.array_equal(answers["net_safety"], draws["net_safety"])


def test_a_file_that_is_there_is_replaced_by_force_alone(
    file: Path, refused: Callable[..., str], told: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "draws.csv"
    out.write_text("former")
    line = refused("simulate", file, "--draws", 16, "--csv", out)
    assert line == f"{out} must be a new file (--force replaces it), but is there already"
    assert out.read_text() == "former"
    told(file, "--draws", 16, "--csv", out, "--force")
    assert len(out.read_text().splitlines()) == 17
    assert sorted(tmp_path.iterdir()) == [out, file]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--result", "nothing"), "--result must be a result of the model, by its id, but is "),
        (("--result", "cost_quote"), "a wanted result must be a number, not words, but is "),
        (("--result", "ratio_shift"), "--result must be one of ratio_shift.before, "),
        (("--result", "net_safety_curve"), "--result must be a result of one value, but is "),
        (("--draws", "0"), "--draws must be a whole number from 1 to 1,000,000,000, but is 0"),
        (("--draws", "1e10"), "--draws must be a whole number from 1 to 1,000,000,000, but is "),
        (("--draws", "1.5"), "--draws must be a whole number from 1 to 1,000,000,000, but is 1.5"),
        (("--draws", "many"), "--draws must be a whole number from 1 to 1,000,000,000, but is "),
        (("--draws", "nan"), "--draws must be "),
        (("--seed", "-1"), "--seed must be a whole number from 0 to 2^53, but is -1"),
        (("--csv", "draws.xlsx"), "draws.xlsx must end in .csv, but is .xlsx"),
        (("--csv", "no/such/folder/draws.csv"), "no/such/folder/draws.csv must be a file that "),
    ],
    ids=lambda words: words[-1] if isinstance(words, tuple) else "",
)
def test_a_bad_word_is_refused(
    file: Path, refused: Callable[..., str], words: tuple[str, ...], message: str
) -> None:
    assert refused("simulate", file, *words).startswith(message)


@pytest.mark.parametrize(
    ("name", "inside", "kind", "message"),
    [
        ("backfire_share", "<v>2</v>", "", " (backfire_share) must be a share from 0 to 1"),
        ("backfire_share", "<v>0.31</v>", "", " (backfire_share) must be at most backfire_share.h"),
        (
            "backfire_share",
            None,
            "",
            " (backfire_share) must be a share from 0 to 1 (0% to 100%), ",
        ),
        ("offset_low", "<is><t>ten</t></is>", "inlineStr", " (offset.low) must be a number above"),
        (
            "offset_distribution",
            "<is><t>flat</t></is>",
            "inlineStr",
            " (offset.distribution) must be one of: fixed, metalog, ",
        ),
    ],
)
def test_a_file_out_of_bounds_is_refused(
    file: Path,
    refused: Callable[..., str],
    with_cell: Callable[..., bytes],
    name: str,
    inside: str | None,
    kind: str,
    message: str,
) -> None:
    file.write_bytes(with_cell(file.read_bytes(), name, inside, kind))
    line = refused("simulate", file, "--result", "net_safety")
    assert line.startswith("Assumptions!")
    assert message in line
    assert refused("recalc", file).startswith(line[: line.index(" must")])


def test_a_range_that_no_distribution_has_is_refused(
    file: Path, refused: Callable[..., str], with_cell: Callable[..., bytes]
) -> None:
    inside = "<is><t>lognormal</t></is>"
    file.write_bytes(with_cell(file.read_bytes(), "spillover_distribution", inside, "inlineStr"))
    line = refused("simulate", file, "--result", "net_safety")
    assert "spillover: low must be above 0 for a lognormal distribution" in line


def test_ctrl_c_leaves_no_file(file: Path) -> None:
    out = file.with_name("draws.csv")
    words = ("simulate", str(file), "--result", "cost_multiple", "--draws", "1e8")
    with in_terminal("workbook", *words, "--csv", str(out)) as terminal:
        terminal.wait_for("draws: ")
        terminal.type(CTRL_C)
        assert terminal.end() == (130, "")
        assert terminal.lines == ["stopped", ""]
    assert list(file.parent.iterdir()) == [file]


def test_ctrl_c_while_draws_are_written_leaves_the_former_file(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbook import simulate

    out = file.with_name("draws.csv")
    out.write_text("former")
    real = simulate.draws_of

    def interrupted(answer: simulate.Answer) -> Iterator[Any]:
        yield from itertools.islice(real(answer), 2)
        raise KeyboardInterrupt

    monkeypatch.setattr(simulate, "draws_of", interrupted)
    words = ("--result", "cost_multiple", "--draws", 20_000, "--csv", out, "--force")
    assert run("simulate", file, *words) == (130, "", "stopped\n")
    assert out.read_text() == "former"
    assert sorted(file.parent.iterdir()) == [out, file]
