"""Every core function as an Excel function."""

from __future__ import annotations

import doctest
import inspect
import re
from datetime import datetime
from itertools import product
from typing import Any

import numpy as np
import pytest

import pycore
from addin.functions import Function, find, functions
from pycore import InputError
from pycore.errors import LONGEST_SHOWN, REFUSED, RefusedError
from pycore.uncertainty.distributions import range_echo
from tests.addin.examples import FILLS_A_TABLE
from tests.addin.examples import example_cells as cells_of

ALL = list(functions().values())
TYPES = {"BREAKEVEN_DIVERSITY", "GAP_PLAN", "TARGET_SHARES"}  # these take lists of numbers
LISTS = {"SCOPED_COST", "MARGIN_MAP", "POOLED_PERCENTILES"} | TYPES
ANSWERS = {
    "CONSISTENT_RATES",
    "POOLED_OPINIONS",
    "REVISED_SHARES",
    "SURVEY_SUMMARY",
}  # tables with blanks in them
TABLES = {
    "BREAK_EVEN",
    "COMPARE_SCENARIOS",
    "INFORMATION_VALUE",
    "OUTCOME_CURVES",
    "PROVENANCE_DEBT",
    "SIMULATE",
    "TORNADO",
}
SAYS = {"SENTENCE"}  # takes a column of anything, errors and blanks too
ECHOES = {"COMPUTED_FROM"}  # takes a table of anything but errors
MAY_BE_BLANK = {
    ("EXPERIENCE_ADJUSTED", "rate"),
    ("EXPERIENCE_ADJUSTED", "years"),
    ("GOOD_VALUE", "rate"),
    ("VERSUS_MEDIAN", "own"),
    ("VERSUS_MEDIAN", "median"),
}
SCALAR = [each for each in ALL if each.name not in LISTS | ANSWERS | TABLES | SAYS | ECHOES]
CELL_BY_CELL = [each for each in SCALAR if each.name not in FILLS_A_TABLE]
OTHERS = [each for each in ALL if each.name in LISTS | ANSWERS]
TABULAR = [each for each in ALL if each.name in TABLES]

every_function = pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
every_scalar_function = pytest.mark.parametrize("each", SCALAR, ids=lambda each: each.name)
every_function_by_cells = pytest.mark.parametrize("each", CELL_BY_CELL, ids=lambda each: each.name)
every_table_function = pytest.mark.parametrize("each", TABULAR, ids=lambda each: each.name)


def core(each: Function) -> Any:
    return pycore.FUNCTIONS[each.name.lower()]


def example_cells(each: Function) -> list[Any]:
    """The arguments of the example, as a formula would pass them."""
    found = re.fullmatch(r"=FIELD\.([A-Z_]+)\((.*)\)", each.example)
    assert found is not None
    assert found[1] == each.name
    return cells_of(each.example)


def as_cells(answer: Any) -> Any:
    """The answer of a core function on scalars as cells hold it."""
    return np.atleast_2d(answer).tolist() if isinstance(answer, np.ndarray) else answer


# The catalogue


def test_every_core_function_is_there_once() -> None:
    assert [each.name for each in ALL] == [name.upper() for name in pycore.FUNCTIONS]
    assert list(functions()) == [each.name for each in ALL]


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        functions()["OTHER"] = ALL[0]  # type: ignore[index]


@every_function
def test_names(each: Function) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", each.name)
    assert each.excel_name == f"FIELD.{each.name}"
    assert each.stored_name == f"_xldudf_FIELD_{each.name}"
    assert each.call.__name__ == each.name.lower()


@every_function
def test_every_argument_has_help(each: Function) -> None:
    names = [argument.name for argument in each.arguments]
    assert names == list(inspect.signature(core(each)).parameters)
    assert each.syntax == f"FIELD.{each.name}({', '.join(names)})"
    for argument in each.arguments:
        assert len(argument.help) > 10
        assert argument.help[0].isupper()
        assert argument.help.endswith(".")


