"""Exchange rates: what other goods are worth in researchers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import AMOUNT, ELASTICITY, SEED, Domain, FloatArray, Numbers
from pycore.errors import REFUSED, Found, InputError
from pycore.hashed import counted, keyed, uniform
from pycore.tables import CellTable, rectangle, worded

__all__ = [
    "consistent_rates",
    "experience_adjusted",
    "good_value",
    "money_per_researcher",
    "survey_summary",
    "versus_median",
]

NOT_ENTERED = "not entered"
"""Stands where nothing was answered; as an argument it is a blank."""

TOO_FEW = "too few answers"
"""Stands for the interval around a single answer."""

RESAMPLES = 1000
RESAMPLE_STREAM = 1 << 40
"""Keeps the keys of resampling apart from those of what else is seeded alike."""

RESAMPLES_AT_ONCE = 1 << 18
"""How many numbers of resamples are held at a time."""

MOST_ANSWERS = 100_000
MOST_GOODS = 200

CONTRADICTION = 1.25
"""By how much a judgement and its reciprocal may differ: as much as rounding both may do."""

NEAR_ONE = 1e-9
EXPERIENCE = Domain(1e-3, 1000, words="a number of years above 0 (from 0.001 to 1,000)")

MaybeEntered = float | str | FloatArray | npt.NDArray[np.object_]
"""Numbers; or, where an argument was blank, "not entered" in their places."""


def money_per_researcher(grant: npt.ArrayLike, researchers: npt.ArrayLike) -> Numbers:
    """The money that is worth one researcher, from what a grant is worth in researchers.

    Parameters
    ----------
    grant : array_like
        The grant, in USD; above 0.
    researchers : array_like
        How many researcher-equivalents it is judged to be worth; above 0.

    Returns
    -------
    float or ndarray
        USD for each researcher-equivalent.

    Raises
    ------
    InputError
        If an argument is blank, text or not above 0, or the shapes do not fit.

    Notes
    -----
    ``grant / researchers``: $1,000,000 was worth 8 at the median of the survey.

    Examples
    --------
    >>> money_per_researcher(1_000_000, 8)
    125000.0
    """
    grant, researchers = checks.checked(grant=(grant, AMOUNT), researchers=(researchers, AMOUNT))
    return checks.answer(grant / researchers)


def survey_summary(responses: CellTable, seed: float = 0) -> npt.NDArray[np.object_]:
    """What a survey says each good is worth: middle, spread and how sure the middle is.

    Parameters
    ----------
    responses : table
        A row for each respondent and a column for each good: what one of it is worth in
        researchers, above 0, or a blank where the respondent did not answer.
    seed : float
        Where the random numbers start; a whole number from 0. Equal seeds, equal results.

    Returns
    -------
    ndarray of object
        A row for each good: how many answered, the median, the lower and upper quartile, the
        geometric mean, and the low and high end of the median's 90% interval. Where nobody
        answered all but the first are "not entered"; around one answer the interval is "too few
        answers". The row of a good with an answer that cannot be read is #VALUE!.

    Raises
    ------
    InputError
        If every good has an answer that is text, 0 or negative, naming row and column of the
        first; if rows are not of one length; or if there is no column.

    Notes
    -----
    Quartiles as Excel's QUARTILE.INC. The interval is from the 5th to the 95th percentile of the
    medians of 1,000 samples drawn from the answers with replacement (Efron 1979).

    Examples
    --------
    >>> survey_summary([[8, ""], [2, ""], [4, ""]], 1)
    array([[3, 4.0, 3.0, 6.0, 4.0, 2.0, 8.0],
           [0, 'not entered', 'not entered', 'not entered', 'not entered',
            'not entered', 'not entered']], dtype=object)
    """
    start = int(checks.one_number("seed", seed, SEED))
    goods = _answers_by_good(responses)
    block = np.full((len(goods), 7), NOT_ENTERED, dtype=object)
    for row, given in zip(block, goods, strict=True):
        if given is None:
            row[:] = REFUSED
            continue
        row[0] = len(given)
        if given:
            values = np.sort(np.asarray(given))
            middle, low, high = (_level(values, share) for share in (0.5, 0.25, 0.75))
            row[1:5] = middle, low, high, math.exp(math.fsum(np.log(values)) / len(given))
            row[5:] = _median_interval(values, start) if len(given) > 1 else TOO_FEW
    return block


def _answers_by_good(responses: object) -> list[list[float] | None]:
    """The answers in each column of a table without the blanks; ``None`` where one is bad."""
    rows = rectangle("responses", responses)
    if len(rows) > MOST_ANSWERS:
        raise InputError("responses", f"have at most {MOST_ANSWERS:,} rows", len(rows))
    if len(rows[0]) > MOST_GOODS:
        raise InputError("responses", f"have at most {MOST_GOODS} columns", len(rows[0]))
    goods: list[list[float] | None] = []
    refusal: InputError | None = None
    for column, cells in enumerate(zip(*rows, strict=True), start=1):
        try:
            goods.append(_answers(column, cells))
        except InputError as error:
            goods.append(None)
            refusal = refusal or error
    if refusal and not any(given is not None for given in goods):
        raise refusal
    return goods


def _answers(column: int, cells: Sequence[object]) -> list[float]:
    return [
        checks.one_number(f"responses (row {row}, column {column})", cell, AMOUNT)
        for row, cell in enumerate(cells, start=1)
        if cell is not None
    ]


def _level(ordered: FloatArray, share: float) -> float:
    """The value that a share of the others is below, between two by proportion."""
    place = share * (ordered.size - 1)
    below = math.floor(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, ordered.size - 1)])
    return low + (high - low) * (place - below)


def _median_interval(ordered: FloatArray, seed: int) -> tuple[float, float]:
    """The 5th and 95th percentile of the medians of samples drawn with replacement."""
    places = _middle_places(ordered.size, seed)
    medians = np.sort(ordered[places].mean(axis=0))
    return _level(medians, 0.05), _level(medians, 0.95)


@lru_cache(maxsize=256)
def _middle_places(answers: int, seed: int) -> npt.NDArray[np.int64]:
    """Where the middle two (or twice the middle one) of each sample stand among the ordered.

    The same for all goods of as many answers: what a sample takes are places, not values.
    """
    start = keyed(np.asarray([seed], dtype=np.uint64), np.asarray([RESAMPLE_STREAM + answers]))
    middle = [(answers - 1) // 2, answers // 2]
    found = np.empty((2, RESAMPLES), dtype=np.int64)
    batch = max(RESAMPLES_AT_ONCE // answers, 1)
    for first in range(0, RESAMPLES, batch):
        samples = counted(min(first + batch, RESAMPLES), first)
        address = samples[:, None] * answers + counted(answers)
        drawn = (uniform(start, address) * answers).astype(np.int32)
        drawn.partition(middle, axis=1)
        found[:, samples] = drawn[:, middle].T
    found.flags.writeable = False
    return found


def good_value(rate: npt.ArrayLike, usd_per_researcher: npt.ArrayLike) -> MaybeEntered:
    """The value of a good in money.

    Parameters
    ----------
    rate : array_like
        What one of it is worth in researchers; above 0. It may be blank.
    usd_per_researcher : array_like
        The money that is worth one researcher, in USD; above 0.

    Returns
    -------
    float or str or ndarray
        In USD; "not entered" where `rate` is blank or says so.

    Raises
    ------
    InputError
        If `rate` is other text or not above 0, `usd_per_researcher` is blank, text or not above
        0, or the shapes do not fit.

    Notes
    -----
    ``rate * usd_per_researcher``.

    Examples
    --------
    >>> good_value(65, 125_000)
    8125000.0
    """
    numbers, blank = _entered("rate", rate, AMOUNT)
    numbers, usd = checks.checked(
        rate=(numbers, AMOUNT), usd_per_researcher=(usd_per_researcher, AMOUNT)
    )
    return _with_blanks(numbers * usd, blank)


def versus_median(own: npt.ArrayLike, median: npt.ArrayLike) -> MaybeEntered:
    """A reader's own rate beside the survey's.

    Parameters
    ----------
    own : array_like
        What the reader thinks one of the good is worth in researchers; above 0. It may be blank.
    median : array_like
        What the survey says; above 0. It may be blank.

    Returns
    -------
    float or str or ndarray
        How many times the median the own rate is; "not entered" where either is blank or says
        so.

    Raises
    ------
    InputError
        If an argument is other text or not above 0, or the shapes do not fit.

    Notes
    -----
    ``own / median``.

    Examples
    --------
    >>> versus_median(30, 60)
    0.5
    """
    owns, blank = _entered("own", own, AMOUNT)
    medians, unknown = _entered("median", median, AMOUNT)
    owns, medians = checks.checked(own=(owns, AMOUNT), median=(medians, AMOUNT))
    return _with_blanks(owns / medians, blank | unknown)


def experience_adjusted(
    rate: npt.ArrayLike,
    years: npt.ArrayLike,
    reference_years: npt.ArrayLike = 5,
    elasticity: npt.ArrayLike = 1,
) -> MaybeEntered:
    """A good's rate as it would be for someone of the reference experience.

    Parameters
    ----------
    rate : array_like
        What one of it is worth in researchers; above 0. It may be blank.
    years : array_like
        Years of experience that its category supposes; above 0. It may be blank.
    reference_years : array_like
        Years of experience to compare at; above 0.
    elasticity : array_like
        By how many per cent worth rises with one per cent more experience; from -10 to 10.

    Returns
    -------
    float or str or ndarray
        In researchers; "not entered" where `rate` or `years` is blank or says so.

    Raises
    ------
    InputError
        If an argument is other text or out of bounds, `reference_years` or `elasticity` is blank,
        or the shapes do not fit.

    Notes
    -----
    ``rate * (reference_years/years)^elasticity``: the survey's categories compared people of very
    different experience.

    Examples
    --------
    >>> experience_adjusted(8, 10, 5, 1)
    4.0
    """
    rates, blank = _entered("rate", rate, AMOUNT)
    spans, unknown = _entered("years", years, EXPERIENCE)
    rates, spans, reference, power = checks.checked(
        rate=(rates, AMOUNT),
        years=(spans, EXPERIENCE),
        reference_years=(reference_years, EXPERIENCE),
        elasticity=(elasticity, ELASTICITY),
    )
    return _with_blanks(rates * np.power(reference / spans, power), blank | unknown)


def _entered(name: str, value: Any, domain: Domain) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Numbers, with a 1 for each blank, and where the blanks are."""
    if isinstance(value, (int, float)) or (isinstance(value, np.ndarray) and value.dtype != object):
        return domain.check(name, value), np.asarray(False)
    items = checks.as_items(name, value)
    blank = np.empty(items.shape, dtype=bool)
    for place, cell in enumerate(items.flat):
        blank.flat[place] = cell is None or (
            isinstance(cell, str) and cell.strip().casefold() in ("", NOT_ENTERED)
        )
    if not blank.any():
        return domain.check(name, value), blank
    return domain.check(name, np.where(blank, 1.0, items)), blank


