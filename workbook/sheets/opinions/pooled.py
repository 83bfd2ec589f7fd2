"""The Opinions sheet: the pools first, then who says what, and what people judge last."""

from __future__ import annotations

from dataclasses import replace

from pycore.checks import FINITE
from pycore.graph import Graph
from pycore.model.tables import MOST_OPINIONS, MOST_PEOPLE, NOTHING, OPINIONS, PEOPLE
from pycore.pooling import WEIGHT
from pycore.uncertainty.opinions import WIDTH
from workbook.sheets.exchange import UNFOLD
from workbook.sheets.layout import THIS_ROW, Area, Sheet, Spare, Table, Typed, Words
from workbook.sheets.opinions.drawn import (
    ASKED,
    ASKED_ID,
    ASSUMED,
    ENTERED,
    POOLED,
    STYLE,
    chart,
    workings,
)
from workbook.sheets.parts import (
    Row,
    block,
    block_name,
    cell,
    corner,
    entry,
    indexed,
    linked,
    notes,
    opening,
    or_word,
    row,
    unless_absent,
    working,
)
from workbook.sheets.styles import BAR_FILL, EDIT
from workbook.sheets.workings import LABELS, UNITS, listed, looked_up

WIDTHS = (52, 16, 10, 10, 10, 17, 10, 10, 10, 8, 9)
LONGEST_NAME, LONGEST_REMARK = 40, 200
UNFOLDED = 6
"""How many assumptions are in sight; the rows for more are folded away."""

SHOWN_ROWS, DRAWN_ROWS = 40, 15
"""How many rows of opinions are printed, and drawn as ones to type in before they are filled."""

HEADER = (
    "Assumption",
    "Unit",
    "Pooled low",
    "Pooled central",
    "Pooled high",
    "Share of disagreement",
    "Together 5%",
    "Together 50%",
    "Together 95%",
    "People",
    "Scale",
)
SHOWN = (3, 4, 5, 9, 6, 7, 8)
"""Which columns of the pooled block stand in the third column and those after it."""

POOLED_LABELS, JUDGED = "opinion_labels", "opinion_counts"
DISAGREEMENTS, FOLDED = "opinion_disagreements", "folded_opinions"
"""The defined names of columns: what is judged, by how many, how far they disagree; what folds."""

IS_SHARE = f'$B{THIS_ROW}="share"'
"""Where the unit of a row is a share."""

WHO, TYPE = "opinions:who", "opinions:type"
"""The anchors of the chart and of the table to type in."""

HOW_TO_READ = (
    "Pooled: the weighted mean of low, central and high, on log-odds (logit) for shares, on "
    "logarithms (log) for amounts above 0, else plain. Equal judgements give themselves.",
    "Together: percentiles of everybody's distributions in one, which is what all of them "
    "believe possible; the more they disagree, the wider.",
    "Share of disagreement: how much of the variance lies between people; the rest is what each "
    "is unsure of. Nothing here changes an assumption: collect --accept does, or you.",
)

TO_DO = (
    "No opinions yet. Type them at the end of this sheet, or send copies out and pool what comes "
    "back: python -m workbook collect COPY... -o NEW --base FILE"
)


def sheet(graph: Graph) -> Sheet:
    """The sheet; without opinions at first."""
    places = range(1, len(graph.assumptions) + 1)
    title = opening("Opinions", "What do several people judge, together and each by themselves?")
    leads = (*title.rows[2], linked("Type them", f"@{TYPE}"), linked("Who says what", f"@{WHO}"))
    return Sheet(
        name="Opinions",
        tab_colour=EDIT,
        widths=WIDTHS,
        workings=(working(graph, POOLED, _copy(len(places))), *workings()),
        blocks=(
            replace(title, rows=(*title.rows[:2], leads)),
            Table(
                rows=(row("in_sight", cell(f"={_in_short()}", "", "in_sight", "opinions_said")),)
            ),
            Table(
                heading="What they judge together",
                header=HEADER,
                rows=tuple(_pooled(place, len(places)) for place in places),
                columns={POOLED_LABELS: 0, DISAGREEMENTS: 5, JUDGED: 9},
                bars={5: BAR_FILL},
                shares=dict.fromkeys((2, 3, 4, 6, 7, 8), IS_SHARE),
                spare=Spare(columns=(0, 0), typed=False, unfolded=UNFOLDED),
            ),
            _folded(),
            _asked(graph),
            _people(),
            notes(HOW_TO_READ),
            _typed_header(),
            Area(
                name=OPINIONS,
                rows=MOST_OPINIONS,
                typed=(
                    Typed(1, listed(graph.assumptions), "The assumption that is judged."),
                    Typed(1, Words(LONGEST_NAME), "Who judges it."),
                    Typed(1, FINITE, "Low end: 5th percentile, in the assumption's unit."),
                    Typed(1, FINITE, "Best guess, in the assumption's unit."),
                    Typed(1, FINITE, "High end: 95th percentile, in the assumption's unit."),
                    Typed(1, Words(LONGEST_REMARK), "Where it is from, or a remark."),
                ),
                printed=SHOWN_ROWS,
                drawn=DRAWN_ROWS,
            ),
        ),
    )


