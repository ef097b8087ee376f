"""The class: a CSV that maps whatever identifies a student in file names and gradebooks to one student.

Columns are known by their headers, in any order, so that a platform's own list will do: Canvas's gradebook,
Moodle's participants or offline grading worksheet, Gradescope's roster, GitHub Classroom's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from grader.batch import csv_table
from grader.batch.csv_table import CsvRow
from grader.batch.entry import Entry
from grader.errors import UsageError

# Header -> what it is. Of several that identify, the earlier gives the student's name in our own files.
_IDENTIFY = {
    "student": "student",
    "email": "email",
    "e mail": "email",
    "mail": "email",
    "email address": "email",
    "e mail address": "email",
    "andrew id": "login",
    "login": "login",
    "login id": "login",
    "sis login id": "login",
    "username": "login",
    "user name": "login",
    "user": "login",
    "sid": "number",
    "student id": "number",
    "student number": "number",
    "id number": "number",
    "idnumber": "number",
    "moodle id number": "number",
    "matriculation number": "number",
    "sis user id": "number",
    "id": "id",
    "user id": "id",
    "canvas id": "id",
    "canvas user id": "id",
    "github": "github",
    "github login": "github",
    "github username": "github",
    "identifier": "identifier",
    "participant": "identifier",
    "moodle participant": "identifier",
}
_ORDER = ("student", "email", "login", "number", "id", "github", "identifier")
_NAMES = ("name", "full name", "student name")
_FIRST_NAMES = ("first name", "firstname", "given name")
_LAST_NAMES = ("last name", "lastname", "surname", "family name")
_NO_STUDENT = re.compile(r"\s*points possible\s*|student, test|test student", re.IGNORECASE)


@dataclass(frozen=True)
class Student:
    """One student of the class.

    Attributes:
        student: what identifies the student in our own files.
        name: for people; None if the list has none.
        identifiers: kind, a value of `_IDENTIFY` -> values.
        line: where the list has the student.
    """

    student: str
    name: str | None
    identifiers: Mapping[str, tuple[str, ...]]
    line: int

    @property
    def values(self) -> tuple[str, ...]:
        """Everything that identifies the student, each once."""
        return tuple(dict.fromkeys(value for values in self.identifiers.values() for value in values))


@dataclass(frozen=True)
class Matched:
    """The hand-ins with the class's own names.

    Attributes:
        entries: all hand-ins; those of nobody on the list keep the names that they had.
        unmatched: the hand-ins of nobody on the list.
        absent: students without a hand-in, in the order of the list.
    """

    entries: tuple[Entry, ...]
    unmatched: tuple[Entry, ...] = ()
    absent: tuple[Student, ...] = ()


@dataclass(frozen=True)
class Roster:
    """The students of the class."""

    students: tuple[Student, ...] = field(default=())

    def of(self, identifier: str) -> Student | None:
        """Find whom `identifier` identifies, in letters of any case; None if nobody or several."""
        return self._index.get(identifier.strip().casefold())

    def applied(self, entries: Iterable[Entry]) -> Matched:
        """Give each hand-in its student's name of this list.

        A hand-in whose identifier is unknown goes by the name for people, where one student alone has that
        name, and one hand-in's student alone.
        """
        known = tuple(entries)
        by_name = self._by_name({(entry.student, entry.name) for entry in known})
        matched, unmatched, seen = [], [], set()
        for entry in known:
            student = self.of(entry.student) or by_name.get(entry.student)
            if student is None:
                unmatched.append(entry)
                matched.append(entry)
            else:
                seen.add(student.student)
                matched.append(replace(entry, student=student.student, name=student.name or entry.name))
        absent = tuple(student for student in self.students if student.student not in seen)
        return Matched(tuple(matched), tuple(unmatched), absent)

    @cached_property
    def _index(self) -> dict[str, Student]:
        found: dict[str, set[int]] = {}
        for number, student in enumerate(self.students):
            for value in student.values:
                found.setdefault(value.casefold(), set()).add(number)
        # What is one student's login and another's number identifies neither.
        return {value: self.students[who.pop()] for value, who in found.items() if len(who) == 1}

    def _by_name(self, pairs: Iterable[tuple[str, str | None]]) -> dict[str, Student]:
        unknown = [(who, csv_table.key(name)) for who, name in pairs if name and self.of(who) is None]
        handed_in = Counter(name for _, name in unknown)
        listed: dict[str, list[Student]] = {}
        for student in self.students:
            if student.name:
                listed.setdefault(csv_table.key(student.name), []).append(student)
        taken = {known.student for who, _ in pairs if (known := self.of(who)) is not None}
        return {
            who: listed[name][0]
            for who, name in unknown
            if handed_in[name] == 1
            and len(listed.get(name, ())) == 1
            and listed[name][0].student not in taken
        }


def read(path: Path) -> Roster:
    """Read the list of a class.

    Raises:
        UsageError: it cannot be read, no column identifies students, or an identifier stands in two rows; the
            message names every such line.
    """
    table = csv_table.table(csv_table.read(path), path.name)
    columns = _RosterColumns(table.header, path.name)
    students: list[Student] = []
    errors: list[str] = []
    first: dict[tuple[str, str], int] = {}
    for row in table.rows[1:]:
        student = columns.student(row)
        if row.is_blank or _NO_STUDENT.fullmatch(row.value(0)) or columns.is_no_student(row):
            continue
        if student is None:
            errors.append(f"line {row.line} has nothing in the columns that identify a student")
            continue
        for kind, values in student.identifiers.items():
            for value in values:
                earlier = first.setdefault((kind, value.casefold()), row.line)
                if earlier != row.line:
                    errors.append(f"line {row.line}: {value!r} stands in line {earlier} already")
        students.append(student)
    if errors:
        raise UsageError("\n  ".join([f"{path.name} cannot be used:", *errors]))
    if not students:
        raise UsageError(f"{path.name} lists no students.")
    return Roster(tuple(students))


class _RosterColumns:
    """Which column is what."""

    def __init__(self, header: list[str], name: str) -> None:
        keys = [csv_table.key(column) for column in header]
        self._is_canvas = "sis login id" in keys and keys[0] in ("student", "lastname")
        named = [*_NAMES, "student"] if self._is_canvas else list(_NAMES)
        self._identify = {
            number: _IDENTIFY[column]
            for number, column in enumerate(keys)
            if column in _IDENTIFY and column not in named
        }
        self._name = _first(keys, named)
        self._first_name, self._last_name = _first(keys, _FIRST_NAMES), _first(keys, _LAST_NAMES)
        if not self._identify:
            raise UsageError(
                f"{name} has no column that identifies students, such as student, email, login or id; its "
                f"columns are {csv_table.listing(header) or 'without names'}."
            )

    def is_no_student(self, row: CsvRow) -> bool:
        """Tell whether it is one of the rows that Canvas writes above the students."""
        return self._is_canvas and not any(row.value(number) for number in self._identify)

    def student(self, row: CsvRow) -> Student | None:
        """Read the student of a row; None if nothing identifies one."""
        found: dict[str, tuple[str, ...]] = {}
        for number, kind in self._identify.items():
            value = row.value(number)
            if value and value not in found.get(kind, ()):
                also = _participant(value) if kind == "identifier" else ()
                found[kind] = (*found.get(kind, ()), value, *also)
        if not found:
            return None
        main = next(kind for kind in _ORDER if kind in found)
        return Student(found[main][0], self._person(row), found, row.line)

    def _person(self, row: CsvRow) -> str | None:
        whole = row.value(self._name)
        parts = (row.value(self._first_name), row.value(self._last_name))
        return whole or " ".join(part for part in parts if part) or None


def _first(keys: list[str], names: Iterable[str]) -> int | None:
    return next((keys.index(name) for name in names if name in keys), None)


def _participant(value: str) -> tuple[str, ...]:
    """Find the number of Moodle's "Participant 123", which the names of its downloads have."""
    match = re.fullmatch(r"\D+\s([0-9]+)", value)
    return (match[1],) if match else ()
