"""The problems of one hand-in: each asked, scored, or left to whoever decides on what is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader import aside, calling, policy, score, sources
from grader.assigned import assigned
from grader.declaration import HandedIn, Loaded, Problem, Without
from grader.diagnosis import Evidence
from grader.policy import Facts
from grader.records import Finding, ProblemResult, Submission, Suite
from grader.sandbox.session import Session
from grader.sources import Sources


class Problems:
    """Makes the rows of one hand-in's gradebook, one after the other.

    Args:
        session: where it runs.
        submission: its files.
        assignment: what is asked.
        read: its sources.
        suites: the cases.
        facts: what its sources say.
        because: for which functions the course gives nothing: see `score.withheld`.
        follow_through: see `Evidence`.

    Attributes:
        evidence: what all checks so far were answered with, and in which form.
        findings: what is to be said of the problems so far.
    """

    def __init__(
        self,
        session: Session,
        submission: Submission,
        assignment: Loaded,
        read: Sources,
        suites: Mapping[str, Suite],
        facts: Facts,
        because: Mapping[str, tuple[bool, str]],
        follow_through: float = 0.0,
    ) -> None:
        self.findings: list[Finding] = []
        self._session = session
        self._suites = suites
        self._sizes_of_one = assignment.sizes_of_one
        self._facts = facts
        self._main = read.main or ""
        self._because = because
        self._written = policy.written(facts, (self._main, *read.also))
        files = submission.hand_in.files
        source = sources.to_paste(read, assignment, session.names)
        self.evidence = Evidence(
            assignment, suites, {}, {}, session, source, follow_through, frozenset(because)
        )
        self._beside = score.Beside(
            files={path: (at, files[at]) for path, at in submission.found.items()},
            methods={
                name: replace(method, name=aside.their_name(name, session.names))
                for name, method in self._written.items()
            },
            assigned=assigned(facts, self._written),
            source=source,
            main=self._main,
            facts=policy.with_untouched(facts.get(self._main, {}), assignment),
        )

    def row(self, problem: Problem) -> ProblemResult | None:
        """Ask one problem, and score it.

        Returns:
            The row of the gradebook; None if it was optional and is not there.

        Raises:
            SandboxError, GraderError: our own part failed.
        """
        # Where nothing is known of the source, nothing in it counts as left out.
        lacking = [name for name in problem.needs if self._facts and name not in self._written]
        lost = policy.lost(self._facts, self._main)
        unparsed = any(name in lost for name in lacking) or "error" in self._facts.get(self._main, {})
        match problem.fate(lacking, unparsed=unparsed):
            case Without.LEAVE_OUT:
                return None
            case Without.PERSON:
                return score.person_decides(problem, self._left_to_a_person(lacking, unparsed))
        return self._asked(problem)

    def _left_to_a_person(self, lacking: Sequence[str], unparsed: bool) -> str:
        message = f"a person will look at this: {', '.join(lacking)} would have to be there to be graded here"
        if unparsed and (why := policy.first_error(self._facts, self._main)) is not None:
            message += f", and what is there does not run with Python 3 ({why})"
        return message

    def _asked(self, problem: Problem) -> ProblemResult:
        patience = calling.Patience()
        verdicts = {}
        for check in problem.calls:
            handed_in = HandedIn(self._beside.files, self._session.notebook)
            found = calling.asked(self._session, check, self._suites, patience, self._sizes_of_one, handed_in)
            verdicts[check.key] = found.verdicts
            self.findings += found.findings
            self.evidence.forms[check.call] = found.calls[0].form
            self.evidence.answers.update({call.check.key: call.answers for call in found.calls})
            each = zip(found.calls, found.chain, strict=True)
            self.evidence.judged.update({call.check.key: one for call, one in each})
        self.evidence.verdicts.update(verdicts)
        row, notices = score.scored(problem, verdicts, self._beside)
        self.findings += notices
        return score.withheld(problem, row, self._because)
