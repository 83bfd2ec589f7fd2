"""Simulating the model's uncertainty beside plain Monte Carlo, by hand and with a package.

How long it takes to a given error: of independent draws, the time of one run times the square of
its error over the target; of ours, the time of the first doubling of the draws whose error
reaches it. Errors are root mean squares over seeds, against a far longer run. Those of independent
draws are measured on plain numpy and hold for the package too, whose draws are the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from pycore.model.arguments import uncertain
from pycore.model.results import model
from pycore.uncertainty.distributions import Fitted, fit
from pycore.uncertainty.families import Beta, Lognormal, Normal, Triangular
from pycore.uncertainty.sampling import Uncertain
from pycore.uncertainty.simulation import PERCENTILES, simulation
from pycore.uncertainty.surfaces import MarginSurface, surfaces

from .timing import Benchmark, UnavailableError, timed

WANTED = (
    "cost_multiple",
    "marginal_ratio",
    "adjusted_multiple",
    "place_multiple",
    "mentor_multiple",
    "net_value",
    "ratio_shift.after",
    "net_safety",
)
"""The headlines of the first three questions, which `_headlines` computes by hand."""

COMPARED = {"median": 2, "P95": 4}
"""What errors are measured of: its place among the percentiles."""

TARGET = 1e-3
"""The error aimed at, as a share of the result's 90% range."""

REFERENCES, REFERENCE_DRAWS = range(101, 105), 1 << 20
SEEDS = range(1, 7)
LEVELS = range(13, 21)
"""Powers of two through which the draws are doubled."""

PLAIN_DRAWS, PLAIN_SEEDS = 1 << 16, range(1, 17)
MANY = 1 << 20

Floats = npt.NDArray[np.float64]
Draws = Mapping[str, Floats]
Run = Callable[[int, int], Floats]
"""Simulates so many draws from a seed; gives percentiles: a row for each of `WANTED`."""


class Given(NamedTuple):
    """What every way simulates. The surface is made before, and given to all of them."""

    uncertain: Uncertain
    surface: MarginSurface
    fitted: Mapping[str, Fitted]


class Reached(NamedTuple):
    """For each of `WANTED` and each of `COMPARED`, what takes the errors to the target.

    `draws` is of ours; `runs` is how many plain runs' time it takes.
    """

    draws: npt.NDArray[np.int64]
    runs: Floats


def beside_numpy() -> Iterator[Benchmark]:
    """Simulating beside what a person would write with numpy."""
    parts = {f"median and P95 of {each}": np.s_[row, :] for row, each in enumerate(WANTED)}
    yield from _to_an_error(plain_run, "plain numpy", EVERY | parts)
    yield _for_a_draw(plain_run, "plain numpy")


def beside_squigglepy() -> Iterator[Benchmark]:
    """Simulating beside a package for such estimates, its draws combined with numpy."""
    run = _packaged()
    yield from _to_an_error(run, "squigglepy (PyPI)", EVERY)
    yield _for_a_draw(run, "squigglepy (PyPI)")


EVERY: dict[str, Any] = {
    f"{name} of every headline": np.s_[:, column] for column, name in enumerate(COMPARED)
}
"""What must all be reached, as parts of `Reached`."""


def _to_an_error(run: Run, what: str, parts: Mapping[str, Any]) -> Iterator[Benchmark]:
    reached = _reached()
    for name, part in parts.items():
        draws, runs = int(reached.draws[part].max()), float(reached.runs[part].max())
        yield Benchmark(
            name=f"simulate to {TARGET:.1%} of the 90% range: {name}",
            against=f"{draws:,} draws, all headlines computed, beside {runs * PLAIN_DRAWS:,.2g} "
            f"draws of {what} (from the time of {PLAIN_DRAWS:,})",
            ours=timed(partial(our_run, draws, 1)),
            other=_scaled(timed(partial(run, PLAIN_DRAWS, 1)), runs),
            repeats=2,
            warm_ups=0,
        )


def _for_a_draw(run: Run, what: str) -> Benchmark:
    return Benchmark(
        name=f"simulate all headlines, {MANY:,} draws",
        against="seconds for a draw; percentiles with their errors, means and histograms, beside "
        f"the percentiles alone by {what}",
        ours=timed(partial(our_run, MANY, 1), share=MANY),
        other=timed(partial(run, MANY, 1), share=MANY),
        repeats=2,
        warm_ups=0,
    )


def _scaled(timer: Callable[[], float], factor: float) -> Callable[[], float]:
    return lambda: timer() * factor


@cache
def given() -> Given:
    graph = model()
    rows = [[a.id, a.distribution, a.low, a.central, a.high] for a in graph.assumptions]
    ranges = uncertain(rows, [])
    fitted = {}
    for each in ranges.needed({reference.partition(".")[0] for reference in WANTED}):
        node = graph[each]
        ends = node.domain.minimum, node.domain.maximum
        fitted[each] = fit(node.distribution, node.low, node.central, node.high, *ends)
    return Given(ranges, surfaces(ranges, WANTED, 1)["mentor_margin"], fitted)


