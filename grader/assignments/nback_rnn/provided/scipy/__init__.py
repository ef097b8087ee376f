"""Stands in for SciPy: of all its functions, only the two that check a gradient are here."""
