"""A lab that cellgrade writes: Autolab's own readers take it, and it says what is graded by."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from grader import course, discovery
from grader.autolab import lab
from grader.course import Course
from grader.declaration import Assignment
from grader.errors import UsageError
from grader.report import autolab_rules

ROOT = Path(__file__).parent.parent
KNOWN = discovery.assignments()
NAMES = [one.name for one in KNOWN]

# What Autolab does with an uploaded lab, with the library that it does it with: `valid_asmt_tar` of its
# app/controllers/assessments_controller.rb; Tango gets autograde-Makefile and autograde.tar of the folder.
IMPORT = r"""
require "rubygems/package"
require "yaml"
require "json"
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
abort "Makefile" unless files.key?("#{name}/autograde-Makefile") && files.key?("#{name}/autograde.tar")
print JSON.dump(settings)
"""


def written(assignment: Assignment, **changed: object) -> bytes:
    settings = replace(Course(assignment.name, time_limit_s=lab.time_limit_s(assignment)), **changed)  # type: ignore[arg-type]
    return lab.write(assignment, settings, "cellgrade", discovery.BUILT_IN)


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
    assert assignment.folder is not None
    statement = (assignment.folder / "statement.md").read_text()
    assert lab.hand_in_name(assignment) in statement


def test_the_lab_is_the_same_bytes_each_time() -> None:
    """No time of writing is in it, so that a course can keep it under version control."""
    assignment = discovery.by_name("gru_cell", KNOWN)
    assert written(assignment) == written(assignment)


def test_students_get_the_starter_and_the_statement_and_no_answer() -> None:
    """The handout holds what a student is given; nothing in the lab is a model or a wrong answer."""
    assignment = discovery.by_name("rnn_step_by_step", KNOWN)
    files = unpacked(written(assignment))
    handout = unpacked(files["rnnstepbystep/rnnstepbystep-handout.tar"])
    given = {path.removeprefix("rnn_step_by_step-handout/") for path in handout}
    assert given == {"statement.md", *assignment.starter, *assignment.provided}
    assert set(unpacked(files["rnnstepbystep/autograde.tar"])) == {"course.toml"}


def test_an_assignment_of_ones_own_travels_along(tmp_path: Path) -> None:
    """What the image does not have is in autograde.tar, without wrong answers; the Makefile names it."""
    own = tmp_path / "own" / "gru_again"
    shutil.copytree(discovery.BUILT_IN / "gru_cell", own)
    declared = (own / "assignment.py").read_text().replace('"gru_cell"', '"gru_again"')
    (own / "assignment.py").write_text(declared)
    assignment = discovery.by_name("gru_again", discovery.assignments(tmp_path / "own"))
    files = unpacked(written(assignment))
    carried = unpacked(files["gruagain/autograde.tar"])
    assert {"course.toml", "assignments/gru_again/assignment.py"} <= set(carried)
    assert not [path for path in carried if "wrong" in path]
    assert b"--assignments assignments" in files["gruagain/autograde-Makefile"]


@pytest.mark.parametrize("ending", ["killed", "missing tar"])
def test_make_ends_in_autolabs_line_whatever_becomes_of_cellgrade(tmp_path: Path, ending: str) -> None:
    """Killed for its memory, or without its autograde.tar: no score, rather than a zero."""
    assignment = discovery.by_name("gru_cell", KNOWN)
    quoted = replace(assignment.problems[0], name="It's $5 & #1")
    assignment = replace(assignment, problems=(quoted, assignment.problems[1]))
    files = unpacked(written(assignment))
    (tmp_path / "Makefile").write_bytes(files["grucell/autograde-Makefile"])
    if ending != "missing tar":
        (tmp_path / "autograde.tar").write_bytes(files["grucell/autograde.tar"])
    (tmp_path / "cellgrade").write_text("#!/bin/sh\nprintf 'half a li'\nkill -9 $$\n")
    (tmp_path / "cellgrade").chmod(0o755)
    done = subprocess.run(
        ["make"], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True
    )
    assert done.returncode == 0
    names = [problem.name for problem in assignment.problems]
    assert autolab_rules.read(done.stdout, names) == dict.fromkeys(names)


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
    assert autolab_rules.read(make.communicate()[0], names) == dict.fromkeys(names)


@pytest.mark.parametrize("image", ["cell-grade", "Cellgrade", "registry/cellgrade", ""])
def test_an_image_name_that_tango_does_not_take_is_refused(image: str) -> None:
    """Tango would leave the job "in progress" for ever."""
    assignment = discovery.by_name("gru_cell", KNOWN)
    with pytest.raises(UsageError, match="a-z, 0-9 and _"):
        lab.write(assignment, Course(assignment.name), image, discovery.BUILT_IN)


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
        (
            ("gru_cell", "-o", tmp_path / "lab.tar", "--course", tmp_path / "course.toml"),
            "is about nback_rnn, not about gru_cell",
        ),
    ):
        done = run("autolab-lab", *arguments)
        assert done.returncode == 2
        assert says in done.stderr
