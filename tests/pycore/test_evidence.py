"""Evidence into assumptions: published figures, closed forms, independent oracles, coverage."""

from __future__ import annotations

import doctest
import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pycore import evidence
from pycore.draft import overlap
from pycore.errors import InputError
from pycore.evidence import (
    pool_elasticity_from_cohorts,
    share_from_survey,
    shared_criteria_from_scores,
    studies_pooled,
    validity_from_outcomes,
)
from pycore.uncertainty import choosing
from tests.pycore.evidence_coverage import CASES, coverage

DATA_SETS = 60
"""For a few of each case: the command of evidence_coverage.py takes 1,000."""

FARTHEST_OFF = 4 * math.sqrt(0.9 * 0.1 / DATA_SETS)

NINETY = stats.norm.ppf(0.95)


def refused(argument: str, call: Any, *arguments: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*arguments)
    assert caught.value.argument.split(" ")[0] == argument
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("module", [evidence, overlap, choosing], ids=lambda each: each.__name__)
def test_the_examples_of_the_docstrings_hold(module: ModuleType) -> None:
    runner, finder = doctest.DocTestRunner(verbose=False), doctest.DocTestFinder(recurse=False)
    for name in module.__all__:
        (test,) = finder.find(getattr(module, name), name, globs=dict(vars(module)))
        assert test.examples
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


@pytest.mark.parametrize("name", CASES)
def test_intervals_cover_the_truth(name: str) -> None:
    inside, below, above = coverage(CASES[name], DATA_SETS)
    assert inside == pytest.approx(0.9, abs=FARTHEST_OFF)
    assert max(below, above) < 0.05 + FARTHEST_OFF


# The elasticity of the pool


def test_the_published_cohorts() -> None:
    found = pool_elasticity_from_cohorts([2023, 2026], [460, 2203], [60, 120]).tolist()
    assert found == [pytest.approx(math.log(2203 / 460) / math.log(2)), "", ""]
    assert round(found[0], 2) == 2.26


@given(
    st.lists(st.tuples(st.integers(1, 500), st.floats(0, 5)), min_size=3, max_size=8),
    st.permutations(range(3)),
)
def test_more_cohorts_by_least_squares(
    cohorts: list[tuple[int, float]], order: tuple[int, ...]
) -> None:
    admitted = [cohort for cohort, _ in cohorts]
    if len(set(admitted)) == 1:
        return
    applicants = [cohort * math.exp(more) for cohort, more in cohorts]
    years = list(range(2020, 2020 + len(cohorts)))
    found = np.asarray(pool_elasticity_from_cohorts(years, applicants, admitted), dtype=float)
    fit: Any = stats.linregress(np.log(admitted), np.log(applicants))
    margin = stats.t.ppf(0.95, len(cohorts) - 2) * fit.stderr
    expected = [fit.slope, fit.slope - margin, fit.slope + margin]
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)
    moved = [[each[i] for i in [*order, *range(3, len(each))]] for each in (applicants, admitted)]
    assert np.asarray(pool_elasticity_from_cohorts(years, *moved), dtype=float) == pytest.approx(
        found, rel=1e-9, abs=1e-9
    )


def test_a_pool_that_follows_a_power_has_no_error() -> None:
    admitted = [10, 20, 40, 80]
    found = pool_elasticity_from_cohorts(
        [2020, 2021, 2022, 2023, ""], [100 * n**1.5 for n in admitted] + [None], [*admitted, ""]
    )
    assert np.asarray(found, dtype=float) == pytest.approx([1.5] * 3)


def test_cohorts_that_say_nothing_are_refused() -> None:
    call = pool_elasticity_from_cohorts
    assert "60 in all" in refused("admitted", call, [2023, 2024], [460, 500], [60, 60])
    refused("years", call, [2023], [460], [60])
    refused("years", call, [], [], [])
    refused("admitted", call, [2023, 2024], [460, 50], [60, 70])
    assert "2024 twice" in refused("years", call, [2024, 2024], [460, 500], [60, 70])
    refused("applicants", call, [2023, 2024], [460], [60, 70])
    refused("applicants", call, [2023, 2024], [460, None], [60, 70])
    refused("admitted", call, [2023, 2024], [460, 500], [60, "many"])
    refused("years", call, [[2023, 2024]], [460, 500], [60, 70])


