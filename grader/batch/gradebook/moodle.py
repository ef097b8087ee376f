"""Moodle: its offline grading worksheet filled in, or a CSV for its grade import.

The rules, from github.com/moodle/moodle:

- mod/assign/feedback/offline/importgradeslib.php: the worksheet must have the columns Identifier, Grade and
  Last modified (grade), in the language of whoever imports. Identifier is "Participant" and a number, the
  same as in the names of the downloaded hand-ins. It is read as UTF-8.
- mod/assign/feedback/offline/locallib.php: a row without a grade is passed over, but its feedback is taken,
  and an empty one takes away what was there. So a student without a grade gets no row. A grade above the
  maximum is dropped without a word. "Grade can be changed" says whether the grade is locked.
- grade/import/csv/classes/load_data.php: a grade import knows students by email address, username or ID
  number (the participant's number is none of them), and one unknown student, or one grade above 100 where
  the site does not allow more, aborts the whole import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from grader.batch import csv_table
from grader.batch.collect.roster import Roster
from grader.batch.csv_table import CsvRow, CsvTable
from grader.batch.gradebook.grades import Grade
from grader.batch.gradebook.template import Filling, Upload, points
from grader.errors import UsageError
from grader.records import Status
from grader.report import escape
from grader.report.points import as_text, number

_PARTICIPANT = re.compile(r"\D*?\s?([0-9]+)")
_USUAL_MOST = 100.0
# Of a roster, what the import knows: kind -> the name by which Moodle proposes the same field.
_FIELDS = (("email", "Email address"), ("login", "Username"), ("number", "ID number"))


def fill(
    grades: Iterable[Grade],
    template: bytes,
    *,
    name: str = "the worksheet",
    column: str | None = None,
    roster: Roster | None = None,
) -> Upload:
    """Fill grade and feedback into the offline grading worksheet; all other cells as they are.

    Args:
        grades: one for each student.
        template: the worksheet as Moodle wrote it.
        name: how messages call it.
        column: header of the grades' column, where Moodle's language is not English.
        roster: further identifiers of the students.

    Raises:
        UsageError: it is no such worksheet; the message lists its columns.
    """
    table = csv_table.table(template, name)
    columns = _Worksheet(table, column, name)
    rows = [row for row in table.rows[1:] if not row.is_blank]
    filling = Filling(grades, [columns.identified(row) for row in rows], roster)
    kept = [
        row
        for position, row in enumerate(rows)
        if (grade := filling.grade_for(position)) is not None and columns.is_filled(row, grade, filling)
    ]
    table.rows = [table.rows[0], *kept]
    return Upload(table.as_bytes(), len(kept), filling.finish(name))


def for_import(grades: Iterable[Grade], *, roster: Roster | None = None) -> Upload:
    """Write a CSV for Moodle's grade import: who, grade, feedback.

    Raises:
        UsageError: nothing that Moodle's import knows identifies the students.
    """
    known = sorted(grades, key=lambda grade: grade.student)
    label, who = _identified(known, roster)
    filling = Filling(known, [(value, (student,)) for student, value in who.items()])
    lines = [csv_table.line((label, "Grade", "Feedback"))]
    for position, value in enumerate(who.values()):
        if (grade := filling.grade_for(position)) is not None:
            lines.append(csv_table.line((value, number(grade.total or 0.0), feedback(grade))))
    if any((grade.total or 0.0) > _USUAL_MOST for grade in known):
        filling.note("a grade above 100 aborts the import, unless the site allows more (unlimitedgrades)")
    return Upload("".join(lines).encode("utf-8"), len(lines) - 1, filling.finish(f"the column {label}"))


def feedback(grade: Grade) -> str:
    """Write what Moodle shows beside the grade: the points of each problem on one line."""
    if grade.status is Status.REJECTED and grade.message:
        return escape.line(f"Not graded: {grade.message}")
    parts = (
        f"{one.name}: {as_text(one.points or 0.0)} / {as_text(one.max_points)}" for one in grade.problems
    )
    return escape.line("; ".join(parts), limit=1_000)


class _Worksheet:
    """Which column is what."""

    def __init__(self, table: CsvTable, column: str | None, name: str) -> None:
        header = table.header
        wanted = csv_table.key(column) if column is not None else "grade"
        keys = [csv_table.key(one) for one in header]
        rows = [row for row in table.rows[1:] if not row.is_blank]
        is_worksheet = wanted in keys and (
            "identifier" in keys or (rows and all(_PARTICIPANT.fullmatch(row.value(0)) for row in rows))
        )
        if not is_worksheet:
            raise UsageError(
                f"{name} is no offline grading worksheet of Moodle: its columns are "
                f"{csv_table.listing(header)}. "
                "In Moodle, open the assignment's submissions and choose 'Download grading worksheet'; where "
                "Moodle is not in English, name the column of the grades by --column."
            )
        self._delimiter = table.delimiter
        self._grade = keys.index(wanted)
        self._identifier = keys.index("identifier") if "identifier" in keys else 0
        self._others = [keys.index(one) for one in ("email address", "username", "id number") if one in keys]
        self._most = keys.index("maximum grade") if "maximum grade" in keys else None
        self._changeable = keys.index("grade can be changed") if "grade can be changed" in keys else None
        self._feedback = keys.index("feedback comments") if "feedback comments" in keys else None

    def identified(self, row: CsvRow) -> tuple[str, list[str]]:
        """Tell how notes call a row, and what identifies its student."""
        who = row.value(self._identifier)
        match = _PARTICIPANT.fullmatch(who)
        others = [row.value(column) for column in self._others]
        return who or f"line {row.line}", [who, match[1] if match else "", *others]

    def is_filled(self, row: CsvRow, grade: Grade, filling: Filling) -> bool:
        """Fill in grade and feedback; tells whether the row stays."""
        who = row.value(self._identifier)
        if row.value(self._changeable).casefold() == "no":
            filling.note(f"{who} was left out: Moodle says that the grade cannot be changed")
            return False
        if _above(row.value(self._most), grade):
            filling.note(
                f"{who} was left out: {points(grade)} is above the maximum of {row.value(self._most)}"
            )
            return False
        self._put(row, self._grade, points(grade))
        if self._feedback is not None:
            self._put(row, self._feedback, feedback(grade))
        return True

    def _put(self, row: CsvRow, column: int, text: str) -> None:
        while len(row.cells) <= column:
            row.cells.append(csv_table.cell("", self._delimiter))
        row.cells[column] = csv_table.cell(text, self._delimiter)


def _above(most: str, grade: Grade) -> bool:
    try:
        return (grade.total or 0.0) > float(most.replace(",", "."))
    except ValueError:
        return False


def _identified(grades: Sequence[Grade], roster: Roster | None) -> tuple[str, dict[str, str]]:
    """Choose the field that identifies most students, and what it says of each: student -> value."""
    if all("@" in grade.student for grade in grades):
        return "Email address", {grade.student: grade.student for grade in grades}
    found: dict[str, dict[str, str]] = {}
    for grade in grades:
        student = roster.of(grade.student) if roster is not None else None
        for kind, label in _FIELDS:
            values = student.identifiers.get(kind) if student is not None else None
            if values:
                found.setdefault(label, {})[grade.student] = values[0]
    if not found:
        raise UsageError(
            "Moodle's grade import knows students by email address, username or ID number, and the hand-ins' "
            "names have none: give the offline grading worksheet by --template, or a list by --students."
        )
    return max(found.items(), key=lambda one: len(one[1]))
