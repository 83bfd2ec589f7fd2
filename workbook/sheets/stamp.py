"""The stamp: every input beside what it was when the answers were computed, by native formulas.

It stands on the sheet of the workings, a row for each input, in cells and not in texts: programs
write one number in different ways, but all find it equal to itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, product
from re import compile as pattern

from xlsxwriter.utility import xl_col_to_name

from pycore import stamp
from pycore.graph import Graph
from pycore.model.results import TYPES
from pycore.model.tables import (
    CORRELATIONS,
    DECISIONS,
    EVIDENCE,
    FIRST_DECISIONS,
    HEADLINES,
    MOST_CHANGES,
    MOST_COMPARED,
    MOST_CORRELATIONS,
    MOST_EVIDENCE,
    MOST_GOODS,
    MOST_PEOPLE,
    MOST_SCENARIOS,
    OPINIONS,
    OUTCOMES,
    PEOPLE,
    RANGE_NAMES,
    RESPONSES,
    SCENARIOS,
)
from pycore.nodes import RANGE_PARTS, Assumption, Choice
from workbook.formulas import call, defined_name
from workbook.sheets.layout import THIS_ROW, Cell, Placed, Range, Table
from workbook.sheets.parts import (
    ERROR,
    FIRST_AID,
    FIRST_AID_STATE,
    Row,
    block_name,
    cell,
    corner,
    indexed,
    outdated,
    row,
)

NOW, THEN, ECHO = "stamp_now", "stamp_then", "stamp_echo"
"""The inputs; what they were when this program computed the file; what a function gives back."""

BASE = "stamp_base"
"""What the answers were computed from: the echo, or else what this program wrote down."""

DATE, SINCE = "stamp_date", "stamp_since"
"""When this program computed the file, as written in words, and whether others have since."""

LABELS, STALE, DIFFERS = "stamp_labels", "stamp_stale", "stamp_differs"
AFFECTS, DATED = "stamp_affects", "stamp_affects_dated"
"""The defined names of columns: of the last two each has one for each group of cells."""

EDITED, SAID = "stamp_edited", "stamp_said"
"""How many inputs differ, and which."""

BLANK = "(blank)"
"""Stands for a blank input: nothing would be equal to 0 in one program, computed anew in others."""

BLOCKS = (NOW, THEN, ECHO, BASE, AFFECTS, DATED)
"""The defined names of blocks, in which each row takes as many cells as its input has."""

WIDTH, GROUPS, NAMED = 5, 3, 3
"""Cells of a row; groups of them, by what depends on each; and how many inputs are named."""

ALWAYS_DATED = (
    *("breakeven_elasticity", "safe_load", "consistent_rates"),
    *("range_echo", "range_warning", "break_even", "pooled_opinions"),
)

POWER = "(1/2^3)"
"""So small a power that the sum of some changes with the smallest as with the largest."""

TOLERANCE = "1/100^(2*3)"
"""How far apart, relatively, one number may come in two programs, or a sum over a survey."""

MOST_BEHIND = 10_000
"""Cells of the largest block of formulas; only the answers of a survey are more."""

WORD = pattern(r"[A-Za-z_]\w*")
QUOTED = pattern(r'"[^"]*"')


@dataclass(frozen=True)
class Part:
    """A cell of a row: one that a person edits, or a figure for many of them.

    Parameters
    ----------
    native : str
        Its name; or of a figure, and of words, a formula without "=".
    kind : str
        How two values of it are compared: "number", "text", "figure" or "words".
    """

    native: str
    kind: str = "number"

    @property
    def now(self) -> str:
        """A formula without "=" for what stands there."""
        if self.kind in ("figure", "words"):
            return self.native
        return f'IF(ISBLANK({self.native}),"{BLANK}",{self.native})'

    def is_still(self, base: str) -> str:
        """Whether the cell holds what another cell does; without "="."""
        if self.kind == "figure":
            return f"ABS({self.now}-{base})<={TOLERANCE}*(1+ABS({base}))"
        if self.kind == "number":
            # In one program the last bit of the same number is another than in the file.
            near = f"ABS({self.now}-{base})<=ABS({base})*{TOLERANCE}"
            return f"IFERROR({near},{self.now}={base})"
        return f"EXACT({self.now},{base})"


@dataclass(frozen=True)
class Group:
    """Cells on which the same results depend.

    Parameters
    ----------
    references : tuple of str
        What they are in the graph.
    """

    parts: tuple[Part, ...]
    references: tuple[str, ...]


@dataclass(frozen=True)
class Stamped:
    """A row: what a reader calls the input, as a text or a formula, and its cells."""

    label: str
    groups: tuple[Group, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of its cells."""
        return tuple(chain.from_iterable(group.parts for group in self.groups))


