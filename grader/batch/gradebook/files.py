"""Writes what a batch comes to, from its journal alone: reports, gradebooks and the summary.

Every file is written beside its place and moved there, and left alone where it is right already. What an
earlier run wrote, and this one would not, is moved to `earlier/`, in place of what was moved there under the
same name before: nothing old lies beside the new.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from grader.batch import csv_table
from grader.batch.collect.roster import Roster
from grader.batch.entry import Graded
from grader.batch.gradebook import canvas, grades, marks, moodle, own
from grader.batch.gradebook.grades import Grade
from grader.batch.gradebook.summary import Remarks, Summary
from grader.batch.gradebook.template import Upload
from grader.batch.journal.journal import Journal
from grader.batch.results_folder import (
    EARLIER,
    GRADEBOOK,
    PART,
    REPORTS,
    SUMMARY,
    UPLOADS,
    VERSIONS,
    WAITING,
)
from grader.declaration import Assignment
from grader.errors import GraderError, UsageError
from grader.hints import HintPolicy, for_student
from grader.records import Report
from grader.report.forms import rendered

BESIDE = ".files"  # behind the stem of a report: the folder of the files that came of the grading
SPREADSHEET = "utf-8-sig"  # without the mark, Excel takes UTF-8 for the machine's old code page


@dataclass(frozen=True)
class Wishes:
    """What the caller wants beside the reports.

    Attributes:
        marks: points that a person gave, a CSV.
        platform: "canvas" or "moodle", whose form of gradebook is to be written too.
        template: the platform's own export, which says what its rows are.
        column: which column of it, by title or id.
    """

    marks: Path | None = None
    platform: str | None = None
    template: Path | None = None
    column: str | None = None

    def validate(self) -> None:
        """See that the files can be read, before anything is graded.

        Raises:
            UsageError: one cannot.
        """
        for path in (self.marks, self.template):
            if path is not None:
                csv_table.read(path)


@dataclass(frozen=True)
class ForStudents:
    """What students are told of their mistakes. Those who teach have all of it, in the JSON reports.

    Attributes:
        policy: what the course decides.
        at: the moment for which all are told; None for when each was handed in, as its platform says, and
            now where it does not say.
        known: the assignments, which may grant less than the course.
    """

    policy: HintPolicy = field(default_factory=HintPolicy)
    at: datetime | None = None
    known: Sequence[Assignment] = ()
    _now: datetime = field(default_factory=partial(datetime.now, UTC), init=False)

    def of(self, graded: Graded) -> Report:
        """Return the report on a hand-in as its student gets it."""
        entry, report = graded.entry, graded.report
        handed_in = None if entry.handed_in is None else datetime.fromisoformat(entry.handed_in)
        moment = self.at or handed_in or self._now
        mine = next((one for one in self.known if one.name == report.assignment), None)
        return for_student(report, mine, self.policy.at(moment, entry.attempt or 1))


class ResultsFiles:
    """The files of a results folder.

    Args:
        results: the folder.
        journal: what is known.
        students_get: what they are told.

    Raises (each method):
        UsageError: something cannot be written, or what the caller gave does not fit the hand-ins.
        GraderError: the disk is full.
    """

    def __init__(self, results: Path, journal: Journal, students_get: ForStudents) -> None:
        self._results = results
        self._journal = journal
        self._students_get = students_get

    def validate(self) -> None:
        """See that no form that a person has filled in would be written over, before anything is graded."""
        path = self._results / WAITING
        if path.exists() and marks.is_filled(csv_table.read(path)):
            raise UsageError(
                f"{path} has been filled in, and every run writes it anew: move it out of {self._results}, "
                "and give it with --marks"
            )

    def reports(self) -> None:
        """Write every hand-in's report: as JSON with all that is known, as text what the student is told."""
        if missing := self._journal.missing():
            raise GraderError(f"the journal has no result of {missing[0]}; give the same command again")
        now = {_stem(*one) for one in self._journal.planned()}
        for stem in sorted(self._journal.files() - now):
            for suffix in (".json", ".txt"):
                self._move_away(f"{stem}{suffix}")
            self._leave(f"{stem}{BESIDE}", ())
            self._journal.drop_file(stem)
        self._journal.add_files(sorted(now))
        for counting in (True, False):
            for graded in self._journal.graded(counting=counting):
                self._report(graded)

    def books(self, wishes: Wishes, roster: Roster | None, remarks: Remarks) -> tuple[str, ...]:
        """Write gradebooks and summary. Gives what there is to be said about the upload for a platform."""
        marked = None
        if wishes.marks is not None:
            marked = marks.read(wishes.marks, map(grades.of, self._journal.graded()), roster)
        rows, summary = [], Summary()
        for graded in self._journal.graded():
            final = marked.applied(graded) if marked is not None else graded
            summary.add(final)
            rows.append(grades.of(final))
        self._write(GRADEBOOK, own.render(rows).encode(SPREADSHEET))
        if waiting := marks.waiting(rows):
            self._write(WAITING, marks.form(rows).encode(SPREADSHEET))
        else:
            self._move_away(WAITING)
        if marked is not None:
            remarks = replace(remarks, overruled=marked.overruled)
        self._write(SUMMARY, summary.render(remarks).encode())
        upload = _upload(rows, wishes, roster)  # last: the template may not fit
        for platform, name in UPLOADS.items():
            if upload is not None and platform == wishes.platform:
                self._write(name, upload.content)
            else:
                self._move_away(name)
        notes = upload.notes if upload is not None else ()
        if waiting:
            wait = "1 problem waits" if len(waiting) == 1 else f"{len(waiting)} problems wait"
            notes = (*notes, f"{wait} for a person: fill in {self._results / WAITING}.")
        return notes

    def _report(self, graded: Graded) -> None:
        stem = _stem(graded.file, graded.entry.version, graded.counts)
        self._write(f"{stem}.json", rendered("json", graded.report).encode())
        self._write(f"{stem}.txt", rendered("text", self._students_get.of(graded)).encode())
        folder, attached = f"{stem}{BESIDE}", graded.report.attached
        for one in attached:
            if one.content is not None:
                self._write(f"{folder}/{one.name}", one.content)
        self._leave(folder, [one.name for one in attached])

    def _leave(self, folder: str, names: Collection[str]) -> None:
        """Move all files of a folder away but these."""
        path = self._results / folder
        with _spoken(path):
            there = sorted(os.listdir(path)) if path.is_dir() else ()
        for name in there:
            if name not in names:
                self._move_away(f"{folder}/{name}")

    def _write(self, name: str, content: bytes) -> None:
        path, part = self._results / name, self._results / PART
        with _spoken(path):
            with contextlib.suppress(FileNotFoundError):
                if path.read_bytes() == content:
                    return
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(content)
            os.replace(part, path)

    def _move_away(self, name: str) -> None:
        path, to = self._results / name, self._results / EARLIER / name
        with _spoken(path):
            if path.exists():
                to.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, to)
                with contextlib.suppress(OSError):  # it holds other things
                    os.removedirs(path.parent)


def _upload(rows: Sequence[Grade], wishes: Wishes, roster: Roster | None) -> Upload | None:
    if wishes.platform is None:
        return None
    several = sorted({grade.assignment for grade in rows if grade.assignment})
    if len(several) > 1:
        raise UsageError(
            f"these are hand-ins of {' and '.join(several)}, and a platform's column takes one assignment: "
            "name it by --assignment"
        )
    if wishes.template is None:
        return moodle.for_import(rows, roster=roster)
    fill = canvas.fill if wishes.platform == "canvas" else moodle.fill
    template, name = csv_table.read(wishes.template), wishes.template.name
    return fill(rows, template, name=name, column=wishes.column, roster=roster)


def _stem(file: str, version: int, counts: bool) -> str:
    """Say where a report lies in the results, without its ending."""
    return f"{REPORTS}/{file}" if counts else f"{VERSIONS}/{file}/{version}"


@contextlib.contextmanager
def _spoken(path: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    except OSError as error:
        raise GraderError(
            f"{path} cannot be written: {error.strerror}. All grades are in the journal: make room, and "
            "give the same command again"
        ) from None
