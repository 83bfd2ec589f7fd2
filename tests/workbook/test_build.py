"""Building: equal bytes from equal declarations, every value computed, nobody's work lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pycore.model.results import model
from tests.workbook.conftest import ID_OF_BUILT
from workbook.file.write import write
from workbook.read import named_cells, read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.sheets.stamp import BLOCKS

Run = Callable[..., tuple[int, str, str]]

PARTLY_BLANK = ("assumption_checks", "survey_responses", *BLOCKS)
"""Names that stand for cells between which others are left out."""


@pytest.fixture(name="built", scope="module")
def _built(as_built: bytes) -> bytes:
    return as_built


@pytest.fixture(autouse=True)
def _one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every new file have the id of the one that was built already."""
    monkeypatch.setattr("workbook.__main__.new_id", lambda: ID_OF_BUILT)


def test_building_twice_gives_equal_bytes(tmp_path: Path, run: Run, built: bytes) -> None:
    first, second = tmp_path / "a" / "b" / "first.xlsx", tmp_path / "second.xlsx"
    status, out, err = run("build", first)
    assert (status, err) == (0, "")
    assert out.startswith(f"built {first}: ")
    assert run("build", second)[0] == 0
    assert first.read_bytes() == second.read_bytes() == built


def test_the_answers_are_printed(tmp_path: Path, run: Run) -> None:
    lines = run("build", tmp_path / "out.xlsx")[1].splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["One", "In", "Placing", "The", "Of", "3"]
    assert len(run("build", tmp_path / "quiet.xlsx", "--quiet")[1].splitlines()) == 1


def test_a_build_over_its_own_file_keeps_no_copy(file: Path, built: bytes, run: Run) -> None:
    assert run("build", file)[0] == 0
    assert list(file.parent.iterdir()) == [file]
    assert file.read_bytes() == built


def test_a_build_over_an_edited_file_keeps_the_former_ones(
    file: Path, built: bytes, run: Run
) -> None:
    kept = []
    file.chmod(0o600)
    for value in (23_000, 21_000):
        assert run("set", file, f"marginal_cost={value}")[0] == 0
        kept.append(file.read_bytes())
        status, out, _ = run("build", file)
        assert status == 0
        assert f"-former-{len(kept)}.xlsx" in out
        assert file.read_bytes() == built
    formers = [file.with_name(f"fieldbook-former-{number + 1}.xlsx") for number in range(2)]
    assert [former.read_bytes() for former in formers] == kept
    assert {each.stat().st_mode & 0o777 for each in (file, *formers)} == {0o600}


def test_no_value_exists_before_its_formula_was_computed(built: bytes) -> None:
    before, after = (read_book(data, "file").sheets for data in (write(sheets()), built))
    count = 0
    for was, now in zip(before, after, strict=True):
        for address, span in now.cells.items():
            if span.has_formula:
                count += 1
                assert was.cells[address].value in ("0", "", None)
                assert span.value is not None
    assert count > 300


def test_every_name_has_values_and_none_is_an_error(built: bytes) -> None:
    book = read_book(built, "built")
    blank = {
        (held.name, held.row, held.column)
        for held in named_cells()
        if held.cell.content is None and not held.cell.formula
    }
    for name in book.places:
        for number, row in enumerate(book.values(name)):
            for column, value in enumerate(row):
                assert not (isinstance(value, str) and value.startswith("#")), name
                fine = value is not None or (name, number, column) in blank
                assert fine or name in PARTLY_BLANK, name


def test_a_new_file_differs_in_nothing_from_the_base_values(built: bytes) -> None:
    said = f"All {len(model().inputs)} assumptions hold their base values"
    assert read_book(built, "built").value("changes_said") == said


def test_a_build_gives_no_notes() -> None:
    assert recalculate(write(sheets()), "built").notes == ()
