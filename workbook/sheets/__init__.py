"""The sheets of the workbook: what stands where, a module for each."""

from __future__ import annotations

from functools import cache

from pycore.model.whole import whole
from workbook.sheets import (
    about,
    assumptions,
    checks,
    correlations,
    cost,
    exchange,
    functions,
    marginal,
    portfolio,
    ranges,
    ratio,
    scenarios,
    sensitivity,
    summary,
    survey,
    uncertainty,
    window,
)
from workbook.sheets.layout import Placed, place


@cache
def sheets() -> tuple[Placed, ...]:
    """Every sheet of the model, in the order of the tabs, with all addresses known."""
    graph = whole()
    declared = (
        summary.sheet(graph),
        assumptions.sheet(graph),
        cost.sheet(graph),
        marginal.sheet(graph),
        ratio.sheet(graph),
        window.sheet(graph),
        portfolio.sheet(graph),
        exchange.sheet(graph),
        survey.sheet(),
        uncertainty.sheet(graph),
        sensitivity.sheet(graph),
        scenarios.sheet(graph),
        correlations.sheet(graph),
        ranges.sheet(graph),
        checks.sheet(),
        functions.sheet(),
        about.sheet(),
    )
    return tuple(place(sheet) for sheet in declared)
