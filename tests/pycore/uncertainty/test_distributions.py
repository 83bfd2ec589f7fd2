"""Distributions fitted to ranges, against scipy.stats, closed forms and quadrature."""

from __future__ import annotations

import doctest
import math
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import logit

from pycore.errors import InputError, shown
from pycore.uncertainty import correlations, distributions
from pycore.uncertainty.distributions import KINDS, Fitted, fit, range_echo, range_warning
from pycore.uncertainty.metalogs import needed_end

Z = float(stats.norm.ppf(0.95))
U = np.concatenate([[1e-12, 1e-6], np.linspace(0.001, 0.999, 999), [1 - 1e-6, 1 - 1e-12]])
SPREADING = tuple(kind for kind in KINDS if kind != "fixed")

every_spreading = pytest.mark.parametrize("kind", SPREADING)


def oracle(
    kind: str,
    low: float,
    central: float,
    high: float,
    minimum: float = -np.inf,
    maximum: float = np.inf,
) -> Any:
    """The same distribution, from the textbook's formulas and scipy.stats."""
    if kind == "metalog":
        start = minimum if minimum < low else -np.inf
        return Keelin(low, central, high, start, maximum if maximum > high else np.inf)
    if kind == "uniform":
        width = (high - low) / 0.9
        return stats.uniform(low - 0.05 * width, width)
    if kind == "normal":
        return stats.norm((low + high) / 2, (high - low) / (2 * Z))
    if kind == "lognormal":
        return stats.lognorm(math.log(high / low) / (2 * Z), scale=math.sqrt(low * high))
    family: Any = fit(kind, low, central, high).family
    if kind == "beta":
        return stats.beta(family.first, family.second)
    width = family.end - family.start
    if kind == "pert":
        mode = (central - family.start) / width
        return stats.beta(1 + 4 * mode, 5 - 4 * mode, loc=family.start, scale=width)
    return stats.triang((central - family.start) / width, loc=family.start, scale=width)


class Keelin:
    """The metalog of a symmetric percentile triplet, as the paper writes it, number by number."""

    def __init__(self, low: float, central: float, high: float, start: float, end: float) -> None:
        self.start, self.end = start, end
        first, middle, last = map(self.unbounded, (low, central, high))
        self.a1, self.a2 = middle, (last - first) / (2 * math.log(19))
        self.a3 = (last + first - 2 * middle) / (0.9 * math.log(19))

    def unbounded(self, x: float) -> float:
        if np.isfinite(self.start) and np.isfinite(self.end):
            return math.log((x - self.start) / (self.end - x))
        if np.isfinite(self.start):
            return math.log(x - self.start)
        return -math.log(self.end - x) if np.isfinite(self.end) else x

    def one(self, y: float) -> float:
        odds = math.log(y / (1 - y))
        z = self.a1 + self.a2 * odds + self.a3 * (y - 1 / 2) * odds
        if np.isfinite(self.start) and np.isfinite(self.end):
            return (self.start + self.end * math.exp(z)) / (1 + math.exp(z))
        if np.isfinite(self.start):
            return self.start + math.exp(z)
        return self.end - math.exp(-z) if np.isfinite(self.end) else z

    def weight(self, x: float) -> float:
        if not self.start < x < self.end:
            return float(x >= self.end)
        low, high = 1e-15, 1 - 1e-15
        if self.one(high) <= x or x <= self.one(low):
            return float(x > self.one(low))
        return float(brentq(lambda y: self.one(y) - x, low, high, xtol=1e-16, rtol=1e-15))

    def ppf(self, y: Any) -> Any:
        return np.vectorize(self.one)(y)

    def isf(self, y: Any) -> Any:
        return np.vectorize(self.one)(1 - y)

    def cdf(self, x: Any) -> Any:
        return np.vectorize(self.weight)(x)

    def sf(self, x: Any) -> Any:
        return 1 - self.cdf(x)

    def mean_between(self, first: float, last: float) -> float:
        edges = [
            first,
            *(y for y in (1e-9, 1e-4, 0.5, 1 - 1e-4, 1 - 1e-9) if first < y < last),
            last,
        ]
        parts = [quad(self.one, *ends, epsabs=1e-12, epsrel=1e-10)[0] for ends in pairwise(edges)]
        return math.fsum(parts) / (last - first)

    def mean(self) -> float:
        assert not np.isfinite([self.start, self.end]).any()
        return self.a1 + self.a3 / 2


