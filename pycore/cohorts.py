"""Scores of a cohort that is admitted from one line, and the density of skill that follows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pycore import normal
from pycore.checks import POOL, FloatArray
from pycore.errors import InputError

LARGEST_BLOCK = 1 << 16
"""How many scores are held at once: few enough for a processor's cache."""

MOST_SCORES = 100_000_000
"""How many scores one call may need: seconds of work, not hours."""

ROOT_TAU = np.sqrt(2 * np.pi)

LAST_STEP, NARROWEST = 1e-9, 1e-15
"""The relative size of a step after which a root is found: Newton's, and halving a bracket."""


def blom_score(place: FloatArray, pool: FloatArray) -> FloatArray:
    """The normal score of the `place`-th from the top of `pool`, after Blom."""
    return -normal.quantile((place - 0.375) / (pool + 0.25))


def score_gap(pool: FloatArray, cohort: FloatArray) -> FloatArray:
    """The score of the last admitted less that of the central one; 0 or below."""
    return blom_score(cohort, pool) - blom_score((cohort + 1) / 2, pool)


def density(pool: FloatArray, cohort: FloatArray, slope: FloatArray) -> FloatArray:
    """Skill density: where it comes near 0, summed by itself, for its surplus comes near -1."""
    pool, cohort, slope = np.broadcast_arrays(pool, cohort, slope)
    found = np.asarray(1 + density_surplus(pool, cohort, slope))
    low = found < 1 / 2
    if low.any():
        found[low] = density_surplus(pool[low], cohort[low], slope[low], less=0)
    return found


def density_surplus(
    pool: FloatArray,
    cohort: FloatArray,
    slope: FloatArray,
    rise: FloatArray | None = None,
    less: int = 1,
) -> FloatArray:
    """Skill density less 1: mean over the admitted of ``exp(slope*s_k - slope^2/2) - 1``.

    Less 1, because faint selection would drown in the rounding of a number near 1. `rise`, if
    given, is filled with its derivative by ln(pool). With `less` at 0 it is the density itself.
    """
    pool, cohort, slope = np.broadcast_arrays(pool, cohort, slope)
    if cohort.sum() > MOST_SCORES:
        rule = f"come to at most {MOST_SCORES:,} scholars over all that is asked at once"
        raise InputError("admitted", rule, float(cohort.sum()))
    surplus = np.empty(pool.size)
    sizes, pools, slopes = cohort.ravel(), pool.ravel(), slope.ravel()
    for size, rows in _blocks_of_one_size(sizes):
        places = np.arange(1.0, size + 1)
        column = slopes[rows, None]
        scores = blom_score(places, pools[rows, None])
        # Each row is summed on its own, so a draw gives the same digits in any company.
        exponent = column * scores - column * column / 2
        part = np.expm1(exponent) if less else np.exp(exponent)
        surplus[rows] = part.mean(axis=-1)
        if rise is not None:
            # d s_k / d ln(N) = p_k / phi(s_k) * N / (N + 0.25), with p_k = 1 - Phi(s_k).
            above = (places - 0.375) / (pools[rows, None] + 0.25)
            shift = ROOT_TAU * above * np.exp(scores * scores / 2)
            share = pools[rows] / (pools[rows] + 0.25)
            rise[rows] = slopes[rows] * share * ((part + less) * shift).mean(axis=-1)
    return surplus.reshape(pool.shape)


def _blocks_of_one_size(sizes: FloatArray) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """Row numbers grouped by cohort size, in blocks of at most `LARGEST_BLOCK` scores."""
    if not sizes.size:
        return
    order = np.argsort(sizes, kind="stable")
    starts = np.flatnonzero(np.diff(sizes[order], prepend=-1.0))
    for group in np.split(order, starts[1:]):
        size = int(sizes[group[0]])
        step = max(1, LARGEST_BLOCK // size)
        for start in range(0, group.size, step):
            yield size, group[start : start + step]


def pool_of_surplus(
    surplus: FloatArray, cohort: FloatArray, slope: FloatArray, start: FloatArray
) -> FloatArray:
    """The pool from which `cohort` scholars have that surplus; NaN where there is none.

    Newton's method in the logarithms of pool and density, between which the curve runs nearly
    straight; where a step leaves the bracket or does not halve the last one, the bracket is
    halved instead. Each element takes its own steps, so its digits do not depend on the others.
    """
    shape = np.broadcast_shapes(surplus.shape, cohort.shape, slope.shape, start.shape)
    surplus, cohort, slope, start = (
        np.broadcast_to(each, shape).ravel() for each in (surplus, cohort, slope, start)
    )
    low, high = np.log(cohort), np.full(cohort.shape, np.log(POOL.maximum))
    with np.errstate(divide="ignore", invalid="ignore"):  # a density of 0 finds no pool
        target = np.log1p(surplus)
        solvable = np.isfinite(target)
        solvable &= np.log1p(density_surplus(np.exp(low), cohort, slope)) <= target
        solvable &= np.log1p(density_surplus(np.exp(high), cohort, slope)) >= target
        found = np.where(solvable, np.clip(np.log(start), low, high), np.nan)
        last = high - low
        live = np.flatnonzero(solvable)
        while live.size:
            here, rise = found[live], np.empty(live.size)
            reached = density_surplus(np.exp(here), cohort[live], slope[live], rise)
            excess = np.log1p(reached) - target[live]
            low[live] = np.where(excess <= 0, here, low[live])
            high[live] = np.where(excess >= 0, here, high[live])
            step = -excess * (1 + reached) / rise
            newton = (low[live] <= here + step) & (here + step <= high[live])
            newton &= np.abs(step) <= last[live] / 2
            step = np.where(newton, step, (low[live] + high[live]) / 2 - here)
            found[live] = here + step
            last[live] = np.where(newton, np.abs(step), (high[live] - low[live]) / 2)
            # The error after a step of Newton's is about the square of the step.
            enough = np.where(newton, LAST_STEP, NARROWEST)
            live = live[last[live] > enough * np.maximum(np.abs(here), 1.0)]
    pool: FloatArray = np.exp(found).reshape(shape)
    return pool
