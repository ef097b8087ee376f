"""Asks a hand-in: one check, case by case, in the form that it accepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from grader import compare, score
from grader.declaration import Check, Problem
from grader.sandbox.session import Session
from grader.words import Answer, FailureKind, Finding, Suite, notice

# A result that fits is there, is made of numbers and has the right shape; its values are not looked at.
DOES_NOT_FIT = (compare.GapKind.MISSING, compare.GapKind.DTYPE, compare.GapKind.SHAPE)


# Calls of one function that may be stopped for their time: the third decides for all that are left.
HANGS = 3


class Patience:
    """How often each function was stopped for its time, and what stands for its answer in the end."""

    def __init__(self) -> None:
        self._hung: Counter[str] = Counter()
        self._last: dict[str, Answer] = {}

    def note(self, check: Check, answer: Answer) -> None:
        """Count an answer, if it is none for want of time."""
        if answer.failure is not None and answer.failure.fatal and answer.failure.kind is FailureKind.TIME:
            self._hung[_function(check)] += 1
            self._last[_function(check)] = answer

    def answer(self, check: Check) -> Answer | None:
        """What a function that has hung too often is taken to answer; None as long as it is asked."""
        if self._hung[_function(check)] < HANGS:
            return None
        failure = self._last[_function(check)].failure
        assert failure is not None
        message = f"{failure.message}; after {HANGS} such calls it was not asked any more"
        return Answer(failure=replace(failure, message=message))


def _function(check: Check) -> str:
    return check.method or check.call


def ask(
    session: Session,
    problem: Problem,
    check: Check,
    suites: Mapping[str, Suite],
    answers: dict[tuple[str, str], list[Answer]],
    patience: Patience | None = None,
) -> list[Finding]:
    """Add the answers to a check, by its key, and to what is asked instead of it while an output fails.

    Args:
        session: where the hand-in runs.
        problem: the problem of the check.
        check: what is asked.
        suites: the cases.
        answers: are added to.
        patience: what is known of the problem's other checks; None if there are none.

    Returns:
        What is to be said about how it was called.

    Raises:
        SandboxError: our own part failed.
    """
    findings = []
    held: frozenset[str] = frozenset()
    patience = patience or Patience()
    for asked in check.chain:
        form, answers[asked.key] = _answers(session, asked, suites[asked.suite], patience)
        if form > 0:
            how = f"{asked.call} was called with {asked.forms[form]}, which is what it accepts"
            findings.append(notice(how))
        if check.instead is None:
            break
        now = score.holding(problem, check, suites, answers)
        if asked is not check and now > held:
            names = ", ".join(name for name in check.names if name in now - held)
            findings.append(notice(f"{names}: right {asked.title}, and counted"))
        held = now
        if len(held) == len(check.outputs):
            break
    return findings


def _answers(session: Session, check: Check, suite: Suite, patience: Patience) -> tuple[int, list[Answer]]:
    """The form that works, and one answer per case."""
    form, decided = 0, patience.answer(check)
    if decided is None:
        form, decided = _form_that_works(session, check, suite)
        if decided is not None:
            patience.note(check, decided)
    given: list[Answer] = []
    for case in suite.cases:
        if decided is None:
            answer = session.ask(check, case, form)
            patience.note(check, answer)
            # Where all cases must hold, one that ends the process decides. A judge may forgive a case, and
            # even it has no use for more than so many calls that hang.
            ended = answer.failure is not None and answer.failure.fatal
            decided = answer if ended and check.judge is None else patience.answer(check)
            given.append(answer)
        else:
            given.append(decided)
    return form, given


def _form_that_works(session: Session, check: Check, suite: Suite) -> tuple[int, Answer | None]:
    """How to hand the arguments over, found out on the first case whose sizes differ and are all above 1.

    A form works if nothing is raised and every result fits. If none does, the one under which most results
    fit is used, so that one misshapen gradient does not take the others along; if all of them raise, the
    first, whose error the student then reads. A call that ends the process is not tried in other forms: the
    answer it left is returned instead.
    """
    if len(check.forms) == 1:
        return 0, None
    index = next(i for i, case in enumerate(suite.cases) if _tells_shapes_apart(case.sizes))
    best, most = 0, -1
    for form in range(len(check.forms)):
        answer = session.ask(check, suite.cases[index], form)
        if answer.failure is not None and answer.failure.fatal:
            return (0, answer) if form == 0 else (best, None)
        if answer.failure is not None:
            continue
        fitting = 0
        for output in check.outputs:
            found = answer.arrays.get(output.name)
            if found is not None:
                verdict = compare.compare(output, found, suite.expected[index][output.name])
                fitting += not (isinstance(verdict, compare.Gap) and verdict.kind in DOES_NOT_FIT)
        if fitting == len(check.outputs):
            return form, None
        if fitting > most:
            best, most = form, fitting
    return best, None


def _tells_shapes_apart(sizes: Mapping[str, int]) -> bool:
    return min(sizes.values()) >= 2 and len(set(sizes.values())) == len(sizes)
