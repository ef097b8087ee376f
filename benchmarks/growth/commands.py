"""Whole batches, each from an empty results folder, as a person would start them."""

from __future__ import annotations

import shutil
import sys
from functools import cache, partial
from pathlib import Path

from benchmarks import work
from benchmarks.processes import PLAIN, Program
from grader import discovery, mistakes

SOURCES = discovery.BUILT_IN.parent.parent / "src"
GRADED = 0


def right_ones(count: int, scratch: Path) -> Program:
    """Return a batch of so many right hand-ins, no two alike."""
    folder = scratch / f"right-{count}"
    if not folder.exists():
        work.packed_class(folder, count)
    return _batch(folder, count)


def wrong_ones(count: int, scratch: Path) -> Program:
    """Return a batch of so many mistakes of gru_cell, no two alike."""
    folder = scratch / f"wrong-{count}"
    for number in range(count if not folder.exists() else 0):
        mistake = _with_wrong_values()[number % len(_with_wrong_values())]
        laid = mistake.laid(folder / f"s{number:05d}")
        for file in laid.rglob("*.py"):  # what is identical would be graded once
            file.write_bytes(file.read_bytes() + f"\n# {laid.name}\n".encode())
    return _batch(folder, count)


@cache
def _with_wrong_values() -> list[mistakes.Mistake]:
    """Return the mistakes that lose points by their values: the others say themselves what they raise."""
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    shipped = mistakes.read(assignment, SOURCES / "gru_cell").mistakes
    return [
        one for one in shipped if one.fails and any("value" in rows.values() for rows in one.fails.values())
    ]


def _batch(folder: Path, count: int) -> Program:
    results = folder.with_name(f"{folder.name}-results")
    command = (sys.executable, "-m", "grader", "batch", "--assignment", "gru_cell", "--platform", "plain")
    more = ("--workers", "1", "--out", str(results), str(folder))
    variables = {**PLAIN, "CELLGRADE_CACHE": str(folder.with_name("cache"))}
    return Program(
        f"{count} hand-ins",
        (*command, *more),
        variables,
        # That all were graded is the batch's own exit status.
        statuses=(GRADED,),
        before=partial(shutil.rmtree, results, ignore_errors=True),
    )
