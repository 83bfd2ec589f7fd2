"""What all tests share: a place of this run where simulated drafts are kept."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

from addin.shelf import VARIABLE

FOLDER = "FIELDBOOK_TESTS_SHELF"

LONGEST = {"test_host_table.py", "test_install.py", "test_calc.py", "test_core.py", "test_scale.py"}


HOW_MANY = "FIELDBOOK_TESTS"
"""The variable that says, where it is full, that the long tests run too."""


def pytest_configure() -> None:
    """Make one shelf for the run, which its workers and the commands that they start share."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = os.environ[VARIABLE] = tempfile.mkdtemp(prefix="fieldbook-shelf-")


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: many tests wait for a server or for LibreOffice."""
    known = hasattr(os, "sched_getaffinity")
    return 1 + (len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no core waits for another at the end.

    What is marked as long, and says again what others say, is for FIELDBOOK_TESTS=full.
    """
    if os.environ.get(HOW_MANY) != "full":
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop it with the run."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(FOLDER), ignore_errors=True)
