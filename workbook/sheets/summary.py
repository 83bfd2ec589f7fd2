"""The Summary sheet: the three answers in plain sentences, the key numbers, a chart."""

from __future__ import annotations

from pycore.graph import Graph
from workbook.sheets.assumptions import CHECKS_NAME, FINE
from workbook.sheets.checks import ALL_FINE, OK, RESULTS
from workbook.sheets.layout import Cell, Chart, Series, Sheet, Table
from workbook.sheets.parts import opening, unit_text
from workbook.sheets.styles import BLUE, ORANGE

NOT_COMPUTED = "Not computed: see the {sheet} sheet for the cell that shows an error."

# FIXED rather than TEXT: the format codes of TEXT depend on the language of Excel.
ANSWERS = (
    (
        "answer_cost",
        "What is one more scholar worth beside its cost?",
        '"One more scholar is worth "&cost_quote&" what it costs: $"&FIXED(value_per_researcher,0)'
        '&" of value against $"&FIXED(marginal_cost_low,0)&" to $"&FIXED(marginal_cost_high,0)'
        '&" of marginal cost."',
        "Cost",
        2,
    ),
    (
        "answer_marginal",
        "Is the marginal scholar worth what the central one is?",
        '"In one line under a common bar, the marginal scholar is worth "'
        '&FIXED(100*marginal_ratio,0)&"% of the central one, so the quote "'
        '&IF(marginal_ratio>restatement_threshold,"stands at ","becomes ")&adjusted_quote&". "'
        '&IF(validity_at_threshold>1,"No selection, however valid, would bring it down to ",'
        'IF(selection_validity>validity_at_threshold,"Selection at a validity of ",'
        '"Selection would have to be better than its assumed validity of ")'
        '&FIXED(selection_validity,2)&", past "&FIXED(validity_at_threshold,2)'
        '&IF(selection_validity>validity_at_threshold,", brings it below ",", to bring it below "))'
        '&FIXED(100*marginal_threshold,0)&"%."',
        "Marginal",
        3,
    ),
    (
        "answer_ratio",
        "How does the ratio of capabilities to safety researchers shift?",
        '"Placing "&FIXED(added_safety,0)&" in safety and "&FIXED(added_capabilities,0)'
        '&" in capabilities moves the ratio from "&ratio_before_text&" to "&ratio_after_text'
        '&", a net effect of "&FIXED(net_safety,0)&" safety researchers if one in safety offsets "'
        '&FIXED(offset,0)&" in capabilities."',
        "Ratio",
        2,
    ),
)
"""Name, question, formula of the sentence, the sheet that explains it, lines of text."""

KEY_NUMBERS = (
    "cost_multiple",
    "restatement_threshold",
    "marginal_ratio",
    "validity_at_threshold",
    "adjusted_multiple",
    "skill_density",
    "top_percent_share",
    "breakeven_capabilities_share",
    "net_safety",
    "breakeven_backfire",
)

ENDS = (
    (
        "Low",
        "At the high end of the cost",
        "cost_multiple_range_low",
        "adjusted_multiple_range_low",
    ),
    ("Central", "At the central cost", "cost_multiple", "adjusted_multiple"),
    (
        "High",
        "At the low end of the cost",
        "cost_multiple_range_high",
        "adjusted_multiple_range_high",
    ),
)


def sheet(graph: Graph) -> Sheet:
    """The sheet.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    Sheet
    """
    return Sheet(
        name="Summary",
        tab_colour=BLUE,
        widths=(48, 88, 16, 22),
        one_page=True,
        blocks=(
            opening("Fieldbook", "What one more scholar is worth, and how the field shifts"),
            Table(
                header=("Question", "Answer", "See sheet", "In short"),
                rows=tuple(
                    (
                        Cell(content=question, style="question"),
                        Cell(
                            formula=f'=IFERROR({sentence},"{NOT_COMPUTED.format(sheet=see)}")',
                            style="answer",
                            names=(name,),
                            lines=lines,
                        ),
                        Cell(content=see),
                        Cell(formula=f"={QUOTED[see]}", style="strong"),
                    )
                    for name, question, sentence, see, lines in ANSWERS
                ),
            ),
            Table(
                header=("Is the workbook in order?", "What was found", "State", ""),
                rows=(
                    (
                        Cell(content="Published figures"),
                        Cell(
                            formula=f'=COUNTIF({RESULTS},"{OK}")&" of "&ROWS({RESULTS})&" come '
                            'out as published (Checks sheet)."'
                        ),
                        Cell(formula=f"={ALL_FINE}", style="status"),
                        Cell(),
                    ),
                    (
                        Cell(content="Assumptions"),
                        Cell(
                            formula=f'=COUNTIF({CHECKS_NAME},"{FINE}")&" of "&COUNTA({CHECKS_NAME})'
                            '&" rows are complete and in order (Assumptions sheet)."'
                        ),
                        Cell(
                            formula=f'=IF(COUNTIF({CHECKS_NAME},"{FINE}")=COUNTA({CHECKS_NAME}),'
                            f'"{FINE}","mend")',
                            style="status",
                        ),
                        Cell(),
                    ),
                ),
            ),
            Table(
                header=("Key number", "How to read it", "Value", "Unit"),
                rows=tuple(_key_number(graph, result_id) for result_id in KEY_NUMBERS),
            ),
            Table(
                header=(
                    "Cost multiple",
                    "Where in the range of the cost",
                    "As quoted",
                    "Marginal scholar",
                ),
                rows=tuple(
                    (
                        Cell(content=label),
                        Cell(content=where, style="quiet"),
                        Cell(formula=f"={quoted}", style="value", unit="x"),
                        Cell(formula=f"={marginal}", style="value", unit="x"),
                    )
                    for label, where, quoted, marginal in ENDS
                ),
                columns={
                    "summary_chart_labels": 0,
                    "summary_chart_quoted": 2,
                    "summary_chart_marginal": 3,
                },
            ),
            Chart(
                kind="column",
                title="Value over cost: as quoted, and for the marginal scholar",
                description="Columns of the cost multiple at the low, central and high end, as "
                "quoted and for the marginal scholar.",
                x_title="End of the range",
                y_title="Cost multiple (times)",
                y_format='0"x"',
                width=1220,
                height=300,
                series=(
                    Series(
                        label="As quoted",
                        points="summary_chart_labels",
                        values="summary_chart_quoted",
                        colour=BLUE,
                    ),
                    Series(
                        label="Marginal scholar",
                        points="summary_chart_labels",
                        values="summary_chart_marginal",
                        colour=ORANGE,
                    ),
                ),
            ),
        ),
    )


QUOTED = {"Cost": "cost_quote", "Marginal": "adjusted_quote", "Ratio": "ratio_after_text"}


def _key_number(graph: Graph, result_id: str) -> tuple[Cell, ...]:
    result = graph[result_id]
    return (
        Cell(content=result.label),
        Cell(content=result.reading, style="quiet"),
        Cell(formula=f"={result_id}", style="strong", unit=result.unit),
        Cell(content=unit_text(result.unit), style="unit"),
    )
