"""A platform's time limit: the grading ends before it, with what it has, and with a last line in any case."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from grader import cli, discovery, engine, supervisor
from grader.cli import time_limit
from grader.declaration import Loaded
from grader.engine import Options
from grader.records import Report, Status, Suite
from grader.report import autolab_reading

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "src" / "gru_cell" / "hw3" / "gru.py"
PROBLEMS = ["GRU Cell Forward", "GRU Cell Backward"]


@cache
def gru_cell() -> Loaded:
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    return replace(assignment, suites={"cells": cache(assignment.suites["cells"])})


def graded(tmp_path: Path, source: str, within_s: float, assignment: Loaded | None = None) -> Report:
    (tmp_path / "gru.py").write_text(source)
    return engine.grade(tmp_path / "gru.py", [assignment or gru_cell()], Options(within_s=within_s))


def test_what_was_earned_before_the_end_counts(tmp_path: Path) -> None:
    """A backward that hangs until the time is up takes nothing from a forward that was right."""
    gru_cell().suites["cells"](0)
    hangs = (
        MODEL.read_text()
        + "\n\ndef forever(*_):\n    while True:\n        pass\n\n\nGRU_Cell.backward = forever\n"
    )
    patient = replace(gru_cell(), limits=replace(gru_cell().limits, call_s=60))
    report = graded(tmp_path, hangs, 15, patient)
    assert report.status is Status.GRADED
    assert [problem.points for problem in report.problems] == [30, 0]
    assert "all calls together may take" in str(report.problems[1].criteria[0].message)


def test_with_time_enough_the_limit_changes_nothing(tmp_path: Path) -> None:
    """The report is the one that is written without a limit."""
    assert graded(tmp_path, MODEL.read_text(), within_s=600) == engine.grade(
        tmp_path / "gru.py", [gru_cell()], Options()
    )


def test_a_machine_that_is_not_ready_in_time_costs_no_points(tmp_path: Path) -> None:
    """When drawing the cases takes most of the time, that is our fault, not a hand-in's that was too slow."""

    def slowly(seed: int) -> Suite:
        time.sleep(1.2)
        return gru_cell().suites["cells"](seed)

    report = graded(tmp_path, MODEL.read_text(), 2, replace(gru_cell(), suites={"cells": slowly}))
    assert report.status is Status.ERROR
    assert "was not ready to ask the hand-in within 2 s" in str(report.message)


def test_a_source_that_takes_long_to_read_is_within_the_time(tmp_path: Path) -> None:
    """Python's parser is slow on a long source: what is left then is the student's zero, not our silence."""
    long = MODEL.read_text() + "".join(
        f"x{n} = [{n}, ({n}, {n}), -{n} ** 2, {{{n}: {n}}}]\n" for n in range(18_000)
    )
    patient = replace(gru_cell(), limits=replace(gru_cell().limits, call_s=600, total_s=600, cpu_s=600))
    gru_cell().suites["cells"](0)
    report = graded(tmp_path, long, 2, patient)
    assert report.status is Status.GRADED
    assert any("all calls together may take" in finding.message for finding in report.findings)


HANGS = """
import time
from grader import cli, engine
from grader.cli import time_limit
time_limit.RESERVE_S = 9
engine.grade = lambda *_: time.sleep(600)
cli.main(["grade", "--format", "autolab", "--course", "course.toml", "handin.tar"])
"""


def test_should_the_grader_itself_hang_the_last_line_is_there(tmp_path: Path) -> None:
    """Where nobody watches, a thread ends it: no score is recorded, and the program exits 0."""
    (tmp_path / "course.toml").write_text('assignment = "gru_cell"\ntime_limit_s = 10\n')
    done = subprocess.run(
        [sys.executable, "-c", HANGS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert autolab_reading.read(done.stdout, PROBLEMS) == dict.fromkeys(PROBLEMS)
    assert "The time limit was reached." in done.stdout


def test_the_time_that_starting_took_is_part_of_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform's clock runs from the start of the process, however late we come to read it."""
    (tmp_path / "course.toml").write_text('assignment = "gru_cell"\ntime_limit_s = 20\n')
    asked: list[Options] = []

    def grade(_: object, __: object, choices: Options) -> None:
        asked.append(choices)
        sys.exit(0)

    monkeypatch.setattr(engine, "grade", grade)
    for age_s in (0.0, 5.5, 60.0):
        monkeypatch.setattr(time_limit, "age_s", lambda age_s=age_s: age_s)
        cli.main(["grade", "--course", str(tmp_path / "course.toml"), str(MODEL)])
    assert [one.within_s for one in asked] == [15, 9.5, 0]


@pytest.mark.parametrize(
    ("told", "said", "expected"),
    [("30", "time_limit_s = 600", 25), ("600", "time_limit_s = 30", 25), ("30", "", 25), ("", "", None),
     ("0", "", None), ("-5", "", None), ("soon", "time_limit_s = 30", 25)],
)  # fmt: skip
def test_the_shorter_of_two_limits_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, said: str, expected: float | None
) -> None:
    """What autodriver tells the job, or what the course's file says: a limit lowered in one place is safe."""
    (tmp_path / "course.toml").write_text(f'assignment = "gru_cell"\n{said}\n')
    asked: list[Options] = []

    def grade(_: object, __: object, choices: Options) -> None:
        asked.append(choices)
        sys.exit(0)

    monkeypatch.setattr(engine, "grade", grade)
    monkeypatch.setattr(time_limit, "age_s", lambda: 0.0)
    monkeypatch.setenv(supervisor.TIME_LIMIT_VARIABLE, told)
    cli.main(["grade", "--course", str(tmp_path / "course.toml"), str(MODEL)])
    assert [one.within_s for one in asked] == [expected]


def test_autodriver_and_the_grader_call_the_limit_the_same() -> None:
    """The name stands in C and in Python, and is the same."""
    header = (ROOT / "autodriver" / "autodriver.h").read_text()
    assert f'#define TIME_LIMIT_VARIABLE "{supervisor.TIME_LIMIT_VARIABLE}"' in header


def test_the_age_of_a_process_is_that_of_the_process() -> None:
    """A process that has just been started is no older than the time for which we waited for it."""
    before = time.monotonic()
    ask = "from grader.cli import time_limit; print(time_limit.age_s())"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    # The kernel counts in hundredths. Our own age tells nothing: beyond the longest limit it is said to be 0.
    assert 0 < float(done.stdout) <= time.monotonic() - before + 0.05


def test_a_course_file_that_is_wrong_still_names_its_problems(tmp_path: Path) -> None:
    """A slip in course.toml records nothing for the assignment that it names, rather than zeros."""
    settings = tmp_path / "course.toml"
    settings.write_text('assignment = "gru_cell"\nsede = 7\n')
    done = subprocess.run(
        [sys.executable, "-m", "grader", "grade", "--format", "autolab", "--course", settings, MODEL],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert autolab_reading.read(done.stdout, PROBLEMS) == dict.fromkeys(PROBLEMS)
    assert "'sede' is unknown" in " ".join(done.stdout.split())
