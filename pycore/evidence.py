"""Evidence into assumptions: what records, scores, surveys and studies say of a number.

Each function gives the central value and the 5% and 95% ends of an interval around it, as the
assumptions take them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import COUNT, POOL, UNIT_RATIO, Domain, FloatArray, Numbers
from pycore.errors import Found, InputError
from pycore.pooling import NINETY, from_scale, judged, to_scale
from pycore.tables import CellTable, rectangle

__all__ = [
    "pool_elasticity_from_cohorts",
    "share_from_survey",
    "shared_criteria_from_scores",
    "studies_pooled",
    "validity_from_outcomes",
]

YEAR = Domain(1000, 3000)
YES = Domain(0, 1_000_000, whole=True)
SCORE = Domain(-1e15, 1e15)

LOW, HIGH = 0.05, 0.95

EXACT_COHORTS = 2
"""Through so many cohorts runs one slope, and nothing is left to tell its error from."""

FEWEST_OUTCOMES = 4
"""Fisher's z has a standard error from here on."""

FEWEST_IN_COMMON = 4
"""Without one of them three are left: any two lie on a line, and say nothing."""

FEWEST_LEFT_OUT = 10
"""Around fewer people the error is not known well enough to be given."""

NEARLY_ONE = 1 - 1e-12
"""The largest correlation that Fisher's scale tells from full agreement."""

FLAT = 1e-12
"""A variance below this, where a mentor's scores reach to 1, is rounding."""

Cells = Sequence[Any] | npt.NDArray[Any]


def pool_elasticity_from_cohorts(
    years: Cells, applicants: Cells, admitted: Cells
) -> npt.NDArray[np.object_]:
    """The elasticity of the pool by the number of places, from past cohorts.

    Parameters
    ----------
    years : array_like
        When each cohort was; no two alike: 2023.5 may stand for a second one in 2023. A cohort
        whose cells are all blank is passed over.
    applicants : array_like
        How many applied to each; from 1 to 1e9, at least `admitted`.
    admitted : array_like
        How many were admitted to each; a whole number from 1 to 1,000,000.

    Returns
    -------
    ndarray of object
        The elasticity, and the low and high end of its 90% interval; between two cohorts these
        are blank, for two points say nothing of the error.

    Raises
    ------
    InputError
        If a cell is blank, text or out of bounds, a year comes twice, more are admitted than
        applied, there are fewer than two cohorts, or all are of one size.

    Notes
    -----
    Slope of ``ln(applicants)`` on ``ln(admitted)``: exact for two cohorts, by least squares for
    more, with the interval ``slope +- t(95%, n - 2) * standard error``. Whatever else changed
    between cohorts is taken for noise.

    Examples
    --------
    >>> central, low, high = pool_elasticity_from_cohorts([2023, 2026], [460, 2203], [60, 120])
    >>> round(central, 3), low, high
    (2.26, '', '')
    """
    year, pool, cohort = _rows(
        np.all, years=(years, YEAR), applicants=(applicants, POOL), admitted=(admitted, COUNT)
    )
    number = year.size
    if number < EXACT_COHORTS:
        raise InputError("years", "name at least two cohorts", Found(str(number)))
    listed = np.sort(year)
    if (again := listed[1:][np.diff(listed) == 0]).size:
        raise InputError("years", "name every cohort once", Found(f"{again[0]:.12g} twice"))
    checks.check_at_most("admitted", cohort, "applicants", pool)
    if np.ptp(cohort) == 0:
        raise InputError("admitted", "differ between cohorts", Found(f"{cohort[0]:.12g} in all"))
    x, y = np.log(cohort), np.log(pool)
    x, y = x - x.mean(), y - y.mean()
    spread = (x * x).sum()
    slope = float((x * y).sum() / spread)
    if number == EXACT_COHORTS:
        return np.array([slope, "", ""], dtype=object)
    from scipy.special import stdtrit

    left = y - slope * x
    error = np.sqrt((left * left).sum() / (number - 2) / spread)
    margin = float(stdtrit(number - 2, HIGH) * error)
    return np.array([slope, slope - margin, slope + margin], dtype=object)


