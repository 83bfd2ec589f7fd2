"""Native forms of the results whose functions loop over years, people or rows of a table.

Each is the same equation as its core function, in the words of a spreadsheet; tests hold the two
equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from pycore import checks, exchange, mixes, portfolio, window
from pycore.checks import Domain
from pycore.cost import SCOPES
from pycore.errors import Found, InputError
from pycore.model.results import TYPES
from pycore.model.tables import LAST_YEAR, MOST_EVIDENCE, MOST_GOODS, RESPONSES
from pycore.nodes import Result
from pycore.symbolic import Symbol, follow, name
from workbook.formulas import defined_name
from workbook.native.expressions import COUNTED, MOST_COUNTED, number, quoted, within
from workbook.native.results import Natives, called, first_refused, guarded, label_of

PLACES = f"{{{COUNTED}}}"
"""The numbers from 1 on, in cells, by which a formula counts scholars one by one."""


def _said(natives: Natives, reference: str, rule: str) -> str:
    held = defined_name(reference)
    said = quoted(f"{label_of(natives.graph, reference)} must {rule}, but is ")
    return f'{said}&IF(ISBLANK({held}),"blank",{held})'


def _rule(natives: Natives, reference: str, domain: Domain) -> tuple[str, str]:
    """That a reference is in a domain, and what is said where it is not."""
    return within(defined_name(reference), domain), _said(natives, reference, domain.rule)


def _why(natives: Natives, result: Result, rules: Sequence[tuple[str, str]]) -> str:
    """What formulas call the cell that says why a result is refused."""
    own = natives.chained(result, first_refused(rules))
    natives.reasons[result.id] = natives.helpers.cell(("why", result.id), own)
    return natives.reasons[result.id]


def _members(natives: Natives, column: str) -> list[str]:
    return [defined_name(each) for each in natives.graph[column].members]


# Cost


def scoped_cost(natives: Natives, result: Result) -> None:
    """The sum of the cost lines inside a scope."""
    column, scopes, scope = result.arguments
    members, widths = natives.graph[column].members, natives.graph[scopes].value
    rules = [_rule(natives, each, checks.MULTIPLE) for each in members]
    known = ",".join(f"{scope}={quoted(each)}" for each in SCOPES)
    rules.append((f"OR({known})", _said(natives, scope, "be one of: " + ", ".join(SCOPES))))
    sums = []
    for place in range(len(SCOPES)):
        inside = SCOPES[: place + 1]
        lines = [each for each, wide in zip(members, widths, strict=True) if wide in inside]
        sums.append("+".join(map(defined_name, lines)) or "0")
    narrow, middle, wide = sums
    value = (
        f"IF({scope}={quoted(SCOPES[0])},{narrow},IF({scope}={quoted(SCOPES[1])},{middle},{wide}))"
    )
    natives.cells[natives.home(result)] = guarded(_why(natives, result, rules), value)


# Selection


def skill_density(natives: Natives, result: Result) -> None:
    """The mean over the admitted, one by one."""
    rows, columns = natives.graph.size(result)
    for row in range(rows):
        for column in range(columns):
            pool, cohort, validity, sigma = (
                natives.at(row, column, each) for each in result.arguments
            )
            slope = f"({sigma}*{validity})"
            here = f"({PLACES}<={cohort})"
            # Rows beyond the last count as the first, times 0: a formula of all of them may fail.
            score = f"(0-NORMSINV(({here}*({PLACES}-1)+1-0.375)/({pool}+0.25)))"
            value = f"SUMPRODUCT({here}*EXP({slope}*{score}-{slope}*{slope}/2))/{cohort}"
            domains = (checks.POOL, checks.COUNT, checks.SHARE, checks.SIGMA)
            given = (pool, cohort, validity, sigma)
            # The engine here computes NORMSINV of one number only.
            natives.beyond.add(natives.home(result, row, column))
            rules = [
                (
                    within(each, domain),
                    quoted(f"{label_of(natives.graph, said)} must {domain.rule}"),
                )
                for each, domain, said in zip(given, domains, result.arguments, strict=True)
            ]
            applicants, people, *_ = (label_of(natives.graph, each) for each in result.arguments)
            few = f"{MOST_COUNTED:,} in a copy that answers without functions"
            rules += [
                (f"{cohort}<={most}", quoted(f"{people} must be at most {said}"))
                for most, said in ((pool, applicants), (MOST_COUNTED, few))
            ]
            if (rows, columns) == (1, 1):
                why = _why(natives, result, rules)
            else:
                why = natives.helpers.cell(("why", result.id, row, column), first_refused(rules))
            natives.cells[natives.home(result, row, column)] = guarded(why, value)


# Window


WHICH_YEAR = 4
"""The place of the last year among the arguments; the others are of every year."""


def _years(natives: Natives, result: Result) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    """What stands in each year that may be asked for, and what must hold for all of them.

    Returns
    -------
    tuple of list and list
        For each year its load, whether that is inside, and the chances of being and of having
        stayed inside; and the rules of the arguments.
    """
    references = [*result.arguments[:WHICH_YEAR], *result.arguments[WHICH_YEAR + 1 :]]
    amount, growth = checks.AMOUNT, window.YEARLY_GROWTH
    domains = (amount, amount, growth, growth, window.LOG_ERROR, growth)
    rules = [_rule(natives, each, of) for each, of in zip(references, domains, strict=True)]
    impact, robust, grows, firmer, error, wider = map(defined_name, references)
    cell, last = natives.helpers.cell, int(window.YEARS_AHEAD.maximum)
    loads = [cell(("load", 0), f"{impact}/{robust}")]
    factor = cell(("load factor",), f"(1+{grows})/(1+{firmer})")
    errors = [error]
    for year in range(1, last + 1):
        loads.append(cell(("load", year), f"{loads[-1]}*{factor}"))
        errors.append(cell(("error", year), f"{errors[-1]}*(1+{wider})"))
    limit, none = number(window.HIGHEST_INSIDE), number(window.NO_ERROR)
    chances = []
    for year, (load, wide) in enumerate(zip(loads, errors, strict=True)):
        sure = f"IF({load}<={limit},1,0)"
        text = f"IF({wide}<{none},{sure},NORMSDIST((0-LN({load}))/{wide}))"
        chances.append(cell(("chance", year), text))
    stayed: list[str] = []
    for year, chance in enumerate(chances):
        text = f"{stayed[-1]}*{chance}" if year else chance
        stayed.append(cell(("stayed", year), text))
    rows = [
        {"load": load, "inside": f"IF({load}<={limit},1,0)", "chance": chance, "stayed": kept}
        for load, chance, kept in zip(loads, chances, stayed, strict=True)
    ]
    return rows, rules


def staying_chance(natives: Natives, result: Result) -> None:
    """The product of each year's chance, up to the last one."""
    years = result.arguments[WHICH_YEAR]
    yearly, rules = _years(natives, result)
    rules.append(_rule(natives, years, window.YEARS_AHEAD))
    stayed = [each["stayed"] for each in yearly]
    several = f"{{{stayed[0].strip('{}')}:{stayed[-1].strip('{}')}}}"
    why = _why(natives, result, rules)
    value = f"INDEX({several},{defined_name(years)}+1)"
    natives.cells[natives.home(result)] = guarded(why, value)


