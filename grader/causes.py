"""The causes of wrong values, beside the criteria that they explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from grader.declaration import Assignment
from grader.words import Answer, Array, Explain, ProblemResult, Suite

VALUE = "value"  # the reason of an array that is wrong in its values alone


def explained(
    assignment: Assignment,
    key: str,
    suite: Suite,
    problems: Sequence[ProblemResult],
    answers: Mapping[tuple[str, str], Sequence[Answer]],
    explain: Callable[[], Explain],
) -> list[ProblemResult]:
    """The rows, with a cause beside each criterion that has one; without a wrong value, as they are.

    Args:
        assignment: what was asked.
        key: of the suite whose answers are explained.
        suite: its cases, those of this hand-in alone included.
        problems: the rows.
        answers: by `Check.key`, one per case.
        explain: makes what explains; asked only where something is wrong.
    """
    names = {
        name
        for one in assignment.problems
        for check in one.calls
        if check.suite == key
        for name in check.names
    }
    judged = [one for row in problems for one in row.criteria if one.name in names]
    wrong = [one.name for one in judged if one.passed is False and one.reason == VALUE]
    right = [one.name for one in judged if one.passed]
    if not wrong:
        return list(problems)
    merged: list[dict[str, Array]] = [{} for _ in suite.cases]
    for check in (check for one in assignment.problems for check in one.calls if check.suite == key):
        for case, answer in zip(merged, answers.get(check.key, ()), strict=False):
            case.update(answer.arrays)
    causes = {name: cause for cause in explain()(suite.cases, merged, wrong, right) for name in cause.outputs}
    rows = []
    for row in problems:
        criteria = [
            replace(one, cause=causes[one.name], hint=causes[one.name].says)
            if one.name in causes and one.reason == VALUE
            else one
            for one in row.criteria
        ]
        rows.append(replace(row, criteria=tuple(criteria)))
    return rows
