"""The command `publish`: a workbook for those who are not to edit it, and a look before it goes."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from addin import console
from pycore.errors import Found, InputError
from workbook.circulation.noted import as_copy
from workbook.file.package import read_file
from workbook.file.target import FORCE, Target
from workbook.read import read_book

if TYPE_CHECKING:
    from workbook.publishing.personal import Finding
    from workbook.publishing.told import Told

# What a form needs is imported where that is made: every command of the program loads this module.

FOUND = 1
"""The exit status of a check that found something."""

SUFFIXES = {"html": (".html", ".htm"), "pdf": (".pdf",)}
SHOWN = 3
"""How many findings of a kind a note names; `--check` names all."""

LOOKED_FOR = (
    "Nothing was found: no comments, names of people, custom properties, local paths, printer "
    "settings, hidden sheets, rows or columns, embedded or outside data. What cells and pictures "
    "show was not judged."
)


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command line."""
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--html", metavar="PAGE.html", type=Path, help="one page, for those without a spreadsheet"
    )
    parser.add_argument(
        "--pdf", metavar="OUT.pdf", type=Path, help="every sheet as it prints, by LibreOffice"
    )
    parser.add_argument(
        "-o",
        dest="out",
        metavar="COPY",
        type=Path,
        help="a copy that answers by itself: its results are formulas of the spreadsheet, for "
        "those without the functions; what is simulated stands as computed now",
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="with -o COPY: leave the functions in it, and the file uncomputed",
    )
    parser.add_argument(
        "--clean",
        action="store_true",
        help="leave comments, names of people, local paths and printer settings out of COPY",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="list what its readers may not be meant to see; the exit status is 1 if any is found",
    )
    parser.add_argument(FORCE, action="store_true", help="replace what is there already")


def command(options: argparse.Namespace) -> int | None:
    """Do what the command line says; give the exit status where that is not 0."""
    from workbook.publishing.personal import personal
    from workbook.publishing.told import Told

    _check_words(options)
    targets = _targets(options)
    data = read_file(options.file)
    book = read_book(data, str(options.file))
    if options.check:
        return _check(personal(book))
    found = personal(book)
    told = Told(book)
    written = []
    for target, content in _made(options, targets, told, data):
        for note in target.links():
            console.note(note)
        target.write(content)
        written.append(f"{target.path} is written")
    for note in (*told.notices, *_notes(found, options.clean)):
        console.note(note)
    with console.after("; ".join(written)):
        for line in written:
            console.say(line)
    return None


def _check_words(options: argparse.Namespace) -> None:
    forms = [each for each in ("html", "pdf", "out") if getattr(options, each)]
    if options.check == bool(forms):
        rule = "be given --html, --pdf or -o, or --check alone"
        raise InputError("publish", rule, Found("given neither" if not forms else "given both"))
    if options.clean and not options.out:
        raise InputError("--clean", "come with -o COPY: the file itself stays as it is", None)
    if options.full and not options.out:
        raise InputError("--full", "come with -o COPY", None)
    if options.full and not options.clean:
        raise InputError("--full", "come with --clean: else COPY would be the same file", None)


def _targets(options: argparse.Namespace) -> dict[str, Target]:
    """What is written, checked before any work."""
    targets = {}
    wanted = {**SUFFIXES, "out": (options.file.suffix.casefold(),)}
    for form, suffixes in wanted.items():
        path: Path | None = getattr(options, form)
        if path is None:
            continue
        if path.suffix.casefold() not in suffixes:
            found = Found(path.suffix or "without an ending")
            raise InputError(str(path), f"end in {suffixes[0]}", found)
        if path.exists() and options.file.exists() and path.samefile(options.file):
            rule = "be another file than the one that is published, which stays as it is"
            raise InputError(str(path), rule, Found("the same"))
        targets[form] = Target(path, forced=options.force)
        targets[form].check()
    if len({target.path.resolve() for target in targets.values()}) < len(targets):
        raise InputError("publish", "be given a file for each form", Found("given one twice"))
    return targets


def _made(
    options: argparse.Namespace, targets: dict[str, Target], told: Told, data: bytes
) -> Iterator[tuple[Target, bytes]]:
    """Each file to write, and what it will hold."""
    if "html" in targets:
        from workbook.publishing.page import page

        made = page(told, data, options.file.name, _now())
        yield targets["html"], made.encode()
    if "pdf" in targets:
        from workbook.publishing.printed import printed

        yield targets["pdf"], printed(data, options.file)
    if "out" in targets:
        copied = data
        if not options.full:
            from workbook.native.copy import reading_copy

            done = reading_copy(data, str(options.file), as_copy)
            for note in done.notes:
                console.note(note)
            copied = done.data
        if options.clean:
            from workbook.publishing.clean import cleaned

            copied, _ = cleaned(copied, str(options.file))
        yield targets["out"], copied


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _check(found: Sequence[Finding]) -> int | None:
    if not found:
        console.say(LOOKED_FOR)
        return None
    for kind, each in groupby(sorted(found, key=lambda one: one.kind), key=lambda one: one.kind):
        console.say(f"{kind}:")
        for one in each:
            console.say(f"  {one}{'' if one.removed else ' (--clean keeps it)'}")
    return FOUND


def _notes(found: Sequence[Finding], is_clean: bool) -> Iterator[str]:
    """What was found, a line for each kind."""
    if is_clean:
        gone = sum(each.removed for each in found)
        if gone:
            yield f"{gone} of {len(found)} things found are not in the copy"
        found = [each for each in found if not each.removed]
    for kind, same in groupby(sorted(found, key=lambda one: one.kind), key=lambda one: one.kind):
        each = list(same)
        more = f"; and {len(each) - SHOWN} more (--check lists all)" if len(each) > SHOWN else ""
        where = "the copy keeps" if is_clean else "the workbook holds"
        yield f"{where} {kind}: {'; '.join(map(str, each[:SHOWN]))}{more}"
