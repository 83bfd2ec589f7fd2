"""What would have to be true for a decision to flip: break-even values of assumptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pycore.checks import FINITE, FloatArray
from pycore.errors import InputError
from pycore.graph import evaluate
from pycore.nodes import Assumption
from pycore.progress import tracked
from pycore.uncertainty.outcomes import StandIns, in_numbers
from pycore.uncertainty.sampling import Uncertain

__all__ = ["Decision", "Flip", "breakeven"]

POINTS = 200
"""How many points are scanned on a side: evenly, and as many in even steps of magnitude."""

NEAREST = 1e-6
"""The first magnitude scanned: this far from the central value, beside its size."""

SECTIONS = 64
"""Into how many parts a bracket is cut at a time."""

PRECISION = 1e-9


@dataclass(frozen=True)
class Decision:
    """What an answer depends on.

    Parameters
    ----------
    reference : str
        To a number or a text: the id of a result, or ``id.part``.
    bar : float, optional
        For a number: whether it is at or above this is what is decided; a word that stands for a
        limit counts as that. For a text, each change of it is a flip.
    """

    reference: str
    bar: float | None = None


class Flip(NamedTuple):
    """The nearest value at which a decision flips.

    `side` is "above" or "below" the central value; `answer` is what the reference becomes there.
    """

    id: str
    value: float
    side: str
    answer: float | str


def breakeven(
    uncertain: Uncertain,
    decision: Decision,
    ids: Iterable[str] | None = None,
    *,
    stand_ins: StandIns | None = None,
) -> dict[str, Flip | None]:
    """For each assumption the value nearest its central value at which a decision flips.

    Parameters
    ----------
    ids : iterable of str, optional
        The assumptions; by default all that the answer depends on, uncertain or not.
    stand_ins : mapping of str to callable, optional
        For results that simulate. Beyond its box a surface is level: no flip is found there.

    Returns
    -------
    dict of str to Flip or None
        ``None`` where it flips nowhere within the assumption's bounds and orderings. The value
        is on the flipped side, by at most 1e-9 of its size; a whole number where only such are
        allowed.

    Raises
    ------
    InputError
        If the reference is no result's, a number has no bar or a text has one, an id is no
        assumption's, or a number that has a bar becomes a word that stands for none.

    Notes
    -----
    Some 400 points on each side of the central value are computed at once; the first at which
    the decision is another brackets the flip, which sections then close in on. A flip back
    between two neighbouring points, which lie a 200th of the side or 15% of the distance apart,
    is not seen. Values that a function refuses end the search on their side.
    """
    answers = Answers(uncertain, decision, stand_ins or {})
    graph = uncertain.graph
    known = {assumption.id: assumption for assumption in graph.assumptions}
    chosen = answers.arguments if ids is None else tuple(ids)
    for each in chosen:
        if each not in known:
            raise InputError("a break-even", "be of one of the graph's assumptions", each)
    return {each: _nearest(answers, known[each]) for each in tracked(chosen, "break-evens")}


class Answers:
    """The answer that a decision depends on, where one assumption is varied."""

    def __init__(self, uncertain: Uncertain, decision: Decision, stand_ins: StandIns) -> None:
        self._uncertain = uncertain
        self._stand_ins = stand_ins
        self._result, _, self._part = decision.reference.partition(".")
        known = {result.id: result for result in uncertain.graph.results}
        if self._result not in known or (
            self._part and self._part not in known[self._result].parts
        ):
            raise InputError("a decision", "be on one of the graph's results", decision.reference)
        self._node = known[self._result]
        self._reference = decision.reference
        self._place = self._node.parts.index(self._part) if self._part else None
        central: Any = np.asarray(self._evaluated({}))
        if central.ndim:
            raise InputError("a decision", "be on one number or text", decision.reference)
        is_word = isinstance(central[()], str)
        # A word that stands for a number may have a bar or not; any other text has none.
        may_lack, may_have = is_word, not is_word or central[()] in self._node.limits
        if not (may_lack if decision.bar is None else may_have):
            rule = "have a bar" if decision.bar is None else "have no bar"
            raise InputError(f"a decision on {decision.reference}", rule, decision.bar)
        self._bar = None if decision.bar is None else float(FINITE.check("bar", decision.bar))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The assumptions that the answer depends on."""
        return self._uncertain.arguments([self._result])

    def central(self, each: str) -> float:
        """The central value of an assumption."""
        given = self._uncertain.ranges.get(each)
        return float(given.central if given else self._uncertain.graph[each].central)

    def bounds(self, assumption: Assumption) -> tuple[float, float]:
        """Between which values an assumption may lie, the others being central."""
        low, high = assumption.domain.minimum, assumption.domain.maximum
        for rule in self._uncertain.graph.orderings:
            if rule.smaller == assumption.id:
                high = min(high, self.central(rule.larger))
            if rule.larger == assumption.id:
                low = max(low, self.central(rule.smaller))
        if assumption.domain.whole:
            low, high = float(np.ceil(low)), float(np.floor(high))
        return low, high

    def judge(self, answers: Any) -> Any:
        """What is decided: whether a number reaches the bar, or the text itself."""
        if self._bar is not None:
            return in_numbers(self._node, self._reference, answers) >= self._bar
        cells = np.asarray(answers)
        if cells.dtype.kind == "O":  # words beside numbers: from one of these to another is no flip
            cells = np.asarray([each if isinstance(each, str) else "" for each in cells])
        return cells

    def at(self, each: str, points: FloatArray) -> npt.NDArray[Any]:
        """The answers at some values of an assumption: those before the first refused one."""
        good, bad = 0, points.size + 1
        found = np.empty(0)
        count = points.size
        while count:
            try:
                found = np.broadcast_to(self._evaluated({each: points[:count]}), (count,))
                good = count
            except InputError:
                bad = count
            count = (good + bad) // 2 if bad - good > 1 else 0
        return found

    def _evaluated(self, values: dict[str, FloatArray]) -> Any:
        given = self._uncertain.central | values
        graph = self._uncertain.graph
        answer = evaluate(graph, given, wanted=[self._result], stand_ins=self._stand_ins)
        if self._result not in answer:
            raise InputError(self._result, "have a surface: it is a simulation itself", None)
        found = answer[self._result]
        return found if self._place is None else np.asarray(found)[..., self._place]


