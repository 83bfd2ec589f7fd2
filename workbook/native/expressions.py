"""Expressions of the core as text of a spreadsheet's formulas.

Only functions that Excel 2016, LibreOffice and web spreadsheets all know are used, and none that
is volatile. What is used more than once gets a cell of its own, a *helper*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pycore.checks import Domain
from pycore.errors import Found, InputError
from pycore.symbolic import Branch, Leaf, Symbol, Tree

LONGEST = 8_000
"""Characters of a formula; Excel takes 8,192."""

COUNTED, MOST_COUNTED = "counted", 4_000
"""What formulas call the cells that hold the numbers from 1 on, and the last of these."""

LONGEST_TEXT = 200
"""Characters of a text in a formula; Excel takes 255, a doubled quotation mark as two."""

WORTH_A_CELL = 40
"""An expression of fewer characters is written again where it is used again."""

ATOM, POWER, PRODUCT, SUM, COMPARISON = 5, 4, 3, 2, 1
"""How tightly what stands in a text holds together."""

OPERATORS = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
    "power": ("^", POWER),
    "less": ("<", COMPARISON),
    "less_equal": ("<=", COMPARISON),
    "greater": (">", COMPARISON),
    "greater_equal": (">=", COMPARISON),
    "equal": ("=", COMPARISON),
    "not_equal": ("<>", COMPARISON),
}

LOOSE = {"negative": SUM, "ceil": SUM, "startswith": COMPARISON}
"""What else holds together less tightly than a function's call."""

CALLS = {
    "exp": "EXP",
    "log": "LN",
    "absolute": "ABS",
    "floor": "INT",
    "round": "ROUND",
    "minimum": "MIN",
    "maximum": "MAX",
    "where": "IF",
    "bitwise_and": "AND",
    "bitwise_or": "OR",
    "invert": "NOT",
    "is_word": "ISTEXT",
    "strip": "TRIM",
    "casefold": "LOWER",
    "ndtr": "NORMSDIST",
    "ndtri": "NORMSINV",
}

Reference = Callable[[str], str]
"""Gives what a formula calls the value of a reference of the graph."""


@dataclass
class Helpers:
    """The cells that formulas share, each with its formula, under what it holds.

    A formula calls the one at a place ``{h<place>}`` until it is known where they stand.
    """

    formulas: list[str] = field(default_factory=list)
    _places: dict[Any, int] = field(default_factory=dict)

    def cell(self, key: Any, formula: str | Callable[[], str]) -> str:
        """What formulas call the cell that holds something.

        Parameters
        ----------
        key : hashable
            What it holds.
        formula : str or callable
            Its formula without "=", or what gives it where there is no such cell yet.
        """
        if key not in self._places:
            text = formula if isinstance(formula, str) else formula()
            if len(text) > LONGEST:
                raise InputError("a formula", f"have at most {LONGEST:,} characters", len(text))
            self._places[key] = len(self.formulas)
            self.formulas.append(text)
        return f"{{h{self._places[key]}}}"


def quoted(text: str) -> str:
    """A text as formulas write it."""
    pieces = [text[at : at + LONGEST_TEXT] for at in range(0, len(text), LONGEST_TEXT)] or [""]
    doubled = (piece.replace('"', '""') for piece in pieces)
    return "&".join(f'"{piece}"' for piece in doubled)


def number(value: float) -> str:
    """A number as formulas write it."""
    if value == int(value) and abs(value) <= 1e15:
        return str(int(value))
    return repr(float(value)).upper()


def within(cell: str, domain: Domain) -> str:
    """Whether what stands in a cell is in a domain, as part of a formula."""
    rules = [f"ISNUMBER({cell})"]
    rules += [f"{cell}>={number(domain.minimum)}", f"{cell}<={number(domain.maximum)}"]
    if domain.whole:
        rules.append(f"{cell}=INT({cell})")
    return f"AND({','.join(rules)})"


