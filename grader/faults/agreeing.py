"""When two matrices are the same, as far as rounding lets one tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grader.records import Array

TOLERANCE = 1e-6  # as the comparison grants it
ROUNDING = 1e-9  # of the true array's scale: by which two formulations of one fault may part near 0


def agree(expected: Array, given: Array, true: Array | None = None) -> NDArray[np.bool_]:
    """Which matrices agree within the tolerance of the expected one's scale: (..., r, c) -> (...)."""
    with np.errstate(all="ignore"):
        scale = TOLERANCE * np.abs(expected).max(axis=(-2, -1))
        if true is not None:
            scale = scale + ROUNDING * np.abs(true).max()
        return np.asarray(np.abs(given - expected).max(axis=(-2, -1)) <= scale)
