"""How many threads NumPy takes. Imports nothing: it is read before NumPy is."""

from __future__ import annotations

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Read when NumPy is imported. A grading is many small products: more threads only wait for one another."""
