"""What is known of a hand-in when all its problems have been asked: what a diagnosis starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.declaration import Loaded
from grader.records import Answer, Suite
from grader.sandbox.session import Session
from grader.snippet import Source
from grader.verdicts import Ruling, Verdict


class TooSlowError(Exception):
    """The time for all that a diagnosis asks was over before the hand-in had answered."""


@dataclass(frozen=True)
class Evidence:
    """What a hand-in was asked, and what it answered; what maps grows with each check.

    Attributes:
        assignment: what was asked.
        suites: the cases by key, those of this hand-in alone included.
        answers: by `Check.key`: one per case, in order.
        forms: by call: the form in which it was made.
        session: where more can be asked, by `Session.aside`.
        source: what a snippet to try a failing case with must know of the hand-in; None if nothing is known.
        follow_through: the part of its points, from 0 to 1, that the course gives for a gradient which is
            wrong only because forward is.
        withheld: functions and methods of the student's for which the course gives nothing.
        judged: by `Check.key`: what came of the answers, output by output.
        verdicts: by `Check.key`, of checks that are no other's fallback: for each output what counts; where
            none of a chain holds, what came of the check itself.
    """

    assignment: Loaded
    suites: Mapping[str, Suite]
    answers: dict[tuple[str, str], Sequence[Answer]]
    forms: dict[str, int]
    session: Session = field(repr=False)
    source: Source | None = None
    follow_through: float = 0.0
    withheld: frozenset[str] = frozenset()
    judged: dict[tuple[str, str], Sequence[Verdict | Ruling]] = field(default_factory=dict)
    verdicts: dict[tuple[str, str], Sequence[Verdict | Ruling]] = field(default_factory=dict)
