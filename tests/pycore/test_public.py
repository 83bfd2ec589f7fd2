"""What holds for every public function, whatever it computes."""

from __future__ import annotations

import doctest
import inspect
import itertools
import math
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import docstring_parser
import numpy as np
import numpy.typing as npt
import pytest

import pycore
from pycore.errors import LONGEST_SHOWN, InputError

Array = npt.NDArray[Any]


class Argument(NamedTuple):
    """Where random values of an argument come from, and the ends of what it may be."""

    low: float
    high: float
    least: float
    most: float
    whole: bool = False

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        if self.whole:
            return rng.integers(int(self.low), int(self.high), size, endpoint=True).astype(float)
        if self.low > 0 and self.high / self.low > 50:
            return np.exp(rng.uniform(math.log(self.low), math.log(self.high), size))
        return rng.uniform(self.low, self.high, size)


AMOUNT = (1e-9, 1e15)
MULTIPLE = (0.0, 1e15)
MONEY = Argument(100, 1e7, *AMOUNT)
COHORT = Argument(20, 300, 1, 1e6, whole=True)
# Never the size of the cohort, and big enough a range for growth of every kind.
GROWN = Argument(301, 600, 1, 1e6, whole=True)
POOL = Argument(1000, 50_000, 1, 1e9)
VALIDITY = Argument(0.05, 1, 0, 1)
SHARE = Argument(0, 1, 0, 1)
HALF = Argument(0, 0.5, 0, 1)
SIGMA = Argument(0.1, 3, 0, 30)
PEOPLE = Argument(1, 5000, 0, 1e12)
FIELD = Argument(100, 1e5, *AMOUNT)
FIELD_OR_NONE = Argument(100, 1e5, 0, 1e12)
OFFSET = Argument(0.5, 1000, *AMOUNT)
SPILLOVER = Argument(-2, 2, -1000, 1000)
YEARLY_GROWTH = Argument(-0.5, 2, -0.9, 10)
LOAD = Argument(0.1, 10, *AMOUNT)
RATE = Argument(0.01, 1000, *AMOUNT)
EXPERIENCE = Argument(0.5, 40, 1e-3, 1000)

