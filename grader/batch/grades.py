"""What a gradebook needs of an outcome: a record so small that a whole class of them may be in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.batch.entry import Outcome

BY_A_PERSON = "person"
"""The reason of a criterion that `marks` has decided."""


@dataclass(frozen=True)
class ProblemGrade:
    """A cell of the gradebook.

    Attributes:
        name: the problem's.
        points: so far; None on an error of ours.
        max_points: to be had.
        waiting: why a person has to decide (all or some of) it; None if nobody has to.
        is_manual: whether a person decides all of it.
    """

    name: str
    points: float | None
    max_points: float
    waiting: str | None = None
    is_manual: bool = False


@dataclass(frozen=True)
class Grade:
    """A row of the gradebook.

    Attributes:
        student, name, version: as in the entry.
        hand_in: name of the file or folder that was graded.
        file: stem of the reports.
        status: "graded", "rejected" (0 points) or "error" (ours, no grade).
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
    status: str
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
    def is_final(self) -> bool:
        """Whether the total is a grade: nothing of ours failed, and nobody has to decide any more."""
        return self.total is not None and not self.waiting


def of(outcome: Outcome) -> Grade:
    """The row of one outcome."""
    report, entry = outcome.report, outcome.entry
    is_recorded = report["status"] != "error"
    return Grade(
        student=entry.student,
        name=entry.name,
        version=entry.version,
        hand_in=entry.path.name,
        file=outcome.file,
        status=report["status"],
        total=report["score"] if is_recorded else None,
        max_total=report["max_score"] or 0.0,
        problems=tuple(_problem(problem, is_recorded) for problem in report["problems"]),
        identical=outcome.identical,
        assignment=report["assignment"],
        title=report["title"],
        message=report["message"],
    )


def _problem(problem: Mapping[str, Any], is_recorded: bool) -> ProblemGrade:
    criteria = problem["criteria"]
    still_open = [one for one in criteria if one["passed"] is None]
    why = "; ".join(dict.fromkeys(one["message"] or one["name"] for one in still_open))
    return ProblemGrade(
        name=problem["name"],
        points=problem["points"] if is_recorded else None,
        max_points=problem["max_points"] or 0.0,
        waiting=(why or "a person decides") if still_open else None,
        is_manual=bool(criteria) and len(still_open) == len(criteria),
    )
