"""The validity window, against direct multiplication, closed forms and exact chances."""

from __future__ import annotations

import contextlib
import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pycore.checks import AMOUNT
from pycore.errors import InputError
from pycore.window import exit_year, safe_load, staying_chance, window_path

NORMAL = NormalDist()

levels = st.floats(0.1, 10)
growths = st.floats(-0.5, 2)
sds = st.floats(0.05, 2)
sd_growths = st.floats(-0.3, 0.5)
horizons = st.integers(0, 12)


# The path


def test_a_path_by_hand() -> None:
    path = window_path(50, 100, 1, 0, 2)
    assert path.tolist() == [[0.5, 1, 1, 1], [1, 1, 1, 1], [2, 0, 0, 0]]


def test_deploying_at_110_per_cent_is_outside_from_the_start() -> None:
    assert window_path(110, 100, 0, 0.5, 1).tolist() == [[1.1, 0, 0, 0], [1.1 / 1.5, 1, 1, 0]]
    assert exit_year(110, 100, 0, 0.5) == 0


@given(levels, levels, growths, growths, horizons, sds, sd_growths)
def test_the_path_is_direct_multiplication(
    impact: float, robust: float, gi: float, gr: float, years: int, sd: float, sg: float
) -> None:
    path = window_path(impact, robust, gi, gr, years, sd, sg)
    assert path.shape == (years + 1, 4)
    stayed = 1.0
    for year, (load, inside, chance, so_far) in enumerate(path.tolist()):
        numerator, denominator, error = impact, robust, sd
        for _ in range(year):
            numerator, denominator, error = (
                numerator * (1 + gi),
                denominator * (1 + gr),
                error * (1 + sg),
            )
        assert load == pytest.approx(numerator / denominator, rel=1e-12)
        if abs(load - 1) > 1e-9:
            assert inside == (numerator <= denominator)
        # In z: the chance itself is known to fewer digits far out.
        expected = NORMAL.cdf(-math.log(numerator / denominator) / error)
        assert chance == pytest.approx(expected, rel=1e-9, abs=1e-12)
        stayed *= chance
        assert so_far == pytest.approx(stayed, rel=1e-12, abs=1e-300)


@given(levels, levels, growths, growths, horizons)
def test_without_an_error_the_chance_is_0_or_1(
    impact: float, robust: float, gi: float, gr: float, years: int
) -> None:
    path = window_path(impact, robust, gi, gr, years)
    assert np.array_equal(path[:, 1], path[:, 2])
    assert np.array_equal(path[:, 3], np.minimum.accumulate(path[:, 1]))
    assert np.array_equal(path, window_path(impact, robust, gi, gr, years, 0, 0.5))


def test_the_last_digits_of_a_power_do_not_take_one_outside() -> None:
    path = window_path(1, 1.21, 0.1, 0, 2)
    assert path[2, 0] > 1
    assert path[2].tolist()[1:] == [1, 1, 1]


def test_arrays_put_their_shape_before_the_path() -> None:
    impacts = np.array([[50.0], [80.0]])
    growth = np.array([0.1, 0.5, 1.0])
    paths = window_path(impacts, 100, growth, 0.2, 5, 0.3, 0.1)
    assert paths.shape == (2, 3, 6, 4)
    for row in range(2):
        for column in range(3):
            one = window_path(impacts[row, 0], 100, growth[column], 0.2, 5, 0.3, 0.1)
            assert np.array_equal(paths[row, column], one)
    assert window_path(np.empty(0), 100, 0, 0, 3).shape == (0, 4, 4)


# The exit


@pytest.mark.parametrize(
    ("row", "year"),
    [
        ((50, 100, 1, 0), 1.0),
        ((25, 100, 1, 0), 2.0),
        ((100, 100, 0.5, 0), 0.0),
        ((110, 100, 0, 0.5), 0.0),
        ((100, 100, 0, 0), "never"),
        ((50, 100, 0.2, 0.2), "never"),
        ((50, 100, 0.1, 0.2), "never"),
        ((50, 100, -0.5, -0.75), 1.0),
    ],
)
def test_exits_by_hand(row: tuple[float, ...], year: float | str) -> None:
    found = exit_year(*row)
    assert type(found) is type(year)
    assert found == (year if isinstance(year, str) else pytest.approx(year, rel=1e-12))


@given(levels, levels, growths, growths)
def test_the_load_passes_1_in_the_exit_year(
    impact: float, robust: float, gi: float, gr: float
) -> None:
    year = exit_year(impact, robust, gi, gr)
    if year == "never":
        path = window_path(impact, robust, gi, gr, 50)
        assert path[:, 1].all()
    elif year == 0:
        assert impact >= robust * (1 - 1e-9)
    else:
        assert isinstance(year, float)
        load = math.log(impact / robust) + year * (math.log1p(gi) - math.log1p(gr))
        assert load == pytest.approx(0, abs=1e-9)
        if year < 99:
            path = window_path(impact, robust, gi, gr, math.floor(year) + 1)
            assert path[: math.ceil(year - 1e-6), 1].all()


def test_an_exit_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(InputError, match=r"^the result must be a finite number"):
        exit_year(50, 100, 5e-324, 0)


def test_exits_of_arrays_are_cells() -> None:
    years = exit_year([[50, 50, 110]], 100, [[1, 0, 0]], 0)
    assert isinstance(years, np.ndarray)
    assert years.tolist() == [[1.0, "never", 0.0]]
    assert [type(cell) for cell in years[0]] == [float, str, float]


# The safe load


