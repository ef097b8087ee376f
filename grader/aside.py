"""What is told of a hand-in beside its criteria, and costs nothing: names, its import, asserts, probes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.declaration import Probe
from grader.records import (
    CriterionResult,
    FailedAssert,
    Failure,
    Finding,
    ProblemResult,
    Suite,
    notice,
)
from grader.sandbox.session import Session

NOT_IMPORTED = "not asked, since the file could not be imported"


def about_names(
    names: Mapping[str, str], main: str, facts: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    """Yield what was taken under another name."""
    lines = facts.get(main, {}).get("lines", {})
    for wanted, theirs in names.items():
        yield notice(
            f"{theirs} was taken for {wanted}, since nothing has that name and it alone fits",
            f"The statement asks for {wanted}: rename it, for a course may hold you to the name.",
            main,
            lines.get(wanted),
        )


def their_name(name: str, names: Mapping[str, str]) -> str:
    """Return what the hand-in calls a wanted function or method: "GRUCell.forward" for "GRU_Cell.forward"."""
    top, dot, method = name.partition(".")
    return f"{names.get(top, top)}{dot}{method}"


def import_said_once(
    problems: Sequence[ProblemResult], failure: Failure | None, *, is_told: bool
) -> list[ProblemResult]:
    """Return the problems, of which only the first says why the hand-in could not be imported.

    Args:
        problems: in the order of the report.
        failure: why it could not; None if it could.
        is_told: a finding says why, so that no problem needs to.
    """
    if failure is None:
        return list(problems)
    rows = []
    for problem in problems:
        criteria = [_not_imported(one, failure) if is_told else one for one in problem.criteria]
        is_told = is_told or any(_says(one, failure) for one in criteria)
        rows.append(replace(problem, criteria=tuple(criteria)))
    return rows


def _not_imported(criterion: CriterionResult, failure: Failure) -> CriterionResult:
    if not _says(criterion, failure):
        return criterion
    return replace(criterion, message=NOT_IMPORTED, hint=None, traceback=None, file=None, line=None)


def _says(criterion: CriterionResult, failure: Failure) -> bool:
    return criterion.passed is False and criterion.message == failure.message.rstrip(".")


def about_asserts(failed: Sequence[tuple[FailedAssert, str]]) -> Iterator[Finding]:
    """Yield the student's own asserts that failed while their functions were asked, with what they compared.

    Args:
        failed: each as it failed first, with the label of that case.
    """
    for one, case in failed:
        fails = "this assert of yours fails on cases that were asked"
        sides = f": in the first of them ({case}), {one.says}" if one.says else ""
        yield notice(
            f"{fails}{sides}; it was passed over, and costs nothing",
            "What it guards is judged by its values. Is it meant for one set of sizes?",
            one.file,
            one.line,
            one.cell,
        )


def probed(
    session: Session, probes: Sequence[Probe], suites: Mapping[str, Suite], forms: Mapping[str, int]
) -> Iterator[Finding]:
    """Yield what the judges of the probes say.

    Args:
        session: asks the hand-in.
        probes: the assignment's.
        suites: by key.
        forms: by call, how those before were made: a probe is made as the one that was made most oddly.
    """
    form = max(forms.values(), default=0)
    for probe in probes:
        suite = probe.derive(suites[probe.check.suite])
        answers = session.ask_each(probe.check, suite.cases[:1], form)
        if answers and answers[0].failure is None:
            answers += session.ask_each(probe.check, suite.cases[1:], form)
        first = next((at for at, answer in enumerate(answers) if answer.failure is not None), None)
        if first is not None:
            answers = answers[:first] + [answers[first]] * (len(suite.cases) - first)
        failure = None if first is None else answers[first].failure
        assert probe.check.judge is not None
        for judged in probe.check.judge(suite, answers):
            if not judged.passed and judged.message:
                file, line = (failure.file, failure.line) if failure else (None, None)
                yield notice(judged.message, judged.hint, file, line)
