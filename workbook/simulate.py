"""How sure the answers of a workbook are: its assumptions as they stand, simulated."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from pycore.checks import SEED, Domain, one_number
from pycore.errors import Found, InputError
from pycore.model.arguments import check_reference, questions, uncertain
from pycore.model.results import model
from pycore.model.tables import CORRELATIONS, HEADLINES, OUTCOMES
from pycore.model.uncertainty import spreads_of
from pycore.nodes import RANGE_PARTS, Result
from pycore.uncertainty.design import DRAWS, Design
from pycore.uncertainty.measures import Measure
from pycore.uncertainty.outcomes import asked, drawn, in_words
from pycore.uncertainty.sampling import Uncertain
from pycore.uncertainty.simulation import PERCENTILES, Spread
from pycore.uncertainty.surfaces import MarginSurface, surfaces
from workbook.file.package import read_file
from workbook.file.target import FORCE, Target
from workbook.formulas import defined_name, input_references
from workbook.read import Book, read_book
from workbook.validate import check_assumptions, check_tables

if TYPE_CHECKING:  # it takes longer to load than most commands run
    import pandas as pd

NAMES = ("p5", "p25", "median", "p75", "p95")
"""What the percentiles are called."""

ROWS = 1 << 13
"""How many draws are turned into text at a time: all of their texts are in memory at once."""

STEPS = 30
"""How many steps of the last digit shown a 90% range has at least."""

EXACT_STEPS = 100
"""For what does not vary: how many of such ranges would go into it."""

ROUNDING = 1e-12
"""A range narrower than this beside its end comes from the last digits of the arithmetic."""

MOST_DECIMALS = 12


@dataclass(frozen=True)
class Question:
    """What is simulated.

    Parameters
    ----------
    draws, seed : int
        How many draws are asked for, and where the random numbers start.
    """

    given: Uncertain
    outcomes: tuple[tuple[str, float | None], ...]
    draws: int
    seed: int


@dataclass(frozen=True)
class Answer:
    """What a simulation said.

    Parameters
    ----------
    spreads : mapping of str to Spread
        What was found, by reference.
    refused : mapping of str to str
        Why the others could not be computed.
    """

    question: Question
    spreads: Mapping[str, Spread]
    refused: Mapping[str, str]

    @cached_property
    def design(self) -> Design:
        """Which draws there are."""
        return Design(self.question.draws, self.question.seed, ROWS)

    @cached_property
    def stand_ins(self) -> dict[str, MarginSurface]:
        """What the drafts entered through, where they were needed."""
        return surfaces(self.question.given, self.spreads, self.question.seed)


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command line."""
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--draws",
        metavar="N",
        help="of the assumptions; rounded up to 16 times a power of two (default: the file's)",
    )
    parser.add_argument(
        "--seed", metavar="S", help="where the random numbers start (default: the file's)"
    )
    parser.add_argument(
        "--result",
        dest="results",
        metavar="ID",
        nargs="+",
        action="extend",
        help="such as cost_multiple or ratio_shift.after (default: the headline answers)",
    )
    parser.add_argument("--json", action="store_true", help="all of it, for other tools")
    parser.add_argument(
        "--csv",
        metavar="OUT",
        type=Path,
        help="write the draws too: a column for each assumption drawn and for each result",
    )
    parser.add_argument(FORCE, action="store_true", help="replace an OUT that is there already")


def command(options: argparse.Namespace) -> tuple[list[str], list[str], str]:
    """Do what the command line says: lines to print, notes, and what was written, if anything."""
    out: Path | None = options.csv
    if out is not None and out.suffix.casefold() != ".csv":
        raise InputError(str(out), "end in .csv", Found(out.suffix or "without an ending"))
    if target := Target(out, forced=options.force) if out else None:
        target.check()
    book = read_book(read_file(options.file), str(options.file))
    question = question_of(book, options.results, options.draws, options.seed)
    with ExitStack() as stack:
        # Opened before the long work, which is lost if the folder cannot be written to.
        notes = target.links() if target else []
        file = stack.enter_context(target.opened()) if target else None
        answer = answered(question)
        if file:
            write_draws(answer, file)
    notes += [f"{each} was not simulated: {reason}" for each, reason in answer.refused.items()]
    written = f"The draws are in {out}." if out else ""
    if options.json:
        return json.dumps(report(answer), indent=2, allow_nan=False).split("\n"), notes, written
    return [*table(answer), *filter(None, [written])], notes, written


