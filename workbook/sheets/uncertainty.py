"""The Uncertainty sheet: how sure the answers are."""

from __future__ import annotations

from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import (
    EDGES,
    HEADLINES,
    NOTHING,
    OUTCOMES,
    SURFACE_ERRORS,
    SURFACES,
    Headline,
)
from workbook.sheets.layout import Cell, Chart, ChartRow, Series, Sheet, Table
from workbook.sheets.parts import (
    block_columns,
    block_name,
    indexed,
    opening,
    or_word,
    said,
    setting,
    spoken,
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

REST = [""] * (len(HEADER) - 5)
"""Headers over the columns into which the last text of a row runs."""

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
    curves = [_chart(graph, number, each) for number, each in enumerate(HEADLINES, start=1)]
    return Sheet(
        name="Uncertainty",
        widths=(48, 34, 12, 21, *[12] * 11, 42, 30),
        workings=(
            *spoken([f"{headline.name}_within" for headline in HEADLINES]),
            working(graph, "simulation"),
            working(graph, "surface_error"),
            working(graph, "outcome_curves", block_columns(graph, "outcome_curves", _columns())),
        ),
        blocks=(
            opening("Uncertainty", "How sure are the answers, if the ranges are as assumed?"),
            Table(
                heading="How it is computed",
                header=("Setting", "Name", "Value", "Unit", "How to read it", *REST),
                rows=(
                    setting(
                        graph,
                        "simulation_draws",
                        "Draws of the assumptions",
                        "draws",
                        "Rounded up to 16 times a power of two; four times as many are about four "
                        "times as exact.",
                    ),
                    setting(
                        graph,
                        "simulation_seed",
                        "Seed of the random numbers",
                        "number",
                        "Equal seeds give equal numbers; another one shows how much is chance.",
                    ),
                ),
            ),
            Table(
                heading="How sure each answer is (edit the thresholds here)",
                header=HEADER,
                rows=tuple(_row(graph, row, each) for row, each in enumerate(HEADLINES, start=1)),
                columns={REFERENCES: 1, UNITS: 3, CENTRALS: 4},
            ),
            _surfaces(),
            Table(
                heading="How to read it",
                rows=tuple((Cell(content=line, style="plain"),) for line in HOW_TO_READ),
            ),
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
    block = block_name("surface_error")
    mean = 6
    return Table(
        heading="What a simulation within the simulation adds",
        header=("Ratio", "Name", "Error", "Unit", "How to read it", *REST),
        rows=tuple(
            (
                Cell(content=label),
                Cell(
                    content=reference,
                    style="name",
                    names=(SURFACES,) if row == 1 else (),
                    block=(len(SURFACE_ERRORS), 1) if row == 1 else (1, 1),
                ),
                Cell(
                    formula=f"={or_word(indexed(block, row, mean), NOTHING)}",
                    style="strong",
                    unit="error",
                    names=(f"surface_error_{row}",),
                ),
                Cell(content="ratio", style="unit"),
                Cell(content=reading, style="plain"),
            )
            for row, (reference, (label, reading)) in enumerate(
                zip(SURFACE_ERRORS, SURFACED, strict=True), start=1
            )
        ),
    )


def _row(graph: Graph, row: int, headline: Headline) -> tuple[Cell, ...]:
    result, unit = graph["simulation"], headline.unit(graph)
    block = block_name(result.id)
    opens = row == 1
    error = unit if unit == "USD" else "error" if unit in ("x", "ratio") else "fitted"
    units = (*[unit] * 6, "share", *[error] * 3, "")
    values = [
        Cell(
            formula=f"={or_word(indexed(block, row, column), NOTHING)}",
            style="value" if column < len(units) else "unit",
            unit=shown,
            names=(*((result.id,) if opens and column == 1 else ()), *_end(headline, column)),
            block=graph.size(result) if opens and column == 1 else (1, 1),
        )
        for column, shown in enumerate(units, start=1)
    ]
    return (
        Cell(content=headline.label),
        Cell(
            content=headline.reference,
            style="name",
            names=(OUTCOMES,) if opens else (),
            block=(len(HEADLINES), 2) if opens else (1, 1),
        ),
        Cell(
            content=headline.threshold,
            style="input",
            unit=unit,
            names=(f"{headline.name}_threshold",),
            allowed=FINITE,
            optional=True,
        ),
        Cell(content=unit_text(unit), style="unit"),
        Cell(formula=f"={headline.name}", style="strong", unit=unit),
        *values,
        said(graph, f"{headline.name}_within", "strong"),
    )


def _end(headline: Headline, column: int) -> tuple[str, ...]:
    """The name of an end of the 90% range, for the cell that holds it."""
    end = {1: "low", 5: "high"}.get(column)
    return (f"{headline.name}_spread_{end}",) if end else ()


def _columns() -> tuple[str, ...]:
    return tuple(
        f"{headline.name}_{part}"
        for headline in HEADLINES
        for part in ("edges", "shares", "cumulative")
    )


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


def _chart(graph: Graph, number: int, headline: Headline) -> Chart:
    unit = headline.unit(graph)
    edges, shares, cumulative = _columns()[3 * number - 3 : 3 * number]
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
        series=(
            Series(label="In each step", points=edges, values=shares, colour=BLUE),
            Series(
                label="At or below (right axis)",
                points=edges,
                values=cumulative,
                colour=VERMILLION,
                marker="none",
            ),
        ),
    )
