"""Puts the points that a person gives into a report.

What was open is decided then, and a finding says who gave the points. Where the grader itself failed, a mark
for every problem makes it a grade.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.records import CriterionResult, Finding, ProblemResult, Report, Status, notice
from grader.report.points import as_text

BY_A_PERSON = "person"
"""The reason of a criterion that a mark has decided."""


@dataclass(frozen=True)
class Mark:
    """The points that a person gives for one problem, and what the person says about it."""

    student: str
    problem: str
    points: float
    comment: str
    line: int


def marked(report: Report, marks: Mapping[str, Mark]) -> Report:
    """Put marks into a report: name of the problem -> mark."""
    problems = tuple(
        _marked(problem, marks[problem.name]) if problem.name in marks else problem
        for problem in report.problems
    )
    findings = (
        _finding(marks[problem.name], problem) for problem in report.problems if problem.name in marks
    )
    report = replace(report, problems=problems, findings=(*report.findings, *findings))
    if report.status is Status.ERROR and all(problem.name in marks for problem in problems):
        report = replace(report, status=Status.GRADED, message=None, hint=None)
    return report


def _marked(problem: ProblemResult, mark: Mark) -> ProblemResult:
    """Decide what is open: it shares the points of the mark that the other criteria do not have."""
    most = math.fsum(one.max_points for one in problem.criteria if one.passed is None)
    decided = math.fsum(one.points for one in problem.criteria if one.passed is not None)
    share = min(1.0, max(0.0, (mark.points - decided) / most)) if most else 0.0
    criteria = (_decided(one, share, mark) if one.passed is None else one for one in problem.criteria)
    return replace(problem, points=mark.points, criteria=tuple(criteria))


def _decided(criterion: CriterionResult, share: float, mark: Mark) -> CriterionResult:
    return replace(
        criterion,
        passed=share == 1.0,
        points=share * criterion.max_points,
        reason=BY_A_PERSON,
        message=mark.comment or None,
    )


def _finding(mark: Mark, problem: ProblemResult) -> Finding:
    points = f"{as_text(mark.points)} of {as_text(problem.max_points)} points"
    said = f": {mark.comment}" if mark.comment else ""
    return notice(f"A person gave {points} for {problem.name}{said}")
