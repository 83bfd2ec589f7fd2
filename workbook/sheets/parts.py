"""Cells, rows and tables that several sheets share, made from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest

from pycore.errors import Found, InputError
from pycore.graph import Graph
from pycore.model.sentences import declared
from pycore.model.tables import NOTHING
from pycore.nodes import Assumption, Choice, Result, Setting
from workbook.formulas import defined_name, formula
from workbook.sheets.layout import (
    THIS_SHEET,
    Allowed,
    Cell,
    Chart,
    Content,
    Listed,
    Series,
    Table,
    Words,
    Working,
)

UNITS_SHOWN_AS = {"x": "times", "x the pool": "times the pool"}

FINE = "ok"
FIRST_AID, FIRST_AID_STATE = "first_aid", "first_aid_state"
"""The names of the cells on the Summary sheet that say whether the functions answer."""

ERROR = "functions_error"
"""The name of the cell that holds 0 where functions answer, or what ERROR.TYPE gives."""

UNTOUCHED = "no functions"
"""The state in which every number is still that of the inputs beside it, though none answer."""

OUTDATED = "outdated"
"""The state in which some are not."""

ABSENT = "not computed: no functions answer"
REFUSES = 3
"""What ERROR.TYPE gives for #VALUE!."""

Row = tuple[Cell, ...]


def unit_text(unit: str) -> str:
    """The unit as a reader sees it."""
    return UNITS_SHOWN_AS.get(unit, unit)


# Cells and rows


def cell(content: Content, unit: str = "", style: str = "value", *names: str) -> Cell:
    """A cell that shows something; a text that begins with "=" is a formula."""
    if isinstance(content, str) and content.startswith("="):
        return Cell(formula=content, style=style, unit=unit, names=names)
    return Cell(content=content, style=style, unit=unit, names=names)


def row(styles: str, *contents: Cell | Content) -> Row:
    """A row of cells, each in the style of its column.

    Parameters
    ----------
    styles : str
        Of every column, with blanks between; where contents are fewer, the last stay empty.
    contents : cells, str, float or None
        A cell stands as it is, and anything else as :func:`cell` takes it.
    """
    return tuple(
        each if isinstance(each, Cell) else cell(each, style=style)
        for style, each in zip_longest(styles.split(), contents)
    )


def entry(
    name: str,
    allowed: Allowed | None,
    content: Content = None,
    unit: str = "",
    *,
    optional: bool = False,
) -> Cell:
    """A cell to type in, under its defined name; its style follows from what it may hold."""
    style = "input"
    if isinstance(allowed, Listed | Words | tuple):
        style = "input_text" if isinstance(allowed, Words) else "input_word"
    return replace(cell(content, unit, style, name), allowed=allowed, optional=optional)


def corner(name: str, first: Cell, rows: int = 1, width: int = 1) -> Cell:
    """The first cell of a block that has a defined name, and carries it before its own."""
    return replace(first, names=(name, *first.names), block=(rows, width))


