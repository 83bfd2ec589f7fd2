"""The Marginal sheet: is the marginal scholar worth what the central one is."""

from __future__ import annotations

from pycore.graph import Graph
from workbook.sheets.cost import WIDTHS
from workbook.sheets.layout import Chart, Series, Sheet
from workbook.sheets.parts import curve_table, inputs_table, opening, results_table, workings
from workbook.sheets.styles import BLUE, VERMILLION


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
        workings=workings(graph, ("adjusted_multiple_range", "marginal_ratio_curve")),
        blocks=(
            opening(
                "Marginal scholar",
                "Is the last scholar admitted worth what the central one is, if everyone stands "
                "in one line?",
            ),
            inputs_table(
                graph,
                (
                    "applicants",
                    "admitted",
                    "mentors",
                    "selection_validity",
                    "impact_orders",
                    "impact_coverage",
                    "marginal_threshold",
                    "top_share",
                    "cohort_growth",
                    "pool_elasticity",
                ),
            ),
            results_table(
                graph,
                "The answer under one common bar",
                (
                    "marginal_ratio",
                    "validity_at_threshold",
                    "marginal_value",
                    "adjusted_multiple",
                    "adjusted_quote",
                ),
            ),
            results_table(graph, "The restated range", ("adjusted_multiple_range",)),
            results_table(
                graph,
                "How impact is spread, and who gets in",
                (
                    "impact_sigma",
                    "mean_to_median",
                    "top_percent_share",
                    "admission_rate",
                    "scholars_per_mentor",
                ),
            ),
            results_table(
                graph,
                "If the cohort grows",
                (
                    "skill_density",
                    "grown_admitted",
                    "grown_applicants",
                    "skill_density_grown",
                    "breakeven_elasticity",
                ),
            ),
            curve_table(
                graph,
                "marginal_ratio_curve",
                Chart(
                    kind="line",
                    title="Marginal over central scholar, by validity of selection",
                    description="A falling line: the ratio of the marginal to the central scholar "
                    "against the validity of selection from 0 to 1, with the ratio asked about "
                    "as a dashed level line.",
                    x_title="Validity of selection (correlation)",
                    y_title="Marginal over central (ratio)",
                    x_format="0.0",
                    y_format="0.0",
                    x_highest=1,
                    y_highest=1,
                    width=690,
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
                            dashed=True,
                        ),
                    ),
                ),
                level="marginal_threshold",
            ),
        ),
    )
