"""The table of what was measured, as plain text or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from .timing import Row

HEADER = ("What", "Ours", "Other", "Ours/other", "Lowest-highest", "Ours beside the other")
NUMERIC = range(1, 5)
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"))


def lines(rows: Sequence[Row], *, markdown: bool) -> list[str]:
    """Lay out the rows under their header."""
    table = [HEADER, *(_cells(row) for row in rows)]
    if not markdown:
        widths = _widths(table)
        ruled = [table[0], tuple("-" * width for width in widths), *table[1:]]
        return ["  ".join(_padded(cells, widths)).rstrip() for cells in ruled]
    escaped = [tuple(cell.replace("|", r"\|") for cell in cells) for cells in table]
    widths = [max(width, 4) for width in _widths(escaped)]
    rule = tuple(
        "-" * (width - 1) + (":" if place in NUMERIC else "-") for place, width in enumerate(widths)
    )
    ruled = [escaped[0], rule, *escaped[1:]]
    return [f"| {' | '.join(_padded(cells, widths))} |" for cells in ruled]


def _cells(row: Row) -> tuple[str, ...]:
    if row.measured is None:
        return (row.name, "-", "-", "-", "-", row.against)
    measured = row.measured
    return (
        row.name,
        _duration(measured.ours),
        _duration(measured.other),
        _ratio(measured.ratio),
        f"{_ratio(measured.lowest)}-{_ratio(measured.highest)}",
        row.against,
    )


def _duration(seconds: float) -> str:
    size, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    return f"{_three_digits(seconds / size)} {unit}"


def _ratio(ratio: float) -> str:
    return _three_digits(ratio)


def _three_digits(number: float) -> str:
    """Three significant digits, without an exponent."""
    digits = 0 if number >= 100 else 1 if number >= 10 else 2 if number >= 1 else 3
    while digits < 9 and round(number * 10**digits) < 100:
        digits += 1
    return f"{number:,.{digits}f}"


def _widths(table: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*table, strict=True)]


def _padded(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if place in NUMERIC else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
