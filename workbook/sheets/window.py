"""The Window sheet: how long local alignment stays ahead of what is deployed."""

from __future__ import annotations

from pycore.graph import Graph
from pycore.model.tables import LAST_YEAR
from workbook.sheets.cost import WIDTHS
from workbook.sheets.layout import THIS_ROW, Chart, Sheet, Table, Working
from workbook.sheets.parts import (
    Row,
    block_name,
    cell,
    column_working,
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

LAST, STEPS, NOW = "window_last_year", "window_steps", "window_now"
"""The cells that hold the last year computed, the steps of the path, and its first year."""

STEPS_SHOWN = 10
"""In how many steps the path goes to the horizon; to ten years where that is shorter."""

YEAR = f"ROUND(MIN(MAX(window_years,{STEPS}),{LAST})*(ROW()-ROW({NOW}))/{STEPS},0)"
"""The year of a row: the path follows the horizon, as the answers do."""

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
        workings=(*workings(graph, ("window_path",)), *_steps()),
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


def _steps() -> tuple[Working, ...]:
    """How far the path is computed, and in how many steps it is shown."""
    held = ((LAST, LAST_YEAR), (STEPS, STEPS_SHOWN))
    return tuple(
        column_working(name, [cell(float(years), style="quiet_value")]) for name, years in held
    )


def _path() -> Table:
    return Table(
        heading=f"The path over the years that alignment has to hold, {STEPS_SHOWN} at least",
        header=(
            "Years from now",
            "Load",
            "Limit of the load",
            "Chance inside",
            "Chance so far",
            "Inside by the load?",
        ),
        rows=tuple(map(_year, range(STEPS_SHOWN + 1))),
        columns={"window_year": 0, "window_load": 1, "window_limit": 2, "window_stayed": 4},
    )


def _year(step: int) -> Row:
    path, place = block_name("window_path"), f"A{THIS_ROW}+1" if step else "1"
    load, inside, chance, stayed = (f"=INDEX({path},{place},{each})" for each in (1, 2, 3, 4))
    # LibreOffice computes a formula anew whose stored value is 0, and all that depends on it.
    year = cell(f"={YEAR}", "year") if step else cell(0.0, "year", "value", NOW)
    return row(
        "value strong value value strong wrapped",
        year,
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
        width=1165,
        height=320,
        series=series(
            "window_year",
            ("Load", "window_load", BLUE),
            ("Limit of the load", "window_limit", GREY, "none", "dash"),
            ("Chance of having stayed inside", "window_stayed", ORANGE, "diamond"),
        ),
    )
