"""The core's own tests in Pyodide.

``python -m tests.pyodide.core`` runs all of them there, in about three minutes;
words after it are pytest's. Left out are those marked as slow, and `LEFT_OUT`.
"""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.pyodide import runtime

ROOT = Path(__file__).resolve().parents[2]

LEFT_OUT = (
    "a_listener_hears_its_own_thread",  # there are no threads in Pyodide
    "(against_scipy_stats and (beta or pert))",  # whose own beta quantiles fail there
)

FROM_HERE = (
    "_pytest",
    "docstring_parser",
    "iniconfig",
    "packaging",
    "pluggy",
    "py.py",
    "pygments",
    "pytest",
    "sortedcontainers",
    "xlwings",
)
"""What of this environment the tests need there: Python alone."""

PROGRAM = """
import contextlib, io, json, os, shutil, sys

given = json.loads(given)
sys.dont_write_bytecode = True
os.mkdir("/site")
for name in given["names"]:
    os.symlink(f"/here/{name}", f"/site/{name}")
shutil.unpack_archive(f"/runtime/{given['hypothesis']}", "/site", "zip")
sys.path[:0] = ["/site", "/project"]
os.chdir("/project")
with open("pyproject.toml", "w") as file:
    file.write(given["settings"])

import pytest

class Seen:
    passed, failed = 0, []

    def pytest_runtest_logreport(self, report):
        self.passed += report.when == "call" and report.passed
        self._note(report)

    def pytest_collectreport(self, report):
        self._note(report)

    def _note(self, report):
        if report.failed:
            self.failed.append(f"{report.nodeid}\\n{str(report.longrepr)[-2000:]}")

seen, said = Seen(), io.StringIO()
with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
    status = pytest.main(given["words"], plugins=[seen])
json.dumps({
    "status": int(status), "passed": seen.passed, "failed": seen.failed, "said": said.getvalue()
})
"""


def run_core(words: Sequence[str], left_out: Sequence[str] = ()) -> dict[str, Any]:
    """Run tests of the core there, some of them left out too.

    Returns
    -------
    dict
        pytest's status, how many passed, the failures, and what pytest said.
    """
    settings = (
        *("-q", "-s", "-m", "not slow", "-k", f"not ({' or '.join([*LEFT_OUT, *left_out])})"),
        # The tests' conftest has to do with folders and locks, which there are none of.
        *("--noconftest", "-p", "tests.pycore.conftest", "-p", "no:cacheprovider"),
        *("-o", "addopts=--import-mode=importlib --strict-markers"),
    )
    given = {
        "words": [*settings, *words],
        "names": FROM_HERE,
        "hypothesis": runtime.HYPOTHESIS,
        "settings": (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
    }
    mounts = {f"/project/{name}": ROOT / name for name in ("pycore", "addin", "tests")}
    here = Path(sysconfig.get_path("purelib"))
    answer: dict[str, Any] = json.loads(
        runtime.run(
            PROGRAM,
            json.dumps(given),
            mounts={"/here": here, "/runtime": runtime.FOLDER, **mounts},
        )
    )
    return answer


if __name__ == "__main__":
    found = run_core(sys.argv[1:] or ["tests/pycore"])
    print(found["said"])
    sys.exit(found["status"])
