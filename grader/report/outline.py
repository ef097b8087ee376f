"""What a report tells a reader: its sections, in their order, and the sentences that all forms have alike.

Text and Markdown each lay these sections out; how a page begins and ends is their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.records import Blame, CriterionResult, Finding, Printed, ProblemResult, Report, Status
from grader.report.points import as_text

OURS = "The grader failed, not you; nothing was recorded."
REJECTED = "This hand-in could not be graded, so it gets 0 points."
UNDECIDED = "a person decides"

ABOUT = {
    Blame.STUDENT: "Wrong with the hand-in",
    Blame.NOBODY: "Good to know (costs nothing)",
    Blame.GRADER: "Trouble of the grader's own (costs you nothing)",
}

MOST_FINDINGS = 20


@dataclass(frozen=True)
class Preface:
    """Why it was not graded, or what else there is to say before the points.

    Attributes:
        sentence: ours; None where it was graded.
        message, hint: the report's.
    """

    sentence: str | None
    message: str | None
    hint: str | None


@dataclass(frozen=True)
class Findings:
    """The findings of one kind, with their title.

    Attributes:
        title: without a colon.
        shown: the first of them.
        more: how many are left out.
    """

    title: str
    shown: tuple[Finding, ...]
    more: int


@dataclass(frozen=True)
class Rows:
    """The rows of the gradebook, each with what is wrong.

    Attributes:
        problems: in the order of the gradebook.
        recorded: whether their points are; not on an error of ours.
    """

    problems: tuple[ProblemResult, ...]
    recorded: bool


@dataclass(frozen=True)
class Stream:
    """What the student's code wrote to one stream, with its title, without a colon."""

    title: str
    printed: Printed


Section = Preface | Findings | Rows | Stream


def sections(report: Report) -> Iterator[Section]:
    """List the sections of a report that have something in them, in the order in which they are read."""
    if report.status is not Status.GRADED or report.message:
        yield Preface(sentence(report.status), report.message, report.hint)
    yield from _findings(report, Blame.STUDENT, f"{ABOUT[Blame.STUDENT]} as a whole")
    if report.problems:
        yield Rows(report.problems, report.status is not Status.ERROR)
    yield from _findings(report, Blame.NOBODY, ABOUT[Blame.NOBODY])
    yield from _findings(report, Blame.GRADER, ABOUT[Blame.GRADER])
    for title, printed in (("", report.stdout), (" to stderr", report.stderr)):
        if printed.text or printed.dropped_bytes:
            yield Stream(f"Your code printed{title}", printed)


def sentence(status: Status) -> str | None:
    """Say what a report's status means for a student; None where it was graded."""
    return {Status.ERROR: OURS, Status.REJECTED: REJECTED}.get(status)


def right(problem: ProblemResult) -> list[str]:
    """Name the criteria that hold, of a problem in which others do not; of any other none."""
    held = [one.name for one in problem.criteria if one.passed]
    return held if len(held) < len(problem.criteria) else []


def listed(names: Sequence[str], most: int) -> str:
    """Write names in a row, and how many more there are behind the first ones."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def are(things: Sequence[object], what: str) -> str:
    """Complete the names of these things to a sentence."""
    return f"{'is' if len(things) == 1 else 'are'} {what}"


def about_own_gradients(criteria: Sequence[CriterionResult]) -> list[str]:
    """Say whether wrong gradients are those of the student's own forward, and what a course gives for it."""
    own = [one.own_gradient for one in criteria if one.own_gradient is not None]
    said = list(dict.fromkeys(one.says for one in own if one.says))
    following = [one for one in criteria if one.share]
    if not following:
        return said
    part = f"{as_text(100 * following[0].share)} %"
    if len(following) == 1:
        return [*said, f"{following[0].name} follows from your own forward, and earns {part} of its points."]
    is_all = all(one.share for one in criteria if one.passed is False)
    names = "All of these" if is_all else ", ".join(one.name for one in following)
    return [*said, f"{names} follow from your own forward, and each earn {part} of their points."]


def _findings(report: Report, blame: Blame, title: str) -> Iterator[Findings]:
    mine = tuple(finding for finding in report.findings if finding.blame is blame)
    if mine:
        yield Findings(title, mine[:MOST_FINDINGS], max(0, len(mine) - MOST_FINDINGS))