# Any value of one argument goes with any value of the others, so that rows can be crossed.
TABLE: dict[str, dict[str, Argument]] = {
    "cost_multiple": {"value": Argument(100, 1e7, *MULTIPLE), "cost": MONEY},
    "net_value": {"value": Argument(100, 1e7, *MULTIPLE), "cost": MONEY},
    "cost_multiple_range": {
        "value": MONEY,
        "cost_low": Argument(100, 1e4, *AMOUNT),
        "cost_high": Argument(1e4, 1e6, *AMOUNT),
    },
    "implied_cost": {"value": MONEY, "multiple": Argument(0.1, 50, *AMOUNT)},
    "quote": {"low": Argument(0, 20, *MULTIPLE), "high": Argument(20, 90, *MULTIPLE)},
    "restated_quote": {
        "low": Argument(0.5, 20, *AMOUNT),
        "high": Argument(20, 90, *AMOUNT),
        "factor": Argument(0, 1.5, *MULTIPLE),
    },
    "discounted_quote": {
        "low": Argument(0.5, 20, *AMOUNT),
        "high": Argument(20, 90, *AMOUNT),
        "factor": Argument(0, 1.5, *MULTIPLE),
        "threshold": Argument(0.5, 1, 1e-9, 1),
    },
    "discounted_quote_range": {
        "low": Argument(0.5, 20, *AMOUNT),
        "high": Argument(20, 90, *AMOUNT),
        "factor": Argument(0, 1.5, *MULTIPLE),
        "standard_error": Argument(0, 0.5, *MULTIPLE),
        "threshold": Argument(0.5, 1, 1e-9, 1),
    },
    "restatement_threshold": {
        "low": Argument(0.5, 20, *AMOUNT),
        "high": Argument(20, 90, *AMOUNT),
    },
    "admission_rate": {"applicants": POOL, "admitted": COHORT},
    "breakeven_elasticity": {
        "applicants": POOL,
        "admitted": COHORT,
        "grown": GROWN,
        "validity": Argument(0.05, 1, 1e-9, 1),
        "sigma": Argument(0.1, 3, 1e-9, 30),
    },
    "grown_cohort": {"admitted": COHORT, "growth": Argument(0.5, 20, 0.01, 1000)},
    "grown_pool": {
        "applicants": POOL,
        "admitted": COHORT,
        "grown": GROWN,
        "elasticity": Argument(-2, 2, -10, 10),
    },
    "impact_sigma": {
        "orders_of_magnitude": Argument(0.5, 8, 1e-6, 20),
        "coverage": Argument(0.5, 0.999, 0.01, 0.999999),
    },
    "marginal_ratio": {
        "applicants": POOL,
        "admitted": COHORT,
        "validity": VALIDITY,
        "sigma": SIGMA,
    },
    "marginal_value": {"value": MONEY, "ratio": Argument(0, 2, *MULTIPLE)},
    "mean_to_median": {"sigma": SIGMA},
    "scholars_per_mentor": {"admitted": COHORT, "mentors": Argument(1, 60, 1, 1e6, whole=True)},
    "skill_density": {
        "applicants": POOL,
        "admitted": COHORT,
        "validity": VALIDITY,
        "sigma": SIGMA,
    },
    "tail_share": {"top": Argument(0.001, 0.999, 1e-12, 1 - 1e-12), "sigma": SIGMA},
    "validity_at_ratio": {
        "applicants": POOL,
        "admitted": Argument(20, 300, 2, 1e6, whole=True),
        "ratio": Argument(0.1, 1, 1e-9, 1),
        "sigma": Argument(0.1, 3, 1e-9, 30),
    },
    "breakeven_backfire": {
        "added_safety": PEOPLE,
        "added_capabilities": PEOPLE,
        "offset": OFFSET,
        "pivot": SHARE,
        "spillover": SPILLOVER,
    },
    "breakeven_capabilities_share": {"safety": FIELD, "capabilities": FIELD_OR_NONE},
    "combined_share": {"first": HALF, "second": HALF},
    "neglectedness_offset": {"safety": FIELD, "capabilities": FIELD_OR_NONE},
    "net_safety": {
        "added_safety": PEOPLE,
        "added_capabilities": PEOPLE,
        "offset": OFFSET,
        "backfire": SHARE,
        "pivot": SHARE,
        "spillover": SPILLOVER,
    },
    "neutral_margin": {"safety_per_capabilities": Argument(0.1, 100, *AMOUNT), "offset": OFFSET},
    "per_hundred": {
        "capabilities_share": SHARE,
        "safety_share": Argument(0.01, 1, 1e-9, 1),
    },
    "ratio_shift": {
        "safety": FIELD,
        "capabilities": FIELD,
        "added_safety": PEOPLE,
        "added_capabilities": PEOPLE,
    },
    "ratio_text": {"ratio": Argument(0.01, 100, *MULTIPLE)},
    "researchers_per_safety": {"safety": FIELD, "capabilities": FIELD_OR_NONE},
    "safe_load": {
        "verification_sd": Argument(0.05, 2, 0, 10),
        "sd_growth": Argument(-0.3, 0.5, -0.9, 10),
        "years": Argument(0, 12, 0, 100, whole=True),
        "confidence": Argument(0.01, 0.99, 1e-12, 1 - 1e-12),
    },
    "staying_chance": {
        "impact": MONEY,
        "robustness": MONEY,
        "impact_growth": Argument(-0.5, 2, -0.9, 10),
        "robustness_growth": Argument(-0.5, 2, -0.9, 10),
        "years": Argument(0, 12, 0, 100, whole=True),
        "verification_sd": Argument(0.05, 2, 0, 10),
        "sd_growth": Argument(-0.3, 0.5, -0.9, 10),
    },
    "money_per_researcher": {"grant": MONEY, "researchers": Argument(0.1, 100, *AMOUNT)},
    "good_value": {"rate": RATE, "usd_per_researcher": MONEY},
    "versus_median": {"own": RATE, "median": RATE},
    "experience_adjusted": {
        "rate": RATE,
        "years": EXPERIENCE,
        "reference_years": EXPERIENCE,
        "elasticity": Argument(-3, 3, -10, 10),
    },
    "manager_worth": {
        "span_low": Argument(1, 5, *AMOUNT),
        "span_high": Argument(5, 10, *AMOUNT),
        "output_share": SHARE,
        "hire_chance": SHARE,
    },
    "team_needs": {
        "teams": Argument(1, 100, 1e-9, 1e9),
        "amplifiers_low": Argument(0, 2, 0, 1e12),
        "amplifiers_high": Argument(2, 5, 0, 1e12),
        "iterators_low": Argument(0, 5, 0, 1e12),
        "iterators_high": Argument(5, 10, 0, 1e12),
        "internal_share": SHARE,
    },
    "years_of_need": {
        "current": FIELD,
        "need": FIELD_OR_NONE,
        "growth": Argument(0.01, 2, 1e-9, 1000),
    },
    "effective_types": {"iterators": PEOPLE, "amplifiers": PEOPLE, "connectors": PEOPLE},
    "team_output": {
        "iterators": PEOPLE,
        "amplifiers": PEOPLE,
        "connectors": PEOPLE,
        "span": Argument(0.5, 20, *AMOUNT),
        "unmanaged": SHARE,
        "returns": Argument(0.1, 1.5, 0.01, 2),
        "diversity": Argument(0.5, 5, 0.01, 1000),
    },
}

