"""Fits y = fixed + each * x^slope to a measured curve. It bends where both parts are equal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LAST = 3  # points whose slope is the slope at the large end
SLOPES = [number / 50 for number in range(10, 176)]  # 0.2 to 3.5, tried one by one
STRAIGHT = 0.15  # a curve whose slopes at its two ends are nearer than this does not bend


@dataclass(frozen=True)
class Fit:
    """What a curve is like.

    Attributes:
        fixed: what it costs whatever the size.
        each: what the rest costs at size 1.
        slope: how the rest grows: with size to the power of it.
        first_slope, last_slope: of the points themselves on a log-log scale, at either end.
        bend: the size at which both parts are equal; None where the curve is straight, or bends outside.
    """

    fixed: float
    each: float
    slope: float
    first_slope: float
    last_slope: float
    bend: float | None

    def at(self, x: float) -> float:
        """Return what the curve says at a size."""
        return self.fixed + self.each * float(x**self.slope)


def fitted(xs: Sequence[float], ys: Sequence[float]) -> Fit:
    """Return the curve that is nearest to the points, by the squares of its relative errors.

    Raises:
        ValueError: there are fewer than three points, or one is not positive.
    """
    if len(xs) < LAST or min(*xs, *ys) <= 0:
        raise ValueError(f"a curve needs {LAST} points, all positive")
    _, fixed, each, slope = min(_for_slope(xs, ys, slope) for slope in SLOPES)
    first, last = log_slope(xs[:LAST], ys[:LAST]), log_slope(xs[-LAST:], ys[-LAST:])
    bend = (fixed / each) ** (1 / slope) if each > 0 and fixed > 0 else None
    if bend is not None and (abs(last - first) < STRAIGHT or not xs[0] < bend < xs[-1]):
        bend = None
    return Fit(fixed, each, slope, first, last, bend)


def log_slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the slope of the straight line through points on a log-log scale, by least squares."""
    us, vs = [math.log(x) for x in xs], [math.log(y) for y in ys]
    u, v = sum(us) / len(us), sum(vs) / len(vs)
    return sum((a - u) * (b - v) for a, b in zip(us, vs, strict=True)) / sum((a - u) ** 2 for a in us)


def _for_slope(xs: Sequence[float], ys: Sequence[float], slope: float) -> tuple[float, float, float, float]:
    """Return the error, `fixed` and `each` of the best curve with this slope; neither is negative."""
    # Least squares of (fixed + each * p - y) / y: two linear equations.
    ps = [x**slope for x in xs]
    a = sum(1 / y**2 for y in ys)
    b = sum(p / y**2 for p, y in zip(ps, ys, strict=True))
    c = sum((p / y) ** 2 for p, y in zip(ps, ys, strict=True))
    d, e = sum(1 / y for y in ys), sum(p / y for p, y in zip(ps, ys, strict=True))
    determinant = a * c - b * b
    fixed = (c * d - b * e) / determinant if determinant > 0 else 0.0
    each = (a * e - b * d) / determinant if determinant > 0 else e / c
    if fixed < 0:
        fixed, each = 0.0, e / c
    elif each < 0:
        fixed, each = d / a, 0.0
    error = sum(((fixed + each * p - y) / y) ** 2 for p, y in zip(ps, ys, strict=True))
    return error, fixed, each, slope
