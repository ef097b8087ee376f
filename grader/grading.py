"""One hand-in in its session: its source is read, its problems are asked, and what is to be said is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from grader import aside, causes, policy, toplevel
from grader.declaration import Assignment
from grader.drawn import Drawn
from grader.options import Options
from grader.problems import Problems
from grader.records import Answer, Blame, Finding, ProblemResult, Suite, notice
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
    facts, starter_facts = session.inspect()
    told = policy.graded(facts, (main or "", *read.also))  # a function may stand in another file
    findings = [*policy.about_reading(session.unread, main)]
    if main is not None:
        if options.strict:
            policy.hold_strictly(told, main)
        findings += policy.about_encoding(main, read.odd_lines)
        findings += policy.findings(told, starter_facts, wanted, main)
        findings += toplevel.about_sources(facts, taken.submission.hand_in, read.provided, main, read.also)
        findings += aside.about_names(session.names, main, facts)
    because, about_it = withheld(told, wanted, assignment.solution, main, options.responses)
    findings += about_it
    problems = Problems(session, taken.submission, assignment, read, suites, facts, because)
    rows = [row for problem in assignment.problems if (row := problems.row(problem)) is not None]
    rows, not_explained = _explained(assignment, suites, rows, problems.answers, drawn, options)
    findings += not_explained
    findings += toplevel.about_running(session.importing, main)
    findings += problems.findings
    if main is not None:
        is_told = "error" in facts.get(main, {})  # what cannot be parsed has its finding
        rows = aside.import_said_once(rows, session.import_failure, is_told=is_told)
        findings += policy.about_given(facts, starter_facts, wanted, main, rows)
    findings += aside.about_asserts(session.failed_asserts)
    if all(one.passed is not False for row in rows for one in row.criteria):
        findings += aside.probed(session, assignment.probes, suites, problems.forms)
    findings += [notice(assignment.told)] if assignment.told else []
    return rows, findings


def _explained(
    assignment: Assignment,
    suites: Mapping[str, Suite],
    rows: list[ProblemResult],
    answers: Mapping[tuple[str, str], Sequence[Answer]],
    drawn: Drawn,
    options: Options,
) -> tuple[list[ProblemResult], list[Finding]]:
    """Return the rows, with the causes of wrong values.

    A hint that cannot be had costs nobody a grade: then the rows stay as they are, and it is said.
    """
    found = rows
    try:
        for key in assignment.explains:
            explain = partial(drawn.explain, assignment, key)
            found = causes.explained(assignment, key, suites[key], found, answers, explain)
    except Exception as error:
        if options.debug:
            raise
        return rows, [Finding(Blame.GRADER, f"no cause could be looked for: {type(error).__name__}")]
    return found, []
