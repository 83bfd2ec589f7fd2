"""The marginal scholar, against NormalDist, numeric integration and simulation."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq

from pycore import cohorts as kernels
from pycore.errors import InputError
from pycore.selection import (
    admission_rate,
    breakeven_elasticity,
    grown_cohort,
    grown_pool,
    impact_sigma,
    marginal_ratio,
    marginal_value,
    mean_to_median,
    scholars_per_mentor,
    skill_density,
    tail_share,
    validity_at_ratio,
)

NORMAL = NormalDist()

cohorts = st.integers(2, 300)
crowding = st.floats(1, 200)  # applicants for each place
validities = st.floats(0, 1)
sigmas = st.floats(0, 4)
some_validity = st.floats(0.05, 1)
some_sigma = st.floats(0.1, 4)


def blom(place: float, pool: float) -> float:
    return NORMAL.inv_cdf(1 - (place - 0.375) / (pool + 0.25))


def mean_score(pool: float, cohort: int) -> float:
    return math.fsum(blom(k, pool) for k in range(1, cohort + 1)) / cohort


# The spread of impact


def test_published_sigma() -> None:
    assert impact_sigma(4) == pytest.approx(1.97957, abs=5e-6)
    assert impact_sigma(4, 0.98) == impact_sigma(4)


@given(st.floats(1e-3, 20), st.floats(0.01, 0.999))
def test_the_range_of_the_lognormal_spans_those_orders(orders: float, coverage: float) -> None:
    log_impact = NormalDist(0, float(impact_sigma(orders, coverage)))
    top, bottom = (log_impact.inv_cdf((1 + side * coverage) / 2) for side in (1, -1))
    assert (top - bottom) / math.log(10) == pytest.approx(orders, rel=1e-9)


def test_the_sigma_of_a_sample_spans_its_range() -> None:
    rng = np.random.default_rng(11)
    impact = np.exp(float(impact_sigma(4)) * rng.standard_normal(1_000_000))
    low, high = np.quantile(impact, [0.01, 0.99])
    assert math.log10(high / low) == pytest.approx(4, abs=0.02)


@given(st.floats(0.01, 0.99), st.floats(0.01, 4))
def test_tail_share_is_an_integral(top: float, sigma: float) -> None:
    def impact(w: float) -> float:
        return math.exp(sigma * w - sigma * sigma / 2) * NORMAL.pdf(w)

    bar = NORMAL.inv_cdf(1 - top)
    above, _ = quad(impact, bar, max(bar, sigma) + 10, epsabs=1e-12, points=[max(bar, sigma)])
    assert tail_share(top, sigma) == pytest.approx(above, abs=1e-9)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999), sigmas)
def test_more_people_hold_more_of_the_impact(first: float, second: float, sigma: float) -> None:
    few, many = sorted((first, second))
    assert 0 <= tail_share(few, sigma) <= tail_share(many, sigma) <= 1
    assert tail_share(few, sigma) >= few - 1e-12  # the top never hold less than their number


def test_without_spread_the_top_hold_their_number() -> None:
    tops = np.linspace(0.05, 0.95, 19)
    assert tail_share(tops, 0) == pytest.approx(tops, abs=1e-14)


def test_tail_share_and_mean_in_a_sample() -> None:
    rng = np.random.default_rng(12)
    impact = np.sort(np.exp(1.2 * rng.standard_normal(1_000_000)))[::-1]
    assert tail_share(0.05, 1.2) == pytest.approx(impact[:50_000].sum() / impact.sum(), abs=0.01)
    assert mean_to_median(1.2) == pytest.approx(impact.mean() / np.median(impact), rel=0.01)


def test_mean_to_median_by_hand() -> None:
    assert mean_to_median(0) == 1
    assert mean_to_median(math.sqrt(2 * math.log(7))) == pytest.approx(7, rel=1e-12)
    assert mean_to_median(1.97957) == pytest.approx(7.09, abs=0.005)


# The last admitted beside the central one


@given(cohorts, crowding, validities, sigmas)
def test_marginal_ratio_from_two_scores(
    admitted: int, per_place: float, validity: float, sigma: float
) -> None:
    applicants = admitted * per_place
    last, centre = blom(admitted, applicants), blom((admitted + 1) / 2, applicants)
    expected = math.exp(sigma * validity * (last - centre))
    assert marginal_ratio(applicants, admitted, validity, sigma) == pytest.approx(
        expected, rel=1e-9
    )


@given(cohorts, crowding, validities, sigmas)
def test_the_marginal_scholar_is_worth_less_than_the_central(
    admitted: int, per_place: float, validity: float, sigma: float
) -> None:
    ratio = marginal_ratio(admitted * per_place, admitted, validity, sigma)
    assert 0 < ratio <= 1


def test_no_difference_without_selection_spread_or_others() -> None:
    assert marginal_ratio(1000, 50, 0, 2) == 1
    assert marginal_ratio(1000, 50, 0.5, 0) == 1
    assert marginal_ratio(1000, 1, 0.5, 2) == 1


@given(cohorts, crowding, validities, validities, some_sigma)
def test_better_selection_lowers_the_marginal_scholar(
    admitted: int, per_place: float, first: float, second: float, sigma: float
) -> None:
    noisy, sharp = sorted((first, second))
    applicants = admitted * per_place
    assert marginal_ratio(applicants, admitted, sharp, sigma) <= marginal_ratio(
        applicants, admitted, noisy, sigma
    )


def test_the_score_ratio_in_simulated_cohorts() -> None:
    rng = np.random.default_rng(13)
    scores = np.sort(rng.standard_normal((4000, 500)), axis=1)[:, ::-1]
    slope = 0.4 * 1.5
    # The geometric mean over cohorts: Blom's scores stand for the expected ones.
    gap = (scores[:, 40] - scores[:, 20]).mean()  # the 41st and the 21st of 41
    assert marginal_ratio(500, 41, 0.4, 1.5) == pytest.approx(math.exp(slope * gap), rel=0.005)


def test_the_expected_value_given_a_score() -> None:
    """E[v|s] rises by sigma*validity for each sd of score, as the module says."""
    rng = np.random.default_rng(14)
    validity, sigma = 0.6, 0.8
    s = rng.standard_normal(4_000_000)
    w = validity * s + math.sqrt(1 - validity**2) * rng.standard_normal(s.size)
    value = np.exp(sigma * w)
    near = [value[np.abs(s - at) < 0.05].mean() for at in (0.0, 1.0)]
    assert math.log(near[1] / near[0]) == pytest.approx(sigma * validity, abs=0.02)


@given(cohorts, crowding, some_validity, some_sigma)
def test_validity_at_ratio_inverts_marginal_ratio(
    admitted: int, per_place: float, validity: float, sigma: float
) -> None:
    applicants = admitted * per_place
    ratio = float(marginal_ratio(applicants, admitted, validity, sigma))
    assume(1e-9 <= ratio < 1 - 1e-6)
    found = validity_at_ratio(applicants, admitted, ratio, sigma)
    assert found == pytest.approx(validity, rel=1e-7)


@given(cohorts, crowding, st.floats(0.01, 1), some_sigma)
def test_marginal_ratio_inverts_validity_at_ratio(
    admitted: int, per_place: float, ratio: float, sigma: float
) -> None:
    applicants = admitted * per_place
    validity = validity_at_ratio(applicants, admitted, ratio, sigma)
    if validity <= 1:
        assert marginal_ratio(applicants, admitted, validity, sigma) == pytest.approx(
            ratio, rel=1e-9
        )
    else:
        # No selection, however valid, brings the marginal scholar down to that ratio.
        assert marginal_ratio(applicants, admitted, 1, sigma) > ratio


def test_above_the_validity_the_bar_matters() -> None:
    validity = float(validity_at_ratio(2203, 120, 0.8, 1.97957))
    assert validity == pytest.approx(0.355, abs=5e-4)
    assert marginal_ratio(2203, 120, validity + 0.01, 1.97957) < 0.8
    assert marginal_ratio(2203, 120, validity - 0.01, 1.97957) > 0.8


def test_a_ratio_of_one_needs_no_validity() -> None:
    found = float(validity_at_ratio(1000, 50, 1, 2))
    assert found == 0
    assert math.copysign(1, found) == 1  # a cell would show "-0"


@pytest.mark.parametrize(
    ("function", "row"),
    [
        (marginal_ratio, (10, 11, 0.3, 2)),
        (validity_at_ratio, (10, 11, 0.8, 2)),
        (skill_density, (10, 11, 0.3, 2)),
        (breakeven_elasticity, (10, 11, 12, 0.3, 2)),
        (admission_rate, (10, 11)),
    ],
)
def test_nobody_admits_more_than_apply(function: Any, row: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match=r"^admitted must be at most applicants \(10\), but is 11"):
        function(*row)


# Skill density


@given(st.integers(1, 120), crowding, validities, sigmas)
def test_skill_density_is_a_mean_over_places(
    admitted: int, per_place: float, validity: float, sigma: float
) -> None:
    applicants = admitted * per_place
    slope = sigma * validity
    expected = (
        math.fsum(
            math.exp(slope * blom(k, applicants) - slope**2 / 2) for k in range(1, admitted + 1)
        )
        / admitted
    )
    assert skill_density(applicants, admitted, validity, sigma) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("slope", [0.0, 0.7, 3.0, 5.0, 8.0, 14.97, 30.0])
def test_a_density_next_to_nothing_keeps_its_digits(slope: float) -> None:
    logs = [slope * blom(k, 2093) - slope**2 / 2 for k in range(1, 56)]
    expected = math.fsum(map(math.exp, logs)) / 55
    assert skill_density(2093, 55, 1, slope) == pytest.approx(expected, rel=1e-11)
    whole = np.asarray(skill_density(2093, [1, 55], 1, [[0.7], [slope]]))
    assert whole[1, 1] == skill_density(2093, 55, 1, slope)


def test_skill_density_in_simulated_cohorts() -> None:
    rng = np.random.default_rng(15)
    validity, sigma = 0.4, 1.0
    s = rng.standard_normal((4000, 500))
    w = validity * s + math.sqrt(1 - validity**2) * rng.standard_normal(s.shape)
    value = np.exp(sigma * w)
    best = np.argsort(-s, axis=1)[:, :50]
    density = np.take_along_axis(value, best, axis=1).mean() / value.mean()
    assert skill_density(500, 50, validity, sigma) == pytest.approx(density, rel=0.01)


def test_admitting_everyone_gives_the_pool() -> None:
    # To the approximation of Blom's scores, which is close in a large pool.
    assert skill_density(20_000, 20_000, 0.5, 1) == pytest.approx(1, abs=1e-3)
    assert skill_density(1000, 50, 0, 2) == 1
    assert skill_density(1000, 50, 0.5, 0) == 1


@given(cohorts, crowding, some_validity, some_sigma)
def test_a_bigger_pool_is_denser_and_a_bigger_cohort_less_so(
    admitted: int, per_place: float, validity: float, sigma: float
) -> None:
    applicants = (admitted + 1) * per_place
    density = skill_density(applicants, admitted, validity, sigma)
    assert skill_density(applicants * 1.5, admitted, validity, sigma) > density
    assert skill_density(applicants, admitted + 1, validity, sigma) < density


def test_blocks_do_not_change_the_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(16)
    pools = rng.uniform(500, 5000, 200)
    sizes = rng.integers(1, 40, 200)
    whole = skill_density(pools, sizes, 0.4, 1.5)
    for scores in (1, 100, 1000):
        monkeypatch.setattr(kernels, "LARGEST_BLOCK", scores)
        assert np.array_equal(skill_density(pools, sizes, 0.4, 1.5), whole)


def test_a_cohort_of_a_million() -> None:
    density = float(skill_density(1e9, 1e6, 0.3, 2))
    # In so large a pool the mean over places is the integral over the top share.
    assert density == pytest.approx(float(tail_share(1e-3, 0.6)) / 1e-3, rel=1e-4)


# Growth


@pytest.mark.parametrize(
    ("admitted", "growth", "grown"),
    [
        (45, 1.5, 68),
        (120, 1, 120),
        (5, 0.5, 3),  # halves up, not to even
        (3, 0.5, 2),
        (1, 0.4, 0),
        (7, 1.2, 8),
        (1_000_000, 1000, 1_000_000_000),
    ],
)
def test_a_grown_cohort_is_whole(admitted: int, growth: float, grown: int) -> None:
    assert grown_cohort(admitted, growth) == grown


@given(st.integers(1, 10_000), st.integers(1, 5000))
def test_halves_go_up_for_any_growth_in_per_cent(admitted: int, per_cent: int) -> None:
    # As a person reads the two cells: 50 scholars growing by 15% are 57.5, which rounds to 58.
    exact = Fraction(admitted) * Fraction(per_cent, 100)
    assert grown_cohort(admitted, per_cent / 100) == math.floor(exact + Fraction(1, 2))


def test_halves_go_up_where_the_product_falls_just_short() -> None:
    assert grown_cohort(50, 1.15) == 58  # 50 * 1.15 is 57.49999999999999 in floats


def test_a_pool_grows_with_its_elasticity() -> None:
    assert grown_pool(2000, 100, 200, 1) == 4000
    assert grown_pool(2000, 100, 200, 2) == 8000
    assert grown_pool(2000, 100, 200, 0) == 2000
    assert grown_pool(2000, 100, 200, -1) == 1000
    assert grown_pool(2000, 100, 400, 0.5) == pytest.approx(4000, rel=1e-14)
    assert grown_pool(2000, 100, 100, 3.3) == 2000


@given(st.floats(10, 1e6), st.integers(1, 5000), st.integers(1, 5000), st.floats(-3, 3))
def test_the_elasticity_is_the_log_slope(
    applicants: float, admitted: int, grown: int, elasticity: float
) -> None:
    pool = float(grown_pool(applicants, admitted, grown, elasticity))
    assert math.log(pool / applicants) == pytest.approx(
        elasticity * math.log(grown / admitted), abs=1e-11
    )


@given(
    st.integers(5, 200), st.floats(2, 100), st.floats(0.3, 3), st.floats(0.1, 1), st.floats(0.3, 3)
)
def test_at_the_breakeven_elasticity_the_density_stays(
    admitted: int, per_place: float, growth: float, validity: float, sigma: float
) -> None:
    grown = int(float(grown_cohort(admitted, growth)))
    assume(grown not in (0, admitted))
    applicants = admitted * per_place
    elasticity = breakeven_elasticity(applicants, admitted, grown, validity, sigma)
    pool = grown_pool(applicants, admitted, grown, elasticity)
    before = skill_density(applicants, admitted, validity, sigma)
    assert skill_density(pool, grown, validity, sigma) == pytest.approx(before, rel=1e-9)


@pytest.mark.parametrize("grown", [60, 119, 121, 180, 1200])
def test_denser_above_the_breakeven_and_thinner_below(grown: int) -> None:
    elasticity = float(breakeven_elasticity(2203, 120, grown, 0.3, 1.97957))
    before = skill_density(2203, 120, 0.3, 1.97957)
    above = skill_density(grown_pool(2203, 120, grown, elasticity + 0.05), grown, 0.3, 1.97957)
    below = skill_density(grown_pool(2203, 120, grown, elasticity - 0.05), grown, 0.3, 1.97957)
    bigger = grown > 120
    assert (above > before) == bigger
    assert (below < before) == bigger


@pytest.mark.parametrize(
    ("validity", "sigma"), [(1e-3, 1e-2), (1e-5, 1e-5), (1e-9, 1.97957), (0.3, 1e-9), (1e-9, 1e-9)]
)
def test_the_breakeven_of_faint_selection_is_that_of_the_mean_score(
    validity: float, sigma: float
) -> None:
    # exp(a*s) is nearly 1 + a*s, so what has to stay is the mean score. An error would do
    # where the digits do not suffice; a number that means nothing would not.
    target = mean_score(2203, 120)
    pool = brentq(lambda pool: mean_score(pool, 180) - target, 180, 1e6, xtol=1e-9)
    expected = math.log(pool / 2203) / math.log(180 / 120)
    try:
        found = breakeven_elasticity(2203, 120, 180, validity, sigma)
    except InputError:
        return
    assert found == pytest.approx(expected, abs=1e-3)


def test_a_cohort_that_does_not_change_has_the_breakeven_of_the_least_growth() -> None:
    found = breakeven_elasticity(2203, 120, [119, 120, 121], 0.3, 2)
    assert isinstance(found, np.ndarray)
    assert found[1] == found[2] == breakeven_elasticity(2203, 120, 120, 0.3, 2)
    # It is a limit: from below it is nearly the same.
    assert found[1] == pytest.approx(found[0], rel=2e-4)


def test_a_density_that_no_pool_keeps_is_refused() -> None:
    with pytest.raises(InputError, match=r"^grown must have a pool, from itself to 1,000,000,000"):
        breakeven_elasticity(1e9, 1, 1_000_000, 0.3, 2)
    with pytest.raises(InputError, match=r"^grown \(item 1 of 2\) must have a pool"):
        breakeven_elasticity([1e9, 2203], [1, 120], [1_000_000, 180], 0.3, 2)


# Quotients and products


def test_marginal_value_by_hand() -> None:
    assert marginal_value(100_000, 0.8) == 80_000
    assert marginal_value(100_000, 0) == 0


@given(st.floats(1, 1e9), st.floats(0, 1))
def test_the_marginal_scholar_is_worth_at_most_the_central(value: float, ratio: float) -> None:
    assert 0 <= marginal_value(value, ratio) <= value


def test_rates_by_hand() -> None:
    assert admission_rate(1000, 50) == 0.05
    assert admission_rate(7, 7) == 1
    assert scholars_per_mentor(60, 15) == 4
    assert scholars_per_mentor(10, 4) == 2.5


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_rates_are_exact_quotients(first: int, second: int) -> None:
    small, large = sorted((first, second))
    assert admission_rate(large, small) == float(Fraction(small, large))
    assert scholars_per_mentor(first, second) == float(Fraction(first, second))
