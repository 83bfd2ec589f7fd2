"""Exchange rates, against the published figures and exact arithmetic."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pycore.errors import InputError
from pycore.exchange import (
    consistent_rates,
    experience_adjusted,
    good_value,
    money_per_researcher,
    survey_summary,
    versus_median,
)

amounts = st.floats(1e-9, 1e15)

PINNED = [96.0, 8192.0]
"""The interval of the answers 1, 2, 4 ... 2^19 with the seed 7."""


def test_a_million_worth_eight_researchers() -> None:
    assert money_per_researcher(1_000_000, 8) == 125_000


def test_a_smaller_grant_at_the_rounded_figure() -> None:
    assert money_per_researcher(800_000, 8) == 100_000


@given(amounts, amounts)
def test_exact_arithmetic_agrees(grant: float, researchers: float) -> None:
    exact = Fraction(grant) / Fraction(researchers)
    assert money_per_researcher(grant, researchers) == float(exact)


@given(st.floats(1, 1e9), st.floats(0.01, 1e4))
def test_grants_of_one_rate_buy_in_proportion(grant: float, researchers: float) -> None:
    rate = money_per_researcher(grant, researchers)
    assert money_per_researcher(2 * grant, 2 * researchers) == rate
    assert money_per_researcher(2 * grant, researchers) == 2 * rate


# The survey


def test_a_survey_by_hand() -> None:
    block = survey_summary([[8, None, 5], [2, "", ""], [4, None, None], [None, None, None]])
    assert block.shape == (3, 7)
    assert block[0, :4].tolist() == [3, 4, 3, 6]
    assert block[0, 4] == pytest.approx(4, rel=1e-14)
    assert block[0, 5:].tolist() == [2, 8]
    assert block[1].tolist() == [0, *["not entered"] * 6]
    assert block[2].tolist() == [1, 5, 5, 5, pytest.approx(5), *["too few answers"] * 2]
    assert {type(cell) for cell in block.ravel()} == {int, float, str}


def test_a_survey_without_any_answers_keeps_its_shape() -> None:
    block = survey_summary([[None, None], [None, ""]])
    assert block.tolist() == [[0, *["not entered"] * 6]] * 2


answers = st.lists(st.floats(1e-3, 1e4), min_size=1, max_size=30)


@given(answers)
def test_the_summary_is_numpys(values: list[float]) -> None:
    row = survey_summary([[value] for value in values])[0]
    assert row[0] == len(values)
    expected = [*np.percentile(values, [50, 25, 75]), math.exp(np.log(values).mean())]
    assert row[1:5].tolist() == pytest.approx(expected, rel=1e-12)


@given(answers.filter(lambda values: len(values) > 1), st.integers(0, 2**53), st.randoms())
def test_the_interval_lies_among_the_answers_and_hangs_on_nothing_else(
    values: list[float], seed: int, random: Any
) -> None:
    row = survey_summary([[value] for value in values], seed)[0]
    assert min(values) <= row[5] <= row[6] <= max(values)
    mixed = [[value, None] for value in values] + [[None, 3.0]]
    random.shuffle(mixed)
    assert survey_summary(mixed, seed)[0].tolist() == row.tolist()
    doubled = survey_summary([[2 * value] for value in values], seed)[0]
    assert doubled[5:].tolist() == [2 * row[5], 2 * row[6]]


def exact_interval(size: int) -> tuple[int, int]:
    """Of an odd number of answers, the places of the 5th and 95th percentile of the median.

    The median of a sample is at or below place k where more than half of it is, each with the
    chance k/size.
    """
    half = (size + 1) // 2

    def below(place: int) -> float:
        share = place / size
        return sum(
            math.comb(size, n) * share**n * (1 - share) ** (size - n) for n in range(half, size + 1)
        )

    places = range(1, size + 1)
    low = next(place for place in places if below(place) >= 0.05)
    return low, next(place for place in places if below(place) >= 0.95)


@pytest.mark.parametrize("size", [5, 21, 51, 101])
def test_the_interval_is_near_the_exact_bootstrap(size: int) -> None:
    low, high = exact_interval(size)
    for seed in range(5):
        row = survey_summary([[float(place)] for place in range(1, size + 1)], seed)[0]
        assert abs(row[5] - low) <= 1 + size / 50
        assert abs(row[6] - high) <= 1 + size / 50


def test_the_interval_is_the_same_on_every_host() -> None:
    row = survey_summary([[float(2**place)] for place in range(20)], 7)[0]
    assert row[5:].tolist() == PINNED
    assert survey_summary([[float(2**place)] for place in range(20)], 8)[0][5:].tolist() != PINNED


BAD_ANSWERS = [0, -1, "8", "eight", True, math.nan, math.inf]


@pytest.mark.parametrize("bad", BAD_ANSWERS)
def test_a_bad_answer_spoils_only_its_own_good(bad: Any) -> None:
    block = survey_summary([[1, 2, 5], [None, None, None], [3, bad, None]])
    assert block[1].tolist() == ["#VALUE!"] * 7
    sound = survey_summary([[1, 5], [None, None], [3, None]])
    assert block[[0, 2]].tolist() == sound.tolist()


@pytest.mark.parametrize("bad", BAD_ANSWERS)
def test_where_no_good_can_be_read_the_first_bad_answer_is_named(bad: Any) -> None:
    with pytest.raises(
        InputError, match=r"^responses \(row 3, column 1\) must be a number above 0"
    ):
        survey_summary([[1, bad], [None, None], [bad, 2]])


@pytest.mark.parametrize("table", [[], [[]], [[1, 2], [3]], "8", 8, None, [1, 2]])
def test_what_is_no_table_of_responses_is_refused(table: Any) -> None:
    with pytest.raises(InputError, match=r"^responses must "):
        survey_summary(table)


def test_arrays_serve_as_tables() -> None:
    table = np.array([[8, 1], [2, 2], [4, 4]], dtype=float)
    assert survey_summary(table).tolist() == survey_summary(table.tolist()).tolist()  # type: ignore[arg-type]


def test_a_bad_seed_is_refused() -> None:
    for seed in (-1, 0.5, None, [1, 2]):
        with pytest.raises(InputError, match=r"^seed must"):
            survey_summary([[1], [2]], seed)  # type: ignore[arg-type]


# Goods


def test_goods_by_hand() -> None:
    assert good_value(65, 125_000) == 8_125_000
    assert versus_median(30, 60) == 0.5
    assert versus_median(20, 2) == 10
    assert experience_adjusted(8, 10, 5, 1) == 4
    assert experience_adjusted(8, 10) == 4
    assert experience_adjusted(8, 20, 5, 0.5) == 4
    assert experience_adjusted(8, 20, 5, 0) == 8
    assert experience_adjusted(8, 20, elasticity=-1) == 32


@pytest.mark.parametrize("blank", [None, "", " ", "not entered", "Not entered"])
def test_a_blank_good_is_not_entered_and_not_0(blank: Any) -> None:
    word = "not entered"
    assert good_value(blank, 100_000) == word
    assert versus_median(blank, 2) == versus_median(2, blank) == word
    assert experience_adjusted(blank, 5, 5, 1) == experience_adjusted(2, blank, 5, 1) == word
    table = good_value(np.array([[2], [blank], [3]], dtype=object), 100)
    assert isinstance(table, np.ndarray)
    assert table.tolist() == [[200.0], [word], [300.0]]
    crossed = versus_median([2, blank], [[1], [blank]])
    assert isinstance(crossed, np.ndarray)
    assert crossed.tolist() == [[2.0, word], [word, word]]


def test_without_blanks_the_answers_are_plain_numbers() -> None:
    table = versus_median(np.array([[2.0], [3.0]], dtype=object), 2)
    assert isinstance(table, np.ndarray)
    assert table.dtype == np.float64


def test_the_summary_feeds_the_goods() -> None:
    medians = survey_summary([[8, None], [4, None]])[:, 1]
    values = good_value(medians, 1000)
    assert isinstance(values, np.ndarray)
    assert values.tolist() == [6000.0, "not entered"]


@given(st.floats(0.01, 1e3), st.floats(0.5, 40), st.floats(0.5, 40), st.floats(-3, 3))
def test_adjusting_to_its_own_experience_changes_nothing(
    rate: float, years: float, reference: float, elasticity: float
) -> None:
    assert experience_adjusted(rate, years, years, elasticity) == rate
    there = float(experience_adjusted(rate, years, reference, elasticity))
    back = experience_adjusted(there, reference, years, elasticity)
    assert back == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "row", "argument"),
    [
        (good_value, (0, 1), "rate"),
        (good_value, ("enter yours", 1), "rate"),
        (good_value, (1, None), "usd_per_researcher"),
        (good_value, ([1, 2], [1, 2, 3]), "usd_per_researcher"),
        (versus_median, (-1, 1), "own"),
        (versus_median, (1, 0), "median"),
        (experience_adjusted, (1, 0, 5, 1), "years"),
        (experience_adjusted, (1, 5, None, 1), "reference_years"),
        (experience_adjusted, (1, 5, 5, None), "elasticity"),
        (experience_adjusted, (True, 5, 5, 1), "rate"),
    ],
)
def test_bad_arguments_are_refused_by_name(call: Any, row: tuple[Any, ...], argument: str) -> None:
    with pytest.raises(InputError, match=f"^{argument} must .*, but is "):
        call(*row)


def test_the_place_of_a_bad_rate_among_blanks_is_told() -> None:
    with pytest.raises(InputError, match=r"^rate \(item 3 of 3\) must"):
        good_value(np.array([None, 2, -1], dtype=object), 100)


# Pairwise comparisons


def rates_of(table: Any) -> tuple[list[float], float]:
    *rates, inconsistency, _ = consistent_rates(table).tolist()
    return rates, inconsistency


def worst_circle(table: Any) -> float:
    return float(consistent_rates(table)[-1])


def test_comparisons_by_hand() -> None:
    # The second is worth 2 of the first, and 4 of the third.
    rates, inconsistency = rates_of([[1, 0.5, None], [None, 1, 4], [None, "", 1]])
    assert rates == pytest.approx([1, 2, 0.5], rel=1e-14)
    assert inconsistency == 0
    # 2, 2 and 8 around: each of the three is off by a factor of 2^(1/3).
    rates, inconsistency = rates_of([[1, 2, 8], [None, 1, 2], [None, None, 1]])
    third = 2 ** (1 / 3)
    assert rates == pytest.approx([1, 1 / (2 * third), 1 / (4 * third**2)], rel=1e-12)
    assert inconsistency == pytest.approx(math.log(2) / 3, rel=1e-12)
    assert rates_of([[1]]) == rates_of([[None]]) == ([1], 0)


sets_of_rates = st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=7)


@given(sets_of_rates, st.data())
def test_consistent_judgements_give_the_exact_rates(
    rates: list[float], data: st.DataObject
) -> None:
    count = len(rates)
    table: list[list[Any]] = [[None] * count for _ in rates]
    for good in range(1, count):  # a tree, which connects all
        other = data.draw(st.integers(0, good - 1))
        pair = (good, other) if data.draw(st.booleans()) else (other, good)
        table[pair[0]][pair[1]] = rates[pair[0]] / rates[pair[1]]
    for row in range(count):
        for column in range(count):
            if data.draw(st.booleans()):
                table[row][column] = rates[row] / rates[column]
    found, inconsistency = rates_of(table)
    assert found == pytest.approx([rate / rates[0] for rate in rates], rel=1e-9)
    assert inconsistency == pytest.approx(0, abs=1e-9)


@given(sets_of_rates, st.integers(0, 2**32 - 1))
def test_inconsistent_judgements_give_numpys_least_squares(rates: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = len(rates)
    table: list[list[Any]] = [[None] * count for _ in rates]
    design, logs = [], []
    for row in range(count):
        for column in range(row):
            if column == row - 1 or rng.random() < 0.5:
                pair = (row, column) if rng.random() < 0.5 else (column, row)
                log = math.log(rates[pair[0]] / rates[pair[1]]) + rng.normal()
                pairs = [(pair, log)]
                if rng.random() < 0.3:  # judged the other way too, nearly the same
                    pairs.append((pair[::-1], -log + rng.uniform(-0.2, 0.2)))
                for (one, other), value in pairs:
                    table[one][other] = math.exp(value)
                    line = np.zeros(count)
                    line[one], line[other] = 1, -1
                    design.append(line)
                    logs.append(value)
    matrix, right = np.array(design), np.array(logs)
    solution = np.append(0, np.linalg.lstsq(matrix[:, 1:], right, rcond=None)[0])
    found, inconsistency = rates_of(table)
    assert found == pytest.approx(np.exp(solution), rel=1e-9)
    residuals = matrix @ solution - right
    assert inconsistency == pytest.approx(math.sqrt((residuals**2).mean()), rel=1e-6, abs=1e-9)


def test_a_circle_of_three_that_contradicts_itself_is_told() -> None:
    # 5 of the second times 5 of the third, where the first is worth as much as the third: 25-fold.
    assert worst_circle([[1, 5, 1], [None, 1, 5], [None, None, 1]]) == pytest.approx(25, rel=1e-12)
    assert worst_circle([[1, 5, None], [None, 1, 5], [1, None, 1]]) == pytest.approx(25, rel=1e-12)
    assert worst_circle([[1, 2, 4], [None, 1, 2], [None, None, 1]]) == 1
    assert worst_circle([[1, 2], [0.5, 1]]) == worst_circle([[1]]) == 1
    # A chain has no circle; of both ways, the middle counts.
    assert worst_circle([[1, 5, None], [None, 1, 5], [None, None, 1]]) == 1
    both = [[1, 2, 4], [0.45, 1, 2], [None, None, 1]]
    assert worst_circle(both) == pytest.approx(math.sqrt(0.9) ** -1, rel=1e-12)


@given(st.integers(3, 7), st.integers(0, 2**32 - 1))
def test_the_worst_circle_by_brute_force(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table: list[list[Any]] = [[None] * count for _ in range(count)]
    for row, column in itertools.combinations(range(count), 2):
        if row == 0 or rng.random() < 0.6:
            pair = (row, column) if rng.random() < 0.5 else (column, row)
            table[pair[0]][pair[1]] = math.exp(rng.normal())

    def log(one: int, other: int) -> float:
        there, back = table[one][other], table[other][one]
        return math.log(there) if there else -math.log(back) if back else math.nan

    circles = (
        abs(log(one, two) + log(two, three) + log(three, one))
        for one, two, three in itertools.combinations(range(count), 3)
    )
    worst = max((circle for circle in circles if circle == circle), default=0.0)
    assert worst_circle(table) == pytest.approx(math.exp(worst), rel=1e-9)


def test_goods_that_nothing_connects_are_named() -> None:
    table: Any = [[1, 2, None, None], [None, 1, None, None], [None, None, 1, 3], [None] * 4]
    with pytest.raises(InputError, match=r"^comparisons must connect every good .*: 3, 4$"):
        consistent_rates(table)
    with pytest.raises(InputError, match=r"^comparisons must connect every good"):
        consistent_rates([[None, None], [None, None]])


@pytest.mark.parametrize(("there", "back"), [(4, 4), (4, 0.32), (4, 0.19), (0.5, 0.5)])
def test_a_contradicted_reciprocal_is_refused_with_both_cells(there: float, back: float) -> None:
    table: Any = [[1, None, there], [2, 1, None], [back, None, 1]]
    rule = r"^comparisons \(row 3, column 1\) must be about .*, because row 1, column 3 says"
    with pytest.raises(InputError, match=rule):
        consistent_rates(table)


@pytest.mark.parametrize(("there", "back"), [(4, 0.25), (3, 0.33), (3, 0.3), (6, 0.2), (4, 0.2)])
def test_a_rounded_reciprocal_is_no_contradiction(there: float, back: float) -> None:
    rates, inconsistency = rates_of([[1, there], [back, 1]])
    assert rates[1] == pytest.approx(math.sqrt(back / there), rel=1e-12)
    assert inconsistency == pytest.approx(abs(math.log(there * back)) / 2, abs=1e-9)


@pytest.mark.parametrize("own", [2, 0.99, 0, "one", True])
def test_a_diagonal_other_than_1_is_refused(own: Any) -> None:
    with pytest.raises(InputError, match=r"^comparisons \(row 2, column 2\) must be"):
        consistent_rates([[1, 2], [None, own]])


@pytest.mark.parametrize("bad", [0, -2, "2", True, math.nan])
def test_a_bad_judgement_is_refused_with_its_row_and_column(bad: Any) -> None:
    with pytest.raises(
        InputError, match=r"^comparisons \(row 1, column 2\) must be a number above"
    ):
        consistent_rates([[1, bad], [None, 1]])


@pytest.mark.parametrize("table", [[], [[1, 2]], [[1], [2]], [[1, 2], [1]], "1", 1, None])
def test_what_is_not_square_is_refused(table: Any) -> None:
    with pytest.raises(InputError, match=r"^comparisons must "):
        consistent_rates(table)


def test_rates_beyond_all_numbers_are_refused() -> None:
    count = 40
    chain: list[list[Any]] = [[None] * count for _ in range(count)]
    for good in range(1, count):
        chain[good][good - 1] = 1e15
    with pytest.raises(InputError, match="finite"):
        consistent_rates(chain)
