"""In which precision right answers are computed: float64, and for a while float32. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

_PRECISION: ContextVar[type[np.floating[Any]]] = ContextVar("precision", default=np.float64)


def current() -> type[np.floating[Any]]:
    """Return the type of the arrays that are computed with now."""
    return _PRECISION.get()


@contextmanager
def in_float32() -> Iterator[None]:
    """For a while, compute in float32: what comes of right equations there, not what is true."""
    before = _PRECISION.set(np.float32)
    try:
        yield
    finally:
        _PRECISION.reset(before)
