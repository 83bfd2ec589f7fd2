"""The tables of the Uncertainty, Sensitivity and Scenarios sheets, against what they are made of.

That the inner functions are right is shown in test_simulation.py, test_sensitivity.py,
test_breakeven.py and test_information.py; here it is that the tables say what they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from pycore.errors import REFUSED, InputError
from pycore.graph import evaluate
from pycore.model.arguments import uncertain
from pycore.model.results import model
from pycore.model.uncertainty import (
    NO_FLIP,
    NO_MATTER,
    break_even,
    compare_scenarios,
    information_value,
    outcome_curves,
    provenance_debt,
    simulate,
    tornado,
)
from pycore.uncertainty import surfaces
from pycore.uncertainty.distributions import range_warning
from pycore.uncertainty.information import value_of_information
from pycore.uncertainty.sensitivity import debt, sensitivity
from pycore.uncertainty.simulation import simulation

SCORE = 1.6448536269514722
"""Phi^-1(0.95)."""

Rows = list[list[Any]]

NONE: Rows = [[None]]
COST: list[Any] = ["marginal_cost", "uniform", 20_000, 25_000, 30_000]
OFFSET: list[Any] = ["offset", "lognormal", 50, 100, 200]
BACKFIRE: list[Any] = ["backfire_share", "triangular", 0.01, 0.05, 0.2]
ROWS: Rows = [COST, OFFSET, BACKFIRE]
TABLES: tuple[Rows, Rows] = (ROWS, NONE)
OUTCOMES: Rows = [["cost_multiple", 4], ["net_safety", None], ["adjusted_multiple", 3]]
SOURCED: Rows = [
    [*COST, "a report", 2025],
    [*OFFSET, None, None],
    [*BACKFIRE, "judgement, edit me", 0],
]
TOO_MANY: list[Any] = ["applicants", "fixed", 50_000, 50_000, 50_000]
"""More applicants than the draft of mentors takes."""


def normal(id_: str, middle: float, sd: float) -> list[Any]:
    return [id_, "normal", middle - SCORE * sd, middle, middle + SCORE * sd]


def lognormal(id_: str, middle: float, log_sd: float) -> list[Any]:
    factor = math.exp(SCORE * log_sd)
    return [id_, "lognormal", middle / factor, middle, middle * factor]


def message(call: Any, *arguments: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments)
    return str(caught.value)


def numbers() -> list[str]:
    """Every number that the model's results give, but for what simulates."""
    answers = evaluate(model())
    found: list[str] = []
    for result in model().results:
        names = [f"{result.id}.{part}" for part in result.parts] or [result.id]
        values = np.ravel(answers[result.id]).tolist()
        if result.id not in model().swept:
            pairs = zip(names, values, strict=True)
            found += [name for name, value in pairs if not isinstance(value, str)]
    return found


# Nothing uncertain


def test_all_fixed_every_percentile_is_the_workbook_s_own_number() -> None:
    declared = [
        [each.id, "fixed", each.low, each.central, each.high] for each in model().assumptions
    ]
    asked = numbers()
    assert len(asked) > 40
    block = simulate(declared, NONE, [[each, 0] for each in asked], 1000, 5)
    answers = evaluate(model())
    for reference, row in zip(asked, block, strict=True):
        name, _, part = reference.partition(".")
        value = answers[name]
        exact = float(value[model()[name].parts.index(part)] if part else value)
        assert row.tolist() == [exact] * 6 + [float(exact >= 0), 0.0, 0.0, 0.0, ""], reference


def test_blank_tables_are_the_declared_central_case() -> None:
    assert simulate(NONE, NONE, [["cost_multiple"]], 64, 1).tolist() == [
        [evaluate(model())["cost_multiple"]] * 6 + ["", 0.0, 0.0, 0.0, ""]
    ]
    assert information_value(NONE, NONE, "net_value", 64, 1).tolist() == [[0.0, 0.0]]
    assert provenance_debt(NONE, NONE, "cost_multiple", 2026, 3, 64, 1).tolist() == [[0.0, 0.0, 0]]


@pytest.mark.parametrize(
    "call",
    [
        lambda: tornado(NONE, NONE, "cost_multiple", 64, 1),
        lambda: break_even(NONE, [["cost_multiple", 1]]),
    ],
)
def test_a_block_of_no_rows_is_refused(call: Any) -> None:
    assert message(call) == "assumptions must have at least one row, but is blank"