class Writer:
    """Writes expressions as formulas.

    Parameters
    ----------
    tree : Branch or Leaf
        Of which they are parts; what it uses more than once gets a cell of its own.
    helpers : Helpers
        Where what is used more than once goes.
    reference : callable
        Gives what a formula calls the value of a reference.
    written : callable, optional
        Writes what only sentences have: numbers in words.
    """

    def __init__(
        self,
        tree: Tree,
        helpers: Helpers,
        reference: Reference,
        written: Callable[[Writer, Symbol], str] | None = None,
    ) -> None:
        self.helpers = helpers
        self._reference = reference
        self._in_words = written
        found: Counter[Any] = Counter()
        for symbol in _symbols(tree):
            _count(symbol, found)
        self._often = {key for key, times in found.items() if times > 1}

    def atom(self, value: Any) -> str:
        """A value that stands in a cell, or needs no brackets wherever it stands."""
        text, holds = self._text(value)
        if holds == ATOM and len(text) < WORTH_A_CELL:
            return text
        return self.helpers.cell(("value", text), text)

    def text(self, value: Any) -> str:
        """A value as part of a formula."""
        return self._text(value)[0]

    def pieces(self, pieces: Any) -> str:
        """A text from its pieces."""
        written = [
            quoted(each) if isinstance(each, str) else self._inner(each, 3) for each in pieces
        ]
        return "&".join(written) or '""'

    def _inner(self, value: Any, least: int) -> str:
        text, holds = self._text(value)
        return text if holds >= least else f"({text})"

    def _text(self, value: Any) -> tuple[str, int]:
        if isinstance(value, bool):
            return ("TRUE" if value else "FALSE"), ATOM
        if isinstance(value, int | float):
            text = number(value)
            return text, SUM if text.startswith("-") else ATOM
        if isinstance(value, str):
            return quoted(value), ATOM
        if not isinstance(value, Symbol):
            raise InputError("an expression", "be written as a formula", Found(repr(value)))
        if value.op == "name":
            return self._reference(value.args[0]), ATOM
        text, holds = self._operation(value)
        if value.key in self._often and len(text) >= WORTH_A_CELL:
            return self.helpers.cell(("value", text), text), ATOM
        return text, holds

    def _operation(self, symbol: Symbol) -> tuple[str, int]:
        op, args = symbol.op, symbol.args
        if op in OPERATORS:
            sign, holds = OPERATORS[op]
            right = holds + (op in ("subtract", "divide", "power") or holds == COMPARISON)
            left = holds + (op == "power" or holds == COMPARISON)
            return f"{self._inner(args[0], left)}{sign}{self._inner(args[1], right)}", holds
        if op in CALLS:
            return f"{CALLS[op]}({','.join(map(self.text, args))})", ATOM
        own: Callable[..., str] | None = getattr(self, f"_{op}", None)
        if own is not None:
            return own(*args), LOOSE.get(op, ATOM)
        if self._in_words is None:
            raise InputError("an expression", "be written as a formula", Found(op))
        return self._in_words(self, symbol), ATOM

    # Operations that are no single function; each is named as its operation is.

    def _negative(self, value: Any) -> str:
        return f"0-{self._inner(value, PRODUCT)}"

    def _ceil(self, value: Any) -> str:
        return f"0-INT(0-{self._inner(value, PRODUCT)})"

    def _startswith(self, value: Any, start: str) -> str:
        return f"LEFT({self.text(value)},{len(start)})={quoted(start)}"

    def _removesuffix(self, value: Any, suffix: str) -> str:
        held = self.atom(value)
        ends = f"RIGHT({held},{len(suffix)})={quoted(suffix)}"
        return f"IF({ends},LEFT({held},LEN({held})-{len(suffix)}),{held})"

    def _formatted(self, value: Any, style: str) -> str:
        if style:
            return f"FIXED({self.text(value)},{style.strip(',.f')})"
        return f'TEXT({self.text(value)},"0")'

    def _log1p(self, value: Any) -> str:
        # LN(1+x) alone loses the digits of a small x (Kahan).
        x = self.atom(value)
        return f"IF(1+{x}=1,{x},LN(1+{x})*{x}/((1+{x})-1))"

    def _within(self, value: Any, domain: Domain) -> str:
        return within(self.atom(value), domain)

    def _condition(self, condition: Symbol) -> str:
        text = self.text(condition)
        # A value by itself holds where it is no empty text and not 0.
        return f'IF(ISNUMBER({text}),{text}<>0,{text}<>"")' if condition.op == "name" else text

    def tree(self, tree: Tree, leaf: Callable[[Any], str]) -> str:
        """A tree as nested conditions."""
        if isinstance(tree, Leaf):
            return leaf(tree.value)
        yes, no = self.tree(tree.yes, leaf), self.tree(tree.no, leaf)
        if yes == no:
            return yes
        text = f"IF({self._condition(tree.condition)},{yes},{no})"
        if len(text) < LONGEST // 4:
            return text
        return self.helpers.cell(("tree", text), text)


def _symbols(tree: Tree) -> list[Symbol]:
    """The expressions of a tree: its conditions, and what it ends in."""
    if isinstance(tree, Branch):
        return [tree.condition, *_symbols(tree.yes), *_symbols(tree.no)]
    ended = tree.value if isinstance(tree.value, tuple) else (tree.value,)
    return [each for each in ended if isinstance(each, Symbol)]


def _count(symbol: Symbol, found: Counter[Any]) -> None:
    if symbol.op == "name":
        return
    found[symbol.key] += 1
    if found[symbol.key] == 1:
        for each in symbol.args:
            if isinstance(each, Symbol):
                _count(each, found)


def without_refusals(tree: Tree) -> Tree | None:
    """A tree without the ways that end in a refusal; None where all do."""
    if isinstance(tree, Leaf):
        return None if isinstance(tree.value, InputError) else tree
    yes, no = without_refusals(tree.yes), without_refusals(tree.no)
    if yes is None or no is None:
        return yes or no
    return Branch(tree.condition, yes, no)


def part_of(tree: Tree, place: int) -> Tree:
    """A tree of one of several values."""
    if isinstance(tree, Branch):
        return Branch(tree.condition, part_of(tree.yes, place), part_of(tree.no, place))
    return tree if isinstance(tree.value, InputError) else Leaf(tree.value[place])


def resolved(formula: str, address: Callable[[str], str]) -> str:
    """A formula with the addresses of what it calls by place.

    Parameters
    ----------
    address : callable
        Gives it for what stands between braces: ``h<place>`` of a helper, or ``name|row|column``.
    """
    pieces = formula.split("{")
    found = [pieces[0]]
    for piece in pieces[1:]:
        called, _, rest = piece.partition("}")
        found += [address(called), rest]
    return "".join(found)
