"""Which criteria fail, in which way, and which of them are told as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

import numpy as np

from grader.compare import Gap, GapKind, Match, compare
from grader.criteria import can_be_tried
from grader.declaration import Output
from grader.diagnosis.evidence import Evidence
from grader.records import (
    Answer,
    Array,
    Arrays,
    Case,
    CriterionResult,
    Failure,
    Further,
    ProblemResult,
)
from grader.verdicts import Called, Verdict

MOST_FAILURES = 4  # that are looked at
# A difference that a reader sees at once: of the array's largest true value, and by itself.
PLAIN, PLAIN_BY_ITSELF = 0.01, 1e-3

Way = tuple[object, ...]
"""In which way an output is wrong; two ways are equal if they are the same to a reader."""


@dataclass(frozen=True)
class Failing:
    """A criterion that fails, with the case of the suite that shows it.

    Attributes:
        row: its problem's place among the rows.
        result: as reported so far.
        called, output: what was asked, and what of it failed.
        at: position of the smallest case that can be shown.
        way: in which it fails there.
        further: how more such cases are made.
    """

    row: int
    result: CriterionResult
    called: Called
    output: Output
    at: int
    way: Way
    further: Further

    @property
    def case(self) -> Case:
        """The suite's case."""
        return self.called.suite.cases[self.at]

    @property
    def group(self) -> object:
        """What is the same for all criteria that are told as one."""
        told = self.result.cause or (self.result.hint, self.way)
        return self.row, self.called.check.key, told


def groups(evidence: Evidence, rows: Sequence[ProblemResult]) -> list[list[Failing]]:
    """Return a few failures by what is told as one: each problem's first ones, then the second ones."""
    of_rows: list[list[list[Failing]]] = []
    for i, row in enumerate(rows):
        found: dict[object, list[Failing]] = {}
        for failure in _failures(evidence, i, row):
            found.setdefault(failure.group, []).append(failure)
        of_rows.append(list(found.values()))
    in_turn = chain.from_iterable(zip_longest(*of_rows))
    return [group for group in in_turn if group is not None][:MOST_FAILURES]


def _failures(evidence: Evidence, at: int, row: ProblemResult) -> Iterator[Failing]:
    failing = {one.name: one for one in row.criteria if one.passed is False and one.reason is not None}
    problem = next(one for one in evidence.assignment.problems if one.name == row.name)
    for check in problem.calls:
        if check.suite not in evidence.assignment.further:
            continue
        further = evidence.assignment.further[check.suite]()
        for verdict in evidence.verdicts.get(check.key, ()):
            result = failing.get(verdict.output.name)
            if result is None or not isinstance(verdict, Verdict) or verdict.holds:
                continue
            shown = next((group for group in verdict.groups if can_be_tried(group.shown)), None)
            if shown is not None and (way := _way(shown.shown)) is not None:
                yield Failing(at, result, verdict.called, verdict.output, shown.at[0], way, further)


def _way(outcome: Match | Gap | Failure) -> Way | None:
    if isinstance(outcome, Gap):
        return (outcome.kind,)
    if isinstance(outcome, Failure) and (raises := outcome.exception) is not None:
        return "raised", raises.partition(":")[0], outcome.file, outcome.line, outcome.cell
    return None


def way_here(output: Output, answer: Answer, truth: Arrays) -> Way | None:
    """Return in which way an output is plainly wrong in one answer; None if it is right, or hardly wrong."""
    array, true = answer.arrays.get(output.name), truth[output.name]
    outcome = None if array is None else compare(output, array, true)
    if isinstance(outcome, Match) or (outcome is None and answer.failure is None):
        return None
    if answer.failure is not None:
        return _way(answer.failure)
    assert outcome is not None
    assert array is not None
    return _way(outcome) if _is_plain(outcome, array, true) else None


def _is_plain(outcome: Match | Gap, array: Array, true: Array) -> bool:
    if not isinstance(outcome, Gap) or outcome.kind is not GapKind.VALUE:
        return True
    apart = float(np.abs(array.reshape(true.shape).astype(float) - true).max())
    return apart >= max(PLAIN_BY_ITSELF, PLAIN * float(np.abs(true).max()))