def _nearest(answers: Answers, assumption: Assumption) -> Flip | None:
    """The nearer of the flips on either side."""
    central = answers.central(assumption.id)
    low, high = answers.bounds(assumption)
    # As an array: where a surface stands in, it must judge the central value as well.
    judged = answers.judge(answers.at(assumption.id, np.asarray([central])))[0]
    flips = [
        flip
        for side, end in (("below", low), ("above", high))
        if (flip := _on_side(answers, assumption, judged, side, central, end))
    ]
    return min(flips, key=lambda flip: abs(flip.value - central), default=None)


def _on_side(
    answers: Answers, assumption: Assumption, judged: Any, side: str, central: float, end: float
) -> Flip | None:
    """The flip between the central value and a bound."""
    first, points = central, _scan(central, end)
    while points.size:
        if assumption.domain.whole:
            points = np.unique(np.round(points))
            points = points[points != first]
            points = points if end > central else points[::-1]
        found = answers.at(assumption.id, points)
        flipped = np.flatnonzero(answers.judge(found) != judged)
        if not flipped.size:
            return None
        place = int(flipped[0])
        last, answer = float(points[place]), found[place]
        first = float(points[place - 1]) if place else first
        size = max(abs(first), abs(last), PRECISION * abs(central), PRECISION)
        if abs(last - first) <= (1 if assumption.domain.whole else PRECISION * size):
            return Flip(assumption.id, last, side, _as_plain(answer))
        points = np.linspace(first, last, SECTIONS + 1)[1:]
    return None


def _scan(central: float, end: float) -> FloatArray:
    """Points from the central value to a bound, in even steps and in even magnitudes."""
    reach = abs(end - central)
    if not reach:
        return np.empty(0)
    nearest = min(NEAREST * max(abs(central), NEAREST), reach)
    distances = np.concatenate(
        [np.geomspace(nearest, reach, POINTS), np.linspace(0, reach, POINTS + 1)[1:]]
    )
    points = central + np.copysign(np.unique(distances), end - central)
    # Also towards 0 in even magnitudes: what is a thousandth of the central value matters too.
    if central and end / central >= 0:
        ratio = max(abs(end / central), NEAREST**2)
        points = np.concatenate([points, central * np.geomspace(1, ratio, POINTS)[1:]])
    # The magnitudes come from exponentials, whose last digit differs from host to host.
    points = np.asarray([float(f"{point:.12g}") for point in points])
    points = np.append(points[points != central], end)
    order = np.unique(np.clip(points, min(central, end), max(central, end)))
    return order if end > central else order[::-1]


def _as_plain(answer: Any) -> float | str:
    return str(answer) if isinstance(answer, str) else float(answer)
