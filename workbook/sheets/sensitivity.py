"""The Sensitivity sheet: what an answer depends on, what would flip it, what to find out."""

from __future__ import annotations

from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import (
    DECIDING_WORDS,
    DECISIONS,
    FIRST_DECISIONS,
    GAIN,
    HEADLINES,
    NOTHING,
    OUTCOME,
    deciding_ids,
)
from pycore.model.uncertainty import NO_FLIP, NO_MATTER
from pycore.nodes import Assumption
from workbook.sheets.layout import THIS_ROW, Cell, Chart, Series, Sheet, Table
from workbook.sheets.parts import (
    block_name,
    indexed,
    opening,
    or_word,
    setting,
    unit_text,
    workings,
)
from workbook.sheets.ranges import IDS, LABELS
from workbook.sheets.styles import BLUE, ORANGE, fitted_unit
from workbook.sheets.uncertainty import CENTRALS, REFERENCES, UNITS

WIDTHS = (48, 33, 16, 19, 14, 14, 14, 14, 14, 14, 19, 19)

REST = [""] * (len(WIDTHS) - 5)
"""Headers over the columns into which the last text of a row runs."""

LISTED = 10
"""How many assumptions the tornado and the list of owed sources show; more never matter."""

HOW_DECIDED = (
    "It flips where the answer falls below the bar, or rises to it.",
    "Without a bar, it flips where the answer is another word.",
)
"""How to read each decision as it stands at first."""

DECIDING = "deciding_ids"
"""The defined name of the ids of the assumptions that an answer depends on."""


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    ids = ("tornado", "break_even", "information_value", "provenance_debt")
    return Sheet(
        name="Sensitivity",
        widths=WIDTHS,
        workings=workings(graph, ids),
        blocks=(
            opening(
                "Sensitivity",
                "Which assumptions does an answer depend on, what would flip it, and what is worth "
                "finding out?",
            ),
            _settings(graph),
            _decisions(),
            _tornado(),
            _how_to_read(HOW_TO_READ_SHARES),
            TORNADO_CHART,
            _flips(graph),
            _how_to_read(HOW_TO_READ_FLIPS),
            _owed(),
            _owed_list(),
        ),
    )


def _settings(graph: Graph) -> Table:
    place = f"MATCH({OUTCOME},{REFERENCES},0)"
    return Table(
        heading="What is asked (edit here)",
        header=("Setting", "Name", "Value", "Unit", "How to read it", *REST),
        rows=(
            setting(
                graph,
                OUTCOME,
                "Answer to explain",
                "answer",
                "One of the answers of the Uncertainty sheet, by its name.",
            ),
            (
                Cell(content="That answer at the central values"),
                Cell(content="sensitivity_central", style="name"),
                Cell(
                    formula=f"=INDEX({CENTRALS},{place})",
                    style="strong",
                    unit="fitted",
                    names=("sensitivity_central",),
                ),
                Cell(formula=f"=INDEX({UNITS},{place})", style="unit"),
                Cell(content="What the swings below are measured from.", style="plain"),
            ),
            setting(
                graph,
                GAIN,
                "Decision valued (expected value of perfect information)",
                "answer",
                "One acts where it is above 0, and does not where it is below.",
            ),
            setting(
                graph,
                "this_year",
                "This year",
                "year",
                "From which the age of a source is counted.",
            ),
            setting(
                graph,
                "oldest_age",
                "Oldest age of a good source",
                "years",
                "An older source counts as none.",
            ),
        ),
    )


def _decisions() -> Table:
    numbers = tuple(headline.reference for headline in HEADLINES)
    return Table(
        header=("Decision", "Answer that decides it", "Bar", "", "When it flips", *REST),
        rows=tuple(
            (
                Cell(content=label),
                Cell(
                    content=reference,
                    style="input_word",
                    names=(DECISIONS, f"{name}_answer") if place == 0 else (f"{name}_answer",),
                    block=(len(FIRST_DECISIONS), 2) if place == 0 else (1, 1),
                    allowed=(*numbers, *DECIDING_WORDS),
                ),
                Cell(
                    content=bar,
                    style="input",
                    unit="fitted",
                    names=(f"{name}_bar",),
                    allowed=FINITE,
                    optional=True,
                ),
                Cell(style="unit"),
                Cell(content=reading, style="plain"),
            )
            for place, (label, name, (reference, bar), reading) in enumerate(
                zip(
                    ("First decision", "Second decision"),
                    ("decision_1", "decision_2"),
                    FIRST_DECISIONS,
                    HOW_DECIDED,
                    strict=True,
                )
            )
        ),
    )


