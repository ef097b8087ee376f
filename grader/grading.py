"""One hand-in in its session: its source is read, its problems are asked, and what is to be said is said."""

from __future__ import annotations

from collections.abc import Mapping

from grader import aside, policy, toplevel
from grader.diagnosis import diagnosed
from grader.drawn import Drawn
from grader.options import Options
from grader.problems import Problems
from grader.records import Finding, ProblemResult, Suite, notice
from grader.responses import withheld
from grader.sandbox.session import Session
from grader.sources import Sources
from grader.taken import Taken


def asked(
    session: Session,
    taken: Taken,
    read: Sources,
    suites: Mapping[str, Suite],
    options: Options,
    drawn: Drawn,
) -> tuple[list[ProblemResult], list[Finding]]:
    """Grade a hand-in in its session.

    Args:
        session: where it runs; nothing of it was asked yet.
        taken: what is graded.
        read: its sources.
        suites: what it is asked.
        options: what the caller chose.
        drawn: what everybody is asked, and what names the causes of wrong values on that.

    Returns:
        The rows of the gradebook, and what is to be said beside them, in the order of the report.

    Raises:
        Rejection: it is held strictly, and imports more than is allowed.
        SandboxError, GraderError: our own part failed.
    """
    assignment, main = taken.assignment, read.main
    wanted = assignment.wanted[0]
    facts = session.inspect()
    told = policy.graded(facts, (main or "", *read.also))  # a function may stand in another file
    findings = [*policy.about_reading(session.unread, main)]
    if main is not None:
        if options.strict:
            policy.hold_strictly(told, main)
        findings += policy.about_encoding(main, read.odd_lines)
        findings += policy.findings(told, assignment.definitions, wanted, main)
        findings += toplevel.about_sources(facts, taken.submission.hand_in, read.provided, main, read.also)
        findings += aside.about_names(session.names, main, facts)
    because, about_it = withheld(told, wanted, assignment.solution, main, options.responses)
    findings += about_it
    problems = Problems(
        session, taken.submission, assignment, read, suites, facts, because, options.follow_through
    )
    rows = [row for problem in assignment.problems if (row := problems.row(problem)) is not None]
    rows, not_explained = diagnosed(problems.evidence, rows, drawn, debug=options.debug)
    findings += not_explained
    findings += toplevel.about_running(session.importing, main)
    findings += problems.findings
    if main is not None:
        is_told = "error" in facts.get(main, {})  # what cannot be parsed has its finding
        rows = aside.import_said_once(rows, session.import_failure, is_told=is_told)
        findings += policy.about_given(facts, assignment.definitions, wanted, main, rows)
    findings += aside.about_asserts(session.failed_asserts)
    if all(one.passed is not False for row in rows for one in row.criteria):
        findings += aside.probed(session, assignment.probes, suites, problems.evidence.forms)
    findings += [notice(assignment.told)] if assignment.told else []
    return rows, findings
