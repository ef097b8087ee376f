"""Grades a hand-in from its path to its report: the only place that puts the parts together.

It knows no assignment by name and no platform; what can go wrong is sorted by fault here and nowhere else.
"""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from grader import (
    __version__,
    aside,
    causes,
    discovery,
    intake,
    interview,
    places,
    policy,
    score,
    sources,
    toplevel,
)
from grader.cases import Seed
from grader.declaration import Assignment, Environment, Limits, Problem, Response, SizesOfOne, Without
from grader.errors import GraderError, Rejection, SandboxError, UsageError
from grader.sandbox import doctor
from grader.sandbox.here import launcher
from grader.sandbox.killed import KilledError
from grader.sandbox.launcher import Launcher
from grader.sandbox.session import Session, effective_uid, job_uid
from grader.secret import Secret
from grader.snippet import Source
from grader.sources import Sources
from grader.ungraded import Refused, Taken, failed, for_a_person, issued, rejected
from grader.words import (
    Answer,
    Blame,
    Explain,
    Finding,
    GradedFile,
    HandIn,
    ProblemResult,
    Report,
    Status,
    Submission,
    Suite,
    mistake,
    notice,
)

AFTER_KILLS_S = (0.0, 0.5, 1.0, 2.0)  # until the next try, when a job was killed from outside


@dataclass(frozen=True)
class Options:
    """What the caller may choose.

    Attributes:
        assignment: name; None to recognise it from the files.
        seed: the instructor's; draws the suite.
        secret: the course's; then it keys what is drawn, and each hand-in gets some cases of its own.
        strict: reject a hand-in that imports more than NumPy and Python's own modules.
        numerical_gradients, published_solution: see `course.Course`.
        unsandboxed: go on where there is no filter of system calls.
        within_s: seconds after which a grading ends, with what it has until then; None for no such end.
        debug: let through what goes wrong with us, for whoever mends it.
    """

    assignment: str | None = None
    seed: int = 0
    secret: Secret | None = None
    strict: bool = False
    unsandboxed: bool = False
    within_s: float | None = None
    debug: bool = False
    numerical_gradients: Response = Response.NOTICE
    published_solution: Response = Response.NOTICE

    def wire(self) -> dict[str, object]:
        """Give the options as JSON carries them, the secret's key with them: for a pipe of ours alone."""
        return {**vars(self), "secret": None if self.secret is None else self.secret.key.hex()}

    @classmethod
    def of_wire(cls, said: Mapping[str, object]) -> Self:
        """Give the options that `wire` gave to JSON.

        Raises:
            TypeError: a field is unknown.
            ValueError: a word or the secret is none.
        """
        key = said.get("secret")
        return replace(
            cls(**said),  # type: ignore[arg-type]
            secret=None if key is None else Secret(bytes.fromhex(str(key))),
            numerical_gradients=Response(str(said.get("numerical_gradients", cls.numerical_gradients))),
            published_solution=Response(str(said.get("published_solution", cls.published_solution))),
        )


