"""First aid: whether the functions answer, and what to do where they do not, by native formulas."""

from __future__ import annotations

from dataclasses import replace

from addin.functions import STORED_PREFIX
from pycore.cost import cost_multiple
from pycore.model.tables import HEADLINES, NOTHING
from workbook.formulas import call
from workbook.sheets.assumptions import CHECKS_NAME, LABELS_NAME
from workbook.sheets.layout import Working
from workbook.sheets.parts import (
    ERROR,
    FINE,
    FIRST_AID,
    FIRST_AID_STATE,
    OUTDATED,
    UNTOUCHED,
    Row,
    cell,
    column_working,
    first_true,
    indexed,
    row,
)
from workbook.sheets.stamp import ECHO, EDITED, SAID, SINCE

HERE, ONE, ECHOED = "functions_here", "functions_one", "functions_echoed"
ADVICE = "to_recalculate"
"""The cell that says, in the words of the host, what makes the functions answer."""

ANSWERS, NUMBERS = "answers_in_short", "key_numbers"
ELSEWHERE = "see there"

UNKNOWN, WAITED = "error_unknown", "error_waited"
"""The cells with what ERROR.TYPE gives for #NAME?, and from where on an add-in is waited for."""

IN_ORDER = f'(COUNTIF({CHECKS_NAME},"{FINE}")=COUNTA({CHECKS_NAME}))'
_LAST = f'SUMPRODUCT(MAX(({CHECKS_NAME}<>"")*({CHECKS_NAME}<>"{FINE}")*ROW({CHECKS_NAME})))'
_PLACE = f"({_LAST}-MIN(ROW({CHECKS_NAME}))+1)"
WRONG = f'INDEX({LABELS_NAME},{_PLACE})&" ("&INDEX({CHECKS_NAME},{_PLACE})&")"'
_ERRORS = "+".join(
    [f'COUNTIF({ANSWERS},"{ELSEWHERE}")']
    + [f'ROWS({each})-COUNT({each})-COUNTIF({each},"*")' for each in (ANSWERS, NUMBERS)]
)
"""Of errors, which are neither numbers nor texts; not every program finds them in a range."""

_UNRANGED = "+".join(
    f'ISNUMBER({each.name})*({each.name}_within="{NOTHING}")' for each in HEADLINES
)
"""Of answers that stand without their 90% range."""

CASES = (
    # What the functions give in place of an answer where a package is missing.
    (f"ISTEXT({HERE})", HERE, ELSEWHERE),
    (
        f"AND({ERROR}={UNKNOWN},{EDITED}>0)",
        f'"No functions answer here. "&{SAID}&" "&{ADVICE}',
        OUTDATED,
    ),
    (
        f"{ERROR}={UNKNOWN}",
        f'"No functions answer here: what stands here was computed "&{SINCE}&" from the inputs '
        'beside it. An edit will not change it, and what shows an error needs a recalculation. "&'
        f"{ADVICE}",
        UNTOUCHED,
    ),
    (
        f"OR({ERROR}>={WAITED},{ECHOED}>={WAITED})",
        f'"The functions are being waited for (#BUSY! or #GETTING_DATA). If that lasts: "&{ADVICE}',
        "waiting",
    ),
    (f"{ERROR}>0", f'"The functions cannot be reached, or refuse to answer. "&{ADVICE}', ELSEWHERE),
    (
        f"NOT({IN_ORDER})",
        f'"An assumption is not in order, and what depends on it is not computed: "&{WRONG}&"."',
        ELSEWHERE,
    ),
    (
        f"{EDITED}>0",
        f'{SAID}&" No functions answered then: recalculate everything. "&{ADVICE}',
        OUTDATED,
    ),
    (f"{_ERRORS}>0", '"Some answer shows an error, or is still being computed."', ELSEWHERE),
    (
        f"{_UNRANGED}>0",
        '"The 90% range of some answer is not computed: see the notes on the Uncertainty sheet."',
        ELSEWHERE,
    ),
)
"""Condition, what was found, and the state; the first that holds is said."""


FOLLOWS = '"The functions answer, and what stands here was computed from the inputs beside it."'


def first_aid() -> Row:
    """The row that says which of the cases it is."""
    found = first_true([(rule, text) for rule, text, _ in CASES], FOLLOWS)
    state = first_true([(rule, f'"{word}"') for rule, _, word in CASES], f'"{FINE}"')
    return row(
        "text label status text text",
        "Functions",
        replace(cell(f"={found}", "", "label", FIRST_AID), lines=3),
        cell(f"={state}", "", "status", FIRST_AID_STATE),
    )


def probes() -> Working:
    """Calls of a function that tell whether it answers now, and whether the echo of inputs does."""
    asked = call(cost_multiple, (ONE, ONE)).removeprefix("=")
    contents = (
        (1.0, ONE),
        (5.0, UNKNOWN),
        (8.0, WAITED),
        (f"=IF(NOW()>0,{asked})", HERE),
        (f"=IFERROR(ERROR.TYPE({HERE}),0)", ERROR),
        (f"=IFERROR(ERROR.TYPE({indexed(ECHO, 1, 1).removeprefix('=')}),0)", ECHOED),
    )
    cells = [cell(content, "", "quiet_value", name) for content, name in contents]
    calls = [replace(each, calls=STORED_PREFIX in each.formula) for each in cells]
    return column_working("functions_probes", calls)
