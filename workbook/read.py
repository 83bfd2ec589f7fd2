"""Reading a workbook: its sheets, its names, and what stands in its cells."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import Any

from defusedxml import ElementTree
from openpyxl.utils.cell import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import CellRange

from pycore.errors import Found, InputError
from pycore.model.results import model
from pycore.model.whole import whole
from workbook.file.kinds import RELATIONSHIP, resolved
from workbook.file.limits import MOST_CELLS
from workbook.file.package import Package, is_read, open_package
from workbook.file.patch import CellSpan, SheetCells, find_cells
from workbook.file.values import MAIN, CellValues, date_styles, texts_of
from workbook.formulas import defined_name, input_references, value_references
from workbook.sheets import sheets
from workbook.sheets.layout import Cell, Listed
from workbook.upgrading.schemas import VERSION_NAME, current, schema_of

RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
WORKSHEET, TABLE = "/worksheet", "/table"
SHARED_STRINGS, STYLES = "/sharedStrings", "/styles"

CELL_OR_ROW = re.compile(rb"<(?:\w+:)?(?:c|row)[\s/>]")

PLAIN_REFERENCE = re.compile(r"([A-Za-z_]+|'[\w ]+')!(\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?)")

REPEATING = re.compile(r'=IF\(ISBLANK\((\w+)\),"",')
"""How the formula of a cell begins that gives to functions what stands in another."""

MOST_NAMED = 200_000
"""More cells than these no name of ours stands for."""


@dataclass(frozen=True)
class Place:
    """Where a name stands in a file: a sheet, and its addresses as rows."""

    sheet: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def first(self) -> str:
        """The address of the first cell."""
        return self.rows[0][0]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.first}"


@dataclass(frozen=True)
class Book:
    """A workbook as it was read.

    Parameters
    ----------
    package : Package
        Its parts.
    sheets : list of SheetCells
        Its worksheets.
    places : mapping of str to Place
        Where each of the names that the model declares stands.
    first_year : str
        "1900" or "1904": when the file's dates begin.
    names : mapping of str to list of str
        What each name of the whole file refers to, by the name in lower case.
    """

    file: str
    package: Package
    sheets: list[SheetCells]
    places: Mapping[str, Place]
    first_year: str = "1900"
    names: Mapping[str, list[str]] = field(default_factory=dict)

    @cached_property
    def tables(self) -> dict[str, str]:
        """The parts that declare a table, each with the name of its sheet."""
        return {
            part: sheet.name
            for sheet in self.sheets
            for part in _relations(self.package, sheet.part, TABLE).values()
            if part in self.package.parts
        }

    def sheet_of(self, name: str) -> SheetCells:
        """The sheet on which a name stands."""
        return self._by_name[self.places[name].sheet]

    @cached_property
    def _values(self) -> CellValues:
        return CellValues(lambda: self._shared_texts, lambda: self._date_styles, self.first_year)

    @cached_property
    def _shared_texts(self) -> list[str]:
        return _shared_texts(self.package)

    @cached_property
    def _date_styles(self) -> Mapping[str, str]:
        parts = _relations(self.package, book_part(self.package), STYLES).values()
        return {
            style: code
            for part in parts
            for style, code in date_styles(self.package.parts[part]).items()
        }

    @cached_property
    def _by_name(self) -> Mapping[str, SheetCells]:
        return {sheet.name: sheet for sheet in self.sheets}

    def cell(self, sheet: str, address: str) -> Any:
        """Give the stored value of a cell."""
        span = self._by_name[sheet].cells.get(address)
        try:
            return None if span is None else self._values.of(span)
        except (ValueError, LookupError, ElementTree.ParseError) as error:
            found = Found(f"damaged ({type(error).__name__})")
            raise InputError(f"{self.file}: {sheet}!{address}", "hold a value", found) from None

    def value(self, name: str) -> Any:
        """Give the stored value of a name's first cell."""
        return self.values(name)[0][0]

    def values(self, name: str) -> list[list[Any]]:
        """Give the stored values of all cells of a name, as rows."""
        place = self.places[name]
        return [[self.cell(place.sheet, address) for address in row] for row in place.rows]

    def inputs(self) -> dict[str, Any]:
        """Give everything that a person may have edited, as :func:`pycore.graph.evaluate` takes it.

        Returns
        -------
        dict
            By reference: assumptions, their ranges and distributions, settings and tables.
        """
        graph = whole()
        references = [
            *input_references(graph),
            *(setting.id for setting in graph.settings if setting.allowed is not None),
        ]
        single = {each: self.entered(defined_name(each)) for each in references}
        sources = {each: self.value(defined_name(each)) or "" for each in graph.texts}
        tables = {table.id: self.typed(table.id) for table in graph.tables}
        return sources | single | tables

    def given(self) -> dict[str, Any]:
        """Give the assumptions and choices alone, by reference."""
        return {each: self.value(defined_name(each)) for each in value_references(model())}

    def typed(self, table: str) -> list[list[Any]]:
        """Give what a person typed for a table, of which some cells repeat others."""
        rows = self.values(table)
        for name, row, column, repeated in _repeating():
            if name == table:
                rows[row][column] = self.entered(repeated)
        return rows

    def entered(self, name: str) -> Any:
        """Give the stored value of an input cell: of a label that was picked, the id."""
        value, cell = self.value(name), settings().get(name)
        listed = cell and cell.allowed
        return listed.id_of(value) if isinstance(listed, Listed) else value


