"""Which results have a native form, and which are only dated values in a copy without functions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pycore.graph import Graph
from pycore.model.sentences import declared
from pycore.model.whole import whole
from pycore.nodes import Result
from workbook.native.declared import FORMS, TABLE_FORMS
from workbook.native.results import Natives
from workbook.native.said import add_sentence

NATIVE, DATED, FIXED = "native", "dated", "fixed"
"""An answer follows its inputs; stands as it was computed; or has no inputs that anyone edits."""

CHECK = "check_"
"""How the id of a published check begins: nobody edits what it is computed from."""

ITERATED = ("breakeven_elasticity", "safe_load", "consistent_rates", "break_even")
"""Results that a search or an iteration finds."""

FITTED = ("range_echo", "range_warning", "pooled_opinions")
"""Results that follow from fitting distributions to many ranges at once."""


@cache
def natives() -> Natives:
    """The native form of every result that has one, and of every sentence."""
    graph = whole()
    found = Natives(graph)
    for result in called_results(graph):
        if kind_of(result) == NATIVE:
            _add(found, result)
    return found


def called_results(graph: Graph) -> Iterator[Result]:
    """The results that a full workbook computes by its functions."""
    return (each for each in graph.results if each.formula == "call")


def kind_of(result: Result) -> str:
    """Whether a result is native, dated or fixed in a copy without functions."""
    if result.id.startswith(CHECK):
        return FIXED
    if result.simulates or result.id in (*ITERATED, *FITTED):
        return DATED
    return NATIVE


def _add(found: Natives, result: Result) -> None:
    if result.id in declared():
        add_sentence(found, result.id)
    elif result.id in TABLE_FORMS:
        TABLE_FORMS[result.id](found, result)
    elif result.function.__name__ in FORMS:
        FORMS[result.function.__name__](found, result)
    else:
        found.add(result)
