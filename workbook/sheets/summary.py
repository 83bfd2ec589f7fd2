"""The Summary sheet: the answers with their ranges, what moves them, and what has changed."""

from __future__ import annotations

from dataclasses import replace

from pycore.graph import Graph
from pycore.model.briefs import BRIEFS
from pycore.model.sentences import ANSWERS, IN_SHORT
from pycore.model.tables import COMPARED as REFERENCES
from pycore.model.tables import HEADLINES, NOTHING, OUTCOME
from workbook.formulas import defined_name, taken
from workbook.sheets.assumptions import (
    BASES,
    BLANK,
    CENTRALS,
    CHANGES,
    CHECKS_NAME,
    FITS,
    LABELS,
    MARKED,
    NAMES,
    NOT_USED,
    REMARKS_NAME,
)
from workbook.sheets.checks import ALL_FINE, OK, RESULTS
from workbook.sheets.first_aid import ANSWERS as IN_BRIEF
from workbook.sheets.first_aid import NUMBERS, first_aid, probes
from workbook.sheets.layout import Cell, Chart, Series, Sheet, Spare, Table, Working
from workbook.sheets.parts import (
    FINE,
    GLOSSARY,
    TRACE,
    Row,
    block_name,
    cell,
    column_working,
    first_true,
    linked,
    row,
    said,
    spoken,
    warning,
)
from workbook.sheets.people.survey import MARKS
from workbook.sheets.sensitivity import (
    OWED,
    UNSOURCED,
    link_to,
    or_nothing,
    or_unexplained,
)
from workbook.sheets.styles import BAR_FILL, BLUE, READ
from workbook.sheets.uncertainty import ANSWER_LABELS

_SURVEY_FINE = f'COUNTIF({MARKS},"{FINE}")+COUNTIF({MARKS},"{NOTHING}")=COLUMNS({MARKS})'
_JUDGED_FINE = f'judgement_state="{FINE}"'

ANSWERED = (
    ("answer_cost", "Cost", "cost_quote", "cost_multiple", "brief_cost"),
    ("answer_marginal", "Marginal", "adjusted_quote", "adjusted_multiple", "bar_sentence"),
    ("answer_ratio", "Ratio", "ratio_after_text", "ratio_shift.after", "brief_ratio"),
)
"""Sentence, the sheet that explains it, the answer in short, its range, and it in one line."""

ALSO_ANSWERED = (
    ("answer_window", "Window", "short_window", "exit_year"),
    ("answer_portfolio", "Portfolio", "short_portfolio", ""),
    ("answer_exchange", "Exchange", "short_exchange", ""),
)
"""The same of the other questions, which a sentence answers in one line."""

COMPARED = (
    ("One more scholar, at the marginal cost", "cost_multiple"),
    ("The marginal scholar, in one line", "adjusted_multiple"),
    ("One more place, where mentors choose", "place_multiple"),
    ("One more mentor's first choice", "mentor_multiple"),
    ("At the cost asked of donors", "asked_multiple"),
    ("At the average cost of a scholar", "average_multiple"),
)
"""What the chart compares: label, result."""

MOVING = 5
"""How many of the assumptions that move an answer most stand here."""

MOVING_HEADER = ("Assumption", "At its low end", "At its high end", "Share of variance")

LISTED = "changes_listed"
"""The name of the cell where they stand."""

NONE_DIFFERS = "Nothing differs."
SHOWN_CHANGES = 6
"""How many of the assumptions that differ from their base values stand here."""

_ROWS_FINE = f'COUNTIF({CHECKS_NAME},"{FINE}")'
_NOTHING_SAID = "-".join(f'COUNTIF({REMARKS_NAME},"{said}")' for said in (FITS, NOT_USED))
_REMARKS = f"(COUNTA({REMARKS_NAME})-{_NOTHING_SAID})"

_SIMULATED = {
    "Uncertainty": ("simulation", "outcome_curves", "surface_error"),
    "Sensitivity": ("tornado", "break_even", "information_value", "provenance_debt"),
    "Scenarios": ("scenarios",),
}
"""The blocks that a sheet shows whose numbers are simulated, or computed again and again."""

