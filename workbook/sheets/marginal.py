"""The Marginal sheet: is the marginal scholar worth what the central one is."""

from __future__ import annotations

from collections.abc import Sequence

from pycore.draft.mentors import WORTH_LESS
from pycore.graph import Graph
from pycore.model.sentences import FEWEST_DRAFTS
from pycore.nodes import Grid, Result
from workbook.sheets.layout import Cell, Chart, Heat, Series, Sheet, Table
from workbook.sheets.parts import (
    block_name,
    curve_table,
    indexed,
    inputs_table,
    opening,
    result_cells,
    results_table,
    said,
    spoken,
    unit_text,
    workings,
)
from workbook.sheets.styles import BLUE, GREEN, MARK, ORANGE, VERMILLION

WIDTHS = (46, 16, 16, 16, 16, 16, 64)
"""Label, the five columns of a map, and a wide last column."""

ALTERNATIVES = ("place", "mentor")
"""What one more may be; the results of each begin with its word."""

COLUMNS_SAID = ("bar", *ALTERNATIVES)
SAID = (
    *(f"{which}_within" for which in ALTERNATIVES),
    *(f"{which}_{part}" for part in ("says", "sentence") for which in COLUMNS_SAID),
)
"""The sentences that the sheet says."""

NO_CHANCE = "-"
"""Stands where one common bar has no figure, because nothing in it is drawn at random."""


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared results."""
    return Sheet(
        name="Marginal",
        widths=WIDTHS,
        workings=spoken(SAID)
        + workings(
            graph,
            (
                "adjusted_multiple_range",
                "marginal_ratio_curve",
                *COPIED,
                "place_map",
                "mentor_map",
                "bar_curve",
                "growth_admitted",
                "growth_density",
            ),
            copied=COPIED,
        ),
        blocks=(
            opening(
                "Marginal scholar",
                "Is the last scholar admitted worth what the central one is, in one line, or where "
                "mentors choose for themselves?",
            ),
            inputs_table(graph, INPUTS, len(WIDTHS)),
            _answers(graph),
            _sentences(graph),
            _overlap(),
            *_maps(graph),
            _draft_curves(graph),
            *_one_bar(graph),
            results_table(graph, "If the cohort grows", GROWTH, len(WIDTHS), starts_page=True),
            _growth(graph),
            _growth_chart(graph),
        ),
    )


COPIED = (
    "mentor_margin",
    "place_quote_range",
    "mentor_quote_range",
    "mentor_curve",
    "growth_applicants",
)
"""Results of which the printed tables show a part."""

INPUTS = (
    "applicants",
    "admitted",
    "mentors",
    "places",
    "shared_criteria",
    "selection_validity",
    "impact_orders",
    "impact_coverage",
    "marginal_threshold",
    "top_share",
    "replicates",
    "seed",
    "cohort_growth",
    "pool_elasticity",
)


# The answers beside each other


def _answers(graph: Graph) -> Table:
    """One common bar, one more place and one more mentor, a column each."""
    return Table(
        heading="The answer: one common bar, and two alternatives where mentors choose",
        header=(
            "One more scholar",
            "One common bar",
            "One more place",
            "One more mentor",
            "Unit",
            "How to read it",
            "",
        ),
        rows=(
            _compared(
                "Marginal over central scholar",
                "ratio",
                (
                    *result_cells(graph["marginal_ratio"]),
                    *_figures("mentor_margin_{}_ratio", "ratio", "strong"),
                ),
                "Expected impact of the extra scholar over that of the one in the middle.",
            ),
            _compared(
                "Its standard error",
                "ratio",
                (_no_chance(), *_figures("mentor_margin_{}_ratio_error", "error")),
                "How far chance in the simulated drafts may have moved the ratio.",
            ),
            _compared(
                "The ratio within two standard errors",
                "share",
                (
                    _no_chance(),
                    *(said(graph, f"{which}_within", "value") for which in ALTERNATIVES),
                ),
                "Where the ratio lies, as far as these drafts show.",
            ),
            _compared(
                f"Drafts in which it is under {WORTH_LESS:g}",
                "share",
                (_no_chance(), *_figures("mentor_margin_{}_under", "share")),
                "One draft may bring a far better or worse scholar than the mean says.",
            ),
            *(
                _compared(
                    label,
                    graph[bar].unit,
                    tuple(
                        cell
                        for result_id in (bar, *(f"{which}_{same}" for which in ALTERNATIVES))
                        for cell in result_cells(graph[result_id])
                    ),
                    graph[bar].reading,
                )
                for label, bar, same in (
                    ("Value of one more", "marginal_value", "value"),
                    ("Cost multiple of one more", "adjusted_multiple", "multiple"),
                    ("Quote for one more", "adjusted_quote", "quote"),
                )
            ),
            _compared(
                "What it says of the quote",
                "quote",
                (*(said(graph, f"{which}_says", "strong") for which in COLUMNS_SAID),),
                "A quote is never restated upwards. A span where the drafts are too few to decide.",
            ),
        ),
    )


def _compared(
    label: str, unit: str, values: Sequence[Cell], reading: str
) -> tuple[Cell | None, ...]:
    return (
        Cell(content=label),
        *values,
        Cell(content=unit_text(unit), style="unit"),
        Cell(content=reading, style="quiet"),
        Cell(style="quiet"),
    )


def _no_chance() -> Cell:
    return Cell(content=NO_CHANCE, style="value")


def _figures(name: str, unit: str, style: str = "value") -> tuple[Cell, ...]:
    """Cells that repeat a named figure of each alternative."""
    return tuple(
        Cell(formula=f"={name.format(which)}", style=style, unit=unit) for which in ALTERNATIVES
    )


# What they say, in words


def _sentences(graph: Graph) -> Table:
    """A sentence for each column, over the columns beside its label."""
    # No cell beside the sentence may hold anything, so that it can run over them all.
    rest = [Cell()] * (len(WIDTHS) - 2)
    ids = [f"{which}_sentence" for which in COLUMNS_SAID]
    return Table(
        heading="What they say of the quote",
        rows=tuple(
            (Cell(content=graph[each].label), said(graph, each, "text"), *rest) for each in ids
        ),
    )


def _overlap() -> Table:
    """Whether mentors want the same people."""
    return Table(
        heading="Do mentors want the same people, and are the drafts enough?",
        header=("Result", "Value", "Standard error", "Unit", "How to read it", "", ""),
        rows=(
            (
                Cell(content="First choices that another mentor shares"),
                Cell(formula="=mentor_margin_overlap", style="strong", unit="share"),
                Cell(formula="=mentor_margin_overlap_error", style="value", unit="share"),
                Cell(content="share", style="unit"),
                Cell(
                    content="Share of mentors whose first choice is also another mentor's.",
                    style="quiet",
                ),
                Cell(style="quiet"),
                Cell(style="quiet"),
            ),
            (
                Cell(content="Drafts needed to give a quote"),
                Cell(content=FEWEST_DRAFTS, style="value", unit="drafts", names=("fewest_drafts",)),
                Cell(),
                Cell(content="drafts", style="unit"),
                Cell(content="With fewer drafts, noise hides the answer.", style="quiet"),
                Cell(style="quiet"),
                Cell(style="quiet"),
            ),
        ),
    )


def _one_bar(graph: Graph) -> tuple[Table, ...]:
    """What stands behind the common bar, and what follows from it."""
    tables = (
        results_table(graph, heading, ids, len(WIDTHS), starts_page=ids is SPREAD)
        for heading, ids in (
            ("How impact is spread, and who gets in", SPREAD),
            ("The common bar: when it matters", ("validity_at_threshold", "net_value")),
            ("The restated range under the common bar", ("adjusted_multiple_range",)),
        )
    )
    curve = curve_table(
        graph,
        "marginal_ratio_curve",
        ONE_BAR_CHART,
        level="marginal_threshold",
        starts_page=False,
    )
    return (*tables, curve)


SPREAD = (
    "impact_sigma",
    "mean_to_median",
    "top_percent_share",
    "admission_rate",
    "scholars_per_mentor",
)

GROWTH = (
    "skill_density",
    "grown_admitted",
    "grown_applicants",
    "skill_density_grown",
    "breakeven_elasticity",
)


# The maps


HOW_TO_READ_A_MAP = (
    "Each cell: the extra scholar over the central one, were selection as valid as its row says, "
    "and the criteria of mentors as much alike as its column says.",
    f"{MARK} and orange: at or under the threshold. Blue, without {MARK}: above it. "
    "A black line runs between cells on different sides.",
    "White is the threshold, full orange half of it, full blue twice it. Rows and columns "
    "are correlations. Chance in the drafts moves a cell most where validity is high.",
)


def _maps(graph: Graph) -> tuple[Table, ...]:
    """What one would have to believe: a map for each alternative, one below the other."""
    intro = Table(
        heading="What one would have to believe: the ratio, by validity and shared criteria",
        rows=(
            *((Cell(content=line, style="plain"),) for line in HOW_TO_READ_A_MAP),
            (
                Cell(content="The threshold", style="question"),
                Cell(
                    formula="=marginal_threshold",
                    style="strong",
                    unit="ratio",
                    names=("map_threshold",),
                ),
            ),
        ),
        starts_page=True,
    )
    return (intro, *(_map(graph, which) for which in ALTERNATIVES))


def _map(graph: Graph, which: str) -> Table:
    """A map with its two axes; the first map's axes are the grids, the second repeats them."""
    result = graph[f"{which}_map"]
    down, across = graph["map_grid"], graph["criteria_grid"]
    first = which == ALTERNATIVES[0]
    corner = Cell(
        content=graph[f"{which}_word"].value, style="axis_label", names=(f"{which}_word",)
    )
    labels = (
        Cell(content=validity, style="axis_right", unit=down.unit)
        if first
        else Cell(formula=indexed(down.id, row, 1), style="axis_right", unit=down.unit)
        for row, validity in enumerate(down.values, start=1)
    )
    return Table(
        heading=f"One more {which}: validity of selection (down) by criteria that mentors share "
        "(across)",
        axis=(corner, *(_repeated(across, "axis") if not first else _axis(across, "axis"))),
        rows=tuple(
            (label, *_block_row(graph, result, row, "heat"))
            for row, label in enumerate(labels, start=1)
        ),
        columns={down.id: 0} if first else {},
        heat=Heat(block=result.id, middle="map_threshold"),
    )


