"""The Marginal sheet: is the marginal scholar worth what the central one is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pycore.draft.mentors import WORTH_LESS
from pycore.graph import Graph
from pycore.model.sentences import FEWEST_DRAFTS
from pycore.nodes import Grid
from workbook.sheets.layout import Cell, Chart, Heat, Sheet, Table
from workbook.sheets.parts import (
    Row,
    block,
    block_cells,
    block_name,
    cell,
    curve_table,
    indexed,
    inputs_table,
    notes,
    opening,
    result_cells,
    result_row,
    results_table,
    row,
    said,
    series,
    spoken,
    under,
    workings,
)
from workbook.sheets.styles import BLUE, GREEN, LOOKS, MARK, ORANGE, READ, VERMILLION

WIDTHS = (42, 15, 15, 15, 15, 15, 47)
"""Label, the five columns of a map, and a wide last column."""

ALTERNATIVES = ("place", "mentor")
"""What one more may be; the results of each begin with its word."""

COLUMNS_SAID = ("bar", *ALTERNATIVES)
SAID = (
    *(f"{which}_within" for which in ALTERNATIVES),
    *(f"{which}_{part}" for part in ("says", "sentence") for which in COLUMNS_SAID),
)
"""The sentences that the sheet says."""

NO_CHANCE = Cell(content="-", style="value")
"""Stands where one common bar has no figure, because nothing in it is drawn at random."""


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared results."""
    results = partial(results_table, graph, width=len(WIDTHS))
    return Sheet(
        name="Marginal",
        tab_colour=READ,
        widths=WIDTHS,
        workings=spoken(SAID) + workings(graph, COMPUTED, copied=COPIED),
        blocks=(
            opening(
                "Marginal scholar",
                "Is the last scholar admitted worth what the central one is, in one line, or where "
                "mentors choose for themselves?",
            ),
            _answers(graph),
            _sentences(graph),
            _draft_curves(graph),
            _overlap(),
            inputs_table(graph, INPUTS, len(WIDTHS)),
            *_maps(graph),
            results("How impact is spread, and who gets in", SPREAD),
            results("The common bar: when it matters", ("validity_at_threshold", "net_value")),
            results("The restated range under the common bar", ("adjusted_multiple_range",)),
            curve_table(
                graph,
                "marginal_ratio_curve",
                ONE_BAR_CHART,
                level="marginal_threshold",
            ),
            results("If the cohort grows", GROWTH),
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

COMPUTED = (
    "adjusted_multiple_range",
    "marginal_ratio_curve",
    *COPIED,
    "place_map",
    "mentor_map",
    "bar_curve",
    "growth_admitted",
    "growth_density",
)
"""Results of several values."""

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


# The answers beside each other


def _answers(graph: Graph) -> Table:
    """One common bar, one more place and one more mentor, a column each."""
    shown = ("One more scholar", "One common bar", "One more place", "One more mentor")
    return Table(
        heading="The answer: one common bar, and two alternatives where mentors choose",
        header=(*shown, "Unit", "How to read it", ""),
        rows=(
            _row(
                "Marginal over central scholar",
                (
                    *result_cells(graph["marginal_ratio"]),
                    *_figures("mentor_margin_{}_ratio", "ratio", "strong"),
                ),
                "ratio",
                "Expected impact of the extra scholar over that of the one in the middle.",
            ),
            _row(
                "Its standard error",
                (NO_CHANCE, *_figures("mentor_margin_{}_ratio_error", "error")),
                "ratio",
                "How far chance in the simulated drafts may have moved the ratio.",
            ),
            _row(
                "The ratio within two standard errors",
                (NO_CHANCE, *(said(graph, f"{which}_within", "value") for which in ALTERNATIVES)),
                "share",
                "Where the ratio lies, as far as these drafts show.",
            ),
            _row(
                f"Drafts in which it is under {WORTH_LESS:g}",
                (NO_CHANCE, *_figures("mentor_margin_{}_under", "share")),
                "share",
                "One draft may bring a far better or worse scholar than the mean says.",
            ),
            _same(graph, "Value of one more", "marginal_value", "value"),
            _same(graph, "Cost multiple of one more", "adjusted_multiple", "multiple"),
            _same(graph, "Quote for one more", "adjusted_quote", "quote"),
            _row(
                "What it says of the quote",
                tuple(said(graph, f"{which}_says", "strong_wrapped", 2) for which in COLUMNS_SAID),
                "quote",
                "Never restated upwards; a span where drafts are too few.",
            ),
        ),
    )


_row = partial(result_row, width=len(WIDTHS))


def _same(graph: Graph, label: str, of_bar: str, of_each: str) -> Row:
    """A row with the same result of the common bar and of each alternative."""
    bar = graph[of_bar]
    results = (bar, *(graph[f"{which}_{of_each}"] for which in ALTERNATIVES))
    cells = [shown for result in results for shown in result_cells(result)]
    return _row(label, cells, bar.unit, bar.reading)


def _figures(name: str, unit: str, style: str = "value") -> Row:
    """Cells that repeat a named figure of each alternative."""
    return tuple(cell(f"={name.format(which)}", unit, style) for which in ALTERNATIVES)


# What they say, in words


def _sentences(graph: Graph) -> Table:
    """A sentence for each column, over the columns beside its label."""
    # No cell beside the sentence may hold anything, so that it can run over them all.
    styles = "text " * len(WIDTHS)
    ids = [f"{which}_sentence" for which in COLUMNS_SAID]
    return Table(
        heading="What they say of the quote",
        rows=tuple(row(styles, graph[each].label, said(graph, each, "text")) for each in ids),
    )


def _overlap() -> Table:
    """Whether mentors want the same people."""
    return Table(
        heading="Do mentors want the same people, and are the drafts enough?",
        header=("Result", "Value", "Standard error", "Unit", "How to read it", "", ""),
        rows=(
            _row(
                "First choices that another mentor shares",
                (
                    cell("=mentor_margin_overlap", "share", "strong"),
                    cell("=mentor_margin_overlap_error", "share"),
                ),
                "share",
                "Share of mentors whose first choice is also another mentor's.",
            ),
            _row(
                "Drafts needed to give a quote",
                (cell(FEWEST_DRAFTS, "drafts", "value", "fewest_drafts"), Cell()),
                "drafts",
                "With fewer drafts, noise hides the answer.",
            ),
        ),
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
    threshold = cell("=marginal_threshold", "ratio", "strong", "map_threshold")
    intro = notes(
        HOW_TO_READ_A_MAP,
        "What one would have to believe: the ratio, by validity and shared criteria",
    )
    rows = (*intro.rows, row("question strong", "The threshold", threshold))
    return (
        replace(intro, rows=rows),
        *(_map(graph, which) for which in ALTERNATIVES),
    )


def _points(grid: Grid, style: str, again: str = "") -> Row:
    """The points of a grid, or a formula that repeats each where they stand elsewhere."""
    return tuple(
        cell(again.format(place) or point, grid.unit, style)
        for place, point in enumerate(grid.values, start=1)
    )


def _map(graph: Graph, which: str) -> Table:
    """A map with its two axes; the first map's axes are the grids, the second repeats them."""
    result_id = f"{which}_map"
    down, across = graph["map_grid"], graph["criteria_grid"]
    first = which == ALTERNATIVES[0]
    word = cell(graph[f"{which}_word"].value, "", "axis_label", f"{which}_word")
    labels = _points(down, "axis_right", "" if first else f"=INDEX({down.id},{{}},1)")
    tops = _points(across, "axis", "" if first else f"=INDEX({across.id},1,{{}})")
    ratios = block(result_id, block_cells(graph, result_id, "heat"))
    return Table(
        heading=f"One more {which}: validity of selection (down) by criteria that mentors share "
        "(across)",
        axis=(word, *(under(across.id, tops) if first else tops)),
        rows=tuple((label, *shown) for label, shown in zip(labels, ratios, strict=True)),
        columns={down.id: 0} if first else {},
        heat=Heat(block=result_id, middle="map_threshold"),
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
    width=645,
    height=440,
    series=series(
        "validity_grid",
        ("Marginal over central", "marginal_ratio_curve", BLUE),
        ("The threshold", "marginal_threshold_level", VERMILLION, "none", "dash"),
    ),
)

DRAFT_CHART = replace(
    ONE_BAR_CHART,
    title="Marginal over central scholar, by validity",
    description="Three lines of the ratio of the extra to the central scholar against the "
    "validity of selection from 0 to 1: under one common bar (circles), with one more place "
    "(squares) and with one more mentor (triangles), and the threshold as a dashed "
    "level line.",
    y_highest=None,
    width=415,
    height=360,
    series=series(
        "draft_grid",
        ("One common bar", "bar_curve", BLUE),
        ("One more place", "draft_curve_place", ORANGE, "square"),
        ("One more mentor", "draft_curve_mentor", GREEN, "triangle"),
        ("The threshold", "draft_threshold_level", VERMILLION, "none", "dash"),
    ),
)


def _draft_curves(graph: Graph) -> Table:
    """The ratio along the validity of selection, for the three of them."""
    grid, parts = graph["draft_grid"], graph["mentor_curve"].parts
    ratios = [parts.index(f"{which}_ratio") + 1 for which in ALTERNATIVES]
    rows = []
    for place, point in enumerate(grid.values, start=1):
        curves = (
            indexed(block_name("bar_curve"), place, 1),
            *(indexed("mentor_curve", place, column) for column in ratios),
            "=marginal_threshold",
        )
        rows.append((cell(point, grid.unit), *(cell(each, "ratio") for each in curves)))
    return Table(
        heading="The ratio by validity of selection, at the shared criteria assumed",
        header=(grid.label, "One common bar", "One more place", "One more mentor", "Threshold"),
        rows=tuple(rows),
        columns={
            grid.id: 0,
            "bar_curve": 1,
            "draft_curve_place": 2,
            "draft_curve_mentor": 3,
            "draft_threshold_level": 4,
        },
        chart=DRAFT_CHART,
        chart_column=5,
    )


def _growth(graph: Graph) -> Table:
    """The density of a cohort that grows, for several elasticities of the pool."""
    down, across = graph["growth_grid"], graph["elasticity_grid"]
    elasticities = under(across.id, _points(across, "axis_right"))
    admitted = block_cells(graph, "growth_admitted")
    densities = block("growth_density", block_cells(graph, "growth_density"))
    return Table(
        heading="Skill density of a cohort that grows: factor of growth (down) by elasticity of "
        "the pool of applicants (across)",
        axis=row("axis_label axis_right", "Factor of growth", "Scholars") + elasticities,
        rows=tuple(
            (cell(growth, down.unit), *scholars, *density)
            for growth, scholars, density in zip(down.values, admitted, densities, strict=True)
        ),
        columns={
            down.id: 0,
            "growth_admitted": 1,
            **{f"growth_density_{place}": place + 1 for place in range(1, len(across.values) + 1)},
        },
    )


def _growth_chart(graph: Graph) -> Chart:
    elasticities = zip(graph["elasticity_grid"].values, LOOKS, strict=True)
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
        series=series(
            "growth_admitted",
            *(
                (f"Elasticity {elasticity:g}", f"growth_density_{place}", *look)
                for place, (elasticity, look) in enumerate(elasticities, start=1)
            ),
        ),
    )
