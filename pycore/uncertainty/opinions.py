"""Several people's opinions on the assumptions, as a person fills them in: pooled, each by itself.

Two pools stand side by side. The weighted mean of :mod:`pycore.pooling` is one judgement that all
of them could share; the mixture of their distributions is what all of them together believe
possible, and is wider the more they disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import FloatArray
from pycore.errors import REFUSED, Found, InputError
from pycore.nodes import is_fixed
from pycore.pooling import WEIGHT, disagreement, judged, pooled, scale_of
from pycore.tables import CellTable, rectangle
from pycore.uncertainty.distributions import KINDS, VALUE, Fitted, fit

__all__ = ["pooled_opinions", "pooled_percentiles"]

PERCENTILES = (0.05, 0.5, 0.95)
STEPS = 32
"""Into how many parts the search for a percentile cuts what it still looks at."""

MOST_CUTS = 64

WIDTH = 10
"""Id, people, pooled low, central and high, three percentiles of all, disagreement and scale."""

PARTS = ("low", "central", "high")
FIRST_NUMBER = 3
"""The column, counted from 1, in which an opinion's numbers begin."""


def pooled_percentiles(
    lows: Sequence[Any],
    centrals: Sequence[Any],
    highs: Sequence[Any],
    weights: Sequence[Any],
    distribution: str,
    minimum: float,
    maximum: float,
) -> FloatArray:
    """What several people together believe possible: percentiles of all their distributions.

    Parameters
    ----------
    lows : list
        Each person's low end: 5th percentile.
    centrals : list
        Each person's best guess.
    highs : list
        Each person's high end: 95th percentile.
    weights : list
        How much each counts; scaled to sum 1.
    distribution : str
        Which is fitted to each range, as for RANGE_ECHO; to a range that is "fixed" a metalog.
    minimum : float
        The least that the quantity can be.
    maximum : float
        The most that the quantity can be.

    Returns
    -------
    ndarray
        5th percentile, median and 95th percentile of the mixture.

    Raises
    ------
    InputError
        If there are not as many of each, a value is blank, text or out of order, all weights are
        0, or the distribution cannot have a range.

    Notes
    -----
    The linear pool: the least x with ``sum of w_i * F_i(x) >= p`` for p of 0.05, 0.5 and 0.95,
    where F_i is the distribution fitted to the range of person i (Stone 1961).

    Examples
    --------
    >>> pooled_percentiles([0, 20], [5, 25], [9, 29], [1, 1], "uniform", -100, 100).round(6)
    array([ 0.5,  9.5, 28.5])
    """
    table, shares, _ = judged(lows, centrals, highs, weights, "plain")
    kind = checks.one_of("distribution", distribution, KINDS)
    bounds = (
        checks.one_number(name, bound, VALUE)
        for name, bound in (("minimum", minimum), ("maximum", maximum))
    )
    rows = tuple(map(tuple, table.tolist()))
    return np.array(_together(kind, rows, tuple(shares.tolist()), *bounds))


def _fitted(kind: str, row: Sequence[float], minimum: float, maximum: float) -> Fitted:
    """The distribution of one person; who gives a range for what is fixed is not certain of it."""
    low, central, high = row
    return fit(
        "metalog" if is_fixed(kind) and low < high else kind, low, central, high, minimum, maximum
    )


@lru_cache(maxsize=256)
def _together(
    kind: str,
    rows: tuple[tuple[float, ...], ...],
    shares: tuple[float, ...],
    minimum: float,
    maximum: float,
) -> tuple[float, ...]:
    """Percentiles of a mixture: where its weight below first reaches each of the levels.

    It does so between the least and the largest of the people's own percentiles. That stretch is
    cut again and again, for all levels at once, until nothing lies between its ends. Cached,
    because an edit of one opinion changes the pool of its own assumption alone.
    """
    people = [_fitted(kind, row, minimum, maximum) for row in rows]
    levels = np.array(PERCENTILES)[:, None]
    own = np.stack([each.quantile(PERCENTILES) for each in people], axis=1)

    def below(x: FloatArray) -> FloatArray:
        each = [share * one.cdf(x) for one, share in zip(people, shares, strict=True)]
        return np.asarray(np.sum(each, axis=0))

    low, high = own.min(axis=1, keepdims=True), own.max(axis=1, keepdims=True)
    high = np.where(below(low) >= levels, low, high)
    cuts = np.arange(1, STEPS) / STEPS
    for _ in range(MOST_CUTS):
        if (high <= np.nextafter(low, np.inf)).all():
            break
        points = np.concatenate([low, low + (high - low) * cuts, high], axis=1)
        reached = below(points) >= levels
        reached[:, -1] = True
        first = np.maximum(reached.argmax(axis=1), 1)[:, None]
        low, high = (np.take_along_axis(points, first - at, axis=1) for at in (1, 0))
    return tuple(high.ravel().tolist())


