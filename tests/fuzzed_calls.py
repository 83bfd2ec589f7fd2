"""Calls of every function with cells that people and programs might send, by the thousand.

``python -m tests.fuzzed_calls NUMBER`` makes as many and says what came of them. Each answer must
be numbers, texts and errors that a cell can show, and each refusal one line that names an argument.
"""

from __future__ import annotations

import datetime
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from addin.functions import Function, functions
from pycore.errors import LONGEST_SHOWN, RefusedError
from tests.addin.examples import example_cells

NASTY: list[Any] = [
    *(None, "", " ", "abc", "1e400", "1,5", "=1+1", "\x00\x1f", "\u202egro", "é" * 300),
    *(True, False, 0, -0.0, 1, -1, 0.5, 1e-300, 1e300, -1e300, 2**53, 2**64, 10**400),
    *(Decimal("1.5"), datetime.datetime(2026, 1, 1), datetime.date(1900, 1, 1)),
    *("#N/A", "#DIV/0!", float("nan"), float("inf"), -float("inf")),
    *([[]], [[None]], [[1, 2], [3]], [["a", 1.0]] * 3, [[0.5]] * 40),
]
RULE = re.compile(r" (must|takes) ")
LONGEST = 400 + LONGEST_SHOWN
SIZES = ("replicates", "draws", "applicants", "admitted", "mentors", "places")
"""What makes a call take long: these only get smaller."""


def faults(number: int, seed: int, came_of: Counter[str]) -> Iterator[str]:
    """Make so many calls; give those that did what none may."""
    drawn = random.Random(seed)
    every = list(functions().values())
    for _ in range(number):
        function = drawn.choice(every)
        cells = _spoilt(drawn, function)
        try:
            answer = function.call(*cells)
        except RefusedError as refusal:
            came_of["refused"] += 1
            said = str(refusal)
            if (
                len(said) > LONGEST
                or "\n" in said
                or not said.isprintable()
                or not RULE.search(said)
            ):
                yield f"{function.name}{cells!r:.300} said {said!r}"
            continue
        except Exception as error:
            yield f"{function.name}{cells!r:.300} raised {type(error).__name__}: {error}"
            continue
        came_of["answered"] += 1
        rows = answer if isinstance(answer, list) else [[answer]]
        if not all(_is_shown(cell) for row in rows for cell in row):
            yield f"{function.name}{cells!r:.300} gave {rows!r:.200}"


def _spoilt(drawn: random.Random, function: Function) -> list[Any]:
    """The cells of the example, some of them others."""
    cells: list[Any] = example_cells(function.example)
    for _ in range(drawn.choice((1, 1, 1, 2, 3))):
        if not cells:
            break
        place = drawn.randrange(len(cells))
        if isinstance(cells[place], list) and drawn.random() < 0.7:
            rows = [list(row) if isinstance(row, list) else [row] for row in cells[place]]
            row = drawn.choice(rows)
            if row:
                row[drawn.randrange(len(row))] = _nasty(drawn, row[0])
            cells[place] = rows
        else:
            cells[place] = _nasty(drawn, cells[place])
        if drawn.random() < 0.03:
            cells = cells[:-1] if drawn.random() < 0.5 else [*cells, 1]
    return cells


def _nasty(drawn: random.Random, before: Any) -> Any:
    if isinstance(before, float | int) and not isinstance(before, bool) and drawn.random() < 0.4:
        return min(before, 1e300) * drawn.choice((0, 0.1, 0.5, 0.999, 1, -1))
    return drawn.choice(NASTY)


def _is_shown(cell: Any) -> bool:
    """Whether a cell can show it."""
    if isinstance(cell, float):
        return math.isfinite(cell)
    return cell is None or isinstance(cell, str | int)


def main(number: int) -> None:
    """Make that many, and say what came of them."""
    came_of: Counter[str] = Counter()
    found = 0
    for seed in range(-(-number // 1_000)):
        for fault in faults(min(number, 1_000), seed, came_of):
            found += 1
            print(fault)
        if seed % 10 == 9:
            print(f"{sum(came_of.values()):,} calls, {found} faults", file=sys.stderr)
    print(f"{dict(came_of)}, {found} faults")


if __name__ == "__main__":
    main(int(sys.argv[1]))
