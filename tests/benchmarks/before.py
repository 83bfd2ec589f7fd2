"""Commands and edits beside those of another checkout: ``python -m tests.benchmarks --before DIR``.

Each is measured in processor seconds, in turns: a busy machine disturbs both alike.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .timing import Benchmark, Timer, UnavailableError

HERE = Path(__file__).resolve().parents[2]
EDITS = Path(__file__).with_name("edits.py")

ORDINARY = ("marginal_cost=23000", "marginal_cost=23100", "offset=10.5", "offset=11")
OF_THE_DRAFT = ("selection_validity=0.41", "selection_validity.low=0.12", "mentors=95")


class Checkout:
    """A checkout, and the file that it builds.

    Parameters
    ----------
    home : Path
        Its folder.
    scratch : Path
        Where to put its files, and what it keeps.
    """

    def __init__(self, home: Path, scratch: Path) -> None:
        self._home = home
        self._scratch = scratch
        self.file = scratch / "built.xlsx"
        scratch.mkdir()

    def run(self, *words: str, status: int = 0) -> tuple[float, str]:
        """The processor seconds of a Python process, and what it printed."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self._home,
            env=os.environ | {"FIELDBOOK_CACHE": str(self._scratch / "kept")},
            capture_output=True,
            text=True,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != status:
            raise UnavailableError(f"{self._home}: {' '.join(words)}: {done.stderr.strip()}")
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout

    def command(self, *words: str, status: int = 0) -> Timer:
        """A timer of a command, whose output goes nowhere."""
        return lambda: self.run("-m", "workbook", *words, status=status)[0]

    def set(self, change: str, status: int = 0) -> Timer:
        """A timer of setting a number in the built file."""

        def seconds() -> float:
            out = self._scratch / "set.xlsx"
            out.unlink(missing_ok=True)
            return self.command("set", str(self.file), change, "-o", str(out), status=status)()

        return seconds

    def edits(self, edits: tuple[str, ...], place: int) -> Timer:
        """A timer of edits in a running process: all of them (0), or the calls set off (1)."""

        def seconds() -> float:
            found = json.loads(self.run(str(EDITS), str(self.file), *edits)[1])
            return sum(float(found[each][place]) for each in edits)

        return seconds

    def first(self) -> float:
        """The first recalculation of a process."""
        return float(json.loads(self.run(str(EDITS), str(self.file))[1])["first"][0])


def beside(other: Path, folder: Path) -> Iterator[Benchmark]:
    """What a person waits for, in this checkout beside another one."""
    if not (other / "workbook").is_dir():
        raise UnavailableError(f"{other} is no checkout of Fieldbook")
    ours, theirs = Checkout(HERE, folder / "ours"), Checkout(other.resolve(), folder / "theirs")
    for each in (ours, theirs):
        each.run("-m", "workbook", "build", str(each.file), "--quiet")
    timers: dict[str, Callable[[Checkout], Timer]] = {
        "edits in a running process, the calls they set off": lambda c: c.edits(ORDINARY, 1),
        "edits in a running process, all": lambda c: c.edits(ORDINARY, 0),
        "edits of what the mentors' draft depends on": lambda c: c.edits(OF_THE_DRAFT, 1),
        "the first recalculation of a process": lambda c: c.first,
        "set of one number, a fresh process": lambda c: c.set("marginal_cost=23000"),
        "set of a bad value, a fresh process": lambda c: c.set("marginal_cost=-5", 2),
        "show": lambda c: c.command("show", str(c.file)),
    }
    for name, timer in timers.items():
        yield Benchmark(
            name=name,
            against=f"processor seconds, beside the same in {other.name}",
            ours=timer(ours),
            other=timer(theirs),
            repeats=3,
        )
