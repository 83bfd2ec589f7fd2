"""The Exchange sheet: what other goods are worth in researchers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

from pycore.checks import AMOUNT
from pycore.exchange import CONTRADICTION, EXPERIENCE, NOT_ENTERED
from pycore.graph import Graph
from pycore.model.tables import GOODS, JUDGED, MOST_COMPARED, MOST_GOODS, NOTHING, PUBLISHED_RATES
from workbook.sheets.layout import Cell, Chart, Sheet, Table, Words, Working
from workbook.sheets.parts import (
    FINE,
    Row,
    block,
    block_name,
    cell,
    column_working,
    entry,
    first_true,
    indexed,
    notes,
    opening,
    repeated,
    row,
    series,
    under_each,
    unless_absent,
    working,
)
from workbook.sheets.styles import BLUE, ORANGE
from workbook.sheets.survey import good_name

LONGEST_SOURCE = 120
SOURCE = "Comment on the survey, EA Forum (2024); derived from dollar equivalents"
ENTER = "not published: enter yours"

ENTERED = {
    "Good": "good_labels",
    "Source": "",
    "Published or entered": "good_entered",
    "Own rate": "good_owns",
    "Years of experience": "good_years",
    "Cost of one (USD)": "good_costs",
}
"""The defined name of each column of what is entered, if it has one."""

FOUND = (
    "Good",
    "Where its rate is from",
    "Answers",
    "Median",
    "Lower quartile",
    "Upper quartile",
    "Geometric mean",
    "Median, 5%",
    "Median, 95%",
    "Rate used",
    "Value (USD)",
    "Cost multiple",
    "Own over rate used",
    "Rate at like experience",
)

BLANK = f'"{NOT_ENTERED}"'
READ, UNREAD = "read", "cannot be read"
"""What is said of a good's rate, beside "not entered"."""

CHARTED = 10
"""How many goods the chart has room for."""

HOW_TO_READ = (
    "Rates are in researchers: what one of the good is worth. The rate used is the survey's median "
    "where there are answers (Survey sheet), else the one published or entered.",
    "The interval of the median is from the 5th to the 95th percentile over 1,000 samples drawn "
    "from the answers with replacement. The value takes the value of one more researcher.",
    "The last column is the rate as it would be for someone of the reference experience: the "
    "survey's categories compare people of very different experience.",
)

COMPARED = ("One more researcher", *GOODS[:3])


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    goods = range(1, MOST_GOODS + 1)
    return Sheet(
        name="Exchange",
        widths=(38, 46, *[12.5] * (len(FOUND) - 2)),
        workings=(
            working(graph, "survey_summary", _beside("good_rates good_states", _rate_and_state)),
            working(graph, "good_value", _beside("multiple_values multiple_costs", _or_ones)),
            _rates_found(graph),
            working(graph, "good_multiple"),
            working(graph, "versus_median"),
            working(graph, "experience_adjusted", _beside(CHART_COLUMNS, _charted, CHARTED)),
            working(graph, "consistent_rates"),
        ),
        blocks=(
            opening("Exchange rates", "What are other goods worth in researchers?"),
            _assumed(graph),
            _chart(),
            _comparisons(),
            notes(HOW_TO_READ),
            Table(
                heading="The goods: what is entered (edit here; their names on the Survey sheet)",
                header=tuple(ENTERED),
                rows=tuple(map(_entered, goods)),
                columns={name: at for at, name in enumerate(ENTERED.values()) if name},
                starts_page=True,
            ),
            Table(
                heading="The goods: what comes out",
                header=FOUND,
                rows=tuple(map(_found, goods)),
                starts_page=True,
            ),
        ),
    )


def _assumed(graph: Graph) -> Table:
    ids = ("value_per_researcher", "reference_years", "experience_elasticity")
    return Table(
        heading="What it uses (edit these on the Assumptions sheet)",
        header=("Assumption", "Unit", "Central"),
        rows=tuple(
            row("text unit value", node.label, node.unit, repeated(node))
            for node in (graph[each] for each in ids)
        ),
    )


def _entered(number: int) -> Row:
    known = number <= len(GOODS)
    rate = PUBLISHED_RATES[number - 1] if number <= len(PUBLISHED_RATES) else None
    source = SOURCE if rate else ENTER if known else None
    prefix = f"good_{number}"
    return (
        cell(f"={_named(number, good_name(number))}", style="label"),
        entry(f"{prefix}_source", Words(LONGEST_SOURCE), source, optional=True),
        entry(f"{prefix}_rate", AMOUNT, rate, optional=True),
        entry(f"{prefix}_own", AMOUNT, optional=True),
        entry(f"{prefix}_years", EXPERIENCE, optional=True),
        entry(f"{prefix}_cost", AMOUNT, unit="USD", optional=True),
    )


