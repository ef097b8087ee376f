"""Points, and what cost them: how they are written, and which of the failures a reader should see first.

Points have no needless zeros and no float noise, and are never NaN. The first failures are those that explain
others, and of these the smallest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from grader.records import CriterionResult, ProblemResult, Report

# What did not run says nothing of its values, and what has the wrong shape little. What stands first here
# explains more of what stands below it; a reason that is not here, as a judge's own may be, comes last.
REASONS = "crashed exited raised memory time output garbled missing shape finite value".split()


def number(points: float, *, digits: int = 4) -> int | float | None:
    """Write points as JSON should have them: 30, 61.25, 46.6667; None for what is not finite."""
    if not math.isfinite(points):
        return None
    rounded = round(points, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def as_text(points: float) -> str:
    """Write points as a person reads them: "30", "61.25", "46.67"; "?" for what is not finite."""
    short = number(points, digits=2)
    return "?" if short is None else str(short) if isinstance(short, int) else f"{short:.2f}".rstrip("0")


def left_to_a_person(report: Report) -> str:
    """Say behind a report's points how many more a person decides on; "" if none."""
    return f", a person decides on {as_text(report.undecided)}" if report.undecided else ""


def weight(criterion: CriterionResult) -> tuple[int, int]:
    """Give a key to sort failing criteria by: how much they explain, then how little there is to read."""
    reason = REASONS.index(criterion.reason) if criterion.reason in REASONS else len(REASONS)
    example = criterion.counterexample
    if example is None:
        return reason, 10**6
    return reason, len("\n".join((*example.call, example.yours or "", example.expected)))


def failing(problem: ProblemResult) -> tuple[CriterionResult, ...]:
    """List the criteria that did not hold, in that order."""
    return tuple(sorted((one for one in problem.criteria if one.passed is False), key=weight))


def only(problem: ProblemResult, criteria: Iterable[CriterionResult]) -> ProblemResult:
    """Give the problem with some of its criteria."""
    return ProblemResult(problem.name, problem.points, problem.max_points, tuple(criteria))
