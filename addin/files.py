"""Writing files: whole or not at all, so that nothing of a person's is ever lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

from pycore.errors import Found, InputError

if sys.platform == "win32":
    import msvcrt

    WAIT = TRY = UNLOCK = 0
else:
    import fcntl

    WAIT, TRY, UNLOCK = fcntl.LOCK_EX, fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_UN

PREFIX, SUFFIX = ".fieldbook-", ".tmp"
"""What our temporary files are called, whatever the length of the name that they replace."""

Check = Callable[[], None]
STOPS = [getattr(signal, each) for each in ("SIGTERM", "SIGHUP") if hasattr(signal, each)]


def make_folder(path: Path) -> None:
    """Make the folder that a file is to stand in; raise InputError if it cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(path.parent), "be a folder to write to", reason_of(error)) from None


def write_atomically(path: Path, data: bytes, **options: Any) -> None:
    """Write a file whole or not at all, as :func:`whole_file` does, with its options."""
    with whole_file(path, **options) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(
    path: Path, *, mode: int | None = None, like: Path | None = None, check: Check | None = None
) -> Iterator[BinaryIO]:
    """Open a file to write piece by piece, which appears only once all of it is written.

    It is a temporary file in the same folder, which at the end takes the place of the old one in
    a single step: an error, or whoever stops this in the middle, leaves the old one as it was.
    What a kill left is removed by the next one who writes into that folder.

    Parameters
    ----------
    mode : int, optional
        Its permissions; by default those of the file that it is like.
    like : Path, optional
        Whose owner, permissions and extended attributes it gets: by default those of the file
        replaced, or what a new file gets.
    check : callable, optional
        Called when all is written, while no other command of ours replaces a file of that folder;
        raises InputError if this one is not to be replaced.

    Raises InputError if the folder does not exist or cannot be written to.
    """
    target = Path(os.path.realpath(path))
    temporary: Path | None = None
    try:
        with _stopped_as_by_ctrl_c():
            with _alone_in(target.parent) as is_alone:
                if is_alone:
                    _remove_left(target.parent)
                handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX, dir=target.parent)
                temporary = Path(name)
                _lock(handle, TRY)
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                with _alone_in(target.parent):
                    file.close()  # only now: what is not open, another may remove
                    _make_like(temporary, like or target, mode)
                    if check is not None:
                        check()
                    temporary.replace(target)
            temporary = None
    except OSError as error:
        rule = "be a file that can be written (is it open in another program?)"
        raise InputError(str(path), rule, reason_of(error)) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until nobody else who asks for this changes a file, and keep them waiting meanwhile.

    The lock is a file beside it, which stays. Raises InputError if that cannot be made.
    """
    real = Path(os.path.realpath(path))
    beside = real.with_name(f".{real.name}.lock")
    try:
        lock = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform == "win32":
            msvcrt.locking(lock, msvcrt.LK_LOCK, 1)  # for ten seconds at most
        else:
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        rule = "be a file that can be made, and locked while the one beside it is changed"
        raise InputError(str(beside), rule, reason_of(error)) from None
    try:
        yield
    finally:
        os.close(lock)


def _make_like(temporary: Path, like: Path, mode: int | None) -> None:
    """Give a file the owner, permissions and extended attributes of another, as far as one may."""
    if like.exists() and sys.platform != "win32":
        found = like.stat()
        for owner in (found.st_uid, -1):
            with contextlib.suppress(OSError):
                os.chown(temporary, owner, found.st_gid)
                break
    if mode is not None:
        temporary.chmod(mode)
    elif like.exists():
        shutil.copystat(like, temporary)
        os.utime(temporary)
    else:
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[bool]:
    """Keep other commands of ours out of a folder meanwhile, if it can be locked; say if so."""
    if sys.platform == "win32":
        yield True  # what another has open cannot be removed there
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # one that may be written to and not read
        yield False
        return
    try:
        yield _lock(handle, WAIT)
    finally:
        _lock(handle, UNLOCK)  # at once, even where a process that was forked meanwhile has it too
        os.close(handle)


def _lock(handle: int, how: int) -> bool:
    """Lock or unlock an open file or folder; say whether that was possible."""
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, how)
    except OSError:
        return False
    return True


def _remove_left(folder: Path) -> None:
    """Remove the temporary files of a folder that are ours and that no process writes any more."""
    for left in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            handle = os.open(left, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                is_left = _lock(handle, TRY)
            finally:
                os.close(handle)
            if is_left:
                left.unlink()


@contextlib.contextmanager
def _stopped_as_by_ctrl_c() -> Iterator[None]:
    """Let whoever ends the process do what Ctrl-C does, so that no temporary file is left."""
    is_main = threading.current_thread() is threading.main_thread()
    changed = [each for each in STOPS if is_main and signal.getsignal(each) is signal.SIG_DFL]
    for each in changed:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    finally:
        for each in changed:
            signal.signal(each, signal.SIG_DFL)


def licence() -> str:
    """Give the text of the licence, of a checkout or of what pip installed."""
    beside = Path(__file__).parents[1] / "LICENSE"
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    return metadata.distribution("fieldbook").read_text("licenses/LICENSE") or ""


def reason_of(error: OSError) -> Found:
    """Say in a few words why the system refused."""
    return Found((error.strerror or type(error).__name__).lower())