def question_of(
    book: Book, results: Sequence[str] | None = None, draws: object = None, seed: object = None
) -> Question:
    """What to simulate in a workbook.

    Parameters
    ----------
    results : sequence of str, optional
        References to numbers: ids of results, or ``id.part``; the headline answers by default.
    draws, seed : float or str, optional
        Numbers; those of the Uncertainty sheet by default.
    """
    values = {each: book.value(defined_name(each)) for each in input_references(model())}
    check_assumptions(book, values)
    correlations = book.typed(CORRELATIONS)
    check_tables(book, values, {CORRELATIONS: correlations})
    given = uncertain(_table(values), correlations)
    limits = dict(questions(OUTCOMES, book.typed(OUTCOMES)))
    wanted = dict.fromkeys(results or [headline.reference for headline in HEADLINES])
    for each in wanted:
        check_reference("--result", each, given.graph)
    if results:  # a headline that cannot be computed is left out; what was named may not be
        asked(given, wanted, None)
    return Question(
        given,
        tuple((each, limits.get(each)) for each in wanted),
        _number("draws", draws, DRAWS, book.value("simulation_draws")),
        _number("seed", seed, SEED, book.value("simulation_seed")),
    )


def _table(values: Mapping[str, Any]) -> list[list[Any]]:
    """The assumptions as the functions of uncertainty take them."""
    graph = model()
    drawn_from = []
    for node in graph.assumptions:
        kind, central = values[f"{node.id}.distribution"], values[node.id]
        # A setting has no range: its ends follow it.
        low, high = (values.get(f"{node.id}.{part}", central) for part in RANGE_PARTS)
        drawn_from.append([node.id, kind, low, central, high])
    return drawn_from + [[node.id, None, None, values[node.id], None] for node in graph.choices]


def _number(name: str, value: object, domain: Domain, default: object) -> int:
    """A number of the command line, or the file's."""
    if value is None:
        return int(one_number(f"simulation_{name}", default, domain))
    try:
        number: object = float(str(value))
    except ValueError:
        number = value
    return int(one_number(f"--{name}", number, domain))


def answered(question: Question) -> Answer:
    """Simulate."""
    spreads, notes = spreads_of(question.given, question.outcomes, question.draws, question.seed)
    reasons = zip(question.outcomes, notes, strict=True)
    return Answer(question, spreads, {each: note for (each, _), note in reasons if note})


def draws_of(answer: Answer) -> Iterator[pd.DataFrame]:
    """Give the draws, some thousand at a time.

    Yields
    ------
    DataFrame
        A row for each draw; a column for each assumption that is drawn, then for each result.
        Where nothing is uncertain there is one draw.
    """
    import pandas as pd

    numbers = asked(answer.question.given, answer.spreads, answer.stand_ins)
    if not numbers.ids:
        yield pd.DataFrame(numbers.of({}).T, columns=numbers.wanted)
        return
    for places, each in drawn(numbers, answer.design):
        columns = [each.values[name] for name in numbers.ids]
        cells = np.vstack([*columns, numbers.of(each.values)]).T
        yield pd.DataFrame(cells, places, [*numbers.ids, *numbers.wanted])


def write_draws(answer: Answer, target: BinaryIO) -> None:
    """Write the draws as comma-separated values, below a line of ids."""
    for number, draws in enumerate(draws_of(answer)):
        told = _in_words(draws, answer.spreads)
        told.to_csv(target, index=False, header=number == 0, lineterminator="\n")


def _in_words(draws: pd.DataFrame, results: Iterable[str]) -> pd.DataFrame:
    """Draws with the words that stand for what is infinite."""
    worded = {}
    for each in results:
        column = draws[each]
        if not np.isfinite(column).all():
            words = column.map(partial(in_words, _result(each)))
            worded[each] = column.astype(object).where(np.isfinite(column), words)
    return draws.assign(**worded)


