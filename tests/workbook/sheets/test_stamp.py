"""The stamp: every input, edited alone by whatever program, is told, and no other; back, none is.

The workbook's native formulas are computed alone, as where no functions answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter.utility import xl_rowcol_to_cell

from pycore.model.results import model
from pycore.model.tables import MOST_CHANGES, OPINIONS, RESPONSES
from pycore.model.whole import whole
from tests.addin.calc_host import Calc, Home, MissingError
from workbook.calculator import Calculator
from workbook.file.area import replace_area
from workbook.file.patch import patch
from workbook.formulas import defined_name
from workbook.read import Book, named_cells, read_book
from workbook.recalc import recalculate
from workbook.recognise import recognise
from workbook.sheets import sheets, stamp
from workbook.sheets.first_aid import HERE
from workbook.sheets.parts import ERROR, FINE, FIRST_AID, FIRST_AID_STATE, UNTOUCHED, outdated
from workbook.sheets.stamp import BASE, DIFFERS, EDITED, LABELS, NOW, SAID, SINCE, STALE, THEN
from workbook.stamp import EPOCH

ROWS = stamp.stamped(whole(), sheets())
IN_SIGHT = [each.sheet.name for each in sheets() if not each.sheet.hidden]

NOBODY = {"type": "Error", "kind": "Name"}


@pytest.fixture(name="book", scope="module")
def _book(built: bytes) -> Book:
    return read_book(built, "built")


def key(book: Book, name: str) -> tuple[str, str]:
    return book.places[name].sheet, book.places[name].first


def edited_cells(number: int) -> list[str]:
    """The named cells of a row that a person edits."""
    row = ROWS[number]
    names = [part.native for part in row.parts if part.kind in ("number", "text")]
    reference = row.groups[-1].references[0]
    if reference.endswith(".source"):
        names += [defined_name(each) for each in row.groups[-1].references]
    if reference == RESPONSES:
        good = names[0].removesuffix("_name")
        names += [f"{good}_{part}" for part in stamp.ENTERED]
    return names


def other(book: Book, name: str) -> Any:
    """Another value for a cell, which looks as much like the one it holds as can be."""
    value = book.value(name)
    if isinstance(value, str):
        return value.swapcase() if value != value.swapcase() else f"{value} "
    if value is None:
        return 1.0 if name.startswith("good_") else 0.0
    # What is entered of goods is compared by a figure.
    return None if value == 0 else value * (1 + (1e-8 if name.startswith("good_") else 1e-9))


class Native:
    """The native formulas of a file, computed as where no functions answer."""

    def __init__(self, book: Book) -> None:
        self.book = book
        wanted = (*(LABELS, STALE, DIFFERS, EDITED, SAID), *map(outdated, IN_SIGHT))
        keys = {
            (book.places[name].sheet, address)
            for name in wanted
            for row in book.places[name].rows
            for address in row
        }
        # What the cells of the sheets are found by stands beside what they say.
        keys |= {
            (sheet, f"{column}{address.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}")
            for sheet, address in (key(book, each) for each in (SAID, *map(outdated, IN_SIGHT)))
            for column in "BCDE"
        }
        keys |= {key(book, name) for name in (SINCE, FIRST_AID, FIRST_AID_STATE)}
        self._calculator = Calculator(book, keys)
        self.put(HERE, NOBODY)
        self.put(ERROR, 5.0)

    def put(self, name: str, value: Any) -> None:
        self._calculator.put_value(key(self.book, name), value)

    def compute(self) -> None:
        self._calculator.evaluate()

    def value(self, name: str) -> Any:
        return self._calculator.value(key(self.book, name))

    def column(self, name: str) -> list[Any]:
        place = self.book.places[name]
        return [self._calculator.value((place.sheet, row[0])) for row in place.rows]


@pytest.fixture(name="native", scope="module")
def _native(book: Book) -> Native:
    return Native(book)


def test_the_stamp_covers_every_input() -> None:
    graph = whole()
    covered = {name for number in range(len(ROWS)) for name in edited_cells(number)}
    wanted = {
        defined_name(reference)
        for node in graph.inputs
        for reference in (
            node.id,
            *(each for each in graph.texts if each.startswith(node.id + ".")),
        )
    }
    wanted |= {f"{each.id}_{end}" for each in graph.assumptions if not each.setting
               for end in ("low", "high")}  # fmt: skip
    wanted |= {each.id for each in graph.settings if each.allowed is not None}
    tables = {each.id for each in graph.tables}
    # Of tables: what is typed there, and what stands there by way of another cell.
    typed = {held.cell.names[-1] for held in named_cells()
             if held.name in tables and held.cell.allowed is not None}  # fmt: skip
    repeated = {
        held.cell.formula.partition("(")[2].partition("(")[2].partition(")")[0]
        for held in named_cells()
        if held.name in tables and held.cell.formula.startswith("=IF(ISBLANK(")
    }
    assert covered == wanted | typed | repeated
    used = {reference for row in ROWS for group in row.groups for reference in group.references}
    assert tables <= used


def test_a_new_file_says_that_all_is_computed_from_its_inputs(book: Book) -> None:
    assert book.values(NOW) == book.values(BASE)
    assert book.values(THEN) == [
        [None if cell is None else cell for cell in row] for row in book.values(NOW)
    ]
    assert {cell for (cell,) in book.values(DIFFERS)} == {0}
    assert book.value(FIRST_AID_STATE) == FINE


@pytest.mark.parametrize("at", range(max(len(edited_cells(n)) for n in range(len(ROWS)))))
@pytest.mark.parametrize("odd", [0, 1], ids=["even", "odd"])
def test_each_cell_edited_alone_is_told(native: Native, book: Book, at: int, odd: int) -> None:
    """Every other row at once; those between are told of nothing, and back neither are these."""
    cells = {n: edited_cells(n)[at] for n in range(len(ROWS))
             if n % 2 == odd and at < len(edited_cells(n))}  # fmt: skip
    for name in cells.values():
        native.put(name, other(book, name))
    native.compute()
    assert native.column(DIFFERS) == [float(n in cells) for n in range(len(ROWS))]
    assert native.value(EDITED) == len(cells)
    affects = book.values(stamp.AFFECTS)
    for number, stale in enumerate(native.column(STALE)):
        assert stale == "" or stale in affects[number]
    for name in cells.values():
        native.put(name, book.value(name))
    native.compute()
    assert not any(native.column(DIFFERS))
    assert (native.value(EDITED), native.value(SAID)) == (0, "")
    assert native.value(FIRST_AID_STATE) == UNTOUCHED


def test_answers_of_a_survey(native: Native, book: Book) -> None:
    place = book.places[RESPONSES]
    first = next(n for n, row in enumerate(ROWS) if RESPONSES in row.groups[-1].references)

    def answers(*values: Any) -> list[int]:
        for row, value in enumerate(values):
            native._calculator.put_value((place.sheet, place.rows[row][2]), value)
        native.compute()
        return [number - first for number, each in enumerate(native.column(DIFFERS)) if each]

    assert answers(None, None) == []
    for values in ((1e-9, None), (None, 5.0), ("text", None), ("2", None), (2.0, 1e15)):
        assert answers(*values) == [2], values
        assert native.value(outdated("Exchange")).endswith(": US AI policy 5% better.")
    assert answers(None, None) == []


OPINION_EDITS: list[tuple[dict[tuple[int, int], Any], bool]] = [
    ({}, False),
    ({(0, 3): 2e4 * (1 + 1e-8)}, True),
    ({(0, 3): "2e4"}, True),
    ({(2, 2): 0.2, (2, 3): -0.2, (2, 4): -0.2}, True),
    ({(0, 1): "Ben", (1, 1): "Ana"}, True),
    ({(0, 0): model()["asked_cost"].label}, True),
    ({(0, 0): "marginal_cost"}, False),  # the same, by its id
    ({(0, 5): "a remark"}, False),
    ({(3, 0): "offset"}, True),
]
"""Cells of the opinions and what somebody types there; and whether it is told as an edit."""


@pytest.fixture(name="judged", scope="module")
def _judged(built: bytes) -> Book:
    """A file with three opinions of two people."""
    book, cost = read_book(built, "built"), model()["marginal_cost"].label
    rows = [(cost, "Ana", 1e4, 2e4, 3e4), (cost, "Ben", 15e3, 25e3, 35e3)]
    rows.append((model()["spillover"].label, "Ana", -0.2, -0.2, 0.2))
    place, sheet = book.places[OPINIONS], book.sheet_of(OPINIONS)
    cells = {place.rows[r][c]: cell for r, row in enumerate(rows) for c, cell in enumerate(row)}
    xml = replace_area(book.package.parts[sheet.part], sheet.part, place.rows, cells)
    changes: dict[str, float | str] = {"person_1_name": "Ana", "person_2_name": "Ben"}
    changes["person_2_weight"] = 3.0
    data = book.package.to_bytes({sheet.part: xml})
    return read_book(recalculate(data, "built", changes, before=built).data, "judged")


def test_opinions(judged: Book) -> None:
    native, place = Native(judged), judged.places[OPINIONS]
    held = judged.values(OPINIONS)
    for typed, told in OPINION_EDITS:
        for (row, column), value in typed.items():
            native._calculator.put_value((place.sheet, place.rows[row][column]), value)
        native.compute()
        assert bool(native.value(EDITED)) == told, typed
        assert bool(native.value(outdated("Opinions"))) == told, typed
        assert not native.value(outdated("Cost"))
        for row, column in typed:
            address = place.rows[row][column]
            native._calculator.put_value((place.sheet, address), held[row][column])
    native.put("person_2_weight", 2.0)
    native.compute()
    assert native.value(outdated("Opinions")).endswith("before 1 input was edited: Ben.")


def test_what_is_said_of_each_sheet(native: Native, book: Book) -> None:
    edits = {"marginal_cost": 1.0, "marginal_cost_source": "me", "mentors": 9.0, "offset_low": 1.0,
             "backfire_share": 0.5, "good_4_own": 3.0}  # fmt: skip
    for name, value in edits.items():
        native.put(name, value)
    native.compute()
    said = str(native.value(SAID))
    assert said.startswith("Computed on 20")
    assert ", before 5 inputs were edited: " in said
    graph = model()
    assert f": {graph['marginal_cost'].label}, {graph['mentors'].label}, " in said
    assert said.endswith(" and 2 more.")
    assert str(native.value(FIRST_AID)).startswith(f"No functions answer here. {said} ")
    on_sheets = {name: str(native.value(outdated(name))) for name in IN_SIGHT}
    assert ", before 1 input was edited: " in on_sheets["Cost"]
    assert on_sheets["Ratio"].endswith(f": {graph['backfire_share'].label}.")
    assert on_sheets["Exchange"].endswith(": UN or US think tank.")
    assert {name for name, each in on_sheets.items() if not each} >= {"Window", "Checks", "About"}
    for name in edits:
        native.put(name, book.value(name))
    native.compute()
    assert not any(native.value(outdated(name)) for name in IN_SIGHT)


def test_what_depends_on_an_input_is_what_the_graph_says(book: Book) -> None:
    graph = whole()
    for number, row in enumerate(ROWS):
        for group, affects in zip(row.groups, book.values(stamp.AFFECTS)[number], strict=False):
            uses = {each.id for each in graph.columns if {*group.references} & {*each.members}}
            moved: set[str] = set()
            for result in graph.results:
                if {*result.arguments} & ({*group.references} | uses) or any(
                    reference.partition(".")[0] in moved for reference in result.arguments
                ):
                    moved.add(result.id)
            assert moved, row.label
            where = {
                placed.sheet.name
                for placed in sheets()
                if not placed.sheet.hidden and moved & placed.names.keys()
            }
            assert where <= set(str(affects).strip("|").split("|")), row.label


def test_of_results_that_need_functions_only_those_given_count() -> None:
    graph, placed = whole(), sheets()
    sources = stamp._Sources(graph, placed)
    assert sources.affected(["marginal_cost"], {"safe_load"}) == "|"
    assert "|Cost|" in sources.affected(["marginal_cost"])
    assert sources.affected(["verification_sd"], {"safe_load"}).startswith("|Summary|")
    assert "simulation" in stamp.dated(graph)
    assert "cost_multiple" not in stamp.dated(graph)


def rewritten(data: bytes, name: str, value: float | str) -> bytes:
    """A file as a program leaves it that puts a value and computes nothing."""
    book = read_book(data, "rewritten")
    sheet = book.sheet_of(name)
    xml = patch(
        book.package.parts[sheet.part], sheet.cells, {key(book, name)[1]: value}, computed=False
    )
    return book.package.to_bytes({sheet.part: xml})


def test_a_file_that_another_program_rewrote(built: bytes) -> None:
    data = rewritten(built, "offset", 77.0)
    assert read_book(data, "rewritten").value(FIRST_AID_STATE) == FINE  # until anything opens it
    native = Native(read_book(data, "rewritten"))
    native.compute()
    assert native.value(EDITED) == 1
    assert native.value(FIRST_AID_STATE) == "outdated"
    # With functions too, which are not asked for what no program told them of.
    native.put(HERE, 1.0)
    native.put(ERROR, 0.0)
    native.compute()
    assert native.value(FIRST_AID_STATE) == "outdated"
    back = Native(read_book(rewritten(data, "offset", 100.0), "back"))
    back.compute()
    assert back.value(FIRST_AID_STATE) == UNTOUCHED


def test_where_the_echo_is_an_error_what_was_written_down_counts(book: Book) -> None:
    echo = key(book, stamp.ECHO)
    bases = {(book.places[BASE].sheet, at) for row in book.places[BASE].rows for at in row}
    calculator = Calculator(book, recognise(book).ours & bases)
    calculator.put_value(echo, NOBODY)
    for row in range(len(ROWS)):
        for column in range(stamp.WIDTH):
            at = xl_rowcol_to_cell(row + int(echo[1][-2:]) - 1, stamp.ECHO_AT + column)
            calculator.put_value((echo[0], at), NOBODY)
    calculator.evaluate()
    place = book.places[BASE]
    found = [
        [calculator.value((place.sheet, each)) for each, part in zip(row, made.parts, strict=False)]
        for row, made in zip(place.rows, ROWS, strict=True)
    ]
    then = [row[: len(made.parts)] for row, made in zip(book.values(THEN), ROWS, strict=True)]
    assert found == then


def test_the_date_is_that_of_the_last_change(built: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def dated(data: bytes) -> Any:
        return read_book(data, "dated").value(stamp.DATE)

    monkeypatch.setenv(EPOCH, "1800000000")
    assert recalculate(built, "built").data == built
    later = recalculate(built, "built", {"marginal_cost.low": 19_000.0}).data
    assert dated(later) == "2027-01-15"
    assert read_book(later, "later").value(FIRST_AID_STATE) == FINE
    monkeypatch.setenv(EPOCH, "soon")
    with pytest.raises(ValueError, match="SOURCE_DATE_EPOCH must be a whole number of seconds"):
        recalculate(later, "later", {"marginal_cost.low": 18_000.0})


# In LibreOffice


@pytest.fixture(name="office", scope="module")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calc]:
    """LibreOffice without our functions."""
    try:
        home = Home(tmp_path_factory.mktemp("stamp"))
    except MissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"{error}, and CI must have it")
        pytest.skip(str(error))
    with Calc(home) as office:
        yield office


@pytest.mark.libreoffice
def test_each_input_edited_alone_in_libreoffice(office: Calc, book: Book, file: Path) -> None:
    """Each cell is put back as the next one is edited: two inputs are never told of at once."""
    office.open(file.as_uri())
    said, state = ("!".join(key(book, name)) for name in (SAID, FIRST_AID_STATE))
    labels = [str(label) for (label,) in book.values(LABELS)]
    label_names = {f"change_{each}" for each in range(1, MOST_CHANGES + 1)}
    wrong, before = [], None
    for number, label in enumerate(labels):
        for name in edited_cells(number):
            if before:
                office.edit("!".join(key(book, before)), book.value(before))
            office.edit("!".join(key(book, name)), other(book, name))
            found, before = office.read(said)[0][0], name
            # Some are called by what stands in the very cell.
            called = "" if name.endswith("_name") or name in label_names else label
            if not (", before 1 input was edited: " in found and found.endswith(f"{called}.")):
                wrong.append((name, found))
    assert not wrong
    assert before
    office.edit("!".join(key(book, before)), book.value(before))
    assert office.read(said) == [[""]]
    assert office.read(state) == [[UNTOUCHED]]
    office.close()
