"""The graph and its numpy executor."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from pycore import cost, ratio, selection
from pycore.checks import AMOUNT, COUNT, MULTIPLE, SHARE, Domain
from pycore.errors import InputError
from pycore.graph import Graph, evaluate
from pycore.nodes import Assumption, Choice, Column, Constant, Grid, Ordering, Result


def assumption(id_: str, low: float, central: float, high: float, domain: Domain) -> Assumption:
    return Assumption(
        id=id_,
        label=id_,
        unit="",
        group="test",
        low=low,
        central=central,
        high=high,
        domain=domain,
        source="the test",
        date="2024-06-07",
    )


def result(id_: str, function: Any, *arguments: str, parts: tuple[str, ...] = ()) -> Result:
    return Result(
        id=id_, label=id_, unit="", reading="", function=function, arguments=arguments, parts=parts
    )


VALUE = assumption("value", 80_000, 100_000, 125_000, AMOUNT)
COST = assumption("cost", 20_000, 22_000, 25_000, AMOUNT)
APPLICANTS = assumption("applicants", 1500, 2203, 3000, Domain(1, 1e9))
ADMITTED = assumption("admitted", 90, 120, 150, COUNT)
VALIDITY = assumption("validity", 0.1, 0.3, 0.5, SHARE)
RECRUITING = assumption("recruiting", 500, 1000, 2000, MULTIPLE)
TRAINING = assumption("training", 10_000, 20_000, 30_000, MULTIPLE)

GRAPH = Graph(
    assumptions=(VALUE, COST, APPLICANTS, ADMITTED, VALIDITY, RECRUITING, TRAINING),
    choices=(
        Choice(
            id="scope",
            label="Scope",
            unit="",
            group="test",
            central="retrain",
            options=cost.SCOPES,
            source="the test",
            date="2024-06-07",
        ),
    ),
    grids=(Grid(id="bars", label="Bar", unit="", values=(0.0, 0.25, 0.5, 1.0)),),
    columns=(Column(id="lines", members=("recruiting", "training")),),
    constants=(Constant(id="line_scopes", value=("recruit", "retrain")),),
    orderings=(Ordering(smaller="admitted", larger="applicants"),),
    results=(
        result("multiple", cost.cost_multiple, "value", "cost"),
        result(
            "multiples",
            cost.cost_multiple_range,
            "value",
            "cost.low",
            "cost.high",
            parts=("low", "high"),
        ),
        result("said", cost.quote, "multiples.low", "multiples.high"),
        result("sigma", selection.mean_to_median, "validity"),
        result("last", selection.marginal_ratio, "applicants", "admitted", "validity", "sigma"),
        result("last_value", selection.marginal_value, "value", "last"),
        result("curve", selection.marginal_ratio, "applicants", "admitted", "bars", "sigma"),
        result("value_curve", selection.marginal_value, "value", "curve"),
        result("scoped", cost.scoped_cost, "lines", "line_scopes", "scope"),
        result("scoped_multiple", cost.cost_multiple, "value", "scoped"),
    ),
)

DRAWN = ("value", "applicants", "admitted", "validity", "recruiting", "training")


def draws(size: int) -> dict[str, Any]:
    rng = np.random.default_rng(21)
    return {
        "value": rng.uniform(50_000, 200_000, size),
        "applicants": rng.uniform(1000, 4000, size),
        "admitted": rng.integers(50, 200, size),
        "validity": rng.uniform(0, 1, size),
        "recruiting": rng.uniform(100, 3000, size),
        "training": rng.uniform(5000, 40_000, size),
    }


def simple(*results: Result, **more: Any) -> Graph:
    return Graph(assumptions=(VALUE, COST), results=results, **more)


# Evaluating


def test_central_values_by_hand() -> None:
    answers = evaluate(GRAPH)
    assert list(answers) == [each.id for each in GRAPH.results]
    assert answers["multiple"] == 100_000 / 22_000
    assert answers["multiples"].tolist() == [4, 5]
    assert answers["said"] == "4-5x"
    assert answers["last_value"] == 100_000 * answers["last"]
    assert answers["scoped"] == 21_000
    assert answers["scoped_multiple"] == 100_000 / 21_000


def test_scalars_stay_plain() -> None:
    answers = evaluate(GRAPH)
    assert type(answers["multiple"]) is float
    assert type(answers["said"]) is str


def test_evaluating_nothing_else_is_evaluating_the_central_values() -> None:
    for values in (None, {}, {"value": 100_000, "scope": "retrain", "cost.low": 20_000.0}):
        answers = evaluate(GRAPH, values)
        for key, expected in evaluate(GRAPH).items():
            assert np.array_equal(answers[key], expected)


def test_values_given_replace_the_declared_ones() -> None:
    answers = evaluate(GRAPH, {"value": 125_000, "cost.low": 10_000, "scope": " Recruit "})
    assert answers["multiple"] == 125_000 / 22_000  # the low end is not the central value
    assert answers["multiples"].tolist() == [5, 12.5]
    assert answers["scoped"] == 1000


def test_the_values_given_are_not_changed() -> None:
    values: dict[str, Any] = {"value": np.array([1e5, 2e5]), "scope": "recruit"}
    values["value"].flags.writeable = False
    evaluate(GRAPH, values)
    assert list(values) == ["value", "scope"]
    assert values["value"].tolist() == [1e5, 2e5]


def test_draws_are_the_scalar_evaluations_to_the_last_digit() -> None:
    size = 200
    drawn = draws(size)
    together = evaluate(GRAPH, drawn)
    for place in range(size):
        alone = evaluate(GRAPH, {key: values[place] for key, values in drawn.items()})
        for key, expected in alone.items():
            assert np.array_equal(_row(together[key], place, size), expected), key


def _row(answer: Any, place: int, size: int) -> Any:
    """One draw of an answer; an answer that no draw touches is the same for all."""
    return answer[place] if np.ndim(answer) and len(answer) == size else answer


def test_shapes_of_draws() -> None:
    answers = evaluate(GRAPH, draws(7))
    shapes = {key: np.shape(answer) for key, answer in answers.items()}
    assert shapes["multiple"] == (7,)
    assert shapes["multiples"] == (7, 2)
    assert shapes["said"] == (7,)
    assert shapes["curve"] == shapes["value_curve"] == (7, 4)
    assert shapes["scoped"] == (7,)


def test_as_many_draws_as_points_are_not_mixed_up() -> None:
    drawn = draws(4)  # the grid has four points too
    answers = evaluate(GRAPH, drawn)
    for place in range(4):
        alone = evaluate(GRAPH, {key: values[place] for key, values in drawn.items()})
        for key in ("curve", "value_curve", "scoped"):
            assert np.array_equal(answers[key][place], alone[key])


def test_draws_may_have_two_axes() -> None:
    flat = draws(12)
    block = {key: values.reshape(3, 4) for key, values in flat.items()}
    for key, answer in evaluate(GRAPH, block).items():
        expected = evaluate(GRAPH, flat)[key]
        assert np.array_equal(answer.reshape(expected.shape), expected)


def test_one_assumption_of_a_column_may_be_drawn_alone() -> None:
    answers = evaluate(GRAPH, {"training": np.array([10_000.0, 30_000.0])})
    assert answers["scoped"].tolist() == [11_000, 31_000]


def test_draws_in_a_list_serve_as_an_array() -> None:
    assert evaluate(GRAPH, {"value": [44_000, 22_000]})["multiple"].tolist() == [2, 1]


# Curves


def test_a_curve_is_the_result_at_each_point() -> None:
    answers = evaluate(GRAPH)
    points = GRAPH["bars"].values
    expected = [selection.marginal_ratio(2203, 120, bar, answers["sigma"]) for bar in points]
    assert answers["curve"].tolist() == expected
    assert answers["value_curve"].tolist() == [100_000 * each for each in expected]


def test_what_is_computed_from_a_curve_is_a_curve() -> None:
    assert set(GRAPH.swept) == {"curve", "value_curve"}
    assert {sweep.down.id for sweep in GRAPH.swept.values() if sweep.down} == {"bars"}


COSTS = Grid(id="costs", label="Cost", unit="USD", values=(10_000.0, 20_000.0, 40_000.0))
RANGE_CURVE = result(
    "ranges", cost.cost_multiple_range, "value", "costs", "costs", parts=("low", "high")
)


def test_a_part_of_a_curve_is_a_curve() -> None:
    graph = simple(
        RANGE_CURVE,
        result("half", cost.implied_cost, "ranges.low", "value"),
        grids=(COSTS,),
    )
    assert set(graph.swept) == {"ranges", "half"}


@pytest.mark.parametrize("size", [2, 3])
def test_a_part_of_a_curve_stands_beside_draws(size: int) -> None:
    graph = simple(
        RANGE_CURVE,
        result("back", cost.implied_cost, "value", "ranges.low"),
        grids=(COSTS,),
    )
    answers = evaluate(graph, {"value": np.linspace(80_000, 120_000, size)})
    assert answers["back"] == pytest.approx(np.tile(COSTS.values, (size, 1)))


def test_a_part_of_a_curve_stands_beside_its_grid() -> None:
    graph = simple(
        RANGE_CURVE,
        result("back", cost.cost_multiple, "ranges.low", "costs"),
        grids=(COSTS,),
    )
    back = evaluate(graph)["back"]
    assert np.shape(back) == (3,)
    assert back == pytest.approx([100_000 / point / point for point in COSTS.values])


# What is refused


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"valeu": 1}, "an assumption must be one of the graph's, but is 'valeu'"),
        ({"value.middle": 1}, "an assumption must be one of the graph's, but is 'value.middle'"),
        ({"multiple": 1}, "an assumption must be one of the graph's, but is 'multiple'"),
        ({"bars": 1}, "an assumption must be one of the graph's, but is 'bars'"),
        ({"validity": 1.5}, "validity must be a share from 0 to 1 (0% to 100%), but is 1.5"),
        ({"validity": None}, "validity must be a share from 0 to 1 (0% to 100%), but is blank"),
        (
            {"validity.high": True},
            "validity.high must be a share from 0 to 1 (0% to 100%), but is TRUE",
        ),
        (
            {"validity": [0.5, 2]},
            "validity (item 2 of 2) must be a share from 0 to 1 (0% to 100%), but is 2",
        ),
        (
            {"scope": "all"},
            "scope must be one of: recruit, retrain, prior development, but is 'all'",
        ),
        ({"applicants": 100}, "admitted must be at most applicants (100), but is 120"),
        (
            {"admitted": [120, 3000]},
            "admitted (item 2 of 2) must be at most applicants (2,203), but is 3000",
        ),
        (
            {"cost.low": 30_000},
            "multiples: cost_low must be at most cost_high (25,000), but is 30000",
        ),
    ],
)
def test_messages(values: Mapping[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        evaluate(GRAPH, values)
    assert str(caught.value) == message


def test_an_error_carries_the_id_of_the_result() -> None:
    with pytest.raises(InputError) as caught:
        evaluate(GRAPH, {"value": [1e5, 2e5, 3e5], "applicants": [2000, 3000]})
    assert caught.value.argument.startswith(("last: ", "last_value: "))
    assert "shape" in str(caught.value)


def test_an_error_that_is_no_bad_input_is_not_hidden() -> None:
    def broken(_: float) -> float:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        evaluate(simple(result("broken", broken, "value")))


def test_an_ordering_compares_central_values_only() -> None:
    graph = simple(orderings=(Ordering(smaller="cost", larger="value"),))
    evaluate(graph, {"cost.high": 1e9, "value.low": 1})
    evaluate(graph, {"cost": 5, "value": 5})
    with pytest.raises(InputError, match=r"^cost must be at most value \(4\), but is 5$"):
        evaluate(graph, {"cost": 5, "value": 4})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Graph(assumptions=(VALUE, VALUE), results=()),
        lambda: simple(result("cost", cost.cost_multiple, "value", "cost")),
        lambda: simple(
            result("x", cost.cost_multiple, "value", "cost"),
            result("x", cost.cost_multiple, "value", "cost"),
        ),
        lambda: simple(grids=(dataclasses.replace(COSTS, id="value"),)),
        lambda: simple(columns=(Column(id="cost", members=("value",)),)),
        lambda: simple(constants=(Constant(id="cost", value=("a",)),)),
        lambda: Graph(
            assumptions=(VALUE, dataclasses.replace(COST, id="value.low")),
            results=(),
        ),
        lambda: simple(
            result("x", cost.cost_multiple_range, "value", "cost", "cost", parts=("low", "low"))
        ),
    ],
    ids=[
        "two assumptions",
        "a result as an assumption",
        "two results",
        "a grid as an assumption",
        "a column as an assumption",
        "labels as an assumption",
        "an assumption as the low end of another",
        "two parts",
    ],
)
def test_an_id_stands_once(make: Any) -> None:
    with pytest.raises(InputError, match=r"^an id must be declared once, but is "):
        make()


@pytest.mark.parametrize("reference", ["later", "x", "nothing", "value.middle", "earlier.low", ""])
def test_an_argument_refers_to_what_comes_before(reference: str) -> None:
    with pytest.raises(InputError) as caught:
        simple(
            result("earlier", cost.cost_multiple, "value", "cost"),
            result("x", cost.cost_multiple, "value", reference),
            result("later", cost.cost_multiple, "value", "cost"),
        )
    assert str(caught.value).startswith("x: an argument must refer to something declared before")
    assert caught.value.received == reference


def test_a_column_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(InputError):
        simple(columns=(Column(id="both", members=("value", "nothing")),))


def test_an_ordering_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(InputError):
        simple(orderings=(Ordering(smaller="value", larger="nothing"),))


def test_declarations_are_found_by_id() -> None:
    assert GRAPH["value"] is VALUE
    assert GRAPH["curve"].function is selection.marginal_ratio
    with pytest.raises(KeyError):
        GRAPH["nothing"]


def test_what_a_person_may_edit() -> None:
    assert [node.id for node in GRAPH.inputs] == [*(a.id for a in GRAPH.assumptions), "scope"]


def test_declarations_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        VALUE.central = 1.0  # type: ignore[misc]


# Assumptions


def test_an_assumption_accepts_values_in_order() -> None:
    VALIDITY.check(0.1, 0.3, 0.5, "normal")
    VALIDITY.check(0.3, 0.3, 0.3, "normal")
    VALIDITY.check(0, 0.3, 1, "normal")


def test_a_fixed_value_is_not_held_against_its_ends() -> None:
    VALIDITY.check(0.1, 0.6, 0.5, " Fixed ")
    VALIDITY.check(0.5, 0.3, 0.4, "fixed")
    with pytest.raises(InputError, match=r"^validity must be"):
        VALIDITY.check(0.1, 1.1, 0.5, "fixed")
    with pytest.raises(InputError, match=r"^validity must be at most validity.high"):
        VALIDITY.check(0.1, 0.6, 0.5, "uniform")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((0.4, 0.3, 0.5), "validity.low"),
        ((0.1, 0.6, 0.5), "validity"),
        ((-0.1, 0.3, 0.5), "validity.low"),
        ((0.1, "0.3", 0.5), "validity"),
        ((0.1, 0.3, 1.5), "validity.high"),
        ((None, 0.3, 0.5), "validity.low"),
        ((0.1, None, 0.5), "validity"),
        ((0.1, 0.3, None), "validity.high"),
    ],
)
def test_an_assumption_names_the_cell_that_is_wrong(
    values: tuple[Any, Any, Any], named: str
) -> None:
    with pytest.raises(InputError) as caught:
        VALIDITY.check(*values, "normal")
    assert caught.value.argument == named


def test_a_result_may_use_three_parts() -> None:
    graph = Graph(
        assumptions=(
            assumption("safety", 500, 1000, 2000, AMOUNT),
            assumption("capabilities", 5000, 10_000, 20_000, AMOUNT),
            assumption("entering", 100, 500, 1000, MULTIPLE),
        ),
        results=(
            result(
                "shift",
                ratio.ratio_shift,
                "safety",
                "capabilities",
                "entering",
                "entering",
                parts=("before", "after", "change"),
            ),
            result("written", ratio.ratio_text, "shift.after"),
        ),
    )
    assert evaluate(graph)["written"] == "7:1"
    drawn = evaluate(graph, {"entering": np.array([0.0, 500.0])})
    assert drawn["written"].tolist() == ["10:1", "7:1"]
