"""The Marginal sheet: one common bar beside the two alternatives, the maps, the sentences."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import openpyxl
import pytest

from pycore.draft import mentors
from pycore.draft.mentors import margin_map, mentor_margin
from pycore.model.results import model
from workbook.read import Book, read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.sheets.marginal import ALTERNATIVES

Run = Callable[..., tuple[int, str, str]]

FEW = {"replicates": 20.0, "simulation_draws": 256.0}
DRAFT = (2203, 100, 120)


@pytest.fixture(name="built", scope="module")
def _built(as_built: bytes) -> bytes:
    return as_built


@pytest.fixture(name="few", scope="module")
def _few(built: bytes) -> bytes:
    """The workbook with few drafts, which recalculates at once."""
    return recalculate(built, "few", FEW).data


@lru_cache(maxsize=4)
def book_of(data: bytes) -> Book:
    return read_book(data, "file")


def values(data: bytes, name: str) -> list[list[Any]]:
    return book_of(data).values(name)


def value(data: bytes, name: str) -> Any:
    return values(data, name)[0][0]


# The figures


@pytest.mark.parametrize("which", ALTERNATIVES)
def test_a_map_is_margin_map_over_its_grids(few: bytes, which: str) -> None:
    validity, criteria = model()["map_grid"].values, model()["criteria_grid"].values
    sigma = value(few, "impact_sigma")
    expected = margin_map(*DRAFT, criteria, validity, sigma, 20, 1, which)
    assert values(few, f"{which}_map") == np.asarray(expected).tolist()
    assert values(few, "map_grid") == [[point] for point in validity]
    assert values(few, "criteria_grid") == [list(criteria)]


def test_the_curve_is_mentor_margin_at_each_validity(few: bytes) -> None:
    sigma = value(few, "impact_sigma")
    rows = values(few, "mentor_curve")
    for (validity,), row in zip(values(few, "draft_grid"), rows, strict=True):
        expected = np.asarray(mentor_margin(*DRAFT, 0.5, validity, sigma, 20, 1))
        assert row == expected.tolist()
    assert values(few, "draft_curve_place") == [[row[0]] for row in rows]
    assert values(few, "draft_curve_mentor") == [[row[2]] for row in rows]


def test_the_three_stand_beside_each_other(built: bytes) -> None:
    book = read_book(built, "built")
    for names in (
        ("marginal_value", "place_value", "mentor_value"),
        ("adjusted_multiple", "place_multiple", "mentor_multiple"),
        ("adjusted_quote", "place_quote", "mentor_quote"),
    ):
        addresses = [book.places[name].first for name in names]
        assert [address[0] for address in addresses] == ["B", "C", "D"]
        assert len({address[1:] for address in addresses}) == 1


def test_the_published_picture(built: bytes) -> None:
    # MODEL 2b at the central assumptions: a further place loses less than the common bar
    # says, and a further mentor brings someone above the middle.
    bar, place, mentor = (
        value(built, name)
        for name in ("marginal_ratio", "mentor_margin_place_ratio", "mentor_margin_mentor_ratio")
    )
    assert bar < place < 1 < mentor
    assert value(built, "place_value") == pytest.approx(100_000 * place)
    assert value(built, "mentor_multiple") == pytest.approx(100_000 * mentor / 22_500)


# What is said


def test_both_stay_at_the_central_assumptions(built: bytes) -> None:
    for which in ALTERNATIVES:
        assert ": the quote stays " in value(built, f"{which}_sentence")
    assert value(built, "place_says") == "stays 4-5x, at 3.6-4.5x"
    assert value(built, "mentor_says") == "stays at least 4-5x, at 4.2-5.3x"
    assert "(stays 4-5x, at 3.6-4.5x)" in value(built, "answer_marginal")


def threshold(value: float) -> dict[str, float | str]:
    """The changes that make something the threshold."""
    return {f"marginal_threshold{end}": value for end in ("", ".low", ".high")}


def test_quotes_and_sentences_follow_the_threshold(built: bytes) -> None:
    data = recalculate(built, "file", threshold(0.95)).data
    assert value(data, "place_quote") == "3-5x"
    assert value(data, "place_says").startswith("becomes 3-5x, at 3.")
    assert ": the quote becomes 3-5x, at 3." in value(data, "place_sentence")
    # Its multiple is above the threshold and above that of the central one.
    assert ": the quote stays at least 4-5x, at 4." in value(data, "mentor_sentence")
    assert "(becomes 3-5x, at 3." in value(data, "answer_marginal")


def test_a_better_known_cost_leaves_the_quote(built: bytes) -> None:
    # At 83% a scholar is above the threshold, however narrow the range of the cost.
    data = recalculate(built, "file", {"marginal_cost.low": 22_000.0}).data
    assert value(data, "adjusted_quote") == value(data, "cost_quote") == "4-5x"
    assert "3.3-3.8x the cost: the quote stays 4-5x." in value(data, "answer_marginal")


def test_what_the_drafts_cannot_tell_is_not_told(built: bytes) -> None:
    # The threshold is the very ratio that the drafts give.
    ratio = value(built, "mentor_margin_place_ratio")
    data = recalculate(built, "file", threshold(ratio)).data
    assert value(data, "place_says") == "anything from 3-5x to 4-5x"
    assert "too few to decide; more of them would" in value(data, "place_sentence")
    assert "the quote stays" in value(data, "mentor_sentence")


def test_below_30_drafts_no_quote_is_told(few: bytes) -> None:
    for which in ALTERNATIVES:
        assert value(few, f"{which}_says") == "cannot be estimated with fewer than 30 drafts"
        few_drafts = "the quote cannot be estimated with fewer than 30 drafts."
        assert value(few, f"{which}_sentence").endswith(few_drafts)


def test_a_quote_is_never_restated_upwards(built: bytes) -> None:
    changes = {
        "selection_validity": 0.8,
        "selection_validity.high": 0.9,
        "shared_criteria": 0.0,
        "shared_criteria.low": 0.0,
        "replicates": 100.0,
    }
    data = recalculate(built, "file", changes).data
    assert value(data, "mentor_multiple") > 5
    assert value(data, "mentor_says").startswith("stays at least 4-5x, at 5")


def test_where_everyone_has_a_place_one_more_brings_no_one(few: bytes) -> None:
    changes = {"applicants": 120.0, "applicants.low": 110.0, "applicants.high": 130.0}
    data = recalculate(few, "file", changes).data
    for which in ALTERNATIVES:
        assert value(data, f"{which}_within") == "-"
        assert value(data, f"{which}_says") == "brings no one"
        assert value(data, f"{which}_sentence") == (
            f"Every applicant has a place already: one more {which} brings no one."
        )


def test_the_shared_criteria_change_the_draft_and_not_the_bar(few: bytes) -> None:
    changes = {"shared_criteria": 1.0, "shared_criteria.high": 1.0}
    data = recalculate(few, "file", changes).data
    assert value(data, "marginal_ratio") == value(few, "marginal_ratio")
    assert value(data, "mentor_margin_overlap") > value(few, "mentor_margin_overlap")
    for name in ("place_map", "mentor_map", "marginal_ratio_curve", "bar_curve"):
        assert values(data, name) == values(few, name)


# What cannot be simulated


@pytest.fixture(name="too_many", scope="module")
def _too_many(few: bytes) -> Any:
    changes = {"applicants": 50_000.0, "applicants.low": 45_000.0, "applicants.high": 55_000.0}
    return recalculate(few, "file", changes)


SIMULATED = ("mentor_margin", "mentor_curve", "place_map", "mentor_map", "place_quote_range")


def test_errors_show_in_every_cell_of_a_block(too_many: Any) -> None:
    for name in SIMULATED:
        for block in (name, f"{name}_block"):
            assert {cell for row in values(too_many.data, block) for cell in row} == {"#VALUE!"}
    for name in ("place_value", "mentor_value", "mentor_quote"):
        assert value(too_many.data, name) == "#VALUE!", name
    assert value(too_many.data, "mentor_says") == "could not be computed"
    assert value(too_many.data, "place_within") == "-"


def test_the_reason_is_given_and_the_notes_are_few(too_many: Any) -> None:
    rule = "MENTOR_MARGIN: applicants must be a whole number from 1 to 20,000, but is 50000"
    assert sum(rule in note for note in too_many.notes) == 2
    assert len(too_many.notes) < 30


def test_the_other_answers_stand(too_many: Any) -> None:
    data = too_many.data
    assert value(data, "bar_sentence").startswith("The last one admitted is worth 88%")
    for which in ALTERNATIVES:
        assert value(data, f"{which}_sentence").startswith("The simulation could not be run")
    answer = value(data, "answer_marginal")
    assert "worth 88% of the central one" in answer
    assert "could not be run" in answer


def test_they_come_back(too_many: Any, few: bytes) -> None:
    changes = {"applicants": 2203.0, "applicants.low": 1800.0, "applicants.high": 2600.0}
    again = recalculate(too_many.data, "file", changes)
    assert again.notes == ()
    assert again.data == few


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("places=2204", "(places) must be a whole number from 1 to 1,000"),
        ("places=99", "(mentors) must be at most places (99), but is 100"),
        ("places=131", "must be at most places.high (130)"),
        ("mentors=110.5", "(mentors) must be a whole number"),
        ("shared_criteria=1.1", "(shared_criteria) must be a share from 0 to 1"),
        ("replicates=1", "(replicates) must be a whole number from 2 to 10,000"),
        ("seed=1.5", "(seed) must be a whole number from 0 to 2^53"),
        ("seed=-1", "(seed) must be a whole number from 0 to 2^53"),
    ],
)
def test_bad_assumptions_of_the_draft(
    file: Any,
    refused: Callable[..., str],
    word: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def simulated(*_: object) -> None:
        raise AssertionError("refused only after a simulation")

    monkeypatch.setattr(mentors, "simulated", simulated)
    words = [] if "replicates" in word else ["replicates=10000"]
    words += ["places.low=1"] if word == "places=99" else []
    assert said in refused("set", file, *words, word)


def test_answers_older_than_the_shared_criteria_are_noted(
    file: Any, built: bytes, run: Run, with_cell: Callable[..., bytes]
) -> None:
    file.write_bytes(with_cell(built, "shared_criteria", "<v>0.6</v>"))
    status, _, err = run("show", file)
    assert status == 0
    assert "(mentor_margin) is not what the inputs give" in err


# How it looks


@pytest.mark.parametrize("which", ALTERNATIVES)
def test_a_map_is_coloured_around_the_ratio_asked_about_and_marked(
    built: bytes, which: str
) -> None:
    book = read_book(built, "built")
    rows = book.places[f"{which}_map"].rows
    middle = book.places["map_threshold"].first
    centre = f"${middle[0]}${middle[1:]}"
    rules = {
        str(each.sqref): each.rules
        for each in openpyxl.load_workbook(io.BytesIO(built))["Marginal"].conditional_formatting
    }[f"{rows[0][0]}:{rows[-1][-1]}"]
    (scale,) = (rule.colorScale for rule in rules if rule.type == "colorScale")
    assert [bound.val for bound in scale.cfvo] == [f"{centre}/2", centre, f"2*{centre}"]
    marks = [rule for rule in rules if rule.type == "expression"]
    # At or under, or a line to the right, or a line below: all but none of the three.
    assert len(marks) == 7
    assert all(centre in rule.formula[0] for rule in marks)
    with_mark = [rule for rule in marks if rule.dxf.numFmt is not None]
    assert len(with_mark) == 4
    assert all("\u25bc" in rule.dxf.numFmt.formatCode for rule in with_mark)
    assert sum(rule.dxf.border is not None for rule in marks) == 6


def test_lines_of_a_chart_differ_without_colour() -> None:
    for placed in sheets():
        for drawn in placed.charts:
            if drawn.chart.kind == "line":
                looks = {(series.marker, series.dash) for series in drawn.chart.series}
                assert len(looks) == len(drawn.chart.series), drawn.chart.title
