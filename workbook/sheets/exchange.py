"""The Exchange sheet: what other goods are worth in researchers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

from pycore.checks import AMOUNT
from pycore.exchange import CONTRADICTION, EXPERIENCE, NOT_ENTERED
from pycore.graph import Graph
from pycore.model.tables import GOODS, JUDGED, MOST_COMPARED, MOST_GOODS, NOTHING, PUBLISHED_RATES
from workbook.sheets.layout import Cell, Sheet, Spare, Table, Words, Working
from workbook.sheets.parts import (
    FINE,
    Row,
    block,
    block_name,
    cell,
    column_working,
    corner,
    entry,
    first_true,
    indexed,
    linked,
    notes,
    opening,
    repeated,
    row,
    under_each,
    unit_text,
    unless_absent,
    working,
)
from workbook.sheets.people.survey import good_name
from workbook.sheets.styles import BAR_FILL, READ

LONGEST_SOURCE = 120
SOURCE = "Comment on the survey, EA Forum (2024); derived from dollar equivalents"
ENTER = "not published: enter yours"

HEADER = (
    "Good",
    "Rate used",
    "Where its rate is from",
    "Value (USD)",
    "Cost multiple",
    "Own over rate used",
    "Rate at like experience",
    "Published or entered",
    "Own rate",
    "Years of experience",
    "Cost of one (USD)",
    "Source",
)
WIDTHS = (26, 12, 18, 12, 9, 10, 11, 11, 9, 10, 10, 23)

NAMED = {
    "good_labels": "Good",
    "good_entered": "Published or entered",
    "good_owns": "Own rate",
    "good_years": "Years of experience",
    "good_costs": "Cost of one (USD)",
}
"""The defined names of columns, and their headers."""

SHOWING = {
    "good_value_shown": "Value (USD)",
    "good_multiple_shown": "Cost multiple",
    "versus_median_shown": "Own over rate used",
    "experience_adjusted_shown": "Rate at like experience",
}
"""The same of columns that show a result: but for the goods without a name."""

ANSWERS = (
    "Good",
    "Answers",
    "Median",
    "Lower quartile",
    "Upper quartile",
    "Geometric mean",
    "Median, 5%",
    "Median, 95%",
)

BLANK = f'"{NOT_ENTERED}"'
HELD, UNREAD = "read", "cannot be read"
"""What is said of a good's rate, beside "not entered"."""

HOW_TO_READ = (
    "Rates are in researchers: what one of the good is worth. The rate used is the survey's median "
    "where there are answers (Survey sheet), else the one published or entered.",
    "The interval of the median is from the 5th to the 95th percentile over 1,000 samples drawn "
    "from the answers with replacement. The value takes the value of one more researcher.",
    "The rate at like experience is what it would be for someone of the reference experience: the "
    "survey's categories compare people of very different experience.",
)

UNFOLDED = 10
"""How many goods are in sight at first; the rows for more are folded away, as they are blank."""

FOLDED = "folded_goods"
"""The names of the goods in the rows that are folded away."""

COMPARED = ("One more researcher", *GOODS[:3])


SURVEYED, JUDGED_AT = "exchange:survey", "exchange:comparisons"
"""The anchors of what stands below the goods."""


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    goods = range(1, MOST_GOODS + 1)
    found = Spare(columns=(0, 0), typed=False, unfolded=UNFOLDED)
    return Sheet(
        name="Exchange",
        tab_colour=READ,
        widths=WIDTHS,
        workings=(
            working(graph, "survey_summary", _beside("good_rates good_states", _rate_and_state)),
            working(graph, "good_value", _beside("multiple_values multiple_costs", _or_ones)),
            _rates_found(graph),
            working(graph, "good_multiple"),
            working(graph, "versus_median"),
            working(graph, "experience_adjusted"),
            working(graph, "consistent_rates"),
        ),
        blocks=(
            opening("Exchange rates", "What are other goods worth in researchers?"),
            Table(
                rows=(
                    row("in_sight", "=answer_exchange"),
                    (
                        linked("Compare goods in pairs", f"@{JUDGED_AT}"),
                        linked("Survey", f"@{SURVEYED}"),
                        linked("Its answers", "Survey!"),
                    ),
                )
            ),
            Table(
                heading="The goods (edit here; their names on the Survey sheet)",
                header=HEADER,
                rows=tuple(map(_good, goods)),
                columns={name: HEADER.index(header) for name, header in (NAMED | SHOWING).items()},
                bars={HEADER.index("Rate used"): BAR_FILL},
                hides=dict.fromkeys((1, 3, 4, 5, 6), NOT_ENTERED),
                spare=found,
            ),
            _folded(),
            notes(HOW_TO_READ),
            Table(rows=((),)),
            _comparisons(),
            _assumed(graph),
            Table(
                heading="What the survey says of each good",
                anchor=SURVEYED,
                hides=dict.fromkeys(range(2, len(ANSWERS)), NOT_ENTERED),
                header=ANSWERS,
                rows=tuple(map(_surveyed, goods)),
                columns={"survey_summary_shown": ANSWERS.index("Median")},
                spare=found,
            ),
        ),
    )


