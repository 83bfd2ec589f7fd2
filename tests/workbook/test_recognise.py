"""The model's own cells: known by formula, array and row, else named or refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.workbook.conftest import Run
from workbook.file.package import open_package
from workbook.read import read_book
from workbook.recognise import alike, only_calls_ours, recognise
from workbook.trust import trust

Refused = Callable[..., str]
Edited = Callable[..., bytes]
WithCell = Callable[..., bytes]


def changed_part(data: bytes, edited: Edited, name: str, old: str, new: str) -> bytes:
    """The file with every match of a pattern replaced on the sheet of a name."""
    part = read_book(data, "built").sheet_of(name).part
    xml, count = re.subn(old, new, open_package(data, "built").parts[part].decode())
    assert count
    return edited(data, {part: xml.encode()})


def test_in_a_built_file_every_formula_is_the_models(built: bytes) -> None:
    found = recognise(read_book(built, "built"))
    assert found.ours == found.texts.keys()
    assert found.notes == []
    assert trust(read_book(built, "built"), found).computed == {}


def test_sorted_rows_are_refused(
    built: bytes, refused: Refused, edited: Edited, file: Path
) -> None:
    book = read_book(built, "built")
    sheet, places = book.sheet_of("marginal_cost"), book.places
    first, second = (int(places[name].first[1:]) for name in ("marginal_cost", "asked_cost"))
    xml = book.package.parts[sheet.part].decode()
    rows = {row: re.search(rf'<row r="{row}".*?</row>', xml)[0] for row in (first, second)}  # type: ignore[index]

    def moved(row: int, to: int) -> str:
        return re.sub(rf'(r="[A-Z]*){row}"', rf'\g<1>{to}"', rows[row])

    swapped = xml.replace(rows[first], moved(second, first), 1)
    swapped = swapped.replace(rows[second], moved(first, second), 1)
    file.write_bytes(edited(built, {sheet.part: swapped.encode()}))
    for words in (("recalc", file), ("set", file, "offset=90")):
        line = refused(*words)
        assert "must stand in the row of " in line
        assert "undo what sorted or moved it" in line


def test_an_array_that_another_program_lost_is_refused(
    built: bytes, refused: Refused, edited: Edited, file: Path
) -> None:
    lost = r'<f t="array" ref="[A-Z]+\d+:[A-Z]+\d+">'
    file.write_bytes(changed_part(built, edited, "cost_multiple_range_block", lost, "<f>"))
    for words in (("recalc", file), ("set", file, "marginal_cost=24000")):
        line = refused(*words)
        assert "must be one array formula over" in line
        assert "build a new file and type your inputs there" in line


def test_what_a_web_spreadsheet_exports_is_refused(
    built: bytes, refused: Refused, file: Path, with_cell: WithCell
) -> None:
    formula = 'IFERROR(__xludf.DUMMYFUNCTION("FIELD.COST_MULTIPLE(a,b)"),4.44)'
    file.write_bytes(with_cell(built, "cost_multiple", f"<f>{formula}</f><v>4.44</v>"))
    line = refused("set", file, "marginal_cost=24000")
    assert "must hold the model's formula" in line
    assert "what a web spreadsheet exports in its place" in line


def test_any_other_formula_in_a_cell_of_ours_is_named(
    built: bytes, run: Run, file: Path, with_cell: WithCell
) -> None:
    file.write_bytes(with_cell(built, "checks_all_fine", "<f>1+1</f><v>2</v>"))
    status, _, err = run("recalc", file)
    assert status == 0
    assert "(checks_all_fine) holds a formula of its own; the model's is =" in err


def test_what_programs_write_differently_is_alike() -> None:
    assert alike("=IF(a=1, TRUE ,_xlfn.XOR(b))") == alike("if(A=1,TRUE(),XOR(B))")
    assert alike("=a+b") != alike("=a-b")


def test_calls_of_ours_on_cells_and_constants_need_no_proof() -> None:
    assert only_calls_ours("_xldudf_FIELD_COST_MULTIPLE(A1:A3,-2)")
    assert not only_calls_ours("_xldudf_FIELD_COST_MULTIPLE(A1,2)*2")
    assert not only_calls_ours("_xldudf_FIELD_COST_MULTIPLE(SUM(A1),2)")
    assert not only_calls_ours("SUM(A1)")
    assert not only_calls_ours('"_xldudf_FIELD_QUOTE(1,2)"')
