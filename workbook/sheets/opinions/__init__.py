"""The Opinions sheet: what several people judge of the assumptions, and who says what."""

from __future__ import annotations

from workbook.sheets.opinions.pooled import sheet

__all__ = ["sheet"]
