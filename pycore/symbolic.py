"""Computations as expressions: what a core function computes, without computing it.

A core function that is called with symbols instead of numbers gives back the expression that it
would compute. Where it asks whether something holds, both ways are followed, so that a function
with branches becomes a tree of them. Another executor, such as the formulas of a spreadsheet, is
made from these trees; nothing is declared a second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from pycore.errors import Found, InputError

MARK = re.compile("\x02([0-9]+)\x03")
"""How a text holds the place of a symbol that is written in it."""

MOST_BRANCHES = 4096
"""A function with more ways through it is no closed form."""


class Symbol(NDArrayOperatorsMixin):
    """A value that is not known yet: an operation, and what it is done to.

    Parameters
    ----------
    op : str
        The name of numpy's function, or one of this module's own: "name" (a reference), "within"
        (a domain), "formatted" (a number in a text), "written", "digits", "word".
    args : tuple
        Symbols, numbers and texts.
    """

    __slots__ = ("args", "op")
    ndim = 0
    shape: tuple[int, ...] = ()

    def __init__(self, op: str, *args: Any) -> None:
        self.op = op
        self.args = tuple(map(_plain, args))

    @property
    def key(self) -> Any:
        """What is equal for equal expressions; == gives an expression itself."""
        return (self.op, *(each.key if isinstance(each, Symbol) else each for each in self.args))

    def __hash__(self) -> int:
        return hash(self.key)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **_: Any) -> Any:
        if method != "__call__":
            return NotImplemented
        if ufunc in _ELEMENTWISE:
            return _ELEMENTWISE[ufunc](*map(_plain, inputs))
        if ufunc is np.isfinite:
            return np.True_  # of a value that is no number nothing is computed
        return Symbol(ufunc.__name__, *inputs)

    def __array_function__(
        self, function: Any, _: Any, args: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        given = _FUNCTIONS.get(function.__name__)
        return NotImplemented if given is None else given(*args, **options)

    def __bool__(self) -> bool:
        return _Path.decide(self)

    def __abs__(self) -> Symbol:
        return Symbol("absolute", self)

    def __round__(self, digits: int = 0) -> Symbol:
        return Symbol("round", self, digits)

    def __floor__(self) -> Symbol:
        return Symbol("floor", self)

    def __ceil__(self) -> Symbol:
        return Symbol("ceil", self)

    def __str__(self) -> str:
        return Token.of(self)

    def __format__(self, style: str) -> str:
        return Token.of(Symbol("formatted", self, style))

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(repr, self.args))})"

    @property
    def is_word(self) -> Symbol:
        """Whether it is a text."""
        return Symbol("is_word", self)


class Token(str):
    """The place of a symbol in a text, of which some questions may still be asked."""

    __slots__ = ()

    @classmethod
    def of(cls, symbol: Symbol) -> Token:
        """The text in which only a symbol stands."""
        _Path.written.append(symbol)
        return cls(f"\x02{len(_Path.written) - 1}\x03")

    @property
    def symbol(self) -> Symbol:
        """The symbol."""
        found = MARK.fullmatch(str.__str__(self))
        if found is None:
            raise TypeError
        return _Path.written[int(found[1])]

    def strip(self, _: str | None = None) -> Token:
        """It without blanks around it."""
        return Token.of(Symbol("strip", self.symbol))

    def casefold(self) -> Token:
        """It in lower case."""
        return Token.of(Symbol("casefold", self.symbol))

    def removesuffix(self, suffix: str) -> Token:
        """It without an ending, where it ends so."""
        return Token.of(Symbol("removesuffix", self.symbol, suffix))

    def startswith(self, start: Any, *_: Any) -> Any:
        """Whether it begins so."""
        return Symbol("startswith", self.symbol, start)

    def __eq__(self, other: object) -> Any:
        is_itself = isinstance(other := _plain(other), Symbol) and other.key == self.symbol.key
        return is_itself or Symbol("equal", self.symbol, other)

    def __ne__(self, other: object) -> Any:
        return Symbol("not_equal", self.symbol, other)

    def __hash__(self) -> int:
        return str.__hash__(self)


class Parts(tuple[Any, ...]):
    """Several values on the last axis of an answer."""

    __slots__ = ()


def _plain(value: Any) -> Any:
    """An argument of an expression: a symbol, a number, a text or a truth value."""
    if isinstance(value, Token):
        return value.symbol
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    return value.item() if isinstance(value, np.generic) else value


def _stack(parts: Sequence[Any], axis: int = 0) -> Parts:
    if axis != -1:
        raise TypeError
    return Parts(parts)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": lambda condition, yes, no: Symbol("where", condition, yes, no),
    "clip": lambda value, low, high: Symbol("minimum", Symbol("maximum", value, low), high),
    "round": lambda value, decimals=0: Symbol("round", value, decimals),
    "broadcast_arrays": lambda *values: list(values),
    "stack": _stack,
    "shape": lambda _: (),
    "ndim": lambda _: 0,
}

_ELEMENTWISE: dict[np.ufunc, Callable[..., Any]] = {}
"""The Python functions behind numpy's functions that were made from them."""


