"""Comparing copies and sweeping cases from Python: pandas tables in and out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from workbook.circulation.command import contents_of
from workbook.circulation.compare import Comparison, compared
from workbook.circulation.scale import Scheduler
from workbook.circulation.sweep import PART, swept
from workbook.file.package import read_file
from workbook.frames import Workbook
from workbook.native.form import full_of


def compare(
    base: str | os.PathLike[str],
    copies: Sequence[str | os.PathLike[str]],
    *,
    names: Mapping[str, str] | None = None,
    unrelated: bool = False,
    scheduler: str = "",
) -> Comparison:
    """Compare copies that came back with the workbook that they are copies of.

    Parameters
    ----------
    base, copies : path, sequence of path
        The workbook, and its copies.
    names : mapping of str to str, optional
        Who worked on a file, where it does not say so itself.
    unrelated : bool
        Whether copies of another workbook are compared too.
    scheduler : str
        The address of a Dask cluster that does the work; all cores here by default.

    Returns
    -------
    Comparison
        Its ``changes``, ``answers``, ``shares`` and ``refused`` are DataFrames.

    Raises
    ------
    InputError
        If the workbook itself breaks a rule.
    """
    files = [Path(each) for each in copies]
    data = full_of(read_file(Path(base)), str(base))
    return compared(
        (str(base), data),
        contents_of(files),
        count=len(files),
        names=names,
        unrelated=unrelated,
        scheduler=Scheduler(scheduler),
    )


def sweep(
    book: Workbook | None,
    cases: pd.DataFrame,
    results: Iterable[str] | None = None,
    *,
    scheduler: str = "",
) -> pd.DataFrame:
    """Compute the results of thousands of cases on all cores, or on a cluster.

    Parameters
    ----------
    book : Workbook, optional
        Whose assumptions hold where a case says nothing; the declared ones by default.
    cases : DataFrame
        A row for each case, as `evaluate` takes them.
    results : iterable of str, optional
        Ids of results, or ``id.part``.
    scheduler : str
        The address of a Dask cluster; all cores here by default.

    Returns
    -------
    DataFrame
        As `evaluate` gives it, with the cases before the results.

    Raises
    ------
    InputError
        If a column is no reference, or a wanted result is unknown.
    """
    parts = -(-len(cases) // PART)
    made = swept(
        {} if book is None else book.given, _parts(cases), parts, results, Scheduler(scheduler)
    )
    return pd.concat(list(made)) if parts else cases.assign(refused=None)


def _parts(cases: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in range(0, len(cases), PART):
        yield cases.iloc[start : start + PART]
