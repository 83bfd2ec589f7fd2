"""Comparing copies: what each changed, what is left out, and what they conflict in."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

import fieldbook
from pycore.errors import InputError
from tests.workbook.circulation.conftest import typed
from workbook.circulation.noted import Identity, Noted
from workbook.file.package import open_package
from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.recalc import recalculate

Run = Callable[..., tuple[int, str, str]]
PEOPLE = ("anna", "ben", "cleo", "dov", "eve")


@pytest.fixture(scope="module")
def told(copies: dict[str, Path]) -> fieldbook.Comparison:
    return fieldbook.compare(copies["base"], [copies[each] for each in PEOPLE])


def test_each_copy_says_who_changed_what(copies: dict[str, Path], run: Run) -> None:
    words = [copies[each] for each in PEOPLE]
    status, out, err = run("compare", copies["base"], *words, "--json")
    assert (status, err) == (1, "")  # one is left out
    said = json.loads(out)
    by_file = {Path(each["file"]).stem: each for each in said["copies"]}
    changes = {
        name: {f"{c['id']}.{c['field']}": (c["from"], c["to"]) for c in each["changes"]}
        for name, each in by_file.items()
    }
    source = changes["ben"].pop("offset.source")
    assert source[1] == "My own count"
    assert changes == {
        "anna": {"marginal_cost.central": (22_500, 24_000), "offset.central": (100, 50)},
        "ben": {"marginal_cost.central": (22_500, 23_000), "offset.low": (10, 20)},
        "cleo": {"backfire_share.central": (0, 0.1), "scenario_4_name.text": ("Your own", "Mine")},
        "dov": {"added_safety.central": (500, 600)},
        "eve": {},
    }
    assert [by_file[each]["author"] for each in ("anna", "ben", "dov")] == [
        *("Anna Berg", "Ben Osei", "Dov")
    ]
    (conflict,) = said["conflicts"]
    assert (conflict["id"], conflict["field"]) == ("marginal_cost", "central")
    assert {Path(f).stem: v for f, v in conflict["values"].items()} == {"anna": 24e3, "ben": 23e3}
    assert set(by_file["anna"]) == {"file", "author", "changes", "refused", "answers"}
    reasons = by_file["eve"]["refused"]
    assert len(reasons) == 2
    assert "marginal_cost" in reasons[0]
    assert "'a lot'" in reasons[0]
    assert "offset" in reasons[1]
    assert by_file["eve"]["answers"] == {}


def test_answers_are_those_of_a_recalculated_file(
    told: fieldbook.Comparison, copies: dict[str, Path], built: bytes
) -> None:
    for person, values in {
        "ben": {"marginal_cost": 23_000.0, "offset.low": 20.0},
        "dov": {"added_safety": 600.0},
    }.items():
        book = fieldbook.Workbook(recalculate(built, person, values).data, person)
        file = str(copies[person])
        answers = told.answers[told.answers["file"] == file].set_index("result")
        for result in ("cost_multiple", "net_safety", "marginal_ratio", "mentor_multiple"):
            assert answers.at[result, "after"] == book.results.at[result, "value"], result
    shares = told.shares
    of_dov = shares[(shares["file"] == str(copies["dov"])) & (shares["result"] == "net_safety")]
    assert of_dov["share"].tolist() == [100.0]


def test_the_report_tells_all_of_it(copies: dict[str, Path], run: Run, tmp_path: Path) -> None:
    out = tmp_path / "report.xlsx"
    words = [copies[each] for each in PEOPLE]
    status, said, err = run("compare", copies["base"], *words, "-o", out)
    assert status == 1
    assert f"left out: {copies['eve']}" in said
    assert err == f"note: {out} is written\n"
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[:3] == ["Comparison", "Changes", "Conflicts"]
    assert {"Anna Berg", "Ben Osei", "Dov"} < set(book.sheetnames[3:])
    assert len(book.sheetnames) == 7
    anna = book["Anna Berg"]
    assert len(vars(anna)["_charts"]) >= 5
    rows = [[cell.value for cell in row[:3]] for row in anna.iter_rows(min_row=4)]
    place = rows.index(["Net effect of the placements (safety researchers)", None, None])
    before, step, after = rows[place + 2 : place + 5]
    assert before == ["Before", "", 495]
    assert step == ["Capabilities researchers that one safety researcher offsets: central", -5, 490]
    assert after == ["After", "", 490]
    texts = [cell.value for row in book["Conflicts"].iter_rows() for cell in row]
    assert "Cost multiple -0.278 (to 4.167)" in str(texts)
    assert open_package(out.read_bytes(), "report")  # a sound .xlsx


def test_texts_of_a_copy_are_never_formulas_of_the_report(
    built: bytes, tmp_path: Path, run: Run
) -> None:
    base, copy, out = (tmp_path / f"{each}.xlsx" for each in ("base", "copy", "out"))
    base.write_bytes(built)
    evil = '=HYPERLINK("http://example.org","x")'
    copy.write_bytes(typed(built, {"offset_source": evil, "offset": 60}, "=cmd|x!A1"))
    assert run("compare", base, copy, "-o", out)[0] == 0
    for sheet in openpyxl.load_workbook(out):
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


def test_a_copy_of_another_workbook_is_left_out(
    built: bytes, tmp_path: Path, run: Run, fewest: dict[str, float | str]
) -> None:
    other = Noted(identity=Identity("ffffffffffff"))
    base, copy = tmp_path / "base.xlsx", tmp_path / "copy.xlsx"
    base.write_bytes(built)
    made = recalculate(write(SERVER.sheets()), "other", fewest, noting=lambda *_: other)
    copy.write_bytes(made.data)
    status, _, err = run("compare", base, copy)
    assert status == 2
    assert "another workbook, with the id ffffffffffff" in err
    assert run("compare", base, copy, "--unrelated")[0] == 0


@pytest.mark.long
def test_a_copy_of_a_copy_is_related(built: bytes, tmp_path: Path, run: Run) -> None:
    base, second, third = (tmp_path / f"{each}.xlsx" for each in ("base", "second", "third"))
    base.write_bytes(built)
    assert run("set", base, "offset=90", "-o", second)[0] == 0
    assert run("set", second, "offset=80", "-o", third)[0] == 0
    status, out, _ = run("compare", base, third, "--json")
    assert status == 0
    (change,) = json.loads(out)["copies"][0]["changes"]
    assert change == {"id": "offset", "field": "central", "from": 100, "to": 80}
    assert run("compare", second, base)[0] == 0


def bad(name: str, built: bytes, with_cell: Callable[..., bytes]) -> bytes:
    if name == "half":
        return built[: len(built) // 2]
    if name == "no workbook":
        return b"hello"
    if name == "bound":
        return with_cell(built, "offset_maximum", "<v>1000000</v>")
    if name == "blank":
        return with_cell(built, "offset", "")
    if name == "order":
        return typed(built, {"offset_low": 120})
    if name == "sorted":
        sheet = typed(built, {})
        book = openpyxl.load_workbook(io.BytesIO(sheet))
        page = book["Assumptions"]
        for cell in ("U6", "A6"):  # another row's name and label
            page[cell].value, page[f"{cell[0]}7"].value = (
                page[f"{cell[0]}7"].value,
                page[cell].value,
            )
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("half", "truncated or damaged"),
        ("no workbook", "no whole zip"),
        ("another", "missing"),
        ("bound", "belongs to the model"),
        ("blank", "is blank"),
        ("order", "offset"),
        ("sorted", "stand in the row of"),
    ],
)
def test_bad_copies_are_named_and_left_out(
    name: str, said: str, built: bytes, with_cell: Callable[..., bytes], tmp_path: Path, run: Run
) -> None:
    base, good, copy = (tmp_path / f"{each}.xlsx" for each in ("base", "good", "copy"))
    base.write_bytes(built)
    good.write_bytes(typed(built, {"offset": 90}))
    copy.write_bytes(bad(name, built, with_cell))
    status, out, err = run("compare", base, good, copy)
    assert (status, err) == (1, "")
    assert f"left out: {copy}\n  " in out
    assert said in out.partition("left out")[2]
    assert base.read_bytes() == built


def test_a_formula_in_an_input_is_computed(built: bytes, tmp_path: Path) -> None:
    base, copy = tmp_path / "base.xlsx", tmp_path / "copy.xlsx"
    base.write_bytes(built)
    book = openpyxl.load_workbook(io.BytesIO(built))
    (at,) = book.defined_names["offset"].destinations
    book[at[0]][at[1]] = "=marginal_cost/250"
    book.save(copy)
    (change,) = fieldbook.compare(base, [copy]).copies[0].changes
    assert (change.name, change.after) == ("offset.central", 90.0)


def test_a_copy_that_answers_by_itself_comes_home(built: bytes, tmp_path: Path, run: Run) -> None:
    base, copy, new = (tmp_path / f"{each}.xlsx" for each in ("base", "copy", "new"))
    base.write_bytes(built)
    assert run("publish", base, "-o", copy)[0] == 0
    copy.write_bytes(typed(copy.read_bytes(), {"offset": 60, "offset_note": "asked"}))
    (made,) = fieldbook.compare(base, [copy]).copies
    assert [change.name for change in made.changes] == ["offset.central", "offset.note"]
    assert made.own == []
    assert run("accept", base, copy, "-o", new, "--all")[0] == 0
    assert fieldbook.load(new).assumptions.at["offset", "note"] == "asked"


def test_what_programs_write_in_other_ways_is_no_change(built: bytes, tmp_path: Path) -> None:
    base, copy = tmp_path / "base.xlsx", tmp_path / "copy.xlsx"
    base.write_bytes(typed(built, {"offset_date": "2025"}))
    copy.write_bytes(typed(built, {"offset_date": 2025, "offset_distribution": "Uniform "}))
    assert fieldbook.compare(base, [copy]).copies[0].changes == []


def test_tables_that_differ_are_told_apart(built: bytes, tmp_path: Path, run: Run) -> None:
    files = []
    for number in (1, 2):
        files.append(tmp_path / f"{number}.xlsx")
        files[-1].write_bytes(built)
        answers = tmp_path / "answers.csv"
        answers.write_text(f"respondent,Journalist\n1,{number}\n")
        assert run("survey", files[-1], answers)[0] == 0
    status, out, _ = run("compare", *files, "--json")
    assert status == 0
    (change,) = json.loads(out)["copies"][0]["changes"]
    assert (change["id"], change["from"][0][5], change["to"][0][5]) == ("survey_responses", 1, 2)
    line = next(line for line in run("compare", *files)[1].splitlines() if "survey" in line)
    before, _, after = line.partition(" -> ")
    assert not before.endswith(after)


@pytest.mark.parametrize("onto", ["base", "copy"])
def test_a_report_is_never_written_over_a_workbook(
    onto: str, built: bytes, tmp_path: Path, run: Run
) -> None:
    files = {name: tmp_path / f"{name}.xlsx" for name in ("base", "copy")}
    for each in files.values():
        each.write_bytes(built)
    words = ("compare", files["base"], files["copy"], "-o", files[onto], "--force")
    status, _, err = run(*words)
    assert status == 2
    assert "another file than those it is made from" in err
    assert files[onto].read_bytes() == built


def test_names_that_nobody_sees_make_no_damaged_report(
    built: bytes, tmp_path: Path, run: Run
) -> None:
    base, copy, out = (tmp_path / f"{each}.xlsx" for each in ("base", "copy", "out"))
    base.write_bytes(built)
    copy.write_bytes(typed(built, {"offset": 60}))
    assert run("compare", base, copy, "--as", "b\x01d", "-o", out)[0] == 0
    assert "b d" in openpyxl.load_workbook(out).sheetnames


def test_a_number_that_is_no_year_is_no_date(built: bytes, tmp_path: Path, run: Run) -> None:
    base, copy = tmp_path / "base.xlsx", tmp_path / "copy.xlsx"
    base.write_bytes(built)
    copy.write_bytes(typed(built, {"offset_date": 20260304}))
    assert "(offset_date) must be a year" in run("compare", base, copy)[2]
    status, _, err = run("recalc", copy)
    assert status == 2
    assert "(offset_date) must be a year, a date or a text" in err


def test_own_sheets_and_formulas_are_listed(
    built: bytes, add_sheet: Callable[..., bytes], tmp_path: Path
) -> None:
    base, copy = tmp_path / "base.xlsx", tmp_path / "copy.xlsx"
    base.write_bytes(built)
    row = '<row r="1"><c r="A1"><f>marginal_cost*2</f><v>45000</v></c></row>'
    copy.write_bytes(add_sheet(built, row))
    (made,) = fieldbook.compare(base, [copy]).copies
    assert made.own == ["sheet Mine (1 formulas)"]
    assert made.changes == []


def test_a_base_that_breaks_a_rule_is_refused(built: bytes, tmp_path: Path) -> None:
    base = tmp_path / "base.xlsx"
    base.write_bytes(typed(built, {"offset": "x"}))
    with pytest.raises(InputError, match="be sound before copies"):
        fieldbook.compare(base, [base])


def test_names_are_given_for_files(copies: dict[str, Path], run: Run) -> None:
    out = run("compare", copies["base"], copies["cleo"], "--as", "Cleo")[1]
    assert out.startswith(f"{copies['cleo']} by Cleo")
    status, _, err = run("compare", copies["base"], copies["cleo"], copies["dov"], "--as", "Cleo")
    assert status == 2
    assert "FILE=NAME" in err
