"""The workbook: its data and declared results, its sheets, and the ways in and out of a file."""
