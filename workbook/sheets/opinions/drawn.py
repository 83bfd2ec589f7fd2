"""Who says what of one assumption, by native formulas: what the chart of the Opinions sheet draws.

The opinions on the assumption that is chosen are found one after the other. Rows that find none
repeat the first point, without a name, so that nothing else is drawn for them.
"""

from __future__ import annotations

from pycore.model.tables import MOST_PEOPLE, OPINIONS, range_column
from workbook.sheets.layout import ROW_ABOVE, THIS_ROW, Chart, Working
from workbook.sheets.parts import Row, block, cell, corner, row
from workbook.sheets.workings import IDS, LABELS, looked_up, resolved

ASKED = "opinion_asked"
"""The name of the cell in which an assumption is chosen."""

ASKED_ID, ASKED_LABEL, ASKED_PLACE = f"{ASKED}_id", f"{ASKED}_label", f"{ASKED}_place"
"""The assumption by its id and by what it is called, and its row in the pooled block."""

ENTERED = "opinions_entered"
"""How many cells of the opinions hold something."""

DRAWN, POOLED = "opinion_drawn", "pooled_opinions"
"""The points of the chart, and the cells that hold what is pooled."""

ASSUMED = ("low", "central", "high")
POOLS = (("Weighted mean", (3, 4, 5)), ("All together", (6, 7, 8)))
"""The two pools, and in which columns of the pooled block their low, central and high stand."""

NO_NAME = " "
"""Stands for no name: a chart would make one up for a blank."""

ROOM = f"ROWS({OPINIONS})"
NUMBER, FOUND, LOW, HIGH, X = "ABCDF"
"""The columns of the points; name, height and how far each reaches stand in the others."""

LOWS, HIGHS = "opinion_lows", "opinion_highs"
ENDS = (f"MIN({LOWS})", f"MAX({HIGHS})+(MAX({HIGHS})-MIN({LOWS}))/3")
"""How far all intervals reach, with room for the names to their right."""

STYLE = "quiet_value"
STYLES = " ".join([STYLE] * 9)


def workings() -> tuple[Working, ...]:
    """What is asked, what is assumed of it now, and a point for each of those who say something."""
    asked = (
        cell(resolved(ASKED), "", STYLE, ASKED_ID),
        cell(f"={looked_up(ASKED_ID, LABELS)}", "", STYLE, ASKED_LABEL),
        cell(f"=IFERROR(MATCH({ASKED_ID},INDEX({POOLED},0,1),0),0)", "", STYLE, ASKED_PLACE),
        *(cell(f"={_assumed(part)}", "", STYLE, f"{ASKED}_{part}") for part in ASSUMED),
        cell(f"=COUNTA({OPINIONS})", "", STYLE, ENTERED),
    )
    people = range(1, MOST_PEOPLE + 1)
    first, *others = (
        _point(1, None, '"As assumed now"', [f"{ASKED}_{part}" for part in ASSUMED], "1"),
        *(_pool(number, *pool) for number, pool in enumerate(POOLS, start=2)),
        *(_person(number + len(POOLS) + 1, number) for number in people),
    )
    named = (corner(name, first[at], len(others) + 1) for name, at in ((LOWS, 2), (HIGHS, 3)))
    points = ((*first[:2], *named, *first[4:]), *others)
    reach = tuple(_reach(len(points) + at, end) for at, end in enumerate(ENDS, start=1))
    return Working(cells=asked), Working(rows=block(DRAWN, (*points, *reach)))


def _assumed(part: str) -> str:
    """An end of the range that the workbook assumes now, or 0 where nothing is chosen."""
    return f"IFERROR(INDEX({range_column(part)},MATCH({ASKED_ID},{IDS},0)),0)"


def _pool(number: int, name: str, columns: tuple[int, ...]) -> Row:
    """One of the pools, where there is one."""
    shown = [f"INDEX({POOLED},MAX(1,{ASKED_PLACE}),{column})" for column in columns]
    is_found = f"AND({ASKED_PLACE}>0,ISNUMBER({shown[1]}))"
    return _point(number, None, f'"{name}"', shown, is_found)


def _person(number: int, nth: int) -> Row:
    """What one person says: the next opinion on the assumption after the last that was found."""
    before = "0" if nth == 1 else f"{FOUND}{ROW_ABOVE}"
    rest = f"INDEX({OPINIONS},{before}+1,1):INDEX({OPINIONS},{ROOM},1)"
    tries = (f"IFERROR(MATCH({word},{rest},0),{ROOM}+1)" for word in (ASKED_LABEL, ASKED_ID))
    place = f"{FOUND}{THIS_ROW}"
    cells = [f"INDEX({OPINIONS},{place},{column})" for column in (3, 4, 5)]
    name = f'INDEX({OPINIONS},{place},2)&""'
    is_found = f"IFERROR(COUNT({','.join(cells)})=3,FALSE)"
    return _point(number, f"={before}+MIN({','.join(tries)})", name, cells, is_found)


def _point(number: int, found: str | None, name: str, ends: list[str], is_found: str) -> Row:
    """A number, where its opinion stands, and its name, place and reach on the chart."""
    low, central, high = ends
    middle = f"{ASKED}_central"
    return row(
        STYLES,
        float(number),
        found if found else 0.0,
        f"=IF({is_found},{low},{middle})",
        f"=IF({is_found},{high},{middle})",
        f'=IF({is_found},{name},"{NO_NAME}")',
        f"=IF({is_found},{central},{middle})",
        f"=IF({is_found},-{NUMBER}{THIS_ROW},-1)",
        f"=MAX({X}{THIS_ROW}-{LOW}{THIS_ROW},0)",
        f"=MAX({HIGH}{THIS_ROW}-{X}{THIS_ROW},0)",
    )


def _reach(number: int, end: str) -> Row:
    """How far the intervals reach on one side, at the height of the first point."""
    no_name = f'="{NO_NAME}"'  # not every program keeps a blank that is typed
    return row(STYLES, float(number), 0.0, 0.0, 0.0, no_name, f"={end}", -1.0, 0.0, 0.0)


def chart() -> Chart:
    """A dot and an interval for each, the first on top."""
    return Chart(
        kind="dots",
        title="Who says what: low, central and high",
        description="A dot at the central value and a line from low to high for what is assumed, "
        "for both pools, and for each person, below each other.",
        x_title="In the unit of the assumption",
        y_title="Pools, then people",
        width=690,
        height=600,
        dots=DRAWN,
        series=(),
    )
