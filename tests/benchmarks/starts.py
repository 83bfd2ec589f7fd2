"""Starting: imports and commands in interpreters of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence

from .timing import Benchmark, Timer, timed

REPEATS = 11


def process(arguments: Sequence[str]) -> Timer:
    """Time a fresh interpreter from its start to its end."""

    def run() -> None:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    return timed(run)


def starting() -> Iterator[Benchmark]:
    """Imports and the command line, each in a fresh interpreter, its start included."""
    for name, ours, other in (
        ("import pycore", ["-c", "import pycore"], ["-c", "import numpy"]),
        ("import addin.functions", ["-c", "import addin.functions"], ["-c", "import xlwings"]),
        ("import addin.functions", ["-c", "import addin.functions"], ["-c", "pass"]),
        ("python -m workbook --help", ["-m", "workbook", "--help"], ["-c", "pass"]),
    ):
        beside = " ".join(other).removeprefix("-c ")
        beside = "python -c pass" if beside == "pass" else beside
        yield Benchmark(
            name=name,
            against=f"a fresh interpreter, its start included, beside {beside} in another",
            ours=process(ours),
            other=process(other),
            repeats=REPEATS,
        )
