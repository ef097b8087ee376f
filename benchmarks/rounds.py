"""Programs in turn, so that whatever else the machine does hits all alike; ratios within a round."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.processes import Program, Run, run, together_mib

FULL = 100.0
SAMPLED = 3  # runs of each program whose memory is looked at
FIGURES = ("wall_s", "cpu_s", "peak_mib")

Spread = dict[str, float]
"""A figure's median over the rounds, its smallest and its largest."""


def in_turn(measured: Sequence[Program], rounds: int, output: Path) -> dict[str, list[Run]]:
    """Return all runs by program, one per round; each round begins with the next program.

    Raises:
        SystemExit: a program failed, or does not give full points, so it is not the same work.
    """
    runs: dict[str, list[Run]] = {program.name: [] for program in measured}
    for program in measured:  # once without measuring: modules get compiled, files come into memory
        hold_to_full_points(program, run(program, output))
    for index in range(rounds):
        first = index % len(measured)
        for program in (*measured[first:], *measured[:first]):
            one = run(program, output)
            hold_to_full_points(program, one)
            runs[program.name].append(one)
    return runs


def hold_to_full_points(program: Program, one: Run) -> None:
    """Refuse to measure what did not do its work.

    Raises:
        SystemExit: it has not given full points.
    """
    if one.points not in (None, FULL):
        raise SystemExit(f"{program.name} gave {one.points:g} of 100 points to a right hand-in")


def together(measured: Sequence[Program], output: Path, times: int = SAMPLED) -> dict[str, list[float]]:
    """Return the most memory that each program had at one time, all its processes together, in MiB."""
    found: dict[str, list[float]] = {program.name: [] for program in measured}
    for _ in range(times):
        for program in measured:
            found[program.name].append(together_mib(program, output))
    return found


def rows(
    runs: Mapping[str, Sequence[Run]], memory: Mapping[str, Sequence[float]], *besides: str
) -> dict[str, dict[str, Any]]:
    """Return one row per program: each figure with its spread, and its ratios to some of the programs.

    Args:
        runs: as `in_turn` has them.
        memory: as `together` has it.
        besides: the programs that all are held beside; `cpu_s beside NAME` is a ratio's name.
    """
    figures: dict[str, dict[str, Sequence[float]]] = {
        name: {figure: [getattr(one, figure) for one in its] for figure in FIGURES}
        for name, its in runs.items()
    }
    for name, its in memory.items():
        figures[name]["together_mib"] = its
    found: dict[str, dict[str, Any]] = {}
    for name, own in figures.items():
        found[name] = {figure: spread(values) for figure, values in own.items()}
        for other in besides:
            for figure, values in own.items():
                found[name][f"{figure} beside {other}"] = spread(ratios(values, figures[other][figure]))
        if (points := runs[name][0].points) is not None:
            found[name]["points"] = points
    return found


def ratios(figures: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return the ratios, round by round."""
    return [one / other for one, other in zip(figures, others, strict=True)]


def spread(figures: Sequence[float]) -> Spread:
    """Median, smallest and largest, to four significant digits."""
    named = {"median": statistics.median(figures), "min": min(figures), "max": max(figures)}
    return {name: float(f"{figure:.4g}") for name, figure in named.items()}
