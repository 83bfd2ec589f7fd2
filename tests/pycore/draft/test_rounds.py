"""The draft of mentors, beside the plain dense simulation of it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from scipy import stats

from pycore.draft import rounds as drafts
from pycore.draft.bands import Draft
from pycore.draft.rounds import Outcomes, common_part, simulate_drafts

REPLICATES = 20_000
AT_ONCE = 2_000
SLOPE = 1.97957 * 0.6

SETTINGS: dict[str, tuple[int, int, int, float, float]] = {
    "middling": (60, 8, 11, 0.6, 0.5),
    "validity 0": (60, 8, 11, 0.0, 0.5),
    "validity 1": (60, 8, 11, 1.0, 0.5),
    "no shared criteria": (60, 8, 11, 0.6, 0.0),
    "all criteria shared": (60, 8, 11, 0.6, 1.0),
    "everyone agrees": (40, 5, 7, 1.0, 1.0),
    "nearly everyone agrees": (40, 5, 7, 0.999, 1.0),
    "one mentor": (40, 1, 7, 0.7, 0.5),
    "places = mentors": (50, 10, 10, 0.7, 0.6),
    "places = applicants": (12, 5, 12, 0.8, 0.6),
    "all places but one": (12, 5, 11, 0.8, 0.6),
    "30 mentors with 3 places each": (110, 30, 90, 0.6, 0.5),
    "one of everything but a spare": (2, 1, 1, 0.6, 0.5),
}


def dense(draft: Draft, replicates: int, seed: int) -> Outcomes:
    """Every score drawn, every pick in its turn: the definition, replicates side by side."""
    rng = np.random.default_rng(seed)
    parts = [_dense(draft, AT_ONCE, rng) for _ in range(replicates // AT_ONCE)]
    return Outcomes(
        np.concatenate([part.middle for part in parts], axis=-1),
        np.concatenate([part.extra for part in parts], axis=-1),
        np.concatenate([part.overlap for part in parts]),
    )


def _dense(draft: Draft, replicates: int, rng: np.random.Generator) -> Outcomes:
    pool, mentors_, places = draft.applicants, draft.mentors, draft.places
    rows = np.arange(replicates)
    scores = rng.standard_normal((replicates, mentors_ + 1, pool)) * math.sqrt(1 - draft.shared**2)
    scores += draft.shared * rng.standard_normal((replicates, 1, pool))
    first = scores[:, :mentors_].argmax(axis=-1)
    overlap = ((first[:, :, None] == first[:, None]).sum(axis=-1) > 1).mean(axis=-1)
    taken = np.empty((replicates, places))
    for place in range(places):
        if place % mentors_ == 0:
            order = rng.permuted(np.tile(np.arange(mentors_), (replicates, 1)), axis=-1)
        mentor = order[:, place % mentors_]
        best = scores[rows, mentor].argmax(axis=-1)
        taken[:, place] = scores[rows, mentor, best]
        scores[rows, :, best] = -np.inf
    taken.sort(axis=-1)
    middle = taken[:, [(places - 1) // 2, places // 2]].T
    drawn = rng.integers(0, mentors_, replicates)
    extra = np.stack([scores[rows, drawn].max(axis=-1), scores[:, mentors_].max(axis=-1)])
    return Outcomes(middle, extra, overlap)


@cache
def both(name: str) -> tuple[Outcomes, Outcomes]:
    pool, mentors, places, validity, shared = SETTINGS[name]
    draft = Draft(pool, mentors, places, common_part(validity, shared))
    return simulate_drafts(draft, REPLICATES, 30), dense(draft, REPLICATES, 31)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_means_are_those_of_the_dense_simulation(name: str) -> None:
    ours, plain = (
        np.stack([*(ratios := each.ratios(SLOPE)), *(ratios < 0.8), each.overlap])
        for each in both(name)
    )
    gap = np.abs(ours.mean(axis=-1) - plain.mean(axis=-1))
    error = np.hypot(ours.std(axis=-1), plain.std(axis=-1)) / math.sqrt(REPLICATES)
    assert (gap <= 3 * error + 1e-12).all(), gap / error


@pytest.mark.parametrize("name", SETTINGS)
def test_the_distributions_are_those_of_the_dense_simulation(name: str) -> None:
    ours, plain = both(name)
    pairs = [
        *zip(ours.ratios(SLOPE), plain.ratios(SLOPE), strict=True),
        *zip(ours.middle, plain.middle, strict=True),
        *zip(ours.extra, plain.extra, strict=True),
    ]
    for mine, theirs in pairs:
        if not np.isnan(mine).all():  # of those admitted where everyone is
            assert stats.ks_2samp(mine, theirs).pvalue > 0.01


DEEP = {"most are taken": (100, 20, 95, 0.5), "mentors agree": (400, 40, 120, 0.95)}


@pytest.mark.parametrize("name", DEEP)
def test_a_deep_draft_is_the_same_by_bands_and_densely(name: str) -> None:
    draft, again = Draft(*DEEP[name]), Draft(*DEEP[name])
    assert draft.is_deep
    object.__setattr__(again, "first_depth", 1.0)  # so that it is taken for a shallow one
    assert not again.is_deep
    ours, banded = simulate_drafts(draft, 5_000, 1), simulate_drafts(again, 5_000, 2)
    pairs = zip([*ours.extra, *ours.middle], [*banded.extra, *banded.middle], strict=True)
    for mine, theirs in pairs:
        assert stats.ks_2samp(mine, theirs).pvalue > 0.001
    gap = ours.overlap.mean() - banded.overlap.mean()
    assert abs(gap) < 3 * np.hypot(ours.overlap.std(), banded.overlap.std()) / 5_000**0.5


@pytest.mark.parametrize("depth", [0.3, 2.0, 40.0])
def test_a_deeper_or_shallower_first_band_changes_no_distribution(depth: float) -> None:
    draft, plain = Draft(60, 8, 11, 0.7), dense(Draft(60, 8, 11, 0.7), REPLICATES, 5)
    draft.__dict__["first_depth"] = depth  # in the place of what it works out for itself
    ours = simulate_drafts(draft, REPLICATES, 6)
    for mine, theirs in zip(
        [*ours.extra, *ours.middle], [*plain.extra, *plain.middle], strict=True
    ):
        assert stats.ks_2samp(mine, theirs).pvalue > 0.01
    gap = ours.overlap.mean() - plain.overlap.mean()
    assert abs(gap) < 3 * np.hypot(ours.overlap.std(), plain.overlap.std()) / REPLICATES**0.5


def test_one_mentor_takes_the_order_statistics_of_normals() -> None:
    """The k-th best of N uniforms is Beta(N + 1 - k, k)."""
    ours = simulate_drafts(Draft(500, 1, 5, 0.4), REPLICATES, 8)
    for score, place in ((ours.middle[0], 3), (ours.extra[0], 6)):
        exact = stats.beta(500 + 1 - place, place)
        assert stats.kstest(stats.norm.cdf(score), exact.cdf).pvalue > 0.01


def test_where_everyone_agrees_picks_are_the_order_statistics() -> None:
    ours = simulate_drafts(Draft(300, 6, 7, 1.0), REPLICATES, 9)
    assert np.array_equal(ours.extra[0], ours.extra[1])
    assert (ours.overlap == 1).all()
    for score, place in ((ours.middle[0], 4), (ours.extra[0], 8)):
        exact = stats.beta(300 + 1 - place, place)
        assert stats.kstest(stats.norm.cdf(score), exact.cdf).pvalue > 0.01


@pytest.mark.parametrize("size", [(60, 8, 11, 0.42), (100, 20, 95, 0.9), (2200, 100, 120, 0.42)])
@pytest.mark.parametrize("batch", [1, 7, 100])
def test_the_size_of_a_batch_changes_not_a_digit(
    size: tuple[int, int, int, float], batch: int
) -> None:
    whole, parts = simulate_drafts(Draft(*size), 60, 3), simulate_drafts(Draft(*size), 60, 3, batch)
    assert np.array_equal(whole.middle, parts.middle)
    assert np.array_equal(whole.extra, parts.extra)
    assert np.array_equal(whole.overlap, parts.overlap)


def test_fewer_replicates_are_the_first_of_more() -> None:
    draft = Draft(60, 8, 11, 0.42)
    few, more = simulate_drafts(draft, 20, 3), simulate_drafts(draft, 90, 3)
    assert np.array_equal(few.extra, more.extra[:, :20])


def test_binomial_quantiles() -> None:
    uniform = np.random.default_rng(3).uniform(0, 1, 2000)
    for trials, chance in ((1, 0.3), (40, 0.02), (2200, 0.25), (20_000, 0.001), (9, 1.0), (9, 0.0)):
        ours = drafts._binomial(uniform, np.full(2000, trials), chance)
        assert np.array_equal(ours, stats.binom.ppf(uniform, trials, chance))
    assert drafts._binomial(np.array([0.5]), np.array([0]), 0.5) == 0