def _copy(rows: int) -> tuple[Row, ...]:
    """Plain cells with every value of the pooled block."""
    return block(
        POOLED,
        (
            tuple(
                cell(or_word(block_name(POOLED), place, column), "", STYLE)
                for column in range(1, WIDTH + 1)
            )
            for place in range(1, rows + 1)
        ),
    )


def _of(place: int, column: int) -> str:
    return indexed(POOLED, place, column).removeprefix("=")


def _pooled(place: int, rows: int) -> Row:
    """What is pooled of an assumption, or nothing."""
    held = _of(place, 1)
    label = cell(f'=IF({held}="{NOTHING}","{NOTHING}",{looked_up(held, LABELS)})', "", "label")
    shown = [cell(f"={_of(place, column)}", "fitted") for column in SHOWN]
    share = _of(place, SHOWN[3])
    unread = unless_absent(share, '"an opinion cannot be read"')
    shown[3] = cell(f"=IF(ISERROR({share}),{unread},{share})", "share")
    return (
        corner(FOLDED, label, rows - UNFOLDED) if place == UNFOLDED + 1 else label,
        cell(f'=IF({held}="{NOTHING}","{NOTHING}",{looked_up(held, UNITS)})', "", "unit"),
        *shown,
        cell(f"={_of(place, 2)}", "scholars"),
        cell(f"={_of(place, WIDTH)}", "", "unit"),
    )


def _in_short() -> str:
    """What stands on the sheet, in a line, or what to do where nothing does; without the "="."""
    most = f"MAX({DISAGREEMENTS})"
    on = f"INDEX({POOLED_LABELS},MATCH({most},{DISAGREEMENTS},0),1)"
    disagreed = f'"; they disagree most on "&{on}&" ("&ROUND(100*{most},0)&"%)"'
    many = f'COUNT({JUDGED})&IF(COUNT({JUDGED})=1," assumption is"," assumptions are")'
    people = f'MAX({JUDGED})&IF(MAX({JUDGED})=1," person"," people")'
    said = f'{many}&" judged, by up to "&{people}&IF({most}>0,{disagreed},"")&"."'
    unread = unless_absent(f"MAX({JUDGED})", '"An opinion cannot be read."')
    return f'IF({ENTERED}=0,"{TO_DO}",IFERROR({said},{unread}))'


def _folded() -> Table:
    """What stands in the rows that are folded away, and how to see them."""
    held = f'ROWS({FOLDED})-COUNTIF({FOLDED},"{NOTHING}")'
    said = f'=IF({held}=0,"More assumptions follow",({held})&" more assumptions stand")&"{UNFOLD}"'
    return Table(rows=((cell(said, "", "plain"),),))


def _asked(graph: Graph) -> Table:
    """The assumption that the chart is of, and what is assumed of it now."""
    chosen = entry(ASKED, listed(graph.assumptions), graph[FIRST_ASKED].label)
    return Table(
        heading="Who says what",
        anchor=WHO,
        header=("Assumption to show (choose here)", "Unit", "Low now", "Central now", "High now"),
        rows=(
            (
                replace(chosen, prompt="The assumption whose opinions the chart shows."),
                cell(f"={looked_up(ASKED_ID, UNITS)}", "", "unit"),
                *(cell(f"={ASKED}_{part}", "fitted") for part in ASSUMED),
            ),
        ),
        shares=dict.fromkeys((2, 3, 4), IS_SHARE),
    )


FIRST_ASKED = "marginal_cost"
"""The assumption that is shown until a person chooses another."""


def _people() -> Table:
    """Who judges, and how much each counts."""
    rows = []
    for number in range(1, MOST_PEOPLE + 1):
        name = entry(f"person_{number}_name", Words(LONGEST_NAME), optional=True)
        weight = entry(f"person_{number}_weight", WEIGHT, optional=True)
        said = "How much the person counts; blank: 1, and 0: not at all."
        rows.append(
            (replace(name, prompt="A person, as named below."), replace(weight, prompt=said))
        )
    return Table(
        heading="People and what they count (edit here)",
        header=("Person", "Weight"),
        rows=block(PEOPLE, rows),
        spare=Spare(columns=(0, 1)),
        chart=chart(),
        chart_column=2,
    )


def _typed_header() -> Table:
    styles = "header header header_right header_right header_right header"
    texts = ("Assumption", "Person", "Low (5%)", "Central", "High (95%)", "Remark")
    return Table(
        heading="The opinions: a row for each assumption that a person judges (edit here)",
        anchor=TYPE,
        axis=row(styles, *texts),
    )
