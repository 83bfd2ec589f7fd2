"""Simulation against closed forms, and what it claims about its own errors."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from pycore import cost, ratio
from pycore.checks import Domain
from pycore.errors import InputError
from pycore.graph import evaluate
from pycore.model.results import model
from pycore.uncertainty.sampling import Range, Uncertain
from pycore.uncertainty.simulation import PERCENTILES, Spread, simulation
from tests.pycore.uncertainty.uncertain import (
    lognormal,
    normal,
    product,
    quotient,
    result,
    total,
    uncertain,
    uniform,
)

LOGNORMALS = {"a": lognormal(1, 0.5), "b": lognormal(0, 0.3), "c": lognormal(-1, 0.4)}
MIXED = uncertain(
    LOGNORMALS | {"d": normal(3, 2), "e": normal(-1, 1.5)},
    [
        result("product", product, "a", "b", "c"),
        result("quotient", quotient, "a", "b"),
        result("sum", total, "d", "e"),
    ],
)
TRUTH = {
    "product": stats.lognorm(np.sqrt(0.5), scale=1),
    "quotient": stats.lognorm(np.sqrt(0.34), scale=np.e),
    "sum": stats.norm(2, 2.5),
}
LIMITS = {"product": 1.5, "quotient": 2.0, "sum": 0.0}


def z_scores(spread: Spread, truth: Any) -> list[float]:
    """By how many standard errors the percentiles, mean and chance are off."""
    found = [*spread.percentiles, spread.mean]
    exact = [*truth.ppf(PERCENTILES), truth.mean()]
    if spread.chance and spread.threshold is not None:
        found, exact = [*found, spread.chance], [*exact, truth.sf(spread.threshold)]
    return [(each.value - value) / each.error for each, value in zip(found, exact, strict=True)]


def test_products_quotients_and_sums() -> None:
    found = simulation(MIXED, TRUTH, 1 << 18, 1, LIMITS)
    assert found.draws == 1 << 18
    for each, truth in TRUTH.items():
        spread = found.spreads[each]
        assert np.abs(z_scores(spread, truth)).max() < 4
        assert all(each.error < 1e-3 * truth.std() for each in spread.percentiles[1:4])
        assert spread.mean.value == pytest.approx(truth.mean(), rel=1e-4)
        assert spread.chance is not None
        assert spread.chance.value == pytest.approx(truth.sf(LIMITS[each]), abs=2e-4)
        assert np.abs(spread.cumulative - truth.cdf(spread.edges)).max() < 5e-4
        assert spread.shares.sum() == pytest.approx(0.99, abs=1e-3)
        assert spread.resolution == 0


def test_errors_cover_as_often_as_they_say() -> None:
    """Over 60 seeds, errors in standard errors are Student's t with 15 degrees of freedom."""
    scores = []
    for seed in range(60):
        found = simulation(MIXED, TRUTH, 2048, seed, LIMITS)
        scores += [z for each, truth in TRUTH.items() for z in z_scores(found.spreads[each], truth)]
    inside = np.mean(np.abs(scores) < stats.t(15).ppf(0.95))
    assert 0.85 < inside < 0.95
    assert abs(np.mean(scores)) < 0.4


def test_errors_fall_faster_than_those_of_random_draws() -> None:
    """64 times the draws; with random ones that leaves an eighth of the error."""
    for each in TRUTH:
        few, many = (
            np.sqrt(
                np.mean(
                    [
                        np.square(_errors(simulation(MIXED, [each], draws, seed).spreads[each]))
                        for seed in range(4)
                    ],
                    axis=0,
                )
            )
            for draws in (1 << 11, 1 << 17)
        )
        assert (many < few / 10).all()
        assert many[-1] < few[-1] / 20


def _errors(spread: Spread) -> Any:
    return [each.error for each in (*spread.percentiles, spread.mean)]