def test_fixed_assumptions_move_nothing() -> None:
    fixed = [[each[0], "fixed", *each[2:]] for each in ROWS]
    assert tornado(fixed, NONE, "net_safety", 64, 1).tolist() == [[""] * 9] * 3
    assert information_value(fixed, NONE, "net_value", 64, 1).tolist() == [[0.0, 0.0]] * 4
    debts = provenance_debt(fixed, NONE, "net_safety", 2026, 3, 64, 1).tolist()
    assert debts == [[0.0, 0.0, 0], *[[""] * 3] * 3]


# Simulation


def test_percentiles_of_a_quotient_of_lognormals() -> None:
    log_sds = 0.3, 0.4
    rows = [
        lognormal("value_per_researcher", 1e5, log_sds[0]),
        lognormal(COST[0], 25e3, log_sds[1]),
    ]
    sd = math.hypot(*log_sds)
    (row,) = simulate(rows, NONE, [["cost_multiple", 4]], 1 << 16, 7).tolist()
    scores = (-SCORE, -0.6744897501960817, 0, 0.6744897501960817, SCORE)
    for found, score in zip(row[:5], scores, strict=True):
        assert found == pytest.approx(4 * math.exp(score * sd), rel=2e-3)
    assert row[5] == pytest.approx(4 * math.exp(sd**2 / 2), rel=2e-3)
    assert row[6] == pytest.approx(0.5, abs=2e-3)
    for place, score in ((0, -SCORE), (2, 0), (4, SCORE)):
        exact = 4 * math.exp(score * sd)
        error = row[{0: 7, 2: 8, 4: 9}[place]]
        assert 0 < error < 0.01 * exact
        assert abs(row[place] - exact) < 4 * error
    assert row[10] == ""


def test_a_correlation_narrows_a_quotient() -> None:
    rows = [lognormal("value_per_researcher", 1e5, 0.4), lognormal(COST[0], 25e3, 0.4)]
    rank = 0.8
    (row,) = simulate(
        rows, [["value_per_researcher", COST[0], rank]], [["cost_multiple"]], 1 << 14, 7
    ).tolist()
    sd = 0.4 * math.sqrt(2 - 2 * 2 * math.sin(math.pi / 6 * rank))
    assert row[4] == pytest.approx(4 * math.exp(SCORE * sd), rel=5e-3)


def test_the_table_is_the_simulation() -> None:
    given = uncertain(*TABLES)
    wanted = [reference for reference, _ in OUTCOMES]
    limits = {each: bar for each, bar in OUTCOMES if bar}
    spreads = simulation(given, wanted, 5000, 9, limits).spreads
    block = simulate(*TABLES, OUTCOMES, 5000, 9)
    curves = outcome_curves(*TABLES, OUTCOMES, 5000, 9)
    assert curves.shape == (41, 9)
    for place, (row, each) in enumerate(zip(block, spreads.values(), strict=True)):
        assert row[:5].tolist() == [one.value for one in each.percentiles]
        assert row[5] == each.mean.value
        assert row[6] == ("" if each.chance is None else each.chance.value)
        assert row[7:10].tolist() == [each.percentiles[at].error for at in (0, 2, 4)]
        edges, shares, cumulative = curves[:, 3 * place : 3 * place + 3].T
        assert edges.tolist() == each.edges.tolist()
        assert shares.tolist() == [*each.shares.tolist(), 0.0]
        assert cumulative.tolist() == each.cumulative.tolist()
        assert sum(shares) == pytest.approx(cumulative[-1] - cumulative[0])
        assert 0.98 < cumulative[-1] - cumulative[0] <= 1
    assert {type(cell) for row in [*block, *curves] for cell in row} == {float, str}


def test_equal_seeds_give_equal_numbers_and_others_others() -> None:
    first = simulate(*TABLES, OUTCOMES, 500, 0).tolist()
    assert simulate(*TABLES, OUTCOMES, 500, 0).tolist() == first
    other = simulate(*TABLES, OUTCOMES, 500, 1).tolist()
    assert all(one[0] != two[0] for one, two in zip(first, other, strict=True))
    # What else is asked, and in which order, changes no digit.
    assert simulate(*TABLES, OUTCOMES[::-1], 500, 0).tolist() == first[::-1]
    assert simulate(ROWS[::-1], NONE, OUTCOMES[1:2], 500, 0).tolist() == first[1:2]


