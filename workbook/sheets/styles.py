"""How cells look: one place for fonts, colours and number formats."""

from __future__ import annotations

from typing import Any

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLUE, ORANGE, VERMILLION, GREEN = "#0072B2", "#E69F00", "#D55E00", "#009E73"
SKY, WHITE = "#56B4E9", "#FFFFFF"
INK, GREY, RULE, BAND = "#1A1A1A", "#595959", "#BFBFBF", "#DCE9F2"
CHANGED_INK, BAR_FILL = "#A34700", "#9CC9E5"
INPUT_FILL, INPUT_BORDER = "#FFF8DC", "#7F6000"

LOOKS = (
    (BLUE, "circle", ""),
    (ORANGE, "square", "dash"),
    (GREEN, "triangle", ""),
    (VERMILLION, "diamond", "dash"),
)
"""Colour, marker and dash of the lines of a chart that has one for each of several cases."""

READ, EDIT, CHECK = BLUE, ORANGE, GREEN
"""The colours of the tabs: what staff read, what they edit, and what reviewers look into."""

SCREEN_WIDTH = 1_195
"""What columns may take, at 7 a character and 5 each, to be in sight at 1440 x 900 in LibreOffice.

Excel shows some more.
"""

MARK = "\u25bc"
"""Marks a number in a map that is at or under the one asked about."""

FONT: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "font_color": INK}

# LibreOffice writes no minus in a second or third section, so that the section for negative numbers
# has one of its own. A number that is too wide for its column is shrunk to fit.
WHOLE = "[>=10]#,##0;[<0]-#,##0.0;General"
TENTHS = "[>=0.095]#,##0.0;[<0]-#,##0.0##;0.0###"
HUNDREDTHS = "[>=0.00995]#,##0.00;[<0]-#,##0.00##;0.00##"
GENERAL = "General"
SHARE = "[>=0.00995]0.0%;[<0]-0.0###%;0.0###%"
MONEY = '[>=10]"$"#,##0;[<0]-"$"#,##0.00;"$"General'

INPUT_FORMATS = {
    "USD": MONEY,
    "share": "0.0#####%",
    "ratio": "0.00####",
    "correlation": "0.00####",
    "% per %": "0.00####",
    "year": "General",
}
"""How an input shows, by its unit: with the digits that a person may have typed."""

EXACT_WITHIN = 1e-7
"""A figure that has to come out closer than this is exact."""

RESULT_FORMATS = {
    **dict.fromkeys(("scholars", "applicants", "fitted whole"), WHOLE),
    **dict.fromkeys(("x", "people", "employees", "years", "safety researchers"), TENTHS),
    **dict.fromkeys(("per 100 in alignment", "per 100 in safety", "per mentor"), TENTHS),
    **dict.fromkeys(("ratio", "correlation", "Iterators", "factor", "fitted"), HUNDREDTHS),
    **dict.fromkeys(("log-sd", "% per %", "types", "x the pool"), HUNDREDTHS),
    "fitted tenths": TENTHS,
    "USD": MONEY,
    "share": SHARE,
    "error": "[>=1]#,##0.00;[<0]-#,##0.00;0.0000",
    "rate": "[>=10]#,##0.0;[<0]-#,##0.00;0.00##",
    "change": "[>=0.0995]#,##0%;[<0]-#,##0.0%;0.0##%",
    "figure": "[<1000]General;#,##0",
    "tolerance": f'[<{EXACT_WITHIN:.7f}]"exact";General',
    **{f"figure to {digits}": f"0.{'0' * digits}" for digits in range(5, 9)},
}
"""How a result shows, by its unit."""

WRITTEN_OUT = ("tolerance", "figure", "bound", "year")
"""What is always written out."""

SMALL, LARGE, LARGEST = 0.0005, 1e12, 1e300
"""Where a number is written with a power of ten, in its unit: below, and from."""

SMALL_SHARE = 0.000005
"""Below this a share is called less than that: a power of ten of a share would say no per cent."""


def extremes(unit: str) -> tuple[tuple[float, float, str], ...]:
    """The number formats of numbers that the format of a unit has no digits or no room for.

    A format has two conditions at most, and both are taken, so that these are conditional formats.

    Returns
    -------
    tuple of tuple
        The least and the most that each is for, and the format, of negative numbers too.
    """
    if unit in WRITTEN_OUT or unit not in RESULT_FORMATS:
        return ()
    if unit == "share":
        less = f"{SMALL_SHARE:.4%}"
        above, below = (1 / LARGEST, SMALL_SHARE), (-SMALL_SHARE, -1 / LARGEST)
        return (*above, f'"<{less}"'), (*below, f'">-{less}"')
    power = '"$"0.00E+0' if unit == "USD" else "0.00E+0"
    found = []
    for low, high in ((1 / LARGEST, SMALL), (LARGE, LARGEST)):
        found += [(low, high, power), (-high, -low, f"{power};-{power}")]
    return tuple(found)


