"""The server's worker with one change: for some first cells, COST_MULTIPLE waits for a gate.

Nothing here depends on how fast the machine is.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

SLOW = 734_512.0
"""Sleeps meanwhile."""
BUSY = 734_513.0
"""Computes meanwhile."""
GATE = "BUSY_GATE"
"""The folder in which a call says that it has begun, and where it finds that it may end."""
OPEN = "open"


def main() -> None:
    from addin.server.start import prepare

    prepare()  # before xlwings is imported
    import addin.functions
    from addin.server import worker

    real = addin.functions.functions()["COST_MULTIPLE"]
    gate = Path(os.environ[GATE])

    @wraps(real.call)
    def computing(*cells: Any) -> Any:
        first = cells[0][0][0]
        if first in (SLOW, BUSY):
            (gate / f"begun-{os.getpid()}-{time.monotonic_ns()}").touch()
            while not (gate / OPEN).exists():
                sum(range(10_000)) if first == BUSY else time.sleep(0.01)
        return real.call(*cells)

    changed = {**addin.functions.functions(), "COST_MULTIPLE": replace(real, call=computing)}
    vars(addin.functions)["functions"] = lambda: changed
    worker.main()


if __name__ == "__main__":
    main()