def stamped(graph: Graph, placed: Sequence[Placed]) -> tuple[Stamped, ...]:
    """Every input of the graph, in the order of the rows.

    Parameters
    ----------
    placed : sequence of Placed
        The sheets, which say what settings are called.
    """
    return (
        *map(_assumed, graph.inputs),
        *(
            _row(
                _label(each.id, placed),
                each.id,
                *(((), [each.id]) if isinstance(each.central, str) else ([each.id],)),
            )
            for each in graph.settings
            if each.allowed is not None
        ),
        *_tables(),
        *_opinions(graph),
        *_goods(),
    )


def _row(label: str, table: str, names: Iterable[str], words: Iterable[str] = ()) -> Stamped:
    """A row with one group: cells with words, then cells with numbers, or with either."""
    parts = (*(Part(each, "text") for each in words), *map(Part, names))
    return Stamped(label, (Group(parts, (table,)),))


def _assumed(node: Assumption | Choice) -> Stamped:
    """An assumption: its central value, how it spreads, and where it is from."""
    source, date = (f"{node.id}_{part}" for part in ("source", "date"))
    # With how long the one is, so that the two cannot be taken for two others.
    where = Part(f'LEN({date})&":"&{date}&{source}', "words")
    last = Group((where,), (f"{node.id}.source", f"{node.id}.date"))
    if isinstance(node, Choice):
        return Stamped(node.label, (Group((Part(node.id, "text"),), (node.id,)), last))
    central, ends = [node.id], [f"{node.id}.{part}" for part in RANGE_PARTS]
    if node.setting:  # its ends follow it
        central, ends = [*central, *ends], []
    kind = f"{node.id}.distribution"
    spread = (*(Part(defined_name(end)) for end in ends), Part(defined_name(kind), "text"))
    return Stamped(
        node.label,
        (Group((Part(node.id),), tuple(central)), Group(spread, (*ends, kind)), last),
    )


def _label(name: str, placed: Sequence[Placed]) -> str:
    """What stands before an input in its row."""
    for each in placed:
        if name in each.names:
            top = each.names[name].top
            (label,) = (at.cell.content for at in each.cells if (at.row, at.column) == (top, 0))
            return str(label)
    raise KeyError(name)


def _tables() -> Iterator[Stamped]:
    for each in range(1, MOST_CORRELATIONS + 1):
        name = f"correlation_{each}"
        both = [f"{name}_first", f"{name}_second"]
        yield _row(f"Correlation {each}", CORRELATIONS, [f"{name}_rank"], both)
    for headline in HEADLINES:
        yield _row(f"Threshold: {headline.label}", OUTCOMES, [f"{headline.name}_threshold"])
    for each in range(1, len(FIRST_DECISIONS) + 1):
        name = f"decision_{each}"
        yield _row(f"Decision {each}", DECISIONS, [f"{name}_bar"], [f"{name}_answer"])
    columns = range(1, MOST_SCENARIOS + 1)
    names = [f"scenario_{each}_name" for each in columns]
    yield _row("Names of the scenarios", SCENARIOS, (), names)
    for each in range(1, MOST_CHANGES + 1):
        name, values = f"change_{each}", [f"scenario_{column}_value_{each}" for column in columns]
        label = f'=IF(ISBLANK({name}),"Scenarios: row {each}","Scenarios: "&{name})'
        yield _row(label, SCENARIOS, values, [name])
    for each in range(1, MOST_EVIDENCE + 1):
        yield _row(f"Evidence {each}", EVIDENCE, [f"evidence_{each}_{kind}" for kind in TYPES])
    compared = range(1, MOST_COMPARED + 1)
    for each in compared:
        names = [f"judgement_{each}_{other}" for other in compared if other != each]
        yield _row(f"Comparison {each}", "comparison_judgements", names)


NUMBERS = tuple(f"INDEX({OPINIONS},0,{column})" for column in (3, 4, 5))
"""Low, central and high of all opinions."""


