"""The Assumptions sheet: every input, with its range, its distribution, unit, source and date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import groupby

from xlsxwriter.utility import xl_col_to_name

from pycore.errors import InputError
from pycore.graph import Graph
from pycore.mixes import MOST_OFF_ONE
from pycore.model.results import TYPES, model
from pycore.model.tables import NOTHING
from pycore.nodes import FIXED, RANGE_PARTS, Assumption, Choice
from pycore.uncertainty.distributions import KINDS, range_warning
from workbook.formulas import defined_name
from workbook.sheets.layout import ROW_ABOVE, THIS_ROW, Cell, Sheet, Table
from workbook.sheets.parts import (
    FINE,
    Row,
    block_name,
    block_row,
    cell,
    corner,
    entry,
    first_true,
    indexed,
    linked,
    opening,
    or_word,
    row,
    under,
    unit_text,
    unless_absent,
    workings,
)
from workbook.sheets.styles import EDIT, fitted_unit
from workbook.sheets.trace import MOVED

SHARED = ("openings", "funders")
"""What is given as shares of the types of people, 100% together."""

LABELS_NAME = "assumption_labels"
CHECKS_NAME, REMARKS_NAME = "assumption_checks", "assumption_remarks"
FITS = "fits"
NOT_USED = "Its ends are not used: it is fixed."
"""What is said where a fixed value is not between the ends that stand beside it."""


HEADER = (
    "Assumption",
    "Low (5%)",
    "Central",
    "High (95%)",
    "Unit",
    "Base value",
    "Changed?",
    "In order?",
    "Source",
    "Page",
    "Shape",
    "Distribution",
    "What to look at",
    "Date",
    "Note",
    "What it moves",
    "Fitted 5%",
    "Fitted median",
    "Fitted 95%",
    "Fitted mean",
    "Name",
    "Scope",
    "Base low",
    "Base high",
    "Base distribution",
    "At least",
    "At most",
    "Number of the change",
)
WIDTHS = (
    *(34, 12, 12, 11, 18, 12, 16, 11, 31, 6),
    *(12, 13, 34, 8, 42, 16),
    *(11, 11, 11, 11, 29, 16, 12, 12, 13, 16, 24, 11),
)
"""What fits on a screen; what is printed beyond; what is for reviewers and for tools."""

WARNING_CHARACTERS = 40
"""About how many stand in a line of the column of warnings."""

PRINTED = HEADER.index("What it moves")
"""How many columns are printed."""

BLANK = '""'
CHANGED, RANGE_CHANGED, KIND_CHANGED = "changed", "range changed", "distribution changed"
LABELS, NAMES, CENTRALS, BASES, MARKED, CHANGES = (
    f"assumption_{part}" for part in ("labels", "names", "centrals", "bases", "marks", "changes")
)
"""The defined names of columns, with the rows of the groups between."""

COLUMNS = {
    LABELS: "Assumption",
    CENTRALS: "Central",
    BASES: "Base value",
    MARKED: "Changed?",
    CHECKS_NAME: "In order?",
    REMARKS_NAME: "What to look at",
    NAMES: "Name",
    CHANGES: "Number of the change",
}


def _letter(header: str) -> str:
    return str(xl_col_to_name(HEADER.index(header)))


STRUCK = f'${_letter("What to look at")}{THIS_ROW}="{NOT_USED}"'
"""Where the ends of a row do not count."""

IN_SIGHT = (
    ("Value over cost", "cost_quote", "cost_multiple_within"),
    ("Marginal scholar", "adjusted_quote", "adjusted_multiple_within"),
    ("Capabilities to safety", "ratio_after_text", "ratio_shift_after_within"),
)
"""What stays in sight while a person types: label, answer and its 90% range."""


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared assumptions."""
    rows: list[Row] = []
    # Each group together, in the order in which the groups first appear.
    order = list(dict.fromkeys(node.group for node in graph.inputs))
    inputs = sorted(graph.inputs, key=lambda node: order.index(node.group))
    for group, nodes in groupby(inputs, key=lambda node: node.group):
        rows.append(row("group " * len(HEADER), group))
        rows.extend(_row(graph, node) for node in nodes)
    return Sheet(
        name="Assumptions",
        tab_colour=EDIT,
        widths=WIDTHS,
        printed=PRINTED,
        repeats_header=True,
        workings=workings(graph, ("range_echo", "range_warning")),
        blocks=(
            _opening(),
            Table(
                header=HEADER,
                rows=tuple(rows),
                columns={name: HEADER.index(header) for name, header in COLUMNS.items()},
                foldable=True,
                struck=dict.fromkeys(map(HEADER.index, ("Low (5%)", "High (95%)")), STRUCK),
            ),
        ),
    )


