"""A command in a terminal of its own, where Ctrl-C is typed as a person types it."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 600
CTRL_C = b"\x03"
LINE_LENGTH = 80


def _take_the_terminal() -> None:
    """In the new process: without a terminal in control no key would reach it as a signal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    # What runs in the background of a shell ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A process whose stderr and keyboard are a terminal; its stdout is a pipe.

    Parameters
    ----------
    words : str
        After ``python -m``.
    more : str
        More environment.
    """

    def __init__(self, *words: str, **more: str) -> None:
        self._screen, keyboard = pty.openpty()
        termios.tcsetwinsize(keyboard, (24, LINE_LENGTH))
        self._seen = bytearray()
        self.process = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=os.environ | more,
            stdin=keyboard,
            stdout=subprocess.PIPE,
            stderr=keyboard,
            start_new_session=True,
            preexec_fn=_take_the_terminal,
        )
        os.close(keyboard)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._screen, 1 << 16)
            except OSError:  # how a terminal ends on Linux
                return
            if not data:
                return
            self._seen += data

    @property
    def seen(self) -> str:
        """All that the terminal got, what was wiped out again included."""
        return self._seen.decode()

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, as a carriage return lets later text cover earlier."""
        lines = []
        for line in self.seen.replace("\r\n", "\n").split("\n"):
            shown = ""
            for text in line.split("\r"):
                shown = text + shown[len(text) :]
            lines.append(shown.rstrip())
        return lines

    def wait_for(self, text: str) -> None:
        """Wait until the terminal gets a text."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < end, self.seen
            assert self.process.poll() is None, self.seen
            time.sleep(0.01)

    def type(self, keys: bytes) -> None:
        os.write(self._screen, keys)

    def end(self) -> tuple[int, str]:
        """Wait for its end; gives its status and its stdout."""
        out, _ = self.process.communicate(timeout=PATIENCE)
        self._reader.join(PATIENCE)
        return self.process.returncode, out.decode()


@contextmanager
def in_terminal(*words: str, **more: str) -> Iterator[Terminal]:
    terminal = Terminal(*words, **more)
    try:
        yield terminal
    finally:
        terminal.process.kill()
        terminal.process.communicate()
        os.close(terminal._screen)
