"""Mentors who choose for themselves: the marginal scholar there.

Applicants do not stand in one line: every mentor has criteria of their own. How their draft is
simulated is documented in :mod:`pycore.draft.rounds`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import PLACES, REPLICATES, SEED, SHARE, SIGMA, Domain, FloatArray, Numbers
from pycore.draft.bands import Draft
from pycore.draft.rounds import Outcomes, common_part, simulated
from pycore.errors import Found, InputError
from pycore.progress import tracked

__all__ = ["margin_map", "mentor_margin"]

APPLICANTS = Domain(1, 20_000, whole=True)
MENTORS = Domain(1, 500, whole=True)

ALTERNATIVES = ("place", "mentor")
"""What one more may be: one more place, or one more mentor."""

WORTH_LESS = 0.8
"""The ratio under which 4-5x has to be restated."""

LARGEST_MAP = 2_500
"""How many cells a map may have."""

LONGEST_MAP = 10
"""How many minutes of simulation, by an estimate from its sizes alone."""


def mentor_margin(
    applicants: npt.ArrayLike,
    mentors: npt.ArrayLike,
    places: npt.ArrayLike,
    shared_criteria: npt.ArrayLike,
    validity: npt.ArrayLike,
    sigma: npt.ArrayLike,
    replicates: npt.ArrayLike,
    seed: npt.ArrayLike,
) -> Numbers:
    """The marginal scholar where mentors choose for themselves, by simulation.

    Parameters
    ----------
    applicants : array_like
        How many apply; a whole number from 1 to 20,000.
    mentors : array_like
        How many mentors choose; a whole number from 1 to 500, at most `places`.
    places : array_like
        How many scholars they take together; a whole number from 1 to 1,000, at most
        `applicants`.
    shared_criteria : array_like
        Correlation across mentors of what an applicant is truly worth to them, from 0 to 1.
    validity : array_like
        Correlation of a mentor's score with true worth to that mentor, from 0 to 1.
    sigma : array_like
        Log-sd of impact, from 0 to 30.
    replicates : array_like
        How many drafts are simulated; a whole number from 2 to 10,000.
    seed : array_like
        Where the random numbers start; a whole number from 0. Equal seeds, equal results.

    Returns
    -------
    ndarray
        Five pairs of a mean over replicates and its standard error, on a last axis of length
        10: the ratio for one more place, and for one more mentor; the share of replicates in
        which that ratio is under 0.8, for one and the other; and the share of mentors whose first
        choice is another mentor's first choice too. Where every applicant already has a
        place, one more brings no one, and the ratio is 0.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `places` is above `applicants`,
        `mentors` is above `places`, or the shapes do not fit.

    Notes
    -----
    ``ratio = E[v|s of the extra scholar] / median of E[v|s] of the admitted`` with
    ``E[v|s] = exp(sigma*validity*s + sigma^2*(1 - validity^2)/2)``, where s is the score given
    by the mentor who takes the scholar: ``s = a*g + sqrt(1 - a^2)*h``,
    ``a = validity*sqrt(shared_criteria)``, g shared by all mentors and h the mentor's own.

    Examples
    --------
    >>> mentor_margin(300, 20, 24, 0.5, 0.6, 1.97957, 100, 1)
    array([0.77982629, 0.02394746, 1.15222754, 0.04800058, 0.61      ,
           0.04902071, 0.28      , 0.04512609, 0.1985    , 0.01113405])
    """
    arrays = checks.checked(
        applicants=(applicants, APPLICANTS),
        mentors=(mentors, MENTORS),
        places=(places, PLACES),
        shared_criteria=(shared_criteria, SHARE),
        validity=(validity, SHARE),
        sigma=(sigma, SIGMA),
        replicates=(replicates, REPLICATES),
        seed=(seed, SEED),
    )
    checks.check_at_most("places", arrays[2], "applicants", arrays[0])
    checks.check_at_most("mentors", arrays[1], "places", arrays[2])
    rows = np.broadcast_arrays(*arrays)
    answers = np.empty((*rows[0].shape, 10))
    for place in tracked(list(np.ndindex(rows[0].shape)), "drafts"):
        pool, lists, taken, shared, valid, spread, repeats, start = (
            float(row[place]) for row in rows
        )
        draft = Draft(int(pool), int(lists), int(taken), common_part(valid, shared))
        answers[place] = _summary(simulated(draft, int(repeats), int(start)), spread * valid)
    return checks.answer(answers)


def margin_map(
    applicants: float,
    mentors: float,
    places: float,
    shared_criteria: Sequence[float],
    validity: Sequence[float],
    sigma: float,
    replicates: float,
    seed: float,
    alternative: str,
) -> Numbers:
    """The marginal scholar's ratio over a grid of validity by shared criteria.

    Parameters
    ----------
    applicants : float
        How many apply; a whole number from 1 to 20,000.
    mentors : float
        How many mentors choose; a whole number from 1 to 500, at most `places`.
    places : float
        How many scholars they take together; a whole number from 1 to 1,000, at most
        `applicants`.
    shared_criteria : sequence of float
        The columns: correlations across mentors of true worth to them, from 0 to 1.
    validity : sequence of float
        The rows: correlations of a mentor's score with true worth, from 0 to 1.
    sigma : float
        Log-sd of impact, from 0 to 30.
    replicates : float
        How many drafts are simulated for each cell; a whole number from 2 to 10,000.
    seed : float
        Where the random numbers start; a whole number from 0.
    alternative : str
        What one more is: "place" or "mentor".

    Returns
    -------
    ndarray
        The mean ratio, a row for each validity and a column for each shared criteria. Each cell
        is what `mentor_margin` gives with that seed: 0 where every applicant has a place already.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `places` is above `applicants`,
        `mentors` is above `places`, or the map has over 2,500 cells or so much to simulate
        that it would take more than about ten minutes.

    Notes
    -----
    ``ratio = E[v|s of the extra scholar] / median of E[v|s] of the admitted``, as in
    `mentor_margin`, on common random numbers: cells differ by their arguments alone, and those
    with one ``validity*sqrt(shared_criteria)`` by nothing but the worth of a score. Where nearly
    all are taken or mentors agree, drafts are made of other random numbers than elsewhere.

    Examples
    --------
    >>> margin_map(300, 20, 24, [0, 0.5], [0, 0.6], 1.97957, 100, 1, "mentor")
    array([[1.        , 1.        ],
           [1.32279547, 1.15222754]])
    """
    which = ALTERNATIVES.index(checks.one_of("alternative", alternative, ALTERNATIVES))
    pool = checks.one_number("applicants", applicants, APPLICANTS)
    lists = checks.one_number("mentors", mentors, MENTORS)
    taken = checks.one_number("places", places, PLACES)
    checks.check_at_most("places", np.asarray(taken), "applicants", np.asarray(pool))
    checks.check_at_most("mentors", np.asarray(lists), "places", np.asarray(taken))
    columns, rows = _points("shared_criteria", shared_criteria), _points("validity", validity)
    if rows.size * columns.size > LARGEST_MAP:
        rule = f"leave the map at most {LARGEST_MAP:,} cells"
        raise InputError("validity", rule, rows.size * columns.size)
    spread = checks.one_number("sigma", sigma, SIGMA)
    repeats = int(checks.one_number("replicates", replicates, REPLICATES))
    start = int(checks.one_number("seed", seed, SEED))
    shares = [[common_part(valid, shared) for shared in columns] for valid in rows]
    answers = np.empty((rows.size, columns.size))
    apart = sorted({share for row in shares for share in row}, reverse=True)
    drafts = [Draft(int(pool), int(lists), int(taken), share) for share in apart]
    minutes = repeats * sum(draft.seconds for draft in drafts) / 60
    if minutes > LONGEST_MAP:
        rule = f"leave the map less than about {LONGEST_MAP} minutes to simulate: fewer points, "
        raise InputError(
            "validity", f"{rule}replicates or mentors", Found(f"{minutes:.0f} minutes")
        )
    for share, draft in tracked(list(zip(apart, drafts, strict=True)), "drafts"):
        outcomes = simulated(draft, repeats, start)
        for row, column in np.argwhere(np.asarray(shares) == share):
            answers[row, column] = outcomes.ratios(spread * rows[row])[which].mean()
    return checks.answer(answers)


def _points(name: str, value: object) -> FloatArray:
    """The shares along one side of a map."""
    points = SHARE.check(name, value)
    if not points.size or points.size > max((1, *points.shape)):
        rule = "be one row or one column of numbers"
        raise InputError(name, rule, Found(" x ".join(map(str, points.shape)) + " numbers"))
    return points.ravel()


def _summary(outcomes: Outcomes, slope: float) -> FloatArray:
    """Means over replicates, each followed by its standard error."""
    ratios = outcomes.ratios(slope)
    values = np.stack([*ratios, *(ratios < WORTH_LESS).astype(np.float64), outcomes.overlap])
    errors = values.std(axis=-1, ddof=1) / np.sqrt(values.shape[-1])
    return np.stack([values.mean(axis=-1), errors], axis=-1).ravel()
