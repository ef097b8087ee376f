"""Draws a curve: its points with their ranges, what was fitted, and where it bends; as SVG and as CSV.

    .venv/bin/python -m benchmarks.growth.draw

draws all curves of results.json again. A picture says nothing of when it was drawn: the same figures give the
same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from benchmarks import store
from benchmarks.growth.fit import Fit

FOLDER = store.HERE / "growth"
PREFIX = "growth: "  # of the sections in results.json
POINTS, FITTED, FAINT = "#1f4e79", "#c55a11", "#808080"


def draw(name: str, figures: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write the picture of a curve and its figures, and return the picture's file."""
    picture = folder / f"{name}.svg"
    with mpl.rc_context({"svg.hashsalt": "cellgrade", "svg.fonttype": "path", "font.size": 9}):
        figure = drawn(figures)
        text = io.StringIO()
        figure.savefig(
            text, format="svg", metadata={"Date": None, "Creator": None, "Description": digest(figures)}
        )
    store.put(picture, "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n")
    rows = io.StringIO()
    table = csv.writer(rows, lineterminator="\n")
    table.writerow([figures["x"], "cpu_s median", "cpu_s min", "cpu_s max"])
    for size, one in zip(figures["sizes"], figures["cpu_s"], strict=True):
        table.writerow([size, one["median"], one["min"], one["max"]])
    store.put(folder / f"{name}.csv", rows.getvalue())
    return picture


def digest(figures: Mapping[str, Any]) -> str:
    """Return what tells the figures of a picture from others: it stands in the picture's description."""
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def drawn(figures: Mapping[str, Any]) -> Figure:
    """Return the picture of a curve."""
    sizes, fit = figures["sizes"], Fit(**figures["fit"])
    medians = [one["median"] for one in figures["cpu_s"]]
    below = [one["median"] - one["min"] for one in figures["cpu_s"]]
    above = [one["max"] - one["median"] for one in figures["cpu_s"]]
    figure = Figure(figsize=(5.6, 3.6), layout="constrained")
    axes = figure.add_subplot()
    smooth = [sizes[0] * (sizes[-1] / sizes[0]) ** (part / 100) for part in range(101)]
    axes.plot(smooth, [fit.at(x) for x in smooth], color=FITTED, linewidth=1.2, label=formula(fit))
    axes.errorbar(
        sizes,
        medians,
        yerr=(below, above),
        fmt="o",
        markersize=4,
        color=POINTS,
        capsize=2,
        linewidth=0.8,
        label="measured: median, smallest and largest",
    )
    if fit.bend is not None:
        is_right = fit.bend**2 > sizes[0] * sizes[-1]  # of the middle of the axis
        axes.axvline(fit.bend, color=FAINT, linewidth=0.8, linestyle=":")
        axes.annotate(
            f"bends at {fit.bend:,.0f}",
            (fit.bend, 0.04),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if is_right else 4, 0),
            textcoords="offset points",
            horizontalalignment="right" if is_right else "left",
            color=FAINT,
        )
    axes.set(xscale="log", yscale="log", xlabel=figures["x"], ylabel="processor time, s")
    axes.set_title(_in_lines(figures["title"]), fontsize=9)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.margins(y=0.12)
    axes.grid(which="major", color="#e0e0e0", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


def formula(fit: Fit) -> str:
    """Return what was fitted, in letters."""
    rest = f"{fit.each:.2g} s · x^{fit.slope:.2g}"
    whole = f"{fit.fixed:.2g} s + {rest}" if fit.fixed > 0 else rest
    return f"{whole}; slope {fit.first_slope:.2f} at first, {fit.last_slope:.2f} at last"


def _in_lines(title: str, width: int = 62) -> str:
    words, lines = title.split(), [""]
    for word in words:
        lines = [*lines, word] if len(lines[-1]) + len(word) > width else [*lines[:-1], f"{lines[-1]} {word}"]
    return "\n".join(line.strip() for line in lines)


def main() -> None:
    """Draw all that was measured."""
    for name, section in store.read().items():
        if name.startswith(PREFIX):
            draw(name.removeprefix(PREFIX), section["figures"])


if __name__ == "__main__":
    main()
