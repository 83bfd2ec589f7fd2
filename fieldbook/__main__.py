"""The command `fieldbook`: what `python -m workbook` and `python -m addin` do, by one name."""

from __future__ import annotations

import argparse
import sys

from addin import __main__ as functions

OF_THE_ADDIN = ("list", "call", "calc", "serve", "token")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        The words after the program's name; those of the process by default.

    Returns
    -------
    int
        The exit status: 0, 2 for bad input, 130 if it was interrupted.
    """
    words = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(
        prog="fieldbook", description="The Fieldbook workbook, without Excel, and its functions."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    if words and words[0] in OF_THE_ADDIN:
        # Alone: a server has to tell xlwings what it is before the workbook's modules load it.
        functions.declare(commands)
        return functions.execute(parser.parse_args(words))
    from workbook import __main__ as workbook

    workbook.declare(commands)
    functions.declare(commands)
    return workbook.execute(parser.parse_args(words))


if __name__ == "__main__":
    raise SystemExit(main())
