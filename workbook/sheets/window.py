"""The Window sheet: how long local alignment stays ahead of what is deployed."""

from __future__ import annotations

from pycore.graph import Graph
from pycore.model.tables import LAST_YEAR
from workbook.sheets.cost import WIDTHS
from workbook.sheets.layout import Chart, Sheet, Table
from workbook.sheets.parts import (
    Row,
    block_name,
    cell,
    indexed,
    inputs_table,
    notes,
    opening,
    results_table,
    row,
    series,
    workings,
)
from workbook.sheets.styles import BLUE, GREY, ORANGE, READ

INPUTS = (
    "deployed_impact",
    "robust_impact",
    "impact_growth",
    "robustness_growth",
    "verification_sd",
    "verification_sd_growth",
    "window_years",
    "window_confidence",
)

LAST = "window_last_year"

HOW_TO_READ = (
    "The load is the impact of what is deployed over the impact that alignment is robust to. "
    "Inside the window it is at most 1; at 1.1 it is outside from the start.",
    "The chances count the error in measuring the load, from year to year on its own. Without an "
    "error they are 0% or 100%. The chance so far is that of having been inside in every year.",
)


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared results."""
    return Sheet(
        name="Window",
        tab_colour=READ,
        widths=WIDTHS,
        workings=workings(graph, ("window_path",)),
        one_page=True,
        blocks=(
            opening(
                "Validity window",
                "How long does alignment that holds only locally stay ahead of what is deployed?",
            ),
            results_table(graph, "The answer", ("exit_year", "staying_chance", "safe_load")),
            _chart(),
            _path(),
            notes(HOW_TO_READ),
            Table(rows=((),)),
            inputs_table(graph, INPUTS),
        ),
    )


def _path() -> Table:
    return Table(
        heading="The path by year",
        header=(
            "Years from now",
            "Load",
            "Limit of the load",
            "Chance inside",
            "Chance so far",
            "Inside by the load?",
        ),
        rows=tuple(map(_year, range(LAST_YEAR + 1))),
        columns={"window_year": 0, "window_load": 1, "window_limit": 2, "window_stayed": 4},
    )


def _year(year: int) -> Row:
    path = block_name("window_path")
    load, inside, chance, stayed = (indexed(path, year + 1, place) for place in (1, 2, 3, 4))
    return row(
        "value strong value value strong wrapped",
        cell(float(year), "year", "value", *([LAST] if year == LAST_YEAR else [])),
        cell(load, "ratio", "strong"),
        cell(1.0, "ratio"),
        cell(chance, "share"),
        cell(stayed, "share", "strong"),
        f'=IF({inside.removeprefix("=")}=1,"inside","outside")',
    )


def _chart() -> Chart:
    return Chart(
        kind="line",
        title="The load against its limit, and the chance of having stayed inside",
        description="Two lines by year: the load, and the chance of having stayed inside the "
        "window so far; and a level line at the limit of 1.",
        x_title="Years from now",
        y_title="Load (ratio); chance (share)",
        y_format="0.0",
        x_highest=LAST_YEAR,
        width=1165,
        height=320,
        series=series(
            "window_year",
            ("Load", "window_load", BLUE),
            ("Limit of the load", "window_limit", GREY, "none", "dash"),
            ("Chance of having stayed inside", "window_stayed", ORANGE, "diamond"),
        ),
    )
