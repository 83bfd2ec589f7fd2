"""The host for Excel on Windows, macOS and the web: xlwings Server with our functions."""
