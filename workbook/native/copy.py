"""A copy that answers by itself: native formulas in the places of functions, and back again.

The copy is the same file, with the person's inputs, own sheets and looks. What has a native form
is computed by the spreadsheet itself; everything else stands at the value that it had.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from xml.sax.saxutils import escape

from openpyxl.utils.cell import coordinate_from_string, quote_sheetname

from pycore.errors import Found, InputError
from pycore.model.arguments import uncertain
from pycore.model.tables import ASSUMPTIONS, CORRELATIONS
from pycore.uncertainty.surfaces import surfaces
from workbook.circulation.noted import Noting, unnoted
from workbook.engine import Engine
from workbook.file.patch import (
    Edit,
    SheetCells,
    applied,
    as_constant,
    constant,
    end_of_data,
    formula_element,
    patch,
)
from workbook.file.relations import without
from workbook.file.webextension import FOLDER as EXTENSIONS
from workbook.hosts import HOSTS, LITE, SERVER, Host, calls_ours, host_of
from workbook.native.catalogue import natives
from workbook.native.expressions import COUNTED, MOST_COUNTED, resolved
from workbook.native.form import BOOK, FORM, HELPERS, full_of
from workbook.native.results import CellName
from workbook.native.stamped import depending, said_of_age
from workbook.native.surrogate import ARGUMENTS, margin_formulas
from workbook.read import Book, read_book
from workbook.recalc import Recalculated, recalculate
from workbook.recognise import Recognised, alike, named_formulas, recognise
from workbook.sheets.parts import block_name
from workbook.sheets.stamp import AFFECTS
from workbook.stored import CellKey, filled_by, formulas
from workbook.trust import trust

MACROS = "xl/vbaProject.bin"
NAMES_END = re.compile(rb"</(\w+:)?definedNames>")
HELPER = re.compile(r"!\$?A\$?(\d+)")
SEVERAL = re.compile(r"h(\d+):h(\d+)")


def is_reading(book: Book) -> bool:
    """Whether a file is a copy that answers by itself."""
    return HELPERS in book.names


def reading_copy(data: bytes, file: str, noting: Noting = unnoted) -> Recalculated:
    """A copy whose results are formulas of the spreadsheet itself.

    Parameters
    ----------
    data : bytes
        A workbook of any form; it is recalculated first, so that what is dated is of today.
    noting : callable
        What else is written into it.

    Returns
    -------
    Recalculated
        The copy, and what is to be reported of both computations.

    Raises
    ------
    InputError
        If it cannot be recalculated, or has macros.
    """
    done = recalculate(full_of(data, file), file, noting=noting)
    book = read_book(done.data, file)
    if MACROS in book.package.parts:
        rule = "be a workbook without macros: save it as .xlsx in Excel first"
        raise InputError(file, rule, Found("one with macros"))
    recognised = recognise(book)
    places = _Places(book)
    cells, helpers = _forms(book)
    named = {
        name: recognised.texts.get((at.sheet, at.first), "") for name, at in book.places.items()
    }
    cells = {**cells, **dict(said_of_age(named))}
    texts = _native_texts(book, places, cells)
    # Not every program computes a function of one number for many, but in an array formula.
    arrays = {_key(book, each) for each in natives().beyond}
    edits = {
        sheet.part: list(
            _replaced(sheet, book.package.parts[sheet.part], recognised, texts, arrays)
        )
        for sheet in book.sheets
    }
    workings = book.sheet_of(ANY_WORKING)
    end, prefix = end_of_data(book.package.parts[workings.part], workings.part)
    edits[workings.part].append((end, end, _rows_of(places, helpers, prefix)))
    edits[workings.part] += _said_to_depend(book, full=False).values()
    extensions = {part for part in book.package.parts if part.startswith(EXTENSIONS)}
    package = without(book.package.without_chain(), extensions)
    parts = {part: applied(package.parts[part], each) for part, each in edits.items()}
    where = f"{places.workings}!$A${places.first}:$B${places.first + MOST_COUNTED - 1}"
    host = LITE if extensions else host_of(recognised.texts.values())
    parts[BOOK] = _with_names(package.parts[BOOK], {HELPERS: where, FORM: f'"{host.name}"'})
    copied = read_book(package.to_bytes(parts), file)
    known = {_key(book, each) for each in cells.keys() - natives().beyond}
    own_cells = {(places.sheet, f"A{places.first + place}") for place in range(len(helpers))}
    data, number = _computed(copied, (recognised.ours - texts.keys()) | known | own_cells)
    return replace(done, data=data, formulas=number)


def full_copy(data: bytes, file: str) -> bytes:
    """A workbook whose results are computed by functions; a copy that answers by itself, again.

    What a person edited in it stays as it is. A file with functions is given back as it is.
    """
    book = read_book(data, file)
    if not is_reading(book):
        return data
    places = _Places(book, own=True)
    edits: dict[str, dict[str, Edit]] = {sheet.part: {} for sheet in book.sheets}
    for part, address, edit in _restored(book, places):
        edits[part].setdefault(address, edit)
    helpers = book.sheet_of(ANY_WORKING)
    edits[helpers.part] |= _said_to_depend(book, full=True)
    for address in places.helper_addresses:
        span = helpers.cells.get(address)
        if span is not None:
            edits[helpers.part][address] = (span.start, span.end, b"")
    parts = {part: applied(book.package.parts[part], each.values()) for part, each in edits.items()}
    parts[BOOK] = _without_names(book.package.parts[BOOK], (HELPERS, FORM))
    package = book.package.without_chain()
    return package.to_bytes({**parts, **_host_before(book).parts(package)})


def _said_to_depend(book: Book, *, full: bool) -> dict[str, Edit]:
    """By address: edits of the cells that say what grows old as an input is edited."""
    sheet = book.sheet_of(AFFECTS)
    xml = book.package.parts[sheet.part]
    spans = ((sheet.cells[at], value) for at, value in depending(book, full=full))
    return {
        span.address: (span.start, span.end, constant(xml, span, value)) for span, value in spans
    }


def _restored(book: Book, places: _Places) -> Iterator[tuple[str, str, Edit]]:
    """The cells of a copy that become those of a full workbook again: part, address and edit."""
    host = _host_before(book)
    formulas_of = [(each.name, text) for each, text in named_formulas(host.name)]
    said = dict(said_of_age(dict(reversed(formulas_of))))
    native = _native_texts(book, places, {**natives().cells, **said})
    found = {sheet.name: formulas(sheet) for sheet in book.sheets}
    for computed, declared in named_formulas(host.name):
        place, sheet = book.places[computed.name], book.sheet_of(computed.name)
        address = place.rows[computed.row][computed.column]
        span, text = sheet.cells.get(address), found[place.sheet].get(address)
        own = native.get((place.sheet, address), "")
        if span is None or not (
            text is None
            or alike(text) == alike(own)
            or places.are_called_by(text)
            # Out of sight, where nobody writes formulas of their own.
            or (computed.cell.calls and place.sheet == places.sheet)
        ):
            continue  # the model's plain formula, or one of a person's own
        xml = book.package.parts[sheet.part]
        rows, columns = computed.cell.block if computed.cell.calls else (1, 1)
        block = [
            each
            for line in place.rows[computed.row : computed.row + rows]
            for each in line[computed.column : computed.column + columns]
        ]
        area = f"{block[0]}:{block[-1]}" if len(block) > 1 else ""
        element = formula_element(xml, span, declared, area)
        yield sheet.part, address, (span.start, span.end, element)
        for each in block[1:]:
            if each in sheet.cells:
                other = sheet.cells[each]
                held = constant(xml, other, as_constant(other))
                yield sheet.part, each, (other.start, other.end, held)


def _forms(book: Book) -> tuple[Mapping[CellName, str], Sequence[str]]:
    """The native formulas of a file, those of its surrogate too, and the cells that they share."""
    found = natives()
    if SURROGATE not in book.places:
        return found.cells, found.helpers.formulas
    seed = int(book.value("simulation_seed"))
    given = uncertain(book.values(ASSUMPTIONS), book.values(CORRELATIONS))
    surface = surfaces(given, [DRAFT], seed).get(DRAFT)
    simulated = book.values(SURROGATE)[0]
    if surface is None or not all(isinstance(each, float | int) for each in simulated):
        return found.cells, found.helpers.formulas
    helpers = deepcopy(found.helpers)
    arguments = [book.value(each) for each in ARGUMENTS]
    formulas_of = margin_formulas(helpers, simulated, arguments, surface)
    more = {(SURROGATE, 0, place): text for place, text in enumerate(formulas_of)}
    return {**found.cells, **more}, helpers.formulas


DRAFT = "mentor_margin"
SURROGATE = block_name(DRAFT)
"""The result for which a surrogate stands, and the cells that compute it."""

ANY_WORKING = "cost_multiple_range_block"
"""A name that stands on the sheet of the workings."""


@dataclass(frozen=True)
class _Places:
    """Where native formulas find what they call by place."""

    book: Book
    own: bool = False

    @property
    def sheet(self) -> str:
        return self.book.places[ANY_WORKING].sheet

    @property
    def workings(self) -> str:
        return quote_sheetname(self.sheet)

    @cached_property
    def first(self) -> int:
        """The row of the first helper: below everything else, or where they stand already."""
        if self.own:
            return coordinate_from_string(self.helper_addresses[0])[1]
        cells = self.book.sheet_of(ANY_WORKING).cells
        return max(coordinate_from_string(each)[1] for each in cells) + 2

    @cached_property
    def helper_addresses(self) -> list[str]:
        """The cells of the helpers of a copy."""
        (reference,) = self.book.names[HELPERS]
        found = re.fullmatch(r".*!\$A\$(\d+):\$B\$(\d+)", reference)
        if found is None:
            raise InputError(f"the name {HELPERS}", "refer to cells of two columns", reference)
        rows = range(int(found[1]), int(found[2]) + 1)
        return [f"{column}{row}" for row in rows for column in "AB"]

    def are_called_by(self, formula: str) -> bool:
        """Whether a formula uses the helpers of a copy, in whatever words a program writes it."""
        last = self.first + MOST_COUNTED
        return any(self.first <= int(row) < last for row in HELPER.findall(formula))

    def address(self, called: str) -> str:
        """What stands in a formula for what it calls by place."""
        if several := SEVERAL.fullmatch(called):
            top, bottom = (self.first + int(each) for each in several.groups())
            return f"{self.workings}!$A${top}:$A${bottom}"
        if called.startswith("h") and called[1:].isdigit():
            return f"{self.workings}!$A${self.first + int(called[1:])}"
        if called == COUNTED:
            return f"{self.workings}!$B${self.first}:$B${self.first + MOST_COUNTED - 1}"
        named, row, column = called.split("|")
        place = self.book.places[named]
        rows_of = place.rows if row == ":" else (place.rows[int(row)],)
        first = rows_of[0][0 if column == ":" else int(column)]
        last = rows_of[-1][-1 if column == ":" else int(column)]
        ends = dict.fromkeys(map(_absolute, (first, last)))
        return f"{quote_sheetname(place.sheet)}!{':'.join(ends)}"


def _absolute(address: str) -> str:
    column, row = coordinate_from_string(address)
    return f"${column}${row}"


def _native_texts(book: Book, places: _Places, cells: Mapping[CellName, str]) -> dict[CellKey, str]:
    """The native formula of each cell that has one, by sheet and address."""
    return {_key(book, each): resolved(text, places.address) for each, text in cells.items()}


def _key(book: Book, cell: CellName) -> CellKey:
    """The sheet and the address of a cell that is known by a name and its place there."""
    named, row, column = cell
    place = book.places[named]
    return place.sheet, place.rows[row][column]


def _replaced(
    sheet: SheetCells,
    xml: bytes,
    recognised: Recognised,
    texts: Mapping[CellKey, str],
    arrays: Collection[CellKey],
) -> Iterator[Edit]:
    """What becomes of the cells of a sheet in which a function is called, or a sentence's value."""
    kept: set[str] = set()
    for address, span in sheet.cells.items():
        key = (sheet.name, address)
        if span.has_formula and key not in recognised.ours:
            kept |= set(filled_by(span))
    for address, span in sheet.cells.items():
        key = (sheet.name, address)
        if address in kept:
            continue
        if key in texts:
            area = address if key in arrays else ""
            yield span.start, span.end, formula_element(xml, span, texts[key], area)
        if not span.has_formula or not calls_ours(recognised.texts[key]):
            continue
        for each in filled_by(span):
            filled = sheet.cells.get(each)
            if filled is not None and (sheet.name, each) not in texts:
                held = as_constant(filled)
                yield filled.start, filled.end, constant(xml, filled, held)