def truncated_mean(truth: Any, fitted: Fitted) -> float:
    first, last = fitted.minimum, fitted.maximum
    if isinstance(truth, Keelin):
        ends = np.clip(truth.cdf([first, last]), 1e-300, 1 - 1e-16)
        return truth.mean_between(*map(float, ends))
    corners = [truth.ppf(p) for p in (1e-6, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1 - 1e-6)]
    points = [x for x in corners if first < x < last]
    part, _ = quad(lambda x: x * truth.pdf(x), first, last, points=points, limit=500)
    whole, _ = quad(truth.pdf, first, last, points=points, limit=500)
    return float(part / whole)


RANGES = [(0.2, 0.3, 0.5), (0.02, 0.1, 0.4), (0.6, 0.9, 0.95), (0.49, 0.5, 0.51), (0.1, 0.1, 0.3)]


def suited(kind: str, low: float, central: float, high: float) -> tuple[float, float, float]:
    """The range, its central value where a metalog without bounds admits it."""
    least, most = (low + share * (high - low) for share in (0.13, 0.87))
    return low, min(max(central, least), most) if kind == "metalog" else central, high


@every_spreading
@pytest.mark.parametrize("given_range", RANGES)
def test_the_percentiles_are_the_ends_of_the_range(
    kind: str, given_range: tuple[float, float, float]
) -> None:
    low, central, high = suited(kind, *given_range)
    fitted = fit(kind, low, central, high)
    assert fitted.quantile([0.05, 0.95]) == pytest.approx([low, high], rel=1e-9)
    assert fitted.cdf([low, high]) == pytest.approx([0.05, 0.95], abs=1e-9)


@every_spreading
@pytest.mark.parametrize("given_range", RANGES)
def test_against_scipy_stats(kind: str, given_range: tuple[float, float, float]) -> None:
    given_range = suited(kind, *given_range)
    truth, fitted = oracle(kind, *given_range), fit(kind, *given_range)
    inner = U[1:-1]
    assert fitted.quantile(inner) == pytest.approx(truth.ppf(inner), rel=1e-8, abs=1e-12)
    x = np.linspace(truth.ppf(1e-6), truth.ppf(1 - 1e-6), 300)
    assert fitted.cdf(x) == pytest.approx(truth.cdf(x), abs=1e-10)
    assert fitted.mean == pytest.approx(truth.mean(), rel=1e-9)


# The bounds cut off a little, a half, all but the lower tail and all but the upper one.
BOUNDS = [(0.1, 0.9), (-np.inf, 0.32), (0.31, 0.33), (0.05, 0.16), (0.6, 0.75)]


@every_spreading
@pytest.mark.parametrize("bounds", BOUNDS)
def test_truncated_against_scipy_stats(kind: str, bounds: tuple[float, float]) -> None:
    given_range = (0.2, 0.3, 0.5)
    truth = oracle(kind, *given_range, *bounds)
    below, above = truth.cdf(bounds[0]), truth.sf(bounds[1])
    if 1 - below - above < 1e-9:
        with pytest.raises(InputError, match="cut it all away"):
            fit(kind, *given_range, *bounds)
        return
    fitted = fit(kind, *given_range, *bounds)
    shares = np.linspace(0.001, 0.999, 333)
    expected = truth.isf(truth.sf(bounds[0]) - shares * (1 - below - above))
    assert fitted.quantile(shares) == pytest.approx(expected, rel=1e-8)
    assert fitted.cdf(expected) == pytest.approx(shares, abs=1e-7)
    assert fitted.mean == pytest.approx(truncated_mean(truth, fitted), rel=1e-7)


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("score", [3.0, 5.0, 5.9])
def test_the_far_tail_keeps_its_digits(score: float, side: int) -> None:
    """Of a standard normal; scipy's truncnorm works with logarithms of weights."""
    bounds = sorted((side * score, side * np.inf))
    fitted = fit("normal", -Z, 0, Z, *bounds)
    truth = stats.truncnorm(*bounds)
    assert fitted.quantile(U) == pytest.approx(truth.ppf(U), rel=1e-9)
    assert fitted.mean == pytest.approx(truth.mean(), rel=1e-9)
    x = truth.ppf(np.linspace(0.01, 0.99, 99))
    assert fitted.cdf(x) == pytest.approx(truth.cdf(x), abs=1e-9)


def test_a_truncated_lognormal_in_closed_form() -> None:
    fitted = fit("lognormal", 1, 5, 40, 3, 20)
    middle, sd = math.log(40) / 2, math.log(40) / (2 * Z)
    first, last = ((math.log(end) - middle) / sd for end in (3, 20))
    phi = stats.norm.cdf
    share = (phi(last - sd) - phi(first - sd)) / (phi(last) - phi(first))
    assert fitted.mean == pytest.approx(math.exp(middle + sd * sd / 2) * share, rel=1e-12)


