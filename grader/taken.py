"""A hand-in that was read and is not graded yet, or of which nothing can be graded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from grader.deadline import NEVER, Deadline
from grader.declaration import Loaded
from grader.records import Finding, Report, Submission


@dataclass(frozen=True)
class Taken:
    """A hand-in that was read, with what is to be graded of it.

    Attributes:
        assignment: what it is graded for.
        submission: its files, and which of them are wanted.
        deadline: when its grading must end, with what there is by then.
    """

    assignment: Loaded
    submission: Submission
    deadline: Deadline = NEVER

    @property
    def name(self) -> str:
        """What was handed in, as the caller named it."""
        return self.submission.hand_in.name

    @property
    def notices(self) -> tuple[Finding, ...]:
        """What is said of this archive or folder as such: another with the same files may differ in it."""
        return (*self.submission.hand_in.findings, *self.submission.findings)

    @property
    def content(self) -> str:
        """Hex digest of its files."""
        return self.submission.hand_in.sha256

    @property
    def key(self) -> str:
        """Hex digest of all in it that its grade depends on: its files, and which of them are graded."""
        return hashlib.sha256(
            repr((self.content, sorted(self.submission.found.items()))).encode(errors="surrogatepass")
        ).hexdigest()


@dataclass(frozen=True)
class Refused:
    """A hand-in of which nothing can be graded.

    Attributes:
        report: rejected, left to a person, or an error of ours.
        content: hex digest of its files, or of its bytes where they cannot be unpacked; None if not known.
    """

    report: Report
    content: str | None