def test_the_shift_of_the_ratio_against_quadrature() -> None:
    ranges = {
        "safety": lognormal(np.log(950), 0.28),
        "capabilities": lognormal(np.log(1e4), 0.42),
        "more": normal(500, 60),
        "away": normal(300, 100),
    }
    positive = Domain(1e-9, 1e15)
    given = uncertain(
        ranges,
        [
            result(
                "shift",
                ratio.ratio_shift,
                *ranges,
                parts=("before", "after", "change"),
            )
        ],
        domains=dict.fromkeys(ranges, positive),
    )
    found = simulation(given, ["shift.after"], 1 << 16, 3, {"shift.after": 7}).spreads
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    top = np.exp(np.log(1e4) + 0.42 * nodes)[:, None] + (300 + 100 * nodes)[None, :]
    below = np.exp(np.log(950) + 0.28 * nodes)[:, None] + (500 + 60 * nodes)[None, :]
    both = weights[:, None] * weights[None, :]
    mean = (both * top).sum() * (both / below).sum()
    spread = found["shift.after"]
    # The bounds cut one in a thousand off "away", which the mean feels in its fifth digit.
    assert spread.mean.value == pytest.approx(mean, rel=2e-4)

    def chance(safety: float) -> float:
        # P((C + d)/(S + m) >= 7 | S), over C exactly and over d, m at nodes.
        need = 7 * (safety + 500 + 60 * nodes)[None, :] - (300 + 100 * nodes)[:, None]
        over = stats.lognorm.sf(need, 0.42, scale=1e4)
        return float((both * over).sum() * stats.lognorm.pdf(safety, 0.28, scale=950))

    exact = integrate.quad(chance, 150, 5000, epsabs=1e-9)[0]
    assert spread.chance is not None
    assert spread.chance.value == pytest.approx(exact, abs=5e-4)


def test_central_values_alone_give_the_scalar_results() -> None:
    graph = model()
    fixed = {
        each.id: Range("fixed", each.low, each.central, each.high) for each in graph.assumptions
    }
    wanted = ["adjusted_multiple", "ratio_shift.change", "net_safety", "mentor_margin.overlap"]
    exact = evaluate(graph)
    found = simulation(Uncertain(graph, fixed), wanted, 1000, 1, {"net_safety": 495})
    for each in wanted:
        name, _, part = each.partition(".")
        value = exact[name]
        if part:
            value = value[..., graph[name].parts.index(part)]
        spread = found.spreads[each]
        assert {*(m.value for m in spread.percentiles), spread.mean.value} == {float(value)}
        assert {*(m.error for m in spread.percentiles), spread.mean.error} == {0}
    assert found.spreads["net_safety"].chance == (1, 0)


def test_what_else_is_wanted_and_the_batch_change_nothing() -> None:
    alone = simulation(MIXED, ["quotient"], 3 << 10, 5, {"quotient": 2}).spreads["quotient"]
    for batch in (1, 4096, 1 << 40):
        together = simulation(MIXED, TRUTH, 3 << 10, 5, LIMITS, batch=batch)
        assert repr(together.spreads["quotient"]) == repr(alone)
    other = simulation(MIXED, ["quotient"], 3 << 10, 6).spreads["quotient"]
    assert other.mean != alone.mean


def test_counted_draws_say_what_kept_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = 1 << 17
    exact = simulation(MIXED, TRUTH, draws, 2, LIMITS).spreads
    monkeypatch.setattr("pycore.uncertainty.simulation.MOST_KEPT", 1 << 15)
    counted = simulation(MIXED, TRUTH, draws, 2, LIMITS).spreads
    again = simulation(MIXED, TRUTH, draws, 2, LIMITS, batch=2048).spreads
    for each, spread in counted.items():
        assert repr(again[each]) == repr(spread)
        assert spread.chance == exact[each].chance
        assert spread.mean.value == pytest.approx(exact[each].mean.value, rel=1e-12)
        assert 0 < spread.resolution < 0.02
        for one, other in zip(spread.percentiles, exact[each].percentiles, strict=True):
            assert abs(one.value - other.value) < spread.resolution
            assert abs(one.value - other.value) < 0.3 * other.error
            assert one.error == pytest.approx(other.error, rel=0.1)


def test_counted_whole_numbers_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    given = uncertain(
        {"n": Range("normal", 2, 5, 9)},
        [result("r", total, "n")],
        domains={"n": Domain(0, 12, whole=True)},
    )
    exact = simulation(given, ["r"], 1 << 17, 2).spreads["r"]
    monkeypatch.setattr("pycore.uncertainty.simulation.MOST_KEPT", 1 << 15)
    counted = simulation(given, ["r"], 1 << 17, 2).spreads["r"]
    assert [each.value for each in counted.percentiles] == [
        each.value for each in exact.percentiles
    ]
    assert counted.resolution == 0


def year(pace: Any) -> Any:
    """1/pace, or the words that stand for what no number does."""
    pace = np.asarray(pace)
    with np.errstate(divide="ignore"):
        cells = np.where(np.abs(pace) < 1, 1 / pace, 0.0).astype(object)
    cells[pace <= 0] = "never"
    cells[pace >= 1] = "at once"
    return cells[()]


