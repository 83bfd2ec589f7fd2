"""What takes long to simulate, kept beyond a process by whoever offers a shelf for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from pycore.checks import FloatArray

__all__ = ["Shelf", "keeping", "kept"]


class Shelf(Protocol):
    """Where arrays are kept under a key that names everything that they depend on."""

    def find(self, key: str) -> FloatArray | None:
        """Give what is kept under a key, if it is there and sound."""

    def keep(self, key: str, array: FloatArray) -> None:
        """Keep an array; a shelf that cannot does nothing."""


SHELF: ContextVar[Shelf | None] = ContextVar("shelf", default=None)


@contextmanager
def keeping(shelf: Shelf | None) -> Iterator[None]:
    """Keep what is simulated meanwhile on a shelf.

    Parameters
    ----------
    shelf : Shelf, optional
        None to keep nothing.
    """
    token = SHELF.set(shelf)
    try:
        yield
    finally:
        SHELF.reset(token)


def kept(key: str, compute: Callable[[], FloatArray]) -> FloatArray:
    """Take an array from the shelf, or compute it and put it there.

    Parameters
    ----------
    key : str
        Names the function and all of its arguments.
    compute : callable
        Takes nothing and gives the array.

    Returns
    -------
    ndarray
        The same numbers either way.
    """
    shelf = SHELF.get()
    found = shelf.find(key) if shelf else None
    if found is None:
        found = compute()
        if shelf:
            shelf.keep(key, found)
    return found
