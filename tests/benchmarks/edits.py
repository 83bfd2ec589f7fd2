"""Edits in a running process: ``python edits.py FILE ID=VALUE ...`` from the folder of a checkout.

Prints the processor seconds of the first recalculation, and for each edit those of all, and of the
calls of our functions that it sets off. It uses only what earlier versions have too.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

from addin.functions import functions
from workbook.recalc import recalculate

SECONDS: dict[str, float] = {}
"""How long each call took, by its name and arguments."""


def listened(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, whose calls are timed."""

    def timed(*cells: Any) -> Any:
        began = time.process_time()
        try:
            return call(*cells)
        finally:
            SECONDS[f"{name}{cells!r}"] = time.process_time() - began

    return timed


def main() -> None:
    """Measure, and print a JSON object."""
    data = Path(sys.argv[1]).read_bytes()
    for each in functions().values():
        object.__setattr__(each, "call", listened(each.name, each.call))
    began = time.process_time()
    recalculate(data, "built")
    found = {"first": [time.process_time() - began] * 2}
    known = set(SECONDS)
    for edit in sys.argv[2:]:
        reference, _, value = edit.partition("=")
        SECONDS.clear()
        began = time.process_time()
        recalculate(data, "built", {reference: float(value)})
        total = time.process_time() - began
        found[edit] = [total, sum(s for call, s in SECONDS.items() if call not in known)]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
