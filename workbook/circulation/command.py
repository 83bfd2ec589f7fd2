"""The commands `compare` and `accept`: what came back, and what of it is taken over."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from addin import console
from pycore.errors import Found, InputError
from workbook.file.package import read_file
from workbook.file.properties import plain_person
from workbook.file.target import FORCE, Target
from workbook.native.form import full_of

if TYPE_CHECKING:
    from workbook.circulation.accept import Accepted
    from workbook.circulation.compare import Comparison, Copy
    from workbook.circulation.effects import Effect

# What a command needs is imported where it runs: every command of the program loads this module.

FOUND_BAD = 1
"""The exit status where something was left out."""

SHOWN = 12
"""How many changes of a copy, and copies, are printed one by one."""


def declare_compare(parser: argparse.ArgumentParser) -> None:
    """Declare the words of `compare`."""
    _declare(parser)
    parser.add_argument("--json", action="store_true", help="all of it, for other tools")
    parser.add_argument(
        "-o", dest="out", metavar="REPORT.xlsx", type=Path, help="a report with waterfall charts"
    )
    parser.add_argument(FORCE, action="store_true", help="replace a REPORT that is there already")


def declare_accept(parser: argparse.ArgumentParser) -> None:
    """Declare the words of `accept`."""
    _declare(parser)
    parser.add_argument("-o", dest="out", metavar="NEW", type=Path, required=True)
    parser.add_argument("--all", action="store_true", help="all that the copies agree about")
    parser.add_argument(
        "--only",
        metavar="ID",
        nargs="+",
        default=[],
        help="changes to these: marginal_cost, or marginal_cost.low",
    )
    parser.add_argument(
        "--from",
        dest="people",
        metavar="PERSON",
        nargs="+",
        default=[],
        help="changes of these people, by name or file; so a conflict is decided",
    )
    parser.add_argument("--why", default="", help="what the Log says of the reason")
    parser.add_argument(FORCE, action="store_true", help="replace a NEW that is there already")


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("base", metavar="BASE", type=Path)
    parser.add_argument("copies", metavar="COPY", type=Path, nargs="+")
    parser.add_argument(
        "--as",
        dest="names",
        metavar="NAME",
        action="append",
        default=[],
        help="who worked on the copy, or FILE=NAME, where the file does not say it itself",
    )
    parser.add_argument(
        "--unrelated", action="store_true", help="compare copies of another workbook too"
    )
    declare_scheduler(parser)


def declare_scheduler(parser: argparse.ArgumentParser) -> None:
    """Declare where the work on many files or cases is done."""
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        default="",
        help="of a Dask cluster that does the work, such as tcp://10.0.0.5:8786",
    )
    parser.add_argument(
        "--processes", metavar="N", type=int, default=0, help="here: so many, by default all cores"
    )


def compare(options: argparse.Namespace) -> tuple[str, int | None]:
    """Compare copies with a workbook; what is to be printed as it is, and the exit status."""
    out = Target(options.out, None, options.force) if options.out else None
    if out:
        _check_ending(options.out)
        _check_apart(options.out, (options.base, *options.copies))
        out.check()
    _, comparison = _compared(options)
    if out:
        from workbook.circulation.report import Report

        out.write(Report(comparison).to_bytes())
        console.note(f"{options.out} is written")
    status = FOUND_BAD if any(copy.refused for copy in comparison.copies) else None
    if options.json:
        return json.dumps(comparison.as_json(), indent=2, allow_nan=False), status
    _print(comparison)
    return "", status


def accept(options: argparse.Namespace) -> int | None:
    """Take changes of copies over into a new workbook."""
    from workbook.circulation.accept import accepted, asked_for, chosen

    check_out(options.out, options.base, options.copies)
    target = Target(options.out, None, options.force)
    target.check()
    choosing = not (options.all or options.only or options.people)
    if choosing and not sys.stdin.isatty():
        rule = "say what to take over: --all, --only ID or --from PERSON (or ask at a terminal)"
        raise InputError("accept", rule, Found("without it"))
    data, comparison = _compared(options)
    picks = chosen(comparison, options.only, options.people)
    if choosing:
        picks = asked_for(picks, _ask)
    done = accepted(data, comparison, picks, why=options.why, out=str(options.out))
    target.write(done.done.data)
    for note in done.done.notes:
        console.note(note)
    refused = [copy for copy in comparison.copies if copy.refused]
    with console.after(f"{options.out} is written"):
        _tell_accepted(done, options.out)
        for line in _refused(refused):
            console.say(line)
    return FOUND_BAD if refused or done.undecided else None


def check_out(out: Path, first: Path, copies: Sequence[Path]) -> None:
    """Refuse another ending than that of the file that one begins with, and to write over any."""
    if out.suffix.casefold() != first.suffix.casefold():
        found = Found(out.suffix or "without an ending")
        raise InputError(str(out), f"end in {first.suffix}", found)
    _check_apart(out, (first, *copies))


def _check_apart(out: Path, files: Iterable[Path]) -> None:
    """Refuse to write over what is read."""
    for each in files:
        if out.exists() and each.exists() and out.samefile(each):
            raise InputError("-o", "be another file than those it is made from", str(each))


def check_once(files: Iterable[Path]) -> None:
    """Refuse a copy that is given twice, by whatever path."""
    seen: dict[Path, Path] = {}
    for each in files:
        if (other := seen.setdefault(each.resolve(), each)) is not each:
            raise InputError("a copy", f"be given once (it is {other} too)", str(each))


def _ask(line: str, answers: Mapping[str, str]) -> str:
    """Ask a person, until one of the answers is given."""
    words = ", ".join(f"{key}: {meaning}" for key, meaning in answers.items())
    while True:
        console.say(f"{line}  [{words}]")
        try:
            answer = input("> ").strip().casefold()
        except EOFError:
            raise InputError("the answer", "be given (nothing was written)", None) from None
        if answer in answers:
            return answer


def _tell_accepted(done: Accepted, out: Path) -> None:
    from workbook.circulation.changes import said
    from workbook.circulation.words import in_words

    count = len(done.taken)
    console.say(f"accepted {_counted(count)} into {out}, with an entry each in its Log")
    for copy, change in done.taken[:SHOWN]:
        values = f"{said(change.before)} -> {said(change.after)}"
        console.say(f"  {change.name:<40} {values}  ({copy.who})")
    if count > SHOWN:
        console.say(f"  and {count - SHOWN:,} more")
    for several in done.undecided.values():
        values = ", ".join(f"{copy.who}: {said(change.after)}" for copy, change in several)
        console.say(f"left undecided: {several[0][1].name} ({values}); --from PERSON decides")
    if words := in_words(done.effects):
        console.say(f"together: {words}")


def _counted(count: int) -> str:
    return f"{count or 'no'} change{'' if count == 1 else 's'}"


def contents_of(files: Sequence[Path]) -> Iterator[tuple[str, bytes | InputError]]:
    """The name and the content of each file, one after the other, or why it cannot be read."""
    for file in files:
        try:
            yield str(file), read_file(file)
        except InputError as error:
            yield str(file), error


def names_of(words: Sequence[str], files: Sequence[Path]) -> dict[str, str]:
    """Who worked on which file: a name alone is that of the only one."""
    names = {}
    for word in words:
        file, equals, name = word.rpartition("=")
        if not equals:
            if len(files) > 1:
                rule = "be FILE=NAME where there are several copies"
                raise InputError("--as", rule, word)
            file = str(files[0])
        match = [str(each) for each in files if file in (str(each), each.name)]
        if len(match) != 1 or not plain_person(name):
            rule = "be FILE=NAME, with one of the copies (by its path where several have the name)"
            raise InputError("--as", rule, word)
        names[match[0]] = plain_person(name)
    return names


def _compared(options: argparse.Namespace) -> tuple[bytes, Comparison]:
    """The workbook, and what came of its copies."""
    from workbook.circulation.compare import compared
    from workbook.circulation.scale import Scheduler

    check_once(options.copies)
    data = full_of(read_file(options.base), str(options.base))
    comparison = compared(
        (str(options.base), data),
        contents_of(options.copies),
        count=len(options.copies),
        names=names_of(options.names, options.copies),
        unrelated=options.unrelated,
        scheduler=Scheduler(options.scheduler, options.processes),
    )
    if all(copy.refused for copy in comparison.copies):
        for line in _refused(comparison.copies):
            console.note(line)
        found = Found("not: all are left out, for the reasons above")
        raise InputError("each copy", "be sound", found)
    return data, comparison


def _check_ending(out: Path) -> None:
    if out.suffix.casefold() != ".xlsx":
        raise InputError(str(out), "end in .xlsx", Found(out.suffix or "without an ending"))


def _print(comparison: Comparison) -> None:
    from workbook.circulation.changes import said
    from workbook.circulation.words import input_label

    copies = [copy for copy in comparison.copies if not copy.refused]
    for copy in copies[:SHOWN]:
        _print_copy(copy)
    if len(copies) > SHOWN:
        console.say(f"and {len(copies) - SHOWN:,} more copies (-o REPORT.xlsx or --json shows all)")
    for each in comparison.conflicts:
        label = input_label(each.id, each.field)
        console.say(f"conflict: {label} ({each.id}.{each.field}), now {said(each.before)}")
        for file, value in each.values.items():
            console.say(f"  {said(value):<20} {file}")
    for line in _refused(comparison.copies):
        console.say(line)


def _refused(copies: Sequence[Copy]) -> Iterator[str]:
    for copy in copies:
        if copy.refused:
            yield f"left out: {copy.file}"
            yield from (f"  {reason}" for reason in copy.refused)


def _print_copy(copy: Copy) -> None:
    from workbook.circulation.changes import said
    from workbook.circulation.compare import said_of

    by = f" by {copy.author}" if copy.author else ""
    when = f", computed {copy.computed}" if copy.computed else ""
    count = len(copy.changes)
    console.say(f"{copy.file}{by}{when}: {_counted(count)}")
    for change in copy.changes[:SHOWN]:
        console.say(f"  {change.name:<40} {said(change.before)} -> {said(change.after)}")
    if count > SHOWN:
        console.say(f"  and {count - SHOWN:,} more")
    for each in copy.own:
        console.say(f"  of their own: {each}")
    for effect in said_of(copy):
        _print_effect(effect)


def _print_effect(effect: Effect) -> None:
    from workbook.circulation.words import moved_by, shown_answer

    before, after = shown_answer(effect.before), shown_answer(effect.after)
    console.say(f"  {effect.label}: {before} -> {after}")
    for name, share in sorted(effect.by.items(), key=lambda each: -abs(each[1])):
        if share:
            error = effect.errors.get(name)
            drawn = f" (standard error {error:.1g})" if error else ""
            console.say(f"    {name:<38} {moved_by(share)}{drawn}")
    if effect.why_not:
        console.say(f"    not shared among the changes: {effect.why_not}")
