"""What changes did to the answers: shares that add up, nothing for what is not read."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from pycore.graph import evaluate
from pycore.model.results import model
from workbook.circulation.changes import Change
from workbook.circulation.effects import Effect, effects
from workbook.formulas import distribution_references, value_references

GIVEN = {
    each: model().declared[each]
    for each in (*value_references(model()), *distribution_references(model()))
}


def change(reference: str, after: float) -> Change:
    node, _, field = reference.partition(".")
    return Change(node, field or "central", GIVEN[reference], after)


def by_result(changes: list[Change]) -> dict[str, Effect]:
    return {each.result: each for each in effects(GIVEN, changes)}


VALUES = {
    "marginal_cost": st.floats(21_000, 25_000),
    "value_per_researcher": st.floats(50_000, 200_000),
    "selection_validity": st.floats(0.1, 0.6),
    "offset": st.floats(10, 150),
    "backfire_share": st.floats(0, 0.3),
    "added_safety": st.floats(100, 900),
}


@drawn(st.fixed_dictionaries({}, optional=VALUES))
@settings(max_examples=25, deadline=None)
def test_shares_add_up_and_are_those_of_all_orders(values: dict[str, float]) -> None:
    changes = [change(each, value) for each, value in values.items()]
    found = by_result(changes)
    for result in ("adjusted_multiple", "net_safety", "ratio_shift.after", "net_value"):
        effect = found[result]
        assert isinstance(effect.before, float)
        assert isinstance(effect.after, float)
        difference = effect.after - effect.before
        assert sum(effect.by.values()) == pytest.approx(difference, rel=1e-9, abs=1e-9)
    if len(values) <= 4:
        assert found["net_safety"].by == pytest.approx(in_all_orders(values, "net_safety"))


def in_all_orders(values: dict[str, float], result: str) -> dict[str, float]:
    """The mean of what each change does when it comes, over every order, one call at a time."""
    totals = dict.fromkeys(values, 0.0)
    orders = list(permutations(values))
    for order in orders:
        made = dict(GIVEN)
        before = evaluate(model(), made, wanted=[result])[result]
        for each in order:
            made[each] = values[each]
            after = evaluate(model(), made, wanted=[result])[result]
            totals[each] += (after - before) / len(orders)
            before = after
    return {f"{each}.central": total for each, total in totals.items()}


def test_what_no_answer_reads_has_no_share() -> None:
    found = by_result([change("offset.low", 20), change("marginal_cost", 24_000)])
    for effect in found.values():
        assert effect.by.get("offset.low", 0.0) == 0.0
    assert found["net_safety"].by == {"offset.low": 0.0, "marginal_cost.central": 0.0}
    assert not found["net_safety"].is_changed


def test_a_quote_is_shown_and_its_two_ends_are_shared() -> None:
    found = by_result([change("marginal_cost.low", 10_000), change("marginal_cost.high", 40_000)])
    assert (found["cost_quote"].before, found["cost_quote"].after) == ("4-5x", "2-10x")
    low, high = found["cost_quote.low"], found["cost_quote.high"]
    assert low.by == {"marginal_cost.low": 0.0, "marginal_cost.high": -2.0}
    assert high.by == {"marginal_cost.low": 5.0, "marginal_cost.high": 0.0}


def test_changes_that_only_together_keep_a_rule_share_alike() -> None:
    # More places than applicants are refused, and so is either change without the other.
    given = GIVEN | {"applicants": 200.0, "admitted": 100.0, "places": 100.0, "mentors": 40.0}
    changes = [
        Change("applicants", "central", 200.0, 50.0),
        Change("admitted", "central", 100.0, 30.0),
        Change("places", "central", 100.0, 30.0),
        Change("mentors", "central", 40.0, 10.0),
    ]
    (effect,) = (each for each in effects(given, changes) if each.result == "marginal_ratio")
    assert effect.is_changed
    assert effect.why_not == ""
    shares = {each: effect.by[f"{each}.central"] for each in ("applicants", "admitted")}
    assert shares["applicants"] == shares["admitted"] != 0
    assert isinstance(effect.before, float)
    assert isinstance(effect.after, float)
    assert sum(effect.by.values()) == pytest.approx(effect.after - effect.before)


def test_what_cannot_be_computed_after_says_why() -> None:
    changes = [Change("applicants", "central", GIVEN["applicants"], 10.0)]
    found = {each.result: each for each in effects(GIVEN, changes)}
    assert found["marginal_ratio"].after is None
    assert "admitted" in found["marginal_ratio"].why_not
    assert found["cost_multiple"].after == found["cost_multiple"].before


def test_a_simulated_answer_is_shared_too() -> None:
    changes = [change("shared_criteria", 0.4), change("marginal_cost", 24_000)]
    given = GIVEN | {"replicates": 20.0}
    (effect,) = (each for each in effects(given, changes) if each.result == "place_multiple")
    values = {"shared_criteria": 0.4, "marginal_cost": 24_000.0}
    value = evaluate(model(), given | values, wanted=["place_multiple"])["place_multiple"]
    assert effect.after == value
    assert np.count_nonzero([*effect.by.values()]) == 2
