"""Print how fast Fieldbook is beside other ways: ``python -m tests.benchmarks``."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from . import before, calls, copies, mentors, server, starts, uncertainty, workbooks
from .table import lines
from .timing import Benchmark, Row, UnavailableError

PACKAGES = ("numpy", "scipy", "xlsxwriter", "formualizer", "openpyxl", "xlwings")


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument(
        "--before",
        metavar="DIR",
        type=Path,
        help="measure only commands and edits, beside those of another checkout",
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fieldbook-") as folder:
        if options.before:
            parts: Parts = {"Before": lambda: before.beside(options.before, Path(folder))}
        else:
            parts = _parts(Path(folder))
        rows = list(_rows(parts))
    print(_machine())
    print("Medians of runs in turns; below 1, ours took less time.")
    print()
    print("\n".join(lines(rows, markdown=options.markdown)))


Parts: TypeAlias = Mapping[str, Callable[[], Iterator[Benchmark]]]


def _parts(folder: Path) -> Parts:
    _say("build the workbook to measure")
    files = workbooks.Files(folder)
    return {
        "Build": lambda: workbooks.building(files),
        "Recalculate beside LibreOffice": lambda: workbooks.beside_libreoffice(files),
        "Recalculate beside formulas (PyPI)": lambda: workbooks.beside_formulas(files),
        "Read": lambda: workbooks.reading(files),
        "Import a survey": lambda: workbooks.importing(files),
        "Compare copies": lambda: copies.comparing(files),
        "Core calls": calls.core_calls,
        "Mentors' drafts": mentors.drafts,
        "Mentors' drafts beside matching (PyPI)": mentors.game,
        "Cells' calls": calls.cell_calls,
        "evaluate(model())": calls.evaluating,
        "Simulation beside plain numpy": uncertainty.beside_numpy,
        "Simulation beside squigglepy (PyPI)": uncertainty.beside_squigglepy,
        "Calls to a server": lambda: server.serving(folder),
        "Starts": starts.starting,
    }


def _rows(parts: Parts) -> Iterator[Row]:
    for name, part in parts.items():
        _say(name)
        try:
            for benchmark in part():
                _say(f"  {benchmark.name}")
                yield benchmark.run()
        except UnavailableError as error:
            yield Row(name=name, against=f"not measured: {error}")
        except Exception as error:  # the other parts are still worth measuring
            yield Row(name=name, against=f"not measured: {type(error).__name__}: {error}")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _machine() -> str:
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"{os.cpu_count()} CPUs ({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}, {versions}; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