def test_whole_numbers_serve_as_floats() -> None:
    whole: Rows = [["offset", "uniform", 2, 10, 99.5], ["added_safety", "uniform", 400, 500, 600]]
    floats = [[*row[:2], *map(float, row[2:])] for row in whole]
    calls: list[Callable[[Rows], Any]] = [
        lambda rows: tornado(rows, NONE, "net_safety", 64, 1),
        lambda rows: simulate(rows, NONE, [["net_safety", 400]], 64, 1),
        lambda rows: break_even(rows, [["net_safety", 400]]),
        lambda rows: compare_scenarios(rows, [["", "One"], ["offset", 7]], [["net_safety"]]),
    ]
    for call in calls:
        assert call(whole).tolist() == call(floats).tolist()
    high = next(row[2] for row in tornado(whole, NONE, "net_safety", 64, 1) if row[0] == "offset")
    assert high == evaluate(model(), {"offset": 99.5})["net_safety"]


def test_tables_are_not_changed() -> None:
    rows, outcomes = deepcopy(SOURCED), deepcopy(OUTCOMES)
    simulate(rows, NONE, outcomes, 64, 1)
    provenance_debt(rows, NONE, "net_safety", 2026, 3, 64, 1)
    assert rows == SOURCED
    assert outcomes == OUTCOMES


def test_the_curve_of_what_does_not_vary() -> None:
    # Its ends are those of the range, not draws from it; a third, which has no short decimals.
    low = evaluate(model(), uncertain(ROWS, []).central)["cost_multiple_range"].tolist()[0]
    curve = outcome_curves(*TABLES, [["cost_multiple_range.low"]], 64, 1)
    assert curve.tolist() == [[low, 0.0, 1.0]] * 41


def test_a_refused_outcome_spoils_only_its_row_and_says_why() -> None:
    outcomes: Rows = [["place_multiple", 4], ["cost_multiple", 4], ["cost_quote", None]]
    block = simulate([TOO_MANY, COST], NONE, outcomes, 64, 1).tolist()
    assert block[0][:10] == block[2][:10] == [REFUSED] * 10
    assert "applicants must be a whole number from 1 to 20,000" in block[0][10]
    assert "cost_quote" in block[2][10]
    assert block[1] == simulate([COST], NONE, outcomes[1:2], 64, 1).tolist()[0]
    curves = outcome_curves([TOO_MANY, COST], NONE, outcomes, 64, 1)
    assert curves[:, :3].tolist() == [[REFUSED] * 3] * 41
    assert curves[:, 3:6].tolist() == outcome_curves([COST], NONE, outcomes[1:2], 64, 1).tolist()


WINDOW: Rows = [
    ["impact_growth", "uniform", 0.1, 0.5, 0.9],
    ["robustness_growth", "uniform", 0.1, 0.3, 0.5],
]


def test_a_result_that_is_a_word_on_some_draws() -> None:
    block = simulate(WINDOW, NONE, [["exit_year", 5], ["cost_multiple"]], 256, 1)
    row = block[0].tolist()
    assert row[4:6] == ["never", ""]
    assert row[10].startswith("no mean: 'never' in ")
    assert block[1, 10] == ""
    numbers = [cell for cell in block[:, :10].ravel() if not isinstance(cell, str)]
    assert all(math.isfinite(cell) for cell in numbers)
    curves = outcome_curves(WINDOW, NONE, [["exit_year"]], 256, 1)
    assert np.isfinite(curves.astype(float)).all()
    assert curves[-1, 2] < 0.9
    reason = "exit_year must be a number in every draw, but is 'never' in "
    for block_of in (tornado, information_value):
        assert reason in message(block_of, WINDOW, NONE, "exit_year", 256, 1)
    assert reason in message(provenance_debt, WINDOW, NONE, "exit_year", 2026, 5, 256, 1)
    flips = break_even([*WINDOW, COST], [["exit_year", 5]])
    assert flips[0, 1] == pytest.approx(5)
    assert flips[2, 0] == NO_MATTER


