"""Upgrading: what stood in an older file stands in the new one, read by other programs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl.workbook import Workbook as Sheets

import fieldbook
from pycore.errors import InputError
from tests.workbook.upgrading.conftest import cell_of, golden
from workbook.file.area import replace_area
from workbook.file.package import open_package
from workbook.read import read_book
from workbook.upgrading.schemas import Schema, current
from workbook.upgrading.upgrade import Upgraded, upgrade

Opened = Callable[..., Any]
Files = Callable[[int], tuple[Path, Upgraded]]
Run = Callable[..., tuple[int, str, str]]
TypedInto = Callable[..., bytes]

LABELLED = re.compile(r"correlation_\d_(first|second)|change_\d|\w+_outcome|decision_\d_answer")


def notes_of(book: Any) -> dict[str, Any]:
    """The note of each assumption, by its id: the cells had no names."""
    sheet = book["Assumptions"]
    header = {cell.value: cell.column for cell in sheet[4] if cell.value}
    rows = (cell_of(book, name).row for name in book.defined_names if name.endswith("_source"))
    rows = (row for row in rows if sheet.cell(row, header["Name"]).value)
    return {
        sheet.cell(row, header["Name"]).value: sheet.cell(row, header["Note"]).value or None
        for row in rows
    }


def column(book: Any, name: str) -> list[Any]:
    """What stands in the column of a defined name."""
    ((sheet, area),) = book.defined_names[name].destinations
    return [row[0].value for row in book[sheet][area.replace("$", "")]]


def typed(book: Any) -> Iterator[tuple[str, Any]]:
    """What stands in each cell that a person may type in and that has a name."""
    for name, defined in book.defined_names.items():
        if ":" in defined.attr_text or not re.search(r"\$\d+$", defined.attr_text):
            continue
        cell = cell_of(book, name)
        if not cell.protection.locked and cell.parent.title != "Mine":
            yield name, cell.value


def test_every_input_is_what_it_was(number: int, upgraded: Files, opened: Opened) -> None:
    before, after = opened(golden(number)), opened(upgraded(number)[0])
    ids = dict(
        zip(column(after, "assumption_names"), column(after, "assumption_labels"), strict=True)
    )
    held = dict(typed(before))
    assert len(held) > 900
    for name, value in held.items():
        now = cell_of(after, name).value
        if number == 1 and LABELLED.fullmatch(name) and value and value in ids:
            assert now == ids[value], name
        elif number == 1 and LABELLED.fullmatch(name) and value is not None:
            assert now != value, name
        else:
            assert now == value, name
    assert notes_of(after) == notes_of(before)
    assert len(notes_of(after)) == 85


def test_the_answers_of_a_survey_are_carried(upgraded: Files, opened: Opened) -> None:
    found = []
    for path in (golden(2), upgraded(2)[0]):
        book = opened(path)
        (sheet, area), *_ = book.defined_names["survey_responses"].destinations
        rows = book[sheet][area.replace("$", "")]
        found.append([[cell.value for cell in row] for row in rows])
    assert found[0] == found[1]
    assert sum(value is not None for row in found[1] for value in row) == 10


def test_the_golden_file_holds_edits_of_every_kind(opened: Opened) -> None:
    book = opened(golden(2))
    expected = {
        "marginal_cost_low": 22000,
        "marginal_cost_distribution": "triangular",
        "marginal_cost_source": 'Our accounts of 2026 & "the audit" <draft>',
        "marginal_cost_date": "2026-03",
        "asked_cost": 36000,
        "cost_scope": "recruit",
        "cost_multiple_threshold": 3.5,
        "decision_1_bar": 2,
        "scenario_4_name": "A dear year",
        "correlation_1_rank": 0.4,
        "evidence_1_amplifiers": 12,
        "good_8_name": "A good podcast",
        "compared_4": "A good podcast",
        "judgement_4_1": 1.4,
    }
    assert {name: cell_of(book, name).value for name in expected} == expected
    assert notes_of(book)["marginal_cost"] == "Asked the treasurer, = not a formula"


def test_formulas_in_inputs_go_on(upgraded: Files, opened: Opened) -> None:
    book = opened(upgraded(2)[0], values=False)
    assert cell_of(book, "asked_cost").value == "=Mine!$B$3*1000"
    assert cell_of(book, "asked_cost_low").value == "=asked_cost*0.9"


def test_the_upgraded_file_is_in_order(
    number: int, upgraded: Files, run: Run, tmp_path: Path
) -> None:
    path, _ = upgraded(number)
    status, out, err = run("show", path)
    assert (status, err) == (0, "")
    assert "33 of 33" in out
    status, _, err = run("recalc", path, "-o", tmp_path / "again.xlsx")
    assert (status, err) == (0, "")


def test_a_persons_own_sheet_goes_along(upgraded: Files, opened: Opened) -> None:
    path, done = upgraded(2)
    before, after = opened(golden(2))["Mine"], opened(path)["Mine"]
    cells = [cell for row in before.iter_rows() for cell in row]
    assert [after[cell.coordinate].value for cell in cells] == [cell.value for cell in cells]
    for cell in cells:
        now = after[cell.coordinate]
        for look in ("font", "fill", "border", "number_format", "alignment"):
            assert repr(getattr(now, look)) == repr(getattr(cell, look)), cell.coordinate
    assert after["B3"].font.name == "Courier New"
    assert after["B3"].comment.text == "In thousands"
    assert after["A2"].hyperlink.target == "https://example.org/ours"
    assert [str(each) for each in after.merged_cells.ranges] == ["A13:C13"]
    assert after.column_dimensions["A"].width == before.column_dimensions["A"].width
    assert after.column_dimensions["D"].hidden
    assert after.row_dimensions[1].height == before.row_dimensions[1].height
    assert after.freeze_panes == before.freeze_panes == "A2"
    assert after.tables["Sums"].ref == "A8:C11"
    assert after.print_area == before.print_area
    assert [each.formula1 for each in after.data_validations.dataValidation] == ['"yes,no"']
    (rules,) = after.conditional_formatting
    assert rules.rules[0].formula == ["B9>ourfactor*8"]
    assert rules.rules[0].dxf.font.color.rgb == "FF9C0006"
    assert len(after._charts) == 1
    said = [note for note in done.notes if "Mine" in note]
    assert len(said) == 1
    assert said[0].startswith("Mine!B6 held =SUM(Cost!$A$1:$K$200)")
    assert after["B6"].value == before["B6"].value


def test_formulas_on_an_own_sheet_refer_to_what_they_did(upgraded: Files, opened: Opened) -> None:
    book = opened(upgraded(2)[0], values=False)
    sheet, cost = book["Mine"], cell_of(book, "cost_multiple")
    assert sheet["B4"].value == "=marginal_cost/1000"
    assert sheet["B5"].value == f"={cost.parent.title}!{cost.coordinate}*2"
    assert sheet["C11"].value == "=B11*2"
    assert sheet["E9"].value.text == "=B9:B11*C9:C11"
    assert book.defined_names["ourfactor"].attr_text == "Mine!$B$14"
    total = book.defined_names["their_total"].attr_text.replace("$", "")
    assert total == f"{cost.parent.title}!{cost.coordinate}"


def test_pictures_and_charts_go_along(upgraded: Files) -> None:
    with zipfile.ZipFile(upgraded(2)[0]) as new, zipfile.ZipFile(golden(2)) as old:
        (image,) = (part for part in new.namelist() if part.startswith("xl/media/"))
        assert new.read(image) == old.read("xl/media/image1.png")
        charts = [new.read(part) for part in new.namelist() if part.startswith("xl/charts/chart")]
    assert sum(b"Mine!$B$9:$B$11" in chart for chart in charts) == 1


def test_libreoffice_shows_the_same(
    upgraded: Files, opened: Opened, libreoffice: Callable[..., Path], tmp_path: Path
) -> None:
    converted = libreoffice(upgraded(2)[0], "ods", tmp_path / "one")
    again = opened(libreoffice(converted, "xlsx", tmp_path / "two"))
    mine = opened(golden(2))["Mine"]
    for row in mine.iter_rows():
        for cell in row:
            now = again["Mine"][cell.coordinate].value
            is_number = isinstance(cell.value, float | int) and not isinstance(cell.value, bool)
            assert now == (pytest.approx(cell.value) if is_number else cell.value), cell.coordinate
    assert len(again["Mine"]._charts) == 1
    assert again["Mine"]["B3"].comment.text.strip() == "In thousands"
    for name in ("marginal_cost", "cost_multiple", "asked_cost_low"):
        assert cell_of(again, name).value == pytest.approx(cell_of(opened(golden(2)), name).value)


def test_what_was_typed_beside_the_model_is_listed(upgraded: Files) -> None:
    said = "Cost!B53: stands beside the cells of schema 2, and is not carried"
    assert said in upgraded(2)[1].notes
    assert not any("stands beside" in note for note in upgraded(1)[1].notes)


def test_answers_are_told_before_and_now(number: int, upgraded: Files, opened: Opened) -> None:
    path, done = upgraded(number)
    before, after = opened(golden(number)), opened(path)
    assert len(done.answers) == 19
    for answer in done.answers:
        assert answer.before == cell_of(before, answer.id).value
        assert answer.after == cell_of(after, answer.id).value
        if answer.model is not None:
            assert answer.inputs is not None
            assert isinstance(answer.before, float | int)
            assert answer.before + answer.model + answer.inputs == pytest.approx(answer.after)
    # Before there was a stamp, a file could not tell of what its answers were.
    assert any("from which inputs" in note for note in done.notes) == (number == 1)


def test_edits_since_the_older_answers_are_told_from_the_model(typed_into: TypedInto) -> None:
    # Somebody typed another cost and did not recalculate.
    done = upgrade(typed_into(2, marginal_cost=30_000), "edited.xlsx")
    answer = next(each for each in done.answers if each.id == "cost_multiple")
    assert answer.model == pytest.approx(0, abs=1e-9)
    assert answer.after == pytest.approx(120_000 / 30_000)
    assert answer.inputs == pytest.approx(120_000 / 30_000 - 120_000 / 26_000)


def test_the_command(run: Run, tmp_path: Path, upgraded: Files) -> None:
    number, old, new = 2, tmp_path / "old.xlsx", tmp_path / "new.xlsx"
    old.write_bytes(golden(number).read_bytes())
    status, out, err = run("upgrade", old, "-o", new)
    assert status == 0
    assert f"of schema {number}, to {new}, of schema {current()}" in out
    assert "Cost multiple: was 4." in out
    assert "now: One more scholar is worth" in out
    assert len(err.splitlines()) == len(upgraded(number)[1].notes)
    assert old.read_bytes() == golden(number).read_bytes()
    assert new.is_file()


def test_the_command_never_writes_over_a_file_unasked(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    new = tmp_path / "new.xlsx"
    new.write_bytes(b"mine")
    old = tmp_path / "old.xlsx"
    old.write_bytes(golden(1).read_bytes())
    assert "there already" in refused("upgrade", old, "-o", new)
    assert "another file than OLD" in refused("upgrade", old, "-o", old)
    assert "end in .xlsx" in refused("upgrade", old, "-o", tmp_path / "new.xlsm")
    assert new.read_bytes() == b"mine"


def test_a_current_file_stays(run: Run, tmp_path: Path, file: Path) -> None:
    status, out, err = run("upgrade", file, "-o", tmp_path / "new.xlsx")
    assert (status, err) == (0, "")
    assert "is a copy of it" in out
    assert (tmp_path / "new.xlsx").read_bytes() == file.read_bytes()
    done = fieldbook.upgrade(file.read_bytes())
    assert done.is_current
    assert done.data == file.read_bytes()


def test_what_is_no_older_workbook_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    path, new = tmp_path / "some.xlsx", tmp_path / "new.xlsx"
    path.write_bytes(golden(1).read_bytes()[:90_000])
    assert "truncated or damaged" in refused("upgrade", path, "-o", new)
    made = io.BytesIO()
    Sheets().save(made)
    path.write_bytes(made.getvalue())
    assert "a Fieldbook workbook" in refused("upgrade", path, "-o", new)


def test_every_command_names_the_upgrade(refused: Callable[..., str], tmp_path: Path) -> None:
    path, new = tmp_path / "old.xlsx", tmp_path / "new.xlsx"
    path.write_bytes(golden(1).read_bytes())
    words: tuple[tuple[object, ...], ...] = (
        ("show", path),
        ("recalc", path),
        ("set", path, "marginal_cost=30000"),
        ("simulate", path),
        ("publish", path, "--html", tmp_path / "page.html"),
    )
    for command, *rest in words:
        said = refused(command, *rest)
        assert f"python -m workbook upgrade {path} -o NEW" in said
        assert said.endswith("but is of schema 1")
    with pytest.raises(InputError, match="but is of schema 1"):
        fieldbook.load(path)
    assert not new.exists()


def test_a_newer_schema_is_refused(
    with_cell: Callable[..., bytes], built: bytes, tmp_path: Path, refused: Callable[..., str]
) -> None:
    path = tmp_path / "newer.xlsx"
    path.write_bytes(with_cell(built, "schema_version", f"<v>{current() + 1}</v>"))
    for words in (("show", path), ("upgrade", path, "-o", tmp_path / "new.xlsx")):
        said = refused(*words)
        assert "a newer program reads it" in said
        assert said.endswith(f"of schema {current() + 1}")


def test_a_current_file_that_lost_a_name_is_not_called_old(
    with_names: Callable[..., bytes], built: bytes, tmp_path: Path, refused: Callable[..., str]
) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(with_names(built, ('name="cost_multiple"', 'name="lost"')))
    assert "the name cost_multiple must be defined once" in refused("show", path)


@pytest.mark.long
def test_what_was_upgraded_once_is_carried_again(upgraded: Files) -> None:
    """As if there were another schema: nothing is lost on the way, and nothing doubled."""
    once = upgraded(2)[1].data
    twice = upgrade(once, "once.xlsx", [Schema(number=current() + 1)])
    before, after = (open_package(data, "file").parts for data in (once, twice.data))
    # About and the Log say which file it is: each upgrade makes another.
    book = read_book(once, "once.xlsx")
    # A label that was picked is written into its cell, and not among the shared texts.
    names = ("schema_version", "log_entries", "opinion_asked")
    its_own = {book.sheet_of(name).part for name in names}
    assert {part for part in before if before[part] != after.get(part)} <= its_own
    assert before.keys() == after.keys()
    assert not twice.notes
    assert all(answer.before == answer.after for answer in twice.answers)


@pytest.mark.long
@pytest.mark.parametrize(
    ("part", "what", "instead"),
    [
        ("xl/drawings/drawing90.xml", b"</", b"<"),
        ("xl/worksheets/sheet90.xml", b't="s"', b't="s" t="s"'),
        ("xl/tables/table1.xml", b"<table ", b"<table <"),
    ],
)
def test_a_damaged_file_is_refused(
    part: str, what: bytes, instead: bytes, edited: Callable[..., bytes]
) -> None:
    data = golden(2).read_bytes()
    changed = open_package(data, "golden").parts[part].replace(what, instead)
    with pytest.raises(InputError, match=r"\A[^\n]*\Z"):
        upgrade(edited(data, {part: changed}), "damaged.xlsx")


@pytest.mark.long
def test_a_name_that_is_no_reference_is_named(edited: Callable[..., bytes]) -> None:
    data, part = golden(2).read_bytes(), "xl/workbook.xml"
    changed = open_package(data, "golden").parts[part].replace(b">Mine!$B$14<", b">'<")
    done = upgrade(edited(data, {part: changed}), "odd.xlsx")
    assert any("the name ourfactor refers to what is no more" in note for note in done.notes)
    assert any("held =ourfactor*B3" in note for note in done.notes)


def test_opinions_and_the_log_are_carried(built: bytes, run: Run, tmp_path: Path) -> None:
    """As if there were another schema."""
    file = tmp_path / "file.xlsx"
    book = read_book(built, "built")
    place, sheet = book.places["opinion_table"], book.sheet_of("opinion_table")
    row = ("Cost of one more scholar", "Ana", 20_000.0, 25_000.0, 31_000.0, "asked")
    cells: dict[str, float | str] = dict(zip(place.rows[0], row, strict=True))
    xml = replace_area(book.package.parts[sheet.part], sheet.part, place.rows, cells)
    file.write_bytes(book.package.to_bytes({sheet.part: xml}))
    assert run("set", file, "person_1_name=Ana", "person_1_weight=2", "--as", "Kim")[0] == 0
    before = read_book(file.read_bytes(), "before")
    done = upgrade(file.read_bytes(), "file", [Schema(number=current() + 1)])
    after = read_book(done.data, "after")
    for name in ("opinion_table", "log_entries", "people_table", "pooled_opinions"):
        assert after.values(name) == before.values(name), name
    assert not done.notes