def _repeated(grid: Grid, style: str) -> tuple[Cell, ...]:
    """The points of a grid that stands across elsewhere on the sheet."""
    return tuple(
        Cell(formula=indexed(grid.id, 1, column), style=style, unit=grid.unit)
        for column in range(1, len(grid.values) + 1)
    )


def _axis(grid: Grid, style: str) -> tuple[Cell, ...]:
    """The points of a grid that lies across; the first carries its name."""
    return tuple(
        Cell(
            content=point,
            style=style,
            unit=grid.unit,
            names=(grid.id,) if place == 0 else (),
            block=(1, len(grid.values)) if place == 0 else (1, 1),
        )
        for place, point in enumerate(grid.values)
    )


def _block_row(graph: Graph, result: Result, row: int, style: str) -> tuple[Cell, ...]:
    """A row of plain cells that show a block; the very first carries the name of all."""
    size = graph.size(result)
    return tuple(
        Cell(
            formula=indexed(block_name(result.id), row, column),
            style=style,
            unit=result.unit,
            names=(result.id,) if row == column == 1 else (),
            block=size if row == column == 1 else (1, 1),
        )
        for column in range(1, size[1] + 1)
    )


# The curves


ONE_BAR_CHART = Chart(
    kind="line",
    title="Marginal over central scholar under one common bar, by validity of selection",
    description="A falling line: the ratio of the marginal to the central scholar "
    "against the validity of selection from 0 to 1, with the threshold "
    "as a dashed level line.",
    x_title="Validity of selection (correlation)",
    y_title="Marginal over central (ratio)",
    x_format="0.0",
    y_format="0.0",
    x_highest=1,
    y_highest=1,
    width=780,
    height=440,
    series=(
        Series(
            label="Marginal over central",
            points="validity_grid",
            values="marginal_ratio_curve",
            colour=BLUE,
        ),
        Series(
            label="The threshold",
            points="validity_grid",
            values="marginal_threshold_level",
            colour=VERMILLION,
            marker="none",
            dash="dash",
        ),
    ),
)

