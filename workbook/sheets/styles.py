"""How cells look: one place for fonts, colours and number formats."""

from __future__ import annotations

from typing import Any

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLUE, ORANGE, VERMILLION = "#0072B2", "#E69F00", "#D55E00"
INK, GREY, RULE, BAND = "#1A1A1A", "#595959", "#BFBFBF", "#DCE9F2"
INPUT_FILL, INPUT_BORDER = "#FFF8DC", "#7F6000"

FONT: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "font_color": INK}

COUNTED = "[<1000]General;#,##0"
NUMBER_FORMATS = {
    "USD": '"$"#,##0',
    "x": '0.0"x"',
    "share": "0.0%",
    "ratio": "0.00",
    "correlation": "0.00",
    "log-sd": "0.00",
    "% per %": "0.00",
    "x the pool": "0.00",
    "per 100 in safety": "0.0",
    "per mentor": "0.0",
    "change": "0%",
    "figure": "[<10]0.#####;[<1000]0.##;#,##0",
    "tolerance": '[<0.0000001]"exact";General',
}
"""The number format of a unit; any other unit is a count of people or a plain number."""


def number_format(unit: str) -> str:
    """The number format for a unit.

    Parameters
    ----------
    unit : str

    Returns
    -------
    str
    """
    return NUMBER_FORMATS.get(unit, COUNTED)


_LINE = {"bottom": 1, "bottom_color": RULE}
_TOP = {"valign": "top"}

_HEADER = {
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": BLUE,
    "valign": "vcenter",
    "text_wrap": True,
}

STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": BLUE},
    "subtitle": {"font_size": 11, "font_color": GREY},
    "heading": {"bold": True, "font_size": 12, "font_color": BLUE},
    "header": _HEADER,
    "header_right": _HEADER | {"align": "right"},
    "header_centre": _HEADER | {"align": "center"},
    "header_unit": _HEADER | {"align": "left", "indent": 1},
    "group": {"bold": True, "bg_color": BAND},
    "plain": _TOP,
    "text": _LINE | _TOP,
    "wrapped": _LINE | _TOP | {"text_wrap": True},
    "quiet": _LINE | _TOP | {"font_color": GREY},
    "quiet_value": {"font_color": GREY},
    "name": _LINE | _TOP | {"font_color": GREY, "font_name": "Courier New", "font_size": 9},
    "answer": _LINE | _TOP | {"text_wrap": True, "font_size": 11},
    "question": _LINE | _TOP | {"text_wrap": True, "bold": True, "font_size": 11},
    "unit": _LINE | _TOP | {"align": "left", "indent": 1},
    "value": _LINE | _TOP | {"align": "right"},
    "strong": _LINE | _TOP | {"align": "right", "bold": True},
    "status": _LINE | _TOP | {"align": "center"},
    "input": {
        "locked": False,
        "border": 1,
        "border_color": INPUT_BORDER,
        "bg_color": INPUT_FILL,
        "align": "right",
        "valign": "top",
    },
    "input_text": {
        "locked": False,
        "border": 1,
        "border_color": INPUT_BORDER,
        "bg_color": INPUT_FILL,
        "valign": "top",
        "text_wrap": True,
    },
}
