"""A response surface in place of a simulation: the draft of mentors, for many draws at once.

What a draft says of one more scholar depends on four numbers: how many apply, choose and are
taken, and the weight a of what mentors share. What follows from that for a slope
``sigma*validity`` needs no further draft. So drafts are simulated at a few dozen points of
those four, and polynomials are laid through what they say (Box and Wilson 1951). Each
point has random numbers of its own: the noise then evens out, and what is left of it shows in the
error.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pycore import normal
from pycore.checks import PLACES, FloatArray
from pycore.draft.bands import Draft
from pycore.draft.mentors import APPLICANTS, MENTORS, WORTH_LESS, mentor_margin
from pycore.draft.rounds import Outcomes, simulated
from pycore.graph import evaluate
from pycore.progress import tracked
from pycore.uncertainty.design import Design
from pycore.uncertainty.measures import rounded_error
from pycore.uncertainty.polynomials import Polynomial, Products, fitted
from pycore.uncertainty.remembered import key_of_results, remembered
from pycore.uncertainty.sampling import Uncertain
from pycore.uncertainty.sobol import ScrambledSobol

__all__ = ["Box", "MarginSurface", "bounds_of_variables", "margin_surface", "surfaces"]

DRAFT_LEVELS = 6
DRAFTS = 1 << DRAFT_LEVELS
SHARE_OF_REPLICATES = 0.5
"""How many replicates each point gets, beside those of the result that the surface stands for."""

FEWEST_REPLICATES = 8

PILOT = 1 << 12
"""How many draws the box is made to hold; the few beyond it are taken to its edge."""

MEANS = 5
"""How many means, each with an error, `mentor_margin` gives."""

NO_ONE_LEFT = (0, 0, 0, 0, 1, 0, 1, 0)
"""The first four of them where every applicant has a place."""

SLOPES = 3
"""At how many slopes the mean ratio is fitted; it is as good as quadratic between them."""

SMALLEST_SLOPE = 1e-3
"""With no slope every ratio is 1; what the logarithm of the ratio is to the slope is not."""

LACK_OF_FIT = 1.35
"""The variance about a fit, beside that of the noise, which noise alone exceeds once in twenty."""

COVER = 1.3
"""By how much the stated error is more than what 64 points let one expect."""

QUANTILES = 513
"""Points of the distribution that differences of scores have about their mean."""


SIZES = ("applicants", "mentors", "places")


STEPS_OF_SIZES, STEP_OF_SHARED, STEP_OF_SLOPE = 8, 0.125, 0.25
"""Where the sides of a box may lie: at so many sizes from one to twice as many, and so far apart.

