"""A lab that cellgrade writes: Autolab's own readers take it, and it says what is graded by.

Its Ruby file is called as Autolab calls it by tests/support/autolab.rb.
"""

from __future__ import annotations

import errno
import html
import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import shipped
import yaml

from grader import course, discovery, issuing
from grader.autolab import lab
from grader.autolab.dates import Dates, chosen
from grader.autolab.dates import written as dates_written
from grader.cli import main, options
from grader.course import Course
from grader.declaration import ORACLES, Loaded
from grader.errors import SandboxError, UsageError
from grader.intake import bounds
from grader.report import autolab, autolab_reading

ROOT = Path(__file__).parents[2]
KNOWN = discovery.assignments()
NAMES = [one.name for one in KNOWN]

# What Autolab does with an uploaded lab, with the library that it does it with: `valid_asmt_tar` of its
# app/controllers/assessments_controller.rb; Tango gets autograde-Makefile and autograde.tar of the folder.
IMPORT = r"""
require "rubygems/package"
require "yaml"
require "json"
require "time"
name = nil
files = {}
Gem::Package::TarReader.new(File.open(ARGV[0], "rb")).each do |entry|
  path = entry.full_name.chomp("/")
  if entry.directory? && path.count("/") == 0
    abort "two root folders" if name
    name = path
  else
    abort "no root folder before #{path}" unless name
    files[path] = entry.read
  end
end
abort "name #{name}" unless name =~ /\A[a-z0-9]+\z/
RubyVM::InstructionSequence.compile(files["#{name}/#{name}.rb"])
abort "module" unless files["#{name}/#{name}.rb"].include?("module #{name.capitalize}")
settings = YAML.safe_load(files["#{name}/#{name}.yml"])
abort "name" unless settings["general"]["name"] == name
abort "handout" unless files.key?("#{name}/#{settings["general"]["handout"]}")
abort "writeup" unless files.key?("#{name}/#{settings["general"]["writeup"]}")
dates = settings["dates"].values_at("start_at", "due_at", "end_at", "visible_at", "grading_deadline")
abort "dates" unless dates.all?(String) && dates.all? { |one| Time.parse(one) }
abort "order" unless dates[0] <= dates[1] && dates[1] <= dates[2]
abort "Makefile" unless files.key?("#{name}/autograde-Makefile") && files.key?("#{name}/autograde.tar")
print JSON.dump(settings)
"""


DAY = datetime(2026, 12, 1)
SETTING = lab.Setting(Dates(DAY, DAY, DAY))


def written(assignment: Loaded, setting: lab.Setting = SETTING, **changed: object) -> bytes:
    settings = replace(Course(assignment.name, time_limit_s=lab.time_limit_s(assignment)), **changed)  # type: ignore[arg-type]
    return lab.write(assignment, settings, setting, discovery.BUILT_IN)


def yml(assignment: Loaded, setting: lab.Setting = SETTING) -> dict[str, Any]:
    name = lab.lab_name(assignment)
    read = yaml.safe_load(unpacked(written(assignment, setting))[f"{name}/{name}.yml"])
    assert isinstance(read, dict)
    return read