def _opinions(graph: Graph) -> Iterator[Stamped]:
    """A row for each person, and figures for the opinions of each and on each assumption.

    Of all there is one row more; most are blank, so that they take few cells, as a survey does.
    """
    for each in range(1, MOST_PEOPLE + 1):
        name = f"person_{each}_name"
        said = f"IF(ISBLANK({name}),0,{_said_where(f'({_column(2)}={name})')})"
        parts = (Part(name, "text"), Part(f"person_{each}_weight"))
        yield Stamped(
            f'=IF(ISBLANK({name}),"Person {each}",{name})',
            (Group(parts, (PEOPLE,)), Group((Part(said, "figure"),), (OPINIONS,))),
        )
    read = f"{_column(1)}:{_column(5)}"  # all but the remarks
    counts = f"2*COUNTA({read})+COUNT({read})"
    figures = [counts, *(f"SUM({numbers})" for numbers in NUMBERS)]
    yield _figures("Opinions", figures)
    for first in range(0, len(graph.assumptions), WIDTH):
        some = graph.assumptions[first : first + WIDTH]
        named = (
            "+".join(f"({_column(1)}=INDEX({RANGE_NAMES},{first + at},{of}))" for of in (1, 2))
            for at in range(1, len(some) + 1)
        )
        label = f"Opinions (from {some[0].label} on)"
        yield _figures(label, [_said_where(f"({words})") for words in named])


def _figures(label: str, figures: Iterable[str]) -> Stamped:
    parts = tuple(Part(each, "figure") for each in figures)
    return Stamped(label, (Group(parts, (OPINIONS,)),))


def _column(number: int) -> str:
    return f"INDEX({OPINIONS},0,{number})"


def _said_where(condition: str) -> str:
    """A figure for the numbers of some opinions: sums of small powers, whatever their sign is."""
    weighed = zip(("", "2*", "3*"), NUMBERS, strict=True)
    said = "+".join(f"{weight}({numbers}^2)^{POWER}" for weight, numbers in weighed)
    return f"IF({NO_OPINIONS},0,IFERROR(SUMPRODUCT({condition}*({said})),-1))"


NO_OPINIONS = "opinions_entered=0"
"""Then nothing has to be searched, which takes a while."""


ENTERED = {
    "rate": "good_entered",
    "own": "good_owns",
    "years": "good_years",
    "cost": "good_costs",
}
"""What is entered of a good, and the table that it belongs to."""


def _goods() -> Iterator[Stamped]:
    """A row for each good: its name, what is entered of it, and what respondents say of it.

    Of most there is nothing, so they take few cells: numbers as sums of small powers. Answers in
    another order give the same results. A text is refused wherever it stands; the counts tell it.
    """
    for number in range(1, MOST_GOODS + 1):
        name, cells = f"good_{number}_name", [f"good_{number}_{part}" for part in ENTERED]
        weighed = zip(("", "2*", "3*", "2^2*"), cells, strict=True)
        entered = "+".join(f"{weight}{each}^{POWER}" for weight, each in weighed)
        answers = f"INDEX({RESPONSES},0,{number})"
        powers = f"IF(COUNT({answers})=0,0,IFERROR(SUMPRODUCT({answers}^{POWER}),-1))"
        yield Stamped(
            f'=IF(ISBLANK({name}),"Good {number}",{name})',
            (
                Group((Part(name, "text"),), ("survey_goods",)),
                Group(
                    (Part(f"3*COUNT({','.join(cells)})+IFERROR({entered},-1)", "figure"),),
                    tuple(ENTERED.values()),
                ),
                Group(
                    (
                        Part(f"2*COUNTA({answers})+COUNT({answers})+{powers}", "figure"),
                        Part(f"SUM({answers})", "figure"),
                    ),
                    (RESPONSES,),
                ),
            ),
        )


# Where they stand

NOW_AT, THEN_AT, BASE_AT, AFFECTS_AT = (3 + WIDTH * place for place in range(4))
DATED_AT = AFFECTS_AT + GROUPS
ECHO_AT = DATED_AT + GROUPS
"""The columns at which the blocks begin."""


