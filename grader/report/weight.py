"""What a reader should see first: the facts that explain others, and of those the smallest."""

from __future__ import annotations

from collections.abc import Iterable

from grader.words import CriterionResult, ProblemResult

# What did not run says nothing of its values, and what has the wrong shape little. What stands first here
# explains more of what stands below it; a reason that is not here, as a judge's own may be, comes last.
REASONS = "crashed exited raised memory time output garbled missing dtype shape finite value".split()


def weight(criterion: CriterionResult) -> tuple[int, int]:
    """A key to sort failing criteria by: by how much they explain, then by how little there is to read."""
    reason = REASONS.index(criterion.reason) if criterion.reason in REASONS else len(REASONS)
    example = criterion.counterexample
    if example is None:
        return reason, 10**6
    return reason, len("\n".join((*example.call, example.yours or "", example.expected)))


def failing(problem: ProblemResult) -> tuple[CriterionResult, ...]:
    """The criteria that did not hold, in that order."""
    return tuple(sorted((one for one in problem.criteria if one.passed is False), key=weight))


def only(problem: ProblemResult, criteria: Iterable[CriterionResult]) -> ProblemResult:
    """The problem with some of its criteria."""
    return ProblemResult(problem.name, problem.points, problem.max_points, tuple(criteria))