class _Opinion(NamedTuple):
    """What one person says of an assumption: the row, and how much the person counts."""

    row: int
    cells: Sequence[Any]
    weight: float


def pooled_opinions(
    opinions: CellTable,
    people: CellTable,
    names: CellTable,
    distribution: Sequence[Any],
    minimum: Sequence[Any],
    maximum: Sequence[Any],
) -> npt.NDArray[np.object_]:
    """What several people judge of each assumption together, and how far they disagree.

    Parameters
    ----------
    opinions : table
        A row for each opinion: the assumption by its name or id, the person, low, central and
        high (5th percentile, best guess, 95th percentile), and remarks, which are not read.
    people : table
        Each person's name and weight. A blank weight is 1, and so is that of others.
    names : table
        The name and the id of each assumption.
    distribution : list
        How each spreads, as for RANGE_ECHO.
    minimum : list
        The least that each can be.
    maximum : list
        The most that each can be.

    Returns
    -------
    ndarray of object
        A row for each assumption that somebody judges, in their order, then blank ones: id, number
        of people, pooled low, central and high, the 5th, 50th and 95th percentile of all
        distributions together, the share of the variance that is disagreement, and the scale.
        An opinion that cannot be read makes its assumption #VALUE!.

    Raises
    ------
    InputError
        If an opinion is on no assumption or without a person, a person is named twice, a weight
        is text or negative, somebody judges an assumption twice, or no opinion can be read.

    Notes
    -----
    Pooled: ``g^-1(sum of w_i * g(x_i))``, g the log-odds of shares, the logarithm of amounts above
    0, else the number itself, by the bounds. Together: percentiles of ``sum of w_i * F_i``.
    Disagreement: ``B / (B + W)``, the variance of the medians in all of the variance.

    Examples
    --------
    >>> pooled_opinions([["c", "Al", 1, 2, 3]], [["Al", 1]], [["Cost", "c"]], ["uniform"], [0], [9])
    array([['c', 1, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 0.0, 'log']], dtype=object)
    """
    kinds, rows, refusal = list(distribution), [], None
    least, most = (
        np.atleast_1d(VALUE.check(name, each)).tolist()
        for name, each in (("minimum", minimum), ("maximum", maximum))
    )
    number = len(_table("names", names, 2))
    lists = {"distribution": kinds, "minimum": least, "maximum": most}
    for argument, each in lists.items():
        if len(each) != number:
            raise InputError(argument, f"have one for each of {number} names", len(each))
    for place, name, held in _by_assumption(opinions, people, names):
        bounds = least[place], most[place]
        try:
            rows.append([name, len(held), *_pool(held, kinds[place], *bounds)])
        except InputError as error:
            rows.append([name, len(held), *[REFUSED] * (WIDTH - 2)])
            refusal = refusal or error
    if refusal and all(REFUSED in row for row in rows):
        raise refusal
    block = np.full((len(kinds), WIDTH), "", dtype=object)
    for place, row in enumerate(rows):
        block[place] = row
    return block


def check_opinions(
    opinions: CellTable,
    people: CellTable,
    names: CellTable,
    kinds: Sequence[str],
    bounds: Sequence[tuple[float, float]],
) -> None:
    """Refuse the first opinion that cannot be read, naming its row and column.

    Raises
    ------
    InputError
        The argument is such as "opinions (row 3, column 4)".
    """
    for place, _, held in _by_assumption(opinions, people, names):
        _judgements(held, kinds[place], *bounds[place])


