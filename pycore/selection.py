"""The marginal scholar under one common bar.

Worth ``w`` is standard normal and impact is ``exp(sigma*w)``. A selector sees a score ``s``
whose correlation with ``w`` is `validity`, so that an applicant with the score ``s`` has
the expected impact ``exp(sigma*validity*s + sigma^2*(1 - validity^2)/2)``. Applicants stand
in one line; the score of the k-th of N is taken at its expected place (Blom 1958):
``s_k = Phi^-1(1 - (k - 0.375)/(N + 0.25))``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pycore import checks, cohorts, normal
from pycore.checks import (
    AMOUNT,
    COUNT,
    COVERAGE,
    ELASTICITY,
    GROWTH,
    INNER_SHARE,
    MULTIPLE,
    ORDERS,
    POOL,
    SHARE,
    SIGMA,
    UNIT_RATIO,
    Domain,
    Numbers,
)

__all__ = [
    "admission_rate",
    "breakeven_elasticity",
    "grown_cohort",
    "grown_pool",
    "impact_sigma",
    "marginal_ratio",
    "marginal_value",
    "mean_to_median",
    "scholars_per_mentor",
    "skill_density",
    "tail_share",
    "validity_at_ratio",
]

NEARLY_HALF = 1e-9

SPREAD = Domain(1e-9, SIGMA.maximum, words=f"a number above 0 and at most {SIGMA.maximum:g}")
SEVERAL = Domain(2, COUNT.maximum, whole=True)


def impact_sigma(orders_of_magnitude: npt.ArrayLike, coverage: npt.ArrayLike = 0.98) -> Numbers:
    """The spread of impact between people, as the log-sd of a lognormal.

    Parameters
    ----------
    orders_of_magnitude : array_like
        How many powers of ten lie between the ends of the range; above 0.
    coverage : array_like
        The central share of people inside that range; 0.98 leaves 1% on either side.

    Returns
    -------
    float or ndarray
        The standard deviation of the natural logarithm of impact.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``orders*ln(10) / (2*z)`` with ``z = Phi^-1((1 + coverage)/2)``.

    Examples
    --------
    >>> round(impact_sigma(4, 0.98), 5)
    1.97957
    """
    orders, coverage = checks.checked(
        orders_of_magnitude=(orders_of_magnitude, ORDERS), coverage=(coverage, COVERAGE)
    )
    return checks.answer(orders * np.log(10.0) / (2 * normal.quantile((1 + coverage) / 2)))


def tail_share(top: npt.ArrayLike, sigma: npt.ArrayLike) -> Numbers:
    """The share of all impact that comes from the top few people.

    Parameters
    ----------
    top : array_like
        The top share of people, such as 0.01 for the top 1%; above 0 and below 1.
    sigma : array_like
        Log-sd of impact, from 0 to 30.

    Returns
    -------
    float or ndarray
        A share from 0 to 1.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``Phi(sigma - Phi^-1(1 - top))``, the Lorenz curve of a lognormal.

    Examples
    --------
    >>> round(tail_share(0.01, 1.97957), 3)
    0.364
    """
    top, sigma = checks.checked(top=(top, INNER_SHARE), sigma=(sigma, SIGMA))
    return checks.answer(normal.cdf(sigma + normal.quantile(top)))


def mean_to_median(sigma: npt.ArrayLike) -> Numbers:
    """How many times the median person's impact the mean impact is.

    Parameters
    ----------
    sigma : array_like
        Log-sd of impact, from 0 to 30.

    Returns
    -------
    float or ndarray
        The mean over the median, 1 or more.

    Raises
    ------
    InputError
        If `sigma` is blank, text or out of bounds.

    Notes
    -----
    ``exp(sigma^2 / 2)`` for a lognormal.

    Examples
    --------
    >>> round(mean_to_median(1.97957), 2)
    7.09
    """
    sigma = SIGMA.check("sigma", sigma)
    return checks.answer(np.exp(sigma * sigma / 2))


def marginal_ratio(
    applicants: npt.ArrayLike,
    admitted: npt.ArrayLike,
    validity: npt.ArrayLike,
    sigma: npt.ArrayLike,
) -> Numbers:
    """Expected impact of the last scholar admitted over that of the central one.

    Parameters
    ----------
    applicants : array_like
        How many apply; 1 or more.
    admitted : array_like
        How many are admitted; a whole number, at most `applicants`.
    validity : array_like
        Correlation of the selection score with true worth, from 0 to 1.
    sigma : array_like
        Log-sd of impact, from 0 to 30.

    Returns
    -------
    float or ndarray
        The ratio, above 0 and at most 1.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `admitted` is above `applicants`, or
        the shapes do not fit.

    Notes
    -----
    ``exp(sigma*validity*(s_n - s_c))`` with ``n = admitted``, ``c = (n + 1)/2`` and Blom's
    ``s_k = Phi^-1(1 - (k - 0.375)/(N + 0.25))``: everyone in one line, admitted from the top.

    Examples
    --------
    >>> round(marginal_ratio(2203, 120, 0.3, 1.97957), 3)
    0.828
    """
    pool, cohort, validity, sigma = checks.checked(
        applicants=(applicants, POOL),
        admitted=(admitted, COUNT),
        validity=(validity, SHARE),
        sigma=(sigma, SIGMA),
    )
    checks.check_at_most("admitted", cohort, "applicants", pool)
    return checks.answer(np.exp(sigma * validity * cohorts.score_gap(pool, cohort)))


def validity_at_ratio(
    applicants: npt.ArrayLike,
    admitted: npt.ArrayLike,
    ratio: npt.ArrayLike,
    sigma: npt.ArrayLike,
) -> Numbers:
    """The validity of selection at which the marginal scholar is worth a given ratio.

    Parameters
    ----------
    applicants : array_like
        How many apply; 1 or more.
    admitted : array_like
        How many are admitted; a whole number of at least 2, at most `applicants`.
    ratio : array_like
        Marginal over central impact; above 0 and at most 1.
    sigma : array_like
        Log-sd of impact; above 0 and at most 30.

    Returns
    -------
    float or ndarray
        The validity. Above it the bar matters, below it does not; a value above 1 means that
        no selection, however valid, brings the marginal scholar down to that ratio.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `admitted` is above `applicants`, or
        the shapes do not fit.

    Notes
    -----
    ``ln(ratio) / (sigma*(s_n - s_c))``, the inverse of `marginal_ratio`.

    Examples
    --------
    >>> round(validity_at_ratio(2203, 120, 0.8, 1.97957), 3)
    0.355
    """
    pool, cohort, ratio, sigma = checks.checked(
        applicants=(applicants, POOL),
        admitted=(admitted, SEVERAL),
        ratio=(ratio, UNIT_RATIO),
        sigma=(sigma, SPREAD),
    )
    checks.check_at_most("admitted", cohort, "applicants", pool)
    validity = np.log(ratio) / (sigma * cohorts.score_gap(pool, cohort))
    return checks.answer(validity + 0.0)  # adding 0 turns the -0 of a ratio of 1 into 0


def skill_density(
    applicants: npt.ArrayLike,
    admitted: npt.ArrayLike,
    validity: npt.ArrayLike,
    sigma: npt.ArrayLike,
) -> Numbers:
    """Expected impact of the admitted, relative to the mean of the whole pool.

    Parameters
    ----------
    applicants : array_like
        How many apply; 1 or more.
    admitted : array_like
        How many are admitted; a whole number, at most `applicants`.
    validity : array_like
        Correlation of the selection score with true worth, from 0 to 1.
    sigma : array_like
        Log-sd of impact, from 0 to 30.

    Returns
    -------
    float or ndarray
        3 where the admitted are expected to have three times the impact of the pool's mean; 1
        where the score says nothing of worth. Blom's scores leave the very best a little low,
        so that a pool admitted whole comes out below 1.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `admitted` is above `applicants`, or
        the shapes do not fit.

    Notes
    -----
    ``mean over k <= n of exp(a*s_k - a^2/2)`` with ``a = sigma*validity``, ``n = admitted``
    and Blom's ``s_k = Phi^-1(1 - (k - 0.375)/(N + 0.25))``.

    Examples
    --------
    >>> round(skill_density(2203, 120, 0.3, 1.97957), 2)
    2.86
    """
    pool, cohort, validity, sigma = checks.checked(
        applicants=(applicants, POOL),
        admitted=(admitted, COUNT),
        validity=(validity, SHARE),
        sigma=(sigma, SIGMA),
    )
    checks.check_at_most("admitted", cohort, "applicants", pool)
    return checks.answer(cohorts.density(pool, cohort, sigma * validity))


def grown_cohort(admitted: npt.ArrayLike, growth: npt.ArrayLike) -> Numbers:
    """The size of a cohort after it grows by a factor, in whole scholars.

    Parameters
    ----------
    admitted : array_like
        How many are admitted now; a whole number of at least 1.
    growth : array_like
        The factor by which the cohort grows, from 0.01 to 1000.

    Returns
    -------
    float or ndarray
        A whole number: ``admitted*growth`` rounded to the nearest, halves up.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``floor(admitted*growth + 1/2)``. A growth that leaves no scholar gives 0, which the
    functions of a cohort refuse.

    Examples
    --------
    >>> grown_cohort(45, 1.5)
    68.0
    """
    cohort, growth = checks.checked(admitted=(admitted, COUNT), growth=(growth, GROWTH))
    # 50 x 1.15 is 57.5 to a reader, and a hair less in binary: it must still go up.
    return checks.answer(np.floor(cohort * growth + 0.5 + NEARLY_HALF))


def grown_pool(
    applicants: npt.ArrayLike,
    admitted: npt.ArrayLike,
    grown: npt.ArrayLike,
    elasticity: npt.ArrayLike,
) -> Numbers:
    """The size of the pool of applicants after the cohort has grown.

    Parameters
    ----------
    applicants : array_like
        How many apply now, N0; 1 or more.
    admitted : array_like
        How many are admitted now, n0; a whole number.
    grown : array_like
        How many are admitted after the growth, n1; a whole number.
    elasticity : array_like
        By what percentage the pool grows when the cohort grows by 1%, from -10 to 10.

    Returns
    -------
    float or ndarray
        How many apply then, N1; it need not be whole.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``N1 = N0*(n1/n0)^elasticity``.

    Examples
    --------
    >>> grown_pool(2000, 100, 200, 1)
    4000.0
    """
    pool, cohort, grown, elasticity = checks.checked(
        applicants=(applicants, POOL),
        admitted=(admitted, COUNT),
        grown=(grown, COUNT),
        elasticity=(elasticity, ELASTICITY),
    )
    return checks.answer(pool * np.power(grown / cohort, elasticity))


def breakeven_elasticity(
    applicants: npt.ArrayLike,
    admitted: npt.ArrayLike,
    grown: npt.ArrayLike,
    validity: npt.ArrayLike,
    sigma: npt.ArrayLike,
) -> Numbers:
    """The elasticity of the pool at which a grown cohort is exactly as skill-dense.

    Parameters
    ----------
    applicants : array_like
        How many apply now; 1 or more.
    admitted : array_like
        How many are admitted now; a whole number, at most `applicants`.
    grown : array_like
        How many are admitted after the growth; a whole number.
    validity : array_like
        Correlation of the selection score with true worth; above 0 and at most 1.
    sigma : array_like
        Log-sd of impact; above 0 and at most 30.

    Returns
    -------
    float or ndarray
        The elasticity. A bigger cohort is also denser where the pool's elasticity is above
        it. Of a cohort that does not change, where any would do, that for one more scholar: the
        least growth there is.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, if no pool keeps the density, or the
        shapes do not fit.

    Notes
    -----
    Solves ``skill_density(N0*(n1/n0)^e, n1) = skill_density(N0, n0)`` for ``e``, to the
    last digits, by Newton's method inside a bracket.

    Examples
    --------
    >>> round(breakeven_elasticity(2203, 120, 180, 0.3, 1.97957), 3)
    0.991
    """
    pool, cohort, grown, validity, sigma = checks.checked(
        applicants=(applicants, POOL),
        admitted=(admitted, COUNT),
        grown=(grown, COUNT),
        validity=(validity, UNIT_RATIO),
        sigma=(sigma, SPREAD),
    )
    checks.check_at_most("admitted", cohort, "applicants", pool)
    grown = np.where(grown == cohort, cohort + 1, grown)
    surplus = cohorts.density_surplus(pool, cohort, sigma * validity)
    slope, start = sigma * validity, pool * (grown / cohort)
    grown_pool_size = cohorts.pool_of_surplus(surplus, grown, slope, start)
    if not np.isfinite(grown_pool_size).all():
        rule = f"have a pool, from itself to {POOL.maximum:,.0f}, that keeps the skill density"
        checks.refuse("grown", rule, grown, ~np.isfinite(grown_pool_size))
    return checks.answer(np.log(grown_pool_size / pool) / np.log(grown / cohort))


def marginal_value(value: npt.ArrayLike, ratio: npt.ArrayLike) -> Numbers:
    """The value of the marginal scholar, from that of the central one.

    Parameters
    ----------
    value : array_like
        Value of a researcher at the centre of the programme's distribution, in USD.
    ratio : array_like
        Impact of the marginal scholar over that of the central one; 0 or more.

    Returns
    -------
    float or ndarray
        USD.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``value*ratio``.

    Examples
    --------
    >>> marginal_value(100_000, 0.8)
    80000.0
    """
    value, ratio = checks.checked(value=(value, AMOUNT), ratio=(ratio, MULTIPLE))
    return checks.answer(value * ratio)


def admission_rate(applicants: npt.ArrayLike, admitted: npt.ArrayLike) -> Numbers:
    """The share of applicants that is admitted.

    Parameters
    ----------
    applicants : array_like
        How many apply; 1 or more.
    admitted : array_like
        How many are admitted; a whole number, at most `applicants`.

    Returns
    -------
    float or ndarray
        A share above 0 and at most 1.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, `admitted` is above `applicants`, or
        the shapes do not fit.

    Notes
    -----
    ``admitted / applicants``.

    Examples
    --------
    >>> admission_rate(1000, 50)
    0.05
    """
    pool, cohort = checks.checked(applicants=(applicants, POOL), admitted=(admitted, COUNT))
    checks.check_at_most("admitted", cohort, "applicants", pool)
    return checks.answer(cohort / pool)


def scholars_per_mentor(admitted: npt.ArrayLike, mentors: npt.ArrayLike) -> Numbers:
    """How many scholars each mentor takes on average.

    Parameters
    ----------
    admitted : array_like
        How many scholars are admitted; a whole number of at least 1.
    mentors : array_like
        How many mentors there are; a whole number of at least 1.

    Returns
    -------
    float or ndarray
        Scholars for each mentor.

    Raises
    ------
    InputError
        If an argument is blank, text or out of bounds, or the shapes do not fit.

    Notes
    -----
    ``admitted / mentors``.

    Examples
    --------
    >>> scholars_per_mentor(60, 15)
    4.0
    """
    cohort, mentors = checks.checked(admitted=(admitted, COUNT), mentors=(mentors, COUNT))
    return checks.answer(cohort / mentors)
