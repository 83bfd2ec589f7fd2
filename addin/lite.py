"""The functions for xlwings Lite: one self-contained module, made from our own sources.

Lite keeps its Python inside the workbook, as one ``main.py``: the core, what turns cells into
its arguments, and an Excel function for each, declared to xlwings with its help.
"""

from __future__ import annotations

import pprint
import textwrap
from dataclasses import replace
from functools import cache

import xlwings

import pycore
from addin import bundle, functions
from addin.functions import Function
from pycore.model import results as model

MODULES = bundle.in_order([*pycore.TOPICS, functions])
"""What the module is made of, each after those that it uses."""

WRAPPER = "_excel_call"
"""What makes an Excel function of a core function, in :mod:`addin.functions`."""

INDENT = " " * len("    return ")

DECORATORS = ("from xlwings import arg", "from xlwings import func")

HEADER = '''"""Fieldbook's functions for xlwings Lite, in one module.

{origin}

Copyright (c) 2026 The Fieldbook developers. MIT licence.
"""

from __future__ import annotations

{imports}
__all__ = [
{names}]

__version__ = "{version}"
'''

REQUIREMENTS = """\
# What main.py needs; of numpy and scipy Pyodide has one version each.
xlwings=={version}
numpy
scipy
# What xlwings Lite asks for itself.
black
pyodide-http
python-dotenv
"""


@cache
def main_py() -> str:
    """Write the module.

    Returns
    -------
    str
        Equal for equal sources.

    Raises
    ------
    BundleError
        If the sources cannot be made into one module.
    """
    pieces = core_pieces()
    sources = [bundle.source_name(module.__name__) for module in MODULES]
    origin = (
        "Generated, so do not edit this copy: `python -m workbook build OUT.xlsx --lite` made it "
        f"for Fieldbook {pycore.__version__} from {', '.join(sources)}."
    )
    catalogue = functions.functions().values()
    names = sorted(_python_name(each) for each in catalogue)
    header = HEADER.format(
        origin=textwrap.fill(origin, bundle.WIDTH, break_on_hyphens=False),
        imports=bundle.import_lines(pieces, DECORATORS),
        names="".join(f'    "{name}",\n' for name in names),
        version=pycore.__version__,
    )
    return "\n\n".join([header + bundle.joined(pieces), _calls(), *map(_excel_function, catalogue)])


def core_pieces() -> list[bundle.Piece]:
    """Take what the functions on cells need from our sources.

    Returns
    -------
    list of Piece
        In order; among them the model's assumptions as data, in the place of their file.

    Raises
    ------
    BundleError
        If the sources cannot be made into one module.
    """
    wanted = [(functions.__name__, WRAPPER)]
    wanted += [(topic.__name__, name) for topic in pycore.TOPICS for name in topic.__all__]
    reading = (model.__name__, model.assumption_data.__name__)
    room = bundle.WIDTH - len(INDENT)
    data = pprint.pformat(model.assumption_data(), width=room, sort_dicts=False)
    text = (
        f"def {reading[1]}() -> dict[str, list[dict[str, Any]]]:\n"
        f'    """The tables of assumptions.toml."""\n'
        f"    return {data.replace(chr(10), chr(10) + INDENT)}\n"
    )
    return [
        replace(piece, text=text) if (piece.module, *piece.names) == reading else piece
        for piece in bundle.needed(MODULES, wanted)
    ]


def requirements() -> str:
    """Write the requirements of the module, for Pyodide.

    Returns
    -------
    str
    """
    return REQUIREMENTS.format(version=xlwings.__version__)


def _calls() -> str:
    """Write the table of the wrapped core functions, made once."""
    names = "".join(f"        {name},\n" for name in pycore.FUNCTIONS)
    return (
        "# The Excel functions.\n\n"
        f"CALLS = {{\n    core.__name__: {WRAPPER}(core.__name__.upper(), core)\n"
        f"    for core in (\n{names}    )\n}}\n"
    )


def _python_name(function: Function) -> str:
    return f"{functions.NAMESPACE}_{function.name}".lower()


def _excel_function(function: Function) -> str:
    """Write an Excel function: its declaration to xlwings, and the call of the core."""
    names = [argument.name for argument in function.arguments]
    lines = [f'@func(name="{function.excel_name}", cache=True)']
    for argument in function.arguments:
        room = bundle.WIDTH - len("    doc=,")
        options = [
            f'"{argument.name}"',
            f"doc={bundle.literal(argument.help, room)}",
            "ndim=2",
            "err_to_str=True",
        ]
        lines.append(bundle.call_line("@arg(", options, ")"))
    lines += [
        bundle.call_line(f"def {_python_name(function)}(", names, "):"),
        f'    """{function.description}"""',
        bundle.call_line(f'return CALLS["{function.name.lower()}"](', names, ")", indent="    "),
    ]
    return "\n".join(lines) + "\n"
