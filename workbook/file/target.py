"""The file that a command writes: what may be replaced, and that nobody saved it meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from addin.files import whole_file, write_atomically
from pycore.errors import Found, InputError
from workbook.file.package import check_is_file, read_file

OPEN_MARKS = {"~$": "Excel", ".~lock.": "LibreOffice"}
"""How the names of the files begin by which programs mark a workbook that they have open."""

FORCE = "--force"
WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Target:
    """A file to write: what it held when the work began, or that it is replaced anyway."""

    path: Path
    before: bytes | None = None
    forced: bool = False

    def check(self) -> None:
        """Refuse to replace what somebody else has open, or saved since the work began."""
        for mark, program in _marks(self.path):
            rule = f"be closed first (or, if no one has it open, delete {mark})"
            raise InputError(str(self.path), rule, Found(f"open in {program}"))
        check_is_file(self.path)
        if self.path.exists() and not self.path.stat().st_mode & WRITABLE:
            raise InputError(str(self.path), "be writable", Found("write-protected"))
        if self.forced or (self.before is None and not self.path.exists()):
            return
        if self.before is None:
            rule = f"be a new file ({FORCE} replaces it)"
            raise InputError(str(self.path), rule, Found("there already"))
        if read_file(self.path) != self.before:
            rule = "stay as it is while it is computed (give the command again)"
            found = Found("one that somebody saved meanwhile: nothing was written")
            raise InputError(str(self.path), rule, found)

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """Open it to write piece by piece, as `whole_file` does."""
        return whole_file(self.path, check=self.check)

    def write(self, data: bytes) -> None:
        """Write it whole or not at all."""
        write_atomically(self.path, data, check=self.check)

    def links(self) -> list[str]:
        """What a person should know of its other names, before it is replaced."""
        if not self.path.exists() or self.path.stat().st_nlink == 1:
            return []
        return [f"{self.path} has another name too (a hard link), which keeps the former content"]


def target_of(out: Path | None, file: Path, data: bytes, *, force: bool) -> Target:
    """The file that a command writes which edits one: that file itself, or another."""
    is_same = out is None or (out.exists() and out.samefile(file))
    target = Target(out or file, data) if is_same else Target(out or file, None, force)
    target.check()
    return target


def _marks(path: Path) -> Iterator[tuple[Path, str]]:
    """The marks of other programs beside a file, and beside the one that it is a link to."""
    for each in dict.fromkeys((path, Path(os.path.realpath(path)))):
        for start, program in OPEN_MARKS.items():
            mark = each.with_name(f"{start}{each.name}{'#' if start.startswith('.') else ''}")
            if os.path.lexists(mark):
                yield mark, program
