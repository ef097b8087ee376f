"""Grades one hand-in from its path to its report: the only place that puts the parts together.

It knows no assignment by name and no platform; what can go wrong is sorted by fault here and nowhere else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader import __version__, compare, discovery, intake, policy, score
from grader.declaration import Assignment, Check
from grader.errors import GraderError, Rejection, UsageError
from grader.sandbox.process import Zygote
from grader.sandbox.session import MAX_SOURCE_BYTES, Session, job_uid, texts_of
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
    assignment = discovery.by_name(options.assignment, known) if options.assignment else None
    name = os.path.basename(os.path.abspath(path))
    hand_in = None
    try:
        hand_in = intake.unpack(path)
        assignment = assignment or intake.recognise(hand_in, known)
        return _grade(hand_in, assignment, options)
    except UsageError:
        raise
    except Rejection as rejection:
        if hand_in is not None:
            report = _rejected(assignment, name, rejection)
            return replace(report, sha256=hand_in.sha256, findings=hand_in.findings)
        # With a single assignment there is no doubt about which one gets the 0 points.
        return _rejected(assignment or (known[0] if len(known) == 1 else None), name, rejection)
    except Exception as error:  # whatever it is, it is ours: the student must not pay for it
        return failed(assignment, name, error)


def failed(assignment: Assignment | None, hand_in: str, error: BaseException) -> Report:
    """The report when we failed: nothing is recorded."""
    message = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
    return _empty(assignment, hand_in, Status.ERROR, message, None)


def _grade(hand_in: HandIn, assignment: Assignment, options: Options) -> Report:
    submission = intake.locate(hand_in, assignment)
    wanted = assignment.wanted[0]
    main = submission.found[wanted.path]
    # The main file first: of a large repository around it, not everything may be taken along.
    texts, odd_lines = texts_of({main: hand_in.files[main], **hand_in.files})
    if main not in texts:
        raise Rejection(
            f"{main} is {len(hand_in.files[main]):,} bytes long; at most {MAX_SOURCE_BYTES:,} are graded",
            "Take everything out of it that is not your solution.",
        )
    starter = texts_of(assignment.starter)[0].get(wanted.path)
    with Zygote() as zygote:  # it starts while torch is being imported
        suites = {key: draw(options.seed) for key, draw in assignment.suites.items()}
        session = Session(
            zygote,
            texts=texts,
            main=main,
            adapter=assignment.adapter,
            starter=starter,
            limits=assignment.limits,
            uid=job_uid(os.geteuid()),
        )
        with session:
            facts, starter_facts = session.inspect()
            if options.strict:
                _hold_strictly(facts, main)
            findings = [*hand_in.findings, *submission.findings, *_about_encoding(odd_lines, main)]
            findings += policy.findings(facts, starter_facts, wanted, main)
            problems = []
            for problem in assignment.problems:
                answers = {}
                for check in problem.checks:
                    answers[check.call], said = _ask(session, check, suites[check.suite])
                    findings += said
                result, said_of_answers = score.judge(problem, suites, answers)
                problems.append(result)
                findings += said_of_answers
    return _report(assignment, submission, problems, findings, session, suites)


def _ask(session: Session, check: Check, suite: Suite) -> tuple[list[Answer], list[Finding]]:
    """The answers to one check, one per case, and what is to be said about how it was called."""
    names = [output.name for output in check.outputs]
    form, fatal = _form_that_works(session, check, suite)
    answers: list[Answer] = []
    for case in suite.cases:
        if fatal is None:
            answer = session.ask(check.call, case, form, names)
            fatal = answer if answer.failure is not None and answer.failure.fatal else None
        else:
            answer = fatal
        answers.append(answer)
    if form == 0:
        return answers, []
    return answers, [notice(f"{check.call} was called with {check.forms[form]}, which is what it accepts")]


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
        answer = session.ask(check.call, suite.cases[index], form, [output.name for output in check.outputs])
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


def _about_encoding(odd_lines: Mapping[str, int], main: str) -> list[Finding]:
    if main not in odd_lines:
        return []
    message = "this line is not UTF-8; the file was read as Latin-1"
    return [
        notice(message, "Save the file as UTF-8: Python itself refuses it as it is.", main, odd_lines[main])
    ]


def _hold_strictly(facts: policy.Facts, main: str) -> None:
    """Reject what imports more than is allowed, or hides what it imports."""
    if not facts:
        raise Rejection(f"what {main} imports could not be read: Python's own parser does not survive it")
    if (forbidden := policy.forbidden_import(facts)) is not None:
        hint = (
            "Remove the import and hand in again: this course fails hand-ins for it, as its statement says."
        )
        raise Rejection(forbidden, hint)


def _report(
    assignment: Assignment,
    submission: Submission,
    problems: Sequence[ProblemResult],
    findings: Sequence[Finding],
    session: Session,
    suites: Mapping[str, Suite],
) -> Report:
    files = submission.hand_in.files
    first = next(iter(suites.values()))
    combined = (
        first.sha256 if len(suites) == 1 else _sha256("".join(suite.sha256 for suite in suites.values()))
    )
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
        seed=first.seed,
        cases=sum(len(suite.cases) for suite in suites.values()),
        suite=combined,
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
