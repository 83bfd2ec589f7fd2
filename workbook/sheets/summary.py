"""The Summary sheet: the three answers in plain sentences, the key numbers, a chart."""

from __future__ import annotations

from pycore.graph import Graph
from pycore.model.results import TYPES
from pycore.model.tables import HEADLINES
from workbook.formulas import defined_name
from workbook.sheets.assumptions import CHECKS_NAME, FINE, SHARED, off_one
from workbook.sheets.checks import ALL_FINE, OK, RESULTS
from workbook.sheets.exchange import UNREAD
from workbook.sheets.layout import Cell, Chart, Series, Sheet, Table
from workbook.sheets.parts import opening, unit_text
from workbook.sheets.styles import BLUE, ORANGE
from workbook.sheets.survey import MARKS
from workbook.sheets.uncertainty import NONE, is_certain

NOT_COMPUTED = "Not computed: see the {sheet} sheet for the cell that shows an error."


def _count(name: str) -> str:
    """A number as text, with a decimal place only where it has one."""
    return f"FIXED({name},IF({name}=ROUND({name},0),0,1))"


def _digits(value: str) -> str:
    """A number above 0 as text, with about three digits and no zeros behind its decimals."""
    rounded = f"ROUND({value},2-INT(LOG10({value})))"
    return f'IF({value}>=100,FIXED({rounded},0),{rounded}&"")'


def _percent(chance: str) -> str:
    """A chance as text; one that is not quite 0 or 1 is not called so."""
    rounded = f'FIXED(100*{chance},0)&"%"'
    return (
        f'IF(AND({chance}>0,100*{chance}<1),"below 1%",'
        f'IF(AND({chance}<1,100*(1-{chance})<1),"above 99%",{rounded}))'
    )


def _dollars(name: str) -> str:
    return f'"$"&FIXED({name},IF({name}<1,2,0))'


def _within(reference: str, what: str = "it") -> str:
    """What a sentence ends with: the range that counts every assumption's uncertainty."""
    within = f"{defined_name(reference)}_within"
    sentence = f'" Counting all uncertainty, {what} is "&{within}&" with 90% confidence."'
    return f'&IFERROR(IF({is_certain(reference)},"",{sentence}),"")'


COST_ANSWER = (
    f'"One more scholar is worth "&cost_quote&" what it costs: "&{_dollars("value_per_researcher")}'
    f'&" of value against "&{_dollars("marginal_cost_low")}&IF(marginal_cost_low=marginal_cost_high'
    f',""," to "&{_dollars("marginal_cost_high")})&" of marginal cost."{_within("cost_multiple")}'
)

VALIDITY_ANSWER = (
    'IFERROR(IF(validity_at_threshold>1,"No selection, however valid, would bring it to "'
    '&FIXED(100*marginal_threshold,0)&"%.","At the assumed validity of "'
    "&FIXED(selection_validity,2)&IF(selection_validity<validity_at_threshold,"
    '" it stays above "&FIXED(100*marginal_threshold,0)&"%; it would fall to that at a validity "'
    '&"of "&FIXED(validity_at_threshold,2)&".",'
    '" selection brings it to "&FIXED(100*marginal_threshold,0)&"% or below, as from "'
    '&FIXED(validity_at_threshold,2)&" on.")),'
    '"Where one is admitted there is no margin to compare.")'
)

MENTORS_ANSWER = (
    'IFERROR("Where mentors choose, "&IF(places>=applicants,"every applicant has a place already.",'
    '"one more place brings "&place_within&" of the central one ("&place_says&"), one more mentor "'
    '&mentor_within&" ("&mentor_says&")."),'
    '"The mentors\' draft could not be run: the Marginal sheet says more.")'
)

MARGINAL_ANSWER = (
    '"In one line under a common bar, the marginal scholar is worth "&FIXED(100*marginal_ratio,0)'
    '&"% of the central one: the quote "&IF(adjusted_quote=cost_quote,"stays ","becomes ")'
    f'&adjusted_quote&"."{_within("adjusted_multiple")}&" "&{VALIDITY_ANSWER}&" "&{MENTORS_ANSWER}'
)

AFTER = "the ratio after the placements"

RATIO_ANSWER = (
    f'"Placing "&{_count("added_safety")}&" in safety and "&{_count("added_capabilities")}'
    '&" in capabilities "&IF(ratio_before_text=ratio_after_text,"leaves the ratio at about "'
    '&ratio_before_text,"moves the ratio from "&ratio_before_text&" to "&ratio_after_text)'
    f'&". The net effect is "&{_count("net_safety")}&" in safety, if one researcher in safety '
    f'offsets "&{_count("offset")}&" in capabilities."{_within("ratio_shift.after", AFTER)}'
)

