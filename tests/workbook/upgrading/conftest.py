"""What the tests of upgrading share: the golden files, and what becomes of them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from workbook.read import read_as_it_is
from workbook.upgrading.upgrade import Upgraded, upgrade

GOLDEN = Path(__file__).resolve().parents[2] / "golden"


def golden(number: int) -> Path:
    return GOLDEN / f"schema-{number}.xlsx"


@pytest.fixture(scope="session")
def opened() -> Callable[..., Any]:
    """Open a file with openpyxl, which knows nothing of ours."""

    def read(path: Path, *, values: bool = True) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that it does not read
            return openpyxl.load_workbook(path, data_only=values)

    return read


@pytest.fixture(scope="session", params=[1, 2])
def number(request: pytest.FixtureRequest) -> int:
    """Of each earlier schema."""
    return int(request.param)


@pytest.fixture(scope="session")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[Path, Upgraded]]:
    """The golden file of a schema, upgraded once; its path, and what was said."""
    done: dict[int, tuple[Path, Upgraded]] = {}

    def of(which: int) -> tuple[Path, Upgraded]:
        if which not in done:
            made = upgrade(golden(which).read_bytes(), golden(which).name)
            path = tmp_path_factory.mktemp("upgraded") / f"from-{which}.xlsx"
            path.write_bytes(made.data)
            done[which] = path, made
        return done[which]

    return of


def cell_of(book: Any, name: str) -> Any:
    """The first cell of a defined name."""
    ((sheet, address),) = book.defined_names[name].destinations
    return book[sheet][address.replace("$", "").partition(":")[0]]


@pytest.fixture(scope="session")
def typed_into(edited: Callable[..., bytes]) -> Callable[..., bytes]:
    """Give the golden file of a schema with numbers typed into the cells of some names."""

    def put(number: int, **values: float) -> bytes:
        data = golden(number).read_bytes()
        book = read_as_it_is(data, "golden")
        parts = dict(book.package.parts)
        for name, value in values.items():
            part, address = book.sheet_of(name).part, book.places[name].first
            pattern = rb'(<c r="%b"(?: s="\d+")?)[^>]*?(?:/>|>.*?</c>)' % address.encode()
            cell = rb"\g<1>><v>%b</v></c>" % repr(value).encode()
            parts[part], count = re.subn(pattern, cell, parts[part])
            assert count == 1
        return edited(data, parts)

    return put
