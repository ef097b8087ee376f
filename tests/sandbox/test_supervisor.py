"""Whatever becomes of the process that grades, whoever started it hears of it: last line and exit status."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch_runs import alive, below

from grader import supervisor
from grader.report import autolab_line, autolab_reading
from grader.supervisor import endings, limits

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "src" / "gru_cell" / "hw3" / "gru.py"
GRU_CELL = ["GRU Cell Forward", "GRU Cell Backward"]
FORGED = '{"scores": {"Shaky": 10}, "scoreboard": [10]}'

# An assignment whose own code does what the first line of a hand-in says: it is the grader that goes wrong.
DECLARATION = """
import ctypes, itertools, os, signal, sys
from grader.declaration import Assignment, Limits, Problem, Reading, Wanted
from grader.records import Judged

def hang():
    all(itertools.repeat(True))  # in C: no thread of this process and no signal handler runs any more

def read(files):
    (_, content), = files.values()
    what = content.decode().splitlines()[0].strip("# ")
    if what == "hang":
        hang()
    if what == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "crash":
        ctypes.string_at(0)
    if what == "exit":
        os._exit(0)
    if what == "memory":
        held = [bytearray(1 << 20)]
        while True:
            held.append(held[-1] * 2)
    if what == "half":  # a report whose printing got no further than a line of the student's
        os.write(1, b'what you printed:\\n' + FORGED + b'\\n')
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "late":  # the report is out, and the process does not end
        import atexit
        os._exit = lambda code: hang()
    return Judged(True)

FORGED = FORGED_LINE
AT_IMPORT

ASSIGNMENT = Assignment(
    name="shaky", title="Shaky", wanted=(Wanted("shaky.py", defines=("f",)),),
    problems=(Problem("Shaky", 10, (Reading("there", read),)),), suites={},
    limits=Limits(call_s=1, total_s=1),
)
"""


@pytest.fixture
def shaky(tmp_path: Path) -> Path:
    folder = tmp_path / "assignments" / "shaky"
    (folder / "starter").mkdir(parents=True)
    (folder / "adapter.py").write_text("")
    (folder / "starter" / "shaky.py").write_text("def f():\n    pass\n")
    (tmp_path / "course.toml").write_text(
        'assignment = "shaky"\ntime_limit_s = 10\n\n[points]\n"Shaky" = 10\n'
    )
    return tmp_path


def command(shaky: Path, does: str, *, at_import: str = "") -> list[str]:
    declaration = DECLARATION.replace("FORGED_LINE", repr(FORGED.encode())).replace("AT_IMPORT", at_import)
    (shaky / "assignments" / "shaky" / "assignment.py").write_text(declaration)
    (shaky / "shaky.py").write_text(f"# {does}\ndef f():\n    pass\n")
    return [
        *(
            sys.executable,
            "-m",
            "grader",
            "grade",
            "--format",
            "autolab",
            "--course",
            str(shaky / "course.toml"),
        ),
        *("--assignments", str(shaky / "assignments"), str(shaky / "shaky.py")),
    ]


def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    done: subprocess.CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload]
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, **options
    )
    return done


def limited(limit_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("hang", "The time limit was reached."),
        ("stop", "The time limit was reached."),
        ("kill", "was killed by SIGKILL"),
        ("crash", "was killed by SIGSEGV"),
        ("exit", "ended by itself (exit status 0)"),
        ("half", "was killed by SIGKILL"),
        ("memory", ""),
    ],
)
def test_the_last_line_stands_there_whatever_the_grader_does(shaky: Path, does: str, why: str) -> None:
    """It records no score, it is the last, the exit status is 0, and a forged line counts for nothing."""
    limits = {"preexec_fn": lambda: limited(2 << 30)} if does == "memory" else {}
    done = run(command(shaky, does), **limits)
    assert done.returncode == 0, done.stderr
    assert autolab_reading.read(done.stdout, ["Shaky"]) == {"Shaky": None}
    assert why in done.stdout
    assert FORGED not in done.stdout


@pytest.mark.parametrize("at_import", ["hang()", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_an_assignment_that_cannot_even_be_read_has_its_last_line(shaky: Path, at_import: str) -> None:
    """Before its problems are known, the course's file names them."""
    done = run(command(shaky, "nothing", at_import=at_import))
    assert done.returncode == 0, done.stderr
    assert autolab_reading.read(done.stdout, ["Shaky"]) == {"Shaky": None}