# What an answer depends on


LOW_CHANGES, HIGH_CHANGES = "tornado_low_changes", "tornado_high_changes"


def _tornado() -> Table:
    return Table(
        heading="What the answer depends on: one assumption at a time, and shares of the variance",
        header=(
            "Assumption",
            "Name",
            "Answer at low end",
            "Answer at high end",
            "Swing",
            "Rank by swing",
            "Share of variance",
            "Its standard error",
            "Rank by share",
            "Do the ranks differ?",
            "Change at low",
            "Change at high",
        ),
        rows=tuple(_tornado_row(row) for row in range(1, LISTED + 1)),
        columns={"tornado_labels": 0, LOW_CHANGES: 10, HIGH_CHANGES: 11},
    )


HOW_TO_READ_SHARES = (
    "Share of variance: by how much the answer's variance (how widely it spreads, squared) would "
    "shrink on average if this assumption were known. Rank by share orders by it, Rank by swing by "
    "the two ends alone.",
    "The ranks differ where an assumption matters through others, or more in the middle of its "
    "range than at its ends. Assumptions that go together share what they explain: then the shares "
    "may sum to above 100%.",
)


def _tornado_row(row: int) -> tuple[Cell, ...]:
    name = f"tornado_{row}"
    units = ("", "fitted", "fitted", "fitted", "count", "share", "share", "count", "")
    cells = [
        Cell(
            formula=f"={or_word(indexed(block_name('tornado'), row, column), NOTHING)}",
            style={1: "name", 9: "status"}.get(column, "value"),
            unit=unit,
            names=(name,) if column == 1 else (),
        )
        for column, unit in enumerate(units, start=1)
    ]
    ends = (f"C{THIS_ROW}", f"D{THIS_ROW}")
    changes = (f'=IF(ISNUMBER({at}),{at}-sensitivity_central,"{NOTHING}")' for at in ends)
    return (
        Cell(formula=f"={_label(name)}", style="label"),
        *cells,
        *(Cell(formula=formula, style="value", unit="fitted") for formula in changes),
    )


def _label(name: str) -> str:
    return f'IF({name}="{NOTHING}","{NOTHING}",INDEX({LABELS},MATCH({name},{IDS},0)))'


TORNADO_CHART = Chart(
    kind="bars",
    title="How far each assumption moves the answer from its central value",
    description="A pair of bars for each assumption, the most important on top: how far the "
    "answer moves when the assumption is at its low end (striped) and at its high end (plain), "
    "all others central.",
    x_title="Change of the answer (in its unit)",
    y_title="Assumption",
    width=1560,
    height=420,
    series=(
        Series(
            label="Assumption at its low end (5%)",
            points="tornado_labels",
            values=LOW_CHANGES,
            colour=ORANGE,
            dash="dash",
        ),
        Series(
            label="Assumption at its high end (95%)",
            points="tornado_labels",
            values=HIGH_CHANGES,
            colour=BLUE,
        ),
    ),
)


# What it owes to assumptions without a good source


def _owed() -> Table:
    block = block_name("provenance_debt")
    figures = (
        (
            "Share of the variance owed",
            "share",
            "From assumptions with no source, with judgement as theirs, or with one too old.",
        ),
        ("Its standard error", "share", "How far chance in the draws may have moved it."),
        ("Assumptions that owe it", "assumptions", "The list to work off stands below."),
    )
    return Table(
        heading="Provenance debt: how much of the answer's uncertainty has no good source",
        header=("Figure", "", "Value", "Unit", "How to read it", *REST),
        rows=tuple(
            (
                Cell(content=label),
                Cell(),
                Cell(
                    formula=indexed(block, 1, column),
                    style="strong",
                    unit="share" if unit == "share" else "count",
                ),
                Cell(content=unit, style="unit"),
                Cell(content=reading, style="plain"),
            )
            for column, (label, unit, reading) in enumerate(figures, start=1)
        ),
        starts_page=True,
    )