# Shared criteria from scores


def test_two_mentors_are_one_correlation() -> None:
    random = np.random.default_rng(1)
    scores = random.normal(size=(40, 2)) + random.normal(size=(40, 1))
    r = np.corrcoef(*scores.T)[0, 1]
    central, low, high = shared_criteria_from_scores(scores.tolist(), 0.9)
    assert central == pytest.approx(r / 0.81)
    # The jackknife's standard error of Fisher's z is near that of the normal theory.
    z = math.atanh(r)
    ends = [math.tanh(z + side * NINETY / math.sqrt(37)) / 0.81 for side in (-1, 1)]
    assert [low, high] == pytest.approx(np.clip(ends, 0, 1), abs=0.12)


def test_the_mean_over_pairs_by_numpy() -> None:
    random = np.random.default_rng(2)
    scores = random.normal(size=(30, 5)) + random.normal(size=(30, 1))
    pairs = np.asarray(np.corrcoef(scores.T))[np.triu_indices(5, 1)]
    assert shared_criteria_from_scores(scores.tolist(), 1)[0] == pytest.approx(pairs.mean())


@given(st.integers(0, 10_000), st.floats(0.1, 100), st.floats(-50, 50))
def test_each_mentors_own_scale_does_not_matter(seed: int, factor: float, offset: float) -> None:
    random = np.random.default_rng(seed)
    scores = random.normal(size=(12, 3)) + random.normal(size=(12, 1))
    other = scores * [1, factor, 1] + [0, offset, -offset]
    found = [
        np.asarray(shared_criteria_from_scores(each.tolist(), 0.8), dtype=float)
        for each in (scores, other, scores[::-1], scores[:, ::-1])
    ]
    assert (found[0] >= 0).all()
    assert (found[0] <= 1).all()
    assert found[0][1] <= found[0][0] <= found[0][2]
    for each in found[1:]:
        assert each == pytest.approx(found[0], abs=1e-6)


def test_full_agreement_and_full_disagreement() -> None:
    line = [[each, 2 * each, each + 5] for each in range(12)]
    assert shared_criteria_from_scores(line, 1).tolist() == pytest.approx([1, 1, 1])
    assert shared_criteria_from_scores([[a, -b] for a, b, _ in line], 1).tolist() == [0, 0, 0]


def test_blank_rows_and_columns_are_passed_over_and_few_people_have_no_interval() -> None:
    random = np.random.default_rng(3)
    scores = random.normal(size=(9, 3)).tolist()
    found = shared_criteria_from_scores(scores, 0.7).tolist()
    assert found[1:] == ["", ""]
    wider = [[*row[:2], "", row[2]] for row in scores] + [["", None, "", ""], [1.0, "", "", ""]]
    # Who was scored once is in no pair, but moves the mean of that mentor's scores.
    assert shared_criteria_from_scores(wider, 0.7)[0] == pytest.approx(found[0])


def test_scores_that_say_nothing_are_refused() -> None:
    call = shared_criteria_from_scores
    assert "one" in refused("scores", call, [[1, 2], [2, ""], [3, ""], [4, ""]], 1)
    halves = [[each, ""] for each in range(5)] + [["", each] for each in range(5)]
    refused("scores", call, halves, 1)
    assert "5 for all" in refused("scores", call, [[1, 5], [2, 5], [3, 5], [4, 5]], 1)
    refused("scores", call, [[1], [2], [3], [4]], 1)
    refused("scores", call, [["", ""]], 1)
    refused("scores", call, [[1, "good"], [2, 3]], 1)
    refused("scores", call, [[1, 2], [3]], 1)
    refused("scores", call, [[1, 2], [2, 1], [3, math.nan]], 1)
    table = [[1, 2], [2, 1], [3, 4], [4, 3]]
    for validity in (0, 1.1, "", None, [0.5]):
        refused("validity", call, table, validity)
    common = [[1, 1], [2, 1], [3, 1], [4, 1], ["", 2], [2, ""]]  # no spread in common
    refused("scores", call, common, 1)


