"""Blocks of a sheet, and the addresses that they come to stand at.

A sheet is declared as blocks from top to bottom; :func:`place` gives every cell its row and
column, and every name the range it stands for. Nothing else knows an address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import Any

from pycore.checks import Domain

Content = str | float | None


@dataclass(frozen=True)
class Listed:
    """What an input may hold where a person picks a label from cells, and functions take an id.

    `name` is that of the cells; `labels` has the id and the label of each; `rule` is what a refusal
    says.
    """

    name: str
    labels: tuple[tuple[str, str], ...]
    rule: str

    @property
    def words(self) -> tuple[str, ...]:
        """What the input may hold: ids will do too."""
        return tuple(chain.from_iterable(self.labels))

    def id_of(self, value: Any) -> Any:
        """The id of a label; anything else as it is."""
        return next((each for each, label in self.labels if value == label), value)

    def label_of(self, value: Any) -> Any:
        """The label of an id; anything else as it is."""
        return next((label for each, label in self.labels if value == each), value)


@dataclass(frozen=True)
class Words:
    """What an input may hold where any text will do."""

    longest: int


@dataclass(frozen=True)
class Mixed:
    """What an input may hold where it is a number or one of some words."""

    numbers: Domain
    words: tuple[str, ...]


Allowed = Domain | Listed | Words | Mixed | tuple[str, ...]
"""What an input may hold: numbers, one of some words, or a text."""


THIS_ROW, ROW_ABOVE = "{row}", "{above}"
"""Stand in a formula for the number of the row that it comes to stand in, and of the one above."""

THIS_SHEET = "{sheet}"
"""Stands in a name within a formula for the sheet that it comes to stand on."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell, or the first cell of a block that one formula fills.

    Parameters
    ----------
    content : str, float or None
        A constant.
    formula : str
        Instead of a constant: a formula, with its "=".
    style, unit : str
        How it looks; the unit gives the number format.
    names : tuple of str
        The defined names that stand for it, and for the whole block where it fills one.
    block : tuple of int
        Rows and columns that its first name stands for; a calling formula fills them.
    calls : bool
        Whether the formula calls one of our functions.
    like : str, float or None
        For a formula that repeats an input: a value to take the number format of.
    lines : int or callable
        How many lines a formula's text may need, or what gives that: only a new file asks.
        Constants are counted.
    allowed : Domain, Listed, Words or tuple of str, optional
        For an input: what may be entered.
    optional : bool
        Whether it may be left blank.
    prompt : str
        What is said of an input while it is chosen, before the rule.
    link : str
        Where a click leads: a sheet's name with "!" behind it, a defined name, an anchor with "@"
        before it, or the address of a page.
    anchor : str
        By what links find the cell.
    """

    content: Content = None
    formula: str = ""
    style: str = "text"
    unit: str = ""
    names: tuple[str, ...] = ()
    block: tuple[int, int] = (1, 1)
    calls: bool = False
    lines: int | Callable[[], int] = 1
    like: Content = None
    allowed: Allowed | None = None
    optional: bool = False
    prompt: str = ""
    link: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Series:
    """One series of a chart, by the names of its points and of how far its error bars reach."""

    label: str
    points: str
    values: str
    colour: str
    marker: str = "circle"
    dash: str = ""
    errors: tuple[str, str] | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Typed:
    """Columns of an area: how many, what may be typed, and what is said before the rule."""

    columns: int
    allowed: Allowed
    prompt: str


@dataclass(frozen=True, kw_only=True)
class Area:
    """Blank cells to type much in, of which a file holds only those that are filled.

    `typed` has the columns, from left to right. Of the rows so many are `printed`, and so many
    always `drawn` where a column has a name above it.
    """

    name: str
    rows: int
    typed: tuple[Typed, ...]
    printed: int
    drawn: int


@dataclass(frozen=True, kw_only=True)
class Heat:
    """Colours and marks for a block of numbers on either side of one.

    Parameters
    ----------
    block : str
        The defined name of the numbers.
    middle : str
        The defined name of the cell, on the same sheet, that holds the number between the sides.
    """

    block: str
    middle: str


@dataclass(frozen=True, kw_only=True)
class Spare:
    """Rows of a table that are drawn only where they hold something, and the next to type in.

    Parameters
    ----------
    columns : tuple of int
        The first and the last of the columns that say so.
    typed : bool
        Whether a person types there; else formulas stand there, and "-" is nothing.
    unfolded : int
        How many of the rows are in sight; the others are folded away. All, if 0.
    """

    columns: tuple[int, int]
    typed: bool = True
    unfolded: int = 0


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A native chart, drawn below the block before it or beside a table.

    `labels` is the number format of what stands above columns.

    Its kind is "column", "line", "bars" (two changes, from the middle of a tornado outward),
    "ranges" (bars from 1, with lines), "histogram" (columns, and a cumulative line) or "dots" (a
    dot and an interval for each row of the block `dots`, whose last columns are the high end, the
    name, x and y, and how far the interval reaches below and above).
    """

    kind: str
    title: str
    description: str
    x_title: str
    y_title: str
    series: tuple[Series, ...]
    width: int = 620
    height: int = 320
    x_format: str = "General"
    y_format: str = "General"
    labels: str = '0.0"x"'
    dots: str = ""
    x_logarithmic: bool = False
    x_highest: float | None = None
    y_highest: float | None = None