@every_function
def test_every_text_is_one_clean_line(each: Function) -> None:
    helps = [argument.help for argument in each.arguments]
    for text in [each.category, each.description, each.returns, each.equation, *helps]:
        assert text
        assert text.isprintable()
        assert "`" not in text
        assert "  " not in text
    assert each.category.startswith("Fieldbook: ")


@every_function
def test_descriptions_fit_the_help_of_excel(each: Function) -> None:
    assert len(each.description) <= 255
    assert all(len(argument.help) <= 255 for argument in each.arguments)


# Finding


@every_function
def test_found_by_any_name_in_any_case(each: Function) -> None:
    for name in (each.name, each.excel_name, each.stored_name, f"FIELD_{each.name}"):
        for written in (name, name.lower(), name.title(), f"  {name} "):
            assert find(written) is each


@pytest.mark.parametrize("name", ["", "NOPE", "FIELD.", "COST MULTIPLE", "SUM", "COST_MULTIPLE("])
def test_no_other_name_is_found(name: str) -> None:
    with pytest.raises(InputError, match=r"^the function's name must be one of"):
        find(name)


# Calling


@every_function
def test_the_example_gives_the_answer_of_the_docstring(each: Function) -> None:
    name = each.name.lower()
    example = doctest.DocTestParser().get_examples(inspect.getdoc(core(each)) or "")[0]
    cells = each.call(*example_cells(each))
    # The docstring's own rounding, applied to what the cells hold.
    answer: Any = np.array(cells, dtype=_kind(cells)) if isinstance(cells, list) else cells
    shown = eval(example.source, {name: lambda *_: answer})
    expected = eval(example.want, {"array": lambda values, dtype=None: np.array(values, dtype)})
    if isinstance(expected, np.ndarray):
        # A row of cells is a table of one row.
        assert np.atleast_2d(shown).shape == (np.shape(shown)[:1] + expected.shape)[-2:]
        for cell, told in zip(np.ravel(shown), np.ravel(expected), strict=True):
            # numpy prints eight digits of an array of numbers.
            assert cell == (told if isinstance(told, str) else pytest.approx(told, 1e-8, 1e-8))
    else:
        assert shown == expected


def _kind(cells: list[list[Any]]) -> type:
    """The type of an array of cells: texts and numbers beside each other are objects."""
    texts = {isinstance(cell, str) for row in cells for cell in row}
    return float if texts == {False} else object


@every_scalar_function
def test_scalars_give_what_the_core_gives(each: Function) -> None:
    cells = example_cells(each)
    assert each.call(*cells) == as_cells(core(each)(*cells))
    assert each.call(*[[[cell]] for cell in cells]) == each.call(*cells)


@every_function_by_cells
def test_a_column_gives_a_column_and_a_row_a_row(each: Function) -> None:
    cells = example_cells(each)
    alone = core(each)(*cells)
    for place in range(len(cells)):
        column = [[cells[place]] for _ in range(3)]
        down = each.call(*cells[:place], column, *cells[place + 1 :])
        across = each.call(*cells[:place], [[cells[place]] * 3], *cells[place + 1 :])
        if isinstance(alone, np.ndarray):
            assert down == [alone.tolist()] * 3
            assert across == [[part] * 3 for part in alone.tolist()]
        else:
            assert down == [[alone]] * 3
            assert across == [[alone] * 3]


@pytest.mark.parametrize("each", OTHERS, ids=lambda each: each.name)
def test_lists_and_answers_give_what_the_core_gives(each: Function) -> None:
    cells = example_cells(each)
    answer = each.call(*cells)
    ranges = [cell if isinstance(cell, list) else [[cell]] for cell in cells]
    assert each.call(*ranges) == answer
    wide = [[list(row) for row in zip(*each_range, strict=True)] for each_range in ranges]
    if each.name in LISTS:
        assert each.call(*wide) == answer
    plain = [
        [row[0] for row in cell] if isinstance(cell, list) and len(cell[0]) == 1 else cell
        for cell in cells
    ]
    assert answer == as_cells(core(each)(*plain))


