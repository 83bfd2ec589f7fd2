"""The Exchange sheet: what other goods are worth in researchers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from pycore.checks import AMOUNT
from pycore.exchange import CONTRADICTION, EXPERIENCE, NOT_ENTERED
from pycore.graph import Graph
from pycore.model.tables import GOODS, JUDGED, MOST_COMPARED, MOST_GOODS, NOTHING, PUBLISHED_RATES
from workbook.sheets.layout import Cell, Chart, Series, Sheet, Table, Words, Working
from workbook.sheets.parts import block_name, indexed, opening, working
from workbook.sheets.styles import BLUE, ORANGE
from workbook.sheets.survey import FINE, good_name

LONGEST_SOURCE = 120
SOURCE = "Comment on the survey, EA Forum (2024); derived from dollar equivalents"
ENTER = "not published: enter yours"

ENTERED = (
    "Good",
    "Source",
    "Published or entered",
    "Own rate",
    "Years of experience",
    "Cost of one (USD)",
)
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
    return Sheet(
        name="Exchange",
        widths=(38, 46, *[12.5] * (len(FOUND) - 2)),
        workings=(
            working(
                graph,
                "survey_summary",
                tuple(
                    (*rate, *state)
                    for rate, state in zip(
                        _column("good_rates", _rate_used),
                        _column("good_states", _state),
                        strict=True,
                    )
                ),
            ),
            working(
                graph,
                "good_value",
                tuple(
                    (*value, *cost)
                    for value, cost in zip(
                        _column("multiple_values", _value_or_one),
                        _column("multiple_costs", _cost_or_one),
                        strict=True,
                    )
                ),
            ),
            _rates_found(graph),
            working(graph, "good_multiple"),
            working(graph, "versus_median"),
            working(graph, "experience_adjusted", tuple(_charted())),
            working(graph, "consistent_rates"),
        ),
        blocks=(
            opening("Exchange rates", "What are other goods worth in researchers?"),
            _assumed(graph),
            _chart(),
            _comparisons(),
            Table(
                heading="How to read it",
                rows=tuple((Cell(content=line, style="plain"),) for line in HOW_TO_READ),
            ),
            Table(
                heading="The goods: what is entered (edit here; their names on the Survey sheet)",
                header=ENTERED,
                rows=tuple(_entered(number) for number in range(1, MOST_GOODS + 1)),
                columns={
                    "good_labels": 0,
                    "good_entered": 2,
                    "good_owns": 3,
                    "good_years": 4,
                    "good_costs": 5,
                },
                starts_page=True,
            ),
            Table(
                heading="The goods: what comes out",
                header=FOUND,
                rows=tuple(_found(number) for number in range(1, MOST_GOODS + 1)),
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
            (
                Cell(content=graph[each].label),
                Cell(content=graph[each].unit, style="unit"),
                Cell(
                    formula=f"={each}",
                    style="value",
                    unit=graph[each].unit,
                    like=graph[each].central,
                ),
            )
            for each in ids
        ),
    )


def _entered(number: int) -> tuple[Cell, ...]:
    known = number <= len(GOODS)
    rate = PUBLISHED_RATES[number - 1] if number <= len(PUBLISHED_RATES) else None
    prefix = f"good_{number}"
    return (
        Cell(formula=f"={_named(number, good_name(number))}", style="label"),
        Cell(
            content=SOURCE if rate else ENTER if known else None,
            style="input_text",
            names=(f"{prefix}_source",),
            allowed=Words(LONGEST_SOURCE),
            optional=True,
        ),
        _number(f"{prefix}_rate", rate),
        _number(f"{prefix}_own"),
        _number(f"{prefix}_years"),
        _number(f"{prefix}_cost", unit="USD"),
    )


def _found(number: int) -> tuple[Cell, ...]:
    used, median = f"INDEX(good_rates,{number},1)", _of("survey_summary", number, 2)
    value = _of("good_value", number)
    origin = f'IF(ISNUMBER({median}),"the survey\'s median","published or entered")'
    origin = f'IF(INDEX(good_states,{number},1)="{READ}",{origin},INDEX(good_states,{number},1))'
    multiple = f"IF(AND(ISNUMBER({value}),ISNUMBER(good_{number}_cost)),"
    multiple += f"{_of('good_multiple', number)},{BLANK})"
    outputs = [
        (_of("survey_summary", number), "scholars"),
        *((_of("survey_summary", number, place), "rate") for place in range(2, 8)),
        (used, "rate"),
        (value, "USD"),
        (_error_or(value, multiple), "x"),
        (_of("versus_median", number), "rate"),
        (_of("experience_adjusted", number), "rate"),
    ]
    return (
        Cell(formula=f"={_named(number, good_name(number))}", style="label"),
        Cell(formula=f"={_named(number, origin)}", style="wrapped"),
        *(
            Cell(
                formula=f"={_named(number, formula)}",
                style="strong" if formula == used else "value",
                unit=unit,
            )
            for formula, unit in outputs
        ),
    )


def _number(name: str, content: float | None = None, unit: str = "") -> Cell:
    allowed = EXPERIENCE if name.endswith("_years") else AMOUNT
    return Cell(
        content=content, style="input", unit=unit, names=(name,), allowed=allowed, optional=True
    )


def _named(number: int, formula: str) -> str:
    """A formula where the good has a name, and a mark where there is none."""
    return f'IF(TRIM({good_name(number)})="","{NOTHING}",{formula})'


def _of(block: str, row: int, column: int = 1) -> str:
    return indexed(block_name(block), row, column).removeprefix("=")


def _column(name: str, formula: Callable[[int], str]) -> tuple[tuple[Cell, ...], ...]:
    """Plain cells beside a block, a row for each good, that another block takes."""
    return tuple(
        (
            Cell(
                formula=formula(number),
                style="quiet_value",
                names=(name,) if number == 1 else (),
                block=(MOST_GOODS, 1) if number == 1 else (1, 1),
            ),
        )
        for number in range(1, MOST_GOODS + 1)
    )


def _rate_used(number: int) -> str:
    """The median, else what was entered; an answer that cannot be read is not passed over."""
    median, entered = _of("survey_summary", number, 2), f"good_{number}_rate"
    typed = f"IF(ISNUMBER({entered}),{entered},{_error_or(entered, BLANK)})"
    named = f"IF(ISNUMBER({median}),{median},{typed})"
    return "=" + _error_or(median, f'IF(TRIM({good_name(number)})="",{BLANK},{named})')


def _error_or(value: str, otherwise: str) -> str:
    """An error as it is, and else something other; without the "="."""
    return f"IF(ISERROR({value}),{value},{otherwise})"


def _value_or_one(number: int) -> str:
    return _or_one(_of("good_value", number))


def _cost_or_one(number: int) -> str:
    return _or_one(f"good_{number}_cost")


def _or_one(value: str) -> str:
    return "=" + _error_or(value, f"IF(ISNUMBER({value}),{value},1)")


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
        Cell(
            formula=formula,
            style="quiet_value",
            names=(result.id, f"{result.id}_{part}") if place == 0 else (f"{result.id}_{part}",),
            block=(len(formulas), 1) if place == 0 else (1, 1),
        )
        for place, (formula, part) in enumerate(zip(formulas, result.parts, strict=True))
    ]
    return Working(cell=cells[0], below=tuple(cells[1:]))


def _state(number: int) -> str:
    """What is the matter with a good's rate, for other sheets to count."""
    rate = f"INDEX(good_rates,{number},1)"
    return f'=IF(ISERROR({rate}),"{UNREAD}",IF(ISNUMBER({rate}),"{READ}","{NOT_ENTERED}"))'


