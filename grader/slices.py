"""The true arrays of one output, laid end to end, so that a few calls of NumPy hold all answers to them.

What is compared is a slice: a whole array, or, where the output is declared so, each of its samples or steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from grader.declaration import Output
from grader.errors import GraderError
from grader.records import Array

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Two right formulations of a cell agree to 1e-9 on every case; a mistake worth the name is 1e-4 off or more.
TOLERANCE = 1e-6
# An answer in float32 may be this many times as far off as two right formulations are there: orders of adding
# up differ. It is always granted a few of float32's last digits.
# Where gates saturate, they differ more: it depends on how the equations are written.
FLOAT32_FACTOR = 5.0
FLOAT32_SATURATED, FLOAT32_FACTOR_THERE = 1e-6, 32.0
FLOAT32_LEAST = 2e-6


class Slices:
    """The true arrays, and the largest entry of each slice of them.

    Args:
        output: which of its axes have a scale of their own.
        arrays: the true ones, float64, in the order of the cases.

    Raises:
        GraderError: one is empty or not finite, which is our fault and no student's.
    """

    def __init__(self, output: Output, arrays: Sequence[Array]) -> None:
        self.shapes = [array.shape for array in arrays]
        self._each = output.each
        self._first: list[int] = []  # slice of each array
        starts: list[int] = []  # of each slice
        total = 0
        for array in arrays:
            if array.size == 0:
                raise GraderError(
                    f"the true {output.name} of shape {array.shape} has no entries to compare with"
                )
            self._first.append(len(starts))
            length = array.size // prod(array.shape[axis] for axis in output.each)
            starts.extend(range(total, total + array.size, length))
            total += array.size
        self._starts = np.array(starts, np.intp)
        self._true = self._end_to_end(arrays)
        self._scale = np.maximum.reduceat(np.abs(self._true), self._starts)  # (slices,)
        if not np.isfinite(self._scale).all():
            raise GraderError(f"the true {output.name} is not finite")

    def agree(self, arrays: Sequence[Array], rounding: Array | None = None) -> NDArray[np.bool_]:
        """Tell which arrays agree with the true ones, within `TOLERANCE` of each slice's scale.

        Args:
            arrays: as many, of the same shapes, of real numbers.
            rounding: where there is but one, how far off float32 may be, entry by entry: then it is held
                to that.
        """
        # Overflow means infinitely wrong, and NaN is not <= anything: both come out as not agreeing.
        with np.errstate(all="ignore"):
            error = np.maximum.reduceat(np.abs(self._end_to_end(arrays) - self._true), self._starts)
            within = error <= TOLERANCE * self._scale  # (slices,)
            if rounding is not None:
                off = np.maximum.reduceat(self._end_to_end([rounding]), self._starts)
                saturated = off > FLOAT32_SATURATED * self._scale
                factor = np.where(saturated, FLOAT32_FACTOR_THERE, FLOAT32_FACTOR)
                within = error <= np.maximum(factor * off, FLOAT32_LEAST * self._scale)
        return np.logical_and.reduceat(within, self._first)  # (arrays,)

    def _end_to_end(self, arrays: Sequence[Array]) -> Array:
        """Return the arrays in one dimension, slice after slice."""
        if self._each:
            arrays = [np.moveaxis(array, self._each, range(len(self._each))) for array in arrays]
        laid = [array.ravel() for array in arrays]
        return np.concatenate(laid, dtype=np.float64, casting="unsafe")
