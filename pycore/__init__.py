"""The numpy core of Fieldbook: it knows no Excel, no files, no clock and no global randomness."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from pycore import cost, exchange, portfolio, ratio, selection, stamp, window
from pycore.draft import mentors
from pycore.errors import InputError
from pycore.model import sentences
from pycore.model import uncertainty as questions  # its own name is that of a room
from pycore.uncertainty import distributions, opinions

__all__ = ["FUNCTIONS", "TOPICS", "InputError", "__version__"]

__version__ = "0.1.0"

TOPICS = (
    cost,
    selection,
    mentors,
    ratio,
    window,
    exchange,
    portfolio,
    distributions,
    opinions,
    questions,
    sentences,
    stamp,
)
"""The modules of the model, one topic each, in the order of the workbook."""

FUNCTIONS: MappingProxyType[str, Callable[..., Any]] = MappingProxyType(
    {name: getattr(topic, name) for topic in TOPICS for name in topic.__all__}
)
"""Every public function of the model by its name."""
