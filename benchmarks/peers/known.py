"""The peers: how each is prepared for a hand-in and started, and where its points stand.

What a peer needs once for a course (a notebook to hand out, a packed autograder) or what its platform does
before it (a hand-in in the place where it is looked for) is not measured.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import work
from benchmarks.peers import notebooks
from benchmarks.processes import PLAIN, Program

HERE = Path(__file__).parent
WRAPPERS = HERE / "wrappers"
ENVIRONMENTS = work.ROOT / "build" / "peers"


@dataclass(frozen=True)
class Peer:
    """Somebody else's way to grade.

    Attributes:
        name: as the tables have it.
        folder: of its environment and its requirements.
        package: whose version is told.
        program: its interpreter, a scratch folder, the hand-in's source, the file of the cases -> one
            grading.
    """

    name: str
    folder: str
    package: str
    program: Callable[[Path, Path, str, Path], Program]

    @property
    def python(self) -> Path:
        """Its interpreter, which need not be there."""
        return ENVIRONMENTS / self.folder / "bin" / "python"

    def version(self) -> str:
        """Return the version that is installed of it."""
        code = f"import importlib.metadata as m; print(m.version({self.package!r}))"
        done = subprocess.run([str(self.python), "-c", code], capture_output=True, text=True, check=True)
        return done.stdout.strip()


def variables(python: Path, **more: str) -> dict[str, str]:
    """Return what a peer sees of our variables: its own environment's programs come first."""
    path = f"{python.parent}:{os.environ['PATH']}"
    return {**PLAIN, "PATH": path, "BENCHMARKS": str(work.HERE), **more}


def unpacked(folder: Path, source: str) -> Path:
    """Write a hand-in as a folder, and return it."""
    file = folder / work.MEMBER
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    return folder


def pytest(python: Path, scratch: Path, source: str, cases: Path) -> Program:
    """Return pytest and Hypothesis, which draws cases of its own; a test for each problem."""
    hand_in = unpacked(scratch / "hand-in", source)
    test = shutil.copy(WRAPPERS / "pytest_hypothesis" / "test_gru_cell.py", scratch)
    seen = variables(python, HANDIN=str(hand_in))
    command = (
        str(python),
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(scratch),
        str(test),
    )
    return Program("pytest", command, seen, _of_pytest, statuses=(0, 1), folder=scratch)


def _of_pytest(said: str) -> float:
    counts = {
        word: int(number) for number, word in re.findall(r"(\d+) (passed|failed)", said.splitlines()[-1])
    }
    return 100 * counts.get("passed", 0) / max(sum(counts.values()), 1)


def gradescope(python: Path, scratch: Path, source: str, cases: Path) -> Program:
    """Return the runner that Gradescope's containers start, without the container."""
    hand_in, results = work.packed(source, scratch / "handin.tar"), scratch / "results.json"
    script = WRAPPERS / "gradescope" / "run_tests.py"
    command = (str(python), str(script), str(hand_in), str(cases), str(results))
    return Program("gradescope", command, variables(python), partial(_of_gradescope, results))


def _of_gradescope(results: Path, _: str) -> float:
    return float(sum(test["score"] for test in json.loads(results.read_text())["tests"]))


def check50(python: Path, scratch: Path, source: str, cases: Path) -> Program:
    """Return check50 with checks of this machine; it gives no points: a check counts as its problem."""
    hand_in, results = unpacked(scratch / "hand-in", source), scratch / "results.json"
    command = (
        str(python.parent / "check50"),
        "--dev",
        "--local",
        "-o",
        "json",
        "--output-file",
        str(results),
    )
    seen = variables(python, CASES=str(cases), HOME=str(scratch))
    program = (*command, str(WRAPPERS / "check50"))
    return Program("check50", program, seen, partial(of_check50, results), folder=hand_in, statuses=(0, 1))


def of_check50(results: Path, _: str) -> float:
    """Return the points that check50's report comes to: all of a problem whose check is passed."""
    given = {one["name"]: one["passed"] for one in json.loads(results.read_text())["results"]}
    points = dict(zip(("forward", "backward"), work.MAX_POINTS.values(), strict=True))
    return float(sum(points[name] for name in points if given[name]))


def otter(python: Path, scratch: Path, source: str, cases: Path) -> Program:
    """Return `otter run`, which is what otter starts in its containers."""
    packed, results = scratch / "autograder.zip", scratch / "results"
    results.mkdir(exist_ok=True)
    with zipfile.ZipFile(packed, "w") as archive:
        for test in ("forward", "backward"):
            archive.write(WRAPPERS / "otter" / f"{test}.py", f"tests/{test}.py")
        archive.writestr("otter_config.json", json.dumps({"lang": "python", "score_threshold": None}))
    notebook = notebooks.written(scratch / "gru.ipynb", notebooks.for_otter(source, work.HERE))
    command = (str(python.parent / "otter"), "run", "-a", str(packed), "-o", str(results), str(notebook))
    seen = variables(python, CASES=str(cases), HOME=str(scratch))
    return Program("otter", command, seen, partial(of_otter, results / "results.json"), folder=scratch)


def of_otter(results: Path, _: str) -> float:
    """Return the points of otter's report."""
    tests = json.loads(results.read_text())["tests"]
    return float(sum(one.get("score", 0) for one in tests))


def nbgrader(python: Path, scratch: Path, source: str, cases: Path, count: int = 1) -> Program:
    """Return `nbgrader autograde` on the notebooks of so many students."""
    course = scratch / "course"
    seen = variables(python, CASES=str(cases), HOME=str(scratch), IPYTHONDIR=str(scratch / "ipython"))
    notebooks.written(
        course / "source" / "gru" / "gru.ipynb", notebooks.for_nbgrader(work.right(), work.HERE)
    )
    program = str(python.parent / "nbgrader")
    generate = [program, "generate_assignment", "gru", "--create", "--force"]
    done = subprocess.run(generate, cwd=course, env=seen, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"nbgrader hands out no assignment:\n{done.stdout}{done.stderr}")
    for number in range(count):
        file = course / "submitted" / f"s{number:05d}" / "gru" / "gru.ipynb"
        notebooks.written(file, notebooks.for_nbgrader(f"{source}# {number}\n", work.HERE))
    command = (program, "autograde", "gru", "--force")
    points = partial(_of_nbgrader, course / "gradebook.db", count)
    return Program("nbgrader", command, seen, points, folder=course)


def _of_nbgrader(gradebook: Path, count: int, _: str) -> float:
    with closing(sqlite3.connect(gradebook)) as database:
        (points,) = database.execute("select sum(auto_score) from grade").fetchone()
    return float(points or 0) / count


PEERS: Mapping[str, Peer] = {
    one.name: one
    for one in (
        Peer("pytest with Hypothesis", "pytest_hypothesis", "hypothesis", pytest),
        Peer("gradescope-utils", "gradescope", "gradescope-utils", gradescope),
        Peer("check50", "check50", "check50", check50),
        Peer("otter-grader", "otter", "otter-grader", otter),
        Peer("nbgrader", "nbgrader", "nbgrader", nbgrader),
    )
}
