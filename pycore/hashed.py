"""Random numbers that are hashes of their addresses.

The same address gives the same number, in whatever order and company numbers are asked for: a
simulation may be cut into batches, or done again and taken further, and nothing changes. The hash
is the output function of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195): a
key is a state of that generator, and an address how many steps from there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pycore.checks import FloatArray

__all__ = ["Bits", "Whole", "counted", "keyed", "uniform"]

Bits = npt.NDArray[np.uint64]
Whole = npt.NDArray[np.int64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
CHILD = 1 << 62
"""Where the keys made of a key begin: beyond every address of a number."""


def counted(stop: int, start: int = 0) -> Whole:
    """Whole numbers that may grow into addresses: numpy's own have 32 bits in Pyodide."""
    return np.arange(start, stop, dtype=np.int64)


def uniform(keys: Bits, address: int | Whole) -> FloatArray:
    """Uniform random numbers, each the middle of one of 2^52 equal steps from 0 to 1.

    Parameters
    ----------
    address : int or ndarray of int64
        Which of each one's numbers, from 0 to below 2^62; broadcasts with `keys`.

    Returns
    -------
    ndarray
        Above 0 and below 1.
    """
    bits = _hashed(keys, address)
    bits >>= np.uint64(12)
    bits |= np.uint64(0x3FF << 52)  # the bits of a number from 1 to 2
    numbers: FloatArray = bits.view(np.float64)
    numbers -= 1 - 2.0**-53
    return numbers


def keyed(keys: Bits, number: npt.NDArray[np.integer[Any]]) -> Bits:
    """The keys of what belongs to a key: the applicants of a replicate, by their numbers.

    Parameters
    ----------
    number : ndarray of integers
        Which of those that belong to it, from 0.
    """
    return _hashed(keys, number.astype(np.int64) + CHILD)


def _hashed(keys: Bits, address: int | Whole) -> Bits:
    """Mix all bits of each sum of a key and an address into all others."""
    with np.errstate(over="ignore"):
        bits: Bits = np.asarray(address).astype(np.uint64) * GOLDEN
        bits = bits + keys
    shifted = bits >> np.uint64(30)
    bits ^= shifted
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    np.right_shift(bits, np.uint64(27), out=shifted)
    bits ^= shifted
    bits *= np.uint64(0x94D049BB133111EB)
    np.right_shift(bits, np.uint64(31), out=shifted)
    bits ^= shifted
    return bits
