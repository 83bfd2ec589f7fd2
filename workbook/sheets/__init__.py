"""The sheets of the workbook: what stands where, a module for each."""

from __future__ import annotations

from pycore.graph import Graph
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


def sheets(graph: Graph) -> list[Placed]:
    """Every sheet, in the order of the tabs, with all addresses known.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    list of Placed
    """
    declared = (
        summary.sheet(graph),
        assumptions.sheet(graph),
        cost.sheet(graph),
        marginal.sheet(graph),
        ratio.sheet(graph),
        checks.sheet(),
        functions.sheet(),
        about.sheet(),
    )
    return [place(sheet) for sheet in declared]