def read_book(data: bytes, file: str) -> Book:
    """Read a workbook and find every name that the model declares.

    Raises
    ------
    InputError
        If it is no sound .xlsx, or of another schema, or a name is missing, doubled or of another
        size.
    """
    book, parts = _read(data, file)
    _check_schema(book, parts)
    return replace(book, places=_places(book.names, parts))


def read_as_it_is(data: bytes, file: str) -> Book:
    """Read a workbook of any schema, with the places of its own names, a person's among them.

    Raises
    ------
    InputError
        If it is no sound .xlsx.
    """
    book, parts = _read(data, file)
    return replace(book, places=dict(_own_places(book.names, parts)))


def _read(data: bytes, file: str) -> tuple[Book, Mapping[str, str]]:
    """A workbook without its places, and the part of each sheet."""
    package = open_package(data, file)
    try:
        parts, names, first_year = _contents(package)
        for part in filter(lambda each: not is_read(each), parts.values()):
            raise InputError(f"{file}: {part}", "stand elsewhere", Found("a sheet"))
        cells = sum(len(CELL_OR_ROW.findall(package.parts[part])) for part in parts.values())
        if cells > MOST_CELLS:
            rule = f"have at most {MOST_CELLS:,} cells and rows, blank ones too"
            raise InputError(file, rule, Found(f"{cells:,}"))
        found = [
            SheetCells(name, part, _with_texts(package, find_cells(package.parts[part], part)))
            for name, part in parts.items()
        ]
    except InputError:
        raise
    except Exception as error:
        rule = "be a workbook whose parts fit together"
        raise InputError(file, rule, Found(f"damaged ({type(error).__name__})")) from None
    return Book(file, package, found, {}, first_year, names), parts


def _check_schema(book: Book, parts: Mapping[str, str]) -> None:
    """Refuse a workbook of ours that is of another schema, and say what to do."""
    if not has_results(book.names):
        return  # what is missing is said by name
    held = replace(book, places=dict(_own_places(book.names, parts, (VERSION_NAME,))))
    version = held.value(VERSION_NAME) if VERSION_NAME in held.places else None
    found = schema_of(book.names, version)
    check_no_newer(book.file, found.number)
    if found.number < current():
        rule = f"be of schema {current()} (python -m workbook upgrade {book.file} -o NEW)"
        raise InputError(book.file, rule, Found(f"of {found}"))


def check_no_newer(file: str, number: int) -> None:
    """Refuse a file of a schema that this program does not know."""
    if number > current():
        rule = f"be of schema {current()} or before (a newer program reads it)"
        raise InputError(file, rule, Found(f"of schema {number}"))


def is_fieldbook(data: bytes, file: str) -> bool:
    """Whether a file is a workbook of this project, perhaps of an earlier version."""
    try:
        _, names, _ = _contents(open_package(data, file))
    except (InputError, LookupError, ElementTree.ParseError):
        return False
    return has_results(names)


