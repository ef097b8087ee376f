"""Whether an array is the gradient of a function that can only be asked for values: by central differences.

Along a direction v the slope of a scalar L is (L(A + hv) - L(A - hv)) / 2h, up to h², h⁴ and so on: with
three steps, each half of the one before, Richardson's extrapolation takes away the first two of these, and
what the last one changed says how far off the slope may still be. A gradient G claims the slope <G, v>. All
steps are real: a complex one is lost in silence wherever a hand-in fills a float array.

Both yes and no must be safe: what lies between them, or does not settle down as it does for what is smooth,
is left open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

STEPS = (0.02, 0.01, 0.005)  # of a direction as long as the array that it moves
CALLS = 2 * len(STEPS)  # that a slope takes
# Parts of the slope's scale: how far apart what agrees may be, and how far apart what does not must be; a
# mistake worth the name is 1e-4 off. How unsure a slope may be that agrees.
AGREES, DIFFERS, UNSURE = 1e-6, 1e-4, 1e-5
# How many times what the last extrapolation changed is granted, where it agrees and where it does not.
GRANTED, DOUBTED = 4.0, 100.0
ROUNDING = 1e-15  # of the scalar
# What a scalar of degree two makes of the differences between steps is rounding, which stays far below this.
STRAIGHT = 1e-8


class Own(Enum):
    """What an array is to the student's own forward."""

    EXACT = auto()  # its gradient
    NOT = auto()  # not its gradient
    ZERO = auto()  # zero, as is the gradient: that forward does not depend on what it is the gradient by
    OPEN = auto()  # not to be told


@dataclass(frozen=True)
class Measured:
    """The slope of a scalar along a direction.

    Attributes:
        value: extrapolated.
        error: how far off it may be.
        bends: whether the scalar is more than a polynomial of degree two along there.
        rounding: what the scalar's last digits make of a slope.
    """

    value: float
    error: float
    bends: bool
    rounding: float

    def holds(self, products: Sequence[float]) -> Own:
        """Tell what a gradient is, of its products with the direction: their sum is the slope that it
        claims.
        """
        claimed = math.fsum(products)
        scale = max(abs(self.value), abs(claimed), math.sqrt(math.fsum(one * one for one in products)))
        if not any(products) and abs(self.value) <= self.rounding:
            return Own.ZERO
        apart = abs(self.value - claimed)
        if apart <= AGREES * scale + GRANTED * self.error and self.error <= UNSURE * scale:
            return Own.EXACT
        return Own.NOT if apart > DIFFERS * scale + DOUBTED * self.error else Own.OPEN


def slope(along: Callable[[float], float | None]) -> Measured | None:
    """Measure the slope at 0 of a scalar along a line.

    Args:
        along: how far -> the scalar there; None where there is none. Asked at 0 first.

    Returns:
        None where the scalar is not there, or not finite.
    """
    here = along(0.0)
    if here is None or not math.isfinite(here):
        return None
    found: list[float] = []
    turns: list[float] = []  # of the slope to the right of 0 over that to its left
    largest = abs(here)
    for step in STEPS:
        up, down = along(step), along(-step)
        if up is None or down is None or not (math.isfinite(up) and math.isfinite(down)):
            return None
        largest = max(largest, abs(up), abs(down))
        found.append((up - down) / (2 * step))
        turns.append((up + down - 2 * here) / step)
    first, second, third = found
    once, again = (4 * second - first) / 3, (4 * third - second) / 3
    value = (16 * again - once) / 15
    # Where there is a kink in 0 itself, what is left of the turn at a step of 0 is no rounding.
    kink = (8 * (2 * turns[2] - turns[1]) - (2 * turns[1] - turns[0])) / 7
    rounding = ROUNDING * largest / STEPS[-1]
    scale = max(abs(value), abs(first))
    return Measured(
        value,
        abs(value - again) + abs(kink) + rounding,
        bends=abs(first - third) > STRAIGHT * scale + rounding,
        rounding=rounding,
    )
