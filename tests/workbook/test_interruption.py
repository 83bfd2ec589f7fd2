"""Ctrl-C in the middle of a recalculation: it ends at once, and the file stays as it was."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from addin.functions import Function
from tests import long_calls
from tests.long_calls import WHAT
from tests.terminal import CTRL_C, in_terminal
from workbook.calculator import Calculator
from workbook.engine import Engine
from workbook.interruption import Interruption
from workbook.read import read_book
from workbook.recognise import recognise
from workbook.trust import Trust

ENDLESS = {long_calls.ENDLESS: "1"}


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(
    "words", [("recalc",), ("set", "marginal_cost=22600")], ids=lambda words: words[0]
)
def test_ctrl_c_leaves_the_file_as_it_was(file: Path, words: tuple[str, ...]) -> None:
    before = file.read_bytes()
    command, *changes = words
    # The engine would call the endless work once more for every other cell.
    with in_terminal("tests.long_calls", command, str(file), *changes, **ENDLESS) as terminal:
        terminal.wait_for(f"{WHAT}: ")
        terminal.type(CTRL_C)
        assert terminal.end() == (130, "")
        assert terminal.lines == ["stopped", ""]
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_ctrl_c_leaves_no_new_file(tmp_path: Path) -> None:
    with in_terminal(
        "tests.long_calls", "build", str(tmp_path / "new.xlsx"), **ENDLESS
    ) as terminal:
        terminal.wait_for(f"{WHAT}: ")
        terminal.type(CTRL_C)
        assert terminal.end() == (130, "")
        assert terminal.lines == ["stopped", ""]
    assert list(tmp_path.iterdir()) == []


def test_no_function_is_called_after_an_interruption(
    built: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    real = Calculator._callback

    def counted(self: Calculator, function: Function) -> Callable[..., Any]:
        call = real(self, function)

        def once(*cells: Any) -> Any:
            answer = call(*cells)
            calls.append(function.name)
            interrupt()
            return answer

        return once

    monkeypatch.setattr(Calculator, "_callback", counted)
    book = read_book(built, "file")
    with pytest.raises(KeyboardInterrupt):
        Engine(book, recognise(book), Trust()).evaluation()
    assert len(calls) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("result", [None, RuntimeError("canceled"), KeyboardInterrupt()])
def test_an_interruption_that_was_swallowed_is_raised_again(result: BaseException | None) -> None:
    canceled = []
    interruption = Interruption(lambda: canceled.append(True))

    def engine() -> None:
        try:
            interrupt()
            time.sleep(5)
        except KeyboardInterrupt:
            if result is not None:
                raise result from None

    interruption.check()
    with pytest.raises(KeyboardInterrupt), interruption.heeded():
        engine()
    assert canceled == [True]
    with pytest.raises(KeyboardInterrupt):
        interruption.check()


def test_errors_pass_as_they_are() -> None:
    with pytest.raises(RuntimeError, match="its own"), Interruption(lambda: None).heeded():
        raise RuntimeError("its own")


def test_who_ignores_interruptions_goes_on_doing_so() -> None:
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption(lambda: None).heeded():
            interrupt()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, former)


def test_another_thread_has_none() -> None:
    seen = []

    def work() -> None:
        with Interruption(lambda: None).heeded():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
