"""Argument checks: what a value may be, and the message when it is not.

A :class:`Domain` is declared once and serves everywhere that its rule appears: the core
functions check their arguments with it, the assumptions name it as their bounds, and the
workbook makes its data validation and the message of it from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pycore.errors import Found, InputError
from pycore.symbolic import Received, Symbol, check_within, is_symbolic

FloatArray = npt.NDArray[np.float64]
TextArray = npt.NDArray[np.str_]
Numbers = float | FloatArray
Texts = str | TextArray

NUMBER_TYPES = (int, float, np.integer, np.floating)


@dataclass(frozen=True)
class Domain:
    """The numbers that an argument may take: all from `minimum` to `maximum`, both included.

    Parameters
    ----------
    minimum, maximum : float
        The bounds.
    whole : bool
        Whether only whole numbers are allowed.
    words : str
        What the domain is called in a message; made from the bounds where it is empty.
    """

    minimum: float
    maximum: float
    whole: bool = False
    words: str = ""

    @property
    def rule(self) -> str:
        """The rule, written to follow the word "must"."""
        if self.words:
            return f"be {self.words}"
        kind = "a whole number" if self.whole else "a number"
        return f"be {kind} from {self.minimum:,.12g} to {self.maximum:,.12g}"

    def check(self, argument: str, value: object) -> FloatArray:
        """Give `value` back as a float array, or say what is wrong with it.

        Parameters
        ----------
        value : object
            A number, or an array or nested sequence of numbers. It is not changed.

        Returns
        -------
        ndarray of float64
            Of the shape of `value`; 0-d for a number.

        Raises
        ------
        InputError
            If anything in `value` is blank, text, a truth value or outside the domain.
        """
        if (type(value) is float or type(value) is int) and self.holds(value):
            return np.asarray(value, dtype=np.float64)  # a plain number, the shorter way
        if isinstance(value, Symbol):
            symbol: FloatArray = check_within(argument, value, self)
            return symbol
        array = _as_floats(argument, self.rule, value)
        good = (array >= self.minimum) & (array <= self.maximum)
        if self.whole:
            good &= array == np.floor(array)
        if not good.all():
            refuse(argument, self.rule, array, ~good)
        return array

    def holds(self, number: float) -> bool:
        """Whether one number is in it."""
        fits = self.minimum <= number <= self.maximum
        return fits and (not self.whole or number == int(number))


def _as_floats(argument: str, rule: str, value: object) -> FloatArray:
    """Coerce to float64 first, so that whole numbers and floats give the same results."""
    if isinstance(value, np.ma.MaskedArray):
        value = np.ma.filled(value.astype(np.float64), np.nan)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        # In one memory order: numpy's loops for other orders differ in the last digit.
        with np.errstate(over="ignore"):
            return value.astype(np.float64, order="C", copy=False)
    if isinstance(value, float):
        return np.asarray(value, dtype=np.float64)
    # Item by item: numpy would turn TRUE into 1, and [1, "a"] into two texts.
    items = as_items(argument, value)
    for item in items.flat:
        if isinstance(item, (bool, np.bool_)) or not isinstance(item, NUMBER_TYPES):
            raise InputError(argument, rule, item)
    try:
        with np.errstate(over="ignore"):
            return items.astype(np.float64)
    except OverflowError:
        raise InputError(argument, rule, value) from None


def as_items(argument: str, value: object) -> npt.NDArray[Any]:
    """Give a nested sequence as an array of its items, whatever they are.

    Parameters
    ----------
    value : object
        One item, or items in rows of one length.

    Raises
    ------
    InputError
        If the rows are not of one length.
    """
    try:
        items = np.asarray(value, dtype=object)
        even = not any(isinstance(item, (list, tuple, np.ndarray)) for item in items.flat)
    except ValueError:
        even = False
    if not even:
        raise InputError(argument, "be a table with rows of one length", value)
    return items


def refuse(argument: str, rule: str, values: FloatArray, bad: npt.NDArray[np.bool_]) -> None:
    """Raise the error for the first bad value, with its place where there are several.

    Parameters
    ----------
    bad : ndarray of bool
        Which of them break the rule; of a shape that `values` broadcasts to.
    """
    if is_symbolic(values):
        raise InputError(argument, rule, Received(values))
    place = int(np.argmax(bad))
    received = float(np.broadcast_to(values, bad.shape).flat[place])
    where = argument if bad.size == 1 else f"{argument} (item {place + 1} of {bad.size})"
    raise InputError(where, rule, received)


def checked(**arguments: tuple[Any, Domain]) -> tuple[FloatArray, ...]:
    """Check several arguments and that their shapes broadcast.

    Parameters
    ----------
    **arguments : tuple of value and Domain
        By name.

    Returns
    -------
    tuple of ndarray
        The values as float arrays, each of its own shape.

    Raises
    ------
    InputError
        If a value is outside its domain, or the shapes do not fit each other.
    """
    arrays = tuple(domain.check(name, value) for name, (value, domain) in arguments.items())
    if all(array.ndim == 0 for array in arrays):
        return arrays
    common: tuple[int, ...] = ()
    for name, array in zip(arguments, arrays, strict=True):
        try:
            common = np.broadcast_shapes(common, array.shape)
        except ValueError:
            fit = f"have one value or a shape that fits {_size(common)}"
            raise InputError(name, fit, Found(_size(array.shape))) from None
    return arrays


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape) or "one value"


def one_number(argument: str, value: object, domain: Domain) -> float:
    """Give one number back, or say what is wrong with it.

    Raises
    ------
    InputError
        If it is several numbers, or not in the domain.
    """
    array = domain.check(argument, value)
    if array.ndim:
        found = value if array.size == 1 else Found(f"{array.size} numbers")
        raise InputError(argument, "be one number", found)
    return float(array)


def check_at_most(smaller: str, low: FloatArray, larger: str, high: FloatArray) -> None:
    """Refuse the argument named `smaller` where it is above the one named `larger`.

    Raises
    ------
    InputError
        Where `low` is above `high`.
    """
    bad = np.asarray(low > high)
    if bad.any():
        if is_symbolic(low) or is_symbolic(high):
            raise InputError(smaller, f"be at most {larger}", Received(low))
        limit = float(np.broadcast_to(high, bad.shape).flat[int(np.argmax(bad))])
        refuse(smaller, f"be at most {larger} ({limit:,.12g})", low, bad)


def one_of(argument: str, value: object, allowed: Sequence[str]) -> str:
    """Give back the allowed word that `value` is, whatever its case.

    Returns
    -------
    str
        The word as it stands in `allowed`.

    Raises
    ------
    InputError
        If it is none of them.
    """
    if isinstance(value, str):
        for word in allowed:
            if value.strip().casefold() == word.casefold():
                return word
    raise InputError(argument, "be one of: " + ", ".join(allowed), value)


def answer(values: FloatArray) -> Numbers:
    """Hand back a result: a plain number where it is one, and never NaN or infinity.

    Raises
    ------
    InputError
        If a value is not finite: the arguments were too extreme for the arithmetic.
    """
    if is_symbolic(values):
        return values
    if not np.isfinite(values).all():
        raise InputError("the result", "be a finite number", Found("too large, or undefined"))
    return float(values) if np.ndim(values) == 0 else values


def text_answer(texts: npt.NDArray[np.object_] | str) -> Texts:
    """Hand back text: a plain string where it is one, else an array of strings."""
    return texts if isinstance(texts, str) else texts.astype(np.str_)


# The domains that arguments and assumptions share. Bounds on size keep every product and
# quotient of a few of them far from overflow and underflow.
FINITE = Domain(-1e300, 1e300, words="a number")
AMOUNT = Domain(1e-9, 1e15, words="a number above 0 (from 1e-9 to 1e15)")
MULTIPLE = Domain(0, 1e15, words="a number of at least 0 (up to 1e15)")
COUNT = Domain(1, 1_000_000, whole=True)
PLACES = Domain(1, 1_000, whole=True)
REPLICATES = Domain(2, 10_000, whole=True)
SEED = Domain(0, 2**53, whole=True, words="a whole number from 0 to 2^53")
POOL = Domain(1, 1e9)
PEOPLE = Domain(0, 1e12, words="a number of at least 0 (up to 1e12)")
SHARE = Domain(0, 1, words="a share from 0 to 1 (0% to 100%)")
UNIT_RATIO = Domain(1e-9, 1, words="a number above 0 and at most 1")
INNER_SHARE = Domain(1e-12, 1 - 1e-12, words="a share above 0 and below 1")
ORDERS = Domain(1e-6, 20, words="a number above 0 and at most 20")
COVERAGE = Domain(0.01, 0.999999, words="a share from 0.01 to 0.999999")
WIDE_COVERAGE = Domain(0.5, 0.999999, words="a share from 0.5 to 0.999999 (half of all, or more)")
SIGMA = Domain(0, 30)
ELASTICITY = Domain(-10, 10)
GROWTH = Domain(0.01, 1000)
SPILLOVER = Domain(-1000, 1000)