def _with_blanks(values: FloatArray, blank: npt.NDArray[np.bool_]) -> MaybeEntered:
    if not blank.any():
        return checks.answer(values)
    checks.answer(np.where(blank, 1.0, values))
    return worded(values, (NOT_ENTERED, blank))


def consistent_rates(comparisons: CellTable) -> FloatArray:
    """The rates that agree best with pairwise judgements, and how well they do.

    Parameters
    ----------
    comparisons : table
        A square table of goods: one of the row's good is worth so many of the column's, above 0,
        or a blank. The diagonal is blank or 1. The same two goods may be judged both ways.

    Returns
    -------
    ndarray
        The rate of each good relative to the first, whose own is 1, side by side; then the
        inconsistency: 0 where all judgements agree, 0.1 where they are off by a typical 10%; and
        last the worst circle of three goods: how many times what two judgements say together the
        third says, or the other way round; 1 where all agree or there is no such circle.

    Raises
    ------
    InputError
        If the table is not square, a judgement is text, 0 or negative, or its diagonal is not 1,
        naming row and column; if a judgement times its reverse is not between 0.8 and 1.25,
        naming both; or if the judgements do not connect every good with the first.

    Notes
    -----
    Minimises the sum of ``(ln x_ij - ln r_i + ln r_j)^2`` over the judgements, with ``r_1 = 1``;
    the inconsistency is the root of the mean of these squares. The worst circle is the largest
    ``x_ij * x_jk * x_ki`` of three, of judgements both ways their geometric middle.

    Examples
    --------
    >>> consistent_rates([[1, 0.5, ""], ["", 1, 4], ["", "", 1]])
    array([1. , 2. , 0.5, 0. , 1. ])
    """
    judged = _judgements(comparisons)
    count, pairs = judged.shape[0], np.argwhere(~np.isnan(judged))
    if not pairs.size:
        return np.array([1.0, 0.0, 1.0])
    logs = judged[pairs[:, 0], pairs[:, 1]]
    # The normal equations, without the first good: its logarithm is 0.
    normal, right = np.zeros((count, count)), np.zeros(count)
    for (row, column), log in zip(pairs, logs, strict=True):
        normal[[row, column], [row, column]] += 1
        normal[[row, column], [column, row]] -= 1
        right[row] += log
        right[column] -= log
    rates = np.zeros(count)
    rates[1:] = np.linalg.solve(normal[1:, 1:], right[1:])
    residuals = logs - (rates[pairs[:, 0]] - rates[pairs[:, 1]])
    inconsistency = math.sqrt(math.fsum(residuals**2) / logs.size)
    # What rounding alone leaves is no inconsistency.
    inconsistency = inconsistency if inconsistency > NEAR_ONE else 0.0
    with np.errstate(over="ignore"):
        found = [*np.exp(rates), inconsistency, np.exp(_worst_circle(judged))]
        return np.asarray(checks.answer(np.array(found)))