@dataclass(frozen=True, kw_only=True)
class ChartRow:
    """Charts beside each other.

    Parameters
    ----------
    charts : tuple of Chart
        Of one height.
    columns : tuple of int
        Where each begins.
    heading : str
        What stands above them.
    """

    charts: tuple[Chart, ...]
    columns: tuple[int, ...]
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A header and rows of cells.

    Parameters
    ----------
    header : tuple of str
        What stands above each column; none for lines of text.
    axis : tuple of cells
        Instead of a header: what stands above each column, such as points of a grid.
    rows : tuple of rows
        Each a tuple of cells; ``None`` leaves a cell as it is.
    heading : str
        What stands above the table.
    anchor : str
        By what links find the heading.
    columns : mapping of str to int
        Defined names for all the rows of a column.
    chart : Chart, optional
        Drawn to the right of the table.
    chart_column : int
        Where it begins.
    heat : Heat, optional
        Colours and marks for some of its cells.
    spare : Spare, optional
        Which of its rows are drawn.
    hides : mapping of int to str
        A word in a column that is not shown.
    struck : mapping of int to str
        The condition in which a column's cells do not count, with `THIS_ROW` for the first row.
    shares : mapping of int to str
        Likewise the condition in which a column's numbers are shares, to be shown in per cent.
    bars : mapping of int to str
        The colour of the bars behind some columns' numbers.
    foldable : bool
        Whether rows below each group's name can be folded, and rows filtered.
    printed : bool
        Whether it is printed; what comes after one that is not is not printed either.
    """

    header: tuple[str, ...] = ()
    axis: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell | None, ...], ...] = ()
    heading: str = ""
    anchor: str = ""
    columns: dict[str, int] = field(default_factory=dict)
    chart: Chart | None = None
    chart_column: int = 0
    heat: Heat | None = None
    spare: Spare | None = None
    hides: dict[int, str] = field(default_factory=dict)
    struck: dict[int, str] = field(default_factory=dict)
    shares: dict[int, str] = field(default_factory=dict)
    bars: dict[int, str] = field(default_factory=dict)
    foldable: bool = False
    printed: bool = True


@dataclass(frozen=True, kw_only=True)
class Working:
    """A block that other sheets take numbers from; it stands on the sheet of the workings.

    Parameters
    ----------
    cells : tuple of Cell
        Its first cell, whose formula fills it, or else all the cells of a single column.
    copy : tuple of rows
        Plain cells with its values, where no printed table shows all of them: LibreOffice
        keeps the stored values of plain formulas alone.
    rows : tuple of rows
        Instead of cells: a table that functions take whole.
    """

    cells: tuple[Cell, ...] = ()
    copy: tuple[tuple[Cell, ...], ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()

    @property
    def first(self) -> Cell:
        """Its first cell, by whose name it goes."""
        return (self.cells or self.rows[0])[0]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet as declared.

    Parameters
    ----------
    widths : tuple of float
        Of its columns, in characters.
    printed : int
        How many of them are printed; all by default.
    blocks : tuple of Table, Chart, ChartRow or Area
        From top to bottom; an area comes last.
    workings : tuple of Working
        Each with a label above it; they stand below everything else.
    repeats_header : bool
        Whether each page repeats the header of the first table, which is also frozen.
    one_page : bool
        Whether it is printed on a single page.
    frozen : int
        How many rows stay in sight, where no header does.
    hidden : bool
        Whether it is out of sight until somebody asks for it.
    """

    name: str
    widths: tuple[float, ...]
    blocks: tuple[Table | Chart | ChartRow | Area, ...]
    workings: tuple[Working, ...] = ()
    repeats_header: bool = False
    one_page: bool = False
    tab_colour: str = ""
    printed: int = 0
    frozen: int = 3
    hidden: bool = False

    @property
    def last_printed(self) -> int:
        """The last column that is printed, counted from 0."""
        return (self.printed or len(self.widths)) - 1


