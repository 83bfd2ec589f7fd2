"""The distribution of an assumption, from its range and within its bounds.

The low and high ends of a range are its 5th and 95th percentile, and the central value is the
best guess. A metalog honours all three, the central value as its median, and lies within the
bounds by its form. The ends alone fix a uniform, normal, lognormal or beta distribution, which
the central value then fits or not; a triangular or PERT distribution has its mode at the central
value. The distribution is fitted first and then truncated: what lies outside the assumption's own
bounds is cut off, and what is left has the weight 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pycore import checks
from pycore.checks import Domain, FloatArray, Numbers, Texts
from pycore.errors import InputError
from pycore.kept import kept
from pycore.nodes import FIXED
from pycore.uncertainty.families import (
    Beta,
    Family,
    Lognormal,
    Normal,
    Point,
    Triangular,
    Uniform,
    beta_weight,
)
from pycore.uncertainty.metalogs import TAIL, fitted_metalog, needed_end

__all__ = ["range_echo", "range_warning"]

KINDS = (FIXED, "metalog", "uniform", "triangular", "normal", "lognormal", "beta", "pert")
"""The distributions that a range can be given."""

TAIL_SCORE = 1.6448536269514722
"""Phi^-1(0.95): how many standard deviations the ends lie from the middle."""

VALUE = Domain(-1e16, 1e16, words="a number from -1e16 to 1e16")
BOUND = Domain(-np.inf, np.inf, words="a number, or infinite where there is no bound")
PROBABILITY = Domain(0, 1)
KIND_NUMBER = Domain(0, len(KINDS) - 1, whole=True)

NARROWEST_RANGE = 1e-9, 1e-100
"""How far apart, beside their size and at all, the ends of a range must be to count as two."""

WIDEST = 1e20
"""By how much the ends of a lognormal may differ: its mean and farthest draws must be numbers."""

INNERMOST = Domain(1e-9, 1 - 1e-9)
LEAST_SHAPES, MOST_SHAPES, MOST_OF_BOTH = 0.01, 1e8, 5e5
"""Between which the shapes of a beta distribution add up, and what the smaller one may be.