@every_table_function
def test_tables_give_what_the_core_gives(each: Function) -> None:
    cells = example_cells(each)
    block: Any = each.call(*cells)
    assert block == core(each)(*cells).tolist()
    # A host's converter knows plain numbers and texts, and no numpy scalar.
    assert {type(cell) for row in block for cell in row} <= {float, int, str}
    ranges = [cell if isinstance(cell, list) else [[cell]] for cell in cells]
    assert each.call(*ranges) == block


@every_table_function
def test_blank_rows_below_a_table_change_nothing(each: Function) -> None:
    cells = example_cells(each)
    longer = [
        [*cell, [None] * len(cell[0]), [""] * len(cell[0])] if isinstance(cell, list) else cell
        for cell in cells
    ]
    assert each.call(*longer) == each.call(*cells)


@every_table_function
def test_a_bad_cell_of_a_table_is_refused_with_its_row(each: Function) -> None:
    cells = example_cells(each)
    for place, argument in enumerate(each.arguments):
        if not isinstance(cells[place], list):
            continue
        width = len(cells[place][0])
        for bad in ("abc", True, 10**400, -1e300, float("nan"), datetime(2024, 6, 7), "#N/A"):
            row = [bad, *[1] * max(width - 1, 4)]
            rows = [*([*each_row, *[None] * 9][: len(row)] for each_row in cells[place]), row]
            with pytest.raises(RefusedError) as caught:
                each.call(*cells[:place], rows, *cells[place + 1 :])
            message = str(caught.value)
            where = f"{each.name}: {argument.name} (row {len(rows)}) must "
            assert message.startswith(where)
            assert ", but is " in message
            assert message.isprintable()
            assert len(message) < LONGEST_SHOWN + 200


@every_table_function
def test_an_uneven_table_is_refused(each: Function) -> None:
    cells = example_cells(each)
    for place, argument in enumerate(each.arguments):
        if isinstance(cells[place], list):
            with pytest.raises(RefusedError) as caught:
                each.call(*cells[:place], [[1, 2], [3]], *cells[place + 1 :])
            assert str(caught.value).startswith(f"{each.name}: {argument.name} must be a range")


@every_table_function
@pytest.mark.parametrize(
    ("bad", "said"), [(None, "blank"), ("", "blank"), ("abc", "'abc'"), (True, "TRUE"), (-1, "-1")]
)
def test_a_bad_cell_beside_tables_is_refused_by_name(each: Function, bad: Any, said: str) -> None:
    cells = example_cells(each)
    for place, argument in enumerate(each.arguments):
        if isinstance(cells[place], list):
            continue
        for value in (bad, [[bad]]):
            with pytest.raises(RefusedError) as caught:
                each.call(*cells[:place], value, *cells[place + 1 :])
            message = str(caught.value)
            assert message.startswith(f"{each.name}: {argument.name} must ")
            assert f", but is {said}" in message


def test_a_column_crosses_with_a_row() -> None:
    multiple = find("COST_MULTIPLE").call
    assert multiple([[100], [200], [300]], [[10, 20]]) == [[10, 5], [20, 10], [30, 15]]
    assert multiple([[100, 200], [300, 400]], 100) == [[1, 2], [3, 4]]


def test_several_values_beside_a_rectangle_are_refused() -> None:
    with pytest.raises(RefusedError, match="RATIO_SHIFT: the arguments must be single cells"):
        find("RATIO_SHIFT").call([[1000, 2000]], [[10_000], [20_000]], 500, 500)


def test_a_range_where_one_call_fills_a_table_is_refused() -> None:
    cells = example_cells(find("WINDOW_PATH"))
    path = find("WINDOW_PATH").call
    for place in range(len(cells)):
        for other in (cells[place], None, "abc"):
            down, across = [[cells[place]], [other]], [[cells[place], other]]
            for given, size in ((down, "2 x 1"), (across, "1 x 2")):
                said = "WINDOW_PATH: the arguments must be single cells, because one call fills a "
                with pytest.raises(RefusedError, match=f"^{said}table, but is {size} cells$"):
                    path(*cells[:place], given, *cells[place + 1 :])
    with pytest.raises(RefusedError, match=r"^WINDOW_PATH: the arguments must be single cells"):
        path(50, 100, 1, 0, [[2], [3]])  # tables of different heights


