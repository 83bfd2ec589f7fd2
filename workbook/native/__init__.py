"""Results as formulas of the spreadsheet itself, for whoever has no add-in."""
