"""Where a grading's time goes, in a process that has graded before, beside what nothing gets below.

A right hand-in that notes the time when it is imported and called is graded again and again. In turn with
it, a process with NumPy in memory is forked, by us and by the sandbox with all its layers; and a bare fork
imports the hand-in and makes the same calls with nothing around them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks import rounds, work
from benchmarks.processes import Program, tree_cpu_s
from grader import discovery, inside
from grader.declaration import Limits
from grader.engine import Grader, Options
from grader.records import Status
from grader.sandbox import environment, student
from grader.sandbox.brief import Brief
from grader.sandbox.jobs import Jobs, job_uid
from grader.sandbox.zygote import Zygote

TITLE = "Where a grading's time goes"
WARM_UP = 5  # the first ones find nothing in the caches
FLOOR_ROUNDS = 7

# Above and below the model: the clock when the import begins; then, in microseconds since, when it has ended,
# and when each call begins and ends.
NOTING = """
import time as _time
_BEGAN = _time.perf_counter()
print(repr(_BEGAN))


"""
NOTED = """


def _noted(call):
    def noted(self, *given):
        begin = _time.perf_counter()
        answer = call(self, *given)
        end = _time.perf_counter()
        print(int(1e6 * (begin - _BEGAN)), int(1e6 * (end - _BEGAN)))
        return answer
    return noted


GRU_Cell.forward, GRU_Cell.backward = _noted(GRU_Cell.forward), _noted(GRU_Cell.backward)
print(int(1e6 * (_time.perf_counter() - _BEGAN)))
"""

# A process as the sandbox's is, that has NumPy in memory. Told "f" it forks; told "c", the fork does the
# calls.
BARE = """
import gc, os, pickle, sys
folder, hand_in, inputs = sys.argv[1:]
sys.path.append(folder)
from inside import preload
preload.everything(["numpy"])
source = open(hand_in).read()
cases = pickle.load(open(inputs, "rb"))
WEIGHTS = ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx")

def cell(made, case):
    hidden, inputs = case["Wzx"].shape
    one = made(inputs, hidden)
    for name in WEIGHTS:
        setattr(one, name, case[name])
    return one

def calls():
    names = {}
    exec(compile(source, "gru.py", "exec"), names)
    for case in cases:
        cell(names["GRU_Cell"], case).forward(case["x"], case["h"])
    for case in cases:
        one = cell(names["GRU_Cell"], case)
        one.forward(case["x"], case["h"])
        one.backward(case["delta"].reshape(1, -1))

gc.freeze()
while told := os.read(0, 1):
    pid = os.fork()
    if pid == 0:
        if told == b"c":
            calls()
        os._exit(0)
    os.waitpid(pid, 0)
    os.write(1, b"x")