def report(answer: Answer) -> dict[str, Any]:
    """What was found, ready for JSON.

    Returns
    -------
    dict
        The draws and the seed; ``results`` by reference, each number with its standard error
        among the ``errors``, null where it is not defined, and why as ``remark``; ``surfaces``
        with what stood in for a simulation and its errors; and ``refused``.
    """
    return {
        "draws": answer.design.number,
        "seed": answer.question.seed,
        "results": {each: _found(each, spread) for each, spread in answer.spreads.items()},
        "surfaces": {each: _surface_errors(each, s) for each, s in answer.stand_ins.items()},
        "refused": dict(answer.refused),
    }


def _found(reference: str, spread: Spread) -> dict[str, Any]:
    measures = _measures(spread)
    if spread.chance is not None:
        measures["chance"] = spread.chance
    return {
        "label": _label(reference),
        "unit": _result(reference).unit,
        "central": spread.in_words(spread.central),
        **{name: _plain(spread.in_words(each.value)) for name, each in measures.items()},
        "threshold": spread.threshold,
        "errors": {name: _plain(spread.in_words(each.error)) for name, each in measures.items()},
        "remark": spread.remark,
    }


def _plain(told: float | str) -> float | str | None:
    """A number or a word; nothing for what is not defined."""
    return None if told == "" else told


def _measures(spread: Spread) -> dict[str, Measure]:
    return dict(zip(NAMES, spread.percentiles, strict=True)) | {"mean": spread.mean}


def _surface_errors(each: str, surface: MarginSurface) -> dict[str, float]:
    parts = model()[each].parts
    return dict(zip(parts[::2], map(float, surface.errors), strict=True))


def _result(reference: str) -> Result:
    found: Result = model()[reference.partition(".")[0]]
    return found


def _label(reference: str) -> str:
    for headline in HEADLINES:
        if headline.reference == reference:
            return headline.label
    part = reference.partition(".")[2]
    return f"{_result(reference).label}: {part}" if part else _result(reference).label


def table(answer: Answer) -> list[str]:
    """What was found, for people.

    Returns
    -------
    list of str
        Lines. A number has its standard error behind it where that reaches the digits shown.
    """
    levels = [f"{100 * level:.0f}%" if level != 0.5 else "median" for level in PERCENTILES]
    header = ["", *levels, "mean", "chance"]
    cells = [header, *(_cells(*found) for found in answer.spreads.items())]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in cells
    ]
    draws, seed = answer.design.number, answer.question.seed
    for each, spread in answer.spreads.items():
        if spread.remark:
            lines.append(f"{each}: {spread.remark}.")
    lines.append(f"From {draws:,} draws, seed {seed}; ± is a standard error of the simulation.")
    for each, surface in answer.stand_ins.items():
        errors = _surface_errors(each, surface)
        told = ", ".join(f"{part} {error:.2g}" for part, error in errors.items() if "ratio" in part)
        lines.append(f"{each} entered through a surface fitted to simulated drafts; over the draws")
        lines[-1] += f" it errs by about: {told}."
    return lines


def _cells(reference: str, spread: Spread) -> list[str]:
    finite = [each.value for each in spread.percentiles if math.isfinite(each.value)] or [0.0]
    low, high = finite[0], finite[-1]
    width = high - low
    if width <= ROUNDING * abs(high):
        width = abs(high) / EXACT_STEPS or 1
    decimals = min(-math.floor(math.log10(width / STEPS)), MOST_DECIMALS)
    shown = [
        _shown(each, decimals) if math.isfinite(each.value) else str(spread.in_words(each.value))
        for each in _measures(spread).values()
    ]
    label = f"{_label(reference)} ({_result(reference).unit})"
    if spread.chance is None:
        return [label, *shown, ""]
    return [label, *shown, f"{spread.threshold:,.12g} or more: {_share(spread.chance)}"]


def _share(chance: Measure) -> str:
    """A chance in whole percent; 0% and 100% are for what never or always happened."""
    if 0 < chance.value < 0.01:
        return "<1%"
    if 0.99 < chance.value < 1:
        return ">99%"
    return f"{_shown(Measure(100 * chance.value, 100 * chance.error), 0)}%"


def _shown(each: Measure, decimals: int) -> str:
    text = f"{round(each.value, decimals):,.{max(0, decimals)}f}"
    if each.error < 10.0**-decimals / 2:
        return text
    if math.isnan(each.error):
        return f"{text} ±?"  # elsewhere it is a word
    return f"{text} ±{float(f'{each.error:.1g}'):,.12g}"
