"""The source files that a function on cells needs, as they are, and how to import them.

A host that takes one file gets them as text, with :class:`SourceImporter` before them; one that
takes folders gets the files themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

SUFFIXES = (".py", ".toml")

CARRIED = ("pycore", "addin/__init__.py", "addin/cells.py", "addin/udfs.py")
"""The core, and what turns cells into its arguments and its answers into cells."""


def source_files(places: Iterable[str] = CARRIED) -> dict[str, str]:
    """Read source files, and those in folders such as "pycore", at any depth.

    Returns
    -------
    dict of str to str
        Their texts by their names, such as "pycore/cost.py". Line ends are those of Python, so
        that they are the same on every system.
    """
    found = [each for place in places for each in [ROOT / place, *(ROOT / place).rglob("*")]]
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(found)
        if path.suffix in SUFFIXES
    }


def as_literal(files: Mapping[str, str]) -> str:
    """Write files, texts by names, as the Python expression of a dict that a person can read."""
    entries = (f'    "{name}": {_block(text)},\n' for name, text in files.items())
    return "{\n" + "".join(entries) + "}"


def _block(text: str) -> str:
    """Write text in three quotes; as it is, unless that would end it early or change it."""
    if "'''" in text or "\r" in text or "\0" in text or text.endswith(("'", "\\")):
        for held, written in (("\\", r"\\"), ("'", r"\'"), ("\r", r"\r"), ("\0", r"\x00")):
            text = text.replace(held, written)
        return f"'''{text}'''"
    return f"r'''{text}'''"


class SourceImporter(MetaPathFinder, SourceLoader):  # type: ignore[misc] # of typeshed
    """Imports modules from their source texts, and gives the data files beside them.

    It takes texts by their names, such as "pycore/__init__.py", and the file that holds them,
    which a traceback names.
    """

    def __init__(self, files: Mapping[str, str], holder: str) -> None:
        self._files = files
        self._holder = holder

    def install(self) -> None:
        """Import these modules from here and from nowhere else, from now on."""
        others = [each for each in sys.meta_path if type(each).__name__ != type(self).__name__]
        sys.meta_path[:] = [self, *others]
        ours = {name.partition("/")[0] for name in self._files}
        for module in [name for name in sys.modules if name.partition(".")[0] in ours]:
            del sys.modules[module]

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Give what to load a module by; None for one that is not among the files."""
        return spec_from_loader(fullname, self) if self._name(fullname) else None

    def get_filename(self, fullname: str) -> str:
        """Name the place of a module, for a traceback."""
        if not self._name(fullname):
            raise ImportError(f"{fullname} is not in {self._holder}", name=fullname)
        return f"{self._holder}/{self._name(fullname)}"

    def get_data(self, path: str) -> bytes:
        """Give a file beside a module, as pkgutil.get_data asks for it."""
        name = path.replace("\\", "/").removeprefix(f"{self._holder}/")
        if name not in self._files:
            raise OSError(f"{path}: no such file")
        return self._files[name].encode()

    def _name(self, fullname: str) -> str:
        """The file of a module; empty if there is none."""
        stem = fullname.replace(".", "/")
        names = (f"{stem}/__init__.py", f"{stem}.py")
        return next((name for name in names if name in self._files), "")
