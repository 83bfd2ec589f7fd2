"""Command line of the add-in: ``python -m addin list``, ``call``, ``calc``, ``serve`` ...

xlwings is imported late, because a server has to declare beforehand that it is one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from pycore.errors import InputError

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


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
    parser = argparse.ArgumentParser(prog="python -m addin", description="Fieldbook's functions.")
    declare(parser.add_subparsers(dest="command", required=True))
    return execute(parser.parse_args(arguments))


def execute(options: argparse.Namespace) -> int:
    """Do what the command line says.

    Parameters
    ----------
    options : Namespace
        As `declare` declared them.

    Returns
    -------
    int
        The exit status, as of `main`.
    """
    if options.command == "serve":
        return _serve(options)
    from addin.console import run

    return run(lambda: print(_answer(options)))


def _answer(options: argparse.Namespace) -> str:
    if options.command == "list":
        return _listing(as_json=options.json)
    if options.command == "calc":
        return _calc(options.file)
    if options.command == "generate":
        return _generate()
    if options.command == "token":
        return _token(options)
    return _call(options.name, options.argument)


def declare(commands: Commands) -> None:
    """Declare the commands.

    Parameters
    ----------
    commands : subparsers
        Of a parser; what is chosen goes into ``command``.
    """
    listing = commands.add_parser("list", help="the functions and their arguments")
    listing.add_argument("--json", action="store_true", help="as JSON, with all help texts")
    call = commands.add_parser("call", help="call one function as a cell would")
    call.add_argument("name", help="such as COST_MULTIPLE")
    call.add_argument(
        "argument",
        nargs=argparse.REMAINDER,
        help='each as JSON: a number, a "string", null for a blank, or rows [[1],[2]]',
    )
    calc = commands.add_parser("calc", help="make the extension for LibreOffice Calc")
    calc.add_argument("file", metavar="OUT.oxt", type=Path)
    commands.add_parser("generate", help="write addin/excel_functions.py anew from the core")
    serving = commands.add_parser("serve", help="serve the functions to Excel (xlwings Server)")
    serving.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    serving.add_argument("--port", default="8000", help="default: 8000; 0 takes any that is free")
    serving.add_argument("--certfile", metavar="FILE", help="certificate for HTTPS, as PEM")
    serving.add_argument("--keyfile", metavar="FILE", help="its key")
    token = commands.add_parser("token", help="make or revoke a token for the server")
    person = token.add_mutually_exclusive_group(required=True)
    person.add_argument("name", nargs="?", help="whose token to make; it is shown once")
    person.add_argument("--revoke", metavar="NAME", help="whose token to revoke")
    token.add_argument("--file", metavar="FILE", help="of hashes; default: FIELDBOOK_TOKENS_FILE")


def _serve(options: argparse.Namespace) -> int:
    from addin.server.start import prepare, serve

    try:
        noncommercial = prepare()
        from addin.console import run
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return run(
        lambda: serve(
            host=options.host,
            port=options.port,
            certfile=options.certfile,
            keyfile=options.keyfile,
            noncommercial=noncommercial,
            say=partial(print, flush=True),
        )
    )


def _calc(path: Path) -> str:
    from addin.calc import write_extension

    write_extension(path)
    return f"made {path}: open it with LibreOffice, or `unopkg add {path}`, and start that again"


def _generate() -> str:
    from addin.generate import PATH, write_excel_functions

    write_excel_functions()
    return f"made {PATH.name}"


def _token(options: argparse.Namespace) -> str:
    from addin.server import tokens

    name = options.file or os.environ.get(tokens.FILE_VARIABLE)
    if not name:
        raise InputError("--file", "name the file of hashes", None)
    path = Path(name)
    if options.revoke is not None:
        tokens.revoke(path, options.revoke)
        return f"The token of {options.revoke} is revoked."
    return tokens.add(path, options.name)


def _listing(*, as_json: bool) -> str:
    from addin.functions import functions

    if as_json:
        return json.dumps([function.entry() for function in functions().values()], indent=2)
    return "\n".join(f"{each.syntax}\n    {each.description}" for each in functions().values())


def _call(name: str, words: list[str]) -> str:
    from addin.functions import find

    function = find(name)
    cells = [_from_json(place, word) for place, word in enumerate(words, start=1)]
    return json.dumps(function.call(*cells), allow_nan=False)


def _from_json(place: int, word: str) -> Any:
    rule = 'be JSON: a number, a "string", null or rows such as [[1], [2]]'

    def refuse(_: str) -> NoReturn:
        raise ValueError

    try:
        value = json.loads(word, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise InputError(f"argument {place}", rule, word) from None
    if isinstance(value, dict):
        raise InputError(f"argument {place}", rule, word)
    return value


if __name__ == "__main__":
    raise SystemExit(main())
