"""Where the student's process comes from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.sandbox import environment


def test_a_missing_environment_is_our_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a student's interpreter the error says where it was looked for and how to make it."""
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", str(tmp_path / "python"))
    with pytest.raises(SandboxError, match=rf"no student environment at {tmp_path}/python: `make setup`"):
        environment.student_python()


def test_another_interpreter_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """CELLGRADE_STUDENT_PYTHON is taken where it exists."""
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", sys.executable)
    assert environment.student_python() == Path(sys.executable)
