"""Asks a hand-in: one check, case by case, in the form that it accepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from grader import compare, leniency, score
from grader.declaration import Check, Output, Problem, SizesOfOne
from grader.sandbox.session import Session
from grader.words import Answer, Arrays, FailureKind, Finding, Suite, notice

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
    sizes_of_one: SizesOfOne = SizesOfOne.COUNT,
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
        form, answers[asked.key] = _answers(session, asked, suites[asked.suite], patience, sizes_of_one)
        if form > 0 and any(answer.failure is None for answer in answers[asked.key]):
            how = f"{asked.call} was called with {asked.forms[form]}, which is what it accepts"
            findings.append(notice(how))
        if check.instead is None:
            break
        now = score.holding(problem, check, suites, answers, sizes_of_one)
        if asked is not check and now > held:
            names = ", ".join(name for name in check.names if name in now - held)
            findings.append(notice(f"{names}: right {asked.title}, and counted"))
        held = now
        if len(held) == len(check.outputs):
            break
    return findings


def _answers(
    session: Session, check: Check, suite: Suite, patience: Patience, sizes_of_one: SizesOfOne
) -> tuple[int, list[Answer]]:
    """The form that works, and one answer per case.

    Where all cases must hold, one that ends the process decides for those after it; a judge may forgive it,
    but has no use for more than so many calls that hang. One with a size of 1, where it is only told, decides
    for others of its kind alone.
    """
    form, first = 0, patience.answer(check)
    if first is None:
        form, first = _form_that_works(session, check, suite)
        if first is not None:
            patience.note(check, first)
    decided: dict[bool, Answer] = {} if first is None else {False: first}
    given: list[Answer] = []
    for case in suite.cases:
        apart = sizes_of_one is SizesOfOne.TELL and leniency.has_size_of_one(case)
        answer = decided.get(False) or decided.get(apart)
        if answer is None:
            answer = session.ask(check, case, form)
            patience.note(check, answer)
            if answer.failure is not None and answer.failure.fatal and check.judge is None:
                decided[apart] = answer
            if (enough := patience.answer(check)) is not None:
                decided[False] = enough
        given.append(replace(answer, form=form))
    return form, given


def _form_that_works(session: Session, check: Check, suite: Suite) -> tuple[int, Answer | None]:
    """How to hand the arguments over, found out on the first case whose sizes differ and are all above 1.

    A form works if nothing is raised, no assert of the student's fails, and every result fits. If none does,
    one that raises nothing goes before one that does, then one to which no assert objects, and then the one
    under which most results fit, so that one misshapen gradient does not take the others along; of equal ones
    the first. A call that ends the process is not tried in other forms: the answer it left is given instead.
    """
    if len(check.forms) == 1:
        return 0, None
    index = next(i for i, case in enumerate(suite.cases) if _tells_shapes_apart(case.sizes))
    best, most = 0, (False, False, 0)
    for form in range(len(check.forms)):
        with session.asserts_apart() as objecting:
            answer = session.ask(check, suite.cases[index], form)
        if answer.failure is not None and answer.failure.fatal:
            return (0, answer) if form == 0 else (best, None)
        fitting = sum(_fits(output, answer, suite.expected[index]) for output in check.outputs)
        worth = (answer.failure is None, not objecting, fitting)
        if worth == (True, True, len(check.outputs)):
            return form, None
        if worth > most:
            best, most = form, worth
    return best, None


def _fits(output: Output, answer: Answer, truth: Arrays) -> bool:
    found = answer.arrays.get(output.name)
    if found is None:
        return False
    verdict = compare.compare(output, found, truth[output.name])
    return not (isinstance(verdict, compare.Gap) and verdict.kind in DOES_NOT_FIT)


def _tells_shapes_apart(sizes: Mapping[str, int]) -> bool:
    return min(sizes.values()) >= 2 and len(set(sizes.values())) == len(sizes)