BAD_CELLS: list[tuple[Any, str]] = [
    (None, "blank"),
    ("", "blank"),
    ("abc", "'abc'"),
    (True, "TRUE"),
    (float("nan"), "nan"),
    (datetime(2024, 6, 7), "2024-06-07 00:00:00"),
    ({"type": "Error", "kind": "Na"}, "'#N/A'"),
    ([[1, 2], [3]], "uneven or empty"),
    (10**400, "1000"),
    (-1e300, "-1e+300"),
]


@every_scalar_function
def test_bad_cells_are_refused_by_name_on_one_line(each: Function) -> None:
    cells = example_cells(each)
    for (bad, said), (place, argument) in product(BAD_CELLS, enumerate(each.arguments)):
        for value in (bad,) if isinstance(bad, list) else (bad, [[bad]]):
            if (each.name, argument.name) in MAY_BE_BLANK and said == "blank":
                assert each.call(*cells[:place], value, *cells[place + 1 :]) == "not entered"
                continue
            with pytest.raises(RefusedError) as caught:
                each.call(*cells[:place], value, *cells[place + 1 :])
            message = str(caught.value)
            assert message.startswith(f"{each.name}: {argument.name} must ")
            assert f", but is {said}" in message
            assert message.isprintable()


def test_a_whole_number_past_printing_is_refused_on_one_line() -> None:
    with pytest.raises(RefusedError, match=r"^COST_MULTIPLE: value must") as caught:
        find("COST_MULTIPLE").call(10**5000, 1)
    assert len(str(caught.value)) < LONGEST_SHOWN + 200


@pytest.mark.parametrize("bad", [0, None, "", "abc", True, "#N/A", {"type": "Error", "kind": "Na"}])
def test_a_bad_cell_of_a_range_spoils_only_itself(bad: Any) -> None:
    assert find("COST_MULTIPLE").call(8, [[1], [bad], [2]]) == [[8.0], [REFUSED], [4.0]]


def test_a_bad_cell_spoils_its_row_where_a_call_gives_several_values() -> None:
    shifts = find("RATIO_SHIFT").call([[1000], [None]], 10_000, 500, 500)
    assert shifts == [[10.0, 7.0, pytest.approx(-0.3)], [REFUSED] * 3]


def test_a_bad_cell_beside_crossed_ranges_spoils_its_column() -> None:
    assert find("COST_MULTIPLE").call([[8], [16]], [[1, 0]]) == [[8.0, REFUSED], [16.0, REFUSED]]


def test_where_every_cell_is_bad_the_first_reason_is_told() -> None:
    with pytest.raises(RefusedError, match=r"^COST_MULTIPLE: cost must .*, but is -1$"):
        find("COST_MULTIPLE").call(8, [[-1], [-2]])


def test_ranges_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RefusedError, match=r"^COST_MULTIPLE: cost must have one value or a shape"):
        find("COST_MULTIPLE").call([[1], [2], [3]], [[1], [2]])


def test_a_bad_row_of_ranges_spoils_only_itself() -> None:
    kinds = [["lognormal"], ["pert"], ["fixed"]]
    columns = [[[1], [2], [3]], [[1.75], [None], [3]], [[3], [9], [3]], 0, 50]
    echo = find("RANGE_ECHO").call(kinds, *columns)
    assert echo == [
        range_echo("lognormal", 1, 1.75, 3, 0, 50).tolist(),  # type: ignore[union-attr]
        [REFUSED] * 4,
        [3.0, 3.0, 3.0, 3.0],
    ]
    assert find("RANGE_WARNING").call(kinds, *columns) == [[""], [REFUSED], [""]]


