"""The command line of the workbook, a command for each thing that one does with it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from addin import console
from addin.console import Commands, command_line
from addin.files import make_folder, write_atomically
from pycore.errors import Found, InputError
from workbook import simulate
from workbook.besides import besides
from workbook.circulation import collecting, sweep
from workbook.circulation import command as circulation
from workbook.circulation.noted import Identity, Noted, Noting, as_copy, new_id, unnoted
from workbook.file.package import read_file
from workbook.file.target import FORCE, Target, target_of
from workbook.file.write import write
from workbook.hosts import HOSTS, SERVER
from workbook.moves import MOVE_RANGE
from workbook.native.form import BROUGHT_BACK, EXPLAINED, full_of
from workbook.publishing import command as publishing
from workbook.read import is_fieldbook, read_book
from workbook.recalc import Recalculated, recalculate
from workbook.sheets.assumptions import check_sums
from workbook.show import answers, contents, outdated
from workbook.survey import command as survey
from workbook.upgrading import command as upgrading
from workbook.validate import typed

LARGE = 1000


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        The words after the program's name; those of the process by default.

    Returns
    -------
    int
        The exit status: 0, 1 if a check found something, 2 for bad input, 130 if it was
        interrupted.
    """
    return command_line(
        "python -m workbook", "The Fieldbook workbook, without Excel.", arguments, declare
    )


def declare(commands: Commands) -> None:
    """Declare the commands."""
    build = commands.add_parser("build", help="make the workbook, every value computed")
    build.add_argument("file", metavar="OUT", type=Path)
    build.add_argument("-q", "--quiet", action="store_true", help="do not print the answers")
    build.add_argument(
        FORCE,
        action="store_true",
        help="replace OUT even where it is no Fieldbook workbook; either way, what stands there "
        "and differs is kept as OUT-former-1, -2 ...",
    )
    forms = build.add_mutually_exclusive_group()
    for host in HOSTS:
        if host is not SERVER:
            forms.add_argument(
                f"--{host.name}", dest="host", action="store_const", const=host, help=host.help
            )
    forms.add_argument(
        "--reading",
        action="store_true",
        help="for whoever has no add-in: the results are formulas of the spreadsheet itself",
    )
    build.set_defaults(command=_build, host=SERVER)

    recalc = commands.add_parser("recalc", help="compute every formula again")
    recalc.add_argument("file", metavar="FILE", type=Path)
    _declare_out(recalc)
    recalc.set_defaults(command=_recalc, changes=[], move_range=False, who="", why="")

    change = commands.add_parser("set", help="change assumptions and recalculate")
    change.add_argument("file", metavar="FILE", type=Path)
    change.add_argument(
        "changes",
        metavar="ID=VALUE",
        nargs="+",
        help="such as marginal_cost=30000, marginal_cost.low=28000, "
        "marginal_cost.distribution=uniform or simulation_draws=8192",
    )
    _declare_out(change)
    change.add_argument(
        MOVE_RANGE,
        action="store_true",
        help="move the ends of a range along with its central value: by the same factor where the "
        "quantity is above 0, else (a share, or of either sign) by the same difference",
    )
    change.add_argument("--why", default="", help="what the Log says of the reason")
    change.add_argument("--as", dest="who", metavar="NAME", default="", help="who changes it")
    change.set_defaults(command=_recalc)

    show = commands.add_parser("show", help="print what the workbook says")
    show.add_argument("file", metavar="FILE", type=Path)
    show.add_argument("--json", action="store_true", help="all of it, for other tools")
    show.add_argument("--full", action="store_true", help="repeat the simulations to check them")
    show.set_defaults(command=_show)

    sure = commands.add_parser("simulate", help="how sure the answers are")
    simulate.declare(sure)
    sure.set_defaults(command=_simulate)

    answers_of = commands.add_parser("survey", help="import the answers of a survey")
    survey.declare(answers_of)
    _declare_out(answers_of)
    answers_of.set_defaults(command=_survey)

    compare = commands.add_parser("compare", help="what copies changed, and what that did")
    circulation.declare_compare(compare)
    compare.set_defaults(command=_compare)

    accept = commands.add_parser("accept", help="take changes of copies over into a new workbook")
    circulation.declare_accept(accept)
    accept.set_defaults(command=circulation.accept)

    many = commands.add_parser("sweep", help="the results of thousands of cases")
    sweep.declare(many)
    many.set_defaults(command=sweep.command)

    upgrade = commands.add_parser("upgrade", help="take an older workbook to today's model")
    upgrading.declare(upgrade)
    upgrade.set_defaults(command=upgrading.command)

    collect = commands.add_parser("collect", help="pool what people judge in their copies")
    collecting.declare(collect)
    collect.set_defaults(command=_collect)

    publish = commands.add_parser("publish", help="give it away: a page, a PDF or a clean copy")
    publishing.declare(publish)
    publish.set_defaults(command=publishing.command)


