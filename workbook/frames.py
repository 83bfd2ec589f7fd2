"""The workbook as pandas tables, and back.

Whoever analyses opens a file, looks at its tables, changes them and saves another file:

>>> import fieldbook
>>> book = fieldbook.load("fieldbook.xlsx")  # doctest: +SKIP
>>> assumptions = book.assumptions  # doctest: +SKIP
>>> assumptions.loc["marginal_cost", ["low", "central", "high"]] = [25_000, 30_000, 36_000]
... # doctest: +SKIP
>>> book.changed(assumptions=assumptions).save("dearer.xlsx")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from pycore.errors import Found, InputError
from pycore.model.results import TYPES, model
from pycore.model.tables import MOST_GOODS, OPINIONS, PEOPLE, RESPONSES, SCENARIOS
from workbook.cases import evaluate_cases
from workbook.circulation.logged import logging
from workbook.circulation.noted import unnoted
from workbook.file.package import read_file
from workbook.file.target import Target
from workbook.formulas import input_references, text_references
from workbook.read import Book, read_book, settings
from workbook.recalc import recalculate
from workbook.sheets.assumptions import check_sums
from workbook.sheets.people.survey import good_name
from workbook.show import OF_A_GOOD, answers, contents, outdated
from workbook.simulate import answered, draws_of, question_of
from workbook.survey.command import imported
from workbook.survey.responses import read_survey
from workbook.validate import typed

NAME = "name"
"""The first row of the scenarios: what each is called."""


class OpenBook(Protocol):
    """A workbook that is open in Excel, as `xlwings.Book` is."""

    @property
    def fullname(self) -> str:
        """The path of its file."""


def load(source: str | os.PathLike[str] | bytes | OpenBook) -> Workbook:
    """Open a workbook.

    Parameters
    ----------
    source : path, bytes or xlwings.Book
        A file, its content, or a workbook that is open in Excel: of that the saved file is read,
        so that what was typed since is not in it. (Reading was tried with xlwings' own reader of
        files and not in Excel, which was not available.)

    Raises
    ------
    InputError
        If it is no file of this project, or damaged.
    """
    if isinstance(source, bytes):
        return Workbook(source, "the workbook")
    path = Path(source if isinstance(source, str | os.PathLike) else source.fullname)
    data = read_file(path)
    return Workbook(data, str(path), saved={path.resolve(): data})


@dataclass(frozen=True)
class Workbook:
    """A workbook, whose tables are DataFrames with the id as index.

    It never changes: `changed` gives another one, and `save` writes a file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What a message calls it.
    notes : tuple of str
        What a person should know of the last recalculation.
    saved : dict of Path to bytes
        The files that it was loaded from and saved to, as they were then.
    """

    data: bytes = field(repr=False)
    name: str
    notes: tuple[str, ...] = ()
    saved: dict[Path, bytes] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Refused here rather than at the first table.
        _ = self._book

    @cached_property
    def _book(self) -> Book:
        return read_book(self.data, self.name)

    @cached_property
    def _contents(self) -> dict[str, dict[str, Any]]:
        return contents(self._book)

    def _frame(
        self, rows: Mapping[str, Mapping[str, Any]], columns: Collection[str]
    ) -> pd.DataFrame:
        cells = [[row[column] for column in columns] for row in rows.values()]
        index = pd.Index([*rows], name="id", dtype=object)
        return pd.DataFrame(cells, index, [*columns], dtype=object).infer_objects()

    @property
    def assumptions(self) -> pd.DataFrame:
        """The assumptions and choices, each with its range, distribution and source."""
        columns = ("label", "unit", "group", "low", "central", "high", "distribution", "source")
        groups = {node.id: {"group": node.group} for node in model().inputs}
        rows = {each: row | groups[each] for each, row in self._contents["assumptions"].items()}
        return self._frame(rows, (*columns, "date", "note"))

    @property
    def results(self) -> pd.DataFrame:
        """The results: a value, rows of values for a table, or the error that is shown."""
        columns = ("label", "unit", "value", "error")
        rows = {
            each: {column: row.get(column) for column in columns}
            for each, row in self._contents["results"].items()
        }
        return self._frame(rows, columns)

    @property
    def checks(self) -> pd.DataFrame:
        """The published figures, what is computed in their place, and whether they agree."""
        return self._frame(self._contents["checks"], ("published", "computed", "ok"))

    @property
    def goods(self) -> pd.DataFrame:
        """What was entered of each good, the rate that is used, and its state."""
        return self._frame(self._contents["goods"], (*OF_A_GOOD, "rate_used", "state"))

    @property
    def comparisons(self) -> pd.DataFrame:
        """The judgements: what one of a row's good is worth in each other good."""
        rows = self._contents["comparisons"]
        table: dict[str, dict[str, Any]] = {}
        for each, row in rows.items():
            table[each] = dict.fromkeys(rows) | {"name": row["name"], "rate": row["rate"]}
            for cell, judgement in row["judgements"].items():
                table[each][f"compared_{cell.rsplit('_')[-1]}"] = judgement["value"]
        return self._frame(table, ("name", *rows, "rate"))

    @property
    def evidence(self) -> pd.DataFrame:
        """The pieces of evidence on which type of person is needed."""
        return self._frame(self._contents["evidence"], ("source", *TYPES))

    @property
    def survey(self) -> pd.DataFrame:
        """The answers: a row for each respondent, a column for each good that was asked about."""
        names = [self._book.value(good_name(each + 1)) for each in range(MOST_GOODS)]
        table = pd.DataFrame(self._book.values(RESPONSES)).dropna(how="all")
        table = table.dropna(axis="columns", how="all").infer_objects()
        table.index = pd.RangeIndex(1, len(table) + 1, name="respondent")
        return table.rename(columns=lambda at: names[at] or good_name(at + 1))

    @property
    def opinions(self) -> pd.DataFrame:
        """What people judge of the assumptions, a row for each opinion."""
        columns = ["assumption", "person", "low", "central", "high", "remark"]
        rows = [row for row in self._book.typed(OPINIONS) if any(c is not None for c in row)]
        ids = {node.label: node.id for node in model().assumptions}
        cells = [[ids.get(node, node), *others] for node, *others in rows]
        return pd.DataFrame(cells, columns=columns, dtype=object).infer_objects()

    @property
    def people(self) -> pd.DataFrame:
        """Those whose opinions are weighed, and what they count; a missing weight is 1."""
        rows = {
            f"person_{number}": {"name": name, "weight": weight}
            for number, (name, weight) in enumerate(self._book.typed(PEOPLE), start=1)
            if name is not None or weight is not None
        }
        return self._frame(rows, ("name", "weight"))

    @property
    def scenarios(self) -> pd.DataFrame:
        """The scenarios: their names, then the assumptions that they change and the values."""
        (_, *names), *rows = self._book.typed(SCENARIOS)
        columns = ["assumption", *(f"scenario_{n}" for n, _ in enumerate(names, start=1))]
        table = {NAME: dict(zip(columns, [None, *names], strict=True))}
        for number, row in enumerate(rows, start=1):
            table[f"change_{number}"] = dict(zip(columns, row, strict=True))
        return self._frame(table, columns)

    @property
    def settings(self) -> pd.DataFrame:
        """The other input cells: draws and seed, thresholds, correlations, what is asked."""
        parts = ("evidence", "compared", "judgement", "good", "scenario", "change", "person")
        elsewhere = tuple(f"{part}_" for part in parts)
        names = [each for each in settings() if not each.startswith(elsewhere)]
        return self._frame({each: {"value": self._book.entered(each)} for each in names}, ["value"])

    @property
    def answers(self) -> list[str]:
        """The sentences of the Summary sheet."""
        return answers(self._book)

    @property
    def outdated(self) -> str:
        """What in the file is not computed from what stands in it; empty where nothing is."""
        return outdated(self._book)

    @property
    def given(self) -> dict[str, Any]:
        """The assumptions and choices by reference, with the ends of ranges."""
        return self._book.given()

    def draws(
        self,
        results: Iterable[str] | None = None,
        draws: int | None = None,
        seed: int | None = None,
    ) -> pd.DataFrame:
        """Draw the assumptions at random, and compute results for each draw.

        Parameters
        ----------
        results : iterable of str, optional
            Ids of results, or ``id.part``; the headline answers by default.
        draws, seed : int, optional
            How many, and where the random numbers start; those of the file by default.

        Returns
        -------
        DataFrame
            A row for each draw, as `simulate --csv` writes them; what never happens is infinite.
            A result that cannot be computed is left out.

        Raises
        ------
        InputError
            If nothing that was asked for can be computed.
        """
        question = question_of(self._book, None if results is None else [*results], draws, seed)
        return pd.concat(draws_of(answered(question))).rename_axis("draw")

    def evaluate(self, cases: pd.DataFrame, wanted: Iterable[str] | None = None) -> pd.DataFrame:
        """Compute results for each row of a table, all else as it stands in this workbook.

        Parameters
        ----------
        wanted : iterable of str, optional
            As for `evaluate_cases`.

        Raises
        ------
        InputError
            As `evaluate_cases` does.
        """
        return evaluate_cases(cases, wanted, self.given)

    def changed(self, *, why: str = "", who: str = "", **frames: pd.DataFrame) -> Workbook:
        """Put changed tables into the workbook and recalculate it.

        Parameters
        ----------
        why, who : str
            What the Log says of the reason, and of whoever changes it; the account by default.
        **frames : DataFrame
            ``assumptions``, ``goods``, ``comparisons``, ``evidence``, ``people``, ``scenarios``,
            ``settings`` or ``survey``: as they were given, with other values, and perhaps fewer
            rows or columns.
            Only what differs is written; a missing value clears a cell that may be blank. A
            survey takes the place of the one before, as an imported file does.

        Returns
        -------
        Workbook
            Without frames the same one, recalculated.

        Raises
        ------
        InputError
            If a value breaks its rule, as for `set`, or is not one to change.
        """
        survey, data = frames.pop("survey", None), self.data
        changes: dict[str, float | str] = {}
        for table, frame in frames.items():
            if table not in WRITTEN:
                raise InputError(
                    f"the table {table!r}",
                    f"be one of {', '.join([*WRITTEN, 'survey'])}",
                    Found("another"),
                )
            changes |= _changes(table, getattr(self, table), frame)
        check_sums(changes)
        noting = logging(who, why, is_copy=False) if changes else unnoted
        done = recalculate(data, self.name, changes, noting=noting)
        if survey is not None and not survey.equals(self.survey):
            text = survey.to_csv(index_label="respondent").encode()
            done = imported(done.data, self.name, read_survey(text, "the survey"))
        return Workbook(done.data, self.name, done.notes, self.saved)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file, whole or not at all, in place of one that is there already.

        Raises
        ------
        InputError
            If it has another ending than the file had, cannot be written, is open in another
            program, or was saved by somebody else since it was loaded from there or saved there.
        """
        target = Path(path)
        suffix = Path(self.name).suffix or target.suffix
        if target.suffix.casefold() != suffix.casefold():
            raise InputError(
                str(target), f"end in {suffix}", Found(target.suffix or "without an ending")
            )
        place = target.resolve()
        Target(target, self.saved.get(place), forced=place not in self.saved).write(self.data)
        self.saved[place] = self.data


def _of_assumption(row: str, column: str) -> str:
    return row if column == "central" else f"{row}.{column}"


def _of_entry(row: str, column: str) -> str:
    return f"{row}_{column}"


def _of_comparison(row: str, column: str) -> str:
    if column == NAME:
        return row
    return f"judgement_{row.removeprefix('compared_')}_{column.removeprefix('compared_')}"


def _of_scenario(row: str, column: str) -> str:
    if column == "assumption":
        return row
    if row == NAME:
        return f"{column}_name"
    return f"{column}_value_{row.removeprefix('change_')}"


def _of_setting(row: str, _: str) -> str:
    return row


WRITTEN: dict[str, Callable[[str, str], str]] = {
    "assumptions": _of_assumption,
    "goods": _of_entry,
    "comparisons": _of_comparison,
    "evidence": _of_entry,
    "people": _of_entry,
    "scenarios": _of_scenario,
    "settings": _of_setting,
}
"""The tables that may be changed: by each, the reference of a cell from its row and column."""


def _changes(table: str, old: pd.DataFrame, new: pd.DataFrame) -> dict[str, float | str]:
    """What differs between a table and its changed form, by reference."""
    known = {*input_references(model()), *settings(), *text_references(model())}
    reference_of = WRITTEN[table]
    rows = {row for row in new.index if any(reference_of(row, str(each)) in known for each in old)}
    for kind, labels, held in (
        ("row", new.index, {*old.index} | rows),
        ("column", new.columns, {*old.columns}),
    ):
        for label, is_again in zip(labels, labels.duplicated(), strict=True):
            if label not in held or is_again:
                rule = f"be one of the table's {kind}s, once"
                found = Found("there more than once" if is_again else "unknown")
                raise InputError(f"the {kind} {label!r} of the {table}", rule, found)
    changes = {}
    for row, column, value in _cells(new):
        # A good or a piece of evidence of which nothing was entered is not in the table.
        if _is_same(value, old.at[row, column] if row in old.index else None):
            continue
        reference = reference_of(row, column)
        if reference not in known:
            rule = "stay as it is: only what is typed into the workbook's input cells changes"
            raise InputError(f"{column} of {row} in the {table}", rule, value)
        changes[reference] = typed(reference, "" if pd.isna(value) else str(value))
    return changes


def _cells(frame: pd.DataFrame) -> Iterator[tuple[str, str, Any]]:
    for column in frame.columns:
        for row, value in zip(frame.index, frame[column].tolist(), strict=True):
            yield str(row), str(column), value


def _is_same(value: Any, other: Any) -> bool:
    if pd.api.types.is_scalar(value) and pd.api.types.is_scalar(other):
        return bool((pd.isna(value) and pd.isna(other)) or value == other)
    return value is other
