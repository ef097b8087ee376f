"""The causes of wrong values, beside the criteria that they explain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from grader.declaration import Assignment, Check, Problem
from grader.faults import FACT
from grader.records import Answer, Array, Cause, CriterionResult, Explain, ProblemResult, Suite
from grader.verdicts import Ruling, Verdict

VALUE = "value"  # the reason of an array that is wrong in its values alone
Answers = Mapping[tuple[str, str], Sequence[Answer]]
Judged = Mapping[tuple[str, str], Sequence[Verdict | Ruling]]


def explained(
    assignment: Assignment,
    key: str,
    suite: Suite,
    problems: Sequence[ProblemResult],
    answers: Answers,
    judged: Judged,
    explain: Callable[[], Explain],
) -> list[ProblemResult]:
    """Return the rows, with a cause beside each criterion that has one; without a wrong value, as they are.

    What was asked instead of a check is explained by itself, by its own suite, as far as nothing explains
    what the check itself got. What a table prints of an array has that array's cause.

    Args:
        assignment: what was asked.
        key: of the suite whose answers are explained.
        suite: its cases, those of this hand-in alone included.
        problems: the rows.
        answers: by `Check.key`, one per case.
        judged: by `Check.key`, what came of them.
        explain: makes what explains; asked only where something is wrong.
    """
    asked = [
        (problem, check)
        for problem in assignment.problems
        for check in _asked(problem)
        if check.suite == key and not check.is_judged and check.key in answers
    ]
    open_ = {(row.name, one.name) for row in problems for one in row.criteria if _is_open(one)}
    if not any((problem.name, name) in open_ for problem, check in asked for name in check.names):
        return list(problems)
    wrong, right = _by_values([check for _, check in asked], judged)
    merged: list[dict[str, Array]] = [{} for _ in suite.cases]
    for _, check in asked:
        for case, answer in zip(merged, answers[check.key], strict=False):
            case.update({name: answer.arrays[name] for name in check.names if name in answer.arrays})
    if not wrong:
        return list(problems)
    causes = {name: cause for cause in explain()(suite.cases, merged, wrong, right) for name in cause.outputs}
    mine = {problem.name: problem for problem, _ in asked}
    return [_with(row, mine[row.name], causes) if row.name in mine else row for row in problems]


def _asked(problem: Problem) -> Iterator[Check]:
    """Yield the checks of a problem, and what is asked instead of each."""
    for check in problem.calls:
        one: Check | None = check
        while one is not None:
            yield one
            one = one.fallback


def _is_open(one: CriterionResult) -> bool:
    return one.passed is False and one.reason == VALUE and one.cause is None


def _by_values(asked: Sequence[Check], judged: Judged) -> tuple[list[str], list[str]]:
    """Return the outputs that are wrong in their values in these very answers, and those that are right in
    them.
    """
    wrong, right = [], []
    for check in asked:
        for one in judged[check.key]:
            if isinstance(one, Ruling):
                continue
            if one.holds:
                right.append(one.output.name)
            elif one.reason == VALUE:
                wrong.append(one.output.name)
    return wrong, right


def _with(row: ProblemResult, problem: Problem, causes: Mapping[str, Cause]) -> ProblemResult:
    stands_for = {output.name: output.only_with for check in problem.calls for output in check.outputs}

    def of(one: CriterionResult) -> Cause | None:
        if not _is_open(one):
            return None
        found = [causes.get(name) for name in stands_for.get(one.name, ())]
        return causes.get(one.name) or (found[0] if len(found) == 1 else None)

    return replace(row, criteria=tuple(_told(one, of(one)) for one in row.criteria))


def _told(one: CriterionResult, cause: Cause | None) -> CriterionResult:
    """Return the criterion with its cause; of a fact, only told it, and not where something is told
    already.
    """
    if cause is None:
        return one
    if cause.mode == FACT:
        return replace(one, hint=one.hint or cause.says)
    return replace(one, cause=cause, hint=cause.says)
