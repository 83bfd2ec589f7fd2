"""Collecting opinions: from copies that came home to the Opinions sheet, by the real engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fieldbook
from pycore.errors import InputError
from pycore.model.results import model
from pycore.model.tables import MOST_OPINIONS, OPINIONS
from pycore.pooling import disagreement, pooled
from workbook.circulation.collect import Collected, Judged
from workbook.circulation.collect import collected as collected_of
from workbook.circulation.collect import read_copies as read_of
from workbook.file.package import open_package
from workbook.file.patch import patch
from workbook.formulas import defined_name
from workbook.native.copy import reading_copy
from workbook.read import read_book
from workbook.recalc import recalculate
from workbook.stamp import EPOCH

Run = Callable[..., tuple[int, str, str]]
Text = dict[str, float | str]

PUBLISHED = (0.0140, 0.0221, 0.0039, 0.0040)
SHARE, COST = "alumni_capabilities_share", "marginal_cost"
PEOPLE = ("Ana Alvarez", "Ben Bright", "Cho Chang", "Dee Dunn")


def returned(data: bytes, person: str, changes: Mapping[str, float | str]) -> bytes:
    """A copy in which a person typed, and which nobody recalculated."""
    book = read_book(data, "copy")
    parts: dict[str, dict[str, float | str]] = {}
    for reference, value in changes.items():
        name = defined_name(reference)
        parts.setdefault(book.sheet_of(name).part, {})[book.places[name].first] = value
    core = book.package.parts["docProps/core.xml"]
    named = re.sub(rb"(<cp:lastModifiedBy>)[^<]*", rb"\g<1>" + person.encode(), core)
    written = {
        sheet.part: patch(
            book.package.parts[sheet.part], sheet.cells, parts[sheet.part], computed=False
        )
        for sheet in book.sheets
        if sheet.part in parts
    }
    return book.package.to_bytes(written | {"docProps/core.xml": named})


def ends(node: str, low: float, central: float, high: float) -> Text:
    return {f"{node}.low": low, node: central, f"{node}.high": high}


HELD: dict[str, bytes] = {}
"""What each file holds that was read."""


def read_copies(
    files: dict[str, bytes], names: dict[str, str] | None = None
) -> tuple[list[Judged], list[str]]:
    """Read copies of which the contents are given."""
    HELD.update(files)
    return read_of(files.items(), len(files), names)


def collected(
    copies: list[Judged], base: tuple[str, bytes] | None = None, **more: Any
) -> Collected:
    """Collect from copies that were read; without a base the first one is begun with."""
    first = base or (copies[0].file, HELD[copies[0].file])
    return collected_of(copies, first, is_base=base is not None, **more)


@pytest.fixture(name="copies", scope="module")
def _copies(built: bytes) -> dict[str, bytes]:
    """Four people on the published share, and three of them on a cost; Dee keeps that."""
    costs = [(15e3, 2e4, 26e3), (18e3, 25e3, 4e4), (1e4, 12e3, 15e3)]
    made = {}
    for at, (person, share) in enumerate(zip(PEOPLE, PUBLISHED, strict=True)):
        changes = ends(SHARE, share, share, share)
        changes |= ends(COST, *costs[at]) if at < len(costs) else {}
        if at == 1:
            changes[f"{COST}.source"] = "Ben's own ledger"
        made[f"{person[:3].lower()}.xlsx"] = returned(built, person, changes)
    return made


@pytest.fixture(name="found", scope="module")
def _found(built: bytes, copies: dict[str, bytes]) -> Collected:
    read, notes = read_copies(copies)
    assert notes == []
    return collected(read, ("base.xlsx", built))


# What stands in the sheet


def test_an_opinion_is_what_a_person_changed(found: Collected) -> None:
    frame = found.frame
    assert frame["assumption"].tolist() == [COST] * 3 + [SHARE] * 4
    assert frame["person"].tolist() == [*PEOPLE[:3], *PEOPLE]
    assert frame["remark"].tolist()[:3] == ["ana.xlsx", "Ben's own ledger", "cho.xlsx"]
    assert found.book.opinions.equals(frame)
    assert found.book.people["name"].tolist() == list(PEOPLE)
    assert found.accepted == ()
    assert found.notes == ()
    assert found.book.outdated == ""


def test_the_published_case_comes_out_of_the_sheet(found: Collected) -> None:
    book = read_book(found.data, "new")
    rows = book.values("pooled_opinions")
    assert rows[1][:2] == [SHARE, 4]
    assert round(100 * rows[1][3], 2) == 0.84
    assert rows[1][8:] == [1, "logit"]
    assert rows[0][1:] == list(found.pooled[COST])
    lows, centrals, highs = (
        found.frame.query("assumption == @COST")[part].tolist()
        for part in ("low", "central", "high")
    )
    expected = pooled(lows, centrals, highs, [1, 1, 1], "log")
    assert rows[0][2:5] == pytest.approx(expected.tolist(), rel=1e-14)
    share = disagreement(lows, centrals, highs, [1, 1, 1], "log")
    assert rows[0][8] == pytest.approx(share, rel=1e-12)
    said = str(book.value("opinions_said"))
    assert said == (
        "2 assumptions are judged, by up to 4 people; they disagree most on "
        f"{model()[SHARE].label} (100%)."
    )
    assert book.value("stamp_edited") == 0


def test_the_chart_has_a_point_for_each_who_judges_what_is_chosen(found: Collected) -> None:
    points = read_book(found.data, "new").values("opinion_drawn")
    names = [row[4] for row in points if row[4].strip()]
    assert names == ["As assumed now", "Weighted mean", "All together", *PEOPLE[:3]]
    assert [row[5] for row in points[3:6]] == [2e4, 25e3, 12e3]
    assert [row[6] for row in points[:7]] == [-1, -2, -3, -4, -5, -6, -1]
    assert points[4][7:] == [7e3, 15e3]
    assert [points[-2][5], points[-1][5]] == [1e4, 5e4]  # room for the names beside 4e4
    changes: Text = {"opinion_asked": SHARE}
    other = read_book(recalculate(found.data, "new", changes).data, "new")
    assert [row[4] for row in other.values("opinion_drawn")[3:7]] == list(PEOPLE)


def test_an_edited_weight_changes_the_pool_and_an_edit_is_told_until_then(
    found: Collected,
) -> None:
    done = recalculate(found.data, "new", {"person_3_weight": 0, "person_1_weight": 3})
    rows = read_book(done.data, "new").values("pooled_opinions")
    assert rows[0][:2] == [COST, 2]
    assert rows[0][3] == pytest.approx((2e4**3 * 25e3) ** (1 / 4), rel=1e-12)
    assert found.pools.loc[COST, "central"] == pytest.approx((2e4 * 25e3 * 12e3) ** (1 / 3))


def test_equal_opinions_give_themselves_back_and_nothing_else_moves(built: bytes) -> None:
    own = ends(COST, 15e3, 2e4, 26e3)
    read, _ = read_copies({f"{p}.xlsx": returned(built, p, own) for p in PEOPLE})
    found = collected(read, ("base.xlsx", built))
    row = read_book(found.data, "new").values("pooled_opinions")[0]
    assert row[:5] == [COST, 4, 15e3, 2e4, 26e3]
    assert row[5:8] == pytest.approx([15e3, 2e4, 26e3], rel=1e-9)
    assert row[8] == 0
    before, after = (read_book(data, "b") for data in (built, found.data))
    for each in model().results:
        assert after.values(each.id) == before.values(each.id), each.id


# What is asked for


def test_accepted_pools_stand_among_the_assumptions_with_their_source(
    built: bytes, copies: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EPOCH, "1800000000")
    read, _ = read_copies(copies)
    found = collected(read, ("base.xlsx", built), accept=True, only=[COST, SHARE])
    book = read_book(found.data, "new")
    assert found.accepted == (COST, SHARE)
    for node in found.accepted:
        held = [book.value(f"{node}_low"), book.value(node), book.value(f"{node}_high")]
        assert held == list(found.pools.loc[node, ["low", "central", "high"]])
    said = "judgement of 3 people, pooled (Ana Alvarez, Ben Bright, Cho Chang)"
    assert book.value(f"{COST}_source") == said
    assert book.value(f"{COST}_date") == "2027-01-15"
    assert found.book.outdated == ""


def test_what_one_person_judges_is_not_accepted_nor_shares_that_are_not_all(built: bytes) -> None:
    shares = [(0.7, 0.2, 0.1), (0.3, 0.3, 0.4)]
    parts = ("iterators", "amplifiers", "connectors")
    made = {}
    for at, (person, own) in enumerate(zip(PEOPLE, shares, strict=False)):
        changes = {f"openings_{part}": share for part, share in zip(parts, own, strict=True)}
        if at:
            changes |= ends(COST, 1e4, 2e4, 3e4)  # type: ignore[arg-type]
        made[f"{person}.xlsx"] = returned(built, person, changes)
    found = collected(read_copies(made)[0], ("base.xlsx", built), accept=True)
    assert found.accepted == ()
    assert [note for note in found.notes if note.startswith("not accepted: openings_iterators")]
    assert found.pools["people"].to_dict() == {COST: 1} | {f"openings_{p}": 2 for p in parts}
    # The ends of what is fixed were left behind, and are moved along with an opinion.
    assert found.frame.query("assumption == 'openings_iterators'")["low"].tolist() == [0.7, 0.3]


def test_hidden_names_stand_nowhere_in_the_file(built: bytes, copies: dict[str, bytes]) -> None:
    read, _ = read_copies(copies)
    found = collected(read, ("base.xlsx", built), hide_names=True, accept=True)
    parts = b"".join(open_package(found.data, "new").parts.values())
    for person in PEOPLE:
        assert person.encode() not in parts
    assert b"Ben's own ledger" not in parts
    assert found.frame["person"].tolist()[:3] == ["Person 1", "Person 2", "Person 3"]
    book = read_book(found.data, "new")
    assert book.value(f"{COST}_source") == "judgement of 3 people, pooled"
    # Nor where the first copy is what the workbook begins as.
    alone = collected(read, hide_names=True)
    assert PEOPLE[0].encode() not in b"".join(open_package(alone.data, "new").parts.values())


def test_without_a_base_what_differs_between_copies_counts(copies: dict[str, bytes]) -> None:
    read, _ = read_copies(copies)
    found = collected(read, only=[COST])
    assert found.frame["person"].tolist() == list(PEOPLE)
    assert found.frame["central"].tolist() == [2e4, 25e3, 12e3, 22_500]
    with pytest.raises(InputError, match=r"must differ in low, central or high .* from each other"):
        collected(read[:1])


def test_who_returned_a_file_is_told_apart(built: bytes) -> None:
    own = ends(COST, 1e4, 2e4, 3e4)
    made = {
        "in/one.xlsx": returned(built, "Ana", own),
        "in/two.xlsx": returned(built, "ana", own),
        "in/three.xlsx": returned(built, "", own),
        "in/four.xlsx": returned(built, "somebody", own),
        "up/one.xlsx": returned(built, "Ana", own),
        "in/long.xlsx": returned(built, "=HYPERLINK(1)\n" + "x" * 90, own),
    }
    read, _ = read_copies(made, {"in/four.xlsx": "Dee"})
    names = [each.person for each in read]
    assert names[:5] == ["Ana (one)", "ana (two)", "three", "Dee", "Ana (one) 2"]
    assert names[5].startswith("=HYPERLINK(1) xxx")
    assert max(map(len, names)) == 40
    found = collected(read, ("base.xlsx", built), weights={"dee": 2, "one.xlsx": 3})
    weights = found.book.people["weight"]
    assert weights.fillna(1).tolist() == [3, 1, 1, 2, 3, 1]  # both files are called one.xlsx
    assert found.pools.loc[COST, "people"] == 6
    assert found.book.opinions["person"].tolist()[5] == names[5]  # a text, and no formula


def test_thirty_people_fit_and_no_more(built: bytes) -> None:
    (one,), _ = read_copies({"x.xlsx": returned(built, "x", ends(COST, 1e4, 2e4, 3e4))})
    judged = dict(one.judged)
    many = [
        replace(
            one,
            file=f"{at}.xlsx",
            person=f"P{at}",
            judged=judged | {COST: judged[COST]._replace(central=15e3 + 300 * at)},
        )
        for at in range(31)
    ]
    found = collected(many[:30], ("base.xlsx", built))
    new = read_book(found.data, "new")
    assert new.values("pooled_opinions")[0][1] == 30
    names = [row[4] for row in new.values("opinion_drawn") if row[4].strip()]
    assert names == [
        "As assumed now",
        "Weighted mean",
        "All together",
        *(f"P{n}" for n in range(30)),
    ]
    with pytest.raises(InputError, match=r"at most 600, of 30 people"):
        collected(many, ("base.xlsx", built))
    # Their pool can be accepted all the same.
    pooled = collected(many, ("base.xlsx", built), accept=True)
    assert "31 opinions of 31 people are not on the Opinions sheet" in pooled.notes[0]
    new = read_book(pooled.data, "new")
    assert new.value(COST) == pytest.approx(pooled.pools.at[COST, "central"], rel=1e-12)
    assert new.value(f"{COST}_source").startswith("judgement of 31 people, pooled (P0,")
    assert all(row == [None] * 6 for row in new.values("opinion_table"))
    moved = {
        node.id: each._replace(low=each.low * 0.99 if each.low > 0 else each.low)
        for node, each in ((model()[name], judged[name]) for name in judged)
    }
    all_of_it = [replace(each, judged=moved) for each in many[:30]]
    rule = rf"be at most {MOST_OPINIONS}, of 30 people \(--only ID"
    with pytest.raises(InputError, match=rule):
        collected(all_of_it, ("base.xlsx", built))


# What is refused


def test_a_bad_copy_is_named_and_left_out(
    tmp_path: Path, built: bytes, copies: dict[str, bytes], run: Run
) -> None:
    bad = {
        "junk.xlsx": b"junk",
        "text.xlsx": returned(built, "T", {COST: "many"}),
        "order.xlsx": returned(built, "O", {f"{COST}.low": 9e9}),
        "bounds.xlsx": returned(built, "B", {f"{COST}.minimum": 5.0}),
        "sorted.xlsx": returned(built, "S", {"asked_cost": 32_500.0}),
    }
    book = read_book(bad["sorted.xlsx"], "s")
    sheet = book.sheet_of("asked_cost")
    row = book.places["asked_cost"].first[1:]
    other = {f"U{row}": "average_cost"}
    xml = patch(book.package.parts[sheet.part], sheet.cells, other, computed=False)
    bad["sorted.xlsx"] = book.package.to_bytes({sheet.part: xml})
    for name, data in {**bad, **copies, "base.xlsx": built}.items():
        (tmp_path / name).write_bytes(data)
    files = [tmp_path / name for name in (*bad, *copies, "none.xlsx")]
    new = tmp_path / "new.xlsx"
    words = ("-o", new, "--base", tmp_path / "base.xlsx")
    status, out, err = run("collect", *files, *words)
    assert status == 1, err  # some are left out
    assert out.startswith(
        f"7 opinions of 4 people in {new}\n{COST:<32} 3 people: 13,925, 18,171, 24,987 ("
    )
    reasons = {
        "junk.xlsx": "must be an .xlsx",
        "text.xlsx": f"({COST}) must be a number above 0 (from 1e-9 to 1e15), but is 'many'",
        "order.xlsx": f"({COST}.low) must be at most {COST} (22,500)",
        "bounds.xlsx": f"({COST}_minimum) must hold 1e-09, which belongs to the model",
        "sorted.xlsx": "must stand in the row of asked_cost",
        "none.xlsx": "no such file",
    }
    lines = err.splitlines()
    assert len(lines) == len(reasons)
    for name, reason in reasons.items():
        (line,) = (each for each in lines if name in each)
        assert reason in line
    status, out, err = run("collect", *files[:5], "-o", tmp_path / "other.xlsx", *words[2:])
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].endswith(
        "the copies must hold one that can be read, but is none, as said above"
    )
    assert not (tmp_path / "other.xlsx").exists()
    assert run("collect", *files, *words)[0] == 2  # it is there already
    assert run("collect", *files, *words, "--force", "--weights", "Ana Alvarez=2")[0] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "marginal_costs"], "--only must be ids of assumptions (perhaps marginal_cost)"),
        (["--weights", "Zoe=2"], "--weights must name people: Ana Alvarez, Ben Bright"),
        (["--weights", "Ana Alvarez=much"], "the weight of Ana Alvarez must be a number"),
        (
            ["--weights", "Ana Alvarez=-1"],
            "the weight of Ana Alvarez must be a weight of at least 0",
        ),
        (["--weights", "Ana"], "--weights must be given as NAME=VALUE"),
        (["--as", "zoe.xlsx=Zoe"], "--as must be FILE=NAME, with one of the copies"),
    ],
)
def test_a_word_that_means_nothing_is_refused(
    tmp_path: Path, built: bytes, copies: dict[str, bytes], run: Run, words: list[str], said: str
) -> None:
    for name, data in {**copies, "base.xlsx": built}.items():
        (tmp_path / name).write_bytes(data)
    files = [tmp_path / name for name in copies]
    new = tmp_path / "new.xlsx"
    status, out, err = run("collect", *files, "-o", new, "--base", tmp_path / "base.xlsx", *words)
    assert (status, out) == (2, "")
    assert said in err
    assert not new.exists()


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (4, "text", "E{} must be a number from -1e16 to 1e16, but is 'text'"),
        (2, 5e4, "D{} must be at least low (50,000), but is 20000"),
        (0, "Coast", "A{} must be the name of an assumption (Assumptions sheet), but is 'Coast'"),
        (1, " ", "B{} must name the person, but is ' '"),
    ],
)
def test_a_bad_opinion_is_refused_with_its_cell(
    found: Collected, column: int, value: Any, said: str
) -> None:
    book = read_book(found.data, "new")
    place, sheet = book.places[OPINIONS], book.sheet_of(OPINIONS)
    address = place.rows[0][column]
    xml = patch(book.package.parts[sheet.part], sheet.cells, {address: value}, computed=False)
    with pytest.raises(InputError) as refusal:
        recalculate(book.package.to_bytes({sheet.part: xml}), "new")
    assert str(refusal.value) == f"Opinions!{said.format(address[1:])}"


def test_text_in_a_weight_is_refused_with_its_cell(found: Collected) -> None:
    data = returned(found.data, "x", {"person_2_weight": "much"})
    cell = read_book(found.data, "new").places["person_2_weight"]
    with pytest.raises(InputError, match=re.escape(f"{cell} (person_2_weight) must be a weight")):
        recalculate(data, "new")


# Other ways in


@pytest.mark.long
def test_copies_that_answer_by_themselves_come_home_too(built: bytes) -> None:
    sent = reading_copy(built, "sent").data
    own = {"ana.xlsx": ends(COST, 1e4, 2e4, 3e4), "ben.xlsx": ends(COST, 2e4, 3e4, 4e4)}
    made = {name: returned(sent, name[:3].title(), changes) for name, changes in own.items()}
    read, notes = read_copies(made)
    assert notes == []
    found = collected(read, ("sent.xlsx", sent))
    assert found.frame["person"].tolist() == ["Ana", "Ben"]
    assert read_book(found.data, "new").values("pooled_opinions")[0][:2] == [COST, 2]
    assert found.book.outdated == ""


def test_from_python_and_from_a_copy_that_libreoffice_saved(
    tmp_path: Path, built: bytes, copies: dict[str, bytes], libreoffice: Callable[..., Path]
) -> None:
    (tmp_path / "cho.xlsx").write_bytes(copies["cho.xlsx"])
    saved = libreoffice(tmp_path / "cho.xlsx", "xlsx", tmp_path / "saved")
    (tmp_path / "base.xlsx").write_bytes(built)
    (tmp_path / "ana.xlsx").write_bytes(copies["ana.xlsx"])
    found = fieldbook.collect(
        [tmp_path / "ana.xlsx", saved], tmp_path / "base.xlsx", names={str(saved): "Cho"}
    )
    assert found.pools["people"].to_dict() == {COST: 2, SHARE: 2}
    assert found.frame["person"].tolist() == ["Ana Alvarez", "Cho"] * 2
    assert found.book.opinions.equals(found.frame)
    with pytest.raises(InputError, match="the copies must hold one that can be read"):
        fieldbook.collect([tmp_path / "none.xlsx"])


def test_a_file_counts_once_and_somebody_has_to_count(
    tmp_path: Path, built: bytes, copies: dict[str, bytes], run: Run
) -> None:
    files = [tmp_path / name for name in ("ana.xlsx", "ben.xlsx")]
    for file in files:
        file.write_bytes(copies[file.name])
    base, link, new = (tmp_path / name for name in ("base.xlsx", "link.xlsx", "new.xlsx"))
    base.write_bytes(built)
    link.symlink_to(files[0])
    words = ("-o", new, "--base", base)
    status, _, err = run("collect", *files, link, *words)
    assert (status, "be given once" in err) == (2, True)
    status, _, err = run("collect", *files, *words, "--weights", "Ana Alvarez=0", "Ben Bright=0")
    assert (status, "--weights must not all be 0" in err) == (2, True)
    assert not new.exists()


def test_hidden_names_leave_the_log_of_the_first_copy(
    tmp_path: Path, copies: dict[str, bytes], run: Run
) -> None:
    files = [tmp_path / name for name in ("ana.xlsx", "ben.xlsx")]
    for file in files:
        file.write_bytes(copies[file.name])
    assert run("set", files[0], "offset=70", "--as", "Ana Alvarez")[0] == 0
    new = tmp_path / "new.xlsx"
    assert run("collect", *files, "-o", new, "--hide-names")[0] == 0
    parts = b"".join(open_package(new.read_bytes(), "new").parts.values())
    assert b"Alvarez" not in parts
    assert b"offset.central" in parts
