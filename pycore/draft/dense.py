"""The draft of mentors with every score drawn and every pick in its turn.

Where nearly all applicants are taken, or mentors agree, lists have to be revealed so deep that
drawing all of each takes less time than :mod:`pycore.draft.rounds` does. A replicate has a stream
of random numbers of its own (Philox, Salmon et al. 2011, doi:10.1145/2063384.2063405), so it is
the same in any batch.
"""

from __future__ import annotations

import numpy as np

from pycore.checks import FloatArray
from pycore.hashed import Bits

__all__ = ["dense_seconds", "draft_densely"]

STARTING, PER_SCORE, PER_PICK = 80e-6, 9e-9, 1e-6
"""Seconds that a replicate, each score in it and each pick take, on some machine."""


def dense_seconds(applicants: int, mentors: int, places: int) -> float:
    """About how long a replicate takes."""
    return STARTING + PER_SCORE * (mentors + 1) * applicants + PER_PICK * places


def draft_densely(
    applicants: int, mentors: int, places: int, shared: float, own: float, keys: Bits
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Simulate some replicates, by their keys.

    Parameters
    ----------
    shared, own : float
        The weights of what mentors share and of each one's own part in a score.

    Returns
    -------
    tuple of ndarray
        A column for each replicate: the scores of the two at the centre of the admitted, that of
        the extra scholar for either alternative, the share of mentors whose first choice is shared.
    """
    rows = [_replicate(applicants, mentors, places, shared, own, key) for key in keys]
    middle, extra, overlap = zip(*rows, strict=True)
    return np.stack(middle, axis=1), np.stack(extra, axis=1), np.asarray(overlap)


def _replicate(
    applicants: int, mentors: int, places: int, shared: float, own: float, key: np.uint64
) -> tuple[FloatArray, FloatArray, float]:
    """Simulate one replicate."""
    random = np.random.Generator(np.random.Philox(key=int(key)))
    scores = random.standard_normal((mentors + 1, applicants))
    scores *= own
    scores += shared * random.standard_normal(applicants)
    first = scores[:mentors].argmax(axis=1)
    overlap = float((np.bincount(first, minlength=applicants)[first] > 1).mean())
    taken = np.empty(places)
    for start in range(0, places, mentors):
        order = random.permutation(mentors)[: places - start]
        for pick, mentor in enumerate(order, start):
            best = scores[mentor].argmax()
            taken[pick] = scores[mentor, best]
            scores[:, best] = -np.inf
    centre = [(places - 1) // 2, places // 2]
    extra = np.asarray([scores[random.integers(mentors)].max(), scores[mentors].max()])
    return np.partition(taken, centre)[centre], extra, overlap
