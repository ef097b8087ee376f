"""Asking a check: what is asked instead of it, and how often an answer is held to the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from real_jobs import handed_in, started_zygote

from grader import calling, compare, verdicts
from grader.declaration import Check, Output
from grader.errors import GraderError
from grader.records import Answer, Array, Case, Judged, Suite

CASES = tuple(Case(f"x {i}", i, {"x": np.array([float(i)])}, sizes={"input": i + 2}) for i in range(3))
ADAPTER = """
def f(module, given):
    return {"y": module.f(given.arrays["x"]), "z": module.f(given.arrays["x"])}

def g(module, given):
    return {"y": module.g(given.arrays["x"]), "z": module.f(given.arrays["x"])}
"""


def suite(**truth: Any) -> Suite:
    """Return the cases with what is true on each: output -> function of x."""
    expected = tuple({name: of(case.inputs["x"]) for name, of in truth.items()} for case in CASES)
    return Suite(0, "0" * 64, CASES, expected)


def twice(x: Array) -> Array:
    return 2 * x + 1


def plain(x: Array) -> Array:
    return x + 1


OUTPUTS = (Output("y"), Output("z"))
INSTEAD = Check("g", "instead", OUTPUTS, title="with ours in place of yours")
CHECK = Check("f", "own", OUTPUTS, fallback=INSTEAD)
SUITES = {"own": suite(y=twice, z=plain), "instead": suite(y=twice, z=twice)}


def asked(text: str, suites: Mapping[str, Suite] = SUITES) -> calling.Asked:
    """Return what comes of CHECK, with a real job."""
    with started_zygote() as zygote, handed_in(zygote, text, adapter=ADAPTER) as hand_in:
        return calling.asked(hand_in.session, CHECK, suites, calling.Patience())


def test_what_holds_there_or_instead_counts() -> None:
    """y fails as the student's own and holds instead; z holds at once, whatever comes of it later."""
    found = asked("def f(x): return x + 1\ndef g(x): return 2 * x + 1")
    assert [call.check.call for call in found.calls] == ["f", "g"]
    assert [(one.output.name, one.holds, one.called.check.call) for one in found.verdicts] == [
        ("y", True, "g"),
        ("z", True, "f"),
    ]
    assert [one.message for one in found.findings] == ["y: right with ours in place of yours, and counted"]


def test_nothing_else_is_asked_of_what_is_right() -> None:
    """What is asked instead costs nobody's time who needs it not."""
    right = {**SUITES, "own": suite(y=plain, z=plain)}
    found = asked("def f(x): return x + 1", right)
    assert [call.check.call for call in found.calls] == ["f"]
    assert all(one.holds for one in found.verdicts)
    assert found.findings == ()


def test_what_fails_everywhere_is_told_of_the_students_own() -> None:
    """Not of what was asked instead, which only serves to find what is right."""
    found = asked("def f(x): return x\ndef g(x): return x")
    assert [(one.holds, one.called.check.call) for one in found.verdicts] == [(False, "f"), (False, "f")]


def test_each_answer_is_held_to_the_truth_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass for each output of each check, though it takes part in two decisions."""
    seen = []

    def counted(output: Output, *rest: Any) -> Any:
        seen.append(output.name)
        return compare.compare_all(output, *rest)

    monkeypatch.setattr("grader.verdicts.compare_all", counted)
    found = asked("def f(x): return x\ndef g(x): return x")
    assert len(found.calls) == 2
    assert seen == ["y", "z", "y", "z"]


def test_a_judge_decides_once_and_may_be_asked_instead() -> None:
    """Its word is a verdict like another; NumPy's True is one, too."""
    calls = []

    def judge(_: Suite, answers: Any) -> list[Judged]:
        calls.append(len(answers))
        passed: Any = np.bool_(True)
        return [Judged(passed), Judged(None, "a person looks")]

    ruled = Check("f", "own", OUTPUTS, judge=judge)
    found = verdicts.judged(verdicts.Called(ruled, SUITES["own"], [Answer()] * 3))
    assert [one.holds for one in found] == [True, False]
    assert calls == [3]


def test_a_lost_answer_is_our_fault() -> None:
    """And no student's: it would cost points."""
    with pytest.raises(GraderError, match="f has 2 answers and 3 truths for 3 cases"):
        verdicts.judged(verdicts.Called(CHECK, SUITES["own"], [Answer()] * 2))
