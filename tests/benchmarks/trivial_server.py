"""`python -m addin`, with one more function on its server: one that does nothing.

Only the benchmark runs this; the add-in itself has no such function. Without "serve" it is the
process that computes for that server.
"""

from __future__ import annotations

import sys
from types import MappingProxyType
from typing import Any

import pycore


def trivial(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:  # noqa: ARG001
    """Give the first range back."""
    return a


def declare() -> None:
    """Declare it to xlwings as addin.excel_functions declares ours."""
    from addin.server.start import prepare

    prepare()  # before xlwings is imported
    import xlwings

    from addin.server import answers

    for name in "abcdef":
        xlwings.arg(name, ndim=2, err_to_str=True)(trivial)
    vars(answers.SERVED)["trivial"] = xlwings.func(cache=True)(trivial)


if __name__ == "__main__":
    pycore.FUNCTIONS = MappingProxyType({**pycore.FUNCTIONS, "trivial": trivial})
    if "serve" in sys.argv:
        from addin.__main__ import main
        from addin.server import pool

        pool.WORKER = "tests.benchmarks.trivial_server"
        raise SystemExit(main(sys.argv[1:]))
    from addin.server import worker

    declare()
    worker.main()