def shared_criteria_from_scores(scores: CellTable, validity: float) -> npt.NDArray[np.object_]:
    """The share of criteria that mentors have in common, from their scores of the same people.

    Parameters
    ----------
    scores : table
        A row for each applicant, a column for each mentor; blank where one did not score the
        other. Rows and columns that are all blank are passed over.
    validity : float
        Correlation of a mentor's score with true worth to that mentor; above 0 and at most 1.

    Returns
    -------
    ndarray of object
        The share, and the low and high end of its 90% interval; these are blank where fewer than
        10 people have been scored by two mentors or more.

    Raises
    ------
    InputError
        If a cell is text, a mentor scored one person or gave all one score, fewer than two
        mentors scored, no two mentors scored four people in common of whom neither gave all one
        score, or `validity` is 0 or out of bounds.

    Notes
    -----
    ``mean correlation / validity^2``, held to [0, 1], with the correlation of each pair of mentors
    over the people both scored (at least four), weighted by their number less 1: two scores
    correlate by ``validity^2 * shared_criteria``. The interval is by the jackknife over people
    (Efron and Stein 1981), on Fisher's scale for k scores of each person,
    ``ln((1 + (k - 1)*r) / (1 - r)) / 2``, less the bias that it shows: samples drawn with
    replacement give too narrow a one where few score the same people. What is not known of
    validity is not in it, nor that other mentors may differ.

    Examples
    --------
    >>> scores = [[1, 2], [2, 1], [3, 4], [4, 3], [5, ""]]
    >>> central, low, high = shared_criteria_from_scores(scores, 1)
    >>> round(central, 12), low, high
    (0.6, '', '')
    """
    valid = checks.one_number("validity", validity, UNIT_RATIO)
    table = _standardised(scores)
    agreement = _Agreement(table)
    mean = agreement.mean()
    if np.isnan(mean):
        rule = f"hold {FEWEST_IN_COMMON} people whom the same two mentors scored, with a spread"
        raise InputError("scores", rule, Found("without"))
    central = _shared(mean, valid)
    if len(table) < FEWEST_LEFT_OUT:
        return np.array([central, "", ""], dtype=object)
    low, high = (_shared(end, valid) for end in agreement.interval())
    return np.array([central, min(low, central), max(high, central)], dtype=object)


def _shared(correlation: float, validity: float) -> float:
    return float(np.clip(correlation / validity**2, 0, 1))


class _Agreement:
    """How far mentors' scores agree, over the people whom both of a pair scored."""

    def __init__(self, table: FloatArray) -> None:
        there = ~np.isnan(table)
        self._there = there.astype(np.float64)
        self._scores = np.where(there, table, 0.0)
        number = self._there.T @ self._there
        self._pairs = np.triu(number >= FEWEST_IN_COMMON, k=1)
        squares = self._scores * self._scores
        # Of the mentor in a row, over the people whom the one in the column scored too.
        sums = self._scores.T @ self._there
        self._sums = number, sums, squares.T @ self._there, self._scores.T @ self._scores

    def mean(self, without: int | None = None) -> float:
        """The mean correlation over pairs, but for one person; NaN without any pair."""
        number, sums, squares, products = self._sums
        if without is not None:
            there, scores = self._there[without], self._scores[without]
            number = number - np.outer(there, there)
            sums = sums - np.outer(scores, there)
            squares = squares - np.outer(scores * scores, there)
            products = products - np.outer(scores, scores)
        with np.errstate(divide="ignore", invalid="ignore"):
            means = sums / number
            spreads = squares / number - means * means
            shared = products / number - means * means.T
            usable = self._pairs & (np.minimum(spreads, spreads.T) > FLAT)
        if not usable.any():
            return np.nan
        found = shared[usable] / np.sqrt(spreads[usable] * spreads.T[usable])
        weights = number[usable] - 1
        return float((found * weights).sum() / weights.sum())

    def interval(self) -> tuple[float, float]:
        """The ends of an interval around the mean, by leaving out one person after the other."""
        from scipy.special import stdtrit

        left_out = np.asarray([self.mean(without) for without in range(len(self._there))])
        each = self._scale(left_out[~np.isnan(left_out)])
        number = each.size
        whole = float(self._scale(np.asarray(self.mean())))
        centre = whole - (number - 1) * (each.mean() - whole)
        reach = stdtrit(number - 1, HIGH) * (number - 1) / np.sqrt(number) * each.std(ddof=1)
        ends = np.exp(2 * np.asarray([centre - reach, centre + reach]))
        low, high = (ends - 1) / (ends + self._by_person - 1)
        return float(low), float(high)

    @property
    def _by_person(self) -> float:
        """How many mentors scored each of the people, on average."""
        return float(self._there.sum(axis=1).mean())

    def _scale(self, correlation: FloatArray) -> FloatArray:
        """Fisher's scale for so many scores of each, finite even where all agree."""
        more = self._by_person - 1
        held = np.clip(correlation, -NEARLY_ONE / more, NEARLY_ONE)
        return np.asarray((np.log1p(more * held) - np.log1p(-held)) / 2)


