"""Putting values into a sheet's XML without touching any other byte.

The XML parser (expat) tells where each cell begins and ends; only the cells whose value
changes are written anew, and of these only the type and the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape

from openpyxl.utils.cell import column_index_from_string, get_column_letter
from openpyxl.utils.escape import unescape

from pycore.errors import Found, InputError

Value = float | bool | str | None

Edit = tuple[int, int, bytes]
"""From where to where what stands there becomes something else."""

ATTRIBUTE = re.compile(rb"\s+([^\s=/>]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
VALUE_ATTRIBUTES = (b"t", b"vm")
"""What belongs to the value of a cell: its type, and the metadata of a rich value."""

FORMULA_ATTRIBUTES = (b"cm",)
"""What belongs to its formula: that it is an array, as Excel stores the call of an add-in."""

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""What XML cannot hold, and the carriage return, which it would not keep."""

AROUND = {"dimension", "col", "sheetData", "row"}
TAG = re.compile(rb"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
LARGEST_WHOLE = 2**53
LAST_COLUMN, LAST_ROW = 16_384, 1_048_576


@dataclass(frozen=True)
class CellError:
    """An error as a cell holds it, such as #VALUE!."""

    code: str


@dataclass
class CellSpan:
    """A cell in a sheet's XML: what it holds, and the bytes that it takes up.

    Parameters
    ----------
    start, end : int
        The bytes of the whole element.
    formula : str
        The formula's text; empty for a shared formula's followers, and for a constant.
    formula_attributes : dict, optional
        Those of the formula element, where there is one.
    formula_bytes : tuple of int
        Where that element begins and ends.
    kept : list of tuple
        The bytes of children other than the value, which stay as they are.
    value : str, optional
        The text of the value element.
    inline : str, optional
        The text that stands in the cell itself, where it is a constant that does.
    """

    address: str
    start: int
    attributes: dict[str, str]
    end: int = 0
    formula: str = ""
    formula_attributes: dict[str, str] | None = None
    formula_bytes: tuple[int, int] = (0, 0)
    kept: list[tuple[int, int]] = field(default_factory=list)
    value: str | None = None
    inline: str | None = None

    @property
    def has_formula(self) -> bool:
        """Whether the cell itself holds a formula."""
        return self.formula_attributes is not None

    @property
    def array(self) -> str:
        """The range that an array formula of this cell fills; empty where it is none."""
        attributes = self.formula_attributes or {}
        return attributes.get("ref", "") if attributes.get("t") == "array" else ""


@dataclass
class SheetCells:
    """A sheet of the package: its part, and its cells as found there."""

    name: str
    part: str
    cells: Mapping[str, CellSpan]


@dataclass(frozen=True)
class Element:
    """An element around the cells of a sheet, or that says something of all of them.

    Parameters
    ----------
    name : str
        One of `AROUND`, without a prefix.
    attributes : dict
        Its own, in order.
    """

    name: str
    attributes: dict[str, str]
    start: int
    opened: int
    end: int


@lru_cache(maxsize=40)
def find_cells(xml: bytes, part: str) -> Mapping[str, CellSpan]:
    """Find every cell of a sheet; those of the sheets that were read last are known already.

    Raises
    ------
    InputError
        If it is not well-formed, or gives one address twice.
    """
    return MappingProxyType(find_elements(xml, part)[0])


def find_elements(xml: bytes, part: str) -> tuple[dict[str, CellSpan], list[Element]]:
    """Find every cell of a sheet, and the elements around them.

    Returns
    -------
    tuple of dict and list
        The cells by address; and the elements of `AROUND`, in the order of their ends.
    """
    finder = _CellFinder(xml, part)
    finder.run()
    return finder.cells, finder.elements


class _CellFinder:
    """Collects the cells of a sheet while expat reads it."""

    def __init__(self, xml: bytes, part: str) -> None:
        self.cells: dict[str, CellSpan] = {}
        self.elements: list[Element] = []
        self._around: list[tuple[int, dict[str, str]]] = []
        self._xml = xml
        self._part = part
        self._namespace = ""
        self._open: list[tuple[str, int]] = []
        self._cell: CellSpan | None = None
        self._row, self._column = 0, 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._started
        self._parser.CharacterDataHandler = self._text
        self._parser.EndElementHandler = self._ended

    def run(self) -> None:
        try:
            self._parser.Parse(self._xml, True)
        except expat.ExpatError as error:
            self._refuse(f"not well-formed XML (line {error.lineno})")

    def _refuse(self, what: str) -> NoReturn:
        raise InputError(self._part, "be a sound sheet", Found(what))

    def _parent(self) -> str:
        return self._open[-1][0] if self._open else ""

    def _started(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        if not self._open:
            self._namespace = namespace
        elif namespace != self._namespace:
            name = tag  # an extension's element, whatever it is called
        start = self._parser.CurrentByteIndex
        if name == "c" and self._parent() == "row":
            self._start_cell(attributes, start)
        elif self._cell is not None and self._parent() == "c":
            if name == "f":
                self._cell.formula_attributes = attributes
            elif name == "v":
                self._cell.value = ""
            elif name == "is":
                self._cell.inline = ""
        elif name in AROUND:
            if name == "row":
                self._start_row(attributes)
            self._around.append((start, attributes))
        self._open.append((name, start))

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", str(self._row + 1))
        if not number.isdecimal():
            self._refuse(f"one with a row {number}")
        self._row, self._column = int(number), 0

    def _start_cell(self, attributes: dict[str, str], start: int) -> None:
        # A cell that does not say where it stands follows the one before it.
        following = f"{get_column_letter(self._column + 1)}{self._row}"
        address = attributes.get("r", following)
        if not _is_address(address):
            self._refuse(f"one with a cell at {address}")
        self._column = column_index_from_string(address.rstrip("0123456789"))
        self._cell = CellSpan(address, start, attributes)
        if self.cells.setdefault(self._cell.address, self._cell) is not self._cell:
            self._refuse(f"one with the cell {self._cell.address} twice")

    def _text(self, characters: str) -> None:
        if self._cell is None or len(self._open) < 2:
            return
        around = self._open[-2][0]
        if around == "c" and self._parent() == "v":
            self._cell.value = (self._cell.value or "") + characters
        elif around == "c" and self._parent() == "f":
            self._cell.formula += characters
        elif around in ("is", "r") and self._parent() == "t":  # and not how to read it
            self._cell.inline = (self._cell.inline or "") + characters

    def _ended(self, _: str) -> None:
        name, start = self._open.pop()
        if self._cell is None:
            if self._around and self._around[-1][0] == start:
                attributes = self._around.pop()[1]
                opened = _end_of_tag(self._xml, start)
                self.elements.append(Element(name, attributes, start, opened, self._end(start)))
            return
        if name == "c":
            self._cell.end = self._end(start)
            self._cell = None
        elif self._parent() == "c" and name not in ("v", "is"):
            self._cell.kept.append((start, self._end(start)))
            if name == "f":
                self._cell.formula_bytes = self._cell.kept[-1]

    def _end(self, start: int) -> int:
        """The byte after the element that began at `start` and has just ended."""
        opening_end = _end_of_tag(self._xml, start)
        if self._xml[opening_end - 2 : opening_end] == b"/>":
            return opening_end
        return _end_of_tag(self._xml, self._parser.CurrentByteIndex)


def applied(xml: bytes, edits: Iterable[Edit]) -> bytes:
    """Make edits in a part; of two that overlap, the one that begins first."""
    pieces: list[bytes] = []
    position = 0
    for start, end, content in sorted(edits, key=lambda edit: edit[:2]):
        if start >= position:
            pieces += [xml[position:start], content]
            position = end
    return b"".join([*pieces, xml[position:]])


def _is_address(text: str) -> bool:
    found = ADDRESS.fullmatch(text)
    if not found:
        return False
    column, row = found.groups()
    return column_index_from_string(column) <= LAST_COLUMN and int(row) <= LAST_ROW


def _end_of_tag(xml: bytes, start: int) -> int:
    found = TAG.match(xml, start)
    if found is None:  # expat has just read this tag, so it is there
        raise InputError("the sheet", "be sound XML", f"unreadable at byte {start}")
    return found.end()


def patch(
    xml: bytes,
    cells: Mapping[str, CellSpan],
    values: Mapping[str, Value | CellError],
    *,
    computed: bool,
) -> bytes:
    """Put values into cells, as :func:`puts` takes them."""
    return applied(xml, puts(xml, cells, values, computed=computed))


def puts(
    xml: bytes,
    cells: Mapping[str, CellSpan],
    values: Mapping[str, Value | CellError],
    *,
    computed: bool,
) -> list[Edit]:
    """What puts values into cells.

    Parameters
    ----------
    values : mapping of str to value
        The new values by address. A cell that holds its value already is left as it is.
    computed : bool
        Whether formulas gave the values; a file stores the text of a constant otherwise.
    """
    edits = []
    for span in (cells[address] for address in values):
        kind, text = _stored(values[span.address], is_formula=computed)
        if not _same(span, kind, text):
            edits.append((span.start, span.end, _element(xml, span, kind, text)))
    return edits


def constant(xml: bytes, span: CellSpan, value: Value | CellError) -> bytes:
    """A cell's element with a value and no formula."""
    kind, text = _stored(value, is_formula=False)
    return _element(xml, replace(span, kept=[]), kind, text)


def formula_element(xml: bytes, span: CellSpan, formula: str, area: str = "") -> bytes:
    """A cell's element with another formula, and the value that it had.

    Parameters
    ----------
    formula : str
        Without "=".
    area : str
        The range that it fills as one array formula, where it does.
    """
    tag = xml[span.start : _end_of_tag(xml, span.start)]
    name = tag[1:].split(maxsplit=1)[0].rstrip(b"/>")
    prefix = name[: -len(b"c")]
    array = f' t="array" ref="{area}"'.encode() if area else b""
    held = escape(formula).encode()
    kept = _kept_attributes(tag, (*VALUE_ATTRIBUTES, *FORMULA_ATTRIBUTES))
    kind, text = _stored(as_constant(span), is_formula=True)
    stood = f' t="{kind}"'.encode() if kind != "n" else b""
    shown = escape(text).encode()
    formed = b"<%bf%b>%b</%bf><%bv>%b</%bv>" % (prefix, array, held, prefix, prefix, shown, prefix)
    return b"<%b%b%b>%b</%b>" % (name, kept, stood, formed, name)


def as_constant(span: CellSpan) -> Value | CellError:
    """What a cell with a formula holds, as a value of its own."""
    kind, text = span.attributes.get("t", "n"), span.value or ""
    if kind == "e":
        return CellError(text)
    if kind == "b":
        return text == "1"
    if kind in ("str", "inlineStr"):
        return unescape(text or span.inline or "")
    return float(text) if text else ""


def end_of_data(xml: bytes, part: str) -> tuple[int, bytes]:
    """Where another row of a sheet would begin, and the prefix of its elements' names."""
    _, elements = find_elements(xml, part)
    data = next((each for each in elements if each.name == "sheetData"), None)
    if data is None or data.opened == data.end:
        raise InputError(part, "hold rows", Found("none"))
    prefix = xml[data.start + 1 : data.opened].partition(b"sheetData")[0]
    return xml.rindex(b"</", data.start, data.end), prefix


def constant_element(prefix: bytes, value: Value) -> tuple[bytes, bytes]:
    """What says of which type a constant is, and the element that holds it."""
    kind, text = _stored(value, is_formula=False)
    return (f' t="{kind}"'.encode() if kind != "n" else b""), _wrapped(prefix, kind, text)


def _wrapped(prefix: bytes, kind: str, text: str) -> bytes:
    """The element that holds a value within a cell."""
    at, held = prefix.decode(), escape(text)
    if kind != "inlineStr":
        return f"<{at}v>{held}</{at}v>".encode()
    space = "" if text == text.strip() else ' xml:space="preserve"'
    return f"<{at}is><{at}t{space}>{held}</{at}t></{at}is>".encode()


def _kept_attributes(tag: bytes, without: tuple[bytes, ...]) -> bytes:
    return b"".join(
        found.group() for found in ATTRIBUTE.finditer(tag) if found.group(1) not in without
    )


def _stored(value: Value | CellError, *, is_formula: bool) -> tuple[str, str]:
    """The type and the text that a file stores for a value."""
    if isinstance(value, CellError):
        return "e", value.code
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, str):
        return "str" if is_formula else "inlineStr", _escaped(value)
    number = 0.0 if value is None else float(value)
    if not math.isfinite(number):
        return "e", "#NUM!"
    return "n", number_text(number)


def number_text(number: float) -> str:
    """Write a number as a file stores it."""
    whole = number.is_integer() and abs(number) < LARGEST_WHOLE
    return str(int(number)) if whole else repr(number)


def _escaped(text: str) -> str:
    """Write what XML forbids, and what looks like something written so, as the format does."""
    return FORBIDDEN.sub(
        lambda found: f"_x{ord(found[0]):04X}_", LOOKS_ESCAPED.sub("_x005F_", text)
    )


def _same(span: CellSpan, kind: str, text: str) -> bool:
    if span.attributes.get("t", "n") != kind or span.value is None:
        return False
    if kind != "n":
        return unescape(span.value) == unescape(text)
    try:
        return float(span.value) == float(text)
    except ValueError:
        return False


def _element(xml: bytes, span: CellSpan, kind: str, text: str) -> bytes:
    """The cell's element with a new value, everything else as it was."""
    tag = xml[span.start : _end_of_tag(xml, span.start)]
    name = tag[1:].split(maxsplit=1)[0].rstrip(b"/>")
    without = VALUE_ATTRIBUTES if span.kept else (*VALUE_ATTRIBUTES, *FORMULA_ATTRIBUTES)
    kept = _kept_attributes(tag, without)
    opening = b"<" + name + kept
    if kind != "n":
        opening += f' t="{kind}"'.encode()
    before = [xml[start:end] for start, end in span.kept if (start, end) == span.formula_bytes]
    after = [xml[start:end] for start, end in span.kept if (start, end) != span.formula_bytes]
    wrapped = _wrapped(name[: -len(b"c")], kind, text)
    return b"".join([opening, b">", *before, wrapped, *after, b"</", name, b">"])
