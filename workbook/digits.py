"""Fifteen digits: as many as spreadsheets compare by and join to text, where floats have more.

So ``0.1+0.2=0.3`` is true there, and ``1/3&""`` ends after fifteen digits. What is compared or
joined is rounded here by a function around it.
"""

from __future__ import annotations

from typing import Any

from openpyxl.formula.tokenizer import Token

from workbook.stored import tokens

ROUND = "_FIELD_DIGITS"

COMPARED_OR_JOINED = {"=", "<>", "<", "<=", ">", ">=", "&"}
"""The operators that bind least, so that between two of them stands what they work on."""

TEXT_FUNCTIONS = {
    *("CONCAT", "CONCATENATE", "EXACT", "FIND", "LEFT", "LEN", "LOWER", "MID", "PROPER", "REPLACE"),
    *("REPT", "RIGHT", "SEARCH", "SUBSTITUTE", "TEXTJOIN", "TRIM", "UPPER"),
}
"""The functions that make text of a number."""


def as_compared(formula: str) -> str:
    """A formula in which what is compared or joined is rounded first.

    Parameters
    ----------
    formula : str
        Without "=".
    """
    read = tokens(formula)
    if read is None or not any(_compares_or_joins(each) or _makes_text(each) for each in read):
        return formula
    levels = [_Level()]
    for token in read:
        if token.subtype == Token.OPEN:
            levels.append(_Level(token.value, rounds=_makes_text(token)))
        elif token.subtype == Token.CLOSE and len(levels) > 1:
            inner = levels.pop()
            levels[-1].add(f"{inner.opening}{inner.text()}{token.value}")
        elif token.type == Token.SEP:
            levels[-1].separate(token.value)
        elif _compares_or_joins(token):
            levels[-1].operate(token.value)
        else:
            levels[-1].add(token.value, is_constant=_is_constant(token))
    return levels[0].text() if len(levels) == 1 else formula


def _compares_or_joins(token: Token) -> bool:
    return token.type == Token.OP_IN and token.value in COMPARED_OR_JOINED


def _makes_text(token: Token) -> bool:
    name = token.value.upper().removeprefix("_XLFN.").removesuffix("(")
    return token.type == Token.FUNC and name in TEXT_FUNCTIONS


def _is_constant(token: Token) -> bool:
    """Whether a token needs no rounding, or, as a range of many cells, would take too long."""
    if token.type == Token.WSPACE:
        return True
    return token.type == Token.OPERAND and (token.subtype != Token.RANGE or ":" in token.value)


class _Level:
    """What stands between two brackets: arguments, and in each what is compared or joined."""

    def __init__(self, opening: str = "", *, rounds: bool = False) -> None:
        self.opening = opening
        self._rounds = rounds
        self._done = ""
        self._operands: list[tuple[str, bool]] = [("", True)]
        self._operators: list[str] = []

    def add(self, text: str, *, is_constant: bool = False) -> None:
        before, was_constant = self._operands[-1]
        self._operands[-1] = (before + text, was_constant and is_constant)

    def operate(self, operator: str) -> None:
        self._operators.append(operator)
        self._operands.append(("", True))

    def separate(self, separator: str) -> None:
        self._done = self.text() + separator
        self._operands, self._operators = [("", True)], []

    def text(self) -> str:
        if not self._operators and not (self._rounds and self._operands[0][0].strip()):
            return self._done + self._operands[0][0]
        rounded = [
            operand if is_constant else f"{ROUND}({operand})"
            for operand, is_constant in self._operands
        ]
        pairs = zip(self._operators, rounded[1:], strict=True)
        return self._done + rounded[0] + "".join(operator + operand for operator, operand in pairs)


def rounded(value: Any) -> Any:
    """A value, or each value of a block, with fifteen digits."""
    if isinstance(value, list):
        return [[rounded(cell) for cell in row] for row in value]
    return float(f"{value:.15g}") + 0.0 if isinstance(value, float) else value
