"""What a grading may be told, declared once: command line, course.toml and a worker's pipe agree on it."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from grader import discovery
from grader.cli.options import add_choices, chosen
from grader.course import Course
from grader.declaration import Response
from grader.engine import Options
from grader.secret import VARIABLE, Secret

SAID = """\
assignment = "gru_cell"
seed = 7
strict = true
numerical_gradients = "fail"
published_solution = "person"
follow_through = 0.5
"""
OPTIONS = Options(
    assignment="gru_cell",
    seed=7,
    secret=Secret(bytes(range(32))),
    strict=True,
    unsandboxed=True,
    within_s=12.5,
    debug=True,
    numerical_gradients=Response.FAIL,
    published_solution=Response.PERSON,
    follow_through=0.5,
)


def told(tmp_path: Path, course: str, *arguments: str) -> Options:
    """Return what the command line and a course's file come to."""
    path = tmp_path / "course.toml"
    path.write_text(course)
    parser = argparse.ArgumentParser()
    parser.add_argument("--debug", action="store_true")
    add_choices(parser)
    return chosen(parser.parse_args([f"--course={path}", *arguments]), discovery.assignments())[0]


def test_what_nobody_says_is_the_default(tmp_path: Path) -> None:
    """An empty file and no arguments."""
    assert told(tmp_path, "") == Options()


def test_the_course_says_what_the_command_line_does_not(tmp_path: Path) -> None:
    """All that both may say, and what the course alone may."""
    expected = replace(OPTIONS, secret=None, unsandboxed=False, within_s=None, debug=False)
    assert told(tmp_path, SAID) == expected


@pytest.mark.parametrize(
    ("argument", "changed"),
    [
        ("--assignment=torch_gru_cell", {"assignment": "torch_gru_cell"}),
        ("--seed=0", {"seed": 0}),
        ("--strict", {}),
        ("--allow-unsandboxed", {"unsandboxed": True}),
        ("--debug", {"debug": True}),
    ],
)
def test_the_command_line_goes_first(tmp_path: Path, argument: str, changed: dict[str, object]) -> None:
    """A seed of 0 is said, too."""
    assert told(tmp_path, SAID, argument) == replace(told(tmp_path, SAID), **changed)  # type: ignore[arg-type]


def test_strict_is_said_by_either(tmp_path: Path) -> None:
    """A course that says false does not undo --strict."""
    assert told(tmp_path, "strict = false", "--strict").strict
    assert not told(tmp_path, "strict = false").strict


def test_every_option_can_be_told(tmp_path: Path) -> None:
    """A field that neither the command line nor a course's file has would never leave its default."""
    parser = argparse.ArgumentParser()
    add_choices(parser)
    ours = {field.name for field in fields(Options)} - {"secret", "within_s", "debug"}
    assert ours <= set(vars(parser.parse_args([]))) | {field.name for field in fields(Course)}


def test_options_go_over_a_pipe_and_come_back() -> None:
    """As JSON, the secret and the words for what is fined included; every field is one that differs."""
    assert all(getattr(OPTIONS, field.name) != field.default for field in fields(Options))
    for options in (OPTIONS, Options()):
        assert Options.of_wire(json.loads(json.dumps(options.wire()))) == options


@pytest.mark.parametrize(
    ("name", "value", "raises"),
    [("more", 1, TypeError), ("secret", "no hex", ValueError), ("published_solution", "reward", ValueError)],
)
def test_options_that_cannot_be_are_refused(name: str, value: object, raises: type[Exception]) -> None:
    """A worker that is told something else than we meant grades nothing."""
    with pytest.raises(raises):
        Options.of_wire({**OPTIONS.wire(), name: value})


def test_the_environment_gives_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes before the course's file."""
    (tmp_path / "secret").write_text("b" * 32)
    monkeypatch.setenv(VARIABLE, "a" * 32)
    found = told(tmp_path, 'secret_file = "secret"').secret
    assert found is not None
    assert found.key == b"a" * 32
    assert told(tmp_path, 'secret_file = "secret"').secret == Secret(b"b" * 32)
