"""How points are written: without needless zeros, without float noise, never as NaN."""

from __future__ import annotations

import math


def number(points: float, *, digits: int = 4) -> int | float | None:
    """The points as JSON should have them: 30, 61.25, 46.6667; None for what is not finite."""
    if not math.isfinite(points):
        return None
    rounded = round(points, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def letters(points: float) -> str:
    """The points as a person reads them: "30", "61.25", "46.67"; "?" for what is not finite."""
    short = number(points, digits=2)
    return "?" if short is None else str(short) if isinstance(short, int) else f"{short:.2f}".rstrip("0")
