"""The About sheet: what recalculates the workbook, glossary, sources, trace and functions."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace

from addin.version import model_version
from workbook.sheets.first_aid import ADVICE
from workbook.sheets.layout import Sheet, Table
from workbook.sheets.parts import FUNCTIONS, GLOSSARY, cell, linked, opening, row
from workbook.sheets.styles import CHECK
from workbook.upgrading.schemas import VERSION_NAME, current

ANYWHERE = (
    "Answers are computed by Python functions that the formulas call. A recipient without them "
    "still sees every value, as it was last computed.",
    "Without a spreadsheet: python -m workbook set FILE marginal_cost=30000 changes an assumption "
    "and recalculates; python -m workbook recalc FILE recalculates after edits made elsewhere.",
    "If a cell shows #NAME? after an edit, the functions were not there to answer. Nothing is "
    "lost: recalculate the file as above.",
    "Sheets are protected without a password, against slips. It is no security.",
    "The sheet Workings is hidden: the blocks of numbers from which the others take theirs stand "
    "there. Right-click a tab and choose Unhide to see it.",
)
"""What recalculates a workbook in any host."""


MEANING = (
    "The unit of value is a researcher at the centre of a programme's distribution. Money is in "
    "US dollars. Safety and capabilities are head-counts of researchers.",
    "A quote such as 4-5x is a range in whole numbers, rounded outward. It is a judgement of "
    "value over marginal cost, not a measured return.",
    "Several assumptions are judgement, and say so in their source; the researcher counts were "
    "invented for illustration by their author.",
    "The marginal scholar is computed twice: as if everyone stood in one line and were admitted "
    "from the top, and by simulating mentors who choose for themselves. How far mentors share "
    "criteria is a judgement; the maps of the Marginal sheet show what each would imply.",
)

SOURCES = (
    'Informal survey on AI grantmaking, EA Forum (2024): the value of a researcher, "$1M is worth '
    '8".',
    "Comments on the EA Forum and LessWrong (2024-25): the 4-5x, the 80%, the powers of ten, the "
    "offset, the 8:1, the counts invented for illustration.",
    "MATS Alumni Impact Analysis (2024): what 72 alumni do.",
    "Programme and grant pages (2023-26): cohorts, stipends, grants.",
    "Blom, G. (1958), Statistical Estimates and Transformed Beta-Variables: expected places of "
    "ordered scores.",
)

LICENCE = (
    "Fieldbook is under the MIT licence. xlwings is under the BSD licence; xlwings Server and "
    "the PRO parts of xlwings are under the PolyForm Noncommercial licence or a paid one.",
)


WORDS = (
    (
        "Researcher-equivalent",
        "The unit of value: one more technical alignment researcher, at the centre of a "
        "programme's distribution.",
    ),
    ("Cost multiple", "Value over cost: how many times its cost something is worth."),
    ("Quote", "A range of multiples in whole numbers, rounded outward, such as 4-5x."),
    ("90% range", "From the 5th to the 95th percentile: one in ten values lies outside."),
    ("Central", "The best guess; of an answer, what it is at the best guesses of all assumptions."),
    ("Central scholar", "The one in the middle of those admitted."),
    ("Marginal scholar", "The last one admitted, or whom one more place or mentor would bring."),
    ("Common bar", "As if all applicants stood in one line and were admitted from the top."),
    ("One more place", "Where mentors choose: a mentor who may take one more scholar."),
    ("One more mentor", "Where mentors choose: a new mentor, who takes a first scholar."),
    ("Draft", "A simulated round in which mentors choose scholars in turn."),
    ("Validity of selection", "Correlation of the score in selection with true worth."),
    ("Criteria that mentors share", "Correlation between mentors of what an applicant is worth."),
    ("Threshold", "Marginal over central scholar at or under which the quote is restated."),
    ("Skill density", "Expected impact of the admitted over the mean of the pool."),
    ("Offset", "How many capabilities researchers one safety researcher makes up for."),
    ("Backfire", "Safety work that in effect only advances capabilities."),
    ("Load", "Impact of what is deployed over the impact that alignment is robust to."),
    ("Iterator, Amplifier, Connector", "Those who experiment, who manage, who set directions."),
    ("Metalog", "A distribution that keeps to the low, central and high value entered."),
    ("Share of variance", "How much of an answer's spread would go if an assumption were known."),
    ("Break-even", "The value of an assumption at which a decision flips."),
    ("Worth of knowing", "EVPPI: the most that it is worth to know an assumption before deciding."),
    ("Provenance debt", "How much of an answer's spread comes from assumptions without a source."),
    ("Surrogate", "A fitted surface that stands in for the mentors' drafts in the simulation."),
    ("Standard error", "How far chance in a simulation may have moved a figure."),
    ("Base value", "What a new workbook holds, before anyone edits it."),
)
"""What the words of the workbook mean."""


UPGRADE = "A newer program asks: python -m workbook upgrade FILE -o NEW"

NAME = "About"

FILE_ID, ANCESTRY = "file_id", "copied_from"
"""The names of the cells that say which file this is, and of what it is a copy."""

WIDTHS = (45, 50, 44, 28)
"""As the trace needs them, whose links LibreOffice does not wrap; texts run on over all of them."""

LINE_CHARACTERS = 185
"""About how many stand in a line over all columns."""


def sheet(
    traced: Sequence[Table], catalogue: Sequence[Table], recalculation: str | None = None
) -> Sheet:
    """The sheet.

    Parameters
    ----------
    traced, catalogue : sequence of Table
        The trace, and the functions in the words of a host.
    recalculation : str, optional
        What recalculates the workbook in the host that it is for; the Summary sheet repeats it.
    """
    title = opening("About Fieldbook", f"Model version {model_version()}")
    leads = (title.rows[2][0], *title.rows[2][2:], linked("Functions", f"@{FUNCTIONS}"))
    advice = _texts("What recalculates it", ANYWHERE)
    said = row("plain", cell(recalculation, "", "plain", ADVICE))
    return Sheet(
        name=NAME,
        tab_colour=CHECK,
        widths=WIDTHS,
        blocks=(
            replace(title, rows=(*title.rows[:2], leads)),
            replace(advice, rows=(said, *advice.rows)),
            _this_file(),
            _texts("What the numbers mean, and do not", MEANING),
            Table(
                heading="Glossary",
                anchor=GLOSSARY,
                header=("Word", "What it means", "", ""),
                rows=tuple(row("label plain", *each) for each in WORDS),
            ),
            _texts("Sources", SOURCES),
            _texts("Licence", LICENCE),
            *traced,
            *catalogue,
        ),
    )


def _this_file() -> Table:
    """What programs read of the file itself."""
    version = cell(current(), "", "plain", VERSION_NAME)
    return Table(
        heading="This file",
        rows=(
            row("label plain plain", "Schema of the workbook", version, UPGRADE),
            row("label plain", "Id", cell(None, "", "plain", FILE_ID)),
            row("label plain", "Copied from", cell(None, "", "plain", ANCESTRY)),
        ),
    )


def _texts(heading: str, lines: Sequence[str]) -> Table:
    """Lines of text below each other, over all columns."""
    cut = (part for line in lines for part in textwrap.wrap(line, LINE_CHARACTERS))
    return Table(heading=heading, rows=tuple(row("plain", each) for each in cut))