MAY_BE_BLANK = {  # these then say "not entered", which is tested in test_exchange.py
    ("good_value", "rate"),
    ("versus_median", "own"),
    ("versus_median", "median"),
    ("experience_adjusted", "rate"),
    ("experience_adjusted", "years"),
}

TAKES_A_LIST = {"scoped_cost", "margin_map"}  # tested in test_cost.py and test_mentors.py
TAKES_WORDS = {"range_echo", "range_warning"}  # tested in test_distributions.py
GIVES_WORDS = {"absorption", "exit_year"}  # beside numbers: in test_portfolio.py, test_window.py
GIVES_A_TABLE = {"window_path"}  # tested in test_window.py
TAKES_TYPES = {  # on their last axis: tested in test_portfolio.py
    "breakeven_diversity",
    "gap_plan",
    "revised_shares",
    "target_shares",
}
TAKES_TABLES = {  # tested in test_uncertainty.py, test_exchange.py, test_stamp.py, test_opinions.py
    "break_even",
    "compare_scenarios",
    "computed_from",
    "consistent_rates",
    "information_value",
    "outcome_curves",
    "pooled_opinions",
    "pooled_percentiles",
    "provenance_debt",
    "simulate",
    "survey_summary",
    "tornado",
}
SIMULATES = {"mentor_margin"}  # at the ends of its arguments it takes hours: in test_mentors.py
PARTS = {
    "cost_multiple_range": 2,
    "discounted_quote_range": 2,
    "ratio_shift": 3,
    "manager_worth": 2,
    "team_needs": 4,
}
TEXTS = {"quote", "restated_quote", "discounted_quote", "discounted_quote_range", "ratio_text"}

every_function = pytest.mark.parametrize("name", TABLE)
every_argument = pytest.mark.parametrize(
    ("name", "argument"), [(name, argument) for name, row in TABLE.items() for argument in row]
)


def rows_of(name: str, size: int, seed: int = 20240607) -> list[Array]:
    rng = np.random.default_rng(seed)
    return [argument.draw(rng, size) for argument in TABLE[name].values()]


def one_row(name: str) -> dict[str, float]:
    """One valid value for each argument, by name."""
    return {key: float(a[0]) for key, a in zip(TABLE[name], rows_of(name, 1), strict=True)}


def function(name: str) -> Callable[..., Any]:
    return pycore.FUNCTIONS[name]


def scalar_answers(name: str, rows: list[Array]) -> Array:
    """The answers of one call for each row, stacked."""
    call = function(name)
    return np.array([call(*map(float, row)) for row in zip(*rows, strict=True)])


def assert_identical(answer: Any, expected: Any) -> None:
    assert np.shape(answer) == np.shape(expected)
    assert np.array_equal(answer, expected)


def test_the_table_covers_every_public_function() -> None:
    elsewhere = TAKES_A_LIST | TAKES_WORDS | TAKES_TABLES | TAKES_TYPES | SIMULATES
    elsewhere |= GIVES_WORDS | GIVES_A_TABLE | {"sentence"}
    assert set(TABLE) | elsewhere == set(pycore.FUNCTIONS)
    assert not set(TABLE) & elsewhere


@every_function
def test_the_table_follows_the_signature(name: str) -> None:
    assert list(TABLE[name]) == list(inspect.signature(function(name)).parameters)


