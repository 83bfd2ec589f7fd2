"""How much is read and computed: what is beyond these is refused or kept, and named."""

LARGEST_FILE = 50_000_000
LARGEST_EXPANDED = 300_000_000
MOST_PARTS = 10_000
"""Of a file: its bytes, those of all its parts, and their number."""

MOST_CELLS = 500_000
"""Of all sheets, with their rows; blank ones too."""

MOST_FILLED = 500_000
"""Cells that the arrays of a person's own formulas fill."""

MOST_CROSSED = 1_000_000
"""Cells that come of a column and a row of a person's own formula."""

MOST_LETTERS = 100_000_000
"""Of all texts that a person's own formula may make."""

LONGEST_FORMULA_MS, LONGEST_OWN = 10_000, 120
"""For a person's own formula, in thousandths of a second, and for all of them, in seconds."""

LARGEST_ARRAY = 10_000
"""As many cells as the formula engine lets a formula fill."""

LONGEST_TEXT = 32_767
"""As many characters, in UTF-16, as a cell of a spreadsheet holds."""


def is_too_long(text: str) -> bool:
    """Whether a text is longer than a cell can hold."""
    if len(text) <= LONGEST_TEXT // 2:
        return False
    return len(text.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_TEXT
