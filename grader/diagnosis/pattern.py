"""What tells the cases in which a criterion is right from the others, and within an array its entries.

It is told only where it is sharp on both sides, and where both are more than chance brings about; and not of
what has a cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import comb

from grader.compare import Match
from grader.declaration import Check, Output, Problem
from grader.diagnosis.entries import within
from grader.diagnosis.evidence import Evidence
from grader.diagnosis.properties import Property, properties
from grader.records import CriterionResult, Failure, FailureKind, ProblemResult
from grader.verdicts import Verdict

LEAST = 3  # cases on either side
MOST_EXCEPTIONS = 0.1  # of the cases on either side
CHANCE = 0.02  # that a property of its kind splits the cases as sharply, if which are right is a lot


def with_patterns(evidence: Evidence, rows: list[ProblemResult]) -> list[ProblemResult]:
    """Return the rows, with its pattern beside each criterion that fails without a cause and has one.

    Args:
        evidence: what is known of the hand-in.
        rows: of the gradebook, with what causes could be found.
    """
    problems = {problem.name: problem for problem in evidence.assignment.problems}
    return [_row(evidence, problems[row.name], row) if row.name in problems else row for row in rows]


def _row(evidence: Evidence, problem: Problem, row: ProblemResult) -> ProblemResult:
    open_ = {one.name: one for one in row.criteria if _is_open(one)}
    told: dict[str, str] = {}
    for check in problem.calls:
        known = {lookalike.says for lookalike in evidence.suites[check.suite].lookalikes}
        outputs = tuple(
            output
            for output in check.outputs
            if output.name in open_ and open_[output.name].hint not in known
        )
        if outputs and not check.is_judged and check.key in evidence.answers:
            told.update(_of_check(evidence, check, outputs))
    # What a table prints of an array has that array's.
    stands_for = {output.name: output.only_with for check in problem.calls for output in check.outputs}
    for name in [one for one in open_ if one not in told]:
        found = [told[of] for of in stands_for.get(name, ()) if of in told]
        told |= {name: found[0]} if len(found) == 1 else {}
    return replace(
        row, criteria=tuple(replace(one, pattern=told.get(one.name, one.pattern)) for one in row.criteria)
    )


def _is_open(one: CriterionResult) -> bool:
    return one.passed is False and one.cause is None and one.reason is not None


def _of_check(evidence: Evidence, check: Check, outputs: tuple[Output, ...]) -> Iterator[tuple[str, str]]:
    suite = evidence.suites[check.suite]
    verdicts = [one for one in evidence.judged[check.key] if isinstance(one, Verdict)]
    found = [one for output in outputs for one in verdicts if one.output == output]
    splits = properties(suite.cases) if any(one.failing for one in found) else []
    for verdict in found:
        if verdict.failing and (says := pattern(verdict, splits)) is not None:
            yield verdict.output.name, says


def pattern(verdict: Verdict, splits: Sequence[Property]) -> str | None:
    """Return in a sentence or two where a criterion is right and where it is wrong; None if nothing is sharp.

    Args:
        verdict: what came of it.
        splits: the properties of its cases.
    """
    failures = [one for one in verdict.outcomes if isinstance(one, Failure)]
    if any(one.fatal or one.kind is not FailureKind.RAISED for one in failures):
        return None  # not all was asked, or it depends on the machine
    told = (_cases(verdict, splits), within(verdict))
    return " ".join(one for one in told if one) or None


def _cases(verdict: Verdict, splits: Sequence[Property]) -> str | None:
    """Say in which cases it is right; the fewest exceptions count, then the plainest property."""
    # Where the truth is zero, any multiple of what is zero is right: that says nothing.
    is_right = [isinstance(outcome, Match) for outcome in verdict.outcomes]
    truths = [true[verdict.output.name] for true in verdict.suite.expected]
    asked = [i for i, true in enumerate(truths) if true.any() or not is_right[i]]
    right = {i for i in asked if is_right[i]}
    best: tuple[int, str] | None = None
    tried = Counter(one.is_threshold for one in splits)
    for one in splits:
        inside = {i for i in asked if one.holds[i]}
        for in_these, where in ((True, inside), (False, set(asked) - inside)):
            exceptions = len(where - right) + len(right - where)
            if _is_sharp(len(asked), where, right, tried[one.is_threshold]) and (
                best is None or exceptions < best[0]
            ):
                best = exceptions, _told(verdict, one, inside, set(asked) - inside, right, in_these)
    return best[1] if best is not None else None


def _is_sharp(count: int, where: set[int], right: set[int], tried: int) -> bool:
    """Whether a criterion is right in these cases and wrong elsewhere, by more than chance."""
    elsewhere = count - len(where)
    if min(len(where), elsewhere) < LEAST:
        return False
    wrong_there, right_elsewhere = len(where - right), len(right - where)
    if wrong_there > MOST_EXCEPTIONS * len(where) or right_elsewhere > MOST_EXCEPTIONS * elsewhere:
        return False
    return _chance(count, len(right), len(where), len(where & right)) * tried <= CHANCE


def _chance(count: int, right: int, drawn: int, least: int) -> float:
    """Return how likely so many of the drawn cases, or more, are right, if which are right is a lot."""
    most = min(right, drawn)
    ways = sum(comb(right, k) * comb(count - right, drawn - k) for k in range(least, most + 1))
    return ways / comb(count, drawn)


def _told(
    verdict: Verdict, one: Property, inside: set[int], others: set[int], right: set[int], is_right: bool
) -> str:
    wrong = "wrong" if verdict.reason == "value" else "not right"
    if is_right:
        here, there = _of(inside & right, inside), _others(others - right, others)
        return f"Right in {here} {one.says}, {wrong} in {there}. {one.if_right}".strip()
    here, there = _of(inside - right, inside), _others(others & right, others)
    return f"{wrong.capitalize()} in {here} {one.says}, right in {there}. {one.if_wrong}".strip()


def _of(some: set[int], all_: set[int]) -> str:
    return f"all {len(all_)} cases" if some == all_ else f"{len(some)} of the {len(all_)} cases"


def _others(some: set[int], all_: set[int]) -> str:
    return f"all {len(all_)} others" if some == all_ else f"{len(some)} of the {len(all_)} others"
