"""The functions for xlwings Lite: one self-contained module, which carries our own sources.

Lite keeps its Python inside the workbook, as one ``main.py``: the core, what turns cells into
its arguments, and an Excel function for each, declared to xlwings with its help.
"""

from __future__ import annotations

import inspect
from functools import cache
from importlib.metadata import version

import pycore
from addin.functions import functions
from addin.generate import lite_functions, lite_name
from addin.sources import SourceImporter, as_literal, source_files

MODULE = '''"""Fieldbook's functions for xlwings Lite, in one module.

Generated, so do not edit this copy: `python -m workbook build OUT.xlsx --lite` made it for
Fieldbook {version}. The Excel functions stand at its end. Before them stand the source files
that they call, such as pycore/cost.py, as they are, and what imports them from here.

Copyright (c) 2026 The Fieldbook developers. MIT licence.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from typing import Any

from xlwings import arg, func

__all__ = [
{names}]

__version__ = "{version}"

FILES = {files}


{importer}

SourceImporter(FILES, "main.py").install()

if sys.platform == "emscripten":
    import pyodide.ffi

    # Older Pyodide lacks this class, and xlwings looks for it anew at every cell of a range.
    if not hasattr(pyodide.ffi, "JsNull"):
        pyodide.ffi.JsNull = type("JsNull", (), {{}})

from addin.cells import Cells  # noqa: E402
from addin.udfs import call  # noqa: E402

# The Excel functions.


{functions}'''

REQUIREMENTS = """\
# What main.py needs; of numpy and scipy Pyodide has one version each.
xlwings=={version}
numpy
scipy
# What xlwings Lite asks for itself.
black==26.10.1
pyodide-http==0.2.2
python-dotenv==1.2.4
"""


@cache
def main_py() -> str:
    """Write the module; equal for equal sources."""
    names = sorted(map(lite_name, functions().values()))
    return MODULE.format(
        version=pycore.__version__,
        names="".join(f'    "{name}",\n' for name in names),
        files=as_literal(source_files()),
        importer=inspect.getsource(SourceImporter),
        functions=lite_functions(),
    )


def requirements() -> str:
    """Write the requirements of the module, for Pyodide."""
    return REQUIREMENTS.format(version=version("xlwings"))
