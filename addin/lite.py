"""The functions for xlwings Lite: one self-contained module, made from our own sources.

Lite keeps its Python inside the workbook, as one ``main.py``: the core, what turns cells into
its arguments, and an Excel function for each, declared to xlwings with its help.
"""

from __future__ import annotations

import textwrap
from functools import cache

import xlwings

import pycore
from addin import bundle, cells, functions
from addin.functions import Function
from pycore import checks, draft, errors, hashed, progress

MODULES = (errors, checks, progress, hashed, draft, *pycore.TOPICS, cells, functions)
"""What the module is made of, each after those that it uses."""

WRAPPER = "_excel_call"
"""What makes an Excel function of a core function, in :mod:`addin.functions`."""

DECORATORS = ("from xlwings import arg", "from xlwings import func")

HEADER = '''"""Fieldbook's functions for xlwings Lite, in one module.

{origin}

Copyright (c) 2026 The Fieldbook developers. MIT licence.
"""

from __future__ import annotations

{imports}
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
    wanted = [(functions.__name__, WRAPPER)]
    wanted += [(topic.__name__, name) for topic in pycore.TOPICS for name in topic.__all__]
    pieces = bundle.needed(MODULES, wanted)
    sources = [bundle.source_name(module.__name__) for module in MODULES]
    origin = (
        "Generated, so do not edit this copy: `python -m workbook build OUT.xlsx --lite` made it "
        f"for Fieldbook {pycore.__version__} from {', '.join(sources)}."
    )
    header = HEADER.format(
        origin=textwrap.fill(origin, bundle.WIDTH, break_on_hyphens=False),
        imports=bundle.import_lines(pieces, DECORATORS),
        version=pycore.__version__,
    )
    catalogue = functions.functions().values()
    return "\n\n".join([header + bundle.joined(pieces), _calls(), *map(_excel_function, catalogue)])


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
        bundle.call_line(f"def {functions.NAMESPACE}_{function.name}(".lower(), names, "):"),
        f'    """{function.description}"""',
        bundle.call_line(f'return CALLS["{function.name.lower()}"](', names, ")", indent="    "),
    ]
    return "\n".join(lines) + "\n"
