"""Tables of cells to what the uncertainty functions take: ranges, correlations, questions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pycore.checks import FINITE, one_number, one_of
from pycore.errors import Found, InputError
from pycore.graph import Graph
from pycore.model.results import model
from pycore.uncertainty.correlations import CORRELATION_OF, correlation_matrix
from pycore.uncertainty.distributions import KINDS
from pycore.uncertainty.remembered import remembered
from pycore.uncertainty.sampling import Range, Uncertain

Table = Sequence[Sequence[object]]
"""Rows of cells: numbers, words, and ``None`` or "" for a blank."""

DAY_ZERO = datetime(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 10_000, 400_000
"""Between which a number is a date as Excel counts days, from 1927 to 2995, and no year."""


def rows_of(name: str, table: Table, columns: int) -> Iterator[tuple[int, list[Any]]]:
    """The rows of a table that are not blank, numbered from 1.

    Parameters
    ----------
    columns : int
        How many it must have at least.

    Yields
    ------
    tuple of int and list
        Blank cells are ``None``.

    Raises
    ------
    InputError
        If it is not a table, or too narrow.
    """
    if isinstance(table, str) or not isinstance(table, Sequence):
        raise InputError(name, "be a table: rows of cells", table)
    for number, row in enumerate(table, start=1):
        if isinstance(row, str) or not isinstance(row, Sequence):
            raise InputError(name, "be a table: rows of cells", row)
        cells = [None if cell == "" else cell for cell in row]
        if all(cell is None for cell in cells):
            continue
        if len(cells) < columns:
            found = Found(f"a row of {len(cells)} (row {number})")
            raise InputError(name, f"have at least {columns} columns", found)
        yield number, cells


def uncertain(assumptions: Table, correlations: Table) -> Uncertain:
    """The model, as uncertain as two tables say.

    Parameters
    ----------
    assumptions : sequence of sequence
        Rows of an id, a distribution, low, central and high; then, if they are there, a source
        and a date. Of a choice, the word stands as its central value.
    correlations : sequence of sequence
        Rows of two ids and a rank correlation.

    Returns
    -------
    Uncertain
        An assumption that is not in the table is fixed.

    Raises
    ------
    InputError
        Naming the row, if an id is unknown or stands twice, or a range or correlation breaks
        a rule. A distribution that cannot have its range refuses only what is drawn from it.
    """
    # Every table of a workbook is asked about the same assumptions.
    key = ("uncertain", repr(assumptions), repr(correlations))
    return remembered(key, partial(_uncertain, assumptions, correlations))


def _uncertain(assumptions: Table, correlations: Table) -> Uncertain:
    """Make what :func:`uncertain` gives."""
    graph = model()
    known = {each.id: each for each in graph.assumptions}
    ranges: dict[str, Range] = {}
    words: dict[str, str] = {}
    unfit: dict[str, InputError] = {}
    for number, (node, kind, low, central, high, *more) in rows_of("assumptions", assumptions, 5):
        where = f"assumptions (row {number})"
        if node in ranges or node in words:
            raise InputError(where, "name each assumption once", node)
        if node in known:
            # By itself first, so that a message can name the row.
            try:
                word = one_of(f"{node}: distribution", kind, KINDS)
                known[node].check(low, central, high, word)
            except InputError as error:
                raise _within(where, error) from None
            try:
                Uncertain(graph, {node: Range(kind, low, central, high)})
            except InputError as error:
                unfit[node] = _within(where, error)
            # One host sends 10 where another sends 10.0.
            ranges[node] = Range(kind, float(low), float(central), float(high))
            if more:
                source, date, *_ = (*more, None)
                known[node] = replace(known[node], source=_text(source), date=_year(date))
        elif node in {choice.id for choice in graph.choices}:
            words[node] = central
        else:
            raise InputError(where, "name an assumption of the model by its id", node)
    dated = replace(graph, assumptions=tuple(known.values()))
    fitted = Uncertain(dated, ranges, unfit=unfit).ids
    varying = [each for each in known if each in fitted or each in unfit]
    pairs = _pairs(correlations, set(known), varying)
    drawn = tuple(pair for pair in pairs if not unfit.keys() & set(pair[:2]))
    return Uncertain(dated, ranges, drawn, words, unfit)


def _within(where: str, error: InputError) -> InputError:
    """The same error, which says in which row it is."""
    return InputError(f"{where}: {error.argument}", error.rule, error.received)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _year(cell: object) -> str:
    """A date as text: of a number its year, whether it was typed as such or as a date."""
    if isinstance(cell, bool) or not isinstance(cell, float | int):
        return _text(cell)
    if FIRST_SERIAL <= cell <= LAST_SERIAL:
        return str((DAY_ZERO + timedelta(days=float(cell))).year)
    return f"{cell:.0f}"


def _pairs(
    correlations: Table, known: Collection[str], varying: Sequence[str]
) -> tuple[tuple[str, str, float], ...]:
    """The rank correlations of a table; what is wrong is named with its row."""
    rows: dict[frozenset[str], str] = {}
    pairs: list[tuple[str, str, float]] = []
    for number, (one, other, rank, *_) in rows_of("correlations", correlations, 3):
        where = f"correlations (row {number})"
        for each in (one, other):
            if each not in known:
                raise InputError(where, "name two assumptions of the model by their ids", each)
            if each not in varying:
                rule = "be between assumptions that are not fixed (or be cleared)"
                raise InputError(where, rule, each)
        pair = frozenset((one, other))
        if pair in rows:
            raise InputError(where, "name each pair once, in either order", f"{one}, {other}")
        rows[pair] = where
        try:
            # By itself first: a matrix of all of them names an entry, and not its row.
            correlation_matrix([one, other], [(one, other, rank)])
        except InputError as error:
            raise InputError(where, error.rule, error.received) from None
        pairs.append((one, other, float(rank)))
    try:
        correlation_matrix(varying, pairs)
    except InputError as error:
        # What cannot be beside the others is named by its two ids.
        named = frozenset(error.argument.removeprefix(CORRELATION_OF).split(" and "))
        raise InputError(f"{rows[named]}: {error.argument}", error.rule, error.received) from None
    return tuple(pairs)


def questions(name: str, table: Table) -> list[tuple[str, float | None]]:
    """The results that a table asks about, each with its threshold.

    Parameters
    ----------
    table : sequence of sequence
        Rows of a result's id, or ``id.part``, and a threshold or a blank.

    Raises
    ------
    InputError
        Naming the row, if a reference is no result's or a threshold no number.
    """
    found: list[tuple[str, float | None]] = []
    for number, row in rows_of(name, table, 1):
        where = f"{name} (row {number})"
        check_reference(where, row[0], model())
        if row[0] in dict(found):
            raise InputError(where, "ask about each result once", row[0])
        threshold = row[1] if len(row) > 1 else None
        bar = None if threshold is None else one_number(where, threshold, FINITE)
        found.append((str(row[0]), bar))
    if not found:
        raise InputError(name, "ask about at least one result", None)
    return found


def check_reference(where: str, reference: object, graph: Graph) -> None:
    """Refuse what is no reference to one value of a result.

    Parameters
    ----------
    reference : object
        Should be a result's id, or ``id.part``.
    """
    results = {result.id: result for result in graph.results}
    name, _, part = str(reference).partition(".")
    if name not in results:
        raise InputError(where, "be a result of the model, by its id", reference)
    if results[name].parts and part not in results[name].parts:
        parts = ", ".join(f"{name}.{each}" for each in results[name].parts)
        raise InputError(where, f"be one of {parts}", reference)
    if name in graph.swept or (part and not results[name].parts):
        raise InputError(where, "be a result of one value", reference)
