"""The Ratio sheet: how the ratio of capabilities to safety researchers shifts."""

from __future__ import annotations

from pycore.graph import Graph
from workbook.sheets.cost import WIDTHS
from workbook.sheets.layout import Chart, Sheet
from workbook.sheets.parts import (
    curve_table,
    inputs_table,
    opening,
    results_table,
    series,
    workings,
)
from workbook.sheets.styles import BLUE, READ


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared results."""
    return Sheet(
        name="Ratio",
        tab_colour=READ,
        widths=WIDTHS,
        workings=workings(graph, ("ratio_shift", "net_safety_curve")),
        blocks=(
            opening(
                "Researcher ratio",
                "How do the programme's placements shift the ratio of capabilities to safety "
                "researchers?",
            ),
            results_table(graph, "The shift", ("ratio_shift",)),
            curve_table(
                graph,
                "net_safety_curve",
                Chart(
                    kind="line",
                    title="Net effect of the placements, by offset",
                    description="A rising line: net safety researchers against the number of "
                    "capabilities researchers that one safety researcher offsets, on a "
                    "logarithmic axis.",
                    x_title="Capabilities researchers offset by one in safety (logarithmic)",
                    y_title="Net effect (safety researchers)",
                    x_logarithmic=True,
                    width=740,
                    height=260,
                    series=series("offset_grid", ("Net effect", "net_safety_curve", BLUE)),
                ),
            ),
            results_table(
                graph,
                "The answer",
                (
                    "ratio_before_text",
                    "ratio_after_text",
                    "breakeven_capabilities_share",
                    "net_safety",
                    "breakeven_backfire",
                ),
            ),
            results_table(
                graph,
                "What the alumni do",
                (
                    "safety_alumni_share",
                    "capabilities_per_100_safety",
                    "capabilities_per_100_all_safety",
                    "later_per_100_safety",
                ),
            ),
            results_table(
                graph, "What an offset means", ("neutral_margin", "neglectedness_offset")
            ),
            inputs_table(
                graph,
                (
                    "safety_researchers",
                    "capabilities_researchers",
                    "added_safety",
                    "added_capabilities",
                    "alumni_alignment_share",
                    "alumni_independent_share",
                    "alumni_capabilities_share",
                    "later_safety_share",
                    "later_capabilities_share",
                    "alumni_safety_per_capabilities",
                    "offset",
                    "backfire_share",
                    "pivot_share",
                    "spillover",
                ),
            ),
        ),
    )
