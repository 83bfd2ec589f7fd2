"""The Uncertainty sheet: how sure the answers are."""

from __future__ import annotations

from pycore import cost
from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import EDGES, HEADLINES, OUTCOMES, SURFACE_ERRORS, SURFACES, Headline
from workbook.formulas import call
from workbook.sheets.layout import Cell, Chart, ChartRow, Series, Sheet, Table
from workbook.sheets.parts import (
    block_columns,
    block_name,
    indexed,
    opening,
    or_word,
    setting,
    unit_text,
    working,
)
from workbook.sheets.styles import BLUE, VERMILLION

NONE = "-"
"""Stands where there is nothing to show."""

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
    "90% range, said aloud",
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
    """The sheet.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    Sheet
    """
    curves = [_chart(graph, number, each) for number, each in enumerate(HEADLINES, start=1)]
    return Sheet(
        name="Uncertainty",
        widths=(48, 34, 12, 21, *[12] * 11, 42, 30),
        workings=(
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
        "The mentors' drafts are not run anew for each draw: a surface fitted to 64 drafts gives "
        "these ratios.",
    ),
    (
        "One more mentor: marginal over central scholar",
        "So far the surface is off, at a typical draw (root mean square); it adds to the errors of "
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
                    formula=f"={or_word(indexed(block, row, mean), NONE)}",
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
            formula=f"={or_word(indexed(block, row, column), NONE)}",
            style="value" if column < len(units) else "unit",
            unit=shown,
            names=(result.id,) if opens and column == 1 else (),
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
        _aloud(headline, unit, *(f"INDEX({block},{row},{place})" for place in (1, 5))),
    )


def _aloud(headline: Headline, unit: str, low: str, high: str) -> Cell:
    """A 90% range as one would say it: no finer than such ranges are known."""
    name = f"{headline.name}_within"
    if unit == "x":
        return Cell(
            formula=call(cost.quote, (low, high)), style="strong", names=(name,), calls=True
        )
    if unit == "ratio" and headline.reference.startswith("ratio_shift"):
        said = f'FIXED({low},0)&":1 to "&FIXED({high},0)&":1"'
    elif unit in ("ratio", "share"):
        said = f'FIXED(100*{low},0)&"% to "&FIXED(100*{high},0)&"%"'
    else:
        sign = '"$"&' if unit == "USD" else ""
        after = f'&IF(ISNUMBER({high})," {unit}","")' if unit == "years" else ""
        said = f'{_two_digits(low, sign)}&" to "&{_two_digits(high, sign)}{after}'
    said = f'IF({is_certain(headline.reference)},"{NONE}",{said})'
    return Cell(formula=f"={said}", style="strong", names=(name,))


def is_certain(reference: str) -> str:
    """A condition, for a formula: that no assumption leaves an answer uncertain.

    Parameters
    ----------
    reference : str
        Of a headline.

    Returns
    -------
    str
    """
    row = 1 + [headline.reference for headline in HEADLINES].index(reference)
    low, high = (f"INDEX(simulation,{row},{place})" for place in (1, 5))
    # An end may be a word, such as "never".
    return f"IFERROR(ABS({high}-{low})<=ABS({high})/100^3/100^3,{low}={high})"


def _two_digits(number: str, sign: str) -> str:
    """A number to two digits, as text; a minus stands before the sign of a currency.

    A word stays as it is.
    """
    size = f"ABS({number})"
    rounded = f"FIXED(ROUND({size},1-INT(LOG10(MAX(1,{size})))),0)"
    return f'IF(ISNUMBER({number}),IF({number}<0,"-","")&{sign}{rounded},{number})'


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
