"""A central value that moves: by itself, with its ends, and where the distribution is fixed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pycore.errors import InputError
from pycore.model.results import model
from workbook.moves import with_ends
from workbook.read import read_book
from workbook.recalc import recalculate

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]


def moved(built: bytes, **changes: float) -> dict[str, float | str]:
    return with_ends(read_book(built, "built"), changes)


@pytest.mark.parametrize(
    ("node", "value", "low", "high"),
    [
        ("marginal_cost", 45_000.0, 40_000, 50_000),
        ("hiring_budget", 5e6, 8e6 / 3, 1e7),
        ("applicants", 4406.0, 3600, 5200),
        ("admitted", 41.0, 38, 44),
        ("cohort_growth", 900.0, 660, 1000),
        ("selection_validity", 0.6, 0.4, 0.8),
        ("selection_validity", 0.1, 0, 0.3),
        ("manager_hire_chance", 0.5, 0.1, 0.5),
        ("spillover", 0.01, -0.01, 0.06),
        ("spillover", -0.01, -0.03, 0.04),
        ("pool_elasticity", -9.5, -10, -8.2),
        ("next_seats", 1.0, 1, 1),
    ],
)
def test_the_ends_move_along(
    built: bytes, node: str, value: float, low: float, high: float
) -> None:
    """By the factor of what is above 0, by the difference of shares and of either sign."""
    found = moved(built, **{node: value})
    assert [*found] == [f"{node}.low", f"{node}.high", node]
    assert list(found.values()) == [pytest.approx(low), pytest.approx(high), value]


@pytest.mark.parametrize("place", [0.0, 1e-3, 0.4, 1.0, 2.5, 1e4, 1e9])
def test_moved_ends_are_in_order_and_within_bounds(built: bytes, place: float) -> None:
    book = read_book(built, "built")
    for each in model().assumptions:
        value = min(max(each.central * place, each.domain.minimum), each.domain.maximum)
        if each.domain.whole:
            value = float(round(value))
        if not each.setting:
            found = with_ends(book, {each.id: value})
            each.check(found[f"{each.id}.low"], value, found[f"{each.id}.high"], "normal")


def test_what_is_set_or_has_no_range_is_not_moved(built: bytes) -> None:
    book = read_book(built, "built")
    given: dict[str, float | str] = {"marginal_cost": 4.5e4, "marginal_cost.high": 6e4}
    assert with_ends(book, given) == given | {"marginal_cost.low": 4e4}
    for other in ({"replicates": 30.0}, {"cost_scope": "recruit"}, {"offset.high": 200.0}):
        assert with_ends(book, other) == other


def test_move_range_moves_the_range(file: Path, run: Run) -> None:
    status, _, err = run("set", file, "marginal_cost=45000", "--move-range")
    assert (status, err) == (0, "")
    book = read_book(file.read_bytes(), "file")
    names = ("marginal_cost_low", "marginal_cost", "marginal_cost_high", "marginal_cost_warning")
    assert [book.value(name) for name in names] == [40_000, 45_000, 50_000, "fits"]
    assert book.values("marginal_cost_fitted")[0][:3] == pytest.approx([40_000, 45_000, 50_000])


def test_a_value_past_its_end_is_told_of_it(file: Path, refused: Refused) -> None:
    line = refused("set", file, "marginal_cost=26000")
    rule = "must be at most marginal_cost.high (25,000) (or move both ends along, by --move-range)"
    assert line == f"Assumptions!C7 (marginal_cost) {rule}, but is 26000"
    assert "--move-range" in refused("set", file, "marginal_cost=19000")
    assert "--move-range" not in refused("set", file, "marginal_cost=4", "marginal_cost.high=3")
    assert "--move-range" not in refused("set", file, "marginal_cost=-4")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {
                "offset": 120.0,
                "cost_stipend": 12_100.0,
                "backfire_share": 0.01,
                "applicants": 2590.0,
            },
            {
                "offset: a uniform takes no account of the central value",
                "cost_stipend: central is at the",
                "backfire_share: central is at the",
                "applicants: central (2,590) is too near an end for a metalog",
            },
        ),
        (
            {"offset": 120.0, "offset.low": 20.0, "applicants": 2300.0, "next_seats": 100.0}
            | {"replicates": 30.0},
            set(),
        ),
    ],
)
def test_what_is_left_behind_is_noted(
    built: bytes, changes: dict[str, float | str], said: set[str]
) -> None:
    notes = recalculate(built, "file", changes).notes
    found = [note for note in notes if note.endswith("(--move-range moves both ends along)")]
    assert len(found) == len(said)
    assert all(any(note.startswith(start) for note in found) for start in said)


def test_a_fixed_value_needs_no_ends(file: Path, run: Run) -> None:
    status, _, err = run("set", file, "next_seats=1")
    assert (status, err) == (0, "")
    book = read_book(file.read_bytes(), "file")
    row = [node.id for node in model().assumptions].index("next_seats")
    assert book.value("next_seats") == 1
    assert book.values("range_echo_block")[row] == [1, 1, 1, 1]
    assert book.values("next_seats_fitted") == [[1, 1, 1, 1]]
    checks = {cell for line in book.values("assumption_checks") for cell in line}
    assert checks <= {"ok", None, ""}
    # As soon as it spreads, its ends count.
    assert run("set", file, "next_seats.distribution=uniform")[0] == 2
    assert run("set", file, "next_seats.low=1", "next_seats.distribution=uniform")[0] == 0


def test_a_value_that_becomes_fixed_in_the_same_change_needs_none(built: bytes) -> None:
    fixed: dict[str, float | str] = {"offset": 5.0, "offset.distribution": " Fixed "}
    after = recalculate(built, "file", fixed)
    assert after.notes == ()
    said = read_book(after.data, "file").value("offset_warning")
    assert said == "low and high are without effect: the distribution is fixed"
    with pytest.raises(InputError, match=r"offset.low\) must be at most offset \(5\)"):
        recalculate(after.data, "file", {"offset.distribution": "uniform"})


def test_ends_that_a_result_uses_count_though_the_value_is_fixed(
    refused: Refused, file: Path
) -> None:
    words = ("marginal_cost=5000", "marginal_cost.distribution=fixed")
    line = refused("set", file, *words)
    assert "(marginal_cost.low) must be at most marginal_cost (5,000)" in line
