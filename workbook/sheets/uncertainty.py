"""The Uncertainty sheet: how sure the answers are."""

from __future__ import annotations

from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import EDGES, HEADLINES, OUTCOMES, SURFACE_ERRORS, SURFACES, Headline
from workbook.sheets.layout import Cell, Chart, ChartRow, Sheet, Table
from workbook.sheets.parts import (
    FIGURE,
    Row,
    block,
    block_cells,
    block_name,
    cell,
    entry,
    figures_table,
    notes,
    opening,
    or_word,
    row,
    said,
    series,
    setting,
    spoken,
    under_each,
    unit_text,
    working,
)
from workbook.sheets.styles import BLUE, VERMILLION

REFERENCES, CENTRALS, UNITS = "outcome_references", "outcome_centrals", "outcome_units"
"""The defined names of columns of the outcomes."""

HEADER = (
    "Answer",
    "Name",
    "Threshold",
    "Unit",
    "Central",
    "5%",
    "25%",
    "Median",
    "75%",
    "95%",
    "Mean",
    "Chance of threshold or more",
    "Error of 5%",
    "Error of median",
    "Error of 95%",
    "Note",
    "90% range",
)

WIDTH = len(HEADER)

SETTINGS = (
    (
        "simulation_draws",
        "Draws of the assumptions",
        "draws",
        "Rounded up to 16 times a power of two; four times as many are about four times as exact.",
    ),
    (
        "simulation_seed",
        "Seed of the random numbers",
        "number",
        "Equal seeds give equal numbers; another one shows how much is chance.",
    ),
)
"""Defined name, label, unit, how to read it."""

HOW_TO_READ = (
    "Each draw takes a value for every assumption from its distribution, and computes every answer "
    "from the same values. In 90% of the draws an answer lies between its 5% and its 95%.",
    "Central is the answer at the central values. It need not be the median: several assumptions "
    "are far from the middle of their range.",
    "Errors are standard errors of the simulation: how far another seed would move a percentile. "
    "They say nothing of whether the ranges themselves are right.",
)

SPREAD = "How the draws spread: columns for the share of draws, a line for the share at or below"
CHART_COLUMNS = (0, 2, 7, 13)
"""Where the charts of a row begin."""


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    curves = [_chart(graph, each) for each in HEADLINES]
    points = block_cells(graph, "outcome_curves", "quiet_value", unit="")
    names = [name for headline in HEADLINES for name in _curves_of(headline)]
    return Sheet(
        name="Uncertainty",
        widths=(48, 34, 12, 21, *[12] * 11, 42, 30),
        workings=(
            *spoken([f"{headline.name}_within" for headline in HEADLINES]),
            working(graph, "simulation"),
            working(graph, "surface_error"),
            working(graph, "outcome_curves", under_each(names, points)),
        ),
        blocks=(
            opening("Uncertainty", "How sure are the answers, if the ranges are as assumed?"),
            figures_table(
                "How it is computed", "Setting", (setting(graph, *each) for each in SETTINGS), WIDTH
            ),
            Table(
                heading="How sure each answer is (edit the thresholds here)",
                header=HEADER,
                rows=_answers(graph),
                columns={REFERENCES: 1, UNITS: 3, CENTRALS: 4},
            ),
            _surfaces(),
            notes(HOW_TO_READ),
            Table(heading=SPREAD, starts_page=True),
            *(
                ChartRow(
                    charts=tuple(curves[first : first + len(CHART_COLUMNS)]),
                    columns=CHART_COLUMNS[: len(curves) - first],
                )
                for first in range(0, len(curves), len(CHART_COLUMNS))
            ),
        ),
    )


SURFACED = (
    (
        "One more place: marginal over central scholar",
        "The mentors' drafts are not run anew for each draw: a surrogate fitted to 64 drafts gives "
        "these ratios.",
    ),
    (
        "One more mentor: marginal over central scholar",
        "The surrogate's error at a typical draw (root mean square); it adds to the errors of "
        "the cost multiples of one more place and mentor.",
    ),
)


def _surfaces() -> Table:
    """By how much what enters through a surface errs: said here, for it is in no other error."""
    mean = 6
    names = block(SURFACES, [(cell(reference, "", "name"),) for reference in SURFACE_ERRORS])
    rows = []
    for place, (name, (label, reading)) in enumerate(zip(names, SURFACED, strict=True), start=1):
        shown = or_word(block_name("surface_error"), place, mean)
        error = cell(shown, "error", "strong", f"surface_error_{place}")
        rows.append(row(FIGURE, label, *name, error, "ratio", reading))
    heading = "What a simulation within the simulation adds"
    return figures_table(heading, "Ratio", rows, WIDTH, value="Error")


def _answers(graph: Graph) -> tuple[Row, ...]:
    """A row for each answer: its threshold, the simulated values, and its range in words."""
    asked = block(OUTCOMES, [_asked(graph, each) for each in HEADLINES])
    values = block("simulation", [_values(graph, *each) for each in enumerate(HEADLINES, start=1)])
    return tuple(
        (
            Cell(content=each.label),
            *typed,
            Cell(content=unit_text(each.unit(graph)), style="unit"),
            cell(f"={each.name}", each.unit(graph), "strong"),
            *simulated,
            said(graph, f"{each.name}_within", "strong"),
        )
        for each, typed, simulated in zip(HEADLINES, asked, values, strict=True)
    )


def _asked(graph: Graph, headline: Headline) -> Row:
    name, unit = f"{headline.name}_threshold", headline.unit(graph)
    threshold = entry(name, FINITE, headline.threshold, unit, optional=True)
    return cell(headline.reference, "", "name"), threshold


def _values(graph: Graph, place: int, headline: Headline) -> Row:
    """The simulated values of an answer, and a note; the ends of the 90% range have names."""
    unit = headline.unit(graph)
    error = unit if unit == "USD" else "error" if unit in ("x", "ratio") else "fitted"
    looks = (*[(unit, "value")] * 6, ("share", "value"), *[(error, "value")] * 3, ("", "unit"))
    ends = {1: (f"{headline.name}_spread_low",), 5: (f"{headline.name}_spread_high",)}
    return tuple(
        cell(or_word(block_name("simulation"), place, column), *look, *ends.get(column, ()))
        for column, look in enumerate(looks, start=1)
    )


def _curves_of(headline: Headline) -> list[str]:
    return [f"{headline.name}_{part}" for part in ("edges", "shares", "cumulative")]


FORMATS = {
    "x": '0.0"x"',
    "USD": '"$"#,##0',
    "ratio": "0.00",
    "share": "0%",
    "safety researchers": "#,##0",
    "years": "0.0",
    "Iterators": "0.0",
}
"""How the axis of an answer is written, by its unit."""


def _chart(graph: Graph, headline: Headline) -> Chart:
    unit = headline.unit(graph)
    edges, shares, cumulative = _curves_of(headline)
    return Chart(
        kind="histogram",
        title=headline.label,
        description=f"{headline.label}: columns with the share of draws in each of {EDGES - 1} "
        "equal steps, and a rising line with the share of draws at or below each.",
        x_title=f"{headline.label} ({unit_text(unit)})",
        y_title="Share of draws",
        x_format=FORMATS[unit],
        y_format="0%",
        width=468,
        height=280,
        series=series(
            edges,
            ("In each step", shares, BLUE),
            ("At or below (right axis)", cumulative, VERMILLION, "none"),
        ),
    )