def window_path(natives: Natives, result: Result) -> None:
    """The same years, one by one."""
    yearly, rules = _years(natives, result)
    why = _why(natives, result, rules)
    for year, held in enumerate(yearly[: LAST_YEAR + 1]):
        for column, value in enumerate(held.values()):
            natives.cells[natives.home(result, year, column)] = guarded(why, value)


# Portfolio


def absorption(natives: Natives, result: Result) -> None:
    """The least of three limits, and which of them it is."""
    managers, span, budget, cost, backlog = result.arguments
    domains = (checks.PEOPLE, checks.AMOUNT, checks.MULTIPLE, checks.AMOUNT, checks.PEOPLE)
    rules = [_rule(natives, each, of) for each, of in zip(result.arguments, domains, strict=True)]
    first, second, third = f"{managers}*{span}", f"{budget}/{cost}", backlog
    names = [quoted(each) for each in portfolio.LIMITS]
    later = f"IF({second}<={third},{names[1]},{names[2]})"
    least = f"IF(AND({first}<={second},{first}<={third}),{names[0]},{later})"
    why = _why(natives, result, rules)
    natives.cells[natives.home(result)] = guarded(why, f"MIN({first},{second},{third})")
    natives.cells[natives.home(result, 0, 1)] = guarded(why, least)


