"""The layout: blocks come to stand where they fit, and texts fit where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pycore.model.results import model
from workbook.sheets import sheets
from workbook.sheets.layout import Cell, Chart, Placed, PlacedCell, Series, Sheet, Table, place
from workbook.sheets.styles import STYLES

PLACED = {placed.sheet.name: placed for placed in sheets()}


def test_blocks_stand_below_each_other() -> None:
    table = Table(
        heading="First",
        header=("A", "B"),
        rows=(
            (Cell(content="x"), Cell(content=1.0, names=("one",))),
            (Cell(content="y"), Cell(formula="=one+{row}", names=("two",))),
        ),
        columns={"both": 1},
    )
    placed = place(
        Sheet(name="S", widths=(10, 10), blocks=(table, Table(rows=((Cell(content="z"),),))))
    )
    at = {(cell.row, cell.column): cell.cell.content or cell.cell.formula for cell in placed.cells}
    assert at == {
        (0, 0): "First",
        (1, 0): "A",
        (1, 1): "B",
        (2, 0): "x",
        (2, 1): 1.0,
        (3, 0): "y",
        (3, 1): "=one+4",
        (5, 0): "z",
    }
    names = {name: (r.top, r.left, r.bottom, r.right) for name, r in placed.names.items()}
    assert names == {"one": (2, 1, 2, 1), "two": (3, 1, 3, 1), "both": (2, 1, 3, 1)}
    assert placed.header_row == 1


def test_a_chart_beside_a_table_pushes_what_comes_below_it() -> None:
    series = (Series(label="s", points="p", values="v", colour="#000000"),)
    chart = Chart(kind="line", title="t", description="d", x_title="x", y_title="y", series=series)
    table = Table(header=("A",), rows=((Cell(content="x"),),), chart=chart, chart_column=1)
    placed = place(
        Sheet(name="S", widths=(10,), blocks=(table, Table(rows=((Cell(content="z"),),))))
    )
    last = next(cell for cell in placed.cells if cell.cell.content == "z")
    assert last.row >= chart.height / 20
    assert (placed.charts[0].row, placed.charts[0].column) == (0, 1)


def test_a_block_has_its_first_name_and_its_first_cell_the_others() -> None:
    cell = Cell(formula="=x", names=("block", "first"), block=(2, 3))
    names = place(Sheet(name="S", widths=(1,), blocks=(Table(rows=((cell,),)),))).names
    assert (names["block"].bottom, names["block"].right) == (1, 2)
    assert (names["first"].bottom, names["first"].right) == (0, 0)


# The sheets as they are declared


@pytest.mark.parametrize("placed", list(PLACED.values()), ids=list(PLACED))
def test_no_two_things_stand_in_one_cell(placed: Placed) -> None:
    taken: set[tuple[int, int]] = set()
    for at in placed.cells:
        rows, columns = at.cell.block if at.cell.calls else (1, 1)
        covered = {(at.row + r, at.column + c) for r in range(rows) for c in range(columns)}
        assert not covered & taken, at
        taken |= covered


def test_no_name_stands_twice() -> None:
    names = [name.casefold() for placed in PLACED.values() for name in placed.names]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("result", model().results, ids=lambda result: result.id)
def test_every_result_is_placed_once(result: object) -> None:
    result_id = getattr(result, "id", "")
    places = [placed.names[result_id] for placed in PLACED.values() if result_id in placed.names]
    assert len(places) == 1


@pytest.mark.parametrize("placed", list(PLACED.values()), ids=list(PLACED))
def test_headers_of_a_table_are_unique(placed: Placed) -> None:
    for block in placed.sheet.blocks:
        if isinstance(block, Table):
            texts = [text for text in block.header if text]
            assert len(set(texts)) == len(texts), texts


@pytest.mark.parametrize("placed", list(PLACED.values()), ids=list(PLACED))
def test_a_chart_covers_no_cell(placed: Placed) -> None:
    for chart in placed.charts:
        bottom = chart.row + chart.chart.height // 20
        for at in placed.cells:
            inside = at.column >= chart.column and at.column < len(placed.sheet.widths)
            assert not (inside and chart.row <= at.row <= bottom), at


def texts(placed: Placed) -> Iterator[tuple[PlacedCell, str]]:
    for at in placed.cells:
        if isinstance(at.cell.content, str) and at.column < len(placed.sheet.widths):
            yield at, at.cell.content


ADVANCES = {
    222: "ijl'|",
    278: " !,./:;I[]ft",
    333: '()-r`"',
    500: "cksvxyzJ",
    584: "+<=>~",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "mM",
    889: "%",
    944: "W",
}
ADVANCE = {letter: width for width, letters in ADVANCES.items() for letter in letters}
"""How wide Arial's letters are, in thousandths of its size; all others are 556."""

PIXELS_PER_POINT = 96 / 72
INDENT = 9


def width_of(text: str, look: dict[str, Any]) -> float:
    """The pixels that a text takes in one line."""
    size = look.get("font_size", 10) * PIXELS_PER_POINT
    if look.get("font_name", "").startswith("Courier"):
        return float(len(text) * 0.6 * size)
    bold = 1.07 if look.get("bold") else 1
    width = sum(ADVANCE.get(letter, 556) for letter in text) / 1000 * size * bold
    return float(width + INDENT * look.get("indent", 0))


def room(placed: Placed, at: PlacedCell) -> float:
    """The pixels that it has: those of its column, and of empty ones beside it."""
    held = {(other.row, other.column): other.cell for other in placed.cells}
    pixels = 7 * placed.sheet.widths[at.column] + 5
    for column in range(at.column + 1, len(placed.sheet.widths)):
        beside = held.get((at.row, column))
        if beside is not None and (beside.content is not None or beside.formula):
            break
        pixels += 7 * placed.sheet.widths[column] + 5
    return pixels


@pytest.mark.parametrize("placed", list(PLACED.values()), ids=list(PLACED))
def test_texts_fit_where_they_stand(placed: Placed) -> None:
    cut = []
    for at, text in texts(placed):
        look = STYLES[at.cell.style]
        if look.get("text_wrap"):
            words = [word for word in text.split() if not word.startswith(("http", "="))]
            column = 7 * placed.sheet.widths[at.column] + 5
            cut += [word for word in words if width_of(word, look) > column]
        elif width_of(text, look) > room(placed, at):
            cut.append(text)
    assert cut == []


@pytest.mark.parametrize("title", ["Cost", "Marginal", "Ratio"])
def test_an_answer_sheet_says_what_it_asks_and_what_it_uses(title: str) -> None:
    placed = PLACED[title]
    contents = [text for _, text in texts(placed)]
    assert contents[1].endswith("?")
    assert any(text.startswith("What it uses") for text in contents)
    assert placed.charts


def test_units_stand_beside_every_number() -> None:
    for placed in PLACED.values():
        for block in placed.sheet.blocks:
            if isinstance(block, Table) and "Unit" in block.header:
                column = block.header.index("Unit")
                for row in block.rows:
                    if len([cell for cell in row if cell and (cell.content or cell.formula)]) > 1:
                        unit = row[column]
                        assert unit is not None
                        assert unit.content or unit.formula
