"""The command line, mostly as a real process: exit codes, formats, what is said when something is wrong."""

from __future__ import annotations

import argparse
import json
import os
import pty
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import shipped

from grader import cli, discovery, engine, listed, policy
from grader.declaration import Assignment
from grader.errors import GraderError
from grader.records import Suite
from grader.report import autolab_reading, json_report, outline, text
from grader.report.forms import RENDERERS

ROOT = Path(__file__).parents[2]
CELLGRADE = Path(sys.executable).parent / "cellgrade"
MODEL = ROOT / "src" / "gru_cell"
STARTER = ROOT / "grader" / "assignments" / "gru_cell" / "starter"
PROBLEMS = ["GRU Cell Forward", "GRU Cell Backward"]
GRADED, BELOW, USAGE, OUR_FAULT = 0, 1, 2, 3


def start(*arguments: str | Path, cwd: Path = ROOT, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [CELLGRADE, *arguments],
        cwd=cwd,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Return what the process said, once it has ended; a traceback of ours is never among it."""
    stdout, stderr = process.communicate(timeout=60)
    assert not shows_our_traceback(stdout + stderr), stdout + stderr
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def shows_our_traceback(said: str) -> bool:
    """Whether it does. The student's own, in a report, is indented."""
    return any(line.startswith("Traceback") for line in said.splitlines())


def cellgrade(*arguments: str | Path, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    return finish(start(*arguments, cwd=cwd, **variables))


# A real tar, and what else a student may hand in


@pytest.fixture(scope="module")
def hand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the model hand-in in every form, made by the commands that students use."""
    folder = tmp_path_factory.mktemp("hand_ins")
    for command in (
        ["tar", "-czf", "handin.tar"],
        ["tar", "-cf", "plain.tar"],
        ["tar", "-czf", "handin.tar.gz"],
    ):
        subprocess.run([command[0], command[1], folder / command[2], "-C", MODEL, "hw3"], check=True)
    subprocess.run(["tar", "-czf", folder / "starter.tar", "-C", STARTER, "hw3"], check=True)
    subprocess.run(["tar", "-cf", folder / "empty.tar", "-T", "/dev/null"], check=True)
    whole = (folder / "handin.tar").read_bytes()
    (folder / "corrupted.tar").write_bytes(whole[:200] + b"\0" * 40 + whole[240:])
    with zipfile.ZipFile(folder / "handin.zip", "w") as archive:
        archive.write(MODEL / "hw3" / "gru.py", "hw3/gru.py")
    (folder / "gru.py").write_bytes((MODEL / "hw3" / "gru.py").read_bytes())
    return folder


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Return the command line in this process, its suites drawn once: for what needs no process of
    its own.
    """
    for module in (discovery, listed):
        monkeypatch.setattr(module, "assignments", lambda: (gru_cell(),))

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        code = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert not shows_our_traceback(said.out + said.err)
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return run


@cache
def gru_cell() -> Assignment:
    assignment = discovery.by_name("gru_cell", ASSIGNMENTS)
    return replace(assignment, suites={"cells": cache(assignment.suites["cells"])})


ASSIGNMENTS = discovery.assignments()

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def graded(hand_ins: Path) -> subprocess.CompletedProcess[str]:
    """Return a real grading of a real tar, as JSON."""
    return cellgrade("grade", "--format", "json", hand_ins / "handin.tar")


def test_a_real_tar_is_graded(graded: subprocess.CompletedProcess[str]) -> None:
    """`cellgrade grade handin.tar` gives the model hand-in all points and exits 0, with nothing on stderr.

    That it is the published solution is told, and costs nothing without a course's settings.
    """
    report = json.loads(graded.stdout)
    assert (graded.returncode, graded.stderr) == (GRADED, "")
    assert (report["status"], report["score"], report["max_score"]) == ("graded", 100, 100)
    assert report["submission"]["hand_in"] == "handin.tar"
    assert [finding["message"] for finding in report["findings"]] == [policy.PUBLISHED]


def test_the_json_fulfils_its_schema(graded: subprocess.CompletedProcess[str], hand_ins: Path) -> None:
    """What a program reads has the form that is published, graded or rejected."""
    rejected = cellgrade("grade", "--format=json", hand_ins / "corrupted.tar")
    for answer in (graded, rejected):
        jsonschema.validate(json.loads(answer.stdout), json_report.schema())
    assert json.loads(rejected.stdout)["status"] == "rejected"


def test_the_suite_is_that_of_the_seed(graded: subprocess.CompletedProcess[str], in_process: Run) -> None:
    """Another process draws the same suite for the default seed; --seed draws one whose seed is not told."""
    report = json.loads(graded.stdout)["suite"]
    assert report == {"seed": 0, "cases": 64, "sha256": gru_cell().suites["cells"](0).sha256}
    other = json.loads(in_process("grade", "--format", "json", "--seed", "7", MODEL).stdout)
    assert other["suite"]["seed"] is None
    assert other["suite"]["sha256"] != report["sha256"]
    assert other["score"] == 100


@pytest.mark.parametrize(
    "name", ["handin.tar", "plain.tar", "handin.tar.gz", "handin.zip", "gru.py", "."], ids=lambda name: name
)
def test_every_form_of_hand_in_is_taken(hand_ins: Path, in_process: Run, name: str, tmp_path: Path) -> None:
    """A tar, compressed or not and whatever it is called, a zip, a folder or a single file: all points."""
    path = MODEL if name == "." else hand_ins / name
    done = in_process("grade", path)
    assert done.returncode == GRADED
    assert done.stdout.endswith("Total                     100 / 100\n")
    assert ("the statement asks for" in done.stdout) == (name in ("plain.tar", "handin.zip"))


# Exit codes


def test_fail_under_is_a_bar(hand_ins: Path, in_process: Run) -> None:
    """Below the points that are asked for the exit status is 1, at them 0; the report is the same."""
    model, starter = hand_ins / "handin.tar", hand_ins / "starter.tar"
    assert in_process("grade", "--fail-under", "100", model).returncode == GRADED
    assert in_process("grade", "--fail-under", "100.5", model).returncode == BELOW
    assert in_process("grade", "--fail-under", "0", starter).returncode == GRADED
    below = in_process("grade", "--fail-under", "1", starter)
    assert below.returncode == BELOW
    assert below.stdout == in_process("grade", starter).stdout


def test_no_points_are_no_error(hand_ins: Path, in_process: Run) -> None:
    """The starter is graded: 0 points, exit status 0."""
    done = in_process("grade", hand_ins / "starter.tar")
    assert done.returncode == GRADED
    assert "this is the starter, unchanged" in done.stdout


@pytest.mark.parametrize("name", ["corrupted.tar", "empty.tar"])
def test_a_rejected_hand_in_is_graded(hand_ins: Path, name: str) -> None:
    """What cannot be unpacked, or is empty, gets 0 points: exit status 0, and 1 under a bar."""
    done = cellgrade("grade", "--assignment", "gru_cell", hand_ins / name)
    assert done.returncode == GRADED
    assert "This hand-in could not be graded, so it gets 0 points." in done.stdout
    assert name in done.stdout
    barred = cellgrade("grade", "--assignment", "gru_cell", "--fail-under", "1", hand_ins / name)
    assert (barred.returncode, barred.stdout) == (BELOW, done.stdout)


WRONG_USAGE: Sequence[tuple[list[str], str]] = [
    ([], "COMMAND"),
    (["mark"], "invalid choice: 'mark'"),
    (["grade"], "HANDIN"),
    (["grade", "--seed", "-1", "MODEL"], "a seed is a whole number, 0 or more, not '-1'"),
    (["grade", "--seed", "1.5", "MODEL"], "a seed is a whole number, 0 or more, not '1.5'"),
    (["grade", "--fail-under", "most", "MODEL"], "points are a number, not 'most'"),
    (["grade", "--fail-under", "nan", "MODEL"], "points are a number, not 'nan'"),
    (["grade", "--format", "pdf", "MODEL"], "invalid choice: 'pdf'"),
    (["grade", "--form", "text", "MODEL"], "unrecognized arguments: --form"),
    (["grade", "MODEL", "MODEL"], "unrecognized arguments"),
    (["grade", "--assignment", "lstm", "MODEL"], "there is no assignment 'lstm'; there are: gru_cell"),
    (["grade", "/dev/null/handin.tar"], "/dev/null/handin.tar"),
    (["grade", "/dev/null"], "/dev/null"),
    (
        ["grade", "--assignment", "gru_cell", "--output", "/dev/null/report", "EMPTY"],
        "/dev/null/report",
    ),
]


def words(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else "says"


@pytest.mark.parametrize(("arguments", "says"), WRONG_USAGE, ids=words)
def test_wrong_usage_is_a_sentence(in_process: Run, hand_ins: Path, arguments: list[str], says: str) -> None:
    """Exit status 2, nothing on stdout, and on stderr what is wrong: no name of a function of ours."""
    named = {"MODEL": str(MODEL), "EMPTY": str(hand_ins / "empty.tar")}
    done = in_process(*(named.get(argument, argument) for argument in arguments))
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert says in done.stderr
    assert "invalid _" not in done.stderr


def test_wrong_usage_of_a_real_process() -> None:
    """The exit status is that of the process, too."""
    done = cellgrade("grade", "--assignment", "lstm", MODEL)
    assert (done.returncode, done.stdout) == (USAGE, "")
    names = ", ".join(one.name for one in discovery.assignments())
    assert done.stderr == f"cellgrade: there is no assignment 'lstm'; there are: {names}\n"


def test_what_is_not_recognised_lists_the_choices(tmp_path: Path) -> None:
    """A folder that holds no homework that we know: the sentence says what there is to choose from."""
    (tmp_path / "notes.md").write_text("to do")
    done = cellgrade("grade", tmp_path)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert "--assignment NAME" in done.stderr
    assert "gru_cell" in done.stderr


# Our fault


@pytest.mark.parametrize("python", ["/bin/false", "/dev/null/python"])
def test_our_fault_is_neither_a_score_nor_a_zero(hand_ins: Path, python: str) -> None:
    """When the student's process cannot be started the exit status is 3, and nothing is recorded."""
    both = [
        start("grade", f"--format={form}", hand_ins / "handin.tar", CELLGRADE_STUDENT_PYTHON=python)
        for form in ("text", "json")
    ]
    as_text, as_json = map(finish, both)
    assert (as_text.returncode, as_json.returncode) == (OUR_FAULT, OUR_FAULT)
    assert outline.OURS in as_text.stdout
    assert "Total: nothing was recorded" in as_text.stdout
    report = json.loads(as_json.stdout)
    jsonschema.validate(report, json_report.schema())
    assert (report["status"], report["score"]) == ("error", None)
    assert [problem["points"] for problem in report["problems"]] == [None, None]


def test_our_fault_is_not_below_a_bar(in_process: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader that failed does not fail the student: the exit status is 3, never 1."""

    def draw(_: int) -> Suite:
        raise GraderError("no cases today")

    monkeypatch.setattr(listed, "assignments", lambda: (replace(gru_cell(), suites={"cells": draw}),))
    done = in_process("grade", "--fail-under", "1", MODEL)
    assert done.returncode == OUR_FAULT
    assert "no cases today" in done.stdout


@pytest.mark.parametrize("where", [(engine, "grade"), (text, "render"), (listed, "assignments")])
def test_a_bug_of_ours_is_a_sentence(
    in_process: Run, monkeypatch: pytest.MonkeyPatch, where: tuple[object, str]
) -> None:
    """Whatever breaks, wherever: exit status 3, the sentence, and no traceback."""

    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a\x1b[31mbug")

    monkeypatch.delenv("CELLGRADE_DEBUG", raising=False)
    monkeypatch.setattr(*where, breaks)
    done = in_process("grade", MODEL)
    assert done.returncode == OUR_FAULT
    assert done.stderr == f"{outline.OURS}\nZeroDivisionError: a\\x1b[31mbug\n"


def test_a_bug_shows_where_if_asked(in_process: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CELLGRADE_DEBUG set the exception is let through, for whoever mends it."""
    monkeypatch.setenv("CELLGRADE_DEBUG", "1")
    monkeypatch.setattr(engine, "grade", None)
    with pytest.raises(TypeError):
        in_process("grade", MODEL)


def test_an_interrupt_is_a_sentence(in_process: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it as it ends other commands, without a traceback."""

    def interrupted(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(engine, "grade", interrupted)
    done = in_process("grade", MODEL)
    assert (done.returncode, done.stdout) == (130, "")
    assert "nothing was recorded" in done.stderr


# Autolab: exit status 0 and a last line, whatever happens


def scores(done: subprocess.CompletedProcess[str]) -> dict[str, float | None]:
    """Return what Autolab records of this output, whose other half it does not see."""
    assert done.returncode == GRADED
    assert done.stdout.isascii()
    return dict(autolab_reading.read(done.stdout, PROBLEMS))


def test_autolab_gets_the_points(hand_ins: Path, in_process: Run) -> None:
    """The model hand-in's last line gives all points, a damaged one's none, a bar or not."""
    model = in_process("grade", "--format", "autolab", "--fail-under", "200", hand_ins / "handin.tar")
    assert scores(model) == {"GRU Cell Forward": 30, "GRU Cell Backward": 70}
    damaged = in_process("grade", "--format", "autolab", hand_ins / "corrupted.tar")
    assert scores(damaged) == {"GRU Cell Forward": 0, "GRU Cell Backward": 0}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(arguments, says) for arguments, says in WRONG_USAGE if "--format" not in arguments],
    ids=words,
)
@pytest.mark.parametrize("option", [["--format", "autolab"], ["--format=autolab"]], ids=["apart", "one word"])
def test_wrong_usage_is_no_zero_in_autolab(
    in_process: Run, hand_ins: Path, arguments: list[str], says: str, option: list[str]
) -> None:
    """A Makefile that calls us wrongly records nothing, and the student reads whose fault it is not."""
    named = {"MODEL": str(MODEL), "EMPTY": str(hand_ins / "empty.tar")}
    command, *rest = [named.get(argument, argument) for argument in arguments] or [""]
    done = in_process(command, *option, *rest)
    assert scores(done) == dict.fromkeys(PROBLEMS)
    assert outline.OURS in done.stdout
    assert says in done.stdout.replace("\n", " ") + done.stderr


def test_our_fault_is_no_zero_in_autolab(hand_ins: Path, tmp_path: Path) -> None:
    """A real process whose sandbox does not start, or that has nowhere to write: nulls, exit status 0."""
    broken = start(
        "grade", "--format", "autolab", hand_ins / "handin.tar", CELLGRADE_STUDENT_PYTHON="/bin/false"
    )
    missing = start("grade", "--format", "autolab", "--assignment=gru_cell", tmp_path / "missing.tar")
    empty = start(
        "grade", "--format", "autolab", "--output", tmp_path, "--assignment=gru_cell", hand_ins / "empty.tar"
    )
    for process in (broken, missing, empty):
        done = finish(process)
        assert scores(done) == dict.fromkeys(PROBLEMS)
        assert outline.OURS in done.stdout


@pytest.mark.parametrize("where", [(engine, "grade"), (discovery, "by_name"), (text, "render")])
def test_a_bug_of_ours_is_no_zero_in_autolab(
    in_process: Run, monkeypatch: pytest.MonkeyPatch, where: tuple[object, str]
) -> None:
    """An exception with a message that is hostile to a terminal and to ASCII still ends in a last line."""

    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Größe:\x1b[31m\n::error::\udcff")

    monkeypatch.setattr(*where, breaks)
    done = in_process("grade", "--format", "autolab", "--assignment", "gru_cell", MODEL)
    assert scores(done) == dict.fromkeys(PROBLEMS)
    assert done.stdout.count(outline.OURS) == 1
    assert "\x1b" not in done.stdout


def test_autolab_names_the_problems_of_its_assignment_alone(
    in_process: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where several homeworks are known, the last line has the problems of the one that was named."""
    [forward, backward] = gru_cell().problems
    other = replace(gru_cell(), name="other", problems=(replace(forward, name="Other"), backward))
    monkeypatch.setattr(listed, "assignments", lambda: (other, gru_cell()))
    for option in (["--assignment", "gru_cell"], ["--assignment=gru_cell"]):
        done = in_process("grade", "--format", "autolab", *option, "/dev/null/handin.tar")
        assert scores(done) == dict.fromkeys(PROBLEMS)


def test_a_file_for_autolab_is_never_the_last_students(in_process: Run, tmp_path: Path) -> None:
    """With --output, also what went wrong goes there: what was in the file is not read again."""
    output = tmp_path / "feedback"
    output.write_text('{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}, "scoreboard": []}\n')
    done = in_process("grade", "--format", "autolab", "--output", output, tmp_path / "missing.tar")
    assert (done.returncode, done.stdout) == (GRADED, "")
    assert autolab_reading.read(output.read_text(), PROBLEMS) == dict.fromkeys(PROBLEMS)


def test_a_broken_assignment_is_no_zero_in_autolab(
    in_process: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """When not even the problems' names can be read, the last line still records nothing."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "assignment.py").write_text("raise SystemExit(0)")
    monkeypatch.setattr(listed, "assignments", lambda: (discovery.assignment(tmp_path / "broken"),))
    done = in_process("grade", "--format", "autolab", MODEL)
    assert done.returncode == GRADED
    assert list(autolab_reading.read(done.stdout, ["unknown problem"]).values()) == [None]
    assert in_process("grade", MODEL).returncode == OUR_FAULT


# Where the output goes


def test_output_goes_to_a_file(hand_ins: Path, in_process: Run, tmp_path: Path) -> None:
    """With --output the report is in the file, the same bytes, and nothing is on stdout."""
    for form in RENDERERS:
        shown = in_process("grade", "--format", form, hand_ins / "starter.tar")
        written = in_process("grade", "--format", form, "--output", tmp_path / form, hand_ins / "starter.tar")
        assert (written.returncode, written.stdout, written.stderr) == (GRADED, "", "")
        assert (tmp_path / form).read_bytes() == shown.stdout.encode()


def test_annotations_name_the_files_of_the_checkout(in_process: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the folder where `grade` is started: what lies outside of it has no line in a checkout."""
    starter = ROOT / "grader" / "assignments" / "gru_cell" / "starter"
    for folder, at in ((ROOT, "grader/assignments/gru_cell/starter/"), (starter, ""), (ROOT / "tests", "")):
        monkeypatch.chdir(folder)
        done = in_process("grade", "--format=annotations", os.path.relpath(starter))
        files = re.findall(r"^::error file=([^,]*),", done.stdout, re.MULTILINE)
        assert files
        assert set(files) == {f"{at}hw3/gru.py"}


@pytest.mark.parametrize("form", RENDERERS)
def test_a_reader_that_has_gone_is_no_error(hand_ins: Path, form: str) -> None:
    """`cellgrade ... | head -1` is quiet, and its exit status is still that of the grading."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [CELLGRADE, "grade", "--format", form, "--fail-under", "1", hand_ins / "corrupted.tar"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (GRADED if form == "autolab" else BELOW, "")


@pytest.mark.parametrize(
    "arguments", [["assignments"], ["grade", "--format=autolab", "/dev/null/handin.tar"]]
)
def test_a_reader_that_has_gone_gets_no_traceback(arguments: list[str]) -> None:
    """Nor do the other ways to end say anything to somebody who does not read."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [CELLGRADE, *arguments], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (GRADED, "")


@pytest.mark.parametrize(("form", "code"), [("text", OUR_FAULT), ("autolab", GRADED)])
def test_a_full_disk_is_our_fault(hand_ins: Path, form: str, code: int) -> None:
    """A report that cannot be written is not taken for one that was: exit status 3, without a traceback."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [CELLGRADE, "grade", "--format", form, hand_ins / "corrupted.tar"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == code
    assert not shows_our_traceback(done.stderr)
    assert (outline.OURS in done.stderr) == (form == "text")


def on_a_terminal(*arguments: str | Path, **variables: str) -> str:
    """Return what the command shows on a terminal."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen([CELLGRADE, *arguments], stdout=theirs, env={**environment, **variables}):
        os.close(theirs)
        shown = b""
        while True:
            try:
                chunk = os.read(ours, 4096)
            except OSError:  # Linux's way to say that the other end is closed
                break
            if not chunk:
                break
            shown += chunk
    os.close(ours)
    return shown.decode()


def test_colour_is_for_terminals(hand_ins: Path, tmp_path: Path) -> None:
    """On a terminal the report is coloured, unless NO_COLOR forbids it; piped or in a file it never is."""
    rejected = hand_ins / "corrupted.tar"
    plain = cellgrade("grade", rejected).stdout
    assert "\x1b" not in plain
    assert "\x1b[31m" in on_a_terminal("grade", rejected)
    assert "\x1b[31m" in on_a_terminal("grade", rejected, NO_COLOR="")  # https://no-color.org: "not empty"
    assert on_a_terminal("grade", rejected, NO_COLOR="1").replace("\r\n", "\n") == plain
    assert on_a_terminal("grade", "--output", tmp_path / "report", rejected) == ""
    assert (tmp_path / "report").read_text() == plain
    cellgrade("grade", "--format=json", "--output", tmp_path / "report", rejected)
    assert cellgrade("present", tmp_path / "report").stdout == plain
    assert on_a_terminal("present", tmp_path / "report") == on_a_terminal("grade", rejected)


def test_formatting_that_the_output_cannot_take_are_escaped(tmp_path: Path) -> None:
    """A report for a terminal of another encoding is not a failure of ours, and a file gets UTF-8."""
    odd = tmp_path / "Übung.tar"
    odd.write_text("not a tar")
    done = cellgrade("grade", odd, PYTHONIOENCODING="ascii")
    assert done.returncode == GRADED
    assert "\\xdcbung.tar" in done.stdout
    cellgrade("grade", "--output", tmp_path / "report", odd, PYTHONIOENCODING="ascii")
    assert "Übung.tar" in (tmp_path / "report").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", [form for form in RENDERERS if form != "text"])
def test_no_form_fails_where_its_letters_cannot_be_shown(tmp_path: Path, form: str) -> None:
    """Not even one that is meant for a file."""
    odd = tmp_path / "Übung.tar"
    odd.write_text("not a tar")
    done = cellgrade("grade", f"--format={form}", odd, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (GRADED, "")


# The other commands


def test_assignments_lists_problems_and_points() -> None:
    """What can be graded, with every problem and what it is worth."""
    done = cellgrade("assignments")
    assert (done.returncode, done.stderr) == (GRADED, "")
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert done.stdout.startswith("gru_cell  (100 points)  GRU_Cell: one step of a Gated Recurrent Unit")
    assert ["30", "GRU Cell Forward"] in lines
    assert ["70", "GRU Cell Backward"] in lines
    assert done.stdout.count("(a hand-in takes 90 s at most)") == 5


@pytest.mark.parametrize("command", [[], ["grade"], ["assignments"]], ids=str)
def test_help_mentions_exit_codes(in_process: Run, command: list[str]) -> None:
    """`--help` of every command works, and says what each exit status means."""
    done = in_process(*command, "--help")
    assert (done.returncode, done.stderr) == (GRADED, "")
    assert done.stdout.startswith("usage: cellgrade")
    for meaning in ("0 graded", "1 below --fail-under", "2 wrong usage", "3 the grader failed"):
        assert meaning in done.stdout


def test_the_module_is_the_command() -> None:
    """`python -m grader` and `cellgrade` are the same."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (GRADED, cellgrade("--version").stdout)


# The same bytes


CHATTY = """
import sys

def noisy(self, delta):
    print({"a", "b", "c"}, hash("salt"), np.random.rand())
    print("careful", file=sys.stderr)
    raise ValueError("no gradient yet")

GRU_Cell.backward = noisy
"""


@pytest.mark.parametrize("form", ["text", "json", "autolab"])
def test_the_same_hand_in_gives_the_same_bytes(tmp_path: Path, form: str) -> None:
    """Two at once, in other folders, with other hash seeds: one report, though the student prints a lot."""
    (tmp_path / "hw3").mkdir()
    (tmp_path / "hw3" / "gru.py").write_text((MODEL / "hw3" / "gru.py").read_text() + CHATTY)
    tar = tmp_path / "handin.tar"
    subprocess.run(["tar", "-czf", tar, "-C", tmp_path, "hw3"], check=True)
    command = ("grade", "--format", form)
    one = start(*command, tar, cwd=tmp_path, PYTHONHASHSEED="0", LANG="C", TZ="UTC")
    two = start(*command, "handin.tar", cwd=tmp_path, PYTHONHASHSEED="4242", TZ="Asia/Tokyo", COLUMNS="40")
    first, second = finish(one), finish(two)
    assert (first.returncode, first.stderr) == (GRADED, "")
    assert "careful" in first.stdout
    assert first.stdout == second.stdout


def test_every_command_is_where_the_table_says() -> None:
    """A command line is parsed by the module of its command alone, and all are in the list of all."""
    for name, module in cli.COMMANDS.items():
        parser = cli._parser([name])
        (action,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
        assert name in action.choices
        assert set(action.choices) == {one for one, its in cli.COMMANDS.items() if its == module}
    (action,) = (one for one in cli._parser([])._actions if isinstance(one, argparse._SubParsersAction))
    assert list(action.choices) == list(cli.COMMANDS)


# Of the house, what `grade` imports to grade a right answer with a baked suite and to print text; nothing
# else may creep in.
IMPORTED = """
    aside assigned autolab_rules baked calling cases cli compare course course_data criteria deadline
    declaration diagnosis discovery drawn engine errors formatting grading hints inside intake issuing
    leniency listed options outcomes places policy problems records remembered report responses sandbox
    score second secret slices snippet sources suite supervisor taken threads toplevel verdicts
"""
# To explain a wrong one, what its assignment is derived from as well.
TO_EXPLAIN = "cell equations faults"
# Of all that is installed, what takes long, and a grading has no use for.
NOT_IMPORTED = """
    asyncio email html hypothesis http importlib.metadata logging markdown_it msgspec multiprocessing nbformat
    numpy.ma numpy.random numpy.testing numpy.typing pytest rich ssl sqlite3 sysconfig tomllib torch unittest
    urllib.request xml yaml zipfile
"""
# Of packages that are imported, what only others need.
NOT_OF_OURS = """
    grader.diagnosis.smallest grader.inside.job grader.inside.outline grader.inside.preload
    grader.intake.magics grader.intake.zip_reader grader.report.github grader.report.json_form
    grader.report.junit
"""


# Of what names mistakes: what a right answer needs nothing of, and what nobody does once they are compiled.
NAMES_MISTAKES = {"grader.faults.matching", "grader.faults.written", "grader.cell.explaining"}
COMPILES_MISTAKES = {
    f"grader.faults.{name}" for name in ("compiling", "loop_compiling", "forward", "rules", "lines")
}
WRONG = (
    "gru_cell/backward/update_gate_derivative_left_out",
    "torch_gru_cell/backward/carry_dropped",
    "torch_lstm_cell/backward/candidate_path_dropped",
    "lstm_gru_theory/question_4/delta_left_out",
    "nback_rnn/application/gradient_turned",
    "rnn_step_by_step/lstm_backward/carries_swapped",
)


def imported(folder: Path, report: Path) -> set[str]:
    """Return the modules that `grade` has imported when it is done, where all it needs is kept."""
    code = (
        "import sys; from grader import cli\n"
        f"assert cli.main(['grade', {str(folder)!r}, '--output', {str(report)!r}]) == 0\n"
        "print(*sys.modules)"
    )
    run = [sys.executable, "-c", code]
    subprocess.run(run, cwd=ROOT, check=True, capture_output=True)
    return set(subprocess.run(run, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("mistake", [None, *WRONG])
def test_a_grading_imports_what_it_uses(mistake: str | None, tmp_path: Path) -> None:
    """A right answer's, and a wrong one's of every assignment: neither torch nor another command, form or
    platform; a mistake is named by what was compiled before.
    """
    folder = ROOT / "src" / "gru_cell" if mistake is None else shipped.wrong(mistake)
    names = imported(folder, tmp_path / "report.txt")
    ours = {name.split(".")[1] for name in names if name.startswith("grader.")}
    forms = {name for name in names if name.startswith("grader.report.")}
    assert not forms & {"grader.report.junit", "grader.report.github", "grader.report.json_form"}
    assert not names & {"torch", "hypothesis", "grader.batch", *COMPILES_MISTAKES}
    if mistake is None:
        assert ours - {*IMPORTED.split()} == set()
        assert {*NOT_IMPORTED.split(), *NOT_OF_OURS.split(), *NAMES_MISTAKES} & names == set()
        assert not [name for name in names if name.startswith(("cellgrade_assignment_", "reference"))]
    else:
        assert ours - {*IMPORTED.split(), *TO_EXPLAIN.split()} == set()
        assert "grader.faults.written" in names


def test_a_students_python_is_started_before_anything_large_is_imported() -> None:
    """What the command imports by then takes a few milliseconds: neither NumPy nor what is made of it."""
    code = "import sys, grader.__main__; print(*sys.modules)"
    names = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    large = {"numpy", "dataclasses", "json", "typing", "pathlib", "subprocess", "tempfile", "argparse"}
    assert large & set(names) == set()
    assert {name for name in names if name.startswith("grader.")} <= {
        "grader.__main__",
        "grader.inside",
        "grader.inside.kernel",
        "grader.sandbox",
        "grader.sandbox.student",
        "grader.supervisor",
        "grader.supervisor.limits",
        "grader.supervisor.worker",
        "grader.threads",
    }
