"""Comparing copies that came back beside opening them with openpyxl one by one.

``python -m tests.benchmarks.copies 1000 [dask]`` makes so many copies of a built workbook, compares
them on all cores or on two Dask workers, and says the time and the memory beside openpyxl's time.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl

import fieldbook
from workbook.file.patch import patch
from workbook.read import read_book

from .timing import Benchmark, timed
from .workbooks import Files, build

OPENED = 40
"""Of many copies, how many openpyxl opens; its time for all is estimated from these."""


def copies(data: bytes, folder: Path, count: int) -> list[Path]:
    """So many copies, each with two or three edits that nobody recalculated."""
    book = read_book(data, "built")
    sheet = book.sheet_of("marginal_cost")
    files = []
    for number in range(count):
        edits = {"marginal_cost": 21_000.0 + 37 * number % 3_900, "offset": 20.0 + number % 120}
        if number % 3 == 0:
            edits["selection_validity"] = 0.2 + number % 20 / 100
        cells = {book.places[name].first: value for name, value in edits.items()}
        xml = patch(book.package.parts[sheet.part], sheet.cells, cells, computed=False)
        files.append(folder / f"copy-{number:04}.xlsx")
        files[-1].write_bytes(book.package.to_bytes({sheet.part: xml}))
    return files


def comparing(files: Files) -> Iterator[Benchmark]:
    """Comparing some copies, the effects of their changes shared, beside opening them."""
    made = copies(files.data, files.folder, 24)
    yield Benchmark(
        name=f"Compare {len(made)} copies",
        against="read, checked, changes found and their effects shared, on all cores, beside "
        "openpyxl opening the copies one by one",
        ours=timed(lambda: fieldbook.compare(files.built, made)),
        other=timed(lambda: [openpyxl.load_workbook(each) for each in made]),
        repeats=3,
        warm_ups=0,
    )


def _measure(count: int, address: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch) / "base.xlsx"
        base.write_bytes(build())
        files = copies(base.read_bytes(), Path(scratch), count)
        began = time.perf_counter()
        found = fieldbook.compare(base, files, scheduler=address)
        taken = time.perf_counter() - began
        began = time.perf_counter()
        for each in files[:OPENED]:
            openpyxl.load_workbook(each)
        opened = (time.perf_counter() - began) / len(files[:OPENED]) * count
        is_same = not address or fieldbook.compare(base, files).shares.equals(found.shares)
    peaks = (
        resource.getrusage(each).ru_maxrss // 1024
        for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    here, apart = peaks
    print(
        f"{count} copies, {len(found.changes)} changes, {len(found.shares)} shares: {taken:.0f} s"
    )
    print(f"openpyxl, one by one: {opened:.0f} s; ratio {taken / opened:.2f}")
    print(f"most memory here {here} MB, in a process beside {apart} MB")
    if address:
        print("the shares are those without the cluster" if is_same else "OTHER SHARES THAN HERE")


def _main(words: list[str]) -> None:
    count = int(words[0])
    if "dask" not in words:
        _measure(count, "")
        return
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        _measure(count, cluster.scheduler_address)


if __name__ == "__main__":
    _main(sys.argv[1:])
