"""The sheets of the workbook: what stands where, a module for each."""

from __future__ import annotations

from dataclasses import replace
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
    ratio,
    scenarios,
    sensitivity,
    stamp,
    summary,
    survey,
    trace,
    uncertainty,
    window,
    workings,
)
from workbook.sheets.layout import Placed, place


@cache
def sheets() -> tuple[Placed, ...]:
    """Every sheet of the model, in the order of the tabs, with all addresses known.

    What staff read and edit comes first, then what one looks into, and what reviewers check.
    """
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
        uncertainty.sheet(graph),
        sensitivity.sheet(graph),
        scenarios.sheet(graph),
        correlations.sheet(graph),
        survey.sheet(),
        checks.sheet(),
    )
    placed = tuple(place(replace(each, workings=())) for each in declared)
    others = (trace.sheet(graph, placed), functions.sheet(), about.sheet())
    in_sight = (*placed, *map(place, others))
    # The stamp says what depends on what, by all formulas but its own.
    known = (*in_sight, place(workings.sheet(graph, declared)))
    last = workings.sheet(graph, declared, stamp.tables(graph, known))
    return (*in_sight, place(last))
