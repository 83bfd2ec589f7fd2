"""Which assumptions go together, where a person says so: at the end of the Uncertainty sheet."""

from __future__ import annotations

from dataclasses import replace

from pycore.graph import Graph
from pycore.model.tables import CORRELATIONS, MOST_CORRELATIONS
from pycore.uncertainty.correlations import RANK
from workbook.sheets.layout import Spare, Table, Working
from workbook.sheets.parts import Row, block, entry, notes, row
from workbook.sheets.workings import listed, or_blank, resolved

HOW_TO_READ = (
    "Choose two assumptions and type their rank correlation; the next row then opens below.",
    "At 1, whenever the first assumption is high among its possible values, so is the second; at "
    "-1 the second is then low; at 0, or in a blank row, they have nothing to do with each other.",
    "They change how sure the answers are, not the answers at the central values. An assumption "
    "whose distribution is fixed has none.",
    "Correlations that cannot hold together are refused: recalc says which pair to change. Live in "
    "a spreadsheet, this sheet and the Sensitivity sheet then show errors.",
)


GO_TOGETHER = "uncertainty:correlations"
"""The anchor of the heading."""


def tables(graph: Graph) -> tuple[Table, ...]:
    """What to read, and where to type: blank at first, and last so that no gap is below."""
    numbers = range(1, MOST_CORRELATIONS + 1)
    return (
        replace(
            notes(HOW_TO_READ, "Correlations: which assumptions go together (edit here)"),
            anchor=GO_TOGETHER,
        ),
        Table(
            header=("First assumption", "Second assumption", "Rank correlation"),
            rows=tuple(_typed(graph, number) for number in numbers),
            spare=Spare(columns=(0, 2)),
        ),
    )


def taken() -> Working:
    """The pairs as the functions take them."""
    return Working(rows=block(CORRELATIONS, map(_taken, range(1, MOST_CORRELATIONS + 1))))


def _typed(graph: Graph, number: int) -> Row:
    name, chosen = f"correlation_{number}", listed(graph.assumptions)
    said = ("An assumption that goes with another.", "The other one.", "From -1 to 1.")
    cells = (
        *(
            replace(entry(f"{name}_{which}", chosen, optional=True), style="input_text")  # it wraps
            for which in ("first", "second")
        ),
        entry(f"{name}_rank", RANK, unit="correlation", optional=True),
    )
    return tuple(replace(each, prompt=text) for each, text in zip(cells, said, strict=True))


def _taken(number: int) -> Row:
    """The two and their correlation as the functions take them: assumptions by their ids."""
    name = f"correlation_{number}"
    typed = (resolved(f"{name}_first"), resolved(f"{name}_second"), or_blank(f"{name}_rank"))
    return row("quiet_value quiet_value quiet_value", *typed)
