"""First aid: what the Summary says of the functions, in each case that native formulas tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workbook.calculator import Calculator
from workbook.hosts import SERVER
from workbook.read import Book, read_book
from workbook.sheets.first_aid import ERROR, FOLLOWED, HERE, INPUTS, NUMBERS
from workbook.sheets.parts import ABSENT, FINE, FIRST_AID, FIRST_AID_STATE, unless_absent

ADVICE = SERVER.recalculation


@pytest.fixture(name="book", scope="module")
def _book(built: bytes) -> Book:
    return read_book(built, "built")


def said(book: Book, held: dict[str, object]) -> tuple[str, str]:
    """What is said and its state where some of the named cells hold something else."""
    wanted = (FIRST_AID, FIRST_AID_STATE)
    keys = {name: (book.places[name].sheet, book.places[name].first) for name in (*wanted, *held)}
    calculator = Calculator(book, [keys[name] for name in wanted])
    for name, value in held.items():
        calculator.put_value(keys[name], value)
    calculator.evaluate()
    found, state = (calculator.value(keys[name]) for name in wanted)
    return str(found), str(state)


def an_error(kind: str) -> dict[str, str]:
    return {"type": "Error", "kind": kind}


NAME, VALUE = an_error("Name"), an_error("Value")


def test_all_is_well(book: Book) -> None:
    assert said(book, {}) == ("The functions answer.", FINE)
    assert book.value(INPUTS) == book.value(FOLLOWED) > 0


CASES: dict[str, tuple[dict[str, object], str, str, str]] = {
    "none answer": (
        {HERE: NAME, ERROR: 5},
        "No functions answer here: what",
        ADVICE,
        "no functions",
    ),
    "none answer, and one input is another": (
        {HERE: NAME, ERROR: 5, INPUTS: 1.0},
        "No functions answer here, and inputs were edited: ",
        ADVICE,
        "outdated",
    ),
    "none answer, and Excel has computed that": (
        {HERE: NAME, ERROR: 5, FOLLOWED: NAME},
        "No functions answer here, and inputs were edited: ",
        ADVICE,
        "outdated",
    ),
    "waiting": ({HERE: NAME, ERROR: 8}, "The functions are being waited for", ADVICE, "waiting"),
    "refusing": ({HERE: VALUE, ERROR: 3}, "The functions cannot be reached", ADVICE, "see there"),
    "they answer again": ({FOLLOWED: NAME}, "Inputs were edited while no", ADVICE, "outdated"),
    "a package is missing": ({HERE: "It needs numpy."}, "It needs", "numpy.", "see there"),
    "a range is missing": (
        {"cost_multiple_within": "-"},
        "The 90% range of some answer is not computed",
        "on the Uncertainty sheet.",
        "see there",
    ),
    "an answer is an error": ({NUMBERS: VALUE}, "Some answer shows", ".", "see there"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_case(book: Book, case: str) -> None:
    held, begins, ends, state = CASES[case]
    found, found_state = said(book, held)
    assert (found.startswith(begins), found.endswith(ends), found_state) == (True, True, state), (
        found
    )


@pytest.mark.parametrize(
    "change",
    [{"marginal_cost.low": 20_001.0}, {"offset.distribution": "metalog"}, {"simulation_seed": 2}],
    ids=str,
)
def test_an_edit_changes_the_figure_for_all_inputs(
    change: dict[str, float | str], file: object, run: Callable[..., tuple[int, str, str]]
) -> None:
    before = read_book(file.read_bytes(), "file").value(INPUTS)  # type: ignore[attr-defined]
    words = [f"{name}={value}" for name, value in change.items()]
    assert run("set", file, *words)[0] == 0
    after = read_book(file.read_bytes(), "file")  # type: ignore[attr-defined]
    assert abs(after.value(INPUTS) - before) > 1e-5
    assert after.value(FIRST_AID_STATE) == FINE


def test_no_input_is_blamed_where_no_functions_answer() -> None:
    # The refusal of a function is #VALUE!, whose number is 3.
    assert unless_absent("x", '"bad"') == f'IF(IFERROR(ERROR.TYPE(x),3)=3,"bad","{ABSENT}")'
