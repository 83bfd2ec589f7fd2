"""The Survey sheet: what respondents say goods are worth, as pasted or imported."""

from __future__ import annotations

from dataclasses import replace

from pycore.checks import AMOUNT
from pycore.model.tables import GOODS, MOST_GOODS, MOST_RESPONDENTS, NOTHING, RESPONSES
from workbook.sheets.layout import Area, Cell, Sheet, Table, Words
from workbook.sheets.parts import FINE, entry, opening, row, under, unless_absent, warning
from workbook.sheets.styles import EDIT

NAMES, MARKS = "survey_goods", "survey_marks"
LONGEST_GOOD = 40
SHOWN_COLUMNS, SHOWN_ROWS = 8, 40
"""How much is printed."""
DRAWN_ROWS = 30
"""How many rows are drawn as ones to type in, before they are filled."""


def good_name(number: int) -> str:
    """The defined name of the cell that names a good, counted from 1."""
    return f"good_{number}_name"


def sheet() -> Sheet:
    """The sheet; without answers at first."""
    numbers = range(1, MOST_GOODS + 1)
    title = opening(
        "Survey",
        "What is one of each good worth, in researchers? A row for each respondent, a column for "
        "each good, blank where there is no answer. Or: "
        "python -m workbook survey FILE RESPONSES.csv",
    )
    leads = title.rows[2]
    return Sheet(
        name="Survey",
        tab_colour=EDIT,
        widths=(22,) * MOST_GOODS,
        printed=SHOWN_COLUMNS,
        frozen=4,
        blocks=(
            Table(
                rows=(
                    row("title link link link link notice", *title.rows[0][:1], *leads, warning()),
                    title.rows[1],
                    under(MARKS, map(_mark, numbers)),
                )
            ),
            Table(rows=(under(NAMES, map(_name, numbers)),)),
            Area(
                name=RESPONSES,
                size=(MOST_RESPONDENTS, MOST_GOODS),
                allowed=AMOUNT,
                printed=SHOWN_ROWS,
                drawn=DRAWN_ROWS,
                prompt="What one of this column's good is worth, in researchers, to the row's "
                "respondent; blank: no answer.",
            ),
        ),
    )


def _name(number: int) -> Cell:
    good = GOODS[number - 1] if number <= len(GOODS) else None
    named = entry(good_name(number), Words(LONGEST_GOOD), good, optional=True)
    return replace(named, prompt="The name of a good, over the answers on it.")


def _mark(number: int) -> Cell:
    """What is the matter with a column; it stands above the name."""
    name = f"TRIM({good_name(number)})"
    answers = f"INDEX(survey_summary_block,{number},1)"
    # A name with blanks around it is the same name; not every program trims each of many cells.
    alike = [name, f'{name}&" "', f'" "&{name}']
    others = "+".join(f"({NAMES}={each})" for each in alike)
    odd = "*".join(f"({good_name(number)}<>{each})" for each in alike)
    twice = f"SUMPRODUCT({others})+{odd}>1"
    unread = unless_absent(answers, '"an answer cannot be read"')
    return Cell(
        formula=f'=IF(ISERROR({answers}),{unread},IF({name}="",IF({answers}>0,'
        f'"name this good","{NOTHING}"),IF({twice},"named twice","{FINE}")))',
        style="quiet",
    )
