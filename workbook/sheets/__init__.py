"""The sheets of the workbook: what stands where, a module for each."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from pycore.model.whole import whole
from workbook.sheets import (
    about,
    assumptions,
    checks,
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
    trace,
    uncertainty,
    window,
    workings,
)
from workbook.sheets.layout import Placed, place
from workbook.sheets.people import log, survey


@cache
def sheets() -> tuple[Placed, ...]:
    """Every sheet of the model, in the order of the tabs, with all addresses known.

    What staff read comes first, then what they edit, and what reviewers look into.
    """
    graph = whole()
    declared = (
        summary.sheet(graph),
        cost.sheet(graph),
        marginal.sheet(graph),
        ratio.sheet(graph),
        window.sheet(graph),
        portfolio.sheet(graph),
        exchange.sheet(graph),
        assumptions.sheet(graph),
        scenarios.sheet(graph),
        survey.sheet(),
        log.sheet(),
        uncertainty.sheet(graph),
        sensitivity.sheet(graph),
        checks.sheet(),
    )
    placed = tuple(place(replace(each, workings=())) for each in declared)
    about_it = about.sheet(trace.tables(graph, placed), functions.catalogue())
    in_sight = (*placed, place(about_it))
    # The stamp says what depends on what, by all formulas but its own.
    known = (*in_sight, place(workings.sheet(graph, declared)))
    last = workings.sheet(graph, declared, stamp.tables(graph, known))
    return (*in_sight, place(last))
