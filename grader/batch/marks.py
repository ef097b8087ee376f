"""Points that a person gives: `marks.csv` with the columns student, problem, points and comment.

A mark sets the points of a whole problem. What waits for a person needs no comment. What the grader has
decided may be overruled, but not without a comment; it is listed. Where the grader itself failed, marks for
every problem make a grade.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.batch import csv_table
from grader.batch.csv_table import Row
from grader.batch.entry import Outcome
from grader.batch.grades import BY_A_PERSON, Grade, ProblemGrade
from grader.batch.students import Roster
from grader.errors import UsageError
from grader.report import escape
from grader.report.points import letters, number

COLUMNS = ("student", "problem", "points", "comment")
_MOST_ERRORS = 50
_DIGITS = 6
_POINTS = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


@dataclass(frozen=True)
class Mark:
    """The points that a person gives for one problem, and what the person says about it."""

    student: str
    problem: str
    points: float
    comment: str
    line: int


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

    def applied(self, outcome: Outcome) -> Outcome:
        """The outcome with this student's marks in its report; the same one if there are none."""
        mine = {mark.problem: mark for mark in self.marks if mark.student == outcome.entry.student}
        return replace(outcome, report=_marked(outcome.report, mine)) if mine else outcome


def read(path: Path, grades: Iterable[Grade], roster: Roster | None = None) -> Marks:
    """The marks in a file, held to their grades. A line with neither points nor comment is passed over.

    Args:
        path: the file.
        grades: one for each student.
        roster: by which else a line may call its student.

    Raises:
        UsageError: the file cannot be read, or lines are wrong: each with its number, all in one message.
    """
    table = csv_table.table(csv_table.read(path), path.name)
    columns = _columns(table.header, path.name)
    reading = _Reading(grades, roster, is_comma=table.delimiter != ",")
    for row in table.rows[1:]:
        if not row.is_blank:
            reading.line(row, columns)
    if reading.errors:
        shown = reading.errors[:_MOST_ERRORS]
        if len(reading.errors) > len(shown):
            shown.append(f"and {len(reading.errors) - len(shown)} more")
        raise UsageError("\n  ".join([f"{path.name} cannot be used:", *shown]))
    return Marks(tuple(reading.marks), tuple(reading.overruled))


def waiting(grades: Iterable[Grade]) -> tuple[Waiting, ...]:
    """What still waits for a person, by student and in the order of the problems."""
    return tuple(
        Waiting(grade.student, problem.name, problem.max_points, problem.waiting or "")
        for grade in sorted(grades, key=lambda grade: grade.student)
        for problem in grade.waiting
    )


def form(grades: Iterable[Grade]) -> str:
    """A `marks.csv` to fill in: a line for all that waits, its points empty."""
    lines = [csv_table.line((one.student, one.problem, None, None)) for one in waiting(grades)]
    return "".join([csv_table.line(COLUMNS), *lines])


def is_filled(content: bytes) -> bool:
    """Whether a person has written into a form that `form` gave: points, a comment, or what is no form."""
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


class _Reading:
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

    def line(self, row: Row, columns: Mapping[str, int | None]) -> None:
        """One line of marks."""
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
                    f"the grader gave {letters(found.points)}" if found.points is not None else "it failed"
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
            raise UsageError(f"{problem.name!r} has 0 to {letters(problem.max_points)} points, not {text}")
        return value


def _marked(report: Mapping[str, Any], marks: Mapping[str, Mark]) -> Mapping[str, Any]:
    """The report with these marks in it: the form of schema.json is kept."""
    marked: dict[str, Any] = copy.deepcopy(dict(report))
    for problem in marked["problems"]:
        mark = marks.get(problem["name"])
        if mark is not None:
            problem["points"] = number(mark.points, digits=_DIGITS)
            problem["criteria"] = _criteria(problem, mark)
            marked["findings"].append(_finding(mark, problem["max_points"]))
    if marked["status"] == "error" and all(one["points"] is not None for one in marked["problems"]):
        marked["status"], marked["message"], marked["hint"] = "graded", None, None
    if marked["status"] != "error":
        marked["score"] = number(math.fsum(one["points"] for one in marked["problems"]), digits=_DIGITS)
    return marked


def _criteria(problem: Mapping[str, Any], mark: Mark) -> list[dict[str, Any]]:
    """What was open is decided: it shares the points of the mark that the other criteria do not have."""
    criteria: list[dict[str, Any]] = [dict(one) for one in problem["criteria"]]
    still_open = [one for one in criteria if one["passed"] is None]
    most = math.fsum(one["max_points"] for one in still_open)
    decided = math.fsum(one["points"] or 0 for one in criteria if one["passed"] is not None)
    share = min(1.0, max(0.0, (mark.points - decided) / most)) if most else 0.0
    for one in still_open:
        one["passed"] = share == 1.0
        one["points"] = number(share * one["max_points"], digits=_DIGITS)
        one["reason"] = BY_A_PERSON
        one["message"] = _visible(mark.comment) or None
    return criteria


def _finding(mark: Mark, max_points: float) -> dict[str, Any]:
    said = f": {_visible(mark.comment)}" if mark.comment else ""
    message = f"A person gave {letters(mark.points)} of {letters(max_points)} points for {mark.problem}{said}"
    return {"blame": "nobody", "message": message, "hint": None, "file": None, "line": None}


def _visible(comment: str) -> str:
    return escape.visible(comment, keep="\n\t")