def _folded() -> Table:
    """What stands in the rows that are folded away, and how to see them."""
    held = f'ROWS({FOLDED})-COUNTIF({FOLDED},"{NOTHING}")'
    room = f'"Room for "&ROWS({FOLDED})&" more goods"'
    said = f'=IF({held}=0,{room},({held})&" more goods stand")&"{UNFOLD}"'
    return Table(rows=((cell(said, "", "plain", "folded_said"),),))


UNFOLD = (
    " in rows that are folded away: select the rows around them, right-click, Unhide. In "
    "LibreOffice unprotect the sheet first."
)


def _assumed(graph: Graph) -> Table:
    ids = ("value_per_researcher", "reference_years", "experience_elasticity")
    return Table(
        heading="What it uses (click to edit)",
        header=("Assumption", "Central", "Unit"),
        rows=tuple(
            (
                linked(node.label, node.id, "link_label"),
                *row("value unit", repeated(node), unit_text(node.unit)),
            )
            for node in (graph[each] for each in ids)
        ),
    )


def _good(number: int) -> Row:
    """What comes out of a good, and what is entered for it."""
    known = number <= len(GOODS)
    rate = PUBLISHED_RATES[number - 1] if number <= len(PUBLISHED_RATES) else None
    source = SOURCE if rate else ENTER if known else None
    used, state = f"INDEX(good_rates,{number},1)", f"INDEX(good_states,{number},1)"
    median, value = _of("survey_summary", number, 2), _of("good_value", number)
    origin = f'IF(ISNUMBER({median}),"the survey\'s median","published or entered")'
    origin = f'IF({state}="{HELD}",{origin},{state})'
    prefix = f"good_{number}"
    multiple = f"IF(AND(ISNUMBER({value}),ISNUMBER({prefix}_cost)),"
    multiple += f"{_of('good_multiple', number)},{BLANK})"
    outputs = (
        (good_name(number), "", "label"),
        (used, "rate", "strong"),
        (origin, "", "wrapped"),
        (value, "USD"),
        (_error_or(value, multiple), "x"),
        (_of("versus_median", number), "rate"),
        (_of("experience_adjusted", number), "rate"),
    )
    name, *shown = (cell(f"={_named(number, formula)}", *look) for formula, *look in outputs)
    return (
        corner(FOLDED, name, MOST_GOODS - UNFOLDED) if number == UNFOLDED + 1 else name,
        *shown,
        *(
            replace(each, prompt=PROMPTS[each.names[-1].rpartition("_")[2]])
            for each in (
                entry(f"{prefix}_rate", AMOUNT, rate, optional=True),
                entry(f"{prefix}_own", AMOUNT, optional=True),
                entry(f"{prefix}_years", EXPERIENCE, optional=True),
                entry(f"{prefix}_cost", AMOUNT, unit="USD", optional=True),
                entry(f"{prefix}_source", Words(LONGEST_SOURCE), source, optional=True),
            )
        ),
    )


PROMPTS = {
    "rate": "What one of this good is worth, in researchers, as published.",
    "own": "What you think one of it is worth, in researchers.",
    "years": "Years of experience of those whom the good means.",
    "cost": "What one of it costs, in USD.",
    "source": "Where the published rate is from.",
}