DRAFT_CHART = Chart(
    kind="line",
    title="Marginal over central scholar, by validity",
    description="Three lines of the ratio of the extra to the central scholar against the "
    "validity of selection from 0 to 1: under one common bar (circles), with one more place "
    "(squares) and with one more mentor (triangles), and the threshold as a dashed "
    "level line.",
    x_title="Validity of selection (correlation)",
    y_title="Marginal over central (ratio)",
    x_format="0.0",
    y_format="0.0",
    x_highest=1,
    width=560,
    height=360,
    series=(
        Series(label="One common bar", points="draft_grid", values="bar_curve", colour=BLUE),
        Series(
            label="One more place",
            points="draft_grid",
            values="draft_curve_place",
            colour=ORANGE,
            marker="square",
        ),
        Series(
            label="One more mentor",
            points="draft_grid",
            values="draft_curve_mentor",
            colour=GREEN,
            marker="triangle",
        ),
        Series(
            label="The threshold",
            points="draft_grid",
            values="draft_threshold_level",
            colour=VERMILLION,
            marker="none",
            dash="dash",
        ),
    ),
)


def _draft_curves(graph: Graph) -> Table:
    """The ratio along the validity of selection, for the three of them."""
    grid, parts = graph["draft_grid"], graph["mentor_curve"].parts
    ratios = [parts.index(f"{which}_ratio") + 1 for which in ALTERNATIVES]
    return Table(
        heading="The ratio by validity of selection, at the shared criteria assumed",
        header=(
            grid.label,
            "One common bar",
            "One more place",
            "One more mentor",
            "Threshold",
        ),
        rows=tuple(
            (
                Cell(content=point, style="value", unit=grid.unit),
                *(
                    Cell(formula=formula, style="value", unit="ratio")
                    for formula in (
                        indexed(block_name("bar_curve"), row, 1),
                        *(indexed("mentor_curve", row, column) for column in ratios),
                        "=marginal_threshold",
                    )
                ),
            )
            for row, point in enumerate(grid.values, start=1)
        ),
        columns={
            name: column
            for column, name in enumerate(
                (
                    grid.id,
                    "bar_curve",
                    "draft_curve_place",
                    "draft_curve_mentor",
                    "draft_threshold_level",
                )
            )
        },
        chart=DRAFT_CHART,
        chart_column=5,
    )


