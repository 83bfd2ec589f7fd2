"""Numbers as a sentence writes them: rounded to what a reader can use, never to another number."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

from pycore.rounding import rounded, rounded_to_digits
from pycore.symbolic import Symbol, Token, is_symbolic

__all__ = ["STYLES", "apart", "two_digits", "written"]

LARGE = (
    (1e15, ""),
    (1e12, " trillion"),
    (1e9, " billion"),
    (1e6, " million"),
)
"""From which size on a number is written in these, with three digits."""

WHOLE = 1e-9
"""How near a number must be to a whole one, relative to its size, to be written as one."""

MOST_DECIMALS = 8


def _plain(number: float, decimals: int) -> str:
    """A number with commas, without zeros behind its decimals, and without a minus before 0."""
    text = f"{rounded(number, decimals):,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _digits(number: float, digits: int) -> str:
    """A number with so many significant digits; one of over six figures in words."""
    size = abs(number)
    if size == 0:
        return "0"
    short = rounded_to_digits(number, digits)
    for least, word in LARGE:
        if abs(short) >= least:
            scaled = short / least if word else short
            return f"{_digits(scaled, digits)}{word}" if word else f"{short:.{digits - 1}e}"
    decimals = max(digits - 1 - math.floor(math.log10(abs(short))), 0)
    if decimals > MOST_DECIMALS:
        return f"{short:.{digits - 1}e}"
    return _plain(short, decimals)


def two_digits(number: float) -> str:
    """A number as a wide range is known: to two significant digits.

    Returns
    -------
    str
        Such as "330", "2.5" or "0.48".
    """
    if is_symbolic(number):
        return Token.of(Symbol("written", number, "two digits"))
    return _digits(number, 2)


def _count(number: float) -> str:
    """A number of people or things: whole where it is, else with three significant digits."""
    if abs(number - round(number)) <= WHOLE * max(abs(number), 1) and (round(number) or not number):
        number = float(round(number))
        return _plain(number, 0) if abs(number) < LARGE[-1][0] else _digits(number, 3)
    return _plain(number, 1) if abs(number) >= 100 else _digits(number, 3)


def _usd(number: float) -> str:
    size = abs(number)
    if size >= LARGE[-1][0]:
        text = _digits(size, 4)
    elif size == round(size) or size >= 100:
        text = _plain(size, 0)
    else:
        text = f"{rounded(size, 2):.2f}" if size >= 0.005 else _digits(size, 2)
    return f"-${text}" if number < 0 and text != "0" else f"${text}"


def _percent(number: float) -> str:
    """A share in per cent; one that is not quite 0 or 1 is not called so."""
    if 0 < number < 0.01:
        return "below 1%"
    if 0.99 < number < 1:
        return "above 99%"
    percent = rounded(100 * number, 9)  # so that shares which are equal but for rounding stay so
    return f"{_plain(percent, 0) if abs(number) < 100 else _digits(percent, 3)}%"


def _whole_percent(number: float) -> str:
    """The lower end of a range in per cent, in front of the upper one."""
    return _percent(number).removesuffix("%").removeprefix("above ")


def _two_decimals(number: float) -> str:
    if number == round(number) or not 0.005 <= abs(number) < LARGE[-1][0]:
        return _digits(number, 3)
    return f"{rounded(number, 2):,.2f}"


def _years(number: float) -> str:
    if 0 < number < 0.1:
        return "less than 0.1 years"
    text = _plain(number, 1) if number < 100 else _digits(number, 2)
    return f"{text} year" if text == "1" else f"{text} years"


def _ratio(number: float) -> str:
    """A ratio of capabilities to safety researchers, the larger side to two digits."""
    if number <= 1 / sys.float_info.max:  # one to more than any number
        return "0:1"
    return f"{two_digits(number)}:1" if number >= 1 else f"1:{two_digits(1 / number)}"


def _usd_range(number: float) -> str:
    text = two_digits(abs(number))
    return f"-${text}" if number < 0 else f"${text}"


STYLES: dict[str, Callable[[float], str]] = {
    "count": _count,
    "usd": _usd,
    "percent": _percent,
    "whole percent": _whole_percent,
    "years": _years,
    "two digits": two_digits,
    "usd to two digits": _usd_range,
    "ratio": _ratio,
}
"""How a sentence may write a number."""


def written(value: object, style: str) -> str:
    """A value as a sentence writes it; words stay as they are.

    Parameters
    ----------
    style : str
        One of `STYLES`, or "one thing|several things" for a word that goes with a number.
    """
    if isinstance(value, str) or not style:
        return str(value)
    if "|" in style:
        one, several = style.split("|")
        return one if written(value, "count") == "1" else several
    if is_symbolic(value):
        return Token.of(Symbol("written", value, style))
    return STYLES[style](float(value))  # type: ignore[arg-type]


def apart(value: float, other: float, style: str) -> str:
    """A share or correlation with as many digits as it takes to distinguish it from another.

    Parameters
    ----------
    style : str
        "percent", or "correlation" for a number with two decimals at least.
    """
    if is_symbolic(value):
        return Token.of(Symbol("apart", value, other, style))
    value, other = float(value), float(other)
    scale, end, write = (100, "%", _percent) if style == "percent" else (1, "", _two_decimals)
    text = write(value)
    if value == other or text != write(other):
        return text
    for decimals in range(1, MOST_DECIMALS + 3):
        text, unlike = (
            f"{rounded(scale * each, decimals):,.{decimals}f}" for each in (value, other)
        )
        if text != unlike:
            break
    return (
        f"{text if float(text.replace(',', '')) or not value else _digits(scale * value, 2)}{end}"
    )
