"""The journal of a batch: what was graded, kept in SQLite so that a process may be killed at any moment.

A *result* is kept by its key, a digest of all that a grade depends on, and graded once. A *hand-in* says
which result is whose, and what its report says beyond the result: the name, and notices about the archive.
The *plan* says which hand-ins the present run is about. Reports and gradebooks are made from these alone.

SQLite's rollback journal rather than its write-ahead log: that needs memory shared between processes, which a
network file system has not, and leaves a second file that is forgotten when the folder is copied.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader import issuing
from grader.batch.entry import Entry, Graded
from grader.batch.journal import report_codec, tables
from grader.batch.journal.tables import FORM, HandInRow, ResultRow
from grader.batch.results_folder import APPLICATION, JOURNAL
from grader.errors import GraderError, UsageError
from grader.records import Report

WAIT_S = 30.0  # for somebody who looks into the journal meanwhile


class Journal:
    """The journal of a results folder; a context manager. The folder's lock must be held.

    Attributes:
        damaged: how many rows did not fit their digests when it was opened, and were taken out.

    Raises (each method):
        UsageError: the journal is not ours, of another form, damaged, or cannot be written.
        GraderError: it could not be written any more, as on a full disk.
    """

    def __init__(self, results: Path) -> None:
        self._path = results / JOURNAL
        with self._spoken():
            self._database = sqlite3.connect(self._path, isolation_level=None, timeout=WAIT_S)
        # What a turned bit has made no UTF-8 must still be read, to be seen not to fit.
        self._database.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        self.damaged = 0
        try:
            with self._spoken():
                self._prepare()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._database.close()

    def plan(
        self, counting: Sequence[Entry], files: Mapping[str, str], earlier: Sequence[Entry] = ()
    ) -> None:
        """Begin a run about these hand-ins, in this order. What failed by our fault will be tried again.

        Args:
            counting: those that are their students' grades.
            files: student -> stem of the names of the reports.
            earlier: earlier versions, which are graded too.
        """
        entries = [*((one, 1) for one in counting), *((one, 0) for one in earlier)]
        rows = (
            (
                number,
                _text(one.student),
                one.version,
                json.dumps({**vars(one), "path": str(one.path)}),
                _text(files[one.student]),
                counts,
            )
            for number, (one, counts) in enumerate(entries)
        )
        with self._transaction():
            self._database.execute("DELETE FROM faults")
            self._database.execute("DELETE FROM plan")
            tables.put(self._database, "plan", rows)

    def score(self, key: str) -> tuple[float, float] | None:
        """Look up points earned and to be had of the result with this key; None if there is none yet."""
        with self._spoken():
            row = self._database.execute("SELECT * FROM results WHERE key = ?", (key,)).fetchone()
        return None if row is None or not tables.fits("results", row) else (row[3], row[4])

    def keep(self, hand_in: HandInRow, result: ResultRow | None = None) -> None:
        """Keep whose a result is, and the result with it if it is a new one: both or nothing."""
        if result is None and self._is_kept(hand_in):
            return  # as when a batch goes on: nothing has to reach the disk
        is_new = result is not None and self.score(result.key) is None
        with self._transaction():
            if result is not None and is_new:
                # As SQLite gives them back: a REAL is a float.
                row = result._replace(score=float(result.score), max_score=float(result.max_score))
                tables.put(self._database, "results", [row])
            tables.put(self._database, "hand_ins", [hand_in])

    def fail(self, entry: Entry, report: Report) -> None:
        """Keep that a hand-in could not be graded by our fault, until the next run tries again."""
        values = (_text(entry.student), entry.version, report_codec.report_text(report))
        with self._transaction():
            tables.put(self._database, "faults", [values])

    def graded(self, *, counting: bool = True) -> Iterator[Graded]:
        """Go through the plan's hand-ins in order, one at a time: those that count, or the earlier versions.

        What has no result yet is left out: see `missing`.
        """
        query = """
            SELECT p.*, h.*, r.*, f.*
            FROM plan p LEFT JOIN faults f USING (student, version)
            LEFT JOIN hand_ins h USING (student, version) LEFT JOIN results r USING (key)
            WHERE p.counts = ? ORDER BY p.number
        """
        with self._spoken():
            for row in self._database.execute(query, (counting,)):
                plan, hand_in, result, fault = self._parts(row)
                _, student, _, planned, file, *_ = plan
                report = _report(hand_in[4], hand_in[5], result[2], fault[2])
                if report is not None:
                    about = json.loads(planned)
                    entry = Entry(**{**about, "path": Path(about["path"])})
                    identical = self._identical(hand_in[2], student, about["path"]) if counting else ()
                    yield Graded(entry, report, json.loads(file), identical, counting)

    def missing(self) -> tuple[str, ...]:
        """List the students of whose hand-ins in the plan one has neither a result nor a fault."""
        query = """
            SELECT DISTINCT p.student FROM plan p LEFT JOIN faults f USING (student, version)
            LEFT JOIN hand_ins h USING (student, version) LEFT JOIN results r USING (key)
            WHERE f.report IS NULL AND r.report IS NULL ORDER BY p.number
        """
        with self._spoken():
            return tuple(json.loads(student) for (student,) in self._database.execute(query))

    def _parts(self, row: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        """Take a joined row apart, each part held to its digest; all None where there is none."""
        for table in ("plan", "hand_ins", "results", "faults"):
            part, row = row[: tables.COLUMNS[table]], row[tables.COLUMNS[table] :]
            if part[-1] is not None:
                self._hold(table, part)
            yield part

    def _hold(self, table: str, row: tuple[Any, ...]) -> None:
        if not tables.fits(table, row):
            raise GraderError(
                f"{self._path} has changed on the disk while it was read: give the same command again, and "
                "what does not fit any more is graded anew; and look after that disk"
            )

    def planned(self) -> Iterator[tuple[str, int, bool]]:
        """Go through the plan: the stem of each hand-in's reports, its version, and whether it counts."""
        with self._spoken():
            for row in self._database.execute("SELECT * FROM plan"):
                self._hold("plan", row)
                _, _, version, _, file, counts, _ = row
                yield json.loads(file), version, bool(counts)

    def files(self) -> set[str]:
        """List what was announced by `add_files`, and not dropped since."""
        with self._spoken():
            return {json.loads(file) for (file,) in self._database.execute("SELECT file FROM files")}

    def add_files(self, files: Sequence[str]) -> None:
        """Note where reports are about to be written, so that a later run knows them as ours."""
        with self._transaction():
            tables.put(self._database, "files", ((_text(file),) for file in files))

    def drop_file(self, file: str) -> None:
        """Forget a report that has been moved away."""
        with self._transaction():
            self._database.execute("DELETE FROM files WHERE file = ?", (_text(file),))

    def _identical(self, content: str | None, student: str, path: str) -> tuple[str, ...]:
        """Find whose hand-ins have this content, too. What a group handed in once is no copy of itself."""
        query = """
            SELECT p.student FROM plan p JOIN hand_ins h USING (student, version)
            WHERE h.content = ? AND p.counts AND p.student <> ?
            AND instr(p.entry, ?) = 0 ORDER BY p.number
        """
        values = (content, student, f'"path": {_text(path)}')  # as `plan` has written it
        found = self._database.execute(query, values)
        # One string for a student, in however many lists: most of a class may hand in the starter.
        return tuple(sys.intern(json.loads(row[0])) for row in found)

    def _is_kept(self, row: HandInRow) -> bool:
        query = "SELECT * FROM hand_ins WHERE student = ? AND version = ?"
        with self._spoken():
            kept = self._database.execute(query, (row.student, row.version)).fetchone()
        return bool(kept == tables.with_digest("hand_ins", row))

    def _prepare(self) -> None:
        """Make the tables of a new journal; refuse one that we cannot read."""
        for pragma in ("journal_mode = DELETE", "synchronous = FULL", "trusted_schema = OFF"):
            self._database.execute(f"PRAGMA {pragma}")
        application, form = (
            self._database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        if (application, form) == (0, 0) and not self._database.execute(
            "SELECT 1 FROM sqlite_schema"
        ).fetchone():
            with self._transaction():
                tables.make(self._database)
                self._database.execute(f"PRAGMA application_id = {APPLICATION}")
                self._database.execute(f"PRAGMA user_version = {FORM}")
        elif application != APPLICATION:
            raise UsageError(f"{self._path} is no journal of cellgrade: choose another folder for --out")
        elif form != FORM:
            raise UsageError(
                f"{self._path} was written by another version of cellgrade (form {form}; this one writes "
                f"{FORM}): go on with that version, or choose another folder for --out"
            )
        else:
            self.damaged = tables.mend(self._database)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._spoken():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _spoken(self) -> Iterator[None]:
        """Say what SQLite says in words that tell what to do."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "unable to open" in str(error) or "readonly" in str(error):
                raise UsageError(f"{self._path} cannot be written: {error}") from None
            raise GraderError(
                f"{self._path} cannot be written: {error}. What was graded until then is kept: make room, "
                "and give the same command again"
            ) from None
        except sqlite3.DatabaseError as error:
            said = str(error).splitlines()[-1]
            raise UsageError(
                f"{self._path} is damaged ({said}): move it away, and everything is graded anew"
            ) from None


def hand_in_row(entry: Entry, *, content: str | None, key: str, name: str, notices: str) -> HandInRow:
    """Make the row of a hand-in: its student and its name may be no UTF-8, so they are kept as JSON."""
    return HandInRow(_text(entry.student), entry.version, content, key, _text(name), notices)


def _report(name: str | None, notices: str | None, result: str | None, fault: str | None) -> Report | None:
    if fault is not None:
        return report_codec.report_of(fault)
    if name is None or notices is None or result is None:
        return None
    return issuing.issued(report_codec.result_of(result), json.loads(name), report_codec.findings_of(notices))


def _text(value: str | None) -> str:
    return json.dumps(value)
