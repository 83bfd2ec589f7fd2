"""The functions for LibreOffice Calc: an extension of text files only.

It holds a UNO component in Python, the declaration of its interface as .idl source (which
LibreOffice reads as it is), the names and helps for Calc's function wizard, and the source files
of the core as they are. The rest, but the files of ``calc_extension/``, is made from what
:mod:`addin.functions` declares.

Every argument is a reference: a cell, a range, or a name of one. Calc gives an add-in that
takes plain values a blank cell as 0, and does not call it at all where one cell of a range
is an error; of a reference the component reads what really stands there.
"""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import get_type_hints

import pycore
from addin.files import licence, make_folder, write_atomically
from addin.functions import NAMESPACE, Argument, functions
from addin.sources import source_files
from addin.version import model_version
from pycore.errors import InputError

IMPLEMENTATION = "org.fieldbook.AddIn"
"""The component's name: a file stores each function under it, in upper case."""

TEMPLATES = Path(__file__).with_name("calc_extension")
TOMLLIB = Path(tomllib.__file__).parent
"""Python's own reader of TOML, which goes along for a LibreOffice whose Python is 3.10."""

FILLED_IN = (
    "META-INF/manifest.xml",
    "description.xml",
    "description.txt",
    "fieldbook.components",
    "Jobs.xcu",
    "opened.py",
)

DATE = (2026, 1, 1, 0, 0, 0)

REASON = "REASON"
REASON_HELP = "Why a cell that holds one Fieldbook function shows an error; empty if it does not."
REASON_ARGUMENT = Argument(name="cell", help="The cell with the formula.")

ONLY_CELLS = "Each argument is a cell, a range or a name of one."


def method_name(name: str) -> str:
    """Write a name as UNO allows it, where an underscore is refused: "costMultiple"."""
    first, *others = name.lower().split("_")
    return first + "".join(word.capitalize() for word in others)


def calc_stored_name(name: str) -> str:
    """Give the name that a file for Calc stores: "ORG.FIELDBOOK.ADDIN.COSTMULTIPLE"."""
    return f"{IMPLEMENTATION}.{method_name(name)}".upper()


@cache
def _by_answer(kind: str) -> frozenset[str]:
    """The functions that give "texts" alone, or "either" texts or numbers, by what they return.

    Calc finds a text of an add-in equal to the same text elsewhere only where the add-in declares
    that it gives texts; then a single cell of them cannot be an error.
    """
    # RANGE_WARNING gives texts alone, but refuses a range row by row.
    found: dict[str, set[str]] = {"either": {"RANGE_WARNING"}, "texts": set()}
    for name, core in ((name, vars(each)[name]) for each in pycore.TOPICS for name in each.__all__):
        given = str(get_type_hints(core)["return"])
        if "object_" in given:
            found["either"].add(name.upper())
        elif "str" in given and name.upper() not in found["either"]:
            found["texts"].add(name.upper())
    return frozenset(found[kind])


@cache
def _calls_of_either() -> re.Pattern[str]:
    names = "|".join(re.escape(calc_stored_name(name)) for name in sorted(_by_answer("either")))
    return re.compile(rf"(?:{names})\([^()]*\)")


def comparing(formula: str) -> str:
    """Write a stored formula so that Calc finds its texts equal to the same texts elsewhere.

    Joined to nothing, a text is one of Calc's own.
    """
    return _calls_of_either().sub(r'IF(ISTEXT(\g<0>),\g<0>&"",\g<0>)', formula)


