"""The Sensitivity sheet: what an answer depends on, what would flip it, what to find out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import (
    COMPARED,
    DECIDING_WORDS,
    DECISIONS,
    FIRST_DECISIONS,
    GAIN,
    HEADLINES,
    LABELLED,
    NET,
    NOTHING,
    OUTCOME,
    deciding_ids,
)
from pycore.model.uncertainty import NO_FLIP, NO_MATTER
from pycore.nodes import Assumption, is_fixed
from workbook.formulas import taken
from workbook.sheets.layout import THIS_ROW, Cell, Chart, Listed, Sheet, Spare, Table, Working
from workbook.sheets.parts import (
    FIGURE,
    LABEL_LINES,
    Row,
    block,
    block_name,
    cell,
    column_working,
    corner,
    entry,
    figures_table,
    indexed,
    linked,
    notes,
    opening,
    or_word,
    repeated,
    row,
    series,
    setting,
    unit_text,
    workings,
)
from workbook.sheets.styles import BAR_FILL, BLUE, CHECK, ORANGE, fitted_unit
from workbook.sheets.uncertainty import ANSWER_LABELS, CENTRALS, UNITS
from workbook.sheets.workings import IDS, LABELS, or_blank, resolved

WIDTHS = (37, 27, 11.5, *[10.8] * 8)

REST = [""] * (len(WIDTHS) - 4)
"""Headers over the columns into which the last text of a row runs."""

UNSOURCED = "sensitivity:sources"
"""The anchor of what an answer owes to assumptions without a good source."""

LISTED = 10
"""How many assumptions the tornado and the list of owed sources show; more never matter."""

HOW_DECIDED = (
    ("First decision", "It flips where the answer falls below the bar, or rises to it."),
    ("Second decision", "Without a bar, it flips where the answer is another word."),
)
"""Label of each decision, and how to read it as it stands at first."""

DECIDING = "deciding_ids"
"""The defined name of the ids of the assumptions that an answer depends on."""

ANSWERS, ANSWER_IDS, GAINS = "decision_answers", "decision_answer_ids", "gain_labels"
"""The defined names of columns: the answers that a decision may depend on, and the gains."""


def sheet(graph: Graph) -> Sheet:
    """The sheet."""
    return Sheet(
        name="Sensitivity",
        tab_colour=CHECK,
        widths=WIDTHS,
        workings=(
            *workings(graph, ("tornado", "break_even", "information_value", "provenance_debt")),
            _named("tornado", block_name("tornado")),
            _named("owed", OWED, 1),
            _bar_labels(graph),
            column_working(DECIDING, _quiet(deciding_ids(graph))),
            column_working(ANSWER_IDS, _quiet(_answers(graph))),
            column_working(ANSWERS, _quiet(_answers(graph).values())),
            column_working(GAINS, _quiet(_answers(graph)[each] for each in NET)),
            *(_id_of(each) for each in LABELLED),
            Working(rows=block(DECISIONS, map(_decided, range(1, len(FIRST_DECISIONS) + 1)))),
        ),
        blocks=(
            opening(
                "Sensitivity",
                "Which assumptions does an answer depend on, what would flip it, and what is worth "
                "finding out?",
            ),
            _settings(graph),
            TORNADO_CHART,
            _tornado(graph),
            notes(HOW_TO_READ_SHARES, heading=""),
            _decisions(graph),
            _flips(graph),
            notes(HOW_TO_READ_FLIPS, heading=""),
            _owed(),
            _owed_list(),
        ),
    )


def _quiet(texts: Iterable[str]) -> list[Cell]:
    return [cell(each, style="quiet_value") for each in texts]


def _answers(graph: Graph) -> dict[str, str]:
    """The label of each answer that a decision may depend on, by its id."""
    words = {each: str(graph[each].label) for each in DECIDING_WORDS}
    return {each.reference: each.label for each in HEADLINES} | words


def _listed(graph: Graph, name: str, ids: Iterable[str]) -> Listed:
    """What a cell may hold that names an answer."""
    labels = _answers(graph)
    pairs = tuple((each, labels[each]) for each in ids)
    return Listed(name, pairs, f"be one of: {', '.join(each for each, _ in pairs)}")


def _id_of(name: str) -> Working:
    """The id of the answer that a setting names, for functions to take."""
    found = resolved(name, ANSWER_IDS, ANSWERS)
    return Working(cells=(cell(found, "", "quiet_value", taken(name)),))


def _decided(number: int) -> Row:
    """A decision as the functions take it: its answer by id, and its bar."""
    name = f"decision_{number}"
    answer = resolved(f"{name}_answer", ANSWER_IDS, ANSWERS)
    return row("quiet_value quiet_value", answer, or_blank(f"{name}_bar"))


def _named(prefix: str, computed: str, skipped: int = 0) -> Working:
    """The ids that stand in the first column of a block, each under a name of its own."""
    places = range(1, LISTED + 1)
    return Working(
        cells=tuple(
            cell(or_nothing(computed, place + skipped, 1), "", "quiet_value", f"{prefix}_{place}")
            for place in places
        )
    )


def or_nothing(name: str, place: int, column: int) -> str:
    """The formula of one cell of a block, or of a dash where that is blank or an error.

    A line of text says why there is nothing, and the block itself shows the error.
    """
    return f'=IFERROR({or_word(name, place, column).removeprefix("=")},"{NOTHING}")'


def or_unexplained(said: str) -> str:
    """What is said of the answer to explain, or why it is not explained; without the "="."""
    found = indexed(block_name("tornado"), 1, 1).removeprefix("=")
    return f'IF(ISERROR({found}),"{UNEXPLAINED}",{said})'


UNEXPLAINED = "Not explained: no number in some draws, or no functions. Choose another."


def _settings(graph: Graph) -> Table:
    place = f"MATCH({taken(OUTCOME)},{COMPARED},0)"
    central = row(
        FIGURE,
        "That answer at the central values",
        cell(f"=INDEX({CENTRALS},{place})", "fitted", "strong", "sensitivity_central"),
        f"=INDEX({UNITS},{place})",
        "What the swings below are measured from.",
    )
    lists = {
        OUTCOME: _listed(graph, ANSWER_LABELS, (each.reference for each in HEADLINES)),
        GAIN: _listed(graph, GAINS, NET),
    }
    first, gain, *others = (setting(graph, *each, lists.get(each[0])) for each in SETTINGS)
    reading = or_unexplained(f'"{first[-1].content}"')
    first = (*first[:-1], cell(f"={reading}", "", "plain"))
    rows = (first, central, gain, *others)
    return figures_table("What is asked (edit here)", "Setting", rows, len(WIDTHS))


SETTINGS = (
    (
        OUTCOME,
        "Answer to explain",
        "answer",
        "One of the answers of the Uncertainty sheet: choose another from the list.",
    ),
    (
        GAIN,
        "Decision valued (expected value of perfect information)",
        "answer",
        "One acts where it is above 0, and does not where it is below.",
    ),
    ("this_year", "This year", "year", "From which the age of a source is counted."),
    ("oldest_age", "Oldest age of a good source", "years", "An older source counts as none."),
)
"""Defined name, label, unit, how to read it."""


def _decisions(graph: Graph) -> Table:
    labels = _answers(graph)
    answers = _listed(graph, ANSWERS, labels)
    decided = [
        (
            replace(
                entry(f"decision_{number}_answer", answers, labels[reference]),
                prompt="The answer by which one decides.",
                lines=LABEL_LINES,
            ),
            replace(
                entry(f"decision_{number}_bar", FINITE, bar, "fitted", optional=True),
                prompt="Where the decision flips; blank for an answer in words.",
            ),
        )
        for number, (reference, bar) in enumerate(FIRST_DECISIONS, start=1)
    ]
    return Table(
        heading="What is decided (edit here)",
        header=("Decision", "Answer that decides it", "Bar", "Unit", "When it flips", *REST[1:]),
        rows=tuple(
            row("text input_word input wrapped plain", label, *cells, _bar_unit(place), reading)
            for place, ((label, reading), cells) in enumerate(
                zip(HOW_DECIDED, decided, strict=True), start=1
            )
        ),
    )


def _bar_unit(decision: int) -> str:
    """The formula of the unit of a decision's answer; an answer in words has none."""
    answer = indexed(DECISIONS, decision, 1).removeprefix("=")
    return f'=IFERROR(INDEX({UNITS},MATCH({answer},{COMPARED},0)),"{NOTHING}")'