A small edit of a range then needs no other surface, and no other drafts.
"""


class Box(NamedTuple):
    """The least and the most that each argument of a draft takes."""

    applicants: tuple[float, float]
    mentors: tuple[float, float]
    places: tuple[float, float]
    shared: tuple[float, float]
    slope: tuple[float, float]

    @classmethod
    def around(
        cls,
        applicants: npt.ArrayLike,
        mentors: npt.ArrayLike,
        places: npt.ArrayLike,
        shared_criteria: npt.ArrayLike,
        validity: npt.ArrayLike,
        sigma: npt.ArrayLike,
    ) -> Box:
        """The box around some draws of the arguments of `mentor_margin`, out to the next step."""
        shared = np.asarray(validity) * np.sqrt(shared_criteria)
        low, high = _outward(np.asarray(sigma) * np.asarray(validity), STEP_OF_SLOPE)
        sizes = (
            _outward_size(applicants, APPLICANTS.maximum),
            _outward_size(mentors, MENTORS.maximum),
            _outward_size(places, PLACES.maximum),
        )
        slope = (max(low, SMALLEST_SLOPE), max(high, SMALLEST_SLOPE))
        return cls(*sizes, _outward(shared, STEP_OF_SHARED), slope)


def _outward(values: npt.ArrayLike, step: float) -> tuple[float, float]:
    """The steps below and above some numbers; the number itself where there is but one."""
    low, high = float(np.min(values)), float(np.max(values))
    if low == high:
        return low, high
    return step * math.floor(low / step), step * math.ceil(high / step)


def _outward_size(values: npt.ArrayLike, most: float) -> tuple[float, float]:
    """The same of sizes, in steps that are even in their logarithms."""
    if np.min(values) == np.max(values):
        return _outward(values, 1)
    low, high = _outward(np.log2(values), 1 / STEPS_OF_SIZES)
    return float(np.floor(2**low)), float(min(np.ceil(2**high), most))


@dataclass(frozen=True)
class MarginSurface:
    """Stands in for `mentor_margin` where its arguments are draws.

    Beyond its box, its value at the box's edge is given. Where every applicant has a place, one
    more brings no one: the ratio is 0.

    Parameters
    ----------
    box : Box
        Where it was fitted.
    slopes : tuple of float
        At which the mean ratios were fitted.
    ratios : tuple of tuple of Polynomial
        For each alternative and slope, the logarithm of the mean ratio over the slope.
    middles, spreads : tuple of Polynomial
        For each alternative, the mean of the difference of scores, and its log-sd.
    shapes : tuple of ndarray
        For each alternative, quantiles of that difference about its mean, in its sd.
    overlap : Polynomial
        The share of mentors whose first choice is shared.
    points : ndarray
        Where drafts were simulated: a row for each of the four variables.
    noises : ndarray
        For each alternative and slope, the variance of the simulated logarithms at each point.
    errors : ndarray
        How far the five means err, in the root-mean-square: over the box, or over the draws that
        :meth:`over` was given.
    """

    box: Box
    slopes: tuple[float, ...]
    ratios: tuple[tuple[Polynomial, ...], ...]
    middles: tuple[Polynomial, ...]
    spreads: tuple[Polynomial, ...]
    shapes: tuple[FloatArray, ...]
    overlap: Polynomial
    points: FloatArray
    noises: FloatArray
    errors: FloatArray

    def __call__(
        self,
        applicants: npt.ArrayLike,
        mentors: npt.ArrayLike,
        places: npt.ArrayLike,
        shared_criteria: npt.ArrayLike,
        validity: npt.ArrayLike,
        sigma: npt.ArrayLike,
        *_: Any,
    ) -> FloatArray:
        """The five means, each followed by the surface's error, on a last axis of length 10."""
        shared = np.asarray(validity) * np.sqrt(shared_criteria)
        slope = np.clip(np.asarray(sigma) * np.asarray(validity), SMALLEST_SLOPE, None)
        point = _coordinates(self.box, applicants, mentors, places, shared)
        products: Products = {}
        weights = _lagrange(self.slopes, np.clip(slope, *self.box.slope))
        answers = np.empty((*np.broadcast_shapes(point[0].shape, slope.shape), 2 * MEANS))
        for which, polynomials in enumerate(self.ratios):
            rise = sum(
                w * each(point, products) for w, each in zip(weights, polynomials, strict=True)
            )
            answers[..., 2 * which] = np.exp(slope * rise)
            answers[..., 4 + 2 * which] = self._under(which, point, products, slope)
        answers[..., 8] = np.clip(self.overlap(point, products), 0, 1)
        answers[..., 1::2] = self.errors
        no_one_left = np.asarray(places) >= np.asarray(applicants)
        answers[np.broadcast_to(no_one_left, answers.shape[:-1]), :8] = NO_ONE_LEFT
        return answers

    def over(
        self,
        applicants: npt.ArrayLike,
        mentors: npt.ArrayLike,
        places: npt.ArrayLike,
        shared_criteria: npt.ArrayLike,
        validity: npt.ArrayLike,
        sigma: npt.ArrayLike,
    ) -> MarginSurface:
        """The same surface, its errors of the ratios being those over some draws.

        A ratio errs by about itself times the slope times the error of its logarithm over the
        slope. Few draws are near the steepest slope of the box, where that is largest, or near
        its corners, where the polynomials err most: each point counts by the draws next to it.
        """
        means = self(applicants, mentors, places, shared_criteria, validity, sigma)
        slope = np.clip(np.asarray(sigma) * np.asarray(validity), *self.box.slope)
        shared = np.asarray(validity) * np.sqrt(shared_criteria)
        draws = _coordinates(self.box, applicants, mentors, places, shared)
        beside = _shares_beside(self.points, np.stack(np.broadcast_arrays(*draws)))
        weights = _lagrange(self.slopes, slope)
        errors = self.errors.copy()
        for which, each in enumerate(self._rise_errors(beside)):
            rise = sum(w * error for w, error in zip(weights, each, strict=True))
            error = np.sqrt(np.square(means[..., 2 * which] * slope * rise).mean())
            errors[which] = rounded_error(error)
        return replace(self, errors=errors)

    def _rise_errors(self, shares: FloatArray) -> list[list[float]]:
        """For each alternative and slope, how far the logarithm of the ratio over the slope errs.

        Parameters
        ----------
        shares : ndarray
            How much each point counts; 1 in all.
        """
        return [
            [
                _rise_error(polynomial, noise, shares)
                for polynomial, noise in zip(polynomials, noises, strict=True)
            ]
            for polynomials, noises in zip(self.ratios, self.noises, strict=True)
        ]

    def _under(
        self, which: int, point: Sequence[FloatArray], products: Products, slope: FloatArray
    ) -> FloatArray:
        """The chance that the ratio is under 0.8: that the difference is under ln(0.8)/slope."""
        beyond = np.log(WORTH_LESS) / slope - self.middles[which](point, products)
        beyond = beyond / np.exp(self.spreads[which](point, products))
        levels = np.linspace(0, 1, QUANTILES)
        return np.asarray(np.interp(beyond, self.shapes[which], levels))