def test_symmetric_ranges_give_symmetric_shapes() -> None:
    triangle: Any = fit("triangular", -1, 0, 1).family
    # P95 of a triangle from -c to c is c*(1 - sqrt(0.1)).
    assert triangle.end == pytest.approx(1 / (1 - math.sqrt(0.1)), rel=1e-12)
    assert triangle.start == pytest.approx(-triangle.end, rel=1e-12)
    for kind in ("beta", "pert"):
        shapes: Any = fit(kind, 0.3, 0.5, 0.7).family
        assert shapes.first == pytest.approx(shapes.second, rel=1e-9)


@pytest.mark.parametrize(("first", "second"), [(1, 1), (2, 5), (0.5, 0.5), (0.3, 8), (80, 3)])
def test_the_shapes_of_a_beta_are_found_again(first: float, second: float) -> None:
    low, high = stats.beta(first, second).ppf([0.05, 0.95])
    family: Any = fit("beta", low, low, high).family
    assert [family.first, family.second] == pytest.approx([first, second], rel=1e-8)


@pytest.mark.parametrize("low", [1e-9, 1e-5, 0.01, 0.3, 0.9, 0.9999])
@pytest.mark.parametrize("high", [1e-6, 0.001, 0.2, 0.5, 0.99, 1 - 1e-5, 1 - 1e-9])
def test_lopsided_betas_keep_their_digits(low: float, high: float) -> None:
    if low >= high:
        return
    fitted = fit("beta", low, low, high)
    truth = oracle("beta", low, low, high)
    x = fitted.quantile(U)
    assert np.isfinite(x).all()
    assert (np.diff(x) >= 0).all()
    assert fitted.quantile([0.05, 0.95]) == pytest.approx([low, high], rel=1e-7)
    inside = (x > 1e-290) & (x < 1 - 1e-6)
    assert truth.cdf(x[inside]) == pytest.approx(U[inside], rel=1e-6)


@pytest.mark.parametrize("kind", ["triangular", "pert"])
@pytest.mark.parametrize("place", [0, 1e-9, 0.01, 0.2, 0.5, 0.8, 0.99, 1])
def test_every_mode_between_the_percentiles_has_its_distribution(kind: str, place: float) -> None:
    low, high = 1000.0, 5000.0
    central = low + place * (high - low)
    fitted = fit(kind, low, central, high)
    assert fitted.quantile([0.05, 0.95]) == pytest.approx([low, high], rel=1e-9)
    x = np.linspace(fitted.minimum, fitted.maximum, 4001)
    steepest = x[np.argmax(np.diff(fitted.cdf(x)))]
    assert steepest == pytest.approx(central, abs=2 * (x[1] - x[0]) + 1)


def test_a_fixed_value_is_central() -> None:
    fitted = fit("fixed", 1, 2, 5, 0, 9)
    assert fitted.quantile([0, 0.3, 1]).tolist() == [2, 2, 2]
    assert fitted.quantile(0.5).shape == ()
    assert fitted.cdf([1.9, 2, 2.1]).tolist() == [0, 1, 1]
    assert fitted.mean == 2
    assert fit("fixed", 2, 2, 2, 2, 2).quantile(0.1) == 2


# Whatever the range


@st.composite
def metalogs(draw: st.DrawFn, widest: float = 1.5) -> tuple[Any, ...]:
    """A metalog in one of its forms, with central values up to the ends of what it admits."""
    middle = draw(st.floats(-3, 3))
    width = draw(st.floats(0.01, widest))
    first, last = middle - width / 2, middle + width / 2
    central = first + draw(st.floats(0.126, 0.874)) * width
    start, size = draw(st.floats(-100, 100)), draw(st.floats(1, 100))
    points = np.array([first, central, last])
    low, middle, high = {
        "straight": start + size * points,
        "up": start + size * np.exp(points),
        "down": start - size * np.exp(-points),
        "both": start + size / (1 + np.exp(-points)),
    }[form := draw(st.sampled_from(("straight", "up", "down", "both")))]
    minimum = start if form in ("up", "both") else -np.inf
    maximum = {"down": start, "both": start + size}.get(form, np.inf)
    return "metalog", float(low), float(middle), float(high), minimum, maximum


@st.composite
def arguments(draw: st.DrawFn) -> tuple[Any, ...]:
    """Any kind, an ordered range that suits it, and bounds that leave it half its weight."""
    kind = draw(st.sampled_from(SPREADING))
    if kind == "metalog":
        return draw(metalogs())
    if kind == "beta":
        low, high = sorted(draw(st.tuples(st.floats(0.001, 0.9), st.floats(0.001, 0.9))))
        high += 0.05
    else:
        low = draw(st.floats(0.01, 1e4)) * (
            1 if kind == "lognormal" else draw(st.sampled_from((-1, 1)))
        )
        high = low + abs(low) * draw(st.floats(0.01, 100))
    central = low + draw(st.floats(0, 1)) * (high - low)
    whole = fit(kind, low, min(central, high), high)
    cuts = whole.quantile([draw(st.floats(0, 0.25)), draw(st.floats(0.75, 1 - 1e-9))])
    return kind, low, min(central, high), high, *map(float, cuts)


