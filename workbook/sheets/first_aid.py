"""First aid: whether the functions answer, and what to do where they do not, by native formulas."""

from __future__ import annotations

from dataclasses import replace

from addin.functions import STORED_PREFIX
from pycore.cost import cost_multiple
from pycore.graph import Graph
from pycore.model.tables import HEADLINES, NOTHING
from pycore.nodes import RANGE_PARTS
from pycore.uncertainty.distributions import KINDS
from workbook.formulas import call
from workbook.sheets.assumptions import CHECKS_NAME, LABELS_NAME
from workbook.sheets.layout import Working
from workbook.sheets.parts import (
    FINE,
    FIRST_AID,
    FIRST_AID_STATE,
    UNTOUCHED,
    Row,
    cell,
    column_working,
    first_true,
    row,
)

HERE, ERROR, ONE = "functions_here", "functions_error", "functions_one"
INPUTS, FOLLOWED = "inputs_now", "inputs_followed"
ADVICE = "to_recalculate"
"""The cell that says, in the words of the host, what makes the functions answer."""

ANSWERS, NUMBERS = "answers_in_short", "key_numbers"
ELSEWHERE = "see there"

WITHIN = "1/100^3"
"""How far the figure for all inputs may lie from what a function gave back of it."""

UNKNOWN, WAITED = "error_unknown", "error_waited"
"""The cells with what ERROR.TYPE gives for #NAME?, and from where on an add-in is waited for."""

_EDITED = f"IFERROR(ABS({FOLLOWED}-{INPUTS})>{WITHIN},TRUE)"
_IN_ORDER = f'(COUNTIF({CHECKS_NAME},"{FINE}")=COUNTA({CHECKS_NAME}))'
_LAST = f'SUMPRODUCT(MAX(({CHECKS_NAME}<>"")*({CHECKS_NAME}<>"{FINE}")*ROW({CHECKS_NAME})))'
_PLACE = f"({_LAST}-MIN(ROW({CHECKS_NAME}))+1)"
_WRONG = f'INDEX({LABELS_NAME},{_PLACE})&" ("&INDEX({CHECKS_NAME},{_PLACE})&")"'
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
        f"AND({ERROR}={UNKNOWN},{_EDITED})",
        f'"No functions answer here, and inputs were edited: what stands here may belong to the '
        f'inputs before. "&{ADVICE}',
        "outdated",
    ),
    (
        f"{ERROR}={UNKNOWN}",
        f'"No functions answer here: what stands here was computed before, and an edit will not '
        f'change it. "&{ADVICE}',
        UNTOUCHED,
    ),
    (
        f"OR({ERROR}>={WAITED},IFERROR(ERROR.TYPE({FOLLOWED}),0)>={WAITED})",
        f'"The functions are being waited for (#BUSY! or #GETTING_DATA). If that lasts: "&{ADVICE}',
        "waiting",
    ),
    (f"{ERROR}>0", f'"The functions cannot be reached, or refuse to answer. "&{ADVICE}', ELSEWHERE),
    (
        f"NOT({_IN_ORDER})",
        f'"An assumption is not in order, and what depends on it is not computed: "&{_WRONG}&"."',
        ELSEWHERE,
    ),
    (
        _EDITED,
        f'"Inputs were edited while no functions answered: recalculate everything. "&{ADVICE}',
        "outdated",
    ),
    (f"{_ERRORS}>0", '"Some answer shows an error, or is still being computed."', ELSEWHERE),
    (
        f"{_UNRANGED}>0",
        '"The 90% range of some answer is not computed: see the notes on the Uncertainty sheet."',
        ELSEWHERE,
    ),
)
"""Condition, what was found, and the state; the first that holds is said."""


def first_aid() -> Row:
    """The row that says which of the cases it is."""
    found = first_true([(rule, text) for rule, text, _ in CASES], '"The functions answer."')
    state = first_true([(rule, f'"{word}"') for rule, _, word in CASES], f'"{FINE}"')
    return row(
        "text label status text text",
        "Functions",
        replace(cell(f"={found}", "", "label", FIRST_AID), lines=3),
        cell(f"={state}", "", "status", FIRST_AID_STATE),
    )


def probes(graph: Graph) -> Working:
    """Calls of a function that tell whether it answers now, and for which inputs it last did.

    The first is computed anew with the file and with every edit. The other gives back a figure for
    all inputs, which is computed without functions: where none answer, it stays behind, or is an
    error. It is no proof, for other inputs may have the same figure.
    """
    asked = [call(cost_multiple, (each, ONE)).removeprefix("=") for each in (ONE, INPUTS)]
    contents = (
        (1.0, ONE),
        (5.0, UNKNOWN),
        (8.0, WAITED),
        (f"=IF(NOW()>0,{asked[0]})", HERE),
        (f"=IFERROR(ERROR.TYPE({HERE}),0)", ERROR),
        (f"={_figure(graph)}", INPUTS),
        (f"={asked[1]}", FOLLOWED),
    )
    cells = [cell(content, "", "quiet_value", name) for content, name in contents]
    calls = [replace(each, calls=STORED_PREFIX in each.formula) for each in cells]
    return column_working("functions_probes", calls)


def _figure(graph: Graph) -> str:
    """A number above 0 that changes with nearly any edit of an input; without the "=".

    It is the same for two assumptions that have changed places, and takes no account of sources,
    dates and names.
    """
    # Of ranges only operators, for not every program takes one in place of a single number.
    columns = (f"range_{each}" for each in (*RANGE_PARTS, "central"))
    parts = [f"{place}*({_bounded(each)})" for place, each in enumerate(columns, 1)]
    weights = ("1", "2", "3", "100", "2*100", "3*100", "100^2", "2*100^2")
    parts += [
        f'{weight}*(range_distribution="{kind}")'
        for weight, kind in zip(weights, KINDS, strict=True)
    ]
    terms = ["100^3", f"SUMPRODUCT({'+'.join(parts)})"]
    terms += [f"ASINH(SUM({each.id}))+COUNTA({each.id})" for each in graph.tables]
    for name in (*(each.id for each in graph.settings), *(each.id for each in graph.choices)):
        letters = f"LEN({name})+CODE({name})+CODE(RIGHT({name}))"
        terms.append(f"IF(ISNUMBER({name}),ASINH({name}),IFERROR({letters},0))")
    return "+".join(terms)


def _bounded(numbers: str) -> str:
    """What changes with any number, small or large, but never by much; without the "="."""
    return f"{numbers}/(1+({numbers}^2)^(1/2))+(1+{numbers}^2)^(1/(2*3))"