def breakeven_diversity(natives: Natives, result: Result) -> None:
    """The diversity at which one team does as much as another."""
    team, other, span, unmanaged, returns = result.arguments
    shared = [name(each) for each in (span, unmanaged, returns)]
    teams = []
    for column in (team, other):
        node = natives.graph[column]
        held = getattr(node, "members", None)
        members = held or [f"{column}|0|{place}" for place in range(len(TYPES))]
        teams.append([name(each) for each in members])

    def found() -> Any:
        raws = [mixes.raw_output(each[0], each[1], shared[0], shared[1]) for each in teams]  # type: ignore[arg-type]
        types = [mixes.types_of(*each) for each in teams]  # type: ignore[arg-type]
        for each in (*teams[0], *teams[1]):
            checks.PEOPLE.check("heads", each)
        for value, domain in zip(
            shared, (checks.AMOUNT, checks.SHARE, portfolio.RETURNS), strict=True
        ):
            checks.checked(value=(value, domain))
        lead: Any = types[0] - types[1]
        raw, needed = (Symbol("add", each, 0) for each in raws)
        if lead < -portfolio.EQUALLY_DIVERSE:
            raise InputError("the team", "be at least as diverse as the other one", Found("less"))
        if (lead <= portfolio.EQUALLY_DIVERSE) or (raw <= 0) or (needed <= 0):
            return portfolio.ALWAYS if raw >= needed else portfolio.AT_NONE
        log = np.log(needed / raw) * shared[2] / lead
        if log < -portfolio.MOST_DIVERSITY:
            return portfolio.ALWAYS
        if log > portfolio.MOST_DIVERSITY:
            return portfolio.AT_NONE
        return np.exp(log)

    def reference(each: str) -> str:
        return f"{{{each}}}" if "|" in each else defined_name(each)

    natives.add_tree(result, follow(found), reference)


def target_shares(natives: Natives, result: Result) -> None:
    """A blend of two mixes, each brought to a whole."""
    openings, funders, weight = result.arguments
    rules, sums = [_rule(natives, weight, checks.SHARE)], []
    for column in (openings, funders):
        members = natives.graph[column].members
        rules += [_rule(natives, each, checks.SHARE) for each in members]
        total = "+".join(map(defined_name, members))
        text = natives.helpers.cell(("sum", column), total)
        labels = ", ".join(natives.graph[each].label for each in members)
        rules.append(
            (
                f"ABS({text}-1)<={number(mixes.MOST_OFF_ONE)}",
                quoted(f"{labels} must sum to 1 (100%)"),
            )
        )
        sums.append(text)
    why, w = _why(natives, result, rules), defined_name(weight)
    pairs = zip(_members(natives, openings), _members(natives, funders), strict=True)
    for place, (one, other) in enumerate(pairs):
        value = f"{w}*({one}/{sums[0]})+(1-{w})*({other}/{sums[1]})"
        natives.cells[natives.home(result, 0, place)] = guarded(why, value)


def _parts(natives: Natives, reference: str) -> list[str]:
    """The values of a result of several parts."""
    result = natives.graph[reference]
    return [called(*natives.home(result, 0, place)) for place in range(len(result.parts))]