def test_nothing_but_a_word_has_no_curve() -> None:
    always: Rows = [["robustness_growth", "uniform", 6, 7, 8]]
    outcomes: Rows = [["exit_year"], ["cost_multiple"]]
    assert simulate(always, NONE, outcomes, 64, 1)[0, :5].tolist() == ["never"] * 5
    curves = outcome_curves(always, NONE, outcomes, 64, 1)
    assert set(curves[:, 0]) == {REFUSED}
    assert np.isfinite(curves[:, 3:].astype(float)).all()


@pytest.mark.parametrize("words", ["cost_quote", "absorption.limit"])
def test_the_percentiles_of_words_are_refused(words: str) -> None:
    assert "must be a number, not words" in message(simulate, NONE, NONE, [[words]], 64, 1)


def test_where_no_outcome_can_be_computed_the_first_reason_is_told() -> None:
    said = message(simulate, [TOO_MANY], NONE, [["place_multiple"], ["cost_quote"]], 64, 1)
    assert "applicants must be a whole number from 1 to 20,000, but is 50000" in said


@pytest.mark.parametrize(
    ("draws", "seed", "said"),
    [
        (0, 1, "draws must be a whole number from 1 to 1,000,000,000, but is 0"),
        (10**10, 1, "draws must be a whole number from 1 to 1,000,000,000, but is 10000000000"),
        (64.5, 1, "draws must be a whole number from 1 to 1,000,000,000, but is 64.5"),
        (None, 1, "draws must be a whole number from 1 to 1,000,000,000, but is blank"),
        ([64, 64], 1, "draws must be one number, but is 2 numbers"),
        (64, -1, "seed must be a whole number from 0 to 2^53, but is -1"),
        (64, "x", "seed must be a whole number from 0 to 2^53, but is 'x'"),
    ],
)
def test_numbers_of_draws_and_seeds(draws: Any, seed: Any, said: str) -> None:
    for call in (simulate, outcome_curves):
        assert message(call, *TABLES, OUTCOMES, draws, seed) == said


@pytest.mark.parametrize("draws", [0, 31, 10**10])
def test_the_fewest_and_most_draws_of_a_share(draws: int) -> None:
    said = f"draws must be a whole number from 32 to 1,048,576, but is {draws}"
    if draws == 10**10:
        said = "draws must be a whole number from 1 to 1,000,000,000, but is 10000000000"
    if draws == 0:
        said = "draws must be a whole number from 1 to 1,000,000,000, but is 0"
    for call in (tornado, information_value):
        assert message(call, *TABLES, "net_value", draws, 1) == said
    assert message(provenance_debt, *TABLES, "net_value", 2026, 3, draws, 1) == said


@pytest.mark.parametrize("outcome", ["nope", None, 5, "offset", "cost_multiple_range"])
def test_an_outcome_that_is_no_number_of_the_model_is_refused(outcome: Any) -> None:
    for call in (tornado, information_value):
        assert message(call, *TABLES, outcome, 64, 1).startswith("outcome must be ")
    said = message(provenance_debt, *TABLES, outcome, 2026, 3, 64, 1)
    assert said.startswith("outcome must be ")


# What it depends on


def test_the_tornado_is_sorted_and_padded() -> None:
    rows = [["applicants", "uniform", 900, 1000, 1100], *ROWS]
    block = tornado(rows, NONE, "net_safety", 1 << 12, 1)
    assert block.shape == (4, 9)
    found = sensitivity(uncertain(rows, []), ["net_safety"], 1 << 12, 1)["net_safety"]
    assert [row[0] for row in block] == [*(each.id for each in found), "", ""]
    assert block[2:].tolist() == [[""] * 9] * 2
    for row, each in zip(block, found, strict=False):
        assert row[1:5].tolist() == [each.at_low, each.at_high, each.swing, each.swing_rank]
        assert row[5:8].tolist() == [each.first.value, each.first.error, each.first_rank]
        assert row[8] == ("differs" if each.differs else "")
    shares = [row[5] for row in block[:2]]
    assert shares == sorted(shares, reverse=True)


def test_the_tornado_of_a_difference_of_normals() -> None:
    rows = [normal("marginal_cost", 25e3, 3e3), normal("value_per_researcher", 1e5, 4e3)]
    ratio = evaluate(model())["marginal_ratio"]
    block = tornado(rows, NONE, "net_value", 1 << 14, 3).tolist()
    variances = {"marginal_cost": 3e3**2, "value_per_researcher": (4e3 * ratio) ** 2}
    for row in block:
        share = variances[row[0]] / sum(variances.values())
        assert abs(row[5] - share) < 4 * row[6] + 1e-3
        assert row[3] == pytest.approx(2 * SCORE * math.sqrt(variances[row[0]]), rel=1e-9)