def _opening() -> Table:
    """The title, and the answers beside it."""
    said = "Edit the yellow cells. Low to high is a 90% range, central the best guess."
    titles = opening("Assumptions", said).rows
    place = HEADER.index("Base value")
    rows = []
    for title, (label, answer, within) in zip(titles, IN_SIGHT, strict=True):
        said = f'{answer}&IF({within}="{NOTHING}",""," (90% range: "&{within}&")")'
        shown = cell(f'=IFERROR({said},"not computed")', "", "in_sight")
        blanks = (None,) * (place - len(title))
        rows.append((*title, *blanks, cell(label, "", "in_sight_label"), None, shown))
    return Table(rows=tuple(rows))


def _row(graph: Graph, node: Assumption | Choice) -> Row:
    distribution, fitted, in_order, remark = _fitted(graph, node)
    bases, changed = _bases(node)
    return (
        Cell(content=node.label, style="label"),
        *_inputs(node),
        Cell(content=unit_text(node.unit), style="unit"),
        bases[0],
        changed,
        in_order,
        replace(_typed(node, "source", node.source), names=(f"{node.id}_source",)),
        _page(node),
        _shape(node),
        distribution,
        remark,
        replace(_typed(node, "date", node.date), names=(f"{node.id}_date",)),
        replace(_typed(node, "note", node.note or None), names=(f"{node.id}_note",)),
        linked("what it moves", f"@{MOVED}{node.id}"),
        *fitted,
        Cell(content=node.id, style="name"),
        _scope(graph, node),
        *bases[1:],
        *_bounds(node),
        Cell(formula=f"={_number_of_the_change()}", style="quiet"),
    )


def _typed(node: Assumption | Choice, part: str, content: str | None) -> Cell:
    """A text about an assumption that a person may edit."""
    return Cell(content=content, style="input_text", prompt=f"{node.label}: {TEXTS[part]}")


TEXTS = {
    "source": 'where the figures are from; "judgement" where they are one.',
    "date": "the year that the figures are from.",
    "note": "whatever else one should know.",
}
"""What is said of the texts beside an assumption."""


def _bases(node: Assumption | Choice) -> tuple[Row, Cell]:
    """What a new file holds, and whether this one holds something other."""
    base = {part: f"{_letter(header)}{THIS_ROW}" for part, header in BASED.items()}
    rules = [(f"{node.id}<>{base['']}", f'"{CHANGED}"')]
    values: list[tuple[str | float | None, str]] = [(node.central, node.unit)]
    if isinstance(node, Choice):
        values += [(None, "")] * 3
    else:
        parts: dict[str, str | float | None] = {
            "low": node.low,
            "high": node.high,
            "distribution": node.distribution,
        }
        unlike = {part: f"{node.id}_{part}<>{base[part]}" for part in parts}
        if not node.setting:
            rules.append((f"OR({unlike['low']},{unlike['high']})", f'"{RANGE_CHANGED}"'))
        rules.append((unlike["distribution"], f'"{KIND_CHANGED}"'))
        values += [
            (value, node.unit if part != "distribution" else "") for part, value in parts.items()
        ]
    changed = Cell(formula=f"={first_true(rules, BLANK)}", style="changed")
    cells = (replace(cell(value, unit, "quiet_right"), like=value) for value, unit in values)
    return tuple(cells), changed


BASED = {
    "": "Base value",
    "low": "Base low",
    "high": "Base high",
    "distribution": "Base distribution",
}


def _number_of_the_change() -> str:
    """Which of the changes a row is, counted from 1 from the top, or 0; without the "="."""
    mark, number = _letter("Changed?"), _letter("Number of the change")
    above = f"{number}${HEAD}:{number}{ROW_ABOVE}"
    return f'IF({mark}{THIS_ROW}="",0,MAX({above})+1)'


HEAD = 4
"""The row of the header, from which changes are counted."""