@given(arguments())
def test_quantiles_and_weights_are_each_others_inverse(row: tuple[Any, ...]) -> None:
    fitted = fit(*row)
    u = np.linspace(0.01, 0.99, 99)
    x = fitted.quantile(u)
    assert fitted.cdf(x) == pytest.approx(u, abs=1e-8)
    scale = row[3] - row[1]
    assert fitted.quantile(fitted.cdf(x)) == pytest.approx(x, rel=1e-9, abs=1e-7 * scale)


@given(arguments())
def test_draws_rise_and_stay_within_the_bounds(row: tuple[Any, ...]) -> None:
    fitted = fit(*row)
    u = np.concatenate([[0, 5e-324, 1e-300, 1e-20], U, [1 - 2**-53, 1]])
    x = fitted.quantile(u)
    assert np.isfinite(x).all()
    assert row[4] <= x.min()
    assert x.max() <= row[5]
    # Scipy's normal scores rise but for their last digits.
    assert np.diff(x).min() >= -1e-12 * max(abs(row[1]), abs(row[3]))
    assert row[4] <= fitted.mean <= row[5]


@given(arguments())
def test_the_mean_is_that_of_the_quantiles(row: tuple[Any, ...]) -> None:
    fitted = fit(*row)
    edges = np.concatenate([[0], np.logspace(-12, -1, 45), np.linspace(0.12, 0.5, 20)])
    edges = np.concatenate([edges, 1 - edges[-2::-1]])
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2
    u = (edges[:-1, None] + half) + half * nodes
    mean = float((fitted.quantile(u) * half * weights).sum())
    assert fitted.mean == pytest.approx(mean, rel=1e-6, abs=1e-7 * (row[3] - row[1]))


@every_spreading
def test_without_bounds_even_the_ends_are_numbers(kind: str) -> None:
    low, high = (0.001, 0.999) if kind == "beta" else (1e-5, 1e14)
    fitted = fit(kind, *suited(kind, low, low, high))
    assert np.isfinite(fitted.quantile([0, 1])).all()
    assert np.isfinite([fitted.minimum, fitted.maximum, fitted.mean]).all()
    assert fitted.cdf([-np.inf, np.inf]).tolist() == [0, 1]


@every_spreading
def test_any_shape_and_no_digit_hangs_on_the_company(kind: str) -> None:
    fitted = fit(kind, 0.2, 0.3, 0.5, 0, 1)
    u = np.random.default_rng(5).random((7, 30))
    u.flags.writeable = False
    whole = fitted.quantile(u)
    assert whole.shape == (7, 30)
    assert fitted.quantile(u[3]).tolist() == whole[3].tolist()
    assert [float(fitted.quantile(float(each))) for each in u[2]] == whole[2].tolist()
    assert fitted.quantile(np.empty(0)).shape == (0,)
    assert fitted.cdf(whole).shape == (7, 30)


@every_spreading
def test_a_sample_has_the_weights_and_the_mean(kind: str) -> None:
    fitted = fit(kind, 0.2, 0.3, 0.5, 0, 1)
    x = fitted.quantile(np.random.default_rng(6).random(1 << 17))
    assert np.mean(x <= 0.2) == pytest.approx(float(fitted.cdf(0.2)), abs=0.003)
    assert x.mean() == pytest.approx(fitted.mean, abs=4 * x.std() / math.sqrt(x.size))


# The metalog


def test_a_symmetric_triplet_is_logistic() -> None:
    fitted = fit("metalog", -3, 1, 5)
    truth = stats.logistic(1, 4 / math.log(19))
    assert fitted.quantile(U) == pytest.approx(truth.ppf(U), rel=1e-12, abs=1e-14)
    x = truth.ppf(U)
    assert fitted.cdf(x) == pytest.approx(truth.cdf(x), rel=1e-10)
    assert fitted.mean == pytest.approx(1, abs=1e-13)


def test_a_lone_bound_makes_it_loglogistic() -> None:
    fitted = fit("metalog", 1, 3, 9, 0)
    truth = stats.fisk(math.log(19) / math.log(3), scale=3)
    assert fitted.quantile(U[:-2]) == pytest.approx(truth.ppf(U[:-2]), rel=1e-11)
    assert fitted.mean == pytest.approx(truth.mean(), rel=1e-12)
    mirrored = fit("metalog", -9, -3, -1, -np.inf, 0)
    assert mirrored.quantile(1 - U) == pytest.approx(-fitted.quantile(U), rel=1e-3)
    assert mirrored.mean == pytest.approx(-fitted.mean, rel=1e-12)