def _pool(held: Sequence[_Opinion], kind: str, minimum: float, maximum: float) -> list[Any]:
    """What a row says of an assumption but for its name and the number of people."""
    rows = _judgements(held, kind, minimum, maximum)
    table = np.array(rows)
    scale = scale_of(minimum, maximum, table)
    weights = np.array([each.weight for each in held])
    lows, centrals, highs = table.T
    return [
        *pooled(lows, centrals, highs, weights, scale).tolist(),
        *_together(kind, rows, tuple((weights / weights.sum()).tolist()), minimum, maximum),
        disagreement(lows, centrals, highs, weights, scale),
        scale,
    ]


def _judgements(
    held: Sequence[_Opinion], kind: str, minimum: float, maximum: float
) -> tuple[tuple[float, ...], ...]:
    """The numbers of opinions on one assumption, a row for each, which a distribution can have."""
    domain = checks.Domain(minimum, maximum)
    table = []
    for each in held:
        row: list[float] = []
        for at, cell in enumerate(each.cells):
            where = _where(each.row, FIRST_NUMBER + at)
            number = checks.one_number(where, cell, VALUE)
            row.append(checks.one_number(where, number, domain))
            if at and row[at] < row[at - 1]:
                raise InputError(
                    where, f"be at least {PARTS[at - 1]} ({row[at - 1]:,.12g})", number
                )
        try:
            _fitted(kind, row, minimum, maximum)
        except InputError as error:
            where = error.argument
            if where in PARTS:
                where = _where(each.row, FIRST_NUMBER + PARTS.index(where))
            raise InputError(where, error.rule, error.received) from None
        table.append(tuple(row))
    return tuple(table)


def _by_assumption(
    opinions: CellTable, people: CellTable, names: CellTable
) -> Iterator[tuple[int, str, list[_Opinion]]]:
    """The place and id of each assumption that somebody judges who counts, and the opinions."""
    weights = _weights(people)
    labels = [[_plain(cell) for cell in row] for row in _table("names", names, 2)]
    ids = [str(row[1]) for row in rectangle("names", names)]
    places = {word: at for at, pair in enumerate(labels) for word in pair[:2] if word}
    held: dict[int, list[_Opinion]] = {}
    seen: set[tuple[int, str]] = set()
    for number, cells in enumerate(_table("opinions", opinions, 5), start=1):
        if all(cell is None for cell in cells):
            continue
        assumption, person, *numbers = cells
        place = places.get(_plain(assumption))
        if place is None:
            rule = "be the name of an assumption (Assumptions sheet)"
            raise InputError(_where(number, 1), rule, assumption)
        if not _plain(person):
            raise InputError(_where(number, 2), "name the person", person)
        if (place, _plain(person)) in seen:
            rule = f"judge {ids[place]} once"
            raise InputError(_where(number, 2), rule, person)
        seen.add((place, _plain(person)))
        weight = weights.get(_plain(person), 1.0)
        if weight:
            held.setdefault(place, []).append(_Opinion(number, numbers[: len(PARTS)], weight))
    for place in sorted(held):
        yield place, ids[place], held[place]


def _weights(people: CellTable) -> Mapping[str, float]:
    """What each person counts."""
    weights: dict[str, float] = {}
    for number, (name, weight, *_) in enumerate(_table("people", people, 2), start=1):
        where = f"people (row {number}, column {{}})"
        if not _plain(name):
            if weight is not None:
                raise InputError(where.format(1), "name the person of the weight", name)
            continue
        if _plain(name) in weights:
            raise InputError(where.format(1), "name each person once", name)
        given = 1.0 if weight is None else checks.one_number(where.format(2), weight, WEIGHT)
        weights[_plain(name)] = given
    return weights


def _table(name: str, cells: CellTable, columns: int) -> list[list[Any]]:
    """The rows of a table that has so many columns, or more."""
    rows = rectangle(name, cells)
    if len(rows[0]) < columns:
        raise InputError(name, f"have {columns} columns", Found(f"{len(rows[0])}"))
    return rows


def _where(row: int, column: int) -> str:
    return f"opinions (row {row}, column {column})"


def _plain(word: object) -> str:
    """A name as names are compared: neither case nor blanks around it count."""
    return "" if word is None else str(word).strip().casefold()
