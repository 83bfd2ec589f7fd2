"""The model: its assumptions, and the results declared over them, read from data files."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from pycore import checks, cost, exchange, portfolio, ratio, selection, window
from pycore.draft import mentors
from pycore.errors import InputError
from pycore.graph import Graph
from pycore.model.data import data
from pycore.nodes import (
    RANGE_PARTS,
    Assumption,
    Choice,
    Column,
    Constant,
    Grid,
    Ordering,
    Result,
    SharedWhole,
)

DOMAINS = {
    "AMOUNT": checks.AMOUNT,
    "COUNT": checks.COUNT,
    "DIVERSITY": portfolio.DIVERSITY,
    "ELASTICITY": checks.ELASTICITY,
    "EXPERIENCE": exchange.EXPERIENCE,
    "FIELD_GROWTH": portfolio.FIELD_GROWTH,
    "GROWTH": checks.GROWTH,
    "INNER_SHARE": checks.INNER_SHARE,
    "LOG_ERROR": window.LOG_ERROR,
    "MULTIPLE": checks.MULTIPLE,
    "ORDERS": checks.ORDERS,
    "PEOPLE": checks.PEOPLE,
    "PLACES": checks.PLACES,
    "REPLICATES": checks.REPLICATES,
    "RETURNS": portfolio.RETURNS,
    "SEATS": portfolio.SEATS,
    "SEED": checks.SEED,
    "SHARE": checks.SHARE,
    "SPILLOVER": checks.SPILLOVER,
    "TEAMS": portfolio.TEAMS,
    "UNIT_RATIO": checks.UNIT_RATIO,
    "WIDE_COVERAGE": checks.WIDE_COVERAGE,
    "YEARLY_GROWTH": window.YEARLY_GROWTH,
    "YEARS_AHEAD": window.YEARS_AHEAD,
}
"""What an entry of assumptions.toml may name as its domain."""

OPTIONS = {"SCOPES": cost.SCOPES}

TYPES = ("iterators", "amplifiers", "connectors")
"""The types of people, in the order of every mix of them."""

TEAM = ("manager_span", "unmanaged_share", "team_returns")
"""What the output of a team depends on, beside its people."""


@cache
def functions() -> dict[str, Callable[..., Any]]:
    """The functions that a result may call, by name."""
    topics = (cost, selection, mentors, ratio, window, exchange, portfolio)
    return {name: getattr(topic, name) for topic in topics for name in topic.__all__}


def function(name: str) -> Callable[..., Any]:
    """The function of that name."""
    if name not in functions():
        raise InputError("a function", "be a public function of a topic", name)
    return functions()[name]


@cache
def model() -> Graph:
    """The graph of what can be drawn: assumptions, and results that are computed from numbers."""
    inputs, declared = data("assumptions"), data("results")
    used = {each for entry in declared["result"] for each in entry.get("arguments", ())}
    assumptions = tuple(_assumption(entry, used) for entry in inputs["assumption"])
    lines = [assumption for assumption in assumptions if assumption.scope]
    scopes = Constant(id="cost_line_scopes", value=tuple(line.scope for line in lines))
    cost_lines = Column(id="cost_lines", members=tuple(line.id for line in lines))
    return Graph(
        assumptions=assumptions,
        choices=tuple(
            Choice(**entry | {"options": OPTIONS[entry["options"]]}) for entry in inputs["choice"]
        ),
        grids=tuple(
            Grid(**entry | {"values": tuple(map(float, entry["values"]))})
            for entry in declared["grid"]
        ),
        constants=(
            scopes,
            *(Constant(id=name, value=value) for name, value in declared["constants"].items()),
        ),
        columns=(
            cost_lines,
            *(Column(id=name, members=tuple(ids)) for name, ids in declared["columns"].items()),
        ),
        results=tuple(map(_result, declared["result"])),
        orderings=tuple(Ordering(**each) for each in declared["orderings"]),
        wholes=tuple(SharedWhole(**each) for each in declared["wholes"]),
        leading=tuple(declared["leading"]),
    )


def _assumption(entry: dict[str, Any], used: Collection[str]) -> Assumption:
    numbers = {part: float(entry[part]) for part in ("low", "central", "high")}
    given = {
        "domain": DOMAINS[entry["domain"]],
        "ends_count": any(f"{entry['id']}.{part}" in used for part in RANGE_PARTS),
    }
    assumption = Assumption(**entry | numbers | given)
    low, central, high = numbers.values()
    assumption.check(low, central, high, assumption.distribution)
    return assumption


def _result(entry: dict[str, Any]) -> Result:
    several = {name: tuple(entry.get(name, ())) for name in ("arguments", "parts")}
    return Result(**entry | several | {"function": function(entry["function"])})
