"""The About sheet: version, what recalculates the workbook, sources and licence."""

from __future__ import annotations

from dataclasses import replace

from addin.version import model_version
from workbook.sheets.first_aid import ADVICE
from workbook.sheets.layout import Sheet
from workbook.sheets.parts import cell, notes, opening

ANYWHERE = (
    "Answers are computed by Python functions that the formulas call. A recipient without them "
    "still sees every value, as it was last computed.",
    "Without a spreadsheet: python -m workbook set FILE marginal_cost=30000 changes an assumption "
    "and recalculates; python -m workbook recalc FILE recalculates after edits made elsewhere.",
    "If a cell shows #NAME? after an edit, the functions were not there to answer. Nothing is "
    "lost: recalculate the file as above.",
    "Sheets are protected without a password, against slips. It is no security.",
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


def sheet(recalculation: str | None = None) -> Sheet:
    """The sheet.

    Parameters
    ----------
    recalculation : str, optional
        What recalculates the workbook in the host that it is for; the Summary sheet repeats it.
    """
    advice = cell(recalculation, "", "wrapped", ADVICE)
    what = notes(ANYWHERE, "What recalculates it", "wrapped")
    return Sheet(
        name="About",
        widths=(130,),
        blocks=(
            opening("About Fieldbook", f"Model version {model_version()}"),
            replace(what, rows=((advice,), *what.rows)),
            notes(MEANING, "What the numbers mean, and do not", "wrapped"),
            notes(SOURCES, "Sources", "wrapped"),
            notes(LICENCE, "Licence", "wrapped"),
        ),
    )
