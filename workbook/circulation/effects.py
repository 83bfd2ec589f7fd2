"""What changes did to the headline answers, shared among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore import progress
from pycore.attribution import MOST_EXACT, Shares, shapley
from pycore.errors import InputError
from pycore.graph import evaluate
from pycore.model.results import model
from pycore.model.tables import DECIDING_WORDS, HEADLINES
from pycore.nodes import Assumption, Choice
from workbook.circulation.changes import MODELLED, Change

MOST_SIMULATED = 6
"""Up to so many changes every subset is simulated, each of which takes a tenth of a second."""

PAIRS, PAIRS_SIMULATED = 200, 20
"""Orders drawn above that, each with its reverse."""

QUOTED = re.compile(r"([0-9.e+]+)(?:-([0-9.e+]+))?x")
"""A quote, such as 4-5x, and its ends."""

ENDS = ("low", "high")

Answer = float | str | None


@dataclass(frozen=True)
class Effect:
    """What changes did to one answer.

    Parameters
    ----------
    result, label, unit : str
        The answer: a result's id, ``id.part``, or an end of a quote.
    before, after : float, str or None
        Without and with all of the changes; None where it cannot be computed.
    by : dict of str to float
        The share of each change by its name; they add up to the difference.
    errors : dict of str to float
        The standard error of each share, where they were drawn.
    why_not : str
        Why the difference is not shared.
    """

    result: str
    label: str
    unit: str
    before: Answer
    after: Answer
    by: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    why_not: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether the answer is another one."""
        return self.before != self.after


@dataclass(frozen=True)
class Asked:
    """An answer that is asked for: what it is called, where it comes from, and how it is read."""

    name: str
    label: str
    unit: str
    result: str
    part: str = ""
    end: int = -1


@cache
def asked() -> tuple[Asked, ...]:
    """The headline answers, then the quotes with their ends."""
    graph = model()
    found = []
    for each in HEADLINES:
        result, _, part = each.reference.partition(".")
        found.append(Asked(each.reference, each.label, each.unit(graph), result, part))
    for name in DECIDING_WORDS:
        label, unit = graph[name].label, graph[name].unit
        found.append(Asked(name, label, unit, name))
        found += [
            Asked(f"{name}.{end}", f"{label}: {end} end", "x", name, "", place)
            for place, end in enumerate(ENDS)
        ]
    return tuple(found)


@cache
def _depends_on(result: str) -> frozenset[str]:
    """The references that a result is computed from."""
    graph = model()
    return frozenset(graph.taken_by(graph.needed([result])))


def _matters(change: Change, result: str) -> bool:
    """Whether an answer is computed from what was changed."""
    if change.field not in MODELLED:
        return False
    used, node = _depends_on(result), model()[change.id] if change.id in _inputs() else None
    if isinstance(node, Assumption) and node.setting:  # its ends follow it
        return any(each.partition(".")[0] == change.id for each in used)
    return node is not None and change.reference in used


@cache
def _spared(result: str) -> dict[str, float]:
    """Values that break no rule, for what a result does not depend on.

    Else a rule between two assumptions would refuse a result that neither decides.
    """
    graph, used = model(), _depends_on(result)
    larger = {rule.larger for rule in graph.orderings if rule.smaller in used}
    ends = {end for rule in graph.orderings for end in (rule.smaller, rule.larger)} - used
    return {
        end: graph[end].domain.maximum if end in larger else graph[end].domain.minimum
        for end in sorted(ends)
    }


@cache
def _inputs() -> frozenset[str]:
    return frozenset(node.id for node in model().inputs)


def effects(given: Mapping[str, Any], changes: Sequence[Change], *, seed: int = 0) -> list[Effect]:
    """Share the difference that changes make to each headline answer among them.

    Parameters
    ----------
    given : mapping of str to value
        All assumptions and choices before the changes, by reference.
    changes : sequence of Change
        Those that no answer depends on have the share 0.
    seed : int
        Of the orders that are drawn where the changes are too many to compute every subset.

    Returns
    -------
    list of Effect
        For each of the answers, changed or not.

    Notes
    -----
    Shapley shares, by :func:`pycore.attribution.shapley`. Two changes that only together keep a
    rule between two assumptions are made together, and share alike.
    """
    players = [change for change in changes if any(_matters(change, a.result) for a in asked())]
    tables: dict[tuple[int, ...], _Subsets] = {}
    found = []
    for each in progress.tracked(asked(), "Effects of the changes"):
        matters = tuple(n for n, change in enumerate(players) if _matters(change, each.result))
        if matters not in tables:
            tables[matters] = _Subsets(given, [players[n] for n in matters])
        found.append(_effect(each, changes, tables[matters], seed))
    return found


