"""Measures what it costs to name a mistake: once per process, and for each hand-in with wrong values.

    .venv/bin/python benchmarks/naming.py [NAME ...]

All mistakes of an assignment are graded, in a process of its own, and each is explained twice: the second
time is what a hand-in costs, and by how much the first took longer is what is done once. README.md says what
the figures mean.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from grader import discovery, mistakes
from grader.engine import Grader, Options
from grader.records import Arrays, Case, Cause, Explain, Suite

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


def main() -> None:
    """Print a row for each assignment."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = [one.name for one in discovery.assignments()]
    parser.add_argument("names", metavar="NAME", nargs="*", choices=[*known, []], help="default: all")
    names = parser.parse_args().names or known
    print("| | once, s | once, MiB | a hand-in, median s | 95 % | largest |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in names:  # each in a process of its own, whose memory has no other's in it
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            cost = pool.apply(measured, (name,))
        used = sorted(cost.used_s)
        row = (statistics.median(used), used[int(0.95 * (len(used) - 1))], used[-1])
        figures = " | ".join(f"{one:.3f}" for one in row)
        print(f"| `{name}` | {cost.once_s:.2f} | {cost.grown_mib:.0f} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
