"""What the command lines share: a bar for long work, and one plain line for what goes wrong."""

from __future__ import annotations

import argparse
import gc
import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Never, NoReturn, TypeAlias

from addin import one_thread as one_thread  # before numpy is imported
from addin.files import reason_of
from addin.shelf import user_shelf
from pycore import progress
from pycore.errors import Found, InputError, RefusedError
from pycore.kept import keeping

if TYPE_CHECKING:  # it takes longer to load than most commands run
    from tqdm import tqdm

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130

PATIENCE = 0.5
"""Seconds that work takes before a bar shows it."""

COLLECTED = 100_000
"""After how many new objects Python looks for those that nothing refers to.

A command makes its objects at the beginning and keeps nearly all: looking after each 700, as
Python does, takes a sixth of the time of a short one.
"""

BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}, {remaining} left\r"
"""It leaves the cursor at its beginning, so that the ^C of a terminal goes away with it."""


def command_line(
    prog: str, description: str, words: list[str] | None, *declare: Callable[[Commands], None]
) -> int:
    """Run a command line of several commands.

    Parameters
    ----------
    words : list of str, optional
        Those after the program's name; those of the process by default.
    *declare : callable
        Each declares commands. A command's parser has as its default ``command`` what takes the
        options and prints the answer.

    Returns
    -------
    int
        The exit status, as of `run`.
    """
    parser: argparse.ArgumentParser = _Parser(prog=prog, description=description)
    commands = parser.add_subparsers(dest="command", required=True)
    for each in declare:
        each(commands)

    def command() -> int | None:
        options = parser.parse_args(words)
        status: int | None = options.command(options)
        return status

    return run(command)


class _Parser(argparse.ArgumentParser):
    """A parser that names a word without sending it to the terminal as it is."""

    def error(self, message: str) -> NoReturn:
        super().error(visible(message))


def run(command: Callable[[], int | None]) -> int:
    """Run a command, which prints its answer; say in a line what a person can mend.

    Where stderr is a terminal, a bar shows there how far long work is, and is gone after it.

    Returns
    -------
    int
        The exit status: what the command gives, or 0; 1 if the system failed (a full disk, no
        memory), 2 for bad input, 130 if it was interrupted.
    """
    _prepare_output()
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED, *before[1:])
    try:
        try:
            return _status(command)
        finally:
            gc.set_threshold(*before)
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader went away, as `| head` does; nothing is left to say it to.
        _drop_output()
        return 0
    except OSError as error:
        _drop_output()
        _tell(f"the standard output cannot be written to: {reason_of(error)}")
        return FAILED


def _status(command: Callable[[], int | None]) -> int:
    bar = Bar()
    hearing = progress.listening(bar.hear) if sys.stderr.isatty() else nullcontext()
    try:
        if sys.flags.optimize > 1:
            rule = "keep its docstrings, of which the functions' help is made (run it without -OO)"
            raise InputError("Fieldbook", rule, Found("without them"))
        with keeping(user_shelf()), closing(bar), hearing:
            return command() or 0
    except _mendable() as error:
        _tell(str(error))
        return BAD_INPUT
    except OSError as error:
        if error.filename is None:
            raise  # of the output
        _tell(f"{error.filename} cannot be reached: {reason_of(error)}")
        return BAD_INPUT
    except KeyboardInterrupt:
        _tell("stopped")
        return INTERRUPTED
    except MemoryError:
        _tell("stopped: it needs more memory than there is")
        return FAILED


def _prepare_output() -> None:
    """Let what an output cannot write, in ASCII say, be written out, and nothing go nowhere."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Let Python not try again, at its end, to print what could not be printed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(line: str) -> None:
    """Print a line of an answer."""
    print(visible(line))


@contextmanager
def after(done: str) -> Iterator[None]:
    """Print what came of something; if that fails, say on stderr that it is done all the same."""
    try:
        yield
        sys.stdout.flush()
    except OSError:
        if done:
            note(done)
        raise


def note(text: str) -> None:
    """Say on stderr what a person should know of an answer."""
    _tell(f"note: {text}")


def _tell(line: str) -> None:
    """Say something on stderr, if anything can be said there."""
    with suppress(OSError):
        print(visible(line), file=sys.stderr)


def visible(text: str) -> str:
    """Text on one line, in which what a terminal would obey or not show is written out."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _mendable() -> tuple[type[Exception], ...]:
    """What bad input raises; xlwings is not imported before a server has said that it is one."""
    xlwings = sys.modules.get("xlwings")
    own = (InputError, RefusedError)
    return (*own, xlwings.XlwingsError) if xlwings else own


class Bar:
    """A bar on stderr for work that takes a while, and nothing for work that does not."""

    def __init__(self) -> None:
        self._began = 0.0
        self._bar: tqdm[Never] | None = None

    def hear(self, done: float, what: str) -> None:
        """Show how far the work is: the share that is done, from 0 to 1; it begins at 0."""
        if done == 0:
            self.close()
            self._began = time.monotonic()
        elif done == 1:
            self.close()
        elif self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif (taken := time.monotonic() - self._began) >= PATIENCE:
            # Known before it shows: an interruption may come at once, and must take it away.
            self._bar = _bar(done, what, taken)
            self._bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
            # Interrupted while it was drawn, it does not know how much there is to wipe out.
            blank = " " * (shutil.get_terminal_size().columns - 1)
            with suppress(OSError):
                print(f"\r{blank}\r", end="", file=sys.stderr, flush=True)


def _bar(done: float, what: str, taken: float) -> tqdm[Never]:
    from tqdm import tqdm

    # Neither the thread that watches the bars nor the lock between processes is any use here.
    tqdm.monitor_interval = 0
    tqdm.set_lock(threading.RLock())
    bar: tqdm[Never] = tqdm(
        total=1,
        desc=what,
        bar_format=BAR,
        leave=False,
        dynamic_ncols=True,
        smoothing=0,
        miniters=0,
        delay=1e-9,  # anything above 0, so that it is not drawn as an empty bar first
    )
    # The work began before the bar did, and the rest is estimated from its beginning.
    bar.start_t -= taken
    bar.n = done
    return bar
