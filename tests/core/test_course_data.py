"""The course's own files: found where the course says, and missed in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course_data
from grader.errors import CourseDataError, GraderError

NAME = "ptb/ptb.valid.txt"


def laid(folder: Path, content: bytes) -> Path:
    path = folder / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return folder


def test_the_variable_comes_before_what_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image has them at a place of its own; whoever names a folder means that one."""
    monkeypatch.setattr(course_data, "INSTALLED", laid(tmp_path / "installed", b"installed"))
    monkeypatch.delenv(course_data.VARIABLE, raising=False)
    assert course_data.content(NAME) == b"installed"
    monkeypatch.setenv(course_data.VARIABLE, str(laid(tmp_path / "named", b"named")))
    assert course_data.content(NAME) == b"named"
    assert course_data.is_here([NAME])
    (_, digest), (_, missing) = course_data.digests([NAME, "other.txt"])
    assert (len(digest), missing) == (64, "")


@pytest.mark.parametrize("is_set", [False, True])
def test_what_is_missing_is_our_fault_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_set: bool
) -> None:
    """The sentence names the file, and the variable or the folder."""
    monkeypatch.setattr(course_data, "INSTALLED", tmp_path / "nothing")
    monkeypatch.setenv(course_data.VARIABLE, str(tmp_path) if is_set else "")
    with pytest.raises(CourseDataError, match=NAME) as raised:
        course_data.content(NAME)
    assert isinstance(raised.value, GraderError)
    assert (str(tmp_path) if is_set else course_data.VARIABLE) in str(raised.value)
    assert not course_data.is_here([NAME])


def test_a_file_that_changes_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept under another content is not taken for it."""
    monkeypatch.setenv(course_data.VARIABLE, str(laid(tmp_path, b"one")))
    before = course_data.digests([NAME])
    (tmp_path / NAME).write_bytes(b"another")
    assert course_data.digests([NAME]) != before
