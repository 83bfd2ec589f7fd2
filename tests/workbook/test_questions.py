"""The other questions: Window, Portfolio and Exchange show what the core computes."""

from __future__ import annotations

from typing import Any

import pytest

from pycore import portfolio, window
from pycore.errors import InputError
from pycore.exchange import NOT_ENTERED
from pycore.model.results import TYPES
from pycore.model.tables import CONNECTORS, MOST_AMPLIFIERS, TEAM_HEADS
from workbook.read import Book, read_book
from workbook.recalc import recalculate
from workbook.sheets import sheets
from workbook.sheets.assumptions import check_sums
from workbook.show import contents

SHOWN = {placed.sheet.name: placed for placed in sheets()}


@pytest.fixture(name="book", scope="module")
def _book(built: bytes) -> Book:
    return read_book(built, "built")


@pytest.fixture(name="edited_book", scope="module")
def _edited_book(built: bytes) -> Book:
    changes: dict[str, float | str] = {
        "replicates": 20.0,
        "simulation_draws": 256.0,
        "deployed_impact": 110.0,
        "deployed_impact.high": 120.0,
        "verification_sd": 0.0,
        "verification_sd.low": 0.0,
        "verification_sd.distribution": "fixed",
        "robustness_growth": 0.6,
        "evidence_3_iterators": 10.0,
        "evidence_3_amplifiers": 0.0,
        "evidence_3_connectors": 21.0,
        "evidence_3_source": "Interviews",
        "next_seats": 7.0,
        "next_seats.low": 7.0,
        "good_1_own": 3.0,
        "good_1_years": 10.0,
        "good_2_cost": 250_000.0,
        "good_4_rate": 9.0,
        "judgement_2_3": 0.5,
    }
    return read_book(recalculate(built, "built", changes).data, "edited")


def test_the_path_of_the_window(book: Book, edited_book: Book) -> None:
    block = book.values("window_path_block")
    assert block == window.window_path(60, 100, 0.5, 0.35, 100, 0.2, 0.05).tolist()
    assert [year for (year,) in book.values("window_year")] == list(range(11))
    assert book.values("window_stayed") == [[row[3]] for row in block[:11]]
    assert book.value("exit_year") == window.exit_year(60, 100, 0.5, 0.35)
    assert book.value("staying_chance") == block[10][3]
    assert book.value("answer_window") == (
        "The load passes its limit in 4.8 years; the chance of staying inside for 10 years is "
        "below 1%."
    )
    # 110% of what alignment is robust to is outside from the start.
    assert edited_book.value("exit_year") == 0
    assert edited_book.values("window_path_block")[0] == [pytest.approx(1.1), 0, 0, 0]
    assert str(edited_book.value("answer_window")).startswith("The load is over its limit from")


def test_the_evidence_moves_the_target_and_the_plan(book: Book, edited_book: Book) -> None:
    target = book.values("target_shares")[0]
    assert book.values("revised_shares")[0] == pytest.approx(target, rel=1e-15)
    revised = edited_book.values("revised_shares")[0]
    assert revised == portfolio.revised_shares(target, 31, [[10, 0, 21]]).tolist()
    plan = edited_book.values("gap_plan")[0]
    assert plan == portfolio.gap_plan([90, 10, 15], revised, 7).tolist()
    assert sum(plan) == 7
    assert edited_book.values("pool_then")[0] == [90 + plan[0], 10 + plan[1], 15 + plan[2]]


def test_the_mixes_are_teams_of_one_size(book: Book) -> None:
    outputs, iterators = book.values("mix_output"), book.values("mix_iterators")
    for amplifiers in range(MOST_AMPLIFIERS + 1):
        for place, connectors in enumerate(CONNECTORS):
            left = iterators[amplifiers][place]
            assert left + amplifiers + connectors == TEAM_HEADS
            expected = portfolio.team_output(left, amplifiers, connectors, 7.5, 0.5, 0.7, 2)
            assert outputs[amplifiers][place] == expected


def good(book: Book, number: int) -> dict[str, Any]:
    at = number - 1
    return {
        "rate": book.values("good_rates")[at][0],
        "value": book.values("good_value_block")[at][0],
        "multiple": book.values("good_multiple_block")[at][0],
        "own": book.values("versus_median_block")[at][0],
        "adjusted": book.values("experience_adjusted_block")[at][0],
    }


def test_a_good_that_is_not_entered_says_so_and_is_not_zero(book: Book) -> None:
    for number in (4, 5, 6, 7, 50):
        found = good(book, number)
        del found["multiple"]  # a stand-in, which the sheet does not show
        assert set(found.values()) == {NOT_ENTERED}
    assert [good(book, number)["rate"] for number in (1, 2, 3)] == [2, 5, 65]
    assert [good(book, number)["value"] for number in (1, 2, 3)] == [2e5, 5e5, 6.5e6]
    shown = [
        at.cell.formula for at in SHOWN["Exchange"].cells if "good_multiple" in at.cell.formula
    ]
    assert all(NOT_ENTERED in formula for formula in shown)
    assert len(shown) == 50


def test_what_is_entered_for_a_good_is_computed(edited_book: Book) -> None:
    first, second, fourth = (good(edited_book, number) for number in (1, 2, 4))
    assert (first["own"], first["adjusted"]) == (1.5, 1.0)
    assert second["multiple"] == 2
    assert (fourth["rate"], fourth["value"]) == (9, 9e5)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ((0.2, 0.3, 0.01), "3 goods have a rate; the highest: Technical AI academic, 0.3 resear"),
        (("", 1.0, ""), "1 good has a rate; the highest: Technical AI academic, 1 researcher."),
        (
            ("", "", 1234567.0),
            "1 good has a rate; the highest: US AI policy 5% better, 1.23 million ",
        ),
        (("", "", ""), "No good has a rate yet."),
    ],
)
def test_the_goods_in_a_sentence(built: bytes, changes: Any, sentence: str) -> None:
    done = recalculate(built, "b", {f"good_{at}_rate": each for at, each in enumerate(changes, 1)})
    assert done.answers[-1].startswith(sentence)


