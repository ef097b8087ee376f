"""Every wrong answer comes back byte for byte from mistakes.toml; it goes with the files that it compares with."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from grader import discovery, mistakes
from grader.declaration import Assignment

WHOLE = {"gru_cell/wrong/forward/needs_torch"}


@pytest.mark.parametrize("assignment", discovery.assignments(), ids=lambda one: one.name)
def test_every_wrong_answer_comes_back(assignment: Assignment, tmp_path: Path) -> None:
    """The same paths, the same bytes, the same summary and the same expectation, for each of the old folders."""
    assert assignment.folder is not None
    copy = tmp_path / assignment.name
    whole = [str(Path(one).relative_to(assignment.name)) for one in WHOLE if one.startswith(assignment.name)]
    shutil.copytree(assignment.folder, copy, ignore=shutil.ignore_patterns("wrong"))
    for path in whole:
        shutil.copytree(assignment.folder / path, copy / path, ignore=shutil.ignore_patterns("expect.toml"))
    made = {one.path: one for one in mistakes.read(replace(assignment, folder=copy), None).mistakes}
    old = {
        path.parent.relative_to(assignment.folder / "wrong").as_posix(): path.parent
        for path in (assignment.folder / "wrong").rglob("expect.toml")
    }
    assert set(made) == set(old)
    for path, folder in old.items():
        files = mistakes.files_of(folder)
        expected = tomllib.loads(files.pop("expect.toml").decode())
        assert dict(made[path].files) == files, path
        assert (made[path].says, made[path].fails) == (expected["summary"], expected["fails"]), path
