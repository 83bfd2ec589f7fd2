"""Pages of the server beside those of xlwings."""
