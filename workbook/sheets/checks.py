"""The Checks sheet: the published figures beside the computed ones."""

from __future__ import annotations

from dataclasses import replace

from pycore.model.published import CHECKS, Check, Earlier
from workbook.formulas import call
from workbook.sheets.layout import THIS_ROW, Cell, Sheet, Table
from workbook.sheets.parts import Row, cell, opening, row
from workbook.sheets.styles import CHECK, EXACT_WITHIN

ALL_FINE = "checks_all_fine"
OK, DIFFERS = "ok", "differs"
RESULTS = "check_results"


INPUTS = max(
    sum(len(value) if isinstance(value, tuple) else 1 for value in check.inputs) for check in CHECKS
)
"""How many cells the inputs of a check may fill."""


HEADER = (
    "Published figure",
    "Published",
    "Computed",
    "Within",
    "Result",
    *(f"Input {place + 1}" for place in range(INPUTS)),
    "Computed by",
)


def sheet() -> Sheet:
    """The sheet, from the published figures."""
    all_ok = f'=IF(COUNTIF({RESULTS},"{OK}")=ROWS({RESULTS}),"{OK}","{DIFFERS}")'
    all_of_them = cell(all_ok, "", "question", ALL_FINE)
    return Sheet(
        name="Checks",
        tab_colour=CHECK,
        widths=(32, 9, 13, 8, 8, 9, *[6.5] * (INPUTS - 1), 29),
        repeats_header=True,
        blocks=(
            opening(
                "Checks",
                "The published figures, computed here from their published inputs and not from "
                "the assumptions.",
                links=1,
            ),
            Table(
                header=HEADER,
                rows=tuple(_row(check) for check in CHECKS),
                columns={RESULTS: HEADER.index("Result")},
            ),
            Table(rows=(row("question question", "All of them", all_of_them),)),
        ),
    )


def _row(check: Check) -> Row:
    """A check's row; its formula takes the inputs from the cells beside it."""
    computed, published, within = (
        f"check_{check.id}{end}" for end in ("", "_published", "_within")
    )
    addresses: list[str] = []
    inputs: list[Cell] = []
    for value in check.inputs:
        first = len(inputs)
        inputs += [_input(each) for each in (value if isinstance(value, tuple) else (value,))]
        ends = dict.fromkeys((first, len(inputs) - 1))
        addresses.append(":".join(chr(ord("F") + end) + THIS_ROW for end in ends))
    formula = call(check.function, addresses)
    if check.part:
        formula = f"=INDEX({formula.removeprefix('=')},1,{check.part})"
    tolerance = cell(check.within, "tolerance", "value", within)
    agrees = f"ABS({computed}-{published})<={within}"
    if isinstance(check.published, str):
        tolerance = cell(None, "tolerance")
        agrees = f"EXACT({computed},{published})"
    return (
        Cell(content=check.label, style="label"),
        cell(check.published, "count", "value", published),
        replace(cell(formula, _unit(check), "strong", computed), calls=True),
        tolerance,
        cell(
            f'=IFERROR(IF({agrees},"{OK}","{DIFFERS}"),"{DIFFERS}")',
            "",
            "status",
            f"check_{check.id}_result",
        ),
        *row("value " * INPUTS, *inputs),
        Cell(content=check.function.__name__.upper(), style="function"),
    )


def _unit(check: Check) -> str:
    """The unit that shows what is computed: with two digits more than were published, if any."""
    decimals = f"{check.published}".partition(".")[2]
    is_exact = isinstance(check.published, str) or check.within < EXACT_WITHIN
    return "figure" if is_exact else f"figure to {len(decimals) + 2}"


def _input(value: float | str | Earlier) -> Cell:
    if isinstance(value, Earlier):
        return cell(f"=check_{value.id}", "figure")
    return cell(value, "count")
