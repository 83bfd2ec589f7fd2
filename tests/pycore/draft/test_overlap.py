"""Shared criteria from first choices: the draft's own overlap, closed forms, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pycore.draft.mentors import mentor_margin
from pycore.draft.overlap import shared_criteria_from_overlap
from pycore.errors import InputError

SIZES = 300, 20, 24


@pytest.mark.parametrize("shared", [0.2, 0.5, 0.8])
def test_it_is_the_value_at_which_the_draft_shows_that_overlap(shared: float) -> None:
    seen = mentor_margin(*SIZES, shared, 0.9, 1, 400, 1)[8]  # type: ignore[index]
    central, low, high = shared_criteria_from_overlap(seen, *SIZES, 0.9, 400, 1)
    # Where one overlap is shown by several values nearby, it is any of them.
    assert central == pytest.approx(shared, abs=0.01)
    again = mentor_margin(*SIZES, central, 0.9, 1, 400, 1)[8]  # type: ignore[index]
    assert again == pytest.approx(seen, abs=0.003)
    assert 0 <= low < central < high <= 1


def test_two_mentors_of_one_mind_or_of_two() -> None:
    # Two mentors of two applicants: their first choices coincide with the chance
    # 1/2 + asin(a^2)/pi, for the difference of two scores correlates as the scores do.
    seen = 1 / 2 + np.arcsin(0.81 * 0.4) / np.pi
    found = shared_criteria_from_overlap(seen, 2, 2, 2, 0.9, 10_000, 1)
    assert found[0] == pytest.approx(0.4, abs=0.05)
    assert found[1:].tolist() == [0, 1]  # one pair says nothing


def test_more_overlap_means_more_in_common() -> None:
    found = [shared_criteria_from_overlap(x / 20, *SIZES, 1, 100, 1) for x in range(0, 21, 4)]
    assert (np.diff(found, axis=0) >= -0.01).all()
    assert found[0].tolist()[:2] == [0, 0]
    assert found[-1].tolist() == [1, pytest.approx(1, abs=0.2), 1]


def test_equal_seeds_equal_results() -> None:
    one, other = (shared_criteria_from_overlap(0.2, *SIZES, 0.6, 50, 3) for _ in range(2))
    assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("overlap", 1.1),
        ("overlap", None),
        ("applicants", 20_001),
        ("mentors", 1),
        ("mentors", 25),
        ("places", 301),
        ("validity", 0),
        ("replicates", 1),
        ("seed", -1),
        ("seed", [1, 2]),
    ],
)
def test_what_is_refused(argument: str, value: Any) -> None:
    names = ("overlap", "applicants", "mentors", "places", "validity", "replicates", "seed")
    given = dict(zip(names, (0.2, *SIZES, 0.6, 10, 1), strict=True)) | {argument: value}
    with pytest.raises(InputError) as caught:
        shared_criteria_from_overlap(**given)
    assert caught.value.argument.split(" ")[0] == argument


def test_what_would_take_too_long_is_refused() -> None:
    with pytest.raises(InputError, match=r"^replicates must leave less than about 10 minutes"):
        shared_criteria_from_overlap(0.2, 20_000, 500, 1000, 0.9, 10_000, 1)
