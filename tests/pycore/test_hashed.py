"""Random numbers that are hashes of their addresses."""

from __future__ import annotations

import numpy as np
from scipy import stats

from pycore.hashed import counted, keyed, uniform

KEYS = np.random.default_rng(1).integers(0, 2**64, 300, dtype=np.uint64)
ADDRESSES = counted(500)


def test_a_number_is_that_of_its_key_and_address_alone() -> None:
    table = uniform(KEYS[:, None], ADDRESSES)
    assert table.shape == (300, 500)
    assert uniform(KEYS[7:8], 40)[0] == table[7, 40]
    assert np.array_equal(uniform(KEYS[::-1], 3), table[::-1, 3])


def test_the_hash_is_splitmix64() -> None:
    """The first outputs for the seed 0 by the reference code, of which 52 bits are kept."""
    reference = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
    ours = uniform(np.zeros(1, dtype=np.uint64), np.arange(1, 5))
    assert ours.tolist() == [((bits >> 12) + 0.5) / 2**52 for bits in reference]


def test_short_whole_numbers_are_the_same_addresses() -> None:
    """Those that numpy makes by itself in Pyodide."""
    short = ADDRESSES.astype(np.int32)
    assert np.array_equal(keyed(KEYS[:1], short), keyed(KEYS[:1], ADDRESSES))
    assert counted(3, 1).dtype == np.int64
    assert counted(3, 1).tolist() == [1, 2]


def test_numbers_are_even_and_not_correlated() -> None:
    table, other = uniform(KEYS[:, None], ADDRESSES), uniform(KEYS[:, None], ADDRESSES + (1 << 32))
    assert 0 < table.min() < table.max() < 1
    assert stats.kstest(table.ravel(), "uniform").pvalue > 0.01
    for left, right in ((table[1:], table[:-1]), (table[:, 1:], table[:, :-1]), (table, other)):
        assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < 4 / left.size**0.5


def test_neighbouring_keys_and_those_made_of_a_key_are_as_good_as_strangers() -> None:
    parents = np.arange(300, dtype=np.uint64)
    children = keyed(np.repeat(parents, 500), np.tile(ADDRESSES, 300))
    assert np.unique(children).size == children.size
    numbers = uniform(children, 0).reshape(300, 500)
    assert stats.kstest(numbers.ravel(), "uniform").pvalue > 0.01
    own = uniform(parents[:, None], ADDRESSES)
    for left, right in ((numbers, own), (numbers[1:], numbers[:-1])):
        assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < 4 / left.size**0.5


def test_the_keys_are_not_changed() -> None:
    keys = KEYS.copy()
    keys.flags.writeable = False
    uniform(keys, 0)
    keyed(keys, np.zeros(keys.size, dtype=np.int64))
    assert np.array_equal(keys, KEYS)
