"""The client code that the server serves, run in Chromium, gives every function's answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from addin.functions import functions
from tests.addin.chromium.harness import Pane
from tests.addin.examples import example_rows

ERROR = {"type": "Error", "errorType": "Value"}


def _block(cells: Any) -> list[list[Any]]:
    return cells if isinstance(cells, list) else [[cells]]


def test_every_function_is_associated_and_no_other(shared_pane: Pane) -> None:
    assert set(shared_pane.page.evaluate("Object.keys(standIn.functions)")) == set(functions())


@pytest.mark.parametrize("name", functions())
def test_every_example_gives_the_answer_of_the_core(shared_pane: Pane, name: str) -> None:
    cells = example_rows(functions()[name].example)
    assert shared_pane.call(name, cells) == {"value": _block(functions()[name].call(*cells))}


def test_columns_rows_and_bad_cells(shared_pane: Pane) -> None:
    answer = shared_pane.call("COST_MULTIPLE", [[[100], [200]], [[10, 20]]])
    assert answer == {"value": [[10, 5], [20, 10]]}
    answer = shared_pane.call("COST_MULTIPLE", [[[1], [""]], [[1]]])
    assert answer == {"value": [[1], [ERROR]]}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([[[100_000]], [[0]]], r"COST_MULTIPLE: cost must be a number above 0 .*, but is 0"),
        ([[[100_000]], [[""]]], r"COST_MULTIPLE: cost must .*, but is blank"),
        ([[["much"]], [[1]]], r"COST_MULTIPLE: value must .*'?much'?"),
        ([[[True]], [[1]]], r"COST_MULTIPLE: value must .*TRUE"),
        ([[[1], [2], [3]], [[1], [2]]], r"COST_MULTIPLE: cost must have one value.*2 x 1'?"),
    ],
)
def test_an_error_shows_its_reason(shared_pane: Pane, cells: list[Any], reason: str) -> None:
    before = len(shared_pane.calls)
    answer = shared_pane.call("COST_MULTIPLE", cells)
    assert answer["code"] == "#VALUE!"
    assert re.fullmatch(reason, answer["message"]), answer["message"]
    # Bad input stays bad: asking again would only make the cell wait.
    assert len(shared_pane.calls) == before + 1


def test_the_same_call_is_asked_once(pane: Pane) -> None:
    before = len(pane.calls)
    cells = [[[100_000]], [[20_000]]]
    answers = [pane.call("COST_MULTIPLE", cells, f"Sheet1!A{row}") for row in (1, 2, 3)]
    assert answers == [{"value": [[5]]}] * 3
    assert len(pane.calls) == before + 1
    pane.call("COST_MULTIPLE", [[[100_000]], [[25_000]]])
    assert len(pane.calls) == before + 2


def test_a_new_model_version_asks_again(pane: Pane) -> None:
    cells = [[[100_000]], [[20_000]]]
    pane.call("COST_MULTIPLE", cells)
    before = len(pane.calls)
    pane.set_model_version("99.0")
    pane.call("COST_MULTIPLE", cells)
    pane.call("COST_MULTIPLE", cells)
    assert len(pane.calls) == before + 1
    assert pane.calls[-1]["headers"]["auth-provider"] == "fieldbook 99.0"


def test_a_saved_token_goes_with_every_call(pane: Pane) -> None:
    pane.page.evaluate("fieldbook.saveToken('abc')")
    pane.call("COST_MULTIPLE", [[[100_000]], [[20_000]]])
    assert pane.calls[-1]["headers"]["authorization"] == "Bearer abc"
    pane.page.evaluate("fieldbook.saveToken('')")
    pane.call("COST_MULTIPLE", [[[100_000]], [[20_000]]])
    assert pane.calls[-1]["headers"].get("authorization", "") == ""
