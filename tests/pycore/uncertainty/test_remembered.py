"""What is kept of draws, and what is not."""

from __future__ import annotations

import pytest

from pycore.uncertainty import remembered
from pycore.uncertainty.simulation import simulation
from tests.pycore.uncertainty.uncertain import lognormal, product, result, uncertain

ONE = uncertain({"a": lognormal(1, 0.5)}, [result("product", product, "a")])


def test_of_very_many_draws_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_KEPT", {})
    first = simulation(ONE, ["product"], 2 * remembered.LARGEST_KEPT, 1).spreads["product"]
    assert remembered._KEPT == {}
    again = simulation(ONE, ["product"], 2 * remembered.LARGEST_KEPT, 1).spreads["product"]
    assert again.mean == first.mean
    simulation(ONE, ["product"], remembered.LARGEST_KEPT, 1)
    assert len(remembered._KEPT) == 1


def test_a_stand_in_may_be_any_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_KEPT", {})
    made = [result("product", product, "a", simulates=True)]
    given = uncertain({"a": lognormal(1, 0.5)}, made)
    for factor in (2, 3):
        stand_ins = {"product": lambda a, factor=factor: factor + 0 * a}
        found = simulation(given, ["product"], 64, 1, stand_ins=stand_ins).spreads["product"]
        assert found.mean.value == factor
