"""The Uncertainty sheet: how sure the answers are."""

from __future__ import annotations

from dataclasses import replace

from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import (
    COMPARED,
    EDGES,
    HEADLINES,
    NOTHING,
    OUTCOMES,
    SURFACE_ERRORS,
    SURFACES,
    Headline,
)
from workbook.sheets.correlations import GO_TOGETHER, tables, taken
from workbook.sheets.layout import Cell, Chart, ChartRow, Sheet, Table, Working
from workbook.sheets.parts import (
    FIGURE,
    TRACED,
    Row,
    block,
    block_cells,
    block_name,
    cell,
    entry,
    figures_table,
    linked,
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
from workbook.sheets.styles import BLUE, CHECK, VERMILLION

CENTRALS, UNITS, ANSWER_LABELS = "outcome_centrals", "outcome_units", "outcome_labels"
"""The defined names of columns of the outcomes."""

HEADER = (
    "Answer",
    "Unit",
    "Central",
    "5%",
    "Median",
    "95%",
    "Mean",
    "90% range",
    "Threshold",
    "Chance of threshold or more",
    "Note",
)
EXACT = ("Answer", "Unit", "25%", "75%", "Error of 5%", "Error of median", "Error of 95%")
SIMULATED = (
    *("5%", "25%", "Median", "75%", "95%", "Mean", "Chance of threshold or more"),
    *("Error of 5%", "Error of median", "Error of 95%", "Note"),
)
"""What the simulation gives for each answer."""

WIDTHS = (38, 18, 10, 10, 10, 10, 10, 18, 11, 10, 17)
WIDTH = len(WIDTHS)

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
CHART_COLUMNS = (0, 2, 7)
"""Where the charts of a row begin."""


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    curves = [distribution_chart(graph, each) for each in HEADLINES]
    points = block_cells(graph, "outcome_curves", "quiet_value", unit="")
    names = [name for headline in HEADLINES for name in _curves_of(headline)]
    title = opening("Uncertainty", "How sure are the answers, if the ranges are as assumed?")
    leads = (*title.rows[2], None, linked("Correlations", f"@{GO_TOGETHER}"))
    return Sheet(
        name="Uncertainty",
        tab_colour=CHECK,
        widths=WIDTHS,
        workings=(
            *spoken([f"{headline.name}_within" for headline in HEADLINES]),
            working(graph, "simulation", _simulated(graph)),
            *_asked(),
            working(graph, "surface_error"),
            working(graph, "outcome_curves", under_each(names, points)),
            taken(),
        ),
        blocks=(
            replace(title, rows=(*title.rows[:2], leads)),
            Table(
                heading="How sure each answer is (edit the thresholds here)",
                header=HEADER,
                rows=tuple(_answer(graph, *each) for each in enumerate(HEADLINES, start=1)),
                columns={ANSWER_LABELS: 0, UNITS: 1, CENTRALS: 2},
                hides={HEADER.index("Note"): NOTHING},
            ),
            notes(HOW_TO_READ),
            Table(heading=SPREAD),
            *(
                ChartRow(
                    charts=tuple(curves[first : first + len(CHART_COLUMNS)]),
                    columns=CHART_COLUMNS[: len(curves) - first],
                )
                for first in range(0, len(curves), len(CHART_COLUMNS))
            ),
            figures_table(
                "How it is computed", "Setting", (setting(graph, *each) for each in SETTINGS), WIDTH
            ),
            Table(
                heading="More percentiles, and the standard errors of the simulation",
                header=EXACT,
                rows=tuple(_exactness(graph, *each) for each in enumerate(HEADLINES, start=1)),
            ),
            _surfaces(),
            *tables(graph),
        ),
    )


SURFACED = (
    (
        "One more place: marginal over central scholar",
        "The mentors' drafts are not run anew for each draw: a surrogate fitted to 64 gives these.",
    ),
    (
        "One more mentor: marginal over central scholar",
        "The surrogate's error at a typical draw; it adds to the errors of these cost multiples.",
    ),
)


def _surfaces() -> Table:
    """By how much what enters through a surface errs: said here, for it is in no other error."""
    mean = 6
    rows = []
    for place, (label, reading) in enumerate(SURFACED, start=1):
        shown = or_word(block_name("surface_error"), place, mean)
        error = cell(shown, "error", "strong", f"surface_error_{place}")
        rows.append(row(FIGURE, label, error, "ratio", reading))
    heading = "What a simulation within the simulation adds"
    return figures_table(heading, "Ratio", rows, WIDTH, value="Error")


def _asked() -> tuple[Working, ...]:
    """What is simulated, as the functions take it: the answers with their thresholds."""
    rows = []
    for each in HEADLINES:
        blank = f"ISBLANK({_threshold(each)})"
        typed = f'=IF({blank},"",{_threshold(each)})'
        rows.append(row("name quiet_value", each.reference, typed))
    references = [(cell(each.reference, "", "name"),) for each in HEADLINES]
    surfaces = [(cell(reference, "", "name"),) for reference in SURFACE_ERRORS]
    tables = ((OUTCOMES, rows), (COMPARED, references), (SURFACES, surfaces))
    return tuple(Working(rows=block(*each)) for each in tables)


def _threshold(headline: Headline) -> str:
    return f"{headline.name}_threshold"


def _answer(graph: Graph, place: int, headline: Headline) -> Row:
    """A row for each answer: its simulated values, its threshold, and its range in words."""
    unit, result = headline.unit(graph), graph[headline.reference.partition(".")[0]]
    threshold = entry(_threshold(headline), FINITE, headline.threshold, unit, optional=True)
    asked = f"{headline.label}: the value that its chance is asked of."
    return (
        linked(headline.label, f"@{TRACED}{result.id}", "link_label"),
        cell(unit_text(unit), "", "wrapped"),
        cell(f"={headline.name}", unit, "strong"),
        *(_value(unit, place, each) for each in ("5%", "Median", "95%", "Mean")),
        said(graph, f"{headline.name}_within", "value"),
        replace(threshold, prompt=asked),
        _value(unit, place, "Chance of threshold or more"),
        replace(_value(unit, place, "Note"), lines=2 if result.limits else 1),
    )


def _exactness(graph: Graph, place: int, headline: Headline) -> Row:
    """The other percentiles of an answer, and the standard errors."""
    unit = headline.unit(graph)
    values = (_value(unit, place, each) for each in EXACT[2:])
    return (cell(headline.label, "", "label"), cell(unit_text(unit), "", "wrapped"), *values)


def _value(unit: str, place: int, what: str, style: str = "") -> Cell:
    """One of the simulated values of an answer."""
    look = {"Chance of threshold or more": "share", "Note": ""}.get(what, unit)
    if what.startswith("Error"):
        look = unit if unit == "USD" else "error" if unit in ("x", "ratio") else "fitted"
    shown = or_word(block_name("simulation"), place, SIMULATED.index(what) + 1)
    return cell(shown, look, style or ("wrapped" if what == "Note" else "value"))


def _simulated(graph: Graph) -> tuple[Row, ...]:
    """All of them, as tools read them; the ends of the 90% range have names."""
    rows = []
    for place, headline in enumerate(HEADLINES, start=1):
        unit = headline.unit(graph)
        cells = {each: _value(unit, place, each, "quiet_value") for each in SIMULATED}
        for end, part in (("5%", "low"), ("95%", "high")):
            cells[end] = replace(cells[end], names=(f"{headline.name}_spread_{part}",))
        rows.append(tuple(cells.values()))
    return block("simulation", rows)


def _curves_of(headline: Headline) -> list[str]:
    return [f"{headline.name}_{part}" for part in ("edges", "shares", "cumulative")]


FORMATS = {
    "x": '0.0"x"',
    "USD": '"$"#,##0,"k"',
    "ratio": "0.00",
    "share": "0%",
    "safety researchers": "#,##0",
    "years": "0.0",
    "Iterators": "0.0",
}
"""How the axis of an answer is written, by its unit."""


def distribution_chart(graph: Graph, headline: Headline) -> Chart:
    """The chart of how the draws of an answer spread."""
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
        width=366,
        height=260,
        series=series(
            edges,
            ("In each step", shares, BLUE),
            ("At or below (right axis)", cumulative, VERMILLION, "none"),
        ),
    )