def tables(
    graph: Graph, placed: Sequence[Placed], late: Collection[str] | None = None
) -> tuple[Table, Table]:
    """A row for each input, and a row for each sheet.

    Parameters
    ----------
    placed : sequence of Placed
        All sheets, that of the workings too.
    late : collection of str, optional
        Ids of the results that no native formula can compute; those of :func:`dated` by default.
    """
    rows, sources = stamped(graph, placed), _Sources(graph, placed)
    which = dated(graph) if late is None else set(late)
    made = [
        _stamp_row(
            each,
            number,
            len(rows),
            [sources.affected(group.references) for group in each.groups],
            [sources.affected(group.references, which) for group in each.groups],
        )
        for number, each in enumerate(rows, start=1)
    ]
    inputs = Table(
        heading="The inputs, and what they were when the answers were computed",
        header=("Input", "Older than it", "Differs"),
        rows=tuple(map(tuple, made)),
        columns={LABELS: 0, STALE: 1, DIFFERS: 2},
    )
    sheets = Table(
        heading="What is older than its inputs",
        header=(
            "What is found",
            "Inputs edited",
            *(f"Place {each + 1}" for each in range(NAMED)),
            "What is said",
        ),
        rows=(
            row("quiet_value quiet_value", cell(None, "", "quiet_value", DATE), _since()),
            _sheet_row("", EDITED, SAID),
            *(_sheet_row(each.sheet.name, "", outdated(each.sheet.name)) for each in placed),
        ),
    )
    return inputs, sheets


def dated(graph: Graph) -> set[str]:
    """The ids of the results that need functions for good: what draws, solves or fits."""
    return {each.id for each in graph.results if each.simulates} | set(ALWAYS_DATED)


def _stamp_row(
    each: Stamped, number: int, rows: int, affects: Sequence[str], late: Sequence[str]
) -> list[Cell | None]:
    """The cells of a row; the first carries the names of the blocks."""
    parts = range(len(each.parts))
    stale, place = [], 0
    for at, group in enumerate(each.groups):
        same = [
            part.is_still(f"{_letter(BASE_AT + place + down)}{THIS_ROW}")
            for down, part in enumerate(group.parts)
        ]
        place += len(group.parts)
        affected = f"{_letter(AFFECTS_AT + at)}{THIS_ROW}"
        stale.append(f'IFERROR(IF(AND({",".join(same)}),"",{affected}),{affected})')
    echoes = [indexed(ECHO, number, at + 1).removeprefix("=") for at in parts]
    blocks: tuple[tuple[int, str, Sequence[str | None]], ...] = (
        (AFFECTS_AT, AFFECTS, affects),
        (DATED_AT, DATED, late),
        (NOW_AT, NOW, [f"={part.now}" for part in each.parts]),
        (THEN_AT, THEN, [None for _ in parts]),
        (
            BASE_AT,
            BASE,
            [f"=IFERROR({echoes[at]},{_letter(THEN_AT + at)}{THIS_ROW})" for at in parts],
        ),
    )
    cells: list[Cell | None] = [None] * (ECHO_AT if number > 1 else ECHO_AT + 1)
    # By the inputs themselves, whenever the file is opened or anything is edited: other programs
    # rewrite inputs and compute nothing.
    live = f"=IF(NOW()>0,{'&'.join(stale)})"
    differs = f'=0+({_letter(1)}{THIS_ROW}<>"")'
    cells[:NOW_AT] = row("label quiet_value quiet_value", each.label, live, differs)
    for first, name, contents in blocks:
        for at, content in enumerate(contents):
            cells[first + at] = cell(content, style="quiet_value")
        if number == 1:
            width = WIDTH if first < AFFECTS_AT else GROUPS
            cells[first] = corner(name, cell(contents[0], style="quiet_value"), rows, width)
    if number == 1:
        echo = cell(call(stamp.computed_from, [NOW]), "", "quiet_value", ECHO)
        cells[ECHO_AT] = replace(echo, block=(rows, WIDTH), calls=True)
    return cells


def _letter(column: int) -> str:
    return str(xl_col_to_name(column))


def _since() -> Cell:
    """When the answers were computed; blank where they follow, so that no new date changes it."""
    same = f"SUMPRODUCT(0+({BASE}<>{THEN}))=0"
    said = f'IF({same},"on "&{DATE},"after "&{DATE})'
    return cell(f'=IF(AND({ERROR}=0,{EDITED}=0),"",{said})', "", "quiet_value", SINCE)


