"""The smallest case that fails, for each distinct failure: the hand-in is asked simpler and simpler ones.

A case counts if the hand-in fails on it in the same way as in the suite, and plainly, and if the mistake that
was named makes what it answers there: a reader is shown what the sentence above it speaks of. What is true on
it is told by the formulation to which the suite's own truth was held, and stays here: the job is handed
inputs, as always. All is bounded by how many calls there are, never by the clock: so it is the same anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from grader.compare import GapKind
from grader.criteria import example
from grader.declaration import Check
from grader.diagnosis.evidence import Evidence, TooSlowError
from grader.diagnosis.failing import Failing, groups, way_here
from grader.diagnosis.simpler import counted, simpler_numbers, smaller_sizes
from grader.faults import FACT
from grader.records import (
    Answer,
    Array,
    Arrays,
    Case,
    Counterexample,
    CriterionResult,
    Explain,
    FailureKind,
    ProblemResult,
)
from grader.sandbox.session import Session

MOST_CALLS = 150  # of a hand-in, for all of its failures together
WITHIN_S = 30.0  # after which all of it is given up; a call that hangs ends it sooner, by the limit of a call
NOTHING = 1e-12  # of an array's largest entry: rounding makes it of a zero


class _EndedError(Exception):
    """A call ended the job: its failure is left as it is."""


@dataclass(frozen=True)
class _Found:
    """A smaller case, what the hand-in answered and what is true."""

    case: Case
    answer: Answer
    truth: Arrays


def shown(
    explains: Callable[[str], Explain], evidence: Evidence, rows: Sequence[ProblemResult]
) -> list[ProblemResult]:
    """Return the rows with smaller counterexamples, where there are any; else with those that they have.

    Args:
        explains: key of a suite -> what has named the causes of wrong values there.
        evidence: what is known of the hand-in.
        rows: with their causes.

    Raises:
        TooSlowError: the hand-in takes too long: then those of the suite are the ones to show.
        SandboxError, KilledError, GraderError: our own part failed.
    """
    failing = groups(evidence, rows)
    if not failing:
        return list(rows)
    examples: dict[tuple[int, str], Counterexample] = {}
    left = MOST_CALLS
    with evidence.session.aside(WITHIN_S) as session:
        for i, group in enumerate(failing):
            calls = _Calls(session, left // (len(failing) - i))  # what one leaves over, the others have
            left -= calls.left
            shows = [_Shows(one, _named_by(explains, evidence, one)) for one in group]
            try:
                found = _smallest(calls, shows[0])
            except _EndedError:
                continue
            left += calls.left
            examples |= _of_the_group(evidence, shows, found) if found is not None else {}
    return [
        replace(row, criteria=tuple(_with(one, examples.get((i, one.name))) for one in row.criteria))
        for i, row in enumerate(rows)
    ]


def _with(one: CriterionResult, instead: Counterexample | None) -> CriterionResult:
    return one if instead is None else replace(one, counterexample=instead)


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
        if answer.failure is not None and answer.is_fatal:
            raise TooSlowError if answer.failure.kind is FailureKind.TIME else _EndedError
        return answer


@dataclass(frozen=True)
class _Shows:
    """Tells whether a case shows a failure.

    Attributes:
        failure: the failure.
        explain: what has named its cause; None where no cause was named.
        is_strict: the mistake that was named must make what was answered.
    """

    failure: Failing
    explain: Explain | None
    is_strict: bool = False

    def __call__(self, inputs: Arrays, answer: Answer, truth: Arrays) -> bool:
        """Whether a hand-in fails so, by what it answered to these inputs and what is true of them."""
        if way_here(self.failure.output, answer, truth) != self.failure.way:
            return False
        return not self.is_strict or self.as_named(inputs, answer)

    def as_named(self, inputs: Arrays, answer: Answer) -> bool:
        """Whether the mistake that was named makes what was answered, as far as that can be told."""
        cause = self.failure.result.cause
        if self.explain is None or cause is None:
            return True
        return self.explain.makes(cause, inputs, answer.arrays, self.failure.output.name) is not False


def _named_by(explains: Callable[[str], Explain], evidence: Evidence, failure: Failing) -> Explain | None:
    """Return what has named the cause of a wrong value; None where that is none, or a fact and no cause."""
    cause, key = failure.result.cause, failure.called.check.suite
    if cause is None or cause.mode == FACT or failure.way != (GapKind.VALUE,):
        return None
    is_known = key in evidence.assignment.explains and failure.output.name in cause.outputs
    return explains(key) if is_known else None


def _smallest(calls: _Calls, shows: _Shows) -> _Found | None:
    """Return the simplest case that is found on which a criterion fails as in the suite, and plainly.

    Whether the mistake is the one that was named is asked of the case in the end, since it nearly always is;
    only where it is not, of each case on the way.
    """
    found = _simplest(calls, shows)
    if found is None or shows.as_named(found.case.inputs, found.answer):
        return found
    return _simplest(calls, replace(shows, is_strict=True))


def _simplest(calls: _Calls, shows: _Shows) -> _Found | None:
    begun = _begun(calls, shows)
    if begun is None:
        return None
    begun = _resized(calls, shows, begun)
    fails = _fails(calls, shows, begun)
    inputs = simpler_numbers(begun.inputs, fails)
    return _confirmed(calls, shows, replace(begun, inputs=inputs))


def _fails(calls: _Calls, shows: _Shows, case: Case) -> Callable[[Arrays], bool]:
    """Return what tells whether it fails in the same way with other numbers."""
    failure = shows.failure
    check, form = failure.called.check, failure.called.form

    def fails(inputs: Arrays) -> bool:
        answer = calls.ask(check, replace(case, inputs=inputs), form)
        if answer is None:
            return False
        with np.errstate(all="ignore"):
            truth = failure.further.truth(inputs)
        if not _is_usable(truth) or not shows(inputs, answer, truth):
            return False
        # Beside what is raised, or has a wrong shape, zeros alone would say nothing.
        return failure.way == (GapKind.VALUE,) or bool(truth[failure.output.name].any())

    return fails


def _is_usable(truth: Arrays) -> bool:
    return all(np.isfinite(array).all() for array in truth.values())


def _begun(calls: _Calls, shows: _Shows) -> Case | None:
    """Return what to begin with, in the sizes of the suite's case: ordinary numbers, short ones or its own,
    without what is special about how it is handed over, or with it.
    """
    own, failure = shows.failure.case, shows.failure
    ordinary = replace(own, inputs=failure.further.plain(own.sizes))
    ways = dict.fromkeys(product((False, own.strided), (False, own.interleaved)))
    for case in (ordinary, replace(own, inputs=counted(ordinary.inputs)), own):
        for strided, interleaved in ways:
            asked = replace(case, strided=strided, interleaved=interleaved, seed=0)
            if _fails(calls, shows, asked)(asked.inputs):
                return asked
    return None


def _resized(calls: _Calls, shows: _Shows, begun: Case) -> Case:
    """Return the case with the fewest sizes with which it still fails.

    Where it is not the values that are wrong, sizes that differ show better what is.
    """
    failure = shows.failure
    apart = failure.way != (GapKind.VALUE,)
    for sizes in smaller_sizes(failure.further.ranges, begun.sizes, apart=apart):
        case = replace(begun, inputs=failure.further.plain(sizes), sizes=sizes)
        if _fails(calls, shows, case)(case.inputs):
            return case
    return begun


def _confirmed(calls: _Calls, shows: _Shows, case: Case) -> _Found | None:
    """Return the case with what is true on it and what a fresh job answers, as a student's own process would.

    None where a call that was made before had its part in the failure.
    """
    failure, truth = shows.failure, shows.failure.further.truth(case.inputs)
    calls.session.close()
    calls.left += 1
    answer = calls.ask(failure.called.check, case, failure.called.form)
    assert answer is not None
    if not shows(case.inputs, answer, truth):
        return None
    words = [f"{name} {size}" for name, size in case.sizes.items()] or ["simple numbers"]
    words += ["non-contiguous arrays"] if case.strided else []
    words += ["two cells at once"] if case.interleaved else []
    return _Found(replace(case, label=", ".join(words)), answer, truth)


def _of_the_group(
    evidence: Evidence, group: Sequence[_Shows], found: _Found
) -> dict[tuple[int, str], Counterexample]:
    """Return the counterexamples of all criteria of a group that the case shows, by row and name."""
    examples = {}
    for shows in group:
        if not replace(shows, is_strict=True)(found.case.inputs, found.answer, found.truth):
            continue
        one = shows.failure
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
