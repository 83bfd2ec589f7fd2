"""What a workbook says, for people and for other tools."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np

from pycore.errors import InputError
from pycore.graph import evaluate
from pycore.model.published import CHECKS
from pycore.model.results import TYPES, model
from pycore.model.sentences import ANSWERS, declared
from pycore.model.tables import MOST_COMPARED, MOST_EVIDENCE, MOST_GOODS, NOTHING
from pycore.model.whole import over_tables, whole
from pycore.nodes import Assumption, Choice, Result
from workbook.formulas import defined_name
from workbook.read import Book
from workbook.sheets.checks import OK
from workbook.sheets.parts import block_name

OF_A_GOOD = ("name", "rate", "source", "own", "years", "cost")
"""What is entered of a good."""

FITTED = ("p5", "median", "p95", "mean")
"""What is shown of a fitted distribution."""

HOSTS_AGREE = 1e-9
"""How far the same figure may lie apart when another host has computed it."""


def answers(book: Book) -> list[str]:
    """The sentences of the Summary sheet; empty where they were not computed."""
    return [str(book.value(answer.id) or "") for answer in ANSWERS]


def contents(book: Book) -> dict[str, dict[str, Any]]:
    """Everything that a workbook holds, ready for JSON.

    Returns
    -------
    dict
        ``assumptions``, ``results``, ``checks``, ``goods``, ``comparisons`` and ``evidence``,
        each by id; of the last three, what was entered. A value that is an error in its cell is
        ``None`` here, with the ``error`` beside it.
    """
    graph = model()
    assumptions = {node.id: _assumption(book, node) for node in graph.inputs}
    results = {
        result.id: {"label": result.label, "unit": result.unit} | _value(book, result.id)
        for result in graph.results
    }
    for block in over_tables().values():
        # Some are shown in another shape than they are computed in.
        shown = _value(book, _held_as(book, block))
        results[block.id] = {"label": block.label, "unit": block.unit} | shown
    checks = {
        check.id: {
            "published": book.value(f"check_{check.id}_published"),
            "computed": _value(book, f"check_{check.id}")["value"],
            "ok": book.value(f"check_{check.id}_result") == OK,
        }
        for check in CHECKS
    }
    return {
        "assumptions": assumptions,
        "results": results,
        "checks": checks,
        "goods": _goods(book),
        "comparisons": _comparisons(book),
        "evidence": _evidence(book),
    }


def _goods(book: Book) -> dict[str, Any]:
    """The goods that have a name or an entry, and the rate that is used for each."""
    used = [row[0] for row in book.values("good_rates")]
    states = [row[0] for row in book.values("good_states")]
    goods = {}
    for number in range(1, MOST_GOODS + 1):
        entered = {part: _entered(book, f"good_{number}_{part}") for part in OF_A_GOOD}
        rate, state = used[number - 1], states[number - 1]
        if any(value is not None for value in entered.values()):
            found = {"rate_used": None if _problem(rate) else rate, "state": state}
            goods[f"good_{number}"] = entered | found
    return goods


def _comparisons(book: Book) -> dict[str, Any]:
    """By each good that is compared: the rate that agrees best, and its worth in the others."""
    places = range(1, MOST_COMPARED + 1)
    rates = [row[0] for row in book.values("consistent_rates")]
    names = [_entered(book, f"compared_{each}") for each in places]
    return {
        f"compared_{row}": {
            "name": names[row - 1],
            "rate": None if _problem(rates[row - 1]) else rates[row - 1],
            "judgements": {
                f"judgement_{row}_{column}": {
                    "in": names[column - 1],
                    "value": _entered(book, f"judgement_{row}_{column}"),
                }
                for column in places
                if column != row
            },
        }
        for row in places
    }


def _evidence(book: Book) -> dict[str, Any]:
    """The pieces of evidence that were entered."""
    pieces = {
        f"evidence_{number}": {
            part: _entered(book, f"evidence_{number}_{part}") for part in ("source", *TYPES)
        }
        for number in range(1, MOST_EVIDENCE + 1)
    }
    return {
        name: piece for name, piece in pieces.items() if any(v is not None for v in piece.values())
    }


def _entered(book: Book, name: str) -> Any:
    """What was entered in a cell; nothing for a text that is empty."""
    value = _plain(book.value(name))
    return None if isinstance(value, str) and not value.strip() else value


def _assumption(book: Book, node: Assumption | Choice) -> dict[str, Any]:
    """An assumption with its range, and what was fitted to it; a choice has neither."""

    def held(ending: str) -> Any:
        return _plain(book.value(f"{node.id}{ending}")) if isinstance(node, Assumption) else None

    return {
        "label": node.label,
        "unit": node.unit,
        "low": held("_low"),
        "central": _plain(book.value(node.id)),
        "high": held("_high"),
        "distribution": held("_distribution"),
        "fitted": _fitted(book, node),
        "warning": held("_warning"),
        "source": _plain(book.value(f"{node.id}_source")),
        "date": _plain(book.value(f"{node.id}_date")),
        "note": _plain(book.value(f"{node.id}_note")) or "",
    }


def _fitted(book: Book, node: Assumption | Choice) -> dict[str, Any] | None:
    """The percentiles and the mean of a fitted distribution; nothing where it is refused."""
    if not isinstance(node, Assumption):
        return None
    rows = _value(book, f"{node.id}_fitted")["value"]
    return rows and dict(zip(FITTED, rows[0], strict=True))


def _held_as(book: Book, result: Result) -> str:
    """The name of the cells that hold a result; some are shown in another shape elsewhere."""
    held = book.places.get(result.id)
    if held and whole().size(result) == (len(held.rows), len(held.rows[0])):
        return result.id
    return block_name(result.id)


def outdated(book: Book, *, simulations: bool = False) -> str:
    """Say whether the stored answers are those of the stored inputs.

    Parameters
    ----------
    simulations : bool
        Whether to repeat what is simulated too, which takes seconds.

    Returns
    -------
    str
        What is the matter; empty where nothing is.
    """
    graph = whole()
    refused: dict[str, InputError] = {}
    wanted = [
        each
        for each in graph.results
        if each.formula == "call"
        and each.id not in declared()
        and (simulations or not (each.simulates and (each.size or each.id in graph.swept)))
    ]
    try:
        computed = evaluate(graph, book.inputs(), refused, [result.id for result in wanted])
    except InputError as error:
        return f"the assumptions do not give answers: {error}"
    for result in wanted:
        name = _held_as(book, result)
        stored = np.ravel(np.asarray(book.values(name), dtype=object))
        if result.id in refused:
            if any(map(_problem, stored)):
                continue  # it shows an error, and rightly
            return f"{book.places[name]} ({result.id}) is not what the inputs give: recalculate"
        for held, expected in zip(stored, np.ravel(computed[result.id]), strict=True):
            if not _agree(held, expected):
                where = f"{book.places[name]} ({result.id})"
                return (
                    f"{where} is not what the inputs give: recalculate the file, "
                    "or mind that its formula is your own"
                )
    return _untrue(book)


def _untrue(book: Book) -> str:
    """Which sentence does not say what the numbers in the file say; empty if none."""
    for each in declared().values():
        values = [book.value(defined_name(reference)) for reference in each.values.values()]
        if book.value(each.id) != each.say(values):
            where = f"{book.places[each.id]} ({each.id})"
            return f"{where} does not say what its numbers say: recalculate the file"
    return ""


def _agree(held: Any, expected: Any) -> bool:
    if isinstance(expected, str):
        return bool(held == expected or (not expected and held in (None, NOTHING)))
    return isinstance(held, float | int) and bool(
        np.isclose(held, expected, rtol=HOSTS_AGREE, atol=0)
    )


def _plain(value: Any) -> Any:
    """Give a cell's value as JSON can hold it; a date as a person writes it."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | None) else str(value)


def _value(book: Book, name: str) -> dict[str, Any]:
    rows = book.values(name)
    for row, addresses in zip(rows, book.places[name].rows, strict=True):
        for value, address in zip(row, addresses, strict=True):
            problem = _problem(value)
            if problem:
                return {"value": None, "error": f"{book.places[name].sheet}!{address} {problem}"}
    return {"value": rows[0][0] if len(rows) == len(rows[0]) == 1 else rows}


def _problem(value: Any) -> str:
    if value is None:
        return "has not been computed: recalculate the file"
    if isinstance(value, str) and value.startswith("#"):
        return f"shows {value}"
    if not isinstance(value, str | int) and not (isinstance(value, float) and math.isfinite(value)):
        return "holds what is neither a number nor text"
    return ""
