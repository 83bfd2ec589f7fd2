"""Scrambled Sobol points: any stretch of any dimension, by itself.

The direction numbers are those of ``scipy.stats.qmc.Sobol`` (Joe and Kuo 2008,
doi:10.1137/070709359); the scrambling is a random linear one and a random digital shift
(Matousek 1998, doi:10.1006/jcom.1998.0489), hashed from the seed, the randomisation and the
dimension. scipy's own engine makes all dimensions at once and scrambles them together; here a
dimension that nothing asks for costs nothing, and its numbers depend on no other dimension, on
no batch and on no version of scipy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pycore.checks import FloatArray
from pycore.hashed import Bits, counted, keyed
from pycore.kept import kept

__all__ = ["ScrambledSobol"]

KEPT = 52
"""Binary digits of a point: those of a floating-point number from 1 to 2."""

SCIPY_DIGITS = 30
"""Binary digits of a point of scipy's."""

ONE = np.uint64(0x3FF << KEPT)
"""The bits of the number 1."""

TOGETHER = 64
"""For how many dimensions the direction numbers are found at a time."""

STREAM = 1 << 40
"""Keeps these random bits apart from those that the same seed gives to a draft."""


@dataclass(frozen=True)
class ScrambledSobol:
    """Independent scramblings of one Sobol sequence of ``2**levels`` points.

    Parameters
    ----------
    levels : int
        The length of the sequence, as a power of two; at most 30.
    seed : int
        Where the randomness starts; from 0 to 2^53.
    """

    levels: int
    seed: int

    def uniforms(self, dimension: int, randomisation: int, start: int, size: int) -> FloatArray:
        """A stretch of one dimension of one scrambling.

        Parameters
        ----------
        start, size : int
            The stretch: `size` is a power of two and divides `start`.

        Returns
        -------
        ndarray
            Above 0 and below 1: each the middle of one of 2^52 equal steps.
        """
        columns, shift = _scrambled(self.seed, self.levels, dimension, randomisation)
        first = shift | ONE
        for level in range(self.levels):
            if start >> level & 1:
                first ^= columns[level]
        bits = np.empty(size, dtype=np.uint64)
        bits[0] = first
        filled, level = 1, 0
        while filled < size:  # the next half is the first one, with one more digit of its index
            np.bitwise_xor(bits[:filled], columns[level], out=bits[filled : 2 * filled])
            filled, level = 2 * filled, level + 1
        points: FloatArray = bits.view(np.float64)
        points -= 1 - 2.0**-53
        return points


@lru_cache(maxsize=4096)
def _scrambled(
    seed: int, levels: int, dimension: int, randomisation: int
) -> tuple[Bits, np.uint64]:
    """The scrambled direction numbers, and the digital shift."""
    start = np.asarray([seed], dtype=np.uint64)
    key = keyed(keyed(start, np.asarray([STREAM + randomisation])), np.asarray([dimension]))
    random = keyed(key, counted(SCIPY_DIGITS + 1)) >> np.uint64(64 - KEPT)
    digit = np.uint64(1) << np.arange(KEPT - 1, KEPT - 1 - SCIPY_DIGITS, -1).astype(np.uint64)
    # A digit becomes itself and random ones below it: a triangular matrix modulo 2.
    matrix = digit | (random[:-1] & (digit - np.uint64(1)))
    directions = _directions(-(-(dimension + 1) // TOGETHER) * TOGETHER, levels)[dimension]
    places = np.arange(SCIPY_DIGITS - 1, -1, -1).astype(np.uint64)
    has_digit = (directions[:, None] >> places) & np.uint64(1)
    columns: Bits = np.bitwise_xor.reduce(matrix * has_digit, axis=1)
    return columns, random[-1]


@lru_cache(maxsize=4)
def _directions(dimensions: int, levels: int) -> Bits:
    """The direction numbers of scipy's sequence: a row for each dimension."""

    def flat() -> FloatArray:
        return _found_directions(dimensions, levels).astype(np.float64).ravel()

    # Importing scipy.stats takes longer than all that is computed here.
    found = kept(f"directions of {dimensions} x {levels}", flat)
    return found.reshape(dimensions, levels).astype(np.uint64)


def _found_directions(dimensions: int, levels: int) -> Bits:
    """Read the direction numbers off the first points.

    The points in scipy's order differ from one to the next by one direction number; number j
    first appears between the points ``2**j - 1`` and ``2**j``.
    """
    from scipy.stats import qmc

    engine = qmc.Sobol(dimensions, scramble=False)
    points = engine.random(2)
    directions = np.empty((dimensions, levels), dtype=np.uint64)
    for level in range(levels):
        if level == 1:
            points = np.concatenate([points[1:], engine.random(1)])
        elif level > 1:
            skipped = 2 ** (level - 1) - 2
            if skipped:
                engine.fast_forward(skipped)
            points = engine.random(2)
        whole = np.round(points * 2.0**SCIPY_DIGITS).astype(np.uint64)
        directions[:, level] = whole[0] ^ whole[1]
    return directions