def test_a_good_without_a_name_is_not_entered(built: bytes) -> None:
    for name in ("", " "):
        done = read_book(recalculate(built, "b", {"good_3_name": name}).data, "b")
        assert good(done, 3)["rate"] == NOT_ENTERED
        assert str(done.value("answer_exchange")).startswith("2 goods have a rate; the highest: T")


def test_the_chance_is_for_the_years_that_one_asks_about(built: bytes) -> None:
    changes: dict[str, float | str] = {"window_years": 30.0, "window_years.high": 30.0}
    book = read_book(recalculate(built, "b", changes).data, "b")
    path = window.window_path(60, 100, 0.5, 0.35, 30, 0.2, 0.05)
    assert book.value("staying_chance") == path[-1, 3]
    assert book.values("window_load") == [[load] for load in path[::3, 0]]
    assert book.values("window_stayed")[-1] == [path[-1, 3]]
    assert "staying inside for 30 years is below 1%" in str(book.value("answer_window"))


@pytest.mark.parametrize("years", [0.0, 4.0, 100.0])
def test_the_path_shows_ten_years_at_least_and_all_that_it_may_be_asked(
    built: bytes, years: float
) -> None:
    changes: dict[str, float | str] = {"window_years": years, "window_years.high": years}
    book = read_book(recalculate(built, "b", changes | {"window_years.low": years}).data, "b")
    shown = [year for (year,) in book.values("window_year")]
    assert (shown[0], shown[-1]) == (0, max(years, 10))
    assert all(isinstance(load, float) for (load,) in book.values("window_load"))


def test_comparisons(book: Book, edited_book: Book) -> None:
    assert book.values("consistent_rates_block")[0] == pytest.approx([1, 2, 5, 65, 0, 1])
    found = edited_book.values("consistent_rates_block")[0]
    assert found[4] > 0  # 2 and 5 say 0.4 of the one in the other, the comparison 0.5
    assert found[1] / found[2] == pytest.approx(0.5 ** (2 / 3) * 0.4 ** (1 / 3))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"judgement_1_2": 0.9}, "the two judgements contradict each other"),
        ({"judgement_3_1": ""}, "No judgement connects some of the goods with the first."),
        ({"judgement_1_2": 0.5}, "The judgements fit."),
        ({"judgement_3_2": 2.0}, "The judgements fit."),
        ({"judgement_3_2": 62.5}, "around the three, the judgements differ 25.0-fold."),
        ({"judgement_2_4": 0.01}, "around the three, the judgements differ 3.1-fold."),
    ],
)
def test_bad_comparisons_have_their_reason(
    built: bytes, changes: dict[str, float | str], said: str
) -> None:
    book = read_book(recalculate(built, "b", changes).data, "b")
    assert said in str(book.value("judgement_reason"))
    assert (book.value("judgement_state") == "ok") == ("fit" in said)
    assert ("agree" in str(book.value("tables_said"))) == ("fit" in said)


def test_shares_that_are_not_100_in_all_say_so(built: bytes) -> None:
    changes: dict[str, float | str] = {"openings_iterators": 0.9, "openings_iterators.high": 0.9}
    done = recalculate(built, "b", changes)
    book = read_book(done.data, "b")
    assert "must each be 100% together" in done.answers[-2]
    states = [row[0] for row in book.values("assumption_checks")]
    assert states.count("not 100% in all") == 3
    check_sums({"openings_iterators": 0.9, "openings_amplifiers": 0.2})
    check_sums(dict.fromkeys(SHARES, 1 / 3))
    with pytest.raises(InputError, match=r"openings_connectors must be 1 \(100%\) together"):
        check_sums(dict.fromkeys(SHARES, 0.3))


SHARES = [f"openings_{each}" for each in TYPES]


def test_what_was_entered_is_shown_with_its_names(edited_book: Book) -> None:
    shown = contents(edited_book)
    assert len(shown["goods"]) == 7
    assert shown["goods"]["good_1"] == {
        "name": "Good video explainer",
        "rate": 2,
        "source": "Comment on the survey, EA Forum (2024); derived from dollar equivalents",
        "own": 3,
        "years": 10,
        "cost": None,
        "rate_used": 2,
        "state": "read",
    }
    assert shown["evidence"] == {
        "evidence_3": {"source": "Interviews", "iterators": 10, "amplifiers": 0, "connectors": 21}
    }
    second = shown["comparisons"]["compared_2"]
    assert second["name"] == "Good video explainer"
    assert second["rate"] == edited_book.values("consistent_rates_block")[0][1]
    judged = {"in": "Technical AI academic", "value": 0.5}
    assert second["judgements"]["judgement_2_3"] == judged


@pytest.mark.parametrize("name", ["Journalist", "journalist "])
def test_goods_named_twice_are_marked(built: bytes, name: str) -> None:
    book = read_book(recalculate(built, "b", {"good_4_name": name}).data, "b")
    marks = book.values("survey_marks")[0]
    assert marks[:8] == [*["ok"] * 3, "named twice", "ok", "named twice", "ok", "-"]
    assert "marks above the goods" in str(book.value("tables_said"))


def test_a_bad_word_about_them_is_refused(built: bytes) -> None:
    for change in ({"good_2_rate": -1.0}, {"evidence_1_iterators": -1.0}, {"next_seats": 0.5}):
        with pytest.raises(ValueError, match="must"):
            recalculate(built, "built", change)
