"""Grades one hand-in from its path to its report: the only place that puts the parts together.

It knows no assignment by name and no platform; what can go wrong is sorted by fault here and nowhere else.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from grader import __version__, compare, discovery, intake, policy, score
from grader.declaration import Assignment, Check, Problem, Without
from grader.errors import GraderError, Rejection
from grader.sandbox.process import Zygote
from grader.sandbox.session import Session, job_uid, texts_of
from grader.words import (
    Answer,
    Finding,
    GradedFile,
    HandIn,
    ProblemResult,
    Report,
    Status,
    Submission,
    Suite,
    notice,
)

# A result that fits is there, is made of numbers and has the right shape; its values are not looked at.
DOES_NOT_FIT = (compare.GapKind.MISSING, compare.GapKind.DTYPE, compare.GapKind.SHAPE)


@dataclass(frozen=True)
class Options:
    """What the caller may choose.

    Attributes:
        assignment: name; None to recognise it from the files.
        seed: the instructor's; draws the suite.
        strict: reject a hand-in that imports more than NumPy and Python's own modules.
    """

    assignment: str | None = None
    seed: int = 0
    strict: bool = False


def grade(path: Path, known: Sequence[Assignment], options: Options) -> Report:
    """The report on one hand-in. The student's faults and ours both end in a report.

    Raises:
        UsageError: there is no such file or assignment, or the assignment cannot be recognised.
    """
    chosen = discovery.by_name(options.assignment, known) if options.assignment else None
    try:
        hand_in = intake.unpack(path)
    except Rejection as rejection:
        # With a single assignment there is no doubt about which one gets the 0 points.
        return _rejected(chosen or (known[0] if len(known) == 1 else None), path.name, rejection)
    assignment = chosen or intake.recognise(hand_in, known)
    try:
        return _grade(hand_in, assignment, options)
    except Rejection as rejection:
        report = _rejected(assignment, hand_in.name, rejection)
        return replace(report, sha256=hand_in.sha256, findings=hand_in.findings)
    except Exception as error:  # whatever it is, it is ours: the student must not pay for it
        return failed(assignment, hand_in.name, error)


def failed(assignment: Assignment | None, hand_in: str, error: BaseException) -> Report:
    """The report when we failed: nothing is recorded."""
    message = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
    return _empty(assignment, hand_in, Status.ERROR, message, None)


def _grade(hand_in: HandIn, assignment: Assignment, options: Options) -> Report:
    submission = intake.locate(hand_in, assignment)
    wanted = assignment.wanted[0]
    with Zygote() as zygote:  # it starts while torch is being imported
        suites = {key: draw(options.seed) for key, draw in assignment.suites.items()}
        with _session(zygote, submission, assignment) as session:
            facts, starter_facts = session.inspect()
            if options.strict and policy.imports_more(facts):
                raise _strict_rejection(facts)
            findings = [*hand_in.findings, *submission.findings]
            main = submission.found.get(wanted.path)
            if main is not None:
                findings += _about_encoding(hand_in, main)
                findings += policy.findings(facts, starter_facts, wanted, main)
            problems = []
            for problem in assignment.problems:
                result, said = _problem(session, problem, suites, submission, facts.get(main or "", {}))
                problems += [result] if result is not None else []
                findings += said
    return _report(assignment, submission, problems, findings, session, suites, options)


def _session(zygote: Zygote, submission: Submission, assignment: Assignment) -> Session:
    """The hand-in's time in the sandbox, with the modules that the homework provides beside its main file."""
    wanted = assignment.wanted[0]
    main = submission.found.get(wanted.path)
    folder = posixpath.dirname(main or "")
    provided = {posixpath.join(folder, path): content for path, content in assignment.provided.items()}
    starters, _ = texts_of(assignment.starter)
    return Session(
        zygote,
        texts=texts_of({**provided, **submission.hand_in.files})[0],
        main=main,
        wanted=wanted.path,
        adapter=assignment.adapter,
        starter=next((text for path, text in starters.items() if fnmatchcase(path, wanted.path)), None),
        limits=assignment.limits,
        uid=job_uid(os.geteuid()),
    )


