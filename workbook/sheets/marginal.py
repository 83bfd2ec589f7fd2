"""The Marginal sheet: is the marginal scholar worth what the central one is."""

from __future__ import annotations

from collections.abc import Sequence

from pycore.draft.mentors import WORTH_LESS
from pycore.graph import Graph, Grid, Result
from workbook.sheets.layout import Cell, Chart, Heat, Series, Sheet, Table
from workbook.sheets.parts import (
    block_name,
    curve_table,
    indexed,
    inputs_table,
    opening,
    result_cells,
    results_table,
    unit_text,
    workings,
)
from workbook.sheets.styles import BLUE, GREEN, MARK, ORANGE, VERMILLION

WIDTHS = (46, 16, 16, 16, 16, 16, 64)
"""Label, the five columns of a map, and a wide last column."""

ALTERNATIVES = ("place", "mentor")
"""What one more may be; the results of each begin with its word."""

NOT_RUN = (
    "The simulation could not be run: recalc says why, and so does Excel over a cell with an error."
)
NO_CHANCE = "-"
"""Stands where one common bar has no figure, because nothing in it is drawn at random."""

NO_ONE_LEFT = "places>=applicants"
"""Where it holds, no one is left whom one more place or mentor could take."""

FEWEST_DRAFTS = 30
"""Below it, two standard errors on either side hold the mean less often than they should."""


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared results.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    Sheet
    """
    return Sheet(
        name="Marginal",
        widths=WIDTHS,
        workings=workings(
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
            _sentences(),
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
                (_no_chance(), *(_range(which) for which in ALTERNATIVES)),
                "Where the ratio lies, as well as these drafts can tell.",
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
                (
                    Cell(formula=f"={BAR_SAYS}", style="strong"),
                    *(
                        Cell(formula=f"={_says(which)}", style="strong", names=(f"{which}_says",))
                        for which in ALTERNATIVES
                    ),
                ),
                "A quote is never restated upwards. A span where the drafts are too few to tell.",
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


def _range(which: str) -> Cell:
    """The ratio at two standard errors below and above, in per cent as text."""
    ratio, error = f"mentor_margin_{which}_ratio", f"mentor_margin_{which}_ratio_error"
    least, most = f"FIXED(100*MAX(0,{ratio}-2*{error}),0)", f"FIXED(100*({ratio}+2*{error}),0)"
    shown = f'IF({NO_ONE_LEFT},"{NO_CHANCE}",IF({least}={most},"",{least}&"-")&{most}&"%")'
    return Cell(formula=f"={shown}", style="value", names=(f"{which}_within",))


BAR_SAYS = 'IF(adjusted_quote=cost_quote,"stays ","becomes ")&adjusted_quote'


def _says(which: str) -> str:
    """What an alternative does to the quote, no finer than its standard error allows."""
    low, high = f"{which}_quote_range_low", f"{which}_quote_range_high"
    # Never restated upwards, though the multiple itself may lie above the quoted range.
    stays = f'IF({which}_multiple>cost_multiple_range_high,"stays at least ","stays ")'
    told = f'IF({low}=cost_quote,{stays},"becomes ")&{low}'
    known = f'IF({low}={high},{told},"anything from "&{low}&" to "&{high})'
    few = '"cannot be told below "&fewest_drafts&" drafts"'
    enough = f"IF(ISERROR({low}),{low},IF(replicates<fewest_drafts,{few},{known}))"
    return f'IF({NO_ONE_LEFT},"brings no one",{enough})'


# What they say, in words


def _sentences() -> Table:
    """A sentence for each column, over the columns beside its label."""
    bar = (
        '"The last one admitted is worth "&FIXED(100*marginal_ratio,0)&"% of the central scholar: '
        f'the quote "&{BAR_SAYS}&"."'
    )
    return Table(
        heading="What they say of the quote",
        rows=(
            _sentence("One common bar", "bar", f'=IFERROR({bar},"The bar could not be computed.")'),
            *(
                _sentence(f"One more {which}", which, _mentors_sentence(which, scholar))
                for which, scholar in (
                    ("place", "The scholar whom a mentor takes next"),
                    ("mentor", "The scholar whom a new mentor takes first"),
                )
            ),
        ),
    )


def _sentence(label: str, which: str, formula: str) -> tuple[Cell, ...]:
    # No cell beside the sentence may hold anything, so that it can run over them all.
    rest = [Cell()] * (len(WIDTHS) - 2)
    return Cell(content=label), Cell(formula=formula, names=(f"{which}_sentence",)), *rest


def _mentors_sentence(which: str, scholar: str) -> str:
    known = f"OR({which}_quote_range_low={which}_quote_range_high,replicates<fewest_drafts)"
    untold = '" (these drafts are too few to tell; more of them would)"'
    sentence = (
        f'"{scholar} is worth "&{which}_within&" of the central one: the quote "&{which}_says'
        f'&IF({known},"",{untold})&"."'
    )
    no_one = f'"Every applicant has a place already: one more {which} brings no one."'
    return f'=IFERROR(IF({NO_ONE_LEFT},{no_one},{sentence}),"{NOT_RUN}")'


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
                Cell(content="Drafts that it takes to tell a quote"),
                Cell(content=FEWEST_DRAFTS, style="value", unit="drafts", names=("fewest_drafts",)),
                Cell(),
                Cell(content="drafts", style="unit"),
                Cell(content="With fewer, chance is not told from the answer.", style="quiet"),
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
    f"{MARK} and orange: at or under the ratio asked about. Blue, without {MARK}: above it. "
    "A black line runs between cells on different sides.",
    "White is the ratio asked about, full orange half of it, full blue twice it. Rows and columns "
    "are correlations. Chance in the drafts moves a cell most where validity is high.",
)


def _maps(graph: Graph) -> tuple[Table, ...]:
    """What one would have to believe: a map for each alternative, one below the other."""
    intro = Table(
        heading="What one would have to believe: the ratio, by validity and shared criteria",
        rows=(
            *((Cell(content=line, style="plain"),) for line in HOW_TO_READ_A_MAP),
            (
                Cell(content="The ratio asked about", style="question"),
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
    "against the validity of selection from 0 to 1, with the ratio asked about "
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
            label="The ratio asked about",
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
    "(squares) and with one more mentor (triangles), and the ratio asked about as a dashed "
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
            label="The ratio asked about",
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
            "Asked about",
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
