"""Accepting changes: what is taken, what is left, and what the Log says of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import fieldbook
from tests.workbook.circulation.conftest import typed
from workbook.circulation.command import contents_of
from workbook.circulation.compare import compared
from workbook.circulation.noted import Identity, entries_of
from workbook.circulation.scale import Scheduler
from workbook.file.patch import patch
from workbook.read import Book, read_book
from workbook.sheets.people.log import MOST_ENTRIES
from workbook.show import outdated

Run = Callable[..., tuple[int, str, str]]
PEOPLE = ("anna", "ben", "cleo", "dov", "eve")


def book_of(path: Path) -> Book:
    return read_book(path.read_bytes(), str(path))


@pytest.fixture
def accept(copies: dict[str, Path], tmp_path: Path, run: Run) -> Run:
    """Accept from the copies; the new file is new.xlsx."""

    def command(*words: object) -> tuple[int, str, str]:
        files = [copies[each] for each in PEOPLE]
        return run("accept", copies["base"], *files, "-o", tmp_path / "new.xlsx", *words)

    return command


def test_all_that_people_agree_about_is_taken_and_logged(
    copies: dict[str, Path],
    accept: Run,
    tmp_path: Path,
    built: bytes,
) -> None:
    status, out, _ = accept("--all", "--why", "spring review")
    assert status == 1  # a conflict, and one left out
    assert "left undecided: marginal_cost.central" in out
    assert f"left out: {copies['eve']}" in out
    book = book_of(tmp_path / "new.xlsx")
    held = {each: book.value(each) for each in ("marginal_cost", "offset", "offset_low")}
    assert held == {"marginal_cost": 22_500, "offset": 50, "offset_low": 20}
    assert book.value("offset_source") == "My own count"
    assert book.value("scenario_4_name") == "Mine"
    assert not outdated(book)
    log = {row[2]: row for row in entries_of(book)}
    assert set(log) == {
        *("offset.central", "offset.low", "offset.source", "backfire_share.central"),
        *("scenario_4_name.text", "added_safety.central"),
    }
    _, who, _, before, after, why, effect = log["offset.central"]
    # Her own reason, and then that of whoever accepts.
    assert (who, before, after) == ("Anna Berg", "100", "50")
    assert why == "as invoiced; spring review"
    assert effect.startswith("Net effect of the placements -")
    assert log["offset.low"][6] == ""
    assert copies["base"].read_bytes() == built


def test_a_person_decides_a_conflict(accept: Run, tmp_path: Path, copies: dict[str, Path]) -> None:
    assert accept("--from", "Anna Berg")[0] == 1
    book = book_of(tmp_path / "new.xlsx")
    assert (book.value("marginal_cost"), book.value("offset_low")) == (24_000, 10)
    # The reason is that of her own Log.
    assert {row[5] for row in entries_of(book)} == {"as invoiced"}
    old, new = Identity.of(book_of(copies["base"])), Identity.of(book)
    assert new.ancestry[0] == old.id != new.id


def test_a_range_is_never_made_of_two_people(built: bytes, tmp_path: Path, run: Run) -> None:
    base, one, other, new = (tmp_path / f"{each}.xlsx" for each in ("b", "one", "other", "new"))
    base.write_bytes(built)
    cost, said = "marginal_cost", ("marginal_cost_source", "marginal_cost_note", "offset")
    ends = {f"{cost}_low": 26_000, cost: 30_000, f"{cost}_high": 35_000}
    one.write_bytes(typed(built, {**ends, said[0]: "Mine", said[1]: "Noted"}, "Ann"))
    other.write_bytes(typed(built, {cost: 21_000, said[2]: 60}, "Bob"))
    status, out, _ = run("accept", base, one, other, "-o", new, "--all")
    assert status == 1
    for field in ("low", "central", "high", "source"):
        assert f"left undecided: {cost}.{field}" in out
    book = book_of(new)
    assert [book.value(each) for each in ends] == [20_000, 22_500, 25_000]
    assert book.value(said[0]) != "Mine"
    assert (book.value(said[1]), book.value(said[2])) == ("Noted", 60)
    assert run("accept", base, one, other, "-o", new, "--from", "Ann", "--force")[0] == 0
    book = book_of(new)
    assert [book.value(each) for each in (*ends, said[0])] == [*ends.values(), "Mine"]


def test_the_log_holds_whole_texts_and_refuses_longer_ones(file: Path, run: Run) -> None:
    text = "A source with\nmore than one line, " + "and many words, " * 20
    assert run("set", file, f"offset.source={text}", "offset=33.33333333333333")[0] == 0
    rows = {row[2]: row for row in entries_of(book_of(file))}
    assert rows["offset.source"][4] == text
    assert rows["offset.central"][4] == "33.3333333333333"
    status, _, err = run("set", file, "offset=34", "--why", "x" * 3_000)
    assert status == 2
    assert "--why must have at most 2,000 characters" in err


def test_only_some_assumptions_are_taken(accept: Run, tmp_path: Path) -> None:
    assert accept("--only", "offset.low", "backfire_share")[0] == 1
    book = book_of(tmp_path / "new.xlsx")
    assert [row[2] for row in entries_of(book)] == ["offset.low", "backfire_share.central"]
    assert book.value("offset") == 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--all, --only ID or --from PERSON"),
        (("--from", "Nobody"), "Anna Berg, Ben Osei"),
        (("--only", "places"), "something that was changed"),
        (("--only", "marginal_cost"), "no two copies differ about"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    words: tuple[str, ...],
    said: str,
    accept: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    status, _, err = accept(*words)
    assert status == 2
    assert said in err
    assert not (tmp_path / "new.xlsx").exists()


def test_the_base_is_never_written_over(copies: dict[str, Path], run: Run, built: bytes) -> None:
    base = copies["base"]
    status, _, err = run("accept", base, copies["anna"], "-o", base, "--all", "--force")
    assert status == 2
    assert "be another file than those it is made from" in err
    assert base.read_bytes() == built


def test_changes_that_together_break_a_rule_are_refused(
    built: bytes, tmp_path: Path, run: Run
) -> None:
    base, one, other, new = (tmp_path / f"{each}.xlsx" for each in ("b", "one", "other", "new"))
    base.write_bytes(built)
    one.write_bytes(typed(built, {"offset": 15}))
    other.write_bytes(typed(built, {"offset_low": 90}))
    status, _, err = run("accept", base, one, other, "-o", new, "--all")
    assert status == 2
    assert "offset" in err
    assert not new.exists()


def test_a_person_is_asked_about_each(
    accept: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: Iterator[str] = iter(["what?", "2", "y", "n", "n", "q"])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    status, out, _ = accept()
    assert status == 1
    assert "1: Anna Berg: 24,000, 2: Ben Osei: 23,000, n: none of them" in out
    book = book_of(tmp_path / "new.xlsx")
    taken = [(row[1], row[2], row[4]) for row in entries_of(book)]
    assert taken == [("Ben Osei", "marginal_cost.central", "23,000"), *taken[1:]]
    assert [each[:2] for each in taken[1:]] == [("Anna Berg", "offset.central")]


def test_a_full_log_refuses_what_would_not_be_logged(
    built: bytes, tmp_path: Path, run: Run
) -> None:
    base, copy, new = (tmp_path / f"{each}.xlsx" for each in ("base", "copy", "new"))
    book = read_book(built, "built")
    last = book.places["log_entries"].rows[-1][0]
    sheet = book.sheet_of("log_entries")
    xml = patch(book.package.parts[sheet.part], sheet.cells, {last: "mine"}, computed=False)
    full = book.package.to_bytes({sheet.part: xml})
    base.write_bytes(full)
    copy.write_bytes(typed(full, {"offset": 60}))
    status, _, err = run("accept", base, copy, "-o", new, "--all")
    assert status == 2
    assert "have 1 free rows" in err
    # An edit goes on, and says that it is not in the Log.
    status, _, err = run("set", base, "offset=70")
    assert status == 0
    assert "no room for 1 entries" in err
    assert MOST_ENTRIES >= 500


def test_a_survey_is_taken_whole(built: bytes, tmp_path: Path, run: Run) -> None:
    base, copy, new = (tmp_path / f"{each}.xlsx" for each in ("base", "copy", "new"))
    base.write_bytes(built)
    copy.write_bytes(built)
    answers = tmp_path / "answers.csv"
    answers.write_text("respondent,Journalist,Podcast\n1,0.1,2\n2,0.3,4\n")
    assert run("survey", copy, answers)[0] == 0
    assert run("accept", base, copy, "-o", new, "--all")[0] == 0
    assert fieldbook.load(new).survey.equals(fieldbook.load(copy).survey)
    assert not outdated(book_of(new))
    assert any(row[4].startswith("4 cells in 2 rows (") for row in entries_of(book_of(new)))


def test_what_a_person_typed_into_the_log_comes_along(
    built: bytes, tmp_path: Path, run: Run
) -> None:
    base, copy, new = (tmp_path / f"{each}.xlsx" for each in ("base", "copy", "new"))
    base.write_bytes(built)
    copy.write_bytes(typed(built, {"offset": 60, "log_entries": "talked to Kim about it"}))
    assert run("accept", base, copy, "-o", new, "--all")[0] == 0
    first, second = entries_of(book_of(new))
    assert first[2] == "offset.central"
    assert second[0] == "talked to Kim about it"


def test_set_writes_to_the_log(file: Path, run: Run) -> None:
    words = ("marginal_cost=24000", "offset.source=Counted", "offset=100")
    assert run("set", file, *words, "--why", "asked finance", "--as", "Kim")[0] == 0
    rows = entries_of(book_of(file))
    # What stood there already is no change.
    assert [row[2] for row in rows] == ["marginal_cost.central", "offset.source"]
    assert {(row[1], row[5]) for row in rows} == {("Kim", "asked finance")}
    assert rows[0][6].startswith("Cost multiple -0.278 (to 4.167); ")
    (copy,) = fieldbook.compare(file, [file]).copies
    assert copy.author == "Kim"


@pytest.mark.long
def test_in_processes_the_answers_are_the_same(copies: dict[str, Path]) -> None:
    files = [copies[each] for each in PEOPLE]
    base = (str(copies["base"]), copies["base"].read_bytes())
    here = compared(base, contents_of(files), count=5)
    apart = compared(
        base, contents_of([*files, *files[:2]]), count=7, scheduler=Scheduler(processes=2)
    )
    assert here.as_json()["copies"] == apart.as_json()["copies"][:5]
