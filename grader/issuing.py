"""Issues reports: on what was graded, on what is rejected or left to a person, and on faults of ours."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from dataclasses import fields

from grader import __version__, score
from grader.declaration import Assignment
from grader.errors import GraderError, Rejection
from grader.records import Finding, HandIn, ProblemResult, Report, Result, Status


def issued(result: Result, name: str, notices: Sequence[Finding]) -> Report:
    """Make the report on a hand-in of that name with these `Taken.notices`, of what its files came to."""
    # Where we failed there is nothing to be said of the hand-in.
    said = () if result.status is Status.ERROR else notices
    known = {one.name: getattr(result, one.name) for one in fields(Result)}
    return Report(**{**known, "findings": (*said, *result.findings)}, hand_in=name)


def failed(assignment: Assignment | None, hand_in: str, error: BaseException) -> Report:
    """Make the report when we failed: nothing is recorded."""
    return issued(failure(assignment, error), hand_in, ())


def failure(assignment: Assignment | None, error: BaseException) -> Result:
    """Say that we failed: nothing is recorded."""
    message = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
    hint = process_limit() if any(words in message for words in NO_PROCESS) else None
    return _empty(assignment, Status.ERROR, message, hint)


# What Linux and Python say where a process or a thread cannot be started.
NO_PROCESS = (os.strerror(errno.EAGAIN), f"[Errno {errno.EAGAIN}]", "can't start new thread")


def process_limit() -> str:
    """Whose limit on processes was reached, and what to do about it."""
    most = "some number of"
    if sys.platform != "win32":
        import resource

        limit = resource.getrlimit(resource.RLIMIT_NPROC)[0]
        if limit != resource.RLIM_INFINITY:
            most = f"{limit:,}"
    return (
        f"For course staff: the limit on processes was most likely reached. This user id may have {most} "
        "processes and threads at once, and those of all containers on this machine count. Under Tango it is "
        "-u of autodriver (VM_ULIMIT_USER_PROC in its config.py); else `ulimit -u`, or --pids-limit of the "
        "container. Raise it, or let fewer gradings run at once."
    )


def rejected(assignment: Assignment | None, hand_in: str, rejection: Rejection) -> Report:
    """Make the report on a hand-in of which nothing can be graded: 0 points, but for what a person marks."""
    return issued(rejection_of(assignment, rejection, None), hand_in, ())


def rejection_of(assignment: Assignment | None, rejection: Rejection, content: str | None) -> Result:
    """Say that nothing of a hand-in with this digest can be graded."""
    return _empty(assignment, Status.REJECTED, rejection.message, rejection.hint, content)


def for_a_person(assignment: Assignment, name: str, hand_in: HandIn) -> Report:
    """Return the report on a hand-in that does not look like what its class hands in: a person decides all of
    it.
    """
    message = f"a person looks at this: it does not look like {assignment.name}, which the class hands in"
    problems = tuple(
        score.person_decides(problem, message) for problem in assignment.problems if problem.points
    )
    result = _empty(assignment, Status.GRADED, None, None, hand_in.sha256, problems)
    return issued(result, name, hand_in.findings)


def _empty(
    assignment: Assignment | None,
    status: Status,
    message: str | None,
    hint: str | None,
    content: str | None = None,
    problems: tuple[ProblemResult, ...] | None = None,
) -> Result:
    # What a person marks is not ours to give 0 points for.
    without_points = tuple(
        score.person_decides(problem, "a person will look at what was handed in")
        if problem.is_manual
        else ProblemResult(problem.name, 0.0, problem.points, ())
        for problem in (assignment.problems if assignment else ())
    )
    return Result(
        assignment=assignment.name if assignment else None,
        title=assignment.title if assignment else None,
        status=status,
        problems=without_points if problems is None else problems,
        version=__version__,
        message=message,
        hint=hint,
        sha256=content,
    )
