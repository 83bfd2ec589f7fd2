"""How cells look: one place for fonts, colours and number formats."""

from __future__ import annotations

from typing import Any

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLUE, ORANGE, VERMILLION, GREEN = "#0072B2", "#E69F00", "#D55E00", "#009E73"
SKY, WHITE = "#56B4E9", "#FFFFFF"
INK, GREY, RULE, BAND = "#1A1A1A", "#595959", "#BFBFBF", "#DCE9F2"
INPUT_FILL, INPUT_BORDER = "#FFF8DC", "#7F6000"

LOOKS = (
    (BLUE, "circle", ""),
    (ORANGE, "square", "dash"),
    (GREEN, "triangle", ""),
    (VERMILLION, "diamond", "dash"),
)
"""Colour, marker and dash of the lines of a chart that has one for each of several cases."""

MARK = "\u25bc"
"""Marks a number in a map that is at or under the one asked about."""

FONT: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "font_color": INK}

# With a short form for what would be too wide for its column. LibreOffice writes no minus in a
# second or third section, so the section for negative numbers has one of its own, and a loss that
# is too wide is shrunk to fit.
WHOLE = "[>=100000000]0.0E+0;[<0]-#,##0;#,##0"
TENTHS = "[>=100000000]0.0E+0;[<0]-#,##0.0;#,##0.0"
HUNDREDTHS = "[>=1000000]0.0E+0;[<0]-0.00;0.00"
GENERAL = "General"
MONEY = '[>=100000000]"$"0.0E+0;[<10]"$"0.00;"$"#,##0'

INPUT_FORMATS = {
    "USD": MONEY,
    "share": "0.0##%",
    "ratio": "0.00##",
    "correlation": "0.00##",
    "% per %": "0.00##",
    "year": "0",
}
"""How an input shows, by its unit: with the digits that a person may have typed."""

RESULT_FORMATS = {
    **dict.fromkeys(("scholars", "applicants", "fitted whole"), WHOLE),
    **dict.fromkeys(("x", "people", "employees", "years", "safety researchers"), TENTHS),
    **dict.fromkeys(("per 100 in alignment", "per 100 in safety", "per mentor"), TENTHS),
    **dict.fromkeys(("ratio", "correlation", "Iterators", "factor"), HUNDREDTHS),
    **dict.fromkeys(("log-sd", "% per %", "types"), "0.00"),
    "USD": '[>=100000000]"$"0.0E+0;[<0]-"$"#,##0;"$"#,##0',
    "x the pool": "[>=100000]0.0E+0;#,##0.00",
    "share": "[>=0.0005]0.0%;[>0]0.0000%;0.0%",
    "error": "[>=1000000]0.0E+0;0.0000",
    "rate": "[>=1000000]0.0E+0;[<10]0.00;#,##0.0",
    "change": "[>=10000]0E+0%;[<0]-0%;0%",
    "figure": "[<1000]General;#,##0",
    "fitted": "[>=100000000]0.0E+0;[<0]-#,##0.00;#,##0.00",
    "fitted tenths": TENTHS,
    "tolerance": '[<0.0000001]"exact";General',
}
"""How a result shows, by its unit."""


def number_format(unit: str, content: float | str | None = None) -> str:
    """The number format for a cell.

    Parameters
    ----------
    content : float, str or None
        What stands in an input; ``None`` for a result.
    """
    if not isinstance(content, float | int):
        return RESULT_FORMATS.get(unit, GENERAL)
    return INPUT_FORMATS.get(unit, WHOLE if content >= 1000 else GENERAL)


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
    "notice": {"bold": True, "font_color": VERMILLION},
    "heading": {"bold": True, "font_size": 12, "font_color": BLUE},
    "header": _HEADER,
    "header_right": _HEADER | {"align": "right"},
    "header_centre": _HEADER | {"align": "center"},
    "header_unit": _HEADER | {"align": "left", "indent": 1},
    "group": {"bold": True, "bg_color": BAND},
    "plain": _TOP,
    "text": _LINE | _TOP,
    "label": _LINE | _TOP | {"text_wrap": True},
    "wrapped": _LINE | _TOP | {"text_wrap": True, "align": "left", "indent": 1},
    "remark": _LINE | _TOP | {"text_wrap": True, "font_size": 9, "align": "left", "indent": 1},
    "quiet": _LINE | _TOP | {"font_color": GREY},
    "quiet_value": {"font_color": GREY},
    "function": _LINE | _TOP | _CODE,
    "name": _LINE | _TOP | _CODE | {"align": "left", "indent": 1, "font_color": GREY},
    "answer": _LINE | _TOP | {"text_wrap": True, "font_size": 11},
    "question": _LINE | _TOP | {"text_wrap": True, "bold": True, "font_size": 11},
    "unit": _LINE | _TOP | {"align": "left", "indent": 1},
    "value": _LINE | _TOP | {"align": "right", "shrink": True},
    "strong": _LINE | _TOP | {"align": "right", "bold": True, "shrink": True},
    "status": _LINE | _TOP | {"align": "center"},
    "axis": {"bold": True, "bg_color": BAND, "align": "center"},
    "axis_right": {"bold": True, "bg_color": BAND, "align": "right"},
    "axis_label": {"bold": True, "bg_color": BAND},
    "heat": {"align": "center"},
    "input": _INPUT | {"align": "right"},
    "input_word": _INPUT | {"align": "left", "indent": 1},
    "input_text": _INPUT | {"align": "left", "indent": 1, "text_wrap": True},
}
