"""What is wrong in an assignment's own folder is said with file and line, and costs no student anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from grader import cli, discovery, engine
from grader.declaration import Assignment as Declared
from grader.declaration import Check, Output, Problem, Wanted
from grader.errors import DeclarationError, GraderError
from grader.records import Arrays, Report, Status, Suite
from grader.suite import Recipe, draw

DECLARATION = """
from grader.declaration import Assignment, Check, Output, Problem, Wanted
from grader.suite import Recipe, draw

def inputs(spec, rng):
    return {"x": rng.standard_normal(spec.input)}

def truth(arrays):
    return {"y": 2 * arrays["x"]}

def suite(seed):
    return draw(Recipe(inputs, truth, truth, 3), seed)

ASSIGNMENT = Assignment(
    name="doubling", title="Doubling", wanted=(Wanted("doubling.py", defines=("f",)),),
    problems=(Problem("Doubling", 10, (Check("call", "cases", (Output("y"),)),)),),
    suites={"cases": suite},
)
"""
ADAPTER = """
def call(module, given):
    return {"y": module.f(given.arrays["x"])}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an assignment that is right, and a right hand-in for it."""
    made = tmp_path / "mine" / "doubling"
    made.mkdir(parents=True)
    (made / "assignment.py").write_text(DECLARATION)
    (made / "adapter.py").write_text(ADAPTER)
    (tmp_path / "doubling.py").write_text("def f(x):\n    return 2 * x\n")
    return made


def change(path: Path, old: str, new: str) -> int:
    """Change a line of a file; gives its number."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def graded(folder: Path) -> Report:
    return engine.grade(
        folder.parent.parent / "doubling.py", discovery.assignments(folder.parent), engine.Options()
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("import Recipe, draw", "import Recipe, drawn", "ImportError: cannot import name 'drawn'"),
        ("def inputs(spec, rng):", "def inputs(spec, rng:", "SyntaxError: "),
        ("ASSIGNMENT = Assignment(", 'ASSIGNMENT = {}["a"], Assignment(', "KeyError: 'a'"),
        ("ASSIGNMENT = Assignment(", "WORTH = 1 / 0\nASSIGNMENT = Assignment(", "ZeroDivisionError"),
    ],
)
def test_a_declaration_that_does_not_run_is_placed(folder: Path, old: str, new: str, says: str) -> None:
    """The file and the line, before any hand-in is looked at."""
    line = change(folder / "assignment.py", old, new)
    with pytest.raises(DeclarationError) as caught:
        discovery.assignments(folder.parent)
    assert str(caught.value).startswith(f"{folder / 'assignment.py'}, line {line}: ")
    assert says in str(caught.value)


def test_a_declaration_that_contradicts_itself_is_placed(folder: Path) -> None:
    """Our own rules are told with the line of the declaration that breaks them."""
    change(folder / "assignment.py", '"cases", (Output', '"others", (Output')
    with pytest.raises(
        DeclarationError, match=r"assignment\.py, line 1[4-9]: doubling, Doubling: there is no suite"
    ):
        discovery.assignments(folder.parent)


@pytest.mark.parametrize(
    ("old", "new"),
    [('{"y": 2 * arrays["x"]}', '{"y": 2 * arrays["X"]}'), ('"x": rng', '"x": spec.nothing + rng')],
)
def test_what_a_suite_calls_is_placed(folder: Path, old: str, new: str) -> None:
    """An instructor's KeyError names file and line, is ours, and records nothing."""
    line = change(folder / "assignment.py", old, new)
    report = graded(folder)
    assert report.status is Status.ERROR
    assert str(report.message).startswith(f"{folder / 'assignment.py'}, line {line}: ")


@pytest.mark.parametrize("points", ["-1", "float('nan')", "float('inf')"])
def test_points_are_points(folder: Path, points: str) -> None:
    """What is negative, or no number, is refused."""
    change(folder / "assignment.py", '"Doubling", 10', f'"Doubling", {points}')
    with pytest.raises(DeclarationError, match="points are a number, 0 or more, not"):
        discovery.assignments(folder.parent)


