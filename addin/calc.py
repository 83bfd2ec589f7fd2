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
import tomllib
import zipfile
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

import pycore
from addin.files import licence, make_folder, write_atomically
from addin.functions import NAMESPACE, Argument, Function, functions
from addin.sources import source_files
from addin.version import model_version
from pycore.errors import InputError

IMPLEMENTATION = "org.fieldbook.AddIn"
"""The component's name: a file stores each function under it, in upper case."""

TEMPLATES = Path(__file__).with_name("calc_extension")
TOMLLIB = Path(tomllib.__file__).parent
"""Python's own reader of TOML, which goes along for a LibreOffice whose Python is 3.10."""

DATE = (2026, 1, 1, 0, 0, 0)

REASON = "REASON"
REASON_HELP = "Why a cell that holds one Fieldbook function shows an error; empty if it does not."
REASON_ARGUMENT = Argument(name="cell", help="The cell with the formula.")

ONLY_CELLS = "Each argument is a cell, a range or a name of one."


def method_name(name: str) -> str:
    """Write a name as UNO allows it, where an underscore is refused.

    Parameters
    ----------
    name : str
        Of a function or an argument, such as "COST_MULTIPLE".

    Returns
    -------
    str
        Such as "costMultiple".
    """
    first, *others = name.lower().split("_")
    return first + "".join(word.capitalize() for word in others)


def calc_stored_name(name: str) -> str:
    """Give the name that a file for Calc stores for a function.

    Parameters
    ----------
    name : str
        Such as "COST_MULTIPLE".

    Returns
    -------
    str
        Such as "ORG.FIELDBOOK.ADDIN.COSTMULTIPLE".
    """
    return f"{IMPLEMENTATION}.{method_name(name)}".upper()


def extension() -> bytes:
    """Make the extension.

    Returns
    -------
    bytes
        An .oxt file, which is a ZIP archive; the same bytes for the same functions.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts().items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())
    return target.getvalue()


def write_extension(path: Path) -> None:
    """Write the extension to a file, in one step.

    Parameters
    ----------
    path : Path
        Of the .oxt file.

    Raises
    ------
    InputError
        If its name does not end in .oxt or it cannot be written.
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
    templates = {
        "META-INF/manifest.xml": "manifest.xml",
        "description.xml": "description.xml",
        "description.txt": "description.txt",
        "fieldbook.components": "fieldbook.components",
    }
    return {
        **{
            name: Template(_read(TEMPLATES / source)).substitute(words)
            for name, source in templates.items()
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
    offered = [(each.name, _help(each), each.arguments) for each in functions().values()]
    return [*offered, (REASON, REASON_HELP, (REASON_ARGUMENT,))]


def _help(function: Function) -> str:
    return f"{function.description} {ONLY_CELLS}"


def _interface() -> str:
    """The interface in UNO's language; Calc fills in the document by itself."""
    lines = [
        f"    sequence< sequence<any> > {method_name(name)}({', '.join(_typed(arguments))});"
        for name, _, arguments in _offered()
    ]
    opening = "".join(f"module {word} {{ " for word in IMPLEMENTATION.split(".")[:-1])
    closing = "}; " * IMPLEMENTATION.count(".")
    return "\n".join([opening, "interface XFunctions {", *lines, "};", closing, ""])


def _typed(arguments: Iterable[Argument]) -> list[str]:
    cells = "[in] com::sun::star::table::XCellRange"
    document = "[in] com::sun::star::beans::XPropertySet document"
    return [document, *(f"{cells} {method_name(each.name)}" for each in arguments)]


def _names_and_helps() -> str:
    """What Calc's function wizard shows, as configuration data."""
    shown = [
        _node(
            method_name(name),
            _property("DisplayName", f"{NAMESPACE}.{name}"),
            _property("Description", description),
            '<prop oor:name="Category"><value>Add-In</value></prop>',
            _node("Parameters", *map(_parameter, arguments), made=False),
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


def _parameter(argument: Argument) -> str:
    return _node(
        method_name(argument.name),
        _property("DisplayName", argument.name),
        _property("Description", argument.help),
    )


def _node(name: str, *inside: str, made: bool = True) -> str:
    made_here = ' oor:op="replace"' if made else ""
    return "\n".join([f'<node oor:name="{name}"{made_here}>', *inside, "</node>"])


def _property(name: str, value: str) -> str:
    text = escape(value, quote=False)
    return f'<prop oor:name="{name}"><value xml:lang="en-US">{text}</value></prop>'


def _names() -> str:
    """The methods' names, in a module that needs nothing."""
    lines = [f'    "{method_name(name)}": "{name.lower()}",' for name in functions()]
    return "\n".join(
        [
            f'"""The methods of the component and the functions behind them. {_origin()}"""\n',
            f'IMPLEMENTATION = "{IMPLEMENTATION}"',
            "METHODS = {",
            *lines,
            "}\n",
        ]
    )


def _origin() -> str:
    return f"Generated by `python -m addin calc` from model version {model_version()}."