def unpacked(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {
            one.name: tar.extractfile(one).read()  # type: ignore[union-attr]
            for one in tar
            if one.isfile()
        }


@pytest.mark.parametrize("name", NAMES)
def test_autolabs_own_reader_takes_it(name: str, tmp_path: Path) -> None:
    """Ruby's tar and YAML readers find what Autolab looks for, and read the problems and limits as graded."""
    if shutil.which("ruby") is None:
        pytest.skip("there is no ruby: apt install ruby")
    assignment = discovery.by_name(name, KNOWN)
    (tmp_path / "lab.tar").write_bytes(written(assignment))
    done = subprocess.run(["ruby", "-e", IMPORT, tmp_path / "lab.tar"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    settings = json.loads(done.stdout)
    assert {one["name"]: one["max_score"] for one in settings["problems"]} == {
        problem.name: problem.points for problem in assignment.problems if problem.points
    }
    assert settings["autograder"]["autograde_image"] == "cellgrade"
    assert 10 <= settings["autograder"]["autograde_timeout"] <= 900
    assert settings["autograder"]["autograde_timeout"] >= assignment.limits.total_s + 60


@pytest.mark.parametrize("name", NAMES)
def test_what_is_graded_by_is_what_the_lab_says(name: str, tmp_path: Path) -> None:
    """course.toml in autograde.tar has the problems, points and time limit of the yml."""
    assignment = discovery.by_name(name, KNOWN)
    files = unpacked(written(assignment, seed=5))
    folder = lab.lab_name(assignment)
    settings = yaml.safe_load(files[f"{folder}/{folder}.yml"])
    (tmp_path / "course.toml").write_bytes(unpacked(files[f"{folder}/autograde.tar"])["course.toml"])
    graded_by = course.read(tmp_path / "course.toml")
    assert graded_by.assignment == name
    assert graded_by.seed == 5
    assert graded_by.time_limit_s == settings["autograder"]["autograde_timeout"]
    rows = {one["name"]: one["max_score"] for one in settings["problems"]}
    assert {problem: points for problem, points in graded_by.points.items() if points} == rows


@pytest.mark.parametrize("name", NAMES)
def test_the_file_that_autolab_asks_for_is_the_one_that_the_statement_builds(name: str) -> None:
    """A student hears one name: from the handout's statement and from Autolab."""
    assignment = discovery.by_name(name, KNOWN)
    statement = (assignment.folder / "statement.md").read_text()
    assert lab.hand_in_name(assignment) in statement


def test_the_lab_is_the_same_bytes_each_time() -> None:
    """No time of writing is in it, so that a course can keep it under version control."""
    assignment = discovery.by_name("gru_cell", KNOWN)
    assert written(assignment) == written(assignment)


# What the handouts hold beside starter and statement. Nothing that only stands in for a library may be there.
HANDED_OUT = {"rnn_step_by_step": {"rnn_utils.py"}, "gru_notebook": {"homework.py"}}


@pytest.mark.parametrize("name", NAMES)
def test_students_get_the_starter_and_the_statement_and_no_answer(name: str) -> None:
    """The handout holds what a student is given; nothing in the lab is a model or a wrong answer."""
    assignment = discovery.by_name(name, KNOWN)
    files = unpacked(written(assignment))
    folder = lab.lab_name(assignment)
    handout = unpacked(files[f"{folder}/{folder}-handout.tar"])
    given = {path.removeprefix(f"{name}-handout/") for path in handout}
    # A later term's course may hand out more: what is named here must be real, the rest must not be ours.
    assert given == {"statement.md", *assignment.starter, *HANDED_OUT.get(name, set())}
    assert not [path for path, content in handout.items() if path.endswith(".py") and b"Stands in" in content]
    assert set(unpacked(files[f"{folder}/autograde.tar"])) == {"course.toml"}


def test_a_stand_in_runs_where_hand_ins_run_and_is_not_handed_out() -> None:
    """A student who unpacks the handout must not draw pictures into nothing."""
    nback = discovery.by_name("nback_rnn", KNOWN)
    assert {"matplotlib/pyplot.py", "scipy/optimize.py"} <= set(nback.provided)
    assert nback.handed_out == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_write_up_is_the_statement_as_a_page(name: str) -> None:
    """Every heading, table and word of the statement is there, in a page that a browser shows by itself."""
    assignment = discovery.by_name(name, KNOWN)
    files = unpacked(written(assignment))
    page = files[f"{lab.lab_name(assignment)}/statement.html"].decode()
    statement = (assignment.folder / "statement.md").read_text()
    shown = html.unescape(re.sub(r"<[^>]+>", "", page.partition("<body>")[2]))
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<table>") == len(re.findall(r"^\| -", statement, re.MULTILINE))
    assert page.count("<h2>") == len(re.findall(r"^## ", statement, re.MULTILINE))
    for word in re.findall(r"\w+", statement):
        assert word in shown


def test_a_lab_says_no_more_than_its_autolab_knows() -> None:
    """A field that it does not know aborts the import; one that it knows says what is meant."""
    assignment = discovery.by_name("gru_cell", KNOWN)

    def general(version: str, from_github: bool = False) -> dict[str, Any]:
        setting = replace(SETTING, autolab=version, from_github=from_github)
        fields = yml(assignment, setting)["general"]
        return {name: fields[name] for name in lab.SINCE if name in fields}

    assert general("2.7") == {}
    assert general("2.8") == {"github_submission_enabled": False}
    assert general("2.12.3") == {"github_submission_enabled": False}
    assert general("2.13") == {"github_submission_enabled": False, "disable_network": True}
    assert general("3.0", from_github=True) == {"github_submission_enabled": True, "disable_network": True}
    with pytest.raises(UsageError, match="a version of Autolab is like"):
        replace(SETTING, autolab="new")


@pytest.mark.parametrize("name", NAMES)
def test_what_we_take_can_be_uploaded(name: str) -> None:
    """What intake reads, no less: Autolab's own 2 MB turn a repository with its pictures away."""
    assignment = discovery.by_name(name, KNOWN)
    size_mib = yml(assignment)["general"]["max_size"]
    hand_in = lab.hand_in_name(assignment)
    limit = bounds.FILE_BYTES if hand_in.endswith(".py") else bounds.ARCHIVE_BYTES
    assert size_mib * bounds.MIB == limit


@pytest.mark.parametrize(
    ("start", "due", "end", "expected"),
    [
        (None, None, None, ("2026-11-21 00:00", "2026-12-05 23:59", "2026-12-05 23:59")),
        ("2027-01-10", None, None, ("2027-01-10 00:00", "2027-01-24 23:59", "2027-01-24 23:59")),
        (None, "2026-12-01 17:00", "2026-12-03",
         ("2026-11-21 00:00", "2026-12-01 17:00", "2026-12-03 23:59")),
        (None, "2026-11-01", None, ("2026-11-01 23:59", "2026-11-01 23:59", "2026-11-01 23:59")),
        (None, "2026-12-01 17:00+01:00", None,
         ("2026-11-21 00:00 +0100", "2026-12-01 17:00 +0100", "2026-12-01 17:00 +0100")),
    ],
)  # fmt: skip
def test_dates_are_those_that_were_asked_for(
    start: str | None, due: str | None, end: str | None, expected: tuple[str, ...]
) -> None:
    """From today on, due in two weeks, ending when due: unless it is said otherwise."""
    dates = chosen(date(2026, 11, 21), start, due, end)
    assert tuple(map(dates_written, (dates.start, dates.due, dates.end))) == expected


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("2026-12-05", "2026-12-01", None), "must follow one another"),
        ((None, "2026-12-05", "2026-12-01"), "must follow one another"),
        (("12/01/2026", None, None), "--start takes"),
        ((None, "tomorrow", None), "--due takes"),
        (("2026-12-01 10:00+01:00", "2026-12-05", None), "all have an offset"),
    ],
)
def test_dates_that_cannot_be_are_refused(said: tuple[str | None, ...], message: str) -> None:
    """Autolab would refuse them with a page, or a student could never hand in."""
    with pytest.raises(UsageError, match=message):
        chosen(date(2026, 11, 21), *said)


