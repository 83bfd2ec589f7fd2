"""The data files of the model: assumptions, results and published figures."""

from __future__ import annotations

import pkgutil
from typing import Any


def data(name: str) -> dict[str, Any]:
    """The tables of a data file beside this module."""
    import tomllib

    # Not by its path: hosts that take one file import these modules from memory.
    return tomllib.loads((pkgutil.get_data("pycore.model", f"{name}.toml") or b"").decode("utf-8"))
