"""Command line of the add-in: ``python -m addin list`` and ``python -m addin call``."""

from __future__ import annotations

import argparse
import json
from typing import Any, NoReturn

from addin.console import run
from addin.functions import Function, find, functions
from pycore.errors import InputError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        The words after the program's name; those of the process by default.

    Returns
    -------
    int
        The exit status: 0, or 2 for bad input.
    """
    options = _parser().parse_args(arguments)
    return run(lambda: print(_answer(options)))


def _answer(options: argparse.Namespace) -> str:
    if options.command == "list":
        return _listing(as_json=options.json)
    return _call(options.name, options.argument)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m addin", description="Fieldbook's functions.")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="the functions and their arguments")
    listing.add_argument("--json", action="store_true", help="as JSON, with all help texts")
    call = commands.add_parser("call", help="call one function as a cell would")
    call.add_argument("name", help="such as COST_MULTIPLE")
    call.add_argument(
        "argument",
        nargs=argparse.REMAINDER,
        help='each as JSON: a number, a "string", null for a blank, or rows [[1],[2]]',
    )
    return parser


def _listing(*, as_json: bool) -> str:
    if as_json:
        return json.dumps([_entry(function) for function in functions().values()], indent=2)
    return "\n".join(f"{each.syntax}\n    {each.description}" for each in functions().values())


def _entry(function: Function) -> dict[str, Any]:
    return {
        "name": function.excel_name,
        "stored_name": function.stored_name,
        "category": function.category,
        "description": function.description,
        "arguments": [{"name": each.name, "help": each.help} for each in function.arguments],
        "returns": function.returns,
        "equation": function.equation,
        "example": function.example,
    }


def _call(name: str, words: list[str]) -> str:
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
