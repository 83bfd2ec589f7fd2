"""Which draws there are: randomised quasi-Monte Carlo.

Each assumption is a dimension of a scrambled Sobol sequence, numbered in the graph's order. There
are 16 independent scramblings, so that the spread between them gives the error of anything
computed from all draws (Owen 1997, doi:10.1214/aos/1031594731).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pycore.checks import SEED, Domain, FloatArray
from pycore.uncertainty.sobol import ScrambledSobol

__all__ = ["BATCH", "RANDOMISATIONS", "SMALLEST_BATCH", "Design"]

RANDOMISATIONS = 16
"""How many independent scramblings there are: the standard errors have 15 degrees of freedom."""

DRAWS = Domain(1, 10**9, whole=True)

INDEX_DRAWS = Domain(2 * RANDOMISATIONS, 1 << 20, whole=True)
"""How many there may be where each is held, or made again for each assumption."""

BATCH = 1 << 16
"""How many draws are computed at a time: few enough for a processor's cache."""


SMALLEST_BATCH = 1 << 10
"""Chunk size for sums, so that results do not depend on the batch size."""


@dataclass(frozen=True)
class Design:
    """Which draws there are: 16 scramblings of a Sobol sequence, one after the other.

    Parameters
    ----------
    draws : int
        How many are asked for; rounded up to 16 times a power of two.
    seed : int
        Where the random numbers start.
    batch : int
        How many draws to make at a time; rounded down to a power of two, at least 1,024.

    Raises
    ------
    InputError
        If `draws` is no whole number from 1 to 10^9, or `seed` is none from 0 to 2^53.
    """

    draws: int
    seed: int
    batch: int = BATCH

    def __post_init__(self) -> None:
        DRAWS.check("draws", self.draws)
        SEED.check("seed", self.seed)

    @property
    def levels(self) -> int:
        """The length of each sequence, as a power of two."""
        return (-(-int(self.draws) // RANDOMISATIONS) - 1).bit_length()

    @property
    def size(self) -> int:
        """The length of each sequence."""
        return 1 << self.levels

    @property
    def number(self) -> int:
        """How many draws there are."""
        return RANDOMISATIONS * self.size

    def batches(self) -> list[range]:
        """The draws, batch by batch."""
        step = min(1 << max(int(self.batch), SMALLEST_BATCH).bit_length() - 1, self.number)
        return [range(start, start + step) for start in range(0, self.number, step)]

    def uniforms(self, dimension: int, draws: range) -> FloatArray:
        """The uniform numbers of a batch in one dimension."""
        sequence = ScrambledSobol(self.levels, int(self.seed))
        step = min(self.size, len(draws))
        pieces = [
            sequence.uniforms(dimension, start // self.size, start % self.size, step)
            for start in range(draws.start, draws.stop, step)
        ]
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
