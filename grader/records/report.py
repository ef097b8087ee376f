"""All that came out for one hand-in, and how it was run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from grader.records.findings import Finding
from grader.records.results import Attachment, ProblemResult


class Status(StrEnum):
    """What came of a grading."""

    GRADED = "graded"
    REJECTED = "rejected"  # the student's fault: 0 points
    ERROR = "error"  # our fault: nothing is recorded


@dataclass(frozen=True)
class GradedFile:
    """A file of the hand-in that was graded: path inside it, number of lines, hex digest of its bytes."""

    path: str
    lines: int
    sha256: str


@dataclass(frozen=True)
class Isolation:
    """How the student's code was kept apart: the layers that were on, and those that were not, with why."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def isolated(self) -> bool:
        """Whether every layer was on."""
        return not self.off


@dataclass(frozen=True)
class Printed:
    """What the student's code printed, cut to a limit; `dropped_bytes` is how much was cut."""

    text: str = ""
    dropped_bytes: int = 0


@dataclass(frozen=True)
class Result:
    """What came of grading files, whoever handed them in: a function of them, the assignment and the seed.

    Attributes:
        assignment: its name; None if the hand-in was rejected before one was recognised.
        title: the assignment's title; None likewise.
        status: graded, rejected or error.
        message: for rejected and error, the sentence that says why; None when graded.
        hint: what to do about it.
        problems: in the order of the gradebook. On an error of ours each has no criteria.
        findings: facts about the submission as a whole.
        sha256: digest of the hand-in's files; None if it could not be unpacked.
        files: what was graded.
        seed: 0 where the public suite was asked, which is anybody's; else None, since a course's seed draws
            the answers too.
        cases, suite: number of cases, and the digest of the suite that they are from.
        isolation: None if no student code ran.
        stdout, stderr: what the student's code printed.
        version: cellgrade's.
    """

    assignment: str | None
    title: str | None
    status: Status
    problems: tuple[ProblemResult, ...]
    version: str
    message: str | None = None
    hint: str | None = None
    findings: tuple[Finding, ...] = ()
    sha256: str | None = None
    files: tuple[GradedFile, ...] = ()
    seed: int | None = None
    cases: int | None = None
    suite: str | None = None
    isolation: Isolation | None = None
    stdout: Printed = Printed()
    stderr: Printed = Printed()

    @property
    def attached(self) -> tuple[Attachment, ...]:
        """The files that came of it, each once."""
        found = (one for row in self.problems for criterion in row.criteria for one in criterion.attached)
        return tuple({one.name: one for one in found}.values())

    @property
    def score(self) -> float:
        """Points earned; 0 when rejected or in error (where `status` says that nothing is recorded)."""
        return math.fsum(problem.points for problem in self.problems)

    @property
    def max_score(self) -> float:
        """Points to be had."""
        return math.fsum(problem.max_points for problem in self.problems)

    @property
    def undecided(self) -> float:
        """Points, of those to be had, on which a person still decides."""
        criteria = (criterion for problem in self.problems for criterion in problem.criteria)
        return math.fsum(one.max_points for one in criteria if one.passed is None)


@dataclass(frozen=True)
class Report(Result):
    """A result with the name of what was handed in: what a person or a platform gets to see of it.

    Attributes:
        hand_in: that name.
    """

    hand_in: str = field(kw_only=True)
