"""The Assumptions sheet: every input, with its range, its distribution, unit, source and date."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import groupby

from pycore.errors import InputError
from pycore.graph import Graph
from pycore.mixes import MOST_OFF_ONE
from pycore.model.results import TYPES, model
from pycore.nodes import FIXED, RANGE_PARTS, Assumption, Choice
from pycore.uncertainty.distributions import KINDS, range_warning
from workbook.formulas import defined_name
from workbook.sheets.layout import Cell, Sheet, Table
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
    opening,
    or_word,
    row,
    under,
    unit_text,
    unless_absent,
    workings,
)
from workbook.sheets.styles import ORANGE, fitted_unit

SHARED = ("openings", "funders")
"""What is given as shares of the types of people, 100% together."""

LABELS_NAME = "assumption_labels"
CHECKS_NAME, REMARKS_NAME = "assumption_checks", "assumption_remarks"
FITS = "fits"

HEADER = (
    "Assumption",
    "Low (5%)",
    "Central",
    "High (95%)",
    "Unit",
    "Distribution",
    "Fitted 5%",
    "Fitted median",
    "Fitted 95%",
    "Fitted mean",
    "In order?",
    "What to look at",
    "Source",
    "Date",
    "Note",
    "Name",
    "Scope",
    "At least",
    "At most",
)
WARNING_CHARACTERS = 40
"""About how many stand in a line of the column of warnings."""

PRINTED = HEADER.index("Name")
"""How many columns are printed. What follows is for tools, and the Ranges sheet prints it."""


def sheet(graph: Graph) -> Sheet:
    """The sheet, from the declared assumptions."""
    rows: list[Row] = []
    starts = []
    # Each group together, in the order in which the groups first appear.
    order = list(dict.fromkeys(node.group for node in graph.inputs))
    inputs = sorted(graph.inputs, key=lambda node: order.index(node.group))
    for group, nodes in groupby(inputs, key=lambda node: node.group):
        starts.append(len(rows))
        rows.append(row("group " * len(HEADER), group))
        rows.extend(_row(graph, node) for node in nodes)
    return Sheet(
        name="Assumptions",
        tab_colour=ORANGE,
        widths=(34, 11, 16, 11, 17, 13, 11, 11, 11, 11, 12, 34, 38, 7, 41, 29, 16, 9, 9),
        printed=PRINTED,
        repeats_header=True,
        workings=workings(graph, ("range_echo", "range_warning")),
        blocks=(
            opening(
                "Assumptions",
                "Edit the framed yellow cells. Low and high are the 5th and 95th percentiles, a "
                "90% interval; central is the best guess, and the median of a metalog.",
            ),
            Table(
                header=HEADER,
                rows=tuple(rows),
                columns={
                    LABELS_NAME: 0,
                    CHECKS_NAME: HEADER.index("In order?"),
                    REMARKS_NAME: HEADER.index("What to look at"),
                },
                # On two pages, so that no group is torn apart.
                page_row=min(starts, key=lambda start: abs(start - len(rows) / 2)),
            ),
        ),
    )


def _row(graph: Graph, node: Assumption | Choice) -> Row:
    return (
        Cell(content=node.label, style="label"),
        *_inputs(node),
        Cell(content=unit_text(node.unit), style="unit"),
        *_fitted(graph, node),
        Cell(content=node.source, style="input_text", names=(f"{node.id}_source",)),
        Cell(content=node.date, style="input_text", names=(f"{node.id}_date",)),
        Cell(content=node.note or None, style="input_text"),
        Cell(content=node.id, style="name"),
        _scope(graph, node),
        *_bounds(node),
    )


def _fitted(graph: Graph, node: Assumption | Choice) -> Row:
    """The distribution, its echo, whether the row is in order, and what to look at."""
    in_order = Cell(formula=_in_order(graph, node), style="status")
    if isinstance(node, Choice):
        return row("value value value value value status text", *[None] * 5, in_order)
    place = graph.assumptions.index(node)
    unit = fitted_unit(node.unit, node.central)
    fitted = block_row(graph, "range_echo", place + 1, unit=unit)
    warning = or_word(block_name("range_warning"), place + 1, 1, FITS)
    return (
        entry(f"{node.id}_distribution", KINDS, node.distribution),
        *under(f"{node.id}_fitted", fitted),
        in_order,
        Cell(
            formula=f"=IFERROR({warning.removeprefix('=')},{_refusal(node, place)})",
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
        cell(node.domain.minimum, "", "quiet", f"{node.id}_minimum"),
        cell(node.domain.maximum, "", "quiet", f"{node.id}_maximum"),
    )


def _inputs(node: Assumption | Choice) -> Row:
    if isinstance(node, Choice):
        chosen = Cell(content=node.central, style="input", names=(node.id,), allowed=node.options)
        return Cell(), chosen, Cell()
    low, high = (defined_name(f"{node.id}.{part}") for part in RANGE_PARTS)
    typed = entry(node.id, node.domain, node.central, node.unit)
    if node.setting:
        ends = [cell(f"={node.id}", node.unit, "value", name) for name in (low, high)]
        return ends[0], typed, ends[1]
    for column in model().columns:
        if column.members[0] == node.id:
            typed = corner(column.id, typed, len(column.members))
    return (
        entry(low, node.domain, node.low, node.unit),
        typed,
        entry(high, node.domain, node.high, node.unit),
    )


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
    """Whether the shares of the types, which are 100% together, are not; as a formula without "=".

    Parameters
    ----------
    which : str
        One of `SHARED`.
    """
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
