"""Asks a hand-in: one check, case by case, in the form that it accepts."""

from __future__ import annotations

from collections.abc import Mapping

from grader import compare, score
from grader.declaration import Check, Problem
from grader.sandbox.session import Session
from grader.words import Answer, Finding, Suite, notice

# A result that fits is there, is made of numbers and has the right shape; its values are not looked at.
DOES_NOT_FIT = (compare.GapKind.MISSING, compare.GapKind.DTYPE, compare.GapKind.SHAPE)


def ask(
    session: Session,
    problem: Problem,
    check: Check,
    suites: Mapping[str, Suite],
    answers: dict[tuple[str, str], list[Answer]],
) -> list[Finding]:
    """Add the answers to a check, by its key, and to what is asked instead of it while an output fails.

    Returns:
        What is to be said about how it was called.

    Raises:
        SandboxError: our own part failed.
    """
    findings = []
    held: frozenset[str] = frozenset()
    for asked in check.chain:
        form, answers[asked.key] = _answers(session, asked, suites[asked.suite])
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


def _answers(session: Session, check: Check, suite: Suite) -> tuple[int, list[Answer]]:
    """The form that works, and one answer per case."""
    form, fatal = _form_that_works(session, check, suite)
    given = []
    for case in suite.cases:
        answer = fatal or session.ask(check, case, form)
        # Where all cases must hold, one that ends the process decides. A judge may forgive a case.
        ended = answer.failure is not None and answer.failure.fatal
        fatal = answer if ended and check.judge is None else None
        given.append(answer)
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