def _surveyed(number: int) -> Row:
    """What the answers say of a good."""
    outputs = (
        (good_name(number), "", "label"),
        (_of("survey_summary", number), "scholars"),
        *((_of("survey_summary", number, place), "rate") for place in range(2, 8)),
    )
    return tuple(cell(f"={_named(number, formula)}", *look) for formula, *look in outputs)


def _named(number: int, formula: str) -> str:
    """A formula where the good has a name, and a mark where there is none."""
    return f'IF(TRIM({good_name(number)})="","{NOTHING}",{formula})'


def _of(block: str, row: int, column: int = 1) -> str:
    return indexed(block_name(block), row, column).removeprefix("=")


def _beside(
    names: str, formulas: Callable[[int], Sequence[str]], goods: int = MOST_GOODS
) -> tuple[Row, ...]:
    """Plain cells beside a block, a row for each good, whose columns another block takes."""
    rows = [
        tuple(cell(formula, style="quiet_value") for formula in formulas(number))
        for number in range(1, goods + 1)
    ]
    return under_each(names.split(), rows)


def _rate_and_state(number: int) -> tuple[str, str]:
    """The rate of a good that is used, and what is the matter with it, for other sheets to count.

    It is the median, else what was entered; an answer that cannot be read is not passed over.
    """
    median, entered = _of("survey_summary", number, 2), f"good_{number}_rate"
    typed = f"IF(ISNUMBER({entered}),{entered},{_error_or(entered, BLANK)})"
    named = f"IF(ISNUMBER({median}),{median},{typed})"
    used = _error_or(median, f'IF(TRIM({good_name(number)})="",{BLANK},{named})')
    rate = f"INDEX(good_rates,{number},1)"
    unread = unless_absent(rate, f'"{UNREAD}"')
    state = f'IF(ISERROR({rate}),{unread},IF(ISNUMBER({rate}),"{HELD}","{NOT_ENTERED}"))'
    return f"={used}", f"={state}"


def _error_or(value: str, otherwise: str) -> str:
    """An error as it is, and else something other; without the "="."""
    return f"IF(ISERROR({value}),{value},{otherwise})"


def _or_ones(number: int) -> list[str]:
    """The value and the cost of a good, and 1 where either is missing."""
    parts = (_of("good_value", number), f"good_{number}_cost")
    return ["=" + _error_or(part, f"IF(ISNUMBER({part}),{part},1)") for part in parts]


def _rates_found(graph: Graph) -> Working:
    """How many goods have a rate, the highest of them, and what cannot be read, for Summary."""
    unread = f'COUNTIF(good_states,"{UNREAD}")'
    unread_label = f'INDEX(good_labels,MATCH("{UNREAD}",good_states,0),1)'
    highest = "MATCH(rates_found_highest,good_rates,0)"
    formulas = (
        "=COUNT(good_rates)",
        f"=IF({unread}>0,0,MAX(good_rates))",
        f'=IF(OR({unread}>0,COUNT(good_rates)=0),"{NOTHING}",INDEX(good_labels,{highest},1))',
        f'=IF({unread}=0,"{NOTHING}",IF({unread_label}="{NOTHING}","the column without a name",'
        f"{unread_label}))",
    )
    result = graph["rates_found"]
    cells = [
        cell(formula, "", "quiet_value", f"{result.id}_{part}")
        for formula, part in zip(formulas, result.parts, strict=True)
    ]
    return column_working(result.id, cells)