@every_function
def test_too_few_and_too_many_arguments(each: Function) -> None:
    cells = example_cells(each)
    names = ", ".join(argument.name for argument in each.arguments)
    for given in ([], [*cells, 1]):
        with pytest.raises(RefusedError) as caught:
            each.call(*given)
        message = str(caught.value)
        assert re.match(rf"{each.name} takes (\d to )?{len(cells)} arguments?", message)
        assert message.endswith(f"({names}), but got {len(given)}")


def test_what_may_be_left_out_is_told() -> None:
    with pytest.raises(RefusedError, match=r"^NET_SAFETY takes 3 to 6 arguments"):
        find("NET_SAFETY").call(500, 500)


def test_trailing_arguments_with_a_default_may_be_left_out() -> None:
    assert find("NET_SAFETY").call(500, 500, 100) == 495
    assert find("IMPACT_SIGMA").call(4) == find("IMPACT_SIGMA").call(4, 0.98)
    # A blank is not a default.
    with pytest.raises(RefusedError, match=r"^NET_SAFETY: backfire must .*, but is blank$"):
        find("NET_SAFETY").call(500, 500, 100, None, 0, 0)


def test_a_failure_that_is_no_bad_input_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise FloatingPointError("a\nb")

    monkeypatch.setattr(pycore.checks.Domain, "check", broken)
    with pytest.raises(RefusedError) as caught:
        find("RATIO_TEXT").call(7)
    assert str(caught.value) == "RATIO_TEXT could not be computed (FloatingPointError)"


# Lists of cost lines

AMOUNTS = [1000, 20_000, 50_000]
SCOPES = ["recruit", "retrain", "prior development"]


@pytest.mark.parametrize("turn", [lambda line: [line], lambda line: [[cell] for cell in line]])
@pytest.mark.parametrize("scope", ["retrain", [["retrain"]]], ids=["a value", "a cell"])
def test_cost_lines_in_a_row_or_a_column(turn: Any, scope: Any) -> None:
    # xlwings passes every cell as a range of one by one.
    assert find("SCOPED_COST").call(turn(AMOUNTS), turn(SCOPES), scope) == 21_000


def test_blank_cost_lines_are_passed_over() -> None:
    amounts = [[1000], [None], [""], [20_000]]
    scopes = [["recruit"], [""], [None], ["retrain"]]
    assert find("SCOPED_COST").call(amounts, scopes, "retrain") == 21_000


@pytest.mark.parametrize("wrap", [lambda cell: cell, lambda cell: [[cell]]])
def test_a_single_cost_line(wrap: Any) -> None:
    assert find("SCOPED_COST").call(wrap(1000), wrap("recruit"), "retrain") == 1000


@pytest.mark.parametrize(
    ("amounts", "scopes", "scope", "said"),
    [
        ([[1], [2]], [["recruit"], ["retrain"]], "all", "scope must be one of"),
        ([[1], [2]], [["recruit"], ["retrain"]], None, "scope must be one of"),
        ([[1], [2]], [["recruit"], ["travel"]], "recruit", "scopes (line 2) must be one of"),
        ([[1], [None]], [["recruit"], ["retrain"]], "recruit", "amounts (line 2) must"),
        ([[1], [2]], [["recruit"]], "recruit", "amounts must have one amount for each of 1"),
        ([[1, 2], [3, 4]], [["recruit"]], "recruit", "amounts must be one row or one column"),
        ([[1], [{"type": "Error", "kind": "Ref"}]], [["a"]], "a", "amounts must not be an error"),
        ([[1], [2]], [["recruit"], ["retrain"]], [["a"], ["b"]], "scope must"),
    ],
)
def test_bad_cost_lines(amounts: Any, scopes: Any, scope: Any, said: str) -> None:
    with pytest.raises(RefusedError) as caught:
        find("SCOPED_COST").call(amounts, scopes, scope)
    assert str(caught.value).startswith(f"SCOPED_COST: {said}")
    assert str(caught.value).isprintable()


# Lists of types, and tables of answers