def revised_shares(natives: Natives, result: Result) -> None:
    """A prior and counts, weighed by how many observations each is worth."""
    prior, strength, table = result.arguments
    counts = f"{{{table}|:|:}}"
    rows = [
        f"OR(COUNT({{{table}|{row}|:}})=0,COUNT({{{table}|{row}|:}})={len(TYPES)})"
        for row in range(MOST_EVIDENCE)
    ]
    full = quoted("Each row of the evidence must hold a count of each type, or nothing")
    few = quoted(f"Each count of the evidence must {checks.PEOPLE.rule}")
    cell = natives.helpers.cell
    total = cell(("prior",), "+".join(_parts(natives, prior)))
    columns = [f"SUM({{{table}|:|{place}}})" for place in range(len(TYPES))]
    everything = cell(("evidence",), f"{strength}+({'+'.join(columns)})")
    rules = [
        _rule(natives, strength, checks.PEOPLE),
        (f"COUNTA({counts})=COUNT({counts})", few),
        (f"AND(MIN({counts})>=0,MAX({counts})<={number(checks.PEOPLE.maximum)})", few),
        (f"AND({','.join(rows)})", full),
        (
            f"{everything}>={number(portfolio.LEAST_EVIDENCE)}",
            _said(natives, strength, "be above 0 where nothing was observed"),
        ),
    ]
    why = _why(natives, result, rules)
    for place, (share, seen) in enumerate(zip(_parts(natives, prior), columns, strict=True)):
        value = f"({strength}*({share}/{total})+{seen})/{everything}"
        natives.cells[natives.home(result, 0, place)] = guarded(why, value)


def gap_plan(natives: Natives, result: Result) -> None:
    """Seats in proportion to what is missing, whole ones by the largest remainder."""
    pool, shares, seats = result.arguments
    rules = [_rule(natives, each, checks.PEOPLE) for each in natives.graph[pool].members]
    rules.append(_rule(natives, seats, portfolio.SEATS))
    why, cell = _why(natives, result, rules), natives.helpers.cell
    heads, targets = _members(natives, pool), _parts(natives, shares)
    whole = cell(("shares",), "+".join(targets))
    total = cell(("heads",), f"{'+'.join(heads)}+{seats}")
    short = [
        cell(("short", place), f"MAX({t}/{whole}*{total}-{h},0)")
        for place, (t, h) in enumerate(zip(targets, heads, strict=True))
    ]
    missing = cell(("missing",), "+".join(short))
    digits = portfolio.EQUAL_SEATS
    each = f"{seats}/IF({missing}>0,{missing},1)"
    quotas = [cell(("quota", s), f"ROUND({s}*({each}),{digits})") for s in short]
    left = [cell(("remainder", q), f"ROUND({q}-INT({q}),{digits})") for q in quotas]
    ranked = [cell(("ranked", s), f"ROUND({s},{digits})") for s in short]
    free = cell(("free seats",), f"{seats}-({'+'.join(f'INT({q})' for q in quotas)})")
    for place, quota in enumerate(quotas):
        before = [
            f"IF(OR({left[other]}>{left[place]},AND({left[other]}={left[place]},"
            f"{ranked[other]}{'>=' if other < place else '>'}{ranked[place]})),1,0)"
            for other in range(len(quotas))
            if other != place
        ]
        value = f"INT({quota})+IF({'+'.join(before)}<{free},1,0)"
        natives.cells[natives.home(result, 0, place)] = guarded(why, value)


def mix_output(natives: Natives, result: Result) -> None:
    """The output of each team of a table."""
    heads, rest = result.arguments[:3], result.arguments[3:]
    tree = follow(partial(result.function, *map(name, (*heads, *rest))))
    rows, columns = natives.graph.size(result)
    for row in range(rows):
        for column in range(columns):
            places = dict(zip(heads, ((row, column), (row, 0), (0, column)), strict=True))

            def reference(each: str, places: Any = places) -> str:
                return called(each, *places[each]) if each in places else defined_name(each)

            natives.add_point(result, row, column, tree, reference)


# Exchange