@dataclass(frozen=True)
class Range:
    """Where a name stands: rows and columns counted from 0, both ends included."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def is_one_cell(self) -> bool:
        """Whether it is a single cell."""
        return (self.top, self.left) == (self.bottom, self.right)


@dataclass(frozen=True)
class PlacedCell:
    """A cell at its place."""

    row: int
    column: int
    cell: Cell


@dataclass(frozen=True)
class PlacedChart:
    """A chart at its place."""

    row: int
    column: int
    chart: Chart


@dataclass(frozen=True)
class PlacedRows:
    """The rows of a table that have looks of their own."""

    table: Table
    rows: Range


@dataclass
class Placed:
    """A sheet with every address known.

    `whole` are the first and last rows of what no printed page should cut; of these and of all
    else that is printed the last row is `last_printed`.
    """

    sheet: Sheet
    cells: list[PlacedCell] = field(default_factory=list)
    charts: list[PlacedChart] = field(default_factory=list)
    heats: list[Heat] = field(default_factory=list)
    looks: list[PlacedRows] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    names: dict[str, Range] = field(default_factory=dict)
    anchors: dict[str, Range] = field(default_factory=dict)
    header_row: int | None = None
    whole: list[tuple[int, int]] = field(default_factory=list)
    bottom: int = 0
    last_printed: int = 0


ROW_PIXELS = 20
HEADER_OVER = {
    "status": "header_centre",
    **dict.fromkeys(("value", "strong", "input"), "header_right"),
    **dict.fromkeys(
        ("unit", "wrapped", "input_text", "input_word", "remark", "name"), "header_unit"
    ),
}
"""How a header is aligned, by the style of what stands below it."""


def place(sheet: Sheet) -> Placed:
    """Give every block of a sheet its address."""
    placed = Placed(sheet)
    row = top = 0
    for block in sheet.blocks:
        if isinstance(block, Area):
            _place_area(placed, block)
            break
        if isinstance(block, Chart):
            block = ChartRow(charts=(block,), columns=(0,))
        if isinstance(block, ChartRow):
            row = _place_charts(placed, block, row)
        else:
            row = _place_table(placed, block, row)
        placed.bottom = row - 1
        if not isinstance(block, Table) or block.printed:
            placed.last_printed = placed.bottom
        row += 1 if isinstance(block, ChartRow) or block.header or block.heading else 0
        if isinstance(block, ChartRow) or block.header or block.axis or block.rows:
            placed.whole += _whole(block, top, placed.bottom)  # else a heading of what comes next
            top = row
    _place_workings(placed)
    return placed


def _whole(block: Table | ChartRow, top: int, bottom: int) -> list[tuple[int, int]]:
    """The rows of a block that stay on one page: all, or each of its groups'."""
    if not (isinstance(block, Table) and block.foldable):
        return [(top, bottom)]
    first = bottom + 1 - len(block.rows)
    starts = [
        first + place
        for place, cells in enumerate(block.rows)
        if cells[0] is not None and cells[0].style == "group"
    ]
    ends = [each - 1 for each in (*starts[1:], bottom + 1)]
    return list(zip([top, *starts[1:]], ends, strict=True))


def _place_area(placed: Placed, area: Area) -> None:
    """Place an area right below the last table."""
    top = placed.bottom + 1
    columns = sum(each.columns for each in area.typed)
    placed.areas.append(area)
    placed.names[area.name] = Range(placed.sheet.name, top, 0, top + area.rows - 1, columns - 1)
    placed.bottom = placed.last_printed = top + area.printed - 1


def _place_heading(placed: Placed, heading: str, row: int, anchor: str = "") -> int:
    """Place a heading, if there is one; give the first row below it."""
    if not heading:
        return row
    _place_cell(placed, Cell(content=heading, style="heading", anchor=anchor), row, 0)
    return row + 1