# Validity


@given(st.integers(0, 10_000), st.integers(5, 60), st.floats(1, 4))
def test_thorndikes_correction(seed: int, people: int, wider: float) -> None:
    random = np.random.default_rng(seed)
    scores = random.normal(size=people)
    outcomes = scores + random.normal(size=people)
    r = np.corrcoef(scores, outcomes)[0, 1]
    found = validity_from_outcomes(scores, outcomes, wider * scores.std(ddof=1))
    z = math.atanh(r)
    ends = [math.tanh(z + side * NINETY / math.sqrt(people - 3)) for side in (0, -1, 1)]
    expected = [e * wider / math.sqrt(1 - e * e + (e * wider) ** 2) for e in ends]
    assert found == pytest.approx(expected)
    # The correlation that the regression on scores has over the whole range.
    fit: Any = stats.linregress(scores, outcomes)
    left = outcomes - fit.intercept - fit.slope * scores
    through = fit.slope * wider * scores.std()
    assert found[0] == pytest.approx(through / math.hypot(through, left.std()))


def test_without_narrowing_it_is_the_correlation_and_blanks_are_passed_over() -> None:
    scores, outcomes = [1, 2, 3, 4, 5, "", 7], [2, 1, 4, 3, 5, 9, None]
    found = validity_from_outcomes(scores, outcomes, float(np.std([1, 2, 3, 4, 5], ddof=1)))
    assert found[0] == pytest.approx(0.8)
    assert validity_from_outcomes([1, 2, 3, 4], [2, 4, 6, 8], 3).tolist() == pytest.approx([1] * 3)


def test_outcomes_that_say_nothing_are_refused() -> None:
    call = validity_from_outcomes
    assert "is 3" in refused("scores", call, [1, 2, 3], [2, 1, 3], 1)
    refused("scores", call, [1, 2, 3, 4], [2, 1, 3, ""], 1)
    refused("scores", call, [5, 5, 5, 5], [2, 1, 3, 4], 1)
    refused("outcomes", call, [1, 2, 3, 4], [7, 7, 7, 7], 1)
    refused("outcomes", call, [1, 2, 3, 4], [7, 7, 7], 1)
    refused("outcomes", call, [1, 2, 3, 4], [7, 8, 9, "left"], 1)
    for spread in (0, -1, "", math.inf):
        refused("sd_all", call, [1, 2, 3, 4], [2, 1, 3, 4], spread)


# Surveys


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 500))
def test_the_interval_of_clopper_and_pearson(yes: int, no: int, silent: int) -> None:
    answers = yes + no
    if not answers:
        return
    share, low, high, least, most = share_from_survey(yes, answers, answers + silent)  # type: ignore[misc]
    exact: Any = stats.binomtest(yes, answers).proportion_ci(0.9, "exact")
    assert [low, high] == pytest.approx([exact.low, exact.high], abs=1e-9)
    assert share == yes / answers
    assert least <= share <= most
    assert [least, most] == pytest.approx(
        [yes / (answers + silent), (yes + silent) / (answers + silent)]
    )


def test_surveys_broadcast_and_give_the_digits_of_single_calls() -> None:
    yes = np.arange(0, 73, 9)
    found = share_from_survey(yes, 72, [[72], [157]])
    assert np.shape(found) == (2, 9, 5)
    singles: Any = [[share_from_survey(y, 72, invited) for y in yes] for invited in (72, 157)]
    assert np.array_equal(found, singles)


def test_counts_that_contradict_each_other_are_refused() -> None:
    refused("answers", share_from_survey, 5, 20, 10)
    refused("yes", share_from_survey, 21, 20, 30)
    refused("answers", share_from_survey, 0, 0, 30)
    refused("yes", share_from_survey, 1.5, 20, 30)
    refused("yes", share_from_survey, "", 20, 30)
    refused("answers", share_from_survey, [1, 2, 3], [20, 30], 40)


# Studies