@pytest.mark.parametrize("does", ["nothing", "late"])
def test_a_report_that_is_complete_is_the_one(shaky: Path, does: str) -> None:
    """What happens after it takes nothing away, and adds no second last line."""
    done = run(command(shaky, does))
    assert done.returncode == 0
    assert autolab_reading.read(done.stdout, ["Shaky"]) == {"Shaky": 10}
    assert done.stdout.count('{"scores"') == 1


def test_the_last_words_take_the_place_of_an_older_report(shaky: Path) -> None:
    """With --output they stand in the file, and nowhere else."""
    output = shaky / "report.txt"
    output.write_text(f"{FORGED}\n")
    done = run([*command(shaky, "kill"), "--output", str(output)])
    assert (done.returncode, done.stdout) == (0, "")
    assert autolab_reading.read(output.read_text(), ["Shaky"]) == {"Shaky": None}


def gru_cell(tmp_path: Path, source: str, *arguments: str) -> subprocess.Popen[str]:
    """Return a grading under way, in pipes."""
    (tmp_path / "gru.py").write_text(source)
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "grader",
            "grade",
            "--assignment",
            "gru_cell",
            *arguments,
            tmp_path / "gru.py",
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_grader_that_is_killed_at_any_moment_has_its_last_line(tmp_path: Path) -> None:
    """From before it has read its arguments until after its report: null for each problem, or the points."""
    moments = random.Random(9)
    found = set()
    for _ in range(10):
        process = gru_cell(tmp_path, MODEL.read_text(), "--format", "autolab")
        time.sleep(moments.uniform(0.02, 2.5))
        there = below(process.pid)
        for pid in there[:1]:
            os.kill(pid, signal.SIGKILL)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        scores = autolab_reading.read(out, GRU_CELL)
        assert out.count('{"scores"') == 1
        assert alive(there) == []
        found.add(tuple(scores.values()))
    assert (None, None) in found
    assert found <= {(None, None), (30, 70)}


SLEEPS = "import time\ntime.sleep(900)\n"


def with_a_job(process: subprocess.Popen[str]) -> list[int]:
    """Return the worker, the zygote and the job, once they are there."""
    until = time.monotonic() + 120
    there: list[int] = []
    while time.monotonic() < until:
        time.sleep(0.5)
        before, there = there, below(process.pid)
        if len(there) == 3 and there == before:  # else it was a short-lived one of the libraries'
            return there
    raise AssertionError(there)


@pytest.mark.parametrize("format_", ["autolab", "text"])
def test_when_the_supervisor_is_killed_all_end(tmp_path: Path, format_: str) -> None:
    """The kernel sees to it: worker, zygote and job."""
    process = gru_cell(tmp_path, SLEEPS, "--format", format_)
    there = with_a_job(process)
    process.kill()
    process.communicate(timeout=60)
    assert alive(there) == []


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [(signal.SIGTERM, -signal.SIGTERM, ""), (signal.SIGINT, 130, "interrupted; nothing was recorded")],
)
def test_signals_reach_who_grades(tmp_path: Path, number: int, status: int, said: str) -> None:
    """The command ends of them as a single process would, and takes all below it along."""
    process = gru_cell(tmp_path, SLEEPS)
    there = with_a_job(process)
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == status
    assert said in err
    assert alive(there) == []


def test_a_platform_that_stops_the_grading_gets_its_last_line(tmp_path: Path) -> None:
    """As `timeout` does, by SIGTERM."""
    process = gru_cell(tmp_path, SLEEPS, "--format", "autolab")
    there = with_a_job(process)
    process.terminate()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert autolab_reading.read(out, GRU_CELL) == dict.fromkeys(GRU_CELL)
    assert alive(there) == []


def test_without_a_platform_it_is_said_and_no_zero(tmp_path: Path) -> None:
    """A grader that is killed ends with exit status 3 and a sentence."""
    process = gru_cell(tmp_path, SLEEPS, "--format", "json")
    there = with_a_job(process)
    os.kill(there[0], signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "")
    assert "was killed by SIGKILL" in err
    assert "Nothing was recorded." in err
    assert alive(there) == []