BAD_NUMBERS = [
    ("abc", "'abc'"),
    (True, "TRUE"),
    (float("nan"), "nan"),
    (datetime(2024, 6, 7), "2024-06-07 00:00:00"),
    ({"type": "Error", "kind": "Na"}, "'#N/A'"),
    (-1e300, "-1e+300"),
]


@pytest.mark.parametrize("name", sorted(TYPES))
@pytest.mark.parametrize(("bad", "said"), [*BAD_NUMBERS, (None, "blank"), ("", "blank")])
def test_a_bad_cell_of_a_list_or_beside_it_is_refused_by_name(
    name: str, bad: Any, said: str
) -> None:
    each = find(name)
    cells = example_cells(each)
    for place, argument in enumerate(each.arguments):
        value = [*cells[place][:-1], [bad]] if isinstance(cells[place], list) else bad
        with pytest.raises(RefusedError) as caught:
            each.call(*cells[:place], value, *cells[place + 1 :])
        message = str(caught.value)
        assert re.match(rf"{name}: {argument.name} (\(item 3 of 3\) )?must ", message)
        assert f", but is {said}" in message
        assert message.isprintable()


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_rectangle_or_too_few_cells_where_a_list_belongs(name: str) -> None:
    each = find(name)
    cells = example_cells(each)
    for place, argument in enumerate(each.arguments):
        if isinstance(cells[place], list):
            for value in ([[0.5, 0.5], [0.5, 0.5]], [[0.5], [0.5]]):
                with pytest.raises(RefusedError) as caught:
                    each.call(*cells[:place], value, *cells[place + 1 :])
                assert str(caught.value).startswith(f"{name}: ")
                assert argument.name in str(caught.value)


def test_the_echo_gives_back_whatever_cells_hold_but_errors() -> None:
    echo = find("COMPUTED_FROM").call
    assert echo([[1, None], ["a", True]]) == [[1, ""], ["a", True]]
    assert echo(5.0) == [[5.0]]
    with pytest.raises(RefusedError, match=r"inputs \(row 2\) must not be an error"):
        echo([[1], ["#N/A"]])


def test_a_column_beside_a_list_gives_a_row_for_each_cell() -> None:
    plan = find("GAP_PLAN").call([[50], [5], [1]], [[0.7], [0.2], [0.1]], [[0], [10]])
    assert plan == [[0, 0, 0], [0, 6, 4]]


@pytest.mark.parametrize(("bad", "said"), BAD_NUMBERS)
def test_a_bad_answer_is_refused_with_its_place(bad: Any, said: str) -> None:
    calls: dict[str, list[Any]] = {
        "CONSISTENT_RATES": [[[1, 2], [bad, 1]]],
        "REVISED_SHARES": [[[0.5], [0.5]], 10, [[3, 1], [bad, 1]]],
    }
    # There it spoils the answers of its good, or the opinions on its assumption.
    assert set(calls) == ANSWERS - {"SURVEY_SUMMARY", "POOLED_OPINIONS"}
    for name, cells in calls.items():
        with pytest.raises(RefusedError) as caught:
            find(name).call(*cells)
        assert re.match(rf"{name}: \w+ \(row 2(, column 1)?\) must ", str(caught.value))
        assert f", but is {said}" in str(caught.value)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("blank", [None, ""])
def test_rows_without_an_answer_change_nothing(blank: Any) -> None:
    survey, revised = find("SURVEY_SUMMARY").call, find("REVISED_SHARES").call
    answers, none = [[8, blank], [2, 1]], [[blank, blank]] * 2
    assert survey([*answers, *none], 1) == survey(answers, 1)
    assert revised([[0.5], [0.5]], 10, [[3, 1], *none]) == revised([[0.5], [0.5]], 10, [[3, 1]])


def test_blank_goods_are_not_entered_and_spoil_no_other() -> None:
    assert find("GOOD_VALUE").call([[4], [None], [""], ["abc"]], 5) == [
        [20.0],
        ["not entered"],
        ["not entered"],
        [REFUSED],
    ]
