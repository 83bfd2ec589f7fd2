"""Commands that are killed, and commands that write one file at the same time.

``python -m tests.workbook.file.kills KILLS PAIRS`` kills every writing command at random moments,
half of them while it writes, and lets pairs of `set` change different assumptions of one file at
once. It says how many files stayed the old ones and how many were the new ones, and ends with an
error where one was neither, was lost, or where the next command did not clean up.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from addin.files import PREFIX
from workbook.__main__ import main
from workbook.file.patch import patch
from workbook.file.write import write
from workbook.hosts import SERVER
from workbook.read import read_book
from workbook.recalc import recalculate

ROOT = Path(__file__).resolve().parents[3]
FEWEST: dict[str, float | str] = {"replicates": 20, "simulation_draws": 256}
ANSWERS = "Journalist,Blog post\n2,1\n8,3\n4,\n"
BOOK, OUT, CSV = "book.xlsx", "out.xlsx", "draws.csv"
COPIED, CASES = "copied.xlsx", "offset\n" + "".join(f"{each}\n" for each in range(10, 150))
OLD, GOLDEN = "old.xlsx", ROOT / "tests" / "golden" / "schema-1.xlsx"
ONE_TIME = {"SOURCE_DATE_EPOCH": "1767225600"}
"""Lets ids and dates be the same again."""

SET = ("set", BOOK, "marginal_cost=23000")

COMMANDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (BOOK, SET),
    (BOOK, ("recalc", BOOK)),
    (OUT, (*SET, "-o", OUT, "--force")),
    (OUT, ("survey", BOOK, "answers.csv", "-o", OUT, "--force")),
    (BOOK, ("survey", BOOK, "answers.csv")),
    (CSV, ("simulate", BOOK, "--result", "cost_multiple", "--csv", CSV, "--force")),
    (BOOK, ("build", BOOK)),
    (OUT, ("publish", BOOK, "-o", OUT, "--clean", "--force")),
    (OUT, ("upgrade", OLD, "-o", OUT, "--force")),
    (OUT, ("accept", COPIED, BOOK, "-o", OUT, "--all", "--force")),
    (OUT, ("compare", COPIED, BOOK, "-o", OUT, "--force")),
    (CSV, ("sweep", BOOK, "cases.csv", "-o", CSV, "--force")),
)
"""What each of them writes, and its words."""


@dataclass(frozen=True)
class Case:
    """A command in a folder: what it writes, and the files before it and after it."""

    target: str
    words: tuple[str, ...]
    before: dict[str, bytes]
    after: dict[str, bytes]
    seconds: float


def held(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def case(number: int, built: bytes) -> Case:
    """A command, done once without any disturbance."""
    target, words = COMMANDS[number]
    files = {BOOK: edited(built), OUT: b"former", CSV: b"former", "answers.csv": ANSWERS.encode()}
    files |= {OLD: GOLDEN.read_bytes(), COPIED: built, "cases.csv": CASES.encode()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        put(folder, files)
        began = time.monotonic()
        process = started(words, folder)
        said = process.communicate()[1].decode()
        assert process.returncode == 0, (words, said)
        return Case(target, words, files, held(folder), time.monotonic() - began)


def edited(built: bytes) -> bytes:
    """A workbook in which somebody typed a value, so that every command changes it."""
    book = read_book(built, BOOK)
    sheet, address = book.sheet_of("offset"), book.places["offset"].first
    xml = patch(book.package.parts[sheet.part], sheet.cells, {address: 29.0}, computed=False)
    return book.package.to_bytes({sheet.part: xml})


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def started(words: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    """A command in a process of its own."""
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    script += "from workbook.__main__ import main; raise SystemExit(main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", script, *words],
        cwd=folder,
        env={**os.environ, **ONE_TIME},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def killed(case: Case, random: random.Random, *, while_writing: bool) -> str:
    """Kill a command, see that nothing is lost, and that the next command cleans up."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        put(folder, case.before)
        process = started(case.words, folder)
        if while_writing:
            while process.poll() is None and not any(folder.glob(f"{PREFIX}*")):
                time.sleep(0.0001)
            time.sleep(random.uniform(0, 0.004))
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(random.uniform(0, case.seconds))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        files = held(folder)
        left = [name for name in files if name.startswith(PREFIX)]
        known = {name: content for name, content in files.items() if name not in left}
        for name, content in known.items():
            assert content in (case.before.get(name), case.after.get(name)), (case.words, name)
        assert case.before.keys() <= known.keys(), (case.words, sorted(known))
        _clean_up(case, folder)
        said = "old" if known[case.target] == case.before[case.target] else "new"
        return said + (", a temporary file left" if left else "")


def _clean_up(case: Case, folder: Path) -> None:
    """Give the command once more, in this process."""
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()),
        mock.patch.dict(os.environ, ONE_TIME),
    ):
        assert main(list(case.words)) == 0, case.words
    files = held(folder)
    assert files[case.target] == case.after[case.target], case.words
    assert not any(name.startswith(PREFIX) for name in files), sorted(files)


def paired(built: bytes, random: random.Random) -> str:
    """Let two commands change one file at the same time: none is lost without a word."""
    wanted = {"marginal_cost": 23_000.0, "offset": 31.0}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        put(folder, {BOOK: built})
        processes = []
        for name, value in wanted.items():
            processes.append(started(("set", BOOK, f"{name}={value}"), folder))
            time.sleep(random.choice((0, 0, random.uniform(0, 1))))
        said = {
            name: process.communicate()[1].decode()
            for name, process in zip(wanted, processes, strict=True)
        }
        status = {name: p.returncode for name, p in zip(wanted, processes, strict=True)}
        book = read_book((folder / BOOK).read_bytes(), BOOK)
        landed = {name for name, value in wanted.items() if book.value(name) == value}
        assert landed == {name for name in wanted if status[name] == 0}, (status, landed)
        assert landed, said
        for name in wanted.keys() - landed:
            assert status[name] == 2
            assert "somebody saved meanwhile" in said[name], said[name]
        assert list(folder.iterdir()) == [folder / BOOK]
        return "both landed" if len(landed) == 2 else "one landed, one was told"


def attack(built: bytes, kills: int, pairs: int, seed: int = 1) -> Counter[str]:
    """Kill so many commands, and let so many pairs meet; count what came out."""
    chance = random.Random(seed)
    cases: dict[int, Case] = {}
    outcomes: Counter[str] = Counter()
    for number in range(kills):
        which = number % len(COMMANDS)
        cases[which] = cases.get(which) or case(which, built)
        is_writing = number // len(COMMANDS) % 2 == 0
        outcome = killed(cases[which], chance, while_writing=is_writing)
        outcomes[f"{cases[which].words[0]}: {outcome}"] += 1
    for _ in range(pairs):
        outcomes[f"pair: {paired(built, chance)}"] += 1
    return outcomes


if __name__ == "__main__":
    made = recalculate(write(SERVER.sheets()), "built", FEWEST).data
    for outcome, times in sorted(attack(made, *map(int, sys.argv[1:])).items()):
        print(f"{times:5} {outcome}")
