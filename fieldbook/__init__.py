"""Fieldbook for analysts: the workbook as pandas tables, and the model on tables of cases.

What it offers is loaded when it is first used: the command `fieldbook` starts in this package too,
and pandas takes longer to load than most commands run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pycore import InputError, __version__

if TYPE_CHECKING:
    from workbook.cases import evaluate_cases as evaluate
    from workbook.circulation.frames import compare, sweep
    from workbook.frames import Workbook, load
    from workbook.upgrading.upgrade import upgrade

__all__ = [
    "InputError",
    "Workbook",
    "__version__",
    "compare",
    "evaluate",
    "load",
    "sweep",
    "upgrade",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "evaluate":
        from workbook.cases import evaluate_cases

        return evaluate_cases
    if name in ("compare", "sweep"):
        from workbook.circulation import frames as circulated

        return getattr(circulated, name)
    if name == "upgrade":
        from workbook.upgrading.upgrade import upgrade

        return upgrade
    from workbook import frames

    return getattr(frames, name)