NO_MORE, NO_LESS = 1_000_000_000, 0.000_001
"""Beyond these a bound is written out in full."""


def number_format(unit: str, content: float | str | None = None) -> str:
    """The number format for a cell.

    Parameters
    ----------
    content : float, str or None
        What stands in an input; ``None`` for a result.
    """
    if not isinstance(content, float | int) or unit == "tolerance":
        return RESULT_FORMATS.get(unit, GENERAL)
    if unit == "bound":
        return _bound_format(abs(content))
    return INPUT_FORMATS.get(unit, WHOLE if content >= 1000 else GENERAL)


def _bound_format(size: float) -> str:
    """The number format of a bound, never with a power of ten."""
    if size >= NO_MORE:
        return "#,##0"
    return "0.0###########" if 0 < size < NO_LESS else GENERAL


def fitted_unit(unit: str, central: float) -> str:
    """The unit by which what is fitted around a central value shows: with about three digits.

    Parameters
    ----------
    unit : str
        Of the assumption.
    """
    if unit in ("USD", "share"):
        return unit
    if abs(central) >= 100:
        return "fitted whole"
    return "fitted tenths" if abs(central) >= 10 else "fitted"


_LINE = {"bottom": 1, "bottom_color": RULE}
_TOP = {"valign": "top"}
_CODE = {"font_name": "Courier New", "font_size": 9}

_HEADER = {
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": BLUE,
    "valign": "vcenter",
    "text_wrap": True,
}

_INPUT = {
    "locked": False,
    "border": 1,
    "border_color": INPUT_BORDER,
    "bg_color": INPUT_FILL,
    "valign": "top",
}

STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": BLUE},
    "subtitle": {"font_size": 11, "font_color": GREY},
    "notice": {"bold": True, "font_color": CHANGED_INK},
    "heading": {"bold": True, "font_size": 12, "font_color": BLUE},
    "header": _HEADER,
    "header_over": _HEADER | {"text_wrap": False, "align": "left", "indent": 0},
    "header_right": _HEADER | {"align": "right"},
    "header_centre": _HEADER | {"align": "center"},
    "header_unit": _HEADER | {"align": "left", "indent": 1},
    "group": {"bold": True, "bg_color": BAND},
    "link": _TOP | {"font_color": BLUE, "underline": 1},
    "link_label": _LINE | _TOP | {"text_wrap": True, "font_color": BLUE, "underline": 1},
    "plain": _TOP,
    "changed": _LINE
    | _TOP
    | {"bold": True, "align": "center", "font_color": CHANGED_INK, "shrink": True},
    "in_sight": {"bold": True, "font_size": 11},
    "in_sight_label": {"font_color": GREY},
    "quiet_right": _LINE | _TOP | {"font_color": GREY, "align": "right", "shrink": True},
    "range": _LINE | {"bold": True, "font_size": 12, "align": "right", "valign": "vcenter"},
    "strong_wrapped": _LINE | _TOP | {"align": "right", "bold": True, "text_wrap": True},
    "large": _LINE | {"bold": True, "font_size": 16, "align": "right", "valign": "vcenter"},
    "text": _LINE | _TOP,
    "label": _LINE | _TOP | {"text_wrap": True},
    "wrapped": _LINE | _TOP | {"text_wrap": True, "align": "left", "indent": 1},
    "remark": _LINE | _TOP | {"text_wrap": True, "font_size": 9, "align": "left", "indent": 1},
    "quiet": _LINE | _TOP | {"font_color": GREY},
    "quiet_value": {"font_color": GREY},
    "function": _LINE | _TOP | _CODE,
    "name": _LINE | _TOP | _CODE | {"align": "left", "indent": 1, "font_color": GREY},
    "answer": _LINE | _TOP | {"text_wrap": True, "font_size": 11, "align": "left", "indent": 1},
    "question": _LINE | _TOP | {"text_wrap": True, "bold": True, "font_size": 11},
    "unit": _LINE | _TOP | {"align": "left", "indent": 1},
    "value": _LINE | _TOP | {"align": "right", "shrink": True},
    "strong": _LINE | _TOP | {"align": "right", "bold": True, "shrink": True},
    "status": _LINE | _TOP | {"align": "center"},
    "axis": {"bold": True, "bg_color": BAND, "align": "center"},
    "axis_right": {"bold": True, "bg_color": BAND, "align": "right"},
    "axis_label": {"bold": True, "bg_color": BAND},
    "heat": {"align": "center"},
    "input": _INPUT | {"align": "right", "shrink": True},
    "input_word": _INPUT | {"align": "left", "indent": 1, "text_wrap": True},
    "input_text": _INPUT | {"align": "left", "indent": 1, "text_wrap": True},
}

DRAWN = ("bg_color", "border", "border_color", "bottom", "bottom_color")
"""What of a style is drawn even where a cell holds nothing."""

STYLES |= {
    f"{name}_spare": {key: value for key, value in look.items() if key not in DRAWN}
    for name, look in STYLES.items()
    if not name.startswith("header")
}