IN_ORDER = (
    (
        "Published figures",
        f'=COUNTIF({RESULTS},"{OK}")&" of "&ROWS({RESULTS})&" come out as published."',
        f"={ALL_FINE}",
        "Checks",
    ),
    (
        "Assumptions",
        f'={_ROWS_FINE}&" of "&COUNTA({CHECKS_NAME})&" rows are complete and in order"&'
        f'IF({_REMARKS}=0,"","; "&{_REMARKS}&" with something to look at")&"."',
        f'=IF({_ROWS_FINE}=COUNTA({CHECKS_NAME}),"{FINE}","see there")',
        "Assumptions",
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
        "Exchange",
    ),
    (
        "Uncertainty, sensitivity and scenarios",
        '=IF(simulated_missing="","Every figure is computed.","Some figures of the sheet "&'
        'simulated_missing&" cannot be computed from the inputs as they stand.")',
        f'=IF(simulated_missing="","{FINE}","see there")',
        "Uncertainty",
    ),
)
"""Label, what was found, state, the sheet that shows it."""

SHEETS = (
    ("Assumptions", "Every input with its range and source: edit here."),
    ("Uncertainty", "How sure each answer is, and which assumptions go together."),
    ("Sensitivity", "What an answer depends on, what would flip a decision, what to find out."),
    ("Scenarios", "The answers under other assumptions, side by side."),
    ("Log", "What was changed, by whom, why, and what that did."),
    ("Survey", "What respondents say goods are worth."),
    ("Checks", "The published figures beside the computed ones."),
    ("About", "What recalculates the workbook; glossary, sources, trace, functions, licence."),
)
"""The sheets to which no answer leads, and what stands there."""

WIDTHS = (40, 14, 19, 78, 14)


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    return Sheet(
        name="Summary",
        tab_colour=READ,
        widths=WIDTHS,
        workings=(probes(), *spoken(SPOKEN), _in_brief(), *_errors(), _missing()),
        blocks=(
            _opening(),
            Table(
                header=("Question", "Answer", "90% range", "In words", "More"),
                rows=tuple(_answer(graph, *answered) for answered in ANSWERED),
            ),
            _compared(),
            Table(
                header=("How the figures fit", "", "", "In words", ""),
                rows=tuple(
                    (
                        Cell(content=graph[each].label, style="question"),
                        *row("text text", None, None),
                        said(graph, each, lines=4),
                        Cell(style="text"),
                    )
                    for each in ("figures_fit", "independent_figures")
                ),
            ),
            Table(
                header=("Other questions", "Answer", "90% range", "In words", "More"),
                rows=tuple(_other_answer(graph, *answered) for answered in ALSO_ANSWERED),
            ),
            *_moving(),
            Table(
                header=("The answers in full", "", "", "In words", "More"),
                rows=tuple(
                    (
                        *row("text text text", graph[name].label, None, None),
                        said(graph, name, lines=lines),
                        linked(see, f"{see}!"),
                    )
                    for (name, see, *_), lines in zip(ANSWERED, (3, 6, 5), strict=True)
                ),
            ),
            Table(
                header=("Is the workbook in order?", "State", "", "What was found", "See"),
                rows=tuple(
                    (
                        *row("text status text answer", label, state, None, found),
                        linked(see, f"{see}!"),
                    )
                    for label, found, state, see in (_functions(), *IN_ORDER)
                ),
            ),
            _changed(),
            Table(
                header=("Other sheets", "", "", "What stands there", ""),
                rows=tuple(
                    (linked(name, f"{name}!"), *row("text text text text", None, None, what))
                    for name, what in SHEETS
                ),
            ),
        ),
    )


SUBTITLE = "What one more scholar is worth, and how the field shifts"

SPOKEN = [each.id for each in (*ANSWERS, *IN_SHORT, *BRIEFS)]


