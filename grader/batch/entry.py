"""The shapes of a hand-in on its way through a batch: an `Entry`, which is graded, and then `Graded`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.records import Report


@dataclass(frozen=True)
class Entry:
    """One hand-in, and whose it is.

    Attributes:
        student: what identifies the student, as the platform's names have it: an email, a login, an id.
        version: the larger the later; 0 where nothing says.
        path: the archive, folder or file that is graded.
        name: the student's name for people, where the platform tells it.
        source: where a person finds it, as "submissions.zip: alice_1_2_gru.py" for what was unpacked or
            copied to `path`; None where that is `path` itself.
        attempt: which of the student's hand-ins it is, from 1: as the platform counts, or by the versions
            that are there (see `versions.numbered`).
        handed_in: when, as an ISO 8601 date with its offset from UTC; None where the platform does not say.
    """

    student: str
    version: int
    path: Path
    name: str | None = None
    source: str | None = None
    attempt: int | None = None
    handed_in: str | None = None

    @property
    def shown(self) -> str:
        """Where a person finds it."""
        return self.source or str(self.path)


@dataclass(frozen=True)
class Ignored:
    """Something that an INPUT holds and that is not graded.

    Attributes:
        path: as a person finds it again.
        reason: why, as the rest of a sentence about it.
    """

    path: str
    reason: str


@dataclass(frozen=True)
class Graded:
    """A hand-in with its report.

    Attributes:
        entry: what was graded.
        report: what came of it.
        file: stem of its reports' names: safe, and unique on a disk that ignores case.
        identical: other students whose hand-in has the same files, in order.
        counts: whether it is the student's grade, and not an earlier version of it.
    """

    entry: Entry
    report: Report
    file: str
    identical: tuple[str, ...] = ()
    counts: bool = True