def test_an_adapter_that_does_not_compile_is_said_as_that(folder: Path) -> None:
    """Before anything is graded, with its line."""
    line = change(folder / "adapter.py", "def call(module, given):", "def call(module, given:")
    with pytest.raises(DeclarationError) as caught:
        discovery.assignments(folder.parent)
    assert str(caught.value).startswith(f"{folder / 'adapter.py'}, line {line}: SyntaxError: ")


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("import torch\ndef call(", "adapter.py, line 2: ModuleNotFoundError: No module named 'torch'"),
        ("1 / 0\ndef call(", "adapter.py, line 2: ZeroDivisionError: division by zero"),
        ("def called(", "adapter.py defines no call, which a check calls"),
    ],
)
def test_an_adapter_that_does_not_run_is_said_as_that(folder: Path, new: str, says: str) -> None:
    """It is no fault of the sandbox, and no student's: nothing is recorded."""
    change(folder / "adapter.py", "def call(", new)
    report = graded(folder)
    assert report.status is Status.ERROR
    assert str(report.message) == f"{folder}: {says}"


def doubled(arrays: Arrays) -> Arrays:
    return {"y": 2 * arrays["x"], "z": arrays["x"]}


def test_two_formulations_that_part_are_named() -> None:
    """By output, case and distance, where too few cases are left."""

    def off(arrays: Arrays) -> Arrays:
        return {"y": 2 * arrays["x"], "z": arrays["x"] * (1 + 3e-4)}

    with pytest.raises(GraderError) as caught:
        draw(Recipe(lambda _, rng: {"x": rng.standard_normal(3)}, doubled, off, 5), 0)
    assert "seed 0 gives 0 cases that are safe to ask, 5 are needed: in " in str(caught.value)
    assert "z by 3.0e-04 of its largest value, where 1e-09 is allowed (input 2, hidden 3)" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (lambda arrays: {"y": arrays["x"]}, "do not answer with the same outputs: z"),
        (
            lambda arrays: {**doubled(arrays), "y": np.ones(2)},
            r"y: `truth` has shape \(3,\), and `check` \(2,\)",
        ),
    ],
)
def test_two_formulations_of_different_things_are_named(other: object, says: str) -> None:
    """An output that one of them lacks, or that has another shape, is no rounding."""
    with pytest.raises(GraderError, match=says):
        draw(Recipe(lambda _, rng: {"x": rng.standard_normal(3)}, doubled, other, 5), 0)  # type: ignore[arg-type]


def test_debug_shows_the_traceback(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --debug also what went wrong while grading; without, the sentence alone. Both exit with 3."""
    line = change(folder / "assignment.py", '{"y": 2 * arrays["x"]}', '{"y": 2 * arrays["X"]}')
    command = ["grade", "--assignments", str(folder.parent), "--assignment", "doubling"]
    hand_in = str(folder.parent.parent / "doubling.py")
    assert cli.main([*command, hand_in]) == 3
    assert "Traceback" not in "".join(capsys.readouterr())
    assert cli.main([*command, "--debug", hand_in]) == 3
    shown = capsys.readouterr().err
    assert "Traceback (most recent call last)" in shown
    assert f'assignment.py", line {line}, in truth' in shown
    assert "KeyError: 'X'" in shown


def nobody(_: int) -> Suite:
    raise NotImplementedError


def test_a_spelling_for_each_form() -> None:
    """What a student pastes must be written for every form that may be used."""
    check = Check("f", "cases", (Output("y"),), ("a", "b"), spelt=("x",))
    with pytest.raises(DeclarationError, match="f has 2 forms, and spells 1"):
        Declared("a", "A", (Wanted("a.py"),), (Problem("A", 1, (check,)),), {"cases": nobody})
