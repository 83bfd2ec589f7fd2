"""Curves and tables, parts along a grid, simulations, and computing a part of the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pycore import cost, selection
from pycore.checks import AMOUNT, COUNT, SHARE, Domain
from pycore.errors import InputError
from pycore.graph import Graph, evaluate
from pycore.nodes import Assumption, Column, Constant, Grid, Result


def assumption(id_: str, central: float, domain: Domain) -> Assumption:
    return Assumption(
        id=id_,
        label=id_,
        unit="",
        group="test",
        low=central,
        central=central,
        high=central,
        domain=domain,
        source="the test",
        date="2024",
    )


def result(id_: str, function: Any, *arguments: str, **more: Any) -> Result:
    return Result(
        id=id_, label=id_, unit="", reading="", function=function, arguments=arguments, **more
    )


APPLICANTS = assumption("applicants", 2000, COUNT)
ADMITTED = assumption("admitted", 100, COUNT)
VALIDITY = assumption("validity", 0.3, SHARE)
VALUE = assumption("value", 100_000, AMOUNT)
DOWN = Grid(id="growth", label="", unit="", values=(1, 2, 4))
ACROSS = Grid(id="elasticity", label="", unit="", values=(0.5, 1), across=True)


def graph(*results: Result, **more: Any) -> Graph:
    return Graph(
        assumptions=(APPLICANTS, ADMITTED, VALIDITY, VALUE),
        grids=(DOWN, ACROSS),
        results=results,
        **more,
    )


TABLES = graph(
    result("spread", selection.mean_to_median, "validity"),
    result("cohorts", selection.grown_cohort, "admitted", "growth"),
    result("flat", selection.grown_pool, "applicants", "admitted", "admitted", "elasticity"),
    result("pools", selection.grown_pool, "applicants", "admitted", "cohorts", "elasticity"),
    result("density", selection.skill_density, "pools", "cohorts", "validity", "spread"),
    result("worth", selection.marginal_value, "value", "density"),
    result("back", cost.implied_cost, "worth", "density"),
)


def draws(size: int) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return {
        "applicants": rng.integers(1500, 3000, size).astype(float),
        "admitted": rng.integers(50, 200, size).astype(float),
        "validity": rng.uniform(0.1, 0.9, size),
        "value": rng.uniform(50_000, 200_000, size),
    }


# Tables


def test_a_table_is_the_result_at_each_pair_of_points() -> None:
    answers = evaluate(TABLES)
    assert answers["density"].shape == (3, 2)
    for row, growth in enumerate(DOWN.values):
        for column, elasticity in enumerate(ACROSS.values):
            cohort = selection.grown_cohort(100, growth)
            pool = selection.grown_pool(2000, 100, cohort, elasticity)
            expected = selection.skill_density(pool, cohort, 0.3, answers["spread"])
            assert answers["density"][row, column] == expected


def test_shapes_and_sizes() -> None:
    expected = {
        "spread": ((), (1, 1)),
        "cohorts": ((3,), (3, 1)),
        "flat": ((2,), (1, 2)),
        "pools": ((3, 2), (3, 2)),
        "density": ((3, 2), (3, 2)),
        "worth": ((3, 2), (3, 2)),
        "back": ((3, 2), (3, 2)),
    }
    answers = evaluate(TABLES)
    found = {key: (np.shape(answers[key]), TABLES.size(TABLES[key])) for key in answers}
    assert found == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7])  # as many as there are points, too
def test_every_draw_of_a_table_is_its_own_scalar_evaluation(size: int) -> None:
    drawn = draws(size)
    together = evaluate(TABLES, drawn)
    for place in range(size):
        alone = evaluate(TABLES, {key: float(values[place]) for key, values in drawn.items()})
        for key, value in alone.items():
            assert np.array_equal(together[key][place], value), key


def test_one_drawn_argument_is_enough() -> None:
    answers = evaluate(TABLES, {"value": np.array([1e5, 2e5])})
    assert answers["density"].shape == (3, 2)
    assert answers["worth"].shape == (2, 3, 2)
    assert np.array_equal(answers["worth"][1], 2 * answers["worth"][0])


def test_draws_may_have_two_axes() -> None:
    flat = draws(6)
    block = {key: values.reshape(2, 3) for key, values in flat.items()}
    for key, answer in evaluate(TABLES, block).items():
        expected = evaluate(TABLES, flat)[key]
        assert np.array_equal(answer.reshape(expected.shape), expected), key


@pytest.mark.parametrize(
    "make",
    [
        lambda: Graph(
            assumptions=(VALUE,),
            grids=(DOWN, Grid(id="other", label="", unit="", values=(1, 2))),
            results=(result("x", cost.cost_multiple, "growth", "other"),),
        ),
        lambda: Graph(
            assumptions=(VALUE,),
            grids=(ACROSS, Grid(id="other", label="", unit="", values=(1, 2), across=True)),
            results=(result("x", cost.cost_multiple, "elasticity", "other"),),
        ),
        lambda: Graph(
            assumptions=(VALUE,),
            grids=(ACROSS,),
            columns=(Column(id="both", members=("value", "value.low")),),
            results=(result("x", cost.cost_multiple, "elasticity", "both"),),
        ),
        lambda: graph(
            result(
                "x",
                cost.cost_multiple_range,
                "value",
                "elasticity",
                "elasticity",
                parts=("low", "high"),
            )
        ),
    ],
    ids=["two grids down", "two grids across", "a column beside a grid", "parts beside a row"],
)
def test_what_no_block_can_hold_is_refused(make: Any) -> None:
    with pytest.raises(InputError, match=r"^x must "):
        make()


# Parts along a grid


def test_parts_along_a_grid_fill_a_block() -> None:
    ranges = graph(
        result("ranges", cost.cost_multiple_range, "value", "growth", "growth", parts=("a", "b")),
        result("again", cost.implied_cost, "value", "ranges.b"),
    )
    assert ranges.size(ranges["ranges"]) == (3, 2)
    assert ranges.size(ranges["again"]) == (3, 1)
    answers = evaluate(ranges, {"value": np.array([8.0, 4.0])})
    assert answers["ranges"].shape == (2, 3, 2)
    assert answers["again"].tolist() == [[1, 2, 4], [1, 2, 4]]


# Words


def test_a_word_is_told_to_the_function() -> None:
    told = graph(
        result("said", lambda value, word: f"{word} {value:g}", "value", "which"),
        constants=(Constant(id="which", value="place"),),
    )
    assert evaluate(told)["said"] == "place 100000"
    with pytest.raises(InputError):
        evaluate(told, {"which": "mentor"})


# Simulations


class Counted:
    """A function that counts how often it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        return np.asarray(arguments[0], dtype=float) * 2


