"""The work that all do: one hand-in for `gru_cell`, 64 cases, all nine arrays of each compared."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

from benchmarks.processes import PLAIN, Program

HERE = Path(__file__).parent
ROOT = HERE.parent
MODEL = ROOT / "src" / "gru_cell" / "hw3" / "gru.py"
MEMBER = "hw3/gru.py"
MAX_POINTS = {"GRU Cell Forward": 30, "GRU Cell Backward": 70}
# A mistake in one gradient of eight: a line of the model, and what a wrong answer has in its place.
SPOILT = "self.dWh = np.outer(da_n, r * h)", "self.dWh = np.outer(da_n, h)"
GRADING, UNBAKED, USUAL, FLOOR = (
    "cellgrade",
    "cellgrade, nothing drawn before",
    "usual runner",
    "import numpy",
)
# Asked of another process, since NumPy is imported for it.
STUDENT = """
import json
from grader.sandbox import environment, student
print(json.dumps([str(environment.student_python()), student.VARIABLES]))
"""


def right() -> str:
    """Return the source of a right answer: the model's."""
    return MODEL.read_text(encoding="utf-8")


def wrong() -> str:
    """Return the source of an answer whose dWh is wrong: it gets 91.25 of 100 points.

    Raises:
        ValueError: the model has no such line any more.
    """
    before, after = right().split(SPOILT[0])
    return before + SPOILT[1] + after


def packed(source: str, file: Path) -> Path:
    """Write a hand-in as the statement asks for it, and return its file."""
    content = source.encode()
    with tarfile.open(file, "w:gz") as tar:
        member = tarfile.TarInfo(MEMBER)
        member.size, member.mode = len(content), 0o644
        tar.addfile(member, io.BytesIO(content))
    return file


def packed_class(folder: Path, count: int) -> list[Path]:
    """Write so many right hand-ins into a new folder, no two alike, and return their files."""
    folder.mkdir(parents=True)
    names = [f"s{number:05d}@school.edu_1_handin.tar" for number in range(count)]
    return [packed(f"{right()}# {name}\n", folder / name) for name in names]


def inputs(file: Path) -> Path:
    """Write the inputs of all cases, for whoever is not cellgrade, and return the file."""
    command = [sys.executable, str(HERE / "suite_inputs.py"), str(file)]
    subprocess.run(command, check=True, env=PLAIN, cwd=ROOT)
    return file


def of_autolabs_line(said: str) -> float:
    """Return the points out of 100 that Autolab's line gives, the last that was printed."""
    scores = json.loads(said.splitlines()[-1])["scores"]
    if scores.keys() != MAX_POINTS.keys():
        raise SystemExit(f"there are other problems than {', '.join(MAX_POINTS)}: {scores}")
    return float(sum(scores.values()))


def cellgrade(hand_in: Path, cache: Path | None) -> Program:
    """Return one grading by cellgrade; without a cache it draws the suite each time."""
    command = (str(Path(sys.executable).with_name("cellgrade")), "grade", "--format", "autolab", str(hand_in))
    variables = {**PLAIN, "CELLGRADE_CACHE": str(cache or "")}
    return Program(GRADING if cache else UNBAKED, command, variables, of_autolabs_line)


def usual(hand_in: Path, cases: Path) -> Program:
    """Return one grading by the usual runner."""
    command = (sys.executable, str(HERE / "usual_runner.py"), str(hand_in), str(cases))
    return Program(USUAL, command, points=of_autolabs_line)


def floor() -> Program:
    """Return a bare import of NumPy, as a hand-in's process has it: its interpreter, and one BLAS thread.

    Raises:
        SystemExit: there is no student environment.
    """
    asked = subprocess.run([sys.executable, "-c", STUDENT], capture_output=True, text=True, cwd=ROOT)
    if asked.returncode != 0:
        raise SystemExit(asked.stderr)
    python, variables = json.loads(asked.stdout)
    return Program(FLOOR, (python, "-c", "import numpy"), variables)