def survey_summary(natives: Natives, result: Result) -> None:
    """How many answers each good has, and how they spread; its interval is simulated."""
    amount = checks.AMOUNT
    for good in range(MOST_GOODS):
        column = f"{{{RESPONSES}|:|{good}}}"
        said = quoted(f"An answer of the survey must {amount.rule}")
        fits = (
            f"AND(COUNTA({column})=COUNT({column}),OR(COUNT({column})=0,"
            f"AND(MIN({column})>={number(amount.minimum)},MAX({column})<={number(amount.maximum)})))"
        )
        why = natives.helpers.cell(("answers", good), f'IF({fits},"",{said})')
        figures = [
            f"MEDIAN({column})",
            f"QUARTILE({column},1)",
            f"QUARTILE({column},3)",
            f"GEOMEAN({column})",
        ]
        values = [f"COUNT({column})"] + [
            f"IF(COUNT({column})=0,{quoted(exchange.NOT_ENTERED)},{each})" for each in figures
        ]
        for place, value in enumerate(values):
            natives.cells[natives.home(result, good, place)] = guarded(why, value)


def _good_by_good(domains: Sequence[Domain], form: str) -> Callable[[Natives, Result], None]:
    """A native form for a row of the goods, with the domain of each argument.

    An argument of one row for all goods is a number like others.
    """

    def add(natives: Natives, result: Result) -> None:
        rules, given = [], []
        for reference, domain in zip(result.arguments, domains, strict=True):
            if _is_column(natives, reference):
                several = f"{{{defined_name(reference)}|:|0}}"
                given.append(f"{{{defined_name(reference)}|ROW|0}}")
                known = (
                    f"COUNT({several})+COUNTBLANK({several})"
                    f"+COUNTIF({several},{quoted(exchange.NOT_ENTERED)})=ROWS({several})"
                )
                bounds = (
                    f"OR(COUNT({several})=0,AND(MIN({several})>={number(domain.minimum)},"
                    f"MAX({several})<={number(domain.maximum)}))"
                )
                label = quoted(f"{label_of(natives.graph, reference)}: each must {domain.rule}")
                rules.append((f"AND({known},{bounds})", label))
            else:
                rules.append(_rule(natives, reference, domain))
                given.append(defined_name(reference))
        why = _why(natives, result, rules)
        for row in range(MOST_GOODS):
            here = [each.replace("|ROW|", f"|{row}|") for each in given]
            blanks = [
                f'{each}="",{each}={quoted(exchange.NOT_ENTERED)}' for each in here if "|" in each
            ]
            value = form.format(*here)
            if blanks:
                value = f"IF(OR({','.join(blanks)}),{quoted(exchange.NOT_ENTERED)},{value})"
            natives.cells[natives.home(result, row, 0)] = guarded(why, value)

    return add


def _is_column(natives: Natives, reference: str) -> bool:
    node = natives.graph[reference]
    return (getattr(node, "size", None) or (1, 1))[0] == MOST_GOODS


FORMS: dict[str, Callable[[Natives, Result], None]] = {
    "scoped_cost": scoped_cost,
    "skill_density": skill_density,
    "staying_chance": staying_chance,
    "window_path": window_path,
    "absorption": absorption,
    "breakeven_diversity": breakeven_diversity,
    "target_shares": target_shares,
    "revised_shares": revised_shares,
    "gap_plan": gap_plan,
    "survey_summary": survey_summary,
    "good_value": _good_by_good((checks.AMOUNT, checks.AMOUNT), "{0}*{1}"),
    "versus_median": _good_by_good((checks.AMOUNT, checks.AMOUNT), "{0}/{1}"),
    "experience_adjusted": _good_by_good(
        (checks.AMOUNT, exchange.EXPERIENCE, exchange.EXPERIENCE, checks.ELASTICITY),
        "{0}*({2}/{1})^{3}",
    ),
}
"""By the name of a core function."""

TABLE_FORMS: dict[str, Callable[[Natives, Result], None]] = {
    "mix_output": mix_output,
    "good_multiple": _good_by_good((checks.MULTIPLE, checks.AMOUNT), "{0}/{1}"),
}
"""By the id of a result that takes whole tables of what its function takes as numbers."""