"""
ADAPTER = "def f(module, given):\n    return {'y': module.f()}\n"


class Forker:
    """A process that forks when it is told to."""

    def __init__(self, hand_in: Path, inputs: Path) -> None:
        ours = str(Path(inside.__file__).parent.parent)
        command = [str(environment.student_python()), "-s", "-P", "-c", BARE, ours, str(hand_in), str(inputs)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=student.VARIABLES
        )
        self.pid = self._process.pid

    def fork(self, told: bytes) -> None:
        """Have it fork once, and wait until the fork is gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(told)
        if not self._process.stdout.read(1):
            raise SystemExit("the process that forks has ended")

    def close(self) -> None:
        """End it."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


@contextmanager
def forker(hand_in: Path, inputs: Path) -> Iterator[Forker]:
    """Yield a process that forks."""
    made = Forker(hand_in, inputs)
    try:
        yield made
    finally:
        made.close()


def parts_of(grader: Grader, hand_in: Path) -> dict[str, float]:
    """Grade a hand-in that notes the time; milliseconds of each part.

    Raises:
        SystemExit: it was not graded, or has not noted what it should.
    """
    begin_s = time.perf_counter()
    report = grader.grade(hand_in)
    end_s = time.perf_counter()
    if report.status is not Status.GRADED or report.score != rounds.FULL:
        raise SystemExit(f"the hand-in that notes the time was not given full points: {report.message}")
    if report.stdout.dropped_bytes:
        raise SystemExit("the hand-in that notes the time has printed more than is kept")
    began, imported, *noted = report.stdout.text.splitlines()
    calls = [tuple(map(int, line.split())) for line in noted]
    first, last = calls[0][0], calls[-1][1]
    own_ms = sum(end - begin for begin, end in calls) / 1e3
    imported_ms = int(imported) / 1e3
    whole_ms, before_ms = 1e3 * (end_s - begin_s), 1e3 * (float(began) - begin_s)
    return {
        "whole": whole_ms,
        "before": before_ms,
        "import": imported_ms,
        "between": first / 1e3 - imported_ms,
        "calls": (last - first) / 1e3,
        "own": own_ms,
        "after": whole_ms - before_ms - last / 1e3,
    }


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Measure so many `profiled` gradings.

    Returns:
        parts: milliseconds of wall time, each with its spread.
        cpu: processor milliseconds of a grading and of a bare fork with the same calls, and their ratio.
        layers: which of the sandbox were on, and which off.
        floors: milliseconds of wall time of what a process may have to begin with.
    """
    count = settings["profiled"]
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    assignment = replace(assignment, suites={key: cache(draw) for key, draw in assignment.suites.items()})
    parts: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="cellgrade-bench-") as scratch:
        folder = Path(scratch)
        noting = folder / "gru.py"
        noting.write_text(NOTING + work.right() + NOTED)
        inputs = work.inputs(folder / "inputs.pickle")
        uid = job_uid(os.geteuid())
        brief = Brief({"f.py": ""}, "f.py", "f.py", ADAPTER, calls=("f",), limits=Limits())
        with (
            Grader([assignment], Options(assignment="gru_cell")) as grader,
            Zygote() as zygote,
            forker(work.MODEL, inputs) as forks,
        ):
            jobs = Jobs(zygote, uid)
            layers: dict[str, Sequence[str]] = {}

            def locked_down() -> None:
                job = jobs.start(brief.ours, brief.limits.output_bytes)
                layers["on"], layers["off"] = job.layers["on"], job.layers["off"]
                job.close()

            timed: dict[str, Callable[[], None]] = {
                "bare fork": partial(forks.fork, b"f"),
                "locked down": locked_down,
                "bare calls": partial(forks.fork, b"c"),
            }
            for number in range(WARM_UP + count):
                found = parts_of(grader, noting)
                for name, do in timed.items():
                    begin_s = time.perf_counter()
                    do()
                    found[name] = 1e3 * (time.perf_counter() - begin_s)
                if number >= WARM_UP:
                    for name, value in found.items():
                        parts.setdefault(name, []).append(value)
            cpu = _cpu(grader, work.MODEL, forks, count)
        floors = _floors(folder / "output", min(FLOOR_ROUNDS, count))
    return {
        "parts": {name: rounds.spread(values) for name, values in parts.items()},
        "cpu": cpu,
        "layers": layers,
        "floors": floors,
    }


def _cpu(grader: Grader, hand_in: Path, forks: Forker, count: int) -> dict[str, Any]:
    """Processor milliseconds of a grading and of a bare fork with the same calls, in blocks, in turn."""
    blocks = min(5, count)
    each = max(count // blocks, 1)
    found: dict[str, list[float]] = {"grading": [], "bare calls": []}
    for _ in range(blocks):
        before_s = tree_cpu_s(os.getpid()) - tree_cpu_s(forks.pid)
        for _ in range(each):
            grader.grade(hand_in)
        middle_s, forks_s = tree_cpu_s(os.getpid()) - tree_cpu_s(forks.pid), tree_cpu_s(forks.pid)
        for _ in range(each):
            forks.fork(b"c")
        found["grading"].append(1e3 * (middle_s - before_s) / each)
        found["bare calls"].append(max(1e3 * (tree_cpu_s(forks.pid) - forks_s) / each, 1e-3))
    beside = rounds.ratios(found["grading"], found["bare calls"])
    return {**{name: rounds.spread(its) for name, its in found.items()}, "beside": rounds.spread(beside)}


def _floors(output: Path, count: int) -> dict[str, rounds.Spread]:
    """Milliseconds of wall time of whole processes that import one thing, in turn."""
    python = str(environment.student_python())
    measured = [
        Program("start Python", (python, "-c", "pass"), student.VARIABLES),
        Program(work.FLOOR, (python, "-c", "import numpy"), student.VARIABLES),
        Program("import torch, and end at once", _python("import os, torch; os._exit(0)")),
        Program("import torch", _python("import torch")),
        Program("import Hypothesis", _python("import hypothesis")),
    ]
    runs = rounds.in_turn(measured, count, output)
    return {name: rounds.spread([1e3 * one.wall_s for one in its]) for name, its in runs.items()}


def _python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code
