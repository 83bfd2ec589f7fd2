"""The error that bad input raises, and what becomes of it beside a cell."""

from __future__ import annotations

import numpy as np

REFUSED = "#VALUE!"
"""Stands in a block for a cell that a function refused; every host shows it as an error."""

LONGEST_SHOWN = 200
LONGEST_WHOLE_BITS = 512
LEADING_DIGITS = 20
DIGITS_PER_BIT = 0.30103


class Found(str):
    """A description of what was found, which a message gives without quotation marks."""

    __slots__ = ()


class InputError(ValueError):
    """An argument that breaks a rule.

    Parameters
    ----------
    argument : str
        The name of the argument, assumption or cell.
    rule : str
        What it must be, written to follow the word "must".
    received : object
        The value received; ``None`` stands for a blank.
    """

    def __init__(self, argument: str, rule: str, received: object) -> None:
        super().__init__(argument, rule, received)
        self.argument = argument
        self.rule = rule
        self.received = received

    def __str__(self) -> str:
        return f"{self.argument} must {self.rule}, but is {shown(self.received)}"


class RefusedError(Exception):
    """Why a function on cells gives no answer, in one line."""


def shown(value: object) -> str:
    """Write a received value on one short line, in the words of a spreadsheet."""
    if value is None:
        return "blank"
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).upper()
    if isinstance(value, int) and value.bit_length() > LONGEST_WHOLE_BITS:
        # Python refuses to write out a whole number of thousands of digits.
        digits = int(value.bit_length() * DIGITS_PER_BIT)
        return f"{value // 10 ** (digits - LEADING_DIGITS)}..."
    if isinstance(value, float):
        text = f"{value:.12g}"
    elif isinstance(value, Found):
        text = str(value)
    elif isinstance(value, str):
        text = repr(value)
    else:
        try:
            text = " ".join(str(value).split())
        except ValueError:
            text = f"a {type(value).__name__}"
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