ELASTICITIES = (
    (BLUE, "circle", ""),
    (ORANGE, "square", "dash"),
    (GREEN, "triangle", ""),
    (VERMILLION, "diamond", "dash"),
)
"""How the line of each elasticity looks."""


def _growth(graph: Graph) -> Table:
    """The density of a cohort that grows, for several elasticities of the pool."""
    result, admitted = graph["growth_density"], graph["growth_admitted"]
    down, across = graph["growth_grid"], graph["elasticity_grid"]
    return Table(
        heading="Skill density of a cohort that grows: factor of growth (down) by elasticity of "
        "the pool of applicants (across)",
        axis=(
            Cell(content="Factor of growth", style="axis_label"),
            Cell(content="Scholars", style="axis_right"),
            *_axis(across, "axis_right"),
        ),
        rows=tuple(
            (
                Cell(content=growth, style="value", unit=down.unit),
                Cell(
                    formula=indexed(block_name(admitted.id), row, 1),
                    style="value",
                    unit=admitted.unit,
                ),
                *_block_row(graph, result, row, "value"),
            )
            for row, growth in enumerate(down.values, start=1)
        ),
        columns={
            down.id: 0,
            admitted.id: 1,
            **{f"growth_density_{place}": place + 1 for place in range(1, len(across.values) + 1)},
        },
    )


def _growth_chart(graph: Graph) -> Chart:
    elasticities = zip(graph["elasticity_grid"].values, ELASTICITIES, strict=True)
    return Chart(
        kind="line",
        title="Skill density by size of the cohort",
        description="A line for each elasticity of the pool of applicants: the skill density of "
        "the cohort against its number of scholars. Lines of a higher elasticity lie higher.",
        x_title="Scholars in the cohort",
        y_title="Skill density (times the pool)",
        y_format="0.0",
        width=1000,
        height=440,
        series=tuple(
            Series(
                label=f"Elasticity {elasticity:g}",
                points="growth_admitted",
                values=f"growth_density_{place}",
                colour=colour,
                marker=marker,
                dash=dash,
            )
            for place, (elasticity, (colour, marker, dash)) in enumerate(elasticities, start=1)
        ),
    )