def simulating() -> tuple[Graph, Counted]:
    counted = Counted()
    made = graph(
        result("cohort", selection.grown_cohort, "admitted", "validity"),
        result("simulated", counted, "admitted", simulates=True),
        result("curve", counted, "growth", "admitted", simulates=True),
        result("after", selection.marginal_value, "value", "simulated"),
        result("later", selection.marginal_value, "value", "after"),
        result("beside", selection.marginal_value, "value", "validity"),
    )
    return made, counted


def test_simulations_of_numbers_are_run() -> None:
    made, counted = simulating()
    answers = evaluate(made)
    assert counted.calls == 2
    assert answers["simulated"] == 200
    assert answers["curve"].tolist() == [2, 4, 8]
    assert answers["later"] == 1e5 * 1e5 * 200


def test_simulations_of_draws_are_left_out_with_what_hangs_on_them() -> None:
    made, counted = simulating()
    answers = evaluate(made, {"admitted": np.array([50.0, 100.0])})
    assert set(answers) == {"cohort", "beside"}
    assert counted.calls == 0
    refused: dict[str, InputError] = {}
    evaluate(made, {"admitted": np.array([50.0, 100.0])}, refused)
    assert refused == {}


def test_draws_of_other_assumptions_leave_a_simulation_in() -> None:
    made, counted = simulating()
    answers = evaluate(made, {"value": np.array([1.0, 2.0])})
    assert counted.calls == 2
    assert answers["after"].tolist() == [200, 400]


def test_a_stand_in_computes_draws_and_only_draws() -> None:
    made, counted = simulating()
    stand_ins = {"simulated": lambda admitted: np.asarray(admitted) * 3}
    drawn = evaluate(made, {"admitted": np.array([50.0, 100.0])}, stand_ins=stand_ins)
    assert counted.calls == 0
    assert drawn["simulated"].tolist() == [150, 300]
    assert drawn["after"].tolist() == [150e5, 300e5]
    assert "curve" not in drawn  # it has none
    assert evaluate(made, stand_ins=stand_ins)["simulated"] == 200


# A part of the graph


def test_only_what_is_wanted_and_needed_is_computed() -> None:
    made, counted = simulating()
    assert evaluate(made, wanted=["beside"]) == {"beside": 30_000}
    assert counted.calls == 0
    assert evaluate(made, wanted=["after"]) == {"after": 2e7}
    assert counted.calls == 1
    assert made.needed(["later"]) == {"later", "after", "simulated"}
    assert evaluate(made, wanted=[]) == {}


def test_what_is_not_wanted_cannot_refuse() -> None:
    made = graph(
        result("bad", cost.cost_multiple_range, "value", "value", "admitted", parts=("a", "b")),
        result("good", cost.cost_multiple, "value", "admitted"),
    )
    assert evaluate(made, wanted=["good"]) == {"good": 1000}
    with pytest.raises(InputError, match=r"^bad: "):
        evaluate(made)


@pytest.mark.parametrize("wanted", ["nothing", "value", "growth", "ranges.a"])
def test_only_results_can_be_wanted(wanted: str) -> None:
    with pytest.raises(InputError, match=r"^a wanted result must be one of the graph's"):
        evaluate(TABLES, wanted=[wanted])
