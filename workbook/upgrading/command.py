"""The command `upgrade`: a workbook of an earlier state becomes one of today."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from addin import console
from pycore.errors import Found, InputError
from workbook.file.package import read_file
from workbook.file.target import FORCE, Target
from workbook.upgrading.schemas import current

if TYPE_CHECKING:
    from workbook.upgrading.upgrade import Upgraded

# What it needs is imported as it runs: every command of the program loads this module.


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command line."""
    parser.add_argument("file", metavar="OLD", type=Path, help="stays as it is")
    parser.add_argument("-o", dest="out", metavar="NEW", type=Path, required=True)
    parser.add_argument(FORCE, action="store_true", help="replace a NEW that is there already")


def command(options: argparse.Namespace) -> None:
    """Do what the command line says."""
    from workbook.upgrading.upgrade import upgrade

    old, out = options.file, options.out
    if out.suffix.casefold() != old.suffix.casefold():
        raise InputError(str(out), f"end in {old.suffix}", Found(out.suffix or "without an ending"))
    if out.exists() and old.exists() and out.samefile(old):
        raise InputError(
            str(out), "be another file than OLD, which stays as it is", Found("the same")
        )
    data = read_file(old)
    target = Target(out, forced=options.force)
    target.check()
    done = upgrade(data, str(old))
    if done.is_current:
        target.write(data)
        console.say(f"{old} is of schema {current()}, which is current: {out} is a copy of it")
        return
    notes = [*target.links(), *done.notes]
    target.write(done.data)
    for note in notes:
        console.note(note)
    with console.after(f"{out} is written"):
        values = f"{done.inputs:,} inputs carried, {done.formulas:,} values computed"
        console.say(f"upgraded {old}, of {done.schema}, to {out}, of schema {current()}: {values}")
        for line in _told(done):
            console.say(line)


def _told(done: Upgraded) -> Iterator[str]:
    """The answers before and now, and where a difference comes from."""
    for each in done.answers:
        if isinstance(each.after, str):
            if each.before != each.after:
                yield f"  was: {each.before or '(not computed)'}"
            yield f"  now: {each.after}"
            continue
        parts = ""
        if each.before != each.after and each.model is not None:
            parts = f" (by the model {each.model:+.4g}, by edits since then {each.inputs:+.4g})"
        yield f"  {each.label}: was {_brief(each.before)}, is {_brief(each.after)}{parts}"


def _brief(value: object) -> str:
    if isinstance(value, float | int):
        return f"{value:.6g}"
    return "not computed" if value is None else str(value)