def has_results(names: Mapping[str, list[str]]) -> bool:
    """Whether names of results of the model are among those of a file."""
    return any(defined_name(each.id).casefold() in names for each in model().results)


def _with_texts(package: Package, cells: Mapping[str, CellSpan]) -> Mapping[str, CellSpan]:
    """The cells with their texts, where a program keeps those of formulas among the shared ones.

    Gnumeric does; all others write a formula's text into its cell.
    """
    if not any(span.has_formula and span.attributes.get("t") == "s" for span in cells.values()):
        return cells
    texts = _shared_texts(package)
    return {
        address: replace(
            span, attributes=span.attributes | {"t": "str"}, value=texts[int(span.value or "")]
        )
        if span.attributes.get("t") == "s"
        else span
        for address, span in cells.items()
    }


def _shared_texts(package: Package) -> list[str]:
    """The texts that cells share, as the file writes them."""
    (part,) = _relations(package, book_part(package), SHARED_STRINGS).values()
    return texts_of(package.parts[part])


def _contents(package: Package) -> tuple[dict[str, str], dict[str, list[str]], str]:
    """The part of each worksheet, what each name refers to, and the year when dates begin."""
    home = book_part(package)
    targets = _relations(package, home, WORKSHEET)
    tree = ElementTree.fromstring(package.parts[home])
    parts = {
        sheet.attrib["name"]: targets[sheet.attrib[RELATION_ID]]
        for sheet in tree.iter(f"{MAIN}sheet")
        if sheet.attrib[RELATION_ID] in targets
    }
    names: dict[str, list[str]] = {}
    for defined in tree.iter(f"{MAIN}definedName"):
        # A copied sheet brings copies of the names that are its own; they are not meant.
        if "localSheetId" not in defined.attrib:
            names.setdefault(defined.attrib["name"].casefold(), []).append(defined.text or "")
    properties = tree.find(f"{MAIN}workbookPr")
    late = properties is not None and properties.attrib.get("date1904") in ("1", "true", "on")
    return parts, names, "1904" if late else "1900"


def book_part(package: Package) -> str:
    """The part that lists the sheets."""
    tree = ElementTree.fromstring(package.parts["_rels/.rels"])
    for relation in tree.iter(RELATIONSHIP):
        if relation.attrib["Type"].endswith("/officeDocument"):
            return str(relation.attrib["Target"]).lstrip("/")
    raise KeyError("officeDocument")


def _relations(package: Package, part: str, kind: str) -> dict[str, str]:
    """The parts of one kind that a part refers to, by the id of the relationship."""
    folder, name = posixpath.split(part)
    relations = package.parts.get(f"{folder}/_rels/{name}.rels")
    if relations is None:
        return {}
    tree = ElementTree.fromstring(relations)
    return {
        relation.attrib["Id"]: resolved(folder, relation.attrib["Target"])
        for relation in tree.iter(RELATIONSHIP)
        if relation.attrib["Type"].endswith(kind)
    }


def _places(names: Mapping[str, list[str]], parts: Mapping[str, str]) -> dict[str, Place]:
    """Find where every name that the layout declares stands in this file."""
    places = {}
    for placed in sheets():
        if placed.sheet.name not in parts and all(
            not names.get(name.casefold()) or "#REF!" in names[name.casefold()][0]
            for name in placed.names
        ):
            if not placed.names:
                continue
            rule = "be in the file: what the other sheets compute needs it (take an earlier copy)"
            raise InputError(f"the sheet {placed.sheet.name}", rule, Found("missing"))
        for name, where in placed.names.items():
            size = (where.bottom - where.top + 1, where.right - where.left + 1)
            places[name] = _place(name, size, names.get(name.casefold(), []), parts)
    return places


def _own_places(
    names: Mapping[str, list[str]], parts: Mapping[str, str], wanted: Iterable[str] = ()
) -> Iterator[tuple[str, Place]]:
    """Where names stand that are defined once and refer to cells; all of them by default."""
    for name in wanted or names:
        references = names.get(name, [])
        place = _area_or_none(references[0]) if len(references) == 1 else None
        if place is not None and place.sheet in parts:
            yield name, place


