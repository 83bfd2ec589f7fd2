"""How much is read and computed: what is beyond these is refused or kept, and named."""

LARGEST_FILE = 50_000_000
LARGEST_EXPANDED = 300_000_000
MOST_PARTS = 10_000
"""Of a file: its bytes, those of all its parts, and their number."""

LARGEST_ARRAY = 10_000
"""As many cells as the formula engine lets a formula fill."""

LONGEST_TEXT = 32_767
"""As many characters, in UTF-16, as a cell of a spreadsheet holds."""


def is_too_long(text: str) -> bool:
    """Whether a text is longer than a cell can hold."""
    if len(text) <= LONGEST_TEXT // 2:
        return False
    return len(text.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_TEXT
