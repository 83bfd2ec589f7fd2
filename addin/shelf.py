"""Simulated drafts kept between runs, in the user's cache folder.

Keys hold the version of the model, of numpy and the kind of processor, so nothing of another
version is ever read. A file that is damaged is dropped. The folder may be deleted at any time;
FIELDBOOK_CACHE names another one, or "off" for none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
from pathlib import Path

import numpy as np

from addin.files import write_atomically
from addin.version import model_version
from pycore.checks import FloatArray
from pycore.errors import InputError
from pycore.kept import Shelf

VARIABLE = "FIELDBOOK_CACHE"
OFF = "off"

MOST_FILES = 4_000
"""How many arrays are kept (of at most some 400 kB each); the oldest go first."""

DIGEST = hashlib.sha256().digest_size


class FolderShelf:
    """A folder with a file for each array: a digest, then the numbers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: str) -> FloatArray | None:
        """Give what is kept under a key, if it is there and sound."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            array = np.frombuffer(data[DIGEST:], dtype="<f8").astype(np.float64)
        except (OSError, ValueError):
            return None
        if hashlib.sha256(data[DIGEST:]).digest() == data[:DIGEST]:
            return array
        with contextlib.suppress(OSError):
            path.unlink()
        return None

    def keep(self, key: str, array: FloatArray) -> None:
        """Keep a flat array; a folder that cannot be written to keeps nothing."""
        data = np.ascontiguousarray(array, dtype="<f8").tobytes()
        with contextlib.suppress(OSError, InputError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._make_room()
            write_atomically(self._path(key), hashlib.sha256(data).digest() + data)

    def _path(self, key: str) -> Path:
        versions = f"{model_version()}\0{np.__version__}\0{platform.machine()}"
        name = hashlib.sha256(f"{versions}\0{key}".encode()).hexdigest()
        return self._folder / f"{name}.kept"

    def _make_room(self) -> None:
        """Drop the older half when there are too many."""
        files = list(self._folder.glob("*.kept"))
        if len(files) >= MOST_FILES:
            for path in sorted(files, key=lambda each: each.stat().st_mtime)[: MOST_FILES // 2]:
                path.unlink(missing_ok=True)


def user_shelf() -> Shelf | None:
    """The shelf in the user's cache folder, or in the one that FIELDBOOK_CACHE names, if any."""
    named = os.environ.get(VARIABLE, "")
    if named.casefold() == OFF:
        return None
    if named:
        return FolderShelf(Path(named))
    import platformdirs

    return FolderShelf(platformdirs.user_cache_path("fieldbook", appauthor=False))
