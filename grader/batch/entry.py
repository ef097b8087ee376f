"""What the parts of a batch say to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
    """

    student: str
    version: int
    path: Path
    name: str | None = None
    source: str | None = None

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
class Collected:
    """The hand-ins that the INPUTs hold.

    Attributes:
        entries: by student, version and path.
        ignored: what is not graded, by path.
        platforms: whose names they were read as, such as "canvas"; "plain" where no platform made them.
    """

    entries: tuple[Entry, ...]
    ignored: tuple[Ignored, ...] = ()
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of one student's hand-in.

    Attributes:
        entry: what was graded.
        report: the JSON report (grader/report/schema.json), as `json.loads` gives it.
        file: stem of the files below `reports/`: safe, and unique on a disk that ignores case.
        identical: other students whose hand-in has the same files, in order.
    """

    entry: Entry
    report: Mapping[str, Any]
    file: str
    identical: tuple[str, ...] = ()
