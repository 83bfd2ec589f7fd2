"""Command line of the workbook: build, recalc, set, show, simulate and survey."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from addin import console
from addin.console import Commands, command_line
from addin.files import make_folder, write_atomically
from pycore.errors import Found, InputError
from workbook import simulate, survey
from workbook.besides import besides
from workbook.file.package import read_file
from workbook.file.write import write
from workbook.hosts import HOSTS, SERVER
from workbook.moves import MOVE_RANGE
from workbook.read import read_book
from workbook.recalc import Recalculated, recalculate
from workbook.sheets.assumptions import check_sums
from workbook.show import answers, contents, outdated
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
        The exit status: 0, 2 for bad input, 130 if it was interrupted.
    """
    return command_line(
        "python -m workbook", "The Fieldbook workbook, without Excel.", arguments, declare
    )


def declare(commands: Commands) -> None:
    """Declare the commands."""
    build = commands.add_parser("build", help="make the workbook, every value computed")
    build.add_argument("file", metavar="OUT", type=Path)
    build.add_argument("-q", "--quiet", action="store_true", help="do not print the answers")
    forms = build.add_mutually_exclusive_group()
    for host in HOSTS:
        if host is not SERVER:
            forms.add_argument(
                f"--{host.name}", dest="host", action="store_const", const=host, help=host.help
            )
    build.set_defaults(command=_build, host=SERVER)

    recalc = commands.add_parser("recalc", help="compute every formula again")
    recalc.add_argument("file", metavar="FILE", type=Path)
    recalc.add_argument("-o", dest="out", metavar="OUT", type=Path, help="instead of FILE itself")
    recalc.set_defaults(command=_recalc, changes=[], move_range=False)

    change = commands.add_parser("set", help="change assumptions and recalculate")
    change.add_argument("file", metavar="FILE", type=Path)
    change.add_argument(
        "changes",
        metavar="ID=VALUE",
        nargs="+",
        help="such as marginal_cost=30000, marginal_cost.low=28000, "
        "marginal_cost.distribution=uniform or simulation_draws=8192",
    )
    change.add_argument("-o", dest="out", metavar="OUT", type=Path, help="instead of FILE itself")
    change.add_argument(
        MOVE_RANGE,
        action="store_true",
        help="move the ends of a range along with its central value: by the same factor where the "
        "quantity is above 0, else (a share, or of either sign) by the same difference",
    )
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
    answers_of.set_defaults(command=_survey)


def _build(options: argparse.Namespace) -> None:
    _check_suffix(options.file, options.host.suffix)
    done = recalculate(write(options.host.sheets(), options.host), str(options.file))
    make_folder(options.file)
    _keep_former(options.file, done.data)
    _write(options.file, done)
    print(f"built {options.file}: {done.formulas} values, all computed by its formulas")
    if not options.quiet:
        _print_answers(done.answers)


def _check_suffix(path: Path, suffix: str) -> None:
    """Refuse a name under which a spreadsheet would not open the file."""
    if path.suffix.casefold() != suffix.casefold():
        raise InputError(str(path), f"end in {suffix}", Found(path.suffix or "without an ending"))


def _keep_former(path: Path, data: bytes) -> None:
    """Move aside a file that a build would replace: a person may have worked in it."""
    if not path.exists() or read_file(path) == data:
        return
    number = 1
    while (former := path.with_name(f"{path.stem}-former-{number}{path.suffix}")).exists():
        number += 1
    write_atomically(former, read_file(path))
    print(f"kept the former file as {former}")


def _recalc(options: argparse.Namespace) -> None:
    changes: dict[str, float | str] = {}
    for reference, value in map(_change, options.changes):
        if reference in changes:
            raise InputError(reference, "be set once", Found("set more than once"))
        changes[reference] = value
    check_sums(changes)
    data = read_file(options.file)
    done = recalculate(data, str(options.file), changes, move_range=options.move_range)
    out = options.out or options.file
    _check_suffix(out, options.file.suffix)
    _write(out, done)
    print(f"recalculated {out}: {done.formulas} values")
    _print_answers(done.answers)


def _change(word: str) -> tuple[str, float | str]:
    reference, equals, text = word.partition("=")
    if not equals or not reference:
        raise InputError("a change", "be ID=VALUE, such as marginal_cost=30000", word)
    return reference, typed(reference, text)


def _write(path: Path, done: Recalculated) -> None:
    write_atomically(path, done.data)
    for note in done.notes:
        console.note(note)


def _print_answers(sentences: Iterable[str]) -> None:
    for answer in sentences:
        print(f"  {console.visible(answer)}")


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
    print("\nAssumptions, by the names that `set` takes: low, central, high")
    for name, node in held["assumptions"].items():
        ends = (node[part] for part in ("low", "central", "high"))
        points = ", ".join(_brief_cell(end) for end in ends if end is not None)
        print(f"{name:<32} {points} ({node['unit']})")
    print("\nResults")
    for name, result in held["results"].items():
        print(f"{name:<32} {result['label']:<56} {_brief(result)}")
    fine = sum(check["ok"] for check in held["checks"].values())
    print(f"{fine} of {len(held['checks'])} published figures come out as published.")


def _simulate(options: argparse.Namespace) -> None:
    text, notes = simulate.command(options)
    for note in notes:
        console.note(note)
    print(text)


def _survey(options: argparse.Namespace) -> None:
    out = options.out or options.file
    _check_suffix(out, options.file.suffix)
    read, done = survey.command(options)
    _write(out, done)
    for note in read.notes:
        console.note(note)
    print(f"imported {len(read.answers):,} respondents and {len(read.goods)} goods into {out}")


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
        return console.visible(str(cell))
    return f"{cell:,.0f}" if abs(cell) >= LARGE else f"{cell:.4g}"


if __name__ == "__main__":
    raise SystemExit(main())
