"""The command collect: the words of the command line, and what is printed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from addin import console
from pycore.errors import Found, InputError
from workbook.circulation.command import (
    FOUND_BAD,
    check_once,
    check_out,
    contents_of,
    declare_scheduler,
    names_of,
)
from workbook.circulation.scale import Scheduler
from workbook.file.package import read_file
from workbook.file.target import FORCE, Target

if TYPE_CHECKING:
    from workbook.circulation.collect import Collected

# What it needs is imported as it runs: every command of the program loads this module.


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command line."""
    parser.add_argument("copies", metavar="COPY", nargs="+", type=Path)
    parser.add_argument("-o", dest="out", metavar="NEW", type=Path, required=True)
    parser.add_argument(
        "--base",
        metavar="BASE",
        type=Path,
        help="the workbook that was sent out: what a person changed in it is their opinion, and "
        "NEW begins as it is; without it as the first copy, and what differs between copies counts",
    )
    parser.add_argument(
        "--only", metavar="ID", nargs="+", default=[], help="the assumptions that are wanted"
    )
    parser.add_argument(
        "--weights",
        metavar="NAME=W",
        nargs="+",
        default=[],
        help="what people count, by their name or their file's; 1 by default",
    )
    parser.add_argument(
        "--as",
        dest="names",
        metavar="FILE=NAME",
        nargs="+",
        default=[],
        help="who returned a file, instead of who saved it last",
    )
    parser.add_argument(
        "--hide-names", action="store_true", help="Person 1, Person 2 ... instead of names"
    )
    parser.add_argument(
        "--accept",
        action="store_true",
        help="make the weighted mean the assumption where at least two people have an opinion",
    )
    declare_scheduler(parser)
    parser.add_argument(FORCE, action="store_true", help="replace a NEW that is there already")


def command(options: argparse.Namespace) -> tuple[Target, Collected, int | None]:
    """Do what the command line says, but for writing the file; last the exit status."""
    from workbook.circulation.collect import collected, identity_of, read_copies

    check_out(options.out, options.base or options.copies[0], options.copies)
    check_once(options.copies)
    target = Target(options.out, None, options.force)
    target.check()
    weights = {name: _number(name, text) for name, text in _pairs("--weights", options.weights)}
    base = None if options.base is None else (str(options.base), read_file(options.base))
    copies, notes = read_copies(
        contents_of(options.copies),
        len(options.copies),
        names_of(options.names, options.copies),
        None if base is None else identity_of(*base),
        Scheduler(options.scheduler, options.processes),
    )
    for note in notes:
        console.note(note)
    if not copies:
        raise InputError("the copies", "hold one that can be read", Found("none, as said above"))
    found = collected(
        copies,
        base or (copies[0].file, read_file(Path(copies[0].file))),
        is_base=base is not None,
        only=options.only,
        weights=weights,
        hide_names=options.hide_names,
        accept=options.accept,
    )
    return target, found, FOUND_BAD if len(copies) < len(options.copies) else None


def _pairs(option: str, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        before, equals, after = word.rpartition("=")
        if not equals or not before.strip() or not after.strip():
            raise InputError(option, "be given as NAME=VALUE", word)
        yield before.strip(), after.strip()


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"the weight of {name}", "be a number, such as 2", text) from None


def lines(found: Collected, out: Path) -> Iterator[str]:
    """What is printed of all opinions, and of each assumption."""
    people = len({row[1] for row in found.opinions})
    many = "1 person" if people == 1 else f"{people:,} people"
    yield f"{len(found.opinions):,} opinions of {many} in {out}"
    for node, (people, low, central, high, *_, disagreement, _) in found.pooled.items():
        many = "1 person" if people == 1 else f"{people} people"
        pooled = ", ".join(
            f"{each:,.4g}" if abs(each) < 1000 else f"{each:,.0f}" for each in (low, central, high)
        )
        accepted = ", accepted" if node in found.accepted else ""
        yield f"{node:<32} {many}: {pooled} (disagreement {disagreement:.0%}){accepted}"
