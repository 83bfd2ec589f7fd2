"""Answers to a survey: read from a file, and put into a workbook."""