def _declare_out(command: argparse.ArgumentParser) -> None:
    command.add_argument("-o", dest="out", metavar="OUT", type=Path, help="instead of FILE itself")
    command.add_argument(
        FORCE, action="store_true", help="replace an OUT that is there already and is not FILE"
    )


def _build(options: argparse.Namespace) -> None:
    out = options.file
    _check_suffix(out, options.host.suffix)
    before = read_file(out) if out.exists() else None
    if before is not None and not options.force and not is_fieldbook(before, str(out)):
        raise InputError(str(out), f"be a Fieldbook workbook ({FORCE} replaces it)", Found("not"))
    target = Target(out, before)
    target.check()
    identity = _identity(before, str(out))
    done = recalculate(
        write(options.host.sheets(), options.host),
        str(out),
        noting=lambda *_: Noted(identity=identity),
    )
    if options.reading:
        from workbook.native.copy import reading_copy  # takes a while to load

        done = reading_copy(done.data, str(out))
    make_folder(out)
    target.check()
    former = _keep_former(out, before) if before not in (None, done.data) else None
    _write(target, done)
    with console.after(f"{out} is written"):
        if former:
            console.say(f"kept the former file as {former}")
        console.say(f"built {out}: {done.formulas:,} values, all computed by its formulas")
        if options.reading:
            console.say(EXPLAINED)
        if not options.quiet:
            _print_answers(done.answers)


def _identity(before: bytes | None, file: str) -> Identity:
    """That of the workbook in whose place one is built: there may be copies of it; or a new one."""
    if before is not None:
        with suppress(InputError):  # one of an earlier version has none
            if (held := Identity.of(read_book(before, file))).id:
                return held
    return Identity(new_id())


def _check_suffix(path: Path, suffix: str) -> None:
    """Refuse a name under which a spreadsheet would not open the file."""
    if path.suffix.casefold() != suffix.casefold():
        raise InputError(str(path), f"end in {suffix}", Found(path.suffix or "without an ending"))


def _keep_former(path: Path, data: bytes) -> Path:
    """Keep a file that a build replaces: a person may have worked in it."""
    number = 1
    while (former := path.with_name(f"{path.stem}-former-{number}{path.suffix}")).exists():
        number += 1
    write_atomically(former, data, like=path, check=Target(former).check)
    return former


def _recalc(options: argparse.Namespace) -> None:
    changes: dict[str, float | str] = {}
    for reference, value in map(_change, options.changes):
        if reference in changes:
            raise InputError(reference, "be set once", Found("set more than once"))
        changes[reference] = value
    check_sums(changes)
    data = read_file(options.file)
    target = _target(options, data)
    full = full_of(data, str(options.file))
    noting: Noting = as_copy if options.out else unnoted
    if changes:
        from workbook.circulation.logged import logging

        noting = logging(options.who, options.why, is_copy=bool(options.out))
    done = recalculate(
        full, str(options.file), changes, move_range=options.move_range, noting=noting
    )
    _write(target, done)
    if full is not data:
        console.note(f"{target.path} {BROUGHT_BACK}")
    with console.after(f"{target.path} is written"):
        console.say(f"recalculated {target.path}: {done.formulas} values")
        _print_answers(done.answers)


