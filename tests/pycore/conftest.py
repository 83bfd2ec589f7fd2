"""Settings that the tests of the core share."""

from __future__ import annotations

from hypothesis import settings

# Derandomized: a red run must be red again on the next machine. No deadline: the first call
# imports scipy, which takes longer than any deadline that would mean something.
settings.register_profile(
    "fieldbook", deadline=None, max_examples=80, derandomize=True, database=None
)
settings.load_profile("fieldbook")