def _comparisons() -> Table:
    """Judgements of one good in another, and the rates that agree with them best."""
    places = range(1, MOST_COMPARED + 1)
    rates = block(
        "consistent_rates",
        [(cell(indexed("consistent_rates_block", 1, each), "rate", "strong"),) for each in places],
    )
    judgements = block("comparison_judgements", map(_judgements, places))
    compared = tuple(
        row(
            "input_text strong wrapped",
            entry(f"compared_{place}", Words(40), COMPARED[place - 1]),
            *rate,
            "the first good" if place == 1 else "of the first good",
        )
        + judged
        for place, rate, judged in zip(places, rates, judgements, strict=True)
    )
    inconsistency = indexed("consistent_rates_block", 1, MOST_COMPARED + 1)
    circle = indexed("consistent_rates_block", 1, MOST_COMPARED + 2)
    said = f'=IF(ISNUMBER(inconsistency),IF({FIT},"The judgements fit.",{_circle()}),{_refusal()})'
    reason = cell(said, "", "plain", "judgement_reason")
    in_order = f'=IF(ISNUMBER(inconsistency),IF({FIT},"{FINE}","see beside"),"see beside")'
    state = cell(in_order, "", "status", "judgement_state")
    return Table(
        anchor=JUDGED_AT,
        heading="Comparisons (edit: one of the row's good is worth so many of the column's; blank "
        "where there is no judgement)",
        axis=(
            *row("header header_right header_unit", "Good", "Rate", "How to read it"),
            *(Cell(formula=f"=compared_{each}", style="header_right", lines=3) for each in places),
        ),
        rows=(
            *compared,
            row(
                "text strong plain",
                "Inconsistency",
                cell(inconsistency, "share", "strong", "inconsistency"),
                "0% where all judgements agree",
            ),
            row(
                "text strong plain",
                "Worst circle of three",
                cell(circle, "ratio", "strong", "judgement_circle"),
                "1 where any three judgements around agree",
            ),
            row(
                "text value plain",
                "Largest contradiction",
                cell(CONTRADICTION, "ratio", "value", "judgement_limit"),
                "How far a judgement and its reverse, or three around, may differ",
            ),
            row("text status plain", "In order?", state, reason),
        ),
    )


FIT = "ROUND(judgement_circle,3)<=judgement_limit"
"""Whether no circle of three judgements contradicts itself."""


def _circle() -> str:
    """Which three goods the worst circle of judgements is of, in words."""
    rules = []
    for goods in combinations(range(1, MOST_COMPARED + 1), 3):
        one, two, three = goods
        around = "+".join(map(_log, (one, two, three), (two, three, one)))
        rules.append(
            (
                f"IFERROR(ROUND(ABS({around})-LN(judgement_circle),3)=0,FALSE)",
                f'compared_{one}&", "&compared_{two}&" and "&compared_{three}&": around the three, '
                f'the judgements differ "&TEXT(judgement_circle,"0.0")&"-fold. Look at each."',
            )
        )
    return first_true(rules, '"Three judgements around contradict each other."')


def _log(one: int, other: int) -> str:
    """The logarithm of what one good is judged to be worth in another, either way; or an error."""
    there, back = f"judgement_{one}_{other}", f"judgement_{other}_{one}"
    logs = f"IF(ISNUMBER({there}),LN({there}),0)-IF(ISNUMBER({back}),LN({back}),0)"
    return f"({logs})/COUNT({there},{back})"


def _refusal() -> str:
    """Why there are no rates, in words for a reader without Python."""
    table = "comparison_judgements"
    cells = f"ROWS({table})*COLUMNS({table})"
    rules = [
        (f"COUNT({table})+COUNTBLANK({table})<{cells}", '"A judgement is no number."'),
        (f'COUNTIF({table},"<=0")>0', '"A judgement is not above 0."'),
    ]
    for one, other in combinations(range(1, MOST_COMPARED + 1), 2):
        there, back = f"judgement_{one}_{other}", f"judgement_{other}_{one}"
        both = f"ABS(LN({there}*{back}))>LN(judgement_limit)"
        said = f'compared_{one}&" and "&compared_{other}&": the two judgements contradict each '
        rules.append((f"IF(COUNT({there},{back})=2,{both},FALSE)", f'{said}other. Clear one."'))
    unconnected = '"No judgement connects some of the goods with the first."'
    return first_true(rules, unless_absent("inconsistency", unconnected))


def _judgements(line: int) -> Row:
    """What one of a row's good is worth in each column's; of its own good it is 1."""
    return tuple(
        entry(f"judgement_{line}_{column}", AMOUNT, JUDGED.get((line, column)), optional=True)
        if column != line
        else cell(1.0)
        for column in range(1, MOST_COMPARED + 1)
    )
