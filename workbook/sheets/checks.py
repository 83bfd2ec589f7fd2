"""The Checks sheet: the published figures beside the computed ones."""

from __future__ import annotations

from addin.functions import NAMESPACE
from pycore.model.published import CHECKS, Check, Earlier, Input
from workbook.formulas import call
from workbook.sheets.layout import THIS_ROW, Cell, Sheet, Table
from workbook.sheets.parts import opening

ALL_FINE = "checks_all_fine"
OK, DIFFERS = "ok", "differs"
RESULTS = "check_results"


def _cells_of(value: Input) -> int:
    """How many cells an input fills."""
    return len(value) if isinstance(value, tuple) else 1


INPUTS = max(sum(map(_cells_of, check.inputs)) for check in CHECKS)


def sheet() -> Sheet:
    """The sheet, from the published figures."""
    numbers = tuple(f"Input {place + 1}" for place in range(INPUTS))
    header = ("Published figure", "Function", *numbers, "Published", "Within", "Computed", "Result")
    return Sheet(
        name="Checks",
        widths=(48, 42, *[11] * INPUTS, 12, 10, 12, 10),
        repeats_header=True,
        blocks=(
            opening(
                "Checks",
                "The published figures, computed here from their published inputs and not from "
                "the assumptions.",
            ),
            Table(
                header=header,
                rows=tuple(_row(check) for check in CHECKS),
                columns={RESULTS: len(header) - 1},
            ),
            Table(
                rows=(
                    (
                        Cell(content="All of them", style="question"),
                        Cell(
                            formula=f'=IF(COUNTIF({RESULTS},"{OK}")=ROWS({RESULTS}),"{OK}",'
                            f'"{DIFFERS}")',
                            style="question",
                            names=(ALL_FINE,),
                        ),
                    ),
                )
            ),
        ),
    )


def _row(check: Check) -> tuple[Cell | None, ...]:
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
        addresses.append(":".join(chr(ord("C") + end) + THIS_ROW for end in ends))
    formula = call(check.function, addresses)
    if check.part:
        formula = f"=INDEX({formula.removeprefix('=')},1,{check.part})"
    if isinstance(check.published, str):
        agrees = f"EXACT({computed},{published})"
    else:
        agrees = f"ABS({computed}-{published})<={within}"
    blanks = [Cell(style="value")] * (INPUTS - len(inputs))
    return (
        Cell(content=check.label),
        Cell(content=f"{NAMESPACE}.{check.function.__name__.upper()}", style="name"),
        *inputs,
        *blanks,
        Cell(content=check.published, style="value", unit="count", names=(published,)),
        Cell(
            content=None if isinstance(check.published, str) else check.within,
            style="value",
            unit="tolerance",
            names=() if isinstance(check.published, str) else (within,),
        ),
        Cell(formula=formula, style="strong", unit="figure", names=(computed,), calls=True),
        Cell(
            formula=f'=IFERROR(IF({agrees},"{OK}","{DIFFERS}"),"{DIFFERS}")',
            style="status",
            names=(f"check_{check.id}_result",),
        ),
    )


def _input(value: float | str | Earlier) -> Cell:
    if isinstance(value, Earlier):
        return Cell(formula=f"=check_{value.id}", style="value", unit="figure")
    return Cell(content=value, style="value", unit="count")