def test_the_published_limit_of_a_triplet() -> None:
    """Keelin 2016: r from k to 1 - k, with k = (1 - 1.66711*(1/2 - alpha))/2 at alpha = 0.05."""
    k = (1 - 1.66711 * 0.45) / 2
    for place in (k, 1 - k):
        inward = math.copysign(1e-5, 0.5 - place)
        inside, outside = place + inward, place - inward
        x = fit("metalog", 0, inside, 1).quantile(np.linspace(1e-6, 1 - 1e-6, 100_001))
        assert (np.diff(x) > 0).all()
        assert needed_end(0, inside, 1, -math.inf, math.inf) == ""
        assert needed_end(0, outside, 1, -math.inf, math.inf) != ""
        assert fit("metalog", 0, outside, 1).quantile(0.5) == pytest.approx(place, abs=1e-5)


@given(metalogs(widest=12))
def test_a_metalog_honours_its_three_points(row: tuple[Any, ...]) -> None:
    _, low, central, high, minimum, maximum = row
    fitted = fit(*row)
    tolerance = {"rel": 1e-12, "abs": 1e-12 * (high - low)}
    assert fitted.quantile([0.05, 0.5, 0.95]) == pytest.approx([low, central, high], **tolerance)
    assert fitted.quantile(0.5) == central
    x = fitted.quantile(U)
    assert (np.diff(x) >= 0).all()
    assert minimum <= x[0]
    assert x[-1] <= maximum
    truth = Keelin(low, central, high, minimum, maximum)
    some = U[2:-2:50]
    assert fitted.quantile(some) == pytest.approx(
        truth.ppf(some), rel=1e-7, abs=1e-9 * (high - low)
    )


@given(metalogs(), st.floats(0.02, 0.98))
def test_the_weight_below_a_quantile_is_its_own(row: tuple[Any, ...], place: float) -> None:
    _, low, _, high, *bounds = row
    fitted = fit("metalog", low, low + (high - low) * (0.3 + 0.4 * place), high, *bounds)
    u = np.linspace(0.001, 0.999, 499)
    assert fitted.cdf(fitted.quantile(u)) == pytest.approx(u, abs=1e-9)


@given(metalogs(widest=12))
def test_the_mean_of_a_metalog_by_brute_force(row: tuple[Any, ...]) -> None:
    """Even steep ones: against a million steps of the log-odds, in a plain sum."""
    fitted = fit(*row)
    first, last = fitted.quantile([0.001, 0.999])
    part = fit(*row[:4], *row[4:]).family.mean(float(first), float(last))
    odds = math.log(999)
    t = np.linspace(-odds, odds, 200_001)
    y = 1 / (1 + np.exp(-t))
    x = fitted.quantile(y)
    expected = np.trapezoid(x * y * (1 - y), t) / 0.998
    assert part == pytest.approx(float(expected), rel=1e-7, abs=1e-7 * float(last - first))


@pytest.mark.parametrize("high", [1e2, 1e5, 1e12])
def test_a_mean_that_is_infinite_without_a_bound_is_finite_with_one(high: float) -> None:
    fitted = fit("metalog", 1, math.sqrt(high), high, 0, 1e15)
    assert np.isfinite(fitted.quantile([0, 1])).all()
    assert high / 10 < fitted.mean < 1e15
    assert np.isfinite(fit("metalog", 1, math.sqrt(high), high, 0).mean)


@given(metalogs(), st.floats(1, 1e8))
def test_a_far_bound_is_as_good_as_none(row: tuple[Any, ...], far: float) -> None:
    _, low, _, high, *_ = row
    bounds = [end if np.isfinite(end) else math.copysign(1e12 * far, end) for end in row[4:]]
    near, beyond = fit(*row), fit(*row[:4], *bounds)
    u = np.linspace(0.001, 0.999, 99)
    assert beyond.quantile(u) == pytest.approx(near.quantile(u), rel=1e-7, abs=1e-7 * (high - low))


def test_an_end_on_its_bound_is_where_a_metalog_begins() -> None:
    """There cannot be weight below it: median and other end stay where they are."""
    u = np.linspace(0, 1, 10_001)
    for row, kept in (
        ((0, 0.2, 0.5, 0, 1), {0.0: 0, 0.5: 0.2, 0.95: 0.5}),
        ((0.1, 0.6, 1, 0, 1), {0.05: 0.1, 0.5: 0.6, 1.0: 1}),
        ((0, 0.4, 1, 0, 1), {0.0: 0, 0.5: 0.4, 1.0: 1}),
        ((0, 5, 9, 0, 1e12), {0.0: 0, 0.5: 5, 0.95: 9}),
    ):
        fitted = fit("metalog", *row)
        for weight, value in kept.items():
            assert fitted.quantile(weight) == pytest.approx(value, rel=1e-12, abs=1e-12)
        assert (np.diff(fitted.quantile(u)) > 0).all()