def saved(
    tmp_path: Path,
    problems: Sequence[str],
    submissions: Sequence[Mapping[str, Any]],
    feedback: str,
    config_submission: int | None = 0,
) -> list[dict[str, tuple[float | None, bool]]]:
    """Return the scores that Autolab has after a grading: problem -> (score, whether its row is the
    old one).
    """
    if shutil.which("ruby") is None:
        pytest.skip("there is no ruby: apt install ruby")
    assignment = discovery.by_name("gru_cell", KNOWN)
    (tmp_path / "lab.rb").write_bytes(unpacked(written(assignment))["grucell/grucell.rb"])
    scenario = {
        "problems": list(problems),
        "submissions": list(submissions),
        "feedback": feedback,
        "config_submission": config_submission,
    }
    done = subprocess.run(
        ["ruby", ROOT / "tests" / "support" / "autolab.rb", tmp_path / "lab.rb"],
        input=json.dumps(scenario),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [{name: tuple(row) for name, row in one.items()} for one in json.loads(done.stdout)]


FORWARD, BACKWARD, ESSAY = "GRU Cell Forward", "GRU Cell Backward", "Essay"
FAILED = (
    "The grader failed\n"
    + '{"scores": {"GRU Cell Forward": null, "GRU Cell Backward": null}, "scoreboard": []}'
)


def test_a_grading_that_fails_takes_no_score_away(tmp_path: Path) -> None:
    """What an earlier grading or a person gave stays; where nothing was, the row says why there is none."""
    before = {"dave": "k", "scores": {FORWARD: 25, ESSAY: 9}}
    (after,) = saved(tmp_path, [FORWARD, BACKWARD, ESSAY], [before], FAILED)
    assert after == {FORWARD: (25, True), ESSAY: (9, True), BACKWARD: (None, False)}


def test_a_score_of_0_is_a_score(tmp_path: Path) -> None:
    """And a row that has none yet may be written over."""
    before = {"dave": "k", "scores": {FORWARD: 0, BACKWARD: None}}
    (after,) = saved(tmp_path, [FORWARD, BACKWARD], [before], FAILED)
    assert after == {FORWARD: (0, True), BACKWARD: (None, False)}


def test_all_scores_kept_is_no_error(tmp_path: Path) -> None:
    """Nothing is left to be stored then, and Autolab puts no zeros anywhere."""
    before = {"dave": "k", "scores": {FORWARD: 25, BACKWARD: 60}}
    (after,) = saved(tmp_path, [FORWARD, BACKWARD, ESSAY], [before], FAILED)
    assert after == {FORWARD: (25, True), BACKWARD: (60, True)}


def test_a_grading_that_works_is_stored(tmp_path: Path) -> None:
    """Numbers go through as they are, lower ones too."""
    before = {"dave": "k", "scores": {FORWARD: 30, ESSAY: 9}}
    graded = '{"scores": {"GRU Cell Forward": 0, "GRU Cell Backward": 61.25}, "scoreboard": [61.25]}'
    (after,) = saved(tmp_path, [FORWARD, BACKWARD, ESSAY], [before], graded)
    assert after == {FORWARD: (0, False), BACKWARD: (61.25, False), ESSAY: (9, True)}


def test_a_group_is_graded_as_one(tmp_path: Path) -> None:
    """Its members' scores outlive a failure together, whoever is the first; another student's stay."""
    members = [
        {"dave": "k", "scores": {}},
        {"dave": "k", "scores": {BACKWARD: 60}},
        {"dave": "", "scores": {FORWARD: 1}},
    ]
    after = saved(tmp_path, [FORWARD, BACKWARD], members, FAILED)
    assert after == [
        {FORWARD: (None, False)},
        {BACKWARD: (60, True), FORWARD: (None, False)},
        {FORWARD: (1, True)},
    ]


def test_without_a_submission_nothing_is_stored_over_anything(tmp_path: Path) -> None:
    """Should Autolab not say whose scores these are, no null is stored at all."""
    before = {"dave": "k", "scores": {FORWARD: 25}}
    (after,) = saved(tmp_path, [FORWARD, BACKWARD], [before], FAILED, config_submission=None)
    assert after == {FORWARD: (25, True)}


def test_an_assignment_of_ones_own_travels_along(tmp_path: Path) -> None:
    """What the image does not have is in autograde.tar, without solutions; the Makefile names it."""
    own = tmp_path / "own" / "gru_again"
    shutil.copytree(discovery.BUILT_IN / "gru_cell", own)
    assignment = discovery.by_name("gru_again", discovery.assignments(tmp_path / "own"))
    files = unpacked(written(assignment))
    carried = unpacked(files["gruagain/autograde.tar"])
    assert {"course.toml", "assignments/gru_again/assignment.py"} <= set(carried)
    assert "assignments/gru_again/statement.md" in carried  # its equations are what is true
    assert not [path for path in carried if set(ORACLES) & set(path.split("/"))]
    assert b"--assignments assignments" in files["gruagain/autograde-Makefile"]


@pytest.mark.parametrize(
    ("until", "says", "not_there"),
    [
        (
            "2999-01-01T00:00:00Z",
            "The mistake is on the way back through Eq. (4).",
            "one of the ways back",
        ),
        ("1999-01-01T00:00:00Z", "one of the ways back to dh is missing", "The mistake is"),
    ],
)
def test_a_lab_tells_students_as_much_as_the_course_decides(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], until: str, says: str, not_there: str
) -> None:
    """From course.toml through the lab and its Makefile, in the text and in Autolab's table of hints."""
    settings = tmp_path / "course.toml"
    settings.write_text(
        "[hints]\ncounterexample = false\n"
        f'rules = [{{ until = {until}, to_attempt = 1, level = "equation" }}]\n'
    )
    assert main(["autolab-lab", "gru_cell", "--course", str(settings), "-o", str(tmp_path / "lab.tar")]) == 0
    assert "Autolab does not tell a job which attempt it is" in capfd.readouterr().out
    files = unpacked((tmp_path / "lab.tar").read_bytes())
    job = tmp_path / "job"
    job.mkdir()
    (job / "Makefile").write_bytes(files["grucell/autograde-Makefile"])
    (job / "autograde.tar").write_bytes(files["grucell/autograde.tar"])
    wrong = shipped.wrong("gru_cell/backward/carry_dropped")
    subprocess.run(["tar", "-cf", str(job / "handin.tar"), "-C", str(wrong), "hw3"], check=True)
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(["make"], cwd=job, env={"PATH": path}, capture_output=True, text=True, check=True)
    names = ["GRU Cell Forward", "GRU Cell Backward"]
    assert autolab_reading.read(done.stdout, names) == dict(zip(names, (30, 61.25), strict=True))
    text, feedback = " ".join(done.stdout.split()), done.stdout.splitlines()[-2]
    assert says in text
    assert says in feedback
    assert not_there not in text
    assert "Try it" not in text


