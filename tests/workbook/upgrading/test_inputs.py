"""What becomes of inputs whose ids or rules changed since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from tests.workbook.upgrading.conftest import golden
from workbook.file.package import open_package
from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.read import Book, read_book
from workbook.upgrading.inputs import Entry, Inputs, carried_inputs, follow_formulas
from workbook.upgrading.old import Old, read_old, with_notes
from workbook.upgrading.references import References
from workbook.upgrading.schemas import Schema
from workbook.upgrading.upgrade import upgrade

PARTS = ("", "_low", "_high", "_distribution", "_source", "_date", "_note")

Edited = Callable[..., bytes]


@pytest.fixture(scope="module")
def fresh() -> Book:
    """A new file, with no values yet."""
    return with_notes(read_book(write(SERVER.sheets()), "new"))


@pytest.fixture(scope="module")
def of_schema_1(fresh: Book) -> Inputs:
    return carried_inputs(read_old(golden(1).read_bytes(), "old"), fresh)


def as_before(edited: Edited, ids: Mapping[str, str]) -> bytes:
    """The golden file of the first schema as if ids had been others then."""
    data = golden(1).read_bytes()
    parts = {}
    for part, content in open_package(data, "old").parts.items():
        if part.endswith(".xml"):
            for now, before in ids.items():
                content = content.replace(now.encode(), before.encode())
            parts[part] = content
    return edited(data, parts)


def values(inputs: Inputs, stem: str) -> list[object]:
    return [inputs.entries[stem + part].value for part in PARTS]


def read(data: bytes, *steps: Schema) -> Old:
    return read_old(data, "old.xlsx", steps)


def test_nothing_of_the_first_schema_is_left(of_schema_1: Inputs) -> None:
    assert not of_schema_1.notes
    assert not of_schema_1.replaced


def test_a_renamed_id_keeps_all_that_stands_beside_it(
    edited: Edited, fresh: Book, of_schema_1: Inputs
) -> None:
    data = as_before(edited, {"marginal_cost": "scholar_cost"})
    old = read(data, Schema(number=2, renamed={"scholar_cost": "marginal_cost"}))
    found = carried_inputs(old, fresh)
    assert not found.notes
    kept = {name: entry.value for name, entry in of_schema_1.entries.items()}
    # What a scenario changes was called by that id too.
    assert {name: entry.value for name, entry in found.entries.items()} == kept
    assert found.entries["change_1"].value == "Cost of one more scholar"
    assert References(old, fresh).rewritten("scholar_cost*2", "Mine") == "marginal_cost*2"


def test_a_split_id_gives_both_what_it_held_and_a_dropped_one_is_named(
    edited: Edited, fresh: Book
) -> None:
    data = as_before(edited, {"asked_cost": "any_cost", "average_cost": "mean_cost"})
    step = Schema(
        number=2,
        split={"any_cost": ["asked_cost", "average_cost"]},
        dropped={"mean_cost": "it said the same"},
    )
    found = carried_inputs(read(data, step), fresh)
    assert values(found, "asked_cost") == values(found, "average_cost")
    assert found.entries["average_cost"].value == 35_000
    told = "\n".join(found.notes)
    assert "(any_cost) was split: asked_cost, average_cost hold what it held" in told
    assert "(mean_cost) held 62900 and is no more: it said the same" in told
    assert "(mean_cost_low) held 55000 and is no more" in told
    assert "mean_cost" in " ".join(found.replaced)
    assert References(read(data, step), fresh).rewritten("any_cost*2", "Mine") is None


def test_of_united_ids_the_first_stands_and_the_other_is_named(edited: Edited, fresh: Book) -> None:
    data = as_before(edited, {"asked_cost": "aa_cost", "average_cost": "bb_cost"})
    step = Schema(number=2, united={"asked_cost": ["aa_cost", "bb_cost"]})
    found = carried_inputs(read(data, step), fresh)
    assert found.entries["asked_cost"].value == 35_000
    told = "\n".join(found.notes)
    assert "(bb_cost) held 62900: asked_cost, which takes its place, is that of aa_cost" in told
    assert "not in the older file, as in a new workbook: average_cost" in told


@pytest.mark.parametrize(
    ("typed", "gone", "said"),
    [
        ({"selection_validity": 7.0}, ["selection_validity"], "held 7, which must be "),
        (
            {"marginal_cost_low": 30_000.0},
            ["marginal_cost", "marginal_cost_low", "marginal_cost_high"],
            "and marginal_cost.low must be at most",
        ),
        (
            {"admitted": 90_000.0, "admitted_high": 90_000.0},
            ["admitted", "applicants"],
            "and admitted must be at most applicants",
        ),
        ({"simulation_draws": 0.5}, ["simulation_draws"], "held 0.5, which must be "),
    ],
    ids=["bounds", "order", "together", "setting"],
)
def test_a_value_that_is_refused_today_is_listed_and_the_default_stays(
    typed: Mapping[str, float],
    gone: Sequence[str],
    said: str,
    typed_into: Callable[..., bytes],
    fresh: Book,
    of_schema_1: Inputs,
) -> None:
    old = read_old(typed_into(1, **typed), "old.xlsx")
    found = carried_inputs(old, fresh)
    for name in gone:
        assert name not in found.entries
    assert set(gone) <= found.replaced
    name = next(iter(typed))
    place = old.book.places[name]
    (note,) = (note for note in found.notes if note.startswith(f"{place} ({name}) held "))
    assert said in note
    assert note.endswith("today's default stands in its place")
    rest = of_schema_1.entries.keys() - found.entries.keys()
    stems = {name.removesuffix(part) for name in gone for part in PARTS}
    assert {name for name in rest if not any(name.startswith(stem) for stem in stems)} == set()


def test_rows_of_tables_that_are_refused_are_blank(
    typed_into: Callable[..., bytes], fresh: Book
) -> None:
    old = read_old(typed_into(2, scenario_3_value_5=3.0, correlation_2_rank=-4.0), "old.xlsx")
    found = carried_inputs(old, fresh)
    blank = ["scenario_3_value_5", *(f"correlation_2_{p}" for p in ("first", "second", "rank"))]
    assert all(found.entries[name].is_blank for name in blank)
    assert found.entries["correlation_1_rank"].value == 0.4
    assert found.entries["scenario_2_value_2"].value == 0.6
    assert sum("the cell is blank now" in note for note in found.notes) == len(blank)


def test_a_refused_value_does_not_keep_the_rest_from_being_computed(
    typed_into: Callable[..., bytes],
) -> None:
    done = upgrade(typed_into(1, selection_validity=7.0), "old.xlsx")
    assert any("held 7, which must be" in note for note in done.notes)
    assert any("is the model's cannot be told" in note for note in done.notes)
    assert all(answer.model is None for answer in done.answers)
    book = read_book(done.data, "new")
    assert book.value("selection_validity") == 0.3
    assert book.value("marginal_cost") == 24_000


def test_a_formula_in_an_input_gives_way_to_its_value(fresh: Book) -> None:
    old = read_old(golden(2).read_bytes(), "old.xlsx")
    found = carried_inputs(old, fresh)
    entry = replace(found.entries["asked_cost"], formula="SUM(Cost!A1:K99)")
    found.entries["asked_cost"] = entry
    follow_formulas(found, References(old, fresh, {"Mine": "Mine"}, {"ourfactor"}))
    assert found.entries["asked_cost"] == replace(entry, formula="")
    assert found.entries["asked_cost_low"].formula == "asked_cost*0.9"
    assert "held 36000 of =SUM(Cost!A1:K99), which refers to what has no place" in found.notes[-1]


def test_a_blank_says_nothing() -> None:
    found = Inputs(entries={"marginal_cost": Entry()})
    found.drop("marginal_cost", "which must be above 0")
    assert not found.notes