class Grader:
    """Grades hand-ins one after the other: what the first needed is there for the next. A context manager.

    Args:
        known: the assignments.
        options: what the caller chose.
        slot: which of several graders at work at once this is, from 0: their jobs differ in user id.
    """

    def __init__(self, known: Sequence[Assignment], options: Options, slot: int = 0) -> None:
        self._known = known
        self._options = options
        self._uid = job_uid(effective_uid(), slot)
        self._assignment = discovery.by_name(options.assignment, known) if options.assignment else None
        self._launchers: dict[Environment, Launcher] = {}
        self._suites: dict[str, Mapping[str, Suite]] = {}
        self._explains: dict[tuple[str, str], Explain] = {}
        self._until = math.inf  # when the grading at hand must end
        self._asked_at = math.inf  # when its hand-in was first to be asked

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end_launchers()

    def grade(self, path: Path) -> Report:
        """The report on one hand-in. The student's faults and ours both end in a report.

        Raises:
            UsageError: there is no such file, or the assignment cannot be recognised.
        """
        taken = self.take(path)
        if isinstance(taken, Refused):
            return taken.report
        return issued(self.ask(taken), taken.name, taken.notices)

    def recognised(self, path: Path) -> str | None:
        """The name of the assignment that a hand-in is for, by itself; None if that cannot be told."""
        try:
            return intake.recognise(intake.unpack(path), self._known).name
        except Exception:  # what is wrong with it is said when it is graded
            return None

    def take(self, path: Path, class_of: str | None = None) -> Taken | Refused:
        """Read a hand-in, without running anything of it.

        Args:
            path: where it is.
            class_of: what the class hands in, if nobody named an assignment: what is something else is left
                to a person.

        Raises:
            UsageError: there is no such file, or the assignment cannot be recognised.
        """
        self._until = (
            math.inf if self._options.within_s is None else time.monotonic() + self._options.within_s
        )
        whole_class = discovery.by_name(class_of, self._known) if class_of else None
        assignment = self._assignment or whole_class
        name = os.path.basename(os.path.abspath(path))
        hand_in = None
        try:
            hand_in = intake.unpack(path)
            if whole_class is not None and not intake.may_be(hand_in, whole_class, self._known):
                return Refused(for_a_person(whole_class, name, hand_in), hand_in.sha256)
            assignment = assignment or intake.recognise(hand_in, self._known)
            return Taken(assignment, intake.locate(hand_in, assignment))
        except UsageError:
            raise
        except Rejection as rejection:
            if hand_in is not None:
                report = rejected(assignment, name, rejection)
                report = replace(report, sha256=hand_in.sha256, findings=hand_in.findings)
                return Refused(report, hand_in.sha256)
            # With a single assignment there is no doubt about which one gets the 0 points.
            assignment = assignment or (self._known[0] if len(self._known) == 1 else None)
            if assignment is not None:
                rejection = intake.advised(rejection, assignment)
            return Refused(rejected(assignment, name, rejection), rejection.content)
        except Exception as error:  # whatever it is, it is ours: the student must not pay for it
            if self._options.debug:
                raise
            return Refused(failed(assignment, name, error), hand_in.sha256 if hand_in else None)

    def ask(self, taken: Taken) -> Report:
        """The report, but for what `issued` adds: the same for all hand-ins with the same `Taken.key`."""
        try:
            return self._graded(taken)
        except Rejection as rejection:
            return replace(rejected(taken.assignment, "", rejection), sha256=taken.content)
        except Exception as error:
            explained = discovery.explained(error, taken.assignment.folder)
            if self._options.debug:
                raise explained from error
            return failed(taken.assignment, "", explained)

    @property
    def changes_user(self) -> bool:
        """Whether jobs run as a user of their own, which only root can see to."""
        return self._uid is not None

    def probe(self, name: str | None) -> str | None:
        """What is wrong with grading here, by a hand-in whose grading is known to end well: a starter.

        Args:
            name: of the assignment; None for any.

        Returns:
            Why it cannot be graded; None if it can, for however many points.
        """
        assignments = [one for one in self._known if name in (None, one.name) and one.folder is not None]
        starters = [(one, one.folder / "starter") for one in assignments if one.folder and one.starter]
        try:
            if (
                not starters
            ):  # nothing is known of this assignment; that a process can be confined is something
                doctor.examine()
                return None
            assignment, path = starters[0]
            report = self.ask(Taken(assignment, intake.locate(intake.unpack(path), assignment)))
        except Rejection:  # as where a starter is no whole hand-in: it was read, and all goes on
            return None
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return report.message if report.status is Status.ERROR else None

    def suite_digest(self, assignment: Assignment) -> str:
        """Hex digest of the suite that hand-ins for this assignment are asked, the secret's pool included.

        Raises:
            GraderError: it cannot be drawn.
        """
        drawn, secret = _suite_digest(self._drawn(assignment)), self._options.secret
        return drawn if secret is None else _sha256(drawn + secret.mark(assignment.name, self._options.seed))

    def _graded(self, taken: Taken) -> Report:
        """The report; where the sandbox fails, from a second try with everything of it afresh.

        Both together end within `Limits.held_s`: a second one begins only while all of the student's time
        still fits, since a failure of ours must not shorten it.
        """
        self._asked_at = math.inf
        limits = taken.assignment.limits
        try:
            return self._undisturbed(taken)
        except KilledError:
            raise
        except SandboxError as error:  # a machine may be short of something for a moment
            self._end_launchers()
            if time.monotonic() - self._asked_at > limits.held_s - limits.total_s:
                raise
            first = error
        try:
            return self._undisturbed(taken)
        except SandboxError:
            self._end_launchers()  # what is left of it must not meet the next hand-in
            raise
        except GraderError as error:  # as when no time is left for a second try
            raise GraderError(f"{first}\n{error}") from first

    def _undisturbed(self, taken: Taken) -> Report:
        """The report; where somebody else kills a job, all is asked anew, so that it says the same."""
        for wait_s in AFTER_KILLS_S:
            try:
                return self._grade(taken.submission, taken.assignment)
            except KilledError:
                time.sleep(wait_s)
        return self._grade(taken.submission, taken.assignment)

    def _grade(self, submission: Submission, assignment: Assignment) -> Report:
        wanted = assignment.wanted[0]
        read = sources.of(submission, assignment)
        jobs = self._launcher(assignment.environment)  # it starts while torch is being imported
        suites = self._asked(assignment, submission.hand_in.sha256)
        self._asked_at = min(self._asked_at, time.monotonic())  # drawing is no time of the hand-in's
        limits = self._limits(assignment.limits)
        with _session(jobs, read, assignment, limits, self._until, self._options, self._uid) as session:
            facts, starter_facts = session.inspect()
            main = read.main
            findings = _about_reading(session)
            if main is not None:
                told = policy.graded(facts, (main, *read.also))
                if self._options.strict:
                    _hold_strictly(told, main)
                findings += _about_encoding(read)
                findings += policy.findings(told, starter_facts, wanted, main)
                findings += toplevel.about_sources(facts, submission.hand_in, read.given, main, read.also)
                findings += aside.about_names(session.names, main, facts)
            because, about_it = _withheld(assignment, facts, read, self._options)
            findings += about_it
            source = _source(session, read, assignment)
            problems: list[ProblemResult] = []
            said: list[Finding] = []
            forms: dict[str, int] = {}
            answers: dict[tuple[str, str], list[Answer]] = {}
            for problem in assignment.problems:
                result, more = _problem(
                    session,
                    problem,
                    suites,
                    submission,
                    read,
                    source,
                    facts,
                    assignment.sizes_of_one,
                    forms,
                    answers,
                )
                problems += [score.withheld(problem, result, because)] if result is not None else []
                said += more
            problems, not_explained = self._explained(assignment, suites, problems, answers)
            findings += not_explained
            findings += toplevel.about_running(session.importing, main)
            findings += said
            if main is not None:
                is_told = "error" in facts.get(main, {})  # what cannot be parsed has its finding
                problems = aside.import_said_once(problems, session.import_failure, is_told=is_told)
                findings += policy.about_given(facts, starter_facts, wanted, main, problems)
            findings += aside.about_asserts(session.failed_asserts)
            if all(one.passed is not False for problem in problems for one in problem.criteria):
                findings += aside.probed(session, assignment.probes, suites, forms)
            findings += [notice(assignment.told)] if assignment.told else []
        graded = _report(assignment, submission, problems, findings, session, self._options)
        cases = sum(len(suite.cases) for suite in suites.values())
        return replace(graded, cases=cases, suite=self.suite_digest(assignment))

    def _explained(
        self,
        assignment: Assignment,
        suites: Mapping[str, Suite],
        problems: Sequence[ProblemResult],
        answers: Mapping[tuple[str, str], Sequence[Answer]],
    ) -> tuple[list[ProblemResult], list[Finding]]:
        """The rows, with the causes of wrong values; what it takes is made once for an assignment.

        A hint that cannot be had costs nobody a grade: then the rows stay as they are, and it is said.
        """

        def explain(key: str) -> Explain:
            if (assignment.name, key) not in self._explains:
                made = assignment.explains[key](self._drawn(assignment)[key])
                self._explains[assignment.name, key] = made
            return self._explains[assignment.name, key]

        found = list(problems)
        try:
            for key in assignment.explains:
                found = causes.explained(assignment, key, suites[key], found, answers, partial(explain, key))
        except Exception as error:
            if self._options.debug:
                raise
            return list(problems), [
                Finding(Blame.GRADER, f"no cause could be looked for: {type(error).__name__}")
            ]
        return found, []

    def _limits(self, limits: Limits) -> Limits:
        """What the student's code may use, its time ending before the grading must."""
        left_s = math.floor(self._until - time.monotonic()) if math.isfinite(self._until) else math.inf
        # Half of the time is the student's: it is not they who pay for a machine that starts slowly.
        if left_s < min(limits.total_s, (self._options.within_s or 0) / 2):
            raise GraderError(
                f"this machine was not ready to ask the hand-in within {self._options.within_s:g} s: "
                "it is too busy, or the time limit is too short"
            )
        return replace(limits, total_s=min(limits.total_s, left_s))

    def _launcher(self, environment: Environment) -> Launcher:
        if environment not in self._launchers:
            self._launchers[environment] = launcher(environment)
        return self._launchers[environment]

    def _end_launchers(self) -> None:
        while self._launchers:
            self._launchers.popitem()[1].close()

    def _drawn(self, assignment: Assignment) -> Mapping[str, Suite]:
        if assignment.name not in self._suites:
            secret, seed = self._options.secret, Seed(self._options.seed)
            seed = seed if secret is None else secret.seed(assignment.name, seed)
            self._suites[assignment.name] = {key: draw(seed) for key, draw in assignment.suites.items()}
        return self._suites[assignment.name]

    def _asked(self, assignment: Assignment, content: str) -> Mapping[str, Suite]:
        """What a hand-in with this digest is asked: what everybody is, and some of the secret's pool."""
        drawn, secret = self._drawn(assignment), self._options.secret
        if secret is None:
            return drawn
        seed = self._options.seed
        return {
            key: suite.with_chosen(
                secret.chosen(assignment.name, seed, content, suite.chosen, len(suite.pool))
            )
            for key, suite in drawn.items()
        }


