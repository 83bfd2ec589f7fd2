"""Thousands of cases of a workbook's assumptions: a row in, its results out, a part at a time."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from addin import console
from addin.files import reason_of
from pycore.errors import Found, InputError
from workbook.circulation.command import declare_scheduler
from workbook.circulation.scale import Scheduler, over_files
from workbook.file.package import check_is_file, read_file
from workbook.file.target import FORCE, Target
from workbook.read import read_book

if TYPE_CHECKING:
    import pandas as pd

PART = 500
"""How many cases are computed at a time."""

A_TABLE = "be a table of cases as .csv (UTF-8)"

FORMS = (".csv", ".parquet")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command line."""
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "cases",
        metavar="CASES.csv",
        type=Path,
        help="a row for each case; its columns are assumptions, by the names that `set` takes",
    )
    parser.add_argument(
        "-o",
        dest="out",
        metavar="OUT",
        type=Path,
        required=True,
        help="the cases with their results, as .csv or .parquet",
    )
    parser.add_argument(
        "--result",
        dest="results",
        metavar="ID",
        nargs="+",
        help="which results, or parts of one: id.part; by default all that are no simulation",
    )
    declare_scheduler(parser)
    parser.add_argument(FORCE, action="store_true", help="replace an OUT that is there already")


@dataclass(frozen=True)
class Sweep:
    """Computes a part of the cases; it goes to other processes."""

    given: Mapping[str, Any]
    wanted: tuple[str, ...] | None

    def __call__(self, _: str, cases: pd.DataFrame) -> pd.DataFrame:
        """Give the cases with their results."""
        import pandas as pd

        from workbook.cases import evaluate_cases

        wanted = None if self.wanted is None else [*self.wanted]
        return pd.concat([cases, evaluate_cases(cases, wanted, self.given)], axis=1)


def swept(
    given: Mapping[str, Any],
    parts: Iterable[pd.DataFrame],
    count: int,
    wanted: Iterable[str] | None = None,
    scheduler: Scheduler | None = None,
) -> Iterator[pd.DataFrame]:
    """Compute the results of many cases, a part at a time.

    Parameters
    ----------
    given : mapping of str to value
        What the cases leave as it is, by reference.
    parts : iterable of DataFrame
        The cases; taken one after the other.
    count : int
        How many parts there are.
    wanted : iterable of str, optional
        Ids of results, or ``id.part``.
    scheduler : Scheduler, optional
        Where the work is done.

    Yields
    ------
    DataFrame
        Each part with a column for each result, and why something of a case was refused.
    """
    task = Sweep(given, None if wanted is None else tuple(wanted))
    named = ((str(number), part) for number, part in enumerate(parts))
    yield from over_files(task, named, count, "Cases", scheduler)


def command(options: argparse.Namespace) -> None:
    """Do what the command line says."""
    form = options.out.suffix.casefold()
    if form not in FORMS:
        found = Found(options.out.suffix or "without an ending")
        raise InputError(str(options.out), f"end in {' or '.join(FORMS)}", found)
    if options.out.exists() and options.out.samefile(options.cases):
        raise InputError("-o", "be another file than the cases", str(options.out))
    target = Target(options.out, None, options.force)
    target.check()
    book = read_book(read_file(options.file), str(options.file))
    given = book.given()
    rows, refused = 0, 0
    count = _parts_of(options.cases)
    cases = _cases(options.cases)
    made = swept(
        given, cases, count, options.results, Scheduler(options.scheduler, options.processes)
    )
    with target.opened() as file:
        write = _Csv(file) if form == ".csv" else _parquet(file)
        for part in made:
            write.add(part)
            rows += len(part)
            refused += int(part["refused"].notna().sum())
        write.close()
    with console.after(f"{options.out} is written"):
        console.say(f"computed {rows:,} cases into {options.out}")
        if refused:
            console.say(f"{refused:,} of them are refused in part: the column refused says why")


def _cases(path: Path) -> Iterator[pd.DataFrame]:
    """The cases of a file, a part at a time."""
    import pandas as pd

    for header, rows in _parts_of_rows(path):
        columns = zip(header, zip(*rows, strict=True), strict=True)
        yield pd.DataFrame({name: _column(cells) for name, cells in columns})


def _column(cells: Sequence[str]) -> list[Any]:
    """Numbers and words, and nothing for a blank."""
    found: list[Any] = []
    for cell in map(str.strip, cells):
        try:
            found.append(float(cell))
        except ValueError:
            found.append(cell or None)
    return found


def _parts_of_rows(path: Path) -> Iterator[tuple[list[str], list[list[str]]]]:
    """The header, and the rows below it, some at a time; blank rows are left out."""
    check_is_file(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = [name.strip() for name in next(lines, [])]
            if not any(header):
                raise InputError(str(path), A_TABLE, Found("without a header"))
            rows: list[list[str]] = []
            for row in filter(None, lines):
                if len(row) != len(header):
                    found = Found(f"{len(row)} cells in line {lines.line_num}")
                    raise InputError(str(path), f"have {len(header)} cells in each row", found)
                rows.append(row)
                if len(rows) == PART:
                    yield header, rows
                    rows = []
            if rows:
                yield header, rows
    except OSError as error:
        raise InputError(str(path), "be a file that can be read", reason_of(error)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(path), A_TABLE, Found(str(error))) from None


def _check_columns(names: Sequence[str], path: Path) -> None:
    """Refuse a column that is there twice; unknown ones are refused as they are computed."""
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{path}: the column {name!r}", "stand once", Found("there twice"))


def _parts_of(path: Path) -> int:
    """How many parts a file has."""
    rows = 0
    for header, part in _parts_of_rows(path):
        _check_columns(header, path)
        rows += len(part)
    if not rows:
        raise InputError(str(path), "have a row for each case", Found("no row"))
    return -(-rows // PART)


class _Writer(Protocol):
    """Writes parts of a table into a file."""

    def add(self, part: pd.DataFrame) -> None:
        """Write a part."""

    def close(self) -> None:
        """Write what ends the file."""


class _Csv:
    def __init__(self, file: BinaryIO) -> None:
        self._file = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._is_first = True

    def add(self, part: pd.DataFrame) -> None:
        part.to_csv(self._file, index=False, header=self._is_first)
        self._is_first = False

    def close(self) -> None:
        self._file.flush()
        self._file.detach()


def _parquet(file: BinaryIO) -> _Writer:
    """A writer of Parquet files, if the library for them is there."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        rule = "end in .csv, or pyarrow be installed: python -m pip install pyarrow"
        raise InputError("-o", rule, Found(".parquet without it")) from None

    class Parquet:
        writer: Any = None

        def add(self, part: pd.DataFrame) -> None:
            texts = {name: "string" for name in part if part[name].dtype == object}
            table = pa.Table.from_pandas(part.astype(texts), preserve_index=False)
            if self.writer is None:
                self.writer = parquet.ParquetWriter(file, table.schema)
            self.writer.write_table(table.cast(self.writer.schema))

        def close(self) -> None:
            if self.writer is not None:
                self.writer.close()

    return Parquet()