def test_a_tornado_marks_where_the_ranks_differ() -> None:
    # What lies far beyond its high end at times has a small swing for its variance.
    rows = [["offset", "lognormal", 2, 10, 50], ["added_safety", "uniform", 360, 500, 640]]
    block = tornado(rows, NONE, "net_safety", 1 << 12, 1)
    found = sensitivity(uncertain(rows, []), ["net_safety"], 1 << 12, 1)["net_safety"]
    assert all(each.differs for each in found)
    assert [row[8] == "differs" for row in block] == [each.differs for each in found]
    assert [row[7] for row in block] == [1, 2]
    assert sorted(row[4] for row in block) == [1, 2]


def test_a_variance_that_does_not_settle_is_told_in_words() -> None:
    """A divisor that comes near 0: fitted to this range, the triangle is cut there."""
    rows: Rows = [["offset", "triangular", 10, 100, 150, "", ""], [*BACKFIRE, "a report", 2026]]
    block = tornado(rows, NONE, "net_safety", 1 << 11, 1)
    assert [row[5:].tolist() for row in block] == [["did not settle", "", "", ""]] * 2
    assert [row[0] for row in block] == ["backfire_share", "offset"]  # by their swings
    owing = provenance_debt(rows, NONE, "net_safety", 2026, 5, 1 << 11, 1)
    assert owing[0].tolist() == ["did not settle", "", 1]
    assert owing[1].tolist() == ["offset", "no source", "did not settle"]


def test_the_offset_as_declared_settles() -> None:
    declared = model()["offset"]
    numbers = (declared.low, declared.central, declared.high)
    bounds = (declared.domain.minimum, declared.domain.maximum)
    warning = range_warning(declared.distribution, *numbers, *bounds)
    assert warning == "a uniform takes no account of central (100): its median is 80"
    rows: Rows = [[declared.id, declared.distribution, *numbers], BACKFIRE]
    for row in tornado(rows, NONE, "net_safety", 1 << 11, 1):
        assert 0 <= row[5] <= 1


@pytest.mark.parametrize("wanted", ["capabilities_per_100_all_safety", "breakeven_elasticity"])
def test_what_is_declared_can_be_simulated(wanted: str) -> None:
    rows: Rows = [
        [each.id, each.distribution, each.low, each.central, each.high]
        for each in model().assumptions
    ]
    assert simulate(rows, NONE, [[wanted]], 1 << 14, 1)[0, 10] == ""


# What would flip it


def test_break_evens_against_closed_forms() -> None:
    rows = [*ROWS, ["value_per_researcher", "normal", 80_000, 100_000, 120_000]]
    block = break_even(rows, [["cost_multiple", 2], ["net_value", -1e14], ["cost_quote", None]])
    assert block.shape == (4, 6)
    cost, offset, backfire, value = block.tolist()
    assert cost[:2] == pytest.approx([50_000, 2], rel=1e-8)
    assert cost[0] > 50_000  # on the side where it has flipped
    assert cost[1] < 2
    assert value[:2] == pytest.approx([50_000, 2], rel=1e-8)
    assert cost[2] == pytest.approx(evaluate(model())["marginal_value"] + 1e14, rel=1e-8)
    assert value[2:4] == [NO_FLIP, ""]
    assert isinstance(value[5], str)
    assert value[5] != evaluate(model())["cost_quote"]
    assert offset == backfire == [NO_MATTER, ""] * 3


def test_a_break_even_keeps_to_the_table_s_own_central_values() -> None:
    rows = [["marginal_cost", "fixed", 1000, 1000, 1000], ["value_per_researcher", *COST[1:]]]
    block = break_even(rows, [["cost_multiple", 20]]).tolist()
    assert block[0][0] == pytest.approx(25_000 / 20, rel=1e-8)
    assert block[1][0] == pytest.approx(20_000, rel=1e-8)


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ([["cost_multiple"]], "(row 1): a decision on cost_multiple must have a bar, but is blank"),
        (
            [["cost_multiple", 1], [None, None], ["cost_quote", 4]],
            "(row 3): a decision on cost_quote must have no bar, but is 4",
        ),
        ([["nope", 1]], "(row 1) must be a result of the model, by its id, but is 'nope'"),
        (NONE, "must ask about at least one result, but is blank"),
    ],
)
def test_bad_decisions_are_named_by_their_row(decisions: Any, said: str) -> None:
    found = message(break_even, ROWS, decisions)
    assert found == f"decisions {said}"


