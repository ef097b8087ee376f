"""What is said about a hand-in: whose doing it is, the fact, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Blame(StrEnum):
    """Whose doing a finding is."""

    STUDENT = "student"  # it costs, or explains why something costs
    NOBODY = "nobody"  # worth knowing; costs nothing
    GRADER = "grader"  # ours; never costs a student anything


@dataclass(frozen=True)
class Finding:
    """One fact about a submission.

    Attributes:
        blame: whose doing it is; a notice is nobody's.
        message: the fact, one sentence.
        hint: what to do about it, one sentence, apart from the fact.
        file: path inside the hand-in that it is about.
        line: 1-based line in that file, or in that cell of it.
        cell: of a notebook, which of its cells, counted from 1 through all of them.
    """

    blame: Blame
    message: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    cell: int | None = None


def notice(
    message: str,
    hint: str | None = None,
    file: str | None = None,
    line: int | None = None,
    cell: int | None = None,
) -> Finding:
    """Return a finding that costs nothing."""
    return Finding(Blame.NOBODY, message, hint, file, line, cell)


def mistake(
    message: str,
    hint: str | None = None,
    file: str | None = None,
    line: int | None = None,
    cell: int | None = None,
) -> Finding:
    """Return a finding that is the student's doing, and costs or explains a cost."""
    return Finding(Blame.STUDENT, message, hint, file, line, cell)
