"""The tables of a batch's journal, and the digest that each row carries of itself.

A bit that has turned on the disk must not turn a 100 into a 90. So a row that does not fit its digest is
taken out when the journal is opened, and what it was about is graded again. That is against accidents, not
against whoever may write here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

FORM = 2  # of the tables below; a journal of another form is refused

# Text of others is kept as JSON: a name may hold what is no UTF-8. `digest` is over the columns before it.
TABLES = """
    CREATE TABLE results (
        key TEXT PRIMARY KEY, about TEXT NOT NULL, report TEXT NOT NULL,
        score REAL NOT NULL, max REAL NOT NULL, digest TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE hand_ins (
        student TEXT, version INTEGER, content TEXT, key TEXT NOT NULL, name TEXT NOT NULL,
        notices TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (student, version)
    ) WITHOUT ROWID;
    CREATE TABLE faults (
        student TEXT, version INTEGER, report TEXT NOT NULL, digest TEXT NOT NULL,
        PRIMARY KEY (student, version)
    ) WITHOUT ROWID;
    CREATE TABLE plan (
        number INTEGER PRIMARY KEY, student TEXT NOT NULL, version INTEGER NOT NULL, entry TEXT NOT NULL,
        file TEXT NOT NULL, counts INTEGER NOT NULL, digest TEXT NOT NULL, UNIQUE (student, version)
    );
    CREATE TABLE files (file TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX by_content ON hand_ins (content);
"""
COLUMNS = {"results": 6, "hand_ins": 7, "faults": 4, "plan": 7, "files": 2}
"""How many each table has."""


class ResultRow(NamedTuple):
    """What came of a grading.

    Attributes:
        key: hex digest of `about`.
        about: JSON: what the grade depends on.
        report: JSON, see `report_codec`: as `engine.Grader.ask` gives it.
        score: points earned.
        max_score: points to be had.
    """

    key: str
    about: str
    report: str
    score: float
    max_score: float


class HandInRow(NamedTuple):
    """What was read of one hand-in.

    Attributes:
        student: whose it is, as JSON.
        version: of the entry.
        content: hex digest of its files or bytes; None if not known.
        key: of its result.
        name: what was handed in, as its report calls it, as JSON.
        notices: JSON, see `report_codec`: what its report says before the result's own findings.
    """

    student: str
    version: int
    content: str | None
    key: str
    name: str
    notices: str


def put(database: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows, in place of those with the same key; their digests are put behind them."""
    marks = ", ".join("?" * COLUMNS[table])
    insert = f"INSERT OR REPLACE INTO {table} VALUES ({marks})"  # noqa: S608 - a name of ours
    database.executemany(insert, (with_digest(table, row) for row in rows))


def mend(database: sqlite3.Connection) -> int:
    """Take out rows that do not fit their digests, and build indexes that do not fit their rows anew.

    Returns how many rows were taken out.

    Raises:
        sqlite3.DatabaseError: the file is damaged in more than its rows.
    """
    if _schema(database) != _expected_schema():
        raise sqlite3.DatabaseError("its tables are not those of a journal")
    damaged = 0
    for table in COLUMNS:
        rows = f"SELECT * FROM {table}"  # noqa: S608 - a name of ours
        if all(fits(table, row) for row in database.execute(rows)):
            continue
        whole = database.execute(rows).fetchall()
        fit = [row[:-1] for row in whole if fits(table, row)]
        damaged += len(whole) - len(fit)
        # All of them: where a key has changed, it is not known where it would be looked for.
        database.execute("BEGIN IMMEDIATE")
        database.execute(f"DELETE FROM {table}")  # noqa: S608
        put(database, table, fit)
        database.execute("COMMIT")
    if _integrity(database) != "ok":
        database.execute("REINDEX")
        if (found := _integrity(database)) != "ok":
            raise sqlite3.DatabaseError(found)
    return damaged


def make(database: sqlite3.Connection) -> None:
    """Make the tables of a new journal."""
    for statement in TABLES.split(";"):
        database.execute(statement)


def _schema(database: sqlite3.Connection) -> list[tuple[bytes, ...]]:
    # As bytes: a turned bit may have made it no UTF-8.
    query = "SELECT CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema ORDER BY rowid"
    return database.execute(query).fetchall()


@cache
def _expected_schema() -> list[tuple[bytes, ...]]:
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        make(database)
        return _schema(database)


def _integrity(database: sqlite3.Connection) -> str:
    return str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])


def with_digest(table: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Append to a row the digest that stands in its last column."""
    return (*row, hashlib.sha256(json.dumps([table, *row]).encode()).hexdigest())


def fits(table: str, row: tuple[Any, ...]) -> bool:
    """Tell whether a row that was read is the one that was written."""
    return not any(isinstance(value, bytes) for value in row) and with_digest(table, row[:-1]) == row
