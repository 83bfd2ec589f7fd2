"""The Correlations sheet: which assumptions go together, where a person says so."""

from __future__ import annotations

from pycore.graph import Graph
from pycore.model.tables import CORRELATIONS, MOST_CORRELATIONS
from pycore.uncertainty.correlations import RANK
from workbook.sheets.layout import Cell, Listed, Sheet, Table
from workbook.sheets.parts import opening
from workbook.sheets.ranges import IDS, LABELS, looked_up
from workbook.sheets.styles import ORANGE

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
    listed = Listed(IDS, tuple(node.id for node in graph.assumptions))
    return Sheet(
        name="Correlations",
        tab_colour=ORANGE,
        widths=(34, 34, 18, 48, 48),
        blocks=(
            opening(
                "Correlations",
                "Which assumptions go together? Choose two by their names and type their rank "
                "correlation, or leave the table blank.",
            ),
            Table(
                header=(
                    "First assumption",
                    "Second assumption",
                    "Rank correlation",
                    "The first is",
                    "The second is",
                ),
                rows=tuple(_row(number, listed) for number in range(1, MOST_CORRELATIONS + 1)),
            ),
            Table(
                heading="How to read it",
                rows=tuple((Cell(content=line, style="plain"),) for line in HOW_TO_READ),
            ),
        ),
    )


def _row(number: int, listed: Listed) -> tuple[Cell, ...]:
    first, second, rank = (f"correlation_{number}_{part}" for part in ("first", "second", "rank"))
    opens = number == 1
    return (
        Cell(
            style="input_word",
            names=(CORRELATIONS, first) if opens else (first,),
            block=(MOST_CORRELATIONS, 3) if opens else (1, 1),
            allowed=listed,
            optional=True,
        ),
        Cell(style="input_word", names=(second,), allowed=listed, optional=True),
        Cell(style="input", unit="correlation", names=(rank,), allowed=RANK, optional=True),
        *(Cell(formula=f"={looked_up(name, LABELS)}", style="wrapped") for name in (first, second)),
    )