def _worst_circle(judged: FloatArray) -> float:
    """The logarithm of how far three judgements around are from agreeing, at the worst."""
    with np.errstate(invalid="ignore"):
        both = np.where(np.isnan(judged), -judged.T, judged)
        both = (both + np.where(np.isnan(judged.T), both, -judged.T)) / 2
    worst = 0.0
    for one, row in enumerate(both):  # from the first good of the circle on
        around = np.abs(row[one:, None] + both[one:, one:] - row[None, one:])
        if not np.isnan(around).all():
            worst = max(worst, float(np.nanmax(around)))
    # What rounding alone leaves is no contradiction.
    return worst if worst > NEAR_ONE else 0.0


def _judgements(comparisons: object) -> FloatArray:
    """The logarithms of a table of judgements, with NaN for none."""
    rows = rectangle("comparisons", comparisons)
    count = len(rows)
    if len(rows[0]) != count or count > MOST_GOODS:
        rule = f"be square, with at most {MOST_GOODS} rows"
        raise InputError("comparisons", rule, Found(f"{count} x {len(rows[0])} cells"))
    judged = np.full((count, count), np.nan)
    for (row, column), cell in np.ndenumerate(np.array(rows, dtype=object)):
        if cell is None:
            continue
        worth = checks.one_number(_cell_at(row, column), cell, AMOUNT)
        if row == column and abs(worth - 1) > NEAR_ONE:
            raise InputError(_cell_at(row, column), "be 1 or blank on the diagonal", worth)
        if row != column:
            judged[row, column] = math.log(worth)
    _check_reciprocals(judged)
    _check_connected(judged)
    return judged


