"""Asks a hand-in: one check, case by case, in the form that it accepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader import compare, leniency
from grader.declaration import Check, HandedIn, Output, SizesOfOne
from grader.records import Answer, Arrays, Case, FailureKind, Finding, Suite, notice
from grader.sandbox.session import Session
from grader.verdicts import NOTHING_BESIDE, Called, Ruling, Verdict, judged, settled

# A result that fits is there and has the right shape; its values are not looked at.
DOES_NOT_FIT = (compare.GapKind.MISSING, compare.GapKind.SHAPE)


# Calls of one function that may be stopped for their time: the third decides for all that are left.
HANGS = 3


class Patience:
    """How often each function was stopped for its time, and what stands for its answer in the end."""

    def __init__(self) -> None:
        self._hung: Counter[str] = Counter()
        self._last: dict[str, Answer] = {}

    def note(self, check: Check, answer: Answer) -> None:
        """Count an answer, if it is none for want of time."""
        if answer.failure is not None and answer.is_fatal and answer.failure.kind is FailureKind.TIME:
            self._hung[_function(check)] += 1
            self._last[_function(check)] = answer

    def answer(self, check: Check) -> Answer | None:
        """Return what a function that has hung too often is taken to answer; None as long as it is asked."""
        if self._hung[_function(check)] < HANGS:
            return None
        failure = self._last[_function(check)].failure
        assert failure is not None
        message = f"{failure.message}; after {HANGS} such calls it was not asked any more"
        return Answer(failure=replace(failure, message=message))


def _function(check: Check) -> str:
    return check.method or check.call


@dataclass(frozen=True)
class Asked:
    """A check that was asked, and what was asked instead of it while an output failed.

    Attributes:
        calls: the check itself, and those after it, in order.
        chain: what came of each of these calls, output by output.
        verdicts: for each of its outputs, what counts.
        findings: what is to be said about how it was called.
    """

    calls: tuple[Called, ...]
    chain: tuple[tuple[Verdict | Ruling, ...], ...]
    verdicts: tuple[Verdict | Ruling, ...]
    findings: tuple[Finding, ...]


def asked(
    session: Session,
    check: Check,
    suites: Mapping[str, Suite],
    patience: Patience,
    sizes_of_one: SizesOfOne = SizesOfOne.COUNT,
    handed_in: HandedIn = NOTHING_BESIDE,
) -> Asked:
    """Ask a check, and while an output fails what is to be asked instead; hold each answer to the truth.

    Args:
        session: where the hand-in runs.
        check: what is asked.
        suites: the cases.
        patience: what is known of the problem's other checks.
        sizes_of_one: whether a case with a size of 1 costs anything.
        handed_in: for a judge that looks at the hand-in.

    Raises:
        SandboxError: our own part failed.
        GraderError: a suite has no truth to hold the answers to.
    """
    calls: list[Called] = []
    chain: list[tuple[Verdict | Ruling, ...]] = []
    findings: list[Finding] = []
    held: set[str] = set()
    for one in check.chain:
        call = called(session, one, suites[one.suite], patience, sizes_of_one)
        calls.append(call)
        chain.append(judged(call, sizes_of_one, handed_in))
        if call.form > 0 and any(answer.failure is None for answer in call.answers):
            how = f"{one.call} was called with {one.forms[call.form]}, which is what it accepts"
            findings.append(notice(how))
        now = {verdict.output.name for verdict in settled(chain) if verdict.holds}
        if one is not check and now > held:
            names = ", ".join(name for name in check.names if name in now - held)
            findings.append(notice(f"{names}: right {one.title}, and counted"))
        held = now
        if len(held) == len(check.outputs):
            break
    return Asked(tuple(calls), tuple(chain), settled(chain), tuple(findings))


def called(
    session: Session, check: Check, suite: Suite, patience: Patience, sizes_of_one: SizesOfOne
) -> Called:
    """Make one call per case, in the form that works.

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

    def settled_already(case: Case) -> Answer | None:
        return decided.get(False) or decided.get(_is_told(case, sizes_of_one))

    answers: dict[int, Answer] = {}
    while len(answers) < len(suite.cases):
        left = [at for at in range(len(suite.cases)) if at not in answers]
        answers |= {at: answer for at in left if (answer := settled_already(suite.cases[at])) is not None}
        asked_for = [at for at in left if at not in answers]
        found = session.ask_each(check, [suite.cases[at] for at in asked_for], form)
        for at, answer in zip(asked_for, found, strict=False):
            answers[at] = answer
            patience.note(check, answer)
            if answer.is_fatal and not check.is_judged:
                decided[_is_told(suite.cases[at], sizes_of_one)] = answer
            if (enough := patience.answer(check)) is not None:
                decided[False] = enough
    each = tuple(answers[at] for at in range(len(suite.cases)))
    return Called(check, suite, each, form)


def _is_told(case: Case, sizes_of_one: SizesOfOne) -> bool:
    """Whether a case has a size of 1 where that is only told."""
    return sizes_of_one is SizesOfOne.TELL and leniency.has_size_of_one(case)


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
        if answer.is_fatal:
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