@given(metalogs(widest=6), st.booleans(), st.booleans())
def test_a_central_value_too_near_an_end_is_told_what_would_do(
    row: tuple[Any, ...], on_bound: bool, upper: bool
) -> None:
    _, low, _, high, minimum, maximum = row
    if on_bound and not upper:
        maximum = high
    elif on_bound:
        minimum = low
    central = high if upper else low
    assume(minimum < central < maximum)
    fitted = fit("metalog", low, central, high, minimum, maximum)
    assert low < float(fitted.quantile(0.5)) < high
    said = needed_end(low, central, high, minimum, maximum)
    found = re.fullmatch(r"(high|low) of (\S+) or (?:more|less)", said)
    assert found is not None
    assert found[1] == ("high" if upper else "low")
    end = float(found[2].replace(",", ""))
    assume(minimum < end < maximum)
    low, high = (low, end) if upper else (end, high)
    assert needed_end(low, central, high, minimum, maximum) == ""
    moved = fit("metalog", low, central, high, minimum, maximum)
    assert float(moved.quantile(0.5)) == pytest.approx(central, rel=1e-12)


def test_a_row_says_what_it_is_drawn_with() -> None:
    said = str(range_warning("metalog", 20_000, 24_500, 25_000, 0, 1e15))
    assert said == (
        "central (24,500) is too near an end for a metalog: drawn with a median of 24,300; "
        "a high of 25,230 or more would do"
    )


def test_a_fixed_value_needs_no_ends() -> None:
    for low, high in ((5, 6), (1, 2), (6, 1)):
        fitted = fit("fixed", low, 4, high, 0, 9)
        assert fitted.quantile([0, 1]).tolist() == [4, 4]
        assert str(range_warning("fixed", low, 4, high, 0, 9)).startswith(
            "low and high are without"
        )


# What is refused


@pytest.mark.parametrize(
    ("row", "argument", "rule"),
    [
        (("normal", 5, 4, 6), "low", "be at most central (4)"),
        (("normal", 1, 4, 3), "central", "be at most high (3)"),
        (("metalog", 5, 4, 6), "low", "be at most central (4)"),
        (("normal", 1, 2, 3, 5, 4), "minimum", "be at most maximum (4)"),
        (("lognormal", 0, 1, 2), "low", "be above 0 for a lognormal"),
        (("lognormal", -1, 1, 2), "low", "be above 0 for a lognormal"),
        (("lognormal", 1e-9, 1, 1e15), "low", "be at least high divided by 1e+20"),
        (("beta", 0, 0.1, 0.2), "low", "be above 0 and below 1"),
        (("beta", 0.1, 0.2, 1), "high", "be above 0 and below 1"),
        (("beta", -0.1, 0.2, 0.4), "low", "be above 0 and below 1"),
        (("beta", 0.5, 0.5, 0.5001), "high", "be farther above low (0.5)"),
        (("beta", 1e-9, 1e-9, 1e-8), "high", "be farther above low (1e-09)"),
        (("beta", 1e-4, 1e-4, 1.01e-4), "high", "be farther above low (0.0001)"),
        (("gamma", 1, 2, 3), "distribution", "be one of: fixed, metalog"),
        ((None, 1, 2, 3), "distribution", "be one of: fixed, metalog"),
        (("", 1, 2, 3), "distribution", "be one of: fixed, metalog"),
        ((3, 1, 2, 3), "distribution", "be one of: fixed, metalog"),
        (("normal", None, 2, 3), "low", "be a number"),
        (("normal", 1, "2", 3), "central", "be a number"),
        (("normal", 1, 2, math.nan), "high", "be a number"),
        (("normal", 1, 2, math.inf), "high", "be a number"),
        (("normal", 1, 2, True), "high", "be a number"),
        (("normal", 1, 2, [3]), "high", "be one number"),
        (("normal", 1, 2, 3, None), "minimum", "be a number"),
        (("normal", 1, 2, 3, 0, math.nan), "maximum", "be a number"),
        (("fixed", 1, 2, 3, 4, 5), "central", "lie within the bounds 4 to 5"),
        (("normal", 5, 6, 7, -1, 1), "low", "reach into the bounds -1 to 1"),
        (("normal", 5, 6, 7, 100, 200), "high", "reach into the bounds 100 to 200"),
        (("normal", 5, 6, 7, 6, 6), "low", "reach into the bounds 6 to 6"),
        (("uniform", 5, 6, 7, 8, 9), "high", "reach into the bounds 8 to 9"),
        (("uniform", 5, 6, 7, -1, 2), "low", "reach into the bounds -1 to 2"),
        (("lognormal", 5, 6, 7, -1, 0), "low", "reach into the bounds -1 to 0"),
    ],
)
def test_what_has_no_distribution_is_refused(
    row: tuple[Any, ...], argument: str, rule: str
) -> None:
    with pytest.raises(InputError, match=re.escape(rule)) as caught:
        fit(*row)
    assert caught.value.argument == argument
    names = ("distribution", "low", "central", "high", "minimum", "maximum")
    received = row[names.index(argument)]
    assert str(caught.value).endswith(f", but is {shown(received)}")


