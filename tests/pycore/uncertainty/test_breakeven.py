"""Break-even values: where a decision flips, and where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pycore import cost, portfolio, ratio, window
from pycore.checks import Domain
from pycore.errors import InputError
from pycore.nodes import Ordering
from pycore.uncertainty.breakeven import Decision, breakeven
from pycore.uncertainty.sampling import Range, Uncertain
from tests.pycore.uncertainty.uncertain import result, total, uncertain

AMOUNT = Domain(1e-9, 1e15)


def fixed(value: float) -> Range:
    return Range("fixed", value, value, value)


def multiples() -> Uncertain:
    return uncertain(
        {"value": fixed(1e5), "cost": Range("normal", 2e4, 22_500, 25_000), "other": fixed(1)},
        [
            result("multiple", cost.cost_multiple, "value", "cost"),
            result("range", cost.cost_multiple_range, "value", "cost.low", "cost.high",
                   parts=("low", "high")),
            result("quote", cost.quote, "range.low", "range.high"),
        ],
        domains={"value": AMOUNT, "cost": AMOUNT},
    )  # fmt: skip


def test_a_multiple_against_a_bar() -> None:
    found = breakeven(multiples(), Decision("multiple", 1))
    assert list(found) == ["value", "cost"]
    value, price = found["value"], found["cost"]
    assert value is not None
    assert price is not None
    assert value.value == pytest.approx(22_500, rel=2e-9)
    assert value.value < 22_500  # on the flipped side
    assert (value.side, price.side) == ("below", "above")
    assert price.value == pytest.approx(1e5, rel=2e-9)
    assert float(value.answer) < 1


def test_a_quote_changes_on_the_nearer_side() -> None:
    found = breakeven(multiples(), Decision("quote"))
    assert list(found) == ["value"]  # the quote is of the ends of the cost, not of its middle
    flip = found["value"]
    assert flip is not None
    assert flip.value == pytest.approx(1e5, rel=1e-8)  # 5x is at its edge
    assert (flip.side, flip.answer) == ("above", "4-6x")


def test_none_within_the_bounds() -> None:
    assert breakeven(multiples(), Decision("multiple", 1), ["other"]) == {"other": None}
    bounded = uncertain(
        {"a": fixed(1), "b": fixed(1)},
        [result("y", total, "a", "b")],
        domains={"a": Domain(0, 2), "b": Domain(0, 3)},
    )
    found = breakeven(bounded, Decision("y", 3.5))
    assert found["a"] is None
    assert found["b"] is not None
    assert found["b"].value == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("bar", "value", "side"), [(3.3, 4, "above"), (2, 1, "below"), (7, 7, "above")]
)
def test_whole_numbers(bar: float, value: float, side: str) -> None:
    given = uncertain(
        {"n": fixed(3 if bar != 2 else 2)},
        [result("y", total, "n")],
        domains={"n": Domain(0, 10**6, whole=True)},
    )
    flip = breakeven(given, Decision("y", bar))["n"]
    assert flip is not None
    assert (flip.value, flip.side) == (value, side)
    assert flip.answer == value


def test_whole_numbers_far_away_are_exact() -> None:
    given = uncertain(
        {"n": fixed(120)},
        [result("y", total, "n")],
        domains={"n": Domain(1, 10**6, whole=True)},
    )
    flip = breakeven(given, Decision("y", 765_431.5))["n"]
    assert flip is not None
    assert flip.value == 765_432


def test_orderings_bound_the_search() -> None:
    given = uncertain(
        {"small": fixed(2), "large": fixed(4)},
        [result("y", total, "small", "large")],
        orderings=(Ordering(smaller="small", larger="large"),),
    )
    assert breakeven(given, Decision("y", 8.5))["small"] is None
    assert breakeven(given, Decision("y", 7.5))["small"] is not None
    assert breakeven(given, Decision("y", 5))["large"] is not None
    assert breakeven(given, Decision("y", 3))["large"] is None


def test_a_flip_at_exactly_0_and_through_it() -> None:
    given = uncertain(
        {"a": fixed(3), "b": fixed(0)},
        [result("y", total, "a", "b")],
        domains={"a": Domain(-5, 5), "b": Domain(-5, 5)},
    )
    found = breakeven(given, Decision("y", 0))
    assert found["a"] is not None
    assert found["a"].value == pytest.approx(0, abs=1e-12)
    assert found["b"] is not None
    assert found["b"].value == pytest.approx(-3)


def test_small_flips_near_an_end_are_found() -> None:
    given = uncertain(
        {"offset": fixed(100), "added": fixed(500), "away": fixed(500)},
        [result("net", ratio.net_safety, "added", "away", "offset")],
        domains=dict.fromkeys(["offset", "added", "away"], AMOUNT),
    )
    found = breakeven(given, Decision("net", 0))
    for each, exact in (("offset", 1), ("added", 5), ("away", 50_000)):
        flip = found[each]
        assert flip is not None
        assert flip.value == pytest.approx(exact, rel=2e-9)


def test_what_a_function_refuses_ends_the_search() -> None:
    given = uncertain(
        {"one": fixed(0.5), "two": fixed(0.3)},
        [result("both", ratio.combined_share, "one", "two")],
        domains={"one": Domain(0, 1), "two": Domain(0, 1)},
    )
    assert breakeven(given, Decision("both", 0.9))["two"] is not None
    assert breakeven(given, Decision("both", 1.0 + 1e-3))["two"] is None


def test_a_stand_in_judges_the_central_value_too() -> None:
    def simulated(a: Any) -> Any:
        return np.asarray(a) + 0.001  # the surface is off by a little

    given = uncertain({"a": fixed(1)}, [result("y", total, "a", simulates=True)])
    flip = breakeven(given, Decision("y", 1.0005), stand_ins={"y": simulated})["a"]
    assert flip is not None
    assert flip.value == pytest.approx(0.9995)


def exit_years(impact: float, **words: str) -> Uncertain:
    ids = ("impact", "robust", "growth", "pace")
    centres = dict(zip(ids, (impact, 100, 0.2, 0.1), strict=True))
    arguments = [result("year", window.exit_year, *ids, **words)]
    rates = Domain(-0.9, 10)
    domains = {"impact": AMOUNT, "robust": AMOUNT, "growth": rates, "pace": rates}
    return uncertain({each: fixed(v) for each, v in centres.items()}, arguments, domains=domains)


def test_a_word_that_stands_for_a_limit_counts_as_that() -> None:
    given = exit_years(50, highest="never")
    found = breakeven(given, Decision("year", 10))
    flip = found["pace"]
    assert flip is not None
    assert flip.value == pytest.approx(1.2 / 2**0.1 - 1, rel=1e-8)
    assert flip.answer == pytest.approx(10)
    # Of one that never ends, the bar is passed when it comes; without a bar, when the word goes.
    endless = exit_years(50, highest="never")
    ranges = {**endless.ranges, "pace": fixed(0.3)}
    endless = Uncertain(endless.graph, ranges)
    for bar, pace in ((10, 1.2 / 2**0.1 - 1), (None, 0.2)):
        flip = breakeven(endless, Decision("year", bar))["pace"]
        assert flip is not None
        assert flip.value == pytest.approx(pace, rel=1e-8)
        assert isinstance(flip.answer, float)


def test_other_words_beside_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="year must be a number in every draw, but is 'never' in"):
        breakeven(exit_years(50), Decision("year", 10))


def test_a_part_that_is_words() -> None:
    ids = ("managers", "span", "budget", "cost", "backlog")
    ranges = {each: fixed(v) for each, v in zip(ids, (4, 7.5, 2e6, 1e5, 50), strict=True)}
    limits = result("absorbed", portfolio.absorption, *ids, parts=("people", "limit"))
    given = uncertain(ranges, [limits], domains=dict.fromkeys(ids, AMOUNT))
    flip = breakeven(given, Decision("absorbed.limit"))["budget"]
    assert flip is not None
    assert flip.value == pytest.approx(3e6)
    assert flip.answer == "managers"
    with pytest.raises(InputError, match=r"a decision on absorbed\.limit must have no bar"):
        breakeven(given, Decision("absorbed.limit", 1))


@pytest.mark.parametrize(
    ("decision", "ids", "words"),
    [
        (Decision("nothing", 1), None, "a decision must be on one of the graph's results"),
        (Decision("range", 1), None, "a decision must be on one number or text"),
        (Decision("range.middle", 1), None, "but is 'range.middle'"),
        (Decision("multiple"), None, "a decision on multiple must have a bar, but is blank"),
        (Decision("quote", 4), None, "a decision on quote must have no bar, but is 4"),
        (Decision("multiple", 1), ["cast"], "a break-even must be of one of the graph's"),
    ],
)
def test_refused(decision: Decision, ids: list[str] | None, words: str) -> None:
    with pytest.raises(InputError, match=words):
        breakeven(multiples(), decision, ids)