def _standardised(scores: object) -> FloatArray:
    """Scores less each mentor's mean, the largest difference as 1; NaN for a blank.

    Only those of people whom two mentors or more scored.
    """
    rows = rectangle("scores", scores)
    table = np.asarray(
        [
            [
                np.nan
                if cell is None
                else checks.one_number(f"scores (row {row}, column {column})", cell, SCORE)
                for column, cell in enumerate(line, start=1)
            ]
            for row, line in enumerate(rows, start=1)
        ]
    )
    columns = []
    for mentor, column in enumerate(table.T, start=1):
        given = column[~np.isnan(column)]
        if not given.size:
            continue
        if given.size == 1:
            raise InputError(f"scores (column {mentor})", "hold at least two people", Found("one"))
        if np.ptp(given) == 0:
            found = Found(f"{given[0]:.12g} for all")
            raise InputError(f"scores (column {mentor})", "differ between people", found)
        centred = column - given.mean()
        columns.append(centred / np.abs(given - given.mean()).max())
    if len(columns) < 2:
        raise InputError("scores", "be of at least two mentors", Found(str(len(columns))))
    every = np.stack(columns, axis=1)
    return np.asarray(every[(~np.isnan(every)).sum(axis=1) > 1])


def validity_from_outcomes(scores: Cells, outcomes: Cells, sd_all: float) -> FloatArray:
    """The validity of selection, from how those who were admitted turned out.

    Parameters
    ----------
    scores : array_like
        The score of each person admitted.
    outcomes : array_like
        How each turned out, in a measure of which more is better. Whoever has no score or no
        outcome is passed over.
    sd_all : float
        The standard deviation of the scores of all who applied; above 0.

    Returns
    -------
    ndarray
        The validity, and the low and high end of its 90% interval. With few people the low end
        may lie below 0.

    Raises
    ------
    InputError
        If a cell is text or out of bounds, there are not as many of each, fewer than four people
        have both, or scores or outcomes are all the same.

    Notes
    -----
    ``r*u / sqrt(1 - r^2 + r^2*u^2)`` with r the correlation among those admitted and
    ``u = sd_all / sd of their scores`` (Thorndike 1949, case 2): selection narrows the range of
    scores, and with it the correlation. It assumes that outcomes rise with scores in one straight
    line with one scatter, among those not admitted too. The interval is that of Fisher's z of r,
    ``atanh(r) +- 1.645/sqrt(n - 3)``, whose ends are corrected likewise.

    Examples
    --------
    >>> validity_from_outcomes([5, 6, 7, 8, 9], [2, 1, 4, 3, 5], 2.5).round(4)
    array([ 0.9035, -0.1015,  0.9912])
    """
    score, outcome = _rows(np.any, scores=(scores, SCORE), outcomes=(outcomes, SCORE))
    whole = checks.one_number("sd_all", sd_all, checks.AMOUNT)
    if score.size < FEWEST_OUTCOMES:
        rule = f"be of at least {FEWEST_OUTCOMES} people who have an outcome too"
        raise InputError("scores", rule, Found(str(score.size)))
    for name, values in (("scores", score), ("outcomes", outcome)):
        if np.ptp(values) == 0:
            raise InputError(name, "differ between people", Found(f"{values[0]:.12g} for all"))
    x, y = score - score.mean(), outcome - outcome.mean()
    r = np.clip((x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum()), -1, 1)
    u = whole / score.std(ddof=1)
    step = NINETY / np.sqrt(score.size - 3)
    z = np.arctanh(np.clip(r, -NEARLY_ONE, NEARLY_ONE))
    each = np.append(r, np.tanh(z + np.asarray([-step, step])))
    return np.asarray(each * u / np.sqrt(1 - each * each + np.square(each * u)))


