"""The file of a workbook: bytes in, bytes out, and nothing lost."""
