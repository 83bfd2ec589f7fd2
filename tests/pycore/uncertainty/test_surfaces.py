"""The surface that stands in for the draft, against the draft; and the polynomials under it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pycore.checks import COUNT, SHARE
from pycore.draft.mentors import mentor_margin
from pycore.errors import InputError
from pycore.graph import evaluate
from pycore.uncertainty.polynomials import fitted
from pycore.uncertainty.sampling import Range, Uncertain
from pycore.uncertainty.sensitivity import sensitivity
from pycore.uncertainty.simulation import simulation
from pycore.uncertainty.surfaces import (
    FEWEST_REPLICATES,
    SHARE_OF_REPLICATES,
    Box,
    margin_surface,
    surfaces,
)
from tests.pycore.uncertainty.uncertain import result, uncertain

SIZES = {"applicants": (150, 200, 260), "mentors": (10, 12, 15), "places": (18, 20, 25)}
RANGES = {
    each: Range("triangular", *(float(number) for number in sizes)) for each, sizes in SIZES.items()
} | {
    "shared": Range("uniform", 0.2, 0.5, 0.8),
    "validity": Range("uniform", 0.15, 0.3, 0.5),
    "sigma": Range("fixed", 2, 2, 2),
    "replicates": Range("fixed", 200, 200, 200),
    "seed": Range("fixed", 1, 1, 1),
}
PARTS = tuple(
    name for part in ("place", "mentor", "place_under", "mentor_under", "overlap")
    for name in (part, f"{part}_error")
)  # fmt: skip


def drafts(ranges: dict[str, Range] = RANGES) -> Uncertain:
    return uncertain(
        ranges,
        [
            result("margin", mentor_margin, *ranges, parts=PARTS, simulates=True),
            result("worth", lambda place: 100 * place, "margin.place"),
        ],
        domains=dict.fromkeys([*SIZES, "replicates", "seed"], COUNT)
        | dict.fromkeys(["shared", "validity"], SHARE),
    )


@pytest.fixture(scope="module")
def box() -> Box:
    return Box((150, 260), (10, 15), (18, 25), (0.05, 0.45), (0.3, 1.0))


def test_it_agrees_with_nested_simulation(box: Box) -> None:
    surface = margin_surface(box, 320, 1)
    rng = np.random.default_rng(4)
    found, exact, noise = [], [], []
    for place in range(12):
        shared, slope = (rng.uniform(*ends) for ends in (box.shared, box.slope))
        validity = rng.uniform(np.sqrt(shared), 1) ** 2
        sizes = [int(rng.integers(int(low), int(high) + 1)) for low, high in box[:3]]
        arguments: list[Any] = [*sizes, (shared / validity) ** 2, validity, slope / validity]
        found.append(surface(*arguments))
        nested = np.asarray(mentor_margin(*[*arguments, 2000, 99 + place]))
        exact.append(nested[::2])
        noise.append(nested[1::2])
    off = np.asarray(found)[:, ::2] - np.asarray(exact)
    stated = np.asarray(found)[:, 1::2]
    assert (stated < [0.02, 0.04, 0.03, 0.03, 0.01]).all()
    allowed = np.sqrt(np.square(stated) + np.square(noise))
    assert (np.sqrt(np.square(off / allowed).mean(axis=0)) < 1.6).all()


def test_shapes_edges_and_no_slope(box: Box) -> None:
    surface = margin_surface(box, 320, 1)
    inside = (200, 12, 20, 0.5, np.linspace(0.1, 0.4, 5), 2)
    assert surface(*inside).shape == (5, 10)
    for place, validity in enumerate(inside[4]):
        alone = surface(*inside[:4], validity, 2)
        assert np.array_equal(surface(*inside)[place], alone)
    flat = surface(200, 12, 20, 0.5, 0.3, 0)
    assert flat[[0, 2]] == pytest.approx(1, abs=1e-3)
    assert flat[[4, 6]] == pytest.approx(0, abs=1e-9)
    assert np.array_equal(surface(10**6, 12, 20, 0.5, 0.3, 2), surface(260, 12, 20, 0.5, 0.3, 2))


def test_one_size_needs_no_variable_for_it() -> None:
    narrow = Box((200, 200), (12, 12), (20, 20), (0.2, 0.2), (0.6, 0.6))
    surface = margin_surface(narrow, 320, 1)
    validity = 0.4
    found = surface(200, 12, 20, 0.25, validity, 1.5)
    exact = np.asarray(mentor_margin(200, 12, 20, 0.25, validity, 1.5, 4000, 5))
    assert np.abs(found[::2] - exact[::2]) == pytest.approx(0, abs=0.02)


def test_equal_seeds_equal_surfaces(box: Box) -> None:
    arguments = (200, 12, 20, 0.5, 0.3, 2)
    first = margin_surface(box, 320, 1)(*arguments)
    assert np.array_equal(margin_surface(box, 320, 1)(*arguments), first)
    assert not np.array_equal(margin_surface(box, 320, 2)(*arguments), first)


def test_where_no_one_is_left_over_one_more_brings_no_one() -> None:
    box = Box((15, 400), (12, 12), (20, 20), (0.2, 0.2), (0.6, 0.6))
    surface = margin_surface(box, 320, 1)
    found = surface([15, 20, 60, 200], 12, 20, 0.2, 0.45, 1.3)
    assert (found[:2, :8] == [0, 0, 0, 0, 1, 0, 1, 0]).all()
    assert (found[2:, 0] > 0).all()
    exact = np.asarray(mentor_margin(200, 12, 20, 0.2, 0.45, 1.3, 4000, 5))
    assert found[3, 0] == pytest.approx(exact[0], abs=2 * found[3, 1] + 0.01)
    full = Box((20, 20), (12, 12), (20, 20), (0.2, 0.2), (0.6, 0.6))
    assert margin_surface(full, 320, 1)(20, 12, 20, 0.2, 0.45, 1.3)[0] == 0


def test_sizes_out_of_bounds_are_refused_before_any_draft() -> None:
    large = Box((2_000, 20_001), (12, 12), (20, 20), (0.2, 0.2), (0.6, 0.6))
    with pytest.raises(InputError, match=r"^applicants .*must be a whole number from 1 to 20,000"):
        margin_surface(large, 320, 1)


def test_simulation_and_sensitivity_go_through_it() -> None:
    given = drafts()
    with pytest.raises(InputError, match="worth must have a surface"):
        simulation(given, ["worth"], 64, 1)
    stand_ins = surfaces(given, ["worth"], 1)
    assert list(stand_ins) == ["margin"]
    found = simulation(given, ["worth", "margin.place"], 1 << 12, 1, stand_ins=stand_ins).spreads
    place = found["margin.place"]
    assert place.central == evaluate(given.graph)["margin"][0]  # simulated, not read off
    low, _, middle, _, high = (each.value for each in place.percentiles)
    assert low < 0.9 < high
    assert found["worth"].percentiles[2].value == pytest.approx(100 * middle)
    # Nested: the draft itself, for each of some draws.
    rng = np.random.default_rng(1)
    columns: list[Any] = [given._fitted[each].quantile(rng.random(50)) for each in given.ids]
    shares: list[Any] = [*np.round(columns[:3]), *columns[3:]]
    nested = np.asarray(mentor_margin(*[*shares, 2, 400, 9]))[:, 0]
    assert np.mean(nested) == pytest.approx(place.mean.value, abs=4 * np.std(nested) / np.sqrt(60))
    influences = sensitivity(given, ["worth"], 1 << 12, 1, stand_ins=stand_ins)["worth"]
    assert influences[0].id == "validity"
    assert sum(each.first.value for each in influences) == pytest.approx(1, abs=0.05)


def test_equal_draws_share_a_surface() -> None:
    first, again = (surfaces(drafts(), ["worth"], 1)["margin"] for _ in range(2))
    assert first.ratios is again.ratios
    assert np.array_equal(first.errors, again.errors)
    assert surfaces(drafts(), ["worth"], 2)["margin"].ratios is not first.ratios


FEW = {"applicants": (60, 100, 200), "mentors": (3, 6, 12), "places": (14, 16, 20)}
NEARLY_ALL = {"applicants": (42, 46, 56), "mentors": (6, 10, 14), "places": (28, 32, 38)}


@pytest.mark.parametrize("sizes", [SIZES, FEW, NEARLY_ALL], ids=["some", "few", "nearly all"])
def test_the_error_over_the_draws_is_that_against_nested_drafts(
    sizes: dict[str, tuple[int, int, int]],
) -> None:
    given = drafts(
        RANGES
        | {name: Range("triangular", *map(float, ends)) for name, ends in sizes.items()}
        | {"shared": Range("uniform", 0.1, 0.5, 0.9), "validity": Range("uniform", 0.1, 0.3, 0.6)}
    )
    surface = surfaces(given, ["worth"], 1)["margin"]
    rng = np.random.default_rng(7)
    columns: list[Any] = [given._fitted[each].quantile(rng.random(40)) for each in given.ids]
    arguments: list[Any] = [*np.round(columns[:3]), *columns[3:], 2]
    nested = np.asarray(
        [mentor_margin(*[*(each[place] for each in arguments[:5]), 2, 1000, place])
         for place in range(40)]
    )  # fmt: skip
    off = surface(*arguments)[:, :4:2] - nested[:, :4:2]
    noise = np.square(nested[:, 1:4:2]).mean(axis=0)
    found = np.sqrt(np.maximum(np.square(off).mean(axis=0) - noise, noise / 10))
    stated = surface.errors[:2]
    assert (found < 1.5 * stated).all()
    # What noise alone may do to the fit is stated too, and need not have happened.
    assert (stated < 3 * found).all()


def test_the_stated_error_is_that_over_the_draws_and_not_over_the_whole_box() -> None:
    over_draws = surfaces(drafts(), ["margin"], 1)["margin"]
    replicates = max(int(200 * SHARE_OF_REPLICATES), FEWEST_REPLICATES)
    over_box = margin_surface(over_draws.box, replicates, 1)
    # Few draws lie near the steepest slope of the box, where a ratio errs most.
    assert (over_draws.errors[:2] < over_box.errors[:2]).all()
    assert (over_draws.errors[:2] > 0).all()
    assert np.array_equal(over_draws.errors[2:], over_box.errors[2:])


def test_nothing_uncertain_needs_no_surface() -> None:
    fixed = {each: Range("fixed", given.low, given.central, given.high)
             for each, given in RANGES.items()}  # fmt: skip
    assert surfaces(drafts(fixed), ["worth"], 1) == {}


# Polynomials


def cubic(x: Any, y: Any) -> Any:
    return 1 + x - 2 * x * y + 3 * x**2 * y


def test_a_polynomial_is_found_again() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(-1, 1, (3, 50))
    points[2] = 0.3  # does not vary
    found = fitted(list(points), cubic(*points[:2]))
    assert np.abs(found.left_out).max() < 1e-12
    fresh = rng.uniform(-1, 1, (3, 20))
    assert np.allclose(found(list(fresh), {}), cubic(*fresh[:2]))


def test_errors_left_out_are_those_of_fits_without_the_point() -> None:
    rng = np.random.default_rng(2)
    points = rng.uniform(-1, 1, (2, 30))
    values = np.exp(points.sum(axis=0)) + 0.1 * rng.normal(size=30)
    found = fitted(list(points), values)
    for place in (0, 7, 29):
        rest = np.arange(30) != place
        matrix = np.stack([np.prod([points[i] for i in term], axis=0) * np.ones(30)
                           for term in found.terms], axis=1)  # fmt: skip
        weights = np.linalg.lstsq(matrix[rest], values[rest], rcond=None)[0]
        without = values[place] - matrix[place] @ weights
        assert found.left_out[place] == pytest.approx(without)
