"""Uncertainty of any graph: ranges, draws, sensitivities and the value of information."""