def _functions() -> tuple[str, Cell, Cell, str]:
    """Whether the functions answer, and what to do where they do not."""
    label, found, state, *_ = first_aid()
    return str(label.content), found, state, "About"


def _opening() -> Table:
    """The title, and whether the inputs are those of a new file."""
    number, all_of_them = f"MAX({CHANGES})", f"COUNT({CHANGES})"
    differ = f'IF({number}=1,"differs from its base value","differ from their base values")'
    listed = f'{number}&" of "&{all_of_them}&" assumptions "&{differ}&" (click to see which)"'
    state = (
        f'=HYPERLINK("#{LISTED}",IF({number}=0,"All "&{all_of_them}&" assumptions hold their '
        f'base values",{listed}))'
    )
    return Table(
        rows=(
            row("title notice", "Fieldbook", warning()),
            row("subtitle", SUBTITLE),
            (
                linked("Edit the assumptions", "Assumptions!"),
                linked("Trace", f"@{TRACE}"),
                linked("Glossary", f"@{GLOSSARY}"),
                cell(state, "", "link", "changes_said"),
            ),
        )
    )


def _answer(graph: Graph, name: str, see: str, short: str, within: str, brief: str) -> Row:
    words = f"={brief}" if brief == "bar_sentence" else said(graph, brief)
    return row(
        "question large strong answer link",
        graph[name].label,
        f"={short}",
        _range(within, "range"),
        replace(words, lines=2) if isinstance(words, Cell) else words,
        linked(see, f"{see}!"),
    )


def _in_brief() -> Working:
    """Every answer in short, for whoever asks whether one is an error."""
    short = [answer for _, _, answer, *_ in (*ANSWERED, *ALSO_ANSWERED)]
    return column_working(IN_BRIEF, [cell(f"={each}", style="quiet_value") for each in short])


def _other_answer(graph: Graph, name: str, see: str, short: str, within: str) -> Row:
    return row(
        "question strong strong answer link",
        graph[name].label,
        said(graph, short, "strong"),
        _range(within, "strong"),
        said(graph, name),
        linked(see, f"{see}!"),
    )


def _range(reference: str, style: str) -> Cell:
    """The 90% range of an answer, if the Uncertainty sheet computes it."""
    if reference not in UNCERTAIN:
        return Cell(style="text")
    return Cell(formula=f"={defined_name(reference)}_within", style=style)


UNCERTAIN = [headline.reference for headline in HEADLINES]
"""The answers whose range the Uncertainty sheet computes."""


# Value against cost


def _missing() -> Working:
    """The first sheet of simulated figures of which some are errors; blank where none is."""
    rules = [
        (f"OR({','.join(f'ISERROR(SUM({block_name(each)}))' for each in blocks)})", f'"{name}"')
        for name, blocks in _SIMULATED.items()
    ]
    found = f"={first_true(rules, BLANK)}"
    return Working(cells=(cell(found, "", "quiet_value", "simulated_missing"),))


def _errors() -> tuple[Working, ...]:
    """How far the 90% range of each multiple reaches above and below its central value."""
    found = []
    for name_of_cells, form in ERRORS.items():
        cells = []
        for _, name in COMPARED:
            end = f"{name}_spread_{name_of_cells.split('_')[1]}"
            length = f"IF(ISNUMBER({end}),MAX({form.format(end=end, middle=name)},0),0)"
            shown = length if name in UNCERTAIN else "0"
            # Bars begin at 1: a lower end has none, and the axis still reaches to where they begin.
            whole = f"MAX({shown}+{name},1)" if name_of_cells == HIGHEST else shown
            cells.append(cell(f"={whole}", style="quiet_value"))
        found.append(column_working(name_of_cells, cells))
    return tuple(found)


HIGHEST = "compared_high_ends"
ERRORS = {
    "compared_high_errors": "{end}-{middle}",
    "compared_low_errors": "{middle}-{end}",
    HIGHEST: "{end}-{middle}",
}
"""The columns that the chart's lines and pale bars reach by: how far, from the central value."""


