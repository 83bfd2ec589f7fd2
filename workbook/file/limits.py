"""How much is read and computed: what is beyond these is refused or kept, and named."""

LARGEST_FILE, LARGEST_EXPANDED, MOST_PARTS = 50_000_000, 300_000_000, 10_000
"""Of a file: its bytes, those of all its parts, and their number."""

MOST_CELLS, MOST_FILLED = 500_000, 500_000
"""Cells and rows of all sheets, blank ones too; cells that a person's own arrays fill."""

MOST_CROSSED, MOST_LETTERS = 1_000_000, 100_000_000
"""Cells that a person's own formula makes of a column and a row; letters of its texts."""

LONGEST_FORMULA_MS, LONGEST_OWN = 10_000, 120
"""For a person's own formula, in thousandths of a second, and for all of them, in seconds."""

LARGEST_ARRAY = 10_000
"""As many cells as the formula engine lets a formula fill."""

LONGEST_TEXT = 32_767
"""As many characters, in UTF-16, as a cell of a spreadsheet holds."""


def is_too_long(text: str) -> bool:
    """Whether a text is longer than a cell can hold."""
    many = len(text) > LONGEST_TEXT // 2
    return many and len(text.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_TEXT
