"""The published figures: they come out of Checks, and a broken function shows there."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from addin import functions as catalogue
from pycore import cost, exchange, portfolio, ratio, selection, window
from pycore.model.published import CHECKS, Earlier
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.show import contents

Run = Callable[..., tuple[int, str, str]]

FIGURES: dict[str, tuple[Callable[..., Any], float | str, float]] = {
    # function, published figure, half a unit of its last digit
    "multiple_low": (cost.cost_multiple, 4, 0),
    "multiple_high": (cost.cost_multiple, 5, 0),
    "implied_cost_at_4": (cost.implied_cost, 25_000, 0),
    "implied_cost_at_5": (cost.implied_cost, 20_000, 0),
    "quote": (cost.quote, "4-5x", 0),
    "unrounded_low": (cost.cost_multiple, 5, 0),
    "unrounded_high": (cost.cost_multiple, 6.25, 0),
    "unrounded_quote": (cost.quote, "5-7x", 0),
    "restatement_threshold": (cost.restatement_threshold, 0.8, 1e-12),
    "quote_above_threshold": (cost.restated_quote, "4-5x", 0),
    "quote_at_threshold": (cost.restated_quote, "3-4x", 0),
    "rounded_outward": (cost.quote, "3-4x", 0),
    "money_per_researcher": (exchange.money_per_researcher, 125_000, 0),
    "impact_sigma": (selection.impact_sigma, 1.97957, 5e-6),
    "ratio_before": (ratio.ratio_shift, 10, 0),
    "ratio_after": (ratio.ratio_shift, 7, 0),
    "ratio_after_text": (ratio.ratio_text, "7:1", 0),
    "breakeven_capabilities_share": (ratio.breakeven_capabilities_share, 10 / 11, 5e-5),
    "per_hundred": (ratio.per_hundred, 2.857, 5e-4),
    "per_hundred_all": (ratio.per_hundred, 1.795, 5e-4),
    "safety_share": (ratio.combined_share, 0.78, 1e-12),
    "neutral_margin": (ratio.neutral_margin, 800, 1e-9),
    "neutral_margin_at_10": (ratio.neutral_margin, 80, 1e-9),
    "neglectedness_offset": (ratio.neglectedness_offset, 10, 0),
    "net_safety": (ratio.net_safety, 495, 1e-9),
    "breakeven_backfire": (ratio.breakeven_backfire, 0.98020, 5e-6),
    "breakeven_backfire_at_10": (ratio.breakeven_backfire, 0.81818, 5e-6),
    "manager_low": (portfolio.manager_worth, 2.5, 0),
    "manager_high": (portfolio.manager_worth, 5, 0),
    "mixed_team": (portfolio.team_output, 7.1736, 5e-5),
    "iterators_alone": (portfolio.team_output, 6.6568, 5e-5),
    "breakeven_diversity": (portfolio.breakeven_diversity, 1.8809, 5e-5),
    "outside_at_110": (window.exit_year, 0, 0),
}


@pytest.fixture(name="checks", scope="module")
def _checks(built: bytes) -> Any:
    return contents(read_book(built, "built"))["checks"]


@pytest.mark.parametrize("check_id", FIGURES)
def test_a_published_figure_comes_out(checks: Any, check_id: str) -> None:
    function, figure, within = FIGURES[check_id]
    held = checks[check_id]
    assert held["ok"] is True
    declared = next(check for check in CHECKS if check.id == check_id)
    assert declared.function is function
    if isinstance(figure, str):
        assert held["computed"] == held["published"] == figure
    else:
        assert held["computed"] == pytest.approx(figure, abs=max(within, 1e-12), rel=0)
        assert held["published"] == pytest.approx(figure, abs=max(within, 1e-12), rel=0)


def test_nothing_else_is_checked_unseen(checks: Any) -> None:
    assert set(checks) == set(FIGURES) == {check.id for check in CHECKS}


def test_checks_are_tight() -> None:
    # A check that would pass for any figure shows nothing.
    for check in CHECKS:
        if not isinstance(check.published, str):
            assert check.within <= 1e-3 * abs(check.published), check.id


def test_an_earlier_figure_comes_before() -> None:
    seen: set[str] = set()
    for check in CHECKS:
        assert {value.id for value in check.inputs if isinstance(value, Earlier)} <= seen
        seen.add(check.id)


def test_checks_do_not_hang_on_the_assumptions(file: Path, run: Run, checks: Any) -> None:
    words = ["marginal_cost=23000", "offset=50", "admitted=111", "safety_researchers=900"]
    assert run("set", file, *words)[0] == 0
    assert json.loads(run("show", file, "--json")[1])["checks"] == checks


def wrong_value(value: Any) -> Any:
    return f"about {value}" if isinstance(value, str) else value * 1.01 or 0.01


CHECKED = sorted({check.function.__name__ for check in CHECKS})


# Every third together: each is a recalculation, and few checks hang on one another's functions.
@pytest.mark.parametrize("first", range(3))
def test_a_broken_function_shows(built: bytes, first: int, in_place_of: Callable[..., Any]) -> None:
    names = CHECKED[first::3]
    with ExitStack() as broken:
        for name in names:
            function = catalogue.functions()[name.upper()]
            broken.enter_context(in_place_of(function, wrongly(function.call)))
        done = recalculate(built, "file")
    book = read_book(done.data, "file")
    differ = {id_ for id_, held in contents(book)["checks"].items() if not held["ok"]}
    assert {check.id for check in CHECKS if check.function.__name__ in names} <= differ
    assert book.value("checks_all_fine") == "differs"


def wrongly(right: Callable[..., Any]) -> Callable[..., Any]:
    def wrong(*cells: Any) -> Any:
        value = right(*cells)
        if isinstance(value, list):
            return [[wrong_value(number) for number in row] for row in value]
        return wrong_value(value)

    return wrong
