"""What mentors have in common, from how often their first choices are the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pycore import checks
from pycore.checks import PLACES, REPLICATES, SEED, SHARE, UNIT_RATIO, Domain, FloatArray
from pycore.draft.bands import Draft
from pycore.draft.mentors import APPLICANTS
from pycore.draft.rounds import common_part, simulate_drafts
from pycore.errors import Found, InputError

__all__ = ["shared_criteria_from_overlap"]

MENTORS = Domain(2, 500, whole=True)

LOW, HIGH = 0.05, 0.95

HALVINGS = 10
"""How often what a value may be is halved: to within 1/2048."""

LONGEST = 10
"""How many minutes of simulation, by an estimate from its sizes alone."""

SAME = 1e-9
"""Shares that differ by less are one."""


def shared_criteria_from_overlap(
    overlap: float,
    applicants: float,
    mentors: float,
    places: float,
    validity: float,
    replicates: float,
    seed: float,
) -> FloatArray:
    """The share of criteria that mentors have in common, from their first choices.

    Parameters
    ----------
    overlap : float
        Share of mentors whose first choice among all applicants is another mentor's first choice
        too, from 0 to 1; as each named it before anyone was taken.
    applicants : float
        How many apply; a whole number from 1 to 20,000.
    mentors : float
        How many mentors choose; a whole number from 2 to 500, at most `places`.
    places : float
        How many scholars they take together; a whole number from 1 to 1,000, at most
        `applicants`.
    validity : float
        Correlation of a mentor's score with true worth to that mentor; above 0 and at most 1.
    replicates : float
        How many drafts are simulated for each value tried; a whole number from 2 to 10,000.
    seed : float
        Where the random numbers start; a whole number from 0. Equal seeds, equal results.

    Returns
    -------
    ndarray
        The share, and the low and high end of its 90% interval: 0 where less overlap is seen than
        mentors without common criteria would show, and 1 where more than full agreement would.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `places` is above `applicants`, `mentors`
        is above `places`, or there is too much to simulate.

    Notes
    -----
    The central value is the one at which `mentor_margin` shows that overlap on average, found by
    halving on common random numbers, to within 1/2048. The low end is the value at which so much
    overlap or more would be seen once in 20 times, the high end that at which so little or less
    would, equal overlap counted half (mid-P). One cohort says little: the interval is of what one
    draft shows. The simulation adds an error of about ``width / (3 * sqrt(replicates))``, with the
    width of that interval. What is not known of validity is not in it.

    Examples
    --------
    >>> shared_criteria_from_overlap(0.2, 300, 20, 24, 0.6, 100, 1).round(2)
    array([0.55, 0.  , 1.  ])
    """
    seen = checks.one_number("overlap", overlap, SHARE)
    pool = int(checks.one_number("applicants", applicants, APPLICANTS))
    lists = int(checks.one_number("mentors", mentors, MENTORS))
    taken = int(checks.one_number("places", places, PLACES))
    valid = checks.one_number("validity", validity, UNIT_RATIO)
    repeats = int(checks.one_number("replicates", replicates, REPLICATES))
    start = int(checks.one_number("seed", seed, SEED))
    checks.check_at_most("places", np.asarray(taken), "applicants", np.asarray(pool))
    checks.check_at_most("mentors", np.asarray(lists), "places", np.asarray(taken))
    longest = Draft(pool, lists, taken, common_part(valid, 1)).seconds
    minutes = 3 * (HALVINGS + 2) * repeats * longest / 60
    if minutes > LONGEST:
        rule = f"leave less than about {LONGEST} minutes to simulate"
        raise InputError("replicates", rule, Found(f"{minutes:.0f} minutes"))
    drawn: dict[float, FloatArray] = {}

    def shown(shared: float) -> FloatArray:
        """The overlap of each simulated draft."""
        if shared not in drawn:
            draft = Draft(pool, lists, taken, common_part(valid, shared))
            drawn[shared] = simulate_drafts(draft, repeats, start).overlap
        return drawn[shared]

    def above(shared: float) -> float:
        """The share of drafts with more overlap than was seen, equal overlap counted half."""
        more = shown(shared) - seen
        return float((more > SAME).mean() + (np.abs(more) <= SAME).mean() / 2)

    central = _root(lambda shared: float(shown(shared).mean()) - seen)
    low = _root(lambda shared: above(shared) - LOW)
    high = _root(lambda shared: above(shared) - HIGH)
    return np.asarray([central, low, high])


def _root(rising: Callable[[float], float]) -> float:
    """Where a function of a share comes from below 0 to above; the end that is nearest, if not."""
    if rising(0.0) >= 0:
        return 0.0
    if rising(1.0) <= 0:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
