"""Argument checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pycore import checks
from pycore.checks import Domain, answer, check_at_most, checked, one_of, refuse, text_answer
from pycore.errors import InputError

SHARE = Domain(0, 1)
TENS = Domain(10, 20, whole=True)
ANY = Domain(-1e300, 1e300)

SHARED = {name: value for name, value in vars(checks).items() if isinstance(value, Domain)}


# Domains


@given(hnp.arrays(float, hnp.array_shapes(min_dims=0), elements=st.floats(0, 1)))
def test_what_is_allowed_comes_back_as_it_is(values: Any) -> None:
    checked_values = SHARE.check("share", values)
    assert checked_values.dtype == np.float64
    assert checked_values.shape == values.shape
    assert np.array_equal(checked_values, values)


@given(st.floats())
def test_exactly_the_numbers_between_the_ends_are_allowed(value: float) -> None:
    if 0 <= value <= 1:
        assert float(SHARE.check("share", value)) == value
    else:
        with pytest.raises(InputError, match=r"^share must be a number from 0 to 1, but is "):
            SHARE.check("share", value)


@given(st.floats(0, 30))
def test_whole_means_no_fraction(value: float) -> None:
    if 10 <= value <= 20 and value.is_integer():
        assert float(TENS.check("n", value)) == value
    else:
        with pytest.raises(InputError, match=r"^n must be a whole number from 10 to 20"):
            TENS.check("n", value)


def test_both_ends_are_included() -> None:
    for end in (0, 1, 0.0, 1.0, -0.0):
        assert float(SHARE.check("share", end)) == end
    for outside in (math.nextafter(0, -1), math.nextafter(1, 2)):
        with pytest.raises(InputError):
            SHARE.check("share", outside)


@pytest.mark.parametrize(
    ("domain", "rule"),
    [
        (Domain(0, 1), "be a number from 0 to 1"),
        (Domain(1, 1_000_000, whole=True), "be a whole number from 1 to 1,000,000"),
        (Domain(-0.5, 2.25), "be a number from -0.5 to 2.25"),
        (Domain(0, 1, words="a share"), "be a share"),
    ],
)
def test_the_rule_in_words(domain: Domain, rule: str) -> None:
    assert domain.rule == rule


@pytest.mark.parametrize("name", SHARED)
def test_the_shared_domains_hold_their_own_ends(name: str) -> None:
    domain = SHARED[name]
    assert domain.minimum < domain.maximum
    assert float(domain.check("x", domain.minimum)) == domain.minimum
    assert float(domain.check("x", domain.maximum)) == domain.maximum
    for outside in (
        math.nextafter(domain.minimum, -math.inf),
        math.nextafter(domain.maximum, math.inf),
    ):
        with pytest.raises(InputError):
            domain.check("x", outside)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (5, ()),
        (5.0, ()),
        (np.float32(5), ()),
        (np.int8(5), ()),
        (np.array(5), ()),
        (np.array(5, dtype=object), ()),
        ([], (0,)),
        ([5], (1,)),
        ((1, 2.5), (2,)),
        (range(3), (3,)),
        ([[1, 2], [3, 4]], (2, 2)),
        ([np.array([1, 2]), [3, 4]], (2, 2)),
        (np.arange(6, dtype=np.uint8).reshape(1, 6), (1, 6)),
        (np.array([[1, 2.5]], dtype=object), (1, 2)),
    ],
)
def test_numbers_in_any_form_become_floats(value: Any, shape: tuple[int, ...]) -> None:
    array = ANY.check("x", value)
    assert type(array) is np.ndarray
    assert array.dtype == np.float64
    assert array.shape == shape


@pytest.mark.parametrize(
    "value",
    [10**400, 10**5000, [1, 10**400], [1, 10**5000]],
    ids=["long", "past printing", "long in a list", "past printing in a list"],
)
def test_whole_numbers_past_any_float_are_refused(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        ANY.check("x", value)
    assert str(caught.value).startswith("x must be a number from ")


@pytest.mark.parametrize(
    "value",
    [
        [[1, 2], [3]],
        [1, [2, 3]],
        [[1, 2], [[3, 4], 5]],
        [np.ones(2), np.ones(3)],
        [np.ones((2, 2)), np.ones((2, 3))],
        [np.ones((2, 2)), [[1, 2, 3], [4, 5, 6]]],
    ],
)
def test_uneven_tables_are_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"^x must be a"):
        ANY.check("x", value)


def test_the_largest_whole_numbers_round_as_floats_do() -> None:
    assert float(ANY.check("x", 2**53 + 1)) == float(2**53 + 1)
    assert float(ANY.check("x", np.uint64(2**64 - 1))) == 2.0**64


@pytest.mark.parametrize("value", [np.longdouble("1e4000"), np.array([np.longdouble("1e4000")])])
def test_what_no_float_holds_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match=r"^x must"):
        ANY.check("x", value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "x must be a number from 0 to 1, but is blank"),
        (True, "x must be a number from 0 to 1, but is TRUE"),
        ("1", "x must be a number from 0 to 1, but is '1'"),
        ([0.5, None], "x must be a number from 0 to 1, but is blank"),
        (2, "x must be a number from 0 to 1, but is 2"),
        ([2], "x must be a number from 0 to 1, but is 2"),
        ([0, 1, 2, 3], "x (item 3 of 4) must be a number from 0 to 1, but is 2"),
        ([[0, 1], [2, 3]], "x (item 3 of 4) must be a number from 0 to 1, but is 2"),
        ([0, math.nan], "x (item 2 of 2) must be a number from 0 to 1, but is nan"),
        ([[1, 2], [3]], "x must be a table with rows of one length, but is [[1, 2], [3]]"),
    ],
)
def test_messages(value: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        SHARE.check("x", value)
    assert str(caught.value) == message


# Several arguments at once


def test_checked_gives_each_its_own_shape() -> None:
    one, row, column = checked(a=(1, ANY), b=([1, 2, 3], ANY), c=([[1], [2]], ANY))
    assert (one.shape, row.shape, column.shape) == ((), (3,), (2, 1))


def test_checked_refuses_the_first_that_does_not_fit() -> None:
    with pytest.raises(InputError) as caught:
        checked(a=(1, ANY), b=([1, 2, 3], ANY), c=([1, 2], ANY), d=([1], ANY))
    assert str(caught.value) == ("c must have one value or a shape that fits 3, but is 2")
    with pytest.raises(InputError, match=r"^b must .* fits 2 x 3, but is 2 x 2$"):
        checked(a=(np.ones((2, 3)), ANY), b=(np.ones((2, 2)), ANY))


def test_checked_refuses_values_before_shapes() -> None:
    with pytest.raises(InputError, match=r"^a must be a number from 0 to 1, but is 5"):
        checked(a=(5, SHARE), b=([0, 1], SHARE), c=([0, 1, 1], SHARE))


def test_refuse_finds_the_place_in_the_broadcast_shape() -> None:
    bad = np.array([[False, False], [False, True]])
    with pytest.raises(InputError) as caught:
        refuse("x", "be small", np.array([[1.0], [9.0]]), bad)
    assert str(caught.value) == "x (item 4 of 4) must be small, but is 9"


@given(
    hnp.arrays(float, 4, elements=st.floats(-10, 10)),
    hnp.arrays(float, 4, elements=st.floats(-10, 10)),
)
def test_at_most_means_in_every_place(low: Any, high: Any) -> None:
    bad = [place for place, (a, b) in enumerate(zip(low, high, strict=True)) if a > b]
    if not bad:
        check_at_most("low", low, "high", high)
        return
    with pytest.raises(InputError) as caught:
        check_at_most("low", low, "high", high)
    assert caught.value.argument == f"low (item {bad[0] + 1} of 4)"
    assert caught.value.received == low[bad[0]]


def test_at_most_names_the_limit_that_is_broken() -> None:
    with pytest.raises(InputError) as caught:
        check_at_most("low", np.array(5.0), "high", np.array([6.0, 4.5]))
    assert str(caught.value) == "low (item 2 of 2) must be at most high (4.5), but is 5"


# Words


@pytest.mark.parametrize("word", ["Retrain", "retrain", "RETRAIN", "  reTrain\t"])
def test_one_of_gives_the_word_as_it_is_declared(word: str) -> None:
    assert one_of("scope", word, ["recruit", "Retrain"]) == "Retrain"


@pytest.mark.parametrize("word", ["", "retrains", None, 1, True, ["retrain"], b"retrain"])
def test_one_of_refuses_any_other(word: Any) -> None:
    with pytest.raises(InputError) as caught:
        one_of("scope", word, ["recruit", "retrain"])
    assert str(caught.value).startswith("scope must be one of: recruit, retrain, but is ")


@given(st.sampled_from(["a", "B b", "straße"]), st.sampled_from([str.upper, str.lower, str.title]))
def test_one_of_in_any_case(word: str, change: Any) -> None:
    allowed: Sequence[str] = ("a", "B b", "straße")
    assert one_of("x", change(word), allowed) == word


# Answers


def test_an_answer_is_plain_where_it_is_one_number() -> None:
    assert type(answer(np.array(2.5))) is float
    assert type(answer(np.float64(2.5))) is float  # type: ignore[arg-type]
    several = answer(np.array([2.5]))
    assert isinstance(several, np.ndarray)
    assert several.shape == (1,)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_an_answer_is_never_what_a_cell_cannot_hold(bad: float) -> None:
    for values in (np.array(bad), np.array([1.0, bad])):
        with pytest.raises(InputError, match=r"^the result must be a finite number"):
            answer(values)


def test_text_answers() -> None:
    assert text_answer("4x") == "4x"
    several = text_answer(np.array(["4x", "10-11x"], dtype=object))
    assert isinstance(several, np.ndarray)
    assert several.dtype.kind == "U"
    assert several.tolist() == ["4x", "10-11x"]
