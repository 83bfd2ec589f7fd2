"""Calls on arrays beside the same calls on one number after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from addin.functions import find
from pycore import FUNCTIONS
from pycore.graph import evaluate
from pycore.model.results import model

from .timing import Benchmark, UnavailableError, timed

ROWS = 1_000
DRAWS = 10_000
SINGLE_DRAWS = 50
TIMES = 20
"""How often a quick call is made in one measurement."""

SEED = 20260101

Arguments = tuple[np.ndarray[Any, np.dtype[np.float64]], ...]


def _arguments() -> dict[str, Arguments]:
    """Rows of arguments for each function that is measured."""
    rng = np.random.default_rng(SEED)
    admission = (
        rng.uniform(1_000, 3_000, ROWS),
        rng.integers(50, 200, ROWS).astype(np.float64),
        rng.uniform(0.1, 0.6, ROWS),
        rng.uniform(1, 2.5, ROWS),
    )
    return {
        "cost_multiple": (rng.uniform(5e4, 2e5, ROWS), rng.uniform(2e4, 4e4, ROWS)),
        "marginal_ratio": admission,
        "skill_density": admission,
        "net_safety": (
            rng.uniform(100, 900, ROWS),
            rng.uniform(100, 900, ROWS),
            rng.uniform(1, 200, ROWS),
            rng.uniform(0, 0.2, ROWS),
            rng.uniform(0, 0.2, ROWS),
            rng.uniform(0, 1, ROWS),
        ),
    }


def core_calls() -> Iterator[Benchmark]:
    """One call of a core function on an array beside a call for each row."""
    for name, arrays in _arguments().items():
        function = FUNCTIONS[name]
        rows = [tuple(map(float, row)) for row in zip(*arrays, strict=True)]
        yield _together_and_apart(
            name=f"{name}, {ROWS:,} rows",
            against=f"one call on arrays beside {ROWS:,} calls on numbers",
            together=partial(function, *arrays),
            apart=partial(_one_by_one, function, rows),
        )


def cell_calls() -> Iterator[Benchmark]:
    """One call of an Excel function on ranges beside a call for each row."""
    for name, arrays in _arguments().items():
        call = find(name).call
        ranges = [array[:, None].tolist() for array in arrays]
        rows = [tuple(map(float, row)) for row in zip(*arrays, strict=True)]
        yield _together_and_apart(
            name=f"{find(name).excel_name}, {ROWS:,} rows",
            against=f"one cell's call on ranges, as the add-in gets them, beside {ROWS:,} cells' "
            "calls on numbers",
            together=partial(call, *ranges),
            apart=partial(_one_by_one, call, rows),
        )


def _one_by_one(call: Callable[..., Any], rows: Sequence[tuple[float, ...]]) -> list[Any]:
    return [call(*row) for row in rows]


def _together_and_apart(
    *, name: str, against: str, together: Callable[[], Any], apart: Callable[[], Any]
) -> Benchmark:
    if not np.array_equal(np.ravel(together()), np.ravel(apart())):
        raise UnavailableError(f"{name}: the two ways give different values")
    ours = timed(together, times=TIMES, share=TIMES)
    return Benchmark(name=name, against=against, ours=ours, other=timed(apart))


def evaluating() -> Iterator[Benchmark]:
    """The whole graph on arrays of draws beside one evaluation for each draw."""
    graph = model()
    rng = np.random.default_rng(SEED)
    draws: dict[str, Any] = {}
    for assumption in graph.assumptions:
        values = rng.uniform(assumption.low, assumption.high, DRAWS)
        draws[assumption.id] = np.round(values) if assumption.domain.whole else values
    for rule in reversed(graph.orderings):
        draws[rule.smaller] = np.minimum(draws[rule.smaller], draws[rule.larger])
    singles = [
        {key: float(values[place]) for key, values in draws.items()}
        for place in range(SINGLE_DRAWS)
    ]
    together = evaluate(graph, draws)  # what is itself a simulation is left out
    wanted = list(together)
    for place, single in enumerate(singles):
        for key, value in evaluate(graph, single, wanted=wanted).items():
            if not np.array_equal(value, together[key][place]):
                raise UnavailableError(f"{key}: the two ways give different values")
    yield Benchmark(
        name=f"evaluate(model()), {DRAWS:,} draws",
        against=f"seconds for a draw: {len(wanted)} results on arrays of {DRAWS:,} draws, "
        f"beside evaluations of single draws ({SINGLE_DRAWS} of the same ones)",
        ours=timed(lambda: evaluate(graph, draws), share=DRAWS),
        other=timed(
            lambda: [evaluate(graph, single, wanted=wanted) for single in singles],
            share=SINGLE_DRAWS,
        ),
    )