def test_every_function_belongs_to_one_topic() -> None:
    names = [name for topic in pycore.TOPICS for name in topic.__all__]
    assert len(names) == len(set(names)) == len(pycore.FUNCTIONS)
    for topic in pycore.TOPICS:
        assert list(topic.__all__) == sorted(topic.__all__)
        assert all(getattr(topic, name).__module__ == topic.__name__ for name in topic.__all__)


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        pycore.FUNCTIONS["another"] = abs  # type: ignore[index]


# Shapes and types


@every_function
def test_scalars_give_a_plain_answer(name: str) -> None:
    answer = function(name)(**one_row(name))
    if name in PARTS:
        assert isinstance(answer, np.ndarray)
        assert answer.shape == (PARTS[name],)
        assert answer.dtype.kind == ("U" if name in TEXTS else "f")
        assert name in TEXTS or answer.dtype == np.float64
    else:
        assert type(answer) is (str if name in TEXTS else float)


@every_function
def test_arrays_give_an_array(name: str) -> None:
    answer = function(name)(*rows_of(name, 4))
    assert type(answer) is np.ndarray
    assert answer.shape == ((4, PARTS[name]) if name in PARTS else (4,))
    assert answer.dtype.kind == ("U" if name in TEXTS else "f")


@every_function
def test_an_array_call_is_the_scalar_calls_to_the_last_digit(name: str) -> None:
    rows = rows_of(name, 300)
    assert_identical(function(name)(*rows), scalar_answers(name, rows))


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "backwards": lambda row: row[::-1].copy()[::-1],
    "every third": lambda row: np.repeat(row, 3)[::3],
    "a column of a table": lambda row: np.stack([row, row], axis=1)[:, 1],
    "in Fortran's order": lambda row: np.asfortranarray(row.reshape(6, 10)),
    "big-endian": lambda row: row.astype(">f8"),
}


@every_function
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_the_digits_do_not_depend_on_the_layout_in_memory(
    name: str, layout: Callable[[Array], Array]
) -> None:
    rows = rows_of(name, 60)
    whole = function(name)(*rows)
    answer = function(name)(*[layout(row) for row in rows])
    assert_identical(answer.reshape(whole.shape), whole)


@every_function
def test_a_row_gives_the_same_digits_in_any_company(name: str) -> None:
    rows = rows_of(name, 60)
    whole = function(name)(*rows)
    for part in (slice(7, 12), slice(1, 60), slice(59, 60)):
        assert_identical(function(name)(*[row[part].copy() for row in rows]), whole[part])
    order = np.random.default_rng(4).permutation(60)
    assert_identical(function(name)(*[row[order] for row in rows]), whole[order])


@every_function
def test_a_column_crosses_with_a_row(name: str) -> None:
    first, *others = rows_of(name, 5)
    crossed = function(name)(first[:, None], *[other[:3] for other in others])
    if not others:
        assert_identical(crossed[:, 0], function(name)(first))
        return
    for place, value in enumerate(first):
        for column in range(3):
            expected = function(name)(float(value), *[float(other[column]) for other in others])
            assert_identical(crossed[place, column], expected)


@every_argument
def test_one_array_among_scalars(name: str, argument: str) -> None:
    row = one_row(name)
    column = dict(zip(TABLE[name], rows_of(name, 7, seed=3), strict=True))[argument]
    answer = function(name)(**(row | {argument: column}))
    expected = np.array([function(name)(**(row | {argument: float(v)})) for v in column])
    assert_identical(answer, expected)


@every_function
def test_lists_and_tuples_serve_as_arrays(name: str) -> None:
    rows = rows_of(name, 4)
    expected = function(name)(*rows)
    assert_identical(function(name)(*[row.tolist() for row in rows]), expected)
    assert_identical(function(name)(*[tuple(row.tolist()) for row in rows]), expected)
    nested = function(name)(*[[row.tolist()] for row in rows])
    assert_identical(nested, expected[None])


@every_function
def test_no_rows_give_no_answers(name: str) -> None:
    answer = function(name)(*[np.empty(0) for _ in TABLE[name]])
    assert answer.shape == ((0, PARTS[name]) if name in PARTS else (0,))