Beyond, scipy's incomplete beta function (1.10) runs out of digits.
"""

LEAST_WEIGHT = 1e-9
"""What the bounds must leave of a distribution."""

WITHOUT_CENTRAL = ("uniform", "normal", "lognormal", "beta")
"""What is fixed by the ends of a range, wherever its central value is."""

AROUND_CENTRAL = ("triangular", "pert")
"""What has its mode at the central value."""

MIDDLE_HALF = 0.25, 0.75
NOTICEABLE, NOTICEABLE_MIDDLE = 0.02, 0.05
"""How far, beside the width of the range, the bounds may move an end of it without a word, and the
median may be from a central value that it takes no account of.
"""


@dataclass(frozen=True)
class Fitted:
    """A distribution fitted to a range and truncated at bounds.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    minimum, maximum : float
        Between which it lies: the bounds, or where they are wider the ends of what can be
        drawn from it. Finite.
    family : Family
        What is truncated.
    """

    kind: str
    minimum: float
    maximum: float
    family: Family

    @cached_property
    def counts_down(self) -> bool:
        """Whether weights are counted from above: they are where the lower half is cut off."""
        return bool(self.family.below(np.asarray(self.minimum)) > 1 / 2)

    @cached_property
    def outside(self) -> float:
        """The weight that was cut off at the end that weights are counted from."""
        return float(self._counted(self.maximum if self.counts_down else self.minimum))

    @cached_property
    def weight(self) -> float:
        """What was left within the bounds."""
        other = self.minimum if self.counts_down else self.maximum
        return float(self._counted(other)) - self.outside

    def _counted(self, x: Any) -> FloatArray:
        count = self.family.above if self.counts_down else self.family.below
        return count(np.asarray(x))

    def quantile(self, u: npt.ArrayLike) -> FloatArray:
        """Give the numbers that have these weights below them."""
        share = PROBABILITY.check("u", u)
        if self.counts_down:
            x = self.family.from_above(self.outside + (1 - share) * self.weight)
        else:
            x = self.family.from_below(self.outside + share * self.weight)
        return np.asarray(np.clip(x, self.minimum, self.maximum))

    def cdf(self, x: npt.ArrayLike) -> FloatArray:
        """Give the weights below these numbers."""
        number = BOUND.check("x", x)
        if self.minimum == self.maximum:  # all weight is at one place
            return np.asarray(number >= self.minimum, dtype=np.float64)
        number = np.clip(number, self.minimum, self.maximum)
        share = (self._counted(number) - self.outside) / self.weight
        return np.clip(1 - share if self.counts_down else share, 0, 1)

    @cached_property
    def mean(self) -> float:
        """The mean, in closed form."""
        mean = self.family.mean(self.minimum, self.maximum)
        # Between bounds that nearly meet, differences of weights keep few digits.
        return min(max(mean, self.minimum), self.maximum)


def fit(
    kind: object,
    low: object,
    central: object,
    high: object,
    minimum: object = -np.inf,
    maximum: object = np.inf,
) -> Fitted:
    """Fit a distribution to a range and truncate it at bounds.

    Parameters
    ----------
    kind : str
        One of `KINDS`, in any case.

    Returns
    -------
    Fitted
        Its percentiles are `low` and `high` where the bounds cut nothing off.

    Raises
    ------
    InputError
        If an argument is blank, text or out of order, or no such distribution has that range.
    """
    word = checks.one_of("distribution", kind, KINDS)
    numbers = {
        name: checks.one_number(name, value, domain)
        for name, value, domain in (
            ("low", low, VALUE),
            ("central", central, VALUE),
            ("high", high, VALUE),
            ("minimum", minimum, BOUND),
            ("maximum", maximum, BOUND),
        )
    }
    return _fit(word, **numbers)


@lru_cache(maxsize=1024)
def _fit(
    kind: str, low: float, central: float, high: float, minimum: float, maximum: float
) -> Fitted:
    """Fit to plain numbers; cached, because an echo, a warning and the draws need the same."""
    checks.check_at_most("minimum", np.asarray(minimum), "maximum", np.asarray(maximum))
    if kind != FIXED:
        checks.check_at_most("low", np.asarray(low), "central", np.asarray(central))
        checks.check_at_most("central", np.asarray(central), "high", np.asarray(high))
    narrowest = max(NARROWEST_RANGE[0] * max(abs(low), abs(high)), NARROWEST_RANGE[1])
    if high - low <= narrowest:
        kind = "fixed"  # what has no width does not spread, whatever it is called
    if kind == "metalog":
        family: Family = fitted_metalog(low, central, high, minimum, maximum)
    else:
        family = _FITS[kind](low, central, high)
    start, end = family.ends
    bounded = f"the bounds {minimum:,.12g} to {maximum:,.12g}"
    if kind == "fixed" and not minimum <= central <= maximum:
        raise InputError("central", f"lie within {bounded}", central)
    cut = f"let the {kind} distribution reach into {bounded}, which cut it all away"
    if start > maximum:
        raise InputError("low", cut, low)
    if end < minimum:
        raise InputError("high", cut, high)
    fitted = Fitted(kind, max(minimum, start), min(maximum, end), family)
    if kind != "fixed" and fitted.weight < LEAST_WEIGHT:
        raise InputError(*(("high", cut, high) if fitted.counts_down else ("low", cut, low)))
    return fitted


def _fixed(low: float, central: float, high: float) -> Family:  # noqa: ARG001
    return Point(central)


def _uniform(low: float, central: float, high: float) -> Family:  # noqa: ARG001
    beyond = (high - low) * TAIL / (1 - 2 * TAIL)
    return Uniform(low - beyond, high + beyond)


def _normal(low: float, central: float, high: float) -> Normal:  # noqa: ARG001
    return Normal((low + high) / 2, (high - low) / (2 * TAIL_SCORE))


def _lognormal(low: float, central: float, high: float) -> Family:
    otherwise = "for a lognormal distribution (or choose another)"
    if low <= 0:
        raise InputError("low", f"be above 0 {otherwise}", low)
    if high / WIDEST > low:
        raise InputError("low", f"be at least high divided by {WIDEST:g} {otherwise}", low)
    return Lognormal(_normal(float(np.log(low)), central, float(np.log(high))))


def _triangular(low: float, central: float, high: float) -> Family:
    # With the mode at the share m of the width, and so the weight m below it, the 5th percentile
    # is at the share sqrt(0.05*m). From there to the mode is a part of the way between the two
    # percentiles that grows with m from 0 at m = 0.05 to 1 at m = 0.95: every central value
    # between low and high has its one triangle.
    def percentiles(mode: float) -> tuple[float, float]:
        return np.sqrt(TAIL * mode), 1 - np.sqrt(TAIL * (1 - mode))

    start, mode, end, _ = _around_mode(percentiles, low, central, high)
    return Triangular(start, mode, end)


def _pert(low: float, central: float, high: float) -> Family:
    # As for the triangle: every central value between low and high has its one distribution.
    from scipy.special import betaincinv

    def percentiles(mode: float) -> tuple[float, float]:
        shapes = _pert_shapes(mode)
        return betaincinv(*shapes, TAIL), 1 - betaincinv(*shapes[::-1], TAIL)

    start, _, end, mode = _around_mode(percentiles, low, central, high)
    return Beta(start, end, *_pert_shapes(mode))


def _pert_shapes(mode: float) -> tuple[float, float]:
    return 1 + 4 * mode, 1 + 4 * (1 - mode)


def _around_mode(
    percentiles: Any, low: float, central: float, high: float
) -> tuple[float, float, float, float]:
    """The start, mode and end of the distribution with that range, and the mode's share of it.

    `percentiles` gives the 5th and 95th as shares of the width, for a mode that is such a share.
    """
    place = (central - low) / (high - low)

    def excess(mode: float) -> float:
        first, last = percentiles(mode)
        return float(mode - first - place * (last - first))

    def found() -> FloatArray:
        from scipy.optimize import brentq

        # At 0 itself the triangle has a second solution, with nothing below its 5th percentile.
        return np.asarray([brentq(excess, 0.01, 0.99, xtol=1e-15, rtol=1e-14)])

    # Kept, because loading scipy.optimize takes longer than many a command.
    (mode,) = map(float, kept(f"{percentiles.__qualname__} {place!r}", found))
    first, last = percentiles(mode)
    width = (high - low) / (last - first)
    start, end = low - first * width, high + (1 - last) * width
    return start, min(max(central, start), end), end, mode


def _beta(low: float, central: float, high: float) -> Family:  # noqa: ARG001
    from scipy.optimize import brentq
    from scipy.special import expit

    rule = "be above 0 and below 1 (by 1e-9 or more) for a beta distribution (or choose another)"
    for name, value in (("low", low), ("high", high)):
        if not INNERMOST.minimum <= value <= INNERMOST.maximum:
            raise InputError(name, rule, value)

    def shapes(log_total: float) -> tuple[float, float]:
        """The shapes of that total with which the 5th percentile is right."""

        def excess(logit: float) -> float:
            first, second = np.exp(log_total) * expit([logit, -logit])
            return float(beta_weight(first, second, low)) - TAIL

        logit = brentq(excess, -40, 40, xtol=1e-14, rtol=1e-14)
        first, second = np.exp(log_total) * expit([logit, -logit])
        return float(first), float(second)

    def excess_above(log_total: float) -> float:
        first, second = shapes(log_total)
        return TAIL - float(beta_weight(second, first, 1 - high))

    # The larger the total, the narrower: from all weight at 0 and 1 to all weight at one place.
    least, most = (float(np.log(total)) for total in (LEAST_SHAPES, MOST_SHAPES))
    if (
        excess_above(most) < 0
        or min(found := shapes(brentq(excess_above, least, most, xtol=1e-14, rtol=1e-14)))
        > MOST_OF_BOTH
    ):
        rule = f"be farther above low ({low:,.12g}) for a beta distribution (or choose another)"
        raise InputError("high", rule, high)
    return Beta(0.0, 1.0, *found)


_FITS = {
    "fixed": _fixed,
    "uniform": _uniform,
    "triangular": _triangular,
    "normal": _normal,
    "lognormal": _lognormal,
    "beta": _beta,
    "pert": _pert,
}


def range_echo(
    distribution: npt.ArrayLike,
    low: npt.ArrayLike,
    central: npt.ArrayLike,
    high: npt.ArrayLike,
    minimum: npt.ArrayLike,
    maximum: npt.ArrayLike,
) -> Numbers:
    """What a range says once a distribution is fitted to it: its percentiles and its mean.

    Parameters
    ----------
    distribution : array_like of str
        One of "fixed", "metalog", "uniform", "triangular", "normal", "lognormal", "beta" and
        "pert".
    low : array_like
        Low end of the range, its 5th percentile; at most `central` unless it is "fixed".
    central : array_like
        Best guess; at most `high` unless it is "fixed". All that counts for "fixed", the median of
        "metalog", the mode of "triangular" and "pert", and without effect on the others.
    high : array_like
        High end of the range, its 95th percentile.
    minimum : array_like
        The least that the quantity can be: what lies below is cut off.
    maximum : array_like
        The most that the quantity can be: what lies above is cut off.

    Returns
    -------
    ndarray
        5th percentile, median, 95th percentile and mean, on a last axis of length 4, in the unit
        of the range.

    Raises
    ------
    InputError
        If an argument is blank, text or out of order, no such distribution has that range, the
        bounds cut it all away, or the shapes do not fit.

    Notes
    -----
    ``F^-1(0.05), F^-1(0.5), F^-1(0.95), mean`` of ``F(x) = (G(x) - G(minimum)) / (G(maximum) -
    G(minimum))``, where G has ``G(low) = 0.05`` and ``G(high) = 0.95``. A metalog (Keelin 2016) has
    ``G^-1(y) = a1 + (a2 + a3*(y - 1/2)) * ln(y/(1 - y))`` of the quantity, of the logarithm of its
    distance to the one bound beyond the range, or of its log-odds between two, and ``G(central) =
    0.5``; an end of the range that is itself a bound is where it begins or ends.

    Examples
    --------
    >>> range_echo("lognormal", 75000, 100000, 150000, 0, 10000000).round()
    array([ 75000., 106066., 150000., 108447.])
    """
    rows = _rows(distribution, low, central, high, minimum, maximum)
    echo = np.empty((*rows.shape, 4))
    for place in np.ndindex(rows.shape):
        fitted = rows.fitted(place)
        echo[place] = (*fitted.quantile((TAIL, 0.5, 1 - TAIL)), fitted.mean)
    return checks.answer(echo)


def range_warning(
    distribution: npt.ArrayLike,
    low: npt.ArrayLike,
    central: npt.ArrayLike,
    high: npt.ArrayLike,
    minimum: npt.ArrayLike,
    maximum: npt.ArrayLike,
) -> Texts:
    """What does not fit between a range and the distribution chosen for it, in words.

    Parameters
    ----------
    distribution : array_like of str
        One of "fixed", "metalog", "uniform", "triangular", "normal", "lognormal", "beta" and
        "pert".
    low : array_like
        Low end of the range, its 5th percentile; at most `central` unless it is "fixed".
    central : array_like
        Best guess; at most `high` unless it is "fixed".
    high : array_like
        High end of the range, its 95th percentile.
    minimum : array_like
        The least that the quantity can be: what lies below is cut off.
    maximum : array_like
        The most that the quantity can be: what lies above is cut off.

    Returns
    -------
    str or ndarray of str
        Empty where all is well; otherwise what to look at: a central value that the distribution
        takes no account of and that is not its median, a mode outside the middle half of it, a
        percentile that the bounds move, or a range without effect.

    Raises
    ------
    InputError
        If an argument is blank, text or out of order, no such distribution has that range, the
        bounds cut it all away, or the shapes do not fit.

    Notes
    -----
    Warns where `central` is over ``0.05*(high - low)`` from the median of a uniform, normal,
    lognormal or beta, where ``F(central)`` of a triangular or PERT is not from 0.25 to 0.75, where
    ``F^-1(0.05)`` is over ``0.02*(high - low)`` from `low` or ``F^-1(0.95)`` from `high`, and where
    "fixed" has a range.

    Examples
    --------
    >>> range_warning("normal", 80, 90, 120, 0, 1000)
    'a normal takes no account of central (90): its median is 100'
    """
    rows = _rows(distribution, low, central, high, minimum, maximum)
    warnings = np.empty(rows.shape, dtype=object)
    for place in np.ndindex(rows.shape):
        warnings[place] = _warning(
            rows.fitted(place), *rows.range_at(place), *rows.bounds_at(place)
        )
    return checks.text_answer(warnings if rows.shape else str(warnings[()]))


class _Rows(NamedTuple):
    """The arguments of a public function, broadcast: kind, low, central, high and the bounds."""

    shape: tuple[int, ...]
    columns: tuple[FloatArray, ...]

    def fitted(self, place: tuple[int, ...]) -> Fitted:
        """Fit one row, or say which one cannot be."""
        kind, *numbers = (float(column[place]) for column in self.columns)
        try:
            return _fit(KINDS[int(kind)], *numbers)
        except InputError as error:
            number = int(np.ravel_multi_index(place, self.shape)) + 1 if place else 1
            where = _item(error.argument, number, math.prod(self.shape))
            raise InputError(where, error.rule, error.received) from None

    def range_at(self, place: tuple[int, ...]) -> tuple[float, float, float]:
        """Low, central and high of one row."""
        low, central, high = (float(column[place]) for column in self.columns[1:4])
        return low, central, high

    def bounds_at(self, place: tuple[int, ...]) -> tuple[float, float]:
        """The bounds of one row."""
        minimum, maximum = (float(column[place]) for column in self.columns[4:6])
        return minimum, maximum


def _rows(distribution: object, *numbers: object) -> _Rows:
    """Check the arguments; a distribution is its number in `KINDS`, to be broadcast like them."""
    words = checks.as_items("distribution", distribution)
    kinds = np.empty(words.shape)
    for place, where, word in _each("distribution", words):
        kinds[place] = KINDS.index(checks.one_of(where, word, KINDS))
    names = ("low", "central", "high", "minimum", "maximum")
    arrays = checks.checked(
        distribution=(kinds, KIND_NUMBER),
        **{
            name: (_numbers(name, value), VALUE) for name, value in zip(names, numbers, strict=True)
        },
    )
    columns = np.broadcast_arrays(*arrays)
    return _Rows(columns[0].shape, tuple(columns))


def _numbers(name: str, value: object) -> FloatArray:
    """Check numbers one by one where they may be blank or text, to say which one is."""
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        return VALUE.check(name, value)
    items = checks.as_items(name, value)
    array = np.empty(items.shape)
    for place, where, item in _each(name, items):
        array[place] = VALUE.check(where, item)
    return array


def _each(name: str, items: npt.NDArray[Any]) -> Iterator[tuple[tuple[int, ...], str, Any]]:
    """The place of each item, what a message calls it, and the item."""
    for number, (place, item) in enumerate(np.ndenumerate(items), start=1):
        yield place, _item(name, number, items.size), item


def _item(name: str, number: int, size: int) -> str:
    return name if size == 1 else f"{name} (item {number} of {size})"


def _warning(
    fitted: Fitted, low: float, central: float, high: float, minimum: float, maximum: float
) -> str:
    if fitted.kind == "fixed":
        return "" if low == high else "low and high are without effect: the distribution is fixed"
    found = []
    place = float(fitted.cdf(central))
    first_end, median, last_end = map(float, fitted.quantile((TAIL, 0.5, 1 - TAIL)))
    if fitted.kind in WITHOUT_CENTRAL:
        if abs(central - median) > NOTICEABLE_MIDDLE * (high - low):
            found.append(
                f"a {fitted.kind} takes no account of central ({_short(central)}): its median is "
                f"{_short(median)}"
            )
    elif fitted.kind in AROUND_CENTRAL and not MIDDLE_HALF[0] <= place <= MIDDLE_HALF[1]:
        first, last = (round(100 * end) for end in MIDDLE_HALF)
        found.append(
            f"central is {_percentile(place)} percentile of the fitted {fitted.kind}; "
            f"expected within {first} to {last}"
        )
    honoured = [("P5", low, first_end), ("P95", high, last_end)]
    if fitted.kind == "metalog":
        if needed := needed_end(low, central, high, minimum, maximum):
            found.append(
                f"central ({_short(central)}) is too near an end for a metalog: drawn with a "
                f"median of {_short(median)}; a {needed} would do"
            )
        else:
            honoured.insert(1, ("the median", central, median))
    moved = [
        f"{name} from {_short(asked)} to {_short(end)}"
        for name, asked, end in honoured
        if abs(end - asked) > NOTICEABLE * (high - low)
    ]
    if moved:
        found.append(f"the bounds move {' and '.join(moved)}")
    return "; ".join(found)


def _percentile(place: float) -> str:
    """Say where a weight below stands, such as "at the 12th"."""
    number = round(100 * place)
    if not 1 <= number <= 99:
        return "below the 1st" if number < 1 else "above the 99th"
    ending = "th" if 10 < number < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"at the {number}{ending}"


def _short(number: float) -> str:
    """Write a number to three digits, large ones without an exponent."""
    return f"{float(f'{number:.3g}'):,.12g}"
