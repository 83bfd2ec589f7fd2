"""Moving a central value: its ends moved along with it, and what is said where they are not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from pycore.checks import Domain
from pycore.errors import InputError
from pycore.model.results import model
from pycore.nodes import RANGE_PARTS, Assumption, is_fixed
from pycore.uncertainty.distributions import WITHOUT_CENTRAL, range_warning
from workbook.read import Book
from workbook.validate import typed_number

MOVE_RANGE = "--move-range"


def with_ends(book: Book, changes: Mapping[str, float | str]) -> dict[str, float | str]:
    """Changes of central values, and of the ends that move along with them.

    They move by the same factor where the quantity is above 0 by its bounds (or at least 0, and no
    share), else by the same difference; a bound stops them. An end that is itself set, or that a
    formula gives, stays out of it.
    """
    moved: dict[str, float | str] = {}
    for each in model().assumptions:
        before, now = typed_number(book, each.id), changes.get(each.id)
        if each.setting or before is None or not isinstance(now, float | int):
            continue
        for part in RANGE_PARTS:
            end = typed_number(book, f"{each.id}.{part}")
            if end is not None:
                place = _moved(each.domain, end, before, now)
                # What rounding to whole numbers moved past the central value is held at it.
                held = min(place, now) if part == "low" else max(place, now)
                moved[f"{each.id}.{part}"] = held
    return moved | dict(changes)


def _moved(domain: Domain, end: float, before: float, now: float) -> float:
    above = domain.minimum > 0 or (domain.minimum == 0 and domain.maximum > 1)
    by_factor = above and before > 0 and now > 0
    place = end * (now / before) if by_factor else end + (now - before)
    place = math.floor(place + 1 / 2) if domain.whole else float(f"{place:.12g}")
    return float(min(max(place, domain.minimum), domain.maximum))


def left_behind(changes: Mapping[str, float | str]) -> list[Assumption]:
    """The assumptions of which changes move the central value alone."""
    parts = (*RANGE_PARTS, "distribution")
    return [
        each
        for each in model().assumptions
        if each.id in changes
        and not each.setting
        and not any(f"{each.id}.{part}" in changes for part in parts)
    ]


def moving_notes(
    changes: Mapping[str, float | str], values: Mapping[str, object], refused: Mapping[str, object]
) -> Iterator[str]:
    """What a central value that moved alone leaves to be said.

    Parameters
    ----------
    values : mapping of str to object
        The assumptions as they stand, by reference.
    refused : mapping of str to object
        Those to which their distribution cannot be fitted.
    """
    for each in left_behind(changes):
        kind, low, high = (values[f"{each.id}.{part}"] for part in ("distribution", *RANGE_PARTS))
        word = str(kind).strip().casefold()
        if is_fixed(kind):
            continue
        if each.id in refused:
            said = "the range stands where it was"
        elif word in WITHOUT_CENTRAL:
            said = f"a {word} takes no account of the central value, and its ends stand"
        else:
            row = (kind, low, values[each.id], high, each.domain.minimum, each.domain.maximum)
            said = str(range_warning(*row))  # type: ignore[arg-type] # checked by now
        if said:
            yield f"{each.id}: {said} ({MOVE_RANGE} moves both ends along)"


def hinted(error: InputError, changes: Mapping[str, float | str]) -> InputError:
    """The refusal of a central value that moved past an end, with what would move the end."""
    for each in left_behind(changes):
        beyond = f"({each.id})" in error.argument and f"{each.id}.high" in error.rule
        if beyond or f"({each.id}.low)" in error.argument:
            rule = f"{error.rule} (or move both ends along, by {MOVE_RANGE})"
            return InputError(error.argument, rule, error.received)
    return error
