"""`gradebook.csv`, a row for each student, for people and their spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.batch import csv_table
from grader.batch.gradebook.grades import Grade, ProblemGrade
from grader.report.points import number

_BEFORE = ("student", "name", "assignment", "status", "total", "max")
_MOST_IDENTICAL = 20
FOLLOW_THROUGH = "of it follow-through"
_AFTER = ("waiting for a person", "hand-in", "version", "report", "identical to", "message")


def render(grades: Iterable[Grade]) -> str:
    """Write the gradebook as CSV with CRLF: one row for each student, one column for each problem.

    What a person still has to decide stands in a column of its own, and the total is without it. On an error
    of ours all points are empty: no grade. Where a course gives follow-through marks and somebody has some,
    they stand in a column of their own as well, behind the problems that they are part of.
    """
    rows = sorted(grades, key=lambda grade: (grade.student, grade.version))
    problems = _problems(rows)
    more = [FOLLOW_THROUGH] if any(grade.follow_through for grade in rows) else []
    lines = [csv_table.line([*_BEFORE, *problems, *more, *_AFTER])]
    lines += [csv_table.line(_row(grade, problems, apart=bool(more))) for grade in rows]
    return "".join(lines)


def _problems(grades: Sequence[Grade]) -> list[str]:
    """List all problems, in the order in which the reports have them."""
    return list(dict.fromkeys(problem.name for grade in grades for problem in grade.problems))


def _row(grade: Grade, problems: Sequence[str], *, apart: bool) -> list[str | int | float | None]:
    points = {problem.name: problem for problem in grade.problems}
    return [
        grade.student,
        grade.name or "",
        grade.assignment or "",
        grade.status.value,
        _points(grade.total),
        _points(grade.max_total),
        *(_points(_decided(points[name])) if name in points else None for name in problems),
        *([_points(grade.follow_through)] if apart else []),
        "; ".join(problem.name for problem in grade.waiting),
        grade.hand_in,
        grade.version,
        grade.file,
        _several(grade.identical),
        grade.message or "",
    ]


def _decided(problem: ProblemGrade) -> float | None:
    """Give the points of a problem; None where nobody has decided any of it."""
    return None if problem.is_manual and problem.waiting else problem.points


def _several(students: Sequence[str]) -> str:
    """Name the first of them: a spreadsheet cuts a cell with a whole class in it. The summary has all."""
    more = len(students) - _MOST_IDENTICAL
    return ", ".join(students[:_MOST_IDENTICAL]) + (f" and {more} more" if more > 0 else "")


def _points(points: float | None) -> int | float | None:
    return None if points is None else number(points)
