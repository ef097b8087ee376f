"""Numbers and arrays in letters: short, the same every time, and NumPy that a student can paste.

Few digits are kept, because a person reads them. Where two numbers are shown side by side because they
differ, `apart` keeps as many as it takes to see it.
"""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from grader.records import Array

EXACT_DIGITS = 17  # as many as make every float64 come back unchanged
MOST_ENTRIES = 100  # beyond this an array is elided
FEW = 2  # entries that are written out though they are alike

_SMALLEST_EXPONENT, _LARGEST_EXPONENT = -4, 6  # 0.0001 and 123456 are read more easily than 1e-4 and 1.23e5


def number(x: float, digits: int = 3) -> str:
    """Return a number in letters: `0.113`, `2.8e-10`, `-12`, `nan`.

    Args:
        x: anything that `float` takes.
        digits: significant digits; digits before the point are never dropped, and 17 keep every bit.
    """
    value = float(x)
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    # The shortest decimal that is read back as this float: cutting the float itself to as many digits is not.
    shortest = Decimal(repr(value))
    digits = min(digits, len(shortest.normalize().as_tuple().digits))
    mantissa, power = f"{shortest:.{digits - 1}e}".split("e")
    exponent = int(power)
    if _SMALLEST_EXPONENT <= exponent < _LARGEST_EXPONENT:
        return _trimmed(f"{shortest:.{max(0, digits - 1 - exponent)}f}")
    return f"{_trimmed(mantissa)}e{exponent}"


def apart(a: float, b: float, digits: int = 3) -> tuple[str, str]:
    """Two numbers in letters, with as many digits (from `digits` on) as it takes to tell them apart."""
    for enough in range(digits, EXACT_DIGITS):
        if number(a, enough) != number(b, enough):
            return number(a, enough), number(b, enough)
    return number(a, EXACT_DIGITS), number(b, EXACT_DIGITS)


def as_text(array: Array, digits: int = 4) -> str:
    """Return an array as a NumPy literal on one line: `[0.31, -1.2]`, `[[1.0, 2.0], [3.0, 4.0]]`.

    Read back by NumPy it has the same shape (unless it is empty or elided) and the same values to `digits`.

    Args:
        array: of floats, integers or booleans; above 100 entries the middle of each axis is elided.
        digits: significant digits of floats; 17 keep every bit.
    """
    if array.size == 0:  # it may have millions of empty rows
        return f"np.empty({array.shape})"
    return _literal(array, digits, _edge(array))


def assignment(name: str, array: Array, digits: int = 4) -> tuple[str, ...]:
    """Lines of NumPy that set `name`; the rows of a matrix stand below each other, its columns aligned.

    An array whose entries are all alike is made by its shape: `np.zeros((2, 3))`.

    Args:
        name: a Python name.
        array: of floats, integers or booleans; above 100 entries it is elided and no longer ready to paste.
        digits: significant digits of floats; 17 keep every bit.
    """
    if array.size == 0:
        return (f"{name} = np.empty({array.shape})",)
    if (made := uniform(array, digits)) is not None:
        return (f"{name} = {made}",)
    if array.ndim < 2:
        return (f"{name} = np.array({as_text(array, digits)})",)
    opening = f"{name} = np.array(["
    rows = _aligned(array, digits) if array.ndim == 2 else _rows(array, digits)
    indented = [(" " * len(opening) if i else opening) + row + "," for i, row in enumerate(rows)]
    return (*indented[:-1], indented[-1].removesuffix(",") + "])")


def uniform(array: Array, digits: int = 4) -> str | None:
    """Return the short expression of an array of floats that are all alike, or of an identity matrix.

    None for any other array, and for a few numbers that are neither 0 nor 1.
    """
    if array.dtype != np.float64 or not array.ndim or not array.size or not np.isfinite(array).all():
        return None
    shape = str(array.shape if array.ndim > 1 else len(array))
    first = array.flat[0]
    if (array == first).all():
        if whole := {0.0: "np.zeros", 1.0: "np.ones"}.get(float(first)):
            return f"{whole}({shape})"
        return f"np.full({shape}, {_cell(first.item(), digits)})" if array.size > FEW else None
    if array.ndim == 2 and np.array_equal(array, np.eye(len(array))):
        return f"np.eye({len(array)})"
    return None


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cell(value: float | int | bool, digits: int) -> str:
    """One entry; a float stays a float when it is read back, so 1.0 is not written 1."""
    if isinstance(value, bool | int):
        return str(value)
    if not math.isfinite(value):
        return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}[str(value)]
    text = number(value, digits)
    return text if "." in text or "e" in text else f"{text}.0"


def _edge(array: Array) -> int | None:
    """How many entries to show at either end of an axis, so that at most 256 remain; None to show all."""
    if math.prod(length or 1 for length in array.shape) <= MOST_ENTRIES:
        return None
    return {1: 3, 2: 3, 3: 2}.get(array.ndim, 1)


def _shown(length: int, edge: int | None) -> list[int | None]:
    """Return indices along an axis that are shown; None stands for what is left out."""
    if edge is None or length <= 2 * edge:
        return list(range(length))
    return [*range(edge), None, *range(length - edge, length)]


def _literal(array: Array, digits: int, edge: int | None) -> str:
    if array.ndim == 0:
        return _cell(array.item(), digits)
    entries = (
        "..." if i is None else _literal(array[i, ...], digits, edge) for i in _shown(len(array), edge)
    )
    return f"[{', '.join(entries)}]"


def _rows(array: Array, digits: int) -> list[str]:
    edge = _edge(array)
    return ["..." if i is None else _literal(array[i], digits, edge) for i in _shown(len(array), edge)]


def _aligned(matrix: Array, digits: int) -> list[str]:
    """Return the rows of a matrix, its entries padded to one width."""
    edge = _edge(matrix)
    columns = _shown(matrix.shape[1], edge)
    table = [
        None if i is None else ["..." if j is None else _cell(matrix[i, j].item(), digits) for j in columns]
        for i in _shown(matrix.shape[0], edge)
    ]
    width = max(len(cell) for row in table if row is not None for cell in row)
    return ["..." if row is None else f"[{', '.join(cell.rjust(width) for cell in row)}]" for row in table]