@cache
def _reached() -> Reached:
    """Measure the errors, ours at one doubling after another until all are small enough."""
    truth = np.mean([our_run(REFERENCE_DRAWS, seed) for seed in REFERENCES], axis=0)
    width = (truth[:, -1] - truth[:, 0])[:, None]

    def errors(run: Run, draws: int, seeds: range) -> Floats:
        off = np.asarray([run(draws, seed) - truth for seed in seeds])
        shares = np.sqrt(np.square(off).mean(axis=0)) / width / TARGET
        return np.asarray(shares[:, list(COMPARED.values())])

    runs = np.square(errors(plain_run, PLAIN_DRAWS, PLAIN_SEEDS))
    draws = np.zeros(runs.shape, dtype=np.int64)
    for level in LEVELS:
        fine = errors(our_run, 1 << level, SEEDS) <= 1
        # One that was reached by luck, and missed again with more draws, starts anew.
        draws = np.where(fine, np.where(draws, draws, 1 << level), 0)
        if draws.all():
            return Reached(draws, runs)
    raise UnavailableError(f"{1 << LEVELS[-1]:,} draws do not reach {TARGET:.1%}")


def our_run(draws: int, seed: int) -> Floats:
    stand_ins = {"mentor_margin": given().surface}
    found = simulation(given().uncertain, WANTED, draws, seed, stand_ins=stand_ins)
    spreads = found.spreads.values()
    return np.asarray([[each.value for each in spread.percentiles] for spread in spreads])


def plain_run(draws: int, seed: int) -> Floats:
    """As a person would write it."""
    rng = np.random.default_rng(seed)
    return _percentiles(_within({k: _plain(f, rng) for k, f in given().fitted.items()}, draws))


Sampler = Callable[[int], Floats]


def _plain(fitted: Fitted, rng: np.random.Generator) -> Sampler:
    match fitted.family:
        case Lognormal(Normal(middle, sd)):
            return lambda n: rng.lognormal(middle, sd, n)
        case Normal(middle, sd):
            return lambda n: rng.normal(middle, sd, n)
        case Triangular(start, mode, end):
            return lambda n: rng.triangular(start, mode, end, n)
        case Beta(start, end, first, second):
            return lambda n: start + (end - start) * rng.beta(first, second, n)
        case other:
            raise UnavailableError(f"no sampler for {type(other).__name__}")


def _packaged() -> Run:
    try:
        import squigglepy  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise UnavailableError(f"squigglepy is not installed ({error})") from None

    def sampler(fitted: Fitted) -> Sampler:
        match fitted.family:
            case Lognormal(Normal(middle, sd)):
                what = squigglepy.lognorm(norm_mean=middle, norm_sd=sd)
            case Normal(middle, sd):
                what = squigglepy.norm(mean=middle, sd=sd)
            case Triangular(start, mode, end):
                what = squigglepy.triangular(start, mode, end)
            case Beta(start, end, first, second):
                shares = squigglepy.beta(first, second)
                return lambda n: start + (end - start) * squigglepy.sample(shares, n=n)
            case other:
                raise UnavailableError(f"no distribution for {type(other).__name__}")
        return lambda n: np.atleast_1d(squigglepy.sample(what, n=n))

    def run(draws: int, seed: int) -> Floats:
        squigglepy.set_seed(seed)
        samplers = {each: sampler(fitted) for each, fitted in given().fitted.items()}
        return _percentiles(_within(samplers, draws))

    return run


def _within(samplers: Mapping[str, Sampler], draws: int) -> Draws:
    """Draw all assumptions: those out of bounds again, whole numbers rounded."""
    found: dict[str, Floats] = {}
    for each, sample in samplers.items():
        fitted, domain = given().fitted[each], model()[each].domain
        values = sample(draws)
        while (out := np.flatnonzero((values < fitted.minimum) | (values > fitted.maximum))).size:
            values[out] = sample(out.size)
        found[each] = np.rint(values) if domain.whole else values
    for rule in model().orderings:
        np.minimum(found[rule.smaller], found[rule.larger], out=found[rule.smaller])
    return found


def _percentiles(draws: Draws) -> Floats:
    return np.asarray([np.quantile(values, PERCENTILES) for values in _headlines(draws).values()])


def _headlines(d: Draws) -> dict[str, Any]:
    """The equations, by hand."""
    value, cost = d["value_per_researcher"], d["marginal_cost"]
    spread = d["impact_orders"] * np.log(10) / (2 * ndtri((1 + d["impact_coverage"]) / 2))
    pool, last = d["applicants"] + 0.25, d["admitted"]
    gap = ndtri((last - 0.375) / pool) - ndtri(((last + 1) / 2 - 0.375) / pool)
    ratio = np.exp(-spread * d["selection_validity"] * gap)
    names = ("applicants", "mentors", "places", "shared_criteria", "selection_validity")
    margins = given().surface(*(d[name] for name in names), spread)
    moved = d["pivot_share"] * d["added_capabilities"]
    safety, other = d["added_safety"] + moved, d["added_capabilities"] - moved
    lost = d["backfire_share"] * safety
    capabilities = d["capabilities_researchers"] + d["added_capabilities"]
    return {
        "cost_multiple": value / cost,
        "marginal_ratio": ratio,
        "adjusted_multiple": value * ratio / cost,
        "place_multiple": value * margins[:, 0] / cost,
        "mentor_multiple": value * margins[:, 2] / cost,
        "net_value": value * ratio - cost,
        "ratio_shift.after": capabilities / (d["safety_researchers"] + d["added_safety"]),
        "net_safety": safety - lost - (other + lost) / d["offset"] + d["spillover"] * other,
    }
