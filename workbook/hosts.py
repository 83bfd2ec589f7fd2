"""The hosts of the workbook: how each stores a function's name, and what its file needs more.

The sheets are declared once, in the form of xlwings Server and xlwings Lite. The form of any
other host is that form with its functions' names written as that host writes them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial

from addin.calc import calc_stored_name, comparing
from addin.functions import NAMESPACE, Function, functions
from pycore.model.whole import whole
from workbook.file import webextension
from workbook.file.macros import vba_project
from workbook.file.package import Package
from workbook.sheets import about, sheets, trace, xlwings_conf
from workbook.sheets.functions import catalogue
from workbook.sheets.layout import Cell, Placed, PlacedCell, Sheet, Table, place

NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")


def _no_parts(_: Package) -> Mapping[str, bytes]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Host:
    """A host, and the form of the workbook that it computes.

    Parameters
    ----------
    name : str
        Such as "lite", the flag of ``build``.
    help : str
        What the flag says.
    stored, typed : callable
        Give the name of a function as a file stores it, and as a person types it.
    suffix : str
        Of the file.
    extra : tuple of Sheet
        The sheets that only this host needs; they stand last.
    parts : callable
        Gives the parts that this host adds to a package, or changes in it, by name.
    project : callable, optional
        Gives the VBA project, where the file has one.
    recalculation : str
        What a person does in this host to have the workbook recalculate.
    catalogue : callable
        Gives the functions as the About sheet lists them, in the words of this host.
    finished : callable
        Gives a formula in this host's words as it is stored.
    """

    name: str
    help: str
    stored: Callable[[Function], str]
    typed: Callable[[Function], str]
    suffix: str = ".xlsx"
    extra: tuple[Sheet, ...] = ()
    parts: Callable[[Package], Mapping[str, bytes]] = _no_parts
    project: Callable[[], bytes] | None = None
    recalculation: str = ""
    catalogue: Callable[[], tuple[Table, ...]] = catalogue
    finished: Callable[[str], str] = str

    def sheets(self) -> tuple[Placed, ...]:
        """Every sheet of the workbook in the form of this host."""
        traced = trace.tables(whole(), sheets())
        own = place(about.sheet(traced, self.catalogue(), self.recalculation))
        declared = (own if placed.sheet.name == about.NAME else placed for placed in sheets())
        translated = tuple(map(self._translated, declared))
        return (*translated, *map(place, self.extra))

    def formula(self, declared: str) -> str:
        """A formula as this host stores it."""
        return self.finished(_in_words(declared, self._names))

    def shown(self, declared: str) -> str:
        """A formula as a person sees it in this host."""
        typed = {each.stored_name: self.typed(each) for each in functions().values()}
        return _in_words(declared, typed)

    def _translated(self, placed: Placed) -> Placed:
        cells = [PlacedCell(at.row, at.column, self._in_cell(at)) for at in placed.cells]
        return replace(placed, cells=cells)

    def _in_cell(self, at: PlacedCell) -> Cell:
        content = at.cell.content
        if isinstance(content, str):
            content = _in_words(content, self._names)
        return replace(at.cell, content=content, formula=self.formula(at.cell.formula))

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """The names in declared formulas and texts, and what stands for each here."""
        stored = {each.stored_name: self.stored(each) for each in functions().values()}
        typed = {each.excel_name: self.typed(each) for each in functions().values()}
        return stored | typed


def _in_words(text: str, names: Mapping[str, str]) -> str:
    return NAME.sub(lambda name: names.get(name[0], name[0]), text)


def _joined(function: Function) -> str:
    return f"{NAMESPACE}_{function.name}"


def _reason(name: str) -> tuple[str, str, str, str]:
    """The row of the catalogue for what says why another function refuses."""
    return (
        name,
        "Why a cell with one of these functions shows an error.",
        "cell: The cell that shows the error.",
        f"={name}(B16)",
    )


SERVER = Host(
    name="server",
    help="for xlwings Server",
    stored=lambda function: function.stored_name,
    typed=lambda function: function.excel_name,
    recalculation="In Excel with the team's add-in (xlwings Server): edit a yellow cell. If cells "
    "show #NAME? or _xldudf_, press Write the formulas again in its task pane.",
)

LITE = replace(
    SERVER,
    name="lite",
    help="for xlwings Lite: the functions stand in the file as Python",
    parts=webextension.parts,
    recalculation="In Excel with the free add-in xlwings Lite (Home > Add-ins): open its pane, "
    "trust the code in this workbook, and edit a yellow cell.",
)

DESKTOP = Host(
    name="desktop",
    help="for Excel on Windows with its own Python: OUT.xlsm, with the macros of xlwings",
    stored=_joined,
    typed=_joined,
    suffix=".xlsm",
    extra=(xlwings_conf.sheet(),),
    project=vba_project,
    recalculation="In Excel on Windows with Python and xlwings: run the macro ImportPythonUDFs "
    "once (Alt+F8), then press Ctrl+Alt+F9. The sheet xlwings.conf says which Python.",
    catalogue=partial(catalogue, more=(_reason(f"{NAMESPACE}_REASON"),)),
)


def _with_references(function: Function) -> str:
    cells = [f"{chr(ord('A') + place)}1" for place in range(len(function.arguments))]
    return f"={function.excel_name}({';'.join(cells)})"


CALC = Host(
    name="calc",
    help="for LibreOffice with the extension that `python -m addin calc` makes",
    stored=lambda function: calc_stored_name(function.name),
    typed=lambda function: function.excel_name,
    finished=comparing,
    recalculation="In LibreOffice with the Fieldbook extension (python -m addin calc makes it): "
    "edit a yellow cell; Ctrl+Shift+F9 recalculates everything.",
    catalogue=partial(
        catalogue,
        "What you may type in a cell. In Calc every argument is a cell, a range or a name: put "
        "numbers in cells of their own.",
        _with_references,
        (_reason(f"{NAMESPACE}.REASON"),),
    ),
)

HOSTS = (SERVER, LITE, DESKTOP, CALC)


@cache
def _by_stored_name() -> Mapping[str, tuple[Host, Function]]:
    """Whose name each stored name is; the first of the hosts that share it."""
    return {
        host.stored(function).casefold(): (host, function)
        for host in reversed(HOSTS)
        for function in functions().values()
    }


def stored_names() -> Mapping[str, Function]:
    """Every name by which a file of any host stores one of our functions."""
    return {host.stored(each): each for host in HOSTS for each in functions().values()}


def host_of(formulas: Iterable[str]) -> Host:
    """Tell whose form a file is in, by the names that its formulas store.

    Returns
    -------
    Host
        The one whose names stand there most; xlwings Server where none do. A file for
        xlwings Lite stores the same names as one for the server.
    """
    known = _by_stored_name()
    found = Counter(
        known[name.casefold()][0].name
        for formula in formulas
        for name in NAME.findall(formula)
        if name.casefold() in known
    )
    most = found.most_common(1)
    return next(host for host in HOSTS if not most or host.name == most[0][0])


def calls_ours(formula: str) -> bool:
    """Whether a formula calls one of our functions, in the form of any host."""
    return any(name.casefold() in _by_stored_name() for name in NAME.findall(formula))
