"""Measures one grading beside the usual runner and beside a bare `import numpy`, each as a whole process.

    .venv/bin/python benchmarks/grading.py [--rounds N] [--json FILE] [HANDIN]

In each round all three run once, so that whatever else the machine does hits all alike; a ratio is taken
within a round, and the median over the rounds is reported. README.md says what the figures mean.

Nothing large may be imported here: on Linux a process's peak memory includes that of the one that started it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.sandbox import environment, student

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "build" / "handin.tar"
GRADING, USUAL, FLOOR = "cellgrade", "usual runner", "import numpy"

# What a process of a person who has set nothing sees: PYTHONDONTWRITEBYTECODE alone would have every start
# compile its modules again.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@dataclass(frozen=True)
class Program:
    """What is measured: a command with its environment; `scores` if it ends in Autolab's line."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    scores: bool = True


@dataclass(frozen=True)
class Run:
    """One process from start to end, with all that it started and waited for.

    Attributes:
        wall_s: seconds from before its start until it is gone.
        cpu_s: processor seconds, user and system, of all its processes together.
        peak_mib: the most memory that was resident in the largest of its processes.
        scores: problem -> points, from Autolab's line; empty if it prints none.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    scores: Mapping[str, float]


def programs(hand_in: Path, inputs: Path) -> tuple[Program, ...]:
    """Return the three that are compared.

    Raises:
        SandboxError: there is no student environment.
    """
    runner = (sys.executable, str(HERE / "usual_runner.py"), str(hand_in), str(inputs))
    grade = (str(Path(sys.executable).with_name("cellgrade")), "grade", "--format", "autolab", str(hand_in))
    floor = (str(environment.student_python()), "-c", "import numpy")
    return (
        Program(GRADING, grade, PLAIN),
        Program(USUAL, runner, PLAIN),
        # As a hand-in's process has it: the interpreter of its environment, and one BLAS thread.
        Program(FLOOR, floor, student.VARIABLES, scores=False),
    )


def run(program: Program, output: Path) -> Run:
    """Run a program once; what it prints goes to `output`.

    Raises:
        SystemExit: it failed, so there is nothing to measure.
    """
    to_output = (os.POSIX_SPAWN_OPEN, 1, str(output), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    begin_s = time.perf_counter()
    pid = os.posix_spawn(program.command[0], program.command, program.environment, file_actions=[to_output])
    _, status, used = os.wait4(pid, 0)
    wall_s = time.perf_counter() - begin_s
    if status != 0:
        raise SystemExit(f"{program.name} failed: {' '.join(program.command)}\n{output.read_text()}")
    scores = json.loads(output.read_text().splitlines()[-1])["scores"] if program.scores else {}
    return Run(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, scores)


def measure(measured: Sequence[Program], rounds: int, output: Path) -> dict[str, list[Run]]:
    """All runs by program, one per round; each round begins with the next program.

    Raises:
        SystemExit: a program failed, or two of them give different points: not the same work.
    """
    runs: dict[str, list[Run]] = {program.name: [] for program in measured}
    # Once without measuring: modules get compiled, files come into memory.
    scores = {program.name: run(program, output).scores for program in measured}
    if scores[GRADING] != scores[USUAL]:
        raise SystemExit(f"the two graders disagree on the hand-in, so they cannot be compared: {scores}")
    for index in range(rounds):
        first = index % len(measured)
        for program in (*measured[first:], *measured[:first]):
            runs[program.name].append(run(program, output))
    return runs


def beside(figures: Sequence[float], others: Sequence[float]) -> list[float]:
    """Ratios, round by round."""
    return [one / other for one, other in zip(figures, others, strict=True)]


def summary(runs: Mapping[str, Sequence[Run]]) -> list[dict[str, Any]]:
    """One row per program: each figure with its median, smallest and largest."""
    wall_s = {name: [run.wall_s for run in its] for name, its in runs.items()}
    cpu_s = {name: [run.cpu_s for run in its] for name, its in runs.items()}
    return [
        {
            "name": name,
            "wall_s": spread(wall_s[name]),
            "cpu_s": spread(cpu_s[name]),
            "peak_mib": spread([run.peak_mib for run in its]),
            "wall_beside_usual": spread(beside(wall_s[name], wall_s[USUAL])),
            "cpu_beside_usual": spread(beside(cpu_s[name], cpu_s[USUAL])),
            "wall_beside_numpy": spread(beside(wall_s[name], wall_s[FLOOR])),
            "scores": its[0].scores,
        }
        for name, its in runs.items()
    ]


def spread(figures: Sequence[float]) -> dict[str, float]:
    """Median, smallest and largest."""
    named = {"median": statistics.median(figures), "min": min(figures), "max": max(figures)}
    return {name: round(figure, 4) for name, figure in named.items()}


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{package: version(package) for package in ("numpy", "torch", "cellgrade")},
    }


def table(rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any], rounds: int) -> str:
    """Return the rows as text."""
    columns = {
        "wall s": ("wall_s", "{:.2f}"),
        "CPU s": ("cpu_s", "{:.2f}"),
        "peak MiB": ("peak_mib", "{:.0f}"),
        "wall / usual": ("wall_beside_usual", "{:.2f}"),
        "CPU / usual": ("cpu_beside_usual", "{:.2f}"),
        "wall / numpy": ("wall_beside_numpy", "{:.1f}"),
    }
    lines = [f"{'':14}" + "".join(f"{title:>19}" for title in columns)]
    for row in rows:
        cells = (in_words(row[key], form) for key, form in columns.values())
        lines.append(f"{row['name']:14}" + "".join(f"{cell:>19}" for cell in cells))
    facts = ", ".join(f"{name} {value}" for name, value in about.items())
    heading = f"Medians of {rounds} rounds (smallest-largest)"
    return "\n".join([heading, facts, "", *lines])


def in_words(figures: Mapping[str, float], form: str) -> str:
    """Return a median with its range, such as "1.27 (1.22-1.40)"."""
    median, least, most = (form.format(figures[name]) for name in ("median", "min", "max"))
    return f"{median} ({least}-{most})"


def positive(text: str) -> int:
    """Return a number of rounds: 1 or more."""
    if int(text) < 1:
        raise ValueError
    return int(text)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("hand_in", metavar="HANDIN", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--rounds", metavar="N", type=positive, default=7, help="default: 7")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write all figures there")
    options = parser.parse_args()
    if not options.hand_in.exists():
        parser.error(f"there is no {options.hand_in}; `make bench` packs the sample first")
    about = machine()  # first, or the load is our own
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as folder:
        inputs, output = Path(folder, "inputs.pickle"), Path(folder, "output")
        subprocess.run([sys.executable, str(HERE / "suite_inputs.py"), str(inputs)], check=True, env=PLAIN)
        try:
            measured = programs(options.hand_in, inputs)
        except SandboxError as error:
            parser.error(str(error))
        runs = measure(measured, options.rounds, output)
    rows = summary(runs)
    if options.json:
        found = {"schema": 1, "machine": about, "rounds": options.rounds, "rows": rows}
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    print(table(rows, about, options.rounds))


if __name__ == "__main__":
    main()
