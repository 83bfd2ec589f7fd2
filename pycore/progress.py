"""How far a long computation is, reported to whoever listens; a listener may stop it.

The core's long loops run over :func:`tracked`. It knows no clock and no terminal: a command line
or a server listens, shows what it hears or not, and stops the loop by raising an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

__all__ = ["listening", "tracked"]

Step = TypeVar("Step")

Listener = Callable[[float, str], None]
"""Is given the share of the work that is done, from 0 to 1, and what the work is."""


class Course:
    """What one listener hears: the part of the work that the loop now under way makes up."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.what = ""
        self.start = 0.0
        self.end = 1.0

    def at(self, step: int, steps: int) -> float:
        """The share done after a step; after the last, exactly what the loop makes up."""
        return self.end if step == steps else self.start + (self.end - self.start) * step / steps


COURSE: ContextVar[Course | None] = ContextVar("course", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let a listener hear of the loops in this context, which is this thread's or task's.

    Parameters
    ----------
    listener : callable
        Is called at the beginning of a loop and after each step, with the share done, from 0 to
        1, and what the outermost loop works at. Whatever it raises ends the loop.
    """
    token = COURSE.set(Course(listener))
    try:
        yield
    finally:
        COURSE.reset(token)


def tracked(steps: Collection[Step], what: str) -> Iterator[Step]:
    """Go through the steps of a loop and report how far it is.

    A loop inside a step of another makes up that step's part of the whole, so a listener hears
    of one course from 0 to 1 however deep the loops are. Without a listener it only iterates.

    Parameters
    ----------
    steps : collection
        Of which each takes about as long as the others.
    what : str
        What the loop works at, such as "drafts".
    """
    course = COURSE.get()
    if course is None:
        yield from steps
        return
    outer = course.what, course.start, course.end
    ends = [course.at(step, len(steps)) for step in range(len(steps) + 1)]
    course.what = course.what or what
    try:
        course.listener(outer[1], course.what)
        for step, start, end in zip(steps, ends, ends[1:], strict=False):
            course.start, course.end = start, end
            yield step
            course.listener(end, course.what)
    finally:
        # Reached where the loop is left early too: the iterator is closed with it.
        course.what, course.start, course.end = outer
