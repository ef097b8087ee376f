"""`summary.txt`: the class on a page, the same bytes for the same reports.

How the points are spread, what was solved and what not and why, and who needs a person. Whatever students
wrote, their names included, is made harmless to print. No time, no host and no order of arrival is in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.batch.collect.roster import Student
from grader.batch.entry import Entry, Graded, Ignored
from grader.batch.gradebook import grades, marks
from grader.batch.gradebook.figures import Figures
from grader.batch.gradebook.grades import Grade
from grader.batch.gradebook.marks import Overruled
from grader.records import Status
from grader.report import escape
from grader.report.points import as_text

_NAME_CHARS = 50
_SENTENCE_CHARS = 300


@dataclass(frozen=True)
class Remarks:
    """What is to be told beside the reports.

    Attributes:
        platforms: whose names the hand-ins had.
        ignored: what was not graded.
        superseded: hand-ins in whose place another one counts.
        unmatched: hand-ins of nobody on the list of students.
        absent: students without a hand-in.
        overruled: marks in place of what the grader had decided.
    """

    platforms: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    superseded: tuple[Ignored, ...] = ()
    unmatched: tuple[Entry, ...] = ()
    absent: tuple[Student, ...] = ()
    overruled: tuple[Overruled, ...] = ()


class Summary:
    """Counts hand-ins one by one and keeps none of their reports."""

    def __init__(self) -> None:
        self._grades: list[Grade] = []
        self._figures: dict[str, Figures] = {}  # by assignment
        self._not_isolated: dict[tuple[str, ...], list[str]] = {}

    def add(self, graded: Graded) -> None:
        """Count one hand-in."""
        report = graded.report
        self._grades.append(grades.of(graded))
        if report.isolation is not None and not report.isolation.isolated:
            self._not_isolated.setdefault(report.isolation.off, []).append(graded.entry.student)
        if report.status is Status.GRADED and report.assignment is not None:
            self._figures.setdefault(report.assignment, Figures()).add(report)

    def render(self, remarks: Remarks | None = None) -> str:
        """Write the summary as text that ends with a newline."""
        told = remarks or Remarks()
        rows = sorted(self._grades, key=lambda grade: (grade.student, grade.version))
        parts = [
            _head(rows, told),
            *self._by_assignment(rows),
            _following(rows),
            _needs_a_person(rows, told, self._not_isolated),
            _left_out(told),
        ]
        return "\n".join("\n".join(lines) + "\n" for lines in parts if lines)

    def _by_assignment(self, rows: Sequence[Grade]) -> list[list[str]]:
        """Write the figures of each assignment.

        Points of different assignments are never added up: where there are several, each has its own."""
        titles = {grade.assignment: grade.title or grade.assignment for grade in rows if grade.assignment}
        if len(titles) <= 1:  # then what no assignment was recognised for counts, too
            (figures,) = self._figures.values() or [Figures()]
            return figures.parts(rows)
        parts = []
        for name in sorted(titles):
            title = _sentence(titles[name] or "")
            parts.append([title, "=" * len(title)])
            mine = [grade for grade in rows if grade.assignment == name]
            parts += self._figures.get(name, Figures()).parts(mine)
        return parts


def _head(rows: Sequence[Grade], told: Remarks) -> list[str]:
    titles = sorted({grade.title or grade.assignment or "assignment unknown" for grade in rows})
    by_status = Counter(grade.status for grade in rows)
    lines = [_sentence(title) for title in titles]
    students = len({grade.student for grade in rows})
    lines.append(f"{_count(len(rows), 'hand-in')} of {_count(students, 'student')}")
    final = sum(grade.is_final for grade in rows)
    lines.append(
        f"{by_status[Status.GRADED]} graded, {by_status[Status.REJECTED]} rejected (0 points), "
        f"{by_status[Status.ERROR]} on which the grader failed (no grade); {final} final"
    )
    if told.platforms:
        lines.append(f"Platform{'s' if len(told.platforms) > 1 else ''}: {', '.join(told.platforms)}")
    return lines


def _needs_a_person(
    rows: Sequence[Grade], told: Remarks, not_isolated: Mapping[tuple[str, ...], Sequence[str]]
) -> list[str]:
    lines: list[str] = []
    who = {grade.student: _who(grade) for grade in rows}
    ours = [_reason(grade) for grade in rows if grade.total is None]
    lines += _section("The grader failed on these; run it again, or mark them by hand", ours)
    waiting = [
        f"{who[one.student]}: {_name(one.problem)} ({as_text(one.max_points)} points): {_sentence(one.why)}"
        for one in marks.waiting(rows)
    ]
    lines += _section("A person decides", waiting)
    rejected = [_reason(grade) for grade in rows if grade.status is Status.REJECTED]
    lines += _section("Rejected with 0 points (check the reason before it counts)", rejected)
    for layers, students in sorted(not_isolated.items()):
        title = f"NOT ISOLATED ({'; '.join(_sentence(layer) for layer in layers)})"
        lines += _section(title, [who[student] for student in sorted(students)])
    lines += _section("The same files handed in by several", _identical(rows, who))
    overruled = [
        f"{_name(one.student)}: {_name(one.problem)}: {as_text(one.mark)} in place of "
        f"{'no grade' if one.points is None else as_text(one.points)}: {_sentence(one.comment)}"
        for one in sorted(told.overruled, key=lambda one: (one.student, one.problem))
    ]
    lines += _section("Marks in place of what the grader decided", overruled)
    return ["Who needs a person", "==================", *lines] if lines else ["Nobody needs a person."]


def _following(rows: Sequence[Grade]) -> list[str]:
    """Name who has points for a backward that follows from a wrong forward: whoever doubts them can look."""
    lines = [
        f"{_who(grade)}: {_name(problem.name)}: {as_text(problem.follow_through)} of "
        f"{as_text(problem.max_points)} points"
        for grade in rows
        for problem in grade.problems
        if problem.follow_through
    ]
    return _section("Follow-through: a backward that is true to its own wrong forward", lines)[1:]


def _identical(rows: Sequence[Grade], who: Mapping[str, str]) -> list[str]:
    groups = {tuple(sorted({grade.student, *grade.identical})) for grade in rows if grade.identical}
    return [", ".join(who[student] for student in group) for group in sorted(groups)]


def _left_out(told: Remarks) -> list[str]:
    absent = [
        f"{_name(one.student)}{f' ({_name(one.name)})' if one.name else ''}"
        for one in sorted(told.absent, key=lambda one: one.student)
    ]
    lines = _section("No hand-in", absent)
    unmatched = sorted({f"{_name(entry.student)}: {_name(entry.path.name)}" for entry in told.unmatched})
    lines += _section("Not on the list of students", unmatched)
    lines += _section("Earlier versions, not counted", _paths(told.superseded))
    lines += _section("Not graded", _paths(told.ignored))
    return lines[1:]


def _paths(ignored: Iterable[Ignored]) -> list[str]:
    return sorted({f"{_sentence(one.path)} {_sentence(one.reason)}" for one in ignored})


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title}: {len(lines)}", *(f"  {line}" for line in lines)] if lines else []


def _reason(grade: Grade) -> str:
    return f"{_who(grade)} ({_name(grade.hand_in)}): {_sentence(grade.message or 'no reason')}"


def _who(grade: Grade) -> str:
    """Call a student by the name, too: a platform's number says nothing to a person."""
    return f"{_name(grade.student)} {_name(grade.name)}" if grade.name else _name(grade.student)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _name(text: str) -> str:
    return escape.line(text, limit=_NAME_CHARS)


def _sentence(text: str) -> str:
    return escape.line(text, limit=_SENTENCE_CHARS)