STEPS = "3*3"
"""How many steps the shape of a range has."""


def _shape(node: Assumption | Choice) -> Cell:
    """Where the central value lies between low and high, drawn in letters."""
    if isinstance(node, Choice) or node.setting:
        return Cell(style="text")
    low, high = f"{node.id}_low", f"{node.id}_high"
    # A little more, so that every program rounds what lies between two steps alike.
    steps = f"ROUND({STEPS}*({node.id}-{low})/({high}-{low})+1/(100*100),0)"
    drawn = f'REPT("-",{steps})&"o"&REPT("-",{STEPS}-{steps})'
    if not node.ends_count:
        drawn = f'IF({node.id}_distribution="{FIXED}","",{drawn})'
    return Cell(formula=f'=IFERROR({drawn},"")', style="function")


PAGES = {
    "EA Forum": "https://forum.effectivealtruism.org/posts/",
    "LessWrong": "https://www.lesswrong.com/posts/",
}
PAGE = re.compile(rf"({'|'.join(PAGES)}) (\w{{17}})\b")
"""A page as sources name it."""


def _page(node: Assumption | Choice) -> Cell:
    """A link to the page that the source names, as long as it names it."""
    found = PAGE.search(node.source)
    if not found:
        return Cell(style="text")
    opens = f'HYPERLINK("{PAGES[found[1]]}{found[2]}","open")'
    named = f'ISNUMBER(SEARCH("{found[2]}",{node.id}_source))'
    return Cell(formula=f'=IF({named},{opens},"")', style="link_label")


def _fitted(graph: Graph, node: Assumption | Choice) -> tuple[Cell, Row, Cell, Cell]:
    """The distribution, its echo, whether the row is in order, and what to look at."""
    in_order = Cell(formula=_in_order(graph, node), style="status")
    if isinstance(node, Choice):
        return Cell(style="value"), row("value value value value"), in_order, Cell(style="text")
    place = graph.assumptions.index(node)
    unit = fitted_unit(node.unit, node.central)
    fitted = block_row(graph, "range_echo", place + 1, unit=unit)
    warning = or_word(block_name("range_warning"), place + 1, 1, FITS).removeprefix("=")
    if not (node.setting or node.ends_count):
        unlike = f"OR({node.id}_low<>{node.id},{node.id}_high<>{node.id})"
        unused = f'AND({node.id}_distribution="{FIXED}",{unlike})'
        warning = f'IF({unused},"{NOT_USED}",{warning})'
    distribution = entry(f"{node.id}_distribution", KINDS, node.distribution)
    return (
        replace(distribution, prompt=f"{node.label}: how it spreads over its range."),
        under(f"{node.id}_fitted", fitted),
        in_order,
        Cell(
            formula=f"=IFERROR({warning},{_refusal(node, place)})",
            style="remark",
            lines=partial(_warned_lines, node),
            names=(f"{node.id}_warning",),
        ),
    )


def _warned_lines(node: Assumption) -> int:
    """How many lines the warning of the declared range takes, in a column of this width."""
    bounds = (node.domain.minimum, node.domain.maximum)
    said = range_warning(node.distribution, node.low, node.central, node.high, *bounds)
    return 1 + len(str(said)) // WARNING_CHARACTERS


def _refusal(node: Assumption, place: int) -> str:
    """Why no distribution can be fitted, in words for a reader without Python."""
    low, high, kind = (f"{node.id}_{part}" for part in ("low", "high", "distribution"))
    rules = (
        (f"COUNT({low},{node.id},{high})<3", "A number is missing."),
        (_disordered(node), "Low, central and high are out of order."),
        (f'AND({kind}="lognormal",{low}<=0)', "A lognormal needs a low end above 0."),
        (f'AND({kind}="beta",OR({low}<=0,{high}>=1))', "A beta needs ends above 0 and below 1."),
    )
    impossible = f'"No "&{kind}&" distribution has this range within its bounds: change either."'
    computed = indexed(block_name("range_warning"), place + 1, 1).removeprefix("=")
    impossible = unless_absent(computed, impossible)
    return first_true([(rule, f'"{message}"') for rule, message in rules], impossible)


