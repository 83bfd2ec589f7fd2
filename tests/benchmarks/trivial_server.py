"""`python -m addin`, with one more function on its server: one that does nothing.

Only the benchmark runs this; the add-in itself has no such function.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from addin.server.start import prepare

prepare()  # before xlwings is imported

import xlwings  # noqa: E402

from addin.__main__ import main  # noqa: E402
from addin.server import calls  # noqa: E402

real = calls.served


def served() -> dict[str, Callable[..., Any]]:
    return real() | {"trivial": declared(trivial)}


def trivial(a, b, c, d, e, f):  # type: ignore[no-untyped-def] # noqa: ARG001
    """Give the first range back."""
    return a


def declared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declare it to xlwings as addin.functions declares ours."""
    for name in "abcdef":
        xlwings.arg(name, ndim=2, err_to_str=True)(function)
    xlwings.func(cache=True)(function)
    return function


if __name__ == "__main__":
    calls.served = served
    raise SystemExit(main(sys.argv[1:]))