def margin_surface(box: Box, replicates: int, seed: int) -> MarginSurface:
    """Simulate drafts at some points of a box, and fit a surface to what they say.

    Parameters
    ----------
    replicates : int
        How many drafts are simulated at each of the 64 points.

    Notes
    -----
    Least squares of ``ln(mean ratio)/slope`` on polynomials of 2nd or 3rd degree in a, ln N, ln
    of the mentors and the normal score ``Phi^-1(1 - places/(N + 1))`` of the bar, whichever errs
    less where points are left out in turn.
    """
    for name, domain, ends in zip(SIZES, (APPLICANTS, MENTORS, PLACES), box, strict=False):
        domain.check(name, list(ends))
    drafts = _drafts(box)
    outcomes = [
        simulated(draft, replicates, (seed + place) % (1 << 53))
        for place, draft in tracked(list(enumerate(drafts)), "drafts")
    ]
    columns = np.asarray([(d.applicants, d.mentors, d.places, d.shared) for d in drafts]).T
    point = _coordinates(box, *columns)
    slopes = _nodes(box.slope)
    rises = np.asarray(
        [[np.log(each.ratios(s).mean(axis=-1)) / s for s in slopes] for each in outcomes]
    )
    differences = np.asarray([_differences(each, slopes[len(slopes) // 2]) for each in outcomes])
    middle, spread = differences.mean(axis=-1), differences.std(axis=-1, ddof=1)
    shaped = (differences - middle[..., None]) / spread[..., None]
    levels = np.linspace(0, 1, QUANTILES)
    surface = MarginSurface(
        box=box,
        slopes=slopes,
        ratios=tuple(
            tuple(fitted(point, rises[:, place, which]) for place in range(len(slopes)))
            for which in (0, 1)
        ),
        middles=tuple(fitted(point, middle[:, which]) for which in (0, 1)),
        spreads=tuple(fitted(point, np.log(spread[:, which])) for which in (0, 1)),
        shapes=tuple(np.quantile(shaped[:, which], levels) for which in (0, 1)),
        overlap=fitted(point, np.asarray([each.overlap.mean() for each in outcomes])),
        points=np.stack(np.broadcast_arrays(*point)),
        noises=_noises(slopes, outcomes),
        errors=np.zeros(MEANS),
    )
    return replace(surface, errors=_errors(surface, outcomes, middle.T, np.log(spread).T))


def _noises(slopes: Sequence[float], outcomes: Sequence[Outcomes]) -> FloatArray:
    """The variance of the logarithm of each mean ratio over the slope, by its simulation."""
    found = np.empty((2, len(slopes), len(outcomes)))
    for place, slope in enumerate(slopes):
        ratios = np.asarray([each.ratios(slope) for each in outcomes])
        variance = ratios.var(axis=-1, ddof=1) / ratios.shape[-1] / np.square(ratios.mean(axis=-1))
        found[:, place] = variance.T / slope**2
    return found


def _shares_beside(points: FloatArray, draws: FloatArray) -> FloatArray:
    """The share of the draws that is nearest to each point."""
    flat = draws.reshape(len(points), -1)
    squares = sum(
        np.square(point[:, None] - draw) for point, draw in zip(points, flat, strict=True)
    )
    nearest = np.argmin(squares, axis=0)
    return np.asarray(np.bincount(nearest, minlength=points.shape[1]) / nearest.size)


def _rise_error(polynomial: Polynomial, noise: FloatArray, shares: FloatArray) -> float:
    """The root-mean-square error of a polynomial over points that count by their shares.

    What the points' simulation errs goes into the fit by each point's weight in it. What the
    polynomial cannot follow counts where it is beyond that noise in all (Fisher's test of lack of
    fit), by the errors at points left out.
    """
    spread = np.square(polynomial.left_out) * (1 - polynomial.leverage)
    freedom = max(len(noise) - len(polynomial.terms), 1)
    lack = float((spread * (1 - polynomial.leverage)).sum()) / freedom / float(noise.mean())
    beyond = max(float(shares @ (spread - noise)), 0.0) if lack > LACK_OF_FIT else 0.0
    through = float(shares @ noise) * float(shares @ polynomial.leverage)
    return COVER * float(np.sqrt(beyond + through))


def _beyond_noise(square: float, noise: float, polynomial: Polynomial) -> float:
    """What is left of an error where noise is taken out."""
    # What noise leaves in a fit is its share of terms to points, however good the fit looks.
    return float(np.sqrt(max(square - noise, noise * len(polynomial.terms) / DRAFTS)))


def _errors(
    surface: MarginSurface,
    outcomes: Sequence[Outcomes],
    middles: FloatArray,
    log_spreads: FloatArray,
) -> FloatArray:
    """The root-mean-square error of each of the five means, over the box.

    Of ratios, over the slopes too; of shares, half-way along the slopes.
    """
    errors = []
    alike = np.full(len(outcomes), 1 / len(outcomes))
    for which, rises in enumerate(surface._rise_errors(alike)):
        squares = [
            np.square(np.mean([each.ratios(slope)[which].mean() for each in outcomes]))
            * (slope * rise) ** 2
            for slope, rise in zip(surface.slopes, rises, strict=True)
        ]
        errors.append(float(np.sqrt(np.mean(squares))))
    slope = surface.slopes[len(surface.slopes) // 2]
    ratios = np.asarray([each.ratios(slope) for each in outcomes])
    levels = np.linspace(0, 1, QUANTILES)
    for which, (middle, spread) in enumerate(zip(surface.middles, surface.spreads, strict=True)):
        under = (ratios[:, which] < WORTH_LESS).astype(np.float64)
        # What each polynomial would say if it had not been fitted to the point itself.
        width = np.exp(log_spreads[which] - spread.left_out)
        beyond = (np.log(WORTH_LESS) / slope - middles[which] + middle.left_out) / width
        predicted = np.interp(beyond, surface.shapes[which], levels)
        errors.append(_error(under, under.mean(axis=1) - predicted, middle))
    overlaps = np.asarray([each.overlap for each in outcomes])
    errors.append(_error(overlaps, surface.overlap.left_out, surface.overlap))
    # The last digits of a fit depend on how many threads fitted it.
    return np.asarray([rounded_error(each) for each in errors])


def _error(samples: FloatArray, left_out: FloatArray, polynomial: Polynomial) -> float:
    """The root-mean-square error of a mean, from those at points left out."""
    noise = float(samples.var(axis=1, ddof=1).mean()) / samples.shape[1]
    return _beyond_noise(float(np.square(left_out).mean()), noise, polynomial)


def _drafts(box: Box) -> list[Draft]:
    """Points spread evenly over a box."""
    sequence = ScrambledSobol(DRAFT_LEVELS, 0)
    uniform = [sequence.uniforms(axis, 0, 0, DRAFTS) for axis in range(4)]
    applicants, mentors, places = (
        np.round(np.exp(np.log(low) + part * np.log(high / low)))
        for part, (low, high) in zip(uniform, box[:3], strict=False)
    )
    shared = box.shared[0] + uniform[3] * (box.shared[1] - box.shared[0])
    # Where no one is left over after the draft there is no margin to fit.
    applicants = np.maximum(applicants, 2)
    places = np.minimum(places, applicants - 1)
    mentors = np.minimum(mentors, places)
    rows = zip(applicants, mentors, places, shared, strict=True)
    return [Draft(int(n), int(m), int(p), float(a)) for n, m, p, a in rows]


def _coordinates(
    box: Box,
    applicants: npt.ArrayLike,
    mentors: npt.ArrayLike,
    places: npt.ArrayLike,
    shared: npt.ArrayLike,
) -> list[FloatArray]:
    """The variables of the polynomials: from -1 to 1 across the box, and never beyond."""
    columns = (applicants, mentors, places, shared)
    inside = (np.clip(each, *ends) for each, ends in zip(columns, box[:4], strict=True))
    drawn = _variables(*inside)
    least, most = bounds_of_variables(box)
    return [
        np.clip((2 * each - low - high) / (high - low), -1, 1)
        if high > low
        else np.zeros(each.shape)
        for each, low, high in zip(drawn, least, most, strict=True)
    ]


def bounds_of_variables(box: Box) -> tuple[list[FloatArray], list[FloatArray]]:
    """The least and the most that each variable of the polynomials is in a box."""
    least = _variables(box.applicants[0], box.mentors[0], box.places[0], box.shared[0])
    most = _variables(box.applicants[1], box.mentors[1], box.places[1], box.shared[1])
    # Few places among many applicants are at one end, many among few at the other.
    least[2] = _variables(box.applicants[0], 1, min(box.places[1], box.applicants[0]), 0)[2]
    most[2] = _variables(box.applicants[1], 1, box.places[0], 0)[2]
    return least, most


def _variables(
    applicants: npt.ArrayLike, mentors: npt.ArrayLike, places: npt.ArrayLike, shared: npt.ArrayLike
) -> list[FloatArray]:
    """What the ratio is smooth in: ln N, ln of the mentors, the bar in normal scores, and a."""
    pool, lists, taken, part = (
        np.asarray(each, dtype=np.float64)
        for each in np.broadcast_arrays(applicants, mentors, places, shared)
    )
    bar = normal.quantile(1 - np.minimum(taken, pool) / (pool + 1))
    return [np.log(pool), np.log(lists), bar, part]


def _nodes(ends: tuple[float, float]) -> tuple[float, ...]:
    """Slopes between which a polynomial errs least (Chebyshev)."""
    if ends[0] == ends[1]:
        return (ends[0],)
    angles = (np.arange(SLOPES) + 0.5) * np.pi / SLOPES
    middle, half = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
    return tuple(float(middle - half * np.cos(angle)) for angle in angles)


def _lagrange(nodes: Sequence[float], at: FloatArray) -> list[FloatArray]:
    """What each node's value weighs in the polynomial through all of them."""
    weights = []
    for node in nodes:
        weight = np.ones(np.shape(at))
        for other in nodes:
            if other != node:
                weight = weight * (at - other) / (node - other)
        weights.append(weight)
    return weights


def _differences(outcomes: Outcomes, slope: float) -> FloatArray:
    """By how much the extra scholar's score is above the middle one's, for each replicate."""
    return np.asarray(np.log(outcomes.ratios(slope)) / slope)


def surfaces(uncertain: Uncertain, wanted: Iterable[str], seed: int) -> dict[str, MarginSurface]:
    """The stand-ins that draws of some results need.

    Returns
    -------
    dict of str to MarginSurface
        By the ids of those results of `mentor_margin` that they depend on and that are uncertain;
        the errors of their ratios are those over the draws.
    """
    graph = uncertain.graph
    found: dict[str, MarginSurface] = {}
    for result_id in sorted(graph.needed({each.partition(".")[0] for each in wanted})):
        ids = uncertain.needed([result_id])
        if graph[result_id].function is not mentor_margin or not ids:
            continue
        make = partial(_surface, uncertain, result_id, seed, dict(found))
        key = ("surface", seed, key_of_results(uncertain, [result_id]))
        if made := remembered(key, make):  # there is none where no draw reaches its arguments
            found[result_id] = made[0]
    return found


def _surface(
    uncertain: Uncertain, result_id: str, seed: int, stand_ins: dict[str, MarginSurface]
) -> list[MarginSurface]:
    """The stand-in for a result where some draws reach its arguments."""
    design = Design(PILOT, seed)
    (batch,) = design.batches()
    ids = uncertain.needed([result_id])
    uniforms = {each: design.uniforms(uncertain.dimension[each], batch) for each in ids}
    asked: list[tuple[Any, ...]] = []

    def note(*arguments: Any) -> FloatArray:
        asked.append(arguments)
        return np.zeros((PILOT, 2 * MEANS))

    values = uncertain.central | uncertain.values(uniforms).values
    evaluate(uncertain.graph, values, wanted=[result_id], stand_ins={**stand_ins, result_id: note})
    if not asked:
        return []
    box = Box.around(*asked[0][:6])
    replicates = int(np.max(asked[0][6]) * SHARE_OF_REPLICATES)
    surface = _kept_surface(box, max(replicates, FEWEST_REPLICATES), seed)
    return [surface.over(*asked[0][:6])]


@lru_cache(maxsize=16)
def _kept_surface(box: Box, replicates: int, seed: int) -> MarginSurface:
    """A surface, made once: it takes seconds, and every table of a workbook needs the same one."""
    return margin_surface(box, replicates, seed)
