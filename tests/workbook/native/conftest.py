"""A copy that answers by itself, made once."""

from __future__ import annotations

import pytest

from workbook.native.copy import reading_copy


@pytest.fixture(scope="session")
def copy(built: bytes) -> bytes:
    """The copy of the built workbook."""
    return reading_copy(built, "built").data