@every_function
def test_inputs_may_be_read_only_and_stay_as_they_are(name: str) -> None:
    rows = rows_of(name, 50)
    copies = [row.copy() for row in rows]
    for row in rows:
        row.flags.writeable = False
    answer = function(name)(*rows)
    for row, copy in zip(rows, copies, strict=True):
        assert np.array_equal(row, copy)
        assert not np.shares_memory(answer, row)


def outcome(call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """The answer, or the argument that was refused."""
    try:
        answer = call(**arguments)
    except InputError as error:
        return ("refused", error.argument, error.rule)
    return answer.tolist() if isinstance(answer, np.ndarray) else answer


@every_argument
def test_whole_numbers_serve_as_floats(name: str, argument: str) -> None:
    row = one_row(name)
    least = math.ceil(TABLE[name][argument].least)
    whole = max(least, round(row[argument]), 0) % 65536  # what fits the smallest kind
    as_float = outcome(function(name), row | {argument: float(whole)})
    assert outcome(function(name), row | {argument: int(whole)}) == as_float
    for kind in (np.int64, np.int32, np.uint16):
        assert outcome(function(name), row | {argument: kind(whole)}) == as_float
        array = np.array([whole, whole], dtype=kind)
        as_floats = outcome(function(name), row | {argument: array.astype(float)})
        assert outcome(function(name), row | {argument: array}) == as_floats


@every_argument
def test_single_precision_is_widened_before_the_arithmetic(name: str, argument: str) -> None:
    row = one_row(name)
    narrow = np.float32(row[argument])
    assert outcome(function(name), row | {argument: narrow}) == outcome(
        function(name), row | {argument: float(narrow)}
    )


# What is refused

NOT_NUMBERS: dict[str, Any] = {
    "a blank": None,
    "empty text": "",
    "text": "abc",
    "a number as text": "4",
    "bytes": b"4",
    "true": True,
    "numpy true": np.True_,
    "truth values": np.array([True, True]),
    "an object": object(),
    "a complex number": 1 + 0j,
    "complex numbers": np.array([1 + 0j]),
    "a Decimal": Decimal(4),
    "a date": date(2024, 1, 1),
    "dates": np.array(["2024-01-01"], dtype="datetime64[D]"),
    "a dict": {"a": 1},
    "a set": {1},
    "texts": np.array(["4"]),
    "a blank in a list": [1, None],
    "text in a list": [1, "a"],
    "truth in a list": [1, True],
    "a blank in an array": np.array([1, None], dtype=object),
    "uneven rows": [[1, 2], [3]],
    "uneven depth": [1, [2, 3]],
    "uneven arrays": [np.ones(2), np.ones(3)],
    "not a number": math.nan,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "one of an array not a number": np.array([1, math.nan]),
    "one of a list infinite": [1, math.inf],
    "an int past floats": 10**400,
    "an int past floats in a list": [1, 10**400],
}
BLANKS = {"a blank", "empty text", "a blank in a list", "a blank in an array"}


def assert_refused(name: str, argument: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        function(name)(**(one_row(name) | {argument: value}))
    message = str(caught.value)
    assert caught.value.argument.split(" ")[0] == argument
    assert message.startswith(f"{argument} ")
    assert " must " in message
    assert ", but is " in message
    assert "\n" not in message
    assert len(message) < LONGEST_SHOWN + 200


@every_argument
def test_what_is_no_number_is_refused_by_name(name: str, argument: str) -> None:
    # In one test: as tests of their own, thousands take longer to run than what they test.
    for kind, value in NOT_NUMBERS.items():
        if (name, argument) in MAY_BE_BLANK and kind in BLANKS:
            answer = function(name)(**(one_row(name) | {argument: value}))
            assert np.ravel(answer).tolist()[-1] == "not entered"
        else:
            assert_refused(name, argument, value)


@every_argument
def test_numbers_past_either_end_are_refused(name: str, argument: str) -> None:
    least, most = TABLE[name][argument].least, TABLE[name][argument].most
    # One whole step where only whole numbers are allowed anyway.
    below = least - 1 if TABLE[name][argument].whole else np.nextafter(least, -math.inf)
    above = most + 1 if TABLE[name][argument].whole else np.nextafter(most, math.inf)
    for value in (below, above, -1e9, 1e300, [one_row(name)[argument], below]):
        if least < -1e8 and value == -1e9:
            continue
        assert_refused(name, argument, value)


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, key) for name, row in TABLE.items() for key in row if row[key].whole],
)
def test_fractions_are_refused_where_only_whole_numbers_are_allowed(
    name: str, argument: str
) -> None:
    assert_refused(name, argument, 20.5)
    assert_refused(name, argument, np.array([20.0, 20.000001]))