def _rows_of(places: _Places, helpers: Iterable[str], prefix: bytes) -> bytes:
    """Rows with the formulas that others share."""
    start, rows = prefix.decode(), []
    for place, text in enumerate(zip_longest(helpers, range(1, MOST_COUNTED + 1))):
        number, (formula, count) = places.first + place, text
        held = f"<{start}v>{count}</{start}v>"
        cells = f'<{start}c r="B{number}">{held}</{start}c>'
        if formula is not None:
            held = f"<{start}f>{escape(resolved(formula, places.address))}</{start}f>"
            cells = f'<{start}c r="A{number}">{held}</{start}c>{cells}'
        rows.append(f'<{start}row r="{number}">{cells}</{start}row>')
    return "".join(rows).encode()


def _with_names(xml: bytes, names: Mapping[str, str]) -> bytes:
    """The part of the workbook with more defined names."""
    found = NAMES_END.search(xml)
    if found is None:
        raise InputError(BOOK, "hold defined names", Found("none"))
    prefix = (found[1] or b"").decode()
    added = "".join(
        f'<{prefix}definedName name="{name}">{escape(text)}</{prefix}definedName>'
        for name, text in names.items()
    )
    return xml[: found.start()] + added.encode() + xml[found.start() :]


def _without_names(xml: bytes, names: Iterable[str]) -> bytes:
    for name in names:
        pattern = rb'<(?:\w+:)?definedName\b[^<>]*\bname="%b"[^<>]*>[^<]*</(?:\w+:)?definedName>'
        xml = re.sub(pattern % name.encode(), b"", xml)
    return xml


def _host_before(book: Book) -> Host:
    """The host whose form a copy had before; of one with macros, the first that has none."""
    (text,) = book.names.get(FORM, [SERVER.name])
    known = (host for host in HOSTS if host.name == text.strip('"') and host.project is None)
    return next(known, SERVER)


def _computed(book: Book, ours: set[CellKey]) -> tuple[bytes, int]:
    """A copy with the values of its formulas, and how many there are."""
    texts = {
        (sheet.name, address): text
        for sheet in book.sheets
        for address, text in formulas(sheet).items()
    }
    recognised = Recognised(texts, ours & texts.keys())
    found = Engine(book, recognised, trust(book, recognised)).evaluation()
    parts = {
        sheet.part: patch(
            book.package.parts[sheet.part], sheet.cells, found.values[sheet.part], computed=True
        )
        for sheet in book.sheets
    }
    return book.package.to_bytes(parts), sum(map(len, found.values.values()))