@given(sds, horizons, st.floats(0.01, 0.99))
def test_the_safe_load_without_growth_is_the_closed_form(
    sd: float, years: int, confidence: float
) -> None:
    expected = math.exp(-sd * NORMAL.inv_cdf(confidence ** (1 / (years + 1))))
    assert safe_load(sd, 0, years, confidence) == pytest.approx(expected, rel=1e-9)


@given(sds, sd_growths, horizons, st.floats(0.01, 0.99))
def test_at_the_safe_load_the_chance_of_staying_is_the_confidence(
    sd: float, growth: float, years: int, confidence: float
) -> None:
    load = float(safe_load(sd, growth, years, confidence))
    assume(load >= AMOUNT.minimum)
    path = window_path(load, 1, 0, 0, years, sd, growth)
    assert path[-1, 3] == pytest.approx(confidence, rel=1e-8)


@given(st.floats(0.05, 2), horizons, st.floats(0.5, 0.98))
def test_more_is_asked_of_a_load_for_longer_and_surer(
    sd: float, years: int, confidence: float
) -> None:
    load = float(safe_load(sd, 0.1, years, confidence))
    assert safe_load(sd, 0.1, years + 1, confidence) < load
    assert safe_load(sd, 0.1, years, confidence + 0.01) < load
    assert safe_load(sd, 0.2, years, confidence) <= load


def test_without_an_error_the_safe_load_is_the_limit() -> None:
    assert safe_load(0, 0.5, 10, 0.9) == 1


def test_safe_loads_of_arrays_are_those_of_single_ones() -> None:
    sd = np.array([0.0, 0.1, 0.5, 2.0])
    years = np.array([[0.0], [3.0], [10.0]])
    loads = np.asarray(safe_load(sd, 0.2, years, 0.9))
    single = [[safe_load(s, 0.2, y, 0.9) for s in sd.tolist()] for y in years[:, 0].tolist()]
    assert loads.tolist() == single
    assert np.asarray(safe_load(np.empty(0), 0, 1, 0.9)).shape == (0,)


def test_extremes_give_numbers_or_a_reason() -> None:
    for sd in (0, 5e-324, 1e-12, 10):
        for growth in (-0.9, 0, 10):
            for confidence in (1e-12, 0.5, 1 - 1e-12):
                path = window_path(1e-9, 1e15, 10, -0.9, 100, sd, growth)
                assert np.isfinite(path).all()
                with contextlib.suppress(InputError):  # beyond all numbers
                    assert math.isfinite(float(safe_load(sd, growth, 100, confidence)))


@given(levels, levels, growths, growths, horizons, sds, sd_growths)
def test_the_chance_of_staying_is_the_last_of_the_path(
    impact: float, robust: float, rise: float, pace: float, last: int, sd: float, more: float
) -> None:
    path = window_path(impact, robust, rise, pace, last, sd, more)
    assert staying_chance(impact, robust, rise, pace, last, sd, more) == path[-1, 3]


def test_chances_of_staying_for_other_years_at_once() -> None:
    years = [0, 3, 100, 7]
    found = staying_chance(50, 100, 10, -0.9, years, [0.5, 0, 1, 2], 0.1)
    alone = [
        staying_chance(50, 100, 10, -0.9, year, sd, 0.1)
        for year, sd in zip(years, (0.5, 0, 1, 2), strict=True)
    ]
    assert np.asarray(found).tolist() == alone
    assert staying_chance(50, 100, 0, 0, 100) == 1
    assert staying_chance(110, 100, 0, 0, 0) == 0
    assert np.asarray(staying_chance(np.empty(0), 1, 0, 0, 5)).shape == (0,)
    with pytest.raises(InputError, match="years must be a whole number from 0 to 100"):
        staying_chance(50, 100, 0, 0, 101)


# What is refused


@pytest.mark.parametrize(
    ("call", "row", "argument"),
    [
        (window_path, (0, 1, 0, 0, 5), "impact"),
        (window_path, (1, 0, 0, 0, 5), "robustness"),
        (window_path, (1, 1, -1, 0, 5), "impact_growth"),
        (window_path, (1, 1, 0, None, 5), "robustness_growth"),
        (window_path, (1, 1, 0, 0, 2.5), "years"),
        (window_path, (1, 1, 0, 0, -1), "years"),
        (window_path, (1, 1, 0, 0, 101), "years"),
        (window_path, (1, 1, 0, 0, [1, 2]), "years"),
        (window_path, (1, 1, 0, 0, 5, -0.1), "verification_sd"),
        (window_path, (1, 1, 0, 0, 5, 0.1, "x"), "sd_growth"),
        (window_path, ([1, 2], [1, 2, 3], 0, 0, 5), "robustness"),
        (exit_year, (1, True, 0, 0), "robustness"),
        (exit_year, (1, 1, 0, math.nan), "robustness_growth"),
        (safe_load, (0.1, 0, 5, 1), "confidence"),
        (safe_load, (0.1, 0, 5, 0), "confidence"),
        (safe_load, (0.1, 0, 5.5, 0.9), "years"),
        (safe_load, (None, 0, 5, 0.9), "verification_sd"),
    ],
)
def test_bad_arguments_are_refused_by_name(call: Any, row: tuple[Any, ...], argument: str) -> None:
    with pytest.raises(InputError, match=f"^{argument} must .*, but is "):
        call(*row)


def test_a_load_too_small_to_be_told_is_refused() -> None:
    with pytest.raises(InputError, match="the result must be a number above 0, but is too small"):
        safe_load(10, 1, 20, 0.999)
    with pytest.raises(InputError, match="too small"):
        safe_load([0.1, 10], 1, 20, 0.999)