@every_function
def test_the_place_of_a_bad_value_is_told(name: str) -> None:
    rows = rows_of(name, 5)
    for place, argument in enumerate(TABLE[name]):
        bad = [row.copy() for row in rows]
        bad[place][3] = math.nan
        with pytest.raises(InputError) as caught:
            function(name)(*bad)
        assert str(caught.value).startswith(f"{argument} (item 4 of 5) must ")


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if len(row) > 1])
def test_shapes_that_do_not_fit_are_refused_by_name(name: str) -> None:
    rows = rows_of(name, 6)
    for place, argument in list(enumerate(TABLE[name]))[1:]:
        uneven = [row[:3] for row in rows]
        uneven[place] = rows[place][:2]
        with pytest.raises(InputError, match=f"^{argument} must .*shape.* but is"):
            function(name)(*uneven)


@every_function
def test_too_few_and_too_many_arguments_are_a_programming_error(name: str) -> None:
    with pytest.raises(TypeError):
        function(name)()
    with pytest.raises(TypeError):
        function(name)(*one_row(name).values(), 1)


# Extremes


def ends(name: str) -> Iterator[tuple[float, ...]]:
    """Every combination of the ends and of the middle of the arguments."""
    for argument in TABLE[name].values():
        middle = round(argument.low + argument.high) / 2 if argument.whole else argument.high
        values = [argument.least, float(math.floor(middle)) or middle, argument.most]
        if name == "breakeven_elasticity" and argument.whole:
            values[2] = 5000  # a cohort of a million, in every combination, takes minutes
        yield tuple(values)


@every_function
def test_extreme_values_give_a_finite_answer_or_an_error(name: str) -> None:
    answered = 0
    for values in itertools.product(*ends(name)):
        try:
            answer = function(name)(*values)
        except InputError:
            continue
        answered += 1
        if name in TEXTS:
            assert "nan" not in answer
            assert "inf" not in answer
        else:
            assert np.isfinite(answer).all(), values
    assert answered > 0


@pytest.mark.parametrize(
    ("name", "argument"),
    [(name, key) for name, row in TABLE.items() for key in row if row[key].least <= 0],
)
def test_the_smallest_number_above_nothing(name: str, argument: str) -> None:
    answer = outcome(function(name), one_row(name) | {argument: 5e-324})
    assert "nan" not in str(answer)
    assert "inf" not in str(answer)


# Documentation


@pytest.mark.parametrize("name", pycore.FUNCTIONS)
def test_the_examples_of_the_docstring_hold(name: str) -> None:
    runner = doctest.DocTestRunner(verbose=False)
    found = doctest.DocTestFinder(recurse=False).find(
        function(name), name, globs=dict(pycore.FUNCTIONS)
    )
    for test in found:
        runner.run(test)
    result = runner.summarize(verbose=False)
    assert result.attempted >= 1
    assert result.failed == 0


@pytest.mark.parametrize("name", pycore.FUNCTIONS)
def test_the_docstring_has_every_section(name: str) -> None:
    text = inspect.getdoc(function(name)) or ""
    headings = [
        line
        for line, rule in itertools.pairwise(text.splitlines())
        if rule and set(rule) == {"-"} and len(rule) == len(line)
    ]
    assert headings == ["Parameters", "Returns", "Raises", "Notes", "Examples"]
    parsed = docstring_parser.parse(text, docstring_parser.DocstringStyle.NUMPYDOC)
    signature = inspect.signature(function(name))
    assert [param.arg_name for param in parsed.params] == list(signature.parameters)
    assert all(param.description and param.description.strip() for param in parsed.params)
    assert all(param.type_name for param in parsed.params)
    assert parsed.short_description
    assert parsed.short_description.endswith(".")
    assert parsed.returns is not None
    assert parsed.returns.description
    assert [raised.type_name for raised in parsed.raises] == ["InputError"]


@pytest.mark.parametrize("name", pycore.FUNCTIONS)
def test_the_signature_is_annotated(name: str) -> None:
    signature = inspect.signature(function(name))
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty
        assert parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
