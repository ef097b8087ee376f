"""Measures how many hand-ins a batch grades per second and core, beside the usual runner.

    .venv/bin/python benchmarks/batch.py [--rounds N] [--hand-ins N] [--json FILE]

In each round a batch grades so many different hand-ins with a worker per core, from an empty results folder
to the last report; then the usual runner grades some of them, a fresh process each, as many at once as there
are cores. A ratio is taken within a round. README.md says what the figures mean.

Nothing large may be imported here: see grading.py.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grading import HERE, PLAIN, in_words, machine, positive, spread

MODEL = HERE.parent / "src" / "gru_cell" / "hw3" / "gru.py"
SCORES = {"GRU Cell Forward": 30, "GRU Cell Backward": 70}
USUAL_PER_CORE = 4  # gradings by the usual runner in a round: each takes about as long


def lay(folder: Path, count: int) -> list[Path]:
    """Write so many right hand-ins into a folder, no two alike."""
    folder.mkdir()
    paths = [folder / f"s{number:05d}@school.edu_1_handin.tar" for number in range(count)]
    for path in paths:
        content = MODEL.read_bytes() + f"# {path.name}\n".encode()
        with tarfile.open(path, "w:gz") as tar:
            member = tarfile.TarInfo("hw3/gru.py")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return paths


def batch(hand_ins: Path, results: Path, count: int, workers: int) -> dict[str, float]:
    """Grade a folder; its figures.

    Raises:
        SystemExit: a hand-in did not get full points, so it was not the same work.
    """
    command = [sys.executable, "-m", "grader", "batch", "--assignment", "gru_cell"]
    command += ["--workers", str(workers), "--out", str(results), str(hand_ins)]
    figures = _timed([command], 1, workers, count)
    reports = [json.loads(path.read_text()) for path in (results / "reports").glob("*.json")]
    if len(reports) != count or any(report["score"] != sum(SCORES.values()) for report in reports):
        raise SystemExit("the batch did not give every hand-in full points")
    return figures


def usual(hand_ins: Sequence[Path], inputs: Path, workers: int) -> dict[str, float]:
    """Grade these by the usual runner, so many at once; its figures.

    Raises:
        SystemExit: as above.
    """
    runner = [sys.executable, str(HERE / "usual_runner.py")]
    return _timed([[*runner, str(path), str(inputs)] for path in hand_ins], workers, workers, len(hand_ins))


def _timed(commands: Sequence[Sequence[str]], at_once: int, cores: int, count: int) -> dict[str, float]:
    """Hand-ins per second and core by the clock, and per second of processor time."""
    before, begin_s = os.times(), time.perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        said = list(threads.map(_run, commands))
    wall_s, after = time.perf_counter() - begin_s, os.times()
    if at_once > 1 or len(commands) > 1:
        for line in said:
            if json.loads(line.splitlines()[-1])["scores"] != SCORES:
                raise SystemExit("the usual runner did not give a hand-in full points")
    cpu_s = sum(getattr(after, name) - getattr(before, name) for name in ("children_user", "children_system"))
    return {"per_core_s": count / wall_s / cores, "per_cpu_s": count / cpu_s}


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, env=PLAIN, cwd=HERE.parent, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def measure(rounds: int, count: int, folder: Path) -> dict[str, list[dict[str, float]]]:
    """Return the figures of both by name, one per round."""
    cores = len(os.sched_getaffinity(0))
    paths = lay(folder / "handins", count)
    inputs = folder / "inputs.pickle"
    subprocess.run([sys.executable, str(HERE / "suite_inputs.py"), str(inputs)], check=True, env=PLAIN)
    some = paths[: min(count, USUAL_PER_CORE * cores)]
    usual(some[:1], inputs, 1)  # modules get compiled, files come into memory
    found: dict[str, list[dict[str, float]]] = {"batch": [], "usual runner": []}
    for number in range(rounds):
        found["batch"].append(batch(folder / "handins", folder / f"results-{number}", count, cores))
        found["usual runner"].append(usual(some, inputs, cores))
    return found


def summary(found: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Median, smallest and largest of each figure, and of the ratios round by round."""
    rows: dict[str, Any] = {
        name: {figure: spread([one[figure] for one in its]) for figure in its[0]}
        for name, its in found.items()
    }
    rows["batch / usual"] = {
        figure: spread(
            [
                ours[figure] / theirs[figure]
                for ours, theirs in zip(found["batch"], found["usual runner"], strict=True)
            ]
        )
        for figure in found["batch"][0]
    }
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", metavar="N", type=positive, default=3, help="default: 3")
    parser.add_argument("--hand-ins", metavar="N", type=positive, default=200, help="default: 200")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write all figures there")
    options = parser.parse_args()
    about = machine()  # first, or the load is our own
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as folder:
        rows = summary(measure(options.rounds, options.hand_ins, Path(folder)))
    if options.json:
        found = {"schema": 1, "machine": about, "rounds": options.rounds, "hand_ins": options.hand_ins}
        options.json.write_text(json.dumps({**found, "rows": rows}, indent=2) + "\n")
    print(f"Hand-ins graded, medians of {options.rounds} rounds of {options.hand_ins} (smallest-largest)")
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print(f"\n{'':14}{'per s and core':>22}{'per CPU second':>22}")
    for name, row in rows.items():
        cells = (in_words(row[figure], "{:.2f}") for figure in ("per_core_s", "per_cpu_s"))
        print(f"{name:14}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