def grade(path: Path, known: Sequence[Assignment], options: Options) -> Report:
    """The report on one hand-in, as `Grader.grade` gives it.

    Raises:
        UsageError: there is no such file or assignment, or the assignment cannot be recognised.
    """
    with Grader(known, options) as grader:
        return grader.grade(path)


def _session(
    jobs: Launcher,
    read: Sources,
    assignment: Assignment,
    limits: Limits,
    until: float,
    options: Options,
    uid: int | None,
) -> Session:
    """The hand-in's time in the sandbox."""
    wanted = assignment.wanted[0]
    return Session(
        jobs,
        texts=read.texts,
        main=read.main,
        wanted=wanted.path,
        adapter=assignment.adapter,
        calls=assignment.calls,
        needs=(*wanted.methods, *wanted.defines, *assignment.needs),
        starter=read.starter,
        any_name=not options.strict,
        limits=limits,
        until=until,
        uid=uid,
        unsandboxed=options.unsandboxed,
        cells=read.cells,
        given=read.given,
        also=read.also,
        names=read.names,
    )


def _problem(
    session: Session,
    problem: Problem,
    suites: Mapping[str, Suite],
    submission: Submission,
    read: Sources,
    source: Source | None,
    facts: policy.Facts,
    sizes_of_one: SizesOfOne,
    forms: dict[str, int],
    all_answers: dict[tuple[str, str], list[Answer]],
) -> tuple[ProblemResult | None, Sequence[Finding]]:
    """One row of the gradebook, None if it was optional and is not there, and what is to be said about it.

    The forms in which its calls were made are added to `forms`, and what they answered to `all_answers`.
    """
    written = policy.written(facts, (read.main or "", *read.also))
    lacking = [name for name in problem.needs if name not in written]
    # What cannot be parsed is failed, not missing: its error is what the student must read. But where it may
    # be there in another form, a person reads the error.
    lost = policy.lost(facts, read.main or "")
    unparsed = any(name in lost for name in lacking) or "error" in facts.get(read.main or "", {})
    undecided = problem.without is Without.PERSON or not unparsed
    if lacking and facts and undecided and problem.without is not Without.FAIL:
        if problem.without is Without.LEAVE_OUT:
            return None, ()
        message = f"a person will look at this: {', '.join(lacking)} would have to be there to be graded here"
        if unparsed and (why := policy.first_error(facts, read.main or "")) is not None:
            message += f", and what is there does not run with Python 3 ({why})"
        return score.person_decides(problem, message), ()
    answers: dict[tuple[str, str], list[Answer]] = {}
    findings: list[Finding] = []
    patience = interview.Patience()
    for check in problem.calls:
        findings += interview.ask(session, problem, check, suites, answers, patience, sizes_of_one)
        forms[check.call] = answers[check.key][0].form
    all_answers.update(answers)
    files = {path: (at, submission.hand_in.files[at]) for path, at in submission.found.items()}
    methods = {
        name: replace(method, name=aside.their_name(name, session.names)) for name, method in written.items()
    }
    result, said = score.judge(
        problem, suites, answers, files, methods, sizes_of_one=sizes_of_one, source=source
    )
    return result, [*findings, *said]


