"""What a copy without functions says of its age: only what is simulated grows old in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pycore.model.tables import HEADLINES, NOTHING
from workbook.file.patch import Value
from workbook.native.results import CellName
from workbook.read import Book, named_cells
from workbook.sheets.first_aid import ELSEWHERE, IN_ORDER, WRONG
from workbook.sheets.parts import FINE, FIRST_AID, FIRST_AID_STATE, OUTDATED, first_true, outdated
from workbook.sheets.stamp import AFFECTS, DATE, DATED, EDITED, SAID, STALE

NOT_IN_ORDER = (
    f'"An assumption is not in order, and what depends on it is not computed: "&{WRONG}&"."'
)
FOLLOWS = (
    f'"This copy answers without functions. What is simulated was computed on "&{DATE}&" from the '
    'inputs beside it; all else follows every edit."'
)
OLDER = f'{SAID}&" All else in this copy follows every edit; recalc makes a full workbook of it."'
ALL_COMPUTED, SIMULATED = '"Computed "', '"Simulated "'
"""How what is said of edited inputs begins: of all answers, or of those that grow old in a copy."""
UNCERTAIN = f'COUNTIF({STALE},"*|Uncertainty|*")>0'
"""Whether an input was edited on which the simulated ranges depend."""


def said_of_age(texts: Mapping[str, str]) -> Iterator[tuple[CellName, str]]:
    """The formulas of a copy that say how old it is, and those that show no old ranges.

    Parameters
    ----------
    texts : mapping of str to str
        By name: what the formulas of the full workbook are, without "=".
    """
    rules = ((f"NOT({IN_ORDER})", NOT_IN_ORDER, ELSEWHERE), (f"{EDITED}>0", OLDER, OUTDATED))
    found = first_true([(rule, text) for rule, text, _ in rules], FOLLOWS)
    state = first_true([(rule, f'"{word}"') for rule, _, word in rules], f'"{FINE}"')
    yield (FIRST_AID, 0, 0), found
    yield (FIRST_AID_STATE, 0, 0), state
    for name, text in texts.items():
        if name == SAID or name.startswith(outdated("")):
            yield (name, 0, 0), text.replace(ALL_COMPUTED, SIMULATED)
    for headline in HEADLINES:
        for end in ("low", "high"):
            name = f"{headline.name}_spread_{end}"
            yield (name, 0, 0), f'IF({UNCERTAIN},"{NOTHING}",{texts[name]})'


def depending(book: Book, *, full: bool) -> Iterator[tuple[str, Value]]:
    """By address on the sheet of the stamp: the sheets with what grows old as an input is edited.

    Parameters
    ----------
    full : bool
        Whether all results do, as in a full workbook; else those that are only dated.
    """
    place = book.places[AFFECTS]
    for held in named_cells():
        if held.name == (AFFECTS if full else DATED):
            sheets = str(held.cell.content)
            yield place.rows[held.row][held.column], sheets if full or sheets != "|" else ""