@pytest.mark.parametrize("ending", ["killed", "missing tar", "shell killed"])
def test_make_ends_in_autolabs_line_whatever_becomes_of_cellgrade(tmp_path: Path, ending: str) -> None:
    """Killed for its memory, or without its autograde.tar: no score, rather than a zero."""
    assignment = discovery.by_name("gru_cell", KNOWN)
    quoted = replace(assignment.problems[0], name="It's $5 & #1")
    assignment = replace(assignment, problems=(quoted, assignment.problems[1]))
    files = unpacked(written(assignment))
    (tmp_path / "Makefile").write_bytes(files["grucell/autograde-Makefile"])
    if ending != "missing tar":
        (tmp_path / "autograde.tar").write_bytes(files["grucell/autograde.tar"])
    killed = "$PPID" if ending == "shell killed" else "$$"
    (tmp_path / "cellgrade").write_text(f"#!/bin/sh\nprintf 'half a li'\nkill -9 {killed}\n")
    (tmp_path / "cellgrade").chmod(0o755)
    done = subprocess.run(
        ["make"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # as in autodriver's log, so that what comes last is seen
        text=True,
    )
    assert done.returncode == 0
    names = [problem.name for problem in assignment.problems]
    assert autolab_reading.read(done.stdout, names) == dict.fromkeys(names)
    assert "that is not your fault" in done.stdout
    assert "-u of autodriver" in done.stdout
    if ending != "shell killed":
        assert f"it ended with status {137 if ending == 'killed' else 2}. 137 is a kill" in done.stdout


def test_a_grading_that_ends_well_ends_in_its_own_line(tmp_path: Path) -> None:
    """Neither make nor the shell adds anything below the scores."""
    assignment = discovery.by_name("gru_cell", KNOWN)
    files = unpacked(written(assignment))
    (tmp_path / "Makefile").write_bytes(files["grucell/autograde-Makefile"])
    (tmp_path / "autograde.tar").write_bytes(files["grucell/autograde.tar"])
    (tmp_path / "cellgrade").write_text("#!/bin/sh\necho the scores\n")
    (tmp_path / "cellgrade").chmod(0o755)
    done = subprocess.run(
        ["make"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "the scores")


@pytest.mark.parametrize("processes", [1, 2], ids=["no shell", "no fork"])
def test_the_last_line_needs_no_process(tmp_path: Path, processes: int) -> None:
    """Where the shell cannot fork any more, or make not even start one, the line is the last all the same."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a shell a user id of its own")
    assignment = discovery.by_name("gru_cell", KNOWN)
    files = unpacked(written(assignment))
    tmp_path.chmod(0o777)
    (tmp_path / "Makefile").write_bytes(files["grucell/autograde-Makefile"])
    (tmp_path / "autograde.tar").write_bytes(files["grucell/autograde.tar"])
    uid = 50_000 + os.getpid() % 10_000
    with tempfile.TemporaryDirectory() as open_folder:  # pytest's own is closed to others
        Path(open_folder).chmod(0o755)
        for name in ("Makefile", "autograde.tar"):
            shutil.copy(tmp_path / name, open_folder)
        done = subprocess.run(
            ["make"],
            cwd=open_folder,
            env={"PATH": "/usr/bin:/bin"},
            user=uid,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # as in autodriver's log, so that what comes last is seen
            text=True,
        )
    assert ("fork" if processes == 2 else "temporarily unavailable") in done.stdout
    names = [problem.name for problem in assignment.problems]
    assert (done.returncode, dict(autolab_reading.read(done.stdout, names))) == (0, dict.fromkeys(names))


def test_what_students_read_first_is_calm(tmp_path: Path) -> None:
    """While the job runs Autolab shows what is there: that it is being graded, and no alarm."""
    assignment = discovery.by_name("gru_cell", KNOWN)
    (tmp_path / "Makefile").write_bytes(unpacked(written(assignment))["grucell/autograde-Makefile"])
    done = subprocess.run(
        ["make"], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[0] == "Your hand-in is being graded. The report will stand below."


def test_no_failure_line_names_what_a_person_grades(tmp_path: Path) -> None:
    """In the Makefile, on wrong usage, out of time and in the report: what is left out stays as it was."""
    nback = discovery.by_name("nback_rnn", KNOWN)
    person, ours = (problem.name for problem in nback.problems)
    makefile = unpacked(written(nback))["nbackrnn/autograde-Makefile"].decode()
    assert ours in makefile
    assert person not in makefile
    assert options.rows(KNOWN, "nback_rnn") == [ours]
    failed = issuing.failed(nback, "handin.tar", SandboxError("no"))
    assert autolab_reading.read(autolab.render(failed), [ours]) == {ours: None}
    done = run("grade", "--format", "autolab", "--assignment", "nback_rnn", "--seed", "x", "handin.tar")
    assert autolab_reading.read(done.stdout, [ours]) == {ours: None}


@pytest.mark.parametrize(
    "error",
    [
        SandboxError("the student process did not start: [Errno 11] Resource temporarily unavailable. "),
        SandboxError(f"the student's Python does not start: {OSError(errno.EAGAIN, 'no further process')}"),
        RuntimeError("can't start new thread"),
        BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)),
    ],
)
def test_the_limit_on_processes_is_named_when_it_strikes(error: Exception) -> None:
    """Nobody could guess that other jobs on the machine count, or which option it is."""
    failed = issuing.failed(discovery.by_name("gru_cell", KNOWN), "handin.tar", error)
    said = " ".join(autolab.render(failed).split())
    assert "For course staff: the limit on processes was most likely reached" in said
    assert "-u of autodriver (VM_ULIMIT_USER_PROC in its config.py)" in said
    assert "limit on processes" not in autolab.render(
        issuing.failed(discovery.by_name("gru_cell", KNOWN), "handin.tar", SandboxError("something else"))
    )


def test_where_a_person_grades_all_the_line_is_not_empty() -> None:
    """Autolab would take an empty one for an error, and give zeros."""
    nback = discovery.by_name("nback_rnn", KNOWN)
    by_hand = replace(nback, problems=nback.problems[:1])
    assert by_hand.rows == (nback.problems[0].name,)
    failed = issuing.failed(by_hand, "handin.tar", SandboxError("no"))
    assert autolab_reading.read(autolab.render(failed), by_hand.rows) == dict.fromkeys(by_hand.rows)


def test_autolabs_line_is_there_when_make_itself_is_ended(tmp_path: Path) -> None:
    """Tango's limit may be shorter than ours, or the machine too busy to start us: no score, not a zero."""
    assignment = discovery.by_name("gru_cell", KNOWN)
    files = unpacked(written(assignment))
    (tmp_path / "Makefile").write_bytes(files["grucell/autograde-Makefile"])
    (tmp_path / "autograde.tar").write_bytes(files["grucell/autograde.tar"])
    os.mkfifo(tmp_path / "began")
    (tmp_path / "cellgrade").write_text("#!/bin/sh\necho > began\nexec sleep 600\n")
    (tmp_path / "cellgrade").chmod(0o755)
    make = subprocess.Popen(
        ["make"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    (tmp_path / "began").read_text()
    os.killpg(make.pid, signal.SIGKILL)
    names = [problem.name for problem in assignment.problems]
    assert autolab_reading.read(make.communicate()[0], names) == dict.fromkeys(names)


@pytest.mark.parametrize("image", ["cell-grade", "Cellgrade", "registry/cellgrade", ""])
def test_an_image_name_that_tango_does_not_take_is_refused(image: str) -> None:
    """Tango would leave the job "in progress" for ever."""
    with pytest.raises(UsageError, match="a-z, 0-9 and _"):
        replace(SETTING, image=image)


def test_a_name_without_letters_is_refused() -> None:
    """Ruby could not take it for a module's name."""
    with pytest.raises(UsageError, match="begin with a letter"):
        lab.lab_name(replace(discovery.by_name("gru_cell", KNOWN), name="3_cells"))


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_command_writes_the_courses_points(tmp_path: Path) -> None:
    """Points of a course.toml stand in the yml, and the sentence names the lab."""
    (tmp_path / "course.toml").write_text('assignment = "gru_cell"\n[points]\n"GRU Cell Forward" = 45\n')
    done = run("autolab-lab", "gru_cell", "-o", tmp_path / "lab.tar", "--course", tmp_path / "course.toml")
    assert done.returncode == 0, done.stderr
    assert "the lab grucell, for students' handin.tar" in done.stdout
    assert f"It starts {date.today()} 00:00, is due" in done.stdout
    assert "It is for Autolab 2.13 or newer" in done.stdout
    settings = yaml.safe_load(unpacked((tmp_path / "lab.tar").read_bytes())["grucell/grucell.yml"])
    assert settings["problems"][0] == {
        "name": "GRU Cell Forward",
        "description": "",
        "max_score": 45.0,
        "optional": False,
    }


def test_wrong_usage_of_the_command_is_a_sentence(tmp_path: Path) -> None:
    """An unknown assignment, another course's file, and a folder that is not there."""
    (tmp_path / "course.toml").write_text('assignment = "nback_rnn"\n')
    for arguments, says in (
        (("gru", "-o", tmp_path / "lab.tar"), "there is no assignment 'gru'"),
        (("gru_cell", "-o", tmp_path / "no" / "lab.tar"), "cannot be written to"),
        (("gru_cell", "-o", tmp_path / "lab.tar", "--due", "soon"), "--due takes"),
        (
            ("gru_cell", "-o", tmp_path / "lab.tar", "--course", tmp_path / "course.toml"),
            "is about nback_rnn, not about gru_cell",
        ),
    ):
        done = run("autolab-lab", *arguments)
        assert done.returncode == 2
        assert says in done.stderr
