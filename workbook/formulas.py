"""Formulas as a file stores them: function names, defined names, one call for each result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from addin.functions import STORED_PREFIX
from pycore.graph import Graph
from pycore.model.tables import LABELLED
from pycore.nodes import RANGE_PARTS, Result


def defined_name(reference: str) -> str:
    """The defined name of a reference of the graph: marginal_cost_low of marginal_cost.low."""
    return reference.replace(".", "_")


def taken(reference: str) -> str:
    """The defined name of the cell that gives a reference to functions.

    Of what a person picks by its label that is another one, with the id.
    """
    return f"{reference}_id" if reference in LABELLED else defined_name(reference)


def call(function: Callable[..., Any], arguments: Iterable[str]) -> str:
    """The formula that calls a core function, such as "=_xldudf_FIELD_QUOTE(low,high)"."""
    return f"={STORED_PREFIX}{function.__name__.upper()}({','.join(arguments)})"


def formula(result: Result) -> str:
    """The formula of a result."""
    return call(result.function, map(taken, result.arguments))


def value_references(graph: Graph) -> list[str]:
    """Every reference of the graph whose cell a person edits.

    Returns
    -------
    list of str
        ``id``, ``id.low`` and ``id.high`` of each assumption, a setting's ``id`` alone, and each
        choice's id.
    """
    references = [
        reference
        for assumption in graph.assumptions
        for reference in (assumption.id, *(f"{assumption.id}.{part}" for part in RANGE_PARTS))
        if not assumption.setting or reference == assumption.id
    ]
    return [*references, *(choice.id for choice in graph.choices)]


def distribution_references(graph: Graph) -> list[str]:
    """The reference of each assumption's distribution: ``id.distribution``."""
    return [f"{assumption.id}.distribution" for assumption in graph.assumptions]


TEXTS = ("source", "date", "note")
"""What is said of an input in words of a person's own."""


def text_references(graph: Graph) -> list[str]:
    """The references of what is said of each input: ``id.source``, ``id.date``, ``id.note``."""
    return [f"{node.id}.{part}" for node in graph.inputs for part in TEXTS]


def input_references(graph: Graph) -> list[str]:
    """Every reference of the model that `set` changes: to a value, or to a distribution."""
    return [*value_references(graph), *distribution_references(graph)]