def _found(number: int) -> Row:
    used, state = f"INDEX(good_rates,{number},1)", f"INDEX(good_states,{number},1)"
    median, value = _of("survey_summary", number, 2), _of("good_value", number)
    origin = f'IF(ISNUMBER({median}),"the survey\'s median","published or entered")'
    origin = f'IF({state}="{READ}",{origin},{state})'
    multiple = f"IF(AND(ISNUMBER({value}),ISNUMBER(good_{number}_cost)),"
    multiple += f"{_of('good_multiple', number)},{BLANK})"
    outputs = (
        (good_name(number), "", "label"),
        (origin, "", "wrapped"),
        (_of("survey_summary", number), "scholars"),
        *((_of("survey_summary", number, place), "rate") for place in range(2, 8)),
        (used, "rate", "strong"),
        (value, "USD"),
        (_error_or(value, multiple), "x"),
        (_of("versus_median", number), "rate"),
        (_of("experience_adjusted", number), "rate"),
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
    state = f'IF(ISERROR({rate}),{unread},IF(ISNUMBER({rate}),"{READ}","{NOT_ENTERED}"))'
    return f"={used}", f"={state}"


def _error_or(value: str, otherwise: str) -> str:
    """An error as it is, and else something other; without the "="."""
    return f"IF(ISERROR({value}),{value},{otherwise})"


def _or_ones(number: int) -> list[str]:
    """The value and the cost of a good, and 1 where either is missing."""
    parts = (_of("good_value", number), f"good_{number}_cost")
    return ["=" + _error_or(part, f"IF(ISNUMBER({part}),{part},1)") for part in parts]


def _bar_or_one(value: str) -> str:
    """What a bar shows: an error would be drawn as 0, which has no place on the axis."""
    return f"=IF(ISNUMBER({value}),{value},1)"


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


CHART_COLUMNS = "good_chart_label good_chart_rate good_chart_above good_chart_below good_chart_own"


def _charted(number: int) -> tuple[str, ...]:
    """What the chart shows: bars begin at 1, so that a good without a rate has none."""
    rate, state = f"INDEX(good_rates,{number},1)", f"INDEX(good_states,{number},1)"
    median, low, high = (_of("survey_summary", number, place) for place in (2, 6, 7))
    name = good_name(number)
    return (
        f'=IF(TRIM({name})=""," ",{name}&IF(ISNUMBER({rate}),""," ("&{state}&")"))',
        _bar_or_one(rate),
        f"=IF(ISNUMBER({high}),{high}-{median},0)",
        f"=IF(ISNUMBER({low}),{median}-{low},0)",
        _bar_or_one(f"good_{number}_own"),
    )


def _chart() -> Chart:
    used, own = series(
        "good_chart_label",
        ("Rate used (line: 90% interval of the median)", "good_chart_rate", BLUE),
        ("Own rate", "good_chart_own", ORANGE),
    )
    return Chart(
        kind="rates",
        title=f"What one of each good is worth (the first {CHARTED} goods)",
        description="Bars from 1 researcher on a logarithmic axis: the rate used of each of the "
        "first goods, with the interval of the survey's median where there is one, and the own "
        "rate beside it. Goods without a rate have no bar.",
        x_title="Researchers (logarithmic)",
        y_title="Good",
        x_format="General",
        x_logarithmic=True,
        width=1660,
        height=440,
        series=(replace(used, errors=("good_chart_above", "good_chart_below")), own),
    )


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
            "input_text wrapped strong",
            entry(f"compared_{place}", Words(40), COMPARED[place - 1]),
            "the first good, in which the others are" if place == 1 else "of the first good",
            *rate,
        )
        + judged
        for place, rate, judged in zip(places, rates, judgements, strict=True)
    )
    inconsistency = indexed("consistent_rates_block", 1, MOST_COMPARED + 1)
    circle = indexed("consistent_rates_block", 1, MOST_COMPARED + 2)
    said = f'=IF(ISNUMBER(inconsistency),IF({FIT},"The judgements fit.",{_circle()}),{_refusal()})'
    reason = replace(cell(said, "", "remark", "judgement_reason"), lines=3)
    in_order = f'=IF(ISNUMBER(inconsistency),IF({FIT},"{FINE}","see beside"),"see beside")'
    state = cell(in_order, "", "status", "judgement_state")
    return Table(
        heading="Comparisons (edit: one of the row's good is worth so many of the column's; blank "
        "where there is no judgement)",
        axis=(
            *row("header header_unit header_right", "Good", "How to read it", "Rate"),
            *(Cell(formula=f"=compared_{each}", style="header_right", lines=3) for each in places),
        ),
        rows=(
            *compared,
            row(
                "text wrapped strong",
                "Inconsistency",
                "0% where all judgements agree",
                cell(inconsistency, "share", "strong", "inconsistency"),
            ),
            row(
                "text wrapped strong",
                "Worst circle of three",
                "1 where any three judgements around agree",
                cell(circle, "ratio", "strong", "judgement_circle"),
            ),
            row(
                "text wrapped value",
                "Largest contradiction",
                "how far a judgement and its reverse, or three around, may differ",
                cell(CONTRADICTION, "ratio", "value", "judgement_limit"),
            ),
            row("text remark status", "In order?", reason, state),
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
