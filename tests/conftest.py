"""What all tests share: a place of this run where simulated drafts are kept."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

from addin.shelf import VARIABLE

FOLDER = "FIELDBOOK_TESTS_SHELF"


def pytest_configure() -> None:
    """Make one shelf for the run, which its workers and the commands that they start share."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = os.environ[VARIABLE] = tempfile.mkdtemp(prefix="fieldbook-shelf-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop it with the run."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)
