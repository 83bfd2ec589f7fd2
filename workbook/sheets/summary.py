"""The Summary sheet: the three answers in plain sentences, the key numbers, a chart."""

from __future__ import annotations

from pycore.graph import Graph
from pycore.model.sentences import IN_SHORT
from pycore.model.tables import HEADLINES, NOTHING
from workbook.formulas import defined_name
from workbook.sheets.assumptions import CHECKS_NAME, FINE
from workbook.sheets.checks import ALL_FINE, OK, RESULTS
from workbook.sheets.layout import Cell, Chart, Series, Sheet, Table
from workbook.sheets.parts import opening, said, spoken, unit_text
from workbook.sheets.styles import BLUE, ORANGE
from workbook.sheets.survey import MARKS

_SURVEY_FINE = f'COUNTIF({MARKS},"{FINE}")+COUNTIF({MARKS},"{NOTHING}")=COLUMNS({MARKS})'
_JUDGED_FINE = f'judgement_state="{FINE}"'

ANSWERED = (
    ("answer_cost", "Cost", "cost_quote", "cost_multiple", 2),
    ("answer_marginal", "Marginal", "adjusted_quote", "adjusted_multiple", 5),
    ("answer_ratio", "Ratio", "ratio_after_text", "ratio_shift.after", 4),
    ("answer_window", "Window", "short_window", "exit_year", 1),
    ("answer_portfolio", "Portfolio", "short_portfolio", "", 1),
    ("answer_exchange", "Exchange", "short_exchange", "", 1),
)
"""Sentence, the sheet that explains it, the answer in short, its range, lines of text."""

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

MENTOR_NUMBERS = (
    (
        "One more place: marginal over central scholar",
        "Where mentors choose for themselves: whom a mentor takes next.",
        "mentor_margin_place_ratio",
    ),
    (
        "One more mentor: marginal over central scholar",
        "Where mentors choose for themselves: whom a new mentor takes first.",
        "mentor_margin_mentor_ratio",
    ),
)
"""Label, how to read it, name."""

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
    """The sheet."""
    return Sheet(
        name="Summary",
        tab_colour=BLUE,
        widths=(48, 84, 16, 22, 24),
        workings=spoken([*(name for name, *_ in ANSWERED), *SHORT]),
        one_page=True,
        blocks=(
            opening("Fieldbook", "What one more scholar is worth, and how the field shifts"),
            Table(
                header=("Question", "Answer", "See sheet", "In short", "With 90% confidence"),
                rows=tuple(
                    (
                        Cell(content=graph[name].label, style="question"),
                        said(graph, name, lines=lines),
                        Cell(content=see, style="unit"),
                        said(graph, short, "strong")
                        if short in SHORT
                        else Cell(formula=f"={short}", style="strong"),
                        _range(within, "strong"),
                    )
                    for name, see, short, within, lines in ANSWERED
                ),
            ),
            Table(
                header=("Is the workbook in order?", "What was found", "State", "", ""),
                rows=(
                    (
                        Cell(content="Published figures"),
                        Cell(
                            formula=f'=COUNTIF({RESULTS},"{OK}")&" of "&ROWS({RESULTS})&" come '
                            'out as published (Checks sheet)."'
                        ),
                        Cell(formula=f"={ALL_FINE}", style="status"),
                        Cell(),
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
                            f'"{FINE}","see there")',
                            style="status",
                        ),
                        Cell(),
                        Cell(),
                    ),
                    (
                        Cell(content="Survey and comparisons"),
                        Cell(
                            formula=f'=IF({_SURVEY_FINE},"The goods and their answers are in order'
                            '","See the marks above the goods (Survey sheet)")&"; "'
                            f'&IF({_JUDGED_FINE},"the comparisons agree with each other.",'
                            '"see below the comparisons (Exchange sheet).")',
                            names=("tables_said",),
                        ),
                        Cell(
                            formula=f'=IF(AND({_SURVEY_FINE},{_JUDGED_FINE}),"{FINE}","see there")',
                            style="status",
                        ),
                        Cell(),
                        Cell(),
                    ),
                ),
            ),
            Table(
                header=("Key number", "How to read it", "Value", "Unit", "90% range"),
                rows=(
                    *(_key_number(graph, result_id) for result_id in KEY_NUMBERS),
                    *(
                        (
                            Cell(content=label),
                            Cell(content=reading, style="quiet"),
                            Cell(formula=f"={name}", style="strong", unit="ratio"),
                            Cell(content="ratio", style="unit"),
                            Cell(),
                        )
                        for label, reading, name in MENTOR_NUMBERS
                    ),
                ),
            ),
            Table(
                header=(
                    "Cost multiple",
                    "Where in the range of the cost",
                    "As quoted",
                    "Marginal scholar",
                    "",
                ),
                rows=tuple(
                    (
                        Cell(content=label),
                        Cell(content=where, style="quiet"),
                        Cell(formula=f"={quoted}", style="value", unit="x"),
                        Cell(formula=f"={marginal}", style="value", unit="x"),
                        Cell(),
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
                width=1340,
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


SHORT = [each.id for each in IN_SHORT]


def _key_number(graph: Graph, result_id: str) -> tuple[Cell, ...]:
    result = graph[result_id]
    return (
        Cell(content=result.label),
        Cell(content=result.reading, style="quiet"),
        Cell(formula=f"={result_id}", style="strong", unit=result.unit),
        Cell(content=unit_text(result.unit), style="unit"),
        _range(result_id, "value"),
    )


def _range(reference: str, style: str) -> Cell:
    """The 90% range of an answer, if the Uncertainty sheet computes it."""
    if reference not in UNCERTAIN:
        return Cell()
    return Cell(formula=f"={defined_name(reference)}_within", style=style)


UNCERTAIN = [headline.reference for headline in HEADLINES]
"""The answers whose range the Uncertainty sheet computes."""
