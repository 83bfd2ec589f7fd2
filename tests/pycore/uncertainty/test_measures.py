"""Numbers with their errors."""

from __future__ import annotations

import numpy as np
import pytest

from pycore.uncertainty.measures import measure, quotient, rounded


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (1.23456789012345, 0.00123456789, (1.23456789, 0.00123457)),
        (-1.23456789012345, 1e-11, (-1.234567890123, 1e-11)),
        (0.1 + 0.2, 0, (0.1 + 0.2, 0)),  # exact: left as it is
        (0.1 + 0.2, 1e-17, (0.3, 0)),
        (0, 0.5, (0, 0.5)),
        (123456.789, 4321, (123456.789, 4321)),
        (3e-8, 5e-2, (3e-8, 0.05)),
    ],
)
def test_digits_told(value: float, error: float, expected: tuple[float, float]) -> None:
    assert rounded(value, error) == expected


def test_the_error_is_that_of_the_mean() -> None:
    rows = np.random.default_rng(1).normal(3, 2, (4000, 16))
    found = [measure(row) for row in rows]
    assert np.sqrt(np.mean([each.error**2 for each in found])) == pytest.approx(0.5, rel=0.03)
    assert measure(np.full(16, 0.1)) == (0.1, 0)


def test_a_quotient_of_what_varies_together_varies_little() -> None:
    whole = np.random.default_rng(1).normal(10, 1, 16)
    assert quotient(0.3 * whole, whole).value == pytest.approx(0.3)
    assert quotient(0.3 * whole, whole).error < 1e-12
    assert quotient(whole, np.zeros(16)) == (0, 0)
