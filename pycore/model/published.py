"""The published figures that the model must reproduce, each as one call of one function.

Their inputs are the published ones, not the assumptions: an edited assumption must not
make a check fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pycore.model.data import data
from pycore.model.results import function
from pycore.nodes import Constant, Result


@dataclass(frozen=True)
class Earlier:
    """The computed figure of an earlier check, as an input of a later one."""

    id: str


Input = float | str | Earlier | tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One published figure.

    Parameters
    ----------
    id, label : str
        Its id, and what a reader sees.
    function : callable
        The core function that gives it.
    inputs : tuple of float, str, Earlier or tuple
        What it is called with; a tuple of numbers for cells beside each other.
    published : float or str
        The figure.
    within : float
        How far the computed figure may be from it: half a unit of its last digit.
    part : int
        Which of the function's several values is meant, from 1; 0 where it gives one.
    """

    id: str
    label: str
    function: Callable[..., Any]
    inputs: tuple[Input, ...]
    published: float | str
    within: float = 1e-9
    part: int = 0

    @property
    def name(self) -> str:
        """The id of its computed figure among the model's results."""
        return f"check_{self.id}"

    def constants(self) -> Iterator[Constant]:
        """Its inputs that are no earlier figure, as constants of the model."""
        for name, value in zip(self._arguments(), self.inputs, strict=True):
            if not isinstance(value, Earlier):
                yield Constant(id=name, value=value)

    def result(self) -> Result:
        """Its computed figure, as a result of the model."""
        return Result(
            id=self.name,
            label=self.label,
            unit="figure",
            function=self.function,
            arguments=self._arguments(),
            pick=self.part,
        )

    def _arguments(self) -> tuple[str, ...]:
        return tuple(
            f"check_{value.id}" if isinstance(value, Earlier) else f"{self.name}_input_{place}"
            for place, value in enumerate(self.inputs, start=1)
        )


def _input(value: Any) -> Input:
    if isinstance(value, dict):
        return Earlier(value["earlier"])
    return tuple(value) if isinstance(value, list) else value


def _check(entry: dict[str, Any]) -> Check:
    inputs = tuple(map(_input, entry["inputs"]))
    return Check(**entry | {"function": function(entry["function"]), "inputs": inputs})


CHECKS = tuple(map(_check, data("published")["check"]))