def _effect(each: Asked, changes: Sequence[Change], subsets: _Subsets, seed: int) -> Effect:
    ends = subsets.answers(each, np.asarray([[False], [True]]).repeat(len(subsets.names), axis=1))
    before, after = (_finite(value) for value in ends)
    effect = Effect(each.name, each.label, each.unit, before, after)
    if not (isinstance(before, float) and isinstance(after, float)):
        if each.end < 0 and QUOTED.fullmatch(str(before)) and QUOTED.fullmatch(str(after)):
            return effect  # its ends are shared
        why = "" if before == after else subsets.why_not(each) or "it is no number"
        return Effect(each.name, each.label, each.unit, before, after, why_not=why)
    for block_of in subsets.groupings():
        if (shared := _shared(each, subsets, block_of, seed)) is not None:
            break
    else:
        why = subsets.why_not(each)
        return Effect(each.name, each.label, each.unit, before, after, why_not=why)
    by, errors = dict.fromkeys((change.name for change in changes), 0.0), {}
    for block, name in zip(block_of, subsets.names, strict=True):
        alike = block_of.count(block)
        by[name] = float(shared.values[block]) / alike
        if shared.errors[block]:
            errors[name] = float(shared.errors[block]) / alike
    return Effect(each.name, each.label, each.unit, before, after, by, errors)


def _shared(each: Asked, subsets: _Subsets, block_of: list[int], seed: int) -> Shares | None:
    """The shares of blocks of changes; none where an answer cannot be computed without some."""
    is_slow = model().simulates(each.result)
    try:
        return shapley(
            lambda made: subsets.numbers(each, made[:, block_of]),
            len(set(block_of)),
            pairs=PAIRS_SIMULATED if is_slow else PAIRS,
            seed=seed,
            exact=MOST_SIMULATED if is_slow else MOST_EXACT,
        )
    except InputError:
        return None


def _finite(value: Any) -> Answer:
    if isinstance(value, str) or value is None:
        return value
    return float(value) if np.isfinite(value) else None


class _Subsets:
    """The answers when only some of the changes are made, each computed once."""

    def __init__(self, given: Mapping[str, Any], changes: Sequence[Change]) -> None:
        self._given = dict(given)
        self._changes = changes
        self._found: dict[tuple[str, bytes], Any] = {}
        self._refused: dict[str, str] = {}
        self.names = [change.name for change in changes]

    def groupings(self) -> Iterator[list[int]]:
        """Which block each change is made with: alone, or with those that may need each other."""
        yield list(range(len(self._changes)))
        rules = model().orderings
        bound = {end for rule in rules for end in (rule.smaller, rule.larger)}
        first = next((n for n, c in enumerate(self._changes) if c.reference in bound), None)
        if first is not None:
            together = [first if c.reference in bound else n for n, c in enumerate(self._changes)]
            number = {block: place for place, block in enumerate(dict.fromkeys(together))}
            yield [number[block] for block in together]

    def why_not(self, each: Asked) -> str:
        """Why an answer could not be computed for some of the subsets."""
        return self._refused.get(each.result, "")

    def answers(self, each: Asked, made: npt.NDArray[np.bool_]) -> list[Any]:
        """An answer for each row of a table that says which changes are made."""
        keys = [(each.result, row.tobytes()) for row in made]
        new = {key: row for key, row in zip(keys, made, strict=True) if key not in self._found}
        if new:
            self._compute(each.result, [*new], np.asarray([*new.values()], dtype=bool))
        return [self._read(each, self._found[key]) for key in keys]

    def numbers(self, each: Asked, made: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        """The same where all are numbers; what is none, is not a number."""
        found = self.answers(each, made)
        numbers = [value if isinstance(value, int | float) else np.nan for value in found]
        return np.asarray(numbers, dtype=np.float64)

    @staticmethod
    def _read(each: Asked, answer: Any) -> Any:
        if answer is None:
            return None
        if each.part:
            return answer[model()[each.result].parts.index(each.part)]
        if each.end >= 0:
            quoted = QUOTED.fullmatch(str(answer))
            return float(quoted[each.end + 1] or quoted[1]) if quoted else None
        return answer

    def _compute(
        self, result: str, keys: list[tuple[str, bytes]], made: npt.NDArray[np.bool_]
    ) -> None:
        """In one call where all are numbers and nothing is simulated; else one by one."""
        words = any(isinstance(model()[change.id], Choice) for change in self._changes)
        if len(made) > 1 and not words and not model().simulates(result):
            values = self._given | _spared(result)
            try:
                for column, change in enumerate(self._changes):
                    ends = (_number(change.after), _number(change.before))
                    values[change.reference] = np.where(made[:, column], *ends)
                answer = evaluate(model(), values, wanted=[result])[result]
            except InputError:
                pass
            else:
                is_one = np.ndim(answer) == bool(model()[result].parts)
                cells = [answer] * len(made) if is_one else list(answer)
                self._found |= dict(zip(keys, cells, strict=True))
                return
        for key, row in zip(keys, made, strict=True):
            self._found[key] = self._one(result, row)

    def _one(self, result: str, row: npt.NDArray[np.bool_]) -> Any:
        values = self._given | _spared(result)
        for change, is_made in zip(self._changes, row, strict=True):
            values[change.reference] = change.after if is_made else change.before
        try:
            return evaluate(model(), values, wanted=[result])[result]
        except InputError as error:
            self._refused.setdefault(result, str(error))
            return None


def _number(value: Any) -> float:
    if not isinstance(value, int | float):
        raise InputError("an assumption", "be a number", value)
    return float(value)