def _source(session: Session, read: Sources, assignment: Assignment) -> Source | None:
    """What a snippet to try a failing case with must know of the hand-in."""
    if read.main is None:
        return None
    return Source(read.main, read.texts[read.main], assignment.written, session.names, assignment.imports)


def _withheld(
    assignment: Assignment, facts: policy.Facts, read: Sources, options: Options
) -> tuple[dict[str, tuple[bool, str]], list[Finding]]:
    """For which functions the course gives nothing, right or not; and what is said of the source."""
    wanted = assignment.wanted[0]
    told = policy.graded(facts, (read.main or "", *read.also))  # a function may stand in another file
    measured = policy.measured(told, wanted)
    because = {}
    if options.numerical_gradients is not Response.NOTICE:
        because = {
            name: (False, f"this course gives nothing for it: {one.message}")
            for name, one in measured.items()
        }
    findings = list(measured.values())
    if policy.is_published(told, assignment.solution):
        findings.append(notice(policy.PUBLISHED, None, read.main))
        if options.published_solution is not Response.NOTICE:
            person = options.published_solution is Response.PERSON
            what = "a person decides" if person else "this course gives nothing for it"
            because |= dict.fromkeys(wanted.methods, (person, f"{what}: {policy.PUBLISHED}"))
    return because, findings


