"""What it costs to name a mistake: once per process, and for each hand-in with wrong values.

All mistakes of an assignment are graded, in a process of its own, and each is explained twice: the second
time is what a hand-in costs, and by how much the first took longer is what is done once.
"""

from __future__ import annotations

import multiprocessing
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from grader import discovery, mistakes
from grader.engine import Grader, Options
from grader.records import Arrays, Case, Cause, Explain, Suite

TITLE = "What naming a mistake costs"
SOURCES = discovery.BUILT_IN.parent.parent / "src"


@dataclass
class Cost:
    """What naming cost.

    Attributes:
        once_s: the processor time of what is done once and kept.
        grown_mib: by how much the process became larger than ever before.
        used_s: the processor time of each use.
    """

    once_s: float = 0.0
    grown_mib: float = 0.0
    used_s: list[float] = field(default_factory=list)


def peak_mib() -> float:
    """Return the largest resident memory that this process has had."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024


def timed(cost: Cost, explain: Callable[[Suite], Explain], suite: Suite) -> Explain:
    """Return what names causes on a suite, measured."""
    made = explain(suite)

    def measured(
        cases: Sequence[Case], answers: Sequence[Arrays], wrong: Sequence[str], right: Sequence[str]
    ) -> Sequence[Cause]:
        before, begun = peak_mib(), time.process_time()
        made(cases, answers, wrong, right)
        middle = time.process_time()
        cost.grown_mib += peak_mib() - before
        found = made(cases, answers, wrong, right)
        again = time.process_time() - middle
        cost.once_s += max(middle - begun - again, 0.0)
        cost.used_s.append(again)
        return found

    return measured


def measured(name: str) -> Cost:
    """Grade all mistakes of an assignment, and return what naming them cost."""
    assignment, cost = discovery.by_name(name, discovery.assignments()), Cost()
    shipped = mistakes.read(assignment, SOURCES / name)
    explains = {key: partial(timed, cost, one) for key, one in assignment.explains.items()}
    measured_ = replace(assignment, explains=explains)
    with tempfile.TemporaryDirectory() as folder, Grader([measured_], Options(assignment=name)) as grader:
        for number, mistake in enumerate(shipped.mistakes):
            grader.grade(mistake.laid(Path(folder) / str(number)))
    return cost


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure the assignments in `named`, all if it is empty; return a row for each.

    Returns:
        rows: assignment -> `once_s` and `once_mib`; median, 95 % and largest of a hand-in's seconds; how
            many.
    """
    found = {}
    for name in settings["named"] or [one.name for one in discovery.assignments()]:
        # Each in a process of its own, whose memory has no other's in it.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            cost = pool.apply(measured, (name,))
        used = sorted(cost.used_s)
        if not used:  # no mistake of it has a wrong value
            continue
        found[name] = {
            "once_s": round(cost.once_s, 3),
            "once_mib": round(cost.grown_mib, 1),
            "hand_in_s": {
                "median": round(statistics.median(used), 4),
                "95 %": round(used[int(0.95 * (len(used) - 1))], 4),
                "largest": round(used[-1], 4),
            },
            "explained": len(used),
        }
    return {"rows": found}