# What an answer depends on


BAR_LABELS = "tornado_labels"
LOW_CHANGES, HIGH_CHANGES = "tornado_low_changes", "tornado_high_changes"


TORNADO = (
    ("Answer at low end", "fitted", "value"),
    ("Answer at high end", "fitted", "value"),
    ("Swing", "fitted", "value"),
    ("Rank by swing", "count", "value"),
    ("Share of variance", "share", "value"),
    ("Its standard error", "share", "value"),
    ("Rank by share", "count", "value"),
    ("Do the ranks differ?", "", "status"),
)
"""Header, unit and style of each column of the block."""


def _tornado(graph: Graph) -> Table:
    computed = (header for header, *_ in TORNADO)
    return Table(
        heading="What the answer depends on: one assumption at a time, and shares of the variance",
        header=("Assumption", *computed, "Change at low", "Change at high"),
        rows=tuple(_charted(graph, list(map(_tornado_row, range(1, LISTED + 1))))),
        spare=Spare(columns=(0, 0), typed=False),
    )


def _charted(graph: Graph, rows: list[Row]) -> list[Row]:
    """The rows, with the names of the columns that the chart shows."""
    first, number = list(rows[0]), _bars(graph)
    for column, name in ((9, LOW_CHANGES), (10, HIGH_CHANGES)):
        first[column] = corner(name, first[column], number)
    return [tuple(first), *rows[1:]]


