"""The command lines with one change: COST_MULTIPLE takes a while, in steps that can be heard.

Run as a module: `python -m tests.long_calls call COST_MULTIPLE ...`, `... serve`, `... recalc`.
"""

from __future__ import annotations

import os
import sys
import time
from functools import wraps
from types import MappingProxyType
from typing import Any

import pycore
from pycore import cost, progress

ENDLESS = "LONG_CALLS_ENDLESS"
"""In the environment: the work ends only when it is stopped."""
STEPS = 10**5 if ENDLESS in os.environ else 60
SECONDS = 0.05
WHAT = "drafts"


def main() -> int:
    real = cost.cost_multiple

    @wraps(real)
    def lasting(*arguments: Any) -> Any:
        for _ in progress.tracked(range(STEPS), WHAT):
            time.sleep(SECONDS)
        return real(*arguments)

    vars(cost)["cost_multiple"] = lasting
    pycore.FUNCTIONS = MappingProxyType({**pycore.FUNCTIONS, "cost_multiple": lasting})
    # Imported late: a server tells xlwings what it is before anything else imports that.
    if sys.argv[1] in ("call", "serve"):
        from addin.__main__ import main as run
    else:
        from workbook.__main__ import main as run
    return run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