def extension() -> bytes:
    """Make the .oxt file, a ZIP archive; the same bytes for the same functions."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts().items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())
    return target.getvalue()


def write_extension(path: Path) -> None:
    """Write the extension to a file, in one step.

    Raises InputError if its name does not end in .oxt or it cannot be written.
    """
    if path.suffix.lower() != ".oxt":
        raise InputError("the extension's file", "have a name that ends in .oxt", str(path))
    make_folder(path)
    write_atomically(path, extension())


def _parts() -> dict[str, str]:
    """The text of every file by its name in the archive, the manifest first."""
    words = {
        "implementation": IMPLEMENTATION,
        "identifier": IMPLEMENTATION.rpartition(".")[0],
        "version": pycore.__version__,
        "model_version": model_version(),
        "count": str(len(functions())),
    }
    return {
        **{
            name: Template(_read(TEMPLATES / Path(name).name)).substitute(words)
            for name in FILLED_IN
        },
        "LICENSE": licence(),
        "fieldbook.idl": _interface(),
        "CalcAddIns.xcu": _names_and_helps(),
        "component.py": _read(TEMPLATES / "component.py"),
        "pythonpath/fieldbook_names.py": _names(),
        **{f"sources/{name}": text for name, text in source_files().items()},
        **{f"sources/tomllib/{path.name}": _read(path) for path in sorted(TOMLLIB.glob("*.py"))},
    }


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _offered() -> list[tuple[str, str, tuple[Argument, ...]]]:
    """Name, help and arguments of every function that Calc shows."""
    every = functions().values()
    offered = [(each.name, f"{each.description} {ONLY_CELLS}", each.arguments) for each in every]
    return [*offered, (REASON, REASON_HELP, (REASON_ARGUMENT,))]


def _interface() -> str:
    """The interface in UNO's language; Calc fills in the document by itself."""
    document = "[in] com::sun::star::beans::XPropertySet document"
    cells = "[in] com::sun::star::table::XCellRange"
    texts = {REASON, *_by_answer("texts")}
    lines = []
    for name, _, arguments in _offered():
        typed = [document, *(f"{cells} {method_name(each.name)}" for each in arguments)]
        given = "string" if name in texts else "any"
        lines.append(f"    sequence< sequence<{given}> > {method_name(name)}({', '.join(typed)});")
    opening = "".join(f"module {word} {{ " for word in IMPLEMENTATION.split(".")[:-1])
    closing = "}; " * IMPLEMENTATION.count(".")
    return "\n".join([opening, "interface XFunctions {", *lines, "};", closing, ""])


def _names_and_helps() -> str:
    """What Calc's function wizard shows, as configuration data."""
    shown = [
        _helped(
            name,
            f"{NAMESPACE}.{name}",
            description,
            '<prop oor:name="Category"><value>Add-In</value></prop>',
            _node(
                "Parameters",
                *(_helped(each.name, each.name, each.help) for each in arguments),
                made=False,
            ),
        )
        for name, description, arguments in _offered()
    ]
    every = _node("AddInFunctions", *shown, made=False)
    body = _node("AddInInfo", _node(IMPLEMENTATION, every), made=False)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="CalcAddIns" '
        f'oor:package="org.openoffice.Office">\n{body}\n</oor:component-data>\n'
    )


def _helped(name: str, shown: str, description: str, *more: str) -> str:
    """A function or an argument, with the name and the help that are shown of it."""
    texts = _property("DisplayName", shown), _property("Description", description)
    return _node(method_name(name), *texts, *more)


def _node(name: str, *inside: str, made: bool = True) -> str:
    made_here = ' oor:op="replace"' if made else ""
    return "\n".join([f'<node oor:name="{name}"{made_here}>', *inside, "</node>"])


def _property(name: str, value: str) -> str:
    text = escape(value, quote=False)
    return f'<prop oor:name="{name}"><value xml:lang="en-US">{text}</value></prop>'


def _names() -> str:
    """The methods' names, in a module that needs nothing."""
    methods = json.dumps({method_name(name): name.lower() for name in functions()}, indent=4)
    texts = json.dumps(sorted(map(str.lower, _by_answer("texts"))))
    return (
        '"""The methods of the component and the functions behind them. Generated by '
        f'`python -m addin calc` from model version {model_version()}."""\n\n'
        f'IMPLEMENTATION = "{IMPLEMENTATION}"\nMETHODS = {methods}\nTEXTS = {texts}\n'
    )
