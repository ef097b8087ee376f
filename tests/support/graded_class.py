"""Graded hand-ins of a class for the tests of grader/batch."""

from __future__ import annotations

from pathlib import Path

from grader.batch.entry import Entry, Graded
from grader.batch.gradebook import grades
from grader.batch.gradebook.grades import Grade
from grader.records import CriterionResult, Isolation, ProblemResult, Report, Status

FORWARD, BACKWARD, THEORY = "GRU Forward", "GRU Backward", "Theory"


def problem(name: str, most: float, passed: tuple[bool | None, ...]) -> ProblemResult:
    """Return a row whose criteria have equal shares."""
    share = most / len(passed)
    criteria = tuple(
        CriterionResult(
            f"d{number}",
            one,
            share if one else 0.0,
            share,
            message=None if one else "read page 2" if one is None else "off by one",
            reason="value" if one is False else None,
        )
        for number, one in enumerate(passed)
    )
    return ProblemResult(name, sum(one.points for one in criteria), most, criteria)


def graded(
    student: str,
    forward: bool = True,
    backward: tuple[bool, ...] = (True, True),
    theory: bool | None = True,
    *,
    name: str | None = None,
    identical: tuple[str, ...] = (),
    off: tuple[str, ...] = (),
) -> Graded:
    """Return a hand-in that was graded: 30 points forward, 60 backward, 10 theory."""
    problems = (
        problem(FORWARD, 30.0, (forward,)),
        problem(BACKWARD, 60.0, backward),
        problem(THEORY, 10.0, (theory,)),
    )
    return of(student, Status.GRADED, problems, name=name, identical=identical, off=off)


def rejected(student: str, message: str = "This is no tar.") -> Graded:
    """Return a hand-in that was rejected; what a person marks still waits."""
    problems = (
        ProblemResult(FORWARD, 0.0, 30.0, ()),
        ProblemResult(BACKWARD, 0.0, 60.0, ()),
        ProblemResult(THEORY, 0.0, 10.0, ()),
    )
    return of(student, Status.REJECTED, problems, message=message)


def failed(student: str) -> Graded:
    """Return a hand-in on which we failed."""
    problems = tuple(
        ProblemResult(name, 0.0, most, ())
        for name, most in ((FORWARD, 30.0), (BACKWARD, 60.0), (THEORY, 10.0))
    )
    return of(student, Status.ERROR, problems, message="the job did not start")


def of(
    student: str,
    status: Status,
    problems: tuple[ProblemResult, ...],
    *,
    message: str | None = None,
    name: str | None = None,
    identical: tuple[str, ...] = (),
    off: tuple[str, ...] = (),
) -> Graded:
    """Return a hand-in with its report."""
    report = Report(
        assignment="gru_cell",
        title="GRU Cell",
        status=status,
        problems=problems,
        hand_in="handin.tar",
        version="0.1.0",
        message=message,
        isolation=Isolation(("user id",), off) if status is Status.GRADED else None,
    )
    entry = Entry(student, 3, Path("class/handin.tar"), name)
    return Graded(entry, report, student, identical)


def all_grades(*class_: Graded) -> list[Grade]:
    """Their rows of the gradebook."""
    return [grades.of(one) for one in class_]
