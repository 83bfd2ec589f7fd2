"""The Cost sheet: by how much one more scholar outweighs its cost."""

from __future__ import annotations

from pycore.graph import Graph
from workbook.sheets.layout import Chart, Sheet, Table
from workbook.sheets.parts import cell, inputs_table, opening, results_table, row, series, workings
from workbook.sheets.styles import BLUE, READ

WIDTHS = (46, 13, 19, 13, 20, 54)
"""Label, up to three values, unit, and a wide last column: shared by the answer sheets."""


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared results."""
    return Sheet(
        name="Cost",
        tab_colour=READ,
        widths=WIDTHS,
        workings=workings(graph, ("cost_multiple_range",)),
        one_page=True,
        blocks=(
            opening("Cost multiple", "By how much does one more scholar outweigh what it costs?"),
            Table(
                heading="The multiple at each cost",
                header=("Cost of one more scholar", "Multiple"),
                rows=tuple(
                    row("text value", label, cell(f"={name}", "x"))
                    for label, name in (
                        ("Low end", "cost_multiple_range_high"),
                        ("Central", "cost_multiple"),
                        ("High end", "cost_multiple_range_low"),
                        ("Asked of donors", "asked_multiple"),
                        ("Average cost", "average_multiple"),
                        ("In the chosen scope", "scoped_multiple"),
                    )
                ),
                columns={"cost_chart_labels": 0, "cost_chart_multiples": 1},
                chart=Chart(
                    kind="column",
                    title="Value over cost, by the cost that is meant",
                    description="Bars of the cost multiple at the low, central and high marginal "
                    "cost, at the cost asked of donors, at the average cost and in the chosen "
                    "scope.",
                    x_title="Cost of one more scholar",
                    y_title="Cost multiple (times)",
                    y_format='0"x"',
                    width=745,
                    series=series(
                        "cost_chart_labels", ("Cost multiple", "cost_chart_multiples", BLUE)
                    ),
                ),
                chart_column=2,
            ),
            results_table(
                graph,
                "The answer",
                (
                    "cost_multiple",
                    "cost_quote",
                    "restatement_threshold",
                    "money_per_researcher",
                ),
            ),
            results_table(graph, "Its range", ("cost_multiple_range",)),
            results_table(
                graph,
                "What if the cost were another",
                ("asked_multiple", "average_multiple", "scoped_cost", "scoped_multiple"),
            ),
            inputs_table(
                graph,
                (
                    "value_per_researcher",
                    "marginal_cost",
                    "asked_cost",
                    "average_cost",
                    "grant_to_grantmaker",
                    "researchers_per_grant",
                    "cost_scope",
                ),
            ),
        ),
    )
