"""What comes before the server: nothing here needs more than the runtime to be installed.

xlwings reads parts of the environment when it is imported, so it must not be imported earlier.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Callable
from importlib.util import find_spec

from pycore.errors import InputError

LICENCE = "XLWINGS_LICENSE_KEY"


def prepare() -> bool:
    """Set what xlwings reads when it is imported, and import it.

    Gives whether no licence key was given, so that the server is for noncommercial use.

    Raises InputError if xlwings does not take the licence key.
    """
    noncommercial = not os.environ.get(LICENCE)
    if noncommercial:
        os.environ[LICENCE] = "noncommercial"
    os.environ["XLWINGS_ON_SERVER"] = "true"
    # xlwings asks whether it runs in Pyodide by importing it, for every single cell. A
    # module that is None is known to be missing: the answer is quick, and still right.
    for name in ("pyodide", "pyodide.ffi"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    try:
        importlib.import_module("xlwings")
    except Exception as error:
        rule = "be a key that xlwings accepts, or not be set"
        raise InputError(LICENCE, rule, type(error).__name__) from None
    return noncommercial


def serve(options: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Serve with the options as typed until told to stop; say each line to who started it.

    Raises InputError if an option is wrong or the port is not free, and XlwingsError if xlwings
    Server is not installed.
    """
    # Told to stop at any moment, even before the server listens to signals itself.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        noncommercial = prepare()
        if find_spec("xlwings_server") is None or find_spec("uvicorn") is None:
            from xlwings import XlwingsError

            raise XlwingsError(
                "xlwings-server is not installed: "
                "python -m pip install -r addin/server_project/requirements.lock"
            )
        from addin.server.app import run

        run(options, say, noncommercial=noncommercial)
    except KeyboardInterrupt:
        pass
    say("Stopped.")
