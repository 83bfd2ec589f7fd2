"""The model that the workbook carries, and the questions that are asked of it."""
