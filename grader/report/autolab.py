"""The report for Autolab: the text, and below it two lines of JSON: its formatted feedback, and the scores.

What is promised, and why, is in `autolab_reading`, by which the tests read every kind of output.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from grader.report import autolab_feedback, text
from grader.report.points import number
from grader.words import Report, Status

TEXT_LINES = 4_000
TEXT_BYTES = 256_000
"""What the text may take: half of what Autolab accepts, and a quarter of what Tango passes on uncut."""

UNKNOWN = "unknown problem"
"""Stands for the problems' names when none is known; Autolab says that there is no such problem."""


def render(report: Report) -> str:
    """Render the report as ASCII text whose last line Autolab reads.

    A problem that a person decides alone is left out, so that what the person gave stays. On an error of ours
    all others are null, which Autolab stores as no score; a lab that we wrote keeps what was there before
    (grader/autolab/hooks.py). When no problem is known, only the caller can keep an error from becoming a 0
    there: a lab's Makefile should name its assignment.
    """
    scores = _scores(report)
    score = number(report.score) if report.status is not Status.ERROR else None
    body = bounded(text.render(report, ascii_only=True, isolation_last=True))
    line = _line(scores, [] if score is None else [score])
    return f"{body}\n{autolab_feedback.line(report)}\n{line}\n"


def last_line(problems: Sequence[str]) -> str:
    """The line that records no score for any of these problems: for when nothing else is known.

    Args:
        problems: their names; may be empty, the line's `scores` is not.
    """
    return _line(dict.fromkeys(problems or (UNKNOWN,)), [])


def bounded(page: str) -> str:
    """The ASCII text, with lines of its middle left out until it fits `TEXT_LINES` and `TEXT_BYTES`."""
    lines = page.splitlines(keepends=True)
    if len(lines) <= TEXT_LINES and len(page) <= TEXT_BYTES:
        return page
    head = _fitting(lines, TEXT_LINES // 2, TEXT_BYTES // 2)
    tail = _fitting(lines[::-1], TEXT_LINES // 2, TEXT_BYTES // 2)[::-1]
    left_out = len(lines) - len(head) - len(tail)
    return "".join([*head, f"[... {left_out:,} lines left out here ...]\n", *tail])


def _fitting(lines: Sequence[str], most_lines: int, most_bytes: int) -> list[str]:
    """As many lines from the start as fit."""
    kept: list[str] = []
    for line in lines[:most_lines]:
        most_bytes -= len(line)
        if most_bytes < 0:
            break
        kept.append(line)
    return kept


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
    """Autolab's line. Colons within names are written as escapes, out of its substitution's reach."""
    pairs = ", ".join(f"{_string(name)}: {json.dumps(points)}" for name, points in scores.items())
    return f'{{"scores": {{{pairs}}}, "scoreboard": {json.dumps(list(scoreboard))}}}'


def _string(name: str) -> str:
    return json.dumps(name, ensure_ascii=True).replace(":", "\\u003a")
