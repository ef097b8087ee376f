"""Canvas's gradebook: its own export is filled in and uploaded again.

The rules, from github.com/instructure/canvas-lms, lib/gradebook_exporter.rb and lib/gradebook_importer.rb:

- The header is `Student,ID[,SIS User ID],SIS Login ID[,Integration ID][,Root Account],Section`, columns of
  the course's own, an assignment as `TITLE (ID)`, and totals. With `LastName,FirstName` in place of
  `Student`, ID is the third.
- Below it stand a row of `Manual Posting` for hidden assignments, where there are any, and ` Points
  Possible`. A column that has `(read only)` there is passed over by the import.
- A row is its student's by ID, then by SIS User ID, then by SIS Login ID. Rows that are not there change
  nothing; a cell that is there and empty would take a grade away. So a student without a grade gets no row.
- A title that is unknown makes a new assignment. So the template's own header is kept, to the byte.
- `EX` is an excused student, and `N/A` one to whom the assignment is not given: both are left alone.
- The delimiter is a comma or a semicolon; a decimal point is read with both.
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
from grader.report.points import as_text

_ASSIGNMENT = re.compile(r"(?P<title>.*)\s\((?P<id>[0-9]+)\)", re.DOTALL)
_IDENTIFYING = ("ID", "SIS User ID", "SIS Login ID")
_LEFT_ALONE = ("EX", "N/A")


def fill(
    grades: Iterable[Grade],
    template: bytes,
    *,
    name: str = "the template",
    column: str | None = None,
    roster: Roster | None = None,
) -> Upload:
    """Fill one column of the export; all other bytes as they are, but for rows left out.

    Args:
        grades: one for each student.
        template: Canvas's export of the gradebook.
        name: how messages call the template.
        column: the assignment's title, its id, or both as the header has them; None if there is no doubt.
        roster: further identifiers of the students.

    Raises:
        UsageError: it is no export of Canvas, or no single column fits; the message lists the columns.
    """
    known = list(grades)
    table = csv_table.table(template, name)
    identifying = _identifying(table.header, name)
    chosen = _column(table, column, known, name)
    above, students = _parts(table, identifying)
    rows = [(_who(row), [row.value(number) for number in identifying]) for row in students]
    filling = Filling(known, rows, roster)
    _check_points(above, chosen, known, filling, table.header[chosen])
    kept = [
        row
        for position, row in enumerate(students)
        if (grade := filling.grade_for(position)) is not None
        and _is_filled(row, chosen, grade, filling, table.delimiter)
    ]
    table.rows = [*above, *kept]
    if kept and not kept[-1].ending:
        kept[-1].ending = above[0].ending
    return Upload(table.as_bytes(), len(kept), filling.finish(name))


def _identifying(header: Sequence[str], name: str) -> list[int]:
    is_export = header[:2] == ["Student", "ID"] or header[:3] == ["LastName", "FirstName", "ID"]
    if not is_export or "Section" not in header:
        raise UsageError(
            f"{name} is no export of Canvas's gradebook: its columns are {csv_table.listing(header)}. "
            "In Canvas, choose Grades, Export, Export Entire Gradebook."
        )
    return [header.index(one) for one in _IDENTIFYING if one in header]


def _column(table: CsvTable, wanted: str | None, grades: Sequence[Grade], name: str) -> int:
    header = table.header
    section = header.index("Section")
    assignments = {
        number: match
        for number, title in enumerate(header)
        if number > section and (match := _ASSIGNMENT.fullmatch(title))
    }
    listed = "".join(f"\n  {header[number]}" for number in assignments)
    if not assignments:
        raise UsageError(f"{name} has no column of an assignment, such as 'GRU Cell (1234)'.")
    if wanted is not None:
        fitting = [
            number
            for number, match in assignments.items()
            if wanted.strip().casefold()
            in (header[number].casefold(), match["title"].casefold(), match["id"])
        ]
        if len(fitting) != 1:
            how_many = "has several columns" if fitting else "has no column"
            raise UsageError(f"{name} {how_many} {wanted!r}; the assignments are:{listed}")
    else:
        fitting = list(assignments) if len(assignments) == 1 else _alike(assignments, grades)
        if len(fitting) != 1:
            raise UsageError(f"which column of {name} is to be filled? Say it by --column, one of:{listed}")
    return fitting[0]


def _alike(assignments: dict[int, re.Match[str]], grades: Sequence[Grade]) -> list[int]:
    """Find the columns whose title holds the assignment's title or name, or stands in it."""
    ours = {csv_table.key(text) for grade in grades for text in (grade.title, grade.assignment) if text}
    titles = {number: csv_table.key(match["title"]) for number, match in assignments.items()}
    return [
        number
        for number, title in titles.items()
        if title and any(f" {title} " in f" {one} " or f" {one} " in f" {title} " for one in ours)
    ]


def _parts(table: CsvTable, identifying: Sequence[int]) -> tuple[list[CsvRow], list[CsvRow]]:
    """Tell the header with the rows about the assignments from the rows of the students."""
    above = [table.rows[0]]
    students: list[CsvRow] = []
    for row in table.rows[1:]:
        is_student = any(row.value(number) for number in identifying)
        is_about = "points possible" in row.value(0).casefold() or (not students and not is_student)
        (above if is_about else students).append(row)
    return above, students


def _check_points(
    above: Sequence[CsvRow], column: int, grades: Sequence[Grade], filling: Filling, title: str
) -> None:
    possible = next((row for row in above if "points possible" in row.value(0).casefold()), None)
    cell = possible.value(column) if possible is not None else ""
    if "read only" in cell:
        raise UsageError(
            f"Canvas passes over the column {title!r}: it is read only. Choose another by --column."
        )
    most = max((grade.max_total for grade in grades), default=0.0)
    try:
        differs = bool(cell) and float(cell.replace(",", ".")) != most
    except ValueError:
        differs = False
    if differs:
        filling.note(f"{title} has {cell} points in Canvas, but {as_text(most)} here")


def _is_filled(row: CsvRow, column: int, grade: Grade, filling: Filling, delimiter: str) -> bool:
    """Fill in a grade; tells whether the row stays."""
    if row.value(column).upper() in _LEFT_ALONE:
        filling.note(f"{grade.student} was left out: Canvas has {row.value(column)} there")
        return False
    while len(row.cells) <= column:
        row.cells.append(csv_table.cell("", delimiter))
    row.cells[column] = csv_table.cell(points(grade), delimiter)
    return True


def _who(row: CsvRow) -> str:
    return row.value(0) or f"line {row.line}"
