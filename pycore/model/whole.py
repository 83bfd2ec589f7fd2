"""The whole model: whatever a computed cell of the workbook holds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from pycore.graph import Graph
from pycore.model import tables
from pycore.model.over_tables import results as results_over_tables
from pycore.model.published import CHECKS
from pycore.model.results import model
from pycore.model.sentences import declared, sentence
from pycore.nodes import Result


@cache
def whole() -> Graph:
    """The model with what is computed over whole tables, and with the published figures."""
    graph = model()
    return replace(
        graph,
        settings=tables.settings(),
        tables=tables.tables(),
        constants=(
            *graph.constants,
            *tables.constants(graph),
            *(constant for check in CHECKS for constant in check.constants()),
        ),
        columns=(*graph.columns, *tables.columns(graph)),
        results=(
            *graph.results,
            *results_over_tables(graph),
            *(check.result() for check in CHECKS),
            *(result for each in declared().values() for result in each.results(sentence)),
        ),
    )


@cache
def over_tables() -> dict[str, Result]:
    """The results over whole tables that one formula each computes, by id."""
    return {each.id: each for each in results_over_tables(model()) if each.formula == "call"}
