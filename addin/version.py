"""The version of the model: what makes an answer that a client kept still valid."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pycore

ROOMS = ("pycore", "addin")
"""The folders whose source decides what a function answers."""

SUFFIXES = (".py", ".toml")

DIGITS = 12
"""How many digits of the hash are shown; enough to tell any two states apart."""


@cache
def model_version() -> str:
    """Name the state of the functions, from the version and the text of their source.

    Returns
    -------
    str
        Such as "0.1.0+3f2a9c41d07e". It differs as soon as a line of the source does.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for room in ROOMS:
        for source in sorted(each for each in (root / room).rglob("*") if each.suffix in SUFFIXES):
            # Read as text, so that line ends of another system make no other version.
            text = source.read_text(encoding="utf-8")
            digest.update(f"{source.relative_to(root).as_posix()}\0{text}\0".encode())
    return f"{pycore.__version__}+{digest.hexdigest()[:DIGITS]}"
