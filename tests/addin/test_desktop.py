"""The UDF module of classic xlwings, as xlwings' own code for Windows imports and calls it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from addin import desktop
from addin.functions import functions
from tests.addin.desktop_host import area, ask_desktop

ALL = list(functions().values())

ERRORS = {
    -2146826281: "#DIV/0!",
    -2146826246: "#N/A",
    -2146826259: "#NAME?",
    -2146826288: "#NULL!",
    -2146826252: "#NUM!",
    -2146826265: "#REF!",
    -2146826273: "#VALUE!",
    -2146826243: "#SPILL!",
    -2146826238: "#CALC!",
    -2146826000: "#VALUE!",
}
"""Errors of cells as Excel hands them over on Windows; the last is none that it has today."""

NULL, REFUSED = {"kind": 1, "value": None}, {"kind": 10, "value": -2146826273}
"""What Excel shows as an error, and ISERROR sees: as a whole answer, and in a block."""

NOT_AVAILABLE = -2146826246
DATE = {"date": "2024-06-07"}


def cells(*column: Any) -> dict[str, Any]:
    return area([[cell] for cell in column])


def money(*column: Any) -> dict[str, Any]:
    """Cells with a currency format, of which `Value` gives no more than four decimals."""
    return area([[cell] for cell in column], money=True)


def cost(*given: Any) -> tuple[str, list[Any]]:
    return "field_cost_multiple", list(given)


CALLS: list[tuple[tuple[str, list[Any]], Any]] = [
    (cost(100_000.0, 25_000.0), [[4.0]]),
    (cost(cells(100_000.0), cells(25_000.0)), [[4.0]]),
    (cost(money(100_000.0), money(25_000.0)), [[4.0]]),
    (cost(money(1.0), money(0.123456789)), [[1 / 0.123456789]]),
    (cost(8.0, [[1.0], [2.0]]), [[8.0], [4.0]]),
    (cost(8.0, money(1.0, 0.12345678, None)), [[8.0], [8 / 0.12345678], [REFUSED]]),
    (cost(8.0, cells(1.0, DATE, True, "")), [[8.0], [REFUSED], [REFUSED], [REFUSED]]),
    (cost(8.0, money(1.0, DATE, True, 2.0)), [[8.0], [REFUSED], [REFUSED], [4.0]]),
    (cost(8.0, cells(1.0, NOT_AVAILABLE)), [[8.0], [REFUSED]]),
    (("field_cost_multiple_range", [100_000.0, 20_000.0, money(25_000.0)]), [[4.0, 5.0]]),
    (("field_quote", [4.0, 5.0]), [["4-5x"]]),
    (("field_scoped_cost", [money(1.0, 2.0), cells("recruit", "retrain"), "recruit"]), [[1.0]]),
    *((cost(8.0, cells(bad)), [[NULL]]) for bad in (None, True, "abc", DATE, 0.0, *ERRORS)),
]


def why(
    formula: str, names: Mapping[str, Any] | None = None, row: int = 1, column: int = 1
) -> tuple[str, list[Any]]:
    """Ask why a cell with a formula shows an error; away from A1 it is in an array from B2 on."""
    array = None if (row, column) == (1, 1) else (2, 2)
    held = area([[None]], formula=formula, names=names or {}, row=row, column=column, array=array)
    return "field_reason", [held]


ONE = "=FIELD_COST_MULTIPLE(value,cost)"
COST = "COST_MULTIPLE: cost must be a number above 0 (from 1e-9 to 1e15)"
OTHERS = ("", "8", "=A1", "=SUM(1)", f"{ONE}+1", "=FIELD_NOTHING(1)", "=FIELD_QUOTE")


def refused(*given: Any) -> dict[str, Any]:
    return {"value": 8.0, "cost": cells(*given)}


REASONS: list[tuple[tuple[str, list[Any]], str]] = [
    (why(ONE, refused(2.0)), ""),
    (why(ONE, refused(None)), f"{COST}, but is blank"),
    (why(ONE.lower(), refused(True)), f"{COST}, but is TRUE"),
    (why(ONE, refused(DATE)), f"{COST}, but is 2024-06-07 00:00:00"),
    *(
        (why(ONE, refused(number)), f"COST_MULTIPLE: cost must not be an error, but is {name!r}")
        for number, name in ERRORS.items()
    ),
    (why(ONE, refused(1.0, None), 2, 2), ""),
    (why(ONE, refused(1.0, None), 3, 2), f"{COST}, but is blank"),
    (
        why('=FIELD_QUOTE(SUM(a,{1,2}),"a,b")', {"SUM(a,{1,2})": 5.0, '"a,b"': "a,b"}),
        "QUOTE: high must be a number of at least 0 (up to 1e15), but is 'a,b'",
    ),
    *((why(other), "the cell must hold a Fieldbook function and nothing else") for other in OTHERS),
    (("field_reason", [8.0]), "the argument must be a cell"),
]

RESERVED = (
    "and as boolean byref byte byval call case const currency date decimal declare dim do "
    "double each else elseif empty end enum eqv erase error event exit false for friend "
    "function get global gosub goto if imp implements in input integer is let lib like "
    "long loop lset me mod name new next not nothing null object on open option optional "
    "or paramarray preserve print private property public put raiseevent redim resume "
    "return rset select set single static step stop string sub then to true type until "
    "variant wend while with withevents write xor caller"
)
"""Words of VBA that no argument may be called, and the one that xlwings keeps for itself."""


LONGEST_LINE, MOST_CONTINUED, MOST_ARGUMENTS, LONGEST_TEXT = 1023, 24, 60, 255
LARGEST_PROCEDURE = 64_000
"""What VBA takes, and what Excel takes of the help on a function."""


@pytest.fixture(scope="module")
def windows() -> dict[str, Any]:
    """What xlwings makes of the module, and its answers to every call."""
    return ask_desktop([call for call, _ in [*CALLS, *REASONS]])


def declared_names() -> set[str]:
    return {f"field_{each.name.lower()}" for each in ALL}


def test_every_function_is_declared_with_its_help(windows: dict[str, Any]) -> None:
    assert set(windows["declared"]) == declared_names() | {"field_reason"}
    for each in ALL:
        declared = windows["declared"][f"field_{each.name.lower()}"]
        assert declared["category"] == each.category
        assert declared["ret"]["doc"] == each.description
        shown = [(argument["name"], argument["doc"]) for argument in declared["args"]]
        assert shown == [(argument.name, argument.help) for argument in each.arguments]
        assert all(argument["options"]["ndim"] == 2 for argument in declared["args"])
        assert not any("optional" in argument for argument in declared["args"])


def test_every_function_gets_its_vba(windows: dict[str, Any]) -> None:
    for each in ALL:
        name = f"field_{each.name.lower()}"
        names = ", ".join(argument.name for argument in each.arguments)
        assert f"Function {name}({names})\n" in windows["vba"]
        assert f'XLPy.CallUDF("addin.desktop", "{name}", Array({names}), ThisWorkbook' in re.sub(
            r" _\n", "", windows["vba"]
        )


def test_vba_and_excel_take_all_of_it(windows: dict[str, Any]) -> None:
    procedures = windows["vba"].split("End Function\n")[:-1]
    assert len(procedures) == len(ALL) + 1
    for each in procedures:
        assert len(each) < LARGEST_PROCEDURE
        assert all(len(line) <= LONGEST_LINE for line in each.splitlines())
        assert all(len(one.split(" _\n")) <= MOST_CONTINUED for one in re.split(r"(?<! _)\n", each))
    for name, declared in windows["declared"].items():
        helps = [argument["doc"] for argument in declared["args"]]
        assert len(helps) <= MOST_ARGUMENTS
        words = [name, declared["category"], declared["ret"]["doc"], *helps]
        words += [argument["name"] for argument in declared["args"]]
        assert max(map(len, words)) <= LONGEST_TEXT, name  # xlwings cuts what is longer


def test_no_argument_is_a_word_of_vba() -> None:
    for each in ALL:
        assert not {argument.name for argument in each.arguments} & set(RESERVED.split()), each.name


@pytest.mark.parametrize("place", range(len(CALLS)))
def test_answers(windows: dict[str, Any], place: int) -> None:
    assert windows["answers"][place] == CALLS[place][1]


@pytest.mark.parametrize("place", range(len(REASONS)))
def test_the_reason_of_an_error(windows: dict[str, Any], place: int) -> None:
    assert windows["answers"][len(CALLS) + place] == [[REASONS[place][1]]]


def test_a_refusal_is_an_error_and_no_traceback() -> None:
    call = vars(desktop)["field_cost_multiple"]
    assert call([[8]], [[2]]) == [[4]]
    for given in ([[[8]], [[0]]], [[[8]]]):
        assert call(*given) == "#VALUE!"  # what pywin32, which is not here, would make an error
