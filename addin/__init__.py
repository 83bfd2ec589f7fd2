"""The core functions as Excel functions."""
