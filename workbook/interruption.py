"""Ctrl-C while something is at work that swallows what our functions raise."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """An interruption that is not lost inside a formula engine.

    The engine makes a cell's error of whatever a function raises, KeyboardInterrupt too, and goes
    on with the next cell. So an interruption is noted when it comes, and raised again when the
    engine is back.

    Parameters
    ----------
    cancel : callable
        Tells the engine to end; is called in the middle of its work.
    """

    def __init__(self, cancel: Callable[[], None]) -> None:
        self._cancel = cancel
        self._came = False

    def check(self) -> None:
        """Begin nothing more once an interruption came."""
        if self._came:
            raise KeyboardInterrupt

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Heed interruptions while the engine is at work.

        Raises
        ------
        KeyboardInterrupt
            If one came, whatever the engine made of it.
        """
        is_main = threading.current_thread() is threading.main_thread()
        # Elsewhere interruptions never arrive; and who ignores or handles them goes on doing so.
        if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._note)
        try:
            yield
        except Exception:
            self.check()
            raise
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self.check()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._came = True
        self._cancel()
        signal.default_int_handler(number, frame)