def _sheet_row(sheet: str, count: str, said: str) -> Row:
    """How many inputs were edited on which a sheet depends, or any; and the first of them.

    What is older is found by a pattern, which stands in the first cell.
    """
    wanted, edited = (f"{_letter(at)}{THIS_ROW}" for at in (0, 1))
    places = [f"{_letter(2 + at)}{THIS_ROW}" for at in range(NAMED)]
    found = [f"=IFERROR(MATCH({wanted},{STALE},0),0)"]
    for before in places[:-1]:
        rest = f"INDEX({STALE},{before}+1,1):INDEX({STALE},ROWS({STALE}),1)"
        found.append(f"=IFERROR({before}+MATCH({wanted},{rest},0),0)")
    first, *others = (f"INDEX({LABELS},{place},1)" for place in places)
    more = "".join(f'&IF({edited}>{at},", "&{name},"")' for at, name in enumerate(others, start=1))
    text = (
        f'=IF({edited}=0,"","Computed "&{SINCE}&", before "&{edited}&IF({edited}=1," input was",'
        f'" inputs were")&" edited: "&{first}{more}&'
        f'IF({edited}>{NAMED}," and "&{edited}-{NAMED}&" more","")&".")'
    )
    counted = cell(f"=COUNTIF({STALE},{wanted})", "", "quiet_value")
    return (
        cell(f"*|{sheet}|*" if sheet else "*|*", "", "quiet_value"),
        replace(counted, names=(count,) if count else ()),
        *(cell(each, "", "quiet_value") for each in found),
        cell(text, "", "quiet_value", said),
    )


# What depends on them


class _Sources:
    """What the results on each sheet are computed from."""

    def __init__(self, graph: Graph, placed: Sequence[Placed]) -> None:
        self._graph = graph
        self._shown = _shown(graph, placed)

    def affected(self, references: Iterable[str], late: Collection[str] | None = None) -> str:
        """The sheets with results that depend on some references, each between bars.

        Parameters
        ----------
        late : collection of str, optional
            The only results that count, with what depends on them.
        """
        asked = set(references)
        found = [
            name
            for name in self._shown
            if asked & self._used(name, None if late is None else frozenset(late))
        ]
        return f"|{''.join(f'{name}|' for name in found)}"

    @cache  # noqa: B019
    def _used(self, sheet: str, late: frozenset[str] | None) -> set[str]:
        """The references that the results of a sheet take, by whatever way."""
        graph = self._graph
        needed = graph.needed(self._shown[sheet])
        if late is not None:
            needed = graph.needed(needed & late)
        return graph.taken_by(needed)


def _shown(graph: Graph, placed: Sequence[Placed]) -> dict[str, set[str]]:
    """The results that each sheet in sight shows, by way of whatever formulas."""
    results = {
        name: each.id
        for each in graph.results
        for name in (
            each.id,
            block_name(each.id),
            *(defined_name(f"{each.id}.{part}") for part in each.parts),
        )
    }
    ranges = {name: where for each in placed for name, where in each.names.items()}
    formulas = {
        each.sheet.name: {
            (at.row, at.column): at.cell.formula for at in each.cells if at.cell.formula
        }
        for each in placed
    }

    def behind(where: Range) -> Iterator[str]:
        """The words in the formulas that a name stands for; of an area of blank cells none."""
        rows, columns = range(where.top, where.bottom + 1), range(where.left, where.right + 1)
        if len(rows) * len(columns) <= MOST_BEHIND:
            for place in product(rows, columns):
                yield from _words(formulas[where.sheet].get(place, ""))

    found = {}
    for each in (each for each in placed if not each.sheet.hidden):
        name = each.sheet.name
        todo = [word for formula in formulas[name].values() for word in _words(formula)]
        seen = {FIRST_AID, FIRST_AID_STATE, outdated(name)}
        found[name] = {results[known] for known in each.names if known in results}
        while todo:
            word = todo.pop()
            if word not in seen:
                seen.add(word)
                if word in results:
                    found[name].add(results[word])
                elif word in ranges:
                    todo += behind(ranges[word])
    return found


@cache
def _words(formula: str) -> tuple[str, ...]:
    """What may be a name in a formula."""
    return tuple(WORD.findall(QUOTED.sub("", formula)))
