"""First aid: what the Summary says of the functions, in each case that native formulas tell."""

from __future__ import annotations

import pytest

from workbook.calculator import Calculator
from workbook.hosts import SERVER
from workbook.read import Book, read_book
from workbook.sheets.first_aid import ECHOED, FOLLOWS, HERE, NUMBERS
from workbook.sheets.parts import (
    ABSENT,
    ERROR,
    FINE,
    FIRST_AID,
    FIRST_AID_STATE,
    UNTOUCHED,
    unless_absent,
)
from workbook.sheets.stamp import EDITED, SAID, SINCE

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
    assert said(book, {}) == (FOLLOWS.strip('"'), FINE)
    assert book.value(FIRST_AID) == FOLLOWS.strip('"')


OLD = {EDITED: 1.0, SAID: "1 input was edited."}

CASES: dict[str, tuple[dict[str, object], str, str, str]] = {
    "none answer": (
        {HERE: NAME, ERROR: 5, SINCE: "on 2026-11-27"},
        "No functions answer here: what stands here was computed on 2026-11-27 from the inputs",
        ADVICE,
        UNTOUCHED,
    ),
    "none answer, and one input is another": (
        {HERE: NAME, ERROR: 5, **OLD},
        "No functions answer here. 1 input was edited. ",
        ADVICE,
        "outdated",
    ),
    "waiting": ({HERE: NAME, ERROR: 8}, "The functions are being waited for", ADVICE, "waiting"),
    "waiting for the echo": ({ECHOED: 8, **OLD}, "The functions are being", ADVICE, "waiting"),
    "refusing": ({HERE: VALUE, ERROR: 3}, "The functions cannot be reached", ADVICE, "see there"),
    "they answer again": (OLD, "1 input was edited. No functions answered", ADVICE, "outdated"),
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


def test_no_input_is_blamed_where_no_functions_answer() -> None:
    # The refusal of a function is #VALUE!, whose number is 3.
    assert unless_absent("x", '"bad"') == f'IF(IFERROR(ERROR.TYPE(x),3)=3,"bad","{ABSENT}")'
