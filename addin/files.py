"""Writing files: whole or not at all, so that nothing of a person's is ever lost."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import BinaryIO

from pycore.errors import Found, InputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def make_folder(path: Path) -> None:
    """Make the folder that a file is to stand in; raise InputError if it cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(path.parent), "be a folder to write to", reason_of(error)) from None


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file whole or not at all, as :func:`whole_file` does."""
    with whole_file(path, mode=mode) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open a file to write piece by piece, which appears only once all of it is written.

    It is a temporary file in the same folder, which at the end takes the place of the old one in
    a single step: an error, or whoever stops this in the middle, leaves the old one as it was.

    It has the given permissions, or those of the file replaced, or what a new file gets. Raises
    InputError if the folder does not exist or cannot be written to.
    """
    target = Path(os.path.realpath(path))
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=".tmp", dir=target.parent
        )
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode_of(target) if mode is None else mode)
        Path(temporary).replace(target)
        temporary = None
    except OSError as error:
        rule = "be a file that can be written (is it open in another program?)"
        raise InputError(str(path), rule, reason_of(error)) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


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


def _mode_of(target: Path) -> int:
    """The permissions of the file that is replaced, or what a new file gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def licence() -> str:
    """Give the text of the licence, of a checkout or of what pip installed."""
    beside = Path(__file__).parents[1] / "LICENSE"
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    return metadata.distribution("fieldbook").read_text("licenses/LICENSE") or ""


def reason_of(error: OSError) -> Found:
    """Say in a few words why the system refused."""
    return Found((error.strerror or type(error).__name__).lower())
