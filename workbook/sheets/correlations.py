"""The Correlations sheet: which assumptions go together, where a person says so."""

from __future__ import annotations

from pycore.graph import Graph
from pycore.model.tables import CORRELATIONS, MOST_CORRELATIONS
from pycore.uncertainty.correlations import RANK
from workbook.sheets.layout import Listed, Sheet, Table
from workbook.sheets.parts import Row, block, entry, notes, opening, row
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
    numbers = range(1, MOST_CORRELATIONS + 1)
    typed = block(CORRELATIONS, (_typed(number, listed) for number in numbers))
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
                rows=tuple((*pair, *_labels(pair)) for pair in typed),
            ),
            notes(HOW_TO_READ),
        ),
    )


def _typed(number: int, listed: Listed) -> Row:
    name = f"correlation_{number}"
    return (
        entry(f"{name}_first", listed, optional=True),
        entry(f"{name}_second", listed, optional=True),
        entry(f"{name}_rank", RANK, unit="correlation", optional=True),
    )


def _labels(typed: Row) -> Row:
    """What the two assumptions of a row are, in words."""
    names = (each.names[-1] for each in typed[:2])
    return row("wrapped wrapped", *(f"={looked_up(name, LABELS)}" for name in names))
