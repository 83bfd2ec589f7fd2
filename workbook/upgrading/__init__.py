"""Workbooks of earlier schemas, taken to the current one with all that people put into them."""
