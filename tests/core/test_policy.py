"""What is said of a hand-in's source: what each finding says, and whose doing it is."""

from __future__ import annotations

from typing import Any

import pytest
from read_sources import facts_of

from grader import policy
from grader.declaration import Wanted
from grader.inside.facts import definitions
from grader.records import Blame, CriterionResult, Finding, ProblemResult

STARTER = '''
class GRU_Cell:
    def __init__(self, n):
        self.n = n

    def forward(self, x):
        """To write."""
        raise NotImplementedError

    def backward(self, delta):
        raise NotImplementedError
'''
FORWARD = STARTER.replace('"""To write."""\n        raise NotImplementedError', "return x")
BOTH = FORWARD.replace("raise NotImplementedError", "return delta")
WANTED = Wanted(
    "hw3/gru.py",
    methods=("GRU_Cell.forward", "GRU_Cell.backward"),
    given=("GRU_Cell.__init__",),
)
MAIN = "hw3/gru.py"


def facts(text: str) -> dict[str, Any]:
    return facts_of(text, MAIN, lambda _: False)


def findings(text: str, starter: str | None = STARTER) -> list[Finding]:
    given = definitions(starter, MAIN) if starter is not None else {}
    return list(policy.findings({MAIN: facts(text)}, given, WANTED, MAIN))


def test_a_right_file_gets_no_finding() -> None:
    """Where there is nothing to say, nothing is said."""
    assert findings("import numpy as np, os\n" + BOTH) == []


def test_an_unused_import_is_a_notice() -> None:
    """An import that is never used costs nothing: file, line and what to do."""
    assert findings("import torch\n" + BOTH) == [
        Finding(
            Blame.NOBODY,
            "imports torch, which is neither NumPy, nor Python's own, nor a file of the hand-in; it is never "
            "used, so it costs nothing",
            "Remove the import.",
            MAIN,
            1,
        )
    ]


def test_a_used_import_is_a_mistake() -> None:
    """An import that is used is the student's, with the line that uses it."""
    (found,) = findings("import torch\n" + BOTH + "\ntorch.zeros(1)")
    assert (found.blame, found.file, found.line) == (Blame.STUDENT, MAIN, 1)
    assert found.message.endswith(f"it is used in line {BOTH.count(chr(10)) + 3}")
    assert found.hint == "Do it with NumPy; if it is a file of your own, hand it in too."


def test_a_guarded_import_is_a_notice() -> None:
    """An import under `try` is said to raise ImportError, and costs nothing."""
    (found,) = findings("try:\n    import torch\nexcept ImportError:\n    torch = None\n" + BOTH)
    assert (found.blame, found.line, found.hint) == (Blame.NOBODY, 2, None)
    assert found.message.endswith("under `try` it raises ImportError, as on a machine without it")


def test_imports_of_other_files_name_those_files() -> None:
    """What a module beside the main file imports is told with that module's path."""
    beside = facts("import torch")
    found = list(policy.findings({MAIN: facts(BOTH), "hw3/activation.py": beside}, {}, WANTED, MAIN))
    assert [(one.file, one.line) for one in found] == [("hw3/activation.py", 1)]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (BOTH, False),
        ("import numpy, json\n", False),
        ("import torch\n", True),
        ("try:\n import torch\nexcept: 1", True),
    ],
)
def test_a_strict_course_sees_every_import(text: str, *, more: bool) -> None:
    """Unused and guarded imports count where any import but NumPy's is forbidden."""
    assert (policy.forbidden_import({MAIN: facts(text)}) is not None) is more


def test_the_starter_is_recognised() -> None:
    """A starter that was handed in unchanged, or with other comments, is told in one sentence."""
    for text in (STARTER, "# mine\n" + STARTER.replace('"""To write."""', '"""Written."""')):
        (found,) = findings(text)
        assert found == Finding(
            Blame.STUDENT,
            "this is the starter, unchanged: GRU_Cell.forward and GRU_Cell.backward are still to be written",
            None,
            MAIN,
        )


def test_what_is_left_of_the_starter_is_named() -> None:
    """With one of two methods written, the other one is named."""
    (found,) = findings(FORWARD)
    assert (found.blame, found.message) == (
        Blame.STUDENT,
        "GRU_Cell.backward is still as in the starter",
    )


def row(**criterion: str | None) -> ProblemResult:
    return ProblemResult("p", 0.0, 1.0, (CriterionResult("h", False, 0.0, 1.0, **criterion),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (row(reason="value", message="wrong in 2 of 2 cases"), False),
        (
            row(reason="raised", message="backward raised ValueError: shapes", traceback="in backward\n"),
            False,
        ),
        (
            row(
                reason="raised", message="__init__ raised TypeError: no", traceback="line 3, in __init__\n  x"
            ),
            True,
        ),
        (row(reason="raised", message="f raised TypeError: GRU_Cell.__init__() takes 2 positional"), True),
        (row(reason="raised", message="forward raised AttributeError: 'GRU_Cell' object has no"), True),
    ],
)
def test_a_changed_init_is_told_where_something_may_depend_on_it(
    problem: ProblemResult, *, told: bool
) -> None:
    """Only beside a call that raises in it, cannot call it, or misses an attribute."""
    changed = {MAIN: facts(BOTH.replace("self.n = n", "self.n = n + 1"))}
    found = list(policy.about_given(changed, definitions(STARTER, MAIN), WANTED, MAIN, [problem]))
    assert [one.blame for one in found] == [Blame.NOBODY] * told
    assert findings(BOTH.replace("self.n = n", "self.n = n + 1")) == []
    assert (
        list(policy.about_given({MAIN: facts(BOTH)}, definitions(STARTER, MAIN), WANTED, MAIN, [problem]))
        == []
    )


@pytest.mark.parametrize("text", [BOTH.replace("GRU_Cell", "Gru"), "x = 1", ""])
def test_other_names_are_no_starter(text: str) -> None:
    """A file that defines none of the wanted names is not said to be the starter."""
    assert findings(text) == []


def test_without_a_starter_nothing_is_said_of_it() -> None:
    """An assignment without a starter has no unchanged one."""
    assert findings(STARTER, starter=None) == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("exec 'hello'", "This looks like Python 2; it is graded with Python 3."),
        ("for a in b:\n    if a:\n        x = 1\n\tx = 2", "Tabs and spaces are mixed"),
        ("def f():\nreturn 1", "a block is not indented"),
        ("x = \0", "save it as UTF-8"),
        ("x = (", "python3 -m py_compile"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_hint(text: str, hint: str) -> None:
    """A syntax error is the student's, with Python's words and a hint that fits the error."""
    (found,) = findings(text)
    assert (found.blame, found.file) == (Blame.STUDENT, MAIN)
    assert hint in (found.hint or "")