def _target(options: argparse.Namespace, data: bytes) -> Target:
    """The file that a command writes which edits one."""
    _check_suffix(options.out or options.file, options.file.suffix)
    return target_of(options.out, options.file, data, force=options.force)


def _change(word: str) -> tuple[str, float | str]:
    reference, equals, text = word.partition("=")
    if not equals or not reference:
        raise InputError("a change", "be ID=VALUE, such as marginal_cost=30000", word)
    return reference, typed(reference, text)


def _write(target: Target, done: Recalculated) -> None:
    notes = [*target.links(), *done.notes]
    target.write(done.data)
    for note in notes:
        console.note(note)


def _print_answers(sentences: Iterable[str]) -> None:
    for answer in sentences:
        console.say(f"  {answer}")


def _show(options: argparse.Namespace) -> None:
    book = read_book(read_file(options.file), str(options.file))
    held = contents(book)
    problem = outdated(book, simulations=options.full)
    for note in (*([problem] if problem else []), *besides(book, book.cell)):
        console.note(note)
    if options.json:
        print(json.dumps(held, indent=2, allow_nan=False))
        return
    said = answers(book)
    if not any(said):
        rule = "hold the values of its formulas: recalculate it first (the command recalc)"
        raise InputError(str(options.file), rule, Found("without values"))
    _print_answers(answer or "(not computed)" for answer in said)
    print()
    console.say("Assumptions, by the names that `set` takes: low, central, high")
    for name, node in held["assumptions"].items():
        ends = (node[part] for part in ("low", "central", "high"))
        points = ", ".join(_brief_cell(end) for end in ends if end is not None)
        console.say(f"{name:<32} {points} ({node['unit']})")
    print()
    console.say("Results")
    for name, result in held["results"].items():
        console.say(f"{name:<32} {result['label']:<56} {_brief(result)}")
    fine = sum(check["ok"] for check in held["checks"].values())
    console.say(f"{fine} of {len(held['checks'])} published figures come out as published.")


def _compare(options: argparse.Namespace) -> int | None:
    text, status = circulation.compare(options)
    if text:
        print(text)
    return status


def _simulate(options: argparse.Namespace) -> None:
    lines, notes, written = simulate.command(options)
    for note in notes:
        console.note(note)
    with console.after(written):
        for line in lines:
            console.say(line)


def _survey(options: argparse.Namespace) -> None:
    data = read_file(options.file)
    target = _target(options, data)
    data = full_of(data, str(options.file))
    read, done = survey.command(options, data)
    _write(target, done)
    for note in read.notes:
        console.note(note)
    with console.after(f"{target.path} is written"):
        goods = f"{len(read.answers):,} respondents and {len(read.goods)} goods"
        console.say(f"imported {goods} into {target.path}")


def _collect(options: argparse.Namespace) -> int | None:
    target, found, status = collecting.command(options)
    links = target.links()
    target.write(found.data)
    for note in (*links, *found.notes):
        console.note(note)
    with console.after(f"{target.path} is written"):
        for line in collecting.lines(found, target.path):
            console.say(line)
    return status


def _brief(result: dict[str, object]) -> str:
    value = result["value"]
    if value is None:
        return str(result["error"])
    if isinstance(value, list) and len(value) > 1:
        return f"{len(value)} points"
    cells = value[0] if isinstance(value, list) else [value]
    return f"{', '.join(map(_brief_cell, cells))} ({result['unit']})"


def _brief_cell(cell: object) -> str:
    if not isinstance(cell, float | int):
        return str(cell)
    return f"{cell:,.0f}" if abs(cell) >= LARGE else f"{cell:.4g}"


if __name__ == "__main__":
    raise SystemExit(main())
