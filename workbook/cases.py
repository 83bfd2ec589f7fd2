"""A table of cases: the model's results for each of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pycore.errors import Found, InputError
from pycore.graph import evaluate
from pycore.model.results import model
from pycore.nodes import Result
from workbook.formulas import value_references

REFUSED = "refused"
"""The column with the reasons why something of a case could not be computed."""

KNOWN = "be an assumption's id, or its id with .low or .high"


def evaluate_cases(
    cases: pd.DataFrame,
    wanted: Iterable[str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Compute results for each row of a table.

    All rows are computed in one call where none is refused. A result that simulates takes its
    seconds for each row, and is computed only if it is wanted.

    Parameters
    ----------
    cases : DataFrame
        A row for each case; its columns are references to assumptions and choices, such as
        ``marginal_cost`` or ``offset.low``. What is no column is as given.
    wanted : iterable of str, optional
        Ids of results, or ``id.part``; by default all that are a number or a text and need no
        simulation.
    given : mapping of str to float or str, optional
        Assumptions and choices by reference; the declared ones by default.

    Returns
    -------
    DataFrame
        With the index of the cases: a column for each result (for each ``id.part`` of one that
        has parts), and ``refused``: why something of the case is missing, or nothing.

    Raises
    ------
    InputError
        If a column is no reference, or a wanted result is unknown or more than a number or a text.
    """
    table = _Cases(cases, dict(given or {}), None if wanted is None else [*wanted])
    return table.answered()


class _Cases:
    """Cases, the results wanted of them, and what was found so far."""

    def __init__(
        self, cases: pd.DataFrame, given: dict[str, Any], wanted: list[str] | None
    ) -> None:
        known = value_references(model())
        for column in cases.columns:
            if column not in known:
                raise InputError(f"the column {column!r}", KNOWN, Found("unknown"))
        if not cases.columns.is_unique:
            twice = cases.columns[cases.columns.duplicated()][0]
            raise InputError(f"the column {twice!r}", "stand once", Found("there more than once"))
        self._cases = cases
        self._given = given
        self._words = [choice.id for choice in model().choices if choice.id in cases.columns]
        self._columns = _columns(wanted)
        self._results = [*dict.fromkeys(result.id for result, _ in self._columns.values())]
        # What simulates is left out of a call for several cases.
        self._is_slow = any(map(model().simulates, self._results))
        self._found = {each: np.full(len(cases), None, dtype=object) for each in self._columns}
        self._refused = np.full(len(cases), None, dtype=object)

    def answered(self) -> pd.DataFrame:
        """Compute what is wanted."""
        rows = np.arange(len(self._cases))
        if self._words:
            # A choice decides between functions, so that each of its words is computed alone.
            for places in self._cases.groupby(self._words, dropna=False).indices.values():
                self._compute(np.asarray(places))
        elif rows.size:
            self._compute(rows)
        found = pd.DataFrame(self._found, self._cases.index).infer_objects()
        return found.assign(**{REFUSED: pd.Series(self._refused, self._cases.index, dtype=object)})

    def _compute(self, rows: np.ndarray[Any, Any]) -> None:
        """Compute some cases in one call; those that are refused are found by halving."""
        values = self._given | {
            column: cells[0] if column in self._words or rows.size == 1 else np.asarray(cells)
            for column in self._cases.columns
            if (cells := self._cases[column].iloc[rows].tolist())
        }
        refused: dict[str, InputError] = {}
        try:
            answers = evaluate(model(), values, refused, self._results)
        except InputError as error:
            answers, refused = {}, {"": error}
        if rows.size > 1 and (refused or self._is_slow):
            for half in np.array_split(rows, 2):
                self._compute(half)
            return
        if refused:
            reasons = dict.fromkeys(str(error) for error in refused.values())
            self._refused[rows] = "; ".join(reasons)
        for name, (result, part) in self._columns.items():
            if result.id in answers:
                answer = answers[result.id]
                self._found[name][rows] = answer[..., result.parts.index(part)] if part else answer


def _columns(wanted: list[str] | None) -> dict[str, tuple[Result, str]]:
    """The result and the part of each column of the answer."""
    graph = model()
    results = {result.id: result for result in graph.results}
    quick = [each for each in results if not graph.simulates(each)]
    columns: dict[str, tuple[Result, str]] = {}
    for reference in quick if wanted is None else wanted:
        name, _, part = reference.partition(".")
        if name not in results or (part and part not in results[name].parts):
            raise InputError("a wanted result", "be the id of a result, or id.part", reference)
        result = results[name]
        if name in graph.swept:
            if wanted is None:
                continue
            raise InputError("a wanted result", "be a number or a text, not a table", reference)
        parts = (part,) if part else result.parts
        columns |= {f"{name}.{each}": (result, each) for each in parts} or {name: (result, "")}
    return columns
