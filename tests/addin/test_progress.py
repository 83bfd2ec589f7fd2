"""Long calls in a command line: a bar in a terminal, nothing elsewhere, and Ctrl-C ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from addin import console
from addin.console import Bar
from pycore import progress
from tests.long_calls import WHAT
from tests.terminal import CTRL_C, PATIENCE, ROOT, in_terminal

CALL = ("call", "COST_MULTIPLE", "100000", "25000")
LONG = ("tests.long_calls", *CALL)


def test_a_bar_shows_how_far_it_is_and_is_gone_after_it() -> None:
    with in_terminal(*LONG) as terminal:
        status, out = terminal.end()
        assert (status, out) == (0, "4.0\n")
        assert f"{WHAT}: " in terminal.seen
        shares = [int(part[-3:]) for part in terminal.seen.split("%|")[:-1]]
        assert shares == sorted(set(shares))
        assert 0 < shares[0] < 40
        assert shares[-1] > 80
        assert terminal.lines == [""]


def test_short_work_shows_no_bar() -> None:
    with in_terminal("addin", *CALL) as terminal:
        assert terminal.end() == (0, "4.0\n")
        assert terminal.seen == ""


def test_nothing_is_shown_where_there_is_no_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", *LONG], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "4.0\n", "")


def test_ctrl_c_ends_it_in_one_line() -> None:
    with in_terminal(*LONG) as terminal:
        terminal.wait_for(f"{WHAT}: ")
        terminal.type(CTRL_C)
        assert terminal.end() == (130, "")
        assert terminal.lines == ["stopped", ""]


def test_an_interruption_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        for step in progress.tracked(range(100), WHAT):
            assert step < 3
            if step == 2:
                os.kill(os.getpid(), signal.SIGINT)

    assert console.run(interrupted) == 130
    assert capsys.readouterr() == ("", "stopped\n")


def test_each_piece_of_long_work_has_a_bar_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr("addin.console.time.monotonic", lambda: now)
    bar = Bar()
    for what in ("first", "second", "third"):
        bar.hear(0.0, what)
        now += 0.3
        bar.hear(0.4, what)
        now += 0.3 if what != "second" else 0.0
        bar.hear(0.6, what)
        bar.hear(1.0, what)
    err = capsys.readouterr().err
    assert "first:  60%|" in err
    assert "second" not in err
    assert "third:  60%|" in err