def _charted() -> Iterator[tuple[Cell, ...]]:
    """What the chart shows: bars begin at 1, so that a good without a rate has none."""
    names = ("label", "rate", "above", "below", "own")
    for number in range(1, CHARTED + 1):
        rate = f"INDEX(good_rates,{number},1)"
        median, low, high = (_of("survey_summary", number, place) for place in (2, 6, 7))
        name, own = good_name(number), f"good_{number}_own"
        state = f"INDEX(good_states,{number},1)"
        formulas = (
            f'=IF(TRIM({name})=""," ",{name}&IF(ISNUMBER({rate}),""," ("&{state}&")"))',
            _bar_or_one(rate),
            f"=IF(ISNUMBER({high}),{high}-{median},0)",
            f"=IF(ISNUMBER({low}),{median}-{low},0)",
            _bar_or_one(own),
        )
        yield tuple(
            Cell(
                formula=formula,
                style="quiet_value",
                names=(f"good_chart_{part}",) if number == 1 else (),
                block=(CHARTED, 1) if number == 1 else (1, 1),
            )
            for part, formula in zip(names, formulas, strict=True)
        )


def _chart() -> Chart:
    return Chart(
        kind="rates",
        title=f"What one of each good is worth (the first {CHARTED} goods)",
        description="Bars from 1 researcher on a logarithmic axis: the rate used of each of the "
        "first goods, with the interval of the survey's median where there is one, and the own "
        "rate beside it. Goods without a rate have no bar.",
        x_title="Researchers (logarithmic)",
        y_title="Good",
        x_format="0.###",
        x_logarithmic=True,
        width=1660,
        height=440,
        series=(
            Series(
                label="Rate used (line: 90% interval of the median)",
                points="good_chart_label",
                values="good_chart_rate",
                colour=BLUE,
                errors=("good_chart_above", "good_chart_below"),
            ),
            Series(
                label="Own rate",
                points="good_chart_label",
                values="good_chart_own",
                colour=ORANGE,
            ),
        ),
    )


