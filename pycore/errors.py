"""The one error that bad input raises."""

from __future__ import annotations

LONGEST_SHOWN = 200


class InputError(ValueError):
    """An argument that breaks a rule.

    Parameters
    ----------
    argument : str
        The name of the argument, assumption or cell.
    rule : str
        What it must be, written to follow the word "must".
    received : object
        The value received; ``None`` stands for a blank.
    """

    def __init__(self, argument: str, rule: str, received: object) -> None:
        super().__init__(argument, rule, received)
        self.argument = argument
        self.rule = rule
        self.received = received

    def __str__(self) -> str:
        return f"{self.argument} must {self.rule}, but is {shown(self.received)}"


def shown(value: object) -> str:
    """Write a received value on one short line, in the words of a spreadsheet."""
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        text = repr(value)
    elif isinstance(value, float):
        text = f"{value:.12g}"
    else:
        text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
