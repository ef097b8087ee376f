"""Reports as GitHub Classroom takes them: the result of one "runner" for its autograding-grading-reporter.

The reporter reads `<RUNNER>_RESULTS`, which is base64 of `{"version", "status", "max_score", "tests"}`. It
adds up each test's `score`, and records the sum with `max_score`; a runner without a `max_score` records
nothing. It prints each message to the log, where a runner looks for commands.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from grader.records import ProblemResult, Report, Status
from grader.report import details, escape, outline
from grader.report.page import Page
from grader.report.placed import Placed
from grader.report.points import failing, number, only

VERSION = 1
MOST_BYTES = 100_000
"""It travels in one environment variable, which holds 128 KiB on Linux."""

MESSAGE_CHARS = (4_000, 1_000, 200, 0)
"""How long each message may be; the first with which it fits."""

NAME_CHARS = 100


def render(placed: Sequence[Placed]) -> str:
    """Write the result, in base64 on one line without a newline."""
    for chars in MESSAGE_CHARS:
        letters = json.dumps(as_dict(placed, chars), ensure_ascii=True, allow_nan=False)
        packed = base64.b64encode(letters.encode("ascii")).decode("ascii")
        if len(packed) <= MOST_BYTES:
            break
    return packed


def as_dict(placed: Sequence[Placed], message_chars: int = MESSAGE_CHARS[0]) -> dict[str, Any]:
    """Make the result: a test for each problem. What a person marks alone is left out, with its points.

    On a fault of ours the status is "error" and no points are to be had, so that nothing is recorded.
    """
    ours = any(one.report.status is Status.ERROR for one in placed)
    placed = [one for one in placed if one.counts]
    rows = [] if ours else [(one, problem) for one in placed for problem in one.report.problems]
    rows = [(one, problem) for one, problem in rows if not problem.is_for_a_person]
    several = len(placed) > 1
    tests = [_test(one, problem, several) for one, problem in rows]
    # The reporter divides by the number of tests; and what was rejected has failed, whoever marks the rest.
    tests += [_as_a_whole(one) for one in placed if not any(of is one for of, _ in rows)]
    for test in tests:
        test["message"] = test["message"][:message_chars]
    statuses = {test["status"] for test in tests}
    return {
        "version": VERSION,
        "status": next((worst for worst in ("error", "fail") if worst in statuses), "pass"),
        "max_score": number(sum(problem.max_points for _, problem in rows)) or 0,
        "tests": tests,
    }


def _test(placed: Placed, problem: ProblemResult, several: bool) -> dict[str, Any]:
    rejected = placed.report.status is Status.REJECTED
    passed = not rejected and all(one.passed is not False for one in problem.criteria)
    name = f"{placed.name}: {problem.name}" if several else problem.name
    message = _why_not(placed.report) if rejected else _failures(problem)
    return _row(name, "pass" if passed else "fail", number(problem.points) or 0, message)


def _as_a_whole(placed: Placed) -> dict[str, Any]:
    ours = placed.report.status is Status.ERROR
    status = "error" if ours else "pass" if placed.report.status is Status.GRADED else "fail"
    return _row(placed.name, status, 0, _why_not(placed.report))


def _row(name: str, status: str, score: int | float, message: str) -> dict[str, Any]:
    return {
        "name": escape.no_command(escape.line(name, limit=NAME_CHARS)),
        "status": status,
        "score": score,
        "message": message,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }


def _why_not(report: Report) -> str:
    page = Page()
    for part in (outline.OURS if report.status is Status.ERROR else None, report.message, report.hint):
        page.prose(part or "")
    return page.render().strip("\n")


def _failures(problem: ProblemResult) -> str:
    page = Page()
    details.explain(page, only(problem, failing(problem)))
    return page.render().strip()
