"""The marginal scholar where mentors choose for themselves, and the map of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pycore.draft import mentors
from pycore.draft.bands import Draft
from pycore.draft.mentors import margin_map, mentor_margin
from pycore.draft.rounds import simulate_drafts
from pycore.errors import InputError

SIGMA = 1.97957
GOOD: dict[str, Any] = {
    "applicants": 60,
    "mentors": 8,
    "places": 11,
    "shared_criteria": 0.5,
    "validity": 0.6,
    "sigma": SIGMA,
    "replicates": 50,
    "seed": 4,
}


@pytest.mark.parametrize("shared_criteria", [0, 0.5, 1])
def test_a_score_that_says_nothing_gives_a_ratio_of_exactly_1(shared_criteria: float) -> None:
    answer = mentor_margin(**(GOOD | {"validity": 0, "shared_criteria": shared_criteria}))
    assert answer[:8].tolist() == [1, 0, 1, 0, 0, 0, 0, 0]  # type: ignore[index]


def test_where_everyone_has_a_place_one_more_brings_no_one() -> None:
    answer = mentor_margin(**(GOOD | {"applicants": 11}))
    assert answer[:8].tolist() == [0, 0, 0, 0, 1, 0, 1, 0]  # type: ignore[index]


def test_equal_seeds_give_equal_answers_and_others_do_not() -> None:
    first, again = mentor_margin(**GOOD), mentor_margin(**GOOD)
    assert np.array_equal(first, again)
    for seed in (0, 5, 2**53):
        assert not np.array_equal(first, mentor_margin(**(GOOD | {"seed": seed})))


@pytest.mark.long
def test_the_standard_error_is_honest() -> None:
    """The 95% interval covers the value of 400,000 replicates in 93-97% of seeds.

    Over 1,000 seeds: over 200, an honest interval is outside 93-97% for one in five.
    """
    draft, slope = Draft(40, 4, 5, 0.4), 0.6
    value = mentors._summary(simulate_drafts(draft, 400_000, 2**40), slope)[::2]
    answers = np.stack(
        [mentors._summary(simulate_drafts(draft, 300, k), slope) for k in range(1000)]
    )
    covered = (np.abs(answers[:, ::2] - value) <= 1.96 * answers[:, 1::2]).mean(axis=0)
    assert ((covered >= 0.93) & (covered <= 0.97)).all(), covered


# The map, and rows


def test_a_cell_of_the_map_is_what_the_function_gives() -> None:
    rest = {key: value for key, value in GOOD.items() if key not in {"shared_criteria", "validity"}}
    shared, valid = [0, 0.5, 1], [0, 0.4, 1.0]
    for place, alternative in ((0, "place"), (2, "Mentor")):
        answer = margin_map(**rest, shared_criteria=shared, validity=valid, alternative=alternative)
        crossed = mentor_margin(
            **(GOOD | {"shared_criteria": shared, "validity": np.array(valid)[:, None]})
        )
        assert np.array_equal(answer, crossed[..., place])  # type: ignore[index]


def test_rows_are_the_single_calls() -> None:
    answer = mentor_margin(**(GOOD | {"sigma": [1, 2], "seed": [3, 3]}))
    assert np.shape(answer) == (2, 10)
    for row, sigma in enumerate((1, 2)):
        single = mentor_margin(**(GOOD | {"sigma": sigma, "seed": 3}))
        assert np.array_equal(answer[row], single)  # type: ignore[index]
    assert np.shape(mentor_margin(**(GOOD | {"sigma": np.empty(0)}))) == (0, 10)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 1, 1), (2, 1, 2), (3, 2, 3), (2, 2, 2)])
@pytest.mark.parametrize("shared", [0, 0.5, 1])
@pytest.mark.parametrize("validity", [0, 5e-324, 0.5, 1 - 1e-12, 1])
def test_the_smallest_drafts(sizes: tuple[int, int, int], shared: float, validity: float) -> None:
    answer = mentor_margin(*sizes, shared, validity, 30, 20, 0)
    assert np.isfinite(answer).all()


@pytest.mark.parametrize("validity", [0, 0.6, 0.999999, 1])
def test_the_largest_drafts_stay_finite(validity: float) -> None:
    assert np.isfinite(mentor_margin(20_000, 500, 1_000, 1, validity, 30, 2, 0)).all()


# What is refused

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"places": 61}, "places", "be at most applicants (60)"),
    ({"mentors": 12}, "mentors", "be at most places (11)"),
    ({"applicants": 0}, "applicants", "be a whole number from 1 to 20,000"),
    ({"applicants": 60.5}, "applicants", "be a whole number from 1 to 20,000"),
    ({"applicants": 20_001}, "applicants", "be a whole number from 1 to 20,000"),
    ({"mentors": 0}, "mentors", "be a whole number from 1 to 500"),
    ({"mentors": 1.5}, "mentors", "be a whole number from 1 to 500"),
    ({"mentors": 501}, "mentors", "be a whole number from 1 to 500"),
    ({"places": 0}, "places", "be a whole number from 1 to 1,000"),
    ({"places": 10.5}, "places", "be a whole number from 1 to 1,000"),
    ({"places": 1001}, "places", "be a whole number from 1 to 1,000"),
    ({"shared_criteria": -0.01}, "shared_criteria", "be a share from 0 to 1 (0% to 100%)"),
    ({"shared_criteria": 1.01}, "shared_criteria", "be a share from 0 to 1 (0% to 100%)"),
    ({"validity": -0.01}, "validity", "be a share from 0 to 1 (0% to 100%)"),
    ({"validity": 1.01}, "validity", "be a share from 0 to 1 (0% to 100%)"),
    ({"sigma": -1}, "sigma", "be a number from 0 to 30"),
    ({"sigma": 31}, "sigma", "be a number from 0 to 30"),
    ({"replicates": 1}, "replicates", "be a whole number from 2 to 10,000"),
    ({"replicates": 99.5}, "replicates", "be a whole number from 2 to 10,000"),
    ({"replicates": 10_001}, "replicates", "be a whole number from 2 to 10,000"),
    ({"seed": 1.5}, "seed", "be a whole number from 0 to 2^53"),
    ({"seed": -1}, "seed", "be a whole number from 0 to 2^53"),
    ({"seed": 2**60}, "seed", "be a whole number from 0 to 2^53"),
    ({"seed": "1"}, "seed", "be a whole number from 0 to 2^53"),
    ({"seed": None}, "seed", "be a whole number from 0 to 2^53"),
    ({"seed": True}, "seed", "be a whole number from 0 to 2^53"),
    ({"applicants": None}, "applicants", "be a whole number from 1 to 20,000"),
    ({"validity": math.nan}, "validity", "be a share from 0 to 1 (0% to 100%)"),
]


@pytest.mark.parametrize(("change", "argument", "rule"), BAD)
@pytest.mark.parametrize("map_", [False, True], ids=["margin", "map"])
def test_what_is_refused_at_once(
    change: dict[str, Any], argument: str, rule: str, map_: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the simulation started")

    monkeypatch.setattr(mentors, "simulated", never)
    call: Callable[..., Any] = margin_map if map_ else mentor_margin
    arguments = GOOD | change | ({"alternative": "place"} if map_ else {})
    with pytest.raises(InputError) as caught:
        call(**arguments)
    assert (caught.value.argument, caught.value.rule) == (argument, rule)
    assert caught.value.received == change[argument] or math.isnan(change[argument])


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"alternative": "one"}, "alternative"),
        ({"sigma": [1, 2]}, "sigma"),
        ({"validity": []}, "validity"),
        ({"validity": [[0.1, 0.2], [0.3, 0.4]]}, "validity"),
        ({"validity": [0.1] * 51, "shared_criteria": [0.1] * 50}, "validity"),
        (
            {"applicants": 1_000, "mentors": 500, "places": 999, "replicates": 10_000}
            | {"validity": np.linspace(0.1, 0.9, 20), "shared_criteria": np.linspace(0.1, 0.9, 20)},
            "validity",
        ),
    ],
)
def test_what_the_map_refuses(change: dict[str, Any], argument: str) -> None:
    with pytest.raises(InputError) as caught:
        margin_map(**(GOOD | {"alternative": "place"} | change))
    assert caught.value.argument == argument
