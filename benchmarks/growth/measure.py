"""Processor time of each curve at each of its sizes, in rounds: every round goes through all sizes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import rounds
from benchmarks.growth.curves import CURVES, Curve
from benchmarks.growth.fit import LAST, fitted
from benchmarks.processes import run, tree_cpu_s

AT_LEAST_S = 0.3  # what is measured at once: the kernel counts in hundredths of a second
ONCE_FROM_S = 20.0  # what takes so long is measured once


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure one curve, named in `curve`; `growth_rounds` often, of its sizes a `part`, each for
    `at_most_s`.

    Returns:
        sizes; cpu_s at each, with its spread; peak_mib of the largest process, where it is a command's; and
        the fit's fields.
    """
    (curve,) = (one for one in CURVES if one.name == settings["curve"])
    curve = curve.up_to(settings["part"])
    measured = _inside if curve.inside is not None else _outside
    found, peaks = measured(curve, settings)
    medians = [rounds.spread(its)["median"] for its in found.values()]
    return {
        "title": curve.title,
        "x": curve.x,
        "why": curve.why,
        "sizes": list(found),
        "cpu_s": [rounds.spread(its) for its in found.values()],
        **({"peak_mib": peaks} if peaks else {}),
        "fit": asdict(fitted(list(found), medians)),
    }


def _inside(curve: Curve, settings: Mapping[str, Any]) -> tuple[dict[int, list[float]], list[float]]:
    """Processor seconds of a grading at each size, by an engine in this process and what it started."""
    assert curve.inside is not None
    found: dict[int, list[float]] = {size: [] for size in curve.sizes}
    with ExitStack() as stack:
        grades = {size: stack.enter_context(curve.inside(size)) for size in curve.sizes}
        often = {size: _how_often(grade) for size, grade in grades.items()}
        for _ in range(settings["growth_rounds"]):
            for size, grade in grades.items():
                found[size].append(_cpu_s(grade, often[size]) / often[size])
    return found, []


def _how_often(grade: Callable[[], None]) -> int:
    """How often a grading must be made for its time to be told from the kernel's clock."""
    often = 1
    while (took_s := _cpu_s(grade, often)) < AT_LEAST_S / 2:
        often = max(2 * often, int(often * AT_LEAST_S / max(took_s, 0.01)))
    return often


def _cpu_s(grade: Callable[[], None], often: int) -> float:
    before_s = tree_cpu_s(os.getpid())
    for _ in range(often):
        grade()
    return tree_cpu_s(os.getpid()) - before_s


def _outside(curve: Curve, settings: Mapping[str, Any]) -> tuple[dict[int, list[float]], list[float]]:
    """Processor seconds of a whole command at each size, as far as that takes no longer than is allowed."""
    assert curve.outside is not None
    found: dict[int, list[float]] = {}
    peaks: dict[int, float] = {}
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as scratch:
        folder = Path(scratch)
        run(curve.outside(curve.sizes[0], folder), folder / "output")  # draws the suite, compiles modules
        for number in range(settings["growth_rounds"]):
            walls_s: dict[int, float] = {}
            for size in curve.sizes:
                about_s = _extrapolated(walls_s, size)
                if len(walls_s) >= LAST and about_s > (ONCE_FROM_S if number else settings["at_most_s"]):
                    break
                one = run(curve.outside(size, folder), folder / "output")
                found.setdefault(size, []).append(one.cpu_s)
                peaks[size] = max(peaks.get(size, 0.0), round(one.peak_mib, 1))
                walls_s[size] = one.wall_s
    return found, list(peaks.values())


def _extrapolated(walls_s: Mapping[int, float], size: int) -> float:
    """Return how long a size will take, by a straight line through the last two."""
    if len(walls_s) < 2:
        return 0.0
    (x, x_s), (y, y_s) = list(walls_s.items())[-2:]
    return y_s + (size - y) * max(y_s - x_s, 0.0) / (y - x)