def _owed_list() -> Table:
    block = block_name("provenance_debt")
    return Table(
        header=("Assumption to find a source for", "Name", "Own share of variance", "Why"),
        rows=tuple(
            (
                Cell(formula=f"={_label(f'owed_{row}')}", style="label"),
                Cell(
                    formula=f"={or_word(indexed(block, row + 1, 1), NOTHING)}",
                    style="name",
                    names=(f"owed_{row}",),
                ),
                Cell(
                    formula=f"={or_word(indexed(block, row + 1, 3), NOTHING)}",
                    style="value",
                    unit="share",
                ),
                Cell(formula=f"={or_word(indexed(block, row + 1, 2), NOTHING)}", style="unit"),
            )
            for row in range(1, LISTED + 1)
        ),
    )


# What would flip a decision, and what is worth knowing


def _flips(graph: Graph) -> Table:
    worth = block_name("information_value")
    last = len(graph.assumptions) + 1
    listed = deciding_ids(graph)
    return Table(
        heading="Break-even: the value at which each decision flips, all else central; and the "
        "most it is worth to know",
        header=(
            "Assumption at which it flips",
            "Name",
            "Central",
            "Unit",
            "First decision flips at",
            "Answer there",
            "Second decision flips at",
            "Answer there instead",
            "Worth of knowing it",
            "Error of the worth",
        ),
        rows=(
            *(
                _flips_row(row, node)
                for row, node in enumerate(graph.assumptions, start=1)
                if node.id in listed
            ),
            (
                Cell(content="Everything at once", style="question"),
                *[Cell(style="value")] * 2,
                Cell(formula=f"=INDEX({UNITS},MATCH({GAIN},{REFERENCES},0))", style="unit"),
                *[Cell(style="value")] * 4,
                *(
                    Cell(formula=indexed(worth, last, column), style="strong", unit="fitted")
                    for column in (1, 2)
                ),
            ),
        ),
        columns={DECIDING: 1},
        starts_page=True,
    )


HOW_TO_READ_FLIPS = (
    "Only assumptions that stand here can flip a decision: no answer that may be chosen depends on "
    'the others. A dash: the decision does not depend on its central value. "none": no value '
    "within its bounds flips the decision.",
    "The worth of knowing an assumption is in the unit of the gain, as in the last row. It is 0 "
    "where no value that the assumption is likely to have would change what one does.",
)


def _how_to_read(lines: tuple[str, ...]) -> Table:
    return Table(rows=tuple((Cell(content=line, style="plain"),) for line in lines))


def _flips_row(row: int, node: Assumption) -> tuple[Cell, ...]:
    flips, worth = block_name("break_even"), block_name("information_value")
    return (
        Cell(content=node.label, style="label"),
        Cell(content=node.id, style="name"),
        Cell(formula=f"={node.id}", style="value", unit=node.unit, like=node.central),
        Cell(content=unit_text(node.unit), style="unit"),
        *(
            Cell(
                formula=f"={_flip(indexed(flips, row, column), node if is_value else None)}",
                style="value",
                unit=fitted_unit(node.unit, node.central) if is_value else "fitted",
            )
            for column, is_value in enumerate((True, False, True, False), start=1)
        ),
        *(
            Cell(formula=indexed(worth, row, column), style="value", unit="fitted")
            for column in (1, 2)
        ),
    )


DIGITS = {"USD": 0, "fitted whole": 0, "fitted tenths": 1, "fitted": 2, "share": 3}
"""How many decimal places show of a value, by the unit that gives its number format."""


def _flip(formula: str, node: Assumption | None) -> str:
    """A value at which a decision flips, or what the answer is there; a word where none is."""
    cell = formula.removeprefix("=")
    shown = cell
    if node:  # a number that shows as the central value itself would look like a mistake
        digits = DIGITS[fitted_unit(node.unit, node.central)]
        alike = f"ROUND({cell},{digits})=ROUND({node.id},{digits})"
        side = f'IF({cell}>{node.id},"just above","just below")'
        shown = f"IF(ISNUMBER({cell}),IF({alike},{side},{cell}),{cell})"
    word = f'IF({cell}="{NO_FLIP}","none",{shown})'
    return f'IF(OR({cell}="",{cell}="{NO_MATTER}"),"{NOTHING}",{word})'
