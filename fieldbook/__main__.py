"""The command `fieldbook`: what `python -m workbook` and `python -m addin` do, by one name."""

from __future__ import annotations

import sys

from addin import __main__ as functions
from addin.console import command_line

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
    declarers = [functions.declare]
    if not words or words[0] not in OF_THE_ADDIN:
        # Not beside a server, which has to tell xlwings what it is before these load it.
        from workbook import __main__ as workbook

        declarers.insert(0, workbook.declare)
    title = "The Fieldbook workbook, without Excel, and its functions."
    return command_line("fieldbook", title, words, *declarers)


if __name__ == "__main__":
    raise SystemExit(main())
