"""Draws a curve: as letters for the text report, as SVG for whoever can show a picture.

The vertical axis is logarithmic where all values are positive, as a loss is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.records import Curve
from grader.report import escape

MOST_VALUES = 200
COLUMNS, ROWS = 64, 10
WIDTH, HEIGHT, MARGIN = 640, 240, 8


def thinned(values: Sequence[float], most: int = MOST_VALUES) -> tuple[float, ...]:
    """Keep at most `most` of the values, evenly spaced, the first and the last among them."""
    if len(values) <= most:
        return tuple(values)
    return tuple(values[round(i * (len(values) - 1) / (most - 1))] for i in range(most))


def as_text(curve: Curve) -> list[str]:
    """Draw the curve as lines of text, its largest and smallest value beside it."""
    values = thinned(curve.values, COLUMNS)
    if not values:
        return []
    heights = [round(height * (ROWS - 1)) for height in _heights(values)]
    rows = []
    for row in range(ROWS - 1, -1, -1):
        label = {ROWS - 1: max(values), 0: min(values)}.get(row)
        dots = "".join("*" if height == row else " " for height in heights)
        rows.append(f"{'' if label is None else format(label, '.3g'):>10} |{dots}".rstrip())
    return [*rows, f"{'':>10} +{'-' * len(values)}  {len(curve.values)} steps"]


def svg(curve: Curve) -> str:
    """Draw the curve as a picture of its own."""
    values = thinned(curve.values)
    step = (WIDTH - 2 * MARGIN) / max(1, len(values) - 1)
    points = " ".join(
        f"{MARGIN + i * step:.1f},{HEIGHT - MARGIN - height * (HEIGHT - 2 * MARGIN):.1f}"
        for i, height in enumerate(_heights(values))
    )
    from html import escape as xml  # which the text report has no use for

    title = xml(escape.visible(curve.title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{title}</title>"
        f'<polyline points="{points}" fill="none" stroke="#0969da" stroke-width="2"/></svg>'
    )


def _heights(values: Sequence[float]) -> list[float]:
    """Say where each value stands between the smallest (0) and the largest (1)."""
    scaled = [math.log(value) for value in values] if all(value > 0 for value in values) else list(values)
    low, high = (
        min(scaled, default=0.0) / 2,
        max(scaled, default=0.0) / 2,
    )  # halves: their difference is finite
    return [(value / 2 - low) / (high - low) if high > low else 0.0 for value in scaled]
