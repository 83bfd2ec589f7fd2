"""Draws: Sobol points, copula, whole numbers and orderings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from pycore.checks import Domain
from pycore.errors import InputError
from pycore.nodes import Ordering, SharedWhole
from pycore.uncertainty.design import RANDOMISATIONS, Design
from pycore.uncertainty.distributions import fit
from pycore.uncertainty.sampling import Range, Uncertain
from pycore.uncertainty.sobol import ScrambledSobol
from tests.pycore.uncertainty.uncertain import lognormal, normal, result, total, uncertain, uniform

RANGES = {"a": normal(0, 1), "b": lognormal(1, 0.5), "c": uniform(2, 4), "d": normal(5, 2)}
RESULTS = (result("sum", total, "a", "b", "c", "d"), result("part", total, "a", "c"))
PAIRS = (("a", "b", 0.6), ("b", "d", -0.4))


def drawn(given: Uncertain, draws: int = 1 << 14, seed: int = 1, batch: int = 1 << 16) -> Any:
    design = Design(draws, seed, batch)
    pieces = []
    for each in design.batches():
        uniforms = {i: design.uniforms(given.dimension[i], each) for i in given.ids}
        pieces.append(given.values(uniforms).values)
    return {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}


# Sobol points


def test_they_are_as_even_as_those_of_scipy() -> None:
    """Scrambled or not, points fill as many cells of each size: 64 of them, in a net."""
    theirs = qmc.Sobol(5, scramble=False).random_base2(6)
    ours = [ScrambledSobol(6, 5).uniforms(axis, 0, 0, 64) for axis in range(5)]
    for one in range(5):
        assert sorted(np.floor(ours[one] * 64)) == list(range(64))
        for other in range(one):
            cells = [
                len({(int(8 * a), int(8 * b)) for a, b in zip(*pair, strict=True)})
                for pair in ((theirs[:, one], theirs[:, other]), (ours[one], ours[other]))
            ]
            assert cells[0] == cells[1]


@pytest.mark.parametrize("start", [0, 64, 192])
def test_a_stretch_is_the_stretch_of_the_whole(start: int) -> None:
    sequence = ScrambledSobol(8, 3)
    whole = sequence.uniforms(70, 2, 0, 256)
    assert np.array_equal(sequence.uniforms(70, 2, start, 64), whole[start : start + 64])
    assert np.array_equal(sequence.uniforms(70, 2, start, 1), whole[start : start + 1])


def test_scramblings_differ_in_seed_randomisation_and_dimension() -> None:
    first = ScrambledSobol(10, 0).uniforms(0, 0, 0, 1024)
    for other in (
        ScrambledSobol(10, 1).uniforms(0, 0, 0, 1024),
        ScrambledSobol(10, 0).uniforms(0, 1, 0, 1024),
        ScrambledSobol(10, 0).uniforms(1, 0, 0, 1024),
    ):
        assert not np.isin(other, first).any()


def test_points_are_uniform_and_never_0_or_1() -> None:
    points = np.concatenate([ScrambledSobol(6, 9).uniforms(4, r, 0, 64) for r in range(500)])
    assert points.min() > 0
    assert points.max() < 1
    # Each single point is uniform over its scramblings.
    assert stats.kstest(points[::64], "uniform").pvalue > 0.01


# Draws


def test_every_distribution_is_kept() -> None:
    for pairs in ((), PAIRS):
        values = drawn(uncertain(RANGES, RESULTS, pairs))
        for each, given in RANGES.items():
            levels = fit(*given, -1e6, 1e6).cdf(values[each])
            assert stats.kstest(levels, "uniform").statistic < 0.003, each


def test_the_rank_correlations_found_are_those_asked_for() -> None:
    values = drawn(uncertain(RANGES, RESULTS, PAIRS))
    found = stats.spearmanr(np.stack([values[each] for each in RANGES], axis=1)).statistic
    asked = np.eye(4)
    asked[0, 1] = asked[1, 0] = 0.6
    asked[1, 3] = asked[3, 1] = -0.4
    assert np.abs(found - asked).max() < 0.01


def test_others_given_the_first() -> None:
    given = uncertain(RANGES, RESULTS, PAIRS)
    rng = np.random.default_rng(2)
    one, other = ({each: rng.random(4000) for each in RANGES} for _ in range(2))
    kept = given.values(one, first=["b"]).values
    redrawn = given.values(other | {"b": one["b"]}, first=["b"]).values
    assert np.array_equal(kept["b"], redrawn["b"])
    ranks = stats.spearmanr(redrawn["a"], redrawn["b"]).statistic
    assert ranks == pytest.approx(0.6, abs=0.03)
    # Given b, the two draws of a are independent: their correlation is only what b explains.
    normal_correlation = 2 * np.sin(np.pi * 0.6 / 6)
    found = np.corrcoef(kept["a"], redrawn["a"])[0, 1]
    assert found == pytest.approx(normal_correlation**2, abs=0.04)


def test_equal_seeds_equal_numbers_for_every_batch() -> None:
    given = uncertain(RANGES, RESULTS, PAIRS)
    first = drawn(given, 40_000, 7)
    for batch in (1, 1024, 5000, 1 << 30):
        for each, values in drawn(given, 40_000, 7, batch).items():
            assert np.array_equal(values, first[each])
    assert not np.array_equal(drawn(given, 40_000, 8)["a"], first["a"])


def test_fixing_one_leaves_the_draws_of_the_others() -> None:
    fixed = RANGES | {"b": Range("fixed", 1, 2, 3)}
    assert np.array_equal(
        drawn(uncertain(fixed, RESULTS))["d"], drawn(uncertain(RANGES, RESULTS))["d"]
    )


def test_whole_numbers_within_bounds() -> None:
    ranges = {"n": Range("normal", 1, 2, 5)}
    values = drawn(
        uncertain(ranges, [result("r", total, "n")], domains={"n": Domain(1, 6, whole=True)})
    )["n"]
    assert set(values) == {1, 2, 3, 4, 5, 6}


def test_shares_of_a_whole_are_held_to_it() -> None:
    half = Range("uniform", 0.35, 0.5, 0.65)
    given = uncertain(
        {"first": half, "second": half},
        [result("both", total, "first", "second"), result("one", total, "first")],
        domains=dict.fromkeys(("first", "second"), Domain(0, 1)),
    )
    graph = replace(given.graph, wholes=(SharedWhole(first="first", second="second"),))
    given = Uncertain(graph, given.ranges)
    rng = np.random.default_rng(1)
    uniforms = {each: rng.random(1000) for each in ("first", "second")}
    draws, free = given.values(uniforms), given.unordered(uniforms)
    over = free["first"] + free["second"] > 1
    assert draws.held == {"second": np.count_nonzero(over)}
    assert 0.4 < over.mean() < 0.6
    assert (draws.values["first"] == free["first"]).all()
    assert (draws.values["second"] == np.where(over, 1 - free["first"], free["second"])).all()
    # What is held is drawn with what holds it; alone, it moves nothing.
    assert given.needed(["one"]) == ("first", "second")
    assert given.influential(["one"]) == ("first",)
    assert given.influential(["both"]) == ("first", "second")
    with pytest.raises(InputError, match="the shares of a whole must be of assumptions"):
        replace(given.graph, wholes=(SharedWhole(first="first", second="both"),))


def test_orderings_are_kept_and_told() -> None:
    ranges = {"top": normal(10, 2), "middle": Range("normal", 5, 9, 13), "bottom": normal(3, 2)}
    given = uncertain(
        ranges,
        [result("r", total, "middle")],
        domains={"middle": Domain(-1000, 1000, whole=True)},
        orderings=(
            Ordering(smaller="bottom", larger="middle"),  # the chain from its lower end
            Ordering(smaller="middle", larger="top"),
        ),
    )
    design = Design(1 << 14, 1)
    (batch,) = design.batches()
    uniforms = {i: design.uniforms(given.dimension[i], batch) for i in given.needed(["r"])}
    assert set(uniforms) == {"top", "middle", "bottom"}
    assert given.influential(["r"]) == ("top", "middle")
    found = given.values(uniforms)
    top, middle, bottom = (found.values[each] for each in ranges)
    assert (bottom <= middle).all()
    assert (middle <= top).all()
    assert (middle == np.floor(middle)).all()
    free = given.unordered(uniforms)
    assert np.array_equal(top, free["top"])
    over = free["middle"] > top
    assert found.held["middle"] == over.sum()
    assert np.array_equal(middle[over], np.floor(top[over]))
    assert np.array_equal(middle[~over], free["middle"][~over])


def test_a_fixed_one_is_held_too() -> None:
    ranges = {"top": normal(10, 2), "bottom": Range("fixed", 9, 9, 9)}
    given = uncertain(
        ranges,
        [result("r", total, "bottom")],
        orderings=(Ordering(smaller="bottom", larger="top"),),
    )
    values = drawn(given)
    assert np.array_equal(values["bottom"], np.minimum(values["top"], 9))


# Refusals


@pytest.mark.parametrize("draws", [0, -1, 1.5, 10**9 + 1, 2.0**40, float("nan"), None, "16"])
def test_numbers_of_draws_refused(draws: Any) -> None:
    with pytest.raises(InputError, match="draws must be a whole number from 1 to 1,000,000,000"):
        Design(draws, 1)


def test_draws_are_rounded_up() -> None:
    for asked, number in ((1, 16), (16, 16), (17, 32), (10**6, 1 << 20), (10**9, 1 << 30)):
        design = Design(asked, 1)
        assert design.number == number == RANDOMISATIONS * design.size


@pytest.mark.parametrize(
    ("pairs", "ranges", "words"),
    [
        ((("a", "c", 0.5),), {}, "the correlation of a with c must .*not fixed, but is 'c'"),
        ((("a", "x", 0.5),), {}, "the correlation of a with x must .* but is 'x'"),
        ((("a", "b", 1.5),), {}, "a and b must be a number from -1 to 1"),
        ((), {"x": normal(0, 1)}, "a range must be of one of the graph's assumptions, but is 'x'"),
        ((), {"a": Range("normal", 1, 0, 2)}, "a.low must be at most a"),
        ((), {"a": Range("bell", 0, 1, 2)}, "a: distribution must be one of"),
        ((), {"a": Range("beta", 2, 3, 4)}, "a: low must"),
    ],
)
def test_ranges_and_pairs_refused(
    pairs: tuple[tuple[str, str, float], ...], ranges: dict[str, Range], words: str
) -> None:
    known = RANGES | {"c": Range("fixed", 1, 1, 1)}
    graph = uncertain(known, RESULTS).graph
    with pytest.raises(InputError, match=words):
        Uncertain(graph, known | ranges, pairs)


def test_those_that_lead_have_the_first_dimensions() -> None:
    graph = uncertain(dict.fromkeys("abc", normal(0, 1)), [result("y", total, *"abc")]).graph
    leading = Uncertain(replace(graph, leading=("c",)), {})
    assert leading.dimension == {"c": 0, "a": 1, "b": 2}
    with pytest.raises(InputError, match="what leads must be of assumptions, but is 'y'"):
        replace(graph, leading=("y",))