def _comparisons() -> Table:
    """Judgements of one good in another, and the rates that agree with them best."""
    places = range(1, MOST_COMPARED + 1)
    return Table(
        heading="Comparisons (edit: one of the row's good is worth so many of the column's; blank "
        "where there is no judgement)",
        axis=(
            Cell(content="Good", style="header"),
            Cell(content="How to read it", style="header_unit"),
            Cell(content="Rate", style="header_right"),
            *(Cell(formula=f"=compared_{each}", style="header_right", lines=3) for each in places),
        ),
        rows=(
            *(_compared(each) for each in places),
            (
                Cell(content="Inconsistency"),
                Cell(content="0% where all judgements agree", style="wrapped"),
                Cell(
                    formula=indexed("consistent_rates_block", 1, MOST_COMPARED + 1),
                    style="strong",
                    unit="share",
                    names=("inconsistency",),
                ),
            ),
            (
                Cell(content="Largest contradiction"),
                Cell(content="how far a judgement and its reverse may differ", style="wrapped"),
                Cell(
                    content=CONTRADICTION,
                    style="value",
                    unit="ratio",
                    names=("judgement_limit",),
                ),
            ),
            (
                Cell(content="In order?"),
                Cell(
                    formula=f'=IF(ISNUMBER(inconsistency),"The judgements fit.",{_refusal()})',
                    style="remark",
                    names=("judgement_reason",),
                    lines=3,
                ),
                Cell(
                    formula=f'=IF(ISNUMBER(inconsistency),"{FINE}","see beside")',
                    style="status",
                    names=("judgement_state",),
                ),
            ),
        ),
    )


def _refusal() -> str:
    """Why there are no rates, in words for a reader without Python."""
    table = "comparison_judgements"
    cells = f"ROWS({table})*COLUMNS({table})"
    rules = [
        (f"COUNT({table})+COUNTBLANK({table})<{cells}", '"A judgement is no number."'),
        (f'COUNTIF({table},"<=0")>0', '"A judgement is not above 0."'),
    ]
    for row, column in combinations(range(1, MOST_COMPARED + 1), 2):
        there, back = f"judgement_{row}_{column}", f"judgement_{column}_{row}"
        both = f"ABS(LN({there}*{back}))>LN(judgement_limit)"
        said = f'compared_{row}&" and "&compared_{column}&": the two judgements contradict each '
        rules.append((f"IF(COUNT({there},{back})=2,{both},FALSE)", f'{said}other. Clear one."'))
    nested = '"No judgement connects some of the goods with the first."'
    for condition, message in reversed(rules):
        nested = f"IF({condition},{message},{nested})"
    return nested


def _compared(row: int) -> tuple[Cell, ...]:
    opens = row == 1
    cells = [
        Cell(
            content=JUDGED.get((row, column)),
            style="input",
            names=(f"judgement_{row}_{column}",),
            allowed=AMOUNT,
            optional=True,
        )
        for column in range(1, MOST_COMPARED + 1)
    ]
    names = ("comparison_judgements",) if opens else ()
    cells[row - 1] = Cell(
        content=1.0,
        style="value",
        names=names,
        block=(MOST_COMPARED, MOST_COMPARED) if opens else (1, 1),
    )
    return (
        Cell(
            content=COMPARED[row - 1],
            style="input_text",
            names=(f"compared_{row}",),
            allowed=Words(40),
        ),
        Cell(
            content="the first good, in which the others are" if opens else "of the first good",
            style="wrapped",
        ),
        Cell(
            formula=indexed("consistent_rates_block", 1, row),
            style="strong",
            unit="rate",
            names=("consistent_rates",) if opens else (),
            block=(MOST_COMPARED, 1) if opens else (1, 1),
        ),
        *cells,
    )