def test_closed_outputs_are_no_pipes_of_ours(tmp_path: Path) -> None:
    """After `>&- 2>&-` nothing is written into another's descriptor, and the exit status is right."""
    quiet = ["bash", "-c", '"$@" <&- >&- 2>&-', "-", sys.executable, "-m", "grader", "grade"]
    assert run([*quiet, "--format", "autolab", str(MODEL)]).returncode == 0
    assert run([*quiet, "--fail-under", "100", str(MODEL)]).returncode == 0
    assert run([*quiet, str(tmp_path / "none.tar")]).returncode == 2


def test_the_line_without_names_is_autolabs() -> None:
    """What is kept in words, since nothing can be imported any more, is what the renderer writes."""
    assert autolab_line.without_scores([]) == endings.NO_NAMES
    assert json.loads(endings.NO_NAMES)["scores"] == {autolab_line.UNKNOWN: None}


def test_the_last_option_counts() -> None:
    """As argparse has it, in both spellings."""
    said = supervisor.said
    assert said(["grade", "--format", "json", "--format=autolab", "x"], "--format") == "autolab"
    assert said(["grade", "--format=autolab", "--format", "text"], "--format") == "text"
    assert said(["grade", "--format"], "--format") is None


def test_the_shorter_limit_is_the_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what autodriver tells the job and what the course's file says; and a batch has none."""
    course = tmp_path / "course.toml"
    course.write_text("time_limit_s = 120\n")
    monkeypatch.delenv(supervisor.TIME_LIMIT_VARIABLE, raising=False)
    limit_s = limits.platforms_limit_s
    assert limit_s(["grade", "--course", str(course), "x.tar"]) == 120
    assert limit_s(["batch", "--course", str(course), "--out", "r", "x"]) is None
    assert limit_s(["grade", "x.tar"]) is limit_s([]) is None
    monkeypatch.setenv(supervisor.TIME_LIMIT_VARIABLE, "90")
    assert limit_s(["grade", f"--course={course}", "x.tar"]) == 90
    assert limit_s(["grade", "x.tar"]) == 90
    for odd in ("time_limit_s = 'soon'", "time_limit_s = -1", "time_limit_s = nan", "no toml", "\x00"):
        course.write_text(odd)
        assert limit_s(["grade", "--course", str(course), "x.tar"]) == 90
    monkeypatch.delenv(supervisor.TIME_LIMIT_VARIABLE)
    os.mkfifo(tmp_path / "pipe")
    assert limit_s(["grade", "--course", str(tmp_path / "pipe"), "x.tar"]) is None  # and does not wait for it


def test_a_terminals_interrupt_arrives_once(tmp_path: Path) -> None:
    """Ctrl-C reaches the worker as one signal, and what it says is on the terminal."""
    (tmp_path / "gru.py").write_text(SLEEPS)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        grade = ["grade", "--assignment", "gru_cell", str(tmp_path / "gru.py")]
        os.execv(sys.executable, [sys.executable, "-m", "grader", *grade])
    there: list[int] = []
    until = time.monotonic() + 120
    while len(there := below(pid)) < 3 and time.monotonic() < until:
        time.sleep(0.2)
    os.write(terminal, b"\x03")
    said = b""
    with contextlib.suppress(OSError):  # the other end of a terminal is gone
        while chunk := os.read(terminal, 1 << 12):
            said += chunk
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
    assert said.count(b"cellgrade: interrupted; nothing was recorded") == 1
    assert b"Traceback" not in said
    assert alive(there) == []


def test_whoever_insists_ends_what_heeds_nothing(tmp_path: Path) -> None:
    """A worker that is stopped, or stuck in C code, is killed at the third Ctrl-C."""
    process = gru_cell(tmp_path, SLEEPS)
    there = with_a_job(process)
    os.kill(there[0], signal.SIGSTOP)
    for _ in range(3):
        assert process.poll() is None
        time.sleep(0.2)  # two that are not yet taken are one
        os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert alive(there) == []
