"""Grades a hand-in from its path to its report: the only place that puts the parts together.

It knows no assignment by name and no platform; what can go wrong is sorted by fault here and nowhere else.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from grader import __version__, discovery, grading, intake, places, sources
from grader.baked import Shelf, usual_folder
from grader.deadline import NEVER, Deadline
from grader.declaration import Environment, Limits, Loaded
from grader.drawn import Drawn
from grader.errors import GraderError, Rejection, SandboxError, UsageError
from grader.issuing import failed, failure, for_a_person, issued, rejected, rejection_of
from grader.options import Options as Options  # part of what this module is called with
from grader.records import Report, Result, Status
from grader.sandbox import doctor
from grader.sandbox.here import launcher
from grader.sandbox.jobs import Jobs, effective_uid, job_uid
from grader.sandbox.killed import KilledError
from grader.sandbox.launcher import Launcher
from grader.sandbox.session import Session
from grader.taken import Refused, Taken

AFTER_KILLS_S = (0.0, 0.5, 1.0, 2.0)  # until the next try, when a job was killed from outside


class Grader:
    """Grades hand-ins one after the other: what the first needed is there for the next. A context manager.

    Args:
        known: the assignments.
        options: what the caller chose.
        slot: which of several graders at work at once this is, from 0: their jobs differ in user id.
    """

    def __init__(self, known: Sequence[Loaded], options: Options, slot: int = 0) -> None:
        self._known = known
        self._options = options
        self._uid = job_uid(effective_uid(), slot)
        self._assignment = discovery.by_name(options.assignment, known) if options.assignment else None
        self._launchers: dict[Environment, Launcher] = {}
        self._drawn = Drawn(options.seed, options.secret, Shelf(usual_folder()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end_launchers()

    def grade(self, path: Path) -> Report:
        """Return the report on one hand-in. The student's faults and ours both end in a report.

        Raises:
            UsageError: there is no such file, or the assignment cannot be recognised.
        """
        taken = self.take(path)
        if isinstance(taken, Refused):
            return taken.report
        return issued(self.ask(taken), taken.name, taken.notices)

    def recognised(self, path: Path) -> str | None:
        """Return the name of the assignment that a hand-in is for, by itself; None if that cannot be told."""
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
        deadline = Deadline.within(self._options.within_s)
        whole_class = discovery.by_name(class_of, self._known) if class_of else None
        assignment = self._assignment or whole_class
        name = os.path.basename(os.path.abspath(path))
        hand_in = None
        try:
            hand_in = intake.unpack(path)
            if whole_class is not None and not intake.may_be(hand_in, whole_class, self._known):
                return Refused(for_a_person(whole_class, name, hand_in), hand_in.sha256)
            assignment = assignment or intake.recognise(hand_in, self._known)
            return Taken(assignment, intake.locate(hand_in, assignment), deadline)
        except UsageError:
            raise
        except Rejection as rejection:
            if hand_in is not None:
                result = rejection_of(assignment, rejection, hand_in.sha256)
                return Refused(issued(result, name, hand_in.findings), hand_in.sha256)
            # With a single assignment there is no doubt about which one gets the 0 points.
            assignment = assignment or (self._known[0] if len(self._known) == 1 else None)
            if assignment is not None:
                rejection = intake.advised(rejection, assignment)
            return Refused(rejected(assignment, name, rejection), rejection.content)
        except Exception as error:  # whatever it is, it is ours: the student must not pay for it
            if self._options.debug:
                raise
            return Refused(failed(assignment, name, error), hand_in.sha256 if hand_in else None)

    def ask(self, taken: Taken) -> Result:
        """Grade what was read: the same comes of all hand-ins with the same `Taken.key`."""
        try:
            return self._result(taken)
        except Rejection as rejection:
            return rejection_of(taken.assignment, rejection, taken.content)
        except Exception as error:
            explained = discovery.explained(error, taken.assignment.folder)
            if self._options.debug:
                raise explained from error
            return failure(taken.assignment, explained)

    @property
    def changes_user(self) -> bool:
        """Whether jobs run as a user of their own, which only root can see to."""
        return self._uid is not None

    def probe(self, name: str | None) -> str | None:
        """Return what is wrong with grading here, by a hand-in whose grading is known to end well: a starter.

        Args:
            name: of the assignment; None for any.

        Returns:
            Why it cannot be graded; None if it can, for however many points.
        """
        assignments = [one for one in self._known if name in (None, one.name)]
        starters = [(one, one.folder / "starter") for one in assignments if one.starter]
        try:
            if (
                not starters
            ):  # nothing is known of this assignment; that a process can be confined is something
                doctor.examine()
                return None
            assignment, path = starters[0]
            result = self.ask(Taken(assignment, intake.locate(intake.unpack(path), assignment)))
        except Rejection:  # as where a starter is no whole hand-in: it was read, and all goes on
            return None
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return result.message if result.status is Status.ERROR else None

    def suite_digest(self, assignment: Loaded) -> str:
        """Hex digest of the suite that hand-ins for this assignment are asked, the secret's pool included.

        Raises:
            GraderError: it cannot be drawn.
        """
        return self._drawn.digest(assignment)

    def _result(self, taken: Taken) -> Result:
        """Return what came of it; where the sandbox fails, from a second try with everything of it afresh.

        Both together end within `Limits.held_s`: a second one begins only while all of the student's time
        still fits, since a failure of ours must not shorten it.
        """
        limits = taken.assignment.limits
        tries = _Tries()
        try:
            return self._undisturbed(taken, tries)
        except KilledError:
            raise
        except SandboxError as error:  # a machine may be short of something for a moment
            self._end_launchers()
            if tries.asked_for_s > limits.held_s - limits.total_s:
                raise
            first = error
        try:
            return self._undisturbed(taken, tries)
        except SandboxError:
            self._end_launchers()  # what is left of it must not meet the next hand-in
            raise
        except GraderError as error:  # as when no time is left for a second try
            raise GraderError(f"{first}\n{error}") from first

    def _undisturbed(self, taken: Taken, tries: _Tries) -> Result:
        """Return what came of it; where somebody else kills a job, all is asked anew, so that it says the
        same.
        """
        for wait_s in AFTER_KILLS_S:
            try:
                return self._grade(taken, tries)
            except KilledError:
                time.sleep(wait_s)
        return self._grade(taken, tries)

    def _grade(self, taken: Taken, tries: _Tries) -> Result:
        """Ask the hand-in once, and put together what came of it."""
        submission, assignment, options = taken.submission, taken.assignment, self._options
        read = sources.of(submission, assignment)
        jobs = Jobs(self._launcher(assignment.environment), self._uid, options.unsandboxed)
        suites = self._drawn.asked(assignment, taken.content)  # the launcher starts while torch is imported
        tries.begin()  # drawing is no time of the hand-in's
        limits = self._limits(assignment.limits, taken.deadline)
        brief = sources.brief(submission, read, assignment, limits, any_name=not options.strict)
        with Session(jobs, brief, taken.deadline) as session:
            problems, findings = grading.asked(session, taken, read, suites, options, self._drawn)
        return Result(
            assignment=assignment.name,
            title=assignment.title,
            status=Status.GRADED,
            problems=places.in_problems(problems, submission.hand_in.files),
            version=__version__,
            findings=places.in_findings(findings, submission.hand_in.files),
            sha256=taken.content,
            files=sources.graded_files(submission),
            # Who knows a course's seed can draw its answers: only the public one is named.
            seed=options.seed if options.secret is None and options.seed == 0 else None,
            cases=sum(len(suite.cases) for suite in suites.values()),
            suite=self.suite_digest(assignment),
            isolation=session.isolation,
            stdout=session.printed("stdout"),
            stderr=session.printed("stderr"),
        )

    def _limits(self, limits: Limits, deadline: Deadline) -> Limits:
        """Return what the student's code may use, its time ending before the grading must."""
        left_s = math.inf if deadline == NEVER else math.floor(deadline.left_s)
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


class _Tries:
    """For how long a hand-in has been asked, in all tries together."""

    def __init__(self) -> None:
        self._began_s = math.inf

    def begin(self) -> None:
        """Note that a try begins now."""
        self._began_s = min(self._began_s, time.monotonic())

    @property
    def asked_for_s(self) -> float:
        """Seconds since the first try began: less than nothing before."""
        return time.monotonic() - self._began_s


def grade(path: Path, known: Sequence[Loaded], options: Options) -> Report:
    """Make the report on one hand-in, as `Grader.grade` does.

    Raises:
        UsageError: there is no such file or assignment, or the assignment cannot be recognised.
    """
    with Grader(known, options) as grader:
        return grader.grade(path)
