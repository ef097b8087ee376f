"""The last line of what Autolab gets: JSON with the scores, which it records problem by problem.

What is promised of it, and why, is in `autolab_reading`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from grader.records import Report, Status
from grader.report.points import number

UNKNOWN = "unknown problem"
"""Stands for the problems' names when none is known; Autolab says that there is no such problem."""


def of(report: Report) -> str:
    """Write the line of a report.

    A problem that a person decides alone is left out, so that what the person gave stays. On an error of ours
    all others are null, which Autolab stores as no score; a lab that we wrote keeps what was there before
    (grader/autolab/hooks.py). When no problem is known, only the caller can keep an error from becoming a 0
    there: a lab's Makefile should name its assignment.
    """
    score = number(report.score) if report.status is not Status.ERROR else None
    return _line(_scores(report), [] if score is None else [score])


def without_scores(problems: Sequence[str]) -> str:
    """Write the line that records no score for any of these problems: for when nothing else is known.

    Args:
        problems: their names; may be empty, the line's `scores` is not.
    """
    return _line(dict.fromkeys(problems or (UNKNOWN,)), [])


def _scores(report: Report) -> dict[str, float | None]:
    if not report.problems:
        # Rejected before an assignment was recognised is still the student's 0.
        return {UNKNOWN: 0 if report.status is Status.REJECTED else None}
    # What is worth nothing is no row of the gradebook.
    rows = [problem for problem in report.problems if problem.max_points]
    decided = [problem for problem in rows if not problem.is_for_a_person]
    if report.status is Status.ERROR or not decided:
        return dict.fromkeys(problem.name for problem in decided or rows or report.problems)
    return {problem.name: number(problem.points) for problem in decided}


def _line(scores: Mapping[str, float | None], scoreboard: Sequence[float]) -> str:
    """Write the line. Colons within names are written as escapes, out of its substitution's reach."""
    pairs = ", ".join(f"{_string(name)}: {json.dumps(points)}" for name, points in scores.items())
    return f'{{"scores": {{{pairs}}}, "scoreboard": {json.dumps(list(scoreboard))}}}'


def _string(name: str) -> str:
    return json.dumps(name, ensure_ascii=True).replace(":", "\\u003a")