def test_studies_that_agree_are_weighted_by_their_variance() -> None:
    sd = np.asarray([1.0, 2.0, 4.0])
    found = [10.0, 10.5, 9.0]
    pooled = studies_pooled(found, found - NINETY * sd, found + NINETY * sd, [1, 1, 1], "plain")
    weights = 1 / sd**2
    mean = (weights * found).sum() / weights.sum()
    margin = NINETY / math.sqrt(weights.sum())
    assert pooled == pytest.approx([mean, mean - margin, mean + margin])


def test_studies_that_disagree_by_der_simonian_and_laird() -> None:
    y, sd = np.asarray([0.0, 4.0, 8.0, 5.0]), np.asarray([1.0, 0.5, 1.0, 0.8])
    pooled = studies_pooled(y, y - NINETY * sd, y + NINETY * sd, [2, 2, 2, 2], "plain")
    w = 1 / sd**2
    scatter = (w * (y - (w * y).sum() / w.sum()) ** 2).sum()
    between = (scatter - 3) / (w.sum() - (w**2).sum() / w.sum())
    w = 1 / (sd**2 + between)
    mean = (w * y).sum() / w.sum()
    dispersion = max(1, (w * (y - mean) ** 2).sum() / 3)
    margin = stats.t.ppf(0.95, 3) * math.sqrt(dispersion / w.sum())
    assert pooled == pytest.approx([mean, mean - margin, mean + margin])


def test_weights_count_and_a_weight_of_zero_leaves_out() -> None:
    columns: Any = ([0.2, 0.3, 0.6], [0.1, 0.2, 0.4], [0.3, 0.5, 0.8])
    call: Any = studies_pooled
    first_two = [each[:2] for each in columns]
    without = call(*first_two, [1, 1], "logit")
    assert np.array_equal(call(*columns, [3, 3, 0], "logit"), without)
    trusting = call(*columns, [1, 1, 100], "logit")
    assert trusting[0] > call(*columns, [1, 1, 1], "logit")[0]
    assert call(*columns, [0, 1, 0], "log").tolist() == [0.3, 0.2, 0.5]
    spare: Any = [[*each, ""] for each in (*columns, [3, 3, 0])]
    assert np.array_equal(call(*spare, "logit"), without)


@given(
    st.lists(st.tuples(*[st.floats(0.01, 0.9)] * 3, st.floats(0.01, 100)), min_size=2, max_size=6),
    st.sampled_from(["plain", "log", "logit"]),
)
def test_pooled_studies_lie_among_them(rows: list[tuple[float, ...]], scale: str) -> None:
    low, middle, high = np.sort(np.asarray([row[:3] for row in rows]), axis=1).T
    low, high = low * 0.99, high * 1.01
    weights = [row[3] for row in rows]
    pooled = studies_pooled(middle, low, high, weights, scale)
    assert middle.min() - 1e-9 <= pooled[0] <= middle.max() + 1e-9
    assert pooled[1] < pooled[0] < pooled[2]
    scaled = studies_pooled(middle, low, high, np.asarray(weights) * 7, scale)
    assert scaled == pytest.approx(pooled, rel=1e-6)


def test_studies_that_say_nothing_are_refused() -> None:
    call, one = studies_pooled, [1, 2]
    assert "all be 0" in refused("weights", call, one, [0, 1], [2, 3], [0, 0], "plain")
    refused("weights", call, one, [0, 1], [2, 3], [1, -1], "plain")
    refused("lows", call, one, [1, 1], [1, 3], [1, 1], "plain")
    refused("lows", call, one, [2, 1], [2, 3], [1, 1], "plain")
    refused("estimates", call, [3, 2], [0, 1], [2, 3], [1, 1], "plain")
    refused("highs", call, one, [0, 1], [2], [1, 1], "plain")
    refused("estimates", call, [1, ""], [0, 1], [2, 3], [1, 1], "plain")
    refused("lows", call, one, [0, 1], [2, 3], [1, 1], "log")
    refused("weights", call, [""], [""], [""], [""], "plain")
    refused("scale", call, one, [0, 1], [2, 3], [1, 1], "cubic")