def share_from_survey(
    yes: npt.ArrayLike, answers: npt.ArrayLike, invited: npt.ArrayLike
) -> Numbers:
    """A share, from a survey that not everyone answered.

    Parameters
    ----------
    yes : array_like
        How many said yes; a whole number from 0, at most `answers`.
    answers : array_like
        How many answered; a whole number from 1, at most `invited`.
    invited : array_like
        How many were asked; a whole number up to 1,000,000.

    Returns
    -------
    ndarray
        Five values on a last axis: the share among those who answered, the low and high end of
        its 90% interval, and the least and the most that the share among all can be, whatever
        those who did not answer would have said.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `yes` is above `answers`, `answers` is
        above `invited`, or the shapes do not fit.

    Notes
    -----
    The interval (Clopper and Pearson 1934) covers the share at least 9 times in 10, if those who
    answered are like all others. The bounds ``yes/invited`` and
    ``(yes + invited - answers)/invited`` (Manski 1989) assume nothing of the kind.

    Examples
    --------
    >>> share_from_survey(35, 72, 157).round(3)
    array([0.486, 0.384, 0.589, 0.223, 0.764])
    """
    from scipy.special import betaincinv

    said, number, everyone = checks.checked(
        yes=(yes, YES), answers=(answers, COUNT), invited=(invited, COUNT)
    )
    checks.check_at_most("yes", said, "answers", number)
    checks.check_at_most("answers", number, "invited", everyone)
    no = number - said
    low = np.where(said > 0, betaincinv(np.maximum(said, 1), no + 1, LOW), 0.0)
    high = np.where(no > 0, betaincinv(said + 1, np.maximum(no, 1), HIGH), 1.0)
    bounds = said / everyone, (said + everyone - number) / everyone
    parts = np.broadcast_arrays(said / number, low, high, *bounds)
    return checks.answer(np.stack(parts, axis=-1))


