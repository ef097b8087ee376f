"""What a job says of where it failed is held to the files of the hand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import engine, places
from grader.discovery import assignments
from grader.records import CriterionResult, ProblemResult, mistake

HOSTILE = """
class GRU_Cell:
    def __init__(self, *_):
        pass
    def forward(self, x, h):
        exec(compile("raise ValueError('read this')", {path!r}, "exec"))
    backward = forward
"""
OTHERS = "../../../.github/workflows/grade.yml"


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("hw3/gru.py", "hw3/gru.py"),
        ("./hw3//a/../gru.py", "hw3/gru.py"),
        ("a b/\u00a0.py", "a b/\u00a0.py"),
        (OTHERS, None),
        ("hw3/../../x", None),
        ("/etc/passwd", None),
        ("//x", None),
        ("", None),
        (".", None),
        ("..", None),
    ],
)
def test_a_path_leads_into_the_hand_in_or_nowhere(path: str, inside: str | None) -> None:
    """Dots and doubled slashes are taken out first, so that none hides where a path leads."""
    assert places.inside(path) == inside


def test_what_is_no_file_of_the_hand_in_is_no_place() -> None:
    """A criterion and a finding keep what they say, and lose the file and the line of others."""
    one = CriterionResult("h", False, 0, 1, "wrong", file="hw3/./gru.py", line=3)
    other = CriterionResult("dh", False, 0, 1, "wrong", file="setup.py", line=3)
    (problem,) = places.in_problems([ProblemResult("p", 0, 2, (one, other))], {"hw3/gru.py": b""})
    assert [(it.file, it.line) for it in problem.criteria] == [("hw3/gru.py", 3), (None, None)]
    found = places.in_findings([mistake("x", None, "setup.py", 3)], {"hw3/gru.py"})
    assert found == (mistake("x"),)


@pytest.mark.parametrize("path", [f"/handin/{OTHERS}", "/handin/hw3/other.py", "/handin//etc/passwd"])
def test_a_traceback_through_a_file_of_others_has_no_place(tmp_path: Path, path: str) -> None:
    """A hand-in that compiles code under another file's name is quoted, and that file is left alone."""
    (tmp_path / "hw3").mkdir()
    (tmp_path / "hw3" / "gru.py").write_text(HOSTILE.format(path=path))
    with engine.Grader(assignments(), engine.Options()) as grader:
        report = grader.grade(tmp_path)
    failed = [one for problem in report.problems for one in problem.criteria if not one.passed]
    assert any("read this" in (one.message or "") for one in failed)
    assert {one.file for one in failed} <= {None, "hw3/gru.py"}
    assert all(one.line is None for one in failed if one.file is None)