def _place(
    name: str, size: tuple[int, int], references: list[str], parts: Mapping[str, str]
) -> Place:
    wanted = "one cell" if size == (1, 1) else f"{size[0]} x {size[1]} cells"
    rule = f"be defined once and refer to {wanted} of a sheet (Formulas > Name Manager)"
    argument = f"the name {name}"
    if not references:
        raise InputError(argument, rule, Found("missing"))
    if len(references) > 1:
        raise InputError(argument, rule, Found("defined more than once"))
    place = _area_or_none(references[0])
    if place is None or place.sheet not in parts or (len(place.rows), len(place.rows[0])) != size:
        raise InputError(argument, rule, references[0])
    return place


def _area_or_none(reference: str) -> Place | None:
    """The cells that a text refers to, where it does."""
    try:
        return _area(reference)
    except Exception:  # of what is none, openpyxl raises errors of many kinds
        return None


@lru_cache(maxsize=4096)
def _area(reference: str) -> Place:
    """The cells that a reference is to."""
    if plain := PLAIN_REFERENCE.fullmatch(reference):  # as nearly all are
        sheet, area = plain[1].strip("'"), plain[2]
    else:
        ((sheet, area),) = DefinedName("name", attr_text=reference).destinations
        sheet = sheet.replace("''", "'")  # as an apostrophe stands within others
    cells = CellRange(area.replace("$", ""))
    if cells.size["rows"] * cells.size["columns"] > MOST_NAMED:
        raise ValueError
    letters = [get_column_letter(each) for each in range(cells.min_col, cells.max_col + 1)]
    rows = tuple(
        tuple(f"{letter}{row}" for letter in letters)
        for row in range(cells.min_row, cells.max_row + 1)
    )
    return Place(sheet, rows)


@dataclass(frozen=True)
class NamedCell:
    """A cell as the layout declares it under one of its names.

    Parameters
    ----------
    name : str
        A name that stands for it or for a range that it is in.
    row, column : int
        Where it stands in that range.
    home : str
        The address at which a new file has it.
    """

    name: str
    row: int
    column: int
    cell: Cell
    home: str


@cache
def named_cells() -> tuple[NamedCell, ...]:
    """Every cell that stands under a name, once for each of its names."""
    found = []
    for placed in sheets():
        cells = {(at.row, at.column): at.cell for at in placed.cells}
        for name, where in placed.names.items():
            found += [
                NamedCell(
                    name,
                    row - where.top,
                    column - where.left,
                    cells[row, column],
                    f"{get_column_letter(column + 1)}{row + 1}",
                )
                for row in range(where.top, where.bottom + 1)
                for column in range(where.left, where.right + 1)
                if (row, column) in cells
            ]
    return tuple(found)


@cache
def _repeating() -> tuple[tuple[str, int, int, str], ...]:
    """The cells of tables that repeat another cell: where they stand, and that one's name."""
    tables = {table.id for table in whole().tables}
    found = ((held, REPEATING.match(held.cell.formula)) for held in named_cells())
    return tuple(
        (held.name, held.row, held.column, repeats[1])
        for held, repeats in found
        if repeats and held.name in tables
    )


@cache
def settings() -> dict[str, Cell]:
    """The input cells with a rule that are no assumptions: a name for each, and what it holds."""
    known = set(map(defined_name, input_references(model())))
    return {
        held.name: held.cell
        for placed in sheets()
        for held in named_cells()
        if held.cell.allowed is not None
        and held.name in placed.names
        and placed.names[held.name].is_one_cell
        and held.name not in known
    }


@cache
def row_ids() -> Mapping[str, str]:
    """The id that stands in the row of a named cell, by the cell's name."""
    found = {}
    for placed in sheets():
        ids: dict[int, str] = {
            at.row: at.cell.content
            for at in placed.cells
            if at.cell.style == "name"
            and isinstance(at.cell.content, str)
            and at.cell.content.isidentifier()
        }
        for name, where in placed.names.items():
            if where.is_one_cell and where.top in ids:
                found[name] = ids[where.top]
    return found
