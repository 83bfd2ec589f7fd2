"""The tests of the core that have to do with whole numbers, in Pyodide, where numpy's are short."""

from __future__ import annotations

from tests.pyodide import runtime
from tests.pyodide.core import run_core

DRAWN = (
    "tests/pycore/test_hashed.py",
    "tests/pycore/test_exchange.py",
    "tests/pycore/draft",
    "tests/pycore/uncertainty/test_sampling.py",
)
LONG = ("the_standard_error_is_honest", "deeper_or_shallower", "(dense and 30)")
"""These take longer than all the others together."""


def test_what_is_drawn_is_drawn_there_too() -> None:
    """All others there: `python -m tests.pyodide.core`."""
    runtime.require()
    found = run_core(DRAWN, LONG)
    assert found["failed"] == []
    assert found["status"] == 0, found["said"]
    assert found["passed"] > 200
