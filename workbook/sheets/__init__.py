"""The sheets of the workbook: what stands where, a module for each."""

from __future__ import annotations

from functools import cache

from workbook.model import model
from workbook.sheets import (
    about,
    assumptions,
    checks,
    cost,
    functions,
    marginal,
    ratio,
    summary,
)
from workbook.sheets.layout import Placed, place


@cache
def sheets() -> tuple[Placed, ...]:
    """Every sheet of the model, in the order of the tabs, with all addresses known.

    Returns
    -------
    tuple of Placed
    """
    graph = model()
    declared = (
        summary.sheet(graph),
        assumptions.sheet(graph),
        cost.sheet(graph),
        marginal.sheet(graph),
        ratio.sheet(graph),
        checks.sheet(),
        functions.sheet(),
        about.sheet(()),
    )
    return tuple(place(sheet) for sheet in declared)
