"""What a person picks by its label, and functions take by its id."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fieldbook import load
from pycore.model.results import model
from pycore.model.tables import DECIDING_WORDS, DECISIONS, GAIN, HEADLINES, OUTCOME
from pycore.model.whole import whole
from workbook.read import read_book, settings
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.sheets.layout import Listed
from workbook.show import outdated

LABELS = {each.reference: each.label for each in HEADLINES} | {
    each: model()[each].label for each in DECIDING_WORDS
}
FEW = {"simulation_draws": 64.0}
CHOICES = [
    (OUTCOME, "net_safety", "tornado_block"),
    (GAIN, "net_safety", "information_value_block"),
    ("decision_1_answer", "team_output", "break_even_block"),
    ("decision_2_answer", "place_quote", "break_even_block"),
]
"""An input, another id for it, and what it changes."""


@pytest.fixture(name="few", scope="module")
def _few(built: bytes) -> bytes:
    return recalculate(built, "few", FEW).data


def test_no_id_of_an_answer_stands_where_a_person_reads() -> None:
    ids = {each for each in (*LABELS, *(node.id for node in model().inputs)) if "_" in each}
    for placed in sheets():
        if not placed.sheet.hidden:
            columns = {at.column for at in placed.cells if at.cell.content in ids}
            # The one column of ids is far to the right, for tools.
            assert len(columns) == (placed.sheet.name == "Assumptions"), placed.sheet.name


@pytest.mark.parametrize(("name", "chosen", "block"), CHOICES)
def test_a_label_that_is_picked_is_the_id_that_is_typed(
    few: bytes, with_cell: Callable[..., bytes], name: str, chosen: str, block: str
) -> None:
    found = []
    for text in (LABELS[chosen], chosen):
        typed = with_cell(few, name, f"<is><t>{text}</t></is>", "inlineStr")
        book = read_book(recalculate(typed, "typed").data, "typed")
        assert (book.value(name), book.entered(name)) == (text, chosen)
        assert outdated(book, simulations=True) == ""
        found.append(book.values(block))
    assert found[0] == found[1] != read_book(few, "few").values(block)


def test_set_takes_an_id_and_the_reader_sees_its_label(few: bytes) -> None:
    changes: dict[str, float | str] = {name: chosen for name, chosen, _ in CHOICES}
    changes |= {"decision_1_bar": 7.0, "change_1": "offset", "scenario_1_value_1": 50.0}
    book = read_book(recalculate(few, "few", changes).data, "few")
    for name, chosen, _ in CHOICES:
        assert book.value(name) == LABELS[chosen]
    assert book.value("change_1") == model()["offset"].label
    assert book.value(f"{OUTCOME}_id") == "net_safety"
    assert book.typed(DECISIONS) == [["team_output", 7.0], ["place_quote", None]]
    inputs = book.inputs()
    assert (inputs[OUTCOME], inputs[GAIN]) == ("net_safety", "net_safety")


def test_tables_of_the_settings_hold_ids_as_the_published_ones(few: bytes, tmp_path: Path) -> None:
    path = tmp_path / "few.xlsx"
    path.write_bytes(few)
    book = load(path)
    found = book.settings["value"]
    assert found[OUTCOME] == whole()[OUTCOME].central == "adjusted_multiple"
    assert found["decision_2_answer"] == "adjusted_quote"
    table = book.settings
    table.loc[OUTCOME, "value"] = "net_value"
    assert book.changed(settings=table).settings.loc[OUTCOME, "value"] == "net_value"


def test_every_label_of_a_list_stands_in_the_cells_it_opens(few: bytes) -> None:
    book = read_book(few, "few")
    lists = [cell.allowed for cell in settings().values() if isinstance(cell.allowed, Listed)]
    assert {each.name for each in lists} >= {"outcome_labels", "decision_answers", "gain_labels"}
    for each in lists:
        shown = [label for (label,) in book.values(each.name)]
        assert set(dict(each.labels).values()) <= set(shown)
        assert len(set(shown)) == len(shown)


def test_a_bar_of_the_chart_without_an_assumption_has_no_label(few: bytes) -> None:
    data = recalculate(few, "few", {OUTCOME: "ratio_shift.after"}).data
    labels = [each for (each,) in read_book(data, "few").values("tornado_labels")]
    assert sum(bool(each) for each in labels) == 4
    assert "-" not in labels
    data = recalculate(few, "few", {OUTCOME: "exit_year"}).data
    first, *rest = [each for (each,) in read_book(data, "few").values("tornado_labels")]
    assert first.startswith("Nothing to show")
    assert not any(rest)
