"""The report as JSON, for programs: written in the form of `json_form`, which docs/report.md explains."""

from __future__ import annotations

import json
from typing import Any, cast, overload

import msgspec
from msgspec import UNSET

from grader.records import (
    Attachment,
    CriterionResult,
    Curve,
    FailedAssert,
    Finding,
    Printed,
    ProblemResult,
    Report,
    Status,
)
from grader.report import curve, escape, json_form, json_parts
from grader.report.json_form import schema as schema  # what this writes fulfils it
from grader.report.points import number

DIGITS = 6  # of points: enough to add them up, too few for float noise

TEXT_CHARS = 12_000  # of a text, after the escapes, of which each may take ten characters for one


def render(report: Report) -> str:
    """Write the report as indented JSON: ASCII, the same bytes for the same report, with a last newline."""
    letters = json.dumps(as_dict(report), indent=2, ensure_ascii=True, allow_nan=False)
    return escape.no_command_in_json(letters) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """Give the report as what `json.dumps` takes."""
    return cast(dict[str, Any], msgspec.to_builtins(in_form(report)))


def in_form(report: Report) -> json_form.ReportForm:
    """Bring a report into the form. Characters that do not print are escaped, as in every output.

    Points that are not finite, which only a fault of ours can make, become None: no score.
    """
    recorded = report.status is not Status.ERROR
    isolation = report.isolation
    return json_form.ReportForm(
        schema=json_form.SCHEMA_VERSION,
        assignment=_name(report.assignment),
        title=_name(report.title),
        status=report.status,
        score=_points(report.score, recorded),
        max_score=_points(report.max_score),
        message=_text(report.message),
        hint=_text(report.hint),
        problems=[_problem(problem, recorded) for problem in report.problems],
        findings=[_finding(finding) for finding in report.findings],
        submission=json_form.SubmissionForm(
            hand_in=_name(report.hand_in),
            sha256=_name(report.sha256),
            files=[
                json_form.FileForm(path=_name(file.path), lines=file.lines, sha256=_name(file.sha256))
                for file in report.files
            ],
        ),
        suite=json_form.SuiteForm(seed=report.seed, cases=report.cases, sha256=_name(report.suite)),
        isolation=None
        if isolation is None
        else json_form.IsolationForm(
            isolated=isolation.isolated,
            on=[_name(layer) for layer in isolation.on],
            off=[_name(layer) for layer in isolation.off],
        ),
        output=json_form.OutputForm(stdout=_printed(report.stdout), stderr=_printed(report.stderr)),
        version=_name(report.version),
    )


def _problem(problem: ProblemResult, recorded: bool) -> json_form.ProblemForm:
    return json_form.ProblemForm(
        name=_name(problem.name),
        points=_points(problem.points, recorded),
        max_points=_points(problem.max_points),
        criteria=[_criterion(criterion, recorded) for criterion in problem.criteria],
    )


def _criterion(criterion: CriterionResult, recorded: bool) -> json_form.CriterionForm:
    example, method, cause = criterion.counterexample, criterion.method, criterion.cause
    failed = example.failed_assert if example is not None else None
    place, own = criterion.assigned, criterion.own_gradient
    return json_form.CriterionForm(
        name=_name(criterion.name),
        passed=criterion.passed,
        points=_points(criterion.points, recorded),
        max_points=_points(criterion.max_points),
        message=_text(criterion.message),
        hint=_text(criterion.hint),
        reason=_name(criterion.reason),
        file=_name(criterion.file),
        line=criterion.line,
        traceback=_text(criterion.traceback),
        counterexample=None
        if example is None
        else json_parts.CounterexampleForm(
            case=_name(example.case),
            call=[_text(line) for line in example.call],
            yours=_text(example.yours),
            expected=_text(example.expected),
            raises=UNSET if example.raises is None else _text(example.raises),
            failed_assert=UNSET if failed is None else _failed_assert(failed),
        ),
        curve=None if criterion.curve is None else _curve(criterion.curve),
        method=None
        if method is None
        else json_parts.MethodForm(
            name=_name(method.name), file=_name(method.file), line=method.line, cell=_cell(method.cell)
        ),
        cell=_cell(criterion.cell),
        cause=UNSET
        if cause is None
        else json_parts.CauseForm(
            says=_text(cause.says),
            equation=_name(cause.equation),
            kind=_name(cause.kind),
            mode=_name(cause.mode),
            outputs=[_name(name) for name in cause.outputs],
        ),
        assigned=UNSET
        if place is None
        else json_parts.PlaceForm(file=_name(place.file), line=place.line, cell=_cell(place.cell)),
        pattern=UNSET if criterion.pattern is None else _text(criterion.pattern),
        own_gradient=UNSET
        if own is None
        else json_parts.OwnGradientForm(exact=own.exact, says=_text(own.says), share=own.share),
        attached=UNSET if not criterion.attached else [_attachment(one) for one in criterion.attached],
    )


def _attachment(one: Attachment) -> json_parts.AttachmentForm:
    return json_parts.AttachmentForm(name=one.name, size_bytes=one.size_bytes, sha256=one.sha256)


def _failed_assert(failed: FailedAssert) -> json_parts.FailedAssertForm:
    return json_parts.FailedAssertForm(
        file=_name(failed.file), line=failed.line, says=_text(failed.says), cell=_cell(failed.cell)
    )


def _curve(drawn: Curve) -> json_parts.CurveForm:
    # The picture is of the numbers as they are written here, so that a reader can draw it again.
    values = [_short(value) for value in curve.thinned(drawn.values)]
    title = escape.cut(escape.visible(drawn.title), TEXT_CHARS)
    return json_parts.CurveForm(title=title, values=values, svg=curve.svg(Curve(title, tuple(values))))


def _short(value: float) -> float:
    """Round a number of a curve to so many digits as a picture can show; a loss of 3e-8 stays one."""
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 10**DIGITS else short


def _finding(finding: Finding) -> json_form.FindingForm:
    return json_form.FindingForm(
        blame=finding.blame,
        message=_text(finding.message),
        hint=_text(finding.hint),
        file=_name(finding.file),
        line=finding.line,
        cell=_cell(finding.cell),
    )


def _printed(printed: Printed) -> json_form.PrintedForm:
    return json_form.PrintedForm(text=_text(printed.text), dropped_bytes=printed.dropped_bytes)


def _cell(number: int | None) -> int | msgspec.UnsetType:
    return UNSET if number is None else number


def _points(points: float, recorded: bool = True) -> float | None:
    return number(points, digits=DIGITS) if recorded else None


@overload
def _name(text: str) -> str: ...
@overload
def _name(text: str | None) -> str | None: ...
def _name(text: str | None) -> str | None:
    return None if text is None else escape.visible(text)


@overload
def _text(text: str) -> str: ...
@overload
def _text(text: str | None) -> str | None: ...
def _text(text: str | None) -> str | None:
    return None if text is None else escape.cut(escape.visible(text, keep="\n\t"), TEXT_CHARS)
