"""Autolab's formatted feedback: the line before the last, from which it draws a table of stages and tests.

Its form is Autolab's "semantic" presentation: an object with `stages`, a list of names, and under each name
an object of tests, each `{"passed": true}` or `{"passed": false, "hint": "..."}`. A stage is a problem here,
and a test one of its criteria.
"""

from __future__ import annotations

import json
from typing import Any

from grader.records import ProblemResult, Report, Status
from grader.report import details, escape, outline

MOST_BYTES = 128_000
"""What the line may take: a quarter of what Autolab accepts of it and the last one together."""

HINT_CHARS = 600
_RESERVED = "stages"  # what a stage cannot be called, beside all that begins with _


def line(report: Report) -> str:
    """Write the feedback on one line of ASCII, with shorter hints, or none, where it would be too long."""
    for chars in (HINT_CHARS, HINT_CHARS // 6, 0):
        feedback = escape.no_command_in_json(json.dumps(_stages(report, chars), ensure_ascii=True))
        if len(feedback) <= MOST_BYTES:
            return feedback
    return json.dumps({"_presentation": "semantic", "stages": []})


def _stages(report: Report, hint_chars: int) -> dict[str, Any]:
    if report.status is Status.GRADED:
        stages = {
            _name(problem.name): tests
            for problem in report.problems
            if (tests := _tests(problem, hint_chars)) and _can_be_shown(problem.name)
        }
    elif report.status is Status.REJECTED:
        said = [report.message or "it was rejected", report.hint or ""]
        stages = {"Hand-in": {"can be graded": _failed(" ".join(said), hint_chars)}}
    else:
        ours = f"{outline.OURS} Your instructor can see why above."
        stages = {"Grader": {"has graded this hand-in": _failed(ours, hint_chars)}}
    return {"_presentation": "semantic", "stages": list(stages), **stages}


def _tests(problem: ProblemResult, hint_chars: int) -> dict[str, Any]:
    """List the criteria that are decided: Autolab would draw an undecided one, `null`, as failed."""
    return {
        _name(criterion.name): {"passed": True}
        if criterion.passed
        else _failed(
            " ".join([*details.why(criterion), *outline.about_own_gradients([criterion])]), hint_chars
        )
        for criterion in problem.criteria
        if criterion.passed is not None and _can_be_shown(criterion.name)
    }


def _failed(why: str, hint_chars: int) -> dict[str, Any]:
    hint = " ".join(escape.visible(why, keep="\n\t").split())
    return (
        {"passed": False, "hint": escape.cut(hint, hint_chars)} if hint and hint_chars else {"passed": False}
    )


def _can_be_shown(name: str) -> bool:
    """Tell whether Autolab has no use of its own for the name; a declaration with such a one is refused."""
    return name != _RESERVED and not name.startswith("_")


def _name(name: str) -> str:
    return escape.line(name)
