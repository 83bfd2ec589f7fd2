"""The Correlations sheet: which assumptions go together, where a person says so."""

from __future__ import annotations

from dataclasses import replace

from pycore.graph import Graph
from pycore.model.tables import CORRELATIONS, MOST_CORRELATIONS
from pycore.uncertainty.correlations import RANK
from workbook.sheets.layout import Sheet, Spare, Table, Working
from workbook.sheets.parts import Row, block, entry, notes, opening, row
from workbook.sheets.styles import EDIT
from workbook.sheets.workings import listed, or_blank, resolved

HOW_TO_READ = (
    "At 1, whenever the first assumption is high among its possible values, so is the second; at "
    "-1 the second is then low; at 0, or in a blank row, they have nothing to do with each other.",
    "They change how sure the answers are, not the answers at the central values. An assumption "
    "whose distribution is fixed has none.",
    "Correlations that cannot hold together are refused: recalc says which pair to change. Live in "
    "a spreadsheet, the Uncertainty and Sensitivity sheets then show errors.",
)


def sheet(graph: Graph) -> Sheet:
    """The sheet; its table is blank at first."""
    numbers = range(1, MOST_CORRELATIONS + 1)
    return Sheet(
        name="Correlations",
        tab_colour=EDIT,
        widths=(52, 52, 18, 44),
        workings=(Working(rows=block(CORRELATIONS, map(_taken, numbers))),),
        blocks=(
            opening(
                "Correlations",
                "Which assumptions go together? Choose two and type their rank correlation, or "
                "leave the table blank.",
            ),
            Table(
                header=("First assumption", "Second assumption", "Rank correlation"),
                rows=tuple(_typed(graph, number) for number in numbers),
                spare=Spare(columns=(0, 2)),
            ),
            notes(HOW_TO_READ),
        ),
    )


def _typed(graph: Graph, number: int) -> Row:
    name, chosen = f"correlation_{number}", listed(graph.assumptions)
    said = ("An assumption that goes with another.", "The other one.", "From -1 to 1.")
    cells = (
        entry(f"{name}_first", chosen, optional=True),
        entry(f"{name}_second", chosen, optional=True),
        entry(f"{name}_rank", RANK, unit="correlation", optional=True),
    )
    return tuple(replace(each, prompt=text) for each, text in zip(cells, said, strict=True))


def _taken(number: int) -> Row:
    """The two and their correlation as the functions take them: assumptions by their ids."""
    name = f"correlation_{number}"
    typed = (resolved(f"{name}_first"), resolved(f"{name}_second"), or_blank(f"{name}_rank"))
    return row("quiet_value quiet_value quiet_value", *typed)