def studies_pooled(
    estimates: Cells, lows: Cells, highs: Cells, weights: Cells, scale: str
) -> FloatArray:
    """What several studies of one number say together.

    Parameters
    ----------
    estimates : array_like
        What each study found. A study whose cells are all blank is passed over.
    lows, highs : array_like
        The 5% and 95% ends of each one's interval, around its estimate.
    weights : array_like
        How much each is trusted, beside what its interval says; 0 leaves it out.
    scale : str
        "logit" for shares inside (0, 1), "log" for amounts above 0, else "plain".

    Returns
    -------
    ndarray
        The pooled estimate, and the low and high end of its 90% interval.

    Raises
    ------
    InputError
        If a cell is blank, text, out of order or not on the scale, an interval has no width, or
        all weights are 0.

    Notes
    -----
    On the scale, ``sum of w_i*y_i / sum of w_i`` with ``w_i = weight_i / (v_i + t2)``: v_i is the
    variance of a normal distribution with the study's interval, and t2 the variance between
    studies by the method of moments (DerSimonian and Laird 1986; with weights DerSimonian and
    Kacker 2007), 0 where they agree within their intervals. Where they do not, the interval is
    by Student's t and at least as wide as the scatter asks for (Hartung and Knapp 2001); of
    simulated studies it covers the truth 88% to 94% of the time, and of two that disagree 86%. One
    study alone is given back.

    Examples
    --------
    >>> studies_pooled([1, 2, 4], [0, 1, 2], [2, 3, 6], [1, 1, 1], "plain").round(3)
    array([ 2.021, -0.268,  4.309])
    """
    columns = {"estimates": estimates, "lows": lows, "highs": highs, "weights": weights}
    cells = _rows(np.all, **{name: (each, checks.FINITE) for name, each in columns.items()})
    middle, low, high, weight = cells
    table, shares, word = judged(low, middle, high, weight, scale, middle="estimates")
    table, trust = table[shares > 0], shares[shares > 0]
    if len(table) == 1:
        return table[0, [1, 0, 2]]
    on_scale = to_scale(word, table)
    with np.errstate(over="ignore", invalid="ignore"):
        within = np.square((on_scale[:, 2] - on_scale[:, 0]) / (2 * NINETY))
        if not (within > 0).all():
            found = Found(f"{table[int(np.argmin(within)), 0]:.12g} at both ends")
            raise InputError("lows", "be below highs", found)
        centre, margin = _random_effects(on_scale[:, 1], within, trust)
    answers = from_scale(word, centre + margin * np.asarray([0.0, -1.0, 1.0]))
    checks.answer(answers)
    return answers


def _random_effects(y: FloatArray, within: FloatArray, trust: FloatArray) -> tuple[float, float]:
    """The pooled estimate, and how far its interval reaches to either side."""
    from scipy.special import stdtrit

    between = max(0.0, _excess(y, within, trust / within)[0])
    variance = within + between
    weights = trust / variance
    parts = weights / weights.sum()
    error = np.sqrt((parts * parts * variance).sum())
    reach = NINETY
    if between > 0:
        _, dispersion = _excess(y, variance, weights)
        error *= np.sqrt(max(1.0, dispersion))
        reach = float(stdtrit(y.size - 1, HIGH))
    return float((parts * y).sum()), float(reach * error)


def _excess(y: FloatArray, variance: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """The variance beyond those given that the scatter shows, and the scatter over what they do."""
    total = weights.sum()
    scatter = (weights * np.square(y - (weights * y).sum() / total)).sum()
    expected = (weights * variance).sum() - (weights * weights * variance).sum() / total
    beyond = (scatter - expected) / (total - (weights * weights).sum() / total)
    return float(beyond), float(scatter / expected)


def _rows(passed_over: Callable[..., Any], **columns: tuple[Cells, Domain]) -> list[FloatArray]:
    """Columns of cells as numbers, without the rows that are passed over.

    Parameters
    ----------
    passed_over : callable
        Whether a row is, from which of its cells are blank: ``numpy.all`` or ``numpy.any``.
    """
    cells = {name: checks.as_items(name, values) for name, (values, _) in columns.items()}
    first = next(iter(cells.values()))
    for name, column in cells.items():
        if column.ndim != 1:
            raise InputError(name, "be one row or column of cells", Found("something else"))
        if column.size != first.size:
            raise InputError(name, f"have one cell for each of {first.size}", column.size)
    blank = [
        [cell is None or (isinstance(cell, str) and not cell) for cell in column]
        for column in cells.values()
    ]
    kept = np.flatnonzero(~passed_over(np.asarray(blank), axis=0))
    return [
        np.asarray(
            [
                checks.one_number(f"{name} (item {row + 1})", cells[name][row], domain)
                for row in kept
            ],
            dtype=np.float64,
        )
        for name, (_, domain) in columns.items()
    ]
