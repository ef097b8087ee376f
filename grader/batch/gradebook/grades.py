"""What a gradebook needs of a report: a record so small that a whole class of them may be in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grader.batch.entry import Graded
from grader.records import ProblemResult, Status
from grader.report import escape
from grader.report.points import number

DIGITS = 6  # of points, as in a JSON report: enough to add them up, too few for float noise
_MESSAGE_CHARS = 12_000


@dataclass(frozen=True)
class ProblemGrade:
    """A cell of the gradebook.

    Attributes:
        name: the problem's.
        points: so far; None on an error of ours.
        max_points: to be had.
        waiting: why a person has to decide (all or some of) it; None if nobody has to.
        is_manual: whether a person decides all of it.
        follow_through: of the points, those for gradients that follow from a wrong forward.
    """

    name: str
    points: float | None
    max_points: float
    waiting: str | None = None
    is_manual: bool = False
    follow_through: float = 0.0


@dataclass(frozen=True)
class Grade:
    """A row of the gradebook.

    Attributes:
        student, name, version: as in the entry.
        hand_in: name of the file or folder that was graded.
        file: stem of the reports.
        status: graded, rejected (0 points) or an error (ours, no grade).
        total: points so far; None on an error of ours.
        max_total: points to be had.
        problems: in the order of the report.
        identical: other students whose hand-in has the same files.
        assignment, title: of the report; None if rejected before one was recognised.
        message: why it was rejected, or what went wrong with us.
    """

    student: str
    name: str | None
    version: int
    hand_in: str
    file: str
    status: Status
    total: float | None
    max_total: float
    problems: tuple[ProblemGrade, ...]
    identical: tuple[str, ...] = ()
    assignment: str | None = None
    title: str | None = None
    message: str | None = None

    @property
    def waiting(self) -> tuple[ProblemGrade, ...]:
        """The problems that a person has to decide."""
        return tuple(problem for problem in self.problems if problem.waiting is not None)

    @property
    def follow_through(self) -> float:
        """Of the total, the points for gradients that follow from a wrong forward."""
        points = math.fsum(problem.follow_through for problem in self.problems)
        return number(points, digits=DIGITS) or 0.0

    @property
    def is_final(self) -> bool:
        """Whether the total is a grade: nothing of ours failed, and nobody has to decide any more."""
        return self.total is not None and not self.waiting


def of(graded: Graded) -> Grade:
    """Make the row of one hand-in."""
    report, entry = graded.report, graded.entry
    is_recorded = report.status is not Status.ERROR
    return Grade(
        student=entry.student,
        name=entry.name,
        version=entry.version,
        hand_in=entry.path.name,
        file=graded.file,
        status=report.status,
        total=number(report.score, digits=DIGITS) if is_recorded else None,
        max_total=number(report.max_score, digits=DIGITS) or 0.0,
        problems=tuple(_problem(problem, is_recorded) for problem in report.problems),
        identical=graded.identical,
        assignment=report.assignment,
        title=report.title,
        message=None if report.message is None else _bounded(report.message),
    )


def _problem(problem: ProblemResult, is_recorded: bool) -> ProblemGrade:
    still_open = [one for one in problem.criteria if one.passed is None]
    why = "; ".join(dict.fromkeys(_bounded(one.message) if one.message else one.name for one in still_open))
    return ProblemGrade(
        name=problem.name,
        points=number(problem.points, digits=DIGITS) if is_recorded else None,
        max_points=number(problem.max_points, digits=DIGITS) or 0.0,
        waiting=(why or "a person decides") if still_open else None,
        is_manual=problem.is_for_a_person,
        follow_through=number(problem.follow_through, digits=DIGITS) or 0.0 if is_recorded else 0.0,
    )


def _bounded(message: str) -> str:
    return escape.cut(escape.visible(message, keep="\n\t"), _MESSAGE_CHARS)
