"""What changes and answers are called, and what the one did to the other, in words."""

from __future__ import annotations

from collections.abc import Iterable

from pycore.model.results import model
from workbook.circulation.effects import Answer, Effect

LARGE, HUGE = 1e3, 1e15

MOST_NAMED = 6
"""How many answers a line names."""


def input_label(node_id: str, field: str) -> str:
    """What a reader calls something that was changed."""
    known = {node.id: node.label for node in model().inputs}
    return f"{known.get(node_id, node_id)}: {field}"


def shown_answer(value: Answer) -> str:
    """An answer in a line: a number to four digits, a large one to the last before the point."""
    if isinstance(value, float):
        return f"{value:,.0f}" if LARGE <= abs(value) < HUGE else f"{value:.4g}"
    return "not computed" if value is None else str(value)


def moved_by(share: float) -> str:
    """A share of a difference in a line, with its sign."""
    return f"{share:+,.0f}" if LARGE <= abs(share) < HUGE else f"{share:+.3g}"


def in_words(found: Iterable[Effect], name: str = "", most: int = MOST_NAMED) -> str:
    """What changes did to the answers, or the share of one of them, in a line.

    Parameters
    ----------
    name : str
        Of the change whose share is meant; all of them where it is empty.
    """
    parts = []
    for each in found:
        if each.result.endswith((".low", ".high")) or not each.is_changed:
            continue
        before, after = each.before, each.after
        if isinstance(before, float) and isinstance(after, float):
            moved = each.by.get(name, 0.0) if name else after - before
            if moved:
                parts.append(f"{each.label} {moved_by(moved)} (to {shown_answer(after)})")
        elif not name or each.why_not:
            parts.append(f"{each.label} {shown_answer(before)} to {shown_answer(after)}")
    more = f"; and {len(parts) - most} more" if len(parts) > most else ""
    return "; ".join(parts[:most]) + more