def elementwise(function: Callable[..., Any], arguments: int) -> np.ufunc:
    """A Python function of single values as one of numpy's, which symbols can follow too."""
    made: np.ufunc = np.frompyfunc(function, arguments, 1)
    _ELEMENTWISE[made] = function
    return made


def name(reference: str) -> Symbol:
    """The value of a reference."""
    return Symbol("name", reference)


def is_symbolic(value: Any) -> bool:
    """Whether a value is an expression, or several."""
    return isinstance(value, Symbol | Parts | Token)


def check_within(argument: str, value: Any, domain: Any) -> Any:
    """Refuse a symbol outside a domain, on the way where it is.

    Parameters
    ----------
    domain : Domain
        Its bounds, and its rule.
    """
    if not Symbol("within", value, domain):
        raise InputError(argument, domain.rule, Received(value))
    return value


class Received(Found):
    """What was received where it is not known yet."""

    symbol: Any

    def __new__(cls, symbol: Any) -> Received:
        """Remember what it was."""
        received = super().__new__(cls, "something else")
        received.symbol = symbol
        return received


# Both ways


@dataclass(frozen=True)
class Branch:
    """What is computed where a condition holds, and what else."""

    condition: Symbol
    yes: Tree
    no: Tree


@dataclass(frozen=True)
class Leaf:
    """What a way through a function ends in.

    Parameters
    ----------
    value : Symbol, number, str, Parts or InputError
        A text as its pieces: texts and symbols.
    """

    value: Any


Tree = Branch | Leaf


class _Fork(BaseException):
    """A condition that has not been decided on this way; no ``except Exception`` may stop it."""

    def __init__(self, condition: Symbol) -> None:
        self.condition = condition


class _Path:
    """The decisions of the way that is being followed."""

    decisions: dict[Any, bool] | None = None
    written: list[Symbol] = []  # noqa: RUF012 (one way is followed at a time)

    @classmethod
    def decide(cls, condition: Symbol) -> bool:
        if cls.decisions is None:
            raise TypeError("a symbol is neither true nor false")
        if condition.key not in cls.decisions:
            raise _Fork(condition)
        return cls.decisions[condition.key]


def follow(function: Callable[[], Any]) -> Tree:
    """Every way through a function, as a tree.

    Parameters
    ----------
    function : callable
        Without arguments; it holds the symbols that it computes with.

    Raises
    ------
    InputError
        If there are too many ways.
    """
    return _follow(function, {}, [0])


def _follow(function: Callable[[], Any], decisions: dict[Any, bool], ways: list[int]) -> Tree:
    ways[0] += 1
    if ways[0] > MOST_BRANCHES:
        raise InputError("a function", f"have at most {MOST_BRANCHES} ways", Found("more"))
    _Path.decisions, _Path.written = decisions, []
    try:
        return Leaf(_ended(function()))
    except _Fork as fork:
        condition = fork.condition
    except InputError as error:
        return Leaf(error)
    finally:
        _Path.decisions = None
    yes, no = (
        _follow(function, {**decisions, condition.key: each}, ways) for each in (True, False)
    )
    return yes if isinstance(yes, Leaf) and _same(yes, no) else Branch(condition, yes, no)


def _same(one: Leaf, other: Tree) -> bool:
    if not isinstance(other, Leaf) or isinstance(one.value, InputError):
        return False
    return bool(_key(one.value) == _key(other.value))


def _key(value: Any) -> Any:
    if isinstance(value, Symbol):
        return value.key
    return tuple(map(_key, value)) if isinstance(value, tuple) else value


def _ended(value: Any) -> Any:
    """What a way ends in, its texts in pieces."""
    if isinstance(value, np.ndarray) and value.ndim:
        return Parts(map(_ended, value.tolist()))
    value = _plain(value)
    if isinstance(value, Parts):
        return Parts(map(_ended, value))
    if isinstance(value, str):
        return tuple(_pieces(value))
    return value


def _pieces(text: str) -> Iterator[Any]:
    for place, piece in enumerate(MARK.split(text)):
        if place % 2:
            yield _Path.written[int(piece)]
        elif piece:
            yield piece
