"""What draws said of a number, found again while nothing that it depends on has changed.

An edit of one assumption leaves most answers as they were. What has been drawn for an answer in
this process is kept under a key of everything that it is made of, and not drawn again.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pycore.nodes import Result
from pycore.uncertainty.sampling import Uncertain

if TYPE_CHECKING:
    from pycore.uncertainty.outcomes import Asked

__all__ = ["keep", "key_of", "key_of_results", "recalled", "remembered"]

T = TypeVar("T")

MOST_KEPT = 128
"""How many answers are kept; what has not been asked for longest goes first."""

LARGEST_KEPT = 1 << 16
"""More draws than these of one answer are not kept."""

_KEPT: dict[Hashable, Any] = {}
_KEEPING = threading.Lock()


def recalled(key: Hashable) -> Any:
    """What is kept under a key; ``None`` where nothing is."""
    if key is None:
        return None
    with _KEEPING:
        found = _KEPT.pop(key, None)
        if found is not None:
            _KEPT[key] = found  # it is the last one asked for
    return found


def keep(key: Hashable, answer: Any) -> None:
    """Keep what nobody changes, under a key of everything that it is made of; without one, not."""
    if key is None:
        return
    with _KEEPING:
        _KEPT[key] = answer
        while len(_KEPT) > MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]


def remembered(key: Hashable, compute: Callable[[], T]) -> T:
    """What is kept under a key, or what computing gives, which is then kept."""
    found: T | None = recalled(key)
    if found is None:
        found = compute()
        keep(key, found)
    return found


def key_of(numbers: Asked, references: Iterable[str], draws: int, *more: Hashable) -> Hashable:
    """A key of all that draws of some numbers are made of.

    ``None`` for more draws than are kept, and for a stand-in that is like no other.

    Parameters
    ----------
    references : iterable of str
        Those of the numbers that the key is for.
    more : hashable
        What else the answer depends on, such as the seed.
    """
    if draws > LARGEST_KEPT:
        return None
    wanted = tuple(references)
    results = {numbers.result_of(each).id for each in wanted}
    try:
        stand_ins = tuple(
            (each, pickle.dumps(numbers.stand_ins[each]))
            for each in sorted(numbers.uncertain.graph.needed(results))
            if each in numbers.stand_ins
        )
    except (pickle.PicklingError, AttributeError, TypeError):  # a function within another
        return None
    return (wanted, draws, more, stand_ins, key_of_results(numbers.uncertain, results))


def key_of_results(uncertain: Uncertain, wanted: Iterable[str]) -> Hashable:
    """A key of all that draws of some results are made of, but for stand-ins."""
    graph = uncertain.graph
    needed = graph.needed(wanted)
    results = [each for each in graph.results if each.id in needed]
    declared = tuple(_declared(each) for each in results)
    return (declared, _given(uncertain, results), _drawn(uncertain, needed))


def _declared(result: Result) -> Hashable:
    """How a result is computed."""
    limits = tuple(result.limits.items())
    return (result.id, result.function, result.arguments, result.parts, result.pick, limits)


def _given(uncertain: Uncertain, results: Iterable[Result]) -> Hashable:
    """What stands in the central case for each reference that is no result's."""
    known = uncertain.inputs
    asked = {each for result in results for each in result.arguments if each in known}
    return tuple((each, _hashable(known[each])) for each in sorted(asked))


def _drawn(uncertain: Uncertain, needed: set[str]) -> Hashable:
    """What is drawn, how, and what it is held to."""
    graph = uncertain.graph
    ids = uncertain.needed(needed)
    holds = [each for each in graph.holds if {each.held, each.by} & {*ids}]
    beside = {each for hold in holds for each in (hold.held, hold.by)}
    return (
        tuple((each, uncertain.dimension[each]) for each in ids),
        tuple(
            (each, graph[each].domain, graph[each].central, uncertain.ranges.get(each))
            for each in sorted({*ids, *beside})
        ),
        tuple(holds),
        tuple(pair for pair in uncertain.pairs if {*pair[:2]} & {*ids}),
    )


def _hashable(value: Any) -> Hashable:
    """A value as part of a key; 1, 1.0 and TRUE differ."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return (value.dtype.str, value.shape, value.tobytes())
    return repr(value.tolist() if isinstance(value, np.ndarray) else value)