def test_the_worth_of_perfect_information_on_one_normal() -> None:
    sd, value = 20_000.0, evaluate(model())["marginal_value"]
    rows = [normal("marginal_cost", value, sd), OFFSET]
    cost, offset, everything = information_value(rows, NONE, "net_value", 1 << 16, 3).tolist()
    # E[max(0, N(0, sd))], less what the truncation of the cost at 0 leaves out.
    exact = sd / math.sqrt(2 * math.pi)
    assert cost[0] == pytest.approx(exact, rel=0.02)
    assert everything[0] == pytest.approx(exact, rel=0.02)
    assert offset == [0.0, 0.0]


def test_the_table_is_the_value_of_information() -> None:
    rows = [["marginal_cost", "uniform", 1, 9e4, 2e5], OFFSET]
    block = information_value(rows, NONE, "net_value", 512, 3).tolist()
    worth = value_of_information(uncertain(rows, []), "net_value", 512, 3)
    assert block == [list(worth.each["marginal_cost"]), [0.0, 0.0], list(worth.everything)]


# What it is owed to


def test_the_list_of_debts() -> None:
    block = provenance_debt(SOURCED, NONE, "net_safety", 2026, 3, 1 << 10, 1)
    given = uncertain(SOURCED, [])
    owing = debt(given, ["net_safety"], 1 << 10, 1, 2026, 3)
    assert block[0].tolist() == [*owing.shares["net_safety"], 2]
    assert {row[0]: row[1] for row in block[1:3]} == {
        "offset": "no source",
        "backfire_share": "judgement",
    }
    shares = [row[2] for row in block[1:3]]
    assert shares == sorted(shares, reverse=True)
    assert block[3].tolist() == ["", "", ""]


@pytest.mark.parametrize(
    ("source", "date", "year", "age", "reason"),
    [
        ("a report", 2020, 2026, 5, "from 2020"),
        ("a report", 2020.0, 2026, 5, "from 2020"),
        ("a report", "2020-03", 2026, 5, "from 2020"),
        ("a report", 43_900, 2026, 5, "from 2020"),  # a cell that shows 2020-03-10
        ("a report", 2021, 2026, 5, None),
        ("a report", "2021", 2026, 5, None),
        ("a report", "2021", 2027, 5, "from 2021"),
        ("a report", None, 2026, 5, "no date"),
        ("a report", "recently", 2026, 5, "no date"),
        (None, 2026, 2026, 5, "no source"),
        ("Judgement", 2026, 2026, 5, "judgement"),
    ],
)
def test_reasons_and_dates(source: Any, date: Any, year: int, age: float, reason: Any) -> None:
    block = provenance_debt([[*OFFSET, source, date]], NONE, "net_safety", year, age, 64, 1)
    assert block[0][2] == (1 if reason else 0)
    assert block[1].tolist()[:2] == (["offset", reason] if reason else ["", ""])
    assert (block[0][0] > 0.5) == bool(reason)


@pytest.mark.parametrize(
    ("year", "age", "said"),
    [
        ("x", 3, "year must be a whole number from 1,900 to 3,000, but is 'x'"),
        (None, 3, "year must be a whole number from 1,900 to 3,000, but is blank"),
        (2026, -1, "oldest_age must be a number from 0 to 1,000, but is -1"),
    ],
)
def test_bad_years(year: Any, age: Any, said: str) -> None:
    assert message(provenance_debt, SOURCED, NONE, "net_safety", year, age, 64, 1) == said


# Scenarios

SCENARIOS: Rows = [
    ["", "Doubtful", "Impossible", "Wider scope", ""],
    ["offset", 1, -1, None, None],
    [None] * 5,
    ["marginal_cost", 50_000, None, "", None],
    ["cost_scope", None, None, "recruit", None],
]
ASKED: Rows = [
    ["net_safety"],
    ["cost_multiple"],
    ["cost_multiple_range.low"],
    ["cost_quote"],
    ["scoped_cost"],
]


