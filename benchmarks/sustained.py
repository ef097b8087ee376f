"""How many hand-ins a batch grades per second and core, beside the usual runner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import rounds, work
from benchmarks.processes import PLAIN

TITLE = "A class"
USUAL_PER_CORE = 4  # gradings by the usual runner in a round: each takes about as long
BATCH = "cellgrade batch"


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure so many `rounds` of so many `hand_ins`, and return a row for each of the two.

    In each round a batch grades them all with a worker per core, from an empty results folder to the last
    report; then the usual runner grades some, a fresh process each, as many at once as there are cores.

    Raises:
        SystemExit: one of them failed, or a hand-in did not get full points.
    """
    cores, count = len(os.sched_getaffinity(0)), settings["hand_ins"]
    found: dict[str, list[dict[str, float]]] = {BATCH: [], work.USUAL: []}
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as scratch:
        folder = Path(scratch)
        paths = work.packed_class(folder / "handins", count)
        inputs = work.inputs(folder / "inputs.pickle")
        some = paths[: min(count, USUAL_PER_CORE * cores)]
        # Once without measuring: modules get compiled, files come into memory, the suite is drawn.
        usual(some[:1], inputs, 1)
        work.packed_class(folder / "one", 1)
        batch(folder / "one", folder / "results-of-one", 1, 1, folder / "cache")
        for number in range(settings["rounds"]):
            results = folder / f"results-{number}"
            found[BATCH].append(batch(folder / "handins", results, count, cores, folder / "cache"))
            found[work.USUAL].append(usual(some, inputs, cores))
    return {"rows": rows(found)}


def batch(hand_ins: Path, results: Path, count: int, workers: int, cache: Path) -> dict[str, float]:
    """Grade a folder; its figures.

    Raises:
        SystemExit: a hand-in did not get full points, so it was not the same work.
    """
    command = [sys.executable, "-m", "grader", "batch", "--assignment", "gru_cell"]
    command += ["--workers", str(workers), "--out", str(results), str(hand_ins)]
    figures, _ = timed([command], 1, workers, count, {**PLAIN, "CELLGRADE_CACHE": str(cache)})
    reports = [json.loads(path.read_text()) for path in (results / "reports").glob("*.json")]
    if len(reports) != count or any(report["score"] != rounds.FULL for report in reports):
        raise SystemExit("the batch did not give every hand-in full points")
    return figures


def usual(hand_ins: Sequence[Path], inputs: Path, workers: int) -> dict[str, float]:
    """Grade these by the usual runner, so many at once; its figures.

    Raises:
        SystemExit: as above.
    """
    commands = [list(work.usual(path, inputs).command) for path in hand_ins]
    figures, said = timed(commands, workers, workers, len(hand_ins), PLAIN)
    if any(work.of_autolabs_line(one) != rounds.FULL for one in said):
        raise SystemExit("the usual runner did not give a hand-in full points")
    return figures


def timed(
    commands: Sequence[Sequence[str]], at_once: int, cores: int, count: int, variables: Mapping[str, str]
) -> tuple[dict[str, float], list[str]]:
    """Hand-ins per second and core by the clock, and per second of processor time; what was printed."""

    def run(command: Sequence[str]) -> str:
        done = subprocess.run(command, env=variables, cwd=work.ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    before, begin_s = os.times(), time.perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        said = list(threads.map(run, commands))
    wall_s, after = time.perf_counter() - begin_s, os.times()
    cpu_s = sum(getattr(after, name) - getattr(before, name) for name in ("children_user", "children_system"))
    return {"per_core_s": count / wall_s / cores, "per_cpu_s": count / cpu_s}, said


def rows(found: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Return the spread of each figure, and of its ratio to the usual runner's round by round."""
    made: dict[str, Any] = {}
    for name, its in found.items():
        made[name] = {}
        for figure in its[0]:
            own, others = ([one[figure] for one in of] for of in (its, found[work.USUAL]))
            made[name][figure] = rounds.spread(own)
            made[name][f"{figure} beside {work.USUAL}"] = rounds.spread(rounds.ratios(own, others))
    return made
