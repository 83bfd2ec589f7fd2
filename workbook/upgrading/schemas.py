"""The schemas of the workbook: which one a file is of, and what became of its names since."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SCHEMAS, LAYOUTS = FOLDER / "schemas.toml", FOLDER / "layouts.toml"

VERSION_NAME = "schema_version"
"""The name of the cell that says of which schema a file is; those before the third have none."""

OLDEST_SAID = 3

ENDINGS = (
    *("low", "high", "distribution", "source", "date", "note"),
    *("fitted", "warning", "minimum", "maximum", "block", "threshold", "within"),
    *("spread_low", "spread_high"),
)
"""How the names end that stand beside an id."""


@dataclass(frozen=True)
class SheetLayout:
    """What stood on a sheet of a schema: its cells, as ranges, and how many charts."""

    cells: tuple[str, ...]
    charts: int


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A state of the workbook.

    Parameters
    ----------
    number : int
        Counted from 1.
    golden : str
        The file of that state that the tests upgrade.
    fingerprint : str
        Of its names and their sizes.
    added, gone : frozenset of str
        The names that it has and the schema before had not, and the other way round.
    sheets : mapping of str to SheetLayout
        What stands on its sheets.
    formulas : tuple of str
        For each of its names, in their order, a hash of the formula in its first cell, or "-".
    renamed, split, united, dropped : mapping
        What became of ids of the schema before: the new id, the new ids, by a new id those that it
        takes the place of, and why an id has no successor.
    """

    number: int
    golden: str = ""
    fingerprint: str = ""
    added: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    sheets: Mapping[str, SheetLayout] = field(default_factory=dict)
    formulas: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    split: Mapping[str, Sequence[str]] = field(default_factory=dict)
    united: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)


@cache
def schemas() -> tuple[Schema, ...]:
    """Every schema, the current one last."""
    layouts = {each["number"]: each for each in _layouts()["layout"]}
    found = []
    for each in _declared():
        layout = layouts.get(each["number"], {})
        sheets = {
            name: SheetLayout(tuple(held["cells"].split()), held["charts"])
            for name, held in layout.get("sheets", {}).items()
        }
        added, gone = (frozenset(layout.get(key, "").split()) for key in ("added", "gone"))
        formulas = tuple(layout.get("formulas", "").split())
        found.append(Schema(**each, added=added, gone=gone, sheets=sheets, formulas=formulas))
    return tuple(found)


@cache
def _declared() -> list[dict[str, Any]]:
    declared: list[dict[str, Any]] = tomllib.loads(SCHEMAS.read_text(encoding="utf-8"))["schema"]
    return declared


@cache
def _layouts() -> Mapping[str, Any]:
    return tomllib.loads(LAYOUTS.read_text(encoding="utf-8"))


def current() -> int:
    """The number of the schema that this program builds."""
    return int(_declared()[-1]["number"])


def fingerprint(names: Mapping[str, tuple[int, int]]) -> str:
    """What tells one schema from another: a hash of its names and their sizes."""
    lines = "".join(f"{name} {rows} {columns}\n" for name, (rows, columns) in sorted(names.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def names_of(number: int) -> set[str]:
    """Every name of a schema."""
    found: set[str] = set()
    for schema in schemas()[:number]:
        found = (found | schema.added) - schema.gone
    return found


def hashed(formula: str) -> str:
    """What is written down of a formula: enough to tell another one in its place.

    It is taken as `workbook.recognise.alike` gives it.
    """
    return hashlib.sha256(formula.encode()).hexdigest()[:HASH_DIGITS] if formula else "-"


HASH_DIGITS = 4


@cache
def past_names() -> frozenset[str]:
    """The names that stood in some state and need not stand in the current one."""
    gone = (schema.gone for schema in schemas())
    return frozenset(_layouts()["passing"].split()).union(*gone)


@cache
def past_sheets() -> frozenset[str]:
    """The sheets of every state."""
    return frozenset(_layouts()["passing_sheets"]).union(*(each.sheets for each in schemas()))


@dataclass(frozen=True)
class Found:
    """Of which schema a file is; `exact` where it has just the names of that one."""

    number: int
    exact: bool

    def __str__(self) -> str:
        return f"{'' if self.exact else 'about '}schema {self.number}"


def schema_of(names: Collection[str], version: object = None) -> Found:
    """Tell of which schema a file is.

    Parameters
    ----------
    names : collection of str
        Its defined names, in lower case; a person's own too.
    version : object
        What it says itself, where it does.
    """
    if isinstance(version, int | float) and version >= OLDEST_SAID:
        return Found(int(version), exact=True)
    number = 1
    for schema in schemas()[1:]:
        if 2 * len(schema.added.intersection(names)) <= len(schema.added):
            break
        number = schema.number
    own, later = (next((s for s in schemas() if s.number == n), None) for n in (number, number + 1))
    exact = own is not None and own.added <= set(names) and own.gone.isdisjoint(names)
    return Found(number, exact and (later is None or later.added.isdisjoint(names)))


@dataclass(frozen=True)
class Heir:
    """A name that takes the place of another; `same` where it means what that one meant."""

    name: str
    same: bool = True


def heirs(name: str, steps: Sequence[Schema]) -> tuple[Heir, ...]:
    """The names that took the place of a name of an earlier schema; none if it was dropped.

    Parameters
    ----------
    steps : sequence of Schema
        Those since, in their order.
    """
    found: tuple[Heir, ...] = (Heir(name),)
    for step in steps:
        found = tuple(new for each in found for new in _step(each, step))
    return found


def _step(heir: Heir, step: Schema) -> Iterator[Heir]:
    for old, ending in _parts(heir.name):
        if old in step.renamed:
            yield Heir(step.renamed[old] + ending, heir.same)
        elif old in step.split:
            yield from (Heir(each + ending, same=False) for each in step.split[old])
        elif new := next((new for new, several in step.united.items() if old in several), ""):
            yield Heir(new + ending, same=False)
        elif old not in step.dropped:
            continue
        return
    yield heir


def reason(name: str, steps: Sequence[Schema]) -> str:
    """Why a name was dropped; empty where it was not."""
    stems = [old for old, _ in _parts(name)]
    return next((step.dropped[old] for step in steps for old in stems if old in step.dropped), "")


def _parts(name: str) -> Iterator[tuple[str, str]]:
    """The ids that a name may stand beside, each with the name's ending."""
    yield name, ""
    for ending in ENDINGS:
        if name.endswith(f"_{ending}"):
            yield name.removesuffix(f"_{ending}"), f"_{ending}"
