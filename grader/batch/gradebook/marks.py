"""Points that a person gives: `marks.csv` with the columns student, problem, points and comment.

A mark sets the points of a whole problem. What waits for a person needs no comment. What the grader has
decided may be overruled, but not without a comment; it is listed. Where the grader itself failed, marks for
every problem make a grade.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch import csv_table
from grader.batch.collect.roster import Roster
from grader.batch.csv_table import CsvRow
from grader.batch.entry import Graded
from grader.batch.gradebook.grades import Grade, ProblemGrade
from grader.batch.gradebook.marking import Mark, marked
from grader.errors import UsageError
from grader.report.points import as_text

COLUMNS = ("student", "problem", "points", "comment")
_MOST_ERRORS = 50
_POINTS = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True)
class Overruled:
    """A mark in place of what the grader had decided; `points` is what the grader gave, None if it failed."""

    student: str
    problem: str
    points: float | None
    mark: float
    comment: str


@dataclass(frozen=True)
class Waiting:
    """A problem that a person still has to decide, and why."""

    student: str
    problem: str
    max_points: float
    why: str


@dataclass(frozen=True)
class Marks:
    """All marks, checked."""

    marks: tuple[Mark, ...] = ()
    overruled: tuple[Overruled, ...] = ()

    def applied(self, graded: Graded) -> Graded:
        """Put this student's marks into the report; without any, it is left as it is."""
        mine = {mark.problem: mark for mark in self.marks if mark.student == graded.entry.student}
        return replace(graded, report=marked(graded.report, mine)) if mine else graded


def read(path: Path, grades: Iterable[Grade], roster: Roster | None = None) -> Marks:
    """Read the marks in a file, held to their grades. A line with neither points nor comment is passed over.

    Args:
        path: the file.
        grades: one for each student.
        roster: by which else a line may call its student.

    Raises:
        UsageError: the file cannot be read, or lines are wrong: each with its number, all in one message.
    """
    table = csv_table.table(csv_table.read(path), path.name)
    columns = _columns(table.header, path.name)
    reader = _MarksReader(grades, roster, is_comma=table.delimiter != ",")
    for row in table.rows[1:]:
        if not row.is_blank:
            reader.line(row, columns)
    if reader.errors:
        shown = reader.errors[:_MOST_ERRORS]
        if len(reader.errors) > len(shown):
            shown.append(f"and {len(reader.errors) - len(shown)} more")
        raise UsageError("\n  ".join([f"{path.name} cannot be used:", *shown]))
    return Marks(tuple(reader.marks), tuple(reader.overruled))


def waiting(grades: Iterable[Grade]) -> tuple[Waiting, ...]:
    """List what still waits for a person, by student and in the order of the problems."""
    return tuple(
        Waiting(grade.student, problem.name, problem.max_points, problem.waiting or "")
        for grade in sorted(grades, key=lambda grade: grade.student)
        for problem in grade.waiting
    )


def form(grades: Iterable[Grade]) -> str:
    """Make a `marks.csv` to fill in: a line for all that waits, its points empty."""
    lines = [csv_table.line((one.student, one.problem, None, None)) for one in waiting(grades)]
    return "".join([csv_table.line(COLUMNS), *lines])


def is_filled(content: bytes) -> bool:
    """Tell whether a person has written into what `form` gave: points, a comment, or what is no form."""
    try:
        table = csv_table.table(content, "the form")
        columns = _columns(table.header, "the form")
    except UsageError:
        return True
    return any(row.value(columns[name]) for row in table.rows[1:] for name in ("points", "comment"))


def _columns(header: Sequence[str], name: str) -> Mapping[str, int | None]:
    keys = [csv_table.key(column) for column in header]
    missing = [column for column in COLUMNS[:3] if column not in keys]
    twice = [column for column in COLUMNS if keys.count(column) > 1]
    if missing or twice:
        what = f"lacks {' and '.join(missing)}" if missing else f"has {twice[0]} twice"
        raise UsageError(
            f"{name} {what}: its first line must name the columns {', '.join(COLUMNS)}; it names "
            f"{csv_table.listing(header) or 'none'}."
        )
    return {column: keys.index(column) if column in keys else None for column in COLUMNS}


class _MarksReader:
    """Takes one line after the other; gathers marks and errors."""

    def __init__(self, grades: Iterable[Grade], roster: Roster | None, *, is_comma: bool) -> None:
        self._roster = roster
        self._is_comma = is_comma  # where cells are separated otherwise, 7,5 is a number
        self._grades: dict[str, Grade] = {}
        for grade in grades:
            self._grades[grade.student] = grade
            self._grades.setdefault(csv_table.safe(grade.student), grade)  # as our gradebook writes it
        self._first: dict[tuple[str, str], int] = {}
        self.marks: list[Mark] = []
        self.overruled: list[Overruled] = []
        self.errors: list[str] = []

    def line(self, row: CsvRow, columns: Mapping[str, int | None]) -> None:
        """Take one line of marks."""
        student, problem, points, comment = (row.value(columns[column]) for column in COLUMNS)
        try:
            if points or comment:
                self._mark(student, problem, points, comment, row.line)
        except UsageError as error:
            self.errors.append(f"line {row.line}: {error}")

    def _mark(self, student: str, problem: str, points: str, comment: str, line: int) -> None:
        listed = self._roster.of(student) if self._roster is not None else None
        grade = self._grades.get(student) or (self._grades.get(listed.student) if listed else None)
        if grade is None:
            raise UsageError(f"there is no hand-in of a student {student!r}")
        found = next((one for one in grade.problems if problem in (one.name, csv_table.safe(one.name))), None)
        if found is None:
            names = ", ".join(repr(one.name) for one in grade.problems) or "none"
            raise UsageError(f"there is no problem {problem!r}; there are: {names}")
        value = self._points(points, found)
        earlier = self._first.setdefault((grade.student, found.name), line)
        if earlier != line:
            raise UsageError(f"{student} has a mark for {found.name!r} in line {earlier} already")
        if found.waiting is None:
            if not comment:
                decided = (
                    f"the grader gave {as_text(found.points)}" if found.points is not None else "it failed"
                )
                raise UsageError(f"{found.name!r} waits for nobody ({decided}): a mark of it needs a comment")
            self.overruled.append(Overruled(grade.student, found.name, found.points, value, comment))
        self.marks.append(Mark(grade.student, found.name, value, comment, line))

    def _points(self, text: str, problem: ProblemGrade) -> float:
        if not text:
            raise UsageError("there is a comment, but no points")
        digits = text.replace(",", ".") if self._is_comma else text
        if not _POINTS.fullmatch(digits):
            raise UsageError(f"points are a number, not {text!r}")
        value = float(digits)
        if not 0 <= value <= problem.max_points:
            raise UsageError(f"{problem.name!r} has 0 to {as_text(problem.max_points)} points, not {text}")
        return value
