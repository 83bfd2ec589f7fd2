"""Command line of the add-in: ``python -m addin list``, ``call``, ``calc``, ``serve`` ...

xlwings is imported late, because a server has to declare beforehand that it is one.
"""

from __future__ import annotations

import argparse
import json
import os
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from addin.console import Commands, command_line, say
from pycore.errors import InputError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line, by default that of the process; give the exit status, as `run` does."""
    return command_line("python -m addin", "Fieldbook's functions.", arguments, declare)


def declare(commands: Commands) -> None:
    """Declare the commands of a parser; what does what is chosen goes into ``command``."""
    listing = commands.add_parser("list", help="the functions and their arguments")
    listing.add_argument("--json", action="store_true", help="as JSON, with all help texts")
    listing.set_defaults(command=_list)

    call = commands.add_parser("call", help="call one function as a cell would")
    call.add_argument("name", help="such as COST_MULTIPLE")
    call.add_argument(
        "argument",
        nargs=argparse.REMAINDER,
        help='each as JSON: a number, a "string", null for a blank, or rows [[1],[2]]',
    )
    call.set_defaults(command=_call)

    calc = commands.add_parser("calc", help="make the extension for LibreOffice Calc")
    calc.add_argument("file", metavar="OUT.oxt", type=Path)
    calc.set_defaults(command=_calc)

    text = "write addin/excel_functions.py anew from the core"
    generate = commands.add_parser("generate", help=text)
    generate.set_defaults(command=_generate)

    serving = commands.add_parser("serve", help="serve the functions to Excel (xlwings Server)")
    serving.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    serving.add_argument("--port", default="8000", help="default: 8000; 0 takes any that is free")
    serving.add_argument("--certfile", metavar="FILE", help="certificate for HTTPS, as PEM")
    serving.add_argument("--keyfile", metavar="FILE", help="its key")
    serving.add_argument(
        "--insecure", action="store_true", help="serve others without HTTPS: tokens can be read"
    )
    serving.set_defaults(command=_serve)

    token = commands.add_parser("token", help="make or revoke a token for the server")
    person = token.add_mutually_exclusive_group(required=True)
    person.add_argument("name", nargs="?", help="whose token to make; it is shown once")
    person.add_argument("--revoke", metavar="NAME", help="whose token to revoke")
    token.add_argument("--file", metavar="FILE", help="of hashes; default: FIELDBOOK_TOKENS_FILE")
    token.set_defaults(command=_token)


def _list(options: argparse.Namespace) -> None:
    from addin.functions import functions

    every = functions().values()
    if options.json:
        print(json.dumps([each.entry() for each in every], indent=2))
    else:
        print("\n".join(f"{each.syntax}\n    {each.description}" for each in every))


def _call(options: argparse.Namespace) -> None:
    from addin.functions import find

    function = find(options.name)
    cells = [_from_json(place, word) for place, word in enumerate(options.argument, start=1)]
    print(json.dumps(function.call(*cells), allow_nan=False))


def _from_json(place: int, word: str) -> Any:
    rule = 'be JSON: a number, a "string", null or rows such as [[1], [2]]'

    def refuse(_: object) -> NoReturn:
        raise ValueError

    try:
        value = json.loads(word, parse_constant=refuse)
        return refuse(value) if isinstance(value, dict) else value
    except (ValueError, RecursionError):
        raise InputError(f"argument {place}", rule, word) from None


def _calc(options: argparse.Namespace) -> None:
    from addin.calc import write_extension

    write_extension(options.file)
    made = options.file
    say(f"made {made}: open it with LibreOffice, or `unopkg add {made}`, and start that again")


def _generate(_: argparse.Namespace) -> None:
    from addin.files import write_atomically
    from addin.generate import PATH, excel_functions

    write_atomically(PATH, excel_functions().encode())
    print(f"made {PATH.name}")


def _serve(options: argparse.Namespace) -> None:
    from addin.server.start import serve

    serve(options, partial(print, flush=True))


def _token(options: argparse.Namespace) -> None:
    from addin.server import tokens

    name = options.file or os.environ.get(tokens.FILE_VARIABLE)
    if not name:
        raise InputError("--file", "name the file of hashes", None)
    if options.revoke is not None:
        tokens.revoke(Path(name), options.revoke)
        print(f"The token of {options.revoke} is revoked.")
        return
    token = tokens.make(Path(name), options.name)
    hashed = f"{options.name}:{tokens.hash_of(token)}"
    print(f"{token}\nIts hash, where {tokens.HASHES_VARIABLE} is used: {hashed}")


if __name__ == "__main__":
    raise SystemExit(main())