def _problem(
    session: Session,
    problem: Problem,
    suites: Mapping[str, Suite],
    submission: Submission,
    facts: Mapping[str, Any],
) -> tuple[ProblemResult | None, Sequence[Finding]]:
    """One row of the gradebook, None if it was optional and is not there, and what is to be said about it."""
    lacking = [name for name in problem.needs if name not in facts.get("definitions", ())]
    # What cannot be parsed is failed, not missing: its error is what the student must read.
    if lacking and "error" not in facts and problem.without is not Without.FAIL:
        if problem.without is Without.LEAVE_OUT:
            return None, ()
        message = f"a person will look at this: {', '.join(lacking)} would have to be there to be graded here"
        return score.person_decides(problem, message), ()
    answers: dict[str, list[Answer]] = {}
    findings: list[Finding] = []
    for check in problem.calls:
        findings += _ask(session, problem, check, suites, answers)
    files = {path: (at, submission.hand_in.files[at]) for path, at in submission.found.items()}
    result, said = score.judge(problem, suites, answers, files)
    return result, [*findings, *said]


def _ask(
    session: Session,
    problem: Problem,
    check: Check,
    suites: Mapping[str, Suite],
    answers: dict[str, list[Answer]],
) -> list[Finding]:
    """Add the answers to one check, one per case, and return what is to be said about how it was called."""
    suite = suites[check.suite]
    form, fatal = _form_that_works(session, check, suite)
    given = answers.setdefault(check.call, [])
    for case in suite.cases:
        answer = fatal or session.ask(check, case, form)
        fatal = answer if answer.failure is not None and answer.failure.fatal else None
        given.append(answer)
    findings = []
    if form > 0:
        how = f"{check.call} was called with {check.forms[form]}, which is what it accepts"
        findings.append(notice(how))
    if check.instead is not None:
        held = score.holding(problem, check, suites, answers)
        if len(held) < len(check.outputs):
            findings += _ask(session, problem, check.instead, suites, answers)
            gained = score.holding(problem, check, suites, answers) - held
            if gained:
                names = ", ".join(name for name in check.names if name in gained)
                findings.append(notice(f"{names}: right {check.instead.title}, and counted"))
    return findings


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
        if answer.failure is not None:
            if form == 0 and answer.failure.fatal:
                return 0, answer
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


def _about_encoding(hand_in: HandIn, main: str) -> list[Finding]:
    _, odd_lines = texts_of({main: hand_in.files[main]})
    if main not in odd_lines:
        return []
    message = "this line is not UTF-8; the file was read as Latin-1"
    return [
        notice(message, "Save the file as UTF-8: Python itself refuses it as it is.", main, odd_lines[main])
    ]


def _strict_rejection(facts: policy.Facts) -> Rejection:
    path, imported = next(
        (path, found["imports"][0]) for path, found in facts.items() if found.get("imports")
    )
    return Rejection(
        f"{path}, line {imported['line']}: imports {imported['package']}, but {policy.ONLY_NUMPY}",
        "Remove the import and hand in again; this course fails hand-ins for it, as the statement says.",
    )


def _report(
    assignment: Assignment,
    submission: Submission,
    problems: Sequence[ProblemResult],
    findings: Sequence[Finding],
    session: Session,
    suites: Mapping[str, Suite],
    options: Options,
) -> Report:
    files = submission.hand_in.files
    digests = [suite.sha256 for suite in suites.values()]
    return Report(
        assignment=assignment.name,
        title=assignment.title,
        status=Status.GRADED,
        problems=tuple(problems),
        hand_in=submission.hand_in.name,
        version=__version__,
        findings=tuple(findings),
        sha256=submission.hand_in.sha256,
        files=tuple(_graded_file(path, files[path]) for path in submission.found.values()),
        seed=options.seed,
        cases=sum(len(suite.cases) for suite in suites.values()),
        suite=digests[0] if len(digests) == 1 else _sha256("".join(digests)),
        isolation=session.isolation,
        stdout=session.printed("stdout"),
        stderr=session.printed("stderr"),
    )


def _graded_file(path: str, content: bytes) -> GradedFile:
    return GradedFile(path, len(content.splitlines()), hashlib.sha256(content).hexdigest())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _rejected(assignment: Assignment | None, hand_in: str, rejection: Rejection) -> Report:
    return _empty(assignment, hand_in, Status.REJECTED, rejection.message, rejection.hint)


def _empty(
    assignment: Assignment | None, hand_in: str, status: Status, message: str, hint: str | None
) -> Report:
    problems = (
        ()
        if assignment is None
        else tuple(ProblemResult(p.name, 0.0, p.points, ()) for p in assignment.problems)
    )
    return Report(
        assignment=assignment.name if assignment else None,
        title=assignment.title if assignment else None,
        status=status,
        problems=problems,
        hand_in=hand_in,
        version=__version__,
        message=message,
        hint=hint,
    )