COMPARED_HEADER = ("Whose value, at which cost", "Central", "90% range")

COMPARED_CHART = Chart(
    kind="ranges",
    title="How many times its cost one more scholar is worth",
    description="Horizontal bars from 1, where value and cost are equal, to the central "
    "cost multiple of each row of the table beside it; a black line shows the 90% range "
    "where one is computed.",
    x_title="Value over cost (times); bars begin at 1, where the two are equal",
    y_title="Whose value",
    x_format='General"x"',  # the axis of what is worth less than it costs has tenths
    labels="0.0",  # short enough for a narrow bar
    width=640,
    height=250,
    series=(
        Series("High end (95%)", "compared_labels", HIGHEST, BAR_FILL),
        Series(
            "Central (line: 90% range)",
            "compared_labels",
            "compared_multiples",
            BLUE,
            errors=("compared_high_errors", "compared_low_errors"),
        ),
    ),
)


def _compared() -> Table:
    return Table(
        heading="Value over cost",
        header=COMPARED_HEADER,
        rows=tuple(
            row(
                "text strong strong",
                label,
                cell(f"={name}", "x", "strong"),
                _range(name, "strong"),
            )
            for label, name in COMPARED
        ),
        columns={"compared_labels": 0, "compared_multiples": 1, NUMBERS: 1},
        chart=COMPARED_CHART,
        chart_column=3,
    )


# What moves the answer, and what has changed


def _moving() -> tuple[Table, Table]:
    """The assumptions that an answer depends on most, as the Sensitivity sheet computes them."""
    asked = f"INDEX({ANSWER_LABELS},MATCH({taken(OUTCOME)},{REFERENCES},0))"
    reading = or_unexplained('"All other assumptions are central."')
    which = f'="Of the answer: "&{asked}&". "&{reading}'
    unsourced = or_nothing(OWED, 1, 3).removeprefix("=")
    owing = "Assumptions behind it without a good source (none, judgement, or too old): "
    rows = []
    for place in range(1, MOVING + 1):
        block = block_name("tornado")
        rows.append(
            row(
                "link_label value value value text",
                f"={link_to(f'tornado_{place}')}",
                *(cell(or_nothing(block, place, column), "fitted") for column in (2, 3)),
                cell(or_nothing(block, place, 6), "share"),
            )
        )
    return (
        Table(
            heading="What moves an answer most (click an assumption to change it)",
            rows=(
                (cell(which, "", "plain"), None, None, None, linked("Another", "Sensitivity!")),
                (
                    cell(f'="{owing}"&{unsourced}&"."', "", "plain"),
                    *(None, None, None),
                    linked("Which ones", f"@{UNSOURCED}"),
                ),
            ),
        ),
        Table(
            header=(*MOVING_HEADER, ""),
            rows=tuple(rows),
            bars={3: BAR_FILL},
            spare=Spare(columns=(0, 0), typed=False),
        ),
    )


def _changed() -> Table:
    """The assumptions that hold another value than in a new file."""
    number = f"ROW()-ROW({LISTED})+1"
    at, there = f"MATCH({number},{CHANGES},0)", f"MAX({CHANGES})>={number}"
    link = f'HYPERLINK("#"&INDEX({NAMES},{at}),INDEX({LABELS},{at}))'
    values = [f'=IF({there},INDEX({column},{at}),"")' for column in (CENTRALS, BASES, MARKED)]
    rows = [
        row(
            "link_label value value wrapped",
            f'=IF({there},{link},"{NOTHING if place else NONE_DIFFERS}")',
            *(cell(each, "figure") for each in values[:2]),
            values[2],
        )
        for place in range(SHOWN_CHANGES)
    ]
    rows[0] = (*rows[0], Cell(style="text", names=(LISTED,)))
    return Table(
        heading="What differs from the base values (click an assumption to change it)",
        header=("Assumption", "Now", "Base value", "What differs", ""),
        rows=tuple(rows),
        spare=Spare(columns=(0, 0), typed=False),
    )