def _cell_at(row: int, column: int) -> str:
    return f"comparisons (row {row + 1}, column {column + 1})"


def _check_reciprocals(judged: FloatArray) -> None:
    """Refuse a judgement that its reverse contradicts."""
    with np.errstate(invalid="ignore"):
        bad = np.tril(np.abs(judged + judged.T) > math.log(CONTRADICTION) + NEAR_ONE)
    if bad.any():
        row, column = map(int, np.argwhere(bad)[0])
        there, here = math.exp(judged[column, row]), math.exp(judged[row, column])
        rule = (
            f"be about {1 / there:.6g}, because row {column + 1}, column {row + 1} says {there:.6g}"
        )
        raise InputError(_cell_at(row, column), rule, here)


def _check_connected(judged: FloatArray) -> None:
    """Refuse goods that no chain of judgements connects with the first."""
    beside = ~np.isnan(judged)
    beside |= beside.T
    reached = np.zeros(len(judged), dtype=bool)
    reached[0] = True
    for _ in judged:
        reached |= beside[reached].any(axis=0)
    if not reached.all():
        apart = ", ".join(str(good + 1) for good in np.flatnonzero(~reached))
        found = Found(f"without a way from good 1 to: {apart}")
        raise InputError("comparisons", "connect every good with the first by judgements", found)
