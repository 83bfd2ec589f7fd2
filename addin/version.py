"""The version of the model: what makes an answer that a client kept still valid."""

from __future__ import annotations

import hashlib
from functools import cache

import pycore
from addin.sources import source_files

ROOMS = ("pycore", "addin")
"""The folders whose source decides what a function answers."""

DIGITS = 12
"""Of the hash; enough to distinguish any two states."""


@cache
def model_version() -> str:
    """Name the state of the functions, such as "0.1.0+3f2a9c41d07e", from version and source.

    It differs as soon as a line of the source does.
    """
    digest = hashlib.sha256()
    for name, text in source_files(ROOMS).items():
        digest.update(f"{name}\0{text}\0".encode())
    return f"{pycore.__version__}+{digest.hexdigest()[:DIGITS]}"
