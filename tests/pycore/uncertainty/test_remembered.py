"""What was drawn is found again where nothing has changed that it depends on, and only there."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pycore.model.uncertainty import (
    information_value,
    outcome_curves,
    provenance_debt,
    simulate,
    tornado,
)
from pycore.uncertainty import remembered, simulation
from pycore.uncertainty.remembered import LARGEST_KEPT, MOST_KEPT, keep, recalled
from tests.pycore.uncertainty.uncertain import lognormal, product, result, uncertain

ROWS: dict[str, list[Any]] = {
    "value_per_researcher": ["uniform", 90_000.0, 100_000.0, 130_000.0],
    "marginal_cost": ["triangular", 20_000.0, 25_000.0, 30_000.0],
    "selection_validity": ["beta", 0.1, 0.3, 0.5],
    "offset": ["uniform", 8.0, 10.0, 15.0],
}
CORRELATED: list[list[Any]] = [["marginal_cost", "value_per_researcher", 0.5]]
OUTCOMES = [["cost_multiple", 4.0], ["net_safety", 400.0], ["net_value", 0.0]]

change = st.one_of(
    st.tuples(st.sampled_from(sorted(ROWS)), st.just("central"), st.sampled_from([0.99, 1.01])),
    st.tuples(st.sampled_from(sorted(ROWS)), st.just("high"), st.sampled_from([1.0, 1.2])),
    st.tuples(st.sampled_from(sorted(ROWS)), st.just("kind"), st.sampled_from(["fixed", "pert"])),
    st.tuples(st.just(""), st.just("correlations"), st.booleans()),
    st.tuples(st.just(""), st.just("seed"), st.integers(1, 3)),
    st.tuples(st.just(""), st.just("draws"), st.sampled_from([64, 128])),
    st.tuples(st.just(""), st.just("source"), st.sampled_from(["", "a paper"])),
)


class Asked:
    """The tables of a workbook, edited one after the other."""

    def __init__(self) -> None:
        self.rows = {each: list(row) for each, row in ROWS.items()}
        self.correlations: list[list[Any]] = [[""]]
        self.seed, self.draws, self.source = 1, 64, ""

    def edit(self, name: str, what: str, value: Any) -> None:
        if what == "central":
            self.rows[name][2] = ROWS[name][2] * value
        elif what == "high":
            self.rows[name][3] = min(ROWS[name][3] * value, 1.0 if name.endswith("y") else 1e9)
        elif what == "kind":
            self.rows[name][0] = value
        elif what == "correlations":
            drawn = all(self.rows[each][0] != "fixed" for each in CORRELATED[0][:2])
            self.correlations = CORRELATED if value and drawn else [[""]]
        else:
            setattr(self, what, value)
        if any(self.rows[each][0] == "fixed" for each in CORRELATED[0][:2]):
            self.correlations = [[""]]

    def answers(self) -> list[Any]:
        """What all functions give that draw."""
        table = [[name, *row] for name, row in self.rows.items()]
        sourced = [[*row, self.source, 2026] for row in table]
        drawn = (self.correlations, "net_value")
        chance = (self.draws, self.seed)
        blocks = [
            simulate(table, self.correlations, OUTCOMES, *chance),
            outcome_curves(table, self.correlations, OUTCOMES, *chance),
            tornado(table, *drawn, *chance),
            information_value(table, *drawn, *chance),
            provenance_debt(sourced, *drawn, 2026, 5, *chance),
        ]
        return [block.tolist() for block in blocks]


@settings(max_examples=25, deadline=None)
@given(st.lists(change, min_size=1, max_size=5))
def test_edits_in_one_process_give_what_a_new_process_gives(edits: list[Any]) -> None:
    asked = Asked()
    asked.answers()
    for each in edits:
        asked.edit(*each)
        found = asked.answers()
        remembered._KEPT.clear()
        assert asked.answers() == found


def test_what_an_edit_does_not_reach_is_not_drawn_again(monkeypatch: Any) -> None:
    asked, drawn = Asked(), list[tuple[str, ...]]()
    real = simulation._drawn

    def listened(numbers: Any, design: Any) -> Any:
        drawn.append(numbers.wanted)
        return real(numbers, design)

    monkeypatch.setattr(simulation, "_drawn", listened)
    remembered._KEPT.clear()
    asked.answers()
    assert drawn == [("cost_multiple", "net_safety", "net_value")]
    asked.edit("marginal_cost", "high", 1.2)
    asked.answers()
    assert drawn[1:] == [("cost_multiple", "net_value")]
    asked.edit("offset", "high", 1.2)
    asked.answers()
    assert drawn[2:] == [("net_safety",)]


def test_the_oldest_goes_first() -> None:
    remembered._KEPT.clear()
    for number in range(MOST_KEPT):
        keep(number, [number])
    assert recalled(0) == [0]  # asked for, so it stays
    keep("one more", ["more"])
    assert recalled(0) == [0]
    assert recalled(1) is None


def test_of_very_many_draws_nothing_is_kept(monkeypatch: Any) -> None:
    one = uncertain({"a": lognormal(1, 0.5)}, [result("product", product, "a")])
    monkeypatch.setattr(remembered, "_KEPT", {})
    first = simulation.simulation(one, ["product"], 2 * LARGEST_KEPT, 1).spreads["product"]
    assert remembered._KEPT == {}
    again = simulation.simulation(one, ["product"], 2 * LARGEST_KEPT, 1).spreads["product"]
    assert again.mean == first.mean
    simulation.simulation(one, ["product"], LARGEST_KEPT, 1)
    assert len(remembered._KEPT) == 1


def test_a_stand_in_may_be_any_function(monkeypatch: Any) -> None:
    monkeypatch.setattr(remembered, "_KEPT", {})
    made = [result("product", product, "a", simulates=True)]
    given = uncertain({"a": lognormal(1, 0.5)}, made)
    for factor in (2, 3):
        stand_ins = {"product": lambda a, factor=factor: factor + 0 * a}
        found = simulation.simulation(given, ["product"], 64, 1, stand_ins=stand_ins).spreads[
            "product"
        ]
        assert found.mean.value == factor
