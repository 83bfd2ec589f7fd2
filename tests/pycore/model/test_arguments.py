"""Tables of cells: what they say of the model, and what bad ones are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from pycore.errors import InputError
from pycore.model.arguments import questions, rows_of, uncertain
from pycore.model.results import model
from pycore.model.uncertainty import spreads_of
from pycore.uncertainty.sampling import Range, Uncertain

COST = ["marginal_cost", "uniform", 20_000, 25_000, 30_000]
OFFSET = ["offset", "lognormal", 50, 100, 200]
VALUE = ["value_per_researcher", "normal", 80_000, 100_000, 120_000]
BLANK = [[None]]


def message(call: Any, *arguments: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments)
    return str(caught.value)


# Rows


def test_rows_keep_their_numbers_where_blank_ones_are_passed_over() -> None:
    table: list[list[Any]] = [["a", 1], [None, ""], ["", None], ["b", ""]]
    assert list(rows_of("table", table, 2)) == [(1, ["a", 1]), (4, ["b", None])]


@pytest.mark.parametrize("table", [[], [[]], [[""]], [[None, None], ["", ""]]])
def test_a_table_may_be_blank(table: Any) -> None:
    assert list(rows_of("table", table, 5)) == []


@pytest.mark.parametrize("table", ["abc", 5, None, [1, 2], ["ab"]])
def test_what_is_no_table_is_refused(table: Any) -> None:
    assert message(lambda: list(rows_of("table", table, 2))).startswith("table must be a table")


def test_a_row_that_is_too_short_is_refused_by_its_number() -> None:
    said = message(lambda: list(rows_of("table", [[None], ["a", 1]], 3)))
    assert said == "table must have at least 3 columns, but is a row of 2 (row 2)"


# Ranges


def test_a_table_becomes_ranges_in_its_order() -> None:
    given = uncertain([OFFSET, [None] * 5, COST], BLANK)
    assert given.ranges == {
        "offset": Range("lognormal", 50, 100, 200),
        "marginal_cost": Range("uniform", 20_000, 25_000, 30_000),
    }
    assert list(given.ranges) == ["offset", "marginal_cost"]
    assert set(given.ids) == {"offset", "marginal_cost"}
    assert given.pairs == ()


def test_a_blank_table_is_the_declared_model() -> None:
    assert uncertain(BLANK, []) == Uncertain(model(), {})


def test_a_choice_stands_among_the_rows_with_its_word() -> None:
    given = uncertain([["cost_scope", None, None, "recruit", None], COST], BLANK)
    assert given.words == {"cost_scope": "recruit"}
    assert list(given.ranges) == ["marginal_cost"]


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        (None, ""),
        (2024, "2024"),
        (2024.0, "2024"),
        ("2024", "2024"),
        ("June 2024", "June 2024"),
        (datetime(2024, 6, 7), "2024-06-07 00:00:00"),
        (45_450, "2024"),  # a cell that shows 2024-06-07, as Excel hands it over
        (45_450.5, "2024"),
        (12, "12"),
        (1e300, f"{1e300:.0f}"),
        (True, "True"),
    ],
)
def test_dates_are_text_or_years(cell: Any, date: str) -> None:
    given = uncertain([[*COST, "a report", cell]], BLANK)
    assert given.graph["marginal_cost"].source == "a report"
    assert given.graph["marginal_cost"].date == date


def test_without_their_columns_sources_and_dates_stay_the_declared_ones() -> None:
    given = uncertain([COST], BLANK)
    declared = model()["marginal_cost"]
    assert given.graph["marginal_cost"] == declared
    # A column that is there and blank is no source.
    assert uncertain([[*COST, None]], BLANK).graph["marginal_cost"].source == ""


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["cost", *COST[1:]], "must name an assumption of the model by its id, but is 'cost'"),
        ([None, *COST[1:]], "must name an assumption of the model by its id, but is blank"),
        ([7, *COST[1:]], "must name an assumption of the model by its id, but is 7"),
        (["marginal_cost.low", *COST[1:]], "must name an assumption of the model by its id, but"),
        (["cost_multiple", *COST[1:]], "must name an assumption of the model by its id, but"),
        (OFFSET, "must name each assumption once, but is 'offset'"),
        (["marginal_cost", "gamma", 1, 2, 3], ": marginal_cost: distribution must be one of"),
        (["marginal_cost", None, 1, 2, 3], ": marginal_cost: distribution must be one of"),
        (["marginal_cost", "uniform", 3, 2, 1], ": marginal_cost.low must be at most"),
        (["marginal_cost", "uniform", -1, 2, 3], ": marginal_cost.low must be a number above 0"),
        (["marginal_cost", "uniform", 1, None, 3], ": marginal_cost must be a number above 0"),
        (["marginal_cost", "uniform", 1, "2", 3], ": marginal_cost must be a number above 0"),
    ],
)
def test_a_bad_row_is_named_and_its_rule_told(row: list[Any], said: str) -> None:
    found = message(uncertain, [OFFSET, [None] * 5, row], BLANK)
    assert found.startswith(f"assumptions (row 3){said if said[0] == ':' else f' {said}'}")
    assert " must " in found
    assert ", but is " in found


def test_a_range_that_its_distribution_cannot_have_refuses_only_what_is_drawn_from_it() -> None:
    unfit = ["backfire_share", "lognormal", 0, 0.01, 0.02]
    given = uncertain([COST, unfit, OFFSET], [["backfire_share", "offset", 0.5]])
    said = message(given.needed, ["net_safety"])
    assert said.startswith("assumptions (row 2): backfire_share: low must be ")
    assert given.unfit["backfire_share"].__traceback__ is None  # it is kept, and asked for often
    assert given.needed(["cost_multiple"]) == ("marginal_cost",)
    assert given.pairs == ()  # the others are drawn as if it were fixed
    asked: list[tuple[str, float | None]] = [("net_safety", None), ("cost_multiple", None)]
    found, (reason, none) = spreads_of(given, asked, 64, 1)
    assert (list(found), reason, none) == (["cost_multiple"], said, "")
    # With nothing else to say, the reason is what is said.
    assert message(spreads_of, given, asked[:1], 64, 1) == said


# Correlations


def test_correlations_become_pairs() -> None:
    given = uncertain(
        [COST, OFFSET, VALUE],
        [["offset", "marginal_cost", 0.5], ["", None, None], ["marginal_cost", VALUE[0], -0.5]],
    )
    assert given.pairs == (("offset", "marginal_cost", 0.5), ("marginal_cost", VALUE[0], -0.5))


FIXED = ["backfire_share", "fixed", 0, 0, 0]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["offset", "cost", 1]], "(row 1) must name two assumptions of the model by their ids"),
        ([["offset", None, 1]], "(row 1) must name two assumptions of the model by their ids"),
        ([["offset", "offset", 1]], "(row 1) must be between two different assumptions"),
        ([["offset", "marginal_cost", 2]], "(row 1) must be a number from -1 to 1, but is 2"),
        ([["offset", "marginal_cost", None]], "(row 1) must be a number from -1 to 1, but is bl"),
        ([["offset", "marginal_cost", "x"]], "(row 1) must be a number from -1 to 1, but is 'x'"),
        (
            [["offset", "backfire_share", 0.5]],
            "(row 1) must be between assumptions that are not fixed (or be cleared), but is 'back",
        ),
        (
            [["offset", "applicants", 0.5]],  # not in the table of assumptions, so fixed
            "(row 1) must be between assumptions that are not fixed (or be cleared), but is 'app",
        ),
        (
            [["offset", "marginal_cost", 0.5], [None] * 3, ["marginal_cost", "offset", 0.1]],
            "(row 3) must name each pair once, in either order, but is 'marginal_cost, offset'",
        ),
    ],
)
def test_a_bad_correlation_is_named_by_its_row(rows: Any, said: str) -> None:
    found = message(uncertain, [COST, OFFSET, VALUE, FIXED], rows)
    assert found.startswith(f"correlations {said}")


def test_what_no_numbers_can_have_is_named_with_the_value_that_would_do() -> None:
    rows: list[list[Any]] = [
        [None] * 3,
        ["offset", "marginal_cost", 0.9],
        ["marginal_cost", "value_per_researcher", 0.9],
        ["offset", "value_per_researcher", -0.9],
    ]
    given = [COST, OFFSET, VALUE]
    found = message(uncertain, given, rows)
    assert found.startswith("correlations (row ")
    assert "must be moved to " in found
    row = int(found.partition("(row ")[2].partition(")")[0])
    one, other = rows[row - 1][:2]
    assert {one, other} == set(
        found.partition("the correlation of ")[2].partition(" must")[0].split(" and ")
    )
    # What the message says to do mends it.
    rows[row - 1][2] = float(found.partition("moved to ")[2].partition(" ")[0])
    assert len(uncertain(given, rows).pairs) == 3


# Questions


def test_questions_have_thresholds_or_none() -> None:
    table: list[list[Any]] = [
        ["cost_multiple", 4],
        ["cost_multiple_range.low", ""],
        [None, None],
        ["offset", 1],
    ]
    assert questions("outcomes", table[:3]) == [
        ("cost_multiple", 4.0),
        ("cost_multiple_range.low", None),
    ]
    assert questions("outcomes", [["cost_multiple"]]) == [("cost_multiple", None)]
    said = message(questions, "outcomes", table)
    assert said == "outcomes (row 4) must be a result of the model, by its id, but is 'offset'"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (BLANK, "outcomes must ask about at least one result, but is blank"),
        ([["nope"]], "outcomes (row 1) must be a result of the model, by its id, but is 'nope'"),
        ([[5]], "outcomes (row 1) must be a result of the model, by its id, but is 5"),
        (
            [["cost_multiple_range"]],
            "outcomes (row 1) must be one of cost_multiple_range.low, cost_multiple_range.high,",
        ),
        (
            [["cost_multiple_range.mid"]],
            "outcomes (row 1) must be one of cost_multiple_range.low, cost_multiple_range.high,",
        ),
        ([["cost_multiple.low"]], "outcomes (row 1) must be a result of one value, but is"),
        ([["net_safety_curve"]], "outcomes (row 1) must be a result of one value, but is"),
        ([["cost_multiple", "x"]], "outcomes (row 1) must be a number, but is 'x'"),
        ([["cost_multiple", float("inf")]], "outcomes (row 1) must be a number, but is inf"),
        (
            [["cost_multiple"], [None], ["cost_multiple", 4]],
            "outcomes (row 3) must ask about each result once, but is 'cost_multiple'",
        ),
    ],
)
def test_a_bad_question_is_named_by_its_row(table: Any, said: str) -> None:
    assert message(questions, "outcomes", table).startswith(said)
