"""Small graphs whose uncertainty is known in closed form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pycore.checks import Domain
from pycore.graph import Graph
from pycore.nodes import Assumption, Ordering, Result
from pycore.uncertainty.sampling import Range, Uncertain

SCORE = 1.6448536269514722
"""Phi^-1(0.95)."""

ANYTHING = Domain(-1e6, 1e6)


def assumption(
    id_: str, given: Range, domain: Domain = ANYTHING, source: str = "a", date: str = "2025"
) -> Assumption:
    return Assumption(
        id=id_,
        label=id_,
        unit="",
        group="test",
        low=given.low,
        central=given.central,
        high=given.high,
        domain=domain,
        source=source,
        date=date,
    )


def result(id_: str, function: Callable[..., Any], *arguments: str, **more: Any) -> Result:
    return Result(
        id=id_, label=id_, unit="", reading="", function=function, arguments=arguments, **more
    )


def normal(mean: float, sd: float) -> Range:
    return Range("normal", mean - SCORE * sd, mean, mean + SCORE * sd)


def lognormal(log_mean: float, log_sd: float) -> Range:
    low, middle, high = np.exp(log_mean + np.array([-SCORE, 0, SCORE]) * log_sd)
    return Range("lognormal", float(low), float(middle), float(high))


def uniform(first: float, last: float) -> Range:
    margin = (last - first) / 20
    return Range("uniform", first + margin, (first + last) / 2, last - margin)


def uncertain(
    ranges: dict[str, Range],
    results: Iterable[Result],
    pairs: tuple[tuple[str, str, float], ...] = (),
    domains: dict[str, Domain] | None = None,
    orderings: tuple[Ordering, ...] = (),
    sources: dict[str, tuple[str, str]] | None = None,
) -> Uncertain:
    """A graph of those assumptions and results, and its ranges."""
    given = domains or {}
    told = sources or {}
    graph = Graph(
        assumptions=tuple(
            assumption(each, held, given.get(each, ANYTHING), *told.get(each, ("a", "2025")))
            for each, held in ranges.items()
        ),
        results=tuple(results),
        orderings=orderings,
    )
    return Uncertain(graph, ranges, pairs)


def total(*parts: Any) -> Any:
    return sum(parts[1:], start=parts[0])


def product(*parts: Any) -> Any:
    return np.prod(np.stack(np.broadcast_arrays(*parts)), axis=0)


def quotient(one: Any, other: Any) -> Any:
    return one / other