def _disordered(node: Assumption) -> str:
    """Whether a range is out of order; of a fixed value the ends may be no matter."""
    low, high = f"{node.id}_low", f"{node.id}_high"
    disordered = f"OR({low}>{node.id},{node.id}>{high})"
    if node.setting or node.ends_count:
        return disordered
    return f'AND({node.id}_distribution<>"{FIXED}",{disordered})'


def _bounds(node: Assumption | Choice) -> Row:
    if isinstance(node, Choice):
        return row("quiet quiet")
    return (
        cell(node.domain.minimum, "bound", "quiet", f"{node.id}_minimum"),
        cell(node.domain.maximum, "bound", "quiet", f"{node.id}_maximum"),
    )


def _inputs(node: Assumption | Choice) -> Row:
    if isinstance(node, Choice):
        chosen = Cell(content=node.central, style="input", names=(node.id,), allowed=node.options)
        return Cell(), replace(chosen, prompt=f"{node.label}."), Cell()
    low, high = (defined_name(f"{node.id}.{part}") for part in RANGE_PARTS)
    said = {
        part: f"{node.label}: {means}, in {unit_text(node.unit)}." for part, means in MEANS.items()
    }
    typed = entry(node.id, node.domain, node.central, node.unit)
    if node.setting:
        ends = [cell(f"={node.id}", node.unit, "value", name) for name in (low, high)]
        return ends[0], replace(typed, prompt=f"{node.label}."), ends[1]
    for column in model().columns:
        if column.members[0] == node.id:
            typed = corner(column.id, typed, len(column.members))
    return (
        replace(entry(low, node.domain, node.low, node.unit), prompt=said["low"]),
        replace(typed, prompt=said["central"]),
        replace(entry(high, node.domain, node.high, node.unit), prompt=said["high"]),
    )


MEANS = {
    "low": "low end (5th percentile)",
    "central": "best guess",
    "high": "high end (95th percentile)",
}


def _in_order(graph: Graph, node: Assumption | Choice) -> str:
    """A formula that says what is out of order in a row, for a reader without Python."""
    if isinstance(node, Choice):
        return f'=IF(ISBLANK({node.id}),"blank","{FINE}")'
    low, high = f"{node.id}_low", f"{node.id}_high"
    rules = [
        (f"COUNT({low},{node.id},{high})<3", "missing"),
        (_disordered(node), "out of order"),
        (
            f"OR(MIN({low},{node.id},{high})<{node.id}_minimum,"
            f"MAX({low},{node.id},{high})>{node.id}_maximum)",
            "out of bounds",
        ),
    ]
    rules += [
        (f"{rule.smaller}>{rule.larger}", f"above {rule.larger}")
        for rule in graph.orderings
        if rule.smaller == node.id
    ]
    rules += [
        (off_one(which), "not 100% in all")
        for which in SHARED
        if node.id in [f"{which}_{each}" for each in TYPES]
    ]
    return "=" + first_true([(rule, f'"{message}"') for rule, message in rules], f'"{FINE}"')


def check_sums(changes: Mapping[str, float | str]) -> None:
    """Refuse shares that are all set at once and are not 100% together.

    One that is set alone passes: the sheets then say that the others are to follow.

    Parameters
    ----------
    changes : mapping of str to float or str
        New values by reference.

    Raises
    ------
    InputError
        Naming the shares.
    """
    for which in SHARED:
        ids = [f"{which}_{each}" for each in TYPES]
        shares = [value for value in map(changes.get, ids) if isinstance(value, float)]
        if len(shares) == len(ids) and abs(sum(shares) - 1) > MOST_OFF_ONE:
            raise InputError(", ".join(ids), "be 1 (100%) together", sum(shares))


def off_one(which: str) -> str:
    """Whether the shares of one of `SHARED` are not 100% together; as a formula without "="."""
    millionths = f"100*100*100*({'+'.join(f'{which}_{each}' for each in TYPES)}-1)"
    return f"ABS({millionths})>1"


def _scope(graph: Graph, node: Assumption | Choice) -> Cell:
    """The scope of a cost line; the first one's cell carries the name of all of them."""
    if isinstance(node, Choice) or not node.scope:
        return Cell(style="quiet")
    scope = Cell(content=node.scope, style="quiet")
    scopes = graph["cost_line_scopes"]
    opens = graph["cost_lines"].members[0] == node.id
    return corner(scopes.id, scope, len(scopes.value)) if opens else scope