def _bar_labels(graph: Graph) -> Working:
    """What stands beside the bars of the chart: nothing where the answer depends on fewer."""
    cells = []
    for place in range(1, _bars(graph) + 1):
        name = f"tornado_{place}"
        missing = "" if place > 1 else "Nothing to show (see above)"
        shown = f'=IF({name}="{NOTHING}","{missing}",{_label_of(name)})'
        cells.append(cell(shown, style="quiet_value"))
    return column_working(BAR_LABELS, cells)


def _bars(graph: Graph) -> int:
    """How many bars there are: as many as the answer depends on that is asked first."""
    needed = graph.needed({graph[OUTCOME].central})
    moving = {reference for each in needed for reference in graph[each].arguments}
    drawn = [each.id for each in graph.assumptions if not is_fixed(each.distribution)]
    return sum(each in moving for each in drawn)


HOW_TO_READ_SHARES = (
    "Share of variance: by how much the answer's variance (how widely it spreads, squared) would "
    "shrink on average if this assumption were known.",
    "Rank by share orders by it, Rank by swing by the two ends alone. They differ where an "
    "assumption matters through others, or more in the middle of its range than at its ends.",
    "Assumptions that go together share what they explain: then the shares may sum to above 100%.",
)


def _tornado_row(place: int) -> Row:
    name = f"tornado_{place}"
    shown = [
        cell(or_nothing(block_name("tornado"), place, column), *look)
        for column, (_, *look) in enumerate(TORNADO, start=2)
    ]
    ends = (f"{column}{THIS_ROW}" for column in "BC")
    changes = (f'=IF(ISNUMBER({at}),{at}-sensitivity_central,"{NOTHING}")' for at in ends)
    return (
        cell(f"={link_to(name)}", "", "link_label"),
        *shown,
        *(cell(change, "fitted") for change in changes),
    )


def _label_of(name: str) -> str:
    """What the assumption is called whose id a cell holds; without the "="."""
    return f'IF({name}="{NOTHING}","{NOTHING}",INDEX({LABELS},MATCH({name},{IDS},0)))'


def link_to(name: str) -> str:
    """A link to the assumption whose id a cell holds, without the "="."""
    return f'IF({name}="{NOTHING}","{NOTHING}",HYPERLINK("#"&{name},{_label_of(name)}))'


TORNADO_CHART = Chart(
    kind="bars",
    title="How far each assumption moves the answer from its central value",
    description="A pair of bars for each assumption, the most important on top: how far the "
    "answer moves when the assumption is at its low end (striped) and at its high end (plain), "
    "all others central.",
    x_title="Change of the answer (in its unit)",
    y_title="Assumption",
    width=1165,
    height=420,
    series=series(
        BAR_LABELS,
        ("Assumption at its low end (5%)", LOW_CHANGES, ORANGE, "circle", "dash"),
        ("Assumption at its high end (95%)", HIGH_CHANGES, BLUE),
    ),
)


