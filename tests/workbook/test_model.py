"""One graph, two executors: the workbook's cells and numpy give the very same numbers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pycore.errors import InputError
from pycore.graph import evaluate
from pycore.model.results import model
from pycore.model.whole import over_tables
from pycore.nodes import Assumption
from workbook.__main__ import main
from workbook.read import read_book
from workbook.recalc import recalculate

FEW_DRAFTS = {"replicates": 20.0}
"""So that recalculating takes no seconds."""

SIMULATED = {
    result.id
    for result in model().results
    if any(model()[needed].simulates for needed in model().needed([result.id]))
}
GROWTH = {"growth_admitted", "growth_applicants", "growth_density"}
"""Not defined where a pool that does not grow is soon smaller than the cohort."""

DRAWN = [r.id for r in model().results if r.id not in SIMULATED | GROWTH]

DRAWS = 100_000 if os.environ.get("FIELDBOOK_ALL_DRAWS") else 300


def draw(seed: int, count: int) -> dict[str, Any]:
    """Draws of every assumption between its low and its high end."""
    generator = np.random.default_rng(seed)
    drawn: dict[str, Any] = {}
    for node in model().assumptions:
        values = generator.uniform(node.low, node.high, count)
        drawn[node.id] = np.clip(np.round(values) if node.domain.whole else values, node.low, None)
    # Half of the draws where the rule between the two nearly binds; the pool then grows at
    # least as fast as the cohort, or the grown cohort would not be found in it.
    close = generator.random(count) < 0.5
    few = np.ceil(drawn["admitted"] * generator.uniform(1.1, 2, count))
    drawn["applicants"] = np.where(close, few, drawn["applicants"])
    drawn["pool_elasticity"] = np.where(
        close, np.maximum(drawn["pool_elasticity"], 1), drawn["pool_elasticity"]
    )
    assert (drawn["admitted"] <= drawn["applicants"]).all()
    drawn["places"] = np.minimum(drawn["places"], drawn["applicants"])
    assert (drawn["mentors"] <= drawn["places"]).all()
    return drawn


def flat(value: Any) -> list[Any]:
    return np.asarray(value).ravel().tolist()


def assert_cells_equal(data: bytes, values: Mapping[str, Any]) -> None:
    book = read_book(data, "the file")
    refused: dict[str, InputError] = {}
    expected = evaluate(model(), values, refused)
    assert refused.keys() <= GROWTH
    for result in model().results:
        cells = [value for row in book.values(result.id) for value in row]
        if result.id in refused:
            assert "#VALUE!" in cells
        else:
            assert cells == flat(expected[result.id]), result.id


def test_cells_equal_scalars_in_the_built_file(as_built: bytes) -> None:
    assert_cells_equal(as_built, {})


@pytest.mark.parametrize("seed", range(3))
def test_cells_equal_scalars_after_every_assumption_was_set(built: bytes, seed: int) -> None:
    values: dict[str, Any] = {key: float(drawn[0]) for key, drawn in draw(seed, 1).items()}
    values["cost_scope"] = ("recruit", "retrain", "prior development")[seed % 3]
    for node in (node for node in model().assumptions if not node.setting):
        values[f"{node.id}.low"] = min(node.low, values[node.id])
        values[f"{node.id}.high"] = max(node.high, values[node.id])
    values |= FEW_DRAFTS
    assert_cells_equal(recalculate(built, "the file", values).data, values)


@pytest.mark.parametrize(
    "changes",
    [
        {"admitted": 2203.0, "admitted.high": 2203.0},
        {"admitted": 1.0, "admitted.low": 1.0}
        | {"added_safety": 0.0, "added_safety.low": 0.0, "added_capabilities": 10.0}
        | {"cost_scope": "prior development", "cost_prior": 123456.789},
        {"selection_validity": 0.0, "selection_validity.low": 0.0}
        | {"spillover": -0.02, "pivot_share": 0.2, "backfire_share": 0.3}
        | {"value_per_researcher": 1e15, "value_per_researcher.high": 1e15},
        {"selection_validity": 1.0, "selection_validity.high": 1.0}
        | {"marginal_cost": 1e-9, "marginal_cost.low": 1e-9},
        {"impact_orders": 20.0, "impact_orders.high": 20.0},
    ],
)
def test_cells_equal_scalars_at_the_ends(built: bytes, changes: dict[str, Any]) -> None:
    changes = changes | FEW_DRAFTS
    try:
        evaluate(model(), changes)
    except ValueError as error:
        # Then the workbook shows an error somewhere and says the same reason.
        done = recalculate(built, "the file", changes)
        reason = str(error).partition(": ")[2]
        assert any(reason in note for note in done.notes)
        return
    assert_cells_equal(recalculate(built, "the file", changes).data, changes)


def test_every_draw_equals_its_own_scalar_evaluation() -> None:
    drawn = draw(20260101, DRAWS)
    together = evaluate(model(), drawn, wanted=DRAWN)
    for place in range(DRAWS):
        single = {key: float(values[place]) for key, values in drawn.items()}
        alone = evaluate(model(), single, wanted=DRAWN)
        for result_id, value in alone.items():
            found = together[result_id]
            of_draw = found[place] if np.ndim(found) > np.ndim(value) else found
            assert flat(of_draw) == flat(value), (result_id, place)


def test_tables_of_growth_equal_their_scalar_evaluations() -> None:
    drawn = draw(20260102, 60)
    drawn["applicants"] = np.maximum(drawn["applicants"], 4 * drawn["admitted"])
    together = evaluate(model(), drawn, wanted=GROWTH)
    assert together["growth_density"].shape == (60, 7, 4)
    for place in range(60):
        single = {key: float(values[place]) for key, values in drawn.items()}
        for result_id, value in evaluate(model(), single, wanted=GROWTH).items():
            assert np.array_equal(together[result_id][place], value), result_id


def test_simulations_are_left_out_of_draws() -> None:
    drawn = draw(5, 3)
    drawn["applicants"] = np.maximum(drawn["applicants"], 4 * drawn["admitted"])
    assert set(evaluate(model(), drawn)) == {r.id for r in model().results} - SIMULATED
    # What the simulation does not depend on may be drawn: it is then one and the same for all.
    values: dict[str, Any] = {"value_per_researcher": np.array([1e5, 2e5]), **FEW_DRAFTS}
    answers = evaluate(model(), values, wanted=["place_value", "mentor_margin"])
    assert np.shape(answers["mentor_margin"]) == (10,)
    assert answers["place_value"].tolist() == [
        1e5 * answers["mentor_margin"][0],
        2e5 * answers["mentor_margin"][0],
    ]


def hangs_on(result_id: str, assumption: str) -> bool:
    """Whether a result is computed from the central value of an assumption, or through others."""
    columns = {column.id: column.members for column in model().columns}
    taken = [
        each
        for needed in model().needed([result_id])
        for reference in model()[needed].arguments
        for each in columns.get(reference, (reference,))
    ]
    return assumption in taken


def test_every_result_follows_the_draws() -> None:
    # Against a result that forgets an argument: each has as many values as there are draws.
    drawn = draw(7, 50)
    for result_id, value in evaluate(model(), drawn, wanted=DRAWN).items():
        assert np.shape(value)[0] == 50, result_id
        varies = {
            node.id
            for node in model().assumptions
            if node.low < node.high and hangs_on(result_id, node.id)
        }
        assert len({str(item) for item in value}) > 1 or not varies, result_id


def test_draws_do_not_change_what_they_were_given() -> None:
    drawn = draw(3, 20)
    copies = {key: values.copy() for key, values in drawn.items()}
    for values in drawn.values():
        values.flags.writeable = False
    evaluate(model(), drawn, wanted=DRAWN)
    assert all((drawn[key] == copies[key]).all() for key in drawn)


def test_every_assumption_stands_inside_its_bounds() -> None:
    for node in model().assumptions:
        assert node.domain.minimum <= node.low <= node.central <= node.high <= node.domain.maximum
        assert node.source, node.id
        assert node.date.isdigit(), node.id


def test_every_input_is_used_by_a_result() -> None:
    used = {reference.partition(".")[0] for r in model().results for reference in r.arguments}
    used |= {member for column in model().columns for member in column.members}
    used |= {name for block in over_tables().values() for name in block.arguments}
    unused = {node.id for node in model().inputs} - used
    assert unused <= {"marginal_threshold"} - used


def test_a_result_and_an_input_have_a_unit_and_a_reading() -> None:
    for result in model().results:
        assert result.unit, result.id
        assert result.reading.endswith("."), result.id
    for node in model().inputs:
        assert node.unit, node.id
        assert isinstance(node, Assumption) or node.central in node.options


def test_cells_equal_scalars_after_the_command_line(file: Path) -> None:
    values = {key: float(drawn[0]) for key, drawn in draw(99, 1).items()}
    values["applicants.low"] = values["applicants"]
    values |= FEW_DRAFTS
    words = [f"{key}={value!r}" for key, value in values.items()]
    assert main(["set", str(file), *words]) == 0
    assert_cells_equal(file.read_bytes(), values)