def test_scenarios_stand_side_by_side() -> None:
    block = compare_scenarios(ROWS, SCENARIOS, ASKED).tolist()
    assert len(block) == len(ASKED) + 1
    columns = list(zip(*block, strict=True))
    for changes, column in (
        ({}, columns[0]),
        ({"offset": 1, "marginal_cost": 50_000}, columns[1]),
        ({"cost_scope": "recruit"}, columns[3]),
        ({}, columns[4]),
    ):
        answers = evaluate(model(), uncertain(ROWS, []).central | changes)
        low = answers["cost_multiple_range"].tolist()[0]
        expected = [answers[name] for name in ("net_safety", "cost_multiple")]
        expected += [low, answers["cost_quote"], answers["scoped_cost"], ""]
        assert list(column) == expected
    assert {type(cell) for row in block for cell in row} == {float, str}


def test_a_bad_scenario_spoils_only_its_column() -> None:
    block = compare_scenarios(ROWS, SCENARIOS, ASKED)
    assert block[:-1, 2].tolist() == [REFUSED] * len(ASKED)
    assert block[-1].tolist() == [
        "",
        "",
        "offset must be a number above 0 (from 1e-9 to 1e15), but is -1",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["offset", "a"], "offset must be a number above 0 (from 1e-9 to 1e15), but is 'a'"),
        (["cost_scope", "all"], "cost_scope must be one of: recruit, retrain, prior develo"),
        (["applicants", 5], "admitted must be at most applicants (5), but is"),
        (["applicants", 99.5], "applicants must be a whole number"),
    ],
)
def test_the_note_names_the_assumption(row: list[Any], said: str) -> None:
    block = compare_scenarios(NONE, [["", "One"], row], [["net_safety"]])
    assert block[0].tolist() == [evaluate(model())["net_safety"], REFUSED]
    assert block[1][1].startswith(said)


@pytest.mark.parametrize(
    ("scenarios", "said"),
    [
        (NONE, "must begin with a row of names, its first cell blank, but is blank"),
        ([["", ""]], "must begin with a row of names, its first cell blank, but is blank"),
        ([["id", "One"]], "must begin with a row of names, its first cell blank, but is 'id'"),
        ([[1, "One"]], "must begin with a row of names, its first cell blank, but is 1"),
        ([["", "One"], ["nope", 1]], "(row 2) must name an assumption of the model by its id, but"),
        ([["", "One"], [None, 1]], "(row 2) must name an assumption of the model by its id, but"),
        ([["", "One"], ["offset.low", 1]], "(row 2) must name an assumption of the model by its"),
        (
            [["", "One"], ["offset", 1], ["", ""], ["offset", 2]],
            "(row 4) must name each assumption once, but is 'offset'",
        ),
    ],
)
def test_bad_tables_of_scenarios(scenarios: Any, said: str) -> None:
    found = message(compare_scenarios, NONE, scenarios, [["net_safety"]])
    assert found.startswith(f"scenarios {said}")


def test_without_a_central_case_there_is_no_comparison() -> None:
    rows = [["applicants", "fixed", 5, 5, 5]]
    said = message(
        compare_scenarios, rows, [["", "One"], ["applicants", 500]], [["marginal_ratio"]]
    )
    assert said.startswith("admitted must be at most applicants (5), but is ")


# What simulates


def test_every_table_shares_one_surface(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = surfaces.margin_surface

    def counted(box: surfaces.Box, replicates: int, seed: int) -> surfaces.MarginSurface:
        made.append(box)
        return real(box, replicates, seed)

    monkeypatch.setattr(surfaces, "margin_surface", counted)
    surfaces._kept_surface.cache_clear()
    few = ["replicates", "fixed", 40, 40, 40]
    tables = [["applicants", "uniform", 900, 1000, 1100], few], NONE
    try:
        for _ in range(2):
            (row,) = simulate(*tables, [["place_multiple", 4]], 64, 3).tolist()
            ranked, _ = tornado(*tables, "place_multiple", 64, 3).tolist()
        assert len(made) == 1
    finally:
        surfaces._kept_surface.cache_clear()  # it was made of few drafts
    assert row[0] < row[2] < row[4]
    assert ranked[0] == "applicants"
