"""What the gradebooks of platforms have in common: a template's rows are matched, filled, or left out and
listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.batch.collect.roster import Roster
from grader.batch.gradebook.grades import Grade
from grader.report import escape
from grader.report.points import number


@dataclass(frozen=True)
class Upload:
    """A file for a platform.

    Attributes:
        content: its bytes.
        filled: how many students have a grade in it.
        notes: sentences on who is not in it and why.
    """

    content: bytes
    filled: int
    notes: tuple[str, ...]


class Filling:
    """Pairs the rows of a template with grades, and gathers what to tell.

    A row and a grade belong together only if neither fits another as well: one student's login may be
    another's number, and no grade may go to somebody else.

    Args:
        grades: one for each student.
        rows: for each row of the template, how notes call it and the cells that identify its student.
        roster: further identifiers of the students.
    """

    def __init__(
        self,
        grades: Iterable[Grade],
        rows: Sequence[tuple[str, Sequence[str]]],
        roster: Roster | None = None,
    ) -> None:
        self._grades = sorted(grades, key=lambda grade: grade.student)
        self._rows = rows
        self.notes: list[str] = []
        by: dict[str, set[int]] = {}
        for position, grade in enumerate(self._grades):
            for value in _identifiers(grade.student, roster):
                by.setdefault(value.casefold(), set()).add(position)
        self._of_row = [
            {who for value in values if value for who in by.get(value.casefold(), ())} for _, values in rows
        ]
        self._of_grade: dict[int, list[int]] = {}
        for row, found in enumerate(self._of_row):
            for who in found:
                self._of_grade.setdefault(who, []).append(row)

    def grade_for(self, row: int) -> Grade | None:
        """Find the final grade for a template's row, counted from 0; None if the row is to be left out."""
        found = self._of_row[row]
        if len(found) != 1:
            return None
        who = next(iter(found))
        grade = self._grades[who]
        return grade if grade.is_final and len(self._of_grade[who]) == 1 else None

    def finish(self, where: str) -> tuple[str, ...]:
        """Give all notes, also on grades that are not final, or that no row, or several, could have."""
        for position, grade in enumerate(self._grades):
            rows = self._of_grade.get(position, [])
            rivals = sorted({self._grades[who].student for row in rows for who in self._of_row[row]})
            if not grade.is_final:
                self.note(f"{grade.student} was left out: {_why_not(grade)}")
            elif not rows:
                self.note(f"{grade.student} was left out: {where} has nobody of that name")
            elif len(rows) > 1:
                names = ", ".join(self._rows[row][0] for row in rows)
                self.note(f"{grade.student} was left out: it could be any of these rows: {names}")
            elif len(rivals) > 1:
                names = ", ".join(rivals)
                self.note(
                    f"{grade.student} was left out: the row {self._rows[rows[0]][0]} fits all of {names}"
                )
        return tuple(self.notes)

    def note(self, sentence: str) -> None:
        """Note something to tell, made harmless to print."""
        self.notes.append(escape.line(f"{sentence}."))


def _identifiers(student: str, roster: Roster | None) -> tuple[str, ...]:
    known = roster.of(student) if roster is not None else None
    return (student, *known.values) if known is not None else (student,)


def points(grade: Grade) -> str:
    """Write the total as platforms read it: digits, a point, no more than four decimals."""
    return str(number(grade.total if grade.total is not None else 0.0))


def _why_not(grade: Grade) -> str:
    if grade.total is None:
        return "the grader failed on this hand-in"
    return f"{', '.join(problem.name for problem in grade.waiting)} still waits for a person"
