"""An instructor from outside: an assignment that this repository does not know, written by its documents.

The assignment of `tests/data/rehearsal` stands in for a course's own. It is copied out of the repository, so
that nothing here can help it, and everything goes through the real command line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REHEARSAL = ROOT / "tests" / "data" / "rehearsal"
CELLGRADE = Path(sys.executable).parent / "cellgrade"
GRADED, USAGE, OUR_FAULT = 0, 2, 3


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course's own folder, outside of the repository: assignments/elman and model/elman."""
    copy = tmp_path_factory.mktemp("course") / "autumn"
    shutil.copytree(REHEARSAL, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert not copy.resolve().is_relative_to(ROOT.resolve())
    return copy


def cellgrade(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Return the command, run in the course's folder; a traceback of ours is never among what it says."""
    done = subprocess.run(
        [CELLGRADE, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "\nTraceback" not in f"\n{done.stdout}\n{done.stderr}", done.stdout + done.stderr
    return done


def graded(course: Path, hand_in: str) -> dict[str, Any]:
    """Return the report on a hand-in, recognised among all assignments by what is in it."""
    done = cellgrade("grade", "--assignments", "assignments", "--format", "json", hand_in, cwd=course)
    assert (done.returncode, done.stderr) == (GRADED, ""), done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert (report["assignment"], report["status"], report["max_score"]) == ("elman", "graded", 100)
    return report


def failing(report: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Problem -> criterion that fails -> why."""
    found = {
        problem["name"]: {one["name"]: one["reason"] for one in problem["criteria"] if not one["passed"]}
        for problem in report["problems"]
    }
    return {problem: reasons for problem, reasons in found.items() if reasons}


def test_a_course_lists_its_assignment_beside_ours(course: Path) -> None:
    """`cellgrade assignments --assignments DIR` lists the assignment with its problems and points."""
    done = cellgrade("assignments", "--assignments", "assignments", cwd=course)
    assert (done.returncode, done.stderr) == (GRADED, "")
    lines = done.stdout.splitlines()
    first = lines.index(
        "elman  (100 points)  ElmanCell: one step of a plain recurrent network, forward and backward"
    )
    assert [line.split(maxsplit=1) for line in lines[first + 1 : first + 3]] == [
        ["40", "Elman Forward"],
        ["60", "Elman Backward"],
    ]
    assert any(line.startswith("gru_cell  (100 points)") for line in lines)


def test_the_repository_does_not_know_the_assignment(course: Path) -> None:
    """Without --assignments there is no such assignment: what the other tests see is the course's folder."""
    done = cellgrade("grade", "--assignment", "elman", "model/elman", cwd=course)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr.startswith("cellgrade: there is no assignment 'elman'; there are: ")


def test_the_model_gets_all_points(course: Path) -> None:
    """The model hand-in is right in every case, and there is nothing to say about it."""
    report = graded(course, "model/elman")
    assert (report["score"], failing(report), report["findings"]) == (100, {}, [])
    assert [criterion["name"] for problem in report["problems"] for criterion in problem["criteria"]] == [
        *("h", "dx", "dh", "dW_x", "dW_h", "db")
    ]


def test_the_starter_gets_none_and_is_told_to_be_the_starter(course: Path) -> None:
    """What students are given earns no point, and the first thing said is that it is unchanged."""
    report = graded(course, "assignments/elman/starter")
    assert report["score"] == 0
    assert "this is the starter, unchanged" in report["findings"][0]["message"]


def test_all_that_it_promises_holds(course: Path) -> None:
    """`cellgrade verify` proves it where the course is: model, starter, right answer, mistakes, slopes."""
    where = ("--assignments", "assignments", "--models", "model")
    done = cellgrade("verify", *where, "--seed", "0", "--json", cwd=course)
    assert (done.returncode, done.stderr) == (GRADED, "")
    claims = json.loads(done.stdout)["claims"]
    assert all(claim["holds"] for claim in claims)
    assert [claim["kind"] for claim in claims] == [
        *("points", "truth", "model", "starter", "right"),
        *("mistake",) * 4,
    ]
    assert {claim["about"].partition("/")[0] for claim in claims[5:]} == {"forward", "backward"}


def test_a_mistake_is_graded_as_a_hand_in(course: Path, tmp_path: Path) -> None:
    """What --show writes is a hand-in, whose report has the reasons that its entry declares."""
    where = ("--assignments", "assignments", "--models", "model")
    mistake = ("--show", "elman/backward/mean_over_the_batch", "--output", str(tmp_path / "ann"))
    done = cellgrade("verify", *where, *mistake, cwd=course)
    assert (done.returncode, done.stderr) == (GRADED, "")
    assert failing(graded(course, str(tmp_path / "ann"))) == {"Elman Backward": {"db": "value"}}


# A folder that is not right


def test_a_name_that_is_taken_is_a_sentence(course: Path, tmp_path: Path) -> None:
    """A course's assignment with the name of one of ours: exit 3, what is wrong, and which name."""
    taken = tmp_path / "gru_cell"
    shutil.copytree(course / "assignments" / "elman", taken)
    for command in (["assignments"], ["grade", str(course / "model" / "elman")]):
        done = cellgrade(*command, "--assignments", str(tmp_path), cwd=tmp_path)
        assert (done.returncode, done.stdout) == (OUR_FAULT, "")
        assert "two folders declare an assignment of this name: gru_cell" in done.stderr
        assert "gru_cell" in done.stderr
        assert "nothing was recorded" in done.stderr


def test_a_copied_folder_is_called_as_it_is(course: Path, tmp_path: Path) -> None:
    """A declared cell is the assignment of its folder's name: a copy is another, with nothing renamed."""
    shutil.copytree(course / "assignments" / "elman", tmp_path / "jordan")
    done = cellgrade("assignments", "--assignments", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (GRADED, "")
    assert "jordan  (100 points)" in done.stdout


def test_a_folder_without_a_declaration_is_left_alone(course: Path, tmp_path: Path) -> None:
    """What else a course keeps beside its assignments is no assignment and no mistake."""
    shutil.copytree(course / "assignments" / "elman", tmp_path / "elman")
    (tmp_path / "gru_cell").mkdir()
    (tmp_path / "gru_cell" / "notes.md").write_text("to do")
    done = cellgrade("assignments", "--assignments", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (GRADED, "")
    listed = [line.split()[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert listed.count("elman") == 1
    assert listed.count("gru_cell") == 1


@pytest.mark.parametrize("folder", ["empty", "nowhere", "course/assignments/elman"])
def test_a_folder_without_assignments_is_a_sentence(course: Path, tmp_path: Path, folder: str) -> None:
    """Empty, not there, or the assignment where its parent is asked for: exit 2, with the folder's name."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "course").symlink_to(course)
    done = cellgrade("assignments", "--assignments", folder, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert f"cellgrade: {folder} holds no assignment: no folder in it has an assignment.py" in done.stderr
    assert ("did you mean" in done.stderr) is folder.endswith("elman")