# What it owes to assumptions without a good source


def _owed() -> Table:
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
        anchor=UNSOURCED,
        heading="Provenance debt: how much of the answer's uncertainty has no good source",
        header=("Figure", "Value", "Unit", "How to read it", *REST),
        rows=tuple(
            row(
                "text strong unit plain",
                label,
                cell(
                    or_nothing(OWED, 1, column), "share" if unit == "share" else "count", "strong"
                ),
                unit,
                reading,
            )
            for column, (label, unit, reading) in enumerate(figures, start=1)
        ),
    )


def _owed_list() -> Table:
    return Table(
        header=("Assumption to find a source for", "Own share of variance", "Why"),
        spare=Spare(columns=(0, 0), typed=False),
        bars={1: BAR_FILL},
        rows=tuple(
            row(
                "link_label value unit",
                f"={link_to(f'owed_{place}')}",
                cell(or_nothing(OWED, place + 1, 3), "share"),
                or_nothing(OWED, place + 1, 2),
            )
            for place in range(1, LISTED + 1)
        ),
    )


OWED = block_name("provenance_debt")


# What would flip a decision, and what is worth knowing


def _flips(graph: Graph) -> Table:
    listed = deciding_ids(graph)
    styles = "question value wrapped value value value value strong strong"
    unit = f"=INDEX({UNITS},MATCH({taken(GAIN)},{COMPARED},0))"
    worth = _worth(len(graph.assumptions) + 1, "strong")
    everything = row(styles, "Everything at once", None, unit, *[None] * 4, *worth)
    return Table(
        heading="Break-even: the value at which each decision flips, all else central; and the "
        "most it is worth to know",
        header=(
            "Assumption at which it flips",
            "Central",
            "Unit",
            "First decision flips at",
            "Answer there",
            "Second decision flips at",
            "Answer there instead",
            "Worth of knowing it",
            "Error of the worth",
            *[""] * 2,
        ),
        rows=(
            *(
                _flips_row(place, node)
                for place, node in enumerate(graph.assumptions, start=1)
                if node.id in listed
            ),
            everything,
        ),
    )


HOW_TO_READ_FLIPS = (
    "Only assumptions that stand here can flip a decision: no answer that may be chosen depends on "
    "the others.",
    'A dash: the decision does not depend on its central value. "none": no value within its bounds '
    "flips the decision.",
    "The worth of knowing an assumption is in the unit of the gain, as in the last row. It is 0 "
    "where no value that it is likely to have would change what one does.",
)


def _flips_row(place: int, node: Assumption) -> Row:
    flips, unit = block_name("break_even"), fitted_unit(node.unit, node.central)
    return row(
        "link_label value wrapped value value value value value value",
        linked(node.label, node.id, "link_label"),
        repeated(node),
        unit_text(node.unit),
        *(
            cell(f"={_flip(indexed(flips, place, column), of)}", unit if of else "fitted")
            for column, of in enumerate((node, None, node, None), start=1)
        ),
        *_worth(place, "value"),
    )


def _worth(place: int, style: str) -> Row:
    """What it is worth to know something, and the error of that."""
    worth = block_name("information_value")
    return tuple(cell(indexed(worth, place, column), "fitted", style) for column in (1, 2))


DIGITS = {"USD": 0, "fitted whole": 0, "fitted tenths": 1, "fitted": 2, "share": 3}
"""How many decimal places show of a value, by the unit that gives its number format."""


def _flip(formula: str, node: Assumption | None) -> str:
    """A value at which a decision flips, or what the answer is there; a word where none is."""
    found = shown = formula.removeprefix("=")
    if node:  # a number that shows as the central value itself would look like a mistake
        digits = DIGITS[fitted_unit(node.unit, node.central)]
        alike = f"ROUND({found},{digits})=ROUND({node.id},{digits})"
        side = f'IF({found}>{node.id},"just above","just below")'
        shown = f"IF(ISNUMBER({found}),IF({alike},{side},{found}),{found})"
    word = f'IF({found}="{NO_FLIP}","none",{shown})'
    return f'IF(OR({found}="",{found}="{NO_MATTER}"),"{NOTHING}",{word})'