WINDOW_ANSWER = (
    'IF(ISNUMBER(exit_year),IF(exit_year=0,"The load is over its limit from the start",'
    '"The load passes its limit in "&FIXED(exit_year,1)&" years"),"The load never passes its limit'
    '")&"; the chance of staying inside for "&FIXED(window_years,0)&IF(window_years=1," year",'
    f'" years")&" is "&{_percent("staying_chance")}&"."'
)

_OFF_ONE = f"OR({','.join(map(off_one, SHARED))})"

PORTFOLIO_ANSWER = (
    f'IF({_OFF_ONE},"Not computed: the shares of the job openings and of what grant-makers prefer '
    'must each be 100% together (Assumptions sheet).",'
    '"Of the next "&FIXED(next_seats,0)&" seats "&FIXED(gap_plan_iterators,0)&" go to Iterators, '
    '"&FIXED(gap_plan_amplifiers,0)&" to Amplifiers, "&FIXED(gap_plan_connectors,0)&" to '
    'Connectors.")'
)

_UNREAD = f'COUNTIF(good_states,"{UNREAD}")'
_UNREAD_GOOD = f'INDEX(good_labels,MATCH("{UNREAD}",good_states,0),1)'

_RATES, _HIGHEST = "COUNT(good_rates)", "MAX(good_rates)"

# An error first: COUNT and the others would pass over it.
EXCHANGE_ANSWER = (
    f'IF({_UNREAD}>0,"The survey has an answer that cannot be read: see "'
    f'&IF({_UNREAD_GOOD}="{NONE}","the column without a name",{_UNREAD_GOOD})'
    f'&" on the Survey sheet.",IF({_RATES}=0,"No good has a rate yet.",'
    f'FIXED({_RATES},0)&IF({_RATES}=1," good has"," goods have")&" a rate; the highest: "'
    f'&INDEX(good_labels,MATCH({_HIGHEST},good_rates,0),1)&", "&{_digits(_HIGHEST)}'
    f'&IF({_HIGHEST}=1," researcher."," researchers.")))'
)

_SURVEY_FINE = f'COUNTIF({MARKS},"{FINE}")+COUNTIF({MARKS},"{NONE}")=COLUMNS({MARKS})'
_JUDGED_FINE = f'judgement_state="{FINE}"'

# FIXED rather than TEXT: the format codes of TEXT depend on the language of Excel.
ANSWERS = (
    ("answer_cost", "What is one more scholar worth beside its cost?", COST_ANSWER, "Cost", 2),
    (
        "answer_marginal",
        "Is the marginal scholar worth what the central one is?",
        MARGINAL_ANSWER,
        "Marginal",
        5,
    ),
    (
        "answer_ratio",
        "How does the ratio of capabilities to safety researchers shift?",
        RATIO_ANSWER,
        "Ratio",
        3,
    ),
    ("answer_window", "How long does local alignment hold?", WINDOW_ANSWER, "Window", 1),
    ("answer_portfolio", "Which people should come next?", PORTFOLIO_ANSWER, "Portfolio", 1),
    ("answer_exchange", "What are other goods worth?", EXCHANGE_ANSWER, "Exchange", 1),
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
        widths=(48, 84, 16, 22, 24),
        one_page=True,
        blocks=(
            opening("Fieldbook", "What one more scholar is worth, and how the field shifts"),
            Table(
                header=("Question", "Answer", "See sheet", "In short", "With 90% confidence"),
                rows=tuple(
                    (
                        Cell(content=question, style="question"),
                        Cell(
                            formula=f'=IFERROR({sentence},"{NOT_COMPUTED.format(sheet=see)}")',
                            style="answer",
                            names=(name,),
                            lines=lines,
                        ),
                        Cell(content=see, style="unit"),
                        Cell(formula=f"={QUOTED[see]}", style="strong"),
                        _range(WITHIN.get(see, ""), "strong"),
                    )
                    for name, question, sentence, see, lines in ANSWERS
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


WITHIN = {
    "Cost": "cost_multiple",
    "Marginal": "adjusted_multiple",
    "Ratio": "ratio_shift.after",
    "Window": "exit_year",
}
"""The answer that a row's "In short" gives, whose range stands beside it if it has one."""

QUOTED = {
    "Cost": "cost_quote",
    "Marginal": "adjusted_quote",
    "Ratio": "ratio_after_text",
    "Window": 'IFERROR(IF(ISNUMBER(exit_year),FIXED(exit_year,1)&" years",exit_year),"see there")',
    "Portfolio": "IFERROR("
    + '&"/"&'.join(f"FIXED(gap_plan_{each},0)" for each in TYPES)
    + ',"see there")',
    "Exchange": f'IF({_UNREAD}>0,"{UNREAD}",FIXED(COUNT(good_rates),0)&IF(COUNT(good_rates)=1,'
    '" rate"," rates"))',
}


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
    within = f"{defined_name(reference)}_within"
    return Cell(formula=f'=IF({is_certain(reference)},"{NONE}",{within})', style=style)


UNCERTAIN = [headline.reference for headline in HEADLINES]
"""The answers whose range the Uncertainty sheet computes."""
