"""One submission's time in the sandbox: a job, and a fresh one whenever the last one died.

A job serves all calls, since most hand-ins never kill it and a new one would import the hand-in again. When
a call kills it, the remaining cases of that call count as failed and the next call gets a fresh job, so that
a crash in backward takes nothing from forward, whichever comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from grader.deadline import NEVER, Deadline
from grader.declaration import Check
from grader.inside import lockdown
from grader.records import (
    Answer,
    Arrays,
    Case,
    FailedAssert,
    Failure,
    FailureKind,
    Isolation,
    Notebook,
    Printed,
)
from grader.sandbox import asking, killed, objections, process
from grader.sandbox.brief import Brief
from grader.sandbox.failures import died, fatal, raised, without_places
from grader.sandbox.importing import Import
from grader.sandbox.jobs import Jobs, isolation
from grader.sandbox.process import Announced, JobEndedError, Reply

# Of one function's answers to all cases, which the grader keeps until it has judged them. Right ones take
# less than a hundredth of it.
MAX_ANSWERS_BYTES = 32 << 20


class Session:
    """Asks one hand-in; use it as a context manager.

    Args:
        jobs: where its jobs come from.
        brief: what is asked of it, and what it may use.
        deadline: when all must have ended, whatever the limits say.
    """

    def __init__(self, jobs: Jobs, brief: Brief, deadline: Deadline = NEVER) -> None:
        self.isolation: Isolation | None = None
        self.unread: Failure | None = None  # why there are no facts about the source
        self.import_failure: Failure | None = None
        # What is wanted -> what the hand-in calls it, where it has another name.
        self.names: dict[str, str] = {}
        if brief.main is None:
            self.import_failure = fatal(FailureKind.RAISED, f"there is no {brief.wanted} in the hand-in")
        self.main = brief.main
        alone = brief.definitions_alone
        self.importing = Import(
            brief.limits.call_s, brief.main or brief.wanted, definitions_alone=alone, as_asked=alone
        )
        self._jobs = jobs
        self._brief = brief
        self._limits = brief.limits
        self._ours, self._theirs = brief.ours, brief.theirs
        self._killed_before = killed.by_the_kernel()
        self._deadline = deadline
        self._is_running = False  # the time of all calls together begins when the first job is ready
        self._job: process.Job | None = None
        self._imported = False
        self._answered_bytes: Counter[str] = Counter()  # by call
        self._printed: list[Mapping[str, Printed]] = []
        self._asserts = objections.Objections()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def inspect(self) -> dict[str, Any]:
        """Return what the source says, read before any of it runs: facts by file.

        Raises:
            SandboxError: our own part failed.
        """
        if self.main is None:
            return {}
        # Python's parser can be crashed by a hostile source, and kept busy by a long one.
        reply = self._converse({"do": "inspect"}, {}, self._limits.call_s, f"reading {self.main}")
        if isinstance(reply, Failure):
            self.unread = reply
            return {}
        about, _ = reply
        self.names = about["facts"].get(self.main, {}).get("names", {})
        self.importing.read(about["facts"])
        facts: dict[str, Any] = about["facts"]
        return facts

    def ask(self, check: Check, case: Case, form: int) -> Answer:
        """Make one call of a check on one case. An Answer whose failure is fatal has ended the job.

        Raises:
            SandboxError: our own part failed.
        """
        return self._asked(check, [case], form)[0]

    def ask_each(self, check: Check, cases: Sequence[Case], form: int) -> list[Answer]:
        """Make one call of a check on each case, in order, up to one whose failure is fatal.

        Raises:
            SandboxError: our own part failed.
        """
        answers: list[Answer] = []
        for group in asking.groups(cases):
            answers += self._asked(check, group, form)
            if answers[-1].is_fatal:
                break
        return answers

    def _asked(self, check: Check, cases: Sequence[Case], form: int) -> list[Answer]:
        """Make a call on each case in one request of a job, up to one whose failure is fatal."""
        if not self._imported and self.import_failure is None:
            self._import()
        if self.import_failure is not None:
            return [Answer(failure=self.import_failure)]
        limit_s = check.call_s or self._limits.call_s
        about, arrays = asking.request(check, cases, form)
        answers: list[Answer] = []
        try:
            for reply in self._alive().ask_each(about, arrays, len(cases), lambda: self._within(limit_s)):
                answers.append(self._answer(check, cases[len(answers)], *reply))
                if answers[-1].is_fatal:
                    if len(answers) < len(cases):  # it has gone on, and what comes of that is for nobody
                        self.close(process.printed_bytes(reply[0]))
                    break
        except JobEndedError as error:
            self._forget(error)
            failure = died(check.call, error, self._limits, limit_s, self._deadline.over)
            answers.append(Answer(failure=failure))
        return answers

    def _answer(self, check: Check, case: Case, about: Mapping[str, Any], arrays: Arrays) -> Answer:
        """Return what a job has said to a call on a case."""
        objecting = objections.read(about.get("asserts"), self._brief.texts)
        self._asserts.note(objecting, case)
        self._answered_bytes[check.call] += sum(array.nbytes for array in arrays.values())
        if self._answered_bytes[check.call] > MAX_ANSWERS_BYTES:
            self.close(process.printed_bytes(about))
            much = f"more than {MAX_ANSWERS_BYTES >> 20} MiB in all"
            return Answer(failure=fatal(FailureKind.OUTPUT, f"{check.call} answered with {much}"))
        checked = asking.checked(check.call, about, arrays, check.answered)
        return self.importing.explained(replace(checked, asserts=objecting) if objecting else checked)

    @property
    def notebook(self) -> Notebook | None:
        """What is graded, where it is a notebook."""
        return self._brief.notebook

    @property
    def failed_asserts(self) -> list[tuple[FailedAssert, str]]:
        """The hand-in's own asserts that failed and were passed over: see `Objections.in_order`."""
        return self._asserts.in_order()

    @contextmanager
    def asserts_apart(self) -> Iterator[objections.Objections]:
        """For a while, asserts that fail are put into what this gives, and not told otherwise."""
        kept, self._asserts = self._asserts, objections.Objections()
        apart = self._asserts
        try:
            yield apart
        finally:
            self._asserts = kept

    @contextmanager
    def aside(self, within_s: float) -> Iterator[Session]:
        """Ask the same hand-in more, in a job of its own: nothing that it prints or asserts there is told.

        The job that answered so far is ended: who is asked aside meets nothing of what it has kept.

        Args:
            within_s: seconds after which a call fails for its time, if the hand-in's own are not over before.
        """
        self.close()
        other = Session(self._jobs, self._brief, self._deadline.sooner(Deadline.within(within_s)))
        other.names = self.names
        other.importing = deepcopy(self.importing)  # what is to be left out for it to import is known already
        other.import_failure = self.import_failure
        other._is_running = self._is_running
        with other:
            yield other

    def close(self, printed_bytes: Mapping[str, int] | None = None) -> None:
        """End the job, if there is one.

        Args:
            printed_bytes: how much of what it printed counts, if not all.
        """
        if self._job is not None:
            self._printed.append(self._job.close(printed_bytes))
            self._job = None
            self._imported = False

    def printed(self, stream: str) -> Printed:
        """Return what all jobs of this session printed on "stdout" or "stderr", the first of it kept."""
        text = without_places("".join(printed[stream].text for printed in self._printed))
        dropped_bytes = sum(printed[stream].dropped_bytes for printed in self._printed)
        whole = text.encode()
        kept = whole[: process.KEPT_BYTES].decode(errors="ignore")  # no half of a character
        return Printed(kept, dropped_bytes + len(whole) - len(kept.encode()))

    def _converse(
        self,
        about: Mapping[str, Any],
        arrays: Arrays,
        limit_s: float,
        subject: str,
        announced: Announced | None = None,
    ) -> Reply | Failure:
        """Make one request of the job, of a fresh one if the last one died.

        Args:
            about, arrays: the request.
            limit_s: seconds that it may take.
            subject: what is asked, for a sentence about the job's end.
            announced: hears what the job says on the way.

        Returns:
            The job's answer; if it died instead, how.

        Raises:
            SandboxError: our own part failed.
        """
        try:
            return self._alive().ask(about, arrays, self._within(limit_s), announced)
        except JobEndedError as error:
            self._forget(error)
            return died(subject, error, self._limits, limit_s, self._deadline.over)

    def _alive(self) -> process.Job:
        """Return the job, which has the hand-in; a fresh one, if there is none."""
        if self._job is None:
            self._job = self._jobs.start(self._ours, self._limits.output_bytes)
            self.isolation = isolation(self._job)
            self._imported = False
            if not self._is_running:  # from here on it is the student's time
                self._is_running = True
                self._deadline = self._deadline.sooner(Deadline.within(self._limits.total_s))
            self._job.ask(self._theirs, self._brief.files, self._within(self._limits.call_s))
        return self._job

    def _within(self, seconds: float) -> Deadline:
        """Return when something must be there that may take so long."""
        return self._deadline.sooner(Deadline.within(seconds))

    def _import(self) -> None:
        """Import the hand-in, in as many jobs as that takes."""
        importing = self.importing
        while True:
            request = {**importing.request, "other_names": self.names}
            reply = self._converse(request, {}, importing.limit_s, importing.subject, importing.announced)
            if not isinstance(reply, Failure):
                break
            if self._deadline.over or not importing.goes_on(reply):
                self.import_failure = reply
                return
            self._printed.pop()  # the next try prints the same again
        answer, _ = reply
        if "raised" in answer:
            self.import_failure = replace(raised(importing.subject, answer["raised"]), fatal=True)
        else:
            importing.went_through(answer)
        self._imported = True

    def _forget(self, error: JobEndedError) -> None:
        """Let go of a dead job.

        Raises:
            KilledError: somebody else has killed it, for nothing that it did.
        """
        assert self._job is not None
        self._printed.append(self._job.close())
        layers = self._job.layers
        self._job = None
        self._imported = False
        # Without the filter it may have killed itself.
        if error.reason is None and lockdown.SYSTEM_CALLS in layers["on"]:
            killed.hold(error.ending, layers["peak_bytes"], self._limits, self._killed_before)