def block(name: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows of cells that have one defined name together."""
    (first, *beside), *below = rows
    return ((corner(name, first, len(below) + 1, len(beside) + 1), *beside), *below)


def under(name: str, cells: Iterable[Cell]) -> Row:
    """Cells beside each other that have one defined name together."""
    return block(name, (tuple(cells),))[0]


def under_each(names: Iterable[str], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows of cells, each of whose columns has a defined name."""
    tops = zip(names, rows[0], strict=True)
    return (tuple(corner(name, top, len(rows)) for name, top in tops), *rows[1:])


def repeated(node: Assumption | Choice, name: str = "") -> Cell:
    """An assumption as it stands on its sheet, or the part of it that has a name."""
    return Cell(formula=f"={name or node.id}", style="value", unit=node.unit, like=node.central)


def said(graph: Graph, sentence_id: str, style: str = "answer", lines: int = 1) -> Cell:
    """The cell that says a sentence, on as many lines as it may need."""
    otherwise = declared()[sentence_id].otherwise
    call = formula(graph[sentence_id]).removeprefix("=")
    return Cell(
        formula=f'=IFERROR({call},"{otherwise}")',
        style=style,
        names=(sentence_id,),
        lines=lines,
        calls=True,
    )


LABEL_LINES = 2
"""How many lines the longest label of an answer takes in a cell to choose it in."""


def setting(
    graph: Graph, name: str, label: str, unit: str, reading: str, listed: Listed | None = None
) -> Row:
    """A row with an input that is no assumption, under its defined name.

    The graph declares what it holds at first and what it may hold; `listed` has the labels of that,
    where a reader picks one.
    """
    node: Setting = graph[name]
    held = listed.label_of(node.central) if listed else node.central
    value = entry(name, listed or node.allowed, held, unit)
    lines = LABEL_LINES if listed else 1
    return row(FIGURE, label, replace(value, prompt=f"{label}.", lines=lines), unit, reading)


FIGURE = "label strong unit plain"
"""The styles of a figure's row: label, value, unit and how to read it."""


def figures_table(
    heading: str, what: str, rows: Iterable[Row], width: int, value: str = "Value"
) -> Table:
    """A table of figures or settings, over so many columns.

    Parameters
    ----------
    what, value : str
        What stands above the labels and the values.
    width : int
        How many columns the sheet has; the last text of each row runs on into those that are left.
    """
    header = (what, value, "Unit", "How to read it", *[""] * (width - 4))
    return Table(heading=heading, header=header, rows=tuple(rows))


def result_row(
    label: str | Cell, values: Sequence[Cell], unit: str, reading: str, width: int
) -> Row:
    """A row of a table of results, over so many columns.

    Parameters
    ----------
    width : int
        How many columns the sheet has; the last text of the row runs on into those that are left.
    """
    texts = row("unit" + " quiet" * (width - len(values) - 2), unit_text(unit), reading)
    return (label if isinstance(label, Cell) else Cell(content=label), *values, *texts)


def result_cells(result: Result) -> Row:
    """The cells of a result: the one that computes it, or one for each of its parts.

    A result of several parts is computed as one block, in the sheet's workings; its cells
    here show the parts. LibreOffice keeps the stored values of plain formulas when it opens
    a file, but not those of array formulas.
    """
    if not result.parts:
        computed = cell(formula(result), result.unit, "strong", result.id)
        return (replace(computed, calls=True),)
    names = [defined_name(f"{result.id}.{part}") for part in result.parts]
    units = ["change" if name.endswith("_change") else result.unit for name in names]
    return under(
        result.id,
        (
            cell(indexed(block_name(result.id), 1, place), unit, "strong", name)
            for place, (name, unit) in enumerate(zip(names, units, strict=True), start=1)
        ),
    )


# Blocks, and what shows them


def block_name(result_id: str) -> str:
    """The defined name of the block that computes a result of several values."""
    return f"{result_id}_block"


def indexed(name: str, row: int, column: int) -> str:
    """The formula of one cell of a block, by its defined name; counted from 1."""
    return f"=INDEX({name},{row},{column})"


def or_word(name: str, row: int, column: int, word: str = NOTHING) -> str:
    """The formula of one cell of a block, or of a word where that is blank.

    LibreOffice does not keep a stored value that is empty: it would compute the cell anew, and
    without our functions.
    """
    shown = indexed(name, row, column).removeprefix("=")
    return f'=IF({shown}="","{word}",{shown})'


def block_cells(
    graph: Graph, result_id: str, style: str = "value", unit: str | None = None
) -> tuple[Row, ...]:
    """Plain cells with every value of a block, in the result's unit unless another is given."""
    rows, _ = graph.size(graph[result_id])
    return tuple(block_row(graph, result_id, row, style, unit) for row in range(1, rows + 1))


def block_row(
    graph: Graph, result_id: str, row: int, style: str = "value", unit: str | None = None
) -> Row:
    """Plain cells with the values of one row of a block, counted from 1."""
    result = graph[result_id]
    unit = result.unit if unit is None else unit
    return tuple(
        cell(indexed(block_name(result_id), row, column), unit, style)
        for column in range(1, graph.size(result)[1] + 1)
    )


def working(graph: Graph, result_id: str, copy: tuple[Row, ...] = ()) -> Working:
    """The block that computes one result of several values.

    Parameters
    ----------
    copy : tuple of rows
        What stands beside it, such as what :func:`block_cells` gives.
    """
    result: Result = graph[result_id]
    unit = "" if result.size else result.unit
    first = cell(formula(result), unit, "quiet_value", block_name(result.id))
    return Working(cells=(replace(first, block=graph.size(result), calls=True),), copy=copy)


def workings(graph: Graph, ids: Sequence[str], copied: Sequence[str] = ()) -> tuple[Working, ...]:
    """The blocks that compute results of several values, each by one call.

    Parameters
    ----------
    ids : sequence of str
        Results with parts, curves or tables.
    copied : sequence of str
        Those of which no printed table shows every value, so that a copy of them stands
        beside the block and carries the result's names.
    """
    return tuple(
        working(graph, each, _copy(graph, graph[each]) if each in copied else ()) for each in ids
    )


def _copy(graph: Graph, result: Result) -> tuple[Row, ...]:
    """Plain cells with every value of a block; a single row's carry the names of the parts."""
    rows = block_cells(graph, result.id, "quiet_value")
    if len(rows) == 1 and result.parts:
        rows = under_each([defined_name(f"{result.id}.{part}") for part in result.parts], rows)
    return block(result.id, rows)


def spoken(ids: Sequence[str]) -> tuple[Working, ...]:
    """The values that sentences speak of, a column for each below its id."""
    found = []
    for each in (declared()[sentence_id] for sentence_id in ids):
        contents = (each.id, *(f"={defined_name(value)}" for value in each.values.values()))
        cells = [cell(content, style="quiet_value") for content in contents]
        found.append(column_working(each.name, cells))
    return tuple(found)


def column_working(name: str, cells: Sequence[Cell]) -> Working:
    """Plain cells below each other that have one defined name together."""
    return Working(cells=tuple(each for (each,) in block(name, [(each,) for each in cells])))


def first_true(rules: Sequence[tuple[str, str]], otherwise: str) -> str:
    """What the first rule that holds says, or something other; without the "=".

    A rule is a condition and what then stands: parts of a formula both, as the last is.
    """
    nested = otherwise
    for condition, then in reversed(rules):
        nested = f"IF({condition},{then},{nested})"
    return nested


# Tables and charts


TRACED = "trace:"
"""How the anchor begins of the row that says what a result is computed from."""

TRACE, FUNCTIONS, GLOSSARY = "about:trace", "about:functions", "about:glossary"
"""The anchors of what else stands on the About sheet."""

NAVIGATION = (
    ("Summary", "Summary!"),
    ("Assumptions", "Assumptions!"),
    ("Trace", f"@{TRACE}"),
    ("Glossary", f"@{GLOSSARY}"),
)
"""What every sheet leads to: what a link says, and where it leads."""


def linked(said: str, link: str, style: str = "link") -> Cell:
    """A text that leads somewhere."""
    return Cell(content=said, style=style, link=link)


def opening(title: str, subtitle: str, links: int = len(NAVIGATION)) -> Table:
    """The title of a sheet, in A1, a warning beside it, the line below, and where it leads.

    Parameters
    ----------
    links : int
        How many columns there are for links.
    """
    leads = tuple(linked(*each) for each in NAVIGATION[:links] if each[0] != title)
    return Table(rows=(row("title notice", title, warning()), row("subtitle", subtitle), leads))


def warning() -> str:
    """A formula that warns of numbers to mistrust on its sheet."""
    trusted = ",".join(f'{FIRST_AID_STATE}="{state}"' for state in (FINE, UNTOUCHED))
    here = f'IF({FIRST_AID_STATE}="{OUTDATED}",{outdated(THIS_SHEET)},{FIRST_AID})'
    return f'=IF(OR({trusted}),"",{here})'


def outdated(sheet: str) -> str:
    """The name of the cell that says which inputs were edited that a sheet depends on."""
    return f"outdated_{sheet}".replace(" ", "_").lower()


def unless_absent(value: str, otherwise: str) -> str:
    """Say that no functions answer where an error would else be blamed on an input; without "=".

    Parameters
    ----------
    value : str
        What is an error: #VALUE! where a function refuses an input, and no other.
    otherwise : str
        What is said of the input: part of a formula, as the answer is.
    """
    return f'IF(IFERROR(ERROR.TYPE({value}),{REFUSES})={REFUSES},{otherwise},"{ABSENT}")'


def notes(lines: Sequence[str], heading: str = "How to read it", style: str = "plain") -> Table:
    """Lines of text below each other."""
    return Table(heading=heading, rows=tuple(row(style, line) for line in lines))


COLUMNS = 6
"""How many columns the answer sheets have, unless one says otherwise."""


def inputs_table(graph: Graph, ids: Sequence[str], width: int = COLUMNS) -> Table:
    """The assumptions that a sheet uses, as they stand on the Assumptions sheet.

    Parameters
    ----------
    ids : sequence of str
        Assumptions and choices.
    width : int
        How many columns the sheet has; the source stands in the last.
    """
    between = width - COLUMNS
    rows = []
    for node in (graph[node_id] for node_id in ids):
        low, high = Cell(), Cell()
        if isinstance(node, Assumption):
            low, high = (repeated(node, f"{node.id}_{end}") for end in ("low", "high"))
        units = row("unit" + " unit" * between, unit_text(node.unit))
        source = Cell(content=node.source, style="wrapped")
        label = linked(node.label, node.id, "link_label")
        rows.append((label, low, repeated(node), high, *units, source))
    shown = ("Assumption", "Low (5%)", "Central", "High (95%)", "Unit")
    return Table(
        heading="What it uses (click an assumption to change it)",
        header=(*shown, *[""] * between, "Source"),
        rows=tuple(rows),
    )


def results_table(
    graph: Graph,
    heading: str,
    ids: Sequence[str],
    width: int = COLUMNS,
) -> Table:
    """Results, each computed by its own formula.

    Parameters
    ----------
    ids : sequence of str
        Results of the same parts.
    width : int
        How many columns the sheet has.
    """
    results: list[Result] = [graph[result_id] for result_id in ids]
    parts = results[0].parts
    values = tuple(part.replace("_", " ").capitalize() for part in parts) or ("Value",)
    rest = [""] * (width - len(values) - 3)
    return Table(
        heading=heading,
        header=("Result", *values, "Unit", "How to read it", *rest),
        rows=tuple(
            result_row(
                linked(each.label, f"@{TRACED}{each.id}", "link_label"),
                result_cells(each),
                each.unit,
                each.reading,
                width,
            )
            for each in results
        ),
    )


def curve_table(
    graph: Graph,
    result_id: str,
    chart: Chart,
    level: str | None = None,
) -> Table:
    """The points of a curve, computed as one block, beside their chart.

    Parameters
    ----------
    result_id : str
        A result over a grid.
    level : str, optional
        An assumption to draw as a level line beside the curve, under the name ``id_level``.
    """
    result: Result = graph[result_id]
    grid = graph.swept[result_id].down
    if grid is None:
        raise InputError(result_id, "run down a grid", Found("none"))
    levels = [graph[level]] if level else []
    names = (grid.id, result.id, *(f"{each.id}_level" for each in levels))
    level_cells = [cell(f"={each.id}", each.unit) for each in levels]
    return Table(
        heading=chart.title,
        header=(grid.label, result.label, *(each.label for each in levels)),
        rows=tuple(
            (cell(point, grid.unit), *shown, *level_cells)
            for point, shown in zip(grid.values, block_cells(graph, result_id), strict=True)
        ),
        columns={name: column for column, name in enumerate(names)},
        chart=chart,
        chart_column=len(names),
    )


def series(points: str, *lines: tuple[str, ...]) -> tuple[Series, ...]:
    """The series of a chart over the same points.

    Parameters
    ----------
    points : str
        Their defined name.
    lines : tuples of str
        What each is called, the defined name of its values and its colour; and its marker and
        dash, where they are not as usual.
    """
    return tuple(Series(label, points, *rest) for label, *rest in lines)
