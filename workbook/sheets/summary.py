"""The Summary sheet: the three answers in plain sentences, the key numbers, a chart."""

from __future__ import annotations

from pycore.graph import Graph
from pycore.model.sentences import IN_SHORT
from pycore.model.tables import HEADLINES, NOTHING
from workbook.formulas import defined_name
from workbook.sheets.assumptions import CHECKS_NAME, FITS, REMARKS_NAME
from workbook.sheets.checks import ALL_FINE, OK, RESULTS
from workbook.sheets.first_aid import ANSWERS, NUMBERS, first_aid, probes
from workbook.sheets.layout import Cell, Chart, Sheet, Table
from workbook.sheets.parts import (
    FINE,
    Row,
    cell,
    opening,
    row,
    said,
    series,
    spoken,
    unit_text,
)
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
    ("Low", "At the high end of the cost", "_range_low"),
    ("Central", "At the central cost", ""),
    ("High", "At the low end of the cost", "_range_high"),
)
"""Label, where in the range, how the defined names of the multiples end."""

_ROWS_FINE = f'COUNTIF({CHECKS_NAME},"{FINE}")'
_REMARKS = f'(COUNTA({REMARKS_NAME})-COUNTIF({REMARKS_NAME},"{FITS}"))'

IN_ORDER = (
    (
        "Published figures",
        f'=COUNTIF({RESULTS},"{OK}")&" of "&ROWS({RESULTS})&" come out as published '
        '(Checks sheet)."',
        f"={ALL_FINE}",
    ),
    (
        "Assumptions",
        f'={_ROWS_FINE}&" of "&COUNTA({CHECKS_NAME})&" rows are complete and in order"&'
        f'IF({_REMARKS}=0,"","; "&{_REMARKS}&" with something to look at")&" (Assumptions sheet)."',
        f'=IF({_ROWS_FINE}=COUNTA({CHECKS_NAME}),"{FINE}","see there")',
    ),
    (
        "Survey and comparisons",
        cell(
            f'=IF({_SURVEY_FINE},"The goods and their answers are in order","See the marks above '
            f'the goods (Survey sheet)")&"; "&IF({_JUDGED_FINE},"the comparisons agree with each '
            'other.","see below the comparisons (Exchange sheet).")',
            "",
            "text",
            "tables_said",
        ),
        f'=IF(AND({_SURVEY_FINE},{_JUDGED_FINE}),"{FINE}","see there")',
    ),
)
"""Label, what was found, state."""


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    results = [graph[result_id] for result_id in KEY_NUMBERS]
    return Sheet(
        name="Summary",
        tab_colour=BLUE,
        widths=(48, 84, 16, 22, 24),
        workings=(probes(graph), *spoken([*(name for name, *_ in ANSWERED), *SHORT])),
        one_page=True,
        blocks=(
            opening("Fieldbook", "What one more scholar is worth, and how the field shifts"),
            Table(
                header=("Question", "Answer", "See sheet", "In short", "With 90% confidence"),
                rows=tuple(_answer(graph, *answered) for answered in ANSWERED),
                columns={ANSWERS: 3},
            ),
            Table(
                header=("Is the workbook in order?", "What was found", "State", "", ""),
                rows=(
                    first_aid(),
                    *(row("text text status text text", *each) for each in IN_ORDER),
                ),
            ),
            Table(
                header=("Key number", "How to read it", "Value", "Unit", "90% range"),
                rows=(
                    *(
                        _key_number(each.label, each.reading, each.id, each.unit)
                        for each in results
                    ),
                    *(_key_number(*each, "ratio") for each in MENTOR_NUMBERS),
                ),
                columns={NUMBERS: 2},
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
                    row(
                        "text quiet value value text",
                        label,
                        where,
                        cell(f"=cost_multiple{end}", "x"),
                        cell(f"=adjusted_multiple{end}", "x"),
                    )
                    for label, where, end in ENDS
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
                series=series(
                    "summary_chart_labels",
                    ("As quoted", "summary_chart_quoted", BLUE),
                    ("Marginal scholar", "summary_chart_marginal", ORANGE),
                ),
            ),
        ),
    )


SHORT = [each.id for each in IN_SHORT]


def _answer(graph: Graph, name: str, see: str, short: str, within: str, lines: int) -> Row:
    return row(
        "question answer unit strong strong",
        graph[name].label,
        said(graph, name, lines=lines),
        see,
        said(graph, short, "strong") if short in SHORT else f"={short}",
        _range(within, "strong"),
    )


def _key_number(label: str, reading: str, name: str, unit: str) -> Row:
    value, within = cell(f"={name}", unit, "strong"), _range(name, "value")
    return row("text quiet strong unit value", label, reading, value, unit_text(unit), within)


def _range(reference: str, style: str) -> Cell:
    """The 90% range of an answer, if the Uncertainty sheet computes it."""
    if reference not in UNCERTAIN:
        return Cell()
    return Cell(formula=f"={defined_name(reference)}_within", style=style)


UNCERTAIN = [headline.reference for headline in HEADLINES]
"""The answers whose range the Uncertainty sheet computes."""