def _place_charts(placed: Placed, row_of_charts: ChartRow, row: int) -> int:
    """Place charts from `row` down; give the first row below them."""
    row = _place_heading(placed, row_of_charts.heading, row)
    for chart, column in zip(row_of_charts.charts, row_of_charts.columns, strict=True):
        placed.charts.append(PlacedChart(row, column, chart))
    return row + max(map(_rows_of, row_of_charts.charts)) + 1


def _place_workings(placed: Placed) -> None:
    """Place workings one below the other, each under its label."""
    row = placed.bottom + 2
    for working in placed.sheet.workings:
        label = Cell(content=f"Workings: {working.first.names[0]}", style="quiet")
        _place_cell(placed, label, row, 0)
        for down, cells in enumerate(working.rows, start=1):
            for right, cell in enumerate(cells):
                _place_cell(placed, cell, row + down, right)
        for down, cell in enumerate(working.cells, start=1):
            _place_cell(placed, cell, row + down, 0)
        rows, columns = working.first.block
        for down, cells in enumerate(working.copy, start=1):
            for right, cell in enumerate(cells, start=columns + 1):
                _place_cell(placed, cell, row + down, right)
        row += max(rows, len(working.cells), len(working.copy)) + 2


def _rows_of(chart: Chart) -> int:
    return -(-chart.height // ROW_PIXELS)


def _place_table(placed: Placed, table: Table, row: int) -> int:
    """Place a table from `row` down; give the first row below it."""
    top = row = _place_heading(placed, table.heading, row, table.anchor)
    if table.header:
        _place_header(placed, table, row)
        row += 1
    for cells in (table.axis, *table.rows) if table.axis else table.rows:
        for column, cell in enumerate(cells):
            if cell is not None:
                spare = table.spare and cells is not table.axis
                _place_cell(placed, _spare(cell) if spare else cell, row, column)
        row += 1
    if table.rows and (table.spare or table.hides or table.bars or table.shares or table.foldable):
        right = max(map(len, table.rows)) - 1
        rows = Range(placed.sheet.name, row - len(table.rows), 0, row - 1, right)
        placed.looks.append(PlacedRows(table, rows))
    _name_columns(placed, table, row - len(table.rows))
    if table.heat:
        placed.heats.append(table.heat)
    if table.chart:
        placed.charts.append(PlacedChart(top, table.chart_column, table.chart))
        row = max(row, top + _rows_of(table.chart))
    return row


SPARE = "_spare"
"""How the name of a style ends that draws nothing by itself."""


def _spare(cell: Cell) -> Cell:
    return replace(cell, style=f"{cell.style}{SPARE}")


def _name_columns(placed: Placed, table: Table, first: int) -> None:
    """Name the columns of a table whose rows begin at `first`."""
    last = first + len(table.rows) - 1
    for name, column in table.columns.items():
        placed.names[name] = Range(placed.sheet.name, first, column, last, column)


def _place_header(placed: Placed, table: Table, row: int) -> None:
    if placed.header_row is None:
        placed.header_row = row
    for column, text in enumerate(table.header):
        style = HEADER_OVER.get(_style_below(table, column), "header")
        runs_on = style in ("header", "header_unit")
        if runs_on and text and table.header[column + 1 : column + 2] == ("",):
            style = "header_over"  # it runs on like the texts below it
        placed.cells.append(PlacedCell(row, column, Cell(content=text or None, style=style)))


def _place_cell(placed: Placed, cell: Cell, row: int, column: int) -> None:
    formula = cell.formula.replace(THIS_ROW, str(row + 1)).replace(ROW_ABOVE, str(row))
    formula = formula.replace(THIS_SHEET, placed.sheet.name.replace(" ", "_").lower())
    if formula != cell.formula:
        cell = replace(cell, formula=formula)
    placed.cells.append(PlacedCell(row, column, cell))
    if cell.anchor:
        placed.anchors[cell.anchor] = Range(placed.sheet.name, row, column, row, column)
    # The first name is the block's, any others its first cell's.
    sizes = chain((cell.block,), repeat((1, 1)))
    for name, (down, right) in zip(cell.names, sizes, strict=False):
        bottom, last = row + down - 1, column + right - 1
        placed.names[name] = Range(placed.sheet.name, row, column, bottom, last)


def _style_below(table: Table, column: int) -> str:
    """The style of the first cell that stands in a column of the table."""
    for row in table.rows:
        cell = row[column] if column < len(row) else None
        if cell is not None and cell.style != "group":
            return cell.style.removesuffix(SPARE)
    return ""