def paces(first: float, last: float, **words: str) -> Uncertain:
    return uncertain({"pace": uniform(first, last)}, [result("year", year, "pace", **words)])


ENDS = {"lowest": "at once", "highest": "never"}


def test_words_that_stand_for_limits() -> None:
    """Of paces from -0.5 to 1.5 a quarter are never, a quarter at once; 1/pace between them."""
    found = simulation(paces(-0.5, 1.5, **ENDS), ["year"], 1 << 14, 1, {"year": 2.0})
    spread = found.spreads["year"]
    low, first, middle, third, high = spread.percentiles
    assert [spread.in_words(each.value) for each in (low, high)] == ["at once", "never"]
    assert (low.error, high.error) == (0, 0)
    assert middle.value == pytest.approx(2, abs=0.01)
    assert spread.chance is not None
    assert spread.chance.value == pytest.approx(0.5, abs=1e-3)
    # At 25% and 75% some randomisations have a word, and others a number: there is no error.
    assert all(each.error >= 0 or np.isnan(each.error) for each in (first, third))
    assert spread.in_words(spread.mean.value) == ""
    assert spread.remark == "no mean: 'at once' or 'never' in 50% of the draws"
    assert np.isfinite(spread.edges).all()
    assert spread.cumulative[0] >= 0.25
    assert spread.cumulative[-1] <= 0.75


def test_counted_words(monkeypatch: pytest.MonkeyPatch) -> None:
    given, limits = paces(-0.5, 1.5, **ENDS), {"year": 2.0}
    exact = simulation(given, ["year"], 1 << 17, 2, limits).spreads["year"]
    monkeypatch.setattr("pycore.uncertainty.simulation.MOST_KEPT", 1 << 15)
    counted = simulation(given, ["year"], 1 << 17, 2, limits).spreads["year"]
    assert (counted.chance, counted.endless) == (exact.chance, exact.endless)
    for place in (0, 4):
        assert counted.percentiles[place] == exact.percentiles[place]
    assert counted.percentiles[2].value == pytest.approx(2, abs=0.01)
    assert np.isnan(counted.mean.value)
    assert np.isfinite(counted.edges).all()


def test_nothing_but_words() -> None:
    spread = simulation(paces(-2, -1, **ENDS), ["year"], 64, 2).spreads["year"]
    assert {spread.in_words(each.value) for each in spread.percentiles} == {"never"}
    assert spread.in_words(spread.central) == "never"
    assert np.isnan(spread.edges).all()


def test_other_words_are_refused_with_their_number() -> None:
    rule = "year must be a number in every draw, but is 'at once' in 16 of 64 draws"
    with pytest.raises(InputError, match=rule):
        simulation(paces(-0.5, 1.5, highest="never"), ["year"], 64, 1)


def test_memory_does_not_grow_with_the_draws() -> None:
    simulation(MIXED, ["sum"], 1 << 21, 1)
    tracemalloc.start()
    simulation(MIXED, ["sum"], 1 << 22, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_a_result_that_simulates_needs_a_surface() -> None:
    graph = model()
    ranges = {
        each.id: Range("normal", each.low, each.central, each.high)
        for each in graph.assumptions
        if each.id in ("mentors", "places")
    }
    wanted = ["place_multiple"]
    with pytest.raises(InputError, match="place_multiple must have a surface"):
        simulation(Uncertain(graph, ranges), wanted, 1000, 1)
    found = simulation(Uncertain(graph, ranges), ["admission_rate"], 1000, 1)
    assert found.held == {}


@pytest.mark.parametrize(
    ("wanted", "thresholds", "words"),
    [
        (["multiples"], {}, "a wanted result must be one of the graph's, but is 'multiples'"),
        (["range"], {}, "be one number: range and one of its parts: low, high"),
        (["range.middle"], {}, "be one of the parts of range, but is 'range.middle'"),
        (["said"], {}, "must be a number, not words, but is 'said'"),
        (["range.low"], {"range.high": 1}, "a threshold must be for one of the wanted results"),
        (["range.low"], {"range.low": "much"}, "the threshold of range.low must be a number"),
    ],
)
def test_refused(wanted: list[str], thresholds: dict[str, Any], words: str) -> None:
    given = uncertain(
        {"v": lognormal(3, 0.1), "low": lognormal(1, 0.1), "high": lognormal(2, 0.1)},
        [
            result("range", cost.cost_multiple_range, "v", "low", "high", parts=("low", "high")),
            result("said", cost.quote, "range.low", "range.high"),
        ],
    )
    with pytest.raises(InputError, match=words):
        simulation(given, wanted, 1000, 1, thresholds)
