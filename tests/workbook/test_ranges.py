"""Ranges in the sheets: a distribution beside each, what was fitted, and one table of them all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pycore.errors import InputError
from pycore.model.results import model
from pycore.model.tables import ASSUMPTIONS
from pycore.nodes import Assumption
from pycore.uncertainty.distributions import KINDS, fit
from workbook.read import Book, read_book
from workbook.recalc import Recalculated, recalculate

Run = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]


def fitted(node: Assumption, kind: str) -> list[float]:
    ends = (node.low, node.central, node.high)
    found = fit(kind, *ends, node.domain.minimum, node.domain.maximum)
    return [*found.quantile((0.05, 0.5, 0.95)), found.mean]


@pytest.fixture(name="book", scope="module")
def _book(built: bytes) -> Book:
    return read_book(built, "built")


@pytest.mark.parametrize(
    "node", [each for each in model().assumptions if not each.setting], ids=lambda node: node.id
)
def test_each_range_is_echoed(book: Book, node: Assumption) -> None:
    expected = fitted(node, node.distribution)
    assert book.values(f"{node.id}_fitted") == [pytest.approx(expected, rel=1e-12)]
    assert book.value(f"{node.id}_distribution") == node.distribution
    assert book.value(f"{node.id}_warning")


def test_what_does_not_fit_is_said(built: bytes) -> None:
    book = read_book(built, "built")
    assert book.value("cost_stipend_warning") == (
        "central is at the 5th percentile of the fitted triangular; expected within 25 to 75"
    )


def test_every_metalog_declared_honours_its_central_value(book: Book) -> None:
    for node in model().assumptions:
        if node.distribution == "metalog":
            assert book.values(f"{node.id}_fitted")[0][1] == pytest.approx(node.central, rel=1e-12)


def test_a_range_without_a_metalog_is_told_so(built: bytes) -> None:
    after = recalculate(built, "file", {"cost_stipend.distribution": "metalog"})
    said = read_book(after.data, "file").value("cost_stipend_warning")
    assert said == (
        "central (12,000) is too near an end for a metalog: drawn with a median of 12,300; "
        "a low of 11,620 or less would do"
    )
    assert after.notes == ()


def test_the_table_holds_every_input_in_order(as_built: bytes) -> None:
    rows = read_book(as_built, "built").values(ASSUMPTIONS)
    expected: list[list[object]] = [
        [each.id, each.distribution, each.low, each.central, each.high, each.source, each.date]
        for each in model().assumptions
    ]
    expected += [
        [each.id, None, None, each.central, None, each.source, each.date]
        for each in model().choices
    ]
    assert rows == expected


def test_another_distribution_is_fitted(file: Path, run: Run) -> None:
    status, _, err = run("set", file, "offset.distribution=Metalog")
    assert (status, err) == (0, "")
    node = model()["offset"]
    held = json.loads(run("show", file, "--json")[1])["assumptions"]["offset"]
    assert held["distribution"] == "Metalog"
    expected = fitted(node, "metalog")
    assert list(held["fitted"].values()) == pytest.approx(expected, rel=1e-12)
    assert held["warning"] == "fits"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("offset.distribution=gaussian", "must be one of: fixed, metalog"),
        ("offset.distribution=", "must be one of: fixed, metalog"),
        ("offset.distribution=3", "but is '3'"),
        ("cost_scope.distribution=fixed", "cost_scope.distribution"),
    ],
)
def test_what_is_no_distribution_is_refused(
    file: Path, built: bytes, refused: Refused, word: str, said: str
) -> None:
    line = refused("set", file, word)
    assert said in line
    if word.startswith("offset"):
        place = read_book(built, "built").places["offset_distribution"]
        assert line.startswith(f"{place} (offset.distribution)")


def test_a_distribution_typed_in_the_sheet_is_refused_by_its_cell(
    built: bytes, with_cell: Callable[..., bytes]
) -> None:
    data = with_cell(built, "offset_distribution", "<is><t>bell</t></is>", "inlineStr")
    with pytest.raises(InputError, match=r"^Assumptions!\w+ \(offset.distribution\).*'bell'$"):
        recalculate(data, "file")


@pytest.fixture(name="impossible", scope="module")
def _impossible(built: bytes) -> Recalculated:
    """A lognormal from 0: refused, while every other row stands."""
    return recalculate(built, "file", {"backfire_share.distribution": "lognormal"})


def test_an_impossible_range_is_an_error_with_its_reason(impossible: Any) -> None:
    book = read_book(impossible.data, "file")
    assert book.values("backfire_share_fitted") == [["#VALUE!"] * 4]
    assert book.value("backfire_share_warning") == "A lognormal needs a low end above 0."
    place = book.places["backfire_share_fitted"]
    (note,) = (each for each in impossible.notes if each.startswith("Assumptions!"))
    assert note.startswith(f"{place} shows #VALUE!: backfire_share: low must be above 0")


def test_the_other_rows_stand(impossible: Any, built: bytes) -> None:
    book, before = read_book(impossible.data, "file"), read_book(built, "built")
    for node in model().assumptions:
        if node.id != "backfire_share":
            name = f"{node.id}_fitted"
            assert book.values(name) == before.values(name)
    for result in model().results:
        assert book.values(result.id) == before.values(result.id), result.id


def test_what_needs_the_range_says_why(impossible: Any) -> None:
    """And what does not need it is computed all the same."""
    book = read_book(impossible.data, "file")
    assert book.value("tornado_block") == "value_per_researcher"  # of the cost multiple
    rows = book.values("simulation_block")
    refused = [row for row in rows if row[0] == "#VALUE!"]
    assert len(refused) == 1 < len(rows)
    assert "backfire_share: low must be above 0" in refused[0][-1]
    assert not any("#VALUE!" in row for row in rows if row not in refused)


def test_a_day_as_a_date_is_a_year_in_the_table(
    built: bytes, with_cell: Callable[..., bytes]
) -> None:
    data = with_cell(built, "marginal_cost_date", "<v>46143</v>")
    rows = read_book(recalculate(data, "file").data, "file").values(ASSUMPTIONS)
    assert {row[0]: row[6] for row in rows}["marginal_cost"] == 2026


def test_a_source_taken_away_stays_blank(built: bytes, with_cell: Callable[..., bytes]) -> None:
    data = with_cell(built, "marginal_cost_source", "")
    rows = read_book(recalculate(data, "file").data, "file").values(ASSUMPTIONS)
    assert {row[0]: row[5] for row in rows}["marginal_cost"] == ""


def test_a_distribution_that_was_not_recalculated_is_noted(
    file: Path, built: bytes, run: Run, with_cell: Callable[..., bytes]
) -> None:
    word = f"<is><t>{KINDS[-1]}</t></is>"
    file.write_bytes(with_cell(built, "offset_distribution", word, "inlineStr"))
    status, _, err = run("show", file, "--json")
    assert status == 0
    assert "(range_echo) is not what the inputs give" in err
    assert "recalculate the file" in err