def _about_reading(session: Session) -> list[Finding]:
    """Why nothing is known of the source. Then nothing in it counts as left out, and all of it is asked."""
    if session.unread is None:
        return []
    message = (
        f"{session.unread.message}; so whatever is not there counts as failed, also where it is optional"
    )
    hint = "Take out what is far longer or deeper nested than a program; what it imports was read with it."
    return [mistake(message, hint, session.main)]


def _about_encoding(read: Sources) -> list[Finding]:
    if read.main is None or read.main not in read.odd_lines:
        return []
    message = "this line is not UTF-8; the file was read as Latin-1"
    hint = "Save the file as UTF-8: Python itself refuses it as it is."
    return [notice(message, hint, read.main, read.odd_lines[read.main])]


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
    options: Options,
) -> Report:
    return Report(
        assignment=assignment.name,
        title=assignment.title,
        status=Status.GRADED,
        problems=places.in_problems(problems, submission.hand_in.files),
        hand_in="",  # see `issued`
        version=__version__,
        findings=places.in_findings(findings, submission.hand_in.files),
        sha256=submission.hand_in.sha256,
        files=tuple(_graded_file(submission.hand_in, path) for path in submission.found.values()),
        # Who knows a course's seed can draw its answers: only the public one is named.
        seed=options.seed if options.secret is None and options.seed == 0 else None,
        isolation=session.isolation,
        stdout=session.printed("stdout"),
        stderr=session.printed("stderr"),
    )


def _graded_file(hand_in: HandIn, path: str) -> GradedFile:
    lines = len(hand_in.code(path).splitlines())  # of a notebook, those of its code
    return GradedFile(path, lines, hashlib.sha256(hand_in.files[path]).hexdigest())


def _suite_digest(suites: Mapping[str, Suite]) -> str:
    digests = [suite.sha256 for suite in suites.values()]
    return digests[0] if len(digests) == 1 else _sha256("".join(digests))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