@every_spreading
@pytest.mark.parametrize("value", [0.5, 1e15, 1e-300])
def test_a_range_without_width_is_fixed(kind: str, value: float) -> None:
    for high in (value, value * (1 + 1e-12)):
        fitted = fit(kind, value, value, min(high, 1e15))
        assert fitted.kind == "fixed"
        assert fitted.quantile(0.3) == fitted.mean == value


@pytest.mark.parametrize("u", [-0.1, 1.1, math.nan, None, "0.5"])
def test_what_is_no_weight_is_refused(u: Any) -> None:
    with pytest.raises(InputError, match=r"^u must be a number from 0 to 1"):
        fit("normal", 1, 2, 3).quantile(u)


def test_what_is_no_number_has_no_weight_below_it() -> None:
    x: Any
    for x in (math.nan, None, "1"):
        with pytest.raises(InputError, match=r"^x must be a number"):
            fit("normal", 1, 2, 3).cdf(x)


def test_the_name_may_be_in_any_case() -> None:
    assert fit(" PERT ", 1, 2, 3).kind == "pert"


# The echo and the warning

COLUMNS: dict[str, list[Any]] = {
    "distribution": list(KINDS),
    "low": [0.3, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2],
    "central": [0.3, 0.3, 0.35, 0.3, 0.35, 0.316, 0.34, 0.3],
    "high": [0.3, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    "minimum": [0, 0, -1, -1, -1, 0, 0, 0],
    "maximum": [1, 1, 1, 1, 1, 2, 1, 1],
}


def row_of(place: int) -> list[Any]:
    return [column[place] for column in COLUMNS.values()]


def test_an_echo_is_of_the_fit() -> None:
    echo = np.asarray(range_echo("lognormal", 75_000, 100_000, 150_000, 0, 1e15))
    middle = math.sqrt(75_000 * 150_000)
    sd = math.log(2) / (2 * Z)
    mean = middle * math.exp(sd * sd / 2)
    assert echo == pytest.approx([75_000, middle, 150_000, mean], rel=1e-12)


def test_a_column_is_its_rows() -> None:
    echo = np.asarray(range_echo(**COLUMNS))
    assert echo.shape == (8, 4)
    assert echo.tolist() == [np.asarray(range_echo(*row_of(k))).tolist() for k in range(8)]
    warnings = np.asarray(range_warning(**COLUMNS))
    assert warnings.dtype.kind == "U"
    assert warnings.tolist() == [range_warning(*row_of(k)) for k in range(8)] == [""] * 8


def test_words_and_numbers_broadcast() -> None:
    kinds = np.array([["normal"], ["uniform"]])
    echo = np.asarray(range_echo(kinds, [1, 2, 3], 4, 5, 0, [[9]]))
    assert echo.shape == (2, 3, 4)
    assert echo[1, 2].tolist() == np.asarray(range_echo("uniform", 3, 4, 5, 0, 9)).tolist()
    assert np.shape(range_warning("normal", [1, 2], 4, 5, 0, 9)) == (2,)
    assert np.shape(range_echo([], [], [], [], [], [])) == (0, 4)
    assert np.shape(range_warning([], [], [], [], [], [])) == (0,)


@pytest.mark.parametrize(
    ("row", "warning"),
    [
        (("fixed", 2, 2, 2, 0, 9), ""),
        (
            ("fixed", 1, 2, 2, 0, 9),
            "low and high are without effect: the distribution is fixed",
        ),
        (
            ("lognormal", 1000, 1200, 100_000, 0, 1e15),
            "a lognormal takes no account of central (1,200): its median is 10,000",
        ),
        (
            ("normal", 80, 119, 120, 0, 1e9),
            "a normal takes no account of central (119): its median is 100",
        ),
        (
            ("uniform", 80, 97.9, 120, 0, 1e9),
            "a uniform takes no account of central (97.9): its median is 100",
        ),
        (("uniform", 80, 98.1, 120, 0, 1e9), ""),
        (
            ("beta", 0.2, 0.3, 0.5, 0, 1),
            "a beta takes no account of central (0.3): its median is 0.339",
        ),
        (("metalog", 80, 87, 120, 0, 1e9), ""),
        (("metalog", 0, 0.2, 0.5, 0, 1), "the bounds move P5 from 0 to 0.0403"),
        (
            ("metalog", 1e7, 2e7, 3e7, 1.5e7, 2.5e7),
            "the bounds move P5 from 10,000,000 to 15,700,000 and P95 from 30,000,000 to "
            "24,300,000",
        ),
        (
            ("metalog", 1e7, 2e7, 3e7, -1e15, 2e7),
            "the bounds move P5 from 10,000,000 to 7,560,000 and the median from 20,000,000 to "
            "16,300,000 and P95 from 30,000,000 to 19,700,000",
        ),
        (
            ("triangular", 0, 0, 0.3, 0, 1),
            "central is below the 1st percentile of the fitted triangular; expected within 25 to "
            "75; the bounds move P5 from 0 to 0.00986",
        ),
        (
            ("lognormal", 75_000, 1e5, 150_000, 0, 130_000),
            "the bounds move P95 from 150,000 to 126,000",
        ),
        (
            ("uniform", 1e7, 2e7, 3e7, 1.5e7, 2.5e7),
            "the bounds move P5 from 10,000,000 to 15,500,000 and P95 from 30,000,000 to "
            "24,500,000",
        ),
    ],
)
def test_a_warning_says_what_does_not_fit(row: tuple[Any, ...], warning: str) -> None:
    assert range_warning(*row) == warning


@given(arguments())
def test_a_warning_is_one_line_or_none(row: tuple[Any, ...]) -> None:
    row = (*row[:4], max(row[4], -1e16), min(row[5], 1e16))
    warning = range_warning(*row)
    assert isinstance(warning, str)
    assert "\n" not in warning
    kind, low, central, high = row[:4]
    fitted = fit(*row)
    around = kind in ("triangular", "pert") and not 0.25 <= fitted.cdf(central) <= 0.75
    assert ("percentile" in warning) == around
    away = abs(fitted.quantile(0.5) - central) > 0.05 * (high - low)
    ignores = kind in ("uniform", "normal", "lognormal", "beta")
    assert ("takes no account" in warning) == (ignores and away)
    assert "nan" not in warning


@pytest.mark.parametrize("words", ["11th", "12th", "13th", "20th", "21st", "22nd", "23rd", "91st"])
def test_percentiles_in_words(words: str) -> None:
    mode = int(words[:2]) / 100
    low, high = stats.triang(mode).ppf([0.05, 0.95])
    warning = range_warning("triangular", low, mode, high, -100, 100)
    assert str(warning).startswith(f"central is at the {words} percentile of")


@pytest.mark.parametrize("function", [range_echo, range_warning])
@pytest.mark.parametrize(
    ("column", "value", "argument"),
    [
        ("low", 0.9, "low (item 4 of 8)"),
        ("low", None, "low (item 4 of 8)"),
        ("central", "x", "central (item 4 of 8)"),
        ("high", math.inf, "high (item 4 of 8)"),
        ("minimum", math.inf, "minimum (item 4 of 8)"),
        ("minimum", 0.99, "high (item 4 of 8)"),
        ("distribution", "gamma", "distribution (item 4 of 8)"),
        ("distribution", None, "distribution (item 4 of 8)"),
    ],
)
def test_a_bad_row_of_a_column_is_named(
    function: Any, column: str, value: Any, argument: str
) -> None:
    columns = {name: list(values) for name, values in COLUMNS.items()}
    columns[column][3] = value
    with pytest.raises(InputError) as caught:
        function(**columns)
    assert caught.value.argument == argument
    cells = [np.array(values, dtype=object)[:, None] for values in columns.values()]
    with pytest.raises(InputError) as again:
        function(*cells)
    assert again.value.args == caught.value.args


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match=r"^high must have one value or a shape that fits 8"):
        range_echo(**(COLUMNS | {"high": [1, 2]}))
    with pytest.raises(InputError, match=r"^low must have one value or a shape that fits 2"):
        range_echo(**(COLUMNS | {"distribution": ["normal", "beta"]}))


@pytest.mark.parametrize("module", [distributions, correlations])
def test_the_examples_hold(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


def test_the_table_of_a_beta_is_as_good_as_exact() -> None:
    family: Any = fit("beta", 0.02, 0.1, 0.4).family
    x = family.from_below(U)
    assert logit(x) == pytest.approx(
        logit(stats.beta(family.first, family.second).ppf(U)), abs=1e-8
    )
