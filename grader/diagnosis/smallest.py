"""The smallest case that fails, for each distinct failure: the hand-in is asked simpler and simpler ones.

A case counts if the hand-in fails on it in the same way as in the suite, and plainly. What is true on it comes
from where the suite's own truth comes from, and stays here: the job is handed inputs, as always. All is bounded
by how many calls there are, never by the clock: so it is the same on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

import numpy as np

from grader.compare import Gap, GapKind, Match, compare
from grader.criteria import can_be_tried, example
from grader.declaration import Check, Output
from grader.diagnosis.evidence import Evidence
from grader.diagnosis.simpler import simpler_numbers, smaller_sizes
from grader.records import (
    Answer,
    Array,
    Arrays,
    Case,
    Counterexample,
    CriterionResult,
    Failure,
    FailureKind,
    Further,
    ProblemResult,
)
from grader.sandbox.session import Session
from grader.verdicts import Called, Verdict, judged

MOST_CALLS = 150  # of a hand-in, for all of its failures together
MOST_FAILURES = 4  # that are made smaller
WITHIN_S = 10.0  # after which a hand-in is too slow for it: then it is given up
# A difference that a reader sees at once: of the array's largest true value, and by itself.
PLAIN, PLAIN_BY_ITSELF = 0.01, 1e-3
NOTHING = 1e-12  # of an array's largest entry: rounding makes it of a zero


class TooSlowError(Exception):
    """The hand-in took too long to be asked for smaller cases."""


class _EndedError(Exception):
    """A call ended the job: no more is asked."""


Way = tuple[object, ...]
"""In which way an output is wrong; two ways are equal if they are the same to a reader."""


@dataclass(frozen=True)
class _Failure:
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
        return self.called.suite.cases[self.at]

    @property
    def group(self) -> object:
        """What is the same for all criteria that are told as one."""
        told = self.result.cause or (self.result.hint, self.way)
        return self.row, self.called.check.key, told


@dataclass(frozen=True)
class _Found:
    """A smaller case, what the hand-in answered and what is true."""

    case: Case
    answer: Answer
    truth: Arrays


def shown(evidence: Evidence, rows: Sequence[ProblemResult]) -> list[ProblemResult]:
    """Return the rows with smaller counterexamples, where there are any; else with those that they have.

    Raises:
        TooSlowError: the hand-in takes too long: then those of the suite are the ones to show.
        SandboxError, KilledError, GraderError: our own part failed.
    """
    groups = _groups(evidence, rows)
    if not groups:
        return list(rows)
    examples: dict[tuple[int, str], Counterexample] = {}
    with evidence.session.aside(WITHIN_S) as session:
        for i, group in enumerate(groups):
            calls = _Calls(session, MOST_CALLS // len(groups))
            try:
                found = _smallest(calls, group[0])
            except _EndedError:
                break
            examples |= _of_the_group(evidence, group, found) if found is not None else {}
    return [
        replace(row, criteria=tuple(_with(one, examples.get((i, one.name))) for one in row.criteria))
        for i, row in enumerate(rows)
    ]


def _with(one: CriterionResult, instead: Counterexample | None) -> CriterionResult:
    return one if instead is None else replace(one, counterexample=instead)


# --- what fails


def _groups(evidence: Evidence, rows: Sequence[ProblemResult]) -> list[list[_Failure]]:
    """Return the failures by what is told as one: of each problem the first, then the second ones, a few in all."""
    of_rows: list[list[list[_Failure]]] = []
    for i, row in enumerate(rows):
        found: dict[object, list[_Failure]] = {}
        for failure in _failures(evidence, i, row):
            found.setdefault(failure.group, []).append(failure)
        of_rows.append(list(found.values()))
    in_turn = chain.from_iterable(zip_longest(*of_rows))
    return [group for group in in_turn if group is not None][:MOST_FAILURES]


def _failures(evidence: Evidence, at: int, row: ProblemResult) -> Iterator[_Failure]:
    failing = {one.name: one for one in row.criteria if one.passed is False and one.reason is not None}
    problem = next(one for one in evidence.assignment.problems if one.name == row.name)
    for check in problem.calls:
        suite = evidence.suites[check.suite]
        if suite.further is None or check.judge is not None or not failing.keys() & set(check.names):
            continue
        called = Called(check, suite, evidence.answers[check.key], evidence.forms[check.call])
        for verdict in judged(called, evidence.assignment.sizes_of_one):
            result = failing.get(verdict.output.name)
            if result is None or not isinstance(verdict, Verdict) or verdict.holds:
                continue
            tried = [group for group in verdict.groups if can_be_tried(group.shown)]
            if not tried:
                continue
            where = tried[0].at[0]
            way = _way(tried[0].shown)
            assert way is not None
            yield _Failure(at, result, called, verdict.output, where, way, suite.further)


def _way(outcome: Match | Gap | Failure) -> Way | None:
    if isinstance(outcome, Gap):
        return (outcome.kind,)
    if isinstance(outcome, Failure) and (raises := outcome.exception) is not None:
        return "raised", raises.partition(":")[0], outcome.file, outcome.line, outcome.cell
    return None


def _way_here(output: Output, answer: Answer, truth: Arrays) -> Way | None:
    """Return in which way an output is plainly wrong in one answer; None if it is right, or hardly wrong."""
    array, true = answer.arrays.get(output.name), truth[output.name]
    outcome = None if array is None else compare(output, array, true)
    if isinstance(outcome, Match) or (outcome is None and answer.failure is None):
        return None
    if answer.failure is not None:
        return _way(answer.failure) if true.any() else None
    assert outcome is not None
    assert array is not None
    return _way(outcome) if _is_plain(outcome, array, true) else None


def _is_plain(outcome: Match | Gap, array: Array, true: Array) -> bool:
    if not isinstance(outcome, Gap) or outcome.kind is not GapKind.VALUE:
        return bool(true.any())  # of zeros alone a reader learns nothing
    apart = float(np.abs(array.reshape(true.shape).astype(float) - true).max())
    return apart >= max(PLAIN_BY_ITSELF, PLAIN * float(np.abs(true).max()))


# --- smaller cases


class _Calls:
    """Asks the hand-in aside, so many times and no more.

    Args:
        session: aside.
        left: how many calls may be made.
    """

    def __init__(self, session: Session, left: int) -> None:
        self.session = session
        self.left = left

    def ask(self, check: Check, case: Case, form: int) -> Answer | None:
        """Return the answer; None when all calls are used up.

        Raises:
            TooSlowError: it was stopped for its time.
            _EndedError: it ended the job otherwise.
        """
        if self.left == 0:
            return None
        self.left -= 1
        answer = self.session.ask(check, case, form)
        if answer.failure is not None and answer.failure.fatal:
            raise TooSlowError if answer.failure.kind is FailureKind.TIME else _EndedError
        return answer


def _smallest(calls: _Calls, failure: _Failure) -> _Found | None:
    """Return the simplest case that is found on which a criterion fails as in the suite, and plainly."""
    begun = _begun(calls, failure)
    if begun is None:
        return None
    begun = _resized(calls, failure, begun)
    fails = _fails(calls, failure, begun)
    inputs = simpler_numbers(begun.inputs, fails)
    return _confirmed(calls, failure, replace(begun, inputs=inputs))


def _fails(calls: _Calls, failure: _Failure, case: Case) -> Callable[[Arrays], bool]:
    """Return what tells whether it fails in the same way with other numbers."""
    check, form = failure.called.check, failure.called.form

    def fails(inputs: Arrays) -> bool:
        answer = calls.ask(check, replace(case, inputs=inputs), form)
        if answer is None:
            return False
        with np.errstate(all="ignore"):
            truth = failure.further.quick(inputs)
        return _is_usable(truth) and _way_here(failure.output, answer, truth) == failure.way

    return fails


def _is_usable(truth: Arrays) -> bool:
    return all(np.isfinite(array).all() for array in truth.values())


def _begun(calls: _Calls, failure: _Failure) -> Case | None:
    """Return what to begin with, in the sizes of the suite's case: ordinary numbers or its own, without what is
    special about how it is handed over, or with it.
    """
    own = failure.case
    ordinary = replace(own, inputs=failure.further.plain(own.sizes))
    for case in (ordinary, own):
        for strided, interleaved in ((False, False), (own.strided, own.interleaved)):
            asked = replace(case, strided=strided, interleaved=interleaved, seed=0)
            if _fails(calls, failure, asked)(asked.inputs):
                return asked
    return None


def _resized(calls: _Calls, failure: _Failure, begun: Case) -> Case:
    """Return the case with the fewest sizes with which it still fails.

    Where a shape is wrong, it is shown on one whose axes differ, if there is one.
    """
    first: Case | None = None
    for sizes in smaller_sizes(failure.further.ranges, begun.sizes):
        case = replace(begun, inputs=failure.further.plain(sizes), sizes=sizes)
        if not _fails(calls, failure, case)(case.inputs):
            continue
        first = first or case
        if failure.way != (GapKind.SHAPE,):
            return case
        shape = failure.further.quick(case.inputs)[failure.output.name].shape
        if len(set(shape)) == len(shape):
            return case
    return first or begun


def _confirmed(calls: _Calls, failure: _Failure, case: Case) -> _Found | None:
    """Return the case with what is true on it and what a fresh job answers, as a student's own process would.

    None where right formulations part on it, or a call that was made before had its part in the failure.
    """
    truth = failure.further.safe(case.inputs)
    if truth is None:
        return None
    calls.session.close()
    calls.left += 1
    answer = calls.ask(failure.called.check, case, failure.called.form)
    assert answer is not None
    if _way_here(failure.output, answer, truth) != failure.way:
        return None
    words = [f"{name} {size}" for name, size in case.sizes.items()] or ["simple numbers"]
    words += ["non-contiguous arrays"] if case.strided else []
    words += ["two cells at once"] if case.interleaved else []
    return _Found(replace(case, label=", ".join(words)), answer, truth)


def _of_the_group(
    evidence: Evidence, group: Sequence[_Failure], found: _Found
) -> dict[tuple[int, str], Counterexample]:
    """Return the counterexamples of all criteria of a group that the case shows, by row and name."""
    examples = {}
    for one in group:
        if _way_here(one.output, found.answer, found.truth) != one.way:
            continue
        tidy = replace(
            found.answer, arrays={name: _tidied(array) for name, array in found.answer.arrays.items()}
        )
        made = example(one.called, one.output, found.case, tidy, found.truth, evidence.source)
        if made is not None:
            examples[one.row, one.result.name] = made
    return examples


def _tidied(array: Array) -> Array:
    """Return the array with zeros for what rounding alone has left of them."""
    if array.dtype.kind != "f" or not array.size or not np.isfinite(array).all():
        return array
    size = np.abs(array)
    return np.where(size <= NOTHING * size.max(), 0.0, array)
