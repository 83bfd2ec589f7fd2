"""A workbook of native arithmetic, for programs that cannot call our functions.

It holds as many formulas as the built workbook. They are equations of the core that a
spreadsheet can write itself, each row over inputs of its own, and the core's functions say
what must come out of them.
"""

from __future__ import annotations

import io
import math

import numpy as np
import xlsxwriter

from pycore import FUNCTIONS

SHEET = "Native"
FORMULA_COLUMN = "G"

# Columns: A value, B cost, C applicants, D admitted, E validity, F sigma.
EQUATIONS = (
    ("cost_multiple", "AB", "=A{0}/B{0}"),
    ("admission_rate", "CD", "=D{0}/C{0}"),
    ("mean_to_median", "F", "=EXP(F{0}*F{0}/2)"),
    (
        "marginal_ratio",
        "CDEF",
        "=EXP(F{0}*E{0}*(NORMSINV((D{0}/2+0.125)/(C{0}+0.25))-NORMSINV((D{0}-0.375)/(C{0}+0.25))))",
    ),
)
"""Core function, the columns of its arguments, and the equation with a place for the row."""


class Native:
    """The workbook and what its formulas must give.

    Parameters
    ----------
    formulas : int
        How many formulas it holds.
    """

    def __init__(self, formulas: int) -> None:
        rng = np.random.default_rng(20260101)
        self.expected: list[float] = []
        target = io.BytesIO()
        book = xlsxwriter.Workbook(target, {"in_memory": True})
        sheet = book.add_worksheet(SHEET)
        for row in range(formulas):
            inputs = _inputs(rng)
            function, columns, equation = EQUATIONS[row % len(EQUATIONS)]
            sheet.write_row(row, 0, inputs)
            sheet.write_formula(row, len(inputs), equation.format(row + 1))
            arguments = [inputs["ABCDEF".index(column)] for column in columns]
            self.expected.append(FUNCTIONS[function](*arguments))
        book.close()
        self.data = target.getvalue()

    def agrees(self, values: list[float]) -> bool:
        """Say whether these are the values of the formulas, from the first row down."""
        return len(values) == len(self.expected) and all(
            math.isclose(value, wanted, rel_tol=1e-9)
            for value, wanted in zip(values, self.expected, strict=True)
        )


def _inputs(rng: np.random.Generator) -> list[float]:
    return [
        float(rng.integers(50_000, 200_000)),
        float(rng.integers(20_000, 40_000)),
        float(rng.integers(1_000, 3_000)),
        float(rng.integers(50, 200)),
        float(rng.uniform(0.1, 0.6)),
        float(rng.uniform(1, 2.5)),
    ]
